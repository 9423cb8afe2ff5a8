// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {IOpeningVerifier} from "../../src/interfaces/IOpeningVerifier.sol";
import {IRelationVerifier} from "../../src/interfaces/IRelationVerifier.sol";

/// @notice Accepts exactly what it was told to accept: a proof stands for one list of inputs, as a real proof does. Its pairs are
/// (1, 2, 1, 2), or others for proofs that only fail at the pairing.
contract MockVerifier is IRelationVerifier {
    error InvalidProof();

    bytes32 public immutable relation;
    uint256 public immutable slots;
    uint256 public immutable numInputs;
    bytes32 public immutable setup;
    mapping(bytes32 statement => uint256[] words) private _accepted;

    constructor(bytes32 relation_, uint256 slots_, uint256 numInputs_, bytes32 setup_) {
        (relation, slots, numInputs, setup) = (relation_, slots_, numInputs_, setup_);
    }

    function keyDigest() external view returns (bytes32) {
        return keccak256(abi.encode("mock", relation, slots));
    }

    /// @param words What `accumulate` returns: linked points, left, right.
    function accept(bytes calldata proof, uint256[] calldata inputs, uint256[] calldata words) external {
        _accepted[keccak256(abi.encode(proof, inputs))] = words;
    }

    function accumulate(bytes calldata proof, uint256[] calldata inputs)
        external
        view
        returns (uint256[] memory words)
    {
        words = _accepted[keccak256(abi.encode(proof, inputs))];
        if (words.length == 0) revert InvalidProof();
    }
}

/// @notice Knows what columns hold, and accepts openings of that: `pi` must be (index, value) of a column that was told. Pairs are
/// accepted if left equals right.
contract MockOpeningVerifier is IOpeningVerifier {
    uint256 private constant R = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;

    bytes32 public immutable setup;
    mapping(bytes32 column => mapping(uint256 index => uint256)) private _values;

    constructor(bytes32 setup_) {
        setup = setup_;
    }

    /// @notice The column with that commitment holds `value` at `index`; 0 where nothing is told.
    function tell(uint256[2] calldata point, uint256 index, uint256 value) external {
        _values[keccak256(abi.encode(point))][index] = value;
    }

    function check(Columns[] calldata columns) external view {
        if (columns.length == 0) revert NothingToCheck();
        for (uint256 i = 0; i < columns.length; i++) {
            Columns calldata c = columns[i];
            if (c.slots != 64 && c.slots != 1_024 && c.slots != 16_384) revert UnknownSlots(c.slots);
            if (c.openings.length == 0) revert NothingToCheck();
            for (uint256 j = 0; j < c.openings.length; j++) {
                Opening calldata o = c.openings[j];
                if (o.index >= c.slots) revert InvalidSlot(c.slots, o.index);
                if (o.gamma >= R) revert InvalidScalar(o.gamma);
                if (o.value >= R) revert InvalidScalar(o.value);
                uint256 a = _values[keccak256(abi.encode(c.a))][o.index];
                uint256 b = _values[keccak256(abi.encode(c.b))][o.index];
                bool holds = addmod(a, mulmod(o.gamma, b, R), R) == o.value;
                if (!holds || o.proof[0] != o.index || o.proof[1] != o.value) revert Invalid();
            }
        }
    }

    function checkPairs(uint256[4][] calldata pairs, bytes32) external pure {
        if (pairs.length == 0) revert NothingToCheck();
        for (uint256 i = 0; i < pairs.length; i++) {
            if (pairs[i][0] != pairs[i][2] || pairs[i][1] != pairs[i][3]) revert Invalid();
        }
    }
}
