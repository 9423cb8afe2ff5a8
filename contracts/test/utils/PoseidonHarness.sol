// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {PoseidonT5} from "../../src/PoseidonT5.sol";

/// @notice The library behind an external function, for tests and for programs that compare their own Poseidon with it.
contract PoseidonHarness {
    function hash(uint256 tag, uint256 a, uint256 b, uint256 c, uint256 d) external pure returns (uint256) {
        return PoseidonT5.hash(tag, a, b, c, d);
    }

    /// @return spent what one hash costs, without the call around it.
    function gasOfHash(uint256 tag, uint256 a, uint256 b, uint256 c, uint256 d) external view returns (uint256 spent) {
        uint256 before = gasleft();
        PoseidonT5.hash(tag, a, b, c, d);
        spent = before - gasleft();
    }
}
