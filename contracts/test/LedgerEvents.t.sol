// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {RevenueLedger} from "../src/RevenueLedger.sol";
import {IDatasetRegistry} from "../src/interfaces/IDatasetRegistry.sol";
import {IRevenueLedger} from "../src/interfaces/IRevenueLedger.sol";
import {LedgerFixture} from "./utils/LedgerFixture.sol";
import {TestTree} from "./utils/TestTree.sol";

/// @notice An indexer can rebuild everything from events alone: each says what happened, of which model and epoch.
contract LedgerEventsTest is LedgerFixture {
    using TestTree for TestTree.Tree;

    address private constant ALICE = address(0xA11CE);
    TestTree.Tree private tree;

    function expect() private {
        vm.expectEmit(true, true, true, true, address(ledger));
    }

    function test_deployment_registration_and_creation() public {
        IRevenueLedger.TierVerifiers[] memory list = new IRevenueLedger.TierVerifiers[](1);
        list[0] = IRevenueLedger.TierVerifiers(3, address(split3), address(tree3));
        bytes32 circuit = split3.circuitDigest();
        bytes32 treeCircuit = tree3.circuitDigest();
        vm.expectEmit(true, true, true, true);
        emit IRevenueLedger.VerifiersFixed(3, address(split3), circuit, address(tree3), treeCircuit);
        new RevenueLedger(address(registry), list);

        uint256[] memory roots = new uint256[](1);
        roots[0] = 9;
        bytes32 id = registry.computeId(OWNER, dataset, 5, 7, roots, "u");
        vm.expectEmit(true, true, true, true, address(registry));
        emit IDatasetRegistry.DatasetRegistered(id, OWNER, dataset, 5, 7, roots, "u");
        vm.prank(OWNER);
        registry.register(dataset, 5, 7, roots, "u");

        bytes32 m = ledger.computeModelId(DEVELOPER, "new");
        expect();
        emit IRevenueLedger.ModelCreated(m, DEVELOPER, ATTRIBUTOR, terms("new", address(token)));
        vm.prank(DEVELOPER);
        ledger.createModel(terms("new", address(token)));
    }

    function test_enrolment() public {
        enrollSegment(model, dataset, 1, 5);
        bytes memory proof = enrollProof(model, dataset, 0, 6);
        (uint256 x, uint256 y) = point(6);
        expect();
        emit IRevenueLedger.SegmentEnrolled(model, dataset, 0, 0, x, y);
        expect();
        emit IRevenueLedger.DatasetEnrolled(model, dataset, 3, 0, 2);
        vm.prank(DEVELOPER);
        ledger.enroll(model, dataset, 0, proof);

        proof = enrollProof(model, dataset, 1, 7);
        (x, y) = point(7);
        expect();
        emit IRevenueLedger.SegmentEnrolled(model, dataset, 1, 1, x, y);
        vm.prank(DEVELOPER);
        ledger.enroll(model, dataset, 1, proof);
    }

    function test_an_epoch() public {
        enroll(model, dataset);
        token.mint(PAYER, 1_000);
        vm.startPrank(PAYER);
        token.approve(address(ledger), 1_000);
        expect();
        emit IRevenueLedger.RevenueDeposited(model, 1, PAYER, 900, 900);
        ledger.deposit(model, 900);
        vm.stopPrank();

        uint256[2][] memory points = scorePoints(model, 1, 2);
        expect();
        emit IRevenueLedger.ScoresCommitted(model, 1, 100, points);
        vm.prank(ATTRIBUTOR);
        ledger.commitScores(model, 1, 100, points);

        expect();
        emit IRevenueLedger.ShareCredited(model, 1, BENEFICIARY, 180);
        expect();
        emit IRevenueLedger.ShareCredited(model, 1, BENEFICIARY_2, 179);
        expect();
        emit IRevenueLedger.EpochClosed(model, 1, 900, 0, 541, block.timestamp + SETTLE_WINDOW);
        close(model);

        vm.startPrank(PAYER);
        expect();
        emit IRevenueLedger.RevenueDeposited(model, 2, PAYER, 100, 100);
        ledger.deposit(model, 100);
        vm.stopPrank();

        bytes memory proof = splitProof(model, dataset, 0, 60, 324);
        (uint256 x, uint256 y) = point(balanceScalar(dataset, 0, 1));
        expect();
        emit IRevenueLedger.SegmentSettled(model, 1, dataset, 0, 60, 324, x, y);
        vm.prank(DEVELOPER);
        ledger.settle(model, 1, dataset, 0, 60, 324, proof);
        proof = splitProof(model, dataset, 1, 40, 216);
        expect();
        emit IRevenueLedger.EpochFinal(model, 1, 540, 1);
        vm.prank(DEVELOPER);
        ledger.settle(model, 1, dataset, 1, 40, 216, proof);
    }

    function test_paying_out() public {
        enroll(model, dataset);
        finaliseEpoch();
        tree.set(4, ALICE, 300, 1);
        tree.build();
        uint256 root = tree.root();
        bytes memory proof = publishProof(model, dataset, 0, root);
        expect();
        emit IRevenueLedger.AccountsPublished(model, dataset, 0, 1, root);
        vm.prank(DEVELOPER);
        ledger.publish(model, dataset, 0, root, proof);
        expect();
        emit IRevenueLedger.Claimed(model, dataset, ALICE, 0, 4, 300, 300);
        ledger.claim(model, dataset, 0, 4, ALICE, 300, 1, tree.path(4));
        expect();
        emit IRevenueLedger.Withdrawn(model, BENEFICIARY, 200);
        ledger.withdraw(model, BENEFICIARY);
    }

    function test_carrying_names_its_reason() public {
        enroll(model, dataset);
        deposit(model, 1_000);
        vm.warp(block.timestamp + OPEN_WINDOW + 1);
        expect();
        emit IRevenueLedger.EpochCarried(model, 1, 601, IRevenueLedger.CarryReason.NoScores);
        ledger.closeEpoch(model, 1);
        deposit(model, 10);
        commitScores(model, 0);
        expect();
        emit IRevenueLedger.EpochCarried(model, 2, 608, IRevenueLedger.CarryReason.ZeroScores);
        close(model);
        commitScores(model, 1);
        close(model);
        vm.warp(block.timestamp + SETTLE_WINDOW + 1);
        expect();
        emit IRevenueLedger.EpochCarried(model, 3, 608, IRevenueLedger.CarryReason.NotSettled);
        ledger.abandonEpoch(model, 3);
    }
}
