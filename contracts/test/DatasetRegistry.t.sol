// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {DatasetRegistry} from "../src/DatasetRegistry.sol";
import {IDatasetRegistry} from "../src/interfaces/IDatasetRegistry.sol";
import {Base} from "./utils/Base.sol";

contract DatasetRegistryTest is Base {
    uint256 private constant R = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;
    address private constant ALICE = address(0xA);
    address private constant BOB = address(0xB);
    DatasetRegistry private registry;

    function setUp() public {
        registry = new DatasetRegistry();
    }

    function roots(uint256 count) private pure returns (uint256[] memory out) {
        out = new uint256[](count);
        for (uint256 i = 0; i < count; i++) {
            out[i] = i + 1;
        }
    }

    function register(bytes32 parent, uint8 tier, uint64 records, uint256[] memory list) private returns (bytes32) {
        vm.prank(ALICE);
        return registry.register(parent, tier, records, list, "uri");
    }

    function test_registers_what_it_is_given() public {
        bytes32 id = register(0, 3, 63, roots(2));
        IDatasetRegistry.Dataset memory d = registry.dataset(id);
        eq(d.owner, ALICE, "owner");
        eq(d.tier, 3, "tier");
        eq(d.records, 63, "records");
        eq(d.segments, 2, "segments");
        eq(d.parent, bytes32(0), "parent");
        eq(registry.root(id, 0), 1, "root 0");
        eq(registry.root(id, 1), 2, "root 1");
    }

    function test_id_is_the_documented_hash() public {
        bytes32 id = register(0, 5, 1_022, roots(1));
        bytes32 expected = keccak256(
            abi.encode(
                block.chainid,
                address(registry),
                ALICE,
                bytes32(0),
                uint256(5),
                uint256(1_022),
                keccak256(abi.encodePacked(uint256(1))),
                keccak256("uri")
            )
        );
        eq(id, expected, "id");
    }

    function test_segment_count_follows_from_tier_and_records() public {
        register(0, 3, 62, roots(1));
        register(0, 3, 124, roots(2));
        register(0, 5, 1_023, roots(2));
        register(0, 7, 16_382, roots(1));
        register(0, 7, 16_383, roots(2));
    }

    function test_wrong_root_count_is_refused() public {
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.WrongRootCount.selector, 2, 1));
        register(0, 3, 63, roots(1));
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.WrongRootCount.selector, 1, 2));
        register(0, 3, 62, roots(2));
        vm.expectRevert(
            abi.encodeWithSelector(IDatasetRegistry.WrongRootCount.selector, uint256(type(uint64).max) / 62 + 1, 0)
        );
        register(0, 3, type(uint64).max, roots(0));
    }

    function test_unknown_tiers_and_empty_datasets_are_refused() public {
        for (uint8 tier = 0; tier < 12; tier++) {
            if (tier == 3 || tier == 5 || tier == 7) continue;
            vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.UnknownTier.selector, tier));
            register(0, tier, 1, roots(1));
        }
        vm.expectRevert(IDatasetRegistry.NoRecords.selector);
        register(0, 3, 0, roots(0));
    }

    function test_roots_are_canonical_and_not_zero() public {
        uint256[] memory list = roots(2);
        list[1] = 0;
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.InvalidRoot.selector, 1, 0));
        register(0, 3, 100, list);
        list[1] = R;
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.InvalidRoot.selector, 1, R));
        register(0, 3, 100, list);
        list[1] = R - 1;
        register(0, 3, 100, list);
    }

    function test_a_version_is_immutable() public {
        bytes32 id = register(0, 3, 62, roots(1));
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.AlreadyRegistered.selector, id));
        register(0, 3, 62, roots(1));
    }

    function test_same_content_of_another_owner_is_another_dataset() public {
        bytes32 id = register(0, 3, 62, roots(1));
        vm.prank(BOB);
        bytes32 other = registry.register(0, 3, 62, roots(1), "uri");
        yes(id != other, "ids");
        eq(registry.dataset(id).owner, ALICE, "alice");
        eq(registry.dataset(other).owner, BOB, "bob");
    }

    function test_a_revision_names_its_parent_and_is_a_new_id() public {
        bytes32 id = register(0, 3, 62, roots(1));
        bytes32 revision = register(id, 3, 62, roots(1));
        yes(id != revision, "new id");
        eq(registry.dataset(revision).parent, id, "parent");
        eq(registry.root(id, 0), 1, "the parent still stands");
    }

    function test_only_the_owner_revises() public {
        bytes32 id = register(0, 3, 62, roots(1));
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.NotDatasetOwner.selector, id, BOB));
        vm.prank(BOB);
        registry.register(id, 3, 62, roots(1), "uri");
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.UnknownDataset.selector, bytes32(uint256(1))));
        register(bytes32(uint256(1)), 3, 62, roots(1));
    }

    function test_unknown_ids_and_segments_revert() public {
        bytes32 id = register(0, 3, 62, roots(1));
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.UnknownSegment.selector, id, 1));
        registry.root(id, 1);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.UnknownDataset.selector, bytes32(0)));
        registry.dataset(0);
    }

    function testFuzz_every_field_changes_the_id(uint64 records, uint256 root, bytes32 parent) public view {
        uint256[] memory list = roots(1);
        bytes32 id = registry.computeId(ALICE, 0, 3, 62, list, "uri");
        if (records != 62) yes(registry.computeId(ALICE, 0, 3, records, list, "uri") != id, "records");
        if (parent != 0) yes(registry.computeId(ALICE, parent, 3, 62, list, "uri") != id, "parent");
        yes(registry.computeId(BOB, 0, 3, 62, list, "uri") != id, "owner");
        yes(registry.computeId(ALICE, 0, 5, 62, list, "uri") != id, "tier");
        yes(registry.computeId(ALICE, 0, 3, 62, list, "other") != id, "uri");
        list[0] = root;
        if (root != 1) yes(registry.computeId(ALICE, 0, 3, 62, list, "uri") != id, "roots");
    }
}
