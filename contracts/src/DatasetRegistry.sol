// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {RecordTree} from "./RecordTree.sol";
import {IDatasetRegistry} from "./interfaces/IDatasetRegistry.sol";
import {Statement} from "./libraries/Statement.sol";
import {VerifierCall} from "./libraries/VerifierCall.sol";

/// @title The registry of datasets: see IDatasetRegistry
contract DatasetRegistry is IDatasetRegistry {
    using VerifierCall for VerifierCall.Batch;

    /// @dev What is stored of a dataset beside its revisions and segments.
    struct Head {
        address owner;
        uint32 slots;
        uint32 revision;
    }

    /// @dev `slots` is the dataset's: it stands here as well because a ledger's settlement reads this word and not the head.
    struct Revision {
        uint64 records;
        uint64 blockNumber;
        uint32 slots;
    }

    struct Segment {
        uint256 root;
        uint32 revision;
        uint32 provenRecords;
    }

    /// @inheritdoc IDatasetRegistry
    bytes32 public constant version = "apportion.registry.v2";
    uint256 private constant MAX_RECORDS = 2 ** 40 - 1;

    RecordTree private immutable _tree;
    address private immutable _openings;
    /// @dev Written by the constructor only.
    mapping(uint256 slots => address) private _verifiers;

    mapping(bytes32 datasetId => Head) private _heads;
    mapping(bytes32 datasetId => mapping(uint256 revision => Revision)) private _revisions;
    mapping(bytes32 datasetId => mapping(uint256 segment => Segment)) private _segments;
    /// @dev By dataset, segment and root: how many records stood under a root that an extension replaced.
    mapping(bytes32 key => uint256) private _formerRoots;
    /// @dev By dataset, segment and column; the value is the segment's number of slots.
    mapping(bytes32 key => uint256) private _columns;
    mapping(bytes32 datasetId => address) private _offers;

    constructor(address openings, TreeVerifier[] memory list) {
        bytes32 setup = VerifierCall.expectOpenings(openings);
        _openings = openings;
        _tree = new RecordTree();
        for (uint256 i = 0; i < list.length; i++) {
            (uint32 slots, address verifier) = (list[i].slots, list[i].verifier);
            if (!Statement.isTier(slots) || _verifiers[slots] != address(0)) revert InvalidSlots(slots);
            bytes32 key = VerifierCall.expect(verifier, Statement.RELATION_TREE, slots, Statement.TREE_INPUTS, setup);
            _verifiers[slots] = verifier;
            emit VerifierFixed(slots, verifier, key);
        }
    }

    // ------------------------------------------------------------------------------------------------ revisions

    /// @inheritdoc IDatasetRegistry
    function register(
        uint32 slots,
        uint64 records,
        uint256[] calldata roots,
        uint256[] calldata count,
        string calldata uri
    ) external returns (bytes32 datasetId) {
        if (_verifiers[slots] == address(0)) revert UnsupportedSlots(slots);
        datasetId = computeId(msg.sender, uri, slots, records, roots);
        Head storage h = _heads[datasetId];
        if (h.owner != address(0)) revert AlreadyRegistered(datasetId);
        (h.owner, h.slots) = (msg.sender, slots);
        _store(datasetId, slots, 0, records, 0, roots, count);
        emit DatasetRegistered(datasetId, msg.sender, slots, records, roots, uri);
    }

    /// @inheritdoc IDatasetRegistry
    function extend(
        bytes32 datasetId,
        uint32 revision,
        uint64 records,
        uint256[] calldata roots,
        Extension calldata extension,
        uint256[] calldata count
    ) external {
        Head storage h = _owned(datasetId);
        if (revision != h.revision) revert WrongRevision(h.revision, revision);
        uint256 first = _kept(datasetId, h.slots, revision, records, roots, extension);
        _keepRoot(datasetId, h.slots, revision, first);
        h.revision = revision + 1;
        _store(datasetId, h.slots, revision + 1, records, first, roots, count);
        emit DatasetExtended(datasetId, revision + 1, records, uint32(first), roots);
    }

    /// @dev Shows that every record keeps its place.
    /// @return first The first segment that changes or is new.
    function _kept(
        bytes32 datasetId,
        uint256 slots,
        uint256 revision,
        uint256 records,
        uint256[] calldata roots,
        Extension calldata extension
    ) private view returns (uint256 first) {
        uint256 before = _revisions[datasetId][revision].records;
        if (records <= before) revert NothingAppended(records);
        uint256 last;
        (first, last) = _shape(slots, before);
        if (last == Statement.accounts(slots)) {
            // It was full: its root stays, and there is nothing to show.
            uint256 given = extension.left.length + extension.right.length;
            if (given != 0 || extension.leaf != 0) revert WrongPathLength(0, given);
            return first + 1;
        }
        if (roots.length == 0) revert WrongRootCount(1, 0);
        (uint256 old, uint256 new_) = _tree.extensionRoots(slots, last, extension.left, extension.leaf, extension.right);
        if (old != _segments[datasetId][first].root || new_ != roots[0]) revert ExtensionNotShown(first, last);
    }

    /// @dev The root of the segment that grows, if one does: paths that lead to it stay true of the records that it has.
    function _keepRoot(bytes32 datasetId, uint256 slots, uint256 revision, uint256 first) private {
        (uint256 last, uint256 n) = _shape(slots, _revisions[datasetId][revision].records);
        if (first == last) _formerRoots[_key(datasetId, first, bytes32(_segments[datasetId][first].root))] = n;
    }

    /// @dev Stores a revision whose segments from `first` on have these roots, and shows how many records it has.
    function _store(
        bytes32 datasetId,
        uint256 slots,
        uint32 revision,
        uint64 records,
        uint256 first,
        uint256[] calldata roots,
        uint256[] calldata count
    ) private {
        if (records == 0 || records > MAX_RECORDS) revert InvalidRecords(records);
        (uint256 last, uint256 n) = _shape(slots, records);
        if (roots.length != last + 1 - first) revert WrongRootCount(last + 1 - first, roots.length);
        for (uint256 i = 0; i < roots.length; i++) {
            uint256 r = roots[i];
            if (r == 0 || r >= Statement.SCALAR_FIELD) revert InvalidRoot(first + i, r);
            Segment storage s = _segments[datasetId][first + i];
            s.root = r;
            if (revision != 0) s.revision = revision;
        }
        if (_tree.countRoot(slots, n, count) != roots[roots.length - 1]) revert CountNotShown(last, n);
        _revisions[datasetId][revision] = Revision(records, uint64(block.number), uint32(slots));
    }

    // ------------------------------------------------------------------------------------------------ payee columns

    /// @inheritdoc IDatasetRegistry
    function provePayees(bytes32 datasetId, PayeesProof[] calldata proofs) external {
        Head memory h = _owned(datasetId);
        if (proofs.length == 0) revert NothingToProve();
        uint256 records = _revisions[datasetId][h.revision].records;
        VerifierCall.Batch memory batch = VerifierCall.batch(proofs.length);
        for (uint256 i = 0; i < proofs.length; i++) {
            uint256 segment = proofs[i].segment;
            Segment storage s = _segment(datasetId, segment);
            uint256[] memory inputs = new uint256[](Statement.TREE_INPUTS);
            inputs[Statement.TREE_ROOT] = s.root;
            inputs[Statement.TREE_CONTEXT] = Statement.enrollContext(datasetId, segment, s.revision);
            uint256[] memory linked =
                batch.accumulate(_verifiers[h.slots], proofs[i].proof, inputs, Statement.TREE_LINKED);
            _columns[_key(datasetId, segment, VerifierCall.digest(linked, Statement.TREE_PAYEES))] = h.slots;
            s.provenRecords = uint32(_recordsIn(h.slots, records, segment));
            emit PayeesProven(datasetId, uint32(segment), s.revision, linked[0], linked[1]);
        }
        batch.conclude(_openings);
    }

    // ------------------------------------------------------------------------------------------------ ownership

    /// @inheritdoc IDatasetRegistry
    function offerOwnership(bytes32 datasetId, address to) external {
        _owned(datasetId);
        if (to == address(this)) revert InvalidAccount(to);
        _offers[datasetId] = to;
        emit OwnershipOffered(datasetId, msg.sender, to);
    }

    /// @inheritdoc IDatasetRegistry
    function acceptOwnership(bytes32 datasetId) external {
        if (_offers[datasetId] != msg.sender) revert NotOffered(datasetId, msg.sender);
        delete _offers[datasetId];
        address from = _heads[datasetId].owner;
        _heads[datasetId].owner = msg.sender;
        emit OwnershipTransferred(datasetId, from, msg.sender);
    }

    // ------------------------------------------------------------------------------------------------ views

    /// @inheritdoc IDatasetRegistry
    function computeId(address owner, string calldata uri, uint32 slots, uint64 records, uint256[] calldata roots)
        public
        view
        returns (bytes32)
    {
        bytes32 rootsDigest = keccak256(abi.encodePacked(roots));
        return keccak256(
            abi.encode(
                Statement.DOMAIN_DATASET,
                block.chainid,
                address(this),
                owner,
                keccak256(bytes(uri)),
                slots,
                records,
                rootsDigest
            )
        );
    }

    /// @inheritdoc IDatasetRegistry
    function dataset(bytes32 datasetId) external view returns (Dataset memory) {
        Head memory h = _head(datasetId);
        uint64 records = _revisions[datasetId][h.revision].records;
        (uint256 last,) = _shape(h.slots, records);
        return Dataset(h.owner, h.slots, h.revision, uint32(last + 1), records);
    }

    /// @inheritdoc IDatasetRegistry
    function revisionOf(bytes32 datasetId, uint256 revision)
        external
        view
        returns (uint64 records, uint64 blockNumber)
    {
        Revision memory r = _revision(datasetId, revision);
        return (r.records, r.blockNumber);
    }

    /// @inheritdoc IDatasetRegistry
    function recordsOf(bytes32 datasetId, uint256 revision, uint256 segment) external view returns (uint256) {
        Revision memory r = _revision(datasetId, revision);
        return _recordsIn(r.slots, r.records, segment);
    }

    /// @inheritdoc IDatasetRegistry
    function segmentIn(bytes32 datasetId, uint256 revision, uint256 segment)
        external
        view
        returns (SegmentState memory s)
    {
        Revision memory r = _revision(datasetId, revision);
        (s.slots, s.blockNumber) = (r.slots, r.blockNumber);
        s.records = uint32(_recordsIn(r.slots, r.records, segment));
        s.provenRecords = _segments[datasetId][segment].provenRecords;
    }

    /// @inheritdoc IDatasetRegistry
    function segmentOf(bytes32 datasetId, uint256 segment) external view returns (uint256 root, uint32 revision) {
        Segment storage s = _segment(datasetId, segment);
        return (s.root, s.revision);
    }

    /// @inheritdoc IDatasetRegistry
    function recordsUnder(bytes32 datasetId, uint256 segment, uint256 root) external view returns (uint256) {
        if (root == 0) return 0;
        if (root != _segments[datasetId][segment].root) return _formerRoots[_key(datasetId, segment, bytes32(root))];
        Head memory h = _heads[datasetId];
        return _recordsIn(h.slots, _revisions[datasetId][h.revision].records, segment);
    }

    /// @inheritdoc IDatasetRegistry
    function isPayeeColumn(bytes32 datasetId, uint256 segment, bytes32 column) external view returns (bool) {
        return payeeColumnSlots(datasetId, segment, column) != 0;
    }

    /// @inheritdoc IDatasetRegistry
    function payeeColumnSlots(bytes32 datasetId, uint256 segment, bytes32 column) public view returns (uint256) {
        return _columns[_key(datasetId, segment, column)];
    }

    /// @inheritdoc IDatasetRegistry
    function provenRecords(bytes32 datasetId, uint256 segment) external view returns (uint256) {
        return _segments[datasetId][segment].provenRecords;
    }

    /// @inheritdoc IDatasetRegistry
    function recordRoot(uint32 slots, uint256 index, address payee, bytes32 content, uint256[3][] calldata siblings)
        external
        view
        returns (uint256)
    {
        if (!Statement.isTier(slots)) revert InvalidSlots(slots);
        return _tree.recordRoot(slots, index, payee, content, siblings);
    }

    /// @inheritdoc IDatasetRegistry
    function offeredTo(bytes32 datasetId) external view returns (address) {
        return _offers[datasetId];
    }

    /// @inheritdoc IDatasetRegistry
    function treeVerifier(uint256 slots) external view returns (address) {
        return _verifiers[slots];
    }

    /// @inheritdoc IDatasetRegistry
    function openingVerifier() external view returns (address) {
        return _openings;
    }

    /// @inheritdoc IDatasetRegistry
    function recordTree() external view returns (address) {
        return address(_tree);
    }

    // ------------------------------------------------------------------------------------------------ look-ups

    function _head(bytes32 datasetId) private view returns (Head storage h) {
        h = _heads[datasetId];
        if (h.owner == address(0)) revert UnknownDataset(datasetId);
    }

    function _owned(bytes32 datasetId) private view returns (Head storage h) {
        h = _head(datasetId);
        if (h.owner != msg.sender) revert NotOwner(datasetId, msg.sender);
    }

    function _revision(bytes32 datasetId, uint256 revision) private view returns (Revision memory r) {
        r = _revisions[datasetId][revision];
        if (r.records == 0) {
            _head(datasetId);
            revert UnknownRevision(datasetId, revision);
        }
    }

    function _segment(bytes32 datasetId, uint256 segment) private view returns (Segment storage s) {
        s = _segments[datasetId][segment];
        if (s.root == 0) revert UnknownSegment(datasetId, segment);
    }

    /// @dev The last segment of so many records, and how many of them are in it.
    function _shape(uint256 slots, uint256 records) private pure returns (uint256 last, uint256 n) {
        uint256 capacity = Statement.accounts(slots);
        last = (records - 1) / capacity;
        n = records - last * capacity;
    }

    function _recordsIn(uint256 slots, uint256 records, uint256 segment) private pure returns (uint256) {
        (uint256 last, uint256 n) = _shape(slots, records);
        return segment < last ? Statement.accounts(slots) : segment == last ? n : 0;
    }

    /// @dev Of a column or a root of a segment.
    function _key(bytes32 datasetId, uint256 segment, bytes32 what) private pure returns (bytes32) {
        return keccak256(abi.encode(datasetId, segment, what));
    }
}
