// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {IOpeningVerifier} from "../src/interfaces/IOpeningVerifier.sol";
import {IRevenueLedger} from "../src/interfaces/IRevenueLedger.sol";
import {LedgerFixture} from "./utils/LedgerFixture.sol";

/// @notice A sender of demands that takes no money.
contract Refuser {
    function demand(IRevenueLedger ledger, bytes32 m, bytes32 d, IRevenueLedger.RecordPath calldata r)
        external
        payable
    {
        ledger.demand{value: msg.value}(m, d, 0, r);
    }

    function answer(IRevenueLedger ledger, bytes32 m, IRevenueLedger.Receipt[] calldata r) external {
        ledger.answer(m, r);
    }
}

/// @notice demand, answer, returnBond, dissolve, exit. Epochs pay 60 % of 10,000: 3,600 to segment 0, 2,400 to segment 1.
contract LedgerStallsTest is LedgerFixture {
    // ------------------------------------------------------------------------------------------------ demand

    function refusedDemand(uint256 bond, uint32 segment, IRevenueLedger.RecordPath memory r, bytes memory reason)
        private
    {
        vm.deal(STRANGER, 10 ether);
        vm.expectRevert(reason);
        vm.prank(STRANGER);
        ledger.demand{value: bond}(model, dataset, segment, r);
    }

    function test_a_demand_pins_the_last_final_epoch() public {
        finalise(10_000, 60, 40);
        demand(0, 100, 5);
        IRevenueLedger.Demand[] memory all = demandsOf(model);
        eq(all.length, 1, "one");
        eq(all[0].datasetId, dataset, "dataset");
        eq(all[0].index, 5, "index");
        eq(all[0].epoch, 1, "epoch");
        eq(all[0].deadline, block.timestamp + DEMAND_WINDOW, "deadline");
        eq(all[0].sender, STRANGER, "sender");
        eq(all[0].bond, BOND, "bond");
        finalise(10_000, 60, 40);
        eq(demandsOf(model)[0].epoch, 1, "pinned");
        demand(0, 100, 6);
        eq(demandsOf(model)[1].epoch, 2, "a later one");
    }

    function test_what_cannot_be_demanded() public {
        IRevenueLedger.RecordPath memory r = recordPath(0, 100, 5);
        refusedDemand(BOND, 0, r, abi.encodeWithSelector(IRevenueLedger.NothingSettled.selector, dataset, 0));
        finalise(10_000, 60, 40);
        refusedDemand(BOND - 1, 0, r, abi.encodeWithSelector(IRevenueLedger.WrongBond.selector, BOND, BOND - 1));
        refusedDemand(BOND + 1, 0, r, abi.encodeWithSelector(IRevenueLedger.WrongBond.selector, BOND, BOND + 1));
        bytes memory hidden = abi.encodeWithSelector(IRevenueLedger.RecordNotShown.selector, dataset, 0, 5);
        r.payee = STRANGER;
        refusedDemand(BOND, 0, r, hidden);
        r.payee = address(0);
        refusedDemand(BOND, 0, r, abi.encodeWithSelector(IRevenueLedger.InvalidAccount.selector, address(0)));
        r.payee = payeeOf(5);
        r.content ^= bytes32(uint256(1));
        refusedDemand(BOND, 0, r, hidden);
        r.content ^= bytes32(uint256(1));
        r.siblings[1][1]++;
        refusedDemand(BOND, 0, r, hidden);
        r.siblings[1][1]--;
        r.index = 62;
        refusedDemand(BOND, 0, r, abi.encodeWithSelector(IRevenueLedger.InvalidIndex.selector, 62));
        r.index = 5;
        // Behind the records of the last final move: an extension's are not there yet.
        extend(dataset, 110);
        refusedDemand(BOND, 1, recordPath(1, 110, 40), abi.encodeWithSelector(IRevenueLedger.InvalidIndex.selector, 40));
        demand(1, 110, 37);
        demand(0, 110, 5);
        refusedDemand(BOND, 0, r, abi.encodeWithSelector(IRevenueLedger.AlreadyDemanded.selector, dataset, 0, 5));
    }

    function test_an_answer_pays_what_is_due_and_earns_the_bond() public {
        finalise(10_000, 60, 40);
        demand(0, 100, 5);
        IRevenueLedger.Receipt memory r = receiptOf(model, dataset, 0, 1, 5, payeeOf(5), 100);
        r.accounts[0].proof[0]++;
        vm.expectRevert(IOpeningVerifier.Invalid.selector);
        ledger.answer(model, alone(r));
        r.accounts[0].proof[0]--;
        vm.prank(PAYER);
        ledger.answer(model, alone(r));
        eq(PAYER.balance, BOND, "bond");
        eq(token.balanceOf(payeeOf(5)), 100, "and the payee is paid");
        eq(demandsOf(model).length, 0, "answered");
        vm.expectRevert(IRevenueLedger.NothingToAnswer.selector);
        ledger.answer(model, alone(r));
        // Its opening is on the chain: until the next final move there is nothing to ask for.
        refusedDemand(
            BOND,
            0,
            recordPath(0, 100, 5),
            abi.encodeWithSelector(IRevenueLedger.AlreadyAnswered.selector, dataset, 0, 5, 1)
        );
        finalise(10_000, 60, 40);
        demand(0, 100, 5);
    }

    function test_an_answer_is_of_the_demanded_epoch_and_may_pay_nothing() public {
        finalise(10_000, 60, 40);
        finalise(10_000, 60, 40);
        demand(0, 100, 5);
        IRevenueLedger.Receipt memory older = receiptOf(model, dataset, 0, 1, 5, payeeOf(5), 100);
        vm.expectRevert(IRevenueLedger.NothingToAnswer.selector);
        ledger.answer(model, alone(older));
        claim(0, 2, 5, 100);
        IRevenueLedger.Receipt memory r = receiptOf(model, dataset, 0, 2, 5, payeeOf(5), 100);
        vm.prank(PAYER);
        ledger.answer(model, alone(r));
        eq(PAYER.balance, BOND, "even if nothing is due");
        demand(0, 100, 6);
        r = receiptOf(model, dataset, 0, 2, 6, payeeOf(6), 0);
        vm.prank(PAYER);
        ledger.answer(model, alone(r));
        eq(PAYER.balance, 2 * BOND, "or never was");
    }

    function test_demands_are_answered_in_any_order() public {
        finalise(10_000, 60, 40);
        for (uint32 i = 0; i < 5; i++) {
            demand(0, 100, i);
            pass(1);
        }
        uint32[5] memory order = [uint32(2), 0, 4, 1, 3];
        for (uint256 k = 0; k < 5; k++) {
            IRevenueLedger.Demand[] memory open = demandsOf(model);
            eq(open.length, 5 - k, "open");
            for (uint256 i = 1; i < open.length; i++) {
                yes(open[i - 1].deadline < open[i].deadline, "oldest first");
            }
            IRevenueLedger.Receipt memory r = receiptOf(model, dataset, 0, 1, order[k], payeeOf(order[k]), 1);
            vm.prank(PAYER);
            ledger.answer(model, alone(r));
        }
        eq(demandsOf(model).length, 0, "none left");
        demand(1, 100, 0);
        eq(demandsOf(model).length, 1, "and one more");
    }

    function test_demands_are_listed_page_by_page() public {
        finalise(10_000, 60, 40);
        IRevenueLedger.Demand[] memory page;
        bytes32 next;
        (page, next) = ledger.getDemands(model, 0, 10);
        eq(page.length, 0, "none yet");
        eq(next, bytes32(0), "the end");
        for (uint32 i = 0; i < 5; i++) {
            demand(0, 100, i);
        }
        uint256 pages;
        uint32 seen;
        do {
            (page, next) = ledger.getDemands(model, next, 2);
            for (uint256 i = 0; i < page.length; i++) {
                eq(page[i].index, seen++, "in order, each once");
            }
            pages++;
        } while (next != 0);
        eq(seen, 5, "all");
        eq(pages, 3, "two a page");
        (page, next) = ledger.getDemands(model, 0, 0);
        eq(page.length, 0, "none asked for");
        (page, next) = ledger.getDemands(model, 0, 2);
        IRevenueLedger.Receipt memory r = receiptOf(model, dataset, 0, 1, 2, payeeOf(2), 1);
        vm.prank(PAYER);
        ledger.answer(model, alone(r));
        (page, next) = ledger.getDemands(model, next, 2);
        eq(page.length, 0, "answered meanwhile");
        eq(next, bytes32(0), "so the page is the last");
        eq(ledger.getDemand(model, dataset, 0, 3).sender, STRANGER, "one alone");
        eq(ledger.getDemand(model, dataset, 0, 2).deadline, 0, "answered");
        eq(ledger.getDemand(model, dataset, 0, 7).deadline, 0, "never demanded");
    }

    function test_a_bond_goes_back_after_the_deadline() public {
        finalise(10_000, 60, 40);
        demand(0, 100, 5);
        uint256 deadline = block.timestamp + DEMAND_WINDOW;
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NoSuchDemand.selector, dataset, 0, 6));
        ledger.returnBond(model, dataset, 0, 6);
        vm.warp(deadline);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.TooEarly.selector, deadline));
        ledger.returnBond(model, dataset, 0, 5);
        vm.warp(deadline + 1);
        ledger.returnBond(model, dataset, 0, 5);
        eq(STRANGER.balance, BOND, "back");
        yes(demandsOf(model)[0].bondReturned, "kept");
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.BondAlreadyReturned.selector, dataset, 0, 5));
        ledger.returnBond(model, dataset, 0, 5);
        // It stays open until it is answered, and its answer earns nothing.
        ledger.answer(model, alone(receiptOf(model, dataset, 0, 1, 5, payeeOf(5), 0)));
        eq(demandsOf(model).length, 0, "answered");
    }

    function test_a_late_answer_does_not_earn_the_bond() public {
        finalise(10_000, 60, 40);
        demand(0, 100, 5);
        pass(DEMAND_WINDOW + 1);
        IRevenueLedger.Receipt memory r = receiptOf(model, dataset, 0, 1, 5, payeeOf(5), 0);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit IRevenueLedger.Answered(model, dataset, 0, 5, PAYER);
        vm.prank(PAYER);
        ledger.answer(model, alone(r));
        eq(PAYER.balance, 0, "not for the answer");
        eq(ledger.credit(address(0), STRANGER), BOND, "the sender's");
        ledger.withdraw(address(0), STRANGER);
        eq(STRANGER.balance, BOND, "withdrawn");
        eq(address(ledger).balance, 0, "nothing is left");
    }

    function test_who_takes_no_coin_stops_nobody() public {
        finalise(10_000, 60, 40);
        Refuser refuser = new Refuser();
        vm.deal(address(this), BOND);
        refuser.demand{value: BOND}(ledger, model, dataset, recordPath(0, 100, 5));
        IRevenueLedger.Receipt[] memory r = alone(receiptOf(model, dataset, 0, 1, 5, payeeOf(5), 0));
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.TransferFailed.selector, address(refuser)));
        refuser.answer(ledger, model, r);
        pass(DEMAND_WINDOW + 1);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.TransferFailed.selector, address(refuser)));
        ledger.returnBond(model, dataset, 0, 5);
        ledger.answer(model, r);
        eq(ledger.credit(address(0), address(refuser)), BOND, "credited");
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.TransferFailed.selector, address(refuser)));
        ledger.withdraw(address(0), address(refuser));
    }

    function test_while_one_is_overdue_nothing_closes_and_no_share_is_paid() public {
        finalise(10_000, 60, 40);
        demand(0, 100, 5);
        uint256 deadline = block.timestamp + DEMAND_WINDOW;
        deposit(model, 10_000);
        bytes32 root = commit(model, 2, listed(60, 40));
        vm.warp(deadline + 1);
        bytes memory overdue = abi.encodeWithSelector(IRevenueLedger.DemandOverdue.selector, model, deadline);
        vm.expectRevert(overdue);
        closeAs(DEVELOPER, 2, root);
        vm.expectRevert(overdue);
        ledger.withdrawShare(model, epochs(1), 0);
        claim(0, 1, 7, 5); // contributors are paid
        uint256 snapshot = vm.snapshotState();
        vm.warp(deadline);
        ledger.withdrawShare(model, epochs(1), 0);
        vm.revertToState(snapshot);
        ledger.answer(model, alone(receiptOf(model, dataset, 0, 1, 5, payeeOf(5), 9)));
        ledger.withdrawShare(model, epochs(1), 0);
        close(model);
    }

    /// @dev The epoch's own clock ends it, from its close: whatever is overdue by then.
    function test_row_an_overdue_demand_holds_a_share_until_the_exit_window_after_the_close() public {
        finalise(10_000, 60, 40);
        uint256 until = ledger.getEpoch(model, 1).closedAt + EXIT_WINDOW;
        pass(2);
        finalise(10_000, 60, 40);
        demand(0, 100, 5);
        uint256 deadline = block.timestamp + DEMAND_WINDOW;
        vm.warp(until);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.DemandOverdue.selector, model, deadline));
        ledger.withdrawShare(model, epochs(1), 0);
        vm.warp(until + 1);
        uint256 snapshot = vm.snapshotState();
        eq(ledger.withdrawShare(model, epochs(1), 0), 2_001, "the share");
        vm.revertToState(snapshot);
        uint64[] memory all = new uint64[](3);
        (all[0], all[1], all[2]) = (2, 1, 2);
        eq(ledger.withdrawShare(model, all, 0), 2_001, "an epoch that is held keeps no other");
        yes(!ledger.shareWithdrawn(model, 2, 0), "passed over");
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.DemandOverdue.selector, model, deadline));
        ledger.withdrawShare(model, all, 0);
        // Closes are held all the same.
        deposit(model, 10_000);
        bytes32 root = commit(model, 3, listed(60, 40));
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.DemandOverdue.selector, model, deadline));
        closeAs(DEVELOPER, 3, root);
    }

    // ------------------------------------------------------------------------------------------------ dissolve

    function notStalled() private {
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotStalled.selector, model));
        vm.prank(STRANGER);
        ledger.dissolve(model);
    }

    function test_row_dissolve_after_a_close() public {
        notStalled();
        closeWith(model, 10_000, listed(60, 40));
        uint256 closed = block.timestamp;
        pass(EXIT_WINDOW - 10);
        // Neither a move nor another attempt restarts the clock.
        commit(model, 1, listed(50, 50));
        ledger.settle(model, 1, single(moveOf(model, 1, listed(50, 50), 0)));
        vm.warp(closed + EXIT_WINDOW);
        notStalled();
        pass(1);
        uint256 snapshot = vm.snapshotState();
        // Who settles first keeps the model alive.
        ledger.settle(model, 1, single(moveOf(model, 1, listed(50, 50), 1)));
        notStalled();
        vm.revertToState(snapshot);
        dissolve();
        eq(ledger.getModel(model).dissolvedAt, block.timestamp, "dissolved");
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.ModelDissolved.selector, model));
        ledger.dissolve(model);
    }

    function test_row_dissolve_after_a_pool_was_reached() public {
        deposit(model, 1_666);
        pass(2 * EXIT_WINDOW);
        notStalled();
        deposit(model, 1);
        uint256 reached = block.timestamp;
        pass(EXIT_WINDOW - 1);
        deposit(model, 1_000);
        commit(model, 1, listed(60, 40));
        vm.warp(reached + EXIT_WINDOW);
        notStalled();
        pass(1);
        dissolve();
    }

    function test_row_dissolve_after_a_demand() public {
        finalise(10_000, 60, 40);
        demand(0, 100, 5);
        uint256 deadline = block.timestamp + DEMAND_WINDOW;
        vm.warp(deadline + EXIT_WINDOW);
        notStalled();
        pass(1);
        uint256 snapshot = vm.snapshotState();
        ledger.answer(model, alone(receiptOf(model, dataset, 0, 1, 5, payeeOf(5), 9)));
        notStalled();
        vm.revertToState(snapshot);
        dissolve();
        // Beneficiaries are not held any longer: there is nobody left to be pressed.
        ledger.withdrawShare(model, epochs(1), 0);
        ledger.answer(model, alone(receiptOf(model, dataset, 0, 1, 5, payeeOf(5), 9)));
        eq(ledger.credit(address(0), STRANGER), BOND, "the bond is its sender's");
    }

    function test_bonds_go_back_when_a_model_is_dissolved() public {
        finalise(10_000, 60, 40);
        closeWith(model, 10_000, listed(60, 40));
        pass(EXIT_WINDOW);
        demand(0, 100, 5);
        pass(1);
        dissolve();
        ledger.returnBond(model, dataset, 0, 5);
        eq(STRANGER.balance, BOND, "before its deadline");
    }

    function test_a_dissolved_model_refuses_everything_but_pay_out() public {
        finalise(10_000, 60, 40);
        deposit(model, 10_000);
        bytes32 root = commit(model, 2, listed(60, 40));
        fund(10);
        pass(EXIT_WINDOW + 1);
        dissolve();
        bytes memory over = abi.encodeWithSelector(IRevenueLedger.ModelDissolved.selector, model);
        vm.expectRevert(over);
        vm.prank(PAYER);
        ledger.deposit(model, 2, 1, 1, ATTRIBUTOR);
        vm.expectRevert(over);
        vm.prank(ATTRIBUTOR);
        ledger.commitScores(model, 2, "root", 1, 1);
        vm.expectRevert(over);
        closeAs(DEVELOPER, 2, root);
        vm.expectRevert(over);
        ledger.settle(model, 2, new IRevenueLedger.Move[](0));
        refusedDemand(BOND, 0, recordPath(0, 100, 5), over);
        vm.expectRevert(over);
        vm.prank(DEVELOPER);
        ledger.enroll(model, dataset, 1);
        vm.expectRevert(over);
        vm.prank(DEVELOPER);
        ledger.open(model);
        vm.expectRevert(over);
        vm.prank(DEVELOPER);
        ledger.announcePolicy(model, policy());
        // What is final stays claimable by receipts for ever.
        pass(1_000 days);
        eq(claim(0, 1, 5, 100), 100, "claimed");
        eq(ledger.withdrawShare(model, epochs(1), 0), 2_001, "shares too");
    }

    // ------------------------------------------------------------------------------------------------ exit

    function indices(uint32 a, uint32 b) private pure returns (uint32[] memory out) {
        out = new uint32[](2);
        (out[0], out[1]) = (a, b);
    }

    function test_without_a_final_epoch_each_record_gets_the_same() public {
        closeWith(model, 10_000, listed(60, 40));
        deposit(model, 500);
        // Enrolled after the first epoch opened: a hundred sybils, which get nothing.
        bytes32 sybils = register(100);
        enroll(model, sybils, 0);
        extend(dataset, 110);
        enroll(model, dataset, 1);
        IRevenueLedger.Exit memory x;
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotDissolved.selector, model));
        ledger.exit(model, alone(x));
        pass(EXIT_WINDOW + 1);
        dissolve();
        x = exitOf(0, indices(3, 4));
        x.datasetId = dataset;
        vm.prank(STRANGER);
        eq(ledger.exit(model, alone(x)), 2 * 105, "10,500 over 100 records");
        eq(token.balanceOf(payeeOf(3)), 105, "the first");
        yes(ledger.exited(model, dataset, 0, 3) && !ledger.exited(model, dataset, 0, 5), "kept");
        vm.expectRevert(IRevenueLedger.NothingDue.selector);
        ledger.exit(model, alone(x));
        x.datasetId = sybils;
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotInExit.selector, sybils, 0));
        ledger.exit(model, alone(x));
        (x.datasetId, x.segment) = (dataset, 2);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotInExit.selector, dataset, 2));
        ledger.exit(model, alone(x));
        // Slot 38 of segment 1 came with the extension.
        x.segment = 1;
        x.records = new IRevenueLedger.RecordPath[](1);
        x.records[0] = recordPath(1, 110, 38);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.InvalidIndex.selector, 38));
        ledger.exit(model, alone(x));
        x.records[0] = recordPath(1, 110, 37);
        eq(ledger.exit(model, alone(x)), 105, "the last one that was there");
    }

    function test_with_a_final_epoch_by_its_scores() public {
        finalise(10_000, 75, 25);
        closeWith(model, 10_000, listed(1, 99));
        deposit(model, 500);
        extend(dataset, 110);
        pass(EXIT_WINDOW + 1);
        dissolve();
        uint256 total = 10_500 + ledger.getEpoch(model, 2).carried;
        IRevenueLedger.Exit memory x;
        showScore(x, model, 1, listed(75, 25), 0);
        x.records = new IRevenueLedger.RecordPath[](1);
        x.records[0] = recordPath(0, 110, 9);
        eq(ledger.exit(model, alone(x)), total * 75 / 100 / 62, "a record of segment 0");
        IRevenueLedger.Exit memory y;
        showScore(y, model, 1, listed(75, 25), 1);
        y.records = new IRevenueLedger.RecordPath[](1);
        y.records[0] = recordPath(1, 110, 38);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.InvalidIndex.selector, 38));
        ledger.exit(model, alone(y));
        y.records[0] = recordPath(1, 110, 37);
        eq(ledger.exit(model, alone(y)), total * 25 / 100 / 38, "a record of segment 1");
        // The leaf of the epoch that never became final, or of another position, shows nothing.
        showScore(y, model, 2, listed(1, 99), 1);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.ScoreNotShown.selector, dataset, 1, 1));
        ledger.exit(model, alone(y));
        showScore(y, model, 1, listed(75, 25), 1);
        y.segmentScore = 26;
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.ScoreNotShown.selector, dataset, 1, 1));
        ledger.exit(model, alone(y));
    }

    function test_a_segment_that_did_not_score_last_has_no_part() public {
        finalise(10_000, 60, 40);
        finaliseWith(model, 10_000, one(dataset, 0, 0, 5));
        deposit(model, 10_000);
        pass(EXIT_WINDOW + 1);
        dissolve();
        IRevenueLedger.Exit memory x;
        showScore(x, model, 1, listed(60, 40), 1);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotInExit.selector, dataset, 1));
        ledger.exit(model, alone(x));
    }

    function test_an_account_is_shown_by_an_opening_too() public {
        closeWith(model, 10_000, listed(60, 40));
        pass(EXIT_WINDOW + 1);
        dissolve();
        IRevenueLedger.Exit memory x;
        (x.datasetId, x.payees) = (dataset, point(payeeScalar(dataset, 0)));
        x.accounts = new IRevenueLedger.Account[](2);
        for (uint32 i = 0; i < 2; i++) {
            openings.tell(x.payees, i, uint160(payeeOf(i)));
            (x.accounts[i].index, x.accounts[i].payee) = (i, payeeOf(i));
            x.accounts[i].proof = [uint256(i), uint160(payeeOf(i))];
        }
        x.accounts[1].payee = STRANGER;
        vm.expectRevert(IOpeningVerifier.Invalid.selector);
        ledger.exit(model, alone(x));
        x.accounts[1].payee = payeeOf(1);
        x.payees[0]++;
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.UnknownPayeeColumn.selector, dataset, 0));
        ledger.exit(model, alone(x));
        x.payees[0]--;
        // By path and by opening: still once.
        x.records = new IRevenueLedger.RecordPath[](1);
        x.records[0] = recordPath(0, 100, 1);
        eq(ledger.exit(model, alone(x)), 200, "two accounts, once each");
        vm.expectRevert(IRevenueLedger.NothingDue.selector);
        ledger.exit(model, alone(x));
        x.records[0] = recordPath(0, 100, 2);
        x.records[0].payee = STRANGER;
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.RecordNotShown.selector, dataset, 0, 2));
        ledger.exit(model, alone(x));
    }

    function test_parts_of_less_than_a_unit_stay() public {
        deposit(model, 1_667);
        pass(EXIT_WINDOW + 1);
        dissolve();
        IRevenueLedger.Exit memory x = exitOf(0, indices(0, 1));
        x.datasetId = dataset;
        eq(ledger.exit(model, alone(x)), 2 * 16, "1,667 over 100");
        eq(ledger.owed(model), 1_667 - 32, "floors stay");
    }

    function test_an_exit_of_nothing_pays_nobody() public {
        finalise(10_000, 60, 40);
        demand(0, 100, 5);
        pass(DEMAND_WINDOW + EXIT_WINDOW + 1);
        dissolve();
        IRevenueLedger.Exit memory x;
        showScore(x, model, 1, listed(60, 40), 0);
        x.records = new IRevenueLedger.RecordPath[](1);
        x.records[0] = recordPath(0, 100, 5);
        vm.expectRevert(IRevenueLedger.NothingDue.selector);
        ledger.exit(model, alone(x));
        yes(!ledger.exited(model, dataset, 0, 5), "nothing is used up");
    }
}
