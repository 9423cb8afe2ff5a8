// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {DatasetRegistry} from "../../src/DatasetRegistry.sol";
import {PoseidonT5} from "../../src/PoseidonT5.sol";
import {RevenueLedger} from "../../src/RevenueLedger.sol";
import {IRevenueLedger} from "../../src/interfaces/IRevenueLedger.sol";
import {MockVerifier} from "../mocks/MockVerifier.sol";
import {TestToken} from "../mocks/Tokens.sol";
import {Base} from "./Base.sol";

/// @notice A ledger with mock verifiers for tiers 3 and 5, and what a developer, an attributor and a contributor do with it.
/// Public inputs and contexts are built here from the statement, not with the ledger's code.
abstract contract LedgerFixture is Base {
    uint256 internal constant R = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;
    uint256 internal constant Q = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47;
    uint256 internal constant T_RECORD = 2172967120045513224417051550066646360051840561;
    uint256 internal constant T_ACCOUNT = 556279582731651385450765116499937774584537708081;
    uint256 internal constant T_NODE = 33156846924522601690934013015754946803249;
    uint32 internal constant OPEN_WINDOW = 30 days;
    uint32 internal constant SETTLE_WINDOW = 7 days;

    address internal constant DEVELOPER = address(0xD0);
    address internal constant ATTRIBUTOR = address(0xA7);
    address internal constant OWNER = address(0x0E);
    address internal constant PAYER = address(0x9A);
    address internal constant STRANGER = address(0x57);
    address internal constant BENEFICIARY = address(0xBE1);
    address internal constant BENEFICIARY_2 = address(0xBE2);

    DatasetRegistry internal registry;
    RevenueLedger internal ledger;
    MockVerifier internal split3;
    MockVerifier internal tree3;
    MockVerifier internal split5;
    MockVerifier internal tree5;
    TestToken internal token;

    bytes32 internal model;
    bytes32 internal dataset;
    uint256 private _serial;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        registry = new DatasetRegistry();
        split3 = new MockVerifier(keccak256("apportion.relation.split.v1"), 3, 6);
        tree3 = new MockVerifier(keccak256("apportion.relation.tree.v1"), 3, 3);
        split5 = new MockVerifier(keccak256("apportion.relation.split.v1"), 5, 6);
        tree5 = new MockVerifier(keccak256("apportion.relation.tree.v1"), 5, 3);
        ledger = newLedger();
        token = new TestToken();
        model = createModel("model", address(token));
        dataset = register(100); // two segments of tier 3
    }

    // ------------------------------------------------------------------------------------------------ set-up

    function newLedger() internal returns (RevenueLedger) {
        IRevenueLedger.TierVerifiers[] memory list = new IRevenueLedger.TierVerifiers[](2);
        list[0] = IRevenueLedger.TierVerifiers(3, address(split3), address(tree3));
        list[1] = IRevenueLedger.TierVerifiers(5, address(split5), address(tree5));
        return new RevenueLedger(address(registry), list);
    }

    /// @dev 20.01 % and 19.99 % to two beneficiaries, 60 % to the contributors.
    function terms(string memory name, address token_) internal pure returns (IRevenueLedger.Terms memory t) {
        IRevenueLedger.Beneficiary[] memory b = new IRevenueLedger.Beneficiary[](2);
        b[0] = IRevenueLedger.Beneficiary(BENEFICIARY, 2001);
        b[1] = IRevenueLedger.Beneficiary(BENEFICIARY_2, 1999);
        t = IRevenueLedger.Terms(name, ATTRIBUTOR, token_, 6000, OPEN_WINDOW, SETTLE_WINDOW, b);
    }

    function createModel(string memory name, address token_) internal returns (bytes32) {
        vm.prank(DEVELOPER);
        return ledger.createModel(terms(name, token_));
    }

    function register(uint64 records) internal returns (bytes32) {
        uint256 segments = (uint256(records) + 61) / 62;
        uint256[] memory roots = new uint256[](segments);
        for (uint256 i = 0; i < segments; i++) {
            roots[i] = uint256(keccak256(abi.encode("root", ++_serial))) % R;
        }
        vm.prank(OWNER);
        return registry.register(0, 3, records, roots, "ipfs://dataset");
    }

    function enroll(bytes32 m, bytes32 d) internal {
        uint256 segments = registry.dataset(d).segments;
        for (uint256 i = 0; i < segments; i++) {
            enrollSegment(m, d, i, payeeScalar(d, i));
        }
    }

    /// @param scalar The payee column's commitment is this multiple of the generator.
    function enrollSegment(bytes32 m, bytes32 d, uint256 segment, uint256 scalar) internal {
        bytes memory proof = enrollProof(m, d, segment, scalar);
        vm.prank(DEVELOPER);
        ledger.enroll(m, d, segment, proof);
    }

    function enrollProof(bytes32 m, bytes32 d, uint256 segment, uint256 scalar) internal returns (bytes memory proof) {
        uint256 earlier = ledger.getSegment(m, d, segment).enrolments;
        uint256 ctx = context("apportion.enroll.v1", m, earlier, d, segment);
        proof = nextProof();
        tree3.accept(proof, words(registry.root(d, segment), T_RECORD, ctx), linked(scalar, 7777));
    }

    // ------------------------------------------------------------------------------------------------ an epoch

    function deposit(bytes32 m, uint256 amount) internal {
        TestToken t = TestToken(ledger.getModel(m).token);
        t.mint(PAYER, amount);
        vm.startPrank(PAYER);
        t.approve(address(ledger), amount);
        ledger.deposit(m, amount);
        vm.stopPrank();
    }

    /// @dev Commits to a total; the commitment of the model's segment i is `scoreScalar(m, epoch, i)` times the generator.
    function commitScores(bytes32 m, uint256 total) internal {
        uint256 epoch = epochOf(m);
        uint256[2][] memory points = scorePoints(m, epoch, total == 0 ? 0 : ledger.getModel(m).segments);
        vm.prank(ATTRIBUTOR);
        ledger.commitScores(m, epoch, total, points);
    }

    function scorePoints(bytes32 m, uint256 epoch, uint256 count) internal view returns (uint256[2][] memory points) {
        points = new uint256[2][](count);
        for (uint256 i = 0; i < count; i++) {
            (points[i][0], points[i][1]) = point(scoreScalar(m, epoch, i));
        }
    }

    function close(bytes32 m) internal {
        uint256 epoch = epochOf(m);
        vm.prank(DEVELOPER);
        ledger.closeEpoch(m, epoch);
    }

    function settle(bytes32 m, bytes32 d, uint256 segment, uint256 score, uint256 paid) internal {
        bytes memory proof = splitProof(m, d, segment, score, paid);
        uint256 epoch = epochOf(m);
        vm.prank(DEVELOPER);
        ledger.settle(m, epoch, d, segment, score, paid, proof);
    }

    /// @dev An honest Split proof of the current epoch: Old is the live column, New is `balanceScalar` of this epoch.
    function splitProof(bytes32 m, bytes32 d, uint256 segment, uint256 score, uint256 paid)
        internal
        returns (bytes memory)
    {
        return splitProof(splitInputs(m, d, segment, score, paid), splitColumns(m, d, segment));
    }

    function splitProof(uint256[] memory inputs, uint256[] memory columns) internal returns (bytes memory proof) {
        proof = nextProof();
        split3.accept(proof, inputs, columns);
    }

    function splitColumns(bytes32 m, bytes32 d, uint256 segment) internal view returns (uint256[] memory) {
        uint256 epoch = epochOf(m);
        uint256 live = ledger.getSegment(m, d, segment).balancesEpoch;
        uint256 index = ledger.getEnrolment(m, d).first + segment;
        uint256 old = live == 0 ? 4242 : balanceScalar(d, segment, live);
        return linked(old, balanceScalar(d, segment, epoch), scoreScalar(m, epoch, index));
    }

    function splitInputs(bytes32 m, bytes32 d, uint256 segment, uint256 score, uint256 paid)
        internal
        view
        returns (uint256[] memory inputs)
    {
        uint256 epoch = epochOf(m);
        IRevenueLedger.Epoch memory e = ledger.getEpoch(m, epoch);
        inputs = new uint256[](6);
        inputs[0] = score;
        inputs[1] = paid;
        inputs[2] = e.pool;
        inputs[3] = e.totalScore;
        inputs[4] = ledger.getSegment(m, d, segment).balancesEpoch == 0 ? 1 : 0;
        inputs[5] = context("apportion.split.v1", m, epoch, d, segment);
    }

    /// @dev Scores 60 and 40 in the two segments, revenue 1,000: pool 601, paid 360 and 239, dust 2.
    function finaliseEpoch() internal {
        deposit(model, 1_000);
        commitScores(model, 100);
        close(model);
        settle(model, dataset, 0, 60, 360);
        settle(model, dataset, 1, 40, 239);
    }

    function publish(bytes32 m, bytes32 d, uint256 segment, uint256 root) internal {
        bytes memory proof = publishProof(m, d, segment, root);
        vm.prank(DEVELOPER);
        ledger.publish(m, d, segment, root, proof);
    }

    function publishProof(bytes32 m, bytes32 d, uint256 segment, uint256 root) internal returns (bytes memory proof) {
        uint256 live = ledger.getSegment(m, d, segment).balancesEpoch;
        uint256 ctx = context("apportion.publish.v1", m, live, d, segment);
        proof = nextProof();
        uint256[] memory columns = linked(payeeScalar(d, segment), balanceScalar(d, segment, live));
        tree3.accept(proof, words(root, T_ACCOUNT, ctx), columns);
    }

    // ------------------------------------------------------------------------------------------------ the statement

    /// @dev V2, spelt out a second time.
    function context(string memory domain, bytes32 m, uint256 epoch, bytes32 d, uint256 segment)
        internal
        view
        returns (uint256)
    {
        bytes32 digest =
            keccak256(abi.encode(keccak256(bytes(domain)), block.chainid, address(ledger), m, epoch, d, segment));
        return uint256(uint248(bytes31(digest)));
    }

    function payeeScalar(bytes32 d, uint256 segment) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("payees", d, segment)));
    }

    function balanceScalar(bytes32 d, uint256 segment, uint256 epoch) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("balances", d, segment, epoch)));
    }

    function scoreScalar(bytes32 m, uint256 epoch, uint256 index) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("scores", m, epoch, index)));
    }

    /// @dev A multiple of the generator of BN254 G1 (precompile 7).
    function point(uint256 scalar) internal view returns (uint256 x, uint256 y) {
        (bool ok, bytes memory out) = address(7).staticcall(abi.encode(1, 2, scalar));
        yes(ok, "ecMul");
        (x, y) = abi.decode(out, (uint256, uint256));
    }

    function pointDigest(uint256 scalar) internal view returns (bytes32) {
        (uint256 x, uint256 y) = point(scalar);
        return keccak256(abi.encode(x, y));
    }

    function linked(uint256 a, uint256 b) internal view returns (uint256[] memory out) {
        out = new uint256[](4);
        (out[0], out[1]) = point(a);
        (out[2], out[3]) = point(b);
    }

    function linked(uint256 a, uint256 b, uint256 c) internal view returns (uint256[] memory out) {
        out = new uint256[](6);
        (out[0], out[1]) = point(a);
        (out[2], out[3]) = point(b);
        (out[4], out[5]) = point(c);
    }

    function words(uint256 a, uint256 b, uint256 c) internal pure returns (uint256[] memory out) {
        out = new uint256[](3);
        (out[0], out[1], out[2]) = (a, b, c);
    }

    function nextProof() internal returns (bytes memory) {
        return abi.encode("proof", ++_serial);
    }

    function epochOf(bytes32 m) internal view returns (uint256) {
        return ledger.getModel(m).epoch;
    }

    function stageOf(bytes32 m, uint256 epoch) internal view returns (uint256) {
        return uint256(ledger.getEpoch(m, epoch).stage);
    }

    function leafOf(address payee, uint256 cumulative, uint256 salt) internal pure returns (uint256) {
        return PoseidonT5.hash(T_ACCOUNT, uint160(payee), cumulative, salt, 0);
    }
}
