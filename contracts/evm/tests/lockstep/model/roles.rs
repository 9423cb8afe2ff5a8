//! Who may do what: offers, announcements, replacement.

use alloy_primitives::{Address, B256, U256};

use super::{Against, Announced, Fault, Ledger, Model, Reasons, Stage};
use crate::abi::ledger::{
    AttributorAnnounced, AttributorReplaced, Policy, PolicyAnnounced, RetirementAnnounced, RoleOffered,
    RoleTransferred,
};

/// A role's name, padded with zeros.
fn role(name: &str) -> B256 {
    let mut word = [0; 32];
    word[..name.len()].copy_from_slice(name.as_bytes());
    B256::from(word)
}

/// Whoever is attributor of the epochs to come, of the closed one or of the open one.
fn attributors(m: &Model) -> Vec<Address> {
    let waiting = m.epochs.values().filter(|e| e.stage != Stage::Final).map(|e| e.attributor);
    std::iter::once(m.attributor).chain(waiting).collect()
}

impl Ledger {
    fn developer_only(&self, from: Address, id: B256) -> Result<(&Model, Against), Reasons> {
        let m = self.model(id)?;
        let mut no = Against::default();
        no.when(from != m.developer, "NotDeveloper");
        no.when(m.dissolved_at != 0, "ModelDissolved");
        Ok((m, no))
    }

    pub(crate) fn offer_developer(&mut self, from: Address, id: B256, to: Address) -> Result<(), Reasons> {
        let m = self.model(id)?;
        let mut no = Against::default();
        no.when(from != m.developer, "NotDeveloper");
        no.when(to == self.address, "InvalidAccount");
        no.verdict()?;
        self.model_mut(id).offered_developer = to;
        self.emit(&RoleOffered { modelId: id, role: role("developer"), from, to });
        Ok(())
    }

    pub(crate) fn accept_developer(&mut self, to: Address, id: B256) -> Result<(), Reasons> {
        let m = self.model(id)?;
        if m.offered_developer != to {
            return Err(vec!["NotOffered"]);
        }
        let from = m.developer;
        let m = self.model_mut(id);
        (m.developer, m.offered_developer) = (to, Address::ZERO);
        self.emit(&RoleTransferred { modelId: id, role: role("developer"), from, to });
        Ok(())
    }

    pub(crate) fn offer_attributor(&mut self, from: Address, id: B256, to: Address) -> Result<(), Reasons> {
        let m = self.model(id)?;
        if !attributors(m).contains(&from) {
            return Err(vec!["NotAttributor"]);
        }
        self.model_mut(id).offered_attributor.insert(from, to);
        self.emit(&RoleOffered { modelId: id, role: role("attributor"), from, to });
        Ok(())
    }

    /// The role passes for whatever of it the one who offered it still has.
    pub(crate) fn accept_attributor(&mut self, to: Address, id: B256) -> Result<(), Reasons> {
        let m = self.model(id)?;
        let offered = |from: &Address| m.offered_attributor.get(from) == Some(&to);
        let parties: Vec<_> = attributors(m).into_iter().filter(offered).collect();
        if parties.is_empty() {
            return Err(vec!["NotOffered"]);
        }
        for from in parties {
            let m = self.model_mut(id);
            // An account that offers twice, by two of its epochs, offers once.
            if m.offered_attributor.remove(&from).is_none() {
                continue;
            }
            if m.attributor == from {
                m.attributor = to;
            }
            for e in m.epochs.values_mut().filter(|e| e.stage != Stage::Final && e.attributor == from) {
                e.attributor = to;
            }
            self.emit(&RoleTransferred { modelId: id, role: role("attributor"), from, to });
        }
        Ok(())
    }

    pub(crate) fn announce_policy(
        &mut self,
        from: Address,
        id: B256,
        policy: &Policy,
    ) -> Result<(), Reasons> {
        let (m, mut no) = self.developer_only(from, id)?;
        self.check_policy(policy, m.terms.minContributorsBps, &mut no);
        no.verdict()?;
        let at =
            if self.is(Fault::PolicyAtOnce) { self.now } else { self.now + u64::from(m.terms.noticeWindow) };
        let m = self.model_mut(id);
        m.policies.push(policy.clone());
        let version = m.policies.len() as u32;
        m.next_policy = Some(Announced { value: version, from: at });
        self.emit(&PolicyAnnounced {
            modelId: id,
            policy: U256::from(version),
            from: U256::from(at),
            terms: policy.clone(),
        });
        Ok(())
    }

    pub(crate) fn announce_attributor(
        &mut self,
        from: Address,
        id: B256,
        attributor: Address,
    ) -> Result<(), Reasons> {
        let (m, mut no) = self.developer_only(from, id)?;
        no.when(self.no_account(attributor), "InvalidAccount");
        no.verdict()?;
        let at = if self.is(Fault::AttributorAtOnce) {
            self.now
        } else {
            self.now + u64::from(m.terms.noticeWindow)
        };
        self.model_mut(id).next_attributor = Some(Announced { value: attributor, from: at });
        self.emit(&AttributorAnnounced { modelId: id, attributor, from: U256::from(at) });
        Ok(())
    }

    pub(crate) fn announce_retirement(
        &mut self,
        from: Address,
        id: B256,
        dataset: B256,
    ) -> Result<(), Reasons> {
        let (m, mut no) = self.developer_only(from, id)?;
        let enrolment = m.enrolments.get(&dataset);
        no.when(enrolment.is_none(), "NotEnrolled");
        no.when(enrolment.is_some_and(|e| e.retired_from != 0), "AlreadyRetired");
        no.verdict()?;
        let at = self.now + u64::from(m.terms.noticeWindow);
        self.model_mut(id).enrolments.get_mut(&dataset).unwrap().retired_from = at;
        self.emit(&RetirementAnnounced { modelId: id, datasetId: dataset, from: U256::from(at) });
        Ok(())
    }

    /// An open epoch without scores gets another attributor, announced when it had waited long already.
    pub(crate) fn replace_attributor(&mut self, from: Address, id: B256, epoch: u64) -> Result<(), Reasons> {
        let (m, mut no) = self.developer_only(from, id)?;
        no.when(epoch != m.open_epoch || epoch == 0, "WrongEpoch");
        let e = m.open();
        no.when(e.committed_block != 0, "Committed");
        let Some(next) = m.next_attributor.clone() else {
            no.0.push("NothingAnnounced");
            return Err(no.0);
        };
        no.when(next.from > self.now, "TooEarly");
        no.when(e.pool_reached_at == 0, "PoolTooSmall");
        let announced_at = next.from - u64::from(m.terms.noticeWindow);
        let late_from = e.pool_reached_at + u64::from(m.terms.openWindow);
        no.when(announced_at <= late_from, "AnnouncedTooEarly");
        no.verdict()?;
        let m = self.model_mut(id);
        let number = m.open_epoch;
        (m.attributor, m.next_attributor) = (next.value, None);
        let e = m.epochs.get_mut(&number).unwrap();
        let before = std::mem::replace(&mut e.attributor, next.value);
        self.emit(&AttributorReplaced {
            modelId: id,
            epoch: U256::from(epoch),
            from: before,
            to: next.value,
        });
        Ok(())
    }

    /// What was announced and is due holds for the next epoch that opens.
    pub(crate) fn take_force(&mut self, id: B256) {
        let now = self.now;
        let m = self.model_mut(id);
        if let Some(next) = m.next_policy.take_if(|next| next.from <= now) {
            m.policy = next.value;
        }
        if let Some(next) = m.next_attributor.take_if(|next| next.from <= now) {
            m.attributor = next.value;
        }
    }
}
