// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {IDatasetRegistry} from "../interfaces/IDatasetRegistry.sol";
import {IRevenueLedger} from "../interfaces/IRevenueLedger.sol";
import {LedgerState} from "./LedgerState.sol";
import {Payments} from "./Payments.sol";

/// @title Demands for receipts that are withheld
/// @notice A model's demands form a list by age. There is no greatest number of them: with one, a developer could fill it with
/// demands of its own and keep everybody else's out. The list is never walked but by a view.
library Demands {
    using LedgerState for LedgerState.State;
    using Payments for LedgerState.State;

    function demand(
        LedgerState.State storage self,
        IDatasetRegistry registry,
        bytes32 modelId,
        bytes32 datasetId,
        uint32 segment,
        IRevenueLedger.RecordPath calldata record
    ) external {
        LedgerState.Model storage m = self.liveModelOf(modelId);
        if (msg.value != m.terms.demandBond) revert IRevenueLedger.WrongBond(m.terms.demandBond, msg.value);
        bytes32 key = LedgerState.segmentKey(modelId, datasetId, segment);
        (uint256 epoch,, uint256 records) = LedgerState.lastFinal(m, self.segments[key]);
        if (epoch == 0) revert IRevenueLedger.NothingSettled(datasetId, segment);
        showRecord(registry, datasetId, segment, record, records);

        key = LedgerState.accountKey(key, record.index);
        LedgerState.Demand storage d = self.demands[key];
        if (d.deadline != 0) revert IRevenueLedger.AlreadyDemanded(datasetId, segment, record.index);
        if (d.answeredEpoch == epoch) {
            revert IRevenueLedger.AlreadyAnswered(datasetId, segment, record.index, epoch);
        }
        uint256 deadline = block.timestamp + m.terms.demandWindow;
        (d.datasetId, d.segment, d.index, d.epoch) = (datasetId, segment, uint16(record.index), uint32(epoch));
        (d.sender, d.deadline, d.bondReturned) = (msg.sender, uint40(deadline), false);
        bytes32 last = m.lastDemand;
        if (last == 0) m.firstDemand = key;
        else self.demands[last].next = key;
        (d.previous, m.lastDemand) = (last, key);
        emit IRevenueLedger.Demanded(modelId, datasetId, segment, record.index, epoch, deadline, msg.sender);
    }

    /// @notice Reverts unless it is one of the first `records` and its path leads to a root that its segment has or had, under which it stood.
    function showRecord(
        IDatasetRegistry registry,
        bytes32 datasetId,
        uint256 segment,
        IRevenueLedger.RecordPath calldata record,
        uint256 records
    ) internal view {
        if (record.index >= records) revert IRevenueLedger.InvalidIndex(record.index);
        LedgerState.checkAccount(record.payee);
        uint256 shown = registry.recordRoot(
            registry.dataset(datasetId).slots, record.index, record.payee, record.content, record.siblings
        );
        if (record.index >= registry.recordsUnder(datasetId, segment, shown)) {
            revert IRevenueLedger.RecordNotShown(datasetId, segment, record.index);
        }
    }

    /// @notice Closes the account's demand, if there is one of this epoch.
    /// @return open Whether there was.
    /// @return bond What its answer earns: after the deadline the bond is the sender's.
    function answer(LedgerState.State storage self, LedgerState.Model storage m, bytes32 key, uint256 epoch)
        internal
        returns (bool open, uint256 bond)
    {
        LedgerState.Demand storage d = self.demands[key];
        if (d.deadline == 0 || d.epoch != epoch) return (false, 0);
        if (!d.bondReturned) {
            bond = m.terms.demandBond;
            if (block.timestamp > d.deadline || m.dissolved) {
                if (bond != 0) self.credit(address(0), d.sender, bond);
                bond = 0;
            }
        }
        (bytes32 previous, bytes32 next) = (d.previous, d.next);
        if (previous == 0) m.firstDemand = next;
        else self.demands[previous].next = next;
        if (next == 0) m.lastDemand = previous;
        else self.demands[next].previous = previous;
        delete self.demands[key];
        d.answeredEpoch = uint32(epoch);
        return (true, bond);
    }

    function returnBond(
        LedgerState.State storage self,
        bytes32 modelId,
        bytes32 datasetId,
        uint32 segment,
        uint32 index
    ) external {
        LedgerState.Model storage m = self.modelOf(modelId);
        bytes32 key = LedgerState.accountKey(LedgerState.segmentKey(modelId, datasetId, segment), index);
        LedgerState.Demand storage d = self.demands[key];
        uint256 deadline = d.deadline;
        if (deadline == 0) revert IRevenueLedger.NoSuchDemand(datasetId, segment, index);
        if (d.bondReturned) revert IRevenueLedger.BondAlreadyReturned(datasetId, segment, index);
        if (block.timestamp <= deadline && !m.dissolved) revert IRevenueLedger.TooEarly(deadline);
        d.bondReturned = true;
        emit IRevenueLedger.BondReturned(modelId, datasetId, segment, index);
        Payments.sendCoin(self.recipientOf(d.sender), m.terms.demandBond);
    }

    /// @notice See IRevenueLedger.getDemands.
    function list(LedgerState.State storage self, bytes32 modelId, bytes32 cursor, uint256 count)
        external
        view
        returns (IRevenueLedger.Demand[] memory page, bytes32 next)
    {
        LedgerState.Model storage m = self.models[modelId];
        next = cursor == 0 ? m.firstDemand : cursor;
        if (self.demands[next].deadline == 0) return (page, 0);
        uint256 length;
        for (bytes32 key = next; key != 0 && length < count; key = self.demands[key].next) {
            length++;
        }
        page = new IRevenueLedger.Demand[](length);
        for (uint256 i = 0; i < length; i++) {
            LedgerState.Demand storage d = self.demands[next];
            page[i] = _shown(m, d);
            next = d.next;
        }
    }

    /// @notice See IRevenueLedger.getDemand.
    function one(LedgerState.State storage self, bytes32 modelId, bytes32 datasetId, uint256 segment, uint256 index)
        external
        view
        returns (IRevenueLedger.Demand memory shown)
    {
        bytes32 key = LedgerState.accountKey(LedgerState.segmentKey(modelId, datasetId, segment), index);
        LedgerState.Demand storage d = self.demands[key];
        if (d.deadline != 0) shown = _shown(self.models[modelId], d);
    }

    function _shown(LedgerState.Model storage m, LedgerState.Demand storage d)
        private
        view
        returns (IRevenueLedger.Demand memory)
    {
        return IRevenueLedger.Demand({
            datasetId: d.datasetId,
            segment: d.segment,
            index: d.index,
            epoch: d.epoch,
            deadline: d.deadline,
            sender: d.sender,
            bond: m.terms.demandBond,
            bondReturned: d.bondReturned
        });
    }
}
