// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IRevenueLedger} from "../src/interfaces/IRevenueLedger.sol";
import {Payments} from "../src/libraries/Payments.sol";
import {BareToken, BlocklistToken, FeeToken, HookToken, LyingToken, RebasingToken, TestToken} from "./mocks/Tokens.sol";
import {LedgerFixture} from "./utils/LedgerFixture.sol";

/// @notice Burns whatever gas a transfer gets.
contract BurningToken is TestToken {
    address public burnsFor;

    function setBurner(address account) external {
        burnsFor = account;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (to == burnsFor) {
            while (true) {}
        }
        super._update(from, to, value);
    }
}

/// @notice Answers a transfer with far more than a word.
contract BombToken is TestToken {
    function transfer(address to, uint256 value) public override returns (bool) {
        super.transfer(to, value);
        assembly ("memory-safe") {
            mstore(0, 1)
            return(0, 20000)
        }
    }
}

/// @notice The tokens of the wild: whoever can't be paid stops nobody else, and no model pays for another.
contract LedgerTokensTest is LedgerFixture {
    bytes32 private m;

    function use(address token_) private {
        m = createModel("wild", token_);
        enroll(m, dataset, 0);
        open(m);
    }

    function pay(uint32[] memory slots) private returns (uint256) {
        IRevenueLedger.Receipt memory r = emptyReceipt(m, dataset, 0, 1);
        r.accounts = new IRevenueLedger.Account[](slots.length);
        for (uint256 i = 0; i < slots.length; i++) {
            r.accounts[i] = accountOf(m, r, slots[i], payeeOf(slots[i]), 100);
        }
        return ledger.claim(m, alone(r));
    }

    function three() private pure returns (uint32[] memory out) {
        out = new uint32[](3);
        (out[0], out[1], out[2]) = (1, 2, 3);
    }

    function test_fee_on_transfer_counts_what_arrives() public {
        FeeToken t = new FeeToken();
        use(address(t));
        finaliseWith(m, 10_000, listed(60, 40));
        eq(ledger.getEpoch(m, 1).revenue, 9_900, "what arrived");
        pay(three());
        eq(t.balanceOf(payeeOf(1)), 99, "the fee is the payee's");
        eq(ledger.owed(m), t.balanceOf(address(ledger)), "and nobody else's");
        t.setFee(10_000);
        t.mint(PAYER, 5);
        vm.startPrank(PAYER);
        t.approve(address(ledger), 5);
        vm.expectRevert(IRevenueLedger.NothingReceived.selector);
        ledger.deposit(m, 2, 5, 1, ATTRIBUTOR);
        vm.stopPrank();
    }

    function test_a_blocked_payee_stops_nobody() public {
        BlocklistToken t = new BlocklistToken();
        use(address(t));
        finaliseWith(m, 10_000, listed(60, 40));
        t.setBlocked(payeeOf(2), true);
        eq(pay(three()), 300, "the whole batch");
        eq(t.balanceOf(payeeOf(1)) + t.balanceOf(payeeOf(3)), 200, "the others");
        eq(ledger.credit(address(t), payeeOf(2)), 100, "credited");
        eq(owedIn(address(t)), t.balanceOf(address(ledger)), "still owed");
        vm.expectRevert(abi.encodeWithSelector(BlocklistToken.Blocked.selector, payeeOf(2)));
        ledger.withdraw(address(t), payeeOf(2));
        // A recipient that is not blocked.
        vm.prank(payeeOf(2));
        ledger.setRecipient(STRANGER);
        ledger.withdraw(address(t), payeeOf(2));
        eq(t.balanceOf(STRANGER), 100, "withdrawn");
        // A blocked beneficiary, and a paused token.
        t.setPaused(true);
        eq(ledger.withdrawShare(m, epochs(1), 0), 2_001, "share");
        eq(ledger.credit(address(t), BENEFICIARY), 2_001, "credited too");
    }

    function test_tokens_that_return_nothing_false_or_revert() public {
        BareToken t = new BareToken();
        use(address(t));
        t.mint(PAYER, 10_000);
        vm.prank(PAYER);
        ledger.deposit(m, 1, 10_000, 1, ATTRIBUTOR);
        commit(m, 1, listed(60, 40));
        close(m);
        ledger.settle(m, 1, moves(m, 1, listed(60, 40)));
        uint256 snapshot = vm.snapshotState();
        pay(three());
        eq(t.balanceOf(payeeOf(1)), 100, "returns nothing");
        for (uint256 i = 1; i < 3; i++) {
            vm.revertToState(snapshot);
            t.setAnswer(BareToken.Answer(i));
            pay(three());
            eq(t.balanceOf(payeeOf(1)), 0, "not paid");
            eq(ledger.credit(address(t), payeeOf(1)), 100, "credited");
            vm.expectRevert();
            ledger.withdraw(address(t), payeeOf(1));
            t.setAnswer(BareToken.Answer.Nothing);
            ledger.withdraw(address(t), payeeOf(1));
            eq(t.balanceOf(payeeOf(1)), 100, "later");
        }
    }

    function test_a_token_that_vanished_pays_nothing() public {
        use(address(new TestToken()));
        address t = ledger.getModel(m).token;
        finaliseWith(m, 10_000, listed(60, 40));
        vm.etch(t, "");
        pay(three());
        eq(ledger.credit(t, payeeOf(1)), 100, "a call to nothing succeeds, and is no transfer");
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, t));
        ledger.withdraw(t, payeeOf(1));
    }

    function test_a_long_answer_is_not_copied() public {
        use(address(new BombToken()));
        finaliseWith(m, 10_000, listed(60, 40));
        pay(three());
        eq(TestToken(ledger.getModel(m).token).balanceOf(payeeOf(1)), 100, "paid");
    }

    function test_a_token_that_lies_about_balances() public {
        use(address(new LyingToken()));
        vm.expectRevert(IRevenueLedger.NothingReceived.selector);
        vm.prank(PAYER);
        ledger.deposit(m, 1, 5, 1, ATTRIBUTOR);
    }

    /// @dev The list of a token's models is anybody's to grow: no answer walks more of it than it is asked for.
    function test_what_is_owed_is_read_page_by_page() public {
        TestToken t = new TestToken();
        uint256 sum;
        for (uint256 i = 0; i < 7; i++) {
            bytes32 each = createModel(vm.toString(i), address(t));
            enroll(each, dataset, 0);
            deposit(each, 10 ** i);
            sum += 10 ** i;
        }
        eq(ledger.modelsIn(address(t)), 7, "models");
        eq(ledger.owedIn(address(t), 0, 7), sum, "one page");
        eq(ledger.owedIn(address(t), 0, 3), 111, "the first three");
        eq(ledger.owedIn(address(t), 3, 3), 111_000, "the next");
        eq(ledger.owedIn(address(t), 6, 3), 1_000_000, "the rest");
        eq(ledger.owedIn(address(t), 7, 3), 0, "none");
        eq(ledger.owedIn(address(t), 6, type(uint256).max), 1_000_000, "as many as there are");
        eq(ledger.owedIn(address(t), type(uint256).max, 1), 0, "nor beyond");
        eq(ledger.creditedIn(address(t)), 0, "no credits");
        uint256 before = gasleft();
        ledger.owedIn(address(t), 0, 2);
        yes(before - gasleft() < 20_000, "what it costs does not depend on how many there are");
    }

    function test_a_shrinking_token_leaves_its_own_models_short() public {
        RebasingToken t = new RebasingToken();
        use(address(t));
        finaliseWith(m, 10_000, listed(60, 40));
        t.rebase(100);
        yes(owedIn(address(t)) > t.balanceOf(address(ledger)), "short, and it can be seen");
        pay(three());
        eq(ledger.credit(address(t), payeeOf(1)) + t.balanceOf(payeeOf(1)), 100, "paid or credited");
        finalise(10_000, 60, 40);
        claim(0, 1, 1, 100);
        eq(token.balanceOf(payeeOf(1)), 100, "others are whole");
    }

    function test_tokens_that_call_back_get_nowhere() public {
        HookToken t = new HookToken();
        use(address(t));
        finaliseWith(m, 10_000, listed(60, 40));
        IRevenueLedger.Receipt memory r = receiptOf(m, dataset, 0, 1, 1, payeeOf(1), 100);
        bytes[4] memory calls = [
            abi.encodeCall(IRevenueLedger.claim, (m, alone(r))),
            abi.encodeCall(IRevenueLedger.withdrawShare, (m, epochs(1), 0)),
            abi.encodeCall(IRevenueLedger.withdraw, (address(t), payeeOf(1))),
            abi.encodeCall(IRevenueLedger.setRecipient, (STRANGER))
        ];
        uint256 snapshot = vm.snapshotState();
        for (uint256 i = 0; i < calls.length; i++) {
            vm.revertToState(snapshot);
            t.setHook(address(ledger), calls[i]);
            ledger.claim(m, alone(r));
            yes(t.fired() && !t.succeeded(), "called back, in vain");
            eq(t.balanceOf(payeeOf(1)), 100, "paid once");
        }
    }

    // ------------------------------------------------------------------------------------------------ gas of a transfer

    /// @dev Whoever sends a claim can't push its payees into credits by sending it with too little gas.
    function test_too_little_gas_reverts_and_credits_nobody() public {
        finalise(10_000, 60, 40);
        IRevenueLedger.Receipt memory r = receiptOf(model, dataset, 0, 1, 1, payeeOf(1), 100);
        bytes memory call_ = abi.encodeCall(IRevenueLedger.claim, (model, alone(r)));
        uint256 snapshot = vm.snapshotState();
        uint256 paid;
        for (uint256 gas_ = 60_000; gas_ < 460_000; gas_ += 1_500) {
            vm.revertToState(snapshot);
            (bool ok,) = address(ledger).call{gas: gas_}(call_);
            if (ok) {
                eq(token.balanceOf(payeeOf(1)), 100, "paid in full");
                paid++;
            } else {
                eq(ledger.claimed(model, dataset, 0, 1), 0, "or nothing happened");
            }
            eq(ledger.credit(address(token), payeeOf(1)), 0, "never credited");
        }
        yes(paid > 10 && paid < 200, "both happen");
        vm.revertToState(snapshot);
        (bool done, bytes memory reason) = address(ledger).call{gas: 200_000}(call_);
        yes(!done, "too little");
        eq(
            keccak256(reason),
            keccak256(abi.encodeWithSelector(IRevenueLedger.InsufficientGas.selector, Payments.TRANSFER_GAS_LEFT)),
            "by name"
        );
    }

    function test_a_transfer_that_burns_its_gas_is_bounded() public {
        BurningToken t = new BurningToken();
        use(address(t));
        finaliseWith(m, 10_000, listed(60, 40));
        t.setBurner(payeeOf(2));
        uint256 before = gasleft();
        pay(three());
        yes(before - gasleft() < 2_000_000, "bounded");
        eq(ledger.credit(address(t), payeeOf(2)), 100, "credited");
        eq(t.balanceOf(payeeOf(1)) + t.balanceOf(payeeOf(3)), 200, "the others are paid");
    }
}
