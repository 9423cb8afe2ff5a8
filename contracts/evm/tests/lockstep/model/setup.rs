//! `createModel` and `enroll`.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::SolValue;

use super::{Against, Enrolment, Fault, Ledger, Model, Reasons};
use crate::abi::ledger::{DatasetEnrolled, ModelCreated, Policy, Terms, enrollCall};

const HOUR: u32 = 3_600;
const YEAR: u32 = 365 * 86_400;

impl Ledger {
    pub(crate) fn model_id(&self, developer: Address, name: &str) -> B256 {
        let domain = keccak256("apportion.model.v1");
        let words = (domain, U256::from(self.chain_id), self.address, developer, keccak256(name.as_bytes()));
        keccak256(words.abi_encode())
    }

    /// Nobody can be paid there.
    pub(crate) fn no_account(&self, account: Address) -> bool {
        account.is_zero() || account == self.address
    }

    pub(crate) fn check_policy(&self, policy: &Policy, min_bps: u16, no: &mut Against) {
        let shares = || policy.beneficiaries.iter().map(|b| u32::from(b.bps));
        let sum = u32::from(policy.contributorsBps) + shares().sum::<u32>();
        no.when(sum != 10_000 || shares().any(|bps| bps == 0), "InvalidPolicy");
        no.when(policy.contributorsBps < min_bps, "InvalidPolicy");
        no.when(policy.beneficiaries.len() > 16, "TooManyBeneficiaries");
        no.when(policy.beneficiaries.iter().any(|b| self.no_account(b.account)), "InvalidAccount");
    }

    pub(crate) fn create(
        &mut self,
        developer: Address,
        terms: &Terms,
        policy: &Policy,
    ) -> Result<(), Reasons> {
        let mut no = Against::default();
        let id = self.model_id(developer, &terms.name);
        no.when(terms.name.is_empty(), "InvalidName");
        no.when(self.no_account(terms.attributor), "InvalidAccount");
        no.when(!self.tokens.contains_key(&terms.token), "TokenWithoutCode");
        let windows =
            [terms.openWindow, terms.settleWindow, terms.noticeWindow, terms.demandWindow, terms.exitWindow];
        no.when(windows.iter().any(|window| !(HOUR..=YEAR).contains(window)), "InvalidWindow");
        no.when(terms.noticeWindow < terms.openWindow, "InvalidWindow");
        let least =
            [terms.openWindow, terms.noticeWindow, terms.settleWindow].map(u64::from).iter().sum::<u64>();
        no.when(u64::from(terms.exitWindow) < least, "InvalidWindow");
        no.when(!(1..=1 << 56).contains(&terms.minPool), "InvalidMinPool");
        no.when(!(1..=10_000).contains(&terms.minContributorsBps), "InvalidPolicy");
        no.when(terms.demandBond > self.max_bond, "BondTooLarge");
        no.when(self.models.contains_key(&id), "ModelExists");
        self.check_policy(policy, terms.minContributorsBps, &mut no);
        no.verdict()?;
        let model = Model {
            developer,
            terms: terms.clone(),
            policies: vec![policy.clone()],
            policy: 1,
            attributor: terms.attributor,
            next_policy: None,
            next_attributor: None,
            offered_developer: Address::ZERO,
            offered_attributor: BTreeMap::new(),
            open_epoch: 0,
            final_epoch: 0,
            dissolved_at: 0,
            received: 0,
            unclaimed: 0,
            epochs: BTreeMap::new(),
            enrolments: BTreeMap::new(),
            claimed: BTreeMap::new(),
            demands: BTreeMap::new(),
            demand_order: Vec::new(),
            answered: BTreeMap::new(),
            estate: 0,
            exited: BTreeMap::new(),
        };
        self.models.insert(id, model);
        let event = ModelCreated { modelId: id, developer, terms: terms.clone(), policy: policy.clone() };
        self.emit(&event);
        Ok(())
    }

    pub(crate) fn enroll(&mut self, from: Address, call: &enrollCall) -> Result<(), Reasons> {
        let m = self.model(call.modelId)?;
        let mut no = Against::default();
        no.when(from != m.developer, "NotDeveloper");
        no.when(m.dissolved_at != 0, "ModelDissolved");
        let Some(dataset) = self.registry.datasets.get(&call.datasetId) else {
            no.0.push("UnknownDataset");
            return Err(no.0);
        };
        no.when(dataset.slots != 64, "UnsupportedSlots");
        let Some((records, _)) = dataset.revisions.get(call.revision as usize).copied() else {
            no.0.push("UnknownRevision");
            return Err(no.0);
        };
        let known = m.enrolments.get(&call.datasetId);
        no.when(known.is_some_and(|e| e.revision >= call.revision), "AlreadyEnrolled");
        no.verdict()?;
        let late = self.is(Fault::LateEnrolmentsExit);
        let block = self.block;
        let m = self.model_mut(call.modelId);
        let before_opening = m.open_epoch == 0;
        let enrolment =
            m.enrolments.entry(call.datasetId).or_insert_with(|| Enrolment { block, ..Enrolment::default() });
        enrolment.revision = call.revision;
        if before_opening || late {
            enrolment.exit_revision = Some(call.revision);
        }
        self.emit(&DatasetEnrolled {
            modelId: call.modelId,
            datasetId: call.datasetId,
            revision: U256::from(call.revision),
            records: U256::from(records),
        });
        Ok(())
    }

    /// Records of the enrolled datasets that take part in epochs which open now.
    pub(crate) fn records_enrolled(&self, m: &Model) -> u64 {
        let of = |(id, e): (&B256, &Enrolment)| {
            self.registry.datasets.get(id).and_then(|d| Some(d.revisions.get(e.revision as usize)?.0))
        };
        m.enrolments.iter().filter_map(of).sum()
    }
}
