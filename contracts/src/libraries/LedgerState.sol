// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {IDatasetRegistry} from "../interfaces/IDatasetRegistry.sol";
import {IRevenueLedger} from "../interfaces/IRevenueLedger.sol";

/// @title What a ledger stores, and the look-ups that everything shares
/// @notice The ledger's code is split into libraries over this one struct, because it exceeds the code size limit.
library LedgerState {
    /// @dev Packed by who touches what: claims read the first word only, and what is written last is in words written before.
    struct Epoch {
        IRevenueLedger.Stage stage;
        uint32 attempt;
        uint32 count;
        uint80 totalScore;
        uint40 committedBlock;
        uint40 closedAt;
        uint16 sharesWithdrawn; // by beneficiary
        // second word
        uint32 moved;
        uint64 records;
        uint80 scoreSum;
        uint40 progressAt;
        // third word
        uint128 pool;
        uint128 paid;
        // fourth word
        uint128 revenue;
        // fifth word
        uint96 minPool;
        uint64 carried; // less than the number of records (V5)
        uint40 openedAt;
        uint40 poolReachedAt;
        // sixth word
        address attributor;
        uint32 policy;
        // seventh word
        bytes32 scoreRoot;
    }

    struct Enrolment {
        uint48 enrolledBlock;
        uint48 retiredFrom;
        uint48 records;
        uint32 revision;
        uint32 exitRevision;
    }

    /// @dev Demands of a model form a list, oldest first. All have the same time, so the first is the first to be overdue.
    struct Demand {
        bytes32 datasetId;
        bytes32 previous;
        bytes32 next;
        address sender;
        uint40 deadline; // 0 where there is no open demand
        uint32 segment;
        uint16 index;
        bool bondReturned;
        // next word
        uint32 epoch;
        uint32 answeredEpoch; // of an earlier demand of this account
    }

    struct Model {
        address developer;
        uint32 openEpoch;
        uint32 finalEpoch;
        bool dissolved;
        // second word: all that the model owes, and what of it are balances
        uint128 owed;
        uint128 unclaimed;
        // third word
        uint128 received;
        uint64 records;
        uint64 dissolvedAt;
        // what an exit pays
        uint128 exitTotal;
        uint128 exitLeft;
        // of epochs that open later
        address attributor;
        uint32 policy;
        uint64 exitRecords;
        // announced, from its time on: zero for none
        address nextAttributor;
        uint64 nextAttributorFrom;
        uint32 nextPolicy;
        uint64 nextPolicyFrom;
        // offered
        address offeredDeveloper;
        mapping(address from => address to) offeredAttributor;
        bytes32 firstDemand;
        bytes32 lastDemand;
        IRevenueLedger.Terms terms;
        IRevenueLedger.Policy[] policies; // version v is element v - 1
        mapping(uint256 epoch => Epoch) epochs;
        mapping(bytes32 datasetId => Enrolment) enrolments;
    }

    /// @dev What a ledger was deployed with. It keeps them in its code and hands them to its libraries, which have none of their own.
    struct Deployed {
        IDatasetRegistry registry;
        address openings;
        address split64;
        address split1024;
        address split16384;
    }

    struct State {
        mapping(bytes32 modelId => Model) models;
        mapping(bytes32 segmentKey => IRevenueLedger.Segment) segments;
        mapping(bytes32 columnKey => bytes32) columns;
        mapping(bytes32 segmentKey => mapping(uint256 pair => uint256)) claimed; // two accounts a word
        mapping(bytes32 segmentKey => mapping(uint256 word => uint256)) exited; // one bit an account
        mapping(bytes32 accountKey => Demand) demands;
        mapping(address payee => address) recipients;
        mapping(address token => mapping(address account => uint256)) credits; // token 0: the chain's coin
        mapping(address token => uint256) credited; // their sum
        mapping(address token => bytes32[]) modelsIn; // that ever received it
    }

    /// @dev The verifier of Split for a tier, 0 where there is none.
    function splitVerifier(Deployed memory d, uint256 slots) internal pure returns (address) {
        if (slots == 64) return d.split64;
        if (slots == 1_024) return d.split1024;
        if (slots == 16_384) return d.split16384;
        return address(0);
    }

    // ------------------------------------------------------------------------------------------------ models

    function modelOf(State storage self, bytes32 modelId) internal view returns (Model storage m) {
        m = self.models[modelId];
        if (m.developer == address(0)) revert IRevenueLedger.UnknownModel(modelId);
    }

    /// @dev For everything but pay-out.
    function liveModelOf(State storage self, bytes32 modelId) internal view returns (Model storage m) {
        m = modelOf(self, modelId);
        if (m.dissolved) revert IRevenueLedger.ModelDissolved(modelId);
    }

    function requireOnTime(State storage self, Model storage m, bytes32 modelId) internal view {
        uint256 deadline = overdueDeadline(self, m);
        if (deadline != 0) revert IRevenueLedger.DemandOverdue(modelId, deadline);
    }

    /// @dev Of the oldest demand, where it has passed; 0 where none has.
    function overdueDeadline(State storage self, Model storage m) internal view returns (uint256 deadline) {
        deadline = oldestDeadline(self, m);
        if (block.timestamp <= deadline) deadline = 0;
    }

    /// @dev Of the demands that are not answered; 0 for none.
    function oldestDeadline(State storage self, Model storage m) internal view returns (uint256) {
        bytes32 first = m.firstDemand;
        return first == 0 ? 0 : self.demands[first].deadline;
    }

    function checkAccount(address account) internal view {
        if (account == address(0) || account == address(this)) revert IRevenueLedger.InvalidAccount(account);
    }

    // ------------------------------------------------------------------------------------------------ segments

    function segmentKey(bytes32 modelId, bytes32 datasetId, uint256 segment) internal pure returns (bytes32) {
        return keccak256(abi.encode(modelId, datasetId, segment));
    }

    function columnKey(bytes32 key, uint256 epoch, uint256 attempt) internal pure returns (bytes32) {
        return keccak256(abi.encode(key, epoch, attempt));
    }

    function accountKey(bytes32 key, uint256 index) internal pure returns (bytes32) {
        return keccak256(abi.encode(key, index));
    }

    /// @dev V3: the last final epoch in which the segment moved, that epoch's final attempt, and with how many records.
    /// The newest move may be of an epoch that is not final, or of an attempt that was given up.
    function lastFinal(Model storage m, IRevenueLedger.Segment memory s)
        internal
        view
        returns (uint256 epoch, uint256 attempt, uint256 records)
    {
        if (s.epoch != 0) {
            Epoch storage e = m.epochs[s.epoch];
            if (e.stage == IRevenueLedger.Stage.Final && e.attempt == s.attempt) {
                return (s.epoch, s.attempt, s.records);
            }
        }
        return (s.previousEpoch, s.previousAttempt, s.previousRecords);
    }

    // ------------------------------------------------------------------------------------------------ accounts

    function claimedOf(State storage self, bytes32 key, uint256 index) internal view returns (uint256) {
        return uint128(self.claimed[key][index >> 1] >> (index & 1) * 128);
    }

    /// @dev Raises what an account was paid to `cumulative`, unless that is less.
    /// @return more By how much.
    function raiseClaimed(State storage self, bytes32 key, uint256 index, uint128 cumulative)
        internal
        returns (uint256 more)
    {
        mapping(uint256 pair => uint256) storage pairs = self.claimed[key];
        uint256 pair = pairs[index >> 1];
        uint256 shift = (index & 1) * 128;
        uint256 before = uint128(pair >> shift);
        if (cumulative <= before) return 0;
        more = cumulative - before;
        // No carry into the neighbour: what stands in this half afterwards is `cumulative`.
        pairs[index >> 1] = pair + (more << shift);
    }

    function hasExited(State storage self, bytes32 key, uint256 index) internal view returns (bool) {
        return self.exited[key][index >> 8] >> (index & 255) & 1 == 1;
    }

    function setExited(State storage self, bytes32 key, uint256 index) internal {
        self.exited[key][index >> 8] |= 1 << (index & 255);
    }
}
