// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IRevenueLedger} from "../src/interfaces/IRevenueLedger.sol";
import {BareToken, BlocklistToken, FeeToken, HookToken, LyingToken, RebasingToken, TestToken} from "./mocks/Tokens.sol";
import {LedgerFixture} from "./utils/LedgerFixture.sol";
import {TestTree} from "./utils/TestTree.sol";

/// @notice Tokens that do not do what one expects of them.
contract LedgerTokensTest is LedgerFixture {
    using TestTree for TestTree.Tree;

    address private constant ALICE = address(0xA11CE);
    address private constant BOB = address(0xB0B);
    TestTree.Tree private tree;

    /// @dev A model paid in `t` with one final epoch: Alice is owed 300 at slot 1, Bob 60 at slot 2.
    function setUpModel(address t) private {
        token = TestToken(t);
        model = createModel("odd", t);
        enroll(model, dataset);
        finaliseEpoch();
        tree.set(1, ALICE, 300, 1);
        tree.set(2, BOB, 60, 1);
        tree.build();
        publish(model, dataset, 0, tree.root());
    }

    function claimAlice() private returns (uint256) {
        return ledger.claim(model, dataset, 0, 1, ALICE, 300, 1, tree.path(1));
    }

    function claimBob() private returns (uint256) {
        return ledger.claim(model, dataset, 0, 2, BOB, 60, 1, tree.path(2));
    }

    function test_a_fee_on_transfer_is_not_credited() public {
        FeeToken t = new FeeToken();
        model = createModel("fee", address(t));
        t.mint(PAYER, 1_000);
        vm.startPrank(PAYER);
        t.approve(address(ledger), 1_000);
        eq(ledger.deposit(model, 1_000), 990, "what arrived");
        vm.stopPrank();
        eq(ledger.getModel(model).pending, 990, "pending");
        eq(t.balanceOf(address(ledger)), 990, "held");
    }

    function test_a_transfer_that_brings_nothing_is_refused() public {
        FeeToken t = new FeeToken();
        t.setFee(10_000);
        model = createModel("fee", address(t));
        t.mint(PAYER, 1_000);
        vm.startPrank(PAYER);
        t.approve(address(ledger), 1_000);
        vm.expectRevert(IRevenueLedger.NothingReceived.selector);
        ledger.deposit(model, 1_000);
        vm.expectRevert(IRevenueLedger.NothingReceived.selector);
        ledger.deposit(model, 0);
        vm.stopPrank();
        model = createModel("liar", address(new LyingToken()));
        vm.expectRevert(IRevenueLedger.NothingReceived.selector);
        ledger.deposit(model, 500);
    }

    function test_a_token_without_return_value_works() public {
        BareToken t = new BareToken();
        t.mint(PAYER, 1_000);
        model = createModel("bare", address(t));
        vm.prank(PAYER);
        ledger.deposit(model, 1_000);
        commitScores(model, 0);
        close(model);
        ledger.withdraw(model, BENEFICIARY);
        eq(t.balanceOf(BENEFICIARY), 200, "paid");
    }

    function test_a_token_that_returns_false_or_reverts_changes_nothing() public {
        BareToken t = new BareToken();
        t.mint(PAYER, 2_000);
        model = createModel("bare", address(t));
        vm.prank(PAYER);
        ledger.deposit(model, 1_000);
        commitScores(model, 0);
        close(model);
        bytes memory failed = abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(t));
        t.setAnswer(BareToken.Answer.False);
        vm.expectRevert(failed);
        ledger.withdraw(model, BENEFICIARY);
        vm.expectRevert(failed);
        vm.prank(PAYER);
        ledger.deposit(model, 1_000);
        t.setAnswer(BareToken.Answer.Revert);
        vm.expectRevert();
        ledger.withdraw(model, BENEFICIARY);
        eq(ledger.credit(model, BENEFICIARY), 200, "still owed");
        t.setAnswer(BareToken.Answer.Nothing);
        ledger.withdraw(model, BENEFICIARY);
        eq(t.balanceOf(BENEFICIARY), 200, "paid in the end");
    }

    function test_one_blocked_payee_blocks_nobody_else() public {
        BlocklistToken t = new BlocklistToken();
        setUpModel(address(t));
        t.setBlocked(ALICE, true);
        t.setBlocked(BENEFICIARY, true);
        vm.expectRevert(abi.encodeWithSelector(BlocklistToken.Blocked.selector, ALICE));
        claimAlice();
        vm.expectRevert(abi.encodeWithSelector(BlocklistToken.Blocked.selector, BENEFICIARY));
        ledger.withdraw(model, BENEFICIARY);
        eq(claimBob(), 60, "bob");
        eq(ledger.withdraw(model, BENEFICIARY_2), 199, "the other beneficiary");
        finaliseEpoch();
        t.setBlocked(ALICE, false);
        eq(claimAlice(), 300, "alice, later");
    }

    function test_a_paused_token_delays_and_loses_nothing() public {
        BlocklistToken t = new BlocklistToken();
        setUpModel(address(t));
        t.setPaused(true);
        vm.expectRevert();
        claimAlice();
        vm.expectRevert();
        ledger.withdraw(model, BENEFICIARY);
        eq(ledger.claimed(model, dataset, 0, 1), 0, "not recorded");
        t.setPaused(false);
        eq(claimAlice(), 300, "alice");
        eq(ledger.withdraw(model, BENEFICIARY), 200, "beneficiary");
    }

    function test_a_token_that_rebases_hurts_its_own_models_only() public {
        bytes32 sound = createModel("sound", address(token));
        deposit(sound, 1_000);
        TestToken soundToken = token;
        RebasingToken t = new RebasingToken();
        setUpModel(address(t));
        t.rebase(1_000); // a tenth: 1,000 became 100
        vm.expectRevert();
        claimAlice();
        eq(claimBob(), 60, "first come, first served");
        eq(ledger.getModel(model).unclaimed, 599 - 60, "the books say what is owed");
        eq(soundToken.balanceOf(address(ledger)), 1_000, "other tokens are untouched");
    }

    // ------------------------------------------------------------------------------------------------ re-entering

    function hooked() private returns (HookToken t) {
        t = new HookToken();
        setUpModel(address(t));
    }

    function reenter(HookToken t, bytes memory call) private {
        t.setHook(address(ledger), call);
    }

    function expectGuarded(HookToken t) private view {
        yes(t.fired(), "the hook ran");
        yes(!t.succeeded(), "the inner call failed");
        bytes memory guard = abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        eq(keccak256(t.reason()), keccak256(guard), "at the guard");
    }

    function test_a_payee_can_not_claim_within_a_claim() public {
        HookToken t = hooked();
        reenter(t, abi.encodeCall(ledger.claim, (model, dataset, 0, 1, ALICE, 300, 1, tree.path(1))));
        claimAlice();
        expectGuarded(t);
        eq(t.balanceOf(ALICE), 300, "once");
        reenter(t, abi.encodeCall(ledger.claim, (model, dataset, 0, 1, ALICE, 300, 1, tree.path(1))));
        claimBob();
        expectGuarded(t);
    }

    function test_a_beneficiary_can_not_withdraw_within_a_withdrawal() public {
        HookToken t = hooked();
        reenter(t, abi.encodeCall(ledger.withdraw, (model, BENEFICIARY)));
        ledger.withdraw(model, BENEFICIARY);
        expectGuarded(t);
        eq(t.balanceOf(BENEFICIARY), 200, "once");
    }

    function test_a_deposit_can_not_be_counted_twice() public {
        HookToken t = hooked();
        t.mint(address(t), 500);
        t.mint(PAYER, 500);
        vm.prank(address(t));
        t.approve(address(ledger), 500);
        vm.prank(PAYER);
        t.approve(address(ledger), 500);
        reenter(t, abi.encodeCall(ledger.deposit, (model, 500)));
        vm.prank(PAYER);
        eq(ledger.deposit(model, 500), 500, "credited once");
        expectGuarded(t);
    }

    function test_no_function_can_be_entered_during_a_transfer() public {
        HookToken t = hooked();
        bytes[] memory calls = new bytes[](8);
        calls[0] = abi.encodeCall(ledger.createModel, (terms("x", address(t))));
        calls[1] = abi.encodeCall(ledger.enroll, (model, dataset, 0, ""));
        calls[2] = abi.encodeCall(ledger.commitScores, (model, 2, 0, new uint256[2][](0)));
        calls[3] = abi.encodeCall(ledger.closeEpoch, (model, 2));
        calls[4] = abi.encodeCall(ledger.settle, (model, 2, dataset, 0, 0, 0, ""));
        calls[5] = abi.encodeCall(ledger.abandonEpoch, (model, 2));
        calls[6] = abi.encodeCall(ledger.publish, (model, dataset, 0, 1, ""));
        calls[7] = abi.encodeCall(ledger.withdraw, (model, BENEFICIARY_2));
        uint256 clean = vm.snapshotState();
        for (uint256 i = 0; i < calls.length; i++) {
            reenter(t, calls[i]);
            ledger.withdraw(model, BENEFICIARY);
            expectGuarded(t);
            vm.revertToState(clean);
        }
    }

    function test_tokens_sent_past_deposit_belong_to_nobody() public {
        setUpModel(address(new TestToken()));
        uint256 pending = ledger.getModel(model).pending;
        token.mint(address(ledger), 777);
        eq(ledger.getModel(model).pending, pending, "no credit");
        deposit(model, 10);
        eq(ledger.getModel(model).pending, pending + 10, "a later deposit is credited what it brought");
    }
}
