// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {RevenueLedger} from "../src/RevenueLedger.sol";
import {IRevenueLedger} from "../src/interfaces/IRevenueLedger.sol";
import {Statement} from "../src/libraries/Statement.sol";
import {VerifierCall} from "../src/libraries/VerifierCall.sol";
import {MockVerifier, WeirdVerifier} from "./mocks/MockVerifier.sol";
import {LedgerFixture} from "./utils/LedgerFixture.sol";

/// @notice What a proof is bound to, and what the ledger makes of a verifier's answer.
contract LedgerProofsTest is LedgerFixture {
    uint256 private constant ROOT = 12_345;

    function setUp() public override {
        super.setUp();
        enroll(model, dataset);
    }

    function toSettling() private {
        deposit(model, 1_000);
        commitScores(model, 100);
        close(model);
    }

    function rejected() private pure returns (bytes memory) {
        return abi.encodeWithSelector(
            VerifierCall.ProofRejected.selector, abi.encodeWithSelector(MockVerifier.InvalidProof.selector)
        );
    }

    function trySettle(uint256 segment, bytes memory proof, bytes memory expected) private {
        uint256 epoch = epochOf(model);
        vm.expectRevert(expected);
        vm.prank(DEVELOPER);
        ledger.settle(model, epoch, dataset, segment, 60, 360, proof);
    }

    function tryPublish(uint256 segment, uint256 root, bytes memory proof, bytes memory expected) private {
        vm.expectRevert(expected);
        vm.prank(DEVELOPER);
        ledger.publish(model, dataset, segment, root, proof);
    }

    // ------------------------------------------------------------------------------------------------ replays

    function test_a_split_proof_serves_one_segment() public {
        toSettling();
        bytes memory proof = splitProof(model, dataset, 0, 60, 360);
        trySettle(1, proof, rejected());
    }

    function test_a_split_proof_serves_one_epoch() public {
        toSettling();
        bytes memory proof = splitProof(model, dataset, 0, 60, 360);
        vm.warp(block.timestamp + SETTLE_WINDOW + 1);
        ledger.abandonEpoch(model, 1);
        // Same pool, same total, same scores: only the context differs.
        uint256[2][] memory points = scorePoints(model, 1, 2);
        vm.prank(ATTRIBUTOR);
        ledger.commitScores(model, 2, 100, points);
        close(model);
        eq(ledger.getEpoch(model, 2).pool, 601, "same pool");
        trySettle(0, proof, rejected());
    }

    function test_a_split_proof_serves_one_chain() public {
        toSettling();
        bytes memory proof = splitProof(model, dataset, 0, 60, 360);
        vm.chainId(block.chainid + 1);
        trySettle(0, proof, rejected());
    }

    function test_a_split_proof_serves_one_sum() public {
        toSettling();
        bytes memory proof = splitProof(model, dataset, 0, 60, 359);
        trySettle(0, proof, rejected());
        proof = splitProof(model, dataset, 0, 59, 360);
        trySettle(0, proof, rejected());
    }

    function test_a_proof_serves_one_model() public {
        // A second model of the same developer with the same dataset, and with another token and so other rules.
        bytes32 other = createModel("other", address(token));
        enroll(other, dataset);
        toSettling();
        bytes memory proof = splitProof(model, dataset, 0, 60, 360);
        deposit(other, 1_000);
        uint256[2][] memory points = scorePoints(model, 1, 2);
        vm.prank(ATTRIBUTOR);
        ledger.commitScores(other, 1, 100, points);
        close(other);
        vm.expectRevert(rejected());
        vm.prank(DEVELOPER);
        ledger.settle(other, 1, dataset, 0, 60, 360, proof);
    }

    function test_a_proof_serves_one_ledger() public {
        RevenueLedger first = ledger;
        bytes memory proof = enrollProof(model, dataset, 0, 5);
        ledger = newLedger();
        bytes32 there = createModel("model", address(token));
        yes(there != model, "not even the same model id");
        vm.expectRevert(rejected());
        vm.prank(DEVELOPER);
        ledger.enroll(there, dataset, 0, proof);
        vm.prank(DEVELOPER);
        first.enroll(model, dataset, 0, proof);
    }

    function test_a_proof_serves_one_dataset() public {
        bytes32 second = register(100);
        bytes memory proof = enrollProof(model, second, 0, 5);
        vm.expectRevert(rejected());
        vm.prank(DEVELOPER);
        ledger.enroll(model, dataset, 0, proof);
    }

    function test_a_proof_serves_one_use() public {
        finaliseEpoch();
        // A publication with the inputs of an enrolment but for the tag, and the other way round.
        bytes memory proof = nextProof();
        uint256 enrollContext = context("apportion.enroll.v1", model, 1, dataset, 0);
        tree3.accept(proof, words(ROOT, T_ACCOUNT, enrollContext), linked(payeeScalar(dataset, 0), 1));
        tryPublish(0, ROOT, proof, rejected());
        proof = nextProof();
        uint256 publishContext = context("apportion.publish.v1", model, 1, dataset, 0);
        tree3.accept(proof, words(ROOT, T_RECORD, publishContext), linked(payeeScalar(dataset, 0), 1));
        tryPublish(0, ROOT, proof, rejected());
    }

    function test_a_publication_serves_one_epoch_one_segment_and_once() public {
        finaliseEpoch();
        bytes memory proof = publishProof(model, dataset, 0, ROOT);
        tryPublish(1, ROOT, proof, rejected());
        vm.prank(DEVELOPER);
        ledger.publish(model, dataset, 0, ROOT, proof);
        tryPublish(0, ROOT, proof, abi.encodeWithSelector(IRevenueLedger.AlreadyPublished.selector, ROOT));

        bytes memory unused = publishProof(model, dataset, 0, ROOT + 1);
        finaliseEpoch();
        tryPublish(0, ROOT + 1, unused, rejected());
    }

    // ------------------------------------------------------------------------------------------------ links (V3)

    function test_old_must_be_the_live_column() public {
        finaliseEpoch();
        toSettling();
        bytes memory proof = splitProof(
            splitInputs(model, dataset, 0, 60, 360), linked(1, balanceScalar(dataset, 0, 2), scoreScalar(model, 2, 0))
        );
        trySettle(0, proof, abi.encodeWithSelector(IRevenueLedger.OldColumnMismatch.selector));
    }

    function test_another_segments_column_is_not_this_segments() public {
        finaliseEpoch();
        toSettling();
        bytes memory proof = splitProof(
            splitInputs(model, dataset, 0, 60, 360),
            linked(balanceScalar(dataset, 1, 1), balanceScalar(dataset, 0, 2), scoreScalar(model, 2, 0))
        );
        trySettle(0, proof, abi.encodeWithSelector(IRevenueLedger.OldColumnMismatch.selector));
    }

    function test_genesis_is_one_exactly_once() public {
        toSettling();
        uint256[] memory inputs = splitInputs(model, dataset, 0, 60, 360);
        eq(inputs[Statement.SPLIT_GENESIS], 1, "first epoch");
        inputs[Statement.SPLIT_GENESIS] = 0;
        trySettle(0, splitProof(inputs, splitColumns(model, dataset, 0)), rejected());
        settle(model, dataset, 0, 60, 360);
        settle(model, dataset, 1, 40, 240);
        toSettling();
        inputs = splitInputs(model, dataset, 0, 60, 360);
        eq(inputs[Statement.SPLIT_GENESIS], 0, "second epoch");
        inputs[Statement.SPLIT_GENESIS] = 1;
        trySettle(0, splitProof(inputs, splitColumns(model, dataset, 0)), rejected());
    }

    function test_score_must_be_the_attributors_commitment() public {
        toSettling();
        bytes memory mismatch = abi.encodeWithSelector(IRevenueLedger.ScoreColumnMismatch.selector);
        uint256[] memory inputs = splitInputs(model, dataset, 0, 60, 360);
        trySettle(0, splitProof(inputs, linked(1, 2, scoreScalar(model, 1, 1))), mismatch);
        trySettle(0, splitProof(inputs, linked(1, 2, scoreScalar(model, 0, 0))), mismatch);
        uint256[] memory swapped = linked(1, 2, scoreScalar(model, 1, 0));
        (swapped[4], swapped[5]) = (swapped[5], swapped[4]);
        trySettle(0, splitProof(inputs, swapped), mismatch);
    }

    function test_publish_needs_the_payee_and_the_balance_column() public {
        finaliseEpoch();
        uint256[] memory inputs = words(ROOT, T_ACCOUNT, context("apportion.publish.v1", model, 1, dataset, 0));
        bytes memory proof = nextProof();
        tree3.accept(proof, inputs, linked(1, balanceScalar(dataset, 0, 1)));
        tryPublish(0, ROOT, proof, abi.encodeWithSelector(IRevenueLedger.PayeeColumnMismatch.selector));
        proof = nextProof();
        tree3.accept(proof, inputs, linked(payeeScalar(dataset, 0), 1));
        tryPublish(0, ROOT, proof, abi.encodeWithSelector(IRevenueLedger.BalanceColumnMismatch.selector));
        // After a renewal the column enrolled before is not the payee column any more.
        proof = publishProof(model, dataset, 0, ROOT);
        enrollSegment(model, dataset, 0, 99);
        tryPublish(0, ROOT, proof, abi.encodeWithSelector(IRevenueLedger.PayeeColumnMismatch.selector));
    }

    function test_publish_needs_a_settled_epoch_and_the_developer() public {
        bytes memory proof = publishProof(model, dataset, 0, ROOT);
        tryPublish(0, ROOT, proof, abi.encodeWithSelector(IRevenueLedger.NothingSettled.selector));
        tryPublish(9, ROOT, proof, abi.encodeWithSelector(IRevenueLedger.NothingSettled.selector));
        toSettling();
        settle(model, dataset, 0, 60, 360);
        tryPublish(0, ROOT, proof, abi.encodeWithSelector(IRevenueLedger.NothingSettled.selector));
        settle(model, dataset, 1, 40, 240);
        proof = publishProof(model, dataset, 0, ROOT);
        address[4] memory others = [ATTRIBUTOR, OWNER, STRANGER, BENEFICIARY];
        for (uint256 i = 0; i < others.length; i++) {
            vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotDeveloper.selector, model, others[i]));
            vm.prank(others[i]);
            ledger.publish(model, dataset, 0, ROOT, proof);
        }
    }

    function test_publishing_goes_on_while_the_next_epoch_is_settled() public {
        finaliseEpoch();
        toSettling();
        settle(model, dataset, 0, 60, 360);
        publish(model, dataset, 0, ROOT);
        eq(ledger.publishedEpoch(model, dataset, 0, ROOT), 1, "the last final epoch");
    }

    // ------------------------------------------------------------------------------------------------ aliases (V1)

    function test_x_plus_r_is_not_x() public {
        toSettling();
        bytes memory proof = splitProof(model, dataset, 0, 60, 360);
        vm.startPrank(DEVELOPER);
        for (uint256 k = 1; k < 6; k++) {
            vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.ScoreSumExceeded.selector, 100, 60 + k * R));
            ledger.settle(model, 1, dataset, 0, 60 + k * R, 360, proof);
            vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.PoolExceeded.selector, 601, 360 + k * R));
            ledger.settle(model, 1, dataset, 0, 60, 360 + k * R, proof);
        }
        vm.stopPrank();
        settle(model, dataset, 0, 60, 360);
        settle(model, dataset, 1, 40, 240);
        proof = publishProof(model, dataset, 0, ROOT);
        for (uint256 k = 1; k < 6; k++) {
            tryPublish(0, ROOT + k * R, proof, abi.encodeWithSelector(Statement.NotCanonical.selector, ROOT + k * R));
        }
    }

    function test_every_public_input_is_canonical() public {
        toSettling();
        uint256[] memory inputs = splitInputs(model, dataset, 0, 60, 360);
        for (uint256 i = 0; i < inputs.length; i++) {
            yes(inputs[i] < R, "below r");
        }
    }

    // ------------------------------------------------------------------------------------------------ the answer

    function weirdModel() private returns (WeirdVerifier weird, bytes memory honest) {
        // Same address, other code: what a broken verifier would answer, not a way to swap one.
        toSettling();
        weird = new WeirdVerifier(keccak256("apportion.relation.split.v1"), 3, 6);
        vm.etch(address(split3), address(weird).code);
        weird = WeirdVerifier(address(split3));
        honest = abi.encode(linked(4242, balanceScalar(dataset, 0, 1), scoreScalar(model, 1, 0)));
    }

    function tryAnswer(WeirdVerifier weird, bytes memory answer) private {
        weird.program(WeirdVerifier.Mode.Raw, answer);
        trySettle(0, "", abi.encodeWithSelector(VerifierCall.MalformedAnswer.selector, address(split3)));
        eq(ledger.getSegment(model, dataset, 0).movedEpoch, 0, "nothing moved");
    }

    function test_an_answer_has_exactly_the_documented_shape() public {
        (WeirdVerifier weird, bytes memory honest) = weirdModel();
        tryAnswer(weird, "");
        tryAnswer(weird, abi.encode(true));
        tryAnswer(weird, abi.encodePacked(honest, bytes1(0)));
        tryAnswer(weird, abi.encodePacked(honest, bytes32(0)));
        tryAnswer(weird, abi.encode(linked(1, 2)));
        tryAnswer(weird, abi.encode(new uint256[](7)));
        bytes memory bad = abi.encode(linked(4242, balanceScalar(dataset, 0, 1), scoreScalar(model, 1, 0)));
        bad[31] = 0x40;
        tryAnswer(weird, bad);
        bad[31] = 0x20;
        bad[63] = 0x05;
        tryAnswer(weird, bad);
        weird.program(WeirdVerifier.Mode.Raw, honest);
        vm.prank(DEVELOPER);
        ledger.settle(model, 1, dataset, 0, 60, 360, "");
    }

    function test_coordinates_in_an_answer_are_canonical() public {
        (WeirdVerifier weird,) = weirdModel();
        for (uint256 i = 0; i < 6; i++) {
            uint256[] memory columns = linked(4242, balanceScalar(dataset, 0, 1), scoreScalar(model, 1, 0));
            columns[i] += Q;
            tryAnswer(weird, abi.encode(columns));
        }
    }

    function test_a_verifier_that_reverts_or_burns_its_gas_settles_nothing() public {
        (WeirdVerifier weird,) = weirdModel();
        weird.program(WeirdVerifier.Mode.RevertEmpty, "");
        trySettle(0, "", abi.encodeWithSelector(VerifierCall.ProofRejected.selector, ""));
        weird.program(WeirdVerifier.Mode.BurnGas, "");
        trySettle(0, "", abi.encodeWithSelector(VerifierCall.ProofRejected.selector, ""));
    }

    function test_a_verifier_whose_code_is_gone_settles_nothing() public {
        toSettling();
        bytes memory proof = splitProof(model, dataset, 0, 60, 360);
        vm.etch(address(split3), "");
        trySettle(0, proof, abi.encodeWithSelector(VerifierCall.VerifierWithoutCode.selector, address(split3)));
    }

    function test_starved_of_gas_nothing_changes() public {
        toSettling();
        bytes memory proof = splitProof(model, dataset, 0, 60, 360);
        bytes memory call = abi.encodeCall(
            IRevenueLedger.settle, (model, uint256(1), dataset, uint256(0), uint256(60), uint256(360), proof)
        );
        bool done;
        uint256 failures;
        for (uint256 gas_ = 5_000; !done; gas_ += 1_501) {
            vm.prank(DEVELOPER);
            (done,) = address(ledger).call{gas: gas_}(call);
            IRevenueLedger.Epoch memory e = ledger.getEpoch(model, 1);
            uint256 moved = ledger.getSegment(model, dataset, 0).movedEpoch;
            eq(moved, done ? 1 : 0, "all or nothing: segment");
            eq(e.moved, done ? 1 : 0, "all or nothing: count");
            eq(e.scoreSum, done ? 60 : 0, "all or nothing: scores");
            eq(e.paid, done ? 360 : 0, "all or nothing: paid");
            if (!done) failures++;
        }
        yes(failures > 10, "the sweep starved it");
    }
}
