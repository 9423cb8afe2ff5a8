// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {Statement} from "../src/libraries/Statement.sol";
import {Base} from "./utils/Base.sol";

/// @notice The library behind external functions: its hashes name the contract that computes them.
contract StatementHarness {
    function scoreLeaf(bytes32 d, uint256 segment, uint256 revision, uint256 score, uint256 x, uint256 y)
        external
        pure
        returns (bytes32)
    {
        return Statement.scoreLeaf(d, segment, revision, score, x, y);
    }

    function isScore(bytes32 root, uint256 count, uint256 position, bytes32 leaf, bytes32[] calldata path)
        external
        pure
        returns (bool)
    {
        return Statement.isScore(root, count, position, leaf, path);
    }

    struct Shown {
        bytes32 model;
        bytes32 dataset;
        uint256 segment;
        uint256[2] payees;
        uint256[2] balances;
        uint256 index;
        address payee;
        uint256 cumulative;
    }

    function challenge(Shown calldata s) external view returns (uint256) {
        bytes memory head = Statement.receiptHead(s.model, s.dataset, s.segment, s.payees, s.balances);
        return Statement.receiptChallenge(head, s.index, s.payee, s.cumulative);
    }

    function splitContext(bytes32 model, uint256 epoch, bytes32 d, uint256 segment) external view returns (uint256) {
        return Statement.splitContext(model, epoch, d, segment);
    }

    function enrollContext(bytes32 d, uint256 segment, uint256 revision) external view returns (uint256) {
        return Statement.enrollContext(d, segment, revision);
    }
}

/// @notice Everything that is hashed around the proofs, against the vectors that the Rust code is held to.
contract StatementTest is Base {
    StatementHarness private harness;
    string private chain;

    function setUp() public {
        harness = new StatementHarness();
        chain = vm.readFile("../circuits/tests/vectors/chain.json");
    }

    function key(string memory what, uint256 i, string memory rest) private pure returns (string memory) {
        return string(abi.encodePacked(".", what, "[", vm.toString(i), "].", rest));
    }

    function test_constants() public pure {
        eq(Statement.T_RECORD, 2172967120045513224417051550066646360051840561, "T_record");
        eq(Statement.T_NODE, 33156846924522601690934013015754946803249, "T_node");
        eq(Statement.RELATION_SPLIT, keccak256("apportion.relation.split.v1"), "split");
        eq(Statement.RELATION_TREE, keccak256("apportion.relation.tree.v1"), "tree");
        eq(Statement.accounts(64), 62, "64");
        eq(Statement.accounts(1_024), 1_022, "1,024");
        eq(Statement.accounts(16_384), 16_382, "16,384");
        for (uint256 slots = 0; slots < 70_000; slots = slots < 70 ? slots + 1 : 4 * slots) {
            yes(Statement.isTier(slots) == (slots == 64 || slots == 1_024 || slots == 16_384), "tier");
        }
    }

    function test_domains_are_those_of_the_vectors() public view {
        eq(vm.parseJsonBytes32(chain, ".domains['apportion.score.v1']"), Statement.DOMAIN_SCORE, "score");
        eq(vm.parseJsonBytes32(chain, ".domains['apportion.score-node.v1']"), Statement.DOMAIN_SCORE_NODE, "node");
        eq(vm.parseJsonBytes32(chain, ".domains['apportion.receipt.v1']"), Statement.DOMAIN_RECEIPT, "receipt");
    }

    /// @dev Commitments of 64 bytes are those of this suite: even counts have them.
    function test_score_roots_are_those_of_the_vectors() public view {
        uint256 leaves;
        uint256 paths;
        for (uint256 i = 0; vm.keyExistsJson(chain, key("score_roots", i, "depth")); i++) {
            bytes32[] memory expected = vm.parseJsonBytes32Array(chain, key("score_roots", i, "leaves"));
            eq(Statement.scoreDepth(expected.length), vm.parseJsonUint(chain, key("score_roots", i, "depth")), "depth");
            for (uint256 j = 0; j < expected.length; j++) {
                string memory segment =
                    key("score_roots", i, string(abi.encodePacked("segments[", vm.toString(j), "].")));
                bytes memory commitment = vm.parseJsonBytes(chain, string(abi.encodePacked(segment, "commitment")));
                if (commitment.length != 64) continue;
                (uint256 x, uint256 y) = abi.decode(commitment, (uint256, uint256));
                eq(leafOf(segment, x, y), expected[j], "leaf");
                leaves++;
            }
            paths += checkPaths(i, expected);
        }
        eq(leaves, 14, "leaves");
        yes(paths > 15, "paths");
    }

    function leafOf(string memory segment, uint256 x, uint256 y) private view returns (bytes32) {
        return harness.scoreLeaf(
            vm.parseJsonBytes32(chain, string(abi.encodePacked(segment, "dataset"))),
            vm.parseJsonUint(chain, string(abi.encodePacked(segment, "segment"))),
            vm.parseJsonUint(chain, string(abi.encodePacked(segment, "revision"))),
            vm.parseJsonUint(chain, string(abi.encodePacked(segment, "score_sum"))),
            x,
            y
        );
    }

    function checkPaths(uint256 i, bytes32[] memory leaves) private view returns (uint256 seen) {
        bytes32 root = vm.parseJsonBytes32(chain, key("score_roots", i, "root"));
        uint256 n = leaves.length;
        for (uint256 j = 0; j < 3; j++) {
            string memory path = key("score_roots", i, string(abi.encodePacked("paths[", vm.toString(j), "].")));
            if (!vm.keyExistsJson(chain, string(abi.encodePacked(path, "position")))) break;
            uint256 position = vm.parseJsonUint(chain, string(abi.encodePacked(path, "position")));
            bytes32[] memory siblings =
                n == 1 ? new bytes32[](0) : vm.parseJsonBytes32Array(chain, string(abi.encodePacked(path, "siblings")));
            yes(harness.isScore(root, n, position, leaves[position], siblings), "shown");
            // By position: the leaf stands nowhere else, under no other count, and with no longer or shorter path.
            for (uint256 other = 0; other < 2 * n + 2; other++) {
                yes(harness.isScore(root, n, other, leaves[position], siblings) == (other == position), "elsewhere");
            }
            yes(!harness.isScore(root, n, position, keccak256("x"), siblings), "another leaf");
            bytes32[] memory longer = new bytes32[](siblings.length + 1);
            for (uint256 l = 0; l < siblings.length; l++) {
                longer[l] = siblings[l];
            }
            yes(!harness.isScore(root, n, position, leaves[position], longer), "longer");
            yes(!harness.isScore(root, 4 * n, position, leaves[position], siblings), "another count");
            seen++;
        }
    }

    /// @dev An inner node in a leaf's place has the wrong domain, whatever its path.
    function test_a_node_is_no_leaf() public view {
        bytes32 a = harness.scoreLeaf(0, 0, 0, 1, 1, 2);
        bytes32 b = harness.scoreLeaf(0, 1, 0, 1, 1, 2);
        bytes32 node = keccak256(abi.encode(Statement.DOMAIN_SCORE_NODE, a, b));
        yes(!harness.isScore(node, 2, 0, node, new bytes32[](0)), "the root of two is not a leaf of two");
        yes(harness.isScore(node, 1, 0, node, new bytes32[](0)), "of one it would be, if a leaf could hash to it");
    }

    function test_challenges_are_those_of_the_vectors() public {
        uint256 seen;
        for (uint256 i = 0; vm.keyExistsJson(chain, key("challenges", i, "chain")); i++) {
            bytes memory payees = vm.parseJsonBytes(chain, key("challenges", i, "payees"));
            if (payees.length != 64) continue;
            checkChallenge(i, payees);
            seen++;
        }
        eq(seen, 4, "challenges");
    }

    function checkChallenge(uint256 i, bytes memory payees) private {
        StatementHarness there = StatementHarness(vm.parseJsonAddress(chain, key("challenges", i, "contract")));
        vm.etch(address(there), address(harness).code);
        vm.chainId(vm.parseJsonUint(chain, key("challenges", i, "chain")));
        StatementHarness.Shown memory s;
        s.model = vm.parseJsonBytes32(chain, key("challenges", i, "model"));
        s.dataset = vm.parseJsonBytes32(chain, key("challenges", i, "dataset"));
        s.segment = vm.parseJsonUint(chain, key("challenges", i, "segment"));
        s.payees = abi.decode(payees, (uint256[2]));
        s.balances = abi.decode(vm.parseJsonBytes(chain, key("challenges", i, "balances")), (uint256[2]));
        s.index = vm.parseJsonUint(chain, key("challenges", i, "index"));
        s.payee = vm.parseJsonAddress(chain, key("challenges", i, "payee"));
        s.cumulative = vm.parseJsonUint(chain, key("challenges", i, "cumulative"));
        uint256 gamma = there.challenge(s);
        eq(gamma, uint256(vm.parseJsonBytes32(chain, key("challenges", i, "gamma"))), "gamma");
    }

    function testFuzz_contexts_are_the_documented_hashes(bytes32 m, uint256 epoch, bytes32 d, uint256 segment)
        public
        view
    {
        bytes32 split = keccak256("apportion.split.v1");
        bytes32 digest = keccak256(abi.encode(split, block.chainid, address(harness), m, epoch, d, segment));
        eq(harness.splitContext(m, epoch, d, segment), uint256(digest) >> 8, "split");
        bytes32 enroll = keccak256("apportion.enroll.v1");
        digest = keccak256(abi.encode(enroll, block.chainid, address(harness), d, segment, epoch));
        eq(harness.enrollContext(d, segment, epoch), uint256(digest) >> 8, "enroll");
    }

    function testFuzz_values_fold(address payee, uint128 cumulative, uint248 gamma) public pure {
        uint256 r = Statement.SCALAR_FIELD;
        uint256 expected = addmod(uint160(payee), mulmod(gamma, cumulative, r), r);
        eq(Statement.receiptValue(gamma, payee, cumulative), expected, "payee + gamma cumulative");
    }
}
