//! Ids as the contracts give them.

use alloy_primitives::U256;
use alloy_sol_types::SolValue;
use apportion_circuits::types::{Payee, Word};

use super::abi::{address, bytes32};
use crate::{bundle::DatasetDoc, statement::keccak256};

/// `RevenueLedger.computeModelId`:
/// `keccak256(abi.encode(chain id, ledger, developer, keccak256(name)))`.
pub fn model_id(chain_id: u64, ledger: Payee, developer: Payee, name: &str) -> Word {
    let name = bytes32(keccak256(name.as_bytes()));
    keccak256(&(U256::from(chain_id), address(ledger), address(developer), name).abi_encode())
}

/// What a dataset's owner says about it in a registry, beside what `dataset.json` has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The chain.
    pub chain_id: u64,
    /// The registry contract.
    pub registry: Payee,
    /// Who registers.
    pub owner: Payee,
    /// The version that is revised; 0 for none.
    pub parent: Word,
    /// Where a description can be found.
    pub uri: String,
}

impl Registration {
    /// `DatasetRegistry.computeId`: `keccak256(abi.encode(chain id, registry, owner, parent, tier, records,
    /// keccak256(roots), keccak256(uri)))`, the tier being its tree's depth.
    pub fn dataset_id(&self, doc: &DatasetDoc) -> Word {
        let roots: Vec<u8> = doc.roots.iter().flat_map(|root| root.0).collect();
        let fields = (
            U256::from(self.chain_id),
            address(self.registry),
            address(self.owner),
            bytes32(self.parent),
            U256::from(doc.tier.depth()),
            U256::from(doc.records),
            bytes32(keccak256(&roots)),
            bytes32(keccak256(self.uri.as_bytes())),
        );
        keccak256(&fields.abi_encode())
    }
}
