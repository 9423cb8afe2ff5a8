// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

/// @title Where owners register what their datasets commit to
/// @notice A dataset is a list of segments, each a Merkle root (relation Tree) of its records. A revision keeps every record in
/// its place and appends; no record is ever moved, changed or dropped, and nobody has any other power over a registered
/// dataset, not even its owner. The number of records is proven. Payee columns are proven once, for whoever uses the
/// dataset. Clause numbers (T1, V1..) are those of the statement document.
interface IDatasetRegistry {
    /// @notice The verifier of Tree for one tier; a tier that is not listed at deployment can't be registered.
    struct TreeVerifier {
        uint32 slots;
        address verifier;
    }

    /// @notice A dataset as it is now.
    /// @param owner Who may extend it and prove its payee columns; 0 where there is no such dataset.
    /// @param slots Slots of every segment, C, of which C - 2 hold records.
    /// @param revision The newest revision, from 0.
    /// @param segments max(1, ceil(records / (C - 2))).
    /// @param records Its number of records.
    struct Dataset {
        address owner;
        uint32 slots;
        uint32 revision;
        uint32 segments;
        uint64 records;
    }

    /// @notice What shows that slot n, the first empty one of the last segment, was appended to (V: dataset.extension).
    /// @param left Left siblings of slot n, level by level, leaf level first: they cover the records that stay.
    /// @param leaf The leaf that stands in slot n now.
    /// @param right Right siblings as they are now, level by level, leaf level first.
    struct Extension {
        uint256[] left;
        uint256 leaf;
        uint256[] right;
    }

    /// @notice One segment's proof of relation Tree.
    struct PayeesProof {
        uint32 segment;
        bytes proof;
    }

    /// @notice One segment of a dataset in one revision, and the column that covers most of it: all that a ledger asks for before it moves.
    /// @param slots Slots of every segment.
    /// @param records How many records the segment has in that revision; 0 where it is behind the last.
    /// @param provenRecords See `provenRecords`.
    /// @param blockNumber The block in which the revision was registered.
    struct SegmentState {
        uint32 slots;
        uint32 records;
        uint32 provenRecords;
        uint64 blockNumber;
    }

    event VerifierFixed(uint32 indexed slots, address verifier, bytes32 keyDigest);
    /// @notice `roots` are those of segments 0, 1, ..
    event DatasetRegistered(
        bytes32 indexed datasetId, address indexed owner, uint32 slots, uint64 records, uint256[] roots, string uri
    );
    /// @notice `roots` are those of the segments `firstSegment`, .. on; all others keep theirs.
    event DatasetExtended(
        bytes32 indexed datasetId, uint32 indexed revision, uint64 records, uint32 firstSegment, uint256[] roots
    );
    /// @notice The segment has a payee column more. `revision` is the segment's own: the one in which its root last changed.
    event PayeesProven(bytes32 indexed datasetId, uint32 indexed segment, uint32 revision, uint256 x, uint256 y);
    event OwnershipOffered(bytes32 indexed datasetId, address indexed from, address indexed to);
    event OwnershipTransferred(bytes32 indexed datasetId, address indexed from, address indexed to);

    error UnsupportedSlots(uint256 slots);
    error InvalidSlots(uint256 slots);
    /// @notice A dataset has at least one record, and less than 2^40.
    error InvalidRecords(uint256 records);
    /// @notice One root per segment that is new or changed, neither more nor fewer.
    error WrongRootCount(uint256 expected, uint256 given);
    /// @notice A root is a field element other than 0.
    error InvalidRoot(uint256 segment, uint256 root);
    error AlreadyRegistered(bytes32 datasetId);
    error UnknownDataset(bytes32 datasetId);
    error UnknownRevision(bytes32 datasetId, uint256 revision);
    error UnknownSegment(bytes32 datasetId, uint256 segment);
    error NotOwner(bytes32 datasetId, address caller);
    error NotOffered(bytes32 datasetId, address caller);
    /// @notice The newest revision is another one than the caller means.
    error WrongRevision(uint256 newest, uint256 given);
    /// @notice An extension appends at least one record.
    error NothingAppended(uint256 records);
    /// @notice The path of the first empty slot does not lead to the last segment's root: the count is not shown.
    error CountNotShown(uint256 segment, uint256 slot);
    /// @notice The extension's path does not lead to the old and to the new root of the segment that grew.
    error ExtensionNotShown(uint256 segment, uint256 slot);
    /// @notice A path has as many siblings as its slot has at the side in question.
    error WrongPathLength(uint256 expected, uint256 given);
    /// @notice Ownership can't be offered to this account: the registry itself.
    error InvalidAccount(address account);
    /// @notice The list of proofs is empty.
    error NothingToProve();

    /// @notice Registers a dataset as its revision 0; the caller owns it.
    /// @param count The count path: the left siblings of the first empty slot of the last segment, leaf level first.
    function register(
        uint32 slots,
        uint64 records,
        uint256[] calldata roots,
        uint256[] calldata count,
        string calldata uri
    ) external returns (bytes32 datasetId);

    /// @notice Appends records. Owner only.
    /// @param revision The newest revision, which this extends.
    /// @param records The number of records afterwards.
    /// @param roots The roots of the segments that change or are new: from the old last one on, or where that was
    /// full from the one behind it.
    /// @param extension The path of the old first empty slot; empty lists and 0 where the old last segment was full.
    /// @param count The count path of the new last segment.
    function extend(
        bytes32 datasetId,
        uint32 revision,
        uint64 records,
        uint256[] calldata roots,
        Extension calldata extension,
        uint256[] calldata count
    ) external;

    /// @notice Proves payee columns of segments as they are now; one pairing for all. Owner only (a column's mask budget, V8, is the owner's).
    function provePayees(bytes32 datasetId, PayeesProof[] calldata proofs) external;

    function offerOwnership(bytes32 datasetId, address to) external;
    function acceptOwnership(bytes32 datasetId) external;

    /// @notice keccak256(abi.encode(K("apportion.dataset.v1"), chain id, registry, owner, keccak256(bytes(uri)), slots, records,
    /// keccak256(abi.encodePacked(roots)))), of the first owner and revision 0. Never changes.
    function computeId(address owner, string calldata uri, uint32 slots, uint64 records, uint256[] calldata roots)
        external
        view
        returns (bytes32);

    /// @notice As it is now; reverts where there is none.
    function dataset(bytes32 datasetId) external view returns (Dataset memory);
    /// @notice Number of records of a revision, and the block in which it was registered.
    function revisionOf(bytes32 datasetId, uint256 revision) external view returns (uint64 records, uint64 blockNumber);
    /// @notice How many records a segment has in a revision; 0 where the segment is behind the revision's last.
    function recordsOf(bytes32 datasetId, uint256 revision, uint256 segment) external view returns (uint256);
    /// @notice The segment's root now, and the revision in which it last changed.
    function segmentOf(bytes32 datasetId, uint256 segment) external view returns (uint256 root, uint32 revision);
    /// @notice How many records of the segment stand under a root that it has or ever had; 0 where it is none of them. A record keeps its place, so
    /// its path to any of them stays true: an extension makes no path useless.
    function recordsUnder(bytes32 datasetId, uint256 segment, uint256 root) external view returns (uint256);
    /// @notice Whether keccak256(abi.encode(x, y)) is that of a payee column proven for the segment, in any of its revisions.
    function isPayeeColumn(bytes32 datasetId, uint256 segment, bytes32 column) external view returns (bool);
    /// @notice The slots of the segment whose payee column that is; 0 where it is none.
    function payeeColumnSlots(bytes32 datasetId, uint256 segment, bytes32 column) external view returns (uint256);
    /// @notice `dataset`, `revisionOf`, `recordsOf` and `provenRecords` in one call.
    function segmentIn(bytes32 datasetId, uint256 revision, uint256 segment) external view returns (SegmentState memory);
    /// @notice The number of records of the segment in the youngest of its revisions for which a payee column is proven; 0 for none.
    function provenRecords(bytes32 datasetId, uint256 segment) external view returns (uint256);
    /// @notice The root that a record leads to: H(T_RECORD; payee, content's halves, 0) at slot `index`.
    /// @param siblings The three siblings of each level, leaf level first, in their order with the own node left out.
    function recordRoot(uint32 slots, uint256 index, address payee, bytes32 content, uint256[3][] calldata siblings)
        external
        view
        returns (uint256);
    function offeredTo(bytes32 datasetId) external view returns (address);
    function treeVerifier(uint256 slots) external view returns (address);
    function openingVerifier() external view returns (address);
    /// @notice The stateless contract that hashes records' paths.
    function recordTree() external view returns (address);
    /// @notice "apportion.registry.v2" padded with zeros, so that tools know what they talk to.
    function version() external view returns (bytes32);
}
