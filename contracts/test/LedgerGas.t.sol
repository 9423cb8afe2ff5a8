// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {IDatasetRegistry} from "../src/interfaces/IDatasetRegistry.sol";
import {IRevenueLedger} from "../src/interfaces/IRevenueLedger.sol";
import {LedgerFixture} from "./utils/LedgerFixture.sol";
import {TestTree} from "./utils/TestTree.sol";

/// @notice What the contracts themselves cost, as whole transactions on cold storage (each call runs on its own). Verifiers are
/// mocks here: what real proofs and openings add is measured where these are.
/// @dev The bounds leave a few per cent; the figures go to snapshots/, where a change shows as a diff.
contract LedgerGasTest is LedgerFixture {
    using TestTree for TestTree.Tree;

    bytes32 private large;
    TestTree.Tree private tree;

    function measured(string memory name, uint256 bound) private {
        uint256 spent = vm.lastCallGas().gasTotalUsed;
        vm.snapshotValue("transactions", name, spent);
        yes(spent <= bound, name);
    }

    /// @dev Stands in for a proof of the real size: 3,136 bytes, no zeros.
    function bulkyProof(uint256 seed) private pure returns (bytes memory proof) {
        proof = new bytes(3_136);
        for (uint256 i = 0; i < proof.length; i++) {
            proof[i] = bytes1(uint8(uint256(keccak256(abi.encode(seed, i))) % 255 + 1));
        }
    }

    /// @dev One full segment of tier 1,024, whose records are in the tree.
    function registerLarge() private {
        uint256[] memory leaves = new uint256[](1_022);
        for (uint256 i = 0; i < leaves.length; i++) {
            leaves[i] = TestTree.leaf(payeeOf(i), contentOf(i));
        }
        tree = TestTree.build(1_024, leaves);
        uint256[] memory roots = new uint256[](1);
        roots[0] = tree.root();
        string memory uri = "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi";
        uint256[] memory count = tree.siblings(1_022, false);
        vm.prank(OWNER);
        large = registry.register(1_024, 1_022, roots, count, uri);
        measured("register, 1,022 records", 600_000);
        nextBlock();

        IDatasetRegistry.PayeesProof[] memory proofs = new IDatasetRegistry.PayeesProof[](1);
        proofs[0] = treeProof(large, 0, payeeScalar(large, 0));
        proofs[0].proof = bulkyProof(1);
        uint256[] memory inputs = new uint256[](2);
        (inputs[0], inputs[1]) = (roots[0], enrollContext(large, 0, 0));
        tree1024.accept(proofs[0].proof, inputs, linked(payeeScalar(large, 0), 7));
        vm.prank(OWNER);
        registry.provePayees(large, proofs);
        measured("prove payees of a segment", 300_000);
    }

    /// forge-config: default.isolate = true
    function test_a_life_at_tier_1024() public {
        registerLarge();
        vm.prank(DEVELOPER);
        ledger.enroll(model, large, 0);
        measured("enroll a dataset", 150_000);
        nextBlock();
        vm.prank(DEVELOPER);
        ledger.open(model);
        measured("open the first epoch", 200_000);
        Listed[] memory list = one(large, 0, 0, 100);
        epochOf(list, 1, " the first epoch");
        claims(1, 100, " of the first epoch");
        epochOf(list, 2, " a later epoch");
        claims(2, 200, ", later");
        ledger.withdrawShare(model, epochs(1), 0);
        measured("withdraw a share", 110_000);
    }

    function epochOf(Listed[] memory list, uint64 epoch, string memory which) private {
        fund(1_000_000);
        vm.prank(PAYER);
        ledger.deposit(model, epoch, 1_000_000, 1, ATTRIBUTOR);
        measured(string(abi.encodePacked("deposit,", which)), 400_000);
        bytes32 root = scoreRoot(model, epoch, list);
        vm.prank(ATTRIBUTOR);
        ledger.commitScores(model, epoch, root, 100, 1);
        measured(string(abi.encodePacked("commit scores,", which)), 120_000);
        nextBlock();
        closeAs(DEVELOPER, epoch, root);
        measured(string(abi.encodePacked("close,", which, ", 2 beneficiaries")), 300_000);
        IRevenueLedger.Move memory move = moveOf(model, epoch, list, 0);
        bytes memory proof = bulkyProof(10 + epoch);
        split1024.accept(
            proof, splitInputs(model, epoch, list[0], move.segmentPaid), splitColumns(model, epoch, list[0])
        );
        move.proof = proof;
        ledger.settle(model, epoch, single(move));
        measured(string(abi.encodePacked("settle", which, ", one segment")), 330_000);
    }

    /// @dev 17 accounts of 16 payees: the first two are one payee's.
    function claims(uint64 epoch, uint128 cumulative, string memory when) private {
        IRevenueLedger.Receipt memory r = emptyReceipt(model, large, 0, epoch);
        r.accounts = new IRevenueLedger.Account[](1);
        r.accounts[0] = accountOf(model, r, 777, payeeOf(777), cumulative);
        ledger.claim(model, alone(r));
        measured(string(abi.encodePacked("claim", when)), 300_000);
        r.accounts = new IRevenueLedger.Account[](16);
        for (uint32 i = 0; i < 16; i++) {
            r.accounts[i] = accountOf(model, r, 100 + i, payeeOf(100), cumulative);
        }
        ledger.claim(model, alone(r));
        measured(string(abi.encodePacked("claim of 16 accounts of one payee", when)), 900_000);
        for (uint32 i = 0; i < 16; i++) {
            r.accounts[i] = accountOf(model, r, 200 + i, payeeOf(200 + i), cumulative);
        }
        ledger.claim(model, alone(r));
        measured(string(abi.encodePacked("claim of 16 payees", when)), 1_500_000);
    }
}
