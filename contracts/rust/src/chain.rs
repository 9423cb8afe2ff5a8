//! A chain of one's own: an in-process EVM under the rules of the main network (Osaka), with a clock.

use alloy_primitives::{Address, B256, Bytes, Log, TxKind, U256};
use alloy_sol_types::{SolCall, SolValue};
use apportion_circuits::types::Payee;
use apportion_verifier::chain::{Call, abi::address};
use revm::{
    Context, ExecuteCommitEvm, ExecuteEvm, MainBuilder, MainContext, MainnetEvm,
    context::{BlockEnv, CfgEnv, Journal, TxEnv, result::ExecutionResult},
    database::{CacheDB, EmptyDB},
    primitives::hardfork::SpecId,
};

use crate::artifact::Artifact;

/// The most gas that one transaction may have (EIP-7825).
pub const TRANSACTION_GAS: u64 = 1 << 24;

type Db = CacheDB<EmptyDB>;
type Evm = MainnetEvm<Context<BlockEnv, TxEnv, CfgEnv, Db, Journal<Db>, ()>>;

/// Why a transaction changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The contract reverted, with this data.
    #[error("reverted: 0x{}", hex::encode(.data))]
    Reverted {
        /// Selector and arguments of the error.
        data: Vec<u8>,
        /// What it cost.
        gas: u64,
    },
    /// The EVM stopped: out of gas, for example.
    #[error("halted: {0}")]
    Halted(String),
    /// No valid transaction: more gas than a transaction may have, for example.
    #[error("{0}")]
    Transaction(String),
    /// An answer that is not what the ABI says.
    #[error("unexpected answer: {0}")]
    Answer(String),
}

impl Refusal {
    /// The selector of the error that the contract reverted with.
    pub fn selector(&self) -> Option<[u8; 4]> {
        match self {
            Refusal::Reverted { data, .. } => data.first_chunk().copied(),
            _ => None,
        }
    }
}

/// What a transaction did.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// What it cost, refunds deducted.
    pub gas: u64,
    /// What it returned.
    pub output: Bytes,
    /// Its events.
    pub logs: Vec<Log>,
    /// What it deployed.
    pub created: Option<Address>,
}

/// An in-process chain.
pub struct Chain {
    evm: Evm,
    chain_id: u64,
}

impl Chain {
    /// An empty chain.
    pub fn new(chain_id: u64) -> Self {
        let mut cfg = CfgEnv::new_with_spec(SpecId::OSAKA).with_chain_id(chain_id);
        cfg.disable_nonce_check = true;
        let mut evm =
            Context::mainnet().with_db(CacheDB::new(EmptyDB::new())).with_cfg(cfg).build_mainnet();
        evm.ctx.modify_block(|block| {
            block.number = U256::from(1);
            block.timestamp = U256::from(1_800_000_000u64);
        });
        Self { evm, chain_id }
    }

    /// Its id.
    pub fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// Lets time pass.
    pub fn advance(&mut self, seconds: u64) {
        self.evm.ctx.modify_block(|block| {
            block.number += U256::from(1);
            block.timestamp += U256::from(seconds);
        });
    }

    /// Deploys a contract. `arguments` are its constructor's, encoded.
    pub fn deploy(&mut self, from: Payee, artifact: &Artifact, arguments: &[u8]) -> Result<Payee, Refusal> {
        self.deploy_code(from, &artifact.bytecode, arguments).map(|(contract, _)| contract)
    }

    /// As [`Self::deploy`], from code; with the gas.
    pub fn deploy_code(
        &mut self,
        from: Payee,
        code: &[u8],
        arguments: &[u8],
    ) -> Result<(Payee, u64), Refusal> {
        let data = [code, arguments].concat();
        let receipt = self.run(from, TxKind::Create, data.into(), TRANSACTION_GAS)?;
        let created = receipt.created.ok_or_else(|| Refusal::Answer("nothing was deployed".into()))?;
        Ok((Payee(created.into_array()), receipt.gas))
    }

    /// Sends a transaction.
    pub fn send(&mut self, from: Payee, call: &Call) -> Result<Receipt, Refusal> {
        self.send_with_gas(from, call, TRANSACTION_GAS)
    }

    /// Sends a transaction with a gas limit.
    pub fn send_with_gas(&mut self, from: Payee, call: &Call, gas: u64) -> Result<Receipt, Refusal> {
        self.run(from, TxKind::Call(address(call.to)), call.data.clone().into(), gas)
    }

    /// Sends a typed call.
    pub fn transact<C: SolCall>(&mut self, from: Payee, to: Payee, call: &C) -> Result<Receipt, Refusal> {
        self.run(from, TxKind::Call(address(to)), call.abi_encode().into(), TRANSACTION_GAS)
    }

    /// Asks a contract, without changing anything.
    pub fn view<C: SolCall>(&mut self, to: Payee, call: &C) -> Result<C::Return, Refusal> {
        let tx = self.transaction(
            Payee::default(),
            TxKind::Call(address(to)),
            call.abi_encode().into(),
            TRANSACTION_GAS,
        );
        let result = self.evm.transact(tx).map_err(|error| Refusal::Transaction(error.to_string()))?;
        let output = settle(result.result)?.output;
        C::abi_decode_returns(&output).map_err(|error| Refusal::Answer(error.to_string()))
    }

    /// A digest of everything in storage, code and balances aside: equal digests, equal state of all contracts.
    pub fn storage_digest(&self) -> B256 {
        let mut slots: Vec<(Address, U256, U256)> = Vec::new();
        for (address, account) in &self.evm.ctx.journaled_state.database.cache.accounts {
            slots.extend(account.storage.iter().map(|(slot, value)| (*address, *slot, *value)));
        }
        slots.retain(|(.., value)| !value.is_zero());
        slots.sort_unstable();
        alloy_primitives::keccak256(slots.abi_encode())
    }

    fn transaction(&self, from: Payee, kind: TxKind, data: Bytes, gas_limit: u64) -> TxEnv {
        TxEnv {
            caller: address(from),
            kind,
            data,
            gas_limit,
            gas_price: 0,
            chain_id: Some(self.chain_id),
            ..TxEnv::default()
        }
    }

    fn run(&mut self, from: Payee, kind: TxKind, data: Bytes, gas: u64) -> Result<Receipt, Refusal> {
        let tx = self.transaction(from, kind, data, gas);
        let result = self.evm.transact_commit(tx).map_err(|error| Refusal::Transaction(error.to_string()))?;
        settle(result)
    }
}

fn settle(result: ExecutionResult) -> Result<Receipt, Refusal> {
    let gas = result.tx_gas_used();
    let created = result.created_address();
    match result {
        ExecutionResult::Success { logs, output, .. } => {
            Ok(Receipt { gas, output: output.into_data(), logs, created })
        }
        ExecutionResult::Revert { output, .. } => Err(Refusal::Reverted { data: output.to_vec(), gas }),
        ExecutionResult::Halt { reason, .. } => Err(Refusal::Halted(format!("{reason:?}"))),
    }
}
