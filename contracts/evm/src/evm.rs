//! An Ethereum chain in process: current mainnet rules (Osaka), no network, no fees, nothing persisted.

use std::collections::BTreeMap;

pub use revm::primitives::{Address, B256, Bytes, Log, U256};
use revm::{
    Context, ExecuteCommitEvm, ExecuteEvm, InspectEvm, MainBuilder, MainContext,
    bytecode::Bytecode,
    context::{
        BlockEnv, TxEnv,
        result::{ExecutionResult, Output},
    },
    database::{DbAccount, InMemoryDB},
    database_interface::Database,
    primitives::{TxKind, hardfork::SpecId},
    state::AccountInfo,
};

use apportion_chain::{
    abi::address,
    creation::{self, PROXY_CODE, calldata, created_at},
};

use self::profile::Meter;
pub use self::profile::{Item, Profile};

mod profile;
mod read;

/// Gas that one transaction may use: EIP-7825.
pub const TRANSACTION_GAS: u64 = 16_777_216;
/// Bytes of code that a contract may have: EIP-170.
pub const MAX_CODE: usize = 24_576;

/// Where the deterministic deployment proxy is.
pub const PROXY: Address = Address::new(creation::PROXY.0);

/// A transaction that could not be run at all, or a contract that could not be created.
#[derive(Debug, thiserror::Error)]
pub enum EvmError {
    /// The transaction is not valid: too little gas for its data, for example.
    #[error("not a valid transaction: {0}")]
    Transaction(String),
    /// A constructor reverted, or the code is not allowed.
    #[error("the contract was not created: {0:?}")]
    Create(Outcome),
}

/// How a transaction ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Returned, reverted or burnt.
    pub end: End,
    /// What was returned, or the revert data.
    pub output: Bytes,
    /// Gas used in all, the transaction's base and data included.
    pub gas: u64,
    /// Events, where it returned.
    pub logs: Vec<Log>,
}

/// The three ways in which a transaction ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// Returned.
    Success,
    /// Reverted; the rest of the gas was kept.
    Revert,
    /// Burnt all of its gas, for this reason.
    Halt(String),
}

impl Outcome {
    /// Whether it returned.
    pub fn is_success(&self) -> bool {
        self.end == End::Success
    }
}

/// A chain.
#[derive(Clone, Debug)]
pub struct Evm {
    db: InMemoryDB,
    chain_id: u64,
    block: u64,
    time: u64,
    /// Every event, with its block.
    logs: Vec<(u64, Log)>,
}

impl Default for Evm {
    fn default() -> Self {
        Self::new(1)
    }
}

impl Evm {
    /// A chain with nothing on it but the deterministic deployment proxy.
    pub fn new(chain_id: u64) -> Self {
        let mut evm =
            Self { db: InMemoryDB::default(), chain_id, block: 1, time: 1_800_000_000, logs: Vec::new() };
        evm.replace_code(PROXY, &PROXY_CODE);
        evm
    }

    /// The time of the next transactions.
    pub fn time(&self) -> u64 {
        self.time
    }

    /// The number of the block that the next transactions are in.
    pub fn block(&self) -> u64 {
        self.block
    }

    /// The chain's id.
    pub fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// The same state on a chain with another id: what a fork would be.
    pub fn forked(&self, chain_id: u64) -> Self {
        Self { chain_id, ..self.clone() }
    }

    /// What an account has of the chain's coin.
    pub fn coins(&mut self, account: Address) -> U256 {
        // A database in memory does not fail.
        self.db.basic(account).ok().flatten().unwrap_or_default().balance
    }

    /// Gives an account so much of the chain's coin, whatever it had.
    pub fn set_coins(&mut self, account: Address, coins: U256) {
        let mut info = self.db.basic(account).ok().flatten().unwrap_or_default();
        info.balance = coins;
        self.db.insert_account_info(account, info);
    }

    /// Lets time pass, and a block.
    pub fn advance(&mut self, seconds: u64) {
        self.time += seconds;
        self.block += 1;
    }

    /// Every event so far, oldest first, with its block.
    pub fn logs(&self) -> &[(u64, Log)] {
        &self.logs
    }

    /// Creates a contract through the deployment proxy, constructor arguments appended to its creation code: where it lies
    /// follows from them. One that is there already is not created again.
    ///
    /// # Errors
    /// If the constructor does not return, or its code is too large.
    pub fn create(&mut self, from: Address, creation: &[u8]) -> Result<Address, EvmError> {
        let at = address(created_at(creation));
        if self.code(at).is_empty() {
            let outcome = self.send(from, PROXY, &calldata(creation))?;
            if !outcome.is_success() {
                return Err(EvmError::Create(outcome));
            }
        }
        Ok(at)
    }

    /// Creates a contract from its creation code, constructor arguments appended. Also returns the gas used.
    ///
    /// # Errors
    /// If the constructor does not return, or its code is too large.
    pub fn deploy(&mut self, from: Address, code: &[u8]) -> Result<(Address, u64), EvmError> {
        let tx = self.transaction(from, TxKind::Create, code, TRANSACTION_GAS);
        let (outcome, created) = self.run(tx, true)?;
        match created {
            Some(address) if outcome.is_success() => Ok((address, outcome.gas)),
            _ => Err(EvmError::Create(outcome)),
        }
    }

    /// Sends a transaction with as much gas as is allowed; its effects stay.
    ///
    /// # Errors
    /// If it is not valid.
    pub fn send(&mut self, from: Address, to: Address, data: &[u8]) -> Result<Outcome, EvmError> {
        self.send_with_gas(from, to, data, TRANSACTION_GAS)
    }

    /// As [`Self::send`], with a gas limit.
    ///
    /// # Errors
    /// If it is not valid.
    pub fn send_with_gas(
        &mut self,
        from: Address,
        to: Address,
        data: &[u8],
        gas: u64,
    ) -> Result<Outcome, EvmError> {
        let tx = self.transaction(from, TxKind::Call(to), data, gas);
        Ok(self.run(tx, true)?.0)
    }

    /// Sends a transaction with coins; its effects stay.
    ///
    /// # Errors
    /// If it is not valid: the sender has less, for example.
    pub fn pay(&mut self, from: Address, to: Address, data: &[u8], coins: u128) -> Result<Outcome, EvmError> {
        let mut tx = self.transaction(from, TxKind::Call(to), data, TRANSACTION_GAS);
        tx.value = U256::from(coins);
        Ok(self.run(tx, true)?.0)
    }

    /// Runs a transaction and forgets its effects.
    ///
    /// # Errors
    /// If it is not valid.
    pub fn call(&mut self, from: Address, to: Address, data: &[u8]) -> Result<Outcome, EvmError> {
        let tx = self.transaction(from, TxKind::Call(to), data, TRANSACTION_GAS);
        Ok(self.run(tx, false)?.0)
    }

    /// Runs a transaction, forgets its effects and says where its gas went. `steps` are names with the code offsets at
    /// which they begin.
    ///
    /// # Errors
    /// If it is not valid.
    pub fn profile(
        &mut self,
        to: Address,
        data: &[u8],
        steps: &[(String, usize)],
    ) -> Result<(Outcome, Profile), EvmError> {
        let tx = self.transaction(Address::ZERO, TxKind::Call(to), data, TRANSACTION_GAS);
        let mut meter = Meter::new(steps);
        let block = self.block_env();
        let chain_id = self.chain_id;
        let mut evm = Context::mainnet()
            .with_db(&mut self.db)
            .with_block(block)
            .modify_cfg_chained(|cfg| configure(cfg, chain_id))
            .build_mainnet_with_inspector(&mut meter);
        let result = evm.inspect_tx(tx).map_err(|error| EvmError::Transaction(error.to_string()))?.result;
        drop(evm);
        let outcome = outcome(result).0;
        let profile = meter.finish(outcome.gas);
        Ok((outcome, profile))
    }

    /// A contract's code.
    pub fn code(&mut self, address: Address) -> Bytes {
        // A database in memory does not fail.
        let account = self.db.basic(address).ok().flatten().unwrap_or_default();
        account.code.map(|code| code.original_bytes()).unwrap_or_default()
    }

    /// Every storage slot of every contract that is not zero: what a transaction that was refused must not change.
    pub fn storage(&self) -> BTreeMap<Address, BTreeMap<U256, U256>> {
        let slots = |account: &DbAccount| -> BTreeMap<U256, U256> {
            account
                .storage
                .iter()
                .map(|(slot, value)| (*slot, *value))
                .filter(|(_, v)| !v.is_zero())
                .collect()
        };
        let accounts = self.db.cache.accounts.iter().map(|(address, account)| (*address, slots(account)));
        accounts.filter(|(_, slots)| !slots.is_empty()).collect()
    }

    /// Puts other code at an address, whatever is there: no transaction can, a test may.
    pub fn replace_code(&mut self, address: Address, code: &[u8]) {
        let info = match code {
            [] => AccountInfo::default(),
            code => AccountInfo::from_bytecode(Bytecode::new_raw(Bytes::copy_from_slice(code))),
        };
        self.db.insert_account_info(address, info);
    }

    fn transaction(&self, from: Address, kind: TxKind, data: &[u8], gas: u64) -> TxEnv {
        TxEnv {
            caller: from,
            kind,
            data: Bytes::copy_from_slice(data),
            gas_limit: gas,
            gas_price: 0,
            chain_id: Some(self.chain_id),
            ..TxEnv::default()
        }
    }

    fn block_env(&self) -> BlockEnv {
        BlockEnv {
            number: U256::from(self.block),
            timestamp: U256::from(self.time),
            gas_limit: 60_000_000,
            basefee: 0,
            ..BlockEnv::default()
        }
    }

    fn run(&mut self, tx: TxEnv, commit: bool) -> Result<(Outcome, Option<Address>), EvmError> {
        let block = self.block_env();
        let chain_id = self.chain_id;
        let mut evm = Context::mainnet()
            .with_db(&mut self.db)
            .with_block(block)
            .modify_cfg_chained(|cfg| configure(cfg, chain_id))
            .build_mainnet();
        let result = if commit { evm.transact_commit(tx) } else { evm.transact(tx).map(|done| done.result) };
        let done = outcome(result.map_err(|error| EvmError::Transaction(error.to_string()))?);
        if commit {
            self.logs.extend(done.0.logs.iter().map(|log| (self.block, log.clone())));
        }
        Ok(done)
    }
}

/// Mainnet's rules; nonces are not counted and nobody needs a balance, as gas costs nothing.
fn configure(cfg: &mut revm::context::CfgEnv, chain_id: u64) {
    cfg.set_spec_and_mainnet_gas_params(SpecId::OSAKA);
    cfg.chain_id = chain_id;
    cfg.disable_nonce_check = true;
}

fn outcome(result: ExecutionResult) -> (Outcome, Option<Address>) {
    let gas = result.tx_gas_used();
    match result {
        ExecutionResult::Success { logs, output, .. } => {
            let (output, created) = match output {
                Output::Call(output) => (output, None),
                Output::Create(output, created) => (output, created),
            };
            (Outcome { end: End::Success, output, gas, logs }, created)
        }
        ExecutionResult::Revert { output, .. } => {
            (Outcome { end: End::Revert, output, gas, logs: vec![] }, None)
        }
        ExecutionResult::Halt { reason, .. } => {
            (Outcome { end: End::Halt(format!("{reason:?}")), output: Bytes::new(), gas, logs: vec![] }, None)
        }
    }
}
