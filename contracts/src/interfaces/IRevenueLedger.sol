// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

/// @title The ledger that splits models' revenue
/// @notice Life of a model: createModel, enroll, open; per epoch: deposit (anyone), commitScores, closeEpoch, settle (anyone); then
/// claim (anyone, for any payee) and withdrawShare. No step after closeEpoch needs the developer's transaction. Epochs count from 1. One epoch is open;
/// the one before may be Closed and wait for its proofs; all earlier ones are Final and never change again. The ledger has no owner; its registry
/// and verifiers are fixed at deployment. Clause numbers (V1 to V8) are those of the statement document; who can do what,
/// and after how long, is one table in the contracts' README.
interface IRevenueLedger {
    // ------------------------------------------------------------------------------------------------ types

    /// @notice The verifier of Split for one tier.
    struct SplitVerifier {
        uint32 slots;
        address verifier;
    }

    /// @notice A party that takes floor(revenue * bps / 10,000) of every epoch's revenue.
    struct Beneficiary {
        address account;
        uint16 bps;
    }

    /// @notice How revenue is shared: all basis points together are 10,000; at most 16 beneficiaries.
    struct Policy {
        uint16 contributorsBps;
        Beneficiary[] beneficiaries;
    }

    /// @notice What a model is created with; none of it ever changes but the roles. Windows are in seconds, 1 hour to 365 days.
    /// @param name The developer's name for it: two models of one developer never share a name.
    /// @param attributor Who commits the scores, at first.
    /// @param minPool Units of the token per record that a pool must reach before its epoch can close; at most 2^56, at least 1.
    /// From the second epoch on an epoch's minimum is at most twice that of the one before.
    /// @param token The ERC-20 token that revenue is paid in.
    /// @param minContributorsBps No policy of this model may give contributors less; at least 1.
    /// @param openWindow After a pool reached its minimum: how long only the developer may close its epoch.
    /// @param settleWindow Without a move for so long, the attributor may post another commitment for a closed epoch.
    /// @param noticeWindow How long before the opening of the epoch concerned a change is announced; at least openWindow.
    /// @param demandWindow How long a demand may stay unanswered before the model may not close, nor pay beneficiaries of its newest epochs.
    /// @param exitWindow How long a model may stall before anyone may dissolve it; at least openWindow + noticeWindow + settleWindow.
    /// @param demandBond What a demand costs its sender in the chain's coin; at most the ledger's `maxBond`.
    struct Terms {
        string name;
        address attributor;
        uint64 minPool;
        address token;
        uint16 minContributorsBps;
        uint32 openWindow;
        uint32 settleWindow;
        uint32 noticeWindow;
        uint32 demandWindow;
        uint32 exitWindow;
        uint128 demandBond;
    }

    /// @notice Open: deposits, commitments. Closed: revenue frozen, segments move. Final: all moved, sums hold.
    enum Stage {
        None,
        Open,
        Closed,
        Final
    }

    /// @notice One model. `developer` is zero where there is none.
    /// @param openEpoch The epoch that takes deposits.
    /// @param finalEpoch The last final epoch, 0 before the first: openEpoch - 1, or openEpoch - 2 while one is Closed.
    /// @param dissolvedAt When it was dissolved, 0 if it was not.
    /// @param policies The number of policy versions, announced ones included.
    /// @param records Records of all enrolled datasets, in the revisions in which they are enrolled.
    /// @param received All revenue that ever arrived (V7).
    /// @param unclaimed Paid into balances by final epochs and not claimed yet.
    struct Model {
        address developer;
        address token;
        uint64 openEpoch;
        uint64 finalEpoch;
        uint64 dissolvedAt;
        uint32 policies;
        uint64 records;
        uint128 received;
        uint128 unclaimed;
    }

    /// @notice One epoch of one model.
    /// @param attempt Which commitment of a closed epoch it is, from 0.
    /// @param policy The policy version that splits it.
    /// @param attributor Who may commit its scores.
    /// @param openedAt When it opened: epoch 1 by `open`, each other one when the one before closed.
    /// @param poolReachedAt When its pool first reached `minPool`, 0 before.
    /// @param committedBlock The block of the newest commitment.
    /// @param closedAt When it was first closed; nothing restarts it.
    /// @param progressAt The last close, move or new commitment while Closed.
    /// @param count Segments listed by the commitment.
    /// @param moved How many of them moved in this attempt.
    /// @param records Records of the segments that moved in this attempt: a bound on the dust (V5).
    /// @param scoreRoot The root over the listed segments; see `Statement.scoreLeaf`.
    /// @param totalScore What it sums to, as committed.
    /// @param scoreSum The sum of the moved segments' scores.
    /// @param revenue What arrived for this epoch.
    /// @param carried The dust of the epoch before.
    /// @param pool What contributors get: computed by `closeEpoch`.
    /// @param paid The sum of the moved segments' payouts.
    /// @param minPool The least pool with which it may close: `Terms.minPool` times the records enrolled when it opened; from the second
    /// epoch on at most twice that of the epoch before.
    struct Epoch {
        Stage stage;
        uint32 attempt;
        uint32 policy;
        address attributor;
        uint64 openedAt;
        uint64 poolReachedAt;
        uint64 committedBlock;
        uint64 closedAt;
        uint64 progressAt;
        uint32 count;
        uint32 moved;
        uint64 records;
        bytes32 scoreRoot;
        uint96 totalScore;
        uint96 scoreSum;
        uint128 revenue;
        uint128 carried;
        uint128 pool;
        uint128 paid;
        uint128 minPool;
    }

    /// @notice A dataset's place in a model.
    /// @param enrolledBlock The block of its first enrolment; 0 where it is not enrolled.
    /// @param revision The revision in which it is enrolled now.
    /// @param records The records of that revision.
    /// @param exitRevision The revision in which it was enrolled when the model's first epoch opened, plus 1; 0 if later or not.
    /// @param retiredFrom From when on epochs that open do without it; 0 if it is not retired.
    struct Enrolment {
        uint64 enrolledBlock;
        uint32 revision;
        uint64 records;
        uint32 exitRevision;
        uint64 retiredFrom;
    }

    /// @notice One segment's newest move and, where that is not final, the final one before.
    /// @param records The number of records that it moved with (S7).
    struct Segment {
        uint32 epoch;
        uint32 attempt;
        uint32 records;
        uint32 previousEpoch;
        uint32 previousAttempt;
        uint32 previousRecords;
    }

    /// @notice One listed segment's move.
    /// @param revision, segmentScore As the score root's leaf says.
    /// @param segmentPaid The public input of that name.
    /// @param position The leaf's position.
    /// @param path Its siblings, leaf level first.
    /// @param proof Split.
    struct Move {
        bytes32 datasetId;
        uint32 segment;
        uint32 revision;
        uint32 position;
        uint96 segmentScore;
        uint128 segmentPaid;
        bytes32[] path;
        bytes proof;
    }

    /// @notice One account of a receipt. `proof` opens A + gamma B at its slot.
    struct Account {
        uint32 index;
        address payee;
        uint128 cumulative;
        uint256[2] proof;
    }

    /// @notice Accounts of one segment as of one final epoch.
    /// @param payees, balances The points of the columns: compared with what is stored.
    struct Receipt {
        bytes32 datasetId;
        uint32 segment;
        uint64 epoch;
        uint256[2] payees;
        uint256[2] balances;
        Account[] accounts;
    }

    /// @notice A record and its path to a root that its segment has or had with that record.
    /// @param siblings The three siblings of each level, leaf level first, in their order with the own node left out.
    struct RecordPath {
        uint32 index;
        address payee;
        bytes32 content;
        uint256[3][] siblings;
    }

    /// @notice An unanswered demand.
    /// @param epoch The epoch whose opening answers it.
    /// @param bondReturned Whether the sender took the bond back after the deadline.
    struct Demand {
        bytes32 datasetId;
        uint32 segment;
        uint32 index;
        uint64 epoch;
        uint64 deadline;
        address sender;
        uint128 bond;
        bool bondReturned;
    }

    /// @notice What an exit is claimed by: which segment, its leaf in the last final epoch's score root (empty path and zeros where no epoch ever was final),
    /// and for each account either a record's path or an opening of a payee column.
    struct Exit {
        bytes32 datasetId;
        uint32 segment;
        uint32 revision;
        uint32 position;
        uint96 segmentScore;
        uint256[2] scores;
        bytes32[] path;
        RecordPath[] records;
        uint256[2] payees;
        Account[] accounts;
    }

    // ------------------------------------------------------------------------------------------------ events

    event VerifierFixed(uint32 indexed slots, address verifier, bytes32 keyDigest);
    event ModelCreated(bytes32 indexed modelId, address indexed developer, Terms terms, Policy policy);
    /// @notice `policy` (a version, from 1) holds from the first epoch on that opens at `from` or later.
    event PolicyAnnounced(bytes32 indexed modelId, uint256 indexed policy, uint256 from, Policy terms);
    event AttributorAnnounced(bytes32 indexed modelId, address indexed attributor, uint256 from);
    event RetirementAnnounced(bytes32 indexed modelId, bytes32 indexed datasetId, uint256 from);
    event AttributorReplaced(bytes32 indexed modelId, uint256 indexed epoch, address from, address to);
    event RoleOffered(bytes32 indexed modelId, bytes32 indexed role, address from, address to);
    event RoleTransferred(bytes32 indexed modelId, bytes32 indexed role, address from, address to);
    event DatasetEnrolled(bytes32 indexed modelId, bytes32 indexed datasetId, uint256 revision, uint256 records);
    event EpochOpened(
        bytes32 indexed modelId, uint256 indexed epoch, uint256 policy, address attributor, uint256 minPool
    );
    /// @notice `received` was credited; a token that takes a fee delivers less than `sent`.
    event RevenueDeposited(
        bytes32 indexed modelId, uint256 indexed epoch, address indexed from, uint256 sent, uint256 received
    );
    event PoolReached(bytes32 indexed modelId, uint256 indexed epoch);
    event ScoresCommitted(
        bytes32 indexed modelId, uint256 indexed epoch, uint256 attempt, bytes32 root, uint256 totalScore, uint256 count
    );
    event EpochClosed(
        bytes32 indexed modelId,
        uint256 indexed epoch,
        bytes32 scoreRoot,
        uint256 revenue,
        uint256 carried,
        uint256 pool
    );
    event SegmentMoved(
        bytes32 indexed modelId,
        uint256 indexed epoch,
        bytes32 indexed datasetId,
        uint256 segment,
        uint256 attempt,
        uint256 records,
        uint256 segmentScore,
        uint256 segmentPaid,
        uint256 x,
        uint256 y
    );
    event EpochFinal(bytes32 indexed modelId, uint256 indexed epoch, uint256 attempt, uint256 paid, uint256 dust);
    event Claimed(
        bytes32 indexed modelId,
        bytes32 indexed datasetId,
        address indexed payee,
        uint256 segment,
        uint256 index,
        uint256 amount,
        uint256 cumulative
    );
    /// @notice Tokens went to `to`, the recipient of `account`.
    event Paid(address indexed token, address indexed account, address indexed to, uint256 amount);
    /// @notice They could not be transferred, and can be withdrawn.
    event Credited(address indexed token, address indexed account, uint256 amount);
    event ShareWithdrawn(bytes32 indexed modelId, uint256 indexed epoch, address indexed account, uint256 amount);
    event RecipientSet(address indexed payee, address recipient);
    event Demanded(
        bytes32 indexed modelId,
        bytes32 indexed datasetId,
        uint256 segment,
        uint256 index,
        uint256 epoch,
        uint256 deadline,
        address sender
    );
    event Answered(bytes32 indexed modelId, bytes32 indexed datasetId, uint256 segment, uint256 index, address sender);
    event BondReturned(bytes32 indexed modelId, bytes32 indexed datasetId, uint256 segment, uint256 index);
    /// @notice `amount`, all money in epochs that are not final, goes to accounts by `exit`.
    event Dissolved(bytes32 indexed modelId, uint256 finalEpoch, uint256 amount);
    event Exited(
        bytes32 indexed modelId,
        bytes32 indexed datasetId,
        address indexed payee,
        uint256 segment,
        uint256 index,
        uint256 amount
    );

    // ------------------------------------------------------------------------------------------------ errors

    error InvalidSlots(uint256 slots);
    error UnsupportedSlots(uint256 slots);
    error RegistryWithoutCode(address registry);
    /// @notice The registry's verifiers belong to another setup than this ledger's.
    error SetupMismatch(bytes32 expected, bytes32 found);
    error TokenWithoutCode(address token);
    error InvalidName();
    /// @notice The zero address or the ledger itself, which can have no part in anything.
    error InvalidAccount(address account);
    /// @notice Not between one hour and 365 days, or shorter than the windows that it has to cover.
    error InvalidWindow(uint256 window);
    error InvalidMinPool(uint256 minPool);
    /// @notice So many records times the least pool a record are 2^96 units or more.
    error MinPoolOverflow(uint256 minPool, uint256 records);
    error BondTooLarge(uint256 maxBond, uint256 bond);
    /// @notice Basis points that do not sum to 10,000, a part of 0, or contributors below the model's minimum.
    error InvalidPolicy();
    error TooManyBeneficiaries(uint256 count);
    error ModelExists(bytes32 modelId);
    error UnknownModel(bytes32 modelId);
    error NotDeveloper(bytes32 modelId, address caller);
    error NotAttributor(bytes32 modelId, address caller);
    /// @notice Nobody who has the role offered it to the caller.
    error NotOffered(bytes32 modelId, address caller);
    error NothingAnnounced(bytes32 modelId);
    /// @notice The change was announced before the epoch was late.
    error AnnouncedTooEarly(uint256 announcedAt, uint256 lateFrom);
    error NotEnrolled(bytes32 modelId, bytes32 datasetId);
    /// @notice It is enrolled in this revision or a younger one.
    error AlreadyEnrolled(bytes32 modelId, bytes32 datasetId, uint256 revision);
    error AlreadyRetired(bytes32 modelId, bytes32 datasetId);

    /// @notice The epoch that the call concerns is another one.
    error WrongEpoch(uint256 expected, uint256 given);
    error WrongStage(Stage stage);
    error WrongPolicy(uint256 expected, uint256 given);
    error WrongAttributor(address expected, address given);
    error WrongScoreRoot(bytes32 expected, bytes32 given);
    error TooEarly(uint256 deadline);
    /// @notice No dataset is enrolled: nobody could ever earn what is deposited.
    error NothingEnrolled(bytes32 modelId);
    /// @notice The developer has not opened the first epoch.
    error NotOpen(bytes32 modelId);
    /// @notice The first epoch was opened before.
    error AlreadyOpen(bytes32 modelId);
    error NothingReceived();
    error RevenueLimit(uint256 limit);
    /// @notice A commitment has a root, a positive total below 2^80 and at least one segment.
    error InvalidCommitment();
    /// @notice The epoch has no scores yet; or, to replace its attributor, has them.
    error NotCommitted(bytes32 modelId, uint256 epoch);
    error Committed(bytes32 modelId, uint256 epoch);
    error PoolTooSmall(uint256 minPool, uint256 pool);
    /// @notice The epoch before is not final yet.
    error EpochPending(uint256 epoch);
    /// @notice A demand was not answered in time: until it is, no epoch closes, and no beneficiary is paid before `exitWindow` after its epoch's close.
    error DemandOverdue(bytes32 modelId, uint256 deadline);
    /// @notice The model was dissolved: nothing but pay-out is left.
    error ModelDissolved(bytes32 modelId);

    /// @notice The leaf is not at that position of the epoch's score root.
    error ScoreNotShown(bytes32 datasetId, uint256 segment, uint256 position);
    /// @notice The dataset was not enrolled, or the revision not registered, in a block before the commitment's.
    error TooYoung(bytes32 datasetId, uint256 revision);
    /// @notice The segment has no records in that revision, or fewer than it moved with before.
    error InvalidRevision(bytes32 datasetId, uint256 segment, uint256 revision);
    /// @notice No payee column of the segment covers so many records.
    error PayeesNotProven(bytes32 datasetId, uint256 segment, uint256 records);
    /// @notice A listed segment scored something.
    error ZeroScore(bytes32 datasetId, uint256 segment);
    error OldColumnMismatch(bytes32 datasetId, uint256 segment);
    error ScoreSumExceeded(uint256 totalScore, uint256 scoreSum);
    error PoolExceeded(uint256 pool, uint256 paid);
    error ScoreSumMismatch(uint256 totalScore, uint256 scoreSum);
    error DustTooLarge(uint256 dust, uint256 records);
    /// @notice All of these segments moved already.
    error NothingToSettle();

    error NotFinal(bytes32 modelId, uint256 epoch);
    /// @notice The slot is reserved, or there is none; or it is none of the records concerned.
    error InvalidIndex(uint256 index);
    error UnknownPayeeColumn(bytes32 datasetId, uint256 segment);
    error UnknownBalanceColumn(bytes32 datasetId, uint256 segment, uint256 epoch);
    /// @notice More than was ever paid into this model's balances and not claimed: no proof can make the ledger pay it.
    error ExceedsOwed(uint256 owed, uint256 amount);
    error NothingDue();
    error InvalidBeneficiary(uint256 index);
    /// @notice Not enough gas is left to give a transfer what it is entitled to.
    error InsufficientGas(uint256 required);
    error TransferFailed(address to);

    error WrongBond(uint256 expected, uint256 given);
    /// @notice The record's path does not lead to a root that its segment has or had.
    error RecordNotShown(bytes32 datasetId, uint256 segment, uint256 index);
    /// @notice The segment has no final move.
    error NothingSettled(bytes32 datasetId, uint256 segment);
    error AlreadyDemanded(bytes32 datasetId, uint256 segment, uint256 index);
    /// @notice The slot's opening for its last final epoch is on the chain already.
    error AlreadyAnswered(bytes32 datasetId, uint256 segment, uint256 index, uint256 epoch);
    error NoSuchDemand(bytes32 datasetId, uint256 segment, uint256 index);
    error BondAlreadyReturned(bytes32 datasetId, uint256 segment, uint256 index);
    /// @notice No demand of those given is open.
    error NothingToAnswer();
    error NotStalled(bytes32 modelId);
    error NotDissolved(bytes32 modelId);
    /// @notice The segment has no part in the exit: it did not move in the last final epoch, or was not enrolled when the first epoch opened.
    error NotInExit(bytes32 datasetId, uint256 segment);

    // ------------------------------------------------------------------------------------------------ set-up

    /// @notice Creates a model; the caller is its developer.
    function createModel(Terms calldata terms, Policy calldata policy) external returns (bytes32 modelId);

    /// @notice Takes a registered dataset into the model, or a younger revision of one. Developer only. Nothing is proven:
    /// the registry has it all.
    function enroll(bytes32 modelId, bytes32 datasetId, uint32 revision) external;

    /// @notice Opens the first epoch; all others open by themselves. Developer only, once. What is enrolled by then fixes the epoch's
    /// minimum, and who has a part in the exit of a model that never has a final epoch.
    function open(bytes32 modelId) external;

    // ------------------------------------------------------------------------------------------------ roles and changes

    function offerDeveloper(bytes32 modelId, address to) external;
    function acceptDeveloper(bytes32 modelId) external;
    /// @notice The attributor of the open or of the closed epoch hands over what of them it is attributor of; at any time.
    function offerAttributor(bytes32 modelId, address to) external;
    function acceptAttributor(bytes32 modelId) external;
    /// @notice For epochs that open `noticeWindow` from now on or later. Developer only. A newer announcement replaces one that has not come into force.
    function announcePolicy(bytes32 modelId, Policy calldata policy) external;
    function announceAttributor(bytes32 modelId, address attributor) external;
    /// @notice Says that from then on the dataset takes part no more. What it earned stays claimable; a listed segment can move.
    function announceRetirement(bytes32 modelId, bytes32 datasetId) external;
    /// @notice Puts the announced attributor in charge of the open epoch, which has had no commitment for `openWindow`
    /// after its pool reached the minimum when the change was announced, and still has none. Developer only.
    function replaceAttributor(bytes32 modelId, uint64 epoch) external;

    // ------------------------------------------------------------------------------------------------ an epoch

    /// @notice Brings revenue for the open epoch under the terms that the sender expects; reverts if they are others.
    /// @param amount What is sent; what arrives is credited. Tokens sent in any other way belong to nobody.
    /// @param policy The policy version of the epoch.
    /// @param attributor The attributor of the epoch.
    function deposit(bytes32 modelId, uint64 epoch, uint128 amount, uint32 policy, address attributor)
        external
        returns (uint128 received);

    /// @notice Commits scores: of the open epoch, replacing an earlier commitment; or of the closed one after
    /// `settleWindow` without a move, as a new attempt. Attributor only.
    function commitScores(bytes32 modelId, uint64 epoch, bytes32 root, uint96 totalScore, uint32 count) external;

    /// @notice Freezes the revenue of the open epoch and computes the pool (V6). The developer once it has scores and
    /// its pool reached the minimum; anyone `openWindow` later. Not while an epoch is Closed or a demand overdue.
    /// @param scoreRoot What the caller means to close with.
    function closeEpoch(bytes32 modelId, uint64 epoch, bytes32 scoreRoot) external;

    /// @notice Moves listed segments of the closed epoch; one pairing for all. Anyone. Segments that moved already are
    /// passed over, so that nobody can spoil a batch by settling a part of it; with the last one the epoch is Final.
    function settle(bytes32 modelId, uint64 epoch, Move[] calldata moves) external;

    // ------------------------------------------------------------------------------------------------ pay-out

    /// @notice Pays accounts what they earned and were not paid yet; one pairing and one transfer a payee. Anyone may
    /// send it; the payees' recipients are paid. Accounts to which nothing is due are passed over.
    function claim(bytes32 modelId, Receipt[] calldata receipts) external returns (uint256 paid);

    /// @notice Where the caller's money goes; the caller itself if 0.
    function setRecipient(address recipient) external;

    /// @notice Pays beneficiary number `index` of the epochs' policies its share of final epochs. Anyone may send it. While a demand is overdue
    /// not before `exitWindow` after the epoch's close: epochs that it holds are passed over, as are those whose share was paid.
    function withdrawShare(bytes32 modelId, uint64[] calldata epochs, uint256 index) external returns (uint256 paid);

    /// @notice Pays what could not be transferred before, to the current recipient. Anyone may send it.
    function withdraw(address token, address account) external returns (uint256 amount);

    // ------------------------------------------------------------------------------------------------ stalls

    /// @notice Asks for the opening of a slot as of its segment's last final move; the record's path shows a payee. The
    /// bond goes to whoever answers, or back after the deadline.
    function demand(bytes32 modelId, bytes32 datasetId, uint32 segment, RecordPath calldata record) external payable;

    /// @notice Answers demands by their openings (and pays what is due); the caller gets the bonds.
    function answer(bytes32 modelId, Receipt[] calldata receipts) external;

    /// @notice Gives the sender of a demand (its recipient, if it set one) its bond back, once the deadline passed without an answer, or the model was dissolved. Anyone.
    function returnBond(bytes32 modelId, bytes32 datasetId, uint32 segment, uint32 index) external;

    /// @notice Ends a model that stalled for `exitWindow`. Anyone.
    function dissolve(bytes32 modelId) external;

    /// @notice Pays accounts of a dissolved model their parts of what was in epochs that are not final.
    function exit(bytes32 modelId, Exit[] calldata exits) external returns (uint256 paid);

    // ------------------------------------------------------------------------------------------------ views

    /// @notice keccak256(abi.encode(K("apportion.model.v1"), chain id, ledger, developer, keccak256(bytes(name)))).
    function computeModelId(address developer, string calldata name) external view returns (bytes32);
    /// @notice V2: the context of a segment's move.
    function context(bytes32 modelId, uint256 epoch, bytes32 datasetId, uint256 segment) external view returns (uint256);

    function registry() external view returns (address);
    function openingVerifier() external view returns (address);
    function splitVerifier(uint256 slots) external view returns (address);
    function maxBond() external view returns (uint128);
    /// @notice Version of this interface: "apportion.ledger.v2" padded with zeros, so that tools know what they talk to.
    function version() external view returns (bytes32);

    function getModel(bytes32 modelId) external view returns (Model memory);
    function getTerms(bytes32 modelId) external view returns (Terms memory);
    function getEpoch(bytes32 modelId, uint256 epoch) external view returns (Epoch memory);
    function getPolicy(bytes32 modelId, uint256 policy) external view returns (Policy memory);
    /// @notice The announced policy version and attributor that have not come into force, and from when on they do; zeros for none.
    function getAnnounced(bytes32 modelId)
        external
        view
        returns (uint32 policy, uint64 policyFrom, address attributor, uint64 attributorFrom);
    /// @notice To whom the developer's role is offered, and to whom this attributor offers its own; zeros for nobody.
    function getOffers(bytes32 modelId, address ofAttributor)
        external
        view
        returns (address developer, address attributor);
    /// @notice Who will be the attributor of the next epoch that opens, unless an announced change comes into force first.
    function attributorOf(bytes32 modelId) external view returns (address);
    function getEnrolment(bytes32 modelId, bytes32 datasetId) external view returns (Enrolment memory);
    function getSegment(bytes32 modelId, bytes32 datasetId, uint256 segment) external view returns (Segment memory);
    /// @notice keccak256(abi.encode(x, y)) of New of a segment's move in an epoch's attempt; 0 where it did not move.
    function balanceColumn(bytes32 modelId, bytes32 datasetId, uint256 segment, uint256 epoch, uint256 attempt)
        external
        view
        returns (bytes32);
    /// @notice Demands that are not answered, oldest first: at most `count` of them, from `cursor` on. Anybody can make the list longer.
    /// @param cursor 0 for the oldest, or what the page before returned.
    /// @return page The demands.
    /// @return next Where the next page begins; 0 where none is left, and where the demand at `cursor` was answered meanwhile.
    function getDemands(bytes32 modelId, bytes32 cursor, uint256 count)
        external
        view
        returns (Demand[] memory page, bytes32 next);
    /// @notice An account's demand that is not answered; zeros (its deadline too) where there is none.
    function getDemand(bytes32 modelId, bytes32 datasetId, uint256 segment, uint256 index)
        external
        view
        returns (Demand memory);
    function claimed(bytes32 modelId, bytes32 datasetId, uint256 segment, uint256 index) external view returns (uint128);
    /// @notice What each account of each receipt would be paid now, in order; 0 where nothing is due, and where the receipt does not hold.
    function claimable(bytes32 modelId, Receipt[] calldata receipts) external view returns (uint256[] memory);
    function recipientOf(address payee) external view returns (address);
    function credit(address token, address account) external view returns (uint256);
    /// @notice Whether beneficiary number `index` was paid its share of an epoch.
    function shareWithdrawn(bytes32 modelId, uint256 epoch, uint256 index) external view returns (bool);
    function exited(bytes32 modelId, bytes32 datasetId, uint256 segment, uint256 index) external view returns (bool);
    /// @notice What the ledger owes for this model in its token: unclaimed balances, shares, open pools; credits are counted by `credit`.
    function owed(bytes32 modelId) external view returns (uint256);
    /// @notice The sum of all credits in a token.
    function creditedIn(address token) external view returns (uint256);
    /// @notice How many models ever received a token. Anybody can add to them.
    function modelsIn(address token) external view returns (uint256);
    /// @notice What the ledger owes for `count` of a token's models, in the order in which they first received it, from `first` on; models that there
    /// are not count nothing. All pages and `creditedIn` together are never more than its balance, unless the token itself shrank it.
    function owedIn(address token, uint256 first, uint256 count) external view returns (uint256);
}
