// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {IRevenueLedger} from "../../src/interfaces/IRevenueLedger.sol";
import {DeploymentFixture} from "./DeploymentFixture.sol";

/// @notice Contexts, leaves, score roots, challenges and commitments, from the statement and not with the ledger's code.
abstract contract StatementFixture is DeploymentFixture {
    /// @dev One listed segment of an epoch: what its leaf says.
    struct Listed {
        bytes32 dataset;
        uint32 segment;
        uint32 revision;
        uint96 score;
    }

    // ------------------------------------------------------------------------------------------------ contexts

    /// @dev V2, spelt out a second time.
    function splitContext(bytes32 m, uint256 epoch, bytes32 d, uint256 segment) internal view returns (uint256) {
        bytes32 domain = keccak256("apportion.split.v1");
        bytes32 digest = keccak256(abi.encode(domain, block.chainid, address(ledger), m, epoch, d, segment));
        return uint256(uint248(bytes31(digest)));
    }

    function enrollContext(bytes32 d, uint256 segment, uint256 revision) internal view returns (uint256) {
        bytes32 domain = keccak256("apportion.enroll.v1");
        bytes32 digest = keccak256(abi.encode(domain, block.chainid, address(registry), d, segment, revision));
        return uint256(uint248(bytes31(digest)));
    }

    // ------------------------------------------------------------------------------------------------ score roots

    function scoreLeaves(bytes32 m, uint64 epoch, Listed[] memory listing)
        internal
        view
        returns (bytes32[] memory out)
    {
        out = new bytes32[](listing.length);
        for (uint256 i = 0; i < listing.length; i++) {
            Listed memory l = listing[i];
            uint256[2] memory p = point(scoreScalar(m, epoch, l.dataset, l.segment));
            out[i] = keccak256(
                abi.encode(keccak256("apportion.score.v1"), l.dataset, l.segment, l.revision, l.score, p[0], p[1])
            );
        }
    }

    function scoreRoot(bytes32 m, uint64 epoch, Listed[] memory listing) internal view returns (bytes32) {
        (bytes32 root,) = climb(scoreLeaves(m, epoch, listing), 0);
        return root;
    }

    function scorePath(bytes32 m, uint64 epoch, Listed[] memory listing, uint256 position)
        internal
        view
        returns (bytes32[] memory path)
    {
        (, path) = climb(scoreLeaves(m, epoch, listing), position);
    }

    function climb(bytes32[] memory leaves, uint256 position)
        internal
        pure
        returns (bytes32 root, bytes32[] memory path)
    {
        uint256 width = 1;
        uint256 depth;
        for (; width < leaves.length; width *= 2) {
            depth++;
        }
        bytes32[] memory level = new bytes32[](width);
        for (uint256 i = 0; i < leaves.length; i++) {
            level[i] = leaves[i];
        }
        path = new bytes32[](depth);
        for (uint256 d = 0; d < depth; d++) {
            path[d] = level[position ^ 1];
            width /= 2;
            for (uint256 i = 0; i < width; i++) {
                level[i] = keccak256(abi.encode(keccak256("apportion.score-node.v1"), level[2 * i], level[2 * i + 1]));
            }
            position /= 2;
        }
        root = level[0];
    }

    // ------------------------------------------------------------------------------------------------ receipts

    function challenge(bytes32 m, IRevenueLedger.Receipt memory r, uint256 index, address payee, uint256 cumulative)
        internal
        view
        returns (uint256)
    {
        bytes memory head = abi.encode(
            keccak256("apportion.receipt.v1"), block.chainid, address(ledger), m, r.datasetId, uint256(r.segment)
        );
        bytes memory columns = abi.encode(r.payees[0], r.payees[1], r.balances[0], r.balances[1]);
        bytes32 digest = keccak256(bytes.concat(head, columns, abi.encode(index, payee, cumulative)));
        return uint256(uint248(bytes31(digest)));
    }

    // ------------------------------------------------------------------------------------------------ commitments

    function payeeScalar(bytes32 d, uint256 segment) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("payees", d, segment)));
    }

    function balanceScalar(bytes32 m, bytes32 d, uint256 segment, uint256 epoch, uint256 attempt)
        internal
        pure
        returns (uint256)
    {
        return uint256(keccak256(abi.encode("balances", m, d, segment, epoch, attempt)));
    }

    function scoreScalar(bytes32 m, uint256 epoch, bytes32 d, uint256 segment) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("scores", m, epoch, d, segment)));
    }

    /// @dev A multiple of the generator of BN254 G1 (precompile 7).
    function point(uint256 scalar) internal view returns (uint256[2] memory p) {
        (bool ok, bytes memory out) = address(7).staticcall(abi.encode(1, 2, scalar));
        yes(ok, "ecMul");
        (p[0], p[1]) = abi.decode(out, (uint256, uint256));
    }

    function digestOf(uint256 scalar) internal view returns (bytes32) {
        uint256[2] memory p = point(scalar);
        return keccak256(abi.encode(p[0], p[1]));
    }

    /// @dev Linked columns, and a pair that holds.
    function linked(uint256 a, uint256 b) internal view returns (uint256[] memory out) {
        out = new uint256[](8);
        put(out, 0, point(a));
        put(out, 2, point(b));
        put(out, 4, [uint256(1), 2]);
        put(out, 6, [uint256(1), 2]);
    }

    function linked(uint256 a, uint256 b, uint256 c) internal view returns (uint256[] memory out) {
        out = new uint256[](10);
        put(out, 0, point(a));
        put(out, 2, point(b));
        put(out, 4, point(c));
        put(out, 6, [uint256(1), 2]);
        put(out, 8, [uint256(1), 2]);
    }

    function put(uint256[] memory words, uint256 at, uint256[2] memory p) private pure {
        (words[at], words[at + 1]) = (p[0], p[1]);
    }
}
