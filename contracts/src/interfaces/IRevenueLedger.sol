// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

/// @title The ledger that splits a model's revenue
/// @notice Life of a model: createModel -> enroll (a proof per segment) -> per epoch: commitScores, deposit (anyone, any
/// time), closeEpoch, settle (a proof per segment) -> publish (a proof per segment, whenever wanted) -> claim, withdraw.
/// Epochs count from 1 and only go up. The ledger has no owner; its registry and verifiers are fixed when it is deployed.
/// Clause numbers (V1 to V8) are those of the statement document.
interface IRevenueLedger {
    // ------------------------------------------------------------------------------------------------ types

    /// @notice The verifiers of one tier. A tier that is not listed at deployment can't be enrolled.
    struct TierVerifiers {
        uint8 tier;
        address split;
        address tree;
    }

    /// @notice A party that takes floor(revenue * bps / 10,000) of every epoch's revenue.
    struct Beneficiary {
        address account;
        uint16 bps;
    }

    /// @notice What a model is created with; none of it ever changes.
    /// @param name The developer's name for it: two models of one developer never share a name.
    /// @param attributor Who commits the scores.
    /// @param token The ERC-20 token that revenue is paid in.
    /// @param contributorsBps The contributors' share, at least 1; with the beneficiaries' shares 10,000 exactly.
    /// @param openWindow Seconds from an epoch's opening or its first revenue, whichever is later; then anyone may close it.
    /// @param settleWindow Seconds from an epoch's close; then anyone may give it up, and its pool is carried.
    /// @param beneficiaries Everybody else who takes a share; at most 16.
    struct Terms {
        string name;
        address attributor;
        address token;
        uint16 contributorsBps;
        uint32 openWindow;
        uint32 settleWindow;
        Beneficiary[] beneficiaries;
    }

    /// @notice Open: no scores yet. Scored: scores committed, revenue still arrives. Settling: closed, proofs arrive.
    /// Final: every segment moved; never changes again. Carried: over without a split, the pool went to the next epoch.
    enum Stage {
        Open,
        Scored,
        Settling,
        Final,
        Carried
    }

    /// @notice Why an epoch ended without a split.
    /// NoScores: the deadline passed. ZeroScores: total_score is 0 (V1). NotSettled: the proofs did not come in time.
    enum CarryReason {
        NoScores,
        ZeroScores,
        NotSettled
    }

    /// @notice One epoch of one model.
    /// @param segments How many of the model's segments take part: those that were enrolled when the scores were committed.
    /// @param moved How many of them are settled.
    /// @param accounts The slots of all segments enrolled when the scores were committed: a bound on the dust (V5).
    /// @param totalScore What the attributor committed to.
    /// @param scoreSum The sum of the settled segments' scores.
    /// @param pool The contributors' pool, what was carried included.
    /// @param paid The sum of the settled segments' payouts.
    /// @param revenue What arrived for this epoch.
    /// @param settleDeadline The last second in which the epoch can't be given up.
    struct Epoch {
        Stage stage;
        uint16 segments;
        uint16 moved;
        uint32 accounts;
        uint80 totalScore;
        uint80 scoreSum;
        uint128 pool;
        uint128 paid;
        uint128 revenue;
        uint64 settleDeadline;
    }

    /// @notice One model. `developer` is zero for a model that does not exist.
    /// @param epoch The number of the current epoch.
    /// @param openedAt When the current epoch opened or its first revenue arrived, whichever is later.
    /// @param segments How many segments take part from the next score commitment on (V3: each moves once per epoch).
    /// @param reserved Segments of all datasets whose enrolment has begun.
    /// @param accounts Slots in `segments`.
    /// @param pending Revenue of the current epoch so far.
    /// @param carried What the next pool starts with.
    /// @param received All revenue that ever arrived (V7).
    /// @param unclaimed Paid into balances by final epochs and not claimed yet.
    struct Model {
        address developer;
        uint64 epoch;
        uint32 openWindow;
        address attributor;
        uint64 openedAt;
        uint32 settleWindow;
        address token;
        uint16 contributorsBps;
        uint16 segments;
        uint16 reserved;
        uint32 accounts;
        uint128 pending;
        uint128 carried;
        uint128 received;
        uint128 unclaimed;
    }

    /// @notice A dataset's place in a model. `segments` is zero where enrolment has not begun.
    /// @param enrolled How many of its segments have been enrolled at least once.
    /// @param first Its first segment's number within the model, once all are enrolled.
    struct Enrolment {
        uint8 tier;
        uint16 segments;
        uint16 enrolled;
        uint16 first;
    }

    /// @notice One segment. Columns are digests keccak256(abi.encode(x, y)) of their commitments.
    /// @param payees The payee column.
    /// @param balances The balance column of the last final epoch; 0 before the first.
    /// @param balancesEpoch That epoch; 0 before the first (genesis).
    /// @param movedEpoch The last epoch in which the segment was settled, final or not.
    /// @param enrolments How many times its payee column was enrolled.
    struct Segment {
        bytes32 payees;
        bytes32 balances;
        uint64 balancesEpoch;
        uint64 movedEpoch;
        uint64 enrolments;
    }

    // ------------------------------------------------------------------------------------------------ events

    /// @notice The ledger was deployed with these verifiers; one event per tier.
    event VerifiersFixed(uint8 indexed tier, address split, bytes32 splitCircuit, address tree, bytes32 treeCircuit);
    event ModelCreated(bytes32 indexed modelId, address indexed developer, address indexed attributor, Terms terms);
    /// @notice A segment's payee column is this point. `enrolment` counts from 0; later ones renew the column's mask (V8).
    event SegmentEnrolled(
        bytes32 indexed modelId, bytes32 indexed datasetId, uint256 segment, uint256 enrolment, uint256 x, uint256 y
    );
    /// @notice All segments of a dataset are enrolled: it takes part from the next score commitment on, as the segments
    /// `first` .. `first + segments - 1` of the model.
    event DatasetEnrolled(
        bytes32 indexed modelId, bytes32 indexed datasetId, uint8 tier, uint256 first, uint256 segments
    );
    event ScoresCommitted(bytes32 indexed modelId, uint256 indexed epoch, uint256 totalScore, uint256[2][] points);
    /// @notice `received` was credited to `epoch`; a token that takes a fee delivers less than `sent`.
    event RevenueDeposited(
        bytes32 indexed modelId, uint256 indexed epoch, address indexed from, uint256 sent, uint256 received
    );
    event ShareCredited(bytes32 indexed modelId, uint256 indexed epoch, address indexed account, uint256 amount);
    /// @notice Revenue is frozen. `pool` is what the contributors get of it, plus `carriedIn`.
    event EpochClosed(
        bytes32 indexed modelId,
        uint256 indexed epoch,
        uint256 revenue,
        uint256 carriedIn,
        uint256 pool,
        uint256 deadline
    );
    event SegmentSettled(
        bytes32 indexed modelId,
        uint256 indexed epoch,
        bytes32 indexed datasetId,
        uint256 segment,
        uint256 segmentScore,
        uint256 segmentPaid,
        uint256 x,
        uint256 y
    );
    /// @notice Every segment moved and the sums hold: the new balance columns are live, `dust` is carried.
    event EpochFinal(bytes32 indexed modelId, uint256 indexed epoch, uint256 paid, uint256 dust);
    /// @notice The epoch is over without a split; `amount` starts the next pool.
    event EpochCarried(bytes32 indexed modelId, uint256 indexed epoch, uint256 amount, CarryReason reason);
    /// @notice Accounts of a segment as of `epoch` can be claimed against `root`.
    event AccountsPublished(
        bytes32 indexed modelId, bytes32 indexed datasetId, uint256 segment, uint256 indexed epoch, uint256 root
    );
    event Claimed(
        bytes32 indexed modelId,
        bytes32 indexed datasetId,
        address indexed payee,
        uint256 segment,
        uint256 index,
        uint256 amount,
        uint256 cumulative
    );
    event Withdrawn(bytes32 indexed modelId, address indexed account, uint256 amount);

    // ------------------------------------------------------------------------------------------------ errors

    error RegistryWithoutCode(address registry);
    /// @notice A tier is listed once, and is 3, 5 or 7.
    error InvalidTier(uint256 tier);
    error UnsupportedTier(uint256 tier);

    error InvalidName();
    error InvalidAccount(address account);
    error TokenWithoutCode(address token);
    error InvalidWindow(uint256 window);
    error TooManyBeneficiaries(uint256 given);
    /// @notice Every share is at least 1 and all shares, the contributors' included, sum to 10,000 (V6).
    error InvalidPolicy();
    error ModelExists(bytes32 modelId);
    error UnknownModel(bytes32 modelId);

    error NotDeveloper(bytes32 modelId, address caller);
    error NotAttributor(bytes32 modelId, address caller);

    error TooManySegments(bytes32 modelId, uint256 segments);
    error SegmentNotEnrolled(bytes32 modelId, bytes32 datasetId, uint256 segment);
    /// @notice This segment has no part in this epoch.
    error NotInEpoch(bytes32 datasetId, uint256 segment, uint256 epoch);

    /// @notice The caller means another epoch than the current one.
    error WrongEpoch(uint256 current, uint256 given);
    /// @notice The current epoch is not at the stage that this needs.
    error WrongStage(Stage stage);
    /// @notice Until this second only the developer may close, and only with scores.
    error TooEarly(uint256 deadline);
    error NothingToClose();
    error NoSegments();
    error InvalidTotalScore(uint256 totalScore);
    /// @notice One commitment per segment of the model; none if the total is 0.
    error WrongPointCount(uint256 expected, uint256 given);
    error InvalidPoint(uint256 index);

    error AlreadySettled(bytes32 datasetId, uint256 segment, uint256 epoch);
    error ScoreSumExceeded(uint256 totalScore, uint256 scoreSum);
    error ScoreSumMismatch(uint256 totalScore, uint256 scoreSum);
    error PoolExceeded(uint256 pool, uint256 paid);
    error DustTooLarge(uint256 dust, uint256 accounts);
    /// @notice The proof is about another balance, score or payee column than the ledger's (V3).
    error OldColumnMismatch();
    error ScoreColumnMismatch();
    error PayeeColumnMismatch();
    error BalanceColumnMismatch();
    /// @notice The segment has no balances yet.
    error NothingSettled();
    error AlreadyPublished(uint256 root);

    error NothingReceived();
    error RevenueLimit(uint256 limit);
    error InvalidIndex(uint256 index);
    error WrongPathLength(uint256 expected, uint256 given);
    /// @notice This leaf and path lead to a root that was never published for this segment.
    error UnknownRoot(uint256 root);
    /// @notice This account, or beneficiary, has been paid all that this entitles to.
    error NothingOwed();
    /// @notice More would be claimed than this model's final epochs paid: the proof system must be broken. Other models'
    /// money is out of reach.
    error ExceedsSettled(uint256 unclaimed, uint256 amount);

    // ------------------------------------------------------------------------------------------------ set-up

    /// @notice Creates a model; the caller is its developer for good.
    function createModel(Terms calldata terms) external returns (bytes32 modelId);

    /// @notice Enrols one segment of a registered dataset, or renews its payee column (V8). Developer only, at any time.
    /// A dataset takes part once all its segments are enrolled, from the next score commitment on.
    /// @param proof Tree; inputs [registered root, T_RECORD, context(DOMAIN_ENROLL, epoch = earlier enrolments)].
    /// A becomes the payee column.
    function enroll(bytes32 modelId, bytes32 datasetId, uint256 segment, bytes calldata proof) external;

    // ------------------------------------------------------------------------------------------------ an epoch

    /// @notice Commits the scores of the current epoch, once (V4). Attributor only, while the epoch is Open.
    /// @param epoch The current epoch: a transaction that comes late changes nothing.
    /// @param totalScore The sum over all segments; below 2^80. If 0 the pool will be carried.
    /// @param points One commitment per segment of the model, in their order; none if the total is 0.
    function commitScores(bytes32 modelId, uint256 epoch, uint256 totalScore, uint256[2][] calldata points) external;

    /// @notice Brings revenue, at any time, for the current epoch or, where that is closed, for the next. What arrives is
    /// credited. Tokens sent to the ledger in any other way belong to nobody.
    function deposit(bytes32 modelId, uint256 amount) external returns (uint256 received);

    /// @notice Freezes the revenue of the current epoch and computes the shares (V6). The developer may do so once scores
    /// are committed; after the deadline anyone may, and without scores the contributors' pool is carried.
    function closeEpoch(bytes32 modelId, uint256 epoch) external;

    /// @notice Moves one segment's balances by one epoch. Developer only, while the epoch is Settling, deadline or not.
    /// The last segment makes the epoch final if the sums hold (V5).
    /// @param proof Split; inputs [segmentScore, segmentPaid, pool, total score, genesis, context(DOMAIN_SPLIT, epoch)].
    function settle(
        bytes32 modelId,
        uint256 epoch,
        bytes32 datasetId,
        uint256 segment,
        uint256 segmentScore,
        uint256 segmentPaid,
        bytes calldata proof
    ) external;

    /// @notice Gives up an epoch that was not settled in time. Anyone, after its deadline. No balance moves; the pool is
    /// carried.
    function abandonEpoch(bytes32 modelId, uint256 epoch) external;

    // ------------------------------------------------------------------------------------------------ pay-out

    /// @notice Publishes the root of a segment's accounts as of its last final epoch. Developer only.
    /// @param proof Tree; inputs [root, T_ACCOUNT, context(DOMAIN_PUBLISH, epoch = `Segment.balancesEpoch`)]; A is the
    /// payee column, B the balance column.
    function publish(bytes32 modelId, bytes32 datasetId, uint256 segment, uint256 root, bytes calldata proof) external;

    /// @notice Pays an account what it has earned and not been paid yet. Anyone may send this; only the payee is paid.
    /// @param index The account's slot in its segment.
    /// @param cumulative All that the account has earned by the published epoch.
    /// @param salt The salt of that publication.
    /// @param path The three siblings of each level, leaf level first, in their order with the own node left out.
    /// @return amount What was paid.
    function claim(
        bytes32 modelId,
        bytes32 datasetId,
        uint256 segment,
        uint256 index,
        address payee,
        uint256 cumulative,
        uint256 salt,
        uint256[3][] calldata path
    ) external returns (uint256 amount);

    /// @notice Pays a beneficiary its credit. Anyone may send this; only the beneficiary is paid.
    function withdraw(bytes32 modelId, address account) external returns (uint256 amount);

    // ------------------------------------------------------------------------------------------------ views

    /// @notice keccak256(abi.encode(uint256 chainId, address ledger, address developer, keccak256(bytes(name)))).
    function computeModelId(address developer, string calldata name) external view returns (bytes32);

    /// @notice V2, as `Statement.context` computes it for this ledger.
    function context(bytes32 domain, bytes32 modelId, uint256 epoch, bytes32 datasetId, uint256 segment)
        external
        view
        returns (uint256);

    function registry() external view returns (address);

    /// @notice The contract that hashes accounts and paths; deployed by the ledger's constructor.
    function accountTree() external view returns (address);
    function verifiers(uint256 tier) external view returns (address split, address tree);
    function getModel(bytes32 modelId) external view returns (Model memory);
    function getBeneficiaries(bytes32 modelId) external view returns (Beneficiary[] memory);
    function getEpoch(bytes32 modelId, uint256 epoch) external view returns (Epoch memory);
    function getEnrolment(bytes32 modelId, bytes32 datasetId) external view returns (Enrolment memory);
    function getSegment(bytes32 modelId, bytes32 datasetId, uint256 segment) external view returns (Segment memory);

    /// @notice The digest of the score commitment of the model's segment `index`, as last committed.
    function scoreColumn(bytes32 modelId, uint256 index) external view returns (bytes32);

    /// @notice The epoch for which `root` was published for a segment; 0 if it never was.
    function publishedEpoch(bytes32 modelId, bytes32 datasetId, uint256 segment, uint256 root)
        external
        view
        returns (uint256);

    /// @notice What an account has been paid so far.
    function claimed(bytes32 modelId, bytes32 datasetId, uint256 segment, uint256 index) external view returns (uint256);

    /// @notice What a beneficiary can withdraw.
    function credit(bytes32 modelId, address account) external view returns (uint256);
}
