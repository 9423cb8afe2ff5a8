// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {AccountTree} from "./AccountTree.sol";
import {IDatasetRegistry} from "./interfaces/IDatasetRegistry.sol";
import {IRevenueLedger} from "./interfaces/IRevenueLedger.sol";
import {Statement} from "./libraries/Statement.sol";
import {VerifierCall} from "./libraries/VerifierCall.sol";

/// @title The revenue ledger: see IRevenueLedger for what each function promises
/// @dev Every public input and every link is built here from storage; a caller supplies proofs, a new root and a segment's
/// two sums, nothing else. Loops run over at most MAX_SEGMENTS segments or MAX_BENEFICIARIES beneficiaries, never over
/// accounts, and no transfer happens outside deposit, claim and withdraw: whoever can't be paid blocks nobody else.
contract RevenueLedger is IRevenueLedger, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @notice So many score commitments fit in one transaction under a cap of 16,777,216 gas.
    uint256 public constant MAX_SEGMENTS = 512;
    uint256 public constant MAX_BENEFICIARIES = 16;
    uint256 public constant MIN_WINDOW = 1 hours;
    uint256 public constant MAX_WINDOW = 365 days;
    uint256 private constant BPS = 10_000;
    /// @dev What a lane holds before its first column. Never read; it lets enrolment pay for the slot, not the first epochs.
    bytes32 private constant UNUSED = bytes32(uint256(1));

    /// @dev A segment has room for two balance columns, so that an epoch can be given up: the live one, and the one that the
    /// current epoch is moving to. The lane with the greater epoch is live if that epoch is final, else the other one is.
    struct SegmentState {
        bytes32 payees;
        bytes32 lane0;
        bytes32 lane1;
        uint64 epoch0;
        uint64 epoch1;
        uint64 enrolments;
    }

    /// @dev Which segment of which dataset in which model.
    struct Place {
        bytes32 modelId;
        bytes32 datasetId;
        uint256 segment;
    }

    IDatasetRegistry private immutable _registry;
    AccountTree private immutable _tree;
    /// @dev Written by the constructor only.
    mapping(uint256 tier => TierVerifiers) private _verifiers;

    mapping(bytes32 modelId => Model) private _models;
    mapping(bytes32 modelId => Beneficiary[]) private _beneficiaries;
    mapping(bytes32 modelId => mapping(uint256 epoch => Epoch)) private _epochs;
    mapping(bytes32 modelId => mapping(bytes32 datasetId => Enrolment)) private _enrolments;
    /// @dev Only the current epoch's commitments are ever read: each epoch overwrites the one before.
    mapping(bytes32 modelId => mapping(uint256 index => bytes32)) private _scores;
    mapping(bytes32 modelId => mapping(address account => uint256)) private _credits;
    mapping(bytes32 segmentKey => SegmentState) private _segments;
    mapping(bytes32 segmentKey => mapping(uint256 root => uint256 epoch)) private _published;
    mapping(bytes32 segmentKey => mapping(uint256 index => uint256)) private _claimed;

    constructor(address registry_, TierVerifiers[] memory list) {
        if (registry_.code.length == 0) revert RegistryWithoutCode(registry_);
        _registry = IDatasetRegistry(registry_);
        _tree = new AccountTree();
        for (uint256 i = 0; i < list.length; i++) {
            TierVerifiers memory v = list[i];
            if ((v.tier != 3 && v.tier != 5 && v.tier != 7) || _verifiers[v.tier].tier != 0) {
                revert InvalidTier(v.tier);
            }
            bytes32 split = VerifierCall.expect(v.split, Statement.RELATION_SPLIT, v.tier, Statement.SPLIT_INPUTS);
            bytes32 tree = VerifierCall.expect(v.tree, Statement.RELATION_TREE, v.tier, Statement.TREE_INPUTS);
            _verifiers[v.tier] = v;
            emit VerifiersFixed(v.tier, v.split, split, v.tree, tree);
        }
    }

    // ------------------------------------------------------------------------------------------------ set-up

    /// @inheritdoc IRevenueLedger
    function createModel(Terms calldata terms) external nonReentrant returns (bytes32 modelId) {
        if (bytes(terms.name).length == 0) revert InvalidName();
        _checkAccount(terms.attributor);
        if (terms.token.code.length == 0) revert TokenWithoutCode(terms.token);
        _checkWindow(terms.openWindow);
        _checkWindow(terms.settleWindow);
        modelId = computeModelId(msg.sender, terms.name);
        Model storage m = _models[modelId];
        if (m.developer != address(0)) revert ModelExists(modelId);

        m.developer = msg.sender;
        m.attributor = terms.attributor;
        m.token = terms.token;
        m.contributorsBps = terms.contributorsBps;
        m.openWindow = terms.openWindow;
        m.settleWindow = terms.settleWindow;
        m.epoch = 1;
        m.openedAt = uint64(block.timestamp);

        uint256 count = terms.beneficiaries.length;
        if (count > MAX_BENEFICIARIES) revert TooManyBeneficiaries(count);
        if (terms.contributorsBps == 0) revert InvalidPolicy();
        uint256 sum = terms.contributorsBps;
        for (uint256 i = 0; i < count; i++) {
            Beneficiary calldata b = terms.beneficiaries[i];
            _checkAccount(b.account);
            if (b.bps == 0) revert InvalidPolicy();
            sum += b.bps;
            _beneficiaries[modelId].push(b);
        }
        if (sum != BPS) revert InvalidPolicy();
        emit ModelCreated(modelId, msg.sender, terms.attributor, terms);
    }

    /// @inheritdoc IRevenueLedger
    function enroll(bytes32 modelId, bytes32 datasetId, uint256 segment, bytes calldata proof) external nonReentrant {
        Model storage m = _developerOf(modelId);
        Enrolment storage en = _enrolments[modelId][datasetId];
        if (en.segments == 0) _beginEnrolment(m, modelId, en, datasetId);

        Place memory at = Place(modelId, datasetId, segment);
        SegmentState storage s = _segments[_key(at)];
        uint256 earlier = s.enrolments;
        uint256 root = _registry.root(datasetId, segment);
        uint256[] memory linked = _verifyTree(at, root, Statement.T_RECORD, Statement.DOMAIN_ENROLL, earlier, proof);

        s.payees = VerifierCall.digest(linked, Statement.TREE_A);
        s.enrolments = uint64(earlier + 1);
        emit SegmentEnrolled(modelId, datasetId, segment, earlier, linked[0], linked[1]);
        if (earlier != 0) return;
        (s.lane0, s.lane1) = (UNUSED, UNUSED);
        if (++en.enrolled < en.segments) return;

        // The whole dataset enters at once: nobody of it is left out.
        en.first = m.segments;
        m.segments += en.segments;
        m.accounts += uint32(en.segments * Statement.accounts(en.tier));
        emit DatasetEnrolled(modelId, datasetId, en.tier, en.first, en.segments);
    }

    function _beginEnrolment(Model storage m, bytes32 modelId, Enrolment storage en, bytes32 datasetId) private {
        IDatasetRegistry.Dataset memory d = _registry.dataset(datasetId);
        if (_verifiers[d.tier].tier == 0) revert UnsupportedTier(d.tier);
        uint256 reserved = uint256(m.reserved) + d.segments;
        if (reserved > MAX_SEGMENTS) revert TooManySegments(modelId, reserved);
        m.reserved = uint16(reserved);
        en.tier = d.tier;
        en.segments = uint16(d.segments);
    }

    // ------------------------------------------------------------------------------------------------ an epoch

    /// @inheritdoc IRevenueLedger
    function commitScores(bytes32 modelId, uint256 epoch, uint256 totalScore, uint256[2][] calldata points)
        external
        nonReentrant
    {
        Model storage m = _modelOf(modelId);
        if (msg.sender != m.attributor) revert NotAttributor(modelId, msg.sender);
        Epoch storage e = _currentEpoch(m, modelId, epoch);
        if (e.stage != Stage.Open) revert WrongStage(e.stage);
        if (totalScore > Statement.MAX_TOTAL_SCORE) revert InvalidTotalScore(totalScore);
        uint256 segments = totalScore == 0 ? 0 : m.segments;
        if (totalScore != 0 && segments == 0) revert NoSegments();
        if (points.length != segments) revert WrongPointCount(segments, points.length);

        e.stage = Stage.Scored;
        e.segments = uint16(segments);
        e.accounts = m.accounts;
        e.totalScore = uint80(totalScore);
        mapping(uint256 => bytes32) storage scores = _scores[modelId];
        for (uint256 i = 0; i < segments; i++) {
            (uint256 x, uint256 y) = (points[i][0], points[i][1]);
            if (!Statement.isPoint(x, y)) revert InvalidPoint(i);
            scores[i] = VerifierCall.digest(x, y);
        }
        emit ScoresCommitted(modelId, epoch, totalScore, points);
    }

    /// @inheritdoc IRevenueLedger
    function deposit(bytes32 modelId, uint256 amount) external nonReentrant returns (uint256 received) {
        Model storage m = _modelOf(modelId);
        IERC20 token = IERC20(m.token);
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amount);
        uint256 afterwards = token.balanceOf(address(this));
        if (afterwards <= before) revert NothingReceived();
        received = afterwards - before;

        // V7. Each unit is paid into balances at most once, so no balance and no pool can reach 2^127 either.
        if (received > Statement.MAX_LIFETIME_REVENUE - m.received) {
            revert RevenueLimit(Statement.MAX_LIFETIME_REVENUE);
        }
        m.received += uint128(received);
        if (m.pending == 0) m.openedAt = uint64(block.timestamp);
        m.pending += uint128(received);
        uint256 epoch = m.epoch;
        if (_epochs[modelId][epoch].stage == Stage.Settling) epoch++;
        emit RevenueDeposited(modelId, epoch, msg.sender, amount, received);
    }

    /// @inheritdoc IRevenueLedger
    function closeEpoch(bytes32 modelId, uint256 epoch) external nonReentrant {
        Model storage m = _modelOf(modelId);
        Epoch storage e = _currentEpoch(m, modelId, epoch);
        Stage stage = e.stage;
        if (stage != Stage.Open && stage != Stage.Scored) revert WrongStage(stage);
        if (stage == Stage.Open || msg.sender != m.developer) {
            uint256 deadline = uint256(m.openedAt) + m.openWindow;
            if (block.timestamp <= deadline) revert TooEarly(deadline);
        }
        uint256 revenue = m.pending;
        uint256 carriedIn = m.carried;
        bool split = e.totalScore != 0;
        if (revenue == 0 && (carriedIn == 0 || !split)) revert NothingToClose();

        uint256 pool = revenue - _creditShares(modelId, epoch, revenue) + carriedIn;
        uint256 settleDeadline = split ? block.timestamp + m.settleWindow : block.timestamp;
        m.pending = 0;
        m.carried = 0;
        e.revenue = uint128(revenue);
        e.pool = uint128(pool);
        e.settleDeadline = uint64(settleDeadline);
        emit EpochClosed(modelId, epoch, revenue, carriedIn, pool, settleDeadline);
        if (split) e.stage = Stage.Settling;
        else _carry(m, modelId, epoch, stage == Stage.Open ? CarryReason.NoScores : CarryReason.ZeroScores);
    }

    /// @dev V6: floors for the others; what they leave is the contributors'.
    function _creditShares(bytes32 modelId, uint256 epoch, uint256 revenue) private returns (uint256 sum) {
        if (revenue == 0) return 0;
        Beneficiary[] storage list = _beneficiaries[modelId];
        uint256 count = list.length;
        for (uint256 i = 0; i < count; i++) {
            Beneficiary memory b = list[i];
            uint256 share = revenue * b.bps / BPS;
            if (share == 0) continue;
            sum += share;
            _credits[modelId][b.account] += share;
            emit ShareCredited(modelId, epoch, b.account, share);
        }
    }

    /// @inheritdoc IRevenueLedger
    function settle(
        bytes32 modelId,
        uint256 epoch,
        bytes32 datasetId,
        uint256 segment,
        uint256 segmentScore,
        uint256 segmentPaid,
        bytes calldata proof
    ) external nonReentrant {
        Model storage m = _developerOf(modelId);
        Epoch storage e = _currentEpoch(m, modelId, epoch);
        if (e.stage != Stage.Settling) revert WrongStage(e.stage);
        _addToSums(e, segmentScore, segmentPaid);

        uint256[] memory inputs = new uint256[](Statement.SPLIT_INPUTS);
        inputs[Statement.SPLIT_SEGMENT_SCORE] = segmentScore;
        inputs[Statement.SPLIT_SEGMENT_PAID] = segmentPaid;
        inputs[Statement.SPLIT_POOL] = e.pool;
        inputs[Statement.SPLIT_TOTAL_SCORE] = e.totalScore;
        (uint256 x, uint256 y) = _move(Place(modelId, datasetId, segment), epoch, inputs, proof);
        emit SegmentSettled(modelId, epoch, datasetId, segment, segmentScore, segmentPaid, x, y);
        if (++e.moved == e.segments) _finalise(m, modelId, epoch, e);
    }

    /// @dev Bounds that hold of every prefix of an epoch; they also make both sums canonical public inputs (V1).
    function _addToSums(Epoch storage e, uint256 segmentScore, uint256 segmentPaid) private {
        (uint256 total, uint256 scoreSum, uint256 pool, uint256 paid) = (e.totalScore, e.scoreSum, e.pool, e.paid);
        if (segmentScore > total - scoreSum) revert ScoreSumExceeded(total, segmentScore);
        if (segmentPaid > pool - paid) revert PoolExceeded(pool, segmentPaid);
        e.scoreSum = uint80(scoreSum + segmentScore);
        e.paid = uint128(paid + segmentPaid);
    }

    /// @dev V3: verifies a Split proof against the segment's own columns and stores New in the lane that is not live.
    /// `inputs` is complete but for genesis and context.
    function _move(Place memory at, uint256 epoch, uint256[] memory inputs, bytes calldata proof)
        private
        returns (uint256, uint256)
    {
        (uint256 index, address verifier) = _participant(at, epoch);
        SegmentState storage s = _segments[_key(at)];
        if (s.epoch0 == epoch || s.epoch1 == epoch) revert AlreadySettled(at.datasetId, at.segment, epoch);
        (bytes32 balances, uint256 liveEpoch) = _live(at.modelId, s);
        inputs[Statement.SPLIT_GENESIS] = liveEpoch == 0 ? 1 : 0;
        inputs[Statement.SPLIT_CONTEXT] = _context(Statement.DOMAIN_SPLIT, epoch, at);

        uint256[] memory linked = VerifierCall.verify(verifier, proof, inputs, Statement.SPLIT_LINKED);
        if (liveEpoch != 0 && VerifierCall.digest(linked, Statement.SPLIT_OLD) != balances) {
            revert OldColumnMismatch();
        }
        if (VerifierCall.digest(linked, Statement.SPLIT_SCORE) != _scores[at.modelId][index]) {
            revert ScoreColumnMismatch();
        }
        bytes32 moved = VerifierCall.digest(linked, Statement.SPLIT_NEW);
        if (s.epoch0 == liveEpoch) (s.lane1, s.epoch1) = (moved, uint64(epoch));
        else (s.lane0, s.epoch0) = (moved, uint64(epoch));
        return (linked[2 * Statement.SPLIT_NEW], linked[2 * Statement.SPLIT_NEW + 1]);
    }

    /// @dev V5. The first of these checks is what keeps inconsistent scores from ever becoming final; the second follows
    /// from the proofs and is kept so that no surplus can hide in the dust.
    function _finalise(Model storage m, bytes32 modelId, uint256 epoch, Epoch storage e) private {
        if (e.scoreSum != e.totalScore) revert ScoreSumMismatch(e.totalScore, e.scoreSum);
        uint128 paid = e.paid;
        uint128 dust = e.pool - paid;
        if (dust >= e.accounts) revert DustTooLarge(dust, e.accounts);
        e.stage = Stage.Final;
        m.unclaimed += paid;
        m.carried = dust;
        _openNext(m, epoch);
        emit EpochFinal(modelId, epoch, paid, dust);
    }

    /// @inheritdoc IRevenueLedger
    function abandonEpoch(bytes32 modelId, uint256 epoch) external nonReentrant {
        Model storage m = _modelOf(modelId);
        Epoch storage e = _currentEpoch(m, modelId, epoch);
        if (e.stage != Stage.Settling) revert WrongStage(e.stage);
        if (block.timestamp <= e.settleDeadline) revert TooEarly(e.settleDeadline);
        _carry(m, modelId, epoch, CarryReason.NotSettled);
    }

    function _carry(Model storage m, bytes32 modelId, uint256 epoch, CarryReason reason) private {
        Epoch storage e = _epochs[modelId][epoch];
        uint128 pool = e.pool;
        e.stage = Stage.Carried;
        m.carried = pool;
        _openNext(m, epoch);
        emit EpochCarried(modelId, epoch, pool, reason);
    }

    function _openNext(Model storage m, uint256 epoch) private {
        m.epoch = uint64(epoch + 1);
        m.openedAt = uint64(block.timestamp);
    }

    // ------------------------------------------------------------------------------------------------ pay-out

    /// @inheritdoc IRevenueLedger
    function publish(bytes32 modelId, bytes32 datasetId, uint256 segment, uint256 root, bytes calldata proof)
        external
        nonReentrant
    {
        _developerOf(modelId);
        Statement.requireCanonical(root);
        Place memory at = Place(modelId, datasetId, segment);
        bytes32 key = _key(at);
        SegmentState storage s = _segments[key];
        (bytes32 balances, uint256 epoch) = _live(modelId, s);
        if (epoch == 0) revert NothingSettled();
        if (_published[key][root] != 0) revert AlreadyPublished(root);

        uint256[] memory linked = _verifyTree(at, root, Statement.T_ACCOUNT, Statement.DOMAIN_PUBLISH, epoch, proof);
        if (VerifierCall.digest(linked, Statement.TREE_A) != s.payees) revert PayeeColumnMismatch();
        if (VerifierCall.digest(linked, Statement.TREE_B) != balances) revert BalanceColumnMismatch();
        _published[key][root] = epoch;
        emit AccountsPublished(modelId, datasetId, segment, epoch, root);
    }

    /// @inheritdoc IRevenueLedger
    function claim(
        bytes32 modelId,
        bytes32 datasetId,
        uint256 segment,
        uint256 index,
        address payee,
        uint256 cumulative,
        uint256 salt,
        uint256[3][] calldata path
    ) external nonReentrant returns (uint256 amount) {
        bytes32 key = _key(modelId, datasetId, segment);
        {
            uint256 tier = _enrolments[modelId][datasetId].tier;
            if (tier == 0) revert SegmentNotEnrolled(modelId, datasetId, segment);
            if (path.length != tier) revert WrongPathLength(tier, path.length);
            if (index >= Statement.accounts(tier)) revert InvalidIndex(index);
            _checkAccount(payee);
            uint256 root = _tree.root(index, payee, cumulative, salt, path);
            if (_published[key][root] == 0) revert UnknownRoot(root);
        }
        uint256 before = _claimed[key][index];
        if (cumulative <= before) revert NothingOwed();
        amount = cumulative - before;
        Model storage m = _models[modelId];
        if (amount > m.unclaimed) revert ExceedsSettled(m.unclaimed, amount);
        _claimed[key][index] = cumulative;
        m.unclaimed -= uint128(amount);
        emit Claimed(modelId, datasetId, payee, segment, index, amount, cumulative);
        IERC20(m.token).safeTransfer(payee, amount);
    }

    /// @inheritdoc IRevenueLedger
    function withdraw(bytes32 modelId, address account) external nonReentrant returns (uint256 amount) {
        Model storage m = _modelOf(modelId);
        amount = _credits[modelId][account];
        if (amount == 0) revert NothingOwed();
        _credits[modelId][account] = 0;
        emit Withdrawn(modelId, account, amount);
        IERC20(m.token).safeTransfer(account, amount);
    }

    // ------------------------------------------------------------------------------------------------ views

    /// @inheritdoc IRevenueLedger
    function computeModelId(address developer, string calldata name) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), developer, keccak256(bytes(name))));
    }

    /// @inheritdoc IRevenueLedger
    function context(bytes32 domain, bytes32 modelId, uint256 epoch, bytes32 datasetId, uint256 segment)
        external
        view
        returns (uint256)
    {
        return Statement.context(domain, modelId, epoch, datasetId, segment);
    }

    /// @inheritdoc IRevenueLedger
    function registry() external view returns (address) {
        return address(_registry);
    }

    /// @inheritdoc IRevenueLedger
    function accountTree() external view returns (address) {
        return address(_tree);
    }

    /// @inheritdoc IRevenueLedger
    function verifiers(uint256 tier) external view returns (address split, address tree) {
        return (_verifiers[tier].split, _verifiers[tier].tree);
    }

    /// @inheritdoc IRevenueLedger
    function getModel(bytes32 modelId) external view returns (Model memory) {
        return _models[modelId];
    }

    /// @inheritdoc IRevenueLedger
    function getBeneficiaries(bytes32 modelId) external view returns (Beneficiary[] memory) {
        return _beneficiaries[modelId];
    }

    /// @inheritdoc IRevenueLedger
    function getEpoch(bytes32 modelId, uint256 epoch) external view returns (Epoch memory) {
        return _epochs[modelId][epoch];
    }

    /// @inheritdoc IRevenueLedger
    function getEnrolment(bytes32 modelId, bytes32 datasetId) external view returns (Enrolment memory) {
        return _enrolments[modelId][datasetId];
    }

    /// @inheritdoc IRevenueLedger
    function getSegment(bytes32 modelId, bytes32 datasetId, uint256 segment) external view returns (Segment memory) {
        SegmentState storage s = _segments[_key(modelId, datasetId, segment)];
        (bytes32 balances, uint256 epoch) = _live(modelId, s);
        return Segment({
            payees: s.payees,
            balances: balances,
            balancesEpoch: uint64(epoch),
            movedEpoch: s.epoch0 > s.epoch1 ? s.epoch0 : s.epoch1,
            enrolments: s.enrolments
        });
    }

    /// @inheritdoc IRevenueLedger
    function scoreColumn(bytes32 modelId, uint256 index) external view returns (bytes32) {
        return _scores[modelId][index];
    }

    /// @inheritdoc IRevenueLedger
    function publishedEpoch(bytes32 modelId, bytes32 datasetId, uint256 segment, uint256 root)
        external
        view
        returns (uint256)
    {
        return _published[_key(modelId, datasetId, segment)][root];
    }

    /// @inheritdoc IRevenueLedger
    function claimed(bytes32 modelId, bytes32 datasetId, uint256 segment, uint256 index)
        external
        view
        returns (uint256)
    {
        return _claimed[_key(modelId, datasetId, segment)][index];
    }

    /// @inheritdoc IRevenueLedger
    function credit(bytes32 modelId, address account) external view returns (uint256) {
        return _credits[modelId][account];
    }

    // ------------------------------------------------------------------------------------------------ look-ups

    function _modelOf(bytes32 modelId) private view returns (Model storage m) {
        m = _models[modelId];
        if (m.developer == address(0)) revert UnknownModel(modelId);
    }

    function _developerOf(bytes32 modelId) private view returns (Model storage m) {
        m = _modelOf(modelId);
        if (msg.sender != m.developer) revert NotDeveloper(modelId, msg.sender);
    }

    function _currentEpoch(Model storage m, bytes32 modelId, uint256 epoch) private view returns (Epoch storage) {
        if (epoch != m.epoch) revert WrongEpoch(m.epoch, epoch);
        return _epochs[modelId][epoch];
    }

    /// @dev The segment's number within the model and its Split verifier, if it takes part in the epoch.
    function _participant(Place memory at, uint256 epoch) private view returns (uint256 index, address verifier) {
        Enrolment memory en = _enrolments[at.modelId][at.datasetId];
        bool enrolled = en.enrolled == en.segments && at.segment < en.segments;
        if (!enrolled || en.first + at.segment >= _epochs[at.modelId][epoch].segments) {
            revert NotInEpoch(at.datasetId, at.segment, epoch);
        }
        index = en.first + at.segment;
        verifier = _verifiers[en.tier].split;
    }

    /// @dev The balance column of the last final epoch and that epoch; (0, 0) before the first.
    function _live(bytes32 modelId, SegmentState storage s) private view returns (bytes32 balances, uint256 epoch) {
        (uint256 newer, uint256 older) = (s.epoch1, s.epoch0);
        bool swap = older > newer;
        if (swap) (newer, older) = (older, newer);
        bool final_ = newer != 0 && _epochs[modelId][newer].stage == Stage.Final;
        epoch = final_ ? newer : older;
        if (epoch != 0) balances = swap == final_ ? s.lane0 : s.lane1;
    }

    /// @dev Relation Tree: returns the commitments to A and B.
    function _verifyTree(
        Place memory at,
        uint256 root,
        uint256 tag,
        bytes32 domain,
        uint256 epoch,
        bytes calldata proof
    ) private view returns (uint256[] memory) {
        uint256[] memory inputs = new uint256[](Statement.TREE_INPUTS);
        inputs[Statement.TREE_ROOT] = root;
        inputs[Statement.TREE_TAG] = tag;
        inputs[Statement.TREE_CONTEXT] = _context(domain, epoch, at);
        address verifier = _verifiers[_enrolments[at.modelId][at.datasetId].tier].tree;
        return VerifierCall.verify(verifier, proof, inputs, Statement.TREE_LINKED);
    }

    function _context(bytes32 domain, uint256 epoch, Place memory at) private view returns (uint256) {
        return Statement.context(domain, at.modelId, epoch, at.datasetId, at.segment);
    }

    function _key(Place memory at) private pure returns (bytes32) {
        return _key(at.modelId, at.datasetId, at.segment);
    }

    function _key(bytes32 modelId, bytes32 datasetId, uint256 segment) private pure returns (bytes32) {
        return keccak256(abi.encode(modelId, datasetId, segment));
    }

    function _checkAccount(address account) private view {
        if (account == address(0) || account == address(this)) revert InvalidAccount(account);
    }

    function _checkWindow(uint256 window) private pure {
        if (window < MIN_WINDOW || window > MAX_WINDOW) revert InvalidWindow(window);
    }
}
