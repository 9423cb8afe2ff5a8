//! Steps that mostly make sense: each is made into a transaction that would be accepted where that is possible, and
//! then, sometimes, something about it is wrong.

mod epochs;
mod honest;
mod payout;
mod setup;
mod stalls;
mod twists;

use alloy_primitives::{Address, B256};
use proptest::prelude::*;

use crate::{
    model::{Model, Stage},
    run::{Action, Run},
    world::{attributor, beneficiary, developer, payee, payer, stranger},
};

/// What a step is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Whatever brings this model's epochs forward.
    Advance,
    Create,
    Enroll,
    Open,
    Extend,
    Prove,
    Roles,
    Announce,
    AnnounceAttributor,
    Replace,
    Deposit,
    Commit,
    Close,
    Settle,
    Claim,
    Recipient,
    Share,
    Withdraw,
    Block,
    Demand,
    Answer,
    Bond,
    Dissolve,
    Exit,
    Wait,
}

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Twist {
    Nothing,
    /// Sent by somebody else.
    Sender,
    /// Another model, or none.
    Model,
    /// Another dataset, or none.
    Dataset,
    Segment,
    /// The epoch before or after.
    Epoch,
    /// No proof or opening of anything.
    Proof,
    /// A proof about another column.
    Column,
    /// A true sum, amount or count changed by a little, with a proof that says so where a proof can.
    Little,
    /// A value far out of range.
    Huge,
    Zero,
    /// A list, path or name of another length.
    Length,
    /// Another account.
    Account,
    /// The same once more, or another revision, position or slot.
    Order,
}

/// One step: numbers that are given a meaning when it is played.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    kind: Kind,
    twist: Twist,
    model: usize,
    seed: u64,
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let kind = prop_oneof![
        30 => Just(Kind::Advance),
        1 => Just(Kind::Create),
        2 => Just(Kind::Enroll),
        1 => Just(Kind::Open),
        2 => Just(Kind::Extend),
        2 => Just(Kind::Prove),
        3 => Just(Kind::Roles),
        2 => Just(Kind::Announce),
        8 => Just(Kind::Replace),
        3 => Just(Kind::Deposit),
        3 => Just(Kind::Commit),
        2 => Just(Kind::Close),
        3 => Just(Kind::Settle),
        8 => Just(Kind::Claim),
        1 => Just(Kind::Recipient),
        2 => Just(Kind::Share),
        2 => Just(Kind::Withdraw),
        1 => Just(Kind::Block),
        3 => Just(Kind::Demand),
        3 => Just(Kind::Answer),
        5 => Just(Kind::Bond),
        2 => Just(Kind::Dissolve),
        4 => Just(Kind::Exit),
        7 => Just(Kind::Wait),
    ];
    use Twist::*;
    let wrong = prop::sample::select(vec![
        Sender, Model, Dataset, Segment, Epoch, Proof, Column, Little, Huge, Zero, Length, Account, Order,
    ]);
    let twist = prop_oneof![3 => Just(Twist::Nothing), 1 => wrong];
    // Most of it happens to one model, so that it comes far.
    let model = prop_oneof![5 => Just(0usize), 2 => Just(1usize), 1 => Just(2usize)];
    (kind, twist, model, any::<u64>()).prop_map(|(kind, twist, model, seed)| Step {
        kind,
        twist,
        model,
        seed,
    })
}

/// A number below a bound, made of some bits of a seed.
fn part(seed: u64, salt: u64, bound: u64) -> u64 {
    ((seed ^ salt.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0xff51_afd7_ed55_8ccd) >> 20)
        % bound.max(1)
}

impl Step {
    pub(super) fn part(&self, salt: u64, bound: u64) -> u64 {
        part(self.seed, salt, bound)
    }

    pub(super) fn pick<'a, T>(&self, salt: u64, list: &'a [T]) -> Option<&'a T> {
        list.get(self.part(salt, list.len() as u64) as usize)
    }

    pub(super) fn is(&self, twist: Twist) -> bool {
        self.twist == twist
    }

    pub(super) fn id(&self, run: &Run) -> B256 {
        run.model.model_id(developer(self.model), &format!("m{}", self.model))
    }

    /// Who does what.
    pub(crate) fn action(&self, run: &mut Run) -> (Address, Action) {
        let id = self.id(run);
        let m = run.model.models.get(&id).cloned();
        let kind = self.sensible(run, m.as_ref());
        if kind == Kind::Wait {
            return (Address::ZERO, Action::Wait(self.wait(run, m.as_ref())));
        }
        let (mut from, mut action) = self.honest(run, kind, id, m.as_ref());
        if self.is(Twist::Sender) && matches!(action, Action::Ledger(..)) {
            let others =
                [stranger(), payer(), developer(0), developer(2), attributor(self.model), attributor(0)];
            from = *self.pick(6, &others).unwrap_or(&stranger());
        }
        self.bend(run, &mut action);
        (from, action)
    }

    /// What can't be done yet gives way to what brings it nearer.
    fn sensible(&self, run: &Run, m: Option<&Model>) -> Kind {
        let Some(m) = m else {
            return if self.kind == Kind::Wait { Kind::Wait } else { Kind::Create };
        };
        let settled = m.final_epoch > 0;
        let wanted = match self.kind {
            Kind::Claim | Kind::Share | Kind::Demand if !settled && self.part(31, 8) > 0 => Kind::Advance,
            Kind::Answer | Kind::Bond if m.demands.is_empty() && self.part(32, 8) > 0 => Kind::Demand,
            Kind::Exit if m.dissolved_at == 0 && self.part(33, 8) > 0 => Kind::Dissolve,
            Kind::Withdraw if run.model.credits.is_empty() && self.part(34, 4) > 0 => Kind::Block,
            other => other,
        };
        let wanted = match wanted {
            // A model that ends early shows little.
            Kind::Dissolve if m.dissolved_at == 0 && self.part(35, 3) > 0 => Kind::Advance,
            Kind::Demand if !settled => Kind::Advance,
            Kind::Bond if !run.model.overdue(m) && m.dissolved_at == 0 => Kind::Wait,
            Kind::Replace => self.late(run, m),
            other => other,
        };
        // Whoever pays before the opening is refused, and shows no more than that.
        let early = m.open_epoch == 0 && wanted == Kind::Deposit && self.part(45, 3) > 0;
        if wanted == Kind::Advance || early { self.next(run, m) } else { wanted }
    }

    /// What brings nearer that an attributor who does not commit is replaced: in that order, over several steps.
    fn late(&self, run: &Run, m: &Model) -> Kind {
        let open = m.open();
        let reached = open.pool_reached_at != 0 && open.committed_block == 0 && m.dissolved_at == 0;
        let late_from = open.pool_reached_at + u64::from(m.terms.openWindow);
        let notice = u64::from(m.terms.noticeWindow);
        match &m.next_attributor {
            _ if !reached => Kind::Deposit,
            Some(next) if next.from > late_from + notice => {
                if next.from > run.model.now {
                    Kind::Wait
                } else {
                    Kind::Replace
                }
            }
            _ if run.model.now <= late_from => Kind::Wait,
            _ => Kind::AnnounceAttributor,
        }
    }

    fn next(&self, run: &Run, m: &Model) -> Kind {
        if m.dissolved_at != 0 {
            return [Kind::Exit, Kind::Claim, Kind::Bond, Kind::Share][self.part(36, 4) as usize];
        }
        if run.payees.is_empty() || (self.part(37, 3) == 0 && run.payees.len() < 3) {
            return Kind::Prove;
        }
        if m.enrolments.is_empty() || (m.enrolments.len() < 2 && self.part(38, 2) == 0) {
            return Kind::Enroll;
        }
        if run.model.overdue(m) {
            return if self.part(46, 3) == 0 { Kind::Bond } else { Kind::Answer };
        }
        if m.open_epoch == 0 {
            return Kind::Open;
        }
        let open = m.open();
        if m.closed().is_some() && self.part(39, 4) > 0 {
            return Kind::Settle;
        }
        match (open.stage, open.committed_block) {
            (Stage::Open, _) if open.pool_reached_at == 0 => Kind::Deposit,
            (_, 0) => Kind::Commit,
            _ if m.closed().is_none() => Kind::Close,
            _ => Kind::Settle,
        }
    }

    /// Often up to a deadline, the second before it or the one after it.
    fn wait(&self, run: &Run, m: Option<&Model>) -> u64 {
        let mut deadlines = Vec::new();
        if let Some(m) = m {
            let t = &m.terms;
            let (open, exit) = (u64::from(t.openWindow), u64::from(t.exitWindow));
            for e in m.epochs.values() {
                if e.pool_reached_at != 0 {
                    deadlines.extend([e.pool_reached_at + open, e.pool_reached_at + exit]);
                }
                if e.stage == Stage::Closed {
                    deadlines.extend([e.progress_at + u64::from(t.settleWindow), e.closed_at + exit]);
                }
            }
            deadlines.extend(m.next_policy.iter().map(|next| next.from));
            deadlines.extend(m.next_attributor.iter().map(|next| next.from));
            deadlines.extend(m.enrolments.values().map(|e| e.retired_from));
            deadlines.extend(m.demands.values().flat_map(|d| [d.deadline, d.deadline + exit]));
        }
        let now = run.model.now;
        deadlines.retain(|deadline| *deadline > now + 1);
        deadlines.sort_unstable();
        // Mostly the next one.
        let few = if self.part(40, 3) == 0 { deadlines.len() } else { 2 };
        let deadlines: Vec<_> = deadlines.into_iter().take(few).collect();
        match self.pick(41, &deadlines) {
            Some(deadline) if self.part(42, 4) > 0 => deadline - now + self.part(43, 3) - 1,
            _ => 1 + self.part(44, 600),
        }
    }

    /// Somebody of this world.
    pub(super) fn anybody(&self, salt: u64) -> Address {
        let all = [
            stranger(),
            payer(),
            payee(0, 0),
            payee(0, 1),
            beneficiary(0),
            beneficiary(3),
            attributor(0),
            attributor(1),
            developer(0),
            developer(2),
        ];
        all[self.part(salt, all.len() as u64) as usize]
    }
}
