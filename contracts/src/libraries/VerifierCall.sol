// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {IProofVerifier} from "../interfaces/IProofVerifier.sol";
import {Statement} from "./Statement.sol";

/// @title The only place that calls a verifier
/// @notice A call to an address without code succeeds and returns nothing, and a precompile answers with whatever it
/// likes; so the code, the exact size of the answer and its shape are all checked, and nothing is taken for "valid" by
/// default. A call that runs out of gas reverts the caller as well: there is no half-done state.
library VerifierCall {
    /// @notice There is no contract at this address.
    error VerifierWithoutCode(address verifier);
    /// @notice The contract at this address verifies something else.
    error VerifierMismatch(address verifier);
    /// @notice The verifier reverted, for this reason.
    error ProofRejected(bytes reason);
    /// @notice The verifier's answer is not the encoding of the commitments it should return.
    error MalformedAnswer(address verifier);

    /// @notice Refuses a verifier that is not one for this relation and tier.
    /// @return circuit The digest of the circuit that it verifies.
    function expect(address verifier, bytes32 relation, uint256 tier, uint256 inputs)
        internal
        view
        returns (bytes32 circuit)
    {
        if (verifier.code.length == 0) revert VerifierWithoutCode(verifier);
        IProofVerifier v = IProofVerifier(verifier);
        if (v.relation() != relation || v.tier() != tier || v.numInputs() != inputs) revert VerifierMismatch(verifier);
        return v.circuitDigest();
    }

    /// @notice Runs the verifier and returns what it linked.
    /// @param columns How many linked columns the relation has.
    /// @return linked x, y of each column's commitment: canonical coordinates.
    function verify(address verifier, bytes calldata proof, uint256[] memory inputs, uint256 columns)
        internal
        view
        returns (uint256[] memory linked)
    {
        if (verifier.code.length == 0) revert VerifierWithoutCode(verifier);
        (bool ok, bytes memory answer) = verifier.staticcall(abi.encodeCall(IProofVerifier.verify, (proof, inputs)));
        if (!ok) revert ProofRejected(answer);

        // abi.encode(uint256[]): offset 32, length, elements.
        uint256 words = 2 * columns;
        if (answer.length != 64 + 32 * words) revert MalformedAnswer(verifier);
        uint256 offset;
        uint256 length;
        assembly ("memory-safe") {
            offset := mload(add(answer, 0x20))
            length := mload(add(answer, 0x40))
        }
        if (offset != 32 || length != words) revert MalformedAnswer(verifier);
        linked = abi.decode(answer, (uint256[]));
        for (uint256 i = 0; i < words; i++) {
            if (linked[i] >= Statement.BASE_FIELD) revert MalformedAnswer(verifier);
        }
    }

    /// @notice What is stored of a commitment and compared with others: equal digest, equal point, equal column.
    function digest(uint256[] memory linked, uint256 column) internal pure returns (bytes32) {
        return digest(linked[2 * column], linked[2 * column + 1]);
    }

    function digest(uint256 x, uint256 y) internal pure returns (bytes32) {
        return keccak256(abi.encode(x, y));
    }
}
