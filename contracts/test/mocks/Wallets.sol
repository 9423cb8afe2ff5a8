// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

/// @notice A multisig of two owners: what both confirmed is called, and its failure is passed on. It takes coins, and writes down from
/// whom: more than the 2,300 gas of `transfer` pay for.
contract Wallet {
    error NotAnOwner();

    address private immutable _first;
    address private immutable _second;
    uint256 private _nonce;
    mapping(bytes32 call => address) private _confirmedBy;
    mapping(address from => uint256) public received;

    constructor(address first, address second) {
        (_first, _second) = (first, second);
    }

    receive() external payable virtual {
        received[msg.sender] += msg.value;
    }

    /// @return answer What the call returned; nothing while the other owner has not confirmed.
    function confirm(address to, uint256 value, bytes calldata data) external returns (bytes memory answer) {
        if (msg.sender != _first && msg.sender != _second) revert NotAnOwner();
        bytes32 id = keccak256(abi.encode(_nonce, to, value, data));
        address before = _confirmedBy[id];
        if (before == address(0) || before == msg.sender) {
            _confirmedBy[id] = msg.sender;
            return "";
        }
        _nonce++;
        bool ok;
        (ok, answer) = to.call{value: value}(data);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
    }
}

/// @notice Takes no coins.
contract RefusingWallet is Wallet {
    error NoCoins();

    constructor(address first, address second) Wallet(first, second) {}

    receive() external payable override {
        revert NoCoins();
    }
}

/// @notice Burns all the gas that it gets with coins.
contract BurningWallet is Wallet {
    constructor(address first, address second) Wallet(first, second) {}

    receive() external payable override {
        while (true) {}
    }
}

/// @notice Calls back when it gets coins.
contract ReenteringWallet is Wallet {
    address private _target;
    bytes private _data;
    bool public called;
    bool public succeeded;

    constructor(address first, address second) Wallet(first, second) {}

    function callBack(address target, bytes calldata data) external {
        (_target, _data) = (target, data);
    }

    receive() external payable override {
        if (_target == address(0)) return;
        called = true;
        (succeeded,) = _target.call(_data);
    }
}
