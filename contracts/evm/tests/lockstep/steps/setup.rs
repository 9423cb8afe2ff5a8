//! Models, datasets, roles and announcements.

use alloy_primitives::{Address, B256};

use super::{Step, Twist};
use crate::{
    abi::ledger::{
        Beneficiary, Policy, Terms, acceptAttributorCall, acceptDeveloperCall, announceAttributorCall,
        announcePolicyCall, announceRetirementCall, createModelCall, enrollCall, offerAttributorCall,
        offerDeveloperCall,
    },
    model::Model,
    run::{Action, Call, Run},
    world::{MAX_BOND, attributor, beneficiary, stranger},
};

impl Step {
    pub(super) fn policy(&self, salt: u64) -> Policy {
        let contributors = [5_000, 4_000, 9_999, 10_000][self.part(salt, 4) as usize];
        let rest = 10_000 - contributors;
        let first = rest / 3;
        let shares = [(0, first), (1 + self.part(salt + 1, 2) as usize, rest - first)];
        let beneficiaries = shares
            .into_iter()
            .filter(|(_, bps)| *bps > 0)
            .map(|(number, bps)| Beneficiary { account: beneficiary(number), bps })
            .collect();
        Policy { contributorsBps: contributors, beneficiaries }
    }

    pub(super) fn create(&self, run: &Run) -> Action {
        let hour = 3_600;
        let mut terms = Terms {
            name: format!("m{}", self.model),
            attributor: attributor(self.model),
            token: run.at.tokens[self.model / 2],
            minContributorsBps: 4_000,
            minPool: 10,
            openWindow: hour,
            settleWindow: 2 * hour,
            noticeWindow: hour + 600 * self.model as u32,
            demandWindow: 2 * hour,
            exitWindow: 4 * hour + 600 * self.model as u32,
            demandBond: [17, 0, MAX_BOND][self.model],
        };
        let mut policy = self.policy(60);
        match self.twist {
            Twist::Huge => match self.part(61, 4) {
                0 => terms.minPool = (1 << 56) + 1,
                1 => terms.demandBond = MAX_BOND + 1,
                2 => terms.openWindow = 366 * 86_400,
                _ => policy.beneficiaries = vec![Beneficiary { account: beneficiary(0), bps: 1 }; 17],
            },
            Twist::Zero => match self.part(62, 4) {
                0 => terms.minPool = 0,
                1 => terms.minContributorsBps = 0,
                2 => terms.settleWindow = hour - 1,
                _ => terms.attributor = Address::ZERO,
            },
            Twist::Little => match self.part(63, 4) {
                0 => policy.contributorsBps -= 1,
                1 => terms.noticeWindow = hour - 1,
                2 => terms.exitWindow -= 1,
                _ => terms.minContributorsBps = 10_001,
            },
            Twist::Length => terms.name.clear(),
            Twist::Account if self.part(64, 3) == 0 => terms.token = stranger(),
            Twist::Account if self.part(64, 2) == 0 => terms.attributor = run.at.ledger,
            Twist::Account => policy.beneficiaries.push(Beneficiary { account: Address::ZERO, bps: 0 }),
            _ => {}
        }
        Action::Ledger(Call::createModel(createModelCall { terms, policy }), 0)
    }

    pub(super) fn enroll(&self, run: &Run, id: B256, m: &Model) -> Action {
        let number = if self.is(Twist::Huge) { 2 } else { self.part(65, 2) as usize };
        let dataset = run.sources[number].id;
        let newest = run.model.registry.datasets[&dataset].newest();
        let after = m.enrolments.get(&dataset).map_or(0, |e| e.revision + 1);
        let revision = if self.is(Twist::Order) { after + 1 } else { after.min(newest) };
        Action::Ledger(Call::enroll(enrollCall { modelId: id, datasetId: dataset, revision }), 0)
    }

    pub(super) fn extend(&self, run: &Run) -> (Address, Action) {
        let can = |number: &usize| {
            let source = &run.sources[*number];
            run.model.registry.datasets[&source.id].revisions.len() < source.revisions.len()
        };
        let able: Vec<_> = (0..2).filter(can).collect();
        let action = match self.pick(66, &able) {
            Some(number) => Action::Extend(*number),
            None => self.prove(run),
        };
        (Address::ZERO, action)
    }

    pub(super) fn prove(&self, run: &Run) -> Action {
        // What is not proven comes first.
        let mut all = Vec::new();
        for (number, source) in run.sources.iter().take(2).enumerate() {
            let known = &run.model.registry.datasets[&source.id];
            for (segment, (_, revision)) in known.segments.iter().enumerate() {
                let proven = run.model.registry.columns.get(&(source.id, segment as u32)).map(|c| c.1);
                all.push((proven == Some(*revision), number, segment as u32));
            }
        }
        all.sort_unstable();
        let open = all.iter().filter(|(done, ..)| !done).count();
        let (_, number, segment) = all[self.part(67, open.max(1) as u64) as usize];
        Action::Prove(number, segment)
    }

    // ---------------------------------------------------------------------------------------------- roles

    pub(super) fn roles(&self, id: B256, m: &Model) -> (Address, Action) {
        let to = self.anybody(70);
        let ledger = |from, call| (from, Action::Ledger(call, 0));
        match self.part(71, 4) {
            0 => ledger(m.developer, Call::offerDeveloper(offerDeveloperCall { modelId: id, to })),
            1 => {
                let by = if m.offered_developer.is_zero() { to } else { m.offered_developer };
                ledger(by, Call::acceptDeveloper(acceptDeveloperCall { modelId: id }))
            }
            2 => {
                let closed = m.closed().map(|(_, e)| e.attributor).filter(|_| self.part(72, 2) == 0);
                let from = closed.unwrap_or(m.open().attributor);
                let from = if from.is_zero() { m.attributor } else { from };
                ledger(from, Call::offerAttributor(offerAttributorCall { modelId: id, to }))
            }
            _ => {
                let offered: Vec<_> = m.offered_attributor.values().copied().collect();
                let by = self.pick(77, &offered).copied().unwrap_or(to);
                ledger(by, Call::acceptAttributor(acceptAttributorCall { modelId: id }))
            }
        }
    }

    pub(super) fn announce(&self, run: &Run, id: B256, m: &Model, which: u64) -> Action {
        let enrolled: Vec<_> = m.enrolments.keys().copied().collect();
        let call = match which {
            0 => {
                let mut policy = self.policy(74);
                match self.twist {
                    Twist::Little => policy.contributorsBps += 1,
                    Twist::Zero => policy = Policy { contributorsBps: 0, beneficiaries: vec![] },
                    _ => {}
                }
                Call::announcePolicy(announcePolicyCall { modelId: id, policy })
            }
            1 => {
                let attributor = if self.is(Twist::Account) { run.at.ledger } else { self.anybody(75) };
                Call::announceAttributor(announceAttributorCall { modelId: id, attributor })
            }
            _ => {
                let dataset = self.pick(76, &enrolled).copied().unwrap_or(run.sources[0].id);
                Call::announceRetirement(announceRetirementCall { modelId: id, datasetId: dataset })
            }
        };
        Action::Ledger(call, 0)
    }
}
