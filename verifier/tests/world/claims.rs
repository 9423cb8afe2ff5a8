//! Receipts, statements and record receipts of a world.

use apportion_circuits::{
    division,
    field::SuiteId,
    tree::{record_tree, segment_of},
    types::{Payee, Word},
};
use apportion_statement::{Commitment, files::*, receipt::AccountClaim};
use apportion_suite::OpeningClaim;
use pasta_curves::Fp;

use super::{World, fake, record};

/// The score of every line of a statement.
pub const LINE_SCORE: u64 = 3;

fn open(claim: &AccountClaim<'_>, score: Option<(u64, &Commitment)>) -> Hex {
    let mut columns = vec![claim.payee_column.clone(), claim.balance_column.clone()];
    let mut values = claim.values::<Fp>().to_vec();
    let mut gamma = claim.challenge();
    if let Some((score, column)) = score {
        columns.push(column.clone());
        values.push(Fp::from(score));
        gamma = claim.challenge_with_score(column, score);
    }
    let slot = claim.index as usize;
    Hex(fake::open(&OpeningClaim { tier: claim.tier, slot, columns, values, gamma }))
}

impl World {
    fn payee_column(&self, n: u32, segment: u32, revision: u32) -> Commitment {
        let columns = self.datasets[n as usize].revisions[revision as usize].columns.as_ref().unwrap();
        columns.columns.iter().find(|column| column.segment == segment).unwrap().payee_column.clone()
    }

    /// Opens every account of a receipt anew, after it was changed.
    pub fn open_receipt(doc: &mut ReceiptDoc) {
        for i in 0..doc.accounts.len() {
            let proof = open(&doc.claim(&doc.accounts[i]), None);
            doc.accounts[i].proof = proof;
        }
    }

    /// A receipt of accounts: dataset, segment, slot, epoch, and the revision of the payee column.
    pub fn receipt(&self, payee: Payee, accounts: &[(u32, u32, u32, u32, u32)]) -> ReceiptDoc {
        let account = |&(n, segment, index, epoch, revision): &(u32, u32, u32, u32, u32)| {
            let moved = &self.epochs[epoch as usize - 1].0.segments;
            let moved = moved.iter().find(|moved| (moved.dataset, moved.segment) == (n, segment)).unwrap();
            ReceiptAccount {
                dataset: self.datasets[n as usize].doc.dataset_id,
                tier: self.datasets[n as usize].doc.tier,
                segment,
                index,
                epoch,
                cumulative: Amount(u128::from(1000 * epoch + index)),
                payee_column: self.payee_column(n, segment, revision),
                balance_column: moved.balance_column.clone(),
                proof: Hex(vec![0]),
            }
        };
        let mut accounts: Vec<_> = accounts.iter().map(account).collect();
        accounts.sort_by_key(|account| (account.dataset, account.segment, account.index));
        let mut doc = ReceiptDoc {
            version: 1,
            suite: SuiteId::Pasta,
            chain_id: self.ledger.chain_id,
            contract: self.ledger.contract,
            model: self.ledger.model_id,
            payee,
            accounts,
        };
        Self::open_receipt(&mut doc);
        doc
    }

    /// Opens every line of a statement anew, after it was changed.
    pub fn open_statement(doc: &mut StatementDoc) {
        for i in 0..doc.accounts.len() {
            for j in 0..doc.accounts[i].epochs.len() {
                let line = &doc.accounts[i].epochs[j];
                let proof = open(&doc.claim(&doc.accounts[i], line), Some((line.score, &line.score_column)));
                doc.accounts[i].epochs[j].proof = proof;
            }
        }
    }

    /// A statement of accounts: dataset, segment, slot, the epochs that it lists, and the revision of the payee column.
    pub fn statement(&self, payee: Payee, accounts: &[(u32, u32, u32, &[u32], u32)]) -> StatementDoc {
        let account = |&(n, segment, index, epochs, revision): &(u32, u32, u32, &[u32], u32)| {
            let mut balance = 0;
            let line = |&epoch: &u32| {
                let (doc, scores) = &self.epochs[epoch as usize - 1];
                let at = |s: &EpochSegment| (s.dataset, s.segment) == (n, segment);
                let moved = doc.segments.iter().position(at).unwrap();
                let payout = division::payout(doc.pool.0, LINE_SCORE, scores.total_score.0).unwrap();
                balance += payout;
                StatementEpoch {
                    epoch,
                    score: LINE_SCORE,
                    total_score: scores.total_score,
                    pool: doc.pool,
                    payout: Amount(payout),
                    cumulative: Amount(balance),
                    balance_column: doc.segments[moved].balance_column.clone(),
                    score_column: scores.segments[moved].commitment.clone(),
                    proof: Hex(vec![0]),
                }
            };
            StatementAccount {
                dataset: self.datasets[n as usize].doc.dataset_id,
                tier: self.datasets[n as usize].doc.tier,
                segment,
                index,
                payee_column: self.payee_column(n, segment, revision),
                epochs: epochs.iter().map(line).collect(),
            }
        };
        let mut accounts: Vec<_> = accounts.iter().map(account).collect();
        accounts.sort_by_key(|account| (account.dataset, account.segment, account.index));
        let mut doc = StatementDoc {
            version: 1,
            suite: SuiteId::Pasta,
            chain_id: self.ledger.chain_id,
            contract: self.ledger.contract,
            model: self.ledger.model_id,
            payee,
            last_epoch: self.epochs.len() as u32,
            accounts,
        };
        Self::open_statement(&mut doc);
        doc
    }

    /// The receipt of a record in a revision of a dataset.
    pub fn record_receipt(&self, n: u32, revision: u32, number: usize) -> RecordReceiptDoc {
        let dataset = &self.datasets[n as usize];
        let doc = &dataset.doc;
        let at = &dataset.revisions[revision as usize].doc;
        let records: Vec<_> = (0..at.records as usize).map(|i| record(n, i)).collect();
        let (segment, index) = (number / doc.tier.accounts(), number % doc.tier.accounts());
        let tree = record_tree::<Fp>(doc.tier, segment_of(doc.tier, &records, segment)).unwrap();
        let words = |siblings: &[Fp; 3]| siblings.map(|x| Word::from_field(&x));
        RecordReceiptDoc {
            version: 1,
            suite: SuiteId::Pasta,
            chain_id: doc.chain_id,
            registry: doc.registry,
            dataset: doc.dataset_id,
            tier: doc.tier,
            revision,
            segment: segment as u32,
            index: index as u32,
            payee: records[number].payee,
            content: records[number].content,
            siblings: tree.path(index).unwrap().iter().map(words).collect(),
            root: at.roots[segment],
        }
    }
}
