// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {DatasetRegistry} from "../src/DatasetRegistry.sol";
import {IDatasetRegistry} from "../src/interfaces/IDatasetRegistry.sol";
import {IOpeningVerifier} from "../src/interfaces/IOpeningVerifier.sol";
import {Statement} from "../src/libraries/Statement.sol";
import {VerifierCall} from "../src/libraries/VerifierCall.sol";
import {MockOpeningVerifier, MockVerifier} from "./mocks/MockVerifiers.sol";
import {LedgerFixture} from "./utils/LedgerFixture.sol";
import {TestTree} from "./utils/TestTree.sol";

contract DatasetRegistryTest is LedgerFixture {
    using TestTree for TestTree.Tree;

    // ------------------------------------------------------------------------------------------------ deployment

    function deploy(address openings_, uint32 slots, address verifier) private {
        IDatasetRegistry.TreeVerifier[] memory all = new IDatasetRegistry.TreeVerifier[](1);
        all[0] = IDatasetRegistry.TreeVerifier(slots, verifier);
        new DatasetRegistry(openings_, all);
    }

    function test_verifiers_are_checked_at_deployment() public {
        address[3] memory empty = [address(0), STRANGER, address(4)];
        for (uint256 i = 0; i < empty.length; i++) {
            vm.expectRevert(abi.encodeWithSelector(VerifierCall.VerifierWithoutCode.selector, empty[i]));
            deploy(empty[i], 64, address(tree64));
            vm.expectRevert(abi.encodeWithSelector(VerifierCall.VerifierWithoutCode.selector, empty[i]));
            deploy(address(openings), 64, empty[i]);
        }
        address[3] memory wrong = [address(split64), address(tree1024), address(0)];
        wrong[2] = address(new MockVerifier(Statement.RELATION_TREE, 64, 3, SETUP));
        for (uint256 i = 0; i < wrong.length; i++) {
            vm.expectRevert(abi.encodeWithSelector(VerifierCall.VerifierMismatch.selector, wrong[i]));
            deploy(address(openings), 64, wrong[i]);
        }
        MockOpeningVerifier other = new MockOpeningVerifier("another setup");
        vm.expectRevert(abi.encodeWithSelector(VerifierCall.VerifierMismatch.selector, address(tree64)));
        deploy(address(other), 64, address(tree64));
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.InvalidSlots.selector, 256));
        deploy(address(openings), 256, address(tree64));
        IDatasetRegistry.TreeVerifier[] memory twice = new IDatasetRegistry.TreeVerifier[](2);
        twice[0] = IDatasetRegistry.TreeVerifier(64, address(tree64));
        twice[1] = twice[0];
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.InvalidSlots.selector, 64));
        new DatasetRegistry(address(openings), twice);
    }

    function test_what_was_deployed_can_be_read() public view {
        eq(registry.openingVerifier(), address(openings), "openings");
        eq(registry.treeVerifier(64), address(tree64), "64");
        eq(registry.treeVerifier(16_384), address(0), "16,384");
        yes(registry.recordTree().code.length <= 24_576, "record tree fits");
        eq(registry.version(), "apportion.registry.v2", "version");
    }

    // ------------------------------------------------------------------------------------------------ register

    function shape(uint256 records) private pure returns (uint256[] memory roots, uint256[] memory count) {
        uint256 segments = (records + 61) / 62;
        roots = new uint256[](segments);
        TestTree.Tree memory t;
        for (uint256 i = 0; i < segments; i++) {
            t = treeOf(i, records);
            roots[i] = t.root();
        }
        count = t.siblings(records - 62 * (segments - 1), false);
    }

    function test_a_registered_dataset_can_be_read() public {
        (uint256[] memory roots, uint256[] memory count) = shape(63);
        vm.prank(OWNER);
        bytes32 d = registry.register(64, 63, roots, count, "ipfs://x");
        bytes32 expected = keccak256(
            abi.encode(
                keccak256("apportion.dataset.v1"),
                block.chainid,
                address(registry),
                OWNER,
                keccak256("ipfs://x"),
                uint256(64),
                uint256(63),
                keccak256(abi.encodePacked(roots))
            )
        );
        eq(d, expected, "id");
        eq(d, registry.computeId(OWNER, "ipfs://x", 64, 63, roots), "computeId");
        IDatasetRegistry.Dataset memory now_ = registry.dataset(d);
        eq(now_.owner, OWNER, "owner");
        eq(now_.slots, 64, "slots");
        eq(now_.revision, 0, "revision");
        eq(now_.segments, 2, "segments");
        eq(now_.records, 63, "records");
        (uint64 records, uint64 at) = registry.revisionOf(d, 0);
        eq(records, 63, "records of revision 0");
        eq(at, block.number, "block of revision 0");
        eq(registry.recordsOf(d, 0, 0), 62, "first segment");
        eq(registry.recordsOf(d, 0, 1), 1, "second segment");
        eq(registry.recordsOf(d, 0, 2), 0, "none behind");
        (uint256 root, uint32 revision) = registry.segmentOf(d, 1);
        eq(root, roots[1], "root");
        eq(revision, 0, "revision of the segment");
        eq(registry.provenRecords(d, 0), 0, "nothing proven");
    }

    function refused(uint32 slots, uint64 records, uint256[] memory roots, uint256[] memory count, bytes memory reason)
        private
    {
        vm.expectRevert(reason);
        vm.prank(OWNER);
        registry.register(slots, records, roots, count, "");
    }

    function test_what_cannot_be_registered() public {
        (uint256[] memory roots, uint256[] memory count) = shape(63);
        refused(63, 63, roots, count, abi.encodeWithSelector(IDatasetRegistry.UnsupportedSlots.selector, 63));
        refused(16_384, 63, roots, count, abi.encodeWithSelector(IDatasetRegistry.UnsupportedSlots.selector, 16_384));
        refused(64, 0, roots, count, abi.encodeWithSelector(IDatasetRegistry.InvalidRecords.selector, 0));
        uint64 many = 2 ** 40;
        refused(64, many, roots, count, abi.encodeWithSelector(IDatasetRegistry.InvalidRecords.selector, many));
        refused(64, 62, roots, count, abi.encodeWithSelector(IDatasetRegistry.WrongRootCount.selector, 1, 2));
        refused(64, 125, roots, count, abi.encodeWithSelector(IDatasetRegistry.WrongRootCount.selector, 3, 2));
        uint256 kept = roots[0];
        for (uint256 i = 0; i < 2; i++) {
            roots[0] = i == 0 ? 0 : R;
            refused(64, 63, roots, count, abi.encodeWithSelector(IDatasetRegistry.InvalidRoot.selector, 0, roots[0]));
        }
        roots[0] = kept;
        // The path of slot 1 shows one record in the last segment; it has to have its exact length, and to lead there.
        uint256[] memory none = new uint256[](0);
        refused(64, 63, roots, none, abi.encodeWithSelector(IDatasetRegistry.WrongPathLength.selector, 1, 0));
        count[0]++;
        refused(64, 63, roots, count, abi.encodeWithSelector(IDatasetRegistry.CountNotShown.selector, 1, 1));
        count[0]--;
        // Fewer than there are.
        (uint256[] memory more,) = shape(64);
        refused(64, 63, more, count, abi.encodeWithSelector(IDatasetRegistry.CountNotShown.selector, 1, 1));
        vm.prank(OWNER);
        bytes32 d = registry.register(64, 63, roots, count, "");
        refused(64, 63, roots, count, abi.encodeWithSelector(IDatasetRegistry.AlreadyRegistered.selector, d));
    }

    // ------------------------------------------------------------------------------------------------ extend

    /// @dev Every root that a segment has or had, with its records then.
    function checkRoots(bytes32 d, uint256 before, uint256 more) private view {
        uint256 last = (before - 1) / 62;
        uint256 root;
        for (uint256 i = 0; i <= last; i++) {
            root = treeOf(i, before).root();
            eq(registry.recordsUnder(d, i, root), registry.recordsOf(d, 0, i), "records under the old root");
        }
        for (uint256 i = 0; i <= (more - 1) / 62; i++) {
            root = treeOf(i, more).root();
            eq(registry.recordsUnder(d, i, root), registry.recordsOf(d, 1, i), "records under the new root");
            eq(registry.recordsUnder(d, i + 1, root), 0, "no other segment's");
        }
        eq(registry.recordsUnder(d, last, 0), 0, "0 is no root");
        eq(registry.recordsUnder("x", 0, root), 0, "no dataset");
    }

    function testFuzz_extensions(uint256 before, uint256 more) public {
        before = 1 + before % 130;
        more = before + 1 + more % 130;
        bytes32 d = register(before);
        uint256 last = (before - 1) / 62;
        (uint256 kept,) = registry.segmentOf(d, 0);
        extend(d, more);
        IDatasetRegistry.Dataset memory now_ = registry.dataset(d);
        eq(now_.revision, 1, "revision");
        eq(now_.records, more, "records");
        eq(now_.segments, (more + 61) / 62, "segments");
        (uint64 records,) = registry.revisionOf(d, 0);
        eq(records, before, "what was");
        (uint256 root, uint32 revision) = registry.segmentOf(d, 0);
        if (before >= 62) {
            eq(root, kept, "a full segment keeps its root");
            eq(revision, 0, "and its revision");
        }
        uint256 at = before % 62 == 0 ? last + 1 : last;
        (root, revision) = registry.segmentOf(d, at);
        eq(revision, 1, "what changed");
        eq(root, treeOf(at, more).root(), "to the new root");
        eq(registry.recordsOf(d, 0, last), before - 62 * last, "records of the old revision");
        checkRoots(d, before, more);
    }

    /// @dev An empty leaf leaves the root as it was: records without payee count, and the root's are those of the newest revision.
    function test_a_root_that_stays_has_the_records_of_now() public {
        uint256[] memory leaves = new uint256[](3);
        uint256[] memory grown = new uint256[](6);
        for (uint256 i = 0; i < 3; i++) {
            (leaves[i], grown[i]) = (TestTree.leaf(payeeOf(i), contentOf(i)), TestTree.leaf(payeeOf(i), contentOf(i)));
        }
        TestTree.Tree memory t = TestTree.build(64, leaves);
        uint256[] memory roots = new uint256[](1);
        roots[0] = t.root();
        vm.startPrank(OWNER);
        bytes32 d = registry.register(64, 3, roots, t.siblings(3, false), "sparse");
        IDatasetRegistry.Extension memory x;
        (x.left, x.leaf, x.right) = (t.siblings(3, false), t.levels[0][3], t.siblings(3, true));
        registry.extend(d, 0, 5, roots, x, t.siblings(5, false));
        uint256 before = roots[0];
        eq(registry.recordsUnder(d, 0, before), 5, "of now");
        (grown[3], grown[4], grown[5]) = (x.leaf, x.leaf, TestTree.leaf(payeeOf(5), contentOf(5)));
        t = TestTree.build(64, grown);
        (x.left, x.leaf, x.right) = (t.siblings(5, false), grown[5], t.siblings(5, true));
        roots[0] = t.root();
        registry.extend(d, 1, 6, roots, x, t.siblings(6, false));
        vm.stopPrank();
        eq(registry.recordsUnder(d, 0, before), 5, "of then");
        eq(registry.recordsUnder(d, 0, roots[0]), 6, "of now");
    }

    function test_what_is_no_extension() public {
        (uint256[] memory roots, IDatasetRegistry.Extension memory x, uint256[] memory count) = extensionOf(100, 110);
        vm.startPrank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.WrongRevision.selector, 0, 1));
        registry.extend(dataset, 1, 110, roots, x, count);
        for (uint64 records = 99; records < 101; records++) {
            vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.NothingAppended.selector, records));
            registry.extend(dataset, 0, records, roots, x, count);
        }
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.WrongRootCount.selector, 1, 0));
        registry.extend(dataset, 0, 110, new uint256[](0), x, count);
        x.left[0]++;
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.ExtensionNotShown.selector, 1, 38));
        registry.extend(dataset, 0, 110, roots, x, count);
        x.left[0]--;
        x.right[0]++;
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.ExtensionNotShown.selector, 1, 38));
        registry.extend(dataset, 0, 110, roots, x, count);
        x.right[0]--;
        x.leaf++;
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.ExtensionNotShown.selector, 1, 38));
        registry.extend(dataset, 0, 110, roots, x, count);
        x.leaf--;
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.CountNotShown.selector, 1, 49));
        registry.extend(dataset, 0, 111, roots, x, treeOf(1, 112).siblings(49, false));
        registry.extend(dataset, 0, 110, roots, x, count);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.WrongRevision.selector, 1, 0));
        registry.extend(dataset, 0, 110, roots, x, count);
        vm.stopPrank();
    }

    /// @dev Records that were there are neither moved nor changed, whatever the roots: here record 99 has another payee.
    function test_an_extension_changes_no_record() public {
        (uint256[] memory roots, IDatasetRegistry.Extension memory x,) = extensionOf(100, 110);
        uint256[] memory leaves = new uint256[](48);
        for (uint256 i = 0; i < 48; i++) {
            leaves[i] = TestTree.leaf(i == 37 ? STRANGER : payeeOf(62 + i), contentOf(62 + i));
        }
        TestTree.Tree memory t = TestTree.build(64, leaves);
        (roots[0], x.left, x.leaf, x.right) = (t.root(), t.siblings(38, false), leaves[38], t.siblings(38, true));
        uint256[] memory count = t.siblings(48, false);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.ExtensionNotShown.selector, 1, 38));
        vm.prank(OWNER);
        registry.extend(dataset, 0, 110, roots, x, count);
    }

    function test_a_full_segment_has_nothing_to_show() public {
        bytes32 d = register(62);
        (uint256[] memory roots, IDatasetRegistry.Extension memory x, uint256[] memory count) = extensionOf(62, 70);
        vm.startPrank(OWNER);
        x.leaf = 1;
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.WrongPathLength.selector, 0, 0));
        registry.extend(d, 0, 70, roots, x, count);
        x.leaf = 0;
        x.left = new uint256[](1);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.WrongPathLength.selector, 0, 1));
        registry.extend(d, 0, 70, roots, x, count);
        x.left = new uint256[](0);
        registry.extend(d, 0, 70, roots, x, count);
        vm.stopPrank();
        eq(registry.dataset(d).segments, 2, "a new segment");
    }

    // ------------------------------------------------------------------------------------------------ payee columns

    function test_columns_stay_valid_and_count_their_records() public {
        bytes32 column = digestOf(payeeScalar(dataset, 1));
        yes(registry.isPayeeColumn(dataset, 1, column), "proven");
        eq(registry.payeeColumnSlots(dataset, 1, column), 64, "slots");
        yes(!registry.isPayeeColumn(dataset, 0, column), "of its segment only");
        eq(registry.provenRecords(dataset, 1), 38, "records");
        extend(dataset, 110);
        eq(registry.provenRecords(dataset, 1), 38, "the new ones are not covered");
        IDatasetRegistry.SegmentState memory s = registry.segmentIn(dataset, 1, 1);
        eq(s.slots, 64, "slots");
        eq(s.records, 48, "records");
        eq(s.provenRecords, 38, "proven");
        eq(s.blockNumber, block.number - 1, "block");
        IDatasetRegistry.PayeesProof[] memory proofs = new IDatasetRegistry.PayeesProof[](1);
        proofs[0] = treeProof(dataset, 1, 99);
        vm.prank(OWNER);
        registry.provePayees(dataset, proofs);
        eq(registry.provenRecords(dataset, 1), 48, "now they are");
        yes(registry.isPayeeColumn(dataset, 1, digestOf(99)), "the new column");
        yes(registry.isPayeeColumn(dataset, 1, column), "and the old one");
    }

    function test_proofs_that_do_not_hold() public {
        IDatasetRegistry.PayeesProof[] memory proofs = new IDatasetRegistry.PayeesProof[](2);
        proofs[0] = treeProof(dataset, 0, 1);
        proofs[1] = treeProof(dataset, 1, 2);
        bytes memory good = proofs[1].proof;
        proofs[1].proof = "forged";
        bytes memory reason = abi.encodeWithSelector(MockVerifier.InvalidProof.selector);
        vm.startPrank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(VerifierCall.ProofRejected.selector, reason));
        registry.provePayees(dataset, proofs);
        // Of another segment.
        proofs[1].proof = proofs[0].proof;
        vm.expectRevert(abi.encodeWithSelector(VerifierCall.ProofRejected.selector, reason));
        registry.provePayees(dataset, proofs);
        // One pair of two does not hold.
        (uint256 root,) = registry.segmentOf(dataset, 1);
        uint256[] memory inputs = new uint256[](2);
        (inputs[0], inputs[1]) = (root, enrollContext(dataset, 1, 0));
        uint256[] memory words = linked(2, 3);
        words[7]++;
        tree64.accept("bad pair", inputs, words);
        proofs[1].proof = "bad pair";
        vm.expectRevert(IOpeningVerifier.Invalid.selector);
        registry.provePayees(dataset, proofs);
        proofs[1].proof = good;
        registry.provePayees(dataset, proofs);
        // The segment's revision is in the context: what was proven before an extension is not proven again.
        vm.stopPrank();
        extend(dataset, 110);
        vm.startPrank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(VerifierCall.ProofRejected.selector, reason));
        registry.provePayees(dataset, proofs);
        vm.expectRevert(IDatasetRegistry.NothingToProve.selector);
        registry.provePayees(dataset, new IDatasetRegistry.PayeesProof[](0));
        proofs[1].segment = 2;
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.UnknownSegment.selector, dataset, 2));
        registry.provePayees(dataset, proofs);
        vm.stopPrank();
    }

    // ------------------------------------------------------------------------------------------------ ownership, look-ups

    function test_only_the_owner_extends_proves_and_offers() public {
        (uint256[] memory roots, IDatasetRegistry.Extension memory x, uint256[] memory count) = extensionOf(100, 110);
        address[3] memory others = [DEVELOPER, ATTRIBUTOR, STRANGER];
        for (uint256 i = 0; i < others.length; i++) {
            bytes memory reason = abi.encodeWithSelector(IDatasetRegistry.NotOwner.selector, dataset, others[i]);
            vm.startPrank(others[i]);
            vm.expectRevert(reason);
            registry.extend(dataset, 0, 110, roots, x, count);
            vm.expectRevert(reason);
            registry.provePayees(dataset, new IDatasetRegistry.PayeesProof[](0));
            vm.expectRevert(reason);
            registry.offerOwnership(dataset, others[i]);
            vm.stopPrank();
        }
    }

    function test_ownership_is_handed_over_in_two_steps() public {
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.InvalidAccount.selector, address(registry)));
        registry.offerOwnership(dataset, address(registry));
        vm.prank(OWNER);
        registry.offerOwnership(dataset, STRANGER);
        eq(registry.offeredTo(dataset), STRANGER, "offered");
        eq(registry.dataset(dataset).owner, OWNER, "not yet");
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.NotOffered.selector, dataset, DEVELOPER));
        vm.prank(DEVELOPER);
        registry.acceptOwnership(dataset);
        vm.prank(STRANGER);
        registry.acceptOwnership(dataset);
        eq(registry.dataset(dataset).owner, STRANGER, "handed over");
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.NotOffered.selector, dataset, STRANGER));
        vm.prank(STRANGER);
        registry.acceptOwnership(dataset);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.NotOwner.selector, dataset, OWNER));
        vm.prank(OWNER);
        registry.offerOwnership(dataset, OWNER);
    }

    function test_what_is_not_there_is_named() public {
        bytes memory unknown = abi.encodeWithSelector(IDatasetRegistry.UnknownDataset.selector, bytes32("x"));
        vm.expectRevert(unknown);
        registry.dataset("x");
        vm.expectRevert(unknown);
        registry.revisionOf("x", 0);
        vm.expectRevert(unknown);
        registry.offerOwnership("x", STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.UnknownRevision.selector, dataset, 1));
        registry.revisionOf(dataset, 1);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.UnknownRevision.selector, dataset, 1));
        registry.recordsOf(dataset, 1, 0);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.UnknownRevision.selector, dataset, 1));
        registry.segmentIn(dataset, 1, 0);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.UnknownSegment.selector, dataset, 2));
        registry.segmentOf(dataset, 2);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.InvalidSlots.selector, 63));
        registry.recordRoot(63, 0, STRANGER, 0, new uint256[3][](3));
    }

    function test_a_records_path_leads_to_its_root() public view {
        (uint256 root,) = registry.segmentOf(dataset, 1);
        uint256[3][] memory path = treeOf(1, 100).path(5);
        eq(registry.recordRoot(64, 5, payeeOf(67), contentOf(67), path), root, "record 67");
    }
}
