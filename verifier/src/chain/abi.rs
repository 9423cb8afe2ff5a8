//! The contracts' ABI: `contracts/src/interfaces`, as far as it is used, and conversions to its types. A test compares
//! it with the compiled artifacts.
#![allow(missing_docs, unreachable_pub, clippy::too_many_arguments)]

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::sol;
use apportion_circuits::types::{Payee, Word};

use super::ChainError;
use crate::suite::{Bn254, Commitment, Suite};

sol! {
    #[derive(Debug, PartialEq, Eq)]
    interface IDatasetRegistry {
        struct Dataset { address owner; uint8 tier; uint32 segments; uint64 records; bytes32 parent; }

        function register(bytes32 parent, uint8 tier, uint64 records, uint256[] calldata roots, string calldata uri)
            external returns (bytes32 datasetId);
        function computeId(address owner, bytes32 parent, uint8 tier, uint64 records, uint256[] calldata roots,
            string calldata uri) external view returns (bytes32);
        function dataset(bytes32 datasetId) external view returns (Dataset memory);
        function root(bytes32 datasetId, uint256 segment) external view returns (uint256);
    }
}

sol! {
    #[derive(Debug, PartialEq, Eq)]
    interface IProofVerifier {
        function verify(bytes calldata proof, uint256[] calldata inputs) external view returns (uint256[] memory linked);
        function relation() external view returns (bytes32);
        function tier() external view returns (uint256);
        function circuitDigest() external view returns (bytes32);
        function numInputs() external view returns (uint256);
    }
}

sol! {
    #[derive(Debug, PartialEq, Eq)]
    interface IToken {
        function mint(address to, uint256 amount) external;
        function approve(address spender, uint256 amount) external returns (bool);
        function balanceOf(address account) external view returns (uint256);
    }
}

sol! {
    #[derive(Debug, PartialEq, Eq)]
    interface IRevenueLedger {
        struct TierVerifiers { uint8 tier; address split; address tree; }
        struct Beneficiary { address account; uint16 bps; }
        struct Terms {
            string name;
            address attributor;
            address token;
            uint16 contributorsBps;
            uint32 openWindow;
            uint32 settleWindow;
            Beneficiary[] beneficiaries;
        }
        enum Stage { Open, Scored, Settling, Final, Carried }
        struct Epoch {
            Stage stage;
            uint16 segments;
            uint16 moved;
            uint32 accounts;
            uint80 totalScore;
            uint80 scoreSum;
            uint128 pool;
            uint128 paid;
            uint128 revenue;
            uint64 settleDeadline;
        }
        struct Model {
            address developer;
            uint64 epoch;
            uint32 openWindow;
            address attributor;
            uint64 openedAt;
            uint32 settleWindow;
            address token;
            uint16 contributorsBps;
            uint16 segments;
            uint16 reserved;
            uint32 accounts;
            uint128 pending;
            uint128 carried;
            uint128 received;
            uint128 unclaimed;
        }
        struct Enrolment { uint8 tier; uint16 segments; uint16 enrolled; uint16 first; }
        struct Segment {
            bytes32 payees;
            bytes32 balances;
            uint64 balancesEpoch;
            uint64 movedEpoch;
            uint64 enrolments;
        }

        function createModel(Terms calldata terms) external returns (bytes32 modelId);
        function enroll(bytes32 modelId, bytes32 datasetId, uint256 segment, bytes calldata proof) external;
        function commitScores(bytes32 modelId, uint256 epoch, uint256 totalScore, uint256[2][] calldata points) external;
        function deposit(bytes32 modelId, uint256 amount) external returns (uint256 received);
        function closeEpoch(bytes32 modelId, uint256 epoch) external;
        function settle(bytes32 modelId, uint256 epoch, bytes32 datasetId, uint256 segment, uint256 segmentScore,
            uint256 segmentPaid, bytes calldata proof) external;
        function abandonEpoch(bytes32 modelId, uint256 epoch) external;
        function publish(bytes32 modelId, bytes32 datasetId, uint256 segment, uint256 root, bytes calldata proof)
            external;
        function claim(bytes32 modelId, bytes32 datasetId, uint256 segment, uint256 index, address payee,
            uint256 cumulative, uint256 salt, uint256[3][] calldata path) external returns (uint256 amount);
        function withdraw(bytes32 modelId, address account) external returns (uint256 amount);

        function computeModelId(address developer, string calldata name) external view returns (bytes32);
        function context(bytes32 domain, bytes32 modelId, uint256 epoch, bytes32 datasetId, uint256 segment)
            external view returns (uint256);
        function registry() external view returns (address);
        function accountTree() external view returns (address);
        function verifiers(uint256 tier) external view returns (address split, address tree);
        function getModel(bytes32 modelId) external view returns (Model memory);
        function getBeneficiaries(bytes32 modelId) external view returns (Beneficiary[] memory);
        function getEpoch(bytes32 modelId, uint256 epoch) external view returns (Epoch memory);
        function getEnrolment(bytes32 modelId, bytes32 datasetId) external view returns (Enrolment memory);
        function getSegment(bytes32 modelId, bytes32 datasetId, uint256 segment) external view returns (Segment memory);
        function scoreColumn(bytes32 modelId, uint256 index) external view returns (bytes32);
        function publishedEpoch(bytes32 modelId, bytes32 datasetId, uint256 segment, uint256 root)
            external view returns (uint256);
        function claimed(bytes32 modelId, bytes32 datasetId, uint256 segment, uint256 index)
            external view returns (uint256);
        function credit(bytes32 modelId, address account) external view returns (uint256);
    }
}

/// An address.
pub fn address(payee: Payee) -> Address {
    Address::from(payee.0)
}

/// A word as an integer.
pub fn word(word: Word) -> U256 {
    U256::from_be_bytes(word.0)
}

/// A word as bytes.
pub fn bytes32(word: Word) -> B256 {
    B256::from(word.0)
}

/// A commitment as a curve point's coordinates.
pub fn coordinates(commitment: &Commitment) -> Result<[U256; 2], ChainError> {
    let refused = |error: crate::suite::SuiteError| ChainError::refused(error.to_string());
    let Commitment(bytes) = Bn254::check_commitment(&commitment.0).map_err(refused)?;
    let (x, y) = bytes.split_at(bytes.len() / 2);
    Ok([U256::from_be_slice(x), U256::from_be_slice(y)])
}

/// What a contract stores of a commitment: `keccak256(abi.encode(x, y))`.
pub fn column_digest(commitment: &Commitment) -> Word {
    // The commitment's own encoding is x and y, 32 bytes each, big-endian.
    crate::statement::keccak256(&commitment.0)
}
