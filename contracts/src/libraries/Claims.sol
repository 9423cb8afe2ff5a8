// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IDatasetRegistry} from "../interfaces/IDatasetRegistry.sol";
import {IOpeningVerifier} from "../interfaces/IOpeningVerifier.sol";
import {IRevenueLedger} from "../interfaces/IRevenueLedger.sol";
import {Demands} from "./Demands.sol";
import {Epochs} from "./Epochs.sol";
import {LedgerState} from "./LedgerState.sol";
import {Payments} from "./Payments.sol";
import {Statement} from "./Statement.sol";
import {VerifierCall} from "./VerifierCall.sol";

/// @title What final epochs pay: to contributors by receipts, to beneficiaries by their policies
library Claims {
    using LedgerState for LedgerState.State;
    using Payments for LedgerState.State;
    using Payments for Payments.Payouts;
    using SafeERC20 for IERC20;

    /// @dev Receipts on their way.
    struct Redemption {
        bytes32 modelId;
        bool answering;
        IOpeningVerifier.Columns[] columns;
        uint256 used;
        uint256 bonds;
        Payments.Payouts payouts;
    }

    /// @dev One receipt: where its accounts are, and what their openings are about.
    struct Opened {
        bytes32 key;
        uint256 slots;
        bytes head;
    }

    // ------------------------------------------------------------------------------------------------ receipts

    /// @notice Pays what receipts show beyond what was paid before; where they answer demands, the caller gets the bonds.
    /// @dev Part of the ledger's own code: this is what most transactions are.
    function redeem(
        LedgerState.State storage self,
        IDatasetRegistry registry,
        address openings,
        bytes32 modelId,
        IRevenueLedger.Receipt[] calldata receipts,
        bool answering
    ) internal returns (uint256 paid) {
        LedgerState.Model storage m = self.models[modelId];
        Redemption memory r;
        (r.modelId, r.answering) = (modelId, answering);
        r.columns = new IOpeningVerifier.Columns[](receipts.length);
        r.payouts = Payments.payouts(_accounts(receipts));
        for (uint256 i = 0; i < receipts.length; i++) {
            _take(self, m, registry, r, receipts[i]);
        }
        if (r.used == 0) {
            if (answering) revert IRevenueLedger.NothingToAnswer();
            revert IRevenueLedger.NothingDue();
        }
        paid = r.payouts.total;
        (uint256 owed, uint256 unclaimed) = (m.owed, m.unclaimed);
        if (paid > unclaimed) revert IRevenueLedger.ExceedsOwed(unclaimed, paid);
        (m.owed, m.unclaimed) = (uint128(owed - paid), uint128(unclaimed - paid));
        _check(openings, r.columns, r.used);
        self.pay(m.terms.token, r.payouts);
        if (answering) Payments.sendCoin(msg.sender, r.bonds);
    }

    function _accounts(IRevenueLedger.Receipt[] calldata receipts) private pure returns (uint256 count) {
        for (uint256 i = 0; i < receipts.length; i++) {
            count += receipts[i].accounts.length;
        }
    }

    /// @dev One receipt's accounts: those to which nothing is due, or of which nobody asks, are passed over and not opened.
    function _take(
        LedgerState.State storage self,
        LedgerState.Model storage m,
        IDatasetRegistry registry,
        Redemption memory r,
        IRevenueLedger.Receipt calldata receipt
    ) private {
        Opened memory o = _open(self, m, registry, r.modelId, receipt);
        IOpeningVerifier.Opening[] memory list = new IOpeningVerifier.Opening[](receipt.accounts.length);
        uint256 count;
        for (uint256 i = 0; i < receipt.accounts.length; i++) {
            IRevenueLedger.Account calldata a = receipt.accounts[i];
            if (a.index >= Statement.accounts(o.slots)) revert IRevenueLedger.InvalidIndex(a.index);
            LedgerState.checkAccount(a.payee);
            if (r.answering && !_answer(self, m, r, o.key, receipt, a.index)) continue;
            uint256 amount = self.raiseClaimed(o.key, a.index, a.cumulative);
            if (amount != 0) {
                r.payouts.add(a.payee, amount);
                emit IRevenueLedger.Claimed(
                    r.modelId, receipt.datasetId, a.payee, receipt.segment, a.index, amount, a.cumulative
                );
            } else if (!r.answering) {
                continue;
            }
            list[count++] = _opening(o.head, a);
        }
        if (count == 0) return;
        assembly ("memory-safe") {
            mstore(list, count)
        }
        r.columns[r.used++] = IOpeningVerifier.Columns(o.slots, receipt.payees, receipt.balances, list);
    }

    function _answer(
        LedgerState.State storage self,
        LedgerState.Model storage m,
        Redemption memory r,
        bytes32 key,
        IRevenueLedger.Receipt calldata receipt,
        uint256 index
    ) private returns (bool open) {
        uint256 bond;
        (open, bond) = Demands.answer(self, m, LedgerState.accountKey(key, index), receipt.epoch);
        r.bonds += bond;
        if (open) {
            emit IRevenueLedger.Answered(r.modelId, receipt.datasetId, receipt.segment, index, msg.sender);
        }
    }

    /// @dev The columns are those that were stored: a payee column of the segment, and New of a final epoch's final attempt.
    function _open(
        LedgerState.State storage self,
        LedgerState.Model storage m,
        IDatasetRegistry registry,
        bytes32 modelId,
        IRevenueLedger.Receipt calldata receipt
    ) private view returns (Opened memory o) {
        (bytes32 datasetId, uint256 segment, uint256 epoch) = (receipt.datasetId, receipt.segment, receipt.epoch);
        LedgerState.Epoch storage e = m.epochs[epoch];
        if (e.stage != IRevenueLedger.Stage.Final) revert IRevenueLedger.NotFinal(modelId, epoch);
        o.key = LedgerState.segmentKey(modelId, datasetId, segment);
        bytes32 balances = self.columns[LedgerState.columnKey(o.key, epoch, e.attempt)];
        if (balances != VerifierCall.digest(receipt.balances[0], receipt.balances[1])) {
            revert IRevenueLedger.UnknownBalanceColumn(datasetId, segment, epoch);
        }
        bytes32 payees = VerifierCall.digest(receipt.payees[0], receipt.payees[1]);
        o.slots = registry.payeeColumnSlots(datasetId, segment, payees);
        if (o.slots == 0) revert IRevenueLedger.UnknownPayeeColumn(datasetId, segment);
        o.head = Statement.receiptHead(modelId, datasetId, segment, receipt.payees, receipt.balances);
    }

    function _opening(bytes memory head, IRevenueLedger.Account calldata a)
        private
        pure
        returns (IOpeningVerifier.Opening memory)
    {
        uint256 gamma = Statement.receiptChallenge(head, a.index, a.payee, a.cumulative);
        return IOpeningVerifier.Opening(a.index, gamma, Statement.receiptValue(gamma, a.payee, a.cumulative), a.proof);
    }

    function _check(address openings, IOpeningVerifier.Columns[] memory columns, uint256 used) private view {
        assembly ("memory-safe") {
            mstore(columns, used)
        }
        IOpeningVerifier(openings).check(columns);
    }

    // ------------------------------------------------------------------------------------------------ what would be paid

    /// @dev Receipts looked at: the accounts so far, what they leave as paid, and what each would get.
    struct Preview {
        bytes32 modelId;
        IDatasetRegistry registry;
        address openings;
        uint256 count;
        bytes32[] keys;
        uint256[] taken;
        uint256[] amounts;
    }

    /// @notice See IRevenueLedger.claimable.
    function claimable(
        LedgerState.State storage self,
        IDatasetRegistry registry,
        address openings,
        bytes32 modelId,
        IRevenueLedger.Receipt[] calldata receipts
    ) external view returns (uint256[] memory) {
        Preview memory p;
        (p.modelId, p.registry, p.openings) = (modelId, registry, openings);
        uint256 size = _accounts(receipts);
        (p.keys, p.taken, p.amounts) = (new bytes32[](size), new uint256[](size), new uint256[](size));
        for (uint256 i = 0; i < receipts.length; i++) {
            _preview(self, p, receipts[i]);
        }
        return p.amounts;
    }

    function _preview(LedgerState.State storage self, Preview memory p, IRevenueLedger.Receipt calldata receipt)
        private
        view
    {
        bytes32 segment = LedgerState.segmentKey(p.modelId, receipt.datasetId, receipt.segment);
        for (uint256 i = 0; i < receipt.accounts.length; i++) {
            IRevenueLedger.Account calldata a = receipt.accounts[i];
            uint256 k = p.count++;
            p.keys[k] = LedgerState.accountKey(segment, a.index);
            uint256 before = _takenBefore(p, k, self.claimedOf(segment, a.index));
            if (a.cumulative > before && _holds(self, p, segment, receipt, a)) {
                p.amounts[k] = a.cumulative - before;
                before = a.cumulative;
            }
            p.taken[k] = before;
        }
    }

    /// @dev The same account may stand in several receipts.
    function _takenBefore(Preview memory p, uint256 k, uint256 claimed) private pure returns (uint256) {
        for (uint256 i = k; i > 0; i--) {
            if (p.keys[i - 1] == p.keys[k]) return p.taken[i - 1];
        }
        return claimed;
    }

    /// @dev Whether one account of a receipt would be accepted.
    function _holds(
        LedgerState.State storage self,
        Preview memory p,
        bytes32 key,
        IRevenueLedger.Receipt calldata receipt,
        IRevenueLedger.Account calldata a
    ) private view returns (bool) {
        LedgerState.Epoch storage e = self.models[p.modelId].epochs[receipt.epoch];
        if (e.stage != IRevenueLedger.Stage.Final || a.payee == address(0) || a.payee == address(this)) return false;
        bytes32 balances = self.columns[LedgerState.columnKey(key, receipt.epoch, e.attempt)];
        if (balances != VerifierCall.digest(receipt.balances[0], receipt.balances[1])) return false;
        bytes32 payees = VerifierCall.digest(receipt.payees[0], receipt.payees[1]);
        uint256 slots = p.registry.payeeColumnSlots(receipt.datasetId, receipt.segment, payees);
        if (slots == 0 || a.index >= Statement.accounts(slots)) return false;
        bytes memory head =
            Statement.receiptHead(p.modelId, receipt.datasetId, receipt.segment, receipt.payees, receipt.balances);
        IOpeningVerifier.Columns[] memory columns = new IOpeningVerifier.Columns[](1);
        IOpeningVerifier.Opening[] memory list = new IOpeningVerifier.Opening[](1);
        list[0] = _opening(head, a);
        columns[0] = IOpeningVerifier.Columns(slots, receipt.payees, receipt.balances, list);
        try IOpeningVerifier(p.openings).check(columns) {
            return true;
        } catch {
            return false;
        }
    }

    // ------------------------------------------------------------------------------------------------ beneficiaries

    function withdrawShare(LedgerState.State storage self, bytes32 modelId, uint64[] calldata epochs, uint256 index)
        external
        returns (uint256)
    {
        LedgerState.Model storage m = self.modelOf(modelId);
        // Once a model is dissolved there is nobody left to be pressed, and other beneficiaries to be paid.
        uint256 overdue = m.dissolved ? 0 : self.overdueDeadline(m);
        bool held;
        Payments.Payouts memory p = Payments.payouts(epochs.length);
        for (uint256 i = 0; i < epochs.length; i++) {
            LedgerState.Epoch storage e = m.epochs[epochs[i]];
            if (e.stage != IRevenueLedger.Stage.Final) revert IRevenueLedger.NotFinal(modelId, epochs[i]);
            IRevenueLedger.Beneficiary[] storage list = m.policies[e.policy - 1].beneficiaries;
            if (index >= list.length) revert IRevenueLedger.InvalidBeneficiary(index);
            uint256 amount = Epochs.share(e.revenue, list[index].bps);
            if (amount == 0 || e.sharesWithdrawn >> index & 1 == 1) continue;
            // No longer than the epoch's own clock: a developer can let one demand after the other be overdue, for ever.
            if (overdue != 0 && block.timestamp <= uint256(e.closedAt) + m.terms.exitWindow) {
                held = true;
                continue;
            }
            e.sharesWithdrawn |= uint16(1 << index);
            p.add(list[index].account, amount);
            emit IRevenueLedger.ShareWithdrawn(modelId, epochs[i], list[index].account, amount);
        }
        if (p.total == 0 && held) revert IRevenueLedger.DemandOverdue(modelId, overdue);
        if (p.total == 0) revert IRevenueLedger.NothingDue();
        m.owed -= uint128(p.total);
        self.pay(m.terms.token, p);
        return p.total;
    }

    // ------------------------------------------------------------------------------------------------ credits

    /// @dev With all the gas that the sender gives; what still can't be transferred stays credited.
    function withdraw(LedgerState.State storage self, address token, address account)
        external
        returns (uint256 amount)
    {
        amount = self.credits[token][account];
        if (amount == 0) revert IRevenueLedger.NothingDue();
        address to = self.recipientOf(account);
        if (to == token || to == address(this)) revert IRevenueLedger.TransferFailed(to);
        self.credits[token][account] = 0;
        self.credited[token] -= amount;
        emit IRevenueLedger.Paid(token, account, to, amount);
        if (token == address(0)) Payments.sendCoin(to, amount);
        else IERC20(token).safeTransfer(to, amount);
    }
}
