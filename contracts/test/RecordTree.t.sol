// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {EmptySubtrees} from "../src/EmptySubtrees.sol";
import {RecordTree} from "../src/RecordTree.sol";
import {IDatasetRegistry} from "../src/interfaces/IDatasetRegistry.sol";
import {Base} from "./utils/Base.sol";
import {TestTree} from "./utils/TestTree.sol";

/// @notice Paths of records, counts and extensions against the vectors that the Rust code is held to.
contract RecordTreeTest is Base {
    using TestTree for TestTree.Tree;

    uint256 private constant R = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;
    RecordTree private tree;
    string private growth;
    string private trees;

    function setUp() public {
        tree = new RecordTree();
        growth = vm.readFile("../circuits/tests/vectors/growth.json");
        trees = vm.readFile("../circuits/tests/vectors/tree.json");
    }

    function at(string memory what, uint256 i, string memory rest) private pure returns (string memory) {
        return string(abi.encodePacked(".", what, "[", vm.toString(i), "].", rest));
    }

    function words(string memory json, string memory key) private pure returns (uint256[] memory out) {
        bytes32[] memory raw = vm.parseJsonBytes32Array(json, key);
        assembly ("memory-safe") {
            out := raw
        }
    }

    function word(string memory json, string memory key) private pure returns (uint256) {
        return uint256(vm.parseJsonBytes32(json, key));
    }

    function same(string memory a, string memory b) private pure returns (bool) {
        return keccak256(bytes(a)) == keccak256(bytes(b));
    }

    // ------------------------------------------------------------------------------------------------ vectors

    function test_empty_subtrees_are_those_of_the_vectors() public view {
        uint256[7] memory inner = EmptySubtrees.inner();
        uint256[7] memory edge = EmptySubtrees.edge();
        uint256 seen;
        for (uint256 i = 0; vm.keyExistsJson(growth, at("empty", i, "suite")); i++) {
            if (!same(vm.parseJsonString(growth, at("empty", i, "suite")), "bn254")) continue;
            uint256[] memory e = words(growth, at("empty", i, "inner"));
            for (uint256 l = 0; l < e.length; l++) {
                eq(inner[l], e[l], "inner");
            }
            uint256[] memory r = words(growth, at("empty", i, "edge"));
            for (uint256 l = 0; l < r.length && l < 7; l++) {
                eq(edge[l], r[l], "edge");
            }
            seen++;
        }
        eq(seen, 3, "tiers");
    }

    function test_counts_are_those_of_the_vectors() public view {
        uint256 seen;
        for (uint256 i = 0; vm.keyExistsJson(growth, at("counts", i, "suite")); i++) {
            if (!same(vm.parseJsonString(growth, at("counts", i, "suite")), "bn254")) continue;
            uint256 slots = vm.parseJsonUint(growth, at("counts", i, "tier"));
            uint256 n = vm.parseJsonUint(growth, at("counts", i, "records_by_rule"));
            uint256[] memory left = words(growth, at("counts", i, "left"));
            eq(tree.countRoot(slots, n, left), word(growth, at("counts", i, "root")), "root");
            seen++;
        }
        eq(seen, 16, "cases");
    }

    function test_extensions_are_those_of_the_vectors() public view {
        uint256 seen;
        for (uint256 i = 0; vm.keyExistsJson(growth, at("datasets", i, "suite")); i++) {
            if (!same(vm.parseJsonString(growth, at("datasets", i, "suite")), "bn254")) continue;
            for (uint256 r = 1; vm.keyExistsJson(growth, revision(i, r, "records")); r++) {
                if (!vm.keyExistsJson(growth, revision(i, r, "extension.leaf"))) continue;
                checkExtension(i, r);
                seen++;
            }
        }
        eq(seen, 8, "extensions");
    }

    function revision(uint256 i, uint256 r, string memory rest) private pure returns (string memory) {
        return at("datasets", i, string(abi.encodePacked("revisions[", vm.toString(r), "].", rest)));
    }

    function checkExtension(uint256 i, uint256 r) private view {
        uint256 slots = vm.parseJsonUint(growth, at("datasets", i, "tier"));
        uint256 segment = vm.parseJsonUint(growth, revision(i, r, "extension.segment"));
        (uint256 before, uint256 afterwards) = tree.extensionRoots(
            slots,
            vm.parseJsonUint(growth, revision(i, r, "extension.records")),
            words(growth, revision(i, r, "extension.left")),
            word(growth, revision(i, r, "extension.leaf")),
            words(growth, revision(i, r, "extension.right"))
        );
        eq(before, words(growth, revision(i, r - 1, "roots"))[segment], "before");
        eq(afterwards, words(growth, revision(i, r, "roots"))[segment], "afterwards");
    }

    function test_records_are_those_of_the_vectors() public view {
        string memory first = ".segments[0].";
        uint256 root = word(trees, ".segments[0].root");
        for (uint256 i = 0; i < 10; i++) {
            string memory record = string(abi.encodePacked(first, "records[", vm.toString(i), "]."));
            string memory path = string(abi.encodePacked(first, "paths[", vm.toString(i), "]."));
            address payee = vm.parseJsonAddress(trees, string(abi.encodePacked(record, "payee")));
            bytes32 content = vm.parseJsonBytes32(trees, string(abi.encodePacked(record, "content")));
            uint256[3][] memory siblings = new uint256[3][](3);
            for (uint256 l = 0; l < 3; l++) {
                uint256[] memory s = words(trees, string(abi.encodePacked(path, "siblings[", vm.toString(l), "]")));
                siblings[l] = [s[0], s[1], s[2]];
            }
            eq(tree.recordRoot(64, i, payee, content, siblings), root, "root");
            // Another place, payee or content is another root.
            yes(tree.recordRoot(64, i ^ 1, payee, content, siblings) != root, "place");
            yes(tree.recordRoot(64, i, address(uint160(payee) ^ 1), content, siblings) != root, "payee");
            yes(tree.recordRoot(64, i, payee, content ^ bytes32(uint256(1)), siblings) != root, "content");
            yes(tree.recordRoot(64, i, payee, content ^ bytes32(uint256(1) << 128), siblings) != root, "content, high");
        }
    }

    // ------------------------------------------------------------------------------------------------ refusals

    function leaves(uint256 n) private pure returns (uint256[] memory out) {
        out = new uint256[](n);
        for (uint256 i = 0; i < n; i++) {
            out[i] = 1 + i;
        }
    }

    function testFuzz_a_count_path_shows_an_upper_bound(uint256 n, uint256 other) public view {
        n %= 63;
        other %= 63;
        TestTree.Tree memory t = TestTree.build(64, leaves(n));
        uint256[] memory left = t.siblings(other, false);
        bool shown = tree.countRoot(64, other, left) == t.root();
        yes(shown == (other >= n), "an upper bound, and no other");
    }

    function testFuzz_extensions_keep_what_is_there(uint256 n, uint256 more) public view {
        n %= 62;
        more = n + 1 + more % (62 - n);
        TestTree.Tree memory t = TestTree.build(64, leaves(n));
        TestTree.Tree memory u = TestTree.build(64, leaves(more));
        (uint256 before, uint256 afterwards) =
            tree.extensionRoots(64, n, u.siblings(n, false), u.levels[0][n], u.siblings(n, true));
        eq(before, t.root(), "before");
        eq(afterwards, u.root(), "afterwards");
    }

    function test_slots_beyond_the_records_are_refused() public {
        TestTree.Tree memory t = TestTree.build(64, leaves(62));
        uint256[] memory none = new uint256[](0);
        uint256[3][] memory path = t.path(61);
        for (uint256 slot = 62; slot < 66; slot++) {
            vm.expectRevert(abi.encodeWithSelector(RecordTree.InvalidSlot.selector, 64, slot));
            tree.recordRoot(64, slot, address(1), 0, path);
            vm.expectRevert(abi.encodeWithSelector(RecordTree.InvalidSlot.selector, 64, slot));
            tree.extensionRoots(64, slot, none, 1, none);
            if (slot == 62) continue;
            vm.expectRevert(abi.encodeWithSelector(RecordTree.InvalidSlot.selector, 64, slot));
            tree.countRoot(64, slot, none);
        }
        eq(tree.countRoot(64, 62, t.siblings(62, false)), t.root(), "the first reserved slot stands for a full segment");
    }

    function wrongLength(uint256 expected, uint256 given) private {
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.WrongPathLength.selector, expected, given));
    }

    function test_paths_have_their_exact_length() public {
        TestTree.Tree memory t = TestTree.build(64, leaves(10));
        for (uint256 depth = 0; depth < 5; depth++) {
            if (depth == 3) continue;
            wrongLength(3, depth);
            tree.recordRoot(64, 0, address(1), 0, new uint256[3][](depth));
        }
        // Slot 10 has digits 2, 2, 0: four left siblings, five right ones.
        uint256[] memory left = t.siblings(10, false);
        uint256[] memory right = t.siblings(10, true);
        wrongLength(4, 3);
        tree.countRoot(64, 10, new uint256[](3));
        wrongLength(4, 5);
        tree.countRoot(64, 10, new uint256[](5));
        wrongLength(4, 5);
        tree.extensionRoots(64, 10, right, 1, left);
        wrongLength(5, 4);
        tree.extensionRoots(64, 10, left, 1, left);
    }

    function test_values_are_canonical() public {
        TestTree.Tree memory t = TestTree.build(64, leaves(10));
        uint256[] memory left = t.siblings(10, false);
        uint256[] memory right = t.siblings(10, true);
        uint256[3][] memory path = t.path(3);
        for (uint256 i = 0; i < 3; i++) {
            path[1][i] += R;
            vm.expectRevert(abi.encodeWithSelector(RecordTree.NotCanonical.selector, path[1][i]));
            tree.recordRoot(64, 3, address(1), 0, path);
            path[1][i] -= R;
        }
        left[3] += R;
        vm.expectRevert(abi.encodeWithSelector(RecordTree.NotCanonical.selector, left[3]));
        tree.countRoot(64, 10, left);
        left[3] -= R;
        right[4] += R;
        vm.expectRevert(abi.encodeWithSelector(RecordTree.NotCanonical.selector, right[4]));
        tree.extensionRoots(64, 10, left, 1, right);
        right[4] -= R;
        vm.expectRevert(abi.encodeWithSelector(RecordTree.NotCanonical.selector, R));
        tree.extensionRoots(64, 10, left, R, right);
    }

    /// @dev A node's tag is not a leaf's, and the depth is fixed: an inner node never passes for a record.
    function test_an_inner_node_is_no_record() public view {
        TestTree.Tree memory t = TestTree.build(64, leaves(10));
        uint256[3][] memory path = t.path(0);
        yes(tree.recordRoot(64, 0, address(uint160(t.levels[0][0])), 0, path) != t.root(), "leaf level");
    }
}
