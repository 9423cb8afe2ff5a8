// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {IRevenueLedger} from "../src/interfaces/IRevenueLedger.sol";
import {LedgerFixture} from "./utils/LedgerFixture.sol";

/// @notice An epoch's life: order, roles, deadlines, sums.
contract LedgerEpochTest is LedgerFixture {
    uint256 private constant OPEN = uint256(IRevenueLedger.Stage.Open);
    uint256 private constant SCORED = uint256(IRevenueLedger.Stage.Scored);
    uint256 private constant SETTLING = uint256(IRevenueLedger.Stage.Settling);
    uint256 private constant FINAL = uint256(IRevenueLedger.Stage.Final);
    uint256 private constant CARRIED = uint256(IRevenueLedger.Stage.Carried);

    function setUp() public override {
        super.setUp();
        enroll(model, dataset);
    }

    function wrongStage(uint256 stage) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IRevenueLedger.WrongStage.selector, stage);
    }

    function tryClose(address sender, bytes memory expected) private {
        uint256 epoch = epochOf(model);
        vm.expectRevert(expected);
        vm.prank(sender);
        ledger.closeEpoch(model, epoch);
    }

    function trySettle(uint256 segment, uint256 score, uint256 paid, bytes memory expected) private {
        bytes memory proof = splitProof(model, dataset, segment, score, paid);
        uint256 epoch = epochOf(model);
        vm.expectRevert(expected);
        vm.prank(DEVELOPER);
        ledger.settle(model, epoch, dataset, segment, score, paid, proof);
    }

    function tryCommit(uint256 epoch, uint256 total, uint256[2][] memory points, bytes memory expected) private {
        vm.expectRevert(expected);
        vm.prank(ATTRIBUTOR);
        ledger.commitScores(model, epoch, total, points);
    }

    // ------------------------------------------------------------------------------------------------ the whole life

    function test_an_epoch_from_revenue_to_balances() public {
        deposit(model, 1_000);
        eq(stageOf(model, 1), OPEN, "open");
        commitScores(model, 100);
        eq(stageOf(model, 1), SCORED, "scored");
        close(model);
        eq(stageOf(model, 1), SETTLING, "settling");
        IRevenueLedger.Epoch memory e = ledger.getEpoch(model, 1);
        // 2001 and 1999 basis points of 1,000 are 200 and 199 by floor; the contributors get what is left.
        eq(ledger.credit(model, BENEFICIARY), 200, "first share");
        eq(ledger.credit(model, BENEFICIARY_2), 199, "second share");
        eq(e.pool, 601, "pool");

        settle(model, dataset, 1, 40, 240);
        eq(ledger.getSegment(model, dataset, 1).balances, bytes32(0), "not live before the epoch is final");
        eq(ledger.getSegment(model, dataset, 1).movedEpoch, 1, "moved");
        settle(model, dataset, 0, 60, 360);
        eq(stageOf(model, 1), FINAL, "final");
        eq(epochOf(model), 2, "next");
        eq(ledger.getSegment(model, dataset, 0).balances, pointDigest(balanceScalar(dataset, 0, 1)), "column 0");
        eq(ledger.getSegment(model, dataset, 1).balances, pointDigest(balanceScalar(dataset, 1, 1)), "column 1");
        eq(ledger.getModel(model).carried, 1, "dust");
        eq(ledger.getModel(model).unclaimed, 600, "paid into balances");

        // The next epoch starts from these columns, genesis no more, and with the dust in its pool.
        deposit(model, 10);
        commitScores(model, 7);
        close(model);
        eq(ledger.getEpoch(model, 2).pool, 1 + 10 - 2 - 1, "pool with what was carried");
        settle(model, dataset, 0, 0, 0);
        settle(model, dataset, 1, 7, 8);
        eq(stageOf(model, 2), FINAL, "final");
        eq(ledger.getSegment(model, dataset, 0).balancesEpoch, 2, "lives on");
        eq(ledger.getModel(model).carried, 0, "no dust");
    }

    function test_revenue_after_the_close_belongs_to_the_next_epoch() public {
        deposit(model, 1_000);
        commitScores(model, 100);
        close(model);
        deposit(model, 500);
        eq(ledger.getEpoch(model, 1).revenue, 1_000, "frozen");
        settle(model, dataset, 0, 60, 360);
        settle(model, dataset, 1, 40, 240);
        eq(ledger.getModel(model).pending, 500, "pending");
        commitScores(model, 1);
        close(model);
        eq(ledger.getEpoch(model, 2).revenue, 500, "next");
    }

    // ------------------------------------------------------------------------------------------------ order

    function test_nothing_but_scores_and_deposits_while_open() public {
        deposit(model, 1_000);
        trySettle(0, 1, 1, wrongStage(OPEN));
        vm.warp(block.timestamp + 400 days);
        vm.expectRevert(wrongStage(OPEN));
        ledger.abandonEpoch(model, 1);
    }

    function test_no_second_scores_no_settling_while_scored() public {
        deposit(model, 1_000);
        commitScores(model, 100);
        tryCommit(1, 100, scorePoints(model, 9, 2), wrongStage(SCORED));
        trySettle(0, 60, 360, wrongStage(SCORED));
        vm.expectRevert(wrongStage(SCORED));
        ledger.abandonEpoch(model, 1);
    }

    function test_no_scores_no_second_close_while_settling() public {
        deposit(model, 1_000);
        commitScores(model, 100);
        close(model);
        tryCommit(1, 100, scorePoints(model, 1, 2), wrongStage(SETTLING));
        tryClose(DEVELOPER, wrongStage(SETTLING));
    }

    function test_past_and_future_epochs_are_out_of_reach() public {
        finaliseEpoch();
        for (uint256 epoch = 0; epoch < 4; epoch++) {
            if (epoch == 2) continue;
            bytes memory wrong = abi.encodeWithSelector(IRevenueLedger.WrongEpoch.selector, 2, epoch);
            tryCommit(epoch, 1, scorePoints(model, 1, 2), wrong);
            vm.expectRevert(wrong);
            ledger.closeEpoch(model, epoch);
            vm.expectRevert(wrong);
            ledger.abandonEpoch(model, epoch);
            vm.expectRevert(wrong);
            vm.prank(DEVELOPER);
            ledger.settle(model, epoch, dataset, 0, 1, 1, "");
        }
    }

    function test_a_segment_moves_once_per_epoch() public {
        deposit(model, 1_000);
        commitScores(model, 100);
        close(model);
        settle(model, dataset, 0, 60, 360);
        trySettle(0, 40, 240, abi.encodeWithSelector(IRevenueLedger.AlreadySettled.selector, dataset, 0, 1));
        trySettle(2, 40, 240, abi.encodeWithSelector(IRevenueLedger.NotInEpoch.selector, dataset, 2, 1));
    }

    function test_a_dataset_enrolled_after_the_scores_waits_for_the_next_epoch() public {
        deposit(model, 1_000);
        commitScores(model, 100);
        bytes32 second = register(5);
        enroll(model, second);
        close(model);
        bytes memory proof = splitProof(model, second, 0, 60, 360);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotInEpoch.selector, second, 0, 1));
        vm.prank(DEVELOPER);
        ledger.settle(model, 1, second, 0, 60, 360, proof);
        settle(model, dataset, 0, 60, 360);
        settle(model, dataset, 1, 40, 240);
        eq(stageOf(model, 1), FINAL, "final without it");

        deposit(model, 1_000);
        commitScores(model, 100);
        close(model);
        settle(model, dataset, 0, 30, 180);
        settle(model, dataset, 1, 30, 180);
        settle(model, second, 0, 40, 240);
        eq(stageOf(model, 2), FINAL, "final with it");
    }

    function test_a_half_enrolled_dataset_takes_no_part() public {
        bytes32 second = register(100);
        enrollSegment(model, second, 0, 1);
        deposit(model, 1_000);
        commitScores(model, 100);
        close(model);
        bytes memory proof = splitProof(model, second, 0, 60, 360);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotInEpoch.selector, second, 0, 1));
        vm.prank(DEVELOPER);
        ledger.settle(model, 1, second, 0, 60, 360, proof);
    }

    function test_nothing_works_on_a_model_that_does_not_exist() public {
        bytes memory unknown = abi.encodeWithSelector(IRevenueLedger.UnknownModel.selector, bytes32("x"));
        vm.expectRevert(unknown);
        ledger.deposit("x", 1);
        vm.expectRevert(unknown);
        ledger.commitScores("x", 0, 0, new uint256[2][](0));
        vm.expectRevert(unknown);
        ledger.closeEpoch("x", 0);
        vm.expectRevert(unknown);
        ledger.settle("x", 0, dataset, 0, 0, 0, "");
        vm.expectRevert(unknown);
        ledger.abandonEpoch("x", 0);
        vm.expectRevert(unknown);
        ledger.publish("x", dataset, 0, 1, "");
        vm.expectRevert(unknown);
        ledger.withdraw("x", BENEFICIARY);
    }

    // ------------------------------------------------------------------------------------------------ roles

    function test_only_the_attributor_commits_scores() public {
        address[4] memory others = [DEVELOPER, OWNER, STRANGER, BENEFICIARY];
        uint256[2][] memory points = scorePoints(model, 1, 2);
        for (uint256 i = 0; i < others.length; i++) {
            vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotAttributor.selector, model, others[i]));
            vm.prank(others[i]);
            ledger.commitScores(model, 1, 100, points);
        }
    }

    function test_only_the_developer_settles() public {
        deposit(model, 1_000);
        commitScores(model, 100);
        close(model);
        bytes memory proof = splitProof(model, dataset, 0, 60, 360);
        address[4] memory others = [ATTRIBUTOR, OWNER, STRANGER, BENEFICIARY];
        for (uint256 i = 0; i < others.length; i++) {
            vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotDeveloper.selector, model, others[i]));
            vm.prank(others[i]);
            ledger.settle(model, 1, dataset, 0, 60, 360, proof);
        }
    }

    function test_only_the_developer_closes_before_the_deadline() public {
        deposit(model, 1_000);
        commitScores(model, 100);
        bytes memory early = abi.encodeWithSelector(IRevenueLedger.TooEarly.selector, block.timestamp + OPEN_WINDOW);
        address[4] memory others = [ATTRIBUTOR, OWNER, STRANGER, BENEFICIARY];
        for (uint256 i = 0; i < others.length; i++) {
            tryClose(others[i], early);
        }
        close(model);
    }

    function test_roles_of_one_model_mean_nothing_in_another() public {
        vm.prank(STRANGER);
        bytes32 other = ledger.createModel(terms("other", address(token)));
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotDeveloper.selector, other, DEVELOPER));
        vm.prank(DEVELOPER);
        ledger.enroll(other, dataset, 0, "");
    }

    // ------------------------------------------------------------------------------------------------ deadlines

    function test_without_scores_nobody_closes_until_the_deadline() public {
        deposit(model, 1_000);
        uint256 deadline = block.timestamp + OPEN_WINDOW;
        bytes memory early = abi.encodeWithSelector(IRevenueLedger.TooEarly.selector, deadline);
        tryClose(DEVELOPER, early);
        tryClose(STRANGER, early);
        vm.warp(deadline);
        tryClose(DEVELOPER, early);
        vm.warp(deadline + 1);
        vm.prank(STRANGER);
        ledger.closeEpoch(model, 1);
        eq(stageOf(model, 1), CARRIED, "carried");
        eq(ledger.getModel(model).carried, 601, "the contributors' pool waits");
        eq(ledger.credit(model, BENEFICIARY), 200, "the others are not kept waiting");
        eq(epochOf(model), 2, "next");
    }

    function test_scores_after_the_deadline_count_until_somebody_closes() public {
        deposit(model, 1_000);
        vm.warp(block.timestamp + OPEN_WINDOW + 1);
        commitScores(model, 100);
        vm.prank(STRANGER);
        ledger.closeEpoch(model, 1);
        eq(stageOf(model, 1), SETTLING, "settling");
    }

    function test_anyone_closes_a_scored_epoch_after_the_deadline() public {
        deposit(model, 1_000);
        commitScores(model, 100);
        vm.warp(block.timestamp + OPEN_WINDOW + 1);
        vm.prank(STRANGER);
        ledger.closeEpoch(model, 1);
        eq(stageOf(model, 1), SETTLING, "settling");
    }

    function test_the_clock_starts_with_the_first_revenue() public {
        vm.warp(block.timestamp + 300 days);
        deposit(model, 1_000);
        tryClose(STRANGER, abi.encodeWithSelector(IRevenueLedger.TooEarly.selector, block.timestamp + OPEN_WINDOW));
        uint256 first = block.timestamp;
        vm.warp(block.timestamp + 1 days);
        deposit(model, 1_000);
        tryClose(STRANGER, abi.encodeWithSelector(IRevenueLedger.TooEarly.selector, first + OPEN_WINDOW));
    }

    function test_an_epoch_is_given_up_only_after_its_deadline() public {
        deposit(model, 1_000);
        commitScores(model, 100);
        close(model);
        settle(model, dataset, 0, 60, 360);
        uint256 deadline = block.timestamp + SETTLE_WINDOW;
        vm.warp(deadline);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.TooEarly.selector, deadline));
        ledger.abandonEpoch(model, 1);
        vm.warp(deadline + 1);
        vm.prank(STRANGER);
        ledger.abandonEpoch(model, 1);

        eq(stageOf(model, 1), CARRIED, "carried");
        eq(ledger.getModel(model).carried, 601, "the whole pool");
        eq(ledger.getModel(model).unclaimed, 0, "nothing paid");
        eq(ledger.getSegment(model, dataset, 0).balancesEpoch, 0, "still genesis");
        eq(ledger.getSegment(model, dataset, 0).movedEpoch, 1, "the move is forgotten, not denied");
    }

    function test_settling_goes_on_after_the_deadline_until_somebody_gives_up() public {
        deposit(model, 1_000);
        commitScores(model, 100);
        close(model);
        vm.warp(block.timestamp + SETTLE_WINDOW + 100);
        settle(model, dataset, 0, 60, 360);
        settle(model, dataset, 1, 40, 240);
        eq(stageOf(model, 1), FINAL, "final");
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.WrongEpoch.selector, 2, 1));
        ledger.abandonEpoch(model, 1);
    }

    function test_balances_of_an_abandoned_epoch_never_come_back() public {
        finaliseEpoch();
        deposit(model, 1_000);
        commitScores(model, 100);
        close(model);
        settle(model, dataset, 0, 60, 360);
        vm.warp(block.timestamp + SETTLE_WINDOW + 1);
        ledger.abandonEpoch(model, 2);
        eq(ledger.getSegment(model, dataset, 0).balancesEpoch, 1, "epoch 1 is live");
        eq(ledger.getSegment(model, dataset, 0).balances, pointDigest(balanceScalar(dataset, 0, 1)), "its column");

        commitScores(model, 100);
        close(model);
        // Old = the column that epoch 2 would have had: refused.
        bytes memory proof = splitProof(
            splitInputs(model, dataset, 0, 60, 360),
            linked(balanceScalar(dataset, 0, 2), balanceScalar(dataset, 0, 3), scoreScalar(model, 3, 0))
        );
        vm.expectRevert(IRevenueLedger.OldColumnMismatch.selector);
        vm.prank(DEVELOPER);
        ledger.settle(model, 3, dataset, 0, 60, 360, proof);
        // Old = epoch 1's column: accepted. Segment 1, which did not move in epoch 2, goes on as well.
        settle(model, dataset, 0, 60, 360);
        settle(model, dataset, 1, 40, 240);
        eq(stageOf(model, 3), FINAL, "final");
        eq(ledger.getSegment(model, dataset, 0).balances, pointDigest(balanceScalar(dataset, 0, 3)), "epoch 3");
    }

    // ------------------------------------------------------------------------------------------------ carrying

    function test_total_score_zero_carries_the_pool_without_a_proof() public {
        deposit(model, 1_000);
        commitScores(model, 0);
        eq(ledger.getEpoch(model, 1).segments, 0, "nobody takes part");
        close(model);
        eq(stageOf(model, 1), CARRIED, "carried");
        eq(ledger.getModel(model).carried, 601, "pool");
        deposit(model, 10);
        commitScores(model, 5);
        close(model);
        eq(ledger.getEpoch(model, 2).pool, 601 + 7, "in the next pool");
    }

    function test_scores_without_revenue_wait_for_revenue() public {
        commitScores(model, 100);
        bytes memory nothing = abi.encodeWithSelector(IRevenueLedger.NothingToClose.selector);
        tryClose(DEVELOPER, nothing);
        vm.warp(block.timestamp + 400 days);
        tryClose(STRANGER, nothing);
        deposit(model, 1_000);
        close(model);
        eq(stageOf(model, 1), SETTLING, "settling");
    }

    function test_what_was_carried_can_be_split_without_new_revenue() public {
        deposit(model, 1_000);
        commitScores(model, 0);
        close(model);
        // No scores: nothing to do with it.
        vm.warp(block.timestamp + OPEN_WINDOW + 1);
        tryClose(STRANGER, abi.encodeWithSelector(IRevenueLedger.NothingToClose.selector));
        commitScores(model, 100);
        close(model);
        eq(ledger.getEpoch(model, 2).pool, 601, "pool");
        eq(ledger.credit(model, BENEFICIARY), 200, "no share is taken twice");
        settle(model, dataset, 0, 60, 360);
        settle(model, dataset, 1, 40, 240);
        eq(ledger.getModel(model).carried, 1, "dust");
    }

    function test_one_unit_of_revenue_goes_to_the_contributors() public {
        deposit(model, 1);
        commitScores(model, 100);
        close(model);
        eq(ledger.getEpoch(model, 1).pool, 1, "floors leave it");
        settle(model, dataset, 0, 60, 0);
        settle(model, dataset, 1, 40, 0);
        eq(ledger.getModel(model).carried, 1, "dust");
    }

    // ------------------------------------------------------------------------------------------------ scores

    function test_scores_need_exactly_one_valid_point_per_segment() public {
        uint256[2][] memory points = scorePoints(model, 1, 2);
        tryCommit(1, 1, scorePoints(model, 1, 1), abi.encodeWithSelector(IRevenueLedger.WrongPointCount.selector, 2, 1));
        tryCommit(1, 1, scorePoints(model, 1, 3), abi.encodeWithSelector(IRevenueLedger.WrongPointCount.selector, 2, 3));
        tryCommit(1, 0, points, abi.encodeWithSelector(IRevenueLedger.WrongPointCount.selector, 0, 2));
        tryCommit(1, 1 << 80, points, abi.encodeWithSelector(IRevenueLedger.InvalidTotalScore.selector, 1 << 80));
        bytes memory invalid = abi.encodeWithSelector(IRevenueLedger.InvalidPoint.selector, 1);
        uint256 x = points[1][0];
        points[1][0] = x + 1;
        tryCommit(1, 1, points, invalid);
        points[1][0] = x + Q;
        tryCommit(1, 1, points, invalid);
        (points[1][0], points[1][1]) = (x, points[1][1] + Q);
        tryCommit(1, 1, points, invalid);
        points[1] = [uint256(0), 0];
        tryCommit(1, 1, points, invalid);
    }

    function test_score_columns_are_the_digests_of_what_was_committed() public {
        eq(uint256(ledger.scoreColumn(model, 0)), 0, "nothing yet");
        commitScores(model, 100);
        eq(ledger.scoreColumn(model, 0), pointDigest(scoreScalar(model, 1, 0)), "first segment");
        eq(ledger.scoreColumn(model, 1), pointDigest(scoreScalar(model, 1, 1)), "second segment");
        eq(uint256(ledger.scoreColumn(model, 2)), 0, "no third segment");
    }

    function test_scores_need_a_segment() public {
        bytes32 empty = createModel("empty", address(token));
        vm.expectRevert(IRevenueLedger.NoSegments.selector);
        vm.prank(ATTRIBUTOR);
        ledger.commitScores(empty, 1, 1, new uint256[2][](0));
        deposit(empty, 100);
        commitScores(empty, 0);
        close(empty);
        eq(ledger.getModel(empty).carried, 61, "carried until there are contributors");
    }

    function test_score_sum_is_the_total_and_paid_is_within_the_pool() public {
        deposit(model, 1_000);
        commitScores(model, 100);
        close(model);
        trySettle(0, 101, 1, abi.encodeWithSelector(IRevenueLedger.ScoreSumExceeded.selector, 100, 101));
        trySettle(0, 60, 602, abi.encodeWithSelector(IRevenueLedger.PoolExceeded.selector, 601, 602));
        settle(model, dataset, 0, 60, 601);
        trySettle(1, 41, 0, abi.encodeWithSelector(IRevenueLedger.ScoreSumExceeded.selector, 100, 41));
        trySettle(1, 40, 1, abi.encodeWithSelector(IRevenueLedger.PoolExceeded.selector, 601, 1));
        trySettle(1, 39, 0, abi.encodeWithSelector(IRevenueLedger.ScoreSumMismatch.selector, 100, 99));
        settle(model, dataset, 1, 40, 0);
    }

    function test_dust_is_smaller_than_the_number_of_accounts() public {
        deposit(model, 1_000);
        commitScores(model, 100);
        close(model);
        settle(model, dataset, 0, 60, 360);
        trySettle(1, 40, 117, abi.encodeWithSelector(IRevenueLedger.DustTooLarge.selector, 124, 124));
        settle(model, dataset, 1, 40, 118);
        eq(ledger.getModel(model).carried, 123, "dust");
    }

    function testFuzz_shares_and_pool_are_the_whole_revenue(uint96 revenue, uint96 more) public {
        vm.assume(revenue != 0 && more != 0);
        deposit(model, revenue);
        commitScores(model, 0);
        close(model);
        deposit(model, more);
        commitScores(model, 1);
        close(model);
        uint256 first = uint256(revenue) * 2001 / 10_000 + uint256(more) * 2001 / 10_000;
        uint256 second = uint256(revenue) * 1999 / 10_000 + uint256(more) * 1999 / 10_000;
        eq(ledger.credit(model, BENEFICIARY), first, "first");
        eq(ledger.credit(model, BENEFICIARY_2), second, "second");
        eq(ledger.getEpoch(model, 2).pool, uint256(revenue) + more - first - second, "pool");
    }

    function test_revenue_of_a_life_is_bounded() public {
        deposit(model, 2 ** 127 - 2);
        token.mint(PAYER, 2);
        vm.startPrank(PAYER);
        token.approve(address(ledger), 2);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.RevenueLimit.selector, 2 ** 127 - 1));
        ledger.deposit(model, 2);
        ledger.deposit(model, 1);
        vm.stopPrank();
        commitScores(model, 1);
        close(model);
        commitAfterCarry();
    }

    /// @dev Even at the bound an epoch can be given up and closed again: nothing overflows, nothing is stuck.
    function commitAfterCarry() private {
        uint256 pool = ledger.getEpoch(model, 1).pool;
        vm.warp(block.timestamp + SETTLE_WINDOW + 1);
        ledger.abandonEpoch(model, 1);
        commitScores(model, 1);
        close(model);
        eq(ledger.getEpoch(model, 2).pool, pool, "the same pool again");
        settle(model, dataset, 0, 1, pool);
        settle(model, dataset, 1, 0, 0);
        eq(ledger.getModel(model).unclaimed, pool, "paid");
    }
}
