// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {EmptySubtrees} from "./EmptySubtrees.sol";
import {PoseidonT5} from "./PoseidonT5.sol";
import {IDatasetRegistry} from "./interfaces/IDatasetRegistry.sol";
import {Statement} from "./libraries/Statement.sol";

/// @title Trees of records: what a path leads to
/// @notice Stateless. A registry deploys its own in its constructor, because Poseidon's constants would not leave room for
/// anything else under the code size limit. A leaf's tag is not a node's tag and every path has one step per level, so no
/// node passes for a leaf. Values that are not canonical are refused: one tree, one encoding.
contract RecordTree {
    /// @notice A value that must be a field element is not below the modulus.
    error NotCanonical(uint256 value);
    /// @notice The segment has no such slot, or it is a reserved one.
    error InvalidSlot(uint256 slots, uint256 slot);

    /// @dev Children of a node.
    uint256 private constant ARITY = 4;

    /// @dev What the way up from a slot needs at every level.
    struct Climb {
        PoseidonT5.Table table;
        uint256 slots;
        uint256 slot;
        uint256[7] inner;
        uint256[7] edge;
    }

    /// @notice The root that a record leads to.
    /// @param slot Its base-4 digits, least significant first, are the node's place at each level.
    /// @param siblings The three siblings of each level, leaf level first, in their order with the own node left out.
    function recordRoot(uint256 slots, uint256 slot, address payee, bytes32 content, uint256[3][] calldata siblings)
        external
        pure
        returns (uint256 node)
    {
        if (slot >= Statement.accounts(slots)) revert InvalidSlot(slots, slot);
        uint256 depth = _depth(slots);
        if (siblings.length != depth) revert IDatasetRegistry.WrongPathLength(depth, siblings.length);
        PoseidonT5.Table table = PoseidonT5.load();
        uint256 halves = uint256(content);
        node = PoseidonT5.hash(table, Statement.T_RECORD, uint160(payee), halves >> 128, uint128(halves), 0);
        for (uint256 level = 0; level < depth; level++) {
            uint256[3] calldata s = siblings[level];
            (uint256 a, uint256 b, uint256 c) = (_canonical(s[0]), _canonical(s[1]), _canonical(s[2]));
            uint256 place = slot % ARITY;
            slot /= ARITY;
            node = PoseidonT5.hash(
                table,
                Statement.T_NODE,
                place == 0 ? node : a,
                place == 1 ? node : (place == 0 ? a : b),
                place == 2 ? node : (place == 3 ? c : b),
                place == 3 ? node : c
            );
        }
    }

    /// @notice The root of the tree whose slots from `slot` on are empty, by the left siblings of that slot.
    /// @param slot The first empty one, or the first reserved one where the segment is full.
    function countRoot(uint256 slots, uint256 slot, uint256[] calldata left) external pure returns (uint256) {
        if (slot > Statement.accounts(slots)) revert InvalidSlot(slots, slot);
        _checkLength(_siblings(slots, slot, false), left);
        return _countRoot(_climb(slots, slot), left);
    }

    /// @notice The roots before and after a slot, which was the first empty one, got a leaf.
    function extensionRoots(
        uint256 slots,
        uint256 slot,
        uint256[] calldata left,
        uint256 leaf,
        uint256[] calldata right
    ) external pure returns (uint256 before, uint256 afterwards) {
        if (slot >= Statement.accounts(slots)) revert InvalidSlot(slots, slot);
        _checkLength(_siblings(slots, slot, false), left);
        _checkLength(_siblings(slots, slot, true), right);
        Climb memory c = _climb(slots, slot);
        before = _countRoot(c, left);
        afterwards = _extendedRoot(c, left, _canonical(leaf), right);
    }

    function _countRoot(Climb memory c, uint256[] calldata left) private pure returns (uint256 node) {
        node = _empty(c, 0, c.slot);
        uint256 depth = _depth(c.slots);
        uint256 taken;
        for (uint256 level = 0; level < depth; level++) {
            uint256 index = c.slot >> (2 * level);
            uint256 place = index % ARITY;
            uint256[4] memory children;
            for (uint256 i = 0; i < ARITY; i++) {
                if (i < place) children[i] = _canonical(left[taken++]);
                else if (i == place) children[i] = node;
                else children[i] = _empty(c, level, index - place + i);
            }
            node = _node(c.table, children);
        }
    }

    function _extendedRoot(Climb memory c, uint256[] calldata left, uint256 node, uint256[] calldata right)
        private
        pure
        returns (uint256)
    {
        uint256 depth = _depth(c.slots);
        (uint256 leftTaken, uint256 rightTaken) = (0, 0);
        for (uint256 level = 0; level < depth; level++) {
            uint256 place = (c.slot >> (2 * level)) % ARITY;
            uint256[4] memory children;
            for (uint256 i = 0; i < ARITY; i++) {
                if (i < place) children[i] = left[leftTaken++];
                else if (i == place) children[i] = node;
                else children[i] = _canonical(right[rightTaken++]);
            }
            node = _node(c.table, children);
        }
        return node;
    }

    function _climb(uint256 slots, uint256 slot) private pure returns (Climb memory c) {
        c.table = PoseidonT5.load();
        (c.slots, c.slot) = (slots, slot);
        (c.inner, c.edge) = (EmptySubtrees.inner(), EmptySubtrees.edge());
    }

    /// @dev The root of the empty subtree with this number at a level: the last one holds the reserved leaves.
    function _empty(Climb memory c, uint256 level, uint256 index) private pure returns (uint256) {
        uint256 last = level == 0 ? Statement.accounts(c.slots) : (c.slots >> (2 * level)) - 1;
        return index < last ? c.inner[level] : c.edge[level];
    }

    function _node(PoseidonT5.Table table, uint256[4] memory children) private pure returns (uint256) {
        return PoseidonT5.hash(table, Statement.T_NODE, children[0], children[1], children[2], children[3]);
    }

    /// @dev log4(slots).
    function _depth(uint256 slots) private pure returns (uint256 depth) {
        while (ARITY ** depth < slots) depth++;
    }

    /// @dev How many siblings a slot has at one side: the sum of its digits, or of what they lack.
    function _siblings(uint256 slots, uint256 slot, bool right) private pure returns (uint256 count) {
        uint256 depth = _depth(slots);
        for (uint256 level = 0; level < depth; level++) {
            uint256 place = (slot >> (2 * level)) % ARITY;
            count += right ? ARITY - 1 - place : place;
        }
    }

    function _checkLength(uint256 expected, uint256[] calldata given) private pure {
        if (given.length != expected) revert IDatasetRegistry.WrongPathLength(expected, given.length);
    }

    function _canonical(uint256 value) private pure returns (uint256) {
        if (value >= Statement.SCALAR_FIELD) revert NotCanonical(value);
        return value;
    }
}
