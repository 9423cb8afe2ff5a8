// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

/// @title The verifier of openings, and of the last pairing of relations' proofs
/// @notice Generated from the setup alone: it holds [tau]_2. No storage, no owner. Every function reverts unless all that
/// it was given holds; canonical scalars and points or it reverts; gas is bounded by the calldata's length.
interface IOpeningVerifier {
    /// @notice One point of the subgroup at which a pair of columns is opened: (A + gamma B)(w^index) = value.
    /// @param index The slot, below the number of slots. Whether it may be opened is the caller's business.
    /// @param gamma The challenge that folds the two columns; 0 opens A alone.
    /// @param value What the folded column holds there.
    /// @param proof pi = [(F(tau) - value) / (tau - w^index)]_1.
    struct Opening {
        uint256 index;
        uint256 gamma;
        uint256 value;
        uint256[2] proof;
    }

    /// @notice Openings of one pair of columns. Points are merged: another opening costs two multiplications.
    /// @param slots The order of the subgroup: 64, 1,024, 16,384, 65,536 or 262,144.
    /// @param a The commitment to A.
    /// @param b The commitment to B.
    struct Columns {
        uint256 slots;
        uint256[2] a;
        uint256[2] b;
        Opening[] openings;
    }

    /// @notice A scalar is not below the modulus.
    error InvalidScalar(uint256 value);
    /// @notice A point is not canonical or not on the curve.
    error InvalidPoint(uint256 x, uint256 y);
    /// @notice There is no tier of so many slots.
    error UnknownSlots(uint256 slots);
    /// @notice There is no such slot.
    error InvalidSlot(uint256 slots, uint256 index);
    /// @notice Nothing was given to check: that is not a success.
    error NothingToCheck();
    /// @notice At least one of the openings, or pairs, does not hold.
    error Invalid();

    /// @notice Checks all openings by one pairing.
    /// @dev The randomiser hashes chain, this contract, the caller and all of the calldata, every pi included.
    function check(Columns[] calldata columns) external view;

    /// @notice Checks e(left, [tau]_2) = e(right, [1]_2) for all pairs by one pairing.
    /// @param pairs left.x, left.y, right.x, right.y of each.
    /// @param transcript A hash of everything that the pairs were computed from: keys, inputs and proofs. The randomiser
    /// hashes chain, this contract, the caller, the transcript and all pairs.
    function checkPairs(uint256[4][] calldata pairs, bytes32 transcript) external view;

    /// @notice SHA-256 of the verifier's part of the setup: that of every verifier that is used with this one.
    function setup() external view returns (bytes32);
}
