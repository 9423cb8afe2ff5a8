// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {IProofVerifier} from "../../src/interfaces/IProofVerifier.sol";

/// @notice Accepts exactly what it was told to accept: a proof stands for one list of inputs, as a real proof does.
contract MockVerifier is IProofVerifier {
    error InvalidProof();

    bytes32 public immutable relation;
    uint256 public immutable tier;
    uint256 public immutable numInputs;
    mapping(bytes32 statement => uint256[] linked) private _accepted;

    constructor(bytes32 relation_, uint256 tier_, uint256 numInputs_) {
        relation = relation_;
        tier = tier_;
        numInputs = numInputs_;
    }

    function circuitDigest() external view returns (bytes32) {
        return keccak256(abi.encode("mock", relation, tier));
    }

    function accept(bytes calldata proof, uint256[] calldata inputs, uint256[] calldata linked) external {
        _accepted[keccak256(abi.encode(proof, inputs))] = linked;
    }

    function verify(bytes calldata proof, uint256[] calldata inputs) external view returns (uint256[] memory linked) {
        linked = _accepted[keccak256(abi.encode(proof, inputs))];
        if (linked.length == 0) revert InvalidProof();
    }
}

/// @notice Answers `verify` in whatever way it is told to.
contract WeirdVerifier {
    enum Mode {
        Raw,
        RevertEmpty,
        BurnGas
    }

    bytes32 public immutable relation;
    uint256 public immutable tier;
    uint256 public immutable numInputs;
    bytes32 public constant circuitDigest = keccak256("weird");
    Mode private _mode;
    bytes private _answer;

    constructor(bytes32 relation_, uint256 tier_, uint256 numInputs_) {
        relation = relation_;
        tier = tier_;
        numInputs = numInputs_;
    }

    function program(Mode mode, bytes calldata answer) external {
        _mode = mode;
        _answer = answer;
    }

    function verify(bytes calldata, uint256[] calldata) external view {
        if (_mode == Mode.RevertEmpty) revert();
        if (_mode == Mode.BurnGas) {
            assembly ("memory-safe") {
                invalid()
            }
        }
        bytes memory answer = _answer;
        assembly ("memory-safe") {
            return(add(answer, 32), mload(answer))
        }
    }
}
