// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IDatasetRegistry} from "../interfaces/IDatasetRegistry.sol";
import {IRevenueLedger} from "../interfaces/IRevenueLedger.sol";
import {LedgerState} from "./LedgerState.sol";
import {Models} from "./Models.sol";
import {Statement} from "./Statement.sol";
import {VerifierCall} from "./VerifierCall.sol";

/// @title The life of an epoch: opening, deposits, commitments, the close, moves
/// @notice Every public input and every link of a move is built here from storage; a caller supplies proofs and what the score root
/// already binds.
library Epochs {
    using LedgerState for LedgerState.Deployed;
    using LedgerState for LedgerState.State;
    using SafeERC20 for IERC20;
    using VerifierCall for VerifierCall.Batch;

    /// @dev A settlement on its way: what holds for all its moves, and their sums so far in this attempt.
    struct Settlement {
        bytes32 modelId;
        uint256 epoch;
        uint256 attempt;
        uint256 count;
        uint256 committedBlock;
        bytes32 scoreRoot;
        uint256 totalScore;
        uint256 pool;
        uint256 scoreSum;
        uint256 paid;
        uint256 records;
        LedgerState.Deployed deployed;
        VerifierCall.Batch batch;
    }

    // ------------------------------------------------------------------------------------------------ open

    /// @notice Opens the first epoch: from then on its minimum and whoever has a part in the exit of a model that never had a final
    /// epoch are fixed, and whoever deposits can read both before.
    function open(LedgerState.State storage self, bytes32 modelId) external {
        LedgerState.Model storage m = Models.developed(self, modelId);
        if (m.openEpoch != 0) revert IRevenueLedger.AlreadyOpen(modelId);
        if (m.records == 0) revert IRevenueLedger.NothingEnrolled(modelId);
        _open(m, modelId, 1);
    }

    function deposit(
        LedgerState.State storage self,
        bytes32 modelId,
        uint64 epoch,
        uint128 amount,
        uint32 policy,
        address attributor
    ) external returns (uint128 received) {
        LedgerState.Model storage m = self.liveModelOf(modelId);
        if (m.openEpoch == 0) revert IRevenueLedger.NotOpen(modelId);
        if (epoch != m.openEpoch) revert IRevenueLedger.WrongEpoch(m.openEpoch, epoch);
        LedgerState.Epoch storage e = m.epochs[epoch];
        if (policy != e.policy) revert IRevenueLedger.WrongPolicy(e.policy, policy);
        if (attributor != e.attributor) revert IRevenueLedger.WrongAttributor(e.attributor, attributor);

        received = _pull(m.terms.token, amount);
        // V7. Each unit is paid into balances at most once, so no balance and no pool can reach 2^127 either.
        uint256 before = m.received;
        if (received > Statement.MAX_LIFETIME_REVENUE - before) {
            revert IRevenueLedger.RevenueLimit(Statement.MAX_LIFETIME_REVENUE);
        }
        if (before == 0) self.modelsIn[m.terms.token].push(modelId);
        m.received = uint128(before + received);
        m.owed += received;
        e.revenue += received;
        emit IRevenueLedger.RevenueDeposited(modelId, epoch, msg.sender, amount, received);
        if (e.poolReachedAt == 0 && _contributorsShare(m, e) >= e.minPool) {
            e.poolReachedAt = uint40(block.timestamp);
            emit IRevenueLedger.PoolReached(modelId, epoch);
        }
    }

    /// @dev What arrives is what counts, whatever the token says.
    function _pull(address token, uint256 amount) private returns (uint128) {
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        uint256 afterwards = IERC20(token).balanceOf(address(this));
        if (afterwards <= before) revert IRevenueLedger.NothingReceived();
        uint256 received = afterwards - before;
        if (received > Statement.MAX_LIFETIME_REVENUE) {
            revert IRevenueLedger.RevenueLimit(Statement.MAX_LIFETIME_REVENUE);
        }
        return uint128(received);
    }

    /// @dev What of the revenue so far is the contributors' at least: the pool takes the others' floors on top.
    function _contributorsShare(LedgerState.Model storage m, LedgerState.Epoch storage e)
        private
        view
        returns (uint256)
    {
        return uint256(e.revenue) * m.policies[e.policy - 1].contributorsBps / Models.BPS;
    }

    /// @dev Announced changes whose time has come hold from this epoch on.
    function _open(LedgerState.Model storage m, bytes32 modelId, uint256 epoch) private {
        if (m.nextPolicy != 0 && block.timestamp >= m.nextPolicyFrom) {
            m.policy = m.nextPolicy;
            (m.nextPolicy, m.nextPolicyFrom) = (0, 0);
        }
        if (m.nextAttributor != address(0) && block.timestamp >= m.nextAttributorFrom) {
            m.attributor = m.nextAttributor;
            (m.nextAttributor, m.nextAttributorFrom) = (address(0), 0);
        }
        m.openEpoch = uint32(epoch);
        LedgerState.Epoch storage e = m.epochs[epoch];
        e.stage = IRevenueLedger.Stage.Open;
        (e.attributor, e.policy) = (m.attributor, m.policy);
        uint256 minPool = _minPool(m, epoch);
        (e.minPool, e.openedAt) = (uint96(minPool), uint40(block.timestamp));
        emit IRevenueLedger.EpochOpened(modelId, epoch, e.policy, e.attributor, minPool);
    }

    /// @dev Of the records enrolled now: `enroll` keeps it below 2^96. From the second epoch on at most twice the one before, so
    /// that nobody enrolls junk until a pool can't be reached any more.
    function _minPool(LedgerState.Model storage m, uint256 epoch) private view returns (uint256 minPool) {
        minPool = uint256(m.terms.minPool) * m.records;
        if (epoch == 1) return minPool;
        uint256 most = 2 * uint256(m.epochs[epoch - 1].minPool);
        if (minPool > most) minPool = most;
    }

    function commitScores(
        LedgerState.State storage self,
        bytes32 modelId,
        uint64 epoch,
        bytes32 root,
        uint96 totalScore,
        uint32 count
    ) external {
        LedgerState.Model storage m = self.liveModelOf(modelId);
        LedgerState.Epoch storage e = m.epochs[epoch];
        if (msg.sender != e.attributor) revert IRevenueLedger.NotAttributor(modelId, msg.sender);
        if (root == 0 || totalScore == 0 || totalScore > Statement.MAX_TOTAL_SCORE || count == 0) {
            revert IRevenueLedger.InvalidCommitment();
        }
        IRevenueLedger.Stage stage = e.stage;
        if (stage == IRevenueLedger.Stage.Closed) {
            uint256 deadline = uint256(e.progressAt) + m.terms.settleWindow;
            if (block.timestamp <= deadline) revert IRevenueLedger.TooEarly(deadline);
            e.attempt++;
            (e.moved, e.records, e.scoreSum, e.paid) = (0, 0, 0, 0);
            e.progressAt = uint40(block.timestamp);
        } else if (stage != IRevenueLedger.Stage.Open) {
            revert IRevenueLedger.WrongStage(stage);
        }
        e.scoreRoot = root;
        (e.totalScore, e.count, e.committedBlock) = (uint80(totalScore), count, uint40(block.number));
        emit IRevenueLedger.ScoresCommitted(modelId, epoch, e.attempt, root, totalScore, count);
    }

    // ------------------------------------------------------------------------------------------------ close

    function close(LedgerState.State storage self, bytes32 modelId, uint64 epoch, bytes32 scoreRoot) external {
        LedgerState.Model storage m = self.liveModelOf(modelId);
        if (epoch != m.openEpoch || epoch == 0) revert IRevenueLedger.WrongEpoch(m.openEpoch, epoch);
        if (m.finalEpoch + 1 != epoch) revert IRevenueLedger.EpochPending(epoch - 1);
        self.requireOnTime(m, modelId);
        LedgerState.Epoch storage e = m.epochs[epoch];
        if (e.committedBlock == 0) revert IRevenueLedger.NotCommitted(modelId, epoch);
        if (e.scoreRoot != scoreRoot) revert IRevenueLedger.WrongScoreRoot(e.scoreRoot, scoreRoot);
        if (e.poolReachedAt == 0) revert IRevenueLedger.PoolTooSmall(e.minPool, _contributorsShare(m, e));
        if (msg.sender != m.developer) {
            uint256 deadline = uint256(e.poolReachedAt) + m.terms.openWindow;
            if (block.timestamp <= deadline) revert IRevenueLedger.TooEarly(deadline);
        }
        (uint256 revenue, uint256 carried) = (e.revenue, e.carried);
        uint256 pool = revenue - _shares(m.policies[e.policy - 1], revenue) + carried;
        e.stage = IRevenueLedger.Stage.Closed;
        (e.pool, e.closedAt, e.progressAt) = (uint128(pool), uint40(block.timestamp), uint40(block.timestamp));
        emit IRevenueLedger.EpochClosed(modelId, epoch, scoreRoot, revenue, carried, pool);
        _open(m, modelId, epoch + 1);
    }

    /// @dev V6: floors for the others; what they leave is the contributors'.
    function _shares(IRevenueLedger.Policy storage p, uint256 revenue) private view returns (uint256 sum) {
        uint256 count = p.beneficiaries.length;
        for (uint256 i = 0; i < count; i++) {
            sum += share(revenue, p.beneficiaries[i].bps);
        }
    }

    function share(uint256 revenue, uint256 bps) internal pure returns (uint256) {
        return revenue * bps / Models.BPS;
    }

    // ------------------------------------------------------------------------------------------------ settle

    function settle(
        LedgerState.State storage self,
        LedgerState.Deployed memory deployed,
        bytes32 modelId,
        uint64 epoch,
        IRevenueLedger.Move[] calldata moves
    ) external {
        LedgerState.Model storage m = self.liveModelOf(modelId);
        LedgerState.Epoch storage e = m.epochs[epoch];
        if (e.stage != IRevenueLedger.Stage.Closed) revert IRevenueLedger.WrongStage(e.stage);
        Settlement memory s = Settlement({
            modelId: modelId,
            epoch: epoch,
            attempt: e.attempt,
            count: e.count,
            committedBlock: e.committedBlock,
            scoreRoot: e.scoreRoot,
            totalScore: e.totalScore,
            pool: e.pool,
            scoreSum: e.scoreSum,
            paid: e.paid,
            records: e.records,
            deployed: deployed,
            batch: VerifierCall.batch(moves.length)
        });
        for (uint256 i = 0; i < moves.length; i++) {
            _move(self, m, s, moves[i]);
        }
        uint256 moved = s.batch.count;
        if (moved == 0) revert IRevenueLedger.NothingToSettle();
        s.batch.conclude(deployed.openings);
        moved += e.moved;
        (e.moved, e.records, e.scoreSum, e.progressAt) =
        (uint32(moved), uint64(s.records), uint80(s.scoreSum), uint40(block.timestamp));
        e.paid = uint128(s.paid);
        if (moved == s.count) _finalise(m, e, s);
    }

    /// @dev One segment, unless it moved already in this attempt. Each moves once; distinct segments have distinct leaves, hence
    /// distinct positions: so all positions moved once as many segments did.
    function _move(
        LedgerState.State storage self,
        LedgerState.Model storage m,
        Settlement memory s,
        IRevenueLedger.Move calldata move
    ) private {
        bytes32 key = LedgerState.segmentKey(s.modelId, move.datasetId, move.segment);
        IRevenueLedger.Segment memory state = self.segments[key];
        if (state.epoch == s.epoch && state.attempt == s.attempt) return;
        {
            (uint256 epoch, uint256 attempt, uint256 least) = LedgerState.lastFinal(m, state);
            (state.previousEpoch, state.previousAttempt, state.previousRecords) =
            (uint32(epoch), uint32(attempt), uint32(least));
        }
        IDatasetRegistry.SegmentState memory registered = _registered(m, s, move, state.previousRecords);
        (state.epoch, state.attempt, state.records) = (uint32(s.epoch), uint32(s.attempt), registered.records);
        uint256[] memory linked = _verify(s.deployed.splitVerifier(registered.slots), s, move, state);

        if (state.previousEpoch != 0) {
            bytes32 old = self.columns[LedgerState.columnKey(key, state.previousEpoch, state.previousAttempt)];
            if (VerifierCall.digest(linked, Statement.SPLIT_OLD) != old) {
                revert IRevenueLedger.OldColumnMismatch(move.datasetId, move.segment);
            }
        }
        _checkScore(s, move, linked);
        _addToSums(s, move, registered.records);
        self.columns[LedgerState.columnKey(key, s.epoch, s.attempt)] = VerifierCall.digest(linked, Statement.SPLIT_NEW);
        self.segments[key] = state;
        _emitMoved(s, move, registered.records, linked);
    }

    /// @dev The public inputs of Split, and the proof up to its last pairing. A segment's first final move begins at zero.
    function _verify(
        address verifier,
        Settlement memory s,
        IRevenueLedger.Move calldata move,
        IRevenueLedger.Segment memory state
    ) private view returns (uint256[] memory) {
        uint256[] memory inputs = new uint256[](Statement.SPLIT_INPUTS);
        inputs[Statement.SPLIT_SEGMENT_SCORE] = move.segmentScore;
        inputs[Statement.SPLIT_SEGMENT_PAID] = move.segmentPaid;
        inputs[Statement.SPLIT_POOL] = s.pool;
        inputs[Statement.SPLIT_TOTAL_SCORE] = s.totalScore;
        inputs[Statement.SPLIT_GENESIS] = state.previousEpoch == 0 ? 1 : 0;
        inputs[Statement.SPLIT_RECORDS] = state.records;
        inputs[Statement.SPLIT_CONTEXT] = Statement.splitContext(s.modelId, s.epoch, move.datasetId, move.segment);
        return s.batch.accumulate(verifier, move.proof, inputs, Statement.SPLIT_LINKED);
    }

    /// @dev V3: the revision that the leaf names was there before the commitment, and a payee column covers its records.
    function _registered(
        LedgerState.Model storage m,
        Settlement memory s,
        IRevenueLedger.Move calldata move,
        uint256 least
    ) private view returns (IDatasetRegistry.SegmentState memory r) {
        LedgerState.Enrolment storage en = m.enrolments[move.datasetId];
        uint256 enrolledBlock = en.enrolledBlock;
        if (enrolledBlock == 0 || move.revision > en.revision) {
            revert IRevenueLedger.NotEnrolled(s.modelId, move.datasetId);
        }
        r = s.deployed.registry.segmentIn(move.datasetId, move.revision, move.segment);
        if (enrolledBlock >= s.committedBlock || r.blockNumber >= s.committedBlock) {
            revert IRevenueLedger.TooYoung(move.datasetId, move.revision);
        }
        if (r.records == 0 || r.records < least) {
            revert IRevenueLedger.InvalidRevision(move.datasetId, move.segment, move.revision);
        }
        if (r.provenRecords < r.records) {
            revert IRevenueLedger.PayeesNotProven(move.datasetId, move.segment, r.records);
        }
    }

    /// @dev V3, V4: score sum and Score column are what the attributor posted.
    function _checkScore(Settlement memory s, IRevenueLedger.Move calldata move, uint256[] memory linked) private pure {
        if (move.segmentScore == 0) revert IRevenueLedger.ZeroScore(move.datasetId, move.segment);
        bytes32 leaf = Statement.scoreLeaf(
            move.datasetId,
            move.segment,
            move.revision,
            move.segmentScore,
            linked[2 * Statement.SPLIT_SCORE],
            linked[2 * Statement.SPLIT_SCORE + 1]
        );
        if (!Statement.isScore(s.scoreRoot, s.count, move.position, leaf, move.path)) {
            revert IRevenueLedger.ScoreNotShown(move.datasetId, move.segment, move.position);
        }
    }

    /// @dev V5. Bounds that hold of every prefix of an epoch; they also make both sums canonical public inputs (V1).
    function _addToSums(Settlement memory s, IRevenueLedger.Move calldata move, uint256 records) private pure {
        s.scoreSum += move.segmentScore;
        if (s.scoreSum > s.totalScore) revert IRevenueLedger.ScoreSumExceeded(s.totalScore, s.scoreSum);
        s.paid += move.segmentPaid;
        if (s.paid > s.pool) revert IRevenueLedger.PoolExceeded(s.pool, s.paid);
        s.records += records;
    }

    function _emitMoved(
        Settlement memory s,
        IRevenueLedger.Move calldata move,
        uint256 records,
        uint256[] memory linked
    ) private {
        emit IRevenueLedger.SegmentMoved(
            s.modelId,
            s.epoch,
            move.datasetId,
            move.segment,
            s.attempt,
            records,
            move.segmentScore,
            move.segmentPaid,
            linked[2 * Statement.SPLIT_NEW],
            linked[2 * Statement.SPLIT_NEW + 1]
        );
    }

    /// @dev V5. The first of these checks is what keeps inconsistent scores from ever becoming final; the second follows
    /// from the proofs and is kept so that no surplus can hide in the dust.
    function _finalise(LedgerState.Model storage m, LedgerState.Epoch storage e, Settlement memory s) private {
        if (s.scoreSum != s.totalScore) revert IRevenueLedger.ScoreSumMismatch(s.totalScore, s.scoreSum);
        uint256 dust = s.pool - s.paid;
        if (dust >= s.records) revert IRevenueLedger.DustTooLarge(dust, s.records);
        e.stage = IRevenueLedger.Stage.Final;
        m.finalEpoch = uint32(s.epoch);
        m.unclaimed += uint128(s.paid);
        if (dust != 0) m.epochs[s.epoch + 1].carried = uint64(dust);
        emit IRevenueLedger.EpochFinal(s.modelId, s.epoch, s.attempt, s.paid, dust);
    }
}
