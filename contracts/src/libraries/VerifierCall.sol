// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {IOpeningVerifier} from "../interfaces/IOpeningVerifier.sol";
import {IRelationVerifier} from "../interfaces/IRelationVerifier.sol";
import {Statement} from "./Statement.sol";

/// @title The only place that calls the verifier of a relation
/// @notice A call to an address without code succeeds and returns nothing, and a precompile answers with whatever it
/// likes; so the code, the exact size of the answer and its shape are all checked, and nothing is taken for "valid" by
/// default. A call that runs out of gas reverts the caller as well: there is no half-done state.
library VerifierCall {
    /// @notice Proofs that were checked up to their last pairings.
    /// @param pairs What those pairings are about: left.x, left.y, right.x, right.y of each; the first `count` are in use.
    /// @param transcript A hash of everything that the pairs were computed from.
    struct Batch {
        uint256 count;
        uint256[4][] pairs;
        bytes32 transcript;
    }

    /// @notice There is no contract at this address.
    error VerifierWithoutCode(address verifier);
    /// @notice The contract at this address verifies something else, or under another setup.
    error VerifierMismatch(address verifier);
    /// @notice The verifier reverted, for this reason.
    error ProofRejected(bytes reason);
    /// @notice The verifier's answer is not the encoding of the points it should return.
    error MalformedAnswer(address verifier);

    /// @notice Refuses a verifier of openings that has no code.
    /// @return setup The digest of the setup that it belongs to.
    function expectOpenings(address openings) internal view returns (bytes32 setup) {
        if (openings.code.length == 0) revert VerifierWithoutCode(openings);
        return IOpeningVerifier(openings).setup();
    }

    /// @notice Refuses a verifier that is not one for this relation, tier and setup.
    /// @return keyDigest The digest of the key that it verifies under.
    function expect(address verifier, bytes32 relation, uint256 slots, uint256 inputs, bytes32 setup)
        internal
        view
        returns (bytes32 keyDigest)
    {
        if (verifier.code.length == 0) revert VerifierWithoutCode(verifier);
        IRelationVerifier v = IRelationVerifier(verifier);
        if (v.relation() != relation || v.slots() != slots || v.numInputs() != inputs || v.setup() != setup) {
            revert VerifierMismatch(verifier);
        }
        return v.keyDigest();
    }

    /// @notice Room for so many proofs.
    function batch(uint256 size) internal pure returns (Batch memory b) {
        b.pairs = new uint256[4][](size);
    }

    /// @notice Checks a proof up to its last pairing, which joins the batch: no verdict before `conclude`.
    /// @param columns How many linked columns the relation has.
    /// @return linked x, y of each column's commitment, then the four coordinates of the pair, all canonical.
    function accumulate(
        Batch memory b,
        address verifier,
        bytes calldata proof,
        uint256[] memory inputs,
        uint256 columns
    ) internal view returns (uint256[] memory linked) {
        if (verifier.code.length == 0) revert VerifierWithoutCode(verifier);
        bytes memory statement = abi.encodeCall(IRelationVerifier.accumulate, (proof, inputs));
        (bool ok, bytes memory answer) = verifier.staticcall(statement);
        if (!ok) revert ProofRejected(answer);

        // abi.encode(uint256[]): offset 32, length, elements.
        uint256 words = 2 * columns + 4;
        if (answer.length != 64 + 32 * words) revert MalformedAnswer(verifier);
        uint256 offset;
        assembly ("memory-safe") {
            offset := mload(add(answer, 0x20))
            // The answer's own encoding is that of an array in memory, from its length on.
            linked := add(answer, 0x40)
        }
        if (offset != 32 || linked.length != words) revert MalformedAnswer(verifier);
        for (uint256 i = 0; i < words; i++) {
            if (linked[i] >= Statement.BASE_FIELD) revert MalformedAnswer(verifier);
        }
        uint256[4] memory pair;
        assembly ("memory-safe") {
            // The last four of the words: they stay where they are.
            pair := add(linked, shl(5, sub(words, 3)))
        }
        b.pairs[b.count++] = pair;
        // A verifier's address stands for its code and its key: neither can change.
        b.transcript = keccak256(abi.encode(b.transcript, verifier, keccak256(statement)));
    }

    /// @notice Reverts unless every proof of the batch is valid: one pairing.
    function conclude(Batch memory b, address openings) internal view {
        (uint256 count, uint256[4][] memory pairs) = (b.count, b.pairs);
        assembly ("memory-safe") {
            mstore(pairs, count)
        }
        IOpeningVerifier(openings).checkPairs(pairs, keccak256(abi.encode(count, b.transcript)));
    }

    /// @notice What is stored of a commitment and compared with others: equal digest, equal point, equal column.
    function digest(uint256[] memory linked, uint256 column) internal pure returns (bytes32) {
        return digest(linked[2 * column], linked[2 * column + 1]);
    }

    function digest(uint256 x, uint256 y) internal pure returns (bytes32) {
        return keccak256(abi.encode(x, y));
    }
}
