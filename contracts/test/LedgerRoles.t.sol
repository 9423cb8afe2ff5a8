// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {IRevenueLedger} from "../src/interfaces/IRevenueLedger.sol";
import {LedgerFixture} from "./utils/LedgerFixture.sol";

/// @notice Who may do what, and after how long: each row of the table in the README has its refusal here, and rotation at every
/// stage of an epoch.
contract LedgerRolesTest is LedgerFixture {
    address private constant NEXT = address(0x7E);
    address private constant OTHER = address(0x07);

    function notDeveloper(address who) private {
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotDeveloper.selector, model, who));
        vm.prank(who);
    }

    function notAttributor(address who) private {
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotAttributor.selector, model, who));
        vm.prank(who);
    }

    function announce(address attributor) private {
        vm.prank(DEVELOPER);
        ledger.announceAttributor(model, attributor);
    }

    function tooEarly(uint256 deadline) private {
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.TooEarly.selector, deadline));
    }

    // ------------------------------------------------------------------------------------------------ by role

    function test_row_developer_only() public {
        address[5] memory others = [ATTRIBUTOR, OWNER, PAYER, STRANGER, BENEFICIARY];
        for (uint256 i = 0; i < others.length; i++) {
            notDeveloper(others[i]);
            ledger.enroll(model, dataset, 0);
            notDeveloper(others[i]);
            ledger.open(model);
            notDeveloper(others[i]);
            ledger.announcePolicy(model, policy());
            notDeveloper(others[i]);
            ledger.announceAttributor(model, NEXT);
            notDeveloper(others[i]);
            ledger.announceRetirement(model, dataset);
            notDeveloper(others[i]);
            ledger.replaceAttributor(model, 1);
            notDeveloper(others[i]);
            ledger.offerDeveloper(model, others[i]);
        }
    }

    function test_row_attributor_only() public {
        deposit(model, 10_000);
        address[5] memory others = [DEVELOPER, OWNER, PAYER, STRANGER, BENEFICIARY];
        for (uint256 i = 0; i < others.length; i++) {
            notAttributor(others[i]);
            ledger.commitScores(model, 1, "root", 1, 1);
            notAttributor(others[i]);
            ledger.offerAttributor(model, others[i]);
        }
    }

    /// @dev With an exit window of the open and the settle window the model could be dissolved first: a lost attributor was the model's end.
    function test_row_a_lost_attributor_is_replaced_before_anyone_dissolves() public {
        finalise(10_000, 60, 40);
        deposit(model, 10_000);
        uint256 reached = block.timestamp;
        vm.warp(reached + OPEN_WINDOW + 1);
        vm.startPrank(DEVELOPER);
        ledger.announceAttributor(model, NEXT);
        pass(NOTICE_WINDOW);
        ledger.replaceAttributor(model, 2);
        vm.stopPrank();
        bytes32 root = commit(model, 2, listed(60, 40));
        vm.warp(reached + OPEN_WINDOW + NOTICE_WINDOW + SETTLE_WINDOW);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotStalled.selector, model));
        ledger.dissolve(model);
        closeAs(STRANGER, 2, root);
        ledger.settle(model, 2, moves(model, 2, listed(60, 40)));
        eq(stageOf(model, 2), 3, "final");
    }

    function test_row_close_developer_at_once_others_after_the_open_window() public {
        deposit(model, 10_000);
        uint256 reached = block.timestamp;
        pass(3 days);
        bytes32 root = commit(model, 1, listed(60, 40));
        tooEarly(reached + OPEN_WINDOW);
        closeAs(STRANGER, 1, root);
        vm.warp(reached + OPEN_WINDOW);
        tooEarly(reached + OPEN_WINDOW);
        closeAs(ATTRIBUTOR, 1, root);
        uint256 snapshot = vm.snapshotState();
        closeAs(DEVELOPER, 1, root);
        vm.revertToState(snapshot);
        vm.warp(reached + OPEN_WINDOW + 1);
        closeAs(STRANGER, 1, root);
        eq(stageOf(model, 1), 2, "closed");
    }

    function test_row_new_attempt_after_the_settle_window() public {
        closeWith(model, 10_000, listed(60, 40));
        uint256 since = block.timestamp;
        pass(SETTLE_WINDOW);
        tooEarly(since + SETTLE_WINDOW);
        commitAs(ATTRIBUTOR, "root", 1, 1);
        // A move restarts the wait.
        ledger.settle(model, 1, single(moveOf(model, 1, listed(60, 40), 0)));
        since = block.timestamp;
        pass(1);
        tooEarly(since + SETTLE_WINDOW);
        commitAs(ATTRIBUTOR, "root", 1, 1);
        pass(SETTLE_WINDOW);
        commitAs(ATTRIBUTOR, "root", 1, 1);
        eq(ledger.getEpoch(model, 1).attempt, 1, "another attempt");
        // And so does the new commitment.
        tooEarly(block.timestamp + SETTLE_WINDOW);
        commitAs(ATTRIBUTOR, "root", 1, 1);
    }

    function test_row_policy_after_the_notice_window() public {
        IRevenueLedger.Policy memory p = policy();
        p.beneficiaries[0].account = NEXT;
        vm.prank(DEVELOPER);
        ledger.announcePolicy(model, p);
        uint256 from = block.timestamp + NOTICE_WINDOW;
        (uint32 version, uint64 at,,) = ledger.getAnnounced(model);
        eq(version, 2, "version");
        eq(at, from, "from");
        vm.warp(from - 1);
        finalise(10_000, 60, 40);
        eq(ledger.getEpoch(model, 1).policy, 1, "an epoch that opens before");
        eq(ledger.getEpoch(model, 2).policy, 1, "opened a second too early");
        vm.warp(from);
        finalise(10_000, 60, 40);
        eq(ledger.getEpoch(model, 2).policy, 1, "an open epoch keeps its policy");
        eq(ledger.getEpoch(model, 3).policy, 2, "the next one has the new one");
        (version,,,) = ledger.getAnnounced(model);
        eq(version, 0, "in force");
    }

    function test_row_policy_never_below_the_minimum() public {
        IRevenueLedger.Policy memory p = policy();
        (p.contributorsBps, p.beneficiaries[0].bps) = (4_999, 3_002);
        vm.expectRevert(IRevenueLedger.InvalidPolicy.selector);
        vm.prank(DEVELOPER);
        ledger.announcePolicy(model, p);
        (p.contributorsBps, p.beneficiaries[0].bps) = (5_000, 3_001);
        vm.prank(DEVELOPER);
        ledger.announcePolicy(model, p);
    }

    function test_a_newer_announcement_replaces_one_that_is_not_in_force() public {
        vm.startPrank(DEVELOPER);
        ledger.announcePolicy(model, policy());
        ledger.announceAttributor(model, OTHER);
        pass(NOTICE_WINDOW - 1);
        ledger.announcePolicy(model, policy());
        ledger.announceAttributor(model, NEXT);
        vm.stopPrank();
        (uint32 version, uint64 at, address attributor, uint64 attributorAt) = ledger.getAnnounced(model);
        eq(version, 3, "version 2 never comes");
        eq(attributor, NEXT, "attributor");
        eq(at, block.timestamp + NOTICE_WINDOW, "its own notice");
        eq(attributorAt, at, "the attributor's too");
        pass(1);
        deposit(model, 1);
        eq(ledger.getEpoch(model, 1).policy, 1, "not yet");
        eq(ledger.getEpoch(model, 1).attributor, ATTRIBUTOR, "nor the attributor");
    }

    function test_row_attributor_of_coming_epochs_after_the_notice_window() public {
        announce(NEXT);
        deposit(model, 10_000);
        pass(NOTICE_WINDOW);
        eq(ledger.getEpoch(model, 1).attributor, ATTRIBUTOR, "the open epoch keeps its own");
        commit(model, 1, listed(60, 40));
        close(model);
        eq(ledger.getEpoch(model, 1).attributor, ATTRIBUTOR, "and the closed one");
        eq(ledger.getEpoch(model, 2).attributor, NEXT, "the next one has the new one");
        eq(ledger.attributorOf(model), NEXT, "and those to come");
        address[2] memory nobody = [address(0), address(ledger)];
        for (uint256 i = 0; i < 2; i++) {
            vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.InvalidAccount.selector, nobody[i]));
            vm.prank(DEVELOPER);
            ledger.announceAttributor(model, nobody[i]);
        }
    }

    function replace(bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(DEVELOPER);
        ledger.replaceAttributor(model, 1);
    }

    function test_row_attributor_of_a_stalled_epoch() public {
        replace(abi.encodeWithSelector(IRevenueLedger.WrongEpoch.selector, 0, 1));
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.WrongEpoch.selector, 0, 0));
        vm.prank(DEVELOPER);
        ledger.replaceAttributor(model, 0);
        deposit(model, 1);
        replace(abi.encodeWithSelector(IRevenueLedger.NothingAnnounced.selector, model));
        announce(OTHER);
        replace(abi.encodeWithSelector(IRevenueLedger.PoolTooSmall.selector, 1_000, 1));
        deposit(model, 10_000);
        uint256 late = block.timestamp + OPEN_WINDOW;
        // Announced before the epoch was late: that does not count, however long ago.
        vm.warp(late + NOTICE_WINDOW);
        replace(abi.encodeWithSelector(IRevenueLedger.AnnouncedTooEarly.selector, late - OPEN_WINDOW, late));
        vm.warp(late);
        announce(NEXT);
        vm.warp(late + NOTICE_WINDOW);
        replace(abi.encodeWithSelector(IRevenueLedger.AnnouncedTooEarly.selector, late, late));
        vm.warp(late + 1);
        announce(NEXT);
        vm.warp(late + NOTICE_WINDOW);
        replace(abi.encodeWithSelector(IRevenueLedger.TooEarly.selector, late + 1 + NOTICE_WINDOW));
        pass(1);
        uint256 snapshot = vm.snapshotState();
        // Scores that come before it keep the old one in charge.
        commit(model, 1, listed(60, 40));
        replace(abi.encodeWithSelector(IRevenueLedger.Committed.selector, model, 1));
        vm.revertToState(snapshot);
        vm.prank(DEVELOPER);
        ledger.replaceAttributor(model, 1);
        notAttributor(ATTRIBUTOR);
        ledger.commitScores(model, 1, "root", 1, 1);
        eq(ledger.attributorOf(model), NEXT, "from now on");
        commit(model, 1, listed(60, 40));
        replace(abi.encodeWithSelector(IRevenueLedger.NothingAnnounced.selector, model));
    }

    function test_row_retirement_after_the_notice_window() public {
        vm.prank(DEVELOPER);
        ledger.announceRetirement(model, dataset);
        eq(ledger.getEnrolment(model, dataset).retiredFrom, block.timestamp + NOTICE_WINDOW, "from");
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.AlreadyRetired.selector, model, dataset));
        vm.prank(DEVELOPER);
        ledger.announceRetirement(model, dataset);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotEnrolled.selector, model, bytes32("x")));
        vm.prank(DEVELOPER);
        ledger.announceRetirement(model, "x");
        // A listed segment can always move; whether it should be listed is for the auditor to say.
        pass(NOTICE_WINDOW);
        finalise(10_000, 60, 40);
        eq(claim(0, 1, 0, 5), 5, "what it earned is claimable");
    }

    // ------------------------------------------------------------------------------------------------ rotation

    function handOver(address from, address to) private {
        vm.prank(from);
        ledger.offerAttributor(model, to);
        vm.prank(to);
        ledger.acceptAttributor(model);
    }

    function test_developer_in_two_steps() public {
        vm.prank(DEVELOPER);
        ledger.offerDeveloper(model, NEXT);
        (address offered,) = ledger.getOffers(model, ATTRIBUTOR);
        eq(offered, NEXT, "offered");
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotOffered.selector, model, STRANGER));
        vm.prank(STRANGER);
        ledger.acceptDeveloper(model);
        vm.prank(NEXT);
        ledger.acceptDeveloper(model);
        eq(ledger.getModel(model).developer, NEXT, "handed over");
        notDeveloper(DEVELOPER);
        ledger.offerDeveloper(model, DEVELOPER);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotOffered.selector, model, NEXT));
        vm.prank(NEXT);
        ledger.acceptDeveloper(model);
        // An offer can be taken back.
        vm.prank(NEXT);
        ledger.offerDeveloper(model, OTHER);
        vm.prank(NEXT);
        ledger.offerDeveloper(model, address(0));
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotOffered.selector, model, OTHER));
        vm.prank(OTHER);
        ledger.acceptDeveloper(model);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.InvalidAccount.selector, address(ledger)));
        vm.prank(NEXT);
        ledger.offerDeveloper(model, address(ledger));
    }

    function test_attributor_hands_over_before_the_first_epoch() public {
        handOver(ATTRIBUTOR, NEXT);
        eq(ledger.attributorOf(model), NEXT, "to come");
        deposit(model, 10_000);
        eq(ledger.getEpoch(model, 1).attributor, NEXT, "the first epoch");
        notAttributor(ATTRIBUTOR);
        ledger.offerAttributor(model, ATTRIBUTOR);
    }

    function test_attributor_hands_over_with_an_epoch_open() public {
        deposit(model, 10_000);
        vm.prank(ATTRIBUTOR);
        ledger.offerAttributor(model, NEXT);
        (, address offered) = ledger.getOffers(model, ATTRIBUTOR);
        eq(offered, NEXT, "offered");
        commit(model, 1, listed(60, 40));
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotOffered.selector, model, STRANGER));
        vm.prank(STRANGER);
        ledger.acceptAttributor(model);
        vm.prank(NEXT);
        ledger.acceptAttributor(model);
        notAttributor(ATTRIBUTOR);
        ledger.commitScores(model, 1, "root", 1, 1);
        commit(model, 1, listed(50, 50));
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.InvalidAccount.selector, address(ledger)));
        vm.prank(NEXT);
        ledger.offerAttributor(model, address(ledger));
    }

    function test_attributor_hands_over_with_an_epoch_closed() public {
        closeWith(model, 10_000, listed(60, 40));
        handOver(ATTRIBUTOR, NEXT);
        pass(SETTLE_WINDOW + 1);
        // Pending attempts go with it.
        notAttributor(ATTRIBUTOR);
        ledger.commitScores(model, 1, "root", 1, 1);
        commit(model, 1, listed(50, 50));
        commit(model, 2, listed(50, 50));
        eq(ledger.getEpoch(model, 1).attempt, 1, "the closed epoch's next attempt");
    }

    /// @dev The old attributor has the closed epoch, a new one the open one: each hands over its own.
    function test_two_attributors_at_once() public {
        deposit(model, 10_000);
        announce(OTHER);
        pass(NOTICE_WINDOW);
        commit(model, 1, listed(60, 40));
        close(model);
        vm.prank(ATTRIBUTOR);
        ledger.offerAttributor(model, NEXT);
        vm.prank(OTHER);
        ledger.offerAttributor(model, STRANGER);
        vm.prank(NEXT);
        ledger.acceptAttributor(model);
        eq(ledger.getEpoch(model, 1).attributor, NEXT, "the closed one");
        eq(ledger.getEpoch(model, 2).attributor, OTHER, "not the open one");
        vm.prank(STRANGER);
        ledger.acceptAttributor(model);
        eq(ledger.getEpoch(model, 2).attributor, STRANGER, "the open one");
        eq(ledger.attributorOf(model), STRANGER, "and those to come");
        // One who was offered both takes both.
        vm.prank(NEXT);
        ledger.offerAttributor(model, ATTRIBUTOR);
        vm.prank(STRANGER);
        ledger.offerAttributor(model, ATTRIBUTOR);
        vm.prank(ATTRIBUTOR);
        ledger.acceptAttributor(model);
        eq(ledger.getEpoch(model, 1).attributor, ATTRIBUTOR, "both: closed");
        eq(ledger.getEpoch(model, 2).attributor, ATTRIBUTOR, "both: open");
    }

    function test_nothing_is_owned_by_who_deployed() public {
        // No function of the ledger asks for anybody but the parties of a model: unknown models have none.
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.UnknownModel.selector, bytes32("x")));
        ledger.offerDeveloper("x", STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.UnknownModel.selector, bytes32("x")));
        ledger.acceptAttributor("x");
    }
}
