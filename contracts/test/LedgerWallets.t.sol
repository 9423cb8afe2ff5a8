// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {IRevenueLedger} from "../src/interfaces/IRevenueLedger.sol";
import {BurningWallet, RefusingWallet, ReenteringWallet, Wallet} from "./mocks/Wallets.sol";
import {LedgerFixture} from "./utils/LedgerFixture.sol";

/// @notice Developers, attributors, payees and demanders that are contracts: multisigs, and wallets that take no coin, burn gas or
/// call back.
contract LedgerWalletsTest is LedgerFixture {
    address private constant ALICE = address(0xA11CE);
    address private constant BOB = address(0xB0B);

    Wallet private developer;
    Wallet private attributor;
    Wallet private payer;
    Wallet private beneficiary;
    Wallet private demander;
    bytes32 private m;

    function setUp() public override {
        super.setUp();
        developer = new Wallet(ALICE, BOB);
        attributor = new Wallet(ALICE, BOB);
        payer = new Wallet(ALICE, BOB);
        beneficiary = new Wallet(ALICE, BOB);
        demander = new Wallet(ALICE, BOB);
        IRevenueLedger.Terms memory t = terms("by committee", address(token));
        t.attributor = address(attributor);
        IRevenueLedger.Policy memory p = policy();
        p.beneficiaries[0].account = address(beneficiary);
        m = abi.decode(by(developer, abi.encodeCall(IRevenueLedger.createModel, (t, p))), (bytes32));
        by(developer, abi.encodeCall(IRevenueLedger.enroll, (m, dataset, 0)));
        by(developer, abi.encodeCall(IRevenueLedger.open, (m)));
        nextBlock();
    }

    // ------------------------------------------------------------------------------------------------ what wallets do

    function send(Wallet w, address to, uint256 value, bytes memory data) private returns (bytes memory) {
        vm.prank(ALICE);
        w.confirm(to, value, data);
        vm.prank(BOB);
        return w.confirm(to, value, data);
    }

    /// @dev A call of the ledger that both owners confirm.
    function by(Wallet w, bytes memory data) private returns (bytes memory) {
        return send(w, address(ledger), 0, data);
    }

    function refusedBy(Wallet w, bytes memory data, bytes memory reason) private {
        vm.prank(ALICE);
        w.confirm(address(ledger), 0, data);
        vm.expectRevert(reason);
        vm.prank(BOB);
        w.confirm(address(ledger), 0, data);
    }

    /// @dev The account of a record gets a wallet's code.
    function walletAt(address account, address like) private returns (Wallet) {
        vm.etch(account, like.code);
        return Wallet(payable(account));
    }

    function epochByWallets(uint64 epoch, Listed[] memory list) private {
        token.mint(address(payer), 10_000);
        send(payer, address(token), 0, abi.encodeCall(token.approve, (address(ledger), 10_000)));
        by(payer, abi.encodeCall(IRevenueLedger.deposit, (m, epoch, 10_000, 1, address(attributor))));
        bytes32 root = scoreRoot(m, epoch, list);
        by(
            attributor,
            abi.encodeCall(IRevenueLedger.commitScores, (m, epoch, root, totalOf(list), uint32(list.length)))
        );
        nextBlock();
        by(developer, abi.encodeCall(IRevenueLedger.closeEpoch, (m, epoch, root)));
        by(payer, abi.encodeCall(IRevenueLedger.settle, (m, epoch, moves(m, epoch, list))));
        eq(stageOf(m, epoch), 3, "final");
    }

    function demandBy(Wallet w, uint32 index) private {
        vm.deal(address(w), BOND);
        bytes memory data = abi.encodeCall(IRevenueLedger.demand, (m, dataset, 0, recordPath(0, 100, index)));
        send(w, address(ledger), BOND, data);
        eq(address(w).balance, 0, "the bond is paid");
    }

    function opened(uint32 index) private returns (IRevenueLedger.Receipt[] memory) {
        return alone(receiptOf(m, dataset, 0, 1, index, payeeOf(index), 100));
    }

    function returnBond(uint32 index) private {
        ledger.returnBond(m, dataset, 0, index);
    }

    // ------------------------------------------------------------------------------------------------ multisigs

    function test_a_life_of_which_every_party_is_a_multisig() public {
        eq(ledger.getModel(m).developer, address(developer), "developer");
        Wallet payee = walletAt(payeeOf(5), address(demander));
        epochByWallets(1, listed(60, 40));
        // One owner alone can do nothing.
        bytes memory close_ = abi.encodeCall(IRevenueLedger.announcePolicy, (m, policy()));
        vm.prank(ALICE);
        eq(developer.confirm(address(ledger), 0, close_).length, 0, "waits for the other");
        (uint32 version,,,) = ledger.getAnnounced(m);
        eq(version, 0, "nothing announced");

        by(payer, abi.encodeCall(IRevenueLedger.claim, (m, opened(5))));
        eq(token.balanceOf(address(payee)), 100, "the payee, by somebody else's transaction");
        by(beneficiary, abi.encodeCall(IRevenueLedger.withdrawShare, (m, epochs(1), 0)));
        eq(token.balanceOf(address(beneficiary)), 2_001, "the beneficiary");
        demandBy(demander, 7);
        by(payer, abi.encodeCall(IRevenueLedger.answer, (m, opened(7))));
        eq(address(payer).balance, BOND, "who answers");
        epochByWallets(2, listed(60, 40));
        by(payee, abi.encodeCall(IRevenueLedger.setRecipient, (STRANGER)));
        ledger.claim(m, alone(receiptOf(m, dataset, 0, 2, 5, address(payee), 250)));
        eq(token.balanceOf(STRANGER), 150, "the payee's recipient");
    }

    function test_multisigs_hand_over_to_multisigs() public {
        Wallet next = new Wallet(ALICE, BOB);
        by(developer, abi.encodeCall(IRevenueLedger.offerDeveloper, (m, address(next))));
        by(attributor, abi.encodeCall(IRevenueLedger.offerAttributor, (m, address(next))));
        bytes memory accept = abi.encodeCall(IRevenueLedger.acceptDeveloper, (m));
        refusedBy(demander, accept, abi.encodeWithSelector(IRevenueLedger.NotOffered.selector, m, address(demander)));
        by(next, accept);
        by(next, abi.encodeCall(IRevenueLedger.acceptAttributor, (m)));
        (developer, attributor) = (next, next);
        epochByWallets(1, listed(60, 40));
    }

    /// @dev Whoever signs for a wallet is nobody to the ledger.
    function test_owners_of_a_multisig_are_not_the_multisig() public {
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotDeveloper.selector, m, ALICE));
        vm.prank(ALICE);
        ledger.enroll(m, dataset, 0);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotAttributor.selector, m, BOB));
        vm.prank(BOB);
        ledger.offerAttributor(m, BOB);
    }

    function test_a_multisig_gets_its_bond_back() public {
        epochByWallets(1, listed(60, 40));
        demandBy(demander, 5);
        pass(DEMAND_WINDOW + 1);
        vm.prank(STRANGER);
        returnBond(5);
        eq(address(demander).balance, BOND, "through its own code, with all the gas that it takes");
    }

    // ------------------------------------------------------------------------------------------------ no coin, please

    /// @dev Tokens ask nobody: payees whose code takes nothing and burns everything are paid like others.
    function test_payees_of_any_code_are_paid_in_tokens() public {
        walletAt(payeeOf(1), address(new RefusingWallet(ALICE, BOB)));
        walletAt(payeeOf(2), address(new BurningWallet(ALICE, BOB)));
        walletAt(payeeOf(3), address(new ReenteringWallet(ALICE, BOB)));
        epochByWallets(1, listed(60, 40));
        IRevenueLedger.Receipt memory r = emptyReceipt(m, dataset, 0, 1);
        r.accounts = new IRevenueLedger.Account[](3);
        for (uint32 i = 0; i < 3; i++) {
            r.accounts[i] = accountOf(m, r, i + 1, payeeOf(i + 1), 100);
        }
        uint256 before = gasleft();
        eq(ledger.claim(m, alone(r)), 300, "all of them");
        yes(before - gasleft() < 400_000, "nobody's code was called");
        for (uint32 i = 1; i < 4; i++) {
            eq(token.balanceOf(payeeOf(i)), 100, "paid");
        }
    }

    /// @dev Bonds of wallets that can't take them wait; nothing and nobody else does.
    function test_bonds_that_cannot_be_returned_jam_nothing() public {
        epochByWallets(1, listed(60, 40));
        Wallet refuser = new RefusingWallet(ALICE, BOB);
        Wallet burner = new BurningWallet(ALICE, BOB);
        demandBy(refuser, 5);
        demandBy(burner, 6);
        demandBy(demander, 7);
        pass(DEMAND_WINDOW + 1);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.TransferFailed.selector, address(refuser)));
        returnBond(5);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.TransferFailed.selector, address(burner)));
        ledger.returnBond{gas: 1_000_000}(m, dataset, 0, 6);
        returnBond(7);
        eq(address(demander).balance, BOND, "the third one's");
        // Answers close all three, in one transaction and without calling any of them; the model goes on.
        IRevenueLedger.Receipt memory r = emptyReceipt(m, dataset, 0, 1);
        r.accounts = new IRevenueLedger.Account[](3);
        for (uint32 i = 0; i < 3; i++) {
            r.accounts[i] = accountOf(m, r, i + 5, payeeOf(i + 5), 100);
        }
        ledger.answer(m, alone(r));
        eq(demandsOf(m).length, 0, "answered");
        eq(ledger.credit(address(0), address(refuser)), BOND, "credited");
        eq(ledger.credit(address(0), address(burner)), BOND, "credited too");
        eq(ledger.credit(address(0), address(demander)), 0, "has it");
        epochByWallets(2, listed(60, 40));
        // They say where it goes: somebody who takes it.
        by(refuser, abi.encodeCall(IRevenueLedger.setRecipient, (STRANGER)));
        by(burner, abi.encodeCall(IRevenueLedger.setRecipient, (PAYER)));
        ledger.withdraw(address(0), address(refuser));
        ledger.withdraw(address(0), address(burner));
        eq(STRANGER.balance, BOND, "withdrawn");
        eq(PAYER.balance, BOND, "withdrawn too");
        eq(address(ledger).balance, 0, "nothing is left");
    }

    /// @dev Without any answer, for ever, a bond goes to its sender's recipient as well.
    function test_a_bond_goes_back_to_its_senders_recipient() public {
        epochByWallets(1, listed(60, 40));
        Wallet refuser = new RefusingWallet(ALICE, BOB);
        demandBy(refuser, 5);
        pass(DEMAND_WINDOW + EXIT_WINDOW + 1);
        ledger.dissolve(m);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.TransferFailed.selector, address(refuser)));
        returnBond(5);
        // What others are due does not wait for it.
        eq(ledger.claim(m, opened(6)), 100, "a claim");
        ledger.withdrawShare(m, epochs(1), 0);
        by(refuser, abi.encodeCall(IRevenueLedger.setRecipient, (STRANGER)));
        returnBond(5);
        eq(STRANGER.balance, BOND, "its recipient");
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.BondAlreadyReturned.selector, dataset, 0, 5));
        returnBond(5);
    }

    /// @dev Who can't take the bond can't answer; anybody else can, and the payee is paid in any case.
    function test_an_answer_by_a_wallet_that_takes_no_coin() public {
        epochByWallets(1, listed(60, 40));
        demandBy(demander, 5);
        Wallet[2] memory all = [Wallet(new RefusingWallet(ALICE, BOB)), Wallet(new BurningWallet(ALICE, BOB))];
        bytes memory answer = abi.encodeCall(IRevenueLedger.answer, (m, opened(5)));
        for (uint256 i = 0; i < 2; i++) {
            vm.prank(ALICE);
            all[i].confirm(address(ledger), 0, answer);
            vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.TransferFailed.selector, address(all[i])));
            vm.prank(BOB);
            all[i].confirm{gas: 2_000_000}(address(ledger), 0, answer);
            eq(ledger.claimed(m, dataset, 0, 5), 0, "as if nothing had happened");
            eq(demandsOf(m).length, 1, "still open");
        }
        by(payer, answer);
        eq(address(payer).balance, BOND, "the bond");
        eq(token.balanceOf(payeeOf(5)), 100, "the payee");
    }

    /// @dev A wallet that calls back when it is paid gets one bond once.
    function test_a_wallet_that_calls_back_gets_nowhere() public {
        epochByWallets(1, listed(60, 40));
        ReenteringWallet w = new ReenteringWallet(ALICE, BOB);
        demandBy(w, 5);
        demandBy(demander, 6);
        pass(DEMAND_WINDOW + 1);
        bytes[3] memory calls = [
            abi.encodeCall(IRevenueLedger.returnBond, (m, dataset, 0, 5)),
            abi.encodeCall(IRevenueLedger.returnBond, (m, dataset, 0, 6)),
            abi.encodeCall(IRevenueLedger.claim, (m, opened(7)))
        ];
        uint256 snapshot = vm.snapshotState();
        for (uint256 i = 0; i < calls.length; i++) {
            vm.revertToState(snapshot);
            w.callBack(address(ledger), calls[i]);
            returnBond(5);
            yes(w.called() && !w.succeeded(), "called back, in vain");
            eq(address(w).balance, BOND, "one bond");
            eq(address(ledger).balance, BOND, "the other one's");
        }
    }
}
