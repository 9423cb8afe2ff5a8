//! Why a contract refused, in words: revert data as the name of the error and its arguments.

use alloy_sol_types::{Panic, Revert, SolError, SolInterface};

use self::errors::Errors::ErrorsErrors;
use crate::solidity::Failure;

/// The custom errors of the contracts, their libraries and OpenZeppelin's tokens. A test compares them with the
/// compiled artifacts.
#[allow(missing_docs, unreachable_pub)]
mod errors {
    alloy_sol_types::sol! {
        #[derive(Debug)]
        interface Errors {
            enum Stage { Open, Scored, Settling, Final, Carried }

            error UnknownTier(uint256 tier);
            error NoRecords();
            error WrongRootCount(uint256 expected, uint256 given);
            error InvalidRoot(uint256 segment, uint256 root);
            error AlreadyRegistered(bytes32 datasetId);
            error UnknownDataset(bytes32 datasetId);
            error NotDatasetOwner(bytes32 datasetId, address caller);
            error UnknownSegment(bytes32 datasetId, uint256 segment);

            error RegistryWithoutCode(address registry);
            error InvalidTier(uint256 tier);
            error UnsupportedTier(uint256 tier);
            error InvalidName();
            error InvalidAccount(address account);
            error TokenWithoutCode(address token);
            error InvalidWindow(uint256 window);
            error TooManyBeneficiaries(uint256 given);
            error InvalidPolicy();
            error ModelExists(bytes32 modelId);
            error UnknownModel(bytes32 modelId);
            error NotDeveloper(bytes32 modelId, address caller);
            error NotAttributor(bytes32 modelId, address caller);
            error TooManySegments(bytes32 modelId, uint256 segments);
            error SegmentNotEnrolled(bytes32 modelId, bytes32 datasetId, uint256 segment);
            error NotInEpoch(bytes32 datasetId, uint256 segment, uint256 epoch);
            error WrongEpoch(uint256 current, uint256 given);
            error WrongStage(Stage stage);
            error TooEarly(uint256 deadline);
            error NothingToClose();
            error NoSegments();
            error InvalidTotalScore(uint256 totalScore);
            error WrongPointCount(uint256 expected, uint256 given);
            error InvalidPoint(uint256 index);
            error AlreadySettled(bytes32 datasetId, uint256 segment, uint256 epoch);
            error ScoreSumExceeded(uint256 totalScore, uint256 scoreSum);
            error ScoreSumMismatch(uint256 totalScore, uint256 scoreSum);
            error PoolExceeded(uint256 pool, uint256 paid);
            error DustTooLarge(uint256 dust, uint256 accounts);
            error OldColumnMismatch();
            error ScoreColumnMismatch();
            error PayeeColumnMismatch();
            error BalanceColumnMismatch();
            error NothingSettled();
            error AlreadyPublished(uint256 root);
            error NothingReceived();
            error RevenueLimit(uint256 limit);
            error InvalidIndex(uint256 index);
            error WrongPathLength(uint256 expected, uint256 given);
            error UnknownRoot(uint256 root);
            error NothingOwed();
            error ExceedsSettled(uint256 unclaimed, uint256 amount);

            error NotCanonical(uint256 value);
            error VerifierWithoutCode(address verifier);
            error VerifierMismatch(address verifier);
            error ProofRejected(bytes reason);
            error MalformedAnswer(address verifier);

            error ReentrancyGuardReentrantCall();
            error SafeERC20FailedOperation(address token);
            error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed);
            error ERC20InvalidSender(address sender);
            error ERC20InvalidReceiver(address receiver);
            error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed);
            error ERC20InvalidApprover(address approver);
            error ERC20InvalidSpender(address spender);
        }
    }
}

/// What revert data says: `NothingOwed`, `WrongEpoch { current: 2, given: 1 }`, `ProofRejected: ProofInvalid`. Data
/// that names no error of these contracts is shown as it is.
pub fn reason(data: &[u8]) -> String {
    if data.is_empty() {
        return "no reason given".into();
    }
    if let Some(failure) = Failure::from_revert(data) {
        return failure.name().into();
    }
    if let Ok(Revert { reason }) = Revert::abi_decode(data) {
        return format!("{reason:?}");
    }
    if let Ok(panic) = Panic::abi_decode(data) {
        return panic.to_string();
    }
    match ErrorsErrors::abi_decode(data) {
        Ok(ErrorsErrors::ProofRejected(rejected)) => format!("ProofRejected: {}", reason(&rejected.reason)),
        // The enum's variant holds a structure of the same name.
        Ok(error) => {
            let text = format!("{error:?}");
            let inner = text.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
            inner.unwrap_or(&text).to_owned()
        }
        Err(_) => format!("0x{}", hex::encode(data)),
    }
}

#[cfg(test)]
mod tests {
    use alloy_primitives::U256;

    use super::*;

    #[test]
    fn revert_data_is_named() {
        assert_eq!(reason(&[]), "no reason given");
        assert_eq!(reason(&errors::Errors::NothingOwed {}.abi_encode()), "NothingOwed");
        let wrong = errors::Errors::WrongEpoch { current: U256::from(2), given: U256::from(1) };
        assert_eq!(reason(&wrong.abi_encode()), "WrongEpoch { current: 2, given: 1 }");
        let stage = errors::Errors::WrongStage { stage: errors::Errors::Stage::Final };
        assert_eq!(reason(&stage.abi_encode()), "WrongStage { stage: Final }");
        let inner = Failure::ProofInvalid.selector().to_be_bytes().to_vec();
        assert_eq!(reason(&inner), "ProofInvalid");
        let rejected = errors::Errors::ProofRejected { reason: inner.into() };
        assert_eq!(reason(&rejected.abi_encode()), "ProofRejected: ProofInvalid");
        assert_eq!(reason(&Revert::from("too \"late\"").abi_encode()), "\"too \\\"late\\\"\"");
    }

    #[test]
    fn anything_else_is_shown_as_it_is() {
        assert_eq!(reason(&[1, 2, 3]), "0x010203");
        assert_eq!(reason(&[0xff; 8]), "0xffffffffffffffff");
        // A known selector without its argument.
        let short = &errors::Errors::UnknownRoot { root: U256::ZERO }.abi_encode()[..8];
        assert_eq!(reason(short), format!("0x{}", hex::encode(short)));
        // Rejections nest no deeper than the revert data of a call does.
        let nested = errors::Errors::ProofRejected { reason: vec![9; 5].into() };
        assert_eq!(reason(&nested.abi_encode()), "ProofRejected: 0x0909090909");
    }
}
