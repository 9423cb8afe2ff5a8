// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {IDatasetRegistry} from "../interfaces/IDatasetRegistry.sol";
import {IOpeningVerifier} from "../interfaces/IOpeningVerifier.sol";
import {IRevenueLedger} from "../interfaces/IRevenueLedger.sol";
import {Demands} from "./Demands.sol";
import {LedgerState} from "./LedgerState.sol";
import {Payments} from "./Payments.sol";
import {Statement} from "./Statement.sol";
import {VerifierCall} from "./VerifierCall.sol";

/// @title The end of a model that stalls
library Exits {
    using LedgerState for LedgerState.State;
    using Payments for LedgerState.State;
    using Payments for Payments.Payouts;

    /// @dev Exits on their way.
    struct Leaving {
        bytes32 modelId;
        uint256 total;
        uint256 finalEpoch;
        IOpeningVerifier.Columns[] columns;
        uint256 used;
        Payments.Payouts payouts;
    }

    /// @dev A segment's part: of how many records, and what each gets.
    struct Part {
        bytes32 key;
        uint256 records;
        uint256 each;
    }

    function dissolve(LedgerState.State storage self, bytes32 modelId) external {
        LedgerState.Model storage m = self.liveModelOf(modelId);
        if (!_stalled(self, m)) revert IRevenueLedger.NotStalled(modelId);
        uint256 total;
        for (uint256 epoch = uint256(m.finalEpoch) + 1; epoch <= m.openEpoch; epoch++) {
            LedgerState.Epoch storage e = m.epochs[epoch];
            total += uint256(e.revenue) + e.carried;
        }
        (m.dissolved, m.dissolvedAt) = (true, uint64(block.timestamp));
        (m.exitTotal, m.exitLeft) = (uint128(total), uint128(total));
        emit IRevenueLedger.Dissolved(modelId, m.finalEpoch, total);
    }

    /// @dev Three clocks: from an epoch's close, from a pool that reached its minimum, from the deadline of the oldest open demand. Nothing
    /// restarts the first two, on which all money hangs. An answer stops the third, and the next demand's goes on: whoever answers one and lets
    /// another be overdue holds closes, which the pool's clock ends, and shares, which are paid after the epoch's close and `exitWindow`.
    function _stalled(LedgerState.State storage self, LedgerState.Model storage m) private view returns (bool) {
        uint256 window = m.terms.exitWindow;
        uint256 open = m.openEpoch;
        if (open == 0) return false;
        uint256 since = m.epochs[open].poolReachedAt;
        if (since != 0 && block.timestamp > since + window) return true;
        if (m.finalEpoch + 1 < open && block.timestamp > m.epochs[open - 1].closedAt + window) return true;
        since = self.oldestDeadline(m);
        return since != 0 && block.timestamp > since + window;
    }

    function exit(
        LedgerState.State storage self,
        IDatasetRegistry registry,
        address openings,
        bytes32 modelId,
        IRevenueLedger.Exit[] calldata exits
    ) external returns (uint256 paid) {
        LedgerState.Model storage m = self.modelOf(modelId);
        if (!m.dissolved) revert IRevenueLedger.NotDissolved(modelId);
        Leaving memory l;
        (l.modelId, l.total, l.finalEpoch) = (modelId, m.exitTotal, m.finalEpoch);
        l.columns = new IOpeningVerifier.Columns[](exits.length);
        l.payouts = Payments.payouts(_accounts(exits));
        for (uint256 i = 0; i < exits.length; i++) {
            Part memory part = _part(self, m, registry, l, exits[i]);
            _leaveByRecords(self, registry, l, part, exits[i]);
            _leaveByOpenings(self, registry, l, part, exits[i]);
        }
        paid = l.payouts.total;
        if (paid == 0) revert IRevenueLedger.NothingDue();
        // Floors of floors never sum to more than the whole: these subtractions can't fail.
        (m.exitLeft, m.owed) = (m.exitLeft - uint128(paid), m.owed - uint128(paid));
        if (l.used != 0) _check(openings, l);
        self.pay(m.terms.token, l.payouts);
    }

    function _accounts(IRevenueLedger.Exit[] calldata exits) private pure returns (uint256 count) {
        for (uint256 i = 0; i < exits.length; i++) {
            count += exits[i].records.length + exits[i].accounts.length;
        }
    }

    /// @dev By the scores of the last final epoch and the records counted there; with no such epoch by the records that were
    /// enrolled when the first epoch opened. Whoever is enrolled later gets nothing.
    function _part(
        LedgerState.State storage self,
        LedgerState.Model storage m,
        IDatasetRegistry registry,
        Leaving memory l,
        IRevenueLedger.Exit calldata x
    ) private view returns (Part memory part) {
        part.key = LedgerState.segmentKey(l.modelId, x.datasetId, x.segment);
        if (l.finalEpoch == 0) {
            uint256 revision = m.enrolments[x.datasetId].exitRevision;
            if (revision != 0) part.records = registry.recordsOf(x.datasetId, revision - 1, x.segment);
            if (part.records == 0) revert IRevenueLedger.NotInExit(x.datasetId, x.segment);
            part.each = l.total / m.exitRecords;
            return part;
        }
        uint256 epoch;
        (epoch,, part.records) = LedgerState.lastFinal(m, self.segments[part.key]);
        if (epoch != l.finalEpoch) revert IRevenueLedger.NotInExit(x.datasetId, x.segment);
        LedgerState.Epoch storage e = m.epochs[epoch];
        bytes32 leaf = Statement.scoreLeaf(x.datasetId, x.segment, x.revision, x.segmentScore, x.scores[0], x.scores[1]);
        if (!Statement.isScore(e.scoreRoot, e.count, x.position, leaf, x.path)) {
            revert IRevenueLedger.ScoreNotShown(x.datasetId, x.segment, x.position);
        }
        part.each = l.total * x.segmentScore / e.totalScore / part.records;
    }

    function _leaveByRecords(
        LedgerState.State storage self,
        IDatasetRegistry registry,
        Leaving memory l,
        Part memory part,
        IRevenueLedger.Exit calldata x
    ) private {
        for (uint256 i = 0; i < x.records.length; i++) {
            IRevenueLedger.RecordPath calldata record = x.records[i];
            if (_leave(self, l, part, x, record.index, record.payee)) {
                Demands.showRecord(registry, x.datasetId, x.segment, record, part.records);
            }
        }
    }

    function _leaveByOpenings(
        LedgerState.State storage self,
        IDatasetRegistry registry,
        Leaving memory l,
        Part memory part,
        IRevenueLedger.Exit calldata x
    ) private {
        if (x.accounts.length == 0) return;
        bytes32 column = VerifierCall.digest(x.payees[0], x.payees[1]);
        uint256 slots = registry.payeeColumnSlots(x.datasetId, x.segment, column);
        if (slots == 0) revert IRevenueLedger.UnknownPayeeColumn(x.datasetId, x.segment);
        IOpeningVerifier.Opening[] memory list = new IOpeningVerifier.Opening[](x.accounts.length);
        uint256 count;
        for (uint256 i = 0; i < x.accounts.length; i++) {
            IRevenueLedger.Account calldata a = x.accounts[i];
            if (!_leave(self, l, part, x, a.index, a.payee)) continue;
            // The payee column alone: gamma is 0.
            list[count++] = IOpeningVerifier.Opening(a.index, 0, uint160(a.payee), a.proof);
        }
        if (count == 0) return;
        assembly ("memory-safe") {
            mstore(list, count)
        }
        l.columns[l.used++] = IOpeningVerifier.Columns(slots, x.payees, x.payees, list);
    }

    /// @dev Once for each account.
    /// @return due Whether it gets something now, so that it has to be shown.
    function _leave(
        LedgerState.State storage self,
        Leaving memory l,
        Part memory part,
        IRevenueLedger.Exit calldata x,
        uint256 index,
        address payee
    ) private returns (bool due) {
        if (index >= part.records) revert IRevenueLedger.InvalidIndex(index);
        LedgerState.checkAccount(payee);
        if (part.each == 0 || self.hasExited(part.key, index)) return false;
        self.setExited(part.key, index);
        l.payouts.add(payee, part.each);
        emit IRevenueLedger.Exited(l.modelId, x.datasetId, payee, x.segment, index, part.each);
        return true;
    }

    function _check(address openings, Leaving memory l) private view {
        (IOpeningVerifier.Columns[] memory columns, uint256 used) = (l.columns, l.used);
        assembly ("memory-safe") {
            mstore(columns, used)
        }
        IOpeningVerifier(openings).check(columns);
    }
}
