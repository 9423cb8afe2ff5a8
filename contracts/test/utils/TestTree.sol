// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {PoseidonT5} from "../../src/PoseidonT5.sol";

/// @notice A whole record tree, level by level, and the paths that come out of it: written from the statement, not with the
/// contracts' code.
library TestTree {
    uint256 private constant T_RECORD = 2172967120045513224417051550066646360051840561;
    uint256 private constant T_NODE = 33156846924522601690934013015754946803249;

    struct Tree {
        uint256 slots;
        uint256[][] levels; // leaves first
    }

    /// @notice The tree over these leaves; empty slots and the two reserved ones follow.
    function build(uint256 slots, uint256[] memory records) internal pure returns (Tree memory t) {
        t.slots = slots;
        PoseidonT5.Table table = PoseidonT5.load();
        uint256[] memory level = new uint256[](slots);
        uint256 empty = PoseidonT5.hash(table, T_RECORD, 0, 0, 0, 0);
        for (uint256 i = 0; i < slots - 2; i++) {
            level[i] = i < records.length ? records[i] : empty;
        }
        uint256 depth;
        for (uint256 n = slots; n > 1; n /= 4) {
            depth++;
        }
        t.levels = new uint256[][](depth + 1);
        t.levels[0] = level;
        for (uint256 l = 1; l <= depth; l++) {
            uint256[] memory above = new uint256[](level.length / 4);
            for (uint256 i = 0; i < above.length; i++) {
                above[i] =
                    PoseidonT5.hash(table, T_NODE, level[4 * i], level[4 * i + 1], level[4 * i + 2], level[4 * i + 3]);
            }
            (t.levels[l], level) = (above, above);
        }
    }

    function leaf(address payee, bytes32 content) internal pure returns (uint256) {
        uint256 halves = uint256(content);
        return PoseidonT5.hash(T_RECORD, uint160(payee), halves >> 128, halves & type(uint128).max, 0);
    }

    function root(Tree memory t) internal pure returns (uint256) {
        return t.levels[t.levels.length - 1][0];
    }

    /// @notice Left siblings of a slot (right ones, if asked for), leaf level first, from left to right within a level.
    function siblings(Tree memory t, uint256 slot, bool right) internal pure returns (uint256[] memory out) {
        uint256[] memory all = new uint256[](3 * t.levels.length);
        uint256 count;
        for (uint256 l = 0; l + 1 < t.levels.length; l++) {
            uint256 first = slot & ~uint256(3);
            for (uint256 i = first; i < first + 4; i++) {
                if (right ? i > slot : i < slot) all[count++] = t.levels[l][i];
            }
            slot >>= 2;
        }
        out = new uint256[](count);
        for (uint256 i = 0; i < count; i++) {
            out[i] = all[i];
        }
    }

    function path(Tree memory t, uint256 slot) internal pure returns (uint256[3][] memory out) {
        out = new uint256[3][](t.levels.length - 1);
        for (uint256 l = 0; l < out.length; l++) {
            uint256 first = slot & ~uint256(3);
            uint256 k;
            for (uint256 i = first; i < first + 4; i++) {
                if (i != slot) out[l][k++] = t.levels[l][i];
            }
            slot >>= 2;
        }
    }
}
