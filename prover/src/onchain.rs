//! A ledger's life on a chain in process: every transaction is made of files, as `export calldata` and `send` make it, sent
//! by whoever sends it in real life, and costs what it costs on a chain. For the demonstration and for tests.

use std::path::{Path, PathBuf};

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolCall;
use apportion_chain::{
    Call, ChainError,
    abi::{self, IRevenueLedger, address},
    calls::{self, Terms},
    reason,
};
use apportion_circuits::types::{Payee, Tier};
use apportion_evm::{
    Deployment,
    deployment::{DeployError, deploy},
    evm::{End, Evm, EvmError, Outcome},
};
use apportion_statement::{
    files::{EpochDoc, ReceiptDoc, RecordReceiptDoc},
    policy::Policy,
};
use apportion_suite::{Bn254, params::ParamsCache};

use crate::{
    actions::{
        dataset::{self, NewDataset, Wanted},
        enroll::enroll,
        epoch,
        init::{NewLedger, init},
        receipt::{self, RecordName, Whose},
        scores::{self, DatasetFile, Posted},
    },
    dataset_dir::OwnDataset,
    error::Error,
    input::RecordsFile,
    ledger::Ledger,
    progress::Silent,
    setup::Choice,
};

/// Why a step was not done.
#[derive(Debug, thiserror::Error)]
pub enum OnChainError {
    /// What the files refuse.
    #[error(transparent)]
    Files(#[from] Error),
    /// What cannot be made into a transaction.
    #[error(transparent)]
    Call(#[from] ChainError),
    /// A contract that could not be created.
    #[error(transparent)]
    Deploy(#[from] DeployError),
    /// Not a transaction at all.
    #[error(transparent)]
    Transaction(#[from] EvmError),
    /// What a contract refused.
    #[error("{what}: the contract refuses: {}", reason(&outcome.output))]
    Refused {
        /// Which transaction.
        what: String,
        /// How it ended.
        outcome: Box<Outcome>,
    },
}

impl OnChainError {
    /// The selector of the contract's error.
    pub fn selector(&self) -> Option<[u8; 4]> {
        match self {
            Self::Refused { outcome, .. } if outcome.end == End::Revert => {
                outcome.output.get(..4)?.try_into().ok()
            }
            _ => None,
        }
    }
}

/// Who sends what.
#[derive(Clone, Copy, Debug)]
pub struct Roles {
    /// Registers datasets and proves their payees.
    pub owner: Payee,
    /// Creates the model, enrolls, closes.
    pub developer: Payee,
    /// Commits scores.
    pub attributor: Payee,
    /// Pays, and does whatever anybody may do.
    pub customer: Payee,
}

impl Default for Roles {
    fn default() -> Self {
        let account = |byte: u8| Payee([byte; 20]);
        Self {
            owner: account(0x0e),
            developer: account(0xde),
            attributor: account(0xa7),
            customer: account(0xc5),
        }
    }
}

/// A transaction that was accepted.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it did.
    pub what: String,
    /// What it cost.
    pub gas: u64,
}

/// Terms of a model that a demonstration can wait for: windows of an hour or a few.
pub fn short_terms(attributor: Payee, token: Payee) -> Terms {
    let hour = 3_600;
    Terms {
        attributor,
        token,
        min_contributors_bps: 1_000,
        min_pool: 1,
        open_window: hour,
        settle_window: hour,
        notice_window: hour,
        demand_window: hour,
        exit_window: 4 * hour,
        demand_bond: 1_000,
    }
}

/// One model's files, and the chain on which it is bound.
pub struct OnChain<'a> {
    /// The chain.
    pub evm: Evm,
    /// The contracts.
    pub at: Deployment,
    /// The token.
    pub token: Payee,
    /// Who sends what.
    pub roles: Roles,
    /// Where the files are: `ledger/`, `dataset/`, `scores-1/`, ..
    pub dir: PathBuf,
    /// What was done.
    pub steps: Vec<Step>,
    cache: &'a ParamsCache,
    choice: Choice<'a>,
}

impl<'a> OnChain<'a> {
    /// Over contracts that are deployed.
    pub fn new(
        evm: Evm,
        at: Deployment,
        token: Address,
        dir: &Path,
        cache: &'a ParamsCache,
        choice: Choice<'a>,
    ) -> Self {
        let (dir, steps) = (dir.to_owned(), Vec::new());
        let mut life =
            Self { evm, at, token: abi::payee(token), roles: Roles::default(), dir, steps, cache, choice };
        for account in [life.roles.owner, life.roles.developer, life.roles.attributor, life.roles.customer] {
            life.evm.set_coins(address(account), U256::from(1_000_000_000_000_000_000u128));
        }
        life
    }

    /// Over contracts of the development setup, deployed on an empty chain with a token that anyone can mint.
    ///
    /// # Errors
    /// If a contract cannot be created.
    pub fn dev(chain_id: u64, dir: &Path, cache: &'a ParamsCache) -> Result<Self, OnChainError> {
        let (evm, at, token) = dev_contracts(chain_id)?;
        Ok(Self::new(evm, at, token, dir, cache, Choice::InsecureDev))
    }

    /// Sends a transaction that must be accepted.
    ///
    /// # Errors
    /// If it is not.
    pub fn send(&mut self, from: Payee, call: &Call) -> Result<Outcome, OnChainError> {
        let outcome = self.evm.pay(address(from), address(call.to), &call.data, call.value)?;
        if !outcome.is_success() {
            return Err(OnChainError::Refused { what: call.what.clone(), outcome: Box::new(outcome) });
        }
        self.steps.push(Step { what: call.what.clone(), gas: outcome.gas });
        Ok(outcome)
    }

    /// Asks a contract's getter.
    ///
    /// # Errors
    /// If it refuses or answers something else.
    pub fn ask<C: SolCall>(&mut self, to: Payee, call: &C) -> Result<C::Return, OnChainError> {
        let outcome = self.evm.call(Address::ZERO, address(to), &call.abi_encode())?;
        let refused =
            |outcome| OnChainError::Refused { what: C::SIGNATURE.into(), outcome: Box::new(outcome) };
        if !outcome.is_success() {
            return Err(refused(outcome));
        }
        C::abi_decode_returns(&outcome.output).map_err(|_| refused(outcome))
    }

    /// How many tokens an account has.
    ///
    /// # Errors
    /// Never, with a token that answers.
    pub fn tokens(&mut self, account: Payee) -> Result<u128, OnChainError> {
        let balance = self.ask(self.token, &abi::IToken::balanceOfCall { account: address(account) })?;
        Ok(balance.saturating_to())
    }

    /// The ledger contract.
    pub fn ledger(&self) -> Payee {
        abi::payee(self.at.ledger)
    }

    /// The registry contract.
    pub fn registry(&self) -> Payee {
        abi::payee(self.at.registry)
    }

    /// The ledger's directory.
    pub fn ledger_dir(&self) -> PathBuf {
        self.dir.join("ledger")
    }

    /// The ledger's files, to read.
    ///
    /// # Errors
    /// If there are none.
    pub fn files(&self) -> Result<Ledger, OnChainError> {
        Ok(Ledger::read(&self.ledger_dir())?)
    }

    /// The model's id.
    ///
    /// # Errors
    /// If there is no ledger yet.
    pub fn model(&self) -> Result<B256, OnChainError> {
        Ok(abi::bytes32(self.files()?.bundle.ledger.model_id))
    }

    // ---------------------------------------------------------------------------------------------- owner

    /// Commits a dataset in `dir/<name>`, registers it and proves its payees.
    ///
    /// # Errors
    /// If files or contract refuse.
    pub fn register(
        &mut self,
        name: &str,
        records: RecordsFile,
        tier: Tier,
    ) -> Result<PathBuf, OnChainError> {
        let dir = self.dir.join(name);
        let new = NewDataset {
            records: records.records,
            recipients: records.recipients,
            chain_id: self.evm.chain_id(),
            registry: abi::payee(self.at.registry),
            owner: self.roles.owner,
            uri: format!("https://example.org/{name}"),
        };
        dataset::commit::<Bn254>(new, tier, None, self.cache, self.choice, &dir)?;
        let bundle = OwnDataset::open(&dir)?.bundle;
        self.send(self.roles.owner, &calls::register(&bundle)?)?;
        self.prove_payees(&dir)?;
        Ok(dir)
    }

    /// Appends records to a dataset and proves the payees of what changed.
    ///
    /// # Errors
    /// If files or contract refuse.
    pub fn extend(&mut self, dir: &Path, records: RecordsFile) -> Result<(), OnChainError> {
        dataset::extend::<Bn254>(&OwnDataset::open(dir)?, records, false)?;
        let bundle = OwnDataset::open(dir)?.bundle;
        self.send(self.roles.owner, &calls::extend(&bundle, bundle.newest().revision)?)?;
        self.prove_payees(dir)
    }

    /// Proves the payee columns of the newest revision.
    ///
    /// # Errors
    /// If files or contract refuse.
    pub fn prove_payees(&mut self, dir: &Path) -> Result<(), OnChainError> {
        dataset::prove::<Bn254>(&OwnDataset::open(dir)?, self.cache, &Silent)?;
        self.send_payees(dir)
    }

    /// Shows the contract the payee columns of the newest revision, which are proven.
    ///
    /// # Errors
    /// If files or contract refuse.
    pub fn send_payees(&mut self, dir: &Path) -> Result<(), OnChainError> {
        let bundle = OwnDataset::open(dir)?.bundle;
        for call in calls::prove_payees(&bundle, bundle.newest().revision, calls::PROOFS_A_CALL)? {
            self.send(self.roles.owner, &call)?;
        }
        Ok(())
    }

    // ---------------------------------------------------------------------------------------------- developer

    /// Makes the ledger's files, bound to the contract, and creates the model.
    ///
    /// # Errors
    /// If files or contract refuse.
    pub fn create_model(&mut self, name: &str, policy: Policy, terms: &Terms) -> Result<(), OnChainError> {
        let new = NewLedger {
            model: name.into(),
            policy: policy.clone(),
            chain_id: self.evm.chain_id(),
            contract: self.ledger(),
            developer: self.roles.developer,
        };
        let (doc, _) = init::<Bn254>(&self.ledger_dir(), new, None, self.cache, self.choice)?;
        self.send(self.roles.developer, &calls::create_model(&doc, &policy, terms)?)?;
        Ok(())
    }

    /// Enrolls a dataset, or its newest revision.
    ///
    /// # Errors
    /// If files or contract refuse.
    pub fn enroll(&mut self, dir: &Path) -> Result<(), OnChainError> {
        self.enroll_now(dir)?;
        // Scores are posted in a later block than that of the enrolment.
        self.evm.advance(12);
        Ok(())
    }

    /// The same, and no block passes.
    ///
    /// # Errors
    /// If files or contract refuse.
    pub fn enroll_now(&mut self, dir: &Path) -> Result<(), OnChainError> {
        let ledger = Ledger::open(&self.ledger_dir())?;
        enroll::<Bn254>(&ledger, &OwnDataset::read(dir)?, false, self.cache, &Silent)?;
        self.enrolment(dir)
    }

    /// Tells the contract of a dataset that is enrolled in the files; with the first one the first epoch opens.
    ///
    /// # Errors
    /// If files or contract refuse.
    pub fn send_enrolment(&mut self, dir: &Path) -> Result<(), OnChainError> {
        self.enrolment(dir)?;
        self.evm.advance(12);
        Ok(())
    }

    fn enrolment(&mut self, dir: &Path) -> Result<(), OnChainError> {
        let bundle = OwnDataset::read(dir)?.bundle;
        let files = self.files()?;
        let id = bundle.doc.dataset_id;
        let number = files.history.dataset_of(id).ok_or_else(|| ChainError::refused("it is not enrolled"))?;
        let call = calls::enroll(&files.bundle.ledger, id, number, bundle.newest().revision)?;
        self.send(self.roles.developer, &call)?;
        let (to, model) = (self.ledger(), abi::bytes32(files.bundle.ledger.model_id));
        if self.ask(to, &IRevenueLedger::getModelCall { modelId: model })?.openEpoch == 0 {
            self.send(self.roles.developer, &calls::open(&files.bundle.ledger)?)?;
        }
        Ok(())
    }

    /// The customer pays for the open epoch, under the terms that it has.
    ///
    /// # Errors
    /// If the contract refuses.
    pub fn deposit(&mut self, number: u32, amount: u128) -> Result<(), OnChainError> {
        let (customer, ledger) = (self.roles.customer, self.files()?.bundle.ledger);
        let mint = mintCall { to: address(customer), amount: U256::from(amount) };
        self.evm.send(address(customer), address(self.token), &mint.abi_encode())?;
        let (policy, attributor) = self.terms_of(number)?;
        for call in calls::deposit(&ledger, self.token, number, amount, policy, attributor)? {
            self.send(customer, &call)?;
        }
        Ok(())
    }

    /// Policy and attributor of the epoch that takes deposits.
    fn terms_of(&mut self, number: u32) -> Result<(u32, Payee), OnChainError> {
        let (ledger, model) = (self.ledger(), self.model()?);
        let epoch = IRevenueLedger::getEpochCall { modelId: model, epoch: U256::from(number) };
        let view = self.ask(ledger, &epoch)?;
        Ok((view.policy, abi::payee(view.attributor)))
    }

    /// Commits scores of the open epoch, or of the closed one after a stall.
    ///
    /// # Errors
    /// If files or contract refuse.
    pub fn commit_scores(
        &mut self,
        number: u32,
        files: &[DatasetFile],
        zero: &[u32],
    ) -> Result<Posted, OnChainError> {
        let ledger = self.files()?;
        let out = self.scores_dir(number);
        let (seed, _) = scores::seed_at(&self.dir.join("attributor.seed"))?;
        let read = scores::read_all(&ledger.bundle, number, files, zero, |_| None)?;
        let doc = scores::commit::<Bn254>(&ledger.bundle, number, &read, &seed, self.cache, &out, &Silent)?;
        self.send(self.roles.attributor, &calls::commit_scores(&ledger.bundle, &doc)?)?;
        Ok(Posted::read(&out, &ledger, number)?)
    }

    fn scores_dir(&self, number: u32) -> PathBuf {
        let free = (1..).map(|attempt| self.dir.join(format!("scores-{number}-{attempt}")));
        free.into_iter().find(|dir| !dir.exists()).unwrap_or_default()
    }

    /// Closes an epoch with these scores.
    ///
    /// # Errors
    /// If the contract refuses.
    pub fn close(&mut self, posted: &Posted) -> Result<(), OnChainError> {
        let call = calls::close_epoch(&self.files()?.bundle.ledger, &posted.doc)?;
        self.send(self.roles.developer, &call)?;
        Ok(())
    }

    /// Proves an epoch in the files.
    ///
    /// # Errors
    /// If they refuse.
    pub fn prove(&mut self, number: u32, posted: &Posted, revenue: u128) -> Result<EpochDoc, OnChainError> {
        let ledger = Ledger::open(&self.ledger_dir())?;
        Ok(epoch::prove::<Bn254>(&ledger, number, posted, revenue, self.cache, &Silent)?)
    }

    /// Settles a proven epoch, so many segments in a transaction. Anyone can.
    ///
    /// # Errors
    /// If the contract refuses.
    pub fn settle(&mut self, number: u32, most: usize) -> Result<(), OnChainError> {
        for call in calls::settle(&self.files()?.bundle, number, most)? {
            self.send(self.roles.customer, &call)?;
        }
        Ok(())
    }

    /// An epoch from deposit to the last move.
    ///
    /// # Errors
    /// If files or contract refuse.
    pub fn epoch(&mut self, number: u32, scores: &[DatasetFile], revenue: u128) -> Result<(), OnChainError> {
        self.deposit(number, revenue)?;
        let posted = self.commit_scores(number, scores, &[])?;
        self.close(&posted)?;
        self.prove(number, &posted, revenue)?;
        self.settle(number, calls::PROOFS_A_CALL)
    }

    // ---------------------------------------------------------------------------------------------- contributors

    /// A receipt, as the developer hands it out.
    ///
    /// # Errors
    /// If there is nothing to show.
    pub fn receipt(&self, whose: Whose, epoch: Option<u32>) -> Result<ReceiptDoc, OnChainError> {
        Ok(receipt::receipt::<Bn254>(&self.files()?, whose, epoch, self.cache)?)
    }

    /// A record's receipt.
    ///
    /// # Errors
    /// As [`Self::receipt`].
    pub fn record_receipt(&self, dataset: u32, record: u64) -> Result<ReceiptDoc, OnChainError> {
        self.receipt(Whose::Record(RecordName { dataset, record }), None)
    }

    /// The path of a record to its registered root, as the owner hands it out.
    ///
    /// # Errors
    /// If there is no such record.
    pub fn record_path(&self, dir: &Path, record: u64) -> Result<RecordReceiptDoc, OnChainError> {
        Ok(dataset::receipt::<Bn254>(&OwnDataset::read(dir)?, Wanted::Record(record as usize))?)
    }

    /// Claims receipts in one transaction, sent by somebody who has nothing to do with them.
    ///
    /// # Errors
    /// If the contract refuses, or the receipts need several transactions.
    pub fn claim(&mut self, receipts: &[ReceiptDoc]) -> Result<Outcome, OnChainError> {
        let calls = calls::claim(receipts, usize::MAX)?;
        let [call] = calls.as_slice() else {
            return Err(ChainError::refused("nothing to claim").into());
        };
        self.send(self.roles.customer, call)
    }
}

alloy_sol_types::sol! {
    function mint(address to, uint256 amount) external;
}

/// Contracts of the development setup on an empty chain, and a token that anyone can mint.
///
/// # Errors
/// If one cannot be created.
pub fn dev_contracts(chain_id: u64) -> Result<(Evm, Deployment, Address), DeployError> {
    /// The most that a demand may cost.
    const MAX_BOND: u128 = 1_000_000_000_000_000;
    let mut evm = Evm::new(chain_id);
    let from = address(Roles::default().developer);
    let at = Deployment::new(&mut evm, from, &apportion_evm::Verifiers::dev()?, MAX_BOND)?;
    let token = deploy(&mut evm, from, &apportion_evm::artifact::test_token()?, &[])?;
    Ok((evm, at, token))
}
