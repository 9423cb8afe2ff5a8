//! Where the linked columns of a ledger and a dataset stand: what their masks are derived for.

use apportion_circuits::{
    column::{Mask, MaskedColumn},
    field::{self, SuiteField, wipe},
    types::{Payee, Tier, Word},
};
use apportion_secrets::{ColumnValue, Derivation, Role, Seed};
use apportion_statement::{
    SegmentId,
    files::{DatasetDoc, LedgerDoc},
};

use crate::error::Error;

/// Whose columns a derivation is about.
#[derive(Clone, Copy, Debug)]
pub struct Places {
    chain_id: u64,
    contract: Payee,
    subject: Word,
}

impl Places {
    /// The columns of a dataset: payees and contents.
    pub fn of_dataset(doc: &DatasetDoc) -> Self {
        Self { chain_id: doc.chain_id, contract: doc.registry, subject: doc.dataset_id }
    }

    /// The columns of a model: scores and balances.
    pub fn of_ledger(doc: &LedgerDoc) -> Self {
        Self { chain_id: doc.chain_id, contract: doc.contract, subject: doc.model_id }
    }

    /// A payee column, of the revision in which the segment's root last changed. From the owner's seed.
    pub fn payee(&self, tier: Tier, segment: u32, revision: u32) -> Derivation {
        self.place(Role::Payee, tier, SegmentId { dataset: 0, segment }, revision)
    }

    /// The contents' high halves: an enrolment proof's other column. From the owner's seed.
    pub fn content(&self, tier: Tier, segment: u32, revision: u32) -> Derivation {
        self.place(Role::Content, tier, SegmentId { dataset: 0, segment }, revision)
    }

    /// A score column of an epoch. From the attributor's seed.
    pub fn score(&self, tier: Tier, id: SegmentId, epoch: u32) -> Derivation {
        self.place(Role::Score, tier, id, epoch)
    }

    /// A balance column after an epoch; epoch 0 stands for the zeros before the first. From the developer's
    /// seed.
    pub fn balance(&self, tier: Tier, id: SegmentId, epoch: u32) -> Derivation {
        self.place(Role::Balance, tier, id, epoch)
    }

    fn place(&self, role: Role, tier: Tier, id: SegmentId, number: u32) -> Derivation {
        let Self { chain_id, contract, subject } = *self;
        Derivation {
            tier,
            role,
            chain_id,
            contract,
            subject,
            dataset: id.dataset,
            segment: id.segment,
            number,
        }
    }
}

/// The column with these values, one a slot from the first, under a mask; slots beyond them hold 0.
///
/// # Errors
/// If there are more values than slots.
pub fn column_of<F: SuiteField, V: ColumnValue>(
    tier: Tier,
    values: &[V],
    mask: &Mask<F>,
) -> Result<MaskedColumn<F>, Error> {
    if values.len() > tier.slots() {
        let text = format!("{} values for a column of {} slots", values.len(), tier.slots());
        return Err(Error::Unreadable(text));
    }
    let mut elements = Vec::with_capacity(tier.slots());
    for value in values {
        // Payees, scores and balances are below 2^160, hence below either modulus.
        elements.push(field::from_short_bytes(&value.to_word().0[1..]));
    }
    elements.resize(tier.slots(), F::ZERO);
    let column = MaskedColumn::new(&elements, mask);
    wipe(&mut elements);
    Ok(column)
}

/// The column with these values at a place, under the mask that the seed gives there, and that mask.
///
/// # Errors
/// If there are more values than slots.
pub fn masked<F: SuiteField, V: ColumnValue>(
    seed: &Seed,
    place: &Derivation,
    values: &[V],
) -> Result<(MaskedColumn<F>, Mask<F>), Error> {
    let mask = apportion_secrets::mask(seed, place, values)?;
    Ok((column_of(place.tier, values, &mask)?, mask))
}
