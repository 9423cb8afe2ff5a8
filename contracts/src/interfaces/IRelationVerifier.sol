// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

/// @title A verifier of one relation at one tier, but for the last pairing
/// @notice One contract per (relation, tier), generated from the table and its verifying key. It has no storage and no owner.
/// It does everything that a verifier does but the one pairing at the end, and returns that pairing's points instead: so one
/// call to `IOpeningVerifier.checkPairs` decides about one proof or about many. What callers rely on:
///  - `accumulate` reverts unless the proof is well formed; what it returns is not yet a verdict. The proof is valid if
///    and only if e(left, [tau]_2) = e(right, [1]_2), with the [tau]_2 of `setup()`.
///  - Every input is below the scalar field's modulus, the number of inputs is `numInputs()`, the proof's length is exact:
///    `x` and `x + r` are never one statement, and bytes after the end are refused.
///  - Every curve point is canonical and on the curve, those it returns included.
///  - A bad proof costs bounded gas: no path burns everything that was forwarded.
interface IRelationVerifier {
    /// @notice Checks a proof up to its last pairing.
    /// @param proof The proof, as the prover wrote it.
    /// @param inputs The public inputs, in the order of `Statement.sol`.
    /// @return words Affine coordinates x, y: one point per linked column, in the order of the relation (Split: Old, New,
    /// Score. Tree: A, B), then left, then right.
    function accumulate(bytes calldata proof, uint256[] calldata inputs) external view returns (uint256[] memory words);

    /// @notice Which relation: `Statement.RELATION_SPLIT` or `Statement.RELATION_TREE`.
    function relation() external view returns (bytes32);

    /// @notice Slots of a segment: 64, 1,024, 16,384.
    function slots() external view returns (uint256);

    /// @notice Digest of the table's description and its verifying key, as the auditor's tool prints it.
    function keyDigest() external view returns (bytes32);

    /// @notice SHA-256 of the verifier's part of the setup (`keys/setup.bin` of a ledger's files).
    function setup() external view returns (bytes32);

    /// @notice The number of public inputs: Split 7, Tree 2.
    function numInputs() external view returns (uint256);
}
