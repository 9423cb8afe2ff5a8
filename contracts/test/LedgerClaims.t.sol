// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {IOpeningVerifier} from "../src/interfaces/IOpeningVerifier.sol";
import {IRevenueLedger} from "../src/interfaces/IRevenueLedger.sol";
import {TestToken} from "./mocks/Tokens.sol";
import {LedgerFixture} from "./utils/LedgerFixture.sol";

/// @notice Counts transfers by whom they are to.
contract CountingToken is TestToken {
    mapping(address to => uint256) public transfers;

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        transfers[to]++;
    }
}

/// @notice claim, claimable, setRecipient, withdrawShare. The fixture's first epoch: 3,600 to segment 0, 2,400 to segment 1.
contract LedgerClaimsTest is LedgerFixture {
    function refused(IRevenueLedger.Receipt memory r, bytes memory reason) private {
        vm.expectRevert(reason);
        ledger.claim(model, alone(r));
    }

    function balance(address who) private view returns (uint256) {
        return token.balanceOf(who);
    }

    // ------------------------------------------------------------------------------------------------ what is paid

    function test_a_receipt_pays_what_was_not_paid_yet() public {
        finalise(10_000, 60, 40);
        IRevenueLedger.Receipt memory r = receiptOf(model, dataset, 0, 1, 5, payeeOf(5), 100);
        vm.prank(STRANGER);
        eq(ledger.claim(model, alone(r)), 100, "paid");
        eq(balance(payeeOf(5)), 100, "to the payee");
        eq(balance(STRANGER), 0, "not to the sender");
        eq(ledger.claimed(model, dataset, 0, 5), 100, "kept");
        eq(ledger.getModel(model).unclaimed, 5_900, "the rest");
        refused(r, abi.encodeWithSelector(IRevenueLedger.NothingDue.selector));
        finalise(10_000, 60, 40);
        eq(claim(0, 2, 5, 250), 150, "the difference");
        // A receipt of any final epoch stays good, for what it shows beyond that.
        refused(r, abi.encodeWithSelector(IRevenueLedger.NothingDue.selector));
        eq(balance(payeeOf(5)), 250, "never twice");
    }

    function test_an_older_receipt_is_good_too() public {
        finalise(10_000, 60, 40);
        IRevenueLedger.Receipt memory r = receiptOf(model, dataset, 0, 1, 5, payeeOf(5), 100);
        finalise(10_000, 60, 40);
        ledger.claim(model, alone(r));
        eq(claim(0, 2, 5, 250), 150, "and the newer one pays the rest");
    }

    /// @dev Two accounts a word: neither touches its neighbour.
    function testFuzz_neighbours_are_kept_apart(uint128 a, uint128 b, uint128 c) public {
        uint256 most = 2 ** 127 - 1;
        deposit(model, most);
        commit(model, 1, listed(60, 40));
        close(model);
        ledger.settle(model, 1, moves(model, 1, listed(60, 40)));
        (a, b) = (1 + a % 2 ** 120, 1 + b % 2 ** 120);
        claim(0, 1, 4, a);
        claim(0, 1, 5, b);
        eq(ledger.claimed(model, dataset, 0, 4), a, "even");
        eq(ledger.claimed(model, dataset, 0, 5), b, "odd");
        c = a + 1 + c % 2 ** 119;
        claim(0, 1, 4, c);
        eq(ledger.claimed(model, dataset, 0, 4), c, "even, again");
        eq(ledger.claimed(model, dataset, 0, 5), b, "odd, untouched");
        eq(ledger.claimed(model, dataset, 1, 4), 0, "another segment");
    }

    function test_many_accounts_many_payees_one_transfer_each() public {
        CountingToken counted = new CountingToken();
        vm.etch(address(token), address(counted).code);
        counted = CountingToken(address(token));
        finalise(10_000, 60, 40);
        IRevenueLedger.Receipt[] memory all = new IRevenueLedger.Receipt[](2);
        for (uint32 s = 0; s < 2; s++) {
            all[s] = emptyReceipt(model, dataset, s, 1);
            all[s].accounts = new IRevenueLedger.Account[](4);
            for (uint32 i = 0; i < 4; i++) {
                address payee = i % 2 == 0 ? payeeOf(1) : payeeOf(2);
                all[s].accounts[i] = accountOf(model, all[s], i, payee, 10 + i);
            }
        }
        eq(ledger.claim(model, all), 92, "in all");
        eq(balance(payeeOf(1)), 2 * (10 + 12), "the first");
        eq(balance(payeeOf(2)), 2 * (11 + 13), "the second");
        eq(counted.transfers(payeeOf(1)), 1, "one transfer");
        eq(counted.transfers(payeeOf(2)), 1, "one transfer each");
    }

    function test_accounts_with_nothing_due_are_passed_over() public {
        finalise(10_000, 60, 40);
        claim(0, 1, 1, 50);
        IRevenueLedger.Receipt memory r = emptyReceipt(model, dataset, 0, 1);
        r.accounts = new IRevenueLedger.Account[](3);
        for (uint32 i = 0; i < 3; i++) {
            r.accounts[i] = accountOf(model, r, i, payeeOf(i), 50);
        }
        // Front-running a part of a batch spoils nothing; even an opening that is not needed is not looked at.
        r.accounts[1].proof[0]++;
        eq(ledger.claim(model, alone(r)), 100, "the other two");
        refused(r, abi.encodeWithSelector(IRevenueLedger.NothingDue.selector));
        vm.expectRevert(IRevenueLedger.NothingDue.selector);
        ledger.claim(model, new IRevenueLedger.Receipt[](0));
        r.accounts = new IRevenueLedger.Account[](0);
        refused(r, abi.encodeWithSelector(IRevenueLedger.NothingDue.selector));
    }

    function test_the_same_account_twice_is_paid_once() public {
        finalise(10_000, 60, 40);
        IRevenueLedger.Receipt memory r = emptyReceipt(model, dataset, 0, 1);
        r.accounts = new IRevenueLedger.Account[](2);
        r.accounts[0] = accountOf(model, r, 7, payeeOf(7), 50);
        r.accounts[1] = r.accounts[0];
        eq(ledger.claim(model, alone(r)), 50, "once");
    }

    // ------------------------------------------------------------------------------------------------ what is refused

    function test_every_word_of_a_receipt_counts() public {
        finalise(10_000, 60, 40);
        IRevenueLedger.Receipt memory r = receiptOf(model, dataset, 0, 1, 5, payeeOf(5), 100);
        bytes memory invalid = abi.encodeWithSelector(IOpeningVerifier.Invalid.selector);
        r.accounts[0].cumulative = 101;
        refused(r, invalid);
        r.accounts[0].cumulative = 100;
        r.accounts[0].payee = STRANGER;
        refused(r, invalid);
        r.accounts[0].payee = payeeOf(5);
        r.accounts[0].index = 6;
        refused(r, invalid);
        r.accounts[0].index = 5;
        for (uint256 i = 0; i < 2; i++) {
            r.accounts[0].proof[i]++;
            refused(r, invalid);
            r.accounts[0].proof[i]--;
        }
        for (uint256 i = 0; i < 2; i++) {
            r.payees[i]++;
            refused(r, abi.encodeWithSelector(IRevenueLedger.UnknownPayeeColumn.selector, dataset, 0));
            r.payees[i]--;
            r.balances[i]++;
            refused(r, abi.encodeWithSelector(IRevenueLedger.UnknownBalanceColumn.selector, dataset, 0, 1));
            r.balances[i]--;
        }
        r.segment = 1;
        refused(r, abi.encodeWithSelector(IRevenueLedger.UnknownBalanceColumn.selector, dataset, 1, 1));
        r.segment = 0;
        r.datasetId = "x";
        refused(r, abi.encodeWithSelector(IRevenueLedger.UnknownBalanceColumn.selector, bytes32("x"), 0, 1));
        r.datasetId = dataset;
        r.epoch = 2;
        refused(r, abi.encodeWithSelector(IRevenueLedger.NotFinal.selector, model, 2));
        r.epoch = 1;
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotFinal.selector, bytes32("x"), 1));
        ledger.claim("x", alone(r));
        // The challenge has chain and contract in it.
        vm.chainId(5);
        refused(r, invalid);
        vm.chainId(31_337);
        ledger.claim(model, alone(r));
    }

    function test_reserved_slots_and_nobody_are_refused() public {
        finalise(10_000, 60, 40);
        for (uint32 index = 62; index < 66; index++) {
            IRevenueLedger.Receipt memory r = receiptOf(model, dataset, 0, 1, index, payeeOf(5), 100);
            refused(r, abi.encodeWithSelector(IRevenueLedger.InvalidIndex.selector, index));
        }
        address[2] memory nobody = [address(0), address(ledger)];
        for (uint256 i = 0; i < 2; i++) {
            IRevenueLedger.Receipt memory r = receiptOf(model, dataset, 0, 1, 5, nobody[i], 100);
            refused(r, abi.encodeWithSelector(IRevenueLedger.InvalidAccount.selector, nobody[i]));
        }
    }

    function test_only_columns_of_final_attempts_pay() public {
        finalise(10_000, 60, 40);
        closeWith(model, 10_000, listed(60, 40));
        ledger.settle(model, 2, single(moveOf(model, 2, listed(60, 40), 0)));
        IRevenueLedger.Receipt memory early = receiptOf(model, dataset, 0, 2, 5, payeeOf(5), 100);
        refused(early, abi.encodeWithSelector(IRevenueLedger.NotFinal.selector, model, 2));
        pass(SETTLE_WINDOW + 1);
        commit(model, 2, listed(50, 50));
        ledger.settle(model, 2, moves(model, 2, listed(50, 50)));
        // Attempt 0 never became final, whatever its column says.
        refused(early, abi.encodeWithSelector(IRevenueLedger.UnknownBalanceColumn.selector, dataset, 0, 2));
        eq(claim(0, 2, 5, 100), 100, "attempt 1 did");
    }

    function test_any_payee_column_ever_proven_will_do() public {
        finalise(10_000, 60, 40);
        extend(dataset, 110);
        bytes32 d = dataset;
        IRevenueLedger.Receipt memory r = receiptOf(model, d, 1, 1, 5, payeeOf(67), 10);
        ledger.claim(model, alone(r));
        eq(balance(payeeOf(67)), 10, "by the column of revision 0");
    }

    /// @dev Even a broken proof system stays inside the model.
    function test_no_proof_makes_a_model_pay_more_than_its_own() public {
        finalise(10_000, 60, 40);
        bytes32 second = createModel("second", address(token));
        enroll(second, dataset, 0);
        finaliseWith(second, 50_000, listed(60, 40));
        IRevenueLedger.Receipt memory r = receiptOf(model, dataset, 0, 1, 5, payeeOf(5), 6_001);
        refused(r, abi.encodeWithSelector(IRevenueLedger.ExceedsOwed.selector, 6_000, 6_001));
        eq(claim(0, 1, 5, 6_000), 6_000, "all there is");
    }

    // ------------------------------------------------------------------------------------------------ claimable

    function test_claimable_says_what_claim_would_pay() public {
        finalise(10_000, 60, 40);
        finalise(10_000, 60, 40);
        claim(0, 1, 0, 50);
        IRevenueLedger.Receipt[] memory all = new IRevenueLedger.Receipt[](3);
        all[0] = emptyReceipt(model, dataset, 0, 1);
        all[0].accounts = new IRevenueLedger.Account[](5);
        for (uint32 i = 0; i < 5; i++) {
            all[0].accounts[i] = accountOf(model, all[0], i, payeeOf(i), 50);
        }
        all[0].accounts[2].proof[1]++;
        all[0].accounts[3].index = 62;
        all[0].accounts[4].payee = address(0);
        all[1] = receiptOf(model, dataset, 0, 2, 1, payeeOf(1), 80);
        all[2] = receiptOf(model, dataset, 0, 2, 1, payeeOf(1), 80);
        uint256[] memory due = ledger.claimable(model, all);
        eq(due.length, 7, "one each");
        eq(due[0], 0, "claimed");
        eq(due[1], 50, "due");
        eq(due[2] + due[3] + due[4], 0, "does not hold");
        eq(due[5], 30, "beyond the receipt before");
        eq(due[6], 0, "twice");
        all[1].epoch = 3;
        all[2].balances[0]++;
        due = ledger.claimable(model, all);
        eq(due[5] + due[6], 0, "not final, and not the column");
        all[2].balances[0]--;
        all[2].payees[0]++;
        eq(ledger.claimable(model, all)[6], 0, "not the payees");
    }

    // ------------------------------------------------------------------------------------------------ recipients

    function test_a_payee_says_where_its_money_goes() public {
        finalise(10_000, 60, 40);
        vm.prank(payeeOf(5));
        ledger.setRecipient(STRANGER);
        eq(ledger.recipientOf(payeeOf(5)), STRANGER, "set");
        claim(0, 1, 5, 100);
        eq(balance(STRANGER), 100, "paid there");
        vm.prank(payeeOf(5));
        ledger.setRecipient(address(0));
        claim(0, 1, 5, 150);
        eq(balance(payeeOf(5)), 50, "back to the payee");
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.InvalidAccount.selector, address(ledger)));
        ledger.setRecipient(address(ledger));
        // The token itself can't be paid: a credit, until the recipient changes.
        vm.prank(payeeOf(6));
        ledger.setRecipient(address(token));
        claim(0, 1, 6, 70);
        eq(ledger.credit(address(token), payeeOf(6)), 70, "credited");
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.TransferFailed.selector, address(token)));
        ledger.withdraw(address(token), payeeOf(6));
        vm.prank(payeeOf(6));
        ledger.setRecipient(STRANGER);
        vm.prank(PAYER);
        eq(ledger.withdraw(address(token), payeeOf(6)), 70, "withdrawn by anyone");
        eq(balance(STRANGER), 170, "to the recipient of now");
        vm.expectRevert(IRevenueLedger.NothingDue.selector);
        ledger.withdraw(address(token), payeeOf(6));
    }

    // ------------------------------------------------------------------------------------------------ beneficiaries

    function test_shares_of_final_epochs_are_withdrawn_once() public {
        finalise(10_000, 60, 40);
        closeWith(model, 20_000, listed(60, 40));
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotFinal.selector, model, 2));
        ledger.withdrawShare(model, epochs(2), 0);
        ledger.settle(model, 2, moves(model, 2, listed(60, 40)));
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotFinal.selector, model, 3));
        ledger.withdrawShare(model, epochs(3), 0);
        uint64[] memory both = new uint64[](3);
        (both[0], both[1], both[2]) = (1, 2, 1);
        vm.prank(STRANGER);
        eq(ledger.withdrawShare(model, both, 0), 2_001 + 4_002, "both, each once");
        eq(balance(BENEFICIARY), 6_003, "to the beneficiary");
        yes(ledger.shareWithdrawn(model, 1, 0) && ledger.shareWithdrawn(model, 2, 0), "kept");
        yes(!ledger.shareWithdrawn(model, 1, 1), "not the other's");
        vm.expectRevert(IRevenueLedger.NothingDue.selector);
        ledger.withdrawShare(model, both, 0);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.InvalidBeneficiary.selector, 2));
        ledger.withdrawShare(model, both, 2);
        eq(ledger.withdrawShare(model, epochs(2), 1), 3_998, "the other");
        eq(ledger.owed(model), balance(address(ledger)), "the rest is owed");
    }

    function test_each_epoch_pays_the_beneficiaries_of_its_own_policy() public {
        IRevenueLedger.Policy memory p = policy();
        p.beneficiaries[0].account = STRANGER;
        vm.prank(DEVELOPER);
        ledger.announcePolicy(model, p);
        finalise(10_000, 60, 40);
        pass(NOTICE_WINDOW);
        finalise(10_000, 60, 40);
        finalise(10_000, 60, 40);
        uint64[] memory all = new uint64[](3);
        (all[0], all[1], all[2]) = (1, 2, 3);
        ledger.withdrawShare(model, all, 0);
        eq(balance(BENEFICIARY), 4_002, "two epochs of the old one");
        eq(balance(STRANGER), 2_001, "one of the new one");
    }
}
