//! `demand`, `answer`, `returnBond`, `dissolve` and `exit`.

use alloy_primitives::{Address, B256, U256};
use apportion_circuits::types::Word;
use apportion_statement::scores::{self, ScoreLeaf};

use super::{Against, Demand, Fault, Ledger, Model, Place, Reasons, Stage, epochs::commitment, payout::add};
use crate::{
    abi::ledger::{
        Account, Answered, BondReturned, Credited, Demanded, Dissolved, Exit, Exited, Receipt, RecordPath,
        demandCall, exitCall, returnBondCall,
    },
    openings::{on_curve, opening_holds},
};

impl Ledger {
    /// Whether a demand of the model is past its deadline.
    pub(crate) fn overdue(&self, m: &Model) -> bool {
        m.demands.values().any(|demand| self.now > demand.deadline)
    }

    /// Why a record's path does not show this payee in that slot.
    fn against_record(&self, place: Place, record: &RecordPath, below: u64, no: &mut Against) {
        no.when(u64::from(record.index) >= below, "InvalidIndex");
        no.when(record.payee.is_zero(), "InvalidAccount");
        let root = crate::world::record_root(record);
        no.when(record.payee == self.address, "InvalidAccount");
        let dataset = self.registry.datasets.get(&place.0);
        let newest = dataset.and_then(|d| Some(d.segments.get(place.1 as usize)?.0));
        let root = root.filter(|root| Some(*root) == newest || !self.is(Fault::ExtensionsSpoilPaths));
        let under = root.and_then(|root| dataset?.under.get(&(place.1, root)).copied());
        no.when(under.is_none_or(|records| u64::from(record.index) >= records), "RecordNotShown");
        no.when(record.siblings.len() != 3, "WrongPathLength");
        no.when(root.is_none(), "NotCanonical");
    }

    pub(crate) fn demand(&mut self, from: Address, value: u128, call: &demandCall) -> Result<(), Reasons> {
        let id = call.modelId;
        let m = self.model(id)?;
        let mut no = Against::default();
        no.when(m.dissolved_at != 0, "ModelDissolved");
        no.when(value != m.terms.demandBond, "WrongBond");
        let place = (call.datasetId, call.segment);
        let Some((epoch, column)) = m.balance(place) else {
            no.0.push("NothingSettled");
            return Err(no.0);
        };
        self.against_record(place, &call.record, column.records, &mut no);
        let key = (place, call.record.index);
        no.when(m.demands.contains_key(&key), "AlreadyDemanded");
        no.when(m.answered.get(&key) == Some(&epoch), "AlreadyAnswered");
        no.verdict()?;
        let deadline = self.now + u64::from(m.terms.demandWindow);
        let demand = Demand { epoch, deadline, sender: from, bond: value, bond_returned: false };
        let m = self.model_mut(id);
        m.demands.insert(key, demand);
        m.demand_order.push(key);
        self.coin(from, self.address, value);
        self.emit(&Demanded {
            modelId: id,
            datasetId: place.0,
            segment: U256::from(place.1),
            index: U256::from(call.record.index),
            epoch: U256::from(epoch),
            deadline: U256::from(deadline),
            sender: from,
        });
        Ok(())
    }

    pub(crate) fn coin(&mut self, from: Address, to: Address, amount: u128) {
        *self.coins.entry(from).or_default() -= U256::from(amount);
        *self.coins.entry(to).or_default() += U256::from(amount);
    }

    pub(crate) fn answer(&mut self, from: Address, id: B256, receipts: &[Receipt]) -> Result<(), Reasons> {
        let Ok(m) = self.model(id) else { return Err(vec!["UnknownModel", "NotFinal", "NothingToAnswer"]) };
        let mut no = Against::default();
        let mut seen = m.claimed.clone();
        let mut answered: Vec<(&Receipt, &Account, u128)> = Vec::new();
        for receipt in receipts {
            no.0.extend(self.against_columns(id, receipt));
            for account in &receipt.accounts {
                no.0.extend(self.against_account(receipt, account));
                let key = ((receipt.datasetId, receipt.segment), account.index);
                let open = m.demands.get(&key).is_some_and(|d| d.epoch == receipt.epoch);
                let again = answered.iter().any(|(r, a, _)| ((r.datasetId, r.segment), a.index) == key);
                // Of others nobody asks: they are passed over.
                if open && !again {
                    no.when(!self.opening_holds(id, receipt, account), "Invalid");
                    no.when(!on_curve(account.proof), "InvalidPoint");
                    let due = self.due(&mut seen, receipt, account).unwrap_or_default();
                    answered.push((receipt, account, due));
                }
            }
        }
        no.when(answered.is_empty(), "NothingToAnswer");
        let total = answered.iter().map(|(.., due)| *due).fold(0u128, u128::saturating_add);
        no.when(total > m.unclaimed, "ExceedsOwed");
        no.verdict()?;
        let (mut bonds, mut payees) = (0, Vec::new());
        for (receipt, account, due) in answered {
            let place = (receipt.datasetId, receipt.segment);
            bonds += self.close_demand(id, (place, account.index));
            self.emit(&Answered {
                modelId: id,
                datasetId: place.0,
                segment: U256::from(place.1),
                index: U256::from(account.index),
                sender: from,
            });
            if due > 0 {
                for (payee, amount) in self.note_claims(id, vec![(place, account.clone(), due)]) {
                    add(&mut payees, payee, amount);
                }
            }
        }
        self.pay_all(self.models[&id].terms.token, payees);
        let developer = self.models[&id].developer;
        let to = if self.is(Fault::BondToTheDeveloper) { developer } else { from };
        self.coin(self.address, to, bonds);
        Ok(())
    }

    /// What an answer earns: after the deadline the bond is the sender's, as a credit in the chain's coin.
    fn close_demand(&mut self, id: B256, key: (Place, u32)) -> u128 {
        let now = self.now;
        let m = self.model_mut(id);
        let late = m.dissolved_at != 0;
        let demand = m.demands.remove(&key).unwrap();
        m.demand_order.retain(|known| *known != key);
        m.answered.insert(key, demand.epoch);
        if demand.bond_returned {
            return 0;
        }
        if now <= demand.deadline && !late {
            return demand.bond;
        }
        if demand.bond > 0 {
            *self.credits.entry((Address::ZERO, demand.sender)).or_default() += demand.bond;
            let amount = U256::from(demand.bond);
            self.emit(&Credited { token: Address::ZERO, account: demand.sender, amount });
        }
        0
    }

    pub(crate) fn return_bond(&mut self, call: &returnBondCall) -> Result<(), Reasons> {
        let m = self.model(call.modelId)?;
        let key = ((call.datasetId, call.segment), call.index);
        let Some(demand) = m.demands.get(&key).cloned() else { return Err(vec!["NoSuchDemand"]) };
        let mut no = Against::default();
        no.when(demand.bond_returned, "BondAlreadyReturned");
        no.when(self.now <= demand.deadline && m.dissolved_at == 0, "TooEarly");
        let to = self.recipient(demand.sender);
        no.when(demand.bond > 0 && self.refuses_coins(to), "TransferFailed");
        no.verdict()?;
        self.model_mut(call.modelId).demands.get_mut(&key).unwrap().bond_returned = true;
        self.coin(self.address, to, demand.bond);
        self.emit(&BondReturned {
            modelId: call.modelId,
            datasetId: call.datasetId,
            segment: U256::from(call.segment),
            index: U256::from(call.index),
        });
        Ok(())
    }

    pub(crate) fn dissolve(&mut self, id: B256) -> Result<(), Reasons> {
        let m = self.model(id)?;
        let mut no = Against::default();
        no.when(m.dissolved_at != 0, "ModelDissolved");
        let window = u64::from(m.terms.exitWindow);
        let early = u64::from(self.is(Fault::ExitOneSecondEarly));
        let stalled = |since: u64| since != 0 && self.now + early > since + window;
        let closed = m.closed().is_some_and(|(_, e)| stalled(e.closed_at));
        let open = m.epochs.get(&m.open_epoch).is_some_and(|e| stalled(e.pool_reached_at));
        let demand = m.demands.values().any(|demand| stalled(demand.deadline));
        no.when(!closed && !open && !demand, "NotStalled");
        no.verdict()?;
        let waiting = m.epochs.values().filter(|e| e.stage != Stage::Final);
        let estate = waiting.map(|e| e.revenue + e.carried).sum();
        let (now, last) = (self.now, m.final_epoch);
        let m = self.model_mut(id);
        (m.dissolved_at, m.estate) = (now, estate);
        self.emit(&Dissolved { modelId: id, finalEpoch: U256::from(last), amount: U256::from(estate) });
        Ok(())
    }

    /// What each record of a segment gets of the estate, and how many records do; or why none does.
    fn part(&self, m: &Model, exit: &Exit) -> Result<(u128, u64), Reasons> {
        let place = (exit.datasetId, exit.segment);
        let Some(dataset) = self.registry.datasets.get(&place.0) else {
            return Err(vec!["NotInExit"]);
        };
        let newest = |records: u64| {
            let now = dataset.records(dataset.newest(), place.1).unwrap_or_default();
            if self.is(Fault::ExitByNewestRecords) { now } else { records }
        };
        let Some(e) = m.last_final() else {
            let counted = |(id, e): (&B256, &super::Enrolment)| {
                let revision = e.exit_revision?;
                Some(self.registry.datasets.get(id)?.revisions.get(revision as usize)?.0)
            };
            let records: u64 = m.enrolments.iter().filter_map(counted).sum();
            let revision = m.enrolments.get(&place.0).and_then(|e| e.exit_revision);
            let own = revision.and_then(|revision| dataset.records(revision, place.1)).unwrap_or_default();
            if own == 0 || records == 0 {
                return Err(vec!["NotInExit"]);
            }
            return Ok((m.estate / u128::from(records), newest(own)));
        };
        let moves = e.moves();
        let Some(moved) = moves.get(&place) else {
            return Err(vec!["NotInExit"]);
        };
        let leaf = ScoreLeaf {
            dataset: Word(place.0.0),
            segment: place.1,
            revision: exit.revision,
            score: exit.segmentScore.to::<u128>(),
            commitment: &commitment(exit.scores),
        };
        let path: Vec<_> = exit.path.iter().map(|word| Word(word.0)).collect();
        let (count, position) = (e.count as usize, exit.position as usize);
        if !scores::verify(Word(e.root.0), count, position, leaf.hash(), &path) {
            return Err(vec!["ScoreNotShown"]);
        }
        let whole = U256::from(m.estate) * U256::from(moved.column.score) / U256::from(e.total_score);
        Ok((whole.to::<u128>() / u128::from(moved.column.records), newest(moved.column.records)))
    }

    pub(crate) fn exit(&mut self, call: &exitCall) -> Result<(), Reasons> {
        let id = call.modelId;
        let m = self.model(id)?;
        let mut no = Against::default();
        no.when(m.dissolved_at == 0, "NotDissolved");
        no.verdict()?;
        let mut due: Vec<(Place, u32, Address, u128)> = Vec::new();
        for exit in &call.exits {
            let place = (exit.datasetId, exit.segment);
            let (amount, below) = match self.part(m, exit) {
                Ok(part) => part,
                Err(reasons) => {
                    no.0.extend(reasons);
                    continue;
                }
            };
            let mut take = |index: u32, payee: Address| {
                let known = due.iter().any(|(p, i, ..)| (*p, *i) == (place, index));
                let open = amount > 0 && !m.exited.contains_key(&(place, index)) && !known;
                if open {
                    due.push((place, index, payee, amount));
                }
                open
            };
            // Only what is paid has to be shown.
            for record in &exit.records {
                no.when(u64::from(record.index) >= below, "InvalidIndex");
                no.when(self.no_account(record.payee), "InvalidAccount");
                if take(record.index, record.payee) {
                    self.against_record(place, record, below, &mut no);
                }
            }
            let known = self.registry.is_payee_column(place, exit.payees);
            no.when(!exit.accounts.is_empty() && !known, "UnknownPayeeColumn");
            for account in &exit.accounts {
                no.when(u64::from(account.index) >= below, "InvalidIndex");
                no.when(self.no_account(account.payee), "InvalidAccount");
                if take(account.index, account.payee) {
                    let points = (exit.payees, [U256::ZERO; 2]);
                    let (slots, value) =
                        (self.registry.slots(place.0), U256::from_be_slice(account.payee.as_slice()));
                    let holds = opening_holds(slots, points, account.index, U256::ZERO, value, account.proof);
                    no.when(!holds, "Invalid");
                    no.when(!on_curve(account.proof), "InvalidPoint");
                }
            }
        }
        no.when(due.is_empty(), "NothingDue");
        no.verdict()?;
        let token = m.terms.token;
        let mut payees: Vec<(Address, u128)> = Vec::new();
        for (place, index, payee, amount) in due {
            self.model_mut(id).exited.insert((place, index), amount);
            self.emit(&Exited {
                modelId: id,
                datasetId: place.0,
                payee,
                segment: U256::from(place.1),
                index: U256::from(index),
                amount: U256::from(amount),
            });
            add(&mut payees, payee, amount);
        }
        self.pay_all(token, payees);
        Ok(())
    }
}
