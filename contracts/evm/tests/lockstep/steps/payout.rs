//! Receipts and recipients.

use alloy_primitives::{Address, B256};

use super::{Step, Twist};
use crate::{
    abi::ledger::{Account, Receipt},
    model::{Model, Place, Point, folded, opening_challenge},
    openings::open,
    run::Run,
    world::{TIER, stranger},
};

impl Step {
    pub(super) fn recipient(&self, run: &Run) -> Address {
        match self.twist {
            Twist::Account => [run.at.ledger, run.at.tokens[0], run.at.registry][self.part(110, 3) as usize],
            Twist::Zero => Address::ZERO,
            _ => self.anybody(111),
        }
    }

    /// One account of a column, opened.
    pub(super) fn account(
        &self,
        run: &Run,
        id: B256,
        place: Place,
        columns: (Point, Point),
        slot: u32,
    ) -> Account {
        let source = &run.sources[run.number(place.0)];
        let record = place.1 as usize * TIER.accounts() + slot as usize;
        let mut payee = source.records.get(record).map_or(stranger(), |r| Address::from(r.payee.0));
        let held = run.columns.get(&columns.1).and_then(|values| values.get(slot as usize));
        let mut cumulative = held.copied().unwrap_or_default();
        let mut index = slot;
        match self.twist {
            // With the setup's secret anything can be opened: what the contract has to refuse by itself.
            Twist::Huge if self.part(112, 3) == 0 => cumulative = u128::MAX,
            Twist::Huge => index = 62 + self.part(113, 2) as u32,
            Twist::Zero => payee = Address::ZERO,
            _ => {}
        }
        let gamma = opening_challenge(&run.model, id, place, columns, index, payee, cumulative);
        let mut proof = open(64, columns, index, gamma, folded(payee, gamma, cumulative));
        match self.twist {
            // A receipt that is not what was opened.
            Twist::Little => cumulative += 1,
            Twist::Account => payee = self.anybody(114),
            Twist::Order => index += 64,
            Twist::Proof => proof = run.sources.first().map_or(proof, |_| crate::openings::point(7)),
            _ => {}
        }
        Account { index, payee, cumulative, proof }
    }

    /// Accounts of segments that moved in some final epoch, the last one mostly.
    pub(super) fn receipts(&self, run: &mut Run, id: B256, m: &Model) -> Vec<Receipt> {
        let back = if self.part(115, 4) == 0 { self.part(116, m.final_epoch + 1) } else { 0 };
        let number = m.final_epoch.saturating_sub(back);
        let Some(e) = m.epochs.get(&number).cloned() else { return vec![] };
        // Often a column of an attempt that was given up, where there is one.
        let given_up = e.attempt > 0 && e.moved.get(&(e.attempt - 1)).is_some_and(|moves| !moves.is_empty());
        let stale = given_up && self.part(117, 2) == 0;
        let attempt = if stale { e.attempt - 1 } else { e.attempt };
        let moves = e.moved.get(&attempt).cloned().unwrap_or_default();
        let mut receipts = Vec::new();
        for (place, moved) in moves {
            if !receipts.is_empty() && self.part(118, 3) == 0 {
                continue;
            }
            let mut columns = (self.payee_column(run, place), moved.column.point);
            if self.is(Twist::Column) && !stale {
                let fresh = run.fresh();
                if self.part(119, 2) == 0 { columns.0 = fresh } else { columns.1 = fresh }
            }
            let few = 1 + self.part(120, 3) as u32;
            let slots = moved.column.records.max(1) as u32;
            let first = self.part(121, u64::from(slots.min(8))) as u32;
            let accounts =
                (0..few).map(|i| self.account(run, id, place, columns, (first + i) % slots)).collect();
            receipts.push(receipt(place, number, columns, accounts));
        }
        if self.is(Twist::Length) {
            receipts.iter_mut().for_each(|receipt| receipt.accounts.clear());
        }
        receipts
    }

    pub(super) fn payee_column(&self, run: &mut Run, place: Place) -> Point {
        let known = run.payees.get(&place).cloned().unwrap_or_default();
        self.pick(122, &known).copied().unwrap_or_else(|| run.fresh())
    }
}

/// A receipt of accounts of one segment.
pub(super) fn receipt(place: Place, epoch: u64, columns: (Point, Point), accounts: Vec<Account>) -> Receipt {
    let (payees, balances) = columns;
    Receipt { datasetId: place.0, segment: place.1, epoch, payees, balances, accounts }
}
