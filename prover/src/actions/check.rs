//! `check`: what an epoch would do, with everything that `prove` checks, and nothing written.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use apportion_circuits::{
    relation::Relation,
    split::Split,
    types::{Payee, Score, Tier},
};
use apportion_statement::{SegmentId, counted, files::Amount, inputs::SplitNumbers, verb};
use apportion_suite::{Suite, params::ParamsCache};
use serde::Serialize;
use zeroize::Zeroizing;

use super::{
    epoch::{self, Plan},
    receipt::Book,
    scores::{Posted, participants},
};
use crate::{
    error::Error,
    input::Scores,
    ledger::{
        Ledger,
        files::{self, Access},
    },
    setup::{Choice, ProverSuite},
    witness::Start,
};

/// A payee who gets at least this much of the pool, in basis points, is warned about.
const WHALE_BPS: u128 = 5_000;
/// How many of the largest payees are listed.
const TOP: usize = 5;

/// What an epoch would do.
pub struct Checked {
    /// The money.
    pub plan: Plan,
    /// The segments that would move, with their public numbers.
    pub segments: Vec<(SegmentId, SplitNumbers)>,
    /// What would be left of the pool.
    pub dust: u128,
    /// Who would get what. As private as the scores.
    pub payouts: Payouts,
}

/// Who gets what of an epoch. As private as the scores.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Payouts {
    /// The payees who get most, largest first.
    pub top: Vec<TopPayee>,
    /// Payees with a record that takes part.
    pub payees: usize,
    /// Payees who get nothing although they have a record that takes part.
    pub payees_without: usize,
    /// Records that take part.
    pub records: usize,
    /// Records whose score is 0.
    pub records_at_zero: usize,
    /// Records whose score is positive and too small for one base unit.
    pub records_rounded_to_zero: usize,
    /// What should be looked at before the epoch is proven.
    pub warnings: Vec<String>,
}

/// One of the payees who get most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TopPayee {
    /// The payee.
    pub payee: Payee,
    /// Records of the payee that take part.
    pub records: usize,
    /// What the payee gets.
    pub payout: Amount,
    /// That in percent of the pool, two digits, rounded down.
    pub percent: String,
}

/// One record's part of an epoch.
struct Row {
    dataset: u32,
    record: usize,
    payee: Payee,
    score: Score,
    payout: u128,
}

/// Checks the next epoch with scores that an attributor committed to: everything that `prove` checks before it
/// proves.
///
/// # Errors
/// The first check that does not hold.
pub fn check<S: ProverSuite>(
    ledger: &Ledger,
    epoch: u32,
    posted: &Posted,
    revenue: u128,
    table: Option<&Path>,
    cache: &ParamsCache,
) -> Result<Checked, Error> {
    let plan = Plan::new(ledger, epoch, revenue, posted.doc.total_score.0)?;
    let mut params: BTreeMap<Tier, S::Params> = BTreeMap::new();
    for segment in &posted.doc.segments {
        let tier = ledger.tier(segment.id())?;
        if let std::collections::btree_map::Entry::Vacant(place) = params.entry(tier) {
            let k = <Split as Relation<S::F>>::layout(tier).k;
            place.insert(S::load(cache, k, Choice::Label(&ledger.bundle.ledger.setup.provenance))?.params);
        }
    }
    let computed = epoch::compute::<S>(ledger, plan, posted, |tier, column| match params.get(&tier) {
        Some(params) => Ok(<S as Suite>::commit(params, column)?),
        None => Err(Error::Mismatch(format!("there are no parameters of tier {tier}"))),
    })?;
    let values: BTreeMap<_, _> = computed.segments.iter().map(|s| (s.id, s.scores.values())).collect();
    let of = |id: SegmentId| values.get(&id).copied().unwrap_or_default();
    let mut payouts = payouts(ledger, &computed.plan, of, table)?;
    payouts.warnings.extend(posted.warnings(ledger)?);
    let segments = computed.segments.iter().map(|segment| (segment.id, segment.numbers)).collect();
    Ok(Checked { plan: computed.plan, segments, dust: computed.dust, payouts })
}

/// Checks the next epoch with scores that nobody has committed to yet.
///
/// # Errors
/// The first check that does not hold.
pub fn check_scores(
    ledger: &Ledger,
    epoch: u32,
    scores: &[(u32, Scores)],
    revenue: u128,
    table: Option<&Path>,
) -> Result<Checked, Error> {
    let total = scores.iter().map(|(_, scores)| scores.total()).sum();
    let plan = Plan::new(ledger, epoch, revenue, total)?;
    let mut values: BTreeMap<SegmentId, &[Score]> = BTreeMap::new();
    for (dataset, scores) in scores {
        let accounts = ledger.dataset(*dataset)?.dataset.doc.tier.accounts();
        for (segment, chunk) in (0u32..).zip(scores.values().chunks(accounts)) {
            // Segments whose scores are all 0 do not move.
            if chunk.iter().any(|score| *score != 0) {
                values.insert(SegmentId { dataset: *dataset, segment }, chunk);
            }
        }
    }
    let mut segments = Vec::new();
    for (id, scores) in &values {
        let revision = ledger.proven_revision(id.dataset)?.unwrap_or(0);
        let (_, numbers) = Start::of(ledger, *id, revision)?.outcome(ledger, plan.numbers(), scores)?;
        segments.push((*id, numbers));
    }
    let dust = epoch::check_numbers(&plan, segments.iter().map(|(_, numbers)| numbers))?;
    let payouts = payouts(ledger, &plan, |id| values.get(&id).copied().unwrap_or_default(), table)?;
    Ok(Checked { plan, segments, dust, payouts })
}

/// Who gets what, and what of that should be looked at. Writes the table where one is asked for.
fn payouts<'a>(
    ledger: &Ledger,
    plan: &Plan,
    scores: impl Fn(SegmentId) -> &'a [Score],
    table: Option<&Path>,
) -> Result<Payouts, Error> {
    let book = Book::read(ledger)?;
    let mut rows = Vec::new();
    for participant in participants(&ledger.bundle, plan.epoch)? {
        let dataset = participant.number;
        let accounts = participant.enrolled.dataset.doc.tier.accounts();
        let records = book.dataset(dataset).unwrap_or_default();
        for (record, found) in records.iter().enumerate().take(participant.records) {
            let id = SegmentId { dataset, segment: (record / accounts) as u32 };
            let score = scores(id).get(record % accounts).copied().unwrap_or(0);
            let payout =
                apportion_circuits::division::payout(plan.pool, score, plan.total_score).unwrap_or(0);
            rows.push(Row { dataset, record, payee: found.payee, score, payout });
        }
    }
    if let Some(path) = table {
        write_table(&rows, path)?;
    }
    Ok(summary(plan, &rows))
}

fn summary(plan: &Plan, rows: &[Row]) -> Payouts {
    let mut by_payee: BTreeMap<Payee, (usize, u128)> = BTreeMap::new();
    for row in rows {
        let (records, payout) = by_payee.entry(row.payee).or_default();
        *records += 1;
        *payout = payout.saturating_add(row.payout);
    }
    let mut largest: Vec<_> = by_payee.iter().filter(|(_, (_, payout))| *payout > 0).collect();
    largest.sort_by_key(|(payee, (_, payout))| (std::cmp::Reverse(*payout), **payee));
    let top = |(payee, (records, payout)): &(&Payee, &(usize, u128))| TopPayee {
        payee: **payee,
        records: *records,
        payout: Amount(*payout),
        percent: percent(*payout, plan.pool),
    };
    let rounded = rows.iter().filter(|row| row.score > 0 && row.payout == 0).count();
    let mut found = Payouts {
        top: largest.iter().take(TOP).map(top).collect(),
        payees: by_payee.len(),
        payees_without: by_payee.values().filter(|(_, payout)| *payout == 0).count(),
        records: rows.len(),
        records_at_zero: rows.iter().filter(|row| row.score == 0).count(),
        records_rounded_to_zero: rounded,
        warnings: Vec::new(),
    };
    found.warnings = warnings(plan, &found, rows);
    found
}

fn warnings(plan: &Plan, found: &Payouts, rows: &[Row]) -> Vec<String> {
    let mut warnings = Vec::new();
    if plan.pool == 0 {
        warnings.push("the contributors' pool is 0: nobody gets anything".to_owned());
    }
    for whale in found.top.iter().filter(|top| share_bps(top.payout.0, plan.pool) >= WHALE_BPS) {
        if found.payees > 1 {
            warnings.push(format!(
                "payee {} gets {} % of the pool for {}",
                whale.payee,
                whale.percent,
                counted(whale.records, "record")
            ));
        }
    }
    if found.records_rounded_to_zero > 0 {
        warnings.push(format!(
            "{} {} a score and {} nothing: a part of the pool below one base unit",
            counted(found.records_rounded_to_zero, "record"),
            verb(found.records_rounded_to_zero, "has", "have"),
            verb(found.records_rounded_to_zero, "gets", "get")
        ));
    }
    let zeros: Vec<_> = rows
        .iter()
        .filter(|row| row.score == 0)
        .take(TOP)
        .map(|row| format!("{}:{}", row.dataset, row.record))
        .collect();
    if found.records_at_zero > 0 {
        let more = if found.records_at_zero > zeros.len() { ", .." } else { "" };
        warnings.push(format!(
            "{} of {} {} a score of 0 and {} nothing: {}{more}",
            found.records_at_zero,
            counted(found.records, "record"),
            verb(found.records_at_zero, "has", "have"),
            verb(found.records_at_zero, "gets", "get"),
            zeros.join(", ")
        ));
    }
    warnings
}

/// A part of the pool in basis points, rounded down.
fn share_bps(payout: u128, pool: u128) -> u128 {
    // Pools are below 2^127 (V7), so 10^4 times one may not fit; then both are large enough to be divided first.
    match payout.checked_mul(10_000) {
        Some(product) => product.checked_div(pool).unwrap_or(0),
        None => payout.checked_div(pool / 10_000).unwrap_or(0),
    }
}

fn percent(payout: u128, pool: u128) -> String {
    let bps = share_bps(payout, pool);
    format!("{}.{:02}", bps / 100, bps % 100)
}

/// Writes every record's score and payout, for its owner alone.
fn write_table(rows: &[Row], path: &Path) -> Result<(), Error> {
    const HEADER: &str = "dataset,record,payee,score,payout\n";
    let mut text = Zeroizing::new(String::from(HEADER));
    for Row { dataset, record, payee, score, payout } in rows {
        // Writing to a string does not fail.
        let _ = writeln!(*text, "{dataset},{record},{payee},{score},{payout}");
    }
    let older = |bytes: &[u8]| bytes.starts_with(HEADER.as_bytes());
    Ok(files::write_over(path, "table of payouts", older, text.as_bytes(), Access::Private)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(pool: u128) -> Plan {
        Plan { epoch: 1, policy: 1, revenue: pool, carried: 0, shares: Vec::new(), pool, total_score: 10_000 }
    }

    #[test]
    fn whales_and_those_who_get_nothing_are_named() {
        let row = |record: usize, payee: u8, score: Score, payout: u128| Row {
            dataset: 0,
            record,
            payee: Payee([payee; 20]),
            score,
            payout,
        };
        let rows = [row(0, 1, 9_999, 999), row(1, 2, 1, 0), row(2, 3, 0, 0), row(3, 1, 0, 0)];
        let found = summary(&plan(1_000), &rows);
        assert_eq!((found.payees, found.payees_without), (3, 2));
        assert_eq!((found.records, found.records_at_zero, found.records_rounded_to_zero), (4, 2, 1));
        assert_eq!(found.top.len(), 1);
        let said = found.warnings.join("\n");
        for text in ["gets 99.90 % of the pool for 2 records", "2 of 4 records have a score of 0", "0:2, 0:3"]
        {
            assert!(said.contains(text), "{text} in {said}");
        }
    }

    #[test]
    fn percentages_of_large_pools_do_not_overflow() {
        let pool = (1u128 << 127) - 1;
        assert_eq!(percent(pool, pool), "100.00");
        // Beyond 2^114 by ten-thousandths of the pool, rounded down: less than a hundredth too much.
        assert_eq!(percent(pool / 2, pool), "50.00");
        assert_eq!(percent(0, 0), "0.00");
        assert_eq!(percent(1, 3), "33.33");
    }
}
