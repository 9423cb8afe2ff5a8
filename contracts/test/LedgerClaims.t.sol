// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {AccountTree} from "../src/AccountTree.sol";
import {PoseidonT5} from "../src/PoseidonT5.sol";
import {IRevenueLedger} from "../src/interfaces/IRevenueLedger.sol";
import {Statement} from "../src/libraries/Statement.sol";
import {LedgerFixture} from "./utils/LedgerFixture.sol";
import {TestTree} from "./utils/TestTree.sol";

/// @notice Claims and withdrawals.
contract LedgerClaimsTest is LedgerFixture {
    using TestTree for TestTree.Tree;

    uint256 private constant INDEX = 37;
    address private constant ALICE = address(0xA11CE);
    address private constant BOB = address(0xB0B);
    uint256 private constant SALT = 0x5a17;

    TestTree.Tree private tree;

    /// @dev Alice has earned 300 at slot 37 and 50 at slot 38, Bob 10 at slot 0; segment 0 is published.
    function setUp() public override {
        super.setUp();
        enroll(model, dataset);
        finaliseEpoch();
        tree.set(INDEX, ALICE, 300, SALT);
        tree.set(INDEX + 1, ALICE, 50, SALT);
        tree.set(0, BOB, 10, SALT);
        tree.build();
        publish(model, dataset, 0, tree.root());
    }

    struct Claim {
        bytes32 model;
        bytes32 dataset;
        uint256 segment;
        uint256 index;
        address payee;
        uint256 cumulative;
        uint256 salt;
        uint256[3][] path;
    }

    function honest() private view returns (Claim memory) {
        return Claim(model, dataset, 0, INDEX, ALICE, 300, SALT, tree.path(INDEX));
    }

    function send(Claim memory c) private returns (uint256) {
        return ledger.claim(c.model, c.dataset, c.segment, c.index, c.payee, c.cumulative, c.salt, c.path);
    }

    function refused(Claim memory c, bytes memory expected) private {
        vm.expectRevert(expected);
        ledger.claim(c.model, c.dataset, c.segment, c.index, c.payee, c.cumulative, c.salt, c.path);
        eq(token.balanceOf(c.payee), 0, "nothing paid");
    }

    /// @dev The claim leads to some root, but to none that was published.
    function refusedAsUnknown(Claim memory c) private {
        AccountTree t = AccountTree(ledger.accountTree());
        uint256 root = t.root(c.index, c.payee, c.cumulative, c.salt, c.path);
        refused(c, abi.encodeWithSelector(IRevenueLedger.UnknownRoot.selector, root));
    }

    // ------------------------------------------------------------------------------------------------ paying

    function test_a_leaf_is_the_root_of_an_empty_path() public view {
        AccountTree t = AccountTree(ledger.accountTree());
        eq(t.leaf(ALICE, 5, 7), t.root(0, ALICE, 5, 7, new uint256[3][](0)), "leaf");
        eq(t.leaf(ALICE, 5, 7), PoseidonT5.hash(T_ACCOUNT, uint160(ALICE), 5, 7, 0), "hash");
    }

    function test_anyone_may_send_a_claim_and_only_the_payee_is_paid() public {
        vm.prank(STRANGER);
        eq(send(honest()), 300, "amount");
        eq(token.balanceOf(ALICE), 300, "alice");
        eq(token.balanceOf(STRANGER), 0, "stranger");
        eq(ledger.claimed(model, dataset, 0, INDEX), 300, "recorded");
        eq(ledger.getModel(model).unclaimed, 599 - 300, "unclaimed");
    }

    function test_a_second_claim_pays_nothing() public {
        send(honest());
        vm.expectRevert(IRevenueLedger.NothingOwed.selector);
        send(honest());
    }

    function test_every_slot_is_claimable_and_one_slot_is_one_account() public {
        send(honest());
        Claim memory c = honest();
        (c.index, c.cumulative, c.path) = (INDEX + 1, 50, tree.path(INDEX + 1));
        eq(send(c), 50, "the same payee's other account");
        c = Claim(model, dataset, 0, 0, BOB, 10, SALT, tree.path(0));
        eq(send(c), 10, "slot 0");
        eq(token.balanceOf(ALICE), 350, "alice");
    }

    function test_first_and_last_slots_and_every_digit() public {
        uint256[6] memory slots = [uint256(1), 2, 3, 21, 42, 61];
        for (uint256 i = 0; i < slots.length; i++) {
            tree.set(slots[i], BOB, 20 + i, SALT + 1);
        }
        tree.build();
        publish(model, dataset, 0, tree.root());
        for (uint256 i = 0; i < slots.length; i++) {
            eq(send(Claim(model, dataset, 0, slots[i], BOB, 20 + i, SALT + 1, tree.path(slots[i]))), 20 + i, "slot");
        }
    }

    function test_later_epochs_pay_the_difference() public {
        send(honest());
        finaliseEpoch();
        tree.set(INDEX, ALICE, 450, SALT + 1);
        tree.build();
        publish(model, dataset, 0, tree.root());
        Claim memory c = honest();
        (c.cumulative, c.salt) = (450, SALT + 1);
        eq(send(c), 150, "difference");
        vm.expectRevert(IRevenueLedger.NothingOwed.selector);
        send(c);
    }

    function test_older_roots_stay_good_and_never_pay_twice() public {
        Claim memory old = honest();
        finaliseEpoch();
        tree.set(INDEX, ALICE, 450, SALT + 1);
        tree.build();
        publish(model, dataset, 0, tree.root());
        Claim memory current = Claim(model, dataset, 0, INDEX, ALICE, 450, SALT + 1, tree.path(INDEX));
        uint256 before = vm.snapshotState();
        eq(send(old), 300, "older first");
        eq(send(current), 150, "then newer");
        vm.revertToState(before);
        eq(send(current), 450, "newer first");
        vm.expectRevert(IRevenueLedger.NothingOwed.selector);
        send(old);
    }

    function test_two_publications_of_one_epoch_pay_once() public {
        send(honest());
        tree.set(INDEX, ALICE, 300, SALT + 9);
        tree.build();
        publish(model, dataset, 0, tree.root());
        vm.expectRevert(IRevenueLedger.NothingOwed.selector);
        send(Claim(model, dataset, 0, INDEX, ALICE, 300, SALT + 9, tree.path(INDEX)));
    }

    function test_a_zero_balance_is_not_a_claim() public {
        tree.set(5, BOB, 0, SALT);
        tree.build();
        publish(model, dataset, 0, tree.root());
        refused(
            Claim(model, dataset, 0, 5, BOB, 0, SALT, tree.path(5)),
            abi.encodeWithSelector(IRevenueLedger.NothingOwed.selector)
        );
    }

    // ------------------------------------------------------------------------------------------------ lying

    function test_other_payee_amount_salt_or_slot() public {
        Claim memory c = honest();
        c.payee = BOB;
        refusedAsUnknown(c);
        c = honest();
        c.cumulative = 301;
        refusedAsUnknown(c);
        c = honest();
        c.salt++;
        refusedAsUnknown(c);
        c = honest();
        c.index = INDEX - 1;
        refusedAsUnknown(c);
    }

    function test_other_segment_dataset_or_model() public {
        Claim memory c = honest();
        c.segment = 1;
        refusedAsUnknown(c);
        c.segment = 9;
        refusedAsUnknown(c);
        c = honest();
        c.dataset = register(100);
        refused(c, abi.encodeWithSelector(IRevenueLedger.SegmentNotEnrolled.selector, model, c.dataset, 0));
        enroll(model, c.dataset);
        refusedAsUnknown(c);
        c = honest();
        c.model = createModel("other", address(token));
        refused(c, abi.encodeWithSelector(IRevenueLedger.SegmentNotEnrolled.selector, c.model, dataset, 0));
    }

    function test_paths_of_another_length() public {
        Claim memory c = honest();
        for (uint256 length = 0; length < 7; length++) {
            if (length == 3) continue;
            c.path = new uint256[3][](length);
            refused(c, abi.encodeWithSelector(IRevenueLedger.WrongPathLength.selector, 3, length));
        }
    }

    function test_sibling_order_and_level_order() public {
        Claim memory c = honest();
        (c.path[0][0], c.path[0][1]) = (c.path[0][1], c.path[0][0]);
        refusedAsUnknown(c);
        c = honest();
        (c.path[1], c.path[2]) = (c.path[2], c.path[1]);
        refusedAsUnknown(c);
    }

    /// @dev Read as an account, an inner node would have its first children as payee, balance and salt. The tags keep the
    /// two apart, and so does the length of the path.
    function test_an_inner_node_is_not_an_account() public {
        uint256[4] memory c = [uint256(uint160(BOB)), 300, SALT, 0];
        uint256 asNode = PoseidonT5.hash(T_NODE, c[0], c[1], c[2], c[3]);
        uint256 asLeaf = PoseidonT5.hash(T_ACCOUNT, c[0], c[1], c[2], c[3]);
        yes(asNode != asLeaf, "tags");
        tree.setLeaf(5, asNode);
        tree.build();
        publish(model, dataset, 0, tree.root());
        refusedAsUnknown(Claim(model, dataset, 0, 5, BOB, 300, SALT, tree.path(5)));
    }

    function test_reserved_slots_hold_no_account() public {
        tree.set(62, BOB, 100, SALT);
        tree.set(63, BOB, 100, SALT);
        tree.build();
        publish(model, dataset, 0, tree.root());
        refused(
            Claim(model, dataset, 0, 62, BOB, 100, SALT, tree.path(62)),
            abi.encodeWithSelector(IRevenueLedger.InvalidIndex.selector, 62)
        );
        refused(
            Claim(model, dataset, 0, 63, BOB, 100, SALT, tree.path(63)),
            abi.encodeWithSelector(IRevenueLedger.InvalidIndex.selector, 63)
        );
    }

    /// @dev index + 64 has the same low digits, hence the same path, and would be a second account on the same leaf.
    function test_an_index_has_no_alias() public {
        send(honest());
        Claim memory c = honest();
        c.index = INDEX + 64;
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.InvalidIndex.selector, INDEX + 64));
        send(c);
    }

    function test_values_have_no_alias() public {
        Claim memory c = honest();
        c.cumulative = 300 + R;
        refused(c, abi.encodeWithSelector(Statement.NotCanonical.selector, 300 + R));
        c = honest();
        c.salt = SALT + R;
        refused(c, abi.encodeWithSelector(Statement.NotCanonical.selector, SALT + R));
        for (uint256 i = 0; i < 9; i++) {
            c = honest();
            c.path[i / 3][i % 3] += R;
            refused(c, abi.encodeWithSelector(Statement.NotCanonical.selector, c.path[i / 3][i % 3]));
        }
    }

    function test_the_zero_address_and_the_ledger_are_not_paid() public {
        tree.set(5, address(0), 100, SALT);
        tree.set(6, address(ledger), 100, SALT);
        tree.build();
        publish(model, dataset, 0, tree.root());
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.InvalidAccount.selector, address(0)));
        send(Claim(model, dataset, 0, 5, address(0), 100, SALT, tree.path(5)));
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.InvalidAccount.selector, address(ledger)));
        send(Claim(model, dataset, 0, 6, address(ledger), 100, SALT, tree.path(6)));
    }

    /// @dev Were the proof system broken, a model could lose what its own epochs paid and nothing else.
    function test_a_false_root_reaches_no_other_money() public {
        bytes32 other = createModel("other", address(token));
        deposit(other, 1_000_000);
        tree.set(5, BOB, 600, SALT);
        tree.build();
        publish(model, dataset, 0, tree.root());
        refused(
            Claim(model, dataset, 0, 5, BOB, 600, SALT, tree.path(5)),
            abi.encodeWithSelector(IRevenueLedger.ExceedsSettled.selector, 599, 600)
        );
    }

    function test_starved_of_gas_nothing_changes() public {
        Claim memory c = honest();
        bytes memory call = abi.encodeCall(
            IRevenueLedger.claim, (c.model, c.dataset, c.segment, c.index, c.payee, c.cumulative, c.salt, c.path)
        );
        bool done;
        uint256 failures;
        for (uint256 gas_ = 5_000; !done; gas_ += 2_003) {
            (done,) = address(ledger).call{gas: gas_}(call);
            eq(ledger.claimed(model, dataset, 0, INDEX), done ? 300 : 0, "all or nothing: recorded");
            eq(token.balanceOf(ALICE), done ? 300 : 0, "all or nothing: paid");
            if (!done) failures++;
        }
        yes(failures > 10, "the sweep starved it");
    }

    // ------------------------------------------------------------------------------------------------ withdrawing

    function test_anyone_may_send_a_withdrawal_and_only_the_beneficiary_is_paid() public {
        vm.prank(STRANGER);
        eq(ledger.withdraw(model, BENEFICIARY), 200, "amount");
        eq(token.balanceOf(BENEFICIARY), 200, "paid");
        vm.expectRevert(IRevenueLedger.NothingOwed.selector);
        ledger.withdraw(model, BENEFICIARY);
        eq(ledger.withdraw(model, BENEFICIARY_2), 199, "the other's is still there");
    }

    function test_nobody_else_withdraws() public {
        address[5] memory others = [DEVELOPER, ATTRIBUTOR, OWNER, STRANGER, ALICE];
        for (uint256 i = 0; i < others.length; i++) {
            vm.prank(others[i]);
            vm.expectRevert(IRevenueLedger.NothingOwed.selector);
            ledger.withdraw(model, others[i]);
        }
    }

    function test_credits_of_one_model_are_not_another_models() public {
        bytes32 other = createModel("other", address(token));
        vm.expectRevert(IRevenueLedger.NothingOwed.selector);
        ledger.withdraw(other, BENEFICIARY);
    }
}
