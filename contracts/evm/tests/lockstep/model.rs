//! What the contracts' README and the comments of `IRevenueLedger` promise, in plain Rust: no packing, no digests where
//! a value will do, and nothing taken from the Solidity. A call is refused for a set of reasons; which of them a contract
//! names is its own business.

mod epochs;
mod faults;
mod payout;
mod registry;
mod roles;
mod setup;
mod stalls;
mod views;

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::SolValue;

pub(crate) use self::{
    epochs::commitment,
    faults::Fault,
    payout::{folded, opening_challenge},
    registry::{Dataset, Registry},
    views::FINAL,
};
use crate::abi::ledger::{Policy, Terms};

/// A commitment.
pub(crate) type Point = [U256; 2];
/// Names of errors.
pub(crate) type Reasons = Vec<&'static str>;
/// A segment of a dataset.
pub(crate) type Place = (B256, u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Relation {
    Split,
    Tree,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Stage {
    #[default]
    Open,
    Closed,
    Final,
}

/// A segment's move in one attempt at an epoch.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) point: Point,
    pub(crate) records: u64,
    pub(crate) score: u128,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Epoch {
    pub(crate) stage: Stage,
    pub(crate) attempt: u32,
    pub(crate) policy: u32,
    pub(crate) attributor: Address,
    pub(crate) opened_at: u64,
    pub(crate) pool_reached_at: u64,
    pub(crate) committed_block: u64,
    pub(crate) closed_at: u64,
    pub(crate) progress_at: u64,
    pub(crate) count: u32,
    pub(crate) root: B256,
    pub(crate) total_score: u128,
    pub(crate) revenue: u128,
    pub(crate) carried: u128,
    pub(crate) pool: u128,
    pub(crate) min_pool: u128,
    /// What moved in each attempt.
    pub(crate) moved: BTreeMap<u32, BTreeMap<Place, Moved>>,
    /// Beneficiaries that were paid.
    pub(crate) withdrawn: BTreeSet<usize>,
}

/// One segment's move.
#[derive(Clone, Debug)]
pub(crate) struct Moved {
    pub(crate) column: Column,
    pub(crate) paid: u128,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Enrolment {
    pub(crate) block: u64,
    pub(crate) revision: u32,
    pub(crate) exit_revision: Option<u32>,
    pub(crate) retired_from: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Demand {
    pub(crate) epoch: u64,
    pub(crate) deadline: u64,
    pub(crate) sender: Address,
    pub(crate) bond: u128,
    pub(crate) bond_returned: bool,
}

/// An announcement that has not come into force.
#[derive(Clone, Debug)]
pub(crate) struct Announced<T> {
    pub(crate) value: T,
    pub(crate) from: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) developer: Address,
    pub(crate) terms: Terms,
    /// Version 1 is the first.
    pub(crate) policies: Vec<Policy>,
    /// What the next epoch to open takes, and what is announced.
    pub(crate) policy: u32,
    pub(crate) attributor: Address,
    pub(crate) next_policy: Option<Announced<u32>>,
    pub(crate) next_attributor: Option<Announced<Address>>,
    pub(crate) offered_developer: Address,
    /// By whom, to whom.
    pub(crate) offered_attributor: BTreeMap<Address, Address>,
    pub(crate) open_epoch: u64,
    pub(crate) final_epoch: u64,
    pub(crate) dissolved_at: u64,
    pub(crate) received: u128,
    pub(crate) unclaimed: u128,
    pub(crate) epochs: BTreeMap<u64, Epoch>,
    pub(crate) enrolments: BTreeMap<B256, Enrolment>,
    pub(crate) claimed: BTreeMap<(Place, u32), u128>,
    pub(crate) demands: BTreeMap<(Place, u32), Demand>,
    /// Keys of the demands, oldest first.
    pub(crate) demand_order: Vec<(Place, u32)>,
    /// Of which epoch an account's opening was shown in answer.
    pub(crate) answered: BTreeMap<(Place, u32), u64>,
    /// What is shared out after the end, and who took a part.
    pub(crate) estate: u128,
    pub(crate) exited: BTreeMap<(Place, u32), u128>,
}

/// A ledger, and all that it sees of the world.
#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    pub(crate) address: Address,
    pub(crate) chain_id: u64,
    pub(crate) now: u64,
    pub(crate) block: u64,
    pub(crate) max_bond: u128,
    pub(crate) tokens: BTreeMap<Address, Token>,
    pub(crate) coins: BTreeMap<Address, U256>,
    pub(crate) registry: Registry,
    /// Which proofs of which statements are valid, and what they link.
    pub(crate) proofs: BTreeMap<(Relation, Bytes, Vec<U256>), Vec<Point>>,
    pub(crate) models: BTreeMap<B256, Model>,
    pub(crate) recipients: BTreeMap<Address, Address>,
    pub(crate) credits: BTreeMap<(Address, Address), u128>,
    pub(crate) events: Vec<Event>,
    pub(crate) fault: Option<Fault>,
}

/// A token: who has how much, and who cannot be paid.
#[derive(Clone, Debug, Default)]
pub(crate) struct Token {
    pub(crate) balances: BTreeMap<Address, U256>,
    pub(crate) payers: BTreeSet<Address>,
    pub(crate) blocked: BTreeSet<Address>,
}

/// An event as the chain would log it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) topics: Vec<B256>,
    pub(crate) data: Bytes,
}

/// r, the order of the scalar field.
pub(crate) fn modulus() -> U256 {
    let digits = "30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001";
    U256::from_str_radix(digits, 16).unwrap()
}

/// What a contract stores of a commitment.
pub(crate) fn digest(point: Point) -> B256 {
    keccak256((point[0], point[1]).abi_encode())
}

/// The first 31 bytes of a hash: below the modulus.
pub(crate) fn short(hash: B256) -> U256 {
    U256::from_be_slice(&hash[..31])
}

/// Collects reasons.
#[derive(Default)]
pub(crate) struct Against(pub(crate) Reasons);

impl Against {
    pub(crate) fn when(&mut self, holds: bool, reason: &'static str) {
        if holds {
            self.0.push(reason);
        }
    }

    pub(crate) fn verdict(&mut self) -> Result<(), Reasons> {
        if self.0.is_empty() { Ok(()) } else { Err(std::mem::take(&mut self.0)) }
    }
}

impl Ledger {
    pub(crate) fn is(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    pub(crate) fn model(&self, id: B256) -> Result<&Model, Reasons> {
        self.models.get(&id).ok_or_else(|| vec!["UnknownModel"])
    }

    /// A model that exists: its caller looked before.
    pub(crate) fn model_mut(&mut self, id: B256) -> &mut Model {
        self.models.get_mut(&id).unwrap()
    }

    pub(crate) fn emit<E: alloy_sol_types::SolEvent>(&mut self, event: &E) {
        let log = event.encode_log_data();
        self.events.push(Event { topics: log.topics().to_vec(), data: log.data.clone() });
    }

    /// Moves tokens; whoever calls knows that they are there.
    pub(crate) fn transfer(&mut self, token: Address, from: Address, to: Address, amount: u128) {
        let balances = &mut self.tokens.get_mut(&token).unwrap().balances;
        *balances.entry(from).or_default() -= U256::from(amount);
        *balances.entry(to).or_default() += U256::from(amount);
    }

    /// Everything that the ledger owes in a token.
    pub(crate) fn owed_in(&self, token: Address) -> u128 {
        let models = self.models.values().filter(|m| m.terms.token == token).map(Model::owed).sum::<u128>();
        let credits = self.credits.iter().filter(|((of, _), _)| *of == token);
        models + credits.map(|(_, amount)| *amount).sum::<u128>()
    }
}

impl Model {
    pub(crate) fn open(&self) -> Epoch {
        self.epochs.get(&self.open_epoch).cloned().unwrap_or_default()
    }

    /// The epoch that waits for its proofs.
    pub(crate) fn closed(&self) -> Option<(u64, &Epoch)> {
        let number = self.open_epoch.checked_sub(1)?;
        self.epochs.get(&number).filter(|e| e.stage == Stage::Closed).map(|e| (number, e))
    }

    pub(crate) fn last_final(&self) -> Option<&Epoch> {
        self.epochs.get(&self.final_epoch)
    }

    /// The column that a segment's next move starts from: that of its last final move.
    pub(crate) fn balance(&self, place: Place) -> Option<(u64, &Column)> {
        let finals = self.epochs.iter().rev().filter(|(_, e)| e.stage == Stage::Final);
        finals.filter_map(|(number, e)| Some((*number, &e.moved.get(&e.attempt)?.get(&place)?.column))).next()
    }

    /// Unclaimed balances, shares, open pools, and what is left of the estate.
    pub(crate) fn owed(&self) -> u128 {
        let mut sum = self.unclaimed;
        for e in self.epochs.values() {
            match e.stage {
                Stage::Final => {
                    let shares = self.shares(e);
                    let open = shares.iter().enumerate().filter(|(i, _)| !e.withdrawn.contains(i));
                    sum += open.map(|(_, share)| *share).sum::<u128>();
                }
                // Of a dissolved model, what was not final is in the estate.
                _ if self.dissolved_at != 0 => {}
                _ => sum += e.revenue + e.carried,
            }
        }
        sum + self.estate - self.exited.values().sum::<u128>()
    }

    /// What of the revenue is the contributors' at least: the pool takes the others' floors on top, and dust.
    pub(crate) fn contributors_part(&self, e: &Epoch) -> u128 {
        let bps = self.policies[e.policy as usize - 1].contributorsBps;
        (U256::from(e.revenue) * U256::from(bps) / U256::from(10_000)).to()
    }

    /// floor(revenue * bps / 10,000) of every beneficiary (V6).
    pub(crate) fn shares(&self, e: &Epoch) -> Vec<u128> {
        let Some(policy) = (e.policy as usize).checked_sub(1).and_then(|i| self.policies.get(i)) else {
            return vec![];
        };
        let share = |bps: u16| (U256::from(e.revenue) * U256::from(bps) / U256::from(10_000)).to::<u128>();
        policy.beneficiaries.iter().map(|b| share(b.bps)).collect()
    }

    /// What contributors get of an epoch as it is.
    pub(crate) fn pool_of(&self, e: &Epoch) -> u128 {
        e.revenue + e.carried - self.shares(e).iter().sum::<u128>()
    }
}

impl Epoch {
    /// What moved in the current attempt.
    pub(crate) fn moves(&self) -> BTreeMap<Place, Moved> {
        self.moved.get(&self.attempt).cloned().unwrap_or_default()
    }

    pub(crate) fn paid(&self) -> u128 {
        self.moves().values().map(|m| m.paid).sum()
    }

    pub(crate) fn score_sum(&self) -> u128 {
        self.moves().values().map(|m| m.column.score).sum()
    }

    pub(crate) fn records(&self) -> u64 {
        self.moves().values().map(|m| m.column.records).sum()
    }
}
