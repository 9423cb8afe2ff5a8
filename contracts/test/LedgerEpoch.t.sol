// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {IOpeningVerifier} from "../src/interfaces/IOpeningVerifier.sol";
import {IRevenueLedger} from "../src/interfaces/IRevenueLedger.sol";
import {VerifierCall} from "../src/libraries/VerifierCall.sol";
import {MockVerifier} from "./mocks/MockVerifiers.sol";
import {LedgerFixture} from "./utils/LedgerFixture.sol";

/// @notice deposit, commitScores, closeEpoch, settle.
contract LedgerEpochTest is LedgerFixture {
    // ------------------------------------------------------------------------------------------------ deposit

    function refusedDeposit(bytes32 m, uint64 epoch, uint32 p, address a, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(PAYER);
        ledger.deposit(m, epoch, 1, p, a);
    }

    function test_the_developer_opens_the_first_epoch() public {
        bytes32 empty = createModel("empty", address(token));
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NothingEnrolled.selector, empty));
        vm.prank(DEVELOPER);
        ledger.open(empty);
        fund(10);
        // Whoever pays before pays nothing, whatever epoch it names.
        for (uint64 epoch = 0; epoch < 2; epoch++) {
            refusedDeposit(model, epoch, 1, ATTRIBUTOR, abi.encodeWithSelector(IRevenueLedger.NotOpen.selector, model));
        }
        eq(openEpoch(model), 0, "none yet");
        open(model);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.AlreadyOpen.selector, model));
        vm.prank(DEVELOPER);
        ledger.open(model);
        vm.prank(PAYER);
        eq(ledger.deposit(model, 1, 10, 1, ATTRIBUTOR), 10, "received");
        IRevenueLedger.Epoch memory e = ledger.getEpoch(model, 1);
        eq(uint256(e.stage), 1, "open");
        eq(e.openedAt, block.timestamp, "now");
        eq(e.minPool, 1_000, "minimum: ten a record");
        eq(e.revenue, 10, "revenue");
        eq(e.poolReachedAt, 0, "too little");
        eq(ledger.owed(model), 10, "owed");
        eq(ledger.getModel(model).received, 10, "received in all");
    }

    function test_a_deposit_names_epoch_policy_and_attributor() public {
        fund(100);
        open(model);
        refusedDeposit(
            "x", 1, 1, ATTRIBUTOR, abi.encodeWithSelector(IRevenueLedger.UnknownModel.selector, bytes32("x"))
        );
        for (uint256 i = 0; i < 2; i++) {
            refusedDeposit(model, 0, 1, ATTRIBUTOR, abi.encodeWithSelector(IRevenueLedger.WrongEpoch.selector, 1, 0));
            refusedDeposit(model, 2, 1, ATTRIBUTOR, abi.encodeWithSelector(IRevenueLedger.WrongEpoch.selector, 1, 2));
            refusedDeposit(model, 1, 2, ATTRIBUTOR, abi.encodeWithSelector(IRevenueLedger.WrongPolicy.selector, 1, 2));
            refusedDeposit(
                model,
                1,
                1,
                STRANGER,
                abi.encodeWithSelector(IRevenueLedger.WrongAttributor.selector, ATTRIBUTOR, STRANGER)
            );
            deposit(model, 1);
        }
        finalise(10_000, 60, 40);
        refusedDeposit(model, 1, 1, ATTRIBUTOR, abi.encodeWithSelector(IRevenueLedger.WrongEpoch.selector, 2, 1));
    }

    /// @dev 60 % of 1,666 are 999, of 1,667 are 1,000: the clock starts with the unit that fills the pool.
    function test_the_clock_starts_when_the_pool_is_reached() public {
        deposit(model, 1_666);
        eq(ledger.getEpoch(model, 1).poolReachedAt, 0, "999");
        pass(100);
        deposit(model, 1);
        eq(ledger.getEpoch(model, 1).poolReachedAt, block.timestamp, "1,000");
        pass(100);
        deposit(model, 1_000_000);
        eq(ledger.getEpoch(model, 1).poolReachedAt, block.timestamp - 100, "only once");
    }

    function test_revenue_of_a_life_is_bounded() public {
        uint256 most = 2 ** 127 - 1;
        deposit(model, most - 1);
        fund(2);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.RevenueLimit.selector, most));
        vm.prank(PAYER);
        ledger.deposit(model, 1, 2, 1, ATTRIBUTOR);
        vm.prank(PAYER);
        ledger.deposit(model, 1, 1, 1, ATTRIBUTOR);
        bytes32 second = createModel("second", address(token));
        enroll(second, dataset, 0);
        open(second);
        uint256 snapshot = vm.snapshotState();
        fund(most + 1);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.RevenueLimit.selector, most));
        vm.prank(PAYER);
        ledger.deposit(second, 1, uint128(most + 1), 1, ATTRIBUTOR);
        vm.revertToState(snapshot);
        vm.expectRevert(IRevenueLedger.NothingReceived.selector);
        vm.prank(PAYER);
        ledger.deposit(second, 1, 0, 1, ATTRIBUTOR);
    }

    // ------------------------------------------------------------------------------------------------ commitScores

    function test_commitments_are_replaced_until_the_close() public {
        deposit(model, 10_000);
        bytes32 first = commit(model, 1, listed(60, 40));
        bytes32 second = commit(model, 1, listed(50, 50));
        IRevenueLedger.Epoch memory e = ledger.getEpoch(model, 1);
        eq(e.scoreRoot, second, "root");
        eq(e.totalScore, 100, "total");
        eq(e.count, 2, "count");
        eq(e.attempt, 0, "no attempt");
        eq(e.committedBlock, block.number - 1, "block");
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.WrongScoreRoot.selector, second, first));
        closeAs(DEVELOPER, 1, first);
    }

    function test_what_is_no_commitment() public {
        deposit(model, 10_000);
        vm.startPrank(ATTRIBUTOR);
        vm.expectRevert(IRevenueLedger.InvalidCommitment.selector);
        ledger.commitScores(model, 1, 0, 1, 1);
        vm.expectRevert(IRevenueLedger.InvalidCommitment.selector);
        ledger.commitScores(model, 1, "root", 0, 1);
        vm.expectRevert(IRevenueLedger.InvalidCommitment.selector);
        ledger.commitScores(model, 1, "root", 2 ** 80, 1);
        vm.expectRevert(IRevenueLedger.InvalidCommitment.selector);
        ledger.commitScores(model, 1, "root", 1, 0);
        ledger.commitScores(model, 1, "root", 2 ** 80 - 1, type(uint32).max);
        // No epoch, no attributor.
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotAttributor.selector, model, ATTRIBUTOR));
        ledger.commitScores(model, 2, "root", 1, 1);
        vm.stopPrank();
        commit(model, 1, listed(60, 40));
        close(model);
        ledger.settle(model, 1, moves(model, 1, listed(60, 40)));
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.WrongStage.selector, IRevenueLedger.Stage.Final));
        vm.prank(ATTRIBUTOR);
        ledger.commitScores(model, 1, "root", 1, 1);
    }

    // ------------------------------------------------------------------------------------------------ closeEpoch

    function refusedClose(uint64 epoch, bytes memory reason) private {
        bytes32 root = ledger.getEpoch(model, epoch).scoreRoot;
        vm.expectRevert(reason);
        closeAs(DEVELOPER, epoch, root);
    }

    function test_what_cannot_be_closed() public {
        refusedClose(0, abi.encodeWithSelector(IRevenueLedger.WrongEpoch.selector, 0, 0));
        refusedClose(1, abi.encodeWithSelector(IRevenueLedger.WrongEpoch.selector, 0, 1));
        deposit(model, 1_000);
        refusedClose(2, abi.encodeWithSelector(IRevenueLedger.WrongEpoch.selector, 1, 2));
        refusedClose(1, abi.encodeWithSelector(IRevenueLedger.NotCommitted.selector, model, 1));
        commit(model, 1, listed(60, 40));
        refusedClose(1, abi.encodeWithSelector(IRevenueLedger.PoolTooSmall.selector, 1_000, 600));
        deposit(model, 667);
        close(model);
        refusedClose(1, abi.encodeWithSelector(IRevenueLedger.WrongEpoch.selector, 2, 1));
        deposit(model, 10_000);
        commit(model, 2, listed(60, 40));
        refusedClose(2, abi.encodeWithSelector(IRevenueLedger.EpochPending.selector, 1));
        ledger.settle(model, 1, moves(model, 1, listed(60, 40)));
        close(model);
    }

    function test_the_pool_is_what_the_floors_of_the_others_leave() public {
        deposit(model, 10_001);
        commit(model, 1, listed(60, 40));
        close(model);
        IRevenueLedger.Epoch memory e = ledger.getEpoch(model, 1);
        // 20.01 % and 19.99 % of 10,001 are 2,001.2001 and 1,999.1999.
        eq(e.pool, 10_001 - 2_001 - 1_999, "pool");
        eq(e.closedAt, block.timestamp, "closed");
        eq(e.progressAt, block.timestamp, "progress");
        eq(openEpoch(model), 2, "the next one is open");
        eq(stageOf(model, 2), 1, "Open");
    }

    function test_the_next_epoch_takes_deposits_and_scores_meanwhile() public {
        closeWith(model, 10_000, listed(60, 40));
        deposit(model, 20_000);
        commit(model, 2, listed(1, 1));
        eq(ledger.getEpoch(model, 1).revenue, 10_000, "frozen");
        eq(ledger.getEpoch(model, 2).revenue, 20_000, "the next one's");
        ledger.settle(model, 1, moves(model, 1, listed(60, 40)));
        close(model);
        ledger.settle(model, 2, moves(model, 2, listed(1, 1)));
        eq(ledger.getModel(model).finalEpoch, 2, "both final");
    }

    // ------------------------------------------------------------------------------------------------ settle

    function test_an_epoch_is_final_with_the_last_segment() public {
        uint64 epoch = closeWith(model, 10_001, listed(61, 40));
        IRevenueLedger.Move[] memory all = moves(model, epoch, listed(61, 40));
        vm.prank(STRANGER);
        ledger.settle(model, epoch, single(all[1]));
        IRevenueLedger.Epoch memory e = ledger.getEpoch(model, epoch);
        eq(uint256(e.stage), 2, "not yet");
        eq(e.moved, 1, "one");
        eq(e.records, 38, "records");
        eq(e.scoreSum, 40, "score");
        eq(ledger.getModel(model).unclaimed, 0, "nothing is live");
        pass(5);
        vm.prank(PAYER);
        ledger.settle(model, epoch, single(all[0]));
        e = ledger.getEpoch(model, epoch);
        eq(uint256(e.stage), 3, "final");
        eq(e.progressAt, block.timestamp, "progress");
        // 6,001 * 61 / 101 = 3,624.3, 6,001 * 40 / 101 = 2,376.6
        eq(e.paid, 3_624 + 2_376, "paid");
        eq(ledger.getEpoch(model, 2).carried, 1, "dust");
        eq(ledger.getModel(model).unclaimed, 6_000, "live");
        eq(ledger.getModel(model).finalEpoch, 1, "final epoch");
        bytes32 column = digestOf(balanceScalar(model, dataset, 0, 1, 0));
        eq(ledger.balanceColumn(model, dataset, 0, 1, 0), column, "column");
        eq(ledger.getSegment(model, dataset, 0).records, 62, "records of the move");
        eq(ledger.context(model, 1, dataset, 0), splitContext(model, 1, dataset, 0), "context");
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.WrongStage.selector, IRevenueLedger.Stage.Final));
        ledger.settle(model, epoch, all);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.WrongStage.selector, IRevenueLedger.Stage.Open));
        ledger.settle(model, 2, all);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.WrongStage.selector, IRevenueLedger.Stage.None));
        ledger.settle(model, 3, all);
    }

    function test_dust_is_carried_into_the_next_pool() public {
        finalise(10_001, 61, 40);
        closeWith(model, 10_000, listed(1, 1));
        eq(ledger.getEpoch(model, 2).carried, 1, "carried");
        eq(ledger.getEpoch(model, 2).pool, 6_001, "pool");
        ledger.settle(model, 2, moves(model, 2, listed(1, 1)));
        eq(ledger.owed(model), token.balanceOf(address(ledger)), "all of it is owed to somebody");
    }

    function refused(IRevenueLedger.Move memory move, bytes memory reason) private {
        vm.expectRevert(reason);
        ledger.settle(model, 1, single(move));
    }

    function rejected() private pure returns (bytes memory) {
        return abi.encodeWithSelector(
            VerifierCall.ProofRejected.selector, abi.encodeWithSelector(MockVerifier.InvalidProof.selector)
        );
    }

    function test_what_the_leaf_says_is_checked() public {
        Listed[] memory l = listed(60, 40);
        closeWith(model, 10_000, l);
        IRevenueLedger.Move memory move = moveOf(model, 1, l, 0);
        bytes memory hidden = abi.encodeWithSelector(IRevenueLedger.ScoreNotShown.selector, dataset, 0, 0);
        // The proof of another score is a valid one, but not of what was posted.
        Listed[] memory more = listed(61, 40);
        refused(moveOf(model, 1, more, 0), hidden);
        move.path[0] ^= bytes32(uint256(1));
        refused(move, hidden);
        move.path[0] ^= bytes32(uint256(1));
        for (uint32 position = 1; position < 5; position++) {
            move.position = position;
            refused(move, abi.encodeWithSelector(IRevenueLedger.ScoreNotShown.selector, dataset, 0, position));
        }
        move.position = 0;
        bytes32[] memory path = move.path;
        move.path = new bytes32[](0);
        refused(move, hidden);
        move.path = new bytes32[](2);
        move.path[0] = path[0];
        refused(move, hidden);
        move.path = path;
        ledger.settle(model, 1, single(move));
    }

    function test_another_score_column_is_refused() public {
        Listed[] memory l = listed(60, 40);
        closeWith(model, 10_000, l);
        IRevenueLedger.Move memory move = moveOf(model, 1, l, 0);
        move.proof = "another";
        split64.accept("another", splitInputs(model, 1, l[0], move.segmentPaid), linked(4_242, 1, 2));
        refused(move, abi.encodeWithSelector(IRevenueLedger.ScoreNotShown.selector, dataset, 0, 0));
    }

    /// @dev A13: everything that a proof is bound to.
    function test_a_proof_serves_one_statement_only() public {
        Listed[] memory l = listed(60, 40);
        closeWith(model, 10_000, l);
        IRevenueLedger.Move memory move = moveOf(model, 1, l, 0);
        move.segmentPaid++;
        refused(move, rejected());
        move.segmentPaid--;
        bytes memory proof = move.proof;
        move.proof = bytes.concat(proof, hex"00");
        refused(move, rejected());
        move.proof = "";
        refused(move, rejected());
        move.proof = proof;
        // Another model with the very same numbers, and another epoch.
        bytes32 second = createModel("second", address(token));
        enroll(second, dataset, 0);
        closeWith(second, 10_000, l);
        IRevenueLedger.Move memory other = moveOf(second, 1, l, 0);
        other.proof = proof;
        vm.expectRevert(rejected());
        ledger.settle(second, 1, single(other));
        vm.chainId(5);
        refused(move, rejected());
        vm.chainId(31_337);
        ledger.settle(model, 1, moves(model, 1, l));
        closeWith(model, 10_000, l);
        IRevenueLedger.Move memory later = moveOf(model, 2, l, 0);
        later.proof = proof;
        vm.expectRevert(rejected());
        ledger.settle(model, 2, single(later));
    }

    function test_old_is_the_column_of_the_last_final_move() public {
        finalise(10_000, 60, 40);
        Listed[] memory l = listed(10, 20);
        closeWith(model, 10_000, l);
        IRevenueLedger.Move memory move = moveOf(model, 2, l, 0);
        uint256[] memory wrong = splitColumns(model, 2, l[0]);
        uint256[2] memory p = point(99);
        (wrong[0], wrong[1]) = (p[0], p[1]);
        move.proof = "wrong old";
        split64.accept(move.proof, splitInputs(model, 2, l[0], move.segmentPaid), wrong);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.OldColumnMismatch.selector, dataset, 0));
        ledger.settle(model, 2, single(move));
        // S1: only the first move begins at zero.
        uint256[] memory inputs = splitInputs(model, 2, l[0], move.segmentPaid);
        eq(inputs[4], 0, "genesis");
        inputs[4] = 1;
        move.proof = "genesis again";
        split64.accept(move.proof, inputs, splitColumns(model, 2, l[0]));
        vm.expectRevert(rejected());
        ledger.settle(model, 2, single(move));
        ledger.settle(model, 2, moves(model, 2, l));
    }

    function test_one_bad_pair_refuses_the_batch() public {
        Listed[] memory l = listed(60, 40);
        closeWith(model, 10_000, l);
        IRevenueLedger.Move[] memory all = moves(model, 1, l);
        for (uint256 i = 0; i < 2; i++) {
            uint256[] memory words = splitColumns(model, 1, l[i]);
            words[9]++;
            bytes memory kept = all[i].proof;
            all[i].proof = "bad pair";
            split64.accept(all[i].proof, splitInputs(model, 1, l[i], all[i].segmentPaid), words);
            vm.expectRevert(IOpeningVerifier.Invalid.selector);
            ledger.settle(model, 1, all);
            all[i].proof = kept;
        }
        ledger.settle(model, 1, all);
    }

    function test_sums_are_bounded_and_have_to_match() public {
        deposit(model, 10_000);
        Listed[] memory l = listed(60, 40);
        bytes32 root = scoreRoot(model, 1, l);
        vm.prank(ATTRIBUTOR);
        ledger.commitScores(model, 1, root, 99, 2);
        uint256 snapshot = vm.snapshotState();
        nextBlock();
        close(model);
        ledger.settle(model, 1, single(moveOf(model, 1, l, 0, 100)));
        IRevenueLedger.Move memory last = moveOf(model, 1, l, 1, 100);
        refused(last, abi.encodeWithSelector(IRevenueLedger.ScoreSumExceeded.selector, 99, 100));
        vm.revertToState(snapshot);

        vm.prank(ATTRIBUTOR);
        ledger.commitScores(model, 1, root, 101, 2);
        nextBlock();
        close(model);
        ledger.settle(model, 1, single(moveOf(model, 1, l, 0, 3_600)));
        last = moveOf(model, 1, l, 1, 2_401);
        refused(last, abi.encodeWithSelector(IRevenueLedger.PoolExceeded.selector, 6_000, 6_001));
        last = moveOf(model, 1, l, 1, 2_400);
        refused(last, abi.encodeWithSelector(IRevenueLedger.ScoreSumMismatch.selector, 101, 100));
    }

    function test_dust_is_less_than_the_records() public {
        Listed[] memory l = listed(60, 40);
        closeWith(model, 10_000, l);
        ledger.settle(model, 1, single(moveOf(model, 1, l, 0, 3_600)));
        IRevenueLedger.Move memory last = moveOf(model, 1, l, 1, 2_300);
        refused(last, abi.encodeWithSelector(IRevenueLedger.DustTooLarge.selector, 100, 100));
        ledger.settle(model, 1, single(moveOf(model, 1, l, 1, 2_301)));
        eq(ledger.getEpoch(model, 2).carried, 99, "99 of 100 records");
    }

    function test_who_is_enrolled_or_registered_too_late_does_not_move() public {
        deposit(model, 10_000);
        extend(dataset, 110);
        bytes32 late = register(10);
        // Enrolled in the commitment's own block.
        Listed[] memory l = one(late, 0, 0, 7);
        vm.prank(DEVELOPER);
        ledger.enroll(model, late, 0);
        commit(model, 1, l);
        close(model);
        IRevenueLedger.Move memory move = moveOf(model, 1, l, 0);
        refused(move, abi.encodeWithSelector(IRevenueLedger.TooYoung.selector, late, 0));
        bytes32 other = register(10);
        move.datasetId = other;
        refused(move, abi.encodeWithSelector(IRevenueLedger.NotEnrolled.selector, model, other));
        // Revision 1 is registered, but the model has revision 0.
        (move.datasetId, move.revision) = (dataset, 1);
        refused(move, abi.encodeWithSelector(IRevenueLedger.NotEnrolled.selector, model, dataset));
        // F12: the way out is another attempt, and nothing is jammed for good.
        provePayees(late);
        pass(SETTLE_WINDOW + 1);
        commit(model, 1, l);
        ledger.settle(model, 1, moves(model, 1, l));
    }

    function test_a_revision_of_the_commitments_own_block_is_too_young() public {
        deposit(model, 10_000);
        uint256 at = block.number;
        extend(dataset, 110);
        provePayees(dataset);
        enroll(model, dataset, 1);
        Listed[] memory l = listedOf(dataset, 1, 60, 40);
        vm.roll(at);
        commit(model, 1, l);
        close(model);
        IRevenueLedger.Move memory move = moveOf(model, 1, l, 1);
        refused(move, abi.encodeWithSelector(IRevenueLedger.TooYoung.selector, dataset, 1));
        pass(SETTLE_WINDOW + 1);
        commit(model, 1, l);
        ledger.settle(model, 1, moves(model, 1, l));
        eq(ledger.getSegment(model, dataset, 1).records, 48, "with the records of revision 1");
    }

    function test_revisions_never_go_back_and_need_records_and_columns() public {
        extend(dataset, 110);
        enroll(model, dataset, 1);
        closeWith(model, 10_000, listedOf(dataset, 1, 60, 40));
        IRevenueLedger.Move memory move = moveOf(model, 1, listedOf(dataset, 1, 60, 40), 1);
        refused(move, abi.encodeWithSelector(IRevenueLedger.PayeesNotProven.selector, dataset, 1, 48));
        provePayees(dataset);
        ledger.settle(model, 1, moves(model, 1, listedOf(dataset, 1, 60, 40)));
        Listed[] memory back = listedOf(dataset, 0, 60, 40);
        closeWith(model, 10_000, back);
        move = moveOf(model, 2, back, 1);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.InvalidRevision.selector, dataset, 1, 0));
        ledger.settle(model, 2, single(move));
        // The full first segment has as many in either revision.
        ledger.settle(model, 2, single(moveOf(model, 2, back, 0)));
        pass(SETTLE_WINDOW + 1);
        Listed[] memory none = one(dataset, 2, 1, 5);
        commit(model, 2, none);
        move = moveOf(model, 2, none, 0);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.InvalidRevision.selector, dataset, 2, 1));
        ledger.settle(model, 2, single(move));
    }

    function test_a_listed_segment_scores_something() public {
        Listed[] memory l = listed(60, 0);
        closeWith(model, 10_000, l);
        IRevenueLedger.Move memory move = moveOf(model, 1, l, 1, 0);
        refused(move, abi.encodeWithSelector(IRevenueLedger.ZeroScore.selector, dataset, 1));
    }

    function test_segments_that_moved_are_passed_over() public {
        Listed[] memory l = listed(60, 40);
        closeWith(model, 10_000, l);
        IRevenueLedger.Move[] memory all = moves(model, 1, l);
        ledger.settle(model, 1, single(all[0]));
        vm.expectRevert(IRevenueLedger.NothingToSettle.selector);
        ledger.settle(model, 1, single(all[0]));
        vm.expectRevert(IRevenueLedger.NothingToSettle.selector);
        ledger.settle(model, 1, new IRevenueLedger.Move[](0));
        // One segment twice in a batch moves once.
        IRevenueLedger.Move[] memory three = new IRevenueLedger.Move[](3);
        (three[0], three[1], three[2]) = (all[1], all[1], all[0]);
        ledger.settle(model, 1, three);
        eq(ledger.getEpoch(model, 1).moved, 2, "two");
        eq(stageOf(model, 1), 3, "final");
    }

    /// @dev A root that lists a segment twice can't become final: each segment moves once. The next attempt answers it.
    function test_a_leaf_listed_twice_jams_one_attempt() public {
        Listed[] memory twice = new Listed[](2);
        twice[0] = Listed(dataset, 0, 0, 60);
        twice[1] = twice[0];
        closeWith(model, 10_000, twice);
        ledger.settle(model, 1, single(moveOf(model, 1, twice, 0)));
        IRevenueLedger.Move memory again = moveOf(model, 1, twice, 1);
        refused(again, abi.encodeWithSelector(IRevenueLedger.NothingToSettle.selector));
        pass(SETTLE_WINDOW + 1);
        commit(model, 1, listed(60, 40));
        ledger.settle(model, 1, moves(model, 1, listed(60, 40)));
        eq(ledger.getEpoch(model, 1).attempt, 1, "second attempt");
    }

    function test_an_attempt_begins_anew_from_the_final_balances() public {
        finalise(10_000, 60, 40);
        Listed[] memory l = listed(60, 40);
        closeWith(model, 10_000, l);
        ledger.settle(model, 2, single(moveOf(model, 2, l, 0)));
        pass(SETTLE_WINDOW + 1);
        Listed[] memory second = one(dataset, 1, 0, 3);
        commit(model, 2, second);
        IRevenueLedger.Epoch memory e = ledger.getEpoch(model, 2);
        eq(e.moved + e.records + e.scoreSum + e.paid, 0, "sums");
        ledger.settle(model, 2, moves(model, 2, second));
        eq(stageOf(model, 2), 3, "final without segment 0");
        // Segment 0 moved in the attempt that was given up: its balances are still those of epoch 1.
        (uint256 last, uint256 attempt) = lastFinal(model, dataset, 0);
        eq(last, 1, "epoch 1");
        eq(attempt, 0, "attempt 0");
        closeWith(model, 10_000, l);
        ledger.settle(model, 3, moves(model, 3, l));
        (last,) = lastFinal(model, dataset, 0);
        eq(last, 3, "linked to epoch 1, moved on to 3");
        (last, attempt) = (ledger.getSegment(model, dataset, 1).previousEpoch, 0);
        eq(last, 2, "segment 1 linked to epoch 2");
        eq(ledger.getSegment(model, dataset, 1).previousAttempt, 1, "its second attempt");
    }

    // ------------------------------------------------------------------------------------------------ the only caller of verifiers

    function test_answers_are_taken_only_in_their_exact_shape() public {
        Listed[] memory l = listed(60, 40);
        closeWith(model, 10_000, l);
        IRevenueLedger.Move memory move = moveOf(model, 1, l, 0);
        uint256[] memory inputs = splitInputs(model, 1, l[0], move.segmentPaid);
        bytes memory malformed = abi.encodeWithSelector(VerifierCall.MalformedAnswer.selector, address(split64));
        for (uint256 i = 0; i < 10; i++) {
            uint256[] memory words = splitColumns(model, 1, l[0]);
            words[i] = Q;
            split64.accept(move.proof, inputs, words);
            refused(move, malformed);
        }
        split64.accept(move.proof, inputs, new uint256[](9));
        refused(move, malformed);
        split64.accept(move.proof, inputs, new uint256[](11));
        refused(move, malformed);
        // Whatever stands there now: nothing, a precompile's echo, an answer of the right length with a wrong offset or length.
        bytes memory kept = address(split64).code;
        vm.etch(address(split64), "");
        refused(move, abi.encodeWithSelector(VerifierCall.VerifierWithoutCode.selector, address(split64)));
        // PUSH2 size, PUSH0, RETURN: zeros of that many bytes.
        vm.etch(address(split64), hex"6101805ff3");
        refused(move, malformed);
        // The same with offset 32 and a wrong length: PUSH1 32, PUSH0, MSTORE.
        vm.etch(address(split64), hex"60205f526101805ff3");
        refused(move, malformed);
        vm.etch(address(split64), hex"00");
        refused(move, malformed);
        // Burns all that it gets: the settlement reverts, nothing is half done.
        vm.etch(address(split64), hex"fe");
        refused(move, abi.encodeWithSelector(VerifierCall.ProofRejected.selector, ""));
        vm.etch(address(split64), kept);
        split64.accept(move.proof, inputs, splitColumns(model, 1, l[0]));
        ledger.settle(model, 1, single(move));
    }
}
