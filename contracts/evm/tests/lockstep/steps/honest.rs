//! The transaction that would be accepted, where there is one.

use alloy_primitives::{Address, B256, U256};

use super::{Kind, Step};
use crate::{
    abi::ledger::{
        claimCall, closeEpochCall, dissolveCall, exitCall, openCall, replaceAttributorCall, returnBondCall,
        setRecipientCall, withdrawCall, withdrawShareCall,
    },
    model::Model,
    run::{Action, Call, Run},
    world::{developer, payee, payer, stranger},
};

impl Step {
    pub(super) fn honest(&self, run: &mut Run, kind: Kind, id: B256, m: Option<&Model>) -> (Address, Action) {
        let Some(m) = m else { return (developer(self.model), self.create(run)) };
        let ledger = |call| Action::Ledger(call, 0);
        match kind {
            Kind::Create => (developer(self.model), self.create(run)),
            Kind::Enroll => (m.developer, self.enroll(run, id, m)),
            Kind::Open => (m.developer, ledger(Call::open(openCall { modelId: id }))),
            Kind::Extend => self.extend(run),
            Kind::Prove => (Address::ZERO, self.prove(run)),
            Kind::Roles => self.roles(id, m),
            Kind::Announce => (m.developer, self.announce(run, id, m, self.part(73, 3))),
            Kind::AnnounceAttributor => (m.developer, self.announce(run, id, m, 1)),
            Kind::Replace => {
                let call = replaceAttributorCall { modelId: id, epoch: m.open_epoch };
                (m.developer, ledger(Call::replaceAttributor(call)))
            }
            Kind::Deposit => (payer(), self.deposit(run, id, m)),
            Kind::Commit => self.commit(run, id, m),
            Kind::Close => {
                let by = if self.part(4, 3) == 0 { stranger() } else { m.developer };
                let call = closeEpochCall { modelId: id, epoch: m.open_epoch, scoreRoot: m.open().root };
                (by, ledger(Call::closeEpoch(call)))
            }
            Kind::Settle => (self.anybody(5), self.settle(run, id, m)),
            Kind::Claim => {
                let receipts = self.receipts(run, id, m);
                (self.anybody(5), ledger(Call::claim(claimCall { modelId: id, receipts })))
            }
            Kind::Recipient => {
                let recipient = self.recipient(run);
                (
                    payee(0, self.part(50, 6) as usize),
                    ledger(Call::setRecipient(setRecipientCall { recipient })),
                )
            }
            Kind::Share => {
                let epochs = (1..=m.final_epoch.max(1)).filter(|e| self.part(51 + e, 3) > 0).collect();
                let call = withdrawShareCall { modelId: id, epochs, index: U256::from(self.part(52, 2)) };
                (self.anybody(5), ledger(Call::withdrawShare(call)))
            }
            Kind::Withdraw | Kind::Advance | Kind::Wait => {
                let owed: Vec<_> = run.model.credits.keys().copied().collect();
                let (token, account) =
                    self.pick(53, &owed).copied().unwrap_or((run.at.tokens[0], self.anybody(54)));
                (self.anybody(5), ledger(Call::withdraw(withdrawCall { token, account })))
            }
            Kind::Block => {
                let token = run.at.tokens[self.part(55, 2) as usize];
                let account = if self.part(56, 2) == 0 { self.anybody(57) } else { payee(0, 1) };
                let blocked = !run.model.tokens[&token].blocked.contains(&account);
                // The payer's tokens and the ledger's keep moving.
                let account = if account == payer() { stranger() } else { account };
                (Address::ZERO, Action::Block(token, account, blocked))
            }
            Kind::Demand => (stranger(), self.demand(run, id, m)),
            Kind::Answer => (self.anybody(5), self.answer(run, id, m)),
            Kind::Bond => {
                let open: Vec<_> = m.demands.keys().copied().collect();
                let ((dataset, segment), index) =
                    self.pick(58, &open).copied().unwrap_or(((run.sources[0].id, 0), 1));
                let call = returnBondCall { modelId: id, datasetId: dataset, segment, index };
                (self.anybody(5), ledger(Call::returnBond(call)))
            }
            Kind::Dissolve => (self.anybody(5), ledger(Call::dissolve(dissolveCall { modelId: id }))),
            Kind::Exit => {
                let exits = self.exits(run, m);
                (self.anybody(5), ledger(Call::exit(exitCall { modelId: id, exits })))
            }
        }
    }
}
