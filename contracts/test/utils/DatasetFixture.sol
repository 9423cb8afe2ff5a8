// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {IDatasetRegistry} from "../../src/interfaces/IDatasetRegistry.sol";
import {IRevenueLedger} from "../../src/interfaces/IRevenueLedger.sol";
import {MockVerifier} from "../mocks/MockVerifiers.sol";
import {StatementFixture} from "./StatementFixture.sol";
import {TestTree} from "./TestTree.sol";

/// @notice What an owner does with datasets of 64 slots a segment. Their trees are real.
abstract contract DatasetFixture is StatementFixture {
    using TestTree for TestTree.Tree;

    function payeeOf(uint256 record) internal pure returns (address) {
        return address(uint160(0x100000 + record));
    }

    function contentOf(uint256 record) internal pure returns (bytes32) {
        return keccak256(abi.encode("content", record));
    }

    /// @dev The tree of a segment of 64 slots of a dataset with so many records in all.
    function treeOf(uint256 segment, uint256 records) internal pure returns (TestTree.Tree memory) {
        uint256 first = 62 * segment;
        uint256 count = records - first > 62 ? 62 : records - first;
        uint256[] memory leaves = new uint256[](count);
        for (uint256 i = 0; i < count; i++) {
            leaves[i] = TestTree.leaf(payeeOf(first + i), contentOf(first + i));
        }
        return TestTree.build(64, leaves);
    }

    function register(uint256 records) internal returns (bytes32) {
        uint256 segments = (records + 61) / 62;
        uint256[] memory roots = new uint256[](segments);
        TestTree.Tree memory t;
        for (uint256 i = 0; i < segments; i++) {
            t = treeOf(i, records);
            roots[i] = t.root();
        }
        uint256[] memory count = t.siblings(records - 62 * (segments - 1), false);
        string memory uri = string(abi.encodePacked("ipfs://", vm.toString(++serial)));
        vm.prank(OWNER);
        bytes32 d = registry.register(64, uint64(records), roots, count, uri);
        nextBlock();
        return d;
    }

    function extend(bytes32 d, uint256 records) internal {
        IDatasetRegistry.Dataset memory now_ = registry.dataset(d);
        (uint256[] memory roots, IDatasetRegistry.Extension memory extension, uint256[] memory count) =
            extensionOf(now_.records, records);
        vm.prank(OWNER);
        registry.extend(d, now_.revision, uint64(records), roots, extension, count);
        nextBlock();
    }

    function extensionOf(uint256 before, uint256 records)
        internal
        pure
        returns (uint256[] memory roots, IDatasetRegistry.Extension memory extension, uint256[] memory count)
    {
        uint256 last = (before - 1) / 62;
        bool full = before == 62 * (last + 1);
        uint256 first = full ? last + 1 : last;
        roots = new uint256[]((records + 61) / 62 - first);
        TestTree.Tree memory t;
        for (uint256 i = 0; i < roots.length; i++) {
            t = treeOf(first + i, records);
            roots[i] = t.root();
            if (i == 0 && !full) {
                uint256 slot = before - 62 * last;
                extension.left = t.siblings(slot, false);
                extension.leaf = t.levels[0][slot];
                extension.right = t.siblings(slot, true);
            }
        }
        count = t.siblings(records - 62 * (first + roots.length - 1), false);
    }

    function provePayees(bytes32 d) internal {
        uint256 segments = registry.dataset(d).segments;
        IDatasetRegistry.PayeesProof[] memory proofs = new IDatasetRegistry.PayeesProof[](segments);
        for (uint32 i = 0; i < segments; i++) {
            proofs[i] = treeProof(d, i, payeeScalar(d, i));
        }
        vm.prank(OWNER);
        registry.provePayees(d, proofs);
    }

    /// @param scalar The payee column's commitment is this multiple of the generator.
    function treeProof(bytes32 d, uint32 segment, uint256 scalar)
        internal
        returns (IDatasetRegistry.PayeesProof memory)
    {
        (uint256 root, uint32 revision) = registry.segmentOf(d, segment);
        uint256[] memory inputs = new uint256[](2);
        (inputs[0], inputs[1]) = (root, enrollContext(d, segment, revision));
        bytes memory proof = nextProof();
        MockVerifier verifier = registry.dataset(d).slots == 64 ? tree64 : tree1024;
        verifier.accept(proof, inputs, linked(scalar, 7_777));
        return IDatasetRegistry.PayeesProof(segment, proof);
    }

    function recordPath(uint256 segment, uint256 records, uint32 index)
        internal
        pure
        returns (IRevenueLedger.RecordPath memory)
    {
        uint256 record = 62 * segment + index;
        uint256[3][] memory path = treeOf(segment, records).path(index);
        return IRevenueLedger.RecordPath(index, payeeOf(record), contentOf(record), path);
    }
}
