//! `statement`: why a payee has earned this amount: every epoch's score, total, pool and payout, each opened.

use std::path::Path;

use apportion_circuits::{
    column::MaskedColumn,
    division,
    field::SuiteField,
    types::{Payee, Score},
};
use apportion_engine::openings::Open;
use apportion_statement::{
    counted,
    files::{Amount, Document, FORMAT_VERSION, Hex, StatementAccount, StatementDoc, StatementEpoch},
    history::Move,
    receipt::AccountClaim,
};
use apportion_suite::{openings::OpeningClaim, params::ParamsCache};

use super::receipt::{Book, Shown, Whose, openers, payee_column, records_of, shown, up_to};
use crate::{
    error::Error,
    ledger::{
        Ledger,
        files::{self, Access},
    },
    prove::Opener,
    setup::ProverSuite,
};

/// Makes the statement of a payee: every epoch in which an account's segment moved while the account existed.
/// Amounts are recomputed from what was opened, and must be those of the ledger.
///
/// # Errors
/// If the payee has no record, or none that took part in an epoch.
pub fn statement<S: ProverSuite + Open>(
    ledger: &Ledger,
    payee: Payee,
    cache: &ParamsCache,
) -> Result<StatementDoc, Error> {
    let last_epoch = up_to(ledger, None)?;
    let book = Book::read(ledger)?;
    let (payee, names) = records_of(ledger, &book, Whose::Payee(payee))?;
    let shown = shown(ledger, &names, last_epoch)?;
    let openers = openers::<S>(ledger, cache, shown.iter().map(|shown| shown.tier))?;
    let mut accounts = Vec::new();
    for shown in &shown {
        if let Some(opener) = openers.get(&shown.tier) {
            accounts.extend(segment(ledger, &book, opener, shown, payee)?);
        }
    }
    // An account without an epoch opens nothing, so it would show nothing.
    if accounts.is_empty() {
        return Err(Error::usage(format!(
            "of {} of payee {payee} none took part in an epoch: there is nothing to state",
            counted(names.len(), "account")
        )));
    }
    accounts.sort_by_key(|account| (account.dataset, account.segment, account.index));
    let header = &ledger.bundle.ledger;
    let doc = StatementDoc {
        version: FORMAT_VERSION,
        suite: header.suite,
        chain_id: header.chain_id,
        contract: header.contract,
        model: header.model_id,
        payee,
        last_epoch,
        accounts,
    };
    doc.check().map_err(Error::Claim)?;
    Ok(doc)
}

/// The accounts of one segment.
fn segment<S: ProverSuite + Open>(
    ledger: &Ledger,
    book: &Book,
    opener: &Opener<S>,
    shown: &Shown<'_>,
    payee: Payee,
) -> Result<Vec<StatementAccount>, Error> {
    let payees = payee_column::<S>(ledger, book, shown)?;
    let dataset = ledger.dataset(shown.id.dataset)?.dataset.doc.dataset_id;
    let mut accounts: Vec<_> = shown
        .slots
        .iter()
        .map(|slot| StatementAccount {
            dataset,
            tier: shown.tier,
            segment: shown.id.segment,
            index: *slot,
            payee_column: shown.payees.column.clone(),
            epochs: Vec::new(),
        })
        .collect();
    for moved in ledger.history.moves(shown.id) {
        let records = ledger.history.records(shown.id, moved.revision).unwrap_or(0);
        let existed: Vec<usize> =
            (0..accounts.len()).filter(|account| accounts[*account].index < records).collect();
        if existed.is_empty() {
            continue;
        }
        let columns = Columns::read(ledger, shown, moved)?;
        let lines = existed.iter().map(|account| columns.line(ledger, moved, accounts[*account].index));
        let lines = lines.collect::<Result<Vec<_>, _>>()?;
        let claims = existed
            .iter()
            .zip(&lines)
            .map(|(account, line)| claim::<S>(ledger, payee, &accounts[*account], line));
        let claims = claims.collect::<Result<Vec<_>, _>>()?;
        let proofs = opener.open(ledger.seed()?, &[&payees, &columns.balance, &columns.score], claims)?;
        for ((account, mut line), proof) in existed.into_iter().zip(lines).zip(proofs) {
            line.proof = Hex(proof);
            accounts[account].epochs.push(line);
        }
    }
    accounts.iter().try_for_each(check_sum)?;
    accounts.retain(|account| !account.epochs.is_empty());
    Ok(accounts)
}

/// A segment's balances and scores in one move.
struct Columns<F: SuiteField> {
    balances: zeroize::Zeroizing<Vec<u128>>,
    scores: zeroize::Zeroizing<Vec<Score>>,
    balance: MaskedColumn<F>,
    score: MaskedColumn<F>,
}

impl<F: SuiteField> Columns<F> {
    fn read(ledger: &Ledger, shown: &Shown<'_>, moved: &Move) -> Result<Self, Error> {
        let balances = ledger.balances(moved.epoch, shown.id)?;
        let (scores, score) = ledger.score_opening(moved.epoch, shown.id)?;
        let balance = ledger.balance_column(shown.id, moved.epoch, &balances)?;
        Ok(Self { balances, scores, balance, score })
    }

    /// One epoch of one account, without its opening.
    fn line(&self, ledger: &Ledger, moved: &Move, slot: u32) -> Result<StatementEpoch, Error> {
        let inconsistent =
            || Error::Claim(format!("the private files of epoch {} do not fit it", moved.epoch));
        let epoch = (moved.epoch as usize).checked_sub(1).and_then(|at| ledger.bundle.epochs.get(at));
        let epoch = epoch.ok_or_else(inconsistent)?;
        let values = self.scores.get(slot as usize).zip(self.balances.get(slot as usize));
        let (score, balance) = values.ok_or_else(inconsistent)?;
        let (pool, total) = (epoch.doc.pool, epoch.scores.total_score);
        Ok(StatementEpoch {
            epoch: moved.epoch,
            score: *score,
            total_score: total,
            pool,
            payout: Amount(division::payout(pool.0, *score, total.0).ok_or_else(inconsistent)?),
            cumulative: Amount(*balance),
            balance_column: moved.balance.clone(),
            score_column: moved.score.clone(),
            proof: Hex(Vec::new()),
        })
    }
}

/// Payouts sum to the balance, epoch by epoch: before anybody else finds that they do not.
fn check_sum(account: &StatementAccount) -> Result<(), Error> {
    let mut sum = 0u128;
    for line in &account.epochs {
        sum = sum.saturating_add(line.payout.0);
        if sum != line.cumulative.0 {
            return Err(Error::Claim(format!(
                "segment {} slot {}: the payouts up to epoch {} do not sum to its balance: the private files do \
                 not fit the ledger",
                account.segment, account.index, line.epoch
            )));
        }
    }
    Ok(())
}

/// What one line claims, for its opening.
fn claim<S: ProverSuite>(
    ledger: &Ledger,
    payee: Payee,
    account: &StatementAccount,
    line: &StatementEpoch,
) -> Result<OpeningClaim<S::F>, Error> {
    let header = &ledger.bundle.ledger;
    let claim = AccountClaim {
        chain_id: header.chain_id,
        contract: header.contract,
        model: header.model_id,
        dataset: account.dataset,
        segment: account.segment,
        tier: account.tier,
        index: account.index,
        payee,
        cumulative: line.cumulative.0,
        payee_column: &account.payee_column,
        balance_column: &line.balance_column,
    };
    claim.check()?;
    let [payee, cumulative] = claim.values();
    Ok(OpeningClaim {
        tier: account.tier,
        slot: account.index as usize,
        columns: vec![account.payee_column.clone(), line.balance_column.clone(), line.score_column.clone()],
        values: vec![payee, cumulative, S::F::from(line.score)],
        gamma: claim.challenge_with_score(&line.score_column, line.score),
    })
}

/// What a statement shows in all.
pub fn total(doc: &StatementDoc) -> u128 {
    let last = |account: &StatementAccount| account.epochs.last().map_or(0, |line| line.cumulative.0);
    doc.accounts.iter().fold(0u128, |sum, account| sum.saturating_add(last(account)))
}

/// Writes a statement, readable by its owner alone: it shows scores and balances. Only an older one is written over.
///
/// # Errors
/// If something else stands there, or the system refuses.
pub fn write(statement: &StatementDoc, path: &Path) -> Result<(), Error> {
    let older = |bytes: &[u8]| StatementDoc::from_json(bytes).is_ok();
    Ok(files::write_over(path, StatementDoc::NAME, older, &statement.to_json(), Access::Private)?)
}
