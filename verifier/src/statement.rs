//! Auditing a statement: how each amount came about, epoch by epoch.

use std::path::Path;

use apportion_circuits::division;
use apportion_statement::{
    CheckId, SegmentId, counted,
    files::{Bundle, StatementAccount, StatementDoc, StatementEpoch},
};

use crate::{
    audit::{AuditSuite, Claims, Options},
    chain::{ChainOptions, audit_chain},
    claims::{Known, Opened, Shows, Stated, audit_document, audit_file, place_of},
    report::{AuditError, Check, Report, StatementLine, Subject},
};

/// Audits a `statement.json`. Alone, it can only be consistent with itself. With a ledger, columns, pools and totals must
/// be the ledger's, no epoch may be left out, and the proofs behind the columns are verified. With a chain, the whole
/// ledger is compared with it as well.
pub fn audit_statement(
    path: &Path,
    ledger: Option<&Path>,
    chain: Option<&ChainOptions>,
    options: &Options,
) -> Report {
    audit_file::<StatementDoc>(path, ledger, chain, options)
}

/// Audits a statement in its suite.
pub fn audit_statement_in<S: AuditSuite>(
    doc: &StatementDoc,
    bundle: Option<&Bundle>,
    options: &Options,
) -> Report {
    audit_document::<S, _>(doc, bundle, options)
}

impl Shows for StatementDoc {
    const KIND: &'static str = "statement";

    fn stated(&self) -> Stated {
        Stated { suite: self.suite, chain_id: self.chain_id, contract: self.contract, model: self.model }
    }

    fn describe(&self, subject: &mut Subject) {
        let last = |account: &StatementAccount| account.epochs.last().map_or(0, |line| line.cumulative.0);
        let total = self.accounts.iter().map(last).try_fold(0u128, u128::checked_add);
        subject.add("payee", self.payee);
        subject.count("accounts", self.accounts.len() as u64);
        subject.count("lines", self.accounts.iter().map(|account| account.epochs.len() as u64).sum::<u64>());
        subject.add("earned in all", total.map_or("2^128 or more".into(), |total| total.to_string()));
        subject.count("up to epoch", self.last_epoch);
    }

    fn lines(&self) -> Vec<StatementLine> {
        let line = |account: &StatementAccount, line: &StatementEpoch| StatementLine {
            account: format!(
                "dataset {} segment {} slot {}",
                account.dataset, account.segment, account.index
            ),
            epoch: line.epoch,
            score: line.score.to_string(),
            total_score: line.total_score.to_string(),
            pool: line.pool.to_string(),
            payout: line.payout.to_string(),
            balance: line.cumulative.to_string(),
        };
        let of =
            |account: &StatementAccount| account.epochs.iter().map(|epoch| line(account, epoch)).collect();
        self.accounts.iter().flat_map::<Vec<_>, _>(of).collect()
    }

    fn check_accounts(&self, checks: &mut Vec<Check>) -> Vec<Opened<'_>> {
        let mut opened = Vec::new();
        for account in &self.accounts {
            let place = place(self, account);
            if let Some((id, why)) = check_account(self, account) {
                checks.push(Check::failed(id, &place, why));
                continue;
            }
            checks.push(Check::ok(CheckId::ReceiptIndex, &place));
            checks.push(Check::ok(CheckId::ReceiptPayee, &place));
            // A line opens the payee column too. Without one nothing shows that there is such an account, and whose it is.
            if account.epochs.is_empty() {
                let why = "no epoch is listed, so nothing shows whose account it is: one that never moved has no place here";
                checks.push(Check::failed(CheckId::StatementEpochs, &place, why));
                continue;
            }
            checks.push(match payouts(account) {
                Ok(()) => Check::ok(CheckId::StatementPayout, &place),
                Err(why) => Check::failed(CheckId::StatementPayout, &place, why),
            });
            opened.extend(account.epochs.iter().map(|line| Opened {
                place: format!("{place} epoch {}", line.epoch),
                claim: self.claim(account, line),
                score: Some((line.score, &line.score_column)),
                proof: &line.proof,
            }));
        }
        opened
    }

    fn check_alone(&self, checks: &mut Vec<Check>) {
        for account in &self.accounts {
            let listed = listed(account);
            checks.push(epochs(self.last_epoch, &place(self, account), &listed, &listed));
        }
    }

    fn check_against(&self, known: &Known<'_>, report: &mut Report) -> Claims {
        against(self, known, report)
    }

    fn check_chain(&self, chain: &ChainOptions, bundle: Option<&Bundle>, report: &mut Report) {
        let Some(bundle) = bundle else {
            let text = "--rpc needs --ledger: a chain has the root of an epoch's scores, not their columns";
            report.error.get_or_insert(AuditError::NotCheckable(text.into()));
            return;
        };
        audit_chain(bundle, chain, report);
    }
}

fn place(doc: &StatementDoc, account: &StatementAccount) -> String {
    let StatementAccount { dataset, segment, index, .. } = account;
    match account.epochs.first() {
        Some(line) => place_of(&doc.claim(account, line)),
        None => format!("account {dataset} segment {segment} slot {index}"),
    }
}

/// receipt.index and receipt.payee.
fn check_account(doc: &StatementDoc, account: &StatementAccount) -> Option<(CheckId, String)> {
    let accounts = account.tier.accounts();
    if account.index as usize >= accounts {
        let why = format!("slot {} holds no account, a segment has {accounts}", account.index);
        return Some((CheckId::ReceiptIndex, why));
    }
    let why = "the payee is the zero address: nobody can be paid there".to_owned();
    doc.payee.is_zero().then_some((CheckId::ReceiptPayee, why))
}

/// statement.payout: every payout follows from score, total and pool, and every balance from the one before.
fn payouts(account: &StatementAccount) -> Result<(), String> {
    let mut balance = 0u128;
    for line in &account.epochs {
        let StatementEpoch { epoch, score, total_score, pool, payout, cumulative, .. } = line;
        let due = division::payout(pool.0, *score, total_score.0);
        if due != Some(payout.0) {
            let due = due.map_or("no payout".into(), |due| due.to_string());
            return Err(format!(
                "epoch {epoch}: score {score} of {total_score} in a pool of {pool} gives {due}, stated is {payout}"
            ));
        }
        let sum = balance.checked_add(payout.0);
        if sum != Some(cumulative.0) {
            return Err(format!("epoch {epoch}: {balance} and {payout} are not {cumulative}"));
        }
        balance = cumulative.0;
    }
    Ok(())
}

/// statement.epochs. Both lists are in order, so that one walk compares them: a file may list very many.
fn epochs(last_epoch: u32, place: &str, listed: &[u32], due: &[u32]) -> Check {
    let failed = |why: String| Check::failed(CheckId::StatementEpochs, place, why);
    if !listed.is_sorted_by(|a, b| a < b) {
        return failed("epochs are not listed in order, each once".into());
    }
    if let Some(beyond) = listed.last().filter(|last| **last > last_epoch) {
        return failed(format!("epoch {beyond} is listed, and epoch {last_epoch} is stated to be the last"));
    }
    let mut rest = listed.iter();
    for due in due {
        match rest.next() {
            Some(epoch) if epoch == due => {}
            Some(epoch) if epoch < due => return failed(stray(*epoch)),
            _ => return failed(format!("epoch {due}, in which its segment moved, is left out")),
        }
    }
    match rest.next() {
        Some(epoch) => failed(stray(*epoch)),
        None => Check::ok(CheckId::StatementEpochs, format!("{place}: {}", counted(listed.len(), "epoch"))),
    }
}

fn stray(epoch: u32) -> String {
    format!("epoch {epoch} is listed, the account did not move in it")
}

fn listed(account: &StatementAccount) -> Vec<u32> {
    account.epochs.iter().map(|line| line.epoch).collect()
}

/// receipt.ledger, of each account, receipt.columns, statement.epochs, and of statement.payout that pools and totals are
/// the ledger's.
fn against(doc: &StatementDoc, known: &Known<'_>, report: &mut Report) -> Claims {
    let newest = known.bundle.epochs.len() as u32;
    report.checks.push(if doc.last_epoch <= newest {
        Check::ok(CheckId::StatementEpochs, format!("statement: up to epoch {}", doc.last_epoch))
    } else {
        let why = format!("covers epoch {}, the ledger ends with epoch {newest}", doc.last_epoch);
        Check::failed(CheckId::StatementEpochs, "statement", why)
    });
    if doc.last_epoch < newest {
        let text = format!(
            "superseded, but still good: it ends with epoch {}, the ledger with {newest}",
            doc.last_epoch
        );
        report.notes.push(text);
    }
    let mut claims = Claims::default();
    // A slot that holds no account moves in no epoch: said once.
    for account in doc.accounts.iter().filter(|account| (account.index as usize) < account.tier.accounts()) {
        let place = place(doc, account);
        let id = match known.segment(account.dataset, account.tier, account.segment) {
            Ok(id) => id,
            Err(why) => {
                report.checks.push(Check::failed(CheckId::ReceiptLedger, &place, why));
                continue;
            }
        };
        let due = due(doc, account, known, id);
        report.checks.push(epochs(doc.last_epoch, &place, &listed(account), &due));
        match columns(account, known, id) {
            Ok(revision) => {
                let last = account.epochs.last().map_or(0, |line| line.epoch);
                claims.add(id, revision, last);
                report.checks.push(Check::ok(CheckId::ReceiptColumns, &place));
            }
            Err(why) => report.checks.push(Check::failed(CheckId::ReceiptColumns, &place, why)),
        }
        if let Some(why) = account.epochs.iter().find_map(|line| other_money(line, known)) {
            report.checks.push(Check::failed(CheckId::StatementPayout, &place, why));
        }
    }
    claims
}

/// The epochs in which the account's segment moved while the account existed, up to the last that is covered.
fn due(doc: &StatementDoc, account: &StatementAccount, known: &Known<'_>, id: SegmentId) -> Vec<u32> {
    let exists =
        |revision| known.history.records(id, revision).is_some_and(|records| account.index < records);
    let moves = known.history.moves(id).iter();
    moves
        .filter(|moved| moved.epoch <= doc.last_epoch && exists(moved.revision))
        .map(|moved| moved.epoch)
        .collect()
}

/// The payee column's revision, where every column is the ledger's.
fn columns(account: &StatementAccount, known: &Known<'_>, id: SegmentId) -> Result<u32, String> {
    let revision = known.payee_column(id, &account.payee_column)?;
    for line in &account.epochs {
        // An epoch in which the segment did not move fails statement.epochs.
        let Some(moved) = known.history.moved_in(id, line.epoch) else { continue };
        if moved.balance != line.balance_column {
            return Err(format!("the balance column is not that of epoch {} of this ledger", line.epoch));
        }
        if moved.score != line.score_column {
            return Err(format!("the score column is not that of epoch {} of this ledger", line.epoch));
        }
    }
    Ok(revision)
}

/// Whether a line's pool or total is not the ledger's.
fn other_money(line: &StatementEpoch, known: &Known<'_>) -> Option<String> {
    let epoch = known.bundle.epochs.get((line.epoch as usize).checked_sub(1)?)?;
    let (pool, total) = (epoch.doc.pool, epoch.scores.total_score);
    ((line.pool, line.total_score) != (pool, total)).then(|| {
        format!(
            "epoch {}: a pool of {} and a total score of {}, the ledger's are {pool} and {total}",
            line.epoch, line.pool, line.total_score
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epochs_are_compared_one_by_one() {
        let check = |listed: &[u32], due: &[u32]| epochs(9, "account", listed, due);
        assert!(check(&[1, 3, 9], &[1, 3, 9]).ok && check(&[], &[]).ok);
        for (listed, due, why) in [
            (&[1, 9][..], &[1, 3, 9][..], "epoch 3, in which"),
            (&[1, 3], &[1, 3, 9], "epoch 9, in which"),
            (&[], &[1], "epoch 1, in which"),
            (&[1, 2, 3], &[1, 3], "epoch 2 is listed"),
            (&[1, 3], &[1], "epoch 3 is listed"),
            (&[1, 10], &[1], "epoch 10 is listed, and epoch 9"),
            (&[3, 1], &[1, 3], "not listed in order"),
            (&[1, 1], &[1], "not listed in order"),
        ] {
            let check = check(listed, due);
            assert!(!check.ok && check.detail.contains(why), "{listed:?}, {due:?}: {}", check.detail);
        }
    }

    /// More lines than a walk for each of them would get through.
    #[test]
    fn many_epochs_take_one_walk() {
        let many: Vec<u32> = (1..4_000_000).collect();
        assert!(epochs(4_000_000, "account", &many, &many).ok);
        assert!(!epochs(4_000_000, "account", &many[..many.len() - 1], &many).ok);
        assert!(!epochs(4_000_000, "account", &many, &many[..many.len() - 1]).ok);
    }
}
