//! `claim`, `withdrawShare`, `withdraw`, `setRecipient`.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, U256};
use apportion_circuits::{
    field::to_bytes,
    types::{Payee, Tier, Word},
};
use apportion_statement::receipt::AccountClaim;
use halo2_axiom::halo2curves::bn256::Fr;

use super::{Against, Column, Fault, Ledger, Model, Place, Point, Reasons, Stage, epochs::commitment};
use crate::abi::ledger::{
    Account, Claimed, Credited, Paid, Receipt, RecipientSet, ShareWithdrawn, withdrawShareCall,
};
use crate::openings::{on_curve, opening_holds};

/// The challenge of a receipt: what files and contracts have to agree on.
pub(crate) fn opening_challenge(
    ledger: &Ledger,
    model: B256,
    place: Place,
    columns: (Point, Point),
    index: u32,
    payee: Address,
    cumulative: u128,
) -> U256 {
    let (payees, balances) = (commitment(columns.0), commitment(columns.1));
    let claim = AccountClaim {
        chain_id: ledger.chain_id,
        contract: Payee(ledger.address.into_array()),
        model: Word(model.0),
        dataset: Word(place.0.0),
        segment: place.1,
        tier: Tier::T64,
        index,
        payee: Payee(payee.into_array()),
        cumulative,
        payee_column: &payees,
        balance_column: &balances,
    };
    U256::from_be_bytes(to_bytes(&claim.challenge::<Fr>()))
}

/// What the folded columns must hold at the slot.
pub(crate) fn folded(payee: Address, gamma: U256, cumulative: u128) -> U256 {
    let r = super::modulus();
    U256::from_be_slice(payee.as_slice()).add_mod(gamma.mul_mod(U256::from(cumulative), r), r)
}

impl Ledger {
    /// Whether a column of a segment pays: that of an epoch's final attempt.
    fn paying(&self, m: &Model, place: Place, epoch: u64) -> Vec<Column> {
        let Some(e) = m.epochs.get(&epoch).filter(|e| e.stage == Stage::Final) else { return vec![] };
        let superseded = self.is(Fault::SupersededColumnsPay);
        let attempts = e.moved.iter().filter(|(attempt, _)| superseded || **attempt == e.attempt);
        attempts.filter_map(|(_, moves)| moves.get(&place)).map(|moved| moved.column.clone()).collect()
    }

    /// Why nothing of a receipt can be paid.
    pub(crate) fn against_columns(&self, id: B256, receipt: &Receipt) -> Reasons {
        let mut no = Against::default();
        let m = &self.models[&id];
        let place = (receipt.datasetId, receipt.segment);
        let columns = self.paying(m, place, receipt.epoch);
        let is_final = m.epochs.get(&receipt.epoch).is_some_and(|e| e.stage == Stage::Final);
        no.when(!is_final, "NotFinal");
        no.when(columns.iter().all(|column| column.point != receipt.balances), "UnknownBalanceColumn");
        no.when(!self.registry.is_payee_column(place, receipt.payees), "UnknownPayeeColumn");
        no.0
    }

    /// Why one account of it cannot, whatever is opened.
    pub(crate) fn against_account(&self, receipt: &Receipt, account: &Account) -> Reasons {
        let mut no = Against::default();
        let slots = self.registry.slots(receipt.datasetId);
        no.when(u64::from(account.index) + 2 >= slots, "InvalidIndex");
        no.when(self.no_account(account.payee), "InvalidAccount");
        no.0
    }

    pub(crate) fn opening_holds(&self, id: B256, receipt: &Receipt, account: &Account) -> bool {
        let place = (receipt.datasetId, receipt.segment);
        let points = (receipt.payees, receipt.balances);
        let gamma =
            opening_challenge(self, id, place, points, account.index, account.payee, account.cumulative);
        let value = folded(account.payee, gamma, account.cumulative);
        opening_holds(self.registry.slots(place.0), points, account.index, gamma, value, account.proof)
    }

    pub(crate) fn claim(&mut self, id: B256, receipts: &[Receipt]) -> Result<(), Reasons> {
        // A model that there is not has no final epoch.
        let Ok(m) = self.model(id) else { return Err(vec!["UnknownModel", "NotFinal", "NothingDue"]) };
        let mut no = Against::default();
        no.when(m.dissolved_at != 0 && self.is(Fault::EndStopsClaims), "ModelDissolved");
        let mut due = Vec::new();
        let mut seen = m.claimed.clone();
        for receipt in receipts {
            no.0.extend(self.against_columns(id, receipt));
            for account in &receipt.accounts {
                no.0.extend(self.against_account(receipt, account));
                if let Some(amount) = self.due(&mut seen, receipt, account) {
                    // Only what is paid is opened.
                    no.when(!self.opening_holds(id, receipt, account), "Invalid");
                    no.when(!on_curve(account.proof), "InvalidPoint");
                    due.push(((receipt.datasetId, receipt.segment), account.clone(), amount));
                }
            }
        }
        no.when(due.is_empty(), "NothingDue");
        let total = due.iter().map(|(.., amount)| *amount).fold(0u128, u128::saturating_add);
        no.when(total > m.unclaimed, "ExceedsOwed");
        no.verdict()?;
        let payees = self.note_claims(id, due);
        self.pay_all(self.models[&id].terms.token, payees);
        Ok(())
    }

    /// What is due to an account beyond what it was paid, or is in this very call.
    pub(crate) fn due(
        &self,
        seen: &mut BTreeMap<(Place, u32), u128>,
        receipt: &Receipt,
        account: &Account,
    ) -> Option<u128> {
        let key = ((receipt.datasetId, receipt.segment), account.index);
        let before = seen.get(&key).copied().unwrap_or_default();
        if account.cumulative <= before {
            return None;
        }
        seen.insert(key, account.cumulative);
        Some(if self.is(Fault::ClaimPaysAllAgain) { account.cumulative } else { account.cumulative - before })
    }

    /// Notes what accounts are paid. Who gets how much in all, in the order in which payees first occur.
    pub(crate) fn note_claims(&mut self, id: B256, due: Vec<(Place, Account, u128)>) -> Vec<(Address, u128)> {
        let mut payees = Vec::new();
        for (place, account, amount) in due {
            let m = self.model_mut(id);
            m.claimed.insert((place, account.index), account.cumulative);
            m.unclaimed -= amount;
            add(&mut payees, account.payee, amount);
            self.emit(&Claimed {
                modelId: id,
                datasetId: place.0,
                payee: account.payee,
                segment: U256::from(place.1),
                index: U256::from(account.index),
                amount: U256::from(amount),
                cumulative: U256::from(account.cumulative),
            });
        }
        payees
    }

    /// One transfer an account.
    pub(crate) fn pay_all(&mut self, token: Address, payees: Vec<(Address, u128)>) {
        for (payee, amount) in payees {
            self.pay(token, payee, amount);
        }
    }

    /// To the recipient, or as a credit.
    pub(crate) fn pay(&mut self, token: Address, account: Address, amount: u128) {
        let to = self.recipient(account);
        if self.tokens[&token].blocked.contains(&to) || to == token || to == self.address {
            *self.credits.entry((token, account)).or_default() += amount;
            self.emit(&Credited { token, account, amount: U256::from(amount) });
        } else {
            self.transfer(token, self.address, to, amount);
            self.emit(&Paid { token, account, to, amount: U256::from(amount) });
        }
    }

    pub(crate) fn recipient(&self, account: Address) -> Address {
        let set = self.recipients.get(&account).copied().filter(|_| !self.is(Fault::RecipientIgnored));
        set.filter(|to| !to.is_zero()).unwrap_or(account)
    }

    /// Contracts of this world take no coins.
    pub(crate) fn refuses_coins(&self, account: Address) -> bool {
        !self.coins.contains_key(&account)
    }

    pub(crate) fn set_recipient(&mut self, from: Address, recipient: Address) -> Result<(), Reasons> {
        if recipient == self.address {
            return Err(vec!["InvalidAccount"]);
        }
        self.recipients.insert(from, recipient);
        self.emit(&RecipientSet { payee: from, recipient });
        Ok(())
    }

    pub(crate) fn withdraw(
        &mut self,
        from: Address,
        token: Address,
        account: Address,
    ) -> Result<(), Reasons> {
        let amount = self.credits.get(&(token, account)).copied().unwrap_or_default();
        let mut no = Against::default();
        no.when(amount == 0, "NothingDue");
        let to = self.recipient(account);
        no.when(to == token || to == self.address, "TransferFailed");
        no.when(token.is_zero() && self.refuses_coins(to), "TransferFailed");
        no.when(self.tokens.get(&token).is_some_and(|t| t.blocked.contains(&to)), "Blocked");
        no.when(self.is(Fault::CreditsWaitForTheirOwner) && from != account, "NotAccount");
        no.verdict()?;
        self.credits.remove(&(token, account));
        // Token 0 is the chain's coin.
        if token.is_zero() {
            self.coin(self.address, to, amount);
        } else {
            self.transfer(token, self.address, to, amount);
        }
        self.emit(&Paid { token, account, to, amount: U256::from(amount) });
        Ok(())
    }

    pub(crate) fn withdraw_share(&mut self, call: &withdrawShareCall) -> Result<(), Reasons> {
        let id = call.modelId;
        let m = self.model(id)?;
        let mut no = Against::default();
        let overdue = self.overdue(m) && m.dissolved_at == 0 && !self.is(Fault::OverdueDemandsStopNothing);
        let index = usize::try_from(call.index).unwrap_or(usize::MAX);
        let mut due: Vec<(u64, Address, u128)> = Vec::new();
        let mut held = false;
        for number in &call.epochs {
            let e = m.epochs.get(number);
            let settled = e.filter(|e| e.stage == Stage::Final || self.is(Fault::SharesBeforeFinal));
            let Some(e) = settled else {
                no.0.push("NotFinal");
                continue;
            };
            let policy = &m.policies[e.policy as usize - 1];
            let Some(beneficiary) = policy.beneficiaries.get(index) else {
                no.0.push("InvalidBeneficiary");
                continue;
            };
            let taken = e.withdrawn.contains(&index) || due.iter().any(|(n, ..)| n == number);
            let amount = m.shares(e)[index];
            if taken || amount == 0 {
                continue;
            }
            let over = self.now > e.closed_at + u64::from(m.terms.exitWindow);
            if overdue && (!over || self.is(Fault::OverdueDemandsHoldShares)) {
                held = true;
                continue;
            }
            due.push((*number, beneficiary.account, amount));
        }
        no.when(due.is_empty(), if held { "DemandOverdue" } else { "NothingDue" });
        no.verdict()?;
        let token = m.terms.token;
        let mut accounts = Vec::new();
        for (number, account, amount) in due {
            self.model_mut(id).epochs.get_mut(&number).unwrap().withdrawn.insert(index);
            self.emit(&ShareWithdrawn {
                modelId: id,
                epoch: U256::from(number),
                account,
                amount: U256::from(amount),
            });
            add(&mut accounts, account, amount);
        }
        self.pay_all(token, accounts);
        Ok(())
    }

    /// What `claimable` shows: nothing where nothing is due or the receipt does not hold.
    pub(crate) fn claimable(&self, id: B256, receipts: &[Receipt]) -> Vec<U256> {
        let Some(m) = self.models.get(&id) else { return vec![] };
        let mut amounts = Vec::new();
        let mut seen = m.claimed.clone();
        for receipt in receipts {
            for account in &receipt.accounts {
                let against =
                    [self.against_columns(id, receipt), self.against_account(receipt, account)].concat();
                let holds = against.is_empty() && self.opening_holds(id, receipt, account);
                let due = if holds { self.due(&mut seen, receipt, account) } else { None };
                amounts.push(U256::from(due.unwrap_or_default()));
            }
        }
        amounts
    }
}

/// Sums by account, in the order in which accounts first occur.
pub(crate) fn add(list: &mut Vec<(Address, u128)>, account: Address, amount: u128) {
    match list.iter_mut().find(|(known, _)| *known == account) {
        Some((_, sum)) => *sum += amount,
        None => list.push((account, amount)),
    }
}
