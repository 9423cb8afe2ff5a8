// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {IDatasetRegistry} from "../src/interfaces/IDatasetRegistry.sol";
import {IRevenueLedger} from "../src/interfaces/IRevenueLedger.sol";
import {LedgerFixture} from "./utils/LedgerFixture.sol";

/// @notice From events all epochs' commitments, attempts and columns can be rebuilt: every event, whole.
contract LedgerEventsTest is LedgerFixture {
    function expect(address emitter) private {
        vm.expectEmit(true, true, true, true, emitter);
    }

    function test_set_up_and_changes() public {
        bytes32 id = ledger.computeModelId(DEVELOPER, "m");
        expect(address(ledger));
        emit IRevenueLedger.ModelCreated(id, DEVELOPER, terms("m", address(token)), policy());
        createModel("m", address(token));
        expect(address(ledger));
        emit IRevenueLedger.DatasetEnrolled(id, dataset, 0, 100);
        vm.prank(DEVELOPER);
        ledger.enroll(id, dataset, 0);
        expect(address(ledger));
        emit IRevenueLedger.EpochOpened(id, 1, 1, ATTRIBUTOR, 1_000);
        open(id);
        uint256 from = block.timestamp + NOTICE_WINDOW;
        vm.startPrank(DEVELOPER);
        expect(address(ledger));
        emit IRevenueLedger.PolicyAnnounced(id, 2, from, policy());
        ledger.announcePolicy(id, policy());
        expect(address(ledger));
        emit IRevenueLedger.AttributorAnnounced(id, STRANGER, from);
        ledger.announceAttributor(id, STRANGER);
        expect(address(ledger));
        emit IRevenueLedger.RetirementAnnounced(id, dataset, from);
        ledger.announceRetirement(id, dataset);
        expect(address(ledger));
        emit IRevenueLedger.RoleOffered(id, "developer", DEVELOPER, DEVELOPER);
        ledger.offerDeveloper(id, DEVELOPER);
        expect(address(ledger));
        emit IRevenueLedger.RoleTransferred(id, "developer", DEVELOPER, DEVELOPER);
        ledger.acceptDeveloper(id);
        vm.stopPrank();
        vm.startPrank(ATTRIBUTOR);
        expect(address(ledger));
        emit IRevenueLedger.RoleOffered(id, "attributor", ATTRIBUTOR, ATTRIBUTOR);
        ledger.offerAttributor(id, ATTRIBUTOR);
        expect(address(ledger));
        emit IRevenueLedger.RoleTransferred(id, "attributor", ATTRIBUTOR, ATTRIBUTOR);
        ledger.acceptAttributor(id);
        expect(address(ledger));
        emit IRevenueLedger.RecipientSet(ATTRIBUTOR, STRANGER);
        ledger.setRecipient(STRANGER);
        vm.stopPrank();
    }

    function test_an_epoch() public {
        open(model);
        token.mint(PAYER, 10_001);
        vm.startPrank(PAYER);
        token.approve(address(ledger), 10_001);
        expect(address(ledger));
        emit IRevenueLedger.RevenueDeposited(model, 1, PAYER, 10_001, 10_001);
        expect(address(ledger));
        emit IRevenueLedger.PoolReached(model, 1);
        ledger.deposit(model, 1, 10_001, 1, ATTRIBUTOR);
        vm.stopPrank();
        Listed[] memory l = listed(61, 40);
        bytes32 root = scoreRoot(model, 1, l);
        expect(address(ledger));
        emit IRevenueLedger.ScoresCommitted(model, 1, 0, root, 101, 2);
        vm.prank(ATTRIBUTOR);
        ledger.commitScores(model, 1, root, 101, 2);
        nextBlock();
        expect(address(ledger));
        emit IRevenueLedger.EpochClosed(model, 1, root, 10_001, 0, 6_001);
        expect(address(ledger));
        emit IRevenueLedger.EpochOpened(model, 2, 1, ATTRIBUTOR, 1_000);
        close(model);
        pass(SETTLE_WINDOW + 1);
        expect(address(ledger));
        emit IRevenueLedger.ScoresCommitted(model, 1, 1, root, 101, 2);
        vm.prank(ATTRIBUTOR);
        ledger.commitScores(model, 1, root, 101, 2);
        nextBlock();
        IRevenueLedger.Move[] memory all = moves(model, 1, l);
        uint256[2] memory p = point(balanceScalar(model, dataset, 0, 1, 1));
        uint256[2] memory q = point(balanceScalar(model, dataset, 1, 1, 1));
        expect(address(ledger));
        emit IRevenueLedger.SegmentMoved(model, 1, dataset, 0, 1, 62, 61, 3_624, p[0], p[1]);
        expect(address(ledger));
        emit IRevenueLedger.SegmentMoved(model, 1, dataset, 1, 1, 38, 40, 2_376, q[0], q[1]);
        expect(address(ledger));
        emit IRevenueLedger.EpochFinal(model, 1, 1, 6_000, 1);
        ledger.settle(model, 1, all);
    }

    function test_pay_out_and_stalls() public {
        finalise(10_000, 60, 40);
        IRevenueLedger.Receipt memory r = receiptOf(model, dataset, 0, 1, 5, payeeOf(5), 100);
        expect(address(ledger));
        emit IRevenueLedger.Claimed(model, dataset, payeeOf(5), 0, 5, 100, 100);
        expect(address(ledger));
        emit IRevenueLedger.Paid(address(token), payeeOf(5), payeeOf(5), 100);
        ledger.claim(model, alone(r));
        expect(address(ledger));
        emit IRevenueLedger.ShareWithdrawn(model, 1, BENEFICIARY, 2_001);
        expect(address(ledger));
        emit IRevenueLedger.Paid(address(token), BENEFICIARY, BENEFICIARY, 2_001);
        ledger.withdrawShare(model, epochs(1), 0);
        vm.prank(payeeOf(6));
        ledger.setRecipient(address(token));
        r = receiptOf(model, dataset, 0, 1, 6, payeeOf(6), 70);
        expect(address(ledger));
        emit IRevenueLedger.Credited(address(token), payeeOf(6), 70);
        ledger.claim(model, alone(r));

        IRevenueLedger.RecordPath memory path = recordPath(0, 100, 5);
        vm.deal(STRANGER, BOND);
        expect(address(ledger));
        emit IRevenueLedger.Demanded(model, dataset, 0, 5, 1, block.timestamp + DEMAND_WINDOW, STRANGER);
        vm.prank(STRANGER);
        ledger.demand{value: BOND}(model, dataset, 0, path);
        pass(DEMAND_WINDOW + 1);
        expect(address(ledger));
        emit IRevenueLedger.BondReturned(model, dataset, 0, 5);
        ledger.returnBond(model, dataset, 0, 5);
        r = receiptOf(model, dataset, 0, 1, 5, payeeOf(5), 100);
        expect(address(ledger));
        emit IRevenueLedger.Answered(model, dataset, 0, 5, PAYER);
        vm.prank(PAYER);
        ledger.answer(model, alone(r));

        deposit(model, 10_000);
        pass(EXIT_WINDOW + 1);
        expect(address(ledger));
        emit IRevenueLedger.Dissolved(model, 1, 10_000);
        ledger.dissolve(model);
        IRevenueLedger.Exit memory x;
        showScore(x, model, 1, listed(60, 40), 0);
        x.records = new IRevenueLedger.RecordPath[](1);
        x.records[0] = path;
        expect(address(ledger));
        emit IRevenueLedger.Exited(model, dataset, payeeOf(5), 0, 5, 96);
        ledger.exit(model, alone(x));
    }

    function test_an_attributor_is_replaced() public {
        deposit(model, 10_000);
        pass(OPEN_WINDOW + 1);
        vm.startPrank(DEVELOPER);
        ledger.announceAttributor(model, STRANGER);
        pass(NOTICE_WINDOW);
        expect(address(ledger));
        emit IRevenueLedger.AttributorReplaced(model, 1, ATTRIBUTOR, STRANGER);
        ledger.replaceAttributor(model, 1);
        vm.stopPrank();
    }

    function test_the_registry() public {
        (uint256[] memory roots, IDatasetRegistry.Extension memory x, uint256[] memory count) = extensionOf(100, 110);
        vm.startPrank(OWNER);
        expect(address(registry));
        emit IDatasetRegistry.DatasetExtended(dataset, 1, 110, 1, roots);
        registry.extend(dataset, 0, 110, roots, x, count);
        IDatasetRegistry.PayeesProof[] memory proofs = new IDatasetRegistry.PayeesProof[](1);
        vm.stopPrank();
        proofs[0] = treeProof(dataset, 1, 9);
        uint256[2] memory p = point(9);
        vm.startPrank(OWNER);
        expect(address(registry));
        emit IDatasetRegistry.PayeesProven(dataset, 1, 1, p[0], p[1]);
        registry.provePayees(dataset, proofs);
        expect(address(registry));
        emit IDatasetRegistry.OwnershipOffered(dataset, OWNER, STRANGER);
        registry.offerOwnership(dataset, STRANGER);
        vm.stopPrank();
        expect(address(registry));
        emit IDatasetRegistry.OwnershipTransferred(dataset, OWNER, STRANGER);
        vm.prank(STRANGER);
        registry.acceptOwnership(dataset);
    }
}
