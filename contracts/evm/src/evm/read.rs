//! The chain answers as a node does: what an auditor asks is asked of it too.

use apportion_chain::{
    Block, Log, ReadChain, ReadError,
    abi::{address, payee, to_word},
};
use apportion_circuits::types::{Payee, Word};
use revm::primitives::{Address, keccak256};

use super::{End, Evm};

impl ReadChain for Evm {
    fn chain_id(&mut self) -> Result<u64, ReadError> {
        Ok(self.chain_id)
    }

    fn block(&mut self) -> Result<Block, ReadError> {
        let hash = to_word(keccak256(self.block.to_be_bytes()));
        Ok(Block { number: self.block, hash, timestamp: self.time })
    }

    fn code(&mut self, at: Payee) -> Result<Vec<u8>, ReadError> {
        Ok(Evm::code(self, address(at)).to_vec())
    }

    fn call(&mut self, to: Payee, data: Vec<u8>) -> Result<Vec<u8>, ReadError> {
        let outcome = Evm::call(self, Address::ZERO, address(to), &data)
            .map_err(|error| ReadError::Unanswered(error.to_string()))?;
        match outcome.end {
            End::Success => Ok(outcome.output.to_vec()),
            End::Revert => Err(ReadError::Reverted(outcome.output.to_vec())),
            End::Halt(why) => Err(ReadError::Unanswered(why)),
        }
    }

    fn logs(&mut self, of: Payee, topics: &[Word]) -> Result<Vec<Log>, ReadError> {
        let found = self.logs.iter().filter_map(|(block, log)| {
            let listed: Vec<Word> = log.topics().iter().copied().map(to_word).collect();
            (payee(log.address) == of && listed.starts_with(topics)).then(|| Log {
                topics: listed,
                data: log.data.data.to_vec(),
                block: *block,
            })
        });
        Ok(found.collect())
    }
}
