//! What must hold whatever the model says: the properties of the design.

use std::collections::BTreeMap;

use alloy_primitives::B256;

use crate::{
    abi::ledger::Epoch,
    model::{FINAL, Ledger, Model, Place, Stage},
};

#[derive(Clone, Debug, Default)]
pub(crate) struct Invariants {
    finished: BTreeMap<(B256, u64), Epoch>,
    paid: BTreeMap<(B256, Place, u32), u128>,
}

impl Invariants {
    /// A final epoch never changes.
    pub(crate) fn finished(&mut self, id: B256, number: u64, view: &Epoch) -> Result<(), String> {
        if view.stage != FINAL {
            return Ok(());
        }
        let first = self.finished.entry((id, number)).or_insert_with(|| view.clone());
        if first == view { Ok(()) } else { Err(format!("final epoch {number} was {first:?}, is {view:?}")) }
    }

    /// Cumulative never falls.
    pub(crate) fn cumulative(
        &mut self,
        id: B256,
        place: Place,
        slot: u32,
        claimed: u128,
    ) -> Result<(), String> {
        match self.paid.insert((id, place, slot), claimed) {
            Some(before) if before > claimed => Err(format!("slot {slot} was paid {before}, now {claimed}")),
            _ => Ok(()),
        }
    }

    pub(crate) fn check(&self, ledger: &Ledger) -> Result<(), String> {
        for (id, m) in &ledger.models {
            self.conserved(*id, m)?;
            someone_can_move_it(ledger, m)?;
        }
        Ok(())
    }

    /// All that a model received is paid out, owed, or dust that nobody can ever get.
    fn conserved(&self, id: B256, m: &Model) -> Result<(), String> {
        let claimed: u128 =
            self.paid.iter().filter(|((model, ..), _)| *model == id).map(|(_, paid)| *paid).sum();
        let exited: u128 = m.exited.values().sum();
        let shares: u128 = m
            .epochs
            .values()
            .map(|e| {
                let shares = m.shares(e);
                e.withdrawn.iter().filter_map(|i| shares.get(*i)).sum::<u128>()
            })
            .sum();
        let out = claimed + exited + shares;
        if out + m.owed() == m.received {
            return Ok(());
        }
        Err(format!("received {}, paid {claimed} + {exited} + {shares}, owes {}", m.received, m.owed()))
    }
}

/// F2: once `exitWindow` has passed since an epoch could have closed or was closed, or a demand went unanswered,
/// anybody can dissolve: no unit waits for the developer. And the clocks run from facts that nobody can repeat.
fn someone_can_move_it(ledger: &Ledger, m: &Model) -> Result<(), String> {
    if m.dissolved_at != 0 {
        return Ok(());
    }
    let window = u64::from(m.terms.exitWindow);
    for (number, e) in &m.epochs {
        let since = match e.stage {
            Stage::Final => continue,
            Stage::Open if m.contributors_part(e) < e.min_pool => continue,
            Stage::Open => e.pool_reached_at,
            Stage::Closed => e.closed_at,
        };
        let stuck = since == 0 || ledger.now > since + window;
        if stuck && ledger.clone().dissolve(id_of(ledger, m)).is_err() {
            return Err(format!("the money of epoch {number} waits for somebody"));
        }
    }
    Ok(())
}

fn id_of(ledger: &Ledger, m: &Model) -> B256 {
    let found = ledger.models.iter().find(|(_, other)| std::ptr::eq(*other, m));
    found.map_or(B256::ZERO, |(id, _)| *id)
}
