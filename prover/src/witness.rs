//! From a ledger's secrets to what the relations take.

use apportion_circuits::{
    column::Mask,
    field::SuiteField,
    merkle,
    poseidon::Tag,
    relation::Violation,
    split::{self, Outcome, SplitInstance, SplitWitness},
    tree::{TreeInstance, TreeWitness},
    types::{Payee, Record, Score, Tier},
};
use apportion_statement::Context;
use rand_core::OsRng;
use zeroize::Zeroize;

use crate::ledger::{Accounts, Balances, Opening, PayeeMask};

/// An epoch's numbers that all segments share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochNumbers {
    /// The contributors' pool.
    pub pool: u128,
    /// The sum of all scores.
    pub total_score: u128,
}

/// The statement and witness of an enrolment. The mask of B is used once and forgotten.
pub fn enroll<F: SuiteField>(
    tier: Tier,
    context: &Context,
    records: &[Record],
    payees: &PayeeMask<F>,
) -> Result<(TreeInstance<F>, TreeWitness<F>), Violation> {
    let b_mask = Mask::random(&mut OsRng);
    let witness = TreeWitness::enroll(tier, records, &payees.0, &b_mask).ok_or(Violation::Size)?;
    tree_statement(tier, context, Tag::Record, witness)
}

/// The statement and witness of a publication.
pub fn publish<F: SuiteField>(
    tier: Tier,
    context: &Context,
    records: &[Record],
    payees: &PayeeMask<F>,
    balances: &Balances<F>,
    accounts: &Accounts<F>,
) -> Result<(TreeInstance<F>, TreeWitness<F>), Violation> {
    let witness =
        TreeWitness { a: payees.column(tier, records), b: balances.column(tier), c: accounts.salts.clone() };
    tree_statement(tier, context, Tag::Account, witness)
}

fn tree_statement<F: SuiteField>(
    tier: Tier,
    context: &Context,
    tag: Tag,
    witness: TreeWitness<F>,
) -> Result<(TreeInstance<F>, TreeWitness<F>), Violation> {
    let root = witness.tree(tier, tag).ok_or(Violation::Size)?.root();
    Ok((TreeInstance { context: context.to_field(), tag, root }, witness))
}

/// What an epoch does to one segment: payouts and balances, overwritten when dropped.
pub struct Computed(Outcome);

impl Drop for Computed {
    fn drop(&mut self) {
        self.0.payouts.zeroize();
        self.0.new.zeroize();
    }
}

impl std::ops::Deref for Computed {
    type Target = Outcome;

    fn deref(&self) -> &Outcome {
        &self.0
    }
}

/// Computes what an epoch does to one segment.
pub fn outcome(
    tier: Tier,
    numbers: EpochNumbers,
    old: &[u128],
    scores: &[Score],
) -> Result<Computed, Violation> {
    if old.len() != tier.accounts() {
        return Err(Violation::Size);
    }
    split::split(numbers.pool, numbers.total_score, old, scores).map(Computed)
}

/// The statement and witness of one segment's epoch.
pub fn split<F: SuiteField>(
    tier: Tier,
    context: &Context,
    numbers: EpochNumbers,
    genesis: bool,
    old: &Balances<F>,
    new: &Balances<F>,
    scores: &Opening<F>,
) -> Result<(SplitInstance<F>, SplitWitness<F>), Violation> {
    let outcome = outcome(tier, numbers, old.values(), scores.values())?;
    // The new balances were stored before: they are the ones to link to, if they are right.
    if let Some(slot) = (0..tier.accounts()).find(|slot| new.values().get(*slot) != outcome.new.get(*slot)) {
        return Err(Violation::S4 { slot });
    }
    let instance = SplitInstance {
        context: context.to_field(),
        genesis,
        pool: numbers.pool,
        total_score: numbers.total_score,
        segment_score: outcome.segment_score,
        segment_paid: outcome.segment_paid,
    };
    let witness = SplitWitness { old: old.column(tier), new: new.column(tier), score: scores.column(tier) };
    Ok((instance, witness))
}

/// The leaves of a publication's tree, and the tree.
pub fn account_tree<F: SuiteField>(
    tier: Tier,
    payees: impl Iterator<Item = Payee>,
    accounts: &Accounts<F>,
) -> Option<merkle::Tree<F>> {
    let mut leaves: Vec<_> = payees
        .chain(std::iter::repeat(Payee::default()))
        .zip(accounts.cumulative.iter().zip(&accounts.salts))
        .map(|(payee, (cumulative, salt))| apportion_circuits::tree::account_leaf(payee, *cumulative, *salt))
        .collect();
    leaves.truncate(tier.accounts());
    merkle::Tree::new(tier, leaves)
}
