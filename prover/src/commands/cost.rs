//! `apportion cost`.

use apportion::{
    Error,
    prove::{memory_text, predicted_memory},
};
use apportion_circuits::{
    field::SuiteId, plonkish::Cost, relation::Relation, split::Split, tree::Tree, types::Tier,
};
use apportion_suite::Suite;
use clap::Args;
use serde::Serialize;

use super::{Session, in_suite};

/// What the tables cost.
#[derive(Debug, Args)]
#[command(
    after_help = "Counted from the tables' descriptions, nothing is proven. Without --suite or --tier, all of \
    them.\n\nExample:\n  apportion cost --suite bn254 --tier 16384 --json"
)]
pub(crate) struct CostCommand {
    /// The proof system.
    #[arg(long)]
    suite: Option<SuiteId>,
    /// Slots per segment: 64, 1024 or 16384.
    #[arg(long)]
    tier: Option<Tier>,
}

#[derive(Serialize)]
struct Row {
    suite: SuiteId,
    relation: &'static str,
    tier: Tier,
    proof_bytes: usize,
    predicted_memory_bytes: u64,
    #[serde(flatten)]
    cost: Cost,
}

impl Row {
    fn of<S: Suite, R: Relation<S::F>>(tier: Tier) -> Self {
        let layout = R::layout(tier);
        let cost = Cost::of(&layout);
        Self {
            suite: S::ID,
            relation: R::ID.name(),
            tier,
            proof_bytes: S::proof_bytes(&layout),
            predicted_memory_bytes: predicted_memory::<S>(&layout),
            cost,
        }
    }

    fn text(&self) -> String {
        let Cost { k, rows_per_slot, advice_columns, fixed_columns, lookups, degree, .. } = self.cost;
        format!(
            "{:5} {:5} {:>5}: 2^{k} rows, {rows_per_slot} a slot; {advice_columns} advice + {fixed_columns} fixed \
             columns, {lookups} lookups, degree {degree}; {} committed cells an account; proof {} bytes; about {}",
            self.suite,
            self.relation,
            self.tier,
            self.cost.committed_cells_per_account,
            self.proof_bytes,
            memory_text(self.predicted_memory_bytes)
        )
    }
}

impl CostCommand {
    pub(crate) fn run(self, session: &Session) -> Result<(), Error> {
        let mut rows = Vec::new();
        for suite in SuiteId::ALL.into_iter().filter(|suite| self.suite.is_none_or(|only| only == *suite)) {
            for tier in Tier::ALL.into_iter().filter(|tier| self.tier.is_none_or(|only| only == *tier)) {
                in_suite!(suite, S => rows.extend([Row::of::<S, Tree>(tier), Row::of::<S, Split>(tier)]));
            }
        }
        let text: Vec<_> = rows.iter().map(Row::text).collect();
        session.console.result(&rows, &text.join("\n"));
        Ok(())
    }
}
