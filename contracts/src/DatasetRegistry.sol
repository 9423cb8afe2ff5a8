// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {IDatasetRegistry} from "./interfaces/IDatasetRegistry.sol";
import {Statement} from "./libraries/Statement.sol";

/// @title The registry of datasets: see IDatasetRegistry
contract DatasetRegistry is IDatasetRegistry {
    mapping(bytes32 datasetId => Dataset) private _datasets;
    mapping(bytes32 datasetId => mapping(uint256 segment => uint256)) private _roots;

    /// @inheritdoc IDatasetRegistry
    function register(bytes32 parent, uint8 tier, uint64 records, uint256[] calldata roots, string calldata uri)
        external
        returns (bytes32 datasetId)
    {
        if (tier != 3 && tier != 5 && tier != 7) revert UnknownTier(tier);
        if (records == 0) revert NoRecords();
        uint256 perSegment = Statement.accounts(tier);
        uint256 segments = (records + perSegment - 1) / perSegment;
        if (roots.length != segments) revert WrongRootCount(segments, roots.length);
        if (parent != 0) {
            address parentOwner = _datasets[parent].owner;
            if (parentOwner == address(0)) revert UnknownDataset(parent);
            if (parentOwner != msg.sender) revert NotDatasetOwner(parent, msg.sender);
        }
        datasetId = computeId(msg.sender, parent, tier, records, roots, uri);
        if (_datasets[datasetId].owner != address(0)) revert AlreadyRegistered(datasetId);

        // The number of segments is a number of words in calldata: it fits.
        _datasets[datasetId] = Dataset(msg.sender, tier, uint32(segments), records, parent);
        for (uint256 i = 0; i < segments; i++) {
            uint256 r = roots[i];
            if (r == 0 || r >= Statement.SCALAR_FIELD) revert InvalidRoot(i, r);
            _roots[datasetId][i] = r;
        }
        emit DatasetRegistered(datasetId, msg.sender, parent, tier, records, roots, uri);
    }

    /// @inheritdoc IDatasetRegistry
    function computeId(
        address owner,
        bytes32 parent,
        uint8 tier,
        uint64 records,
        uint256[] calldata roots,
        string calldata uri
    ) public view returns (bytes32) {
        bytes32 rootsDigest = keccak256(abi.encodePacked(roots));
        return keccak256(
            abi.encode(block.chainid, address(this), owner, parent, tier, records, rootsDigest, keccak256(bytes(uri)))
        );
    }

    /// @inheritdoc IDatasetRegistry
    function dataset(bytes32 datasetId) external view returns (Dataset memory d) {
        d = _datasets[datasetId];
        if (d.owner == address(0)) revert UnknownDataset(datasetId);
    }

    /// @inheritdoc IDatasetRegistry
    function root(bytes32 datasetId, uint256 segment) external view returns (uint256 r) {
        r = _roots[datasetId][segment];
        if (r == 0) revert UnknownSegment(datasetId, segment);
    }
}
