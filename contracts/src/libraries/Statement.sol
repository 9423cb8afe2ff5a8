// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

/// @title The constants of the statement that is proven, and everything that is hashed around the proofs
/// @notice Clause numbers (S1.., T1.., V1..) are those of the statement document. Provers and auditors mirror this file.
library Statement {
    /// @notice r: the scalar field of BN254. Public inputs, roots and tree nodes are below it.
    uint256 internal constant SCALAR_FIELD = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;

    /// @notice p: the base field of BN254. Coordinates of commitments are below it.
    uint256 internal constant BASE_FIELD = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47;

    bytes32 internal constant RELATION_TREE = keccak256("apportion.relation.tree.v1");
    bytes32 internal constant RELATION_SPLIT = keccak256("apportion.relation.split.v1");

    /// @notice One domain per use, so that nothing that is hashed for one serves another.
    bytes32 internal constant DOMAIN_DATASET = keccak256("apportion.dataset.v1");
    bytes32 internal constant DOMAIN_MODEL = keccak256("apportion.model.v1");
    bytes32 internal constant DOMAIN_ENROLL = keccak256("apportion.enroll.v1");
    bytes32 internal constant DOMAIN_SPLIT = keccak256("apportion.split.v1");
    bytes32 internal constant DOMAIN_SCORE = keccak256("apportion.score.v1");
    bytes32 internal constant DOMAIN_SCORE_NODE = keccak256("apportion.score-node.v1");
    bytes32 internal constant DOMAIN_RECEIPT = keccak256("apportion.receipt.v1");

    /// @notice Hash tags: the big-endian integers of these ASCII strings.
    uint256 internal constant T_RECORD = uint152(bytes19("apportion.record.v1"));
    uint256 internal constant T_NODE = uint136(bytes17("apportion.node.v1"));

    /// @notice The last two slots of a segment hold no record: nothing is proven about what stands in them.
    uint256 internal constant RESERVED_SLOTS = 2;

    /// @notice Public inputs of Split, by position.
    uint256 internal constant SPLIT_INPUTS = 7;
    uint256 internal constant SPLIT_SEGMENT_SCORE = 0;
    uint256 internal constant SPLIT_SEGMENT_PAID = 1;
    uint256 internal constant SPLIT_POOL = 2;
    uint256 internal constant SPLIT_TOTAL_SCORE = 3;
    uint256 internal constant SPLIT_GENESIS = 4;
    uint256 internal constant SPLIT_RECORDS = 5;
    uint256 internal constant SPLIT_CONTEXT = 6;

    /// @notice Linked columns of Split, by position.
    uint256 internal constant SPLIT_LINKED = 3;
    uint256 internal constant SPLIT_OLD = 0;
    uint256 internal constant SPLIT_NEW = 1;
    uint256 internal constant SPLIT_SCORE = 2;

    /// @notice Public inputs of Tree, by position.
    uint256 internal constant TREE_INPUTS = 2;
    uint256 internal constant TREE_ROOT = 0;
    uint256 internal constant TREE_CONTEXT = 1;

    /// @notice Linked columns of Tree, by position.
    uint256 internal constant TREE_LINKED = 2;
    uint256 internal constant TREE_PAYEES = 0;

    /// @notice Scores are summed in 80 bits and balances in 127 (V7): no value of the relation can wrap.
    uint256 internal constant MAX_TOTAL_SCORE = 2 ** 80 - 1;
    uint256 internal constant MAX_LIFETIME_REVENUE = 2 ** 127 - 1;

    // ------------------------------------------------------------------------------------------------ segments

    /// @notice Whether segments can have so many slots.
    function isTier(uint256 slots) internal pure returns (bool) {
        return slots == 64 || slots == 1_024 || slots == 16_384;
    }

    /// @notice Slots of a segment that can hold a record.
    function accounts(uint256 slots) internal pure returns (uint256) {
        return slots - RESERVED_SLOTS;
    }

    // ------------------------------------------------------------------------------------------------ contexts

    /// @notice V2 for Tree: the first 31 bytes of a hash as an integer, hence always a canonical input. Called by the registry.
    /// @param revision The segment's own: the one in which its root last changed.
    function enrollContext(bytes32 dataset, uint256 segment, uint256 revision) internal view returns (uint256) {
        return
            uint256(keccak256(abi.encode(DOMAIN_ENROLL, block.chainid, address(this), dataset, segment, revision))) >> 8;
    }

    /// @notice V2 for Split. Called by the ledger.
    function splitContext(bytes32 model, uint256 epoch, bytes32 dataset, uint256 segment)
        internal
        view
        returns (uint256)
    {
        return uint256(
            keccak256(abi.encode(DOMAIN_SPLIT, block.chainid, address(this), model, epoch, dataset, segment))
        ) >> 8;
    }

    // ------------------------------------------------------------------------------------------------ score root

    /// @notice What stands at a listed segment's position of the score root (V4).
    function scoreLeaf(bytes32 dataset, uint256 segment, uint256 revision, uint256 segmentScore, uint256 x, uint256 y)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(DOMAIN_SCORE, dataset, segment, revision, segmentScore, x, y));
    }

    /// @notice Whether the leaf stands at that position of the tree of `count` leaves with this root: one leaf for each
    /// position below `count`, and none in reserve.
    function isScore(bytes32 root, uint256 count, uint256 position, bytes32 leaf, bytes32[] calldata path)
        internal
        pure
        returns (bool)
    {
        if (position >= count || path.length != scoreDepth(count)) return false;
        bytes32 node = leaf;
        for (uint256 i = 0; i < path.length; i++) {
            bytes32 sibling = path[i];
            node = position & 1 == 0
                ? keccak256(abi.encode(DOMAIN_SCORE_NODE, node, sibling))
                : keccak256(abi.encode(DOMAIN_SCORE_NODE, sibling, node));
            position >>= 1;
        }
        return node == root;
    }

    /// @notice ceil(log2(count)).
    function scoreDepth(uint256 count) internal pure returns (uint256 depth) {
        while (1 << depth < count) depth++;
    }

    // ------------------------------------------------------------------------------------------------ receipts

    /// @notice What the challenges of all accounts of a receipt begin with.
    function receiptHead(
        bytes32 model,
        bytes32 dataset,
        uint256 segment,
        uint256[2] calldata payees,
        uint256[2] calldata balances
    ) internal view returns (bytes memory) {
        return abi.encode(DOMAIN_RECEIPT, block.chainid, address(this), model, dataset, segment, payees, balances);
    }

    /// @notice gamma: the hash of everything that a receipt claims about an account.
    function receiptChallenge(bytes memory head, uint256 index, address payee, uint256 cumulative)
        internal
        pure
        returns (uint256)
    {
        return uint256(keccak256(abi.encodePacked(head, index, uint256(uint160(payee)), cumulative))) >> 8;
    }

    /// @notice What A + gamma B holds at the account's slot.
    function receiptValue(uint256 gamma, address payee, uint256 cumulative) internal pure returns (uint256) {
        return addmod(uint160(payee), mulmod(gamma, cumulative, SCALAR_FIELD), SCALAR_FIELD);
    }
}
