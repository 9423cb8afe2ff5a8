// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {IRevenueLedger} from "../src/interfaces/IRevenueLedger.sol";
import {TestToken} from "./mocks/Tokens.sol";
import {LedgerFixture} from "./utils/LedgerFixture.sol";
import {TestTree} from "./utils/TestTree.sol";

/// @notice Drives two models that share a token through arbitrary orders of calls, as honest proofs would: what each account
/// earns is computed here, slot by slot, and the trees are real. Some calls are out of order on purpose and must revert.
contract LedgerHandler is LedgerFixture {
    using TestTree for TestTree.Tree;

    uint256 private constant ACCOUNTS = 8;

    /// @dev One dataset of two segments per model; eight of each segment's slots are used.
    struct Book {
        bytes32 model;
        bytes32 dataset;
        uint256[2][8] settled; // balances as of the last final epoch: [slot][segment]
        uint256[2][8] moved; // what the current epoch is moving them to
        uint256[2][8] scores;
        TestTree.Tree[2] published;
        uint256[2][8] publishedBalance;
        uint256[2][8] paid;
        uint256 total;
        uint256 deposited;
        uint256 withdrawn;
        uint256 claimed;
        uint256 settledPools;
        uint256 lastEpoch;
    }

    Book[2] private _books;
    /// @dev Digest of every finished epoch when it finished, and how often what ran.
    mapping(bytes32 model => mapping(uint256 epoch => bytes32)) private _finished;
    mapping(string what => uint256) public count;
    bool public broken;
    string public why;

    constructor() {
        setUp();
        for (uint256 k = 0; k < 2; k++) {
            Book storage b = _books[k];
            b.model = k == 0 ? model : createModel("second", address(token));
            b.dataset = k == 0 ? dataset : register(80);
            enroll(b.model, b.dataset);
            b.lastEpoch = 1;
        }
    }

    // ------------------------------------------------------------------------------------------------ actions

    function actDeposit(uint256 k, uint96 amount) external {
        Book storage b = _books[k % 2];
        uint256 value = uint256(amount) + 1;
        deposit(b.model, value);
        b.deposited += value;
        count["deposit"]++;
    }

    function actScores(uint256 k, uint256 seed) external {
        Book storage b = _books[k % 2];
        if (stageOf(b.model, epochOf(b.model)) != uint256(IRevenueLedger.Stage.Open)) return;
        uint256 total;
        for (uint256 i = 0; i < ACCOUNTS; i++) {
            for (uint256 s = 0; s < 2; s++) {
                uint256 score = uint256(keccak256(abi.encode(seed, i, s))) % 1_000;
                b.scores[i][s] = seed % 8 == 0 ? 0 : score;
                total += b.scores[i][s];
            }
        }
        b.total = total;
        commitScores(b.model, total);
        count["scores"]++;
    }

    function actClose(uint256 k, bool byStranger) external {
        Book storage b = _books[k % 2];
        uint256 epoch = epochOf(b.model);
        vm.prank(byStranger ? STRANGER : DEVELOPER);
        try ledger.closeEpoch(b.model, epoch) {
            count["close"]++;
            afterwards(b);
        } catch {}
    }

    function actSettle(uint256 k, uint256 s) external {
        Book storage b = _books[k % 2];
        s %= 2;
        uint256 epoch = epochOf(b.model);
        IRevenueLedger.Epoch memory e = ledger.getEpoch(b.model, epoch);
        if (e.stage != IRevenueLedger.Stage.Settling) return;
        (uint256 score, uint256 paid) = (0, 0);
        uint256[8] memory next;
        for (uint256 i = 0; i < ACCOUNTS; i++) {
            uint256 q = uint256(e.pool) * b.scores[i][s] / b.total;
            score += b.scores[i][s];
            paid += q;
            next[i] = b.settled[i][s] + q;
        }
        bytes memory proof = splitProof(b.model, b.dataset, s, score, paid);
        vm.prank(DEVELOPER);
        try ledger.settle(b.model, epoch, b.dataset, s, score, paid, proof) {
            for (uint256 i = 0; i < ACCOUNTS; i++) {
                b.moved[i][s] = next[i];
            }
            count["settle"]++;
            afterwards(b);
        } catch {
            if (ledger.getSegment(b.model, b.dataset, s).movedEpoch != epoch) fail("an honest segment was refused");
        }
    }

    function actAbandon(uint256 k) external {
        Book storage b = _books[k % 2];
        uint256 epoch = epochOf(b.model);
        vm.prank(STRANGER);
        try ledger.abandonEpoch(b.model, epoch) {
            count["abandon"]++;
            afterwards(b);
        } catch {}
    }

    function actPublish(uint256 k, uint256 s) external {
        Book storage b = _books[k % 2];
        s %= 2;
        if (ledger.getSegment(b.model, b.dataset, s).balancesEpoch == 0) return;
        TestTree.Tree storage t = b.published[s];
        for (uint256 i = 0; i < ACCOUNTS; i++) {
            b.publishedBalance[i][s] = b.settled[i][s];
            t.set(i * 7, payee(k % 2, i), b.settled[i][s], count["publish"]);
        }
        t.build();
        publish(b.model, b.dataset, s, t.root());
        count["publish"]++;
    }

    function actClaim(uint256 k, uint256 s, uint256 i, uint256 salt) external {
        Book storage b = _books[k % 2];
        (s, i) = (s % 2, i % ACCOUNTS);
        // The salt of the last publication is not known here: try the few that it can be.
        uint256 publications = count["publish"];
        if (publications == 0) return;
        salt = publications - 1 - salt % (publications > 3 ? 3 : publications);
        claimAs(b, s, i, payee(k % 2, i), salt);
    }

    function claimAs(Book storage b, uint256 s, uint256 i, address to, uint256 salt) private {
        uint256 cumulative = b.publishedBalance[i][s];
        uint256 before = token.balanceOf(to);
        uint256[3][] memory path = b.published[s].path(i * 7);
        try ledger.claim(b.model, b.dataset, s, i * 7, to, cumulative, salt, path) returns (uint256 amount) {
            if (amount != cumulative - b.paid[i][s]) fail("a claim paid something else than the difference");
            if (token.balanceOf(to) != before + amount) fail("a claim paid somebody else");
            b.paid[i][s] = cumulative;
            b.claimed += amount;
            count["claim"]++;
        } catch {}
    }

    function actWithdraw(uint256 k, bool second) external {
        Book storage b = _books[k % 2];
        try ledger.withdraw(b.model, second ? BENEFICIARY_2 : BENEFICIARY) returns (uint256 amount) {
            b.withdrawn += amount;
            count["withdraw"]++;
        } catch {}
    }

    function actRenew(uint256 k, uint256 s) external {
        Book storage b = _books[k % 2];
        enrollSegment(b.model, b.dataset, s % 2, payeeScalar(b.dataset, s % 2));
        count["renew"]++;
    }

    function actWait(uint256 time) external {
        vm.warp(block.timestamp + 1 + time % 40 days);
    }

    // ------------------------------------------------------------------------------------------------ book-keeping

    function payee(uint256 k, uint256 i) private pure returns (address) {
        return address(uint160(0x1000 + 100 * k + i));
    }

    /// @dev After every call that can end an epoch.
    function afterwards(Book storage b) private {
        uint256 epoch = epochOf(b.model);
        if (epoch == b.lastEpoch) return;
        if (epoch != b.lastEpoch + 1) fail("an epoch was skipped");
        IRevenueLedger.Epoch memory e = ledger.getEpoch(b.model, b.lastEpoch);
        if (e.stage == IRevenueLedger.Stage.Final) {
            b.settled = b.moved;
            b.settledPools += e.pool;
            count["final"]++;
        }
        b.moved = b.settled;
        _finished[b.model][b.lastEpoch] = keccak256(abi.encode(e));
        b.lastEpoch = epoch;
    }

    function fail(string memory reason) private {
        (broken, why) = (true, reason);
    }

    // ------------------------------------------------------------------------------------------------ checks

    function owed(uint256 k) public view returns (uint256) {
        Book storage b = _books[k];
        IRevenueLedger.Model memory m = ledger.getModel(b.model);
        IRevenueLedger.Epoch memory e = ledger.getEpoch(b.model, m.epoch);
        uint256 settling = e.stage == IRevenueLedger.Stage.Settling ? e.pool : 0;
        return uint256(m.pending) + m.carried + settling + m.unclaimed + ledger.credit(b.model, BENEFICIARY)
            + ledger.credit(b.model, BENEFICIARY_2);
    }

    function check() external view {
        yes(!broken, why);
        eq(token.balanceOf(address(ledger)), owed(0) + owed(1), "the balance is all that is owed");
        for (uint256 k = 0; k < 2; k++) {
            Book storage b = _books[k];
            eq(b.deposited, owed(k) + b.claimed + b.withdrawn, "nothing appears, nothing is lost");
            yes(b.claimed <= b.settledPools, "claimed more than the settled pools");
            IRevenueLedger.Model memory m = ledger.getModel(b.model);
            eq(m.received, b.deposited, "received");
            uint256 balances;
            for (uint256 i = 0; i < ACCOUNTS; i++) {
                for (uint256 s = 0; s < 2; s++) {
                    eq(ledger.claimed(b.model, b.dataset, s, i * 7), b.paid[i][s], "cumulative never falls");
                    yes(b.paid[i][s] <= b.settled[i][s], "paid more than earned");
                    balances += b.settled[i][s];
                }
            }
            eq(balances, m.unclaimed + b.claimed, "balances are what was paid into them");
            for (uint256 epoch = 1; epoch < b.lastEpoch; epoch++) {
                bytes32 now_ = keccak256(abi.encode(ledger.getEpoch(b.model, epoch)));
                eq(now_, _finished[b.model][epoch], "a finished epoch never changes");
            }
        }
    }
}

contract LedgerInvariantsTest is LedgerFixture {
    LedgerHandler private handler;

    function setUp() public override {
        handler = new LedgerHandler();
    }

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function targetContracts() public view returns (address[] memory out) {
        out = new address[](1);
        out[0] = address(handler);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory out) {
        bytes4[11] memory actions = [
            LedgerHandler.actDeposit.selector,
            LedgerHandler.actScores.selector,
            LedgerHandler.actClose.selector,
            LedgerHandler.actSettle.selector,
            LedgerHandler.actSettle.selector, // twice as often: an epoch needs two
            LedgerHandler.actAbandon.selector,
            LedgerHandler.actPublish.selector,
            LedgerHandler.actClaim.selector,
            LedgerHandler.actWithdraw.selector,
            LedgerHandler.actRenew.selector,
            LedgerHandler.actWait.selector
        ];
        out = new FuzzSelector[](1);
        out[0].addr = address(handler);
        out[0].selectors = new bytes4[](actions.length);
        for (uint256 i = 0; i < actions.length; i++) {
            out[0].selectors[i] = actions[i];
        }
    }

    function invariant_books_balance() public view {
        handler.check();
    }

    /// @dev The handler reaches what it is meant to reach: a whole life in one order, checked after every step.
    function test_handler_reaches_every_stage() public {
        for (uint256 k = 0; k < 2; k++) {
            handler.actDeposit(k, 10_007);
            handler.actScores(k, 3);
            handler.actClose(k, false);
            handler.actSettle(k, 0);
            handler.check();
            handler.actWait(8 days);
            handler.actAbandon(k);
            handler.check();
            handler.actScores(k, 5);
            handler.actClose(k, false);
            handler.actSettle(k, 0);
            handler.actRenew(k, 0);
            handler.actSettle(k, 1);
            handler.check();
            handler.actPublish(k, 0);
            handler.actClaim(k, 0, 3, 0);
            handler.actClaim(k, 0, 3, 0);
            handler.actWithdraw(k, false);
            handler.check();
        }
        string[9] memory all =
            ["deposit", "scores", "close", "settle", "abandon", "publish", "claim", "withdraw", "final"];
        for (uint256 i = 0; i < all.length; i++) {
            yes(handler.count(all[i]) >= 2, all[i]);
        }
        eq(handler.count("claim"), 2, "double claims are refused");
    }
}
