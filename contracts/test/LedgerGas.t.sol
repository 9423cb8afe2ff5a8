// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {AccountTree} from "../src/AccountTree.sol";
import {IRevenueLedger} from "../src/interfaces/IRevenueLedger.sol";
import {LedgerFixture} from "./utils/LedgerFixture.sol";

/// @notice What the ledger itself costs, as whole transactions on cold storage (each call runs on its own). Verifiers are
/// mocks here: what a real proof adds is measured where real proofs are.
/// @dev The bounds leave a few per cent; the figures go to snapshots/, where a change shows as a diff.
contract LedgerGasTest is LedgerFixture {
    address private constant ALICE = address(0xA11CE);
    address private constant BOB = address(0xB0B);

    function measured(string memory name, uint256 bound) private {
        uint256 spent = vm.lastCallGas().gasTotalUsed;
        vm.snapshotValue("transactions", name, spent);
        yes(spent <= bound, name);
    }

    /// @dev Stands in for a Split proof and a Tree proof of about the real size: 1,800 bytes, no zeros.
    function bulkyProof(uint256 seed) private pure returns (bytes memory proof) {
        proof = new bytes(1_800);
        for (uint256 i = 0; i < proof.length; i++) {
            proof[i] = bytes1(uint8(uint256(keccak256(abi.encode(seed, i))) % 255 + 1));
        }
    }

    /// forge-config: default.isolate = true
    function test_claim_at_tier_5() public {
        uint256[] memory roots = new uint256[](1);
        roots[0] = 1;
        vm.prank(OWNER);
        bytes32 d =
            registry.register(0, 5, 1_022, roots, "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi");
        measured("register, 1,022 records", 200_000);

        bytes memory proof = bulkyProof(1);
        tree5.accept(proof, words(1, T_RECORD, context("apportion.enroll.v1", model, 0, d, 0)), linked(11, 7));
        vm.prank(DEVELOPER);
        ledger.enroll(model, d, 0, proof);
        measured("enroll a segment", 260_000);

        fundAndScore(100_000);
        vm.prank(DEVELOPER);
        ledger.closeEpoch(model, 1);
        measured("close, 2 beneficiaries", 220_000);

        uint256 pool = ledger.getEpoch(model, 1).pool;
        proof = bulkyProof(2);
        split5.accept(proof, splitInputs(model, d, 0, 100, pool), linked(1, 22, scoreScalar(model, 1, 0)));
        vm.prank(DEVELOPER);
        ledger.settle(model, 1, d, 0, 100, pool, proof);
        measured("settle the first epoch, one segment", 330_000);

        uint256[3][] memory path = new uint256[3][](5);
        for (uint256 i = 0; i < 15; i++) {
            path[i / 3][i % 3] = uint256(keccak256(abi.encode(i))) % R;
        }
        publishAndClaim(d, path, 1, 30_000);
        measured("claim, first time, payee without tokens", 260_000);

        // The second epoch: nothing is written for the first time.
        fundAndScore(100_000);
        close(model);
        pool = ledger.getEpoch(model, 2).pool;
        proof = bulkyProof(3);
        split5.accept(proof, splitInputs(model, d, 0, 100, pool), linked(22, 33, scoreScalar(model, 2, 0)));
        vm.prank(DEVELOPER);
        ledger.settle(model, 2, d, 0, 100, pool, proof);
        measured("settle a later epoch, one segment", 330_000);
        publishAndClaim(d, path, 2, 60_000);
        measured("claim, later", 240_000);

        ledger.withdraw(model, BENEFICIARY);
        measured("withdraw", 90_000);
    }

    function fundAndScore(uint256 amount) private {
        deposit(model, amount);
        commitScores(model, 100);
    }

    function publishAndClaim(bytes32 d, uint256[3][] memory path, uint256 epoch, uint256 cumulative) private {
        uint256 root = AccountTree(ledger.accountTree()).root(777, ALICE, cumulative, 99, path);
        bytes memory proof = bulkyProof(100 + epoch);
        uint256 ctx = context("apportion.publish.v1", model, epoch, d, 0);
        tree5.accept(proof, words(root, T_ACCOUNT, ctx), linked(11, 11 * (epoch + 1)));
        vm.prank(DEVELOPER);
        ledger.publish(model, d, 0, root, proof);
        if (epoch == 1) measured("publish a segment", 250_000);
        ledger.claim(model, d, 0, 777, ALICE, cumulative, 99, path);
    }

    /// forge-config: default.isolate = true
    function test_the_largest_score_commitment_fits_in_a_transaction() public {
        bytes32 large = register(62 * 512);
        enroll(model, large);
        uint256[2][] memory points = scorePoints(model, 1, 512);
        vm.prank(ATTRIBUTOR);
        ledger.commitScores(model, 1, 100, points);
        measured("commit scores, 512 segments", 16_777_216);
    }

    /// forge-config: default.isolate = true
    function test_closing_with_the_most_beneficiaries() public {
        IRevenueLedger.Terms memory t = terms("many", address(token));
        t.beneficiaries = new IRevenueLedger.Beneficiary[](16);
        for (uint256 i = 0; i < 16; i++) {
            t.beneficiaries[i] = IRevenueLedger.Beneficiary(address(uint160(1_000 + i)), 250);
        }
        vm.prank(DEVELOPER);
        bytes32 many = ledger.createModel(t);
        measured("create a model, 16 beneficiaries", 700_000);
        deposit(many, 100_000);
        commitScores(many, 0);
        close(many);
        measured("close, 16 beneficiaries", 700_000);
    }
}
