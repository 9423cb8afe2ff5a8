//! What a ledger is: `ledger.json`, keys, policies, which datasets take part and until when.

use apportion_circuits::{
    field::SuiteId,
    relation::RelationId,
    types::{Payee, Tier, Word},
};
use serde::{Deserialize, Serialize};

use crate::{
    SplitContext,
    policy::{MAX_NAME_BYTES, Policy, is_name},
};

/// `ledger.json`: what a ledger is, fixed when it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerDoc {
    /// Format version.
    pub version: u32,
    /// The proof system.
    pub suite: SuiteId,
    /// The model's name.
    pub model: String,
    /// The model's id: chain, contract, developer and name determine it.
    pub model_id: Word,
    /// The chain, 0 where the ledger is bound to none.
    pub chain_id: u64,
    /// The ledger contract, 0 where the ledger is bound to none.
    pub contract: Payee,
    /// The model's developer on the chain, 0 where the ledger is bound to none.
    pub developer: Payee,
    /// The proof system's setup.
    pub setup: SetupDoc,
    /// The X25519 key under which encrypted receipts are named.
    pub receipt_key: Word,
}

impl LedgerDoc {
    /// The place of a segment's move.
    pub fn context(&self, dataset: Word, segment: u32, epoch: u32) -> SplitContext {
        SplitContext {
            chain_id: self.chain_id,
            contract: self.contract,
            model: self.model_id,
            epoch,
            dataset,
            segment,
        }
    }

    pub(super) fn fit(&self) -> Result<(), String> {
        if !is_name(&self.model) {
            return Err(format!(
                "the model's name is empty, not printable or longer than {MAX_NAME_BYTES} bytes"
            ));
        }
        if self.contract.is_zero() != self.developer.is_zero() {
            return Err("contract and developer go together: a bound ledger has both".into());
        }
        self.setup.fit()
    }
}

/// The setup of a proof system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetupDoc {
    /// A ceremony's label, `hash_to_curve` on pasta.
    pub provenance: String,
    /// SHA-256 of the verifier's parameters (`keys/setup.bin`); on pasta absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Word>,
    /// Whether the setup's secret is public: such proofs prove nothing.
    pub insecure: bool,
}

impl SetupDoc {
    pub(super) fn fit(&self) -> Result<(), String> {
        if is_name(&self.provenance) {
            return Ok(());
        }
        Err("the setup's provenance is empty, too long or not printable".into())
    }
}

/// `keys/<relation>-<tier>.json`: a verifying key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyDoc {
    /// Format version.
    pub version: u32,
    /// The proof system.
    pub suite: SuiteId,
    /// The relation.
    pub relation: RelationId,
    /// The tier.
    pub tier: Tier,
    /// The digest of the table's description.
    pub table_digest: Word,
    /// The digest of everything that the key fixes.
    pub key_digest: Word,
    /// The length of every proof under the key, in bytes.
    pub proof_bytes: u32,
}

/// `policies/<000001>.json`: one version of a model's policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyDoc {
    /// Format version.
    pub version: u32,
    /// The model.
    pub model_id: Word,
    /// The policy's number, from 1.
    pub policy: u32,
    /// The first epoch that it splits.
    pub first_epoch: u32,
    /// What it says.
    pub terms: Policy,
}

/// `datasets/<n>/enrolment.json`: a dataset takes part in a ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolmentDoc {
    /// Format version.
    pub version: u32,
    /// The model.
    pub model_id: Word,
    /// The dataset's number in the ledger, from 0.
    pub dataset: u32,
    /// The dataset.
    pub dataset_id: Word,
    /// The first epoch in which it takes part.
    pub first_epoch: u32,
}

/// `datasets/<n>/retirement.json`: a dataset takes part no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetirementDoc {
    /// Format version.
    pub version: u32,
    /// The model.
    pub model_id: Word,
    /// The dataset's number in the ledger.
    pub dataset: u32,
    /// The first epoch in which it does not take part. What it earned stays claimable.
    pub from_epoch: u32,
}
