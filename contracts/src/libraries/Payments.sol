// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IRevenueLedger} from "../interfaces/IRevenueLedger.sol";
import {LedgerState} from "./LedgerState.sol";

/// @title Transfers that can fail and stop nobody else
/// @notice An account's recipient is paid. What can't be transferred is credited to the account and can be withdrawn.
library Payments {
    /// @notice What a token gets for a transfer. Whoever sends a claim can't push its payees into credits by sending it with
    /// too little gas: with less than this left the whole claim reverts.
    uint256 internal constant TRANSFER_GAS = 200_000;
    /// @dev All but a 64th of what is left can be passed on; the rest covers the way to the call.
    uint256 internal constant TRANSFER_GAS_LEFT = TRANSFER_GAS * 64 / 63 + 8_000;

    /// @notice Who gets how much: one entry an account; the first `count` are in use.
    struct Payouts {
        uint256 count;
        address[] accounts;
        uint256[] amounts;
        uint256 total;
    }

    function payouts(uint256 size) internal pure returns (Payouts memory p) {
        p.accounts = new address[](size);
        p.amounts = new uint256[](size);
    }

    function add(Payouts memory p, address account, uint256 amount) internal pure {
        p.total += amount;
        // Mostly it is the account of the last entry.
        for (uint256 i = p.count; i > 0; i--) {
            if (p.accounts[i - 1] == account) {
                p.amounts[i - 1] += amount;
                return;
            }
        }
        (p.accounts[p.count], p.amounts[p.count]) = (account, amount);
        p.count++;
    }

    /// @notice One transfer an account. Everything that it rests on has been written before.
    function pay(LedgerState.State storage self, address token, Payouts memory p) internal {
        for (uint256 i = 0; i < p.count; i++) {
            pay(self, token, p.accounts[i], p.amounts[i]);
        }
    }

    function pay(LedgerState.State storage self, address token, address account, uint256 amount) internal {
        if (gasleft() < TRANSFER_GAS_LEFT) revert IRevenueLedger.InsufficientGas(TRANSFER_GAS_LEFT);
        address to = recipientOf(self, account);
        if (to != token && to != address(this) && _transfer(token, to, amount)) {
            emit IRevenueLedger.Paid(token, account, to, amount);
        } else {
            credit(self, token, account, amount);
        }
    }

    function credit(LedgerState.State storage self, address token, address account, uint256 amount) internal {
        self.credits[token][account] += amount;
        self.credited[token] += amount;
        emit IRevenueLedger.Credited(token, account, amount);
    }

    function recipientOf(LedgerState.State storage self, address account) internal view returns (address to) {
        to = self.recipients[account];
        if (to == address(0)) to = account;
    }

    /// @dev True if the call succeeded and what it returned, if anything, begins with true. No more than one word of the answer is
    /// ever copied.
    function _transfer(address token, address to, uint256 amount) private returns (bool ok) {
        bytes memory call_ = abi.encodeCall(IERC20.transfer, (to, amount));
        uint256 stipend = TRANSFER_GAS;
        assembly ("memory-safe") {
            mstore(0, 0)
            ok := call(stipend, token, 0, add(call_, 32), mload(call_), 0, 32)
            switch returndatasize()
            case 0 { ok := and(ok, gt(extcodesize(token), 0)) }
            default { ok := and(ok, and(gt(returndatasize(), 31), eq(mload(0), 1))) }
        }
    }

    /// @notice Sends the chain's coin, or reverts.
    function sendCoin(address to, uint256 amount) internal {
        if (amount == 0) return;
        (bool ok,) = to.call{value: amount}("");
        if (!ok) revert IRevenueLedger.TransferFailed(to);
    }
}
