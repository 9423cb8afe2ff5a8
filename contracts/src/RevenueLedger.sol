// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IDatasetRegistry} from "./interfaces/IDatasetRegistry.sol";
import {IRevenueLedger} from "./interfaces/IRevenueLedger.sol";
import {Claims} from "./libraries/Claims.sol";
import {Demands} from "./libraries/Demands.sol";
import {Epochs} from "./libraries/Epochs.sol";
import {Exits} from "./libraries/Exits.sol";
import {LedgerState} from "./libraries/LedgerState.sol";
import {Models} from "./libraries/Models.sol";
import {Statement} from "./libraries/Statement.sol";
import {VerifierCall} from "./libraries/VerifierCall.sol";

/// @title The revenue ledger: see IRevenueLedger for what each function promises
/// @dev The code is in libraries over one struct: Models (terms, roles, datasets), Epochs (deposit to final), Claims (pay-out),
/// Demands and Exits (what happens when somebody stops). Every public input and every link is built from storage. Nothing loops
/// over accounts but those that the caller names, and whoever can't be paid stops nobody else.
contract RevenueLedger is IRevenueLedger, ReentrancyGuardTransient {
    using LedgerState for LedgerState.Deployed;
    using LedgerState for LedgerState.State;

    /// @inheritdoc IRevenueLedger
    bytes32 public constant version = "apportion.ledger.v2";

    IDatasetRegistry private immutable _registry;
    address private immutable _openings;
    address private immutable _split64;
    address private immutable _split1024;
    address private immutable _split16384;
    /// @inheritdoc IRevenueLedger
    uint128 public immutable maxBond;
    LedgerState.State private _state;

    constructor(address registry_, address openings, SplitVerifier[] memory verifiers, uint128 maxBond_) {
        if (registry_.code.length == 0) revert RegistryWithoutCode(registry_);
        bytes32 setup = VerifierCall.expectOpenings(openings);
        bytes32 registered = VerifierCall.expectOpenings(IDatasetRegistry(registry_).openingVerifier());
        if (registered != setup) revert SetupMismatch(setup, registered);
        (_registry, _openings, maxBond) = (IDatasetRegistry(registry_), openings, maxBond_);
        for (uint256 i = 0; i < verifiers.length; i++) {
            (uint32 slots, address verifier) = (verifiers[i].slots, verifiers[i].verifier);
            if (!Statement.isTier(slots) || splitVerifier(slots) != address(0)) revert InvalidSlots(slots);
            bytes32 key = VerifierCall.expect(verifier, Statement.RELATION_SPLIT, slots, Statement.SPLIT_INPUTS, setup);
            if (slots == 64) _split64 = verifier;
            else if (slots == 1_024) _split1024 = verifier;
            else _split16384 = verifier;
            emit VerifierFixed(slots, verifier, key);
        }
    }

    // ------------------------------------------------------------------------------------------------ set-up

    /// @inheritdoc IRevenueLedger
    function createModel(Terms calldata terms, Policy calldata policy) external nonReentrant returns (bytes32 modelId) {
        modelId = computeModelId(msg.sender, terms.name);
        Models.create(_state, modelId, maxBond, terms, policy);
    }

    /// @inheritdoc IRevenueLedger
    function enroll(bytes32 modelId, bytes32 datasetId, uint32 revision) external nonReentrant {
        Models.enroll(_state, _deployed(), modelId, datasetId, revision);
    }

    /// @inheritdoc IRevenueLedger
    function open(bytes32 modelId) external nonReentrant {
        Epochs.open(_state, modelId);
    }

    // ------------------------------------------------------------------------------------------------ roles and changes

    /// @inheritdoc IRevenueLedger
    function offerDeveloper(bytes32 modelId, address to) external nonReentrant {
        Models.offerDeveloper(_state, modelId, to);
    }

    /// @inheritdoc IRevenueLedger
    function acceptDeveloper(bytes32 modelId) external nonReentrant {
        Models.acceptDeveloper(_state, modelId);
    }

    /// @inheritdoc IRevenueLedger
    function offerAttributor(bytes32 modelId, address to) external nonReentrant {
        Models.offerAttributor(_state, modelId, to);
    }

    /// @inheritdoc IRevenueLedger
    function acceptAttributor(bytes32 modelId) external nonReentrant {
        Models.acceptAttributor(_state, modelId);
    }

    /// @inheritdoc IRevenueLedger
    function announcePolicy(bytes32 modelId, Policy calldata policy) external nonReentrant {
        Models.announcePolicy(_state, modelId, policy);
    }

    /// @inheritdoc IRevenueLedger
    function announceAttributor(bytes32 modelId, address attributor) external nonReentrant {
        Models.announceAttributor(_state, modelId, attributor);
    }

    /// @inheritdoc IRevenueLedger
    function announceRetirement(bytes32 modelId, bytes32 datasetId) external nonReentrant {
        Models.announceRetirement(_state, modelId, datasetId);
    }

    /// @inheritdoc IRevenueLedger
    function replaceAttributor(bytes32 modelId, uint64 epoch) external nonReentrant {
        Models.replaceAttributor(_state, modelId, epoch);
    }

    // ------------------------------------------------------------------------------------------------ an epoch

    /// @inheritdoc IRevenueLedger
    function deposit(bytes32 modelId, uint64 epoch, uint128 amount, uint32 policy, address attributor)
        external
        nonReentrant
        returns (uint128 received)
    {
        return Epochs.deposit(_state, modelId, epoch, amount, policy, attributor);
    }

    /// @inheritdoc IRevenueLedger
    function commitScores(bytes32 modelId, uint64 epoch, bytes32 root, uint96 totalScore, uint32 count)
        external
        nonReentrant
    {
        Epochs.commitScores(_state, modelId, epoch, root, totalScore, count);
    }

    /// @inheritdoc IRevenueLedger
    function closeEpoch(bytes32 modelId, uint64 epoch, bytes32 scoreRoot) external nonReentrant {
        Epochs.close(_state, modelId, epoch, scoreRoot);
    }

    /// @inheritdoc IRevenueLedger
    function settle(bytes32 modelId, uint64 epoch, Move[] calldata moves) external nonReentrant {
        Epochs.settle(_state, _deployed(), modelId, epoch, moves);
    }

    // ------------------------------------------------------------------------------------------------ pay-out

    /// @inheritdoc IRevenueLedger
    function claim(bytes32 modelId, Receipt[] calldata receipts) external nonReentrant returns (uint256 paid) {
        return Claims.redeem(_state, _registry, _openings, modelId, receipts, false);
    }

    /// @inheritdoc IRevenueLedger
    function setRecipient(address recipient) external nonReentrant {
        if (recipient == address(this)) revert InvalidAccount(recipient);
        _state.recipients[msg.sender] = recipient;
        emit RecipientSet(msg.sender, recipient);
    }

    /// @inheritdoc IRevenueLedger
    function withdrawShare(bytes32 modelId, uint64[] calldata epochs, uint256 index)
        external
        nonReentrant
        returns (uint256 paid)
    {
        return Claims.withdrawShare(_state, modelId, epochs, index);
    }

    /// @inheritdoc IRevenueLedger
    function withdraw(address token, address account) external nonReentrant returns (uint256 amount) {
        return Claims.withdraw(_state, token, account);
    }

    // ------------------------------------------------------------------------------------------------ stalls

    /// @inheritdoc IRevenueLedger
    function demand(bytes32 modelId, bytes32 datasetId, uint32 segment, RecordPath calldata record)
        external
        payable
        nonReentrant
    {
        Demands.demand(_state, _registry, modelId, datasetId, segment, record);
    }

    /// @inheritdoc IRevenueLedger
    function answer(bytes32 modelId, Receipt[] calldata receipts) external nonReentrant {
        Claims.redeem(_state, _registry, _openings, modelId, receipts, true);
    }

    /// @inheritdoc IRevenueLedger
    function returnBond(bytes32 modelId, bytes32 datasetId, uint32 segment, uint32 index) external nonReentrant {
        Demands.returnBond(_state, modelId, datasetId, segment, index);
    }

    /// @inheritdoc IRevenueLedger
    function dissolve(bytes32 modelId) external nonReentrant {
        Exits.dissolve(_state, modelId);
    }

    /// @inheritdoc IRevenueLedger
    function exit(bytes32 modelId, Exit[] calldata exits) external nonReentrant returns (uint256 paid) {
        return Exits.exit(_state, _registry, _openings, modelId, exits);
    }

    // ------------------------------------------------------------------------------------------------ views

    /// @inheritdoc IRevenueLedger
    function computeModelId(address developer, string calldata name) public view returns (bytes32) {
        return
            keccak256(
                abi.encode(Statement.DOMAIN_MODEL, block.chainid, address(this), developer, keccak256(bytes(name)))
            );
    }

    /// @inheritdoc IRevenueLedger
    function context(bytes32 modelId, uint256 epoch, bytes32 datasetId, uint256 segment)
        external
        view
        returns (uint256)
    {
        return Statement.splitContext(modelId, epoch, datasetId, segment);
    }

    /// @inheritdoc IRevenueLedger
    function registry() external view returns (address) {
        return address(_registry);
    }

    /// @inheritdoc IRevenueLedger
    function openingVerifier() external view returns (address) {
        return _openings;
    }

    /// @inheritdoc IRevenueLedger
    function splitVerifier(uint256 slots) public view returns (address) {
        return _deployed().splitVerifier(slots);
    }

    function _deployed() private view returns (LedgerState.Deployed memory) {
        return LedgerState.Deployed(_registry, _openings, _split64, _split1024, _split16384);
    }

    /// @inheritdoc IRevenueLedger
    function getModel(bytes32 modelId) external view returns (Model memory) {
        LedgerState.Model storage m = _state.models[modelId];
        return Model({
            developer: m.developer,
            token: m.terms.token,
            openEpoch: m.openEpoch,
            finalEpoch: m.finalEpoch,
            dissolvedAt: m.dissolvedAt,
            policies: uint32(m.policies.length),
            records: m.records,
            received: m.received,
            unclaimed: m.unclaimed
        });
    }

    /// @inheritdoc IRevenueLedger
    function getTerms(bytes32 modelId) external view returns (Terms memory) {
        return _state.models[modelId].terms;
    }

    /// @inheritdoc IRevenueLedger
    function getEpoch(bytes32 modelId, uint256 epoch) external view returns (Epoch memory out) {
        LedgerState.Epoch storage e = _state.models[modelId].epochs[epoch];
        out.stage = e.stage;
        out.attempt = e.attempt;
        out.policy = e.policy;
        out.attributor = e.attributor;
        out.openedAt = e.openedAt;
        out.poolReachedAt = e.poolReachedAt;
        out.committedBlock = e.committedBlock;
        out.closedAt = e.closedAt;
        out.progressAt = e.progressAt;
        out.count = e.count;
        out.moved = e.moved;
        out.records = e.records;
        out.scoreRoot = e.scoreRoot;
        out.totalScore = e.totalScore;
        out.scoreSum = e.scoreSum;
        out.revenue = e.revenue;
        out.carried = e.carried;
        out.pool = e.pool;
        out.paid = e.paid;
        out.minPool = e.minPool;
    }

    /// @inheritdoc IRevenueLedger
    function getPolicy(bytes32 modelId, uint256 policy) external view returns (Policy memory out) {
        Policy[] storage policies = _state.models[modelId].policies;
        if (policy != 0 && policy <= policies.length) out = policies[policy - 1];
    }

    /// @inheritdoc IRevenueLedger
    function getAnnounced(bytes32 modelId)
        external
        view
        returns (uint32 policy, uint64 policyFrom, address attributor, uint64 attributorFrom)
    {
        LedgerState.Model storage m = _state.models[modelId];
        return (m.nextPolicy, m.nextPolicyFrom, m.nextAttributor, m.nextAttributorFrom);
    }

    /// @inheritdoc IRevenueLedger
    function getOffers(bytes32 modelId, address ofAttributor)
        external
        view
        returns (address developer, address attributor)
    {
        LedgerState.Model storage m = _state.models[modelId];
        return (m.offeredDeveloper, m.offeredAttributor[ofAttributor]);
    }

    /// @inheritdoc IRevenueLedger
    function attributorOf(bytes32 modelId) external view returns (address) {
        return _state.models[modelId].attributor;
    }

    /// @inheritdoc IRevenueLedger
    function getEnrolment(bytes32 modelId, bytes32 datasetId) external view returns (Enrolment memory) {
        LedgerState.Enrolment storage en = _state.models[modelId].enrolments[datasetId];
        return Enrolment(en.enrolledBlock, en.revision, en.records, en.exitRevision, en.retiredFrom);
    }

    /// @inheritdoc IRevenueLedger
    function getSegment(bytes32 modelId, bytes32 datasetId, uint256 segment) external view returns (Segment memory) {
        return _state.segments[LedgerState.segmentKey(modelId, datasetId, segment)];
    }

    /// @inheritdoc IRevenueLedger
    function balanceColumn(bytes32 modelId, bytes32 datasetId, uint256 segment, uint256 epoch, uint256 attempt)
        external
        view
        returns (bytes32)
    {
        bytes32 key = LedgerState.segmentKey(modelId, datasetId, segment);
        return _state.columns[LedgerState.columnKey(key, epoch, attempt)];
    }

    /// @inheritdoc IRevenueLedger
    function getDemands(bytes32 modelId, bytes32 cursor, uint256 count)
        external
        view
        returns (Demand[] memory page, bytes32 next)
    {
        return Demands.list(_state, modelId, cursor, count);
    }

    /// @inheritdoc IRevenueLedger
    function getDemand(bytes32 modelId, bytes32 datasetId, uint256 segment, uint256 index)
        external
        view
        returns (Demand memory)
    {
        return Demands.one(_state, modelId, datasetId, segment, index);
    }

    /// @inheritdoc IRevenueLedger
    function claimed(bytes32 modelId, bytes32 datasetId, uint256 segment, uint256 index)
        external
        view
        returns (uint128)
    {
        return uint128(_state.claimedOf(LedgerState.segmentKey(modelId, datasetId, segment), index));
    }

    /// @inheritdoc IRevenueLedger
    function claimable(bytes32 modelId, Receipt[] calldata receipts) external view returns (uint256[] memory) {
        return Claims.claimable(_state, _registry, _openings, modelId, receipts);
    }

    /// @inheritdoc IRevenueLedger
    function recipientOf(address payee) external view returns (address) {
        return _state.recipients[payee];
    }

    /// @inheritdoc IRevenueLedger
    function credit(address token, address account) external view returns (uint256) {
        return _state.credits[token][account];
    }

    /// @inheritdoc IRevenueLedger
    function shareWithdrawn(bytes32 modelId, uint256 epoch, uint256 index) external view returns (bool) {
        return uint256(_state.models[modelId].epochs[epoch].sharesWithdrawn) >> index & 1 == 1;
    }

    /// @inheritdoc IRevenueLedger
    function exited(bytes32 modelId, bytes32 datasetId, uint256 segment, uint256 index) external view returns (bool) {
        return _state.hasExited(LedgerState.segmentKey(modelId, datasetId, segment), index);
    }

    /// @inheritdoc IRevenueLedger
    function owed(bytes32 modelId) external view returns (uint256) {
        return _state.models[modelId].owed;
    }

    /// @inheritdoc IRevenueLedger
    function creditedIn(address token) external view returns (uint256) {
        return _state.credited[token];
    }

    /// @inheritdoc IRevenueLedger
    function modelsIn(address token) external view returns (uint256) {
        return _state.modelsIn[token].length;
    }

    /// @inheritdoc IRevenueLedger
    function owedIn(address token, uint256 first, uint256 count) external view returns (uint256 sum) {
        bytes32[] storage models = _state.modelsIn[token];
        uint256 length = models.length;
        for (uint256 i = first; i < length && i - first < count; i++) {
            sum += _state.models[models[i]].owed;
        }
    }
}
