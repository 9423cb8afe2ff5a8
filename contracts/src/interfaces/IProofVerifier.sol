// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

/// @title A verifier of one relation at one tier
/// @notice One contract per (relation, tier), generated from the circuit and its verifying key. It has no storage and no
/// owner. What it must guarantee, because callers rely on it:
///  - `verify` reverts unless `proof` is a valid proof of exactly `inputs`; it never answers "false".
///  - Every input is below the scalar field's modulus, the number of inputs is `numInputs()`, the proof's length is exact:
///    `x` and `x + r` are never one statement, and bytes after the end are refused.
///  - Every curve point is canonical and on the curve, those it returns included.
///  - A bad proof costs bounded gas: no path burns everything that was forwarded.
interface IProofVerifier {
    /// @notice Checks a proof and returns the commitments to the linked columns.
    /// @param proof The proof, as the prover wrote it.
    /// @param inputs The public inputs, in the order of `Statement.sol`.
    /// @return linked Affine coordinates x, y of one point per linked column, in the order of the relation:
    /// Split: Old, New, Score. Tree: A, B.
    function verify(bytes calldata proof, uint256[] calldata inputs) external view returns (uint256[] memory linked);

    /// @notice Which relation: `Statement.RELATION_SPLIT` or `Statement.RELATION_TREE`.
    function relation() external view returns (bytes32);

    /// @notice The tier m: segments of 4^m slots.
    function tier() external view returns (uint256);

    /// @notice Digest of the circuit description and its verifying key, as the auditor's tool prints it.
    function circuitDigest() external view returns (bytes32);

    /// @notice The number of public inputs: Split 6, Tree 3.
    function numInputs() external view returns (uint256);
}
