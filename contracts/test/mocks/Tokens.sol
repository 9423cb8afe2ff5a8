// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice A plain token that anyone can mint.
contract TestToken is ERC20 {
    constructor() ERC20("Test Token", "TEST") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

/// @notice Takes a part of every transfer; up to all of it.
contract FeeToken is TestToken {
    uint256 public feeBps = 100;

    function setFee(uint256 bps) external {
        feeBps = bps;
    }

    function _update(address from, address to, uint256 value) internal override {
        uint256 fee = from == address(0) || to == address(0) ? 0 : value * feeBps / 10_000;
        if (fee != 0) super._update(from, address(0), fee);
        super._update(from, to, value - fee);
    }
}

/// @notice Refuses transfers to and from some accounts, or all of them.
contract BlocklistToken is TestToken {
    error Blocked(address account);

    mapping(address account => bool) public blocked;
    bool public paused;

    function setBlocked(address account, bool value) external {
        blocked[account] = value;
    }

    function setPaused(bool value) external {
        paused = value;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (paused || blocked[from]) revert Blocked(from);
        if (blocked[to]) revert Blocked(to);
        super._update(from, to, value);
    }
}

/// @notice Balances can be scaled down under their holders' feet.
contract RebasingToken is TestToken {
    uint256 public scaleBps = 10_000;

    function rebase(uint256 bps) external {
        scaleBps = bps;
    }

    function balanceOf(address account) public view override returns (uint256) {
        return super.balanceOf(account) * scaleBps / 10_000;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (from != address(0) && balanceOf(from) < value) {
            revert ERC20InsufficientBalance(from, balanceOf(from), value);
        }
        super._update(from, to, value * 10_000 / scaleBps);
    }
}

/// @notice Calls back into whoever it is told to, in the middle of a transfer.
contract HookToken is TestToken {
    address private _target;
    bytes private _call;
    bool public fired;
    bool public succeeded;
    bytes public reason;

    function setHook(address target, bytes calldata call_) external {
        (_target, _call, fired) = (target, call_, false);
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (_target == address(0) || from == address(0)) return;
        (address target, bytes memory call_) = (_target, _call);
        _target = address(0);
        fired = true;
        (succeeded, reason) = target.call(call_);
    }
}

/// @notice The old tokens that return nothing, and the older ones that return false.
contract BareToken {
    enum Answer {
        Nothing,
        False,
        Revert
    }

    mapping(address account => uint256) public balanceOf;
    Answer public answer;

    function setAnswer(Answer value) external {
        answer = value;
    }

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function transfer(address to, uint256 amount) external {
        _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external {
        _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private {
        if (answer == Answer.Revert) revert("no");
        if (answer == Answer.False) {
            assembly ("memory-safe") {
                mstore(0, 0)
                return(0, 32)
            }
        }
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

/// @notice Says yes and moves nothing.
contract LyingToken {
    function balanceOf(address) external pure returns (uint256) {
        return 1_000;
    }

    function transferFrom(address, address, uint256) external pure returns (bool) {
        return true;
    }
}
