//! A chain of one's own for tests and demonstrations: [`crate::evm`] behind the types of this project.

use std::collections::BTreeMap;

use alloy_primitives::{Address, Bytes, Log, U256};
use alloy_sol_types::SolCall;
use apportion_circuits::types::Payee;
use apportion_verifier::chain::{Call, abi::address, reason};

use crate::{
    artifact::Artifact,
    evm::{End, Evm, EvmError, Outcome, TRANSACTION_GAS},
};

/// Why a transaction changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The contract reverted, with this data.
    #[error("reverted: {}", reason(.data))]
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

impl From<EvmError> for Refusal {
    fn from(error: EvmError) -> Self {
        match error {
            EvmError::Transaction(text) => Refusal::Transaction(text),
            EvmError::Create(outcome) => match accepted(outcome) {
                Err(refusal) => refusal,
                Ok(_) => Refusal::Answer("nothing was deployed".into()),
            },
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
}

/// An in-process chain. A clone is a fork.
#[derive(Clone, Debug)]
pub struct Chain {
    evm: Evm,
    chain_id: u64,
}

impl Chain {
    /// An empty chain.
    pub fn new(chain_id: u64) -> Self {
        Self { evm: Evm::new(chain_id), chain_id }
    }

    /// Its id.
    pub fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// The time of the next transactions.
    pub fn time(&self) -> u64 {
        self.evm.time()
    }

    /// Lets time pass.
    pub fn advance(&mut self, seconds: u64) {
        self.evm.advance(seconds);
    }

    /// Deploys a contract. `arguments` are its constructor's, encoded.
    pub fn deploy(&mut self, from: Payee, artifact: &Artifact, arguments: &[u8]) -> Result<Payee, Refusal> {
        let code = [&artifact.bytecode, arguments].concat();
        let (created, _) = self.evm.deploy(address(from), &code)?;
        Ok(Payee(created.into_array()))
    }

    /// Sends a transaction.
    pub fn send(&mut self, from: Payee, call: &Call) -> Result<Receipt, Refusal> {
        self.send_with_gas(from, call, TRANSACTION_GAS)
    }

    /// Sends a transaction with a gas limit.
    pub fn send_with_gas(&mut self, from: Payee, call: &Call, gas: u64) -> Result<Receipt, Refusal> {
        accepted(self.evm.send_with_gas(address(from), address(call.to), &call.data, gas)?)
    }

    /// Sends a typed call.
    pub fn transact<C: SolCall>(&mut self, from: Payee, to: Payee, call: &C) -> Result<Receipt, Refusal> {
        accepted(self.evm.send(address(from), address(to), &call.abi_encode())?)
    }

    /// Asks a contract, without changing anything.
    pub fn view<C: SolCall>(&mut self, to: Payee, call: &C) -> Result<C::Return, Refusal> {
        let outcome = self.evm.call(Address::ZERO, address(to), &call.abi_encode())?;
        let output = accepted(outcome)?.output;
        C::abi_decode_returns(&output).map_err(|error| Refusal::Answer(error.to_string()))
    }

    /// Every storage slot of every contract that is not zero.
    pub fn storage(&self) -> BTreeMap<Address, BTreeMap<U256, U256>> {
        self.evm.storage()
    }

    /// Puts other code at an address, whatever is there: no transaction can, a test may.
    pub fn replace_code(&mut self, contract: Payee, code: &[u8]) {
        self.evm.replace_code(address(contract), code);
    }

    /// A contract's code.
    pub fn code(&mut self, contract: Payee) -> Bytes {
        self.evm.code(address(contract))
    }
}

fn accepted(outcome: Outcome) -> Result<Receipt, Refusal> {
    let Outcome { end, output, gas, logs } = outcome;
    match end {
        End::Success => Ok(Receipt { gas, output, logs }),
        End::Revert => Err(Refusal::Reverted { data: output.to_vec(), gas }),
        End::Halt(reason) => Err(Refusal::Halted(reason)),
    }
}
