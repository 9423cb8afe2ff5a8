// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {IRevenueLedger} from "../../src/interfaces/IRevenueLedger.sol";
import {EpochFixture} from "./EpochFixture.sol";

/// @notice A model with one dataset of two segments, and what is done once an epoch is final, or never will be.
/// @dev By subject: DeploymentFixture, StatementFixture, DatasetFixture, EpochFixture, and this.
abstract contract LedgerFixture is EpochFixture {
    function setUp() public virtual {
        deploy();
        model = createModel("model", address(token));
        dataset = register(100); // two segments
        provePayees(dataset);
        enroll(model, dataset, 0);
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

    /// @dev All of them.
    function demandsOf(bytes32 id) internal view returns (IRevenueLedger.Demand[] memory all) {
        (all,) = ledger.getDemands(id, 0, type(uint256).max);
    }

    function dissolve() internal {
        vm.prank(STRANGER);
        ledger.dissolve(model);
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
}
