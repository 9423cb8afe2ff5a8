// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {IRevenueLedger} from "../src/interfaces/IRevenueLedger.sol";
import {LedgerFixture} from "./utils/LedgerFixture.sol";
import {TestTree} from "./utils/TestTree.sol";

/// @notice The attacks on the first edition by their numbers in the threat list, each as it was, and races in both orders.
contract LedgerAttacksTest is LedgerFixture {
    using TestTree for TestTree.Tree;

    bytes4 private constant TOO_EARLY = IRevenueLedger.TooEarly.selector;

    // ------------------------------------------------------------------------------------------------ F1

    /// @dev A pool went to the scores of another epoch, where an epoch could be given up or closed without scores.
    function test_f1_a_pool_is_split_by_its_own_epochs_scores() public {
        closeWith(model, 10_000, listed(60, 40));
        // Whoever enrols now and is scored next has no part in it.
        bytes32 late = register(10);
        provePayees(late);
        enroll(model, late, 0);
        pass(EXIT_WINDOW - 1);
        deposit(model, 777);
        eq(ledger.getEpoch(model, 2).carried, 0, "nothing moves on by waiting");
        bytes32 root = ledger.getEpoch(model, 1).scoreRoot;
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.WrongEpoch.selector, 2, 1));
        closeAs(STRANGER, 1, root);
        settleAs(STRANGER, 1, listed(60, 40));
        eq(ledger.getEpoch(model, 1).paid, 6_000, "by its own scores");
        eq(ledger.getEpoch(model, 2).carried, 0, "only dust is carried");
    }

    /// @dev An epoch without scores can't be closed by anybody, ever: its money waits under the exit clock.
    function test_f1_no_scores_no_close() public {
        deposit(model, 10_000);
        pass(10 * EXIT_WINDOW);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotCommitted.selector, model, 1));
        closeAs(STRANGER, 1, 0);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotFinal.selector, model, 1));
        ledger.withdrawShare(model, epochs(1), 0);
    }

    /// @dev The same pool, the same payouts, whoever closes and settles, in whatever order, and whatever is deposited meanwhile.
    function test_f1_who_acts_changes_nobodys_entitlement() public {
        deposit(model, 10_000);
        bytes32 root = commit(model, 1, listed(60, 40));
        pass(OPEN_WINDOW + 1);
        uint256 snapshot = vm.snapshotState();
        for (uint256 run = 0; run < 8; run++) {
            vm.revertToState(snapshot);
            closeAs(run & 1 == 0 ? DEVELOPER : STRANGER, 1, root);
            if (run & 2 != 0) deposit(model, 5_000);
            IRevenueLedger.Move[] memory all = moves(model, 1, listed(60, 40));
            uint256 first = run & 4 == 0 ? 0 : 1;
            vm.prank(STRANGER);
            ledger.settle(model, 1, single(all[first]));
            pass(3 days);
            ledger.settle(model, 1, single(all[1 - first]));
            IRevenueLedger.Epoch memory e = ledger.getEpoch(model, 1);
            eq(e.pool, 6_000, "pool");
            eq(e.paid, 6_000, "paid");
            eq(ledger.getModel(model).unclaimed, 6_000, "live");
        }
    }

    // ------------------------------------------------------------------------------------------------ F2

    /// @dev The developer settles nothing: anybody does.
    function test_f2_a_developer_who_does_not_settle() public {
        deposit(model, 10_000);
        bytes32 root = commit(model, 1, listed(60, 40));
        pass(OPEN_WINDOW + 1);
        closeAs(STRANGER, 1, root);
        settleAs(STRANGER, 1, listed(60, 40));
        eq(claim(0, 1, 0, 10), 10, "paid");
    }

    /// @dev Nobody can settle, since the attributor committed to garbage: beneficiaries got nothing, and contributors leave.
    function test_f2_beneficiaries_are_not_paid_before_contributors() public {
        closeWith(model, 10_000, one(keccak256("nothing"), 0, 0, 1));
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotFinal.selector, model, 1));
        ledger.withdrawShare(model, epochs(1), 0);
        pass(EXIT_WINDOW + 1);
        dissolve();
        uint32[] memory all = new uint32[](1);
        IRevenueLedger.Exit memory x = exitOf(0, all);
        x.datasetId = dataset;
        eq(ledger.exit(model, alone(x)), 100, "10,000 over 100 records, the beneficiaries' part included");
    }

    /// @dev One receipt is withheld: the demand stops the model, and ends it in the end.
    function test_f2_a_withheld_receipt() public {
        finalise(10_000, 60, 40);
        finalise(10_000, 60, 40);
        demand(0, 100, 0);
        pass(DEMAND_WINDOW + 1);
        vm.expectRevert();
        ledger.withdrawShare(model, epochs(1), 0);
        pass(EXIT_WINDOW);
        dissolve();
    }

    /// @dev Demands have no greatest number, so that a developer's own can't keep others' out.
    function test_f2_demands_cannot_be_crowded_out() public {
        finalise(10_000, 60, 40);
        for (uint32 i = 0; i < 62; i++) {
            demand(0, 100, i);
        }
        for (uint32 i = 0; i < 38; i++) {
            demand(1, 100, i);
        }
        eq(demandsOf(model).length, 100, "all of them");
        pass(DEMAND_WINDOW + 1);
        uint256 before = gasleft();
        try ledger.withdrawShare(model, epochs(1), 0) {
            yes(false, "overdue");
        } catch {}
        yes(before - gasleft() < 60_000, "and none of them costs anybody anything");
    }

    /// @dev A dataset of so many full segments, and one record more; only the last root has to be one that anybody knows.
    function registerJunk(uint256 segments) private returns (bytes32 junk) {
        uint256[] memory roots = new uint256[](segments + 1);
        for (uint256 i = 0; i < segments; i++) {
            roots[i] = i + 1;
        }
        TestTree.Tree memory last = treeOf(0, 1);
        roots[segments] = last.root();
        uint256[] memory count = last.siblings(1, false);
        vm.prank(DEVELOPER);
        junk = registry.register(64, uint64(62 * segments + 1), roots, count, "junk");
        nextBlock();
    }

    /// @dev A developer enrolled junk before the next epoch opened: its minimum was a hundred times what an epoch brings, no clock
    /// of it ever started, and deposits stayed where they were.
    function test_f2_junk_does_not_put_a_minimum_out_of_reach() public {
        deposit(model, 10_000);
        bytes32 root = commit(model, 1, listed(60, 40));
        enroll(model, registerJunk(1_000), 0);
        eq(ledger.getModel(model).records, 62_101, "records");
        closeAs(DEVELOPER, 1, root);
        eq(ledger.getEpoch(model, 2).minPool, 2_000, "twice 1,000 instead of 621,010");
        ledger.settle(model, 1, moves(model, 1, listed(60, 40)));
        // The developer does nothing any more. Whoever deposited knew what was missing, and who brings it starts the clock.
        deposit(model, 3_333);
        eq(ledger.getEpoch(model, 2).poolReachedAt, 0, "1,999 of 2,000");
        deposit(model, 1);
        eq(ledger.getEpoch(model, 2).poolReachedAt, block.timestamp, "2,000 of 2,000");
        pass(EXIT_WINDOW + 1);
        dissolve();
        IRevenueLedger.Exit memory x = exitOf(0, new uint32[](1));
        showScore(x, model, 1, listed(60, 40), 0);
        eq(ledger.exit(model, alone(x)), 32, "a 62nd of 60 % of 3,334, all of it revenue");
    }

    /// @dev Doubling it again and again takes a pool of the minimum before each time; nobody's deposits are held by it.
    function test_f2_minimums_grow_with_pools_only() public {
        finalise(10_000, 60, 40);
        enroll(model, registerJunk(1_000), 0);
        eq(ledger.getEpoch(model, 2).minPool, 1_000, "of what was enrolled when it opened");
        finalise(10_000, 60, 40);
        for (uint256 epoch = 3; epoch < 8; epoch++) {
            uint256 least = 1_000 << (epoch - 2);
            eq(ledger.getEpoch(model, epoch).minPool, least, "twice the one before");
            finalise(2 * least, 60, 40);
        }
        // Enrolling in good faith is not slowed down below that: 10 units for each of 100 + 50 records.
        bytes32 other = createModel("other", address(token));
        enroll(other, dataset, 0);
        deposit(other, 10_000);
        commit(other, 1, listed(60, 40));
        enroll(other, register(50), 0);
        close(other);
        eq(ledger.getEpoch(other, 2).minPool, 1_500, "by records");
    }

    /// @dev A developer who saw the first deposit on its way enrolled in front of it: junk, and the pool never reached its minimum; or
    /// sybils, who got nearly all of it by the exit. Now what is enrolled after the opening changes neither.
    function test_f2_enrolling_in_front_of_the_first_deposit_changes_nothing() public {
        open(model);
        bytes32 sybils = register(6_200);
        enroll(model, sybils, 0);
        deposit(model, 10_000);
        eq(ledger.getEpoch(model, 1).minPool, 1_000, "of a hundred records, as everybody could read");
        eq(ledger.getEpoch(model, 1).poolReachedAt, block.timestamp, "reached");
        pass(EXIT_WINDOW + 1);
        vm.prank(STRANGER);
        ledger.dissolve(model);
        IRevenueLedger.Exit memory x = exitOf(0, new uint32[](1));
        x.datasetId = sybils;
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotInExit.selector, sybils, 0));
        ledger.exit(model, alone(x));
        x.datasetId = dataset;
        eq(ledger.exit(model, alone(x)), 100, "a hundredth");
    }

    /// @dev The first unit, from anybody, fixed who had a part in the exit of the first epoch, and its minimum.
    function test_f2_a_strangers_unit_fixes_nothing() public {
        fund(1);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotOpen.selector, model));
        vm.prank(PAYER);
        ledger.deposit(model, 1, 1, 1, ATTRIBUTOR);
        bytes32 second = register(50);
        provePayees(second);
        enroll(model, second, 0);
        deposit(model, 100_000);
        eq(ledger.getEpoch(model, 1).minPool, 1_500, "of both datasets");
        pass(EXIT_WINDOW + 1);
        ledger.dissolve(model);
        IRevenueLedger.Exit memory x;
        x.datasetId = second;
        x.records = new IRevenueLedger.RecordPath[](1);
        x.records[0] = recordPath(0, 50, 0);
        eq(ledger.exit(model, alone(x)), uint256(666), "as every other record");
    }

    /// @dev A developer kept a demand overdue at all times, and answered each before the model could be dissolved for it: other
    /// beneficiaries' shares were never paid, and its bonds came back. Now it holds them no longer than one exit window.
    function test_f2_rolling_demands_hold_no_share_for_ever() public {
        finalise(10_000, 60, 40);
        closeWith(model, 10_000, listed(60, 40));
        demand(0, 100, 0);
        pass(DEMAND_WINDOW + 1);
        ledger.settle(model, 2, moves(model, 2, listed(60, 40)));
        (uint32 last, uint64 shown) = (0, 1);
        for (uint32 round = 1; round < 13; round++) {
            // The next one's deadline passes while this one is overdue.
            pass(EXIT_WINDOW - DEMAND_WINDOW - 2);
            demand(0, 100, round);
            pass(DEMAND_WINDOW + 1);
            vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotStalled.selector, model));
            ledger.dissolve(model);
            ledger.answer(model, alone(receiptOf(model, dataset, 0, shown, last, payeeOf(last), 1)));
            (last, shown) = (round, 2);
            uint256 snapshot = vm.snapshotState();
            eq(ledger.withdrawShare(model, epochs(2), 0), 2_001, "another one is overdue, and the share is paid");
            vm.revertToState(snapshot);
        }
    }

    /// @dev One record more, appended in front of a demand or an exit, made every path of the last segment useless, and the owner alone
    /// could make new ones.
    function test_f2_an_extension_spoils_no_path() public {
        finalise(10_000, 60, 40);
        IRevenueLedger.RecordPath memory first = recordPath(1, 100, 5);
        extend(dataset, 101);
        IRevenueLedger.RecordPath memory second = recordPath(1, 101, 6);
        extend(dataset, 103);
        IRevenueLedger.RecordPath[3] memory paths = [first, second, recordPath(1, 103, 7)];
        for (uint256 i = 0; i < 3; i++) {
            vm.deal(STRANGER, BOND);
            vm.prank(STRANGER);
            ledger.demand{value: BOND}(model, dataset, 1, paths[i]);
        }
        // A record that came later was not counted, whatever its path leads to.
        vm.deal(STRANGER, BOND);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.InvalidIndex.selector, 38));
        vm.prank(STRANGER);
        ledger.demand{value: BOND}(model, dataset, 1, recordPath(1, 101, 38));
        // Nor is a root another segment's.
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.RecordNotShown.selector, dataset, 0, 5));
        vm.prank(STRANGER);
        ledger.demand{value: BOND}(model, dataset, 0, first);
        pass(DEMAND_WINDOW + EXIT_WINDOW + 1);
        deposit(model, 10_000);
        ledger.dissolve(model);
        IRevenueLedger.Exit memory x;
        showScore(x, model, 1, listed(60, 40), 1);
        x.records = new IRevenueLedger.RecordPath[](2);
        (x.records[0], x.records[1]) = (first, second);
        eq(ledger.exit(model, alone(x)), 2 * 105, "40 % of 10,000 among 38");
    }

    // ------------------------------------------------------------------------------------------------ F4, F5

    function test_f4_a_deposit_lands_in_the_epoch_that_it_names() public {
        deposit(model, 10_000);
        bytes32 root = commit(model, 1, listed(60, 40));
        fund(500);
        uint256 snapshot = vm.snapshotState();
        // Deposit first: in the epoch that closes.
        vm.prank(PAYER);
        ledger.deposit(model, 1, 500, 1, ATTRIBUTOR);
        closeAs(DEVELOPER, 1, root);
        eq(ledger.getEpoch(model, 1).revenue, 10_500, "in the epoch named");
        vm.revertToState(snapshot);
        // Close first: it does not slip into another one.
        closeAs(DEVELOPER, 1, root);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.WrongEpoch.selector, 2, 1));
        vm.prank(PAYER);
        ledger.deposit(model, 1, 500, 1, ATTRIBUTOR);
    }

    /// @dev A minimum was at most 2^20 units a record, which is nothing of a token of 18 decimals: 2 * 10^-10 of one closed an epoch.
    function test_f4_tokens_of_18_decimals_have_a_minimum() public {
        IRevenueLedger.Terms memory t = terms("eighteen", address(token));
        t.minPool = 1e15;
        vm.prank(DEVELOPER);
        bytes32 m = ledger.createModel(t, policy());
        enroll(m, dataset, 0);
        deposit(m, 2e8);
        bytes32 root = commit(m, 1, listed(60, 40));
        pass(OPEN_WINDOW + 1);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.PoolTooSmall.selector, 1e17, 12e7));
        vm.prank(STRANGER);
        ledger.closeEpoch(m, 1, root);
        deposit(m, 2e17);
        close(m);
        eq(stageOf(m, 1), 2, "a tenth of a token");
    }

    /// @dev One unit starts no clock, and dust alone closes nothing: also F5, since small pools are an oracle on scores.
    function test_f4_f5_below_the_minimum_nobody_closes() public {
        finalise(10_001, 61, 40);
        eq(ledger.getEpoch(model, 2).carried, 1, "dust");
        deposit(model, 1);
        bytes32 root = commit(model, 2, listed(60, 40));
        pass(10 * EXIT_WINDOW);
        address[3] memory all = [DEVELOPER, ATTRIBUTOR, STRANGER];
        for (uint256 i = 0; i < 3; i++) {
            vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.PoolTooSmall.selector, 1_000, 0));
            closeAs(all[i], 2, root);
        }
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotStalled.selector, model));
        ledger.dissolve(model);
    }

    // ------------------------------------------------------------------------------------------------ F6

    /// @dev Every epoch's scores, attempts and columns can be read, not only the newest ones.
    function test_f6_older_epochs_stay_readable() public {
        finalise(10_000, 60, 40);
        bytes32 before = keccak256(abi.encode(ledger.getEpoch(model, 1)));
        bytes32 root = ledger.getEpoch(model, 1).scoreRoot;
        finalise(10_000, 10, 40);
        finalise(10_000, 1, 40);
        eq(keccak256(abi.encode(ledger.getEpoch(model, 1))), before, "unchanged");
        eq(root, scoreRoot(model, 1, listed(60, 40)), "its scores");
        for (uint256 epoch = 1; epoch < 4; epoch++) {
            bytes32 column = digestOf(balanceScalar(model, dataset, 0, epoch, 0));
            eq(ledger.balanceColumn(model, dataset, 0, epoch, 0), column, "its column");
        }
    }

    // ------------------------------------------------------------------------------------------------ F7

    /// @dev 10,000 segments cost what one costs to commit; each settles on its own; those with score 0 don't move.
    /// forge-config: default.isolate = true
    function test_f7_ten_thousand_segments() public {
        deposit(model, 10_000);
        Listed memory l = Listed(dataset, 1, 0, 40);
        uint256[2] memory p = point(scoreScalar(model, 1, dataset, 1));
        bytes32[] memory leaves = new bytes32[](10_000);
        bytes32 domain = keccak256("apportion.score.v1");
        for (uint256 i = 0; i < leaves.length; i++) {
            leaves[i] = keccak256(abi.encode("another segment", i));
        }
        leaves[9_999] = keccak256(abi.encode(domain, l.dataset, l.segment, l.revision, l.score, p[0], p[1]));
        (bytes32 root, bytes32[] memory path) = climb(leaves, 9_999);
        commitAs(ATTRIBUTOR, root, 1_000, 10_000);
        yes(vm.lastCallGas().gasTotalUsed < 120_000, "committed");
        nextBlock();
        closeAs(DEVELOPER, 1, root);
        IRevenueLedger.Move memory move = moveOf(model, 1, one(dataset, 1, 0, 40), 0);
        (move.position, move.path) = (9_999, path);
        ledger.settle(model, 1, single(move));
        yes(vm.lastCallGas().gasTotalUsed < 300_000, "settled");
        eq(ledger.getEpoch(model, 1).moved, 1, "one of them");
    }

    // ------------------------------------------------------------------------------------------------ races, in both orders

    function test_race_commit_and_close() public {
        deposit(model, 10_000);
        bytes32 first = commit(model, 1, listed(60, 40));
        bytes32 second = scoreRoot(model, 1, listed(50, 50));
        uint256 snapshot = vm.snapshotState();
        commitAs(ATTRIBUTOR, second, 100, 2);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.WrongScoreRoot.selector, second, first));
        closeAs(DEVELOPER, 1, first);
        vm.revertToState(snapshot);
        closeAs(DEVELOPER, 1, first);
        uint256 deadline = block.timestamp + SETTLE_WINDOW;
        vm.expectRevert(abi.encodeWithSelector(TOO_EARLY, deadline));
        commitAs(ATTRIBUTOR, second, 100, 2);
    }

    function test_race_settle_and_settle() public {
        closeWith(model, 10_000, listed(60, 40));
        IRevenueLedger.Move[] memory all = moves(model, 1, listed(60, 40));
        uint256 snapshot = vm.snapshotState();
        // A stranger settles a part of the batch first: the rest of it goes through.
        vm.prank(STRANGER);
        ledger.settle(model, 1, single(all[0]));
        ledger.settle(model, 1, all);
        eq(stageOf(model, 1), 3, "final");
        vm.revertToState(snapshot);
        ledger.settle(model, 1, all);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.WrongStage.selector, IRevenueLedger.Stage.Final));
        vm.prank(STRANGER);
        ledger.settle(model, 1, single(all[0]));
    }

    function test_race_settle_and_new_attempt() public {
        Listed[] memory l = listed(60, 40);
        closeWith(model, 10_000, l);
        IRevenueLedger.Move[] memory all = moves(model, 1, l);
        pass(SETTLE_WINDOW + 1);
        bytes32 root = scoreRoot(model, 1, listed(50, 50));
        uint256 snapshot = vm.snapshotState();
        ledger.settle(model, 1, all);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.WrongStage.selector, IRevenueLedger.Stage.Final));
        commitAs(ATTRIBUTOR, root, 100, 2);
        vm.revertToState(snapshot);
        commitAs(ATTRIBUTOR, root, 100, 2);
        vm.expectRevert();
        ledger.settle(model, 1, all);
        nextBlock();
        ledger.settle(model, 1, moves(model, 1, listed(50, 50)));
    }

    function test_race_settle_and_dissolve() public {
        Listed[] memory l = listed(60, 40);
        closeWith(model, 10_000, l);
        IRevenueLedger.Move[] memory all = moves(model, 1, l);
        pass(EXIT_WINDOW + 1);
        uint256 snapshot = vm.snapshotState();
        ledger.settle(model, 1, all);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotStalled.selector, model));
        ledger.dissolve(model);
        vm.revertToState(snapshot);
        ledger.dissolve(model);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.ModelDissolved.selector, model));
        ledger.settle(model, 1, all);
    }

    function test_race_close_and_dissolve() public {
        deposit(model, 10_000);
        bytes32 root = commit(model, 1, listed(60, 40));
        pass(EXIT_WINDOW + 1);
        uint256 snapshot = vm.snapshotState();
        closeAs(STRANGER, 1, root);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotStalled.selector, model));
        ledger.dissolve(model);
        vm.revertToState(snapshot);
        ledger.dissolve(model);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.ModelDissolved.selector, model));
        closeAs(STRANGER, 1, root);
    }

    function test_race_demand_and_final_move() public {
        finalise(10_000, 60, 40);
        Listed[] memory l = listed(60, 40);
        closeWith(model, 10_000, l);
        IRevenueLedger.Move[] memory all = moves(model, 2, l);
        uint256 snapshot = vm.snapshotState();
        demand(0, 100, 0);
        ledger.settle(model, 2, all);
        eq(demandsOf(model)[0].epoch, 1, "what it asked for");
        vm.revertToState(snapshot);
        ledger.settle(model, 2, all);
        demand(0, 100, 0);
        eq(demandsOf(model)[0].epoch, 2, "the newer one");
    }

    function test_race_answer_and_claim_and_return_of_the_bond() public {
        finalise(10_000, 60, 40);
        demand(0, 100, 0);
        IRevenueLedger.Receipt memory r = receiptOf(model, dataset, 0, 1, 0, payeeOf(0), 10);
        uint256 snapshot = vm.snapshotState();
        ledger.claim(model, alone(r));
        eq(demandsOf(model).length, 1, "a claim is no answer");
        vm.prank(PAYER);
        ledger.answer(model, alone(r));
        eq(PAYER.balance, BOND, "an answer is one");
        vm.revertToState(snapshot);
        vm.prank(PAYER);
        ledger.answer(model, alone(r));
        vm.expectRevert(IRevenueLedger.NothingDue.selector);
        ledger.claim(model, alone(r));
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NoSuchDemand.selector, dataset, 0, 0));
        ledger.returnBond(model, dataset, 0, 0);
    }

    function test_race_enroll_and_commit() public {
        deposit(model, 10_000);
        bytes32 late = register(10);
        provePayees(late);
        Listed[] memory l = one(late, 0, 0, 5);
        uint256 snapshot = vm.snapshotState();
        enroll(model, late, 0);
        commit(model, 1, l);
        close(model);
        ledger.settle(model, 1, moves(model, 1, l));
        vm.revertToState(snapshot);
        commit(model, 1, l);
        enroll(model, late, 0);
        close(model);
        IRevenueLedger.Move memory move = moveOf(model, 1, l, 0);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.TooYoung.selector, late, 0));
        ledger.settle(model, 1, single(move));
    }

    function test_race_deposit_and_handover() public {
        deposit(model, 1);
        vm.prank(ATTRIBUTOR);
        ledger.offerAttributor(model, STRANGER);
        fund(500);
        uint256 snapshot = vm.snapshotState();
        vm.prank(PAYER);
        ledger.deposit(model, 1, 500, 1, ATTRIBUTOR);
        vm.prank(STRANGER);
        ledger.acceptAttributor(model);
        vm.revertToState(snapshot);
        vm.prank(STRANGER);
        ledger.acceptAttributor(model);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.WrongAttributor.selector, STRANGER, ATTRIBUTOR));
        vm.prank(PAYER);
        ledger.deposit(model, 1, 500, 1, ATTRIBUTOR);
    }

    function test_race_set_recipient_and_claim() public {
        finalise(10_000, 60, 40);
        IRevenueLedger.Receipt memory r = receiptOf(model, dataset, 0, 1, 0, payeeOf(0), 10);
        uint256 snapshot = vm.snapshotState();
        vm.prank(payeeOf(0));
        ledger.setRecipient(PAYER);
        ledger.claim(model, alone(r));
        eq(token.balanceOf(PAYER), 10, "the recipient");
        vm.revertToState(snapshot);
        ledger.claim(model, alone(r));
        eq(token.balanceOf(payeeOf(0)), 10, "the payee");
    }
}
