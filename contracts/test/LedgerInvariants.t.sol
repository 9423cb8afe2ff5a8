// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {IRevenueLedger} from "../src/interfaces/IRevenueLedger.sol";
import {LedgerFixture} from "./utils/LedgerFixture.sol";

/// @notice Drives two models that share a token and a dataset through arbitrary orders of calls, as honest proofs would: what each
/// account earns is computed here, slot by slot. Some calls are out of order on purpose and must revert.
contract LedgerHandler is LedgerFixture {
    uint256 private constant ACCOUNTS = 4;

    /// @dev One dataset of two segments; four of each segment's slots score.
    struct Book {
        bytes32 model;
        uint256[2][4] balances; // as of the last final epoch: [slot][segment]
        uint256[2][4] paid;
        uint256[2][4][64] scores; // by epoch
        uint256[2] lastEpoch; // the last final epoch in which a segment moved
        bool[64] whole; // whether an epoch lists both segments, or the first only
        bytes32[64] finished;
        uint64 final_;
        uint256 deposited;
        uint256 claimed;
        uint256 shares;
        uint256 exits;
        uint256 balancesPaid;
    }

    Book[2] private _books;
    mapping(string what => uint256) public count;
    bool public broken;
    string public why;

    constructor() {
        setUp();
        _books[0].model = model;
        _books[1].model = createModel("second", address(token));
        enroll(_books[1].model, dataset, 0);
    }

    function fail(string memory reason) private {
        (broken, why) = (true, reason);
    }

    function book(uint256 k) private view returns (Book storage) {
        return _books[k % 2];
    }

    // ------------------------------------------------------------------------------------------------ actions

    function actDeposit(uint256 k, uint96 amount) external {
        Book storage b = book(k);
        if (ledger.getModel(b.model).dissolvedAt != 0) return;
        uint256 value = 1 + uint256(amount) % 1e24;
        deposit(b.model, value);
        b.deposited += value;
        count["deposit"]++;
    }

    /// @dev Of the open epoch, or another attempt for the closed one.
    function actCommit(uint256 k, uint256 seed, bool closed) external {
        Book storage b = book(k);
        IRevenueLedger.Model memory m = ledger.getModel(b.model);
        uint64 epoch = closed ? m.finalEpoch + 1 : m.openEpoch;
        if (m.openEpoch == 0 || epoch > m.openEpoch || m.dissolvedAt != 0 || epoch >= 63) return;
        IRevenueLedger.Epoch memory e = ledger.getEpoch(b.model, epoch);
        if (epoch < m.openEpoch && block.timestamp <= e.progressAt + SETTLE_WINDOW) return;
        b.whole[epoch] = seed % 4 != 0;
        for (uint256 i = 0; i < ACCOUNTS; i++) {
            for (uint256 s = 0; s < 2; s++) {
                b.scores[epoch][i][s] = 1 + uint256(keccak256(abi.encode(seed, i, s))) % 1_000;
            }
        }
        commit(b.model, epoch, list(b, epoch));
        count[epoch < m.openEpoch ? "attempt" : "commit"]++;
    }

    function list(Book storage b, uint64 epoch) private view returns (Listed[] memory all) {
        all = new Listed[](b.whole[epoch] ? 2 : 1);
        for (uint32 s = 0; s < all.length; s++) {
            uint256 sum;
            for (uint256 i = 0; i < ACCOUNTS; i++) {
                sum += b.scores[epoch][i][s];
            }
            all[s] = Listed(dataset, s, 0, uint96(sum));
        }
    }

    function actClose(uint256 k, bool byStranger) external {
        Book storage b = book(k);
        uint64 epoch = openEpoch(b.model);
        bytes32 root = ledger.getEpoch(b.model, epoch).scoreRoot;
        vm.prank(byStranger ? STRANGER : DEVELOPER);
        try ledger.closeEpoch(b.model, epoch, root) {
            count["close"]++;
        } catch {}
    }

    function actSettle(uint256 k, uint256 s, bool both) external {
        Book storage b = book(k);
        uint64 epoch = closedEpoch(b.model);
        IRevenueLedger.Epoch memory e = ledger.getEpoch(b.model, epoch);
        if (e.stage != IRevenueLedger.Stage.Closed || ledger.getModel(b.model).dissolvedAt != 0) return;
        Listed[] memory all = list(b, epoch);
        uint256 first = both ? 0 : s % all.length;
        uint256 size = both ? all.length : 1;
        IRevenueLedger.Move[] memory batch = new IRevenueLedger.Move[](size);
        for (uint32 i = 0; i < size; i++) {
            batch[i] = moveOf(b.model, epoch, all, uint32(first + i), paidTo(b, e, epoch, first + i));
        }
        vm.prank(STRANGER);
        try ledger.settle(b.model, epoch, batch) {
            count["settle"]++;
            afterwards(b, epoch, e);
        } catch (bytes memory reason) {
            if (bytes4(reason) != IRevenueLedger.NothingToSettle.selector) fail("honest moves were refused");
        }
    }

    function paidTo(Book storage b, IRevenueLedger.Epoch memory e, uint64 epoch, uint256 s)
        private
        view
        returns (uint128 sum)
    {
        for (uint256 i = 0; i < ACCOUNTS; i++) {
            sum += uint128(uint256(e.pool) * b.scores[epoch][i][s] / e.totalScore);
        }
    }

    /// @dev Balances move all at once, with the last segment, and by the scores of the epoch itself.
    function afterwards(Book storage b, uint64 epoch, IRevenueLedger.Epoch memory before) private {
        if (stageOf(b.model, epoch) != 3) return;
        for (uint256 s = 0; s < (b.whole[epoch] ? 2 : 1); s++) {
            b.lastEpoch[s] = epoch;
            for (uint256 i = 0; i < ACCOUNTS; i++) {
                uint256 q = uint256(before.pool) * b.scores[epoch][i][s] / before.totalScore;
                b.balances[i][s] += q;
                b.balancesPaid += q;
            }
        }
        b.final_ = epoch;
        b.finished[epoch] = keccak256(abi.encode(ledger.getEpoch(b.model, epoch)));
        count["final"]++;
    }

    function actClaim(uint256 k, uint256 s, uint256 i) external {
        (s, i) = (s % 2, i % ACCOUNTS);
        claimOf(book(k), s, i);
    }

    function claimOf(Book storage b, uint256 s, uint256 i) private {
        if (b.lastEpoch[s] == 0) return;
        IRevenueLedger.Receipt[] memory r = alone(receipt(b, s, i));
        uint256 due = b.balances[i][s] - b.paid[i][s];
        if (ledger.claimable(b.model, r)[0] != due) fail("claimable says something else");
        try ledger.claim(b.model, r) returns (uint256 amount) {
            if (amount != due) fail("a claim paid something else than the difference");
            (b.paid[i][s], b.claimed) = (b.balances[i][s], b.claimed + amount);
            count["claim"]++;
        } catch {
            if (due != 0) fail("an honest claim was refused");
        }
    }

    function receipt(Book storage b, uint256 s, uint256 i) private returns (IRevenueLedger.Receipt memory) {
        uint64 epoch = uint64(b.lastEpoch[s]);
        return receiptOf(b.model, dataset, uint32(s), epoch, uint32(i), payeeOf(62 * s + i), uint128(b.balances[i][s]));
    }

    function actShare(uint256 k, uint64 epoch, bool second) external {
        Book storage b = book(k);
        epoch = 1 + epoch % (b.final_ + 1);
        try ledger.withdrawShare(b.model, epochs(epoch), second ? 1 : 0) returns (uint256 amount) {
            b.shares += amount;
            count["share"]++;
        } catch {}
    }

    function actDemand(uint256 k, uint256 s, uint256 i) external {
        Book storage b = book(k);
        (s, i) = (s % 2, i % ACCOUNTS);
        IRevenueLedger.RecordPath memory r = recordPath(s, 100, uint32(i));
        vm.deal(STRANGER, BOND);
        vm.prank(STRANGER);
        try ledger.demand{value: BOND}(b.model, dataset, uint32(s), r) {
            count["demand"]++;
        } catch {}
    }

    function actAnswer(uint256 k) external {
        Book storage b = book(k);
        IRevenueLedger.Demand[] memory all = demandsOf(b.model);
        if (all.length == 0 || all[0].epoch != b.lastEpoch[all[0].segment]) return;
        (uint256 s, uint256 i) = (all[0].segment, all[0].index);
        IRevenueLedger.Receipt[] memory r = alone(receipt(b, s, i));
        vm.prank(PAYER);
        ledger.answer(b.model, r);
        b.claimed += b.balances[i][s] - b.paid[i][s];
        b.paid[i][s] = b.balances[i][s];
        count["answer"]++;
    }

    function actDissolve(uint256 k) external {
        Book storage b = book(k);
        vm.prank(STRANGER);
        try ledger.dissolve(b.model) {
            count["dissolve"]++;
        } catch {}
    }

    function actExit(uint256 k, uint256 s, uint256 i) external {
        Book storage b = book(k);
        if (ledger.getModel(b.model).dissolvedAt == 0) return;
        exitAll(b, s % 2, i % 38, 1);
    }

    function exitAll(Book storage b, uint256 s, uint256 from, uint256 n) private {
        IRevenueLedger.Exit memory x;
        (x.datasetId, x.segment) = (dataset, uint32(s));
        if (b.final_ != 0) {
            if (b.lastEpoch[s] != b.final_) return;
            showScore(x, b.model, b.final_, list(b, b.final_), uint32(s));
        }
        x.payees = point(payeeScalar(dataset, s));
        x.accounts = new IRevenueLedger.Account[](n);
        for (uint32 j = 0; j < n; j++) {
            (uint256 index, address payee) = (from + j, payeeOf(62 * s + from + j));
            openings.tell(x.payees, index, uint160(payee));
            (x.accounts[j].index, x.accounts[j].payee) = (uint32(index), payee);
            x.accounts[j].proof = [index, uint160(payee)];
        }
        vm.prank(STRANGER);
        try ledger.exit(b.model, alone(x)) returns (uint256 amount) {
            b.exits += amount;
            count["exit"]++;
        } catch (bytes memory reason) {
            if (bytes4(reason) != IRevenueLedger.NothingDue.selector) fail("an honest exit was refused");
        }
    }

    function actWait(uint256 time) external {
        pass(1 + time % 20 days);
    }

    // ------------------------------------------------------------------------------------------------ checks

    function check() external view {
        yes(!broken, why);
        eq(token.balanceOf(address(ledger)), owedIn(address(token)), "the balance is all that is owed");
        uint256 bonds = ledger.credit(address(0), STRANGER);
        for (uint256 k = 0; k < 2; k++) {
            Book storage b = _books[k];
            IRevenueLedger.Model memory m = ledger.getModel(b.model);
            eq(b.deposited, ledger.owed(b.model) + b.claimed + b.shares + b.exits, "nothing appears, nothing is lost");
            eq(m.received, b.deposited, "received");
            eq(b.balancesPaid, m.unclaimed + b.claimed, "balances are what was paid into them");
            yes(m.openEpoch == 0 || m.openEpoch - m.finalEpoch <= 2, "one open, one closed");
            for (uint256 i = 0; i < ACCOUNTS; i++) {
                for (uint256 s = 0; s < 2; s++) {
                    eq(ledger.claimed(b.model, dataset, s, i), b.paid[i][s], "cumulative never falls");
                }
            }
            for (uint64 epoch = 1; epoch <= b.final_; epoch++) {
                eq(keccak256(abi.encode(ledger.getEpoch(b.model, epoch))), b.finished[epoch], "final never changes");
            }
            IRevenueLedger.Demand[] memory all = demandsOf(b.model);
            for (uint256 i = 0; i < all.length; i++) {
                if (!all[i].bondReturned) bonds += BOND;
                yes(i == 0 || all[i - 1].deadline <= all[i].deadline, "oldest first");
            }
        }
        eq(address(ledger).balance, bonds, "bonds");
    }

    /// @dev Whatever happened: once enough time passed a stranger moves every unit, but for what the docs name: a pool that never
    /// reached its minimum, and floors.
    function leave() external {
        pass(2 * EXIT_WINDOW + DEMAND_WINDOW);
        for (uint256 k = 0; k < 2; k++) {
            Book storage b = _books[k];
            IRevenueLedger.Model memory m = ledger.getModel(b.model);
            IRevenueLedger.Epoch memory open = ledger.getEpoch(b.model, m.openEpoch);
            bool stalled = open.poolReachedAt != 0 || m.openEpoch > m.finalEpoch + 1 || demandsOf(b.model).length != 0;
            if (stalled && m.dissolvedAt == 0) {
                vm.prank(STRANGER);
                ledger.dissolve(b.model);
            }
            for (uint256 s = 0; s < 2; s++) {
                for (uint256 i = 0; i < ACCOUNTS; i++) {
                    claimOf(b, s, i);
                }
                if (ledger.getModel(b.model).dissolvedAt != 0) exitAll(b, s, 0, s == 0 ? 62 : 38);
            }
            for (uint64 epoch = 1; epoch <= b.final_; epoch++) {
                for (uint256 i = 0; i < 2; i++) {
                    vm.prank(STRANGER);
                    try ledger.withdrawShare(b.model, epochs(epoch), i) returns (uint256 amount) {
                        b.shares += amount;
                    } catch {}
                }
            }
            uint256 left = ledger.owed(b.model);
            if (ledger.getModel(b.model).dissolvedAt != 0) {
                yes(left < 102, "floors");
            } else {
                eq(left, uint256(open.revenue) + open.carried, "a pool below its minimum");
                yes(uint256(open.revenue) * 6_000 / 10_000 < 1_000, "which it did not reach");
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
        bytes4[13] memory actions = [
            LedgerHandler.actDeposit.selector,
            LedgerHandler.actCommit.selector,
            LedgerHandler.actCommit.selector,
            LedgerHandler.actClose.selector,
            LedgerHandler.actSettle.selector,
            LedgerHandler.actSettle.selector, // twice as often: an epoch needs two
            LedgerHandler.actClaim.selector,
            LedgerHandler.actShare.selector,
            LedgerHandler.actDemand.selector,
            LedgerHandler.actAnswer.selector,
            LedgerHandler.actDissolve.selector,
            LedgerHandler.actExit.selector,
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

    /// @dev At the end of every run.
    function afterInvariant() public {
        handler.leave();
        handler.check();
    }

    /// @dev The handler reaches what it is meant to reach: a whole life in one order, checked after every step.
    function test_handler_reaches_every_stage() public {
        for (uint256 k = 0; k < 2; k++) {
            handler.actDeposit(k, 1_000_007);
            handler.actCommit(k, 3, false);
            handler.actClose(k, false);
            handler.actSettle(k, 0, false);
            handler.check();
            handler.actWait(8 days);
            handler.actCommit(k, 5, true);
            handler.actSettle(k, 0, true);
            handler.check();
            handler.actClaim(k, 0, 3);
            handler.actClaim(k, 0, 3);
            handler.actShare(k, 0, false);
            handler.actDemand(k, 1, 2);
            handler.actAnswer(k);
            handler.check();
            handler.actDeposit(k, 1_000_007);
            handler.actCommit(k, 4, false);
            for (uint256 i = 0; i < 4; i++) {
                handler.actWait(20 days - 1);
            }
            handler.actDissolve(k);
            handler.actExit(k, 0, 7);
            handler.check();
        }
        string[11] memory all = [
            "deposit", "commit", "attempt", "close", "settle", "final", "claim", "share", "answer", "dissolve", "exit"
        ];
        for (uint256 i = 0; i < all.length; i++) {
            yes(handler.count(all[i]) >= 2, all[i]);
        }
        eq(handler.count("claim"), 2, "double claims are refused");
        handler.leave();
        handler.check();
    }
}
