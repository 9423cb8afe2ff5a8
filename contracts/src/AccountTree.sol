// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {PoseidonT5} from "./PoseidonT5.sol";
import {Statement} from "./libraries/Statement.sol";

/// @title Account leaves and their 4-ary trees
/// @notice Stateless. A ledger deploys its own in its constructor, because Poseidon's constants would not leave room for
/// anything else under the code size limit. A leaf's tag is not a node's tag, so no node passes for a leaf; the caller
/// makes sure that a path has one step per level. Values that are not canonical are refused: one account, one encoding.
contract AccountTree {
    /// @notice The root that an account leads to.
    /// @param index The account's slot. Its base-4 digits, least significant first, are its node's position at each level.
    /// @param path The three siblings of each level, leaf level first, in their order with the own node left out.
    function root(uint256 index, address payee, uint256 cumulative, uint256 salt, uint256[3][] calldata path)
        external
        pure
        returns (uint256 node)
    {
        PoseidonT5.Table table = PoseidonT5.load();
        node = _leaf(table, payee, cumulative, salt);
        for (uint256 level = 0; level < path.length; level++) {
            uint256[3] calldata siblings = path[level];
            (uint256 a, uint256 b, uint256 c) = (siblings[0], siblings[1], siblings[2]);
            Statement.requireCanonical(a);
            Statement.requireCanonical(b);
            Statement.requireCanonical(c);
            uint256 digit = index & 3;
            index >>= 2;
            node = PoseidonT5.hash(
                table,
                Statement.T_NODE,
                digit == 0 ? node : a,
                digit == 1 ? node : (digit == 0 ? a : b),
                digit == 2 ? node : (digit == 3 ? c : b),
                digit == 3 ? node : c
            );
        }
    }

    /// @notice H(T_account; payee, cumulative, salt, 0).
    function leaf(address payee, uint256 cumulative, uint256 salt) external pure returns (uint256) {
        return _leaf(PoseidonT5.load(), payee, cumulative, salt);
    }

    function _leaf(PoseidonT5.Table table, address payee, uint256 cumulative, uint256 salt)
        private
        pure
        returns (uint256)
    {
        Statement.requireCanonical(cumulative);
        Statement.requireCanonical(salt);
        return PoseidonT5.hash(table, Statement.T_ACCOUNT, uint160(payee), cumulative, salt, 0);
    }
}
