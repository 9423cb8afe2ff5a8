// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {IRevenueLedger} from "../../src/interfaces/IRevenueLedger.sol";
import {MockVerifier} from "../mocks/MockVerifiers.sol";
import {TestToken} from "../mocks/Tokens.sol";
import {DatasetFixture} from "./DatasetFixture.sol";

/// @notice A model, and what is done in its epochs: from the first opening to final balances.
abstract contract EpochFixture is DatasetFixture {
    // ------------------------------------------------------------------------------------------------ models

    function terms(string memory name, address token_) internal pure returns (IRevenueLedger.Terms memory) {
        return IRevenueLedger.Terms({
            name: name,
            attributor: ATTRIBUTOR,
            minPool: MIN_POOL,
            token: token_,
            minContributorsBps: 5_000,
            openWindow: OPEN_WINDOW,
            settleWindow: SETTLE_WINDOW,
            noticeWindow: NOTICE_WINDOW,
            demandWindow: DEMAND_WINDOW,
            exitWindow: EXIT_WINDOW,
            demandBond: BOND
        });
    }

    /// @dev 20.01 % and 19.99 % to two beneficiaries, 60 % to the contributors.
    function policy() internal pure returns (IRevenueLedger.Policy memory p) {
        p.contributorsBps = 6_000;
        p.beneficiaries = new IRevenueLedger.Beneficiary[](2);
        p.beneficiaries[0] = IRevenueLedger.Beneficiary(BENEFICIARY, 2_001);
        p.beneficiaries[1] = IRevenueLedger.Beneficiary(BENEFICIARY_2, 1_999);
    }

    function createModel(string memory name, address token_) internal returns (bytes32) {
        vm.prank(DEVELOPER);
        return ledger.createModel(terms(name, token_), policy());
    }

    function enroll(bytes32 m, bytes32 d, uint32 revision) internal {
        vm.prank(DEVELOPER);
        ledger.enroll(m, d, revision);
        nextBlock();
    }

    /// @dev All that the ledger owes in a token.
    function owedIn(address token_) internal view returns (uint256) {
        return ledger.creditedIn(token_) + ledger.owedIn(token_, 0, ledger.modelsIn(token_));
    }

    // ------------------------------------------------------------------------------------------------ open

    /// @dev Opens the first epoch.
    function open(bytes32 m) internal {
        vm.prank(ledger.getModel(m).developer);
        ledger.open(m);
    }

    function openEpoch(bytes32 m) internal view returns (uint64) {
        return ledger.getModel(m).openEpoch;
    }

    function closedEpoch(bytes32 m) internal view returns (uint64) {
        return ledger.getModel(m).finalEpoch + 1;
    }

    function stageOf(bytes32 m, uint256 epoch) internal view returns (uint256) {
        return uint256(ledger.getEpoch(m, epoch).stage);
    }

    /// @dev The payer has so many of the fixture's tokens, and lets the ledger take them.
    function fund(uint256 amount) internal {
        token.mint(PAYER, amount);
        vm.prank(PAYER);
        token.approve(address(ledger), amount);
    }

    /// @dev Where no epoch was opened the developer does that first.
    function deposit(bytes32 m, uint256 amount) internal {
        if (openEpoch(m) == 0) open(m);
        uint64 epoch = openEpoch(m);
        (uint32 p, address a) = (ledger.getEpoch(m, epoch).policy, ledger.getEpoch(m, epoch).attributor);
        TestToken t = TestToken(ledger.getModel(m).token);
        t.mint(PAYER, amount);
        vm.startPrank(PAYER);
        t.approve(address(ledger), amount);
        ledger.deposit(m, epoch, uint128(amount), p, a);
        vm.stopPrank();
    }

    /// @dev The two segments of the fixture's dataset.
    function listed(uint96 first, uint96 second) internal view returns (Listed[] memory list) {
        return listedOf(dataset, 0, first, second);
    }

    function listedOf(bytes32 d, uint32 revision, uint96 first, uint96 second)
        internal
        pure
        returns (Listed[] memory list)
    {
        list = new Listed[](2);
        list[0] = Listed(d, 0, revision, first);
        list[1] = Listed(d, 1, revision, second);
    }

    function one(bytes32 d, uint32 segment, uint32 revision, uint96 score)
        internal
        pure
        returns (Listed[] memory list)
    {
        list = new Listed[](1);
        list[0] = Listed(d, segment, revision, score);
    }

    function totalOf(Listed[] memory list) internal pure returns (uint96 total) {
        for (uint256 i = 0; i < list.length; i++) {
            total += list[i].score;
        }
    }

    function commit(bytes32 m, uint64 epoch, Listed[] memory list) internal returns (bytes32 root) {
        root = scoreRoot(m, epoch, list);
        vm.prank(ledger.getEpoch(m, epoch).attributor);
        ledger.commitScores(m, epoch, root, totalOf(list), uint32(list.length));
        nextBlock();
    }

    /// @dev Of epoch 1.
    function commitAs(address who, bytes32 root, uint96 total, uint32 count) internal {
        vm.prank(who);
        ledger.commitScores(model, 1, root, total, count);
    }

    function closeAs(address who, uint64 epoch, bytes32 root) internal {
        vm.prank(who);
        ledger.closeEpoch(model, epoch, root);
    }

    function close(bytes32 m) internal {
        uint64 epoch = openEpoch(m);
        bytes32 root = ledger.getEpoch(m, epoch).scoreRoot;
        vm.prank(ledger.getModel(m).developer);
        ledger.closeEpoch(m, epoch, root);
    }

    // ------------------------------------------------------------------------------------------------ settle

    /// @dev An honest move, with its proof: what the segment gets of the pool is floor(pool * score / total).
    function moveOf(bytes32 m, uint64 epoch, Listed[] memory list, uint32 position)
        internal
        returns (IRevenueLedger.Move memory)
    {
        return moveOf(m, epoch, list, position, uint128(partOf(m, epoch, list[position].score)));
    }

    function partOf(bytes32 m, uint64 epoch, uint256 score) internal view returns (uint256) {
        IRevenueLedger.Epoch memory e = ledger.getEpoch(m, epoch);
        return uint256(e.pool) * score / e.totalScore;
    }

    function moveOf(bytes32 m, uint64 epoch, Listed[] memory list, uint32 position, uint128 paid)
        internal
        returns (IRevenueLedger.Move memory move)
    {
        Listed memory l = list[position];
        move.datasetId = l.dataset;
        (move.segment, move.revision, move.position) = (l.segment, l.revision, position);
        (move.segmentScore, move.segmentPaid) = (l.score, paid);
        move.path = scorePath(m, epoch, list, position);
        move.proof = nextProof();
        MockVerifier verifier = registry.dataset(l.dataset).slots == 64 ? split64 : split1024;
        verifier.accept(move.proof, splitInputs(m, epoch, l, paid), splitColumns(m, epoch, l));
    }

    function splitInputs(bytes32 m, uint64 epoch, Listed memory l, uint128 paid)
        internal
        view
        returns (uint256[] memory inputs)
    {
        IRevenueLedger.Epoch memory e = ledger.getEpoch(m, epoch);
        inputs = new uint256[](7);
        inputs[0] = l.score;
        inputs[1] = paid;
        inputs[2] = e.pool;
        inputs[3] = e.totalScore;
        (uint256 last,) = lastFinal(m, l.dataset, l.segment);
        inputs[4] = last == 0 ? 1 : 0;
        inputs[5] = registry.recordsOf(l.dataset, l.revision, l.segment);
        inputs[6] = splitContext(m, epoch, l.dataset, l.segment);
    }

    function splitColumns(bytes32 m, uint64 epoch, Listed memory l) internal view returns (uint256[] memory) {
        (uint256 last, uint256 attempt) = lastFinal(m, l.dataset, l.segment);
        uint256 old = last == 0 ? 4_242 : balanceScalar(m, l.dataset, l.segment, last, attempt);
        uint256 new_ = balanceScalar(m, l.dataset, l.segment, epoch, ledger.getEpoch(m, epoch).attempt);
        return linked(old, new_, scoreScalar(m, epoch, l.dataset, l.segment));
    }

    /// @dev V3, by the history of the two moves that are kept.
    function lastFinal(bytes32 m, bytes32 d, uint256 segment) internal view returns (uint256 epoch, uint256 attempt) {
        IRevenueLedger.Segment memory s = ledger.getSegment(m, d, segment);
        IRevenueLedger.Epoch memory e = ledger.getEpoch(m, s.epoch);
        bool newest = e.stage == IRevenueLedger.Stage.Final && e.attempt == s.attempt;
        return newest ? (s.epoch, s.attempt) : (s.previousEpoch, s.previousAttempt);
    }

    function moves(bytes32 m, uint64 epoch, Listed[] memory list) internal returns (IRevenueLedger.Move[] memory all) {
        all = new IRevenueLedger.Move[](list.length);
        for (uint32 i = 0; i < list.length; i++) {
            all[i] = moveOf(m, epoch, list, i);
        }
    }

    function single(IRevenueLedger.Move memory move) internal pure returns (IRevenueLedger.Move[] memory list) {
        list = new IRevenueLedger.Move[](1);
        list[0] = move;
    }

    /// @dev Moves are made before: what asks the ledger in between would take the prank.
    function settleAs(address who, uint64 epoch, Listed[] memory list) internal {
        IRevenueLedger.Move[] memory all = moves(model, epoch, list);
        vm.prank(who);
        ledger.settle(model, epoch, all);
    }

    /// @dev Deposits, commits, closes and settles the fixture's open epoch with these scores.
    function finalise(uint256 revenue, uint96 first, uint96 second) internal returns (uint64 epoch) {
        return finaliseWith(model, revenue, listed(first, second));
    }

    function finaliseWith(bytes32 m, uint256 revenue, Listed[] memory list) internal returns (uint64 epoch) {
        epoch = closeWith(m, revenue, list);
        ledger.settle(m, epoch, moves(m, epoch, list));
    }

    function closeWith(bytes32 m, uint256 revenue, Listed[] memory list) internal returns (uint64 epoch) {
        deposit(m, revenue);
        epoch = openEpoch(m);
        commit(m, epoch, list);
        close(m);
    }
}
