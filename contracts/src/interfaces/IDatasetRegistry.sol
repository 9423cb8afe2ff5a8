// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

/// @title Where dataset owners register what their datasets commit to
/// @notice A registered version never changes: its id is a hash of all that it says. A revision is a new id that names its
/// parent. Nobody has any power over a registered dataset, not even its owner.
interface IDatasetRegistry {
    /// @notice What a dataset's id stands for, but for its roots and its uri.
    /// @param owner Who registered it.
    /// @param tier The tier m of its segments, of 4^m slots of which 4^m - 2 hold records.
    /// @param segments The number of its segments, ceil(records / (4^m - 2)).
    /// @param records The number of its records.
    /// @param parent The version it revises; 0 if it revises none.
    struct Dataset {
        address owner;
        uint8 tier;
        uint32 segments;
        uint64 records;
        bytes32 parent;
    }

    /// @notice A dataset was registered; this is the only time that its roots and uri are spelt out.
    event DatasetRegistered(
        bytes32 indexed datasetId,
        address indexed owner,
        bytes32 indexed parent,
        uint8 tier,
        uint64 records,
        uint256[] roots,
        string uri
    );

    /// @notice Tiers are 3, 5 and 7.
    error UnknownTier(uint256 tier);
    /// @notice A dataset has at least one record.
    error NoRecords();
    /// @notice One root per segment, neither more nor fewer.
    error WrongRootCount(uint256 expected, uint256 given);
    /// @notice A root is a field element other than 0.
    error InvalidRoot(uint256 segment, uint256 root);
    /// @notice This owner registered exactly this before.
    error AlreadyRegistered(bytes32 datasetId);
    /// @notice There is no such dataset.
    error UnknownDataset(bytes32 datasetId);
    /// @notice Only its owner can revise a dataset.
    error NotDatasetOwner(bytes32 datasetId, address caller);
    /// @notice The dataset has no such segment.
    error UnknownSegment(bytes32 datasetId, uint256 segment);

    /// @notice Registers a dataset, or a revision of one.
    /// @param parent 0, or the caller's own dataset that this one revises.
    /// @param tier 3, 5 or 7.
    /// @param records How many records, over all segments.
    /// @param roots The Merkle root of each segment (relation Tree, tag `T_RECORD`), in order.
    /// @param uri Where a description or the data can be found; not interpreted.
    /// @return datasetId See `computeId`.
    function register(bytes32 parent, uint8 tier, uint64 records, uint256[] calldata roots, string calldata uri)
        external
        returns (bytes32 datasetId);

    /// @notice The id that `register` gives:
    /// keccak256(abi.encode(uint256 chainId, address registry, address owner, bytes32 parent, uint256 tier, uint256 records,
    /// keccak256(abi.encodePacked(roots)), keccak256(bytes(uri)))); roots are packed as 32-byte words.
    function computeId(
        address owner,
        bytes32 parent,
        uint8 tier,
        uint64 records,
        uint256[] calldata roots,
        string calldata uri
    ) external view returns (bytes32);

    /// @notice What was registered; reverts if nothing was.
    function dataset(bytes32 datasetId) external view returns (Dataset memory);

    /// @notice The Merkle root of one segment; reverts if there is none.
    function root(bytes32 datasetId, uint256 segment) external view returns (uint256);
}
