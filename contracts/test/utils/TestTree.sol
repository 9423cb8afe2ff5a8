// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {PoseidonT5} from "../../src/PoseidonT5.sol";

/// @notice A whole account tree of tier 3, level by level: 64 leaves, 16, 4, root.
library TestTree {
    uint256 private constant T_ACCOUNT = 556279582731651385450765116499937774584537708081;
    uint256 private constant T_NODE = 33156846924522601690934013015754946803249;

    struct Tree {
        uint256[64] leaves;
        uint256[16] low;
        uint256[4] high;
        uint256 top;
    }

    function set(Tree storage t, uint256 index, address payee, uint256 cumulative, uint256 salt) internal {
        t.leaves[index] = PoseidonT5.hash(T_ACCOUNT, uint160(payee), cumulative, salt, 0);
    }

    function setLeaf(Tree storage t, uint256 index, uint256 leaf) internal {
        t.leaves[index] = leaf;
    }

    function build(Tree storage t) internal {
        uint256[64] memory n = t.leaves;
        uint256[16] memory l;
        uint256[4] memory h;
        for (uint256 i = 0; i < 16; i++) {
            l[i] = PoseidonT5.hash(T_NODE, n[4 * i], n[4 * i + 1], n[4 * i + 2], n[4 * i + 3]);
        }
        for (uint256 i = 0; i < 4; i++) {
            h[i] = PoseidonT5.hash(T_NODE, l[4 * i], l[4 * i + 1], l[4 * i + 2], l[4 * i + 3]);
        }
        (t.low, t.high) = (l, h);
        t.top = PoseidonT5.hash(T_NODE, h[0], h[1], h[2], h[3]);
    }

    function root(Tree storage t) internal view returns (uint256) {
        return t.top;
    }

    function path(Tree storage t, uint256 index) internal view returns (uint256[3][] memory out) {
        out = new uint256[3][](3);
        for (uint256 level = 0; level < 3; level++) {
            uint256 first = index & ~uint256(3);
            uint256 k;
            for (uint256 i = first; i < first + 4; i++) {
                if (i != index) out[level][k++] = level == 0 ? t.leaves[i] : level == 1 ? t.low[i] : t.high[i];
            }
            index >>= 2;
        }
    }
}
