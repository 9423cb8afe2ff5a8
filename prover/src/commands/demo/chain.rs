//! The demo's chain: an EVM in process with the contracts as they are deployed, on which every step of the story is a
//! transaction, made of files as `export calldata` makes it.

use std::path::Path;

use alloy_primitives::U256;
use apportion::{
    Error,
    actions::{receipt::total, scores::Posted},
    dataset_dir::OwnDataset,
    ledger::Ledger,
    onchain::{OnChain, OnChainError, Step, short_terms},
};
use apportion_chain::{Call, ChainError, abi::address, calls, reason};
use apportion_circuits::types::Payee;
use apportion_statement::{files::ReceiptDoc, policy::Policy};
use apportion_suite::params::ParamsCache;
use serde::Serialize;

use super::super::counted;

/// What a demand costs whoever makes it, until it is answered: 1,000 wei.
const BOND: u128 = 1_000;
/// How many payees are paid in one transaction.
const PAYEES: usize = 5;

pub(super) struct Chain<'a>(OnChain<'a>);

/// How it went on the chain.
#[derive(Serialize)]
pub(super) struct Paid {
    pub(super) payees: usize,
    pub(super) tokens: u128,
    pub(super) demand_answered: bool,
    /// The contract's error.
    pub(super) forged_receipt_refused: Option<String>,
    pub(super) gas: Vec<Gas>,
}

/// What a kind of transaction cost.
#[derive(Serialize)]
pub(super) struct Gas {
    what: String,
    times: usize,
    /// The most that one of them took.
    gas: u64,
}

fn error(error: OnChainError) -> Error {
    match error {
        OnChainError::Files(error) => error,
        other => Error::Claim(format!("the demonstration's chain: {other}")),
    }
}

impl<'a> Chain<'a> {
    pub(super) fn new(dir: &Path, cache: &'a ParamsCache) -> Result<Self, Error> {
        /// As local nodes call themselves.
        const CHAIN_ID: u64 = 31_337;
        Ok(Self(OnChain::dev(CHAIN_ID, dir, cache).map_err(error)?))
    }

    pub(super) fn id(&self) -> u64 {
        self.0.evm.chain_id()
    }

    pub(super) fn registry(&self) -> Payee {
        self.0.registry()
    }

    pub(super) fn contract(&self) -> Payee {
        self.0.ledger()
    }

    pub(super) fn owner(&self) -> Payee {
        self.0.roles.owner
    }

    pub(super) fn developer(&self) -> Payee {
        self.0.roles.developer
    }

    fn send(&mut self, from: Payee, call: Result<Call, ChainError>) -> Result<(), Error> {
        let sent = call.map_err(OnChainError::from).and_then(|call| self.0.send(from, &call));
        sent.map(|_| ()).map_err(error)
    }

    /// The dataset's first revision, or its newest, with the proofs of what changed.
    pub(super) fn dataset(&mut self, dir: &Path) -> Result<(), Error> {
        let bundle = OwnDataset::read(dir)?.bundle;
        let owner = self.owner();
        match bundle.newest().revision {
            0 => self.send(owner, calls::register(&bundle))?,
            revision => self.send(owner, calls::extend(&bundle, revision))?,
        }
        self.0.send_payees(dir).map_err(error)
    }

    pub(super) fn model(&mut self, ledger: &Ledger, policy: &Policy) -> Result<(), Error> {
        let terms = short_terms(self.0.roles.attributor, self.0.token);
        self.send(self.developer(), calls::create_model(&ledger.bundle.ledger, policy, &terms))
    }

    pub(super) fn enrolled(&mut self, dataset: &Path) -> Result<(), Error> {
        self.0.send_enrolment(dataset).map_err(error)
    }

    pub(super) fn deposit(&mut self, epoch: u32, amount: u128) -> Result<(), Error> {
        self.0.deposit(epoch, amount).map_err(error)
    }

    pub(super) fn scores(&mut self, posted: &Posted) -> Result<(), Error> {
        let bundle = self.0.files().map_err(error)?.bundle;
        self.send(self.0.roles.attributor, calls::commit_scores(&bundle, &posted.doc))?;
        self.0.close(posted).map_err(error)
    }

    pub(super) fn settle(&mut self, epoch: u32) -> Result<(), Error> {
        self.0.settle(epoch, calls::PROOFS_A_CALL).map_err(error)
    }

    /// A forged receipt is refused, several payees are paid at once, and one whom nobody hands a receipt demands it.
    pub(super) fn pay(
        &mut self,
        dataset: &Path,
        forged: &ReceiptDoc,
        say: &dyn Fn(&str),
    ) -> Result<Paid, Error> {
        say("CHAIN      (an EVM in process; every step above was a transaction, too)");
        let refused = match self.0.claim(std::slice::from_ref(forged)) {
            Err(OnChainError::Refused { outcome, .. }) => Some(reason(&outcome.output)),
            Err(other) => return Err(error(other)),
            Ok(_) => None,
        };
        let named = refused.as_deref().unwrap_or("nothing");
        say(&format!("           the receipt with one unit more is refused: {named}"));

        let records = 1..=PAYEES as u64;
        let receipts: Vec<_> = records
            .map(|record| self.0.record_receipt(0, record))
            .collect::<Result<_, _>>()
            .map_err(error)?;
        let due: u128 = receipts.iter().map(total).sum();
        let sent = self.0.claim(&receipts).map_err(error)?;
        let mut tokens = 0;
        for receipt in &receipts {
            tokens += self.0.tokens(receipt.payee).map_err(error)?;
        }
        if tokens != due {
            return Err(Error::Claim(format!("{due} are due, {tokens} were paid")));
        }
        say(&format!(
            "           {} get {tokens} in one transaction that a stranger sends, for {} gas each",
            counted(PAYEES, "payee"),
            sent.gas / PAYEES as u64
        ));

        let record = PAYEES as u64 + 1;
        let path = self.0.record_path(dataset, record).map_err(error)?;
        let ledger = self.0.files().map_err(error)?.bundle.ledger;
        let receipt = self.0.record_receipt(0, record).map_err(error)?;
        let payee = receipt.payee;
        self.0.evm.set_coins(address(payee), U256::from(BOND));
        self.send(payee, calls::demand(&ledger, &path, BOND))?;
        for call in calls::answer(&[receipt], 1).map_err(OnChainError::from).map_err(error)? {
            self.send(self.developer(), Ok(call))?;
        }
        let paid = self.0.tokens(payee).map_err(error)?;
        say(&format!(
            "           one more demands a receipt; the developer answers on the chain, and {paid} are paid\n"
        ));
        let gas = gas(&self.0.steps);
        say("           gas, at most, of");
        for step in &gas {
            say(&format!("           {:>9}  {} ({}x)", step.gas, step.what, step.times));
        }
        say("");
        Ok(Paid { payees: PAYEES, tokens, demand_answered: paid > 0, forged_receipt_refused: refused, gas })
    }
}

/// By kind, in the order of the first of each: what differs between two of a kind are numbers.
fn gas(steps: &[Step]) -> Vec<Gas> {
    let mut found: Vec<Gas> = Vec::new();
    for step in steps {
        let what: String =
            step.what.split(|c: char| c.is_ascii_digit()).next().unwrap_or_default().trim().into();
        match found.iter_mut().find(|gas| gas.what == what) {
            Some(gas) => (gas.times, gas.gas) = (gas.times + 1, gas.gas.max(step.gas)),
            None => found.push(Gas { what, times: 1, gas: step.gas }),
        }
    }
    found
}
