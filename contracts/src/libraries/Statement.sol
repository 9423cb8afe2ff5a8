// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

/// @title The constants of the statement that is proven, and the context that ties a proof to one use
/// @notice Clause numbers (S1.., T1.., V1..) are those of the statement document. Provers and auditors mirror this file.
library Statement {
    /// @notice A value that must be a field element is not below the modulus.
    error NotCanonical(uint256 value);

    /// @notice r: the scalar field of BN254. Public inputs, roots, salts and tree nodes are below it.
    uint256 internal constant SCALAR_FIELD = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;

    /// @notice p: the base field of BN254. Coordinates of commitments are below it.
    uint256 internal constant BASE_FIELD = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47;

    bytes32 internal constant RELATION_TREE = keccak256("apportion.relation.tree.v1");
    bytes32 internal constant RELATION_SPLIT = keccak256("apportion.relation.split.v1");

    /// @notice V2: one domain per use, so that no proof serves two uses.
    bytes32 internal constant DOMAIN_ENROLL = keccak256("apportion.enroll.v1");
    bytes32 internal constant DOMAIN_SPLIT = keccak256("apportion.split.v1");
    bytes32 internal constant DOMAIN_PUBLISH = keccak256("apportion.publish.v1");

    /// @notice Hash tags: the big-endian integers of these ASCII strings.
    uint256 internal constant T_RECORD = uint152(bytes19("apportion.record.v1"));
    uint256 internal constant T_ACCOUNT = uint160(bytes20("apportion.account.v1"));
    uint256 internal constant T_NODE = uint136(bytes17("apportion.node.v1"));

    /// @notice Public inputs of Split, by position.
    uint256 internal constant SPLIT_INPUTS = 6;
    uint256 internal constant SPLIT_SEGMENT_SCORE = 0;
    uint256 internal constant SPLIT_SEGMENT_PAID = 1;
    uint256 internal constant SPLIT_POOL = 2;
    uint256 internal constant SPLIT_TOTAL_SCORE = 3;
    uint256 internal constant SPLIT_GENESIS = 4;
    uint256 internal constant SPLIT_CONTEXT = 5;

    /// @notice Linked columns of Split, by position.
    uint256 internal constant SPLIT_LINKED = 3;
    uint256 internal constant SPLIT_OLD = 0;
    uint256 internal constant SPLIT_NEW = 1;
    uint256 internal constant SPLIT_SCORE = 2;

    /// @notice Public inputs of Tree, by position.
    uint256 internal constant TREE_INPUTS = 3;
    uint256 internal constant TREE_ROOT = 0;
    uint256 internal constant TREE_TAG = 1;
    uint256 internal constant TREE_CONTEXT = 2;

    /// @notice Linked columns of Tree, by position.
    uint256 internal constant TREE_LINKED = 2;
    uint256 internal constant TREE_A = 0;
    uint256 internal constant TREE_B = 1;

    /// @notice Scores are summed in 80 bits and balances in 127 (V7): no value of the relation can wrap.
    uint256 internal constant MAX_TOTAL_SCORE = 2 ** 80 - 1;
    uint256 internal constant MAX_LIFETIME_REVENUE = 2 ** 127 - 1;

    /// @notice V2. The first 31 bytes of keccak256(abi.encode(...)) as an integer, hence always a canonical input.
    /// @param domain One of the domains above.
    /// @param model The model's id.
    /// @param epoch Split: the epoch being settled. Publish: the epoch in which the published balances were settled.
    /// Enroll: how many times this segment was enrolled before (0, then 1 for the first renewal of its payee column, ..).
    /// @param dataset The dataset's id in the registry.
    /// @param segment The segment's number within its dataset, from 0.
    function context(bytes32 domain, bytes32 model, uint256 epoch, bytes32 dataset, uint256 segment)
        internal
        view
        returns (uint256)
    {
        return uint256(keccak256(abi.encode(domain, block.chainid, address(this), model, epoch, dataset, segment))) >> 8;
    }

    /// @notice Slots of a segment that hold an account: all but the last two.
    function accounts(uint256 tier) internal pure returns (uint256) {
        return 4 ** tier - 2;
    }

    /// @notice V1 for values that do not come from storage: x and x + r are never the same thing.
    function requireCanonical(uint256 value) internal pure {
        if (value >= SCALAR_FIELD) revert NotCanonical(value);
    }

    /// @notice Whether (x, y) is a canonical, finite point of BN254 G1: y^2 = x^3 + 3.
    function isPoint(uint256 x, uint256 y) internal pure returns (bool) {
        if (x >= BASE_FIELD || y >= BASE_FIELD) return false;
        uint256 cube = mulmod(mulmod(x, x, BASE_FIELD), x, BASE_FIELD);
        return mulmod(y, y, BASE_FIELD) == addmod(cube, 3, BASE_FIELD);
    }
}
