// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {DatasetRegistry} from "../../src/DatasetRegistry.sol";
import {RevenueLedger} from "../../src/RevenueLedger.sol";
import {IDatasetRegistry} from "../../src/interfaces/IDatasetRegistry.sol";
import {IRevenueLedger} from "../../src/interfaces/IRevenueLedger.sol";
import {MockOpeningVerifier, MockVerifier} from "../mocks/MockVerifiers.sol";
import {TestToken} from "../mocks/Tokens.sol";
import {Base} from "./Base.sol";
import {TestTree} from "./TestTree.sol";

/// @notice A registry and a ledger with mock verifiers, and what an owner, a developer, an attributor and contributors do with them.
/// Record trees are real. Public inputs, contexts, leaves and challenges are built here from the statement, not with the ledger's code.
abstract contract LedgerFixture is Base {
    using TestTree for TestTree.Tree;

    uint256 internal constant R = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;
    uint256 internal constant Q = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47;
    bytes32 internal constant SETUP = keccak256("setup");

    uint32 internal constant OPEN_WINDOW = 30 days;
    uint32 internal constant SETTLE_WINDOW = 7 days;
    uint32 internal constant NOTICE_WINDOW = 31 days;
    uint32 internal constant DEMAND_WINDOW = 5 days;
    uint32 internal constant EXIT_WINDOW = 60 days;
    uint128 internal constant BOND = 1 ether;
    uint128 internal constant MAX_BOND = 2 ether;
    /// @dev Units a record; with 100 records a pool of 1,000.
    uint32 internal constant MIN_POOL = 10;

    address internal constant DEVELOPER = address(0xD0);
    address internal constant ATTRIBUTOR = address(0xA7);
    address internal constant OWNER = address(0x0E);
    address internal constant PAYER = address(0x9A);
    address internal constant STRANGER = address(0x57);
    address internal constant BENEFICIARY = address(0xBE1);
    address internal constant BENEFICIARY_2 = address(0xBE2);

    DatasetRegistry internal registry;
    RevenueLedger internal ledger;
    MockVerifier internal split64;
    MockVerifier internal tree64;
    MockVerifier internal split1024;
    MockVerifier internal tree1024;
    MockOpeningVerifier internal openings;
    TestToken internal token;

    bytes32 internal model;
    bytes32 internal dataset;
    uint256 internal serial;

    /// @dev One listed segment of an epoch: what its leaf says.
    struct Listed {
        bytes32 dataset;
        uint32 segment;
        uint32 revision;
        uint96 score;
    }

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        vm.roll(1_000);
        split64 = new MockVerifier(keccak256("apportion.relation.split.v1"), 64, 7, SETUP);
        tree64 = new MockVerifier(keccak256("apportion.relation.tree.v1"), 64, 2, SETUP);
        split1024 = new MockVerifier(keccak256("apportion.relation.split.v1"), 1_024, 7, SETUP);
        tree1024 = new MockVerifier(keccak256("apportion.relation.tree.v1"), 1_024, 2, SETUP);
        openings = new MockOpeningVerifier(SETUP);
        registry = newRegistry();
        ledger = newLedger();
        token = new TestToken();
        model = createModel("model", address(token));
        dataset = register(100); // two segments
        provePayees(dataset);
        enroll(model, dataset, 0);
    }

    // ------------------------------------------------------------------------------------------------ deployment

    function newRegistry() internal returns (DatasetRegistry) {
        IDatasetRegistry.TreeVerifier[] memory list = new IDatasetRegistry.TreeVerifier[](2);
        list[0] = IDatasetRegistry.TreeVerifier(64, address(tree64));
        list[1] = IDatasetRegistry.TreeVerifier(1_024, address(tree1024));
        return new DatasetRegistry(address(openings), list);
    }

    function newLedger() internal returns (RevenueLedger) {
        IRevenueLedger.SplitVerifier[] memory list = new IRevenueLedger.SplitVerifier[](2);
        list[0] = IRevenueLedger.SplitVerifier(64, address(split64));
        list[1] = IRevenueLedger.SplitVerifier(1_024, address(split1024));
        return new RevenueLedger(address(registry), address(openings), list, MAX_BOND);
    }

    // ------------------------------------------------------------------------------------------------ models

    function terms(string memory name, address token_) internal pure returns (IRevenueLedger.Terms memory) {
        return IRevenueLedger.Terms({
            name: name,
            attributor: ATTRIBUTOR,
            token: token_,
            minContributorsBps: 5_000,
            minPool: MIN_POOL,
            openWindow: OPEN_WINDOW,
            settleWindow: SETTLE_WINDOW,
            noticeWindow: NOTICE_WINDOW,
            demandWindow: DEMAND_WINDOW,
            exitWindow: EXIT_WINDOW,
            demandBond: BOND
        });
    }

    /// @dev 20.01 % and 19.99 % to two beneficiaries, 60 % to the contributors.
    function policy() internal pure returns (IRevenueLedger.Policy memory p) {
        p.contributorsBps = 6_000;
        p.beneficiaries = new IRevenueLedger.Beneficiary[](2);
        p.beneficiaries[0] = IRevenueLedger.Beneficiary(BENEFICIARY, 2_001);
        p.beneficiaries[1] = IRevenueLedger.Beneficiary(BENEFICIARY_2, 1_999);
    }

    function createModel(string memory name, address token_) internal returns (bytes32) {
        vm.prank(DEVELOPER);
        return ledger.createModel(terms(name, token_), policy());
    }

    function enroll(bytes32 m, bytes32 d, uint32 revision) internal {
        vm.prank(DEVELOPER);
        ledger.enroll(m, d, revision);
        nextBlock();
    }

    // ------------------------------------------------------------------------------------------------ datasets

    function payeeOf(uint256 record) internal pure returns (address) {
        return address(uint160(0x100000 + record));
    }

    function contentOf(uint256 record) internal pure returns (bytes32) {
        return keccak256(abi.encode("content", record));
    }

    /// @dev The tree of a segment of 64 slots of a dataset with so many records in all.
    function treeOf(uint256 segment, uint256 records) internal pure returns (TestTree.Tree memory) {
        uint256 first = 62 * segment;
        uint256 count = records - first > 62 ? 62 : records - first;
        uint256[] memory leaves = new uint256[](count);
        for (uint256 i = 0; i < count; i++) {
            leaves[i] = TestTree.leaf(payeeOf(first + i), contentOf(first + i));
        }
        return TestTree.build(64, leaves);
    }

    function register(uint256 records) internal returns (bytes32) {
        uint256 segments = (records + 61) / 62;
        uint256[] memory roots = new uint256[](segments);
        TestTree.Tree memory t;
        for (uint256 i = 0; i < segments; i++) {
            t = treeOf(i, records);
            roots[i] = t.root();
        }
        uint256[] memory count = t.siblings(records - 62 * (segments - 1), false);
        string memory uri = string(abi.encodePacked("ipfs://", vm.toString(++serial)));
        vm.prank(OWNER);
        bytes32 d = registry.register(64, uint64(records), roots, count, uri);
        nextBlock();
        return d;
    }

    function extend(bytes32 d, uint256 records) internal {
        IDatasetRegistry.Dataset memory now_ = registry.dataset(d);
        (uint256[] memory roots, IDatasetRegistry.Extension memory extension, uint256[] memory count) =
            extensionOf(now_.records, records);
        vm.prank(OWNER);
        registry.extend(d, now_.revision, uint64(records), roots, extension, count);
        nextBlock();
    }

    function extensionOf(uint256 before, uint256 records)
        internal
        pure
        returns (uint256[] memory roots, IDatasetRegistry.Extension memory extension, uint256[] memory count)
    {
        uint256 last = (before - 1) / 62;
        bool full = before == 62 * (last + 1);
        uint256 first = full ? last + 1 : last;
        roots = new uint256[]((records + 61) / 62 - first);
        TestTree.Tree memory t;
        for (uint256 i = 0; i < roots.length; i++) {
            t = treeOf(first + i, records);
            roots[i] = t.root();
            if (i == 0 && !full) {
                uint256 slot = before - 62 * last;
                extension.left = t.siblings(slot, false);
                extension.leaf = t.levels[0][slot];
                extension.right = t.siblings(slot, true);
            }
        }
        count = t.siblings(records - 62 * (first + roots.length - 1), false);
    }

    function provePayees(bytes32 d) internal {
        uint256 segments = registry.dataset(d).segments;
        IDatasetRegistry.PayeesProof[] memory proofs = new IDatasetRegistry.PayeesProof[](segments);
        for (uint32 i = 0; i < segments; i++) {
            proofs[i] = treeProof(d, i, payeeScalar(d, i));
        }
        vm.prank(OWNER);
        registry.provePayees(d, proofs);
    }

    /// @param scalar The payee column's commitment is this multiple of the generator.
    function treeProof(bytes32 d, uint32 segment, uint256 scalar)
        internal
        returns (IDatasetRegistry.PayeesProof memory)
    {
        (uint256 root, uint32 revision) = registry.segmentOf(d, segment);
        uint256[] memory inputs = new uint256[](2);
        (inputs[0], inputs[1]) = (root, enrollContext(d, segment, revision));
        bytes memory proof = nextProof();
        MockVerifier verifier = registry.dataset(d).slots == 64 ? tree64 : tree1024;
        verifier.accept(proof, inputs, linked(scalar, 7_777));
        return IDatasetRegistry.PayeesProof(segment, proof);
    }

    function recordPath(uint256 segment, uint256 records, uint32 index)
        internal
        pure
        returns (IRevenueLedger.RecordPath memory)
    {
        uint256 record = 62 * segment + index;
        uint256[3][] memory path = treeOf(segment, records).path(index);
        return IRevenueLedger.RecordPath(index, payeeOf(record), contentOf(record), path);
    }

    // ------------------------------------------------------------------------------------------------ an epoch

    function openEpoch(bytes32 m) internal view returns (uint64) {
        return ledger.getModel(m).openEpoch;
    }

    function closedEpoch(bytes32 m) internal view returns (uint64) {
        return ledger.getModel(m).finalEpoch + 1;
    }

    function stageOf(bytes32 m, uint256 epoch) internal view returns (uint256) {
        return uint256(ledger.getEpoch(m, epoch).stage);
    }

    function deposit(bytes32 m, uint256 amount) internal {
        uint64 epoch = openEpoch(m);
        (uint32 p, address a) = (1, ATTRIBUTOR);
        if (epoch == 0) {
            (epoch, a) = (1, ledger.attributorOf(m));
        } else {
            (p, a) = (ledger.getEpoch(m, epoch).policy, ledger.getEpoch(m, epoch).attributor);
        }
        TestToken t = TestToken(ledger.getModel(m).token);
        t.mint(PAYER, amount);
        vm.startPrank(PAYER);
        t.approve(address(ledger), amount);
        ledger.deposit(m, epoch, uint128(amount), p, a);
        vm.stopPrank();
    }

    /// @dev The two segments of the fixture's dataset.
    function listed(uint96 first, uint96 second) internal view returns (Listed[] memory list) {
        return listedOf(dataset, 0, first, second);
    }

    function listedOf(bytes32 d, uint32 revision, uint96 first, uint96 second)
        internal
        pure
        returns (Listed[] memory list)
    {
        list = new Listed[](2);
        list[0] = Listed(d, 0, revision, first);
        list[1] = Listed(d, 1, revision, second);
    }

    function one(bytes32 d, uint32 segment, uint32 revision, uint96 score)
        internal
        pure
        returns (Listed[] memory list)
    {
        list = new Listed[](1);
        list[0] = Listed(d, segment, revision, score);
    }

    function totalOf(Listed[] memory list) internal pure returns (uint96 total) {
        for (uint256 i = 0; i < list.length; i++) {
            total += list[i].score;
        }
    }

    function commit(bytes32 m, uint64 epoch, Listed[] memory list) internal returns (bytes32 root) {
        root = scoreRoot(m, epoch, list);
        vm.prank(ledger.getEpoch(m, epoch).attributor);
        ledger.commitScores(m, epoch, root, totalOf(list), uint32(list.length));
        nextBlock();
    }

    function close(bytes32 m) internal {
        uint64 epoch = openEpoch(m);
        bytes32 root = ledger.getEpoch(m, epoch).scoreRoot;
        vm.prank(ledger.getModel(m).developer);
        ledger.closeEpoch(m, epoch, root);
    }

    /// @dev An honest move, with its proof: what the segment gets of the pool is floor(pool * score / total).
    function moveOf(bytes32 m, uint64 epoch, Listed[] memory list, uint32 position)
        internal
        returns (IRevenueLedger.Move memory)
    {
        return moveOf(m, epoch, list, position, uint128(partOf(m, epoch, list[position].score)));
    }

    function partOf(bytes32 m, uint64 epoch, uint256 score) internal view returns (uint256) {
        IRevenueLedger.Epoch memory e = ledger.getEpoch(m, epoch);
        return uint256(e.pool) * score / e.totalScore;
    }

    function moveOf(bytes32 m, uint64 epoch, Listed[] memory list, uint32 position, uint128 paid)
        internal
        returns (IRevenueLedger.Move memory move)
    {
        Listed memory l = list[position];
        move.datasetId = l.dataset;
        (move.segment, move.revision, move.position) = (l.segment, l.revision, position);
        (move.segmentScore, move.segmentPaid) = (l.score, paid);
        move.path = scorePath(m, epoch, list, position);
        move.proof = nextProof();
        MockVerifier verifier = registry.dataset(l.dataset).slots == 64 ? split64 : split1024;
        verifier.accept(move.proof, splitInputs(m, epoch, l, paid), splitColumns(m, epoch, l));
    }

    function splitInputs(bytes32 m, uint64 epoch, Listed memory l, uint128 paid)
        internal
        view
        returns (uint256[] memory inputs)
    {
        IRevenueLedger.Epoch memory e = ledger.getEpoch(m, epoch);
        inputs = new uint256[](7);
        inputs[0] = l.score;
        inputs[1] = paid;
        inputs[2] = e.pool;
        inputs[3] = e.totalScore;
        (uint256 last,) = lastFinal(m, l.dataset, l.segment);
        inputs[4] = last == 0 ? 1 : 0;
        inputs[5] = registry.recordsOf(l.dataset, l.revision, l.segment);
        inputs[6] = splitContext(m, epoch, l.dataset, l.segment);
    }

    function splitColumns(bytes32 m, uint64 epoch, Listed memory l) internal view returns (uint256[] memory) {
        (uint256 last, uint256 attempt) = lastFinal(m, l.dataset, l.segment);
        uint256 old = last == 0 ? 4_242 : balanceScalar(m, l.dataset, l.segment, last, attempt);
        uint256 new_ = balanceScalar(m, l.dataset, l.segment, epoch, ledger.getEpoch(m, epoch).attempt);
        return linked(old, new_, scoreScalar(m, epoch, l.dataset, l.segment));
    }

    /// @dev V3, by the history of the two moves that are kept.
    function lastFinal(bytes32 m, bytes32 d, uint256 segment) internal view returns (uint256 epoch, uint256 attempt) {
        IRevenueLedger.Segment memory s = ledger.getSegment(m, d, segment);
        IRevenueLedger.Epoch memory e = ledger.getEpoch(m, s.epoch);
        bool newest = e.stage == IRevenueLedger.Stage.Final && e.attempt == s.attempt;
        return newest ? (s.epoch, s.attempt) : (s.previousEpoch, s.previousAttempt);
    }

    function moves(bytes32 m, uint64 epoch, Listed[] memory list) internal returns (IRevenueLedger.Move[] memory all) {
        all = new IRevenueLedger.Move[](list.length);
        for (uint32 i = 0; i < list.length; i++) {
            all[i] = moveOf(m, epoch, list, i);
        }
    }

    function single(IRevenueLedger.Move memory move) internal pure returns (IRevenueLedger.Move[] memory list) {
        list = new IRevenueLedger.Move[](1);
        list[0] = move;
    }

    /// @dev Deposits, commits, closes and settles the fixture's open epoch with these scores.
    function finalise(uint256 revenue, uint96 first, uint96 second) internal returns (uint64 epoch) {
        return finaliseWith(model, revenue, listed(first, second));
    }

    function finaliseWith(bytes32 m, uint256 revenue, Listed[] memory list) internal returns (uint64 epoch) {
        epoch = closeWith(m, revenue, list);
        ledger.settle(m, epoch, moves(m, epoch, list));
    }

    function closeWith(bytes32 m, uint256 revenue, Listed[] memory list) internal returns (uint64 epoch) {
        deposit(m, revenue);
        epoch = openEpoch(m);
        commit(m, epoch, list);
        close(m);
    }

    // ------------------------------------------------------------------------------------------------ pay-out

    /// @dev A receipt for one account, true of columns that the opening verifier is told about.
    function receiptOf(
        bytes32 m,
        bytes32 d,
        uint32 segment,
        uint64 epoch,
        uint32 index,
        address payee,
        uint128 cumulative
    ) internal returns (IRevenueLedger.Receipt memory r) {
        r = emptyReceipt(m, d, segment, epoch);
        r.accounts = new IRevenueLedger.Account[](1);
        r.accounts[0] = accountOf(m, r, index, payee, cumulative);
    }

    function emptyReceipt(bytes32 m, bytes32 d, uint32 segment, uint64 epoch)
        internal
        view
        returns (IRevenueLedger.Receipt memory r)
    {
        (r.datasetId, r.segment, r.epoch) = (d, segment, epoch);
        r.payees = point(payeeScalar(d, segment));
        r.balances = point(balanceScalar(m, d, segment, epoch, ledger.getEpoch(m, epoch).attempt));
    }

    function accountOf(bytes32 m, IRevenueLedger.Receipt memory r, uint32 index, address payee, uint128 cumulative)
        internal
        returns (IRevenueLedger.Account memory a)
    {
        openings.tell(r.payees, index, uint160(payee));
        openings.tell(r.balances, index, cumulative);
        (a.index, a.payee, a.cumulative) = (index, payee, cumulative);
        uint256 gamma = challenge(m, r, index, payee, cumulative);
        a.proof = [uint256(index), addmod(uint160(payee), mulmod(gamma, cumulative, R), R)];
    }

    function alone(IRevenueLedger.Receipt memory r) internal pure returns (IRevenueLedger.Receipt[] memory all) {
        all = new IRevenueLedger.Receipt[](1);
        all[0] = r;
    }

    function claim(uint32 segment, uint64 epoch, uint32 index, uint128 cumulative) internal returns (uint256) {
        address payee = payeeOf(62 * segment + index);
        return ledger.claim(model, alone(receiptOf(model, dataset, segment, epoch, index, payee, cumulative)));
    }

    function epochs(uint64 epoch) internal pure returns (uint64[] memory all) {
        all = new uint64[](1);
        all[0] = epoch;
    }

    // ------------------------------------------------------------------------------------------------ stalls

    function demand(uint32 segment, uint256 records, uint32 index) internal {
        vm.deal(STRANGER, BOND);
        vm.prank(STRANGER);
        ledger.demand{value: BOND}(model, dataset, segment, recordPath(segment, records, index));
    }

    /// @dev An exit of the fixture's dataset by records' paths.
    function exitOf(uint32 segment, uint32[] memory indices) internal pure returns (IRevenueLedger.Exit memory x) {
        x.segment = segment;
        x.records = new IRevenueLedger.RecordPath[](indices.length);
        for (uint256 i = 0; i < indices.length; i++) {
            x.records[i] = recordPath(segment, 100, indices[i]);
        }
    }

    /// @dev Shows the segment's leaf in the last final epoch.
    function showScore(IRevenueLedger.Exit memory x, bytes32 m, uint64 epoch, Listed[] memory listing, uint32 position)
        internal
        view
    {
        Listed memory l = listing[position];
        (x.datasetId, x.segment, x.revision, x.position, x.segmentScore) =
        (l.dataset, l.segment, l.revision, position, l.score);
        x.scores = point(scoreScalar(m, epoch, l.dataset, l.segment));
        x.path = scorePath(m, epoch, listing, position);
    }

    function alone(IRevenueLedger.Exit memory x) internal pure returns (IRevenueLedger.Exit[] memory all) {
        all = new IRevenueLedger.Exit[](1);
        all[0] = x;
    }

    // ------------------------------------------------------------------------------------------------ the statement

    /// @dev V2, spelt out a second time.
    function splitContext(bytes32 m, uint256 epoch, bytes32 d, uint256 segment) internal view returns (uint256) {
        bytes32 domain = keccak256("apportion.split.v1");
        bytes32 digest = keccak256(abi.encode(domain, block.chainid, address(ledger), m, epoch, d, segment));
        return uint256(uint248(bytes31(digest)));
    }

    function enrollContext(bytes32 d, uint256 segment, uint256 revision) internal view returns (uint256) {
        bytes32 domain = keccak256("apportion.enroll.v1");
        bytes32 digest = keccak256(abi.encode(domain, block.chainid, address(registry), d, segment, revision));
        return uint256(uint248(bytes31(digest)));
    }

    function scoreLeaves(bytes32 m, uint64 epoch, Listed[] memory listing)
        internal
        view
        returns (bytes32[] memory out)
    {
        out = new bytes32[](listing.length);
        for (uint256 i = 0; i < listing.length; i++) {
            Listed memory l = listing[i];
            uint256[2] memory p = point(scoreScalar(m, epoch, l.dataset, l.segment));
            out[i] = keccak256(
                abi.encode(keccak256("apportion.score.v1"), l.dataset, l.segment, l.revision, l.score, p[0], p[1])
            );
        }
    }

    function scoreRoot(bytes32 m, uint64 epoch, Listed[] memory listing) internal view returns (bytes32) {
        (bytes32 root,) = climb(scoreLeaves(m, epoch, listing), 0);
        return root;
    }

    function scorePath(bytes32 m, uint64 epoch, Listed[] memory listing, uint256 position)
        internal
        view
        returns (bytes32[] memory path)
    {
        (, path) = climb(scoreLeaves(m, epoch, listing), position);
    }

    function climb(bytes32[] memory leaves, uint256 position)
        internal
        pure
        returns (bytes32 root, bytes32[] memory path)
    {
        uint256 width = 1;
        uint256 depth;
        for (; width < leaves.length; width *= 2) {
            depth++;
        }
        bytes32[] memory level = new bytes32[](width);
        for (uint256 i = 0; i < leaves.length; i++) {
            level[i] = leaves[i];
        }
        path = new bytes32[](depth);
        for (uint256 d = 0; d < depth; d++) {
            path[d] = level[position ^ 1];
            width /= 2;
            for (uint256 i = 0; i < width; i++) {
                level[i] = keccak256(abi.encode(keccak256("apportion.score-node.v1"), level[2 * i], level[2 * i + 1]));
            }
            position /= 2;
        }
        root = level[0];
    }

    function challenge(bytes32 m, IRevenueLedger.Receipt memory r, uint256 index, address payee, uint256 cumulative)
        internal
        view
        returns (uint256)
    {
        bytes memory head = abi.encode(
            keccak256("apportion.receipt.v1"), block.chainid, address(ledger), m, r.datasetId, uint256(r.segment)
        );
        bytes memory columns = abi.encode(r.payees[0], r.payees[1], r.balances[0], r.balances[1]);
        bytes32 digest = keccak256(bytes.concat(head, columns, abi.encode(index, payee, cumulative)));
        return uint256(uint248(bytes31(digest)));
    }

    function payeeScalar(bytes32 d, uint256 segment) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("payees", d, segment)));
    }

    function balanceScalar(bytes32 m, bytes32 d, uint256 segment, uint256 epoch, uint256 attempt)
        internal
        pure
        returns (uint256)
    {
        return uint256(keccak256(abi.encode("balances", m, d, segment, epoch, attempt)));
    }

    function scoreScalar(bytes32 m, uint256 epoch, bytes32 d, uint256 segment) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("scores", m, epoch, d, segment)));
    }

    /// @dev A multiple of the generator of BN254 G1 (precompile 7).
    function point(uint256 scalar) internal view returns (uint256[2] memory p) {
        (bool ok, bytes memory out) = address(7).staticcall(abi.encode(1, 2, scalar));
        yes(ok, "ecMul");
        (p[0], p[1]) = abi.decode(out, (uint256, uint256));
    }

    function digestOf(uint256 scalar) internal view returns (bytes32) {
        uint256[2] memory p = point(scalar);
        return keccak256(abi.encode(p[0], p[1]));
    }

    /// @dev Linked columns, and a pair that holds.
    function linked(uint256 a, uint256 b) internal view returns (uint256[] memory out) {
        out = new uint256[](8);
        put(out, 0, point(a));
        put(out, 2, point(b));
        put(out, 4, [uint256(1), 2]);
        put(out, 6, [uint256(1), 2]);
    }

    function linked(uint256 a, uint256 b, uint256 c) internal view returns (uint256[] memory out) {
        out = new uint256[](10);
        put(out, 0, point(a));
        put(out, 2, point(b));
        put(out, 4, point(c));
        put(out, 6, [uint256(1), 2]);
        put(out, 8, [uint256(1), 2]);
    }

    function put(uint256[] memory words, uint256 at, uint256[2] memory p) private pure {
        (words[at], words[at + 1]) = (p[0], p[1]);
    }

    function nextProof() internal returns (bytes memory) {
        return abi.encode("proof", ++serial);
    }

    function nextBlock() internal {
        vm.roll(block.number + 1);
    }

    function pass(uint256 time) internal {
        vm.warp(block.timestamp + time);
    }
}
