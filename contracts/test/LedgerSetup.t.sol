// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {RevenueLedger} from "../src/RevenueLedger.sol";
import {IDatasetRegistry} from "../src/interfaces/IDatasetRegistry.sol";
import {IRevenueLedger} from "../src/interfaces/IRevenueLedger.sol";
import {Statement} from "../src/libraries/Statement.sol";
import {VerifierCall} from "../src/libraries/VerifierCall.sol";
import {MockVerifier} from "./mocks/MockVerifier.sol";
import {LedgerFixture} from "./utils/LedgerFixture.sol";

/// @notice Deployment, createModel and enroll.
contract LedgerSetupTest is LedgerFixture {
    function test_constants_are_those_of_the_statement() public pure {
        eq(Statement.SCALAR_FIELD, R, "r");
        eq(Statement.BASE_FIELD, Q, "p");
        eq(Statement.T_RECORD, T_RECORD, "T_record");
        eq(Statement.T_ACCOUNT, T_ACCOUNT, "T_account");
        eq(Statement.T_NODE, T_NODE, "T_node");
        eq(Statement.accounts(3), 62, "tier 3");
        eq(Statement.accounts(5), 1_022, "tier 5");
        eq(Statement.accounts(7), 16_382, "tier 7");
    }

    function testFuzz_context_is_the_documented_hash(uint256 epoch, bytes32 d, uint256 segment) public view {
        uint256 c = ledger.context(Statement.DOMAIN_SPLIT, model, epoch, d, segment);
        eq(c, context("apportion.split.v1", model, epoch, d, segment), "split");
        yes(c < 1 << 248, "31 bytes");
        yes(c != ledger.context(Statement.DOMAIN_ENROLL, model, epoch, d, segment), "enroll differs");
        yes(c != ledger.context(Statement.DOMAIN_PUBLISH, model, epoch, d, segment), "publish differs");
    }

    function test_deployed_code_fits() public view {
        yes(address(ledger).code.length <= 24_576, "ledger");
        yes(address(registry).code.length <= 24_576, "registry");
        yes(ledger.accountTree().code.length <= 24_576, "account tree");
    }

    // ------------------------------------------------------------------------------------------------ deployment

    function deploy(uint8 tier, address split, address tree) private {
        IRevenueLedger.TierVerifiers[] memory list = new IRevenueLedger.TierVerifiers[](1);
        list[0] = IRevenueLedger.TierVerifiers(tier, split, tree);
        new RevenueLedger(address(registry), list);
    }

    function test_verifier_without_code_is_refused() public {
        address[4] memory bad = [address(0), STRANGER, address(4), address(1)];
        for (uint256 i = 0; i < bad.length; i++) {
            vm.expectRevert(abi.encodeWithSelector(VerifierCall.VerifierWithoutCode.selector, bad[i]));
            deploy(3, bad[i], address(tree3));
            vm.expectRevert(abi.encodeWithSelector(VerifierCall.VerifierWithoutCode.selector, bad[i]));
            deploy(3, address(split3), bad[i]);
        }
    }

    function test_verifier_of_something_else_is_refused() public {
        vm.expectRevert(abi.encodeWithSelector(VerifierCall.VerifierMismatch.selector, address(tree3)));
        deploy(3, address(tree3), address(tree3));
        vm.expectRevert(abi.encodeWithSelector(VerifierCall.VerifierMismatch.selector, address(split3)));
        deploy(3, address(split3), address(split3));
        vm.expectRevert(abi.encodeWithSelector(VerifierCall.VerifierMismatch.selector, address(split5)));
        deploy(3, address(split5), address(tree3));
        MockVerifier short = new MockVerifier(keccak256("apportion.relation.split.v1"), 3, 5);
        vm.expectRevert(abi.encodeWithSelector(VerifierCall.VerifierMismatch.selector, address(short)));
        deploy(3, address(short), address(tree3));
        vm.expectRevert();
        deploy(3, address(token), address(tree3));
    }

    function test_tiers_are_known_and_listed_once() public {
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.InvalidTier.selector, 4));
        deploy(4, address(split3), address(tree3));
        IRevenueLedger.TierVerifiers[] memory list = new IRevenueLedger.TierVerifiers[](2);
        list[0] = IRevenueLedger.TierVerifiers(3, address(split3), address(tree3));
        list[1] = list[0];
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.InvalidTier.selector, 3));
        new RevenueLedger(address(registry), list);
    }

    function test_registry_without_code_is_refused() public {
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.RegistryWithoutCode.selector, STRANGER));
        new RevenueLedger(STRANGER, new IRevenueLedger.TierVerifiers[](0));
    }

    function test_what_was_deployed_can_be_read() public view {
        eq(ledger.registry(), address(registry), "registry");
        (address split, address tree) = ledger.verifiers(5);
        eq(split, address(split5), "split");
        eq(tree, address(tree5), "tree");
        (split, tree) = ledger.verifiers(7);
        eq(split, address(0), "tier 7");
    }

    // ------------------------------------------------------------------------------------------------ createModel

    function create(IRevenueLedger.Terms memory t, bytes memory expected) private {
        vm.expectRevert(expected);
        vm.prank(DEVELOPER);
        ledger.createModel(t);
    }

    function test_model_id_is_the_documented_hash() public view {
        bytes32 expected = keccak256(abi.encode(block.chainid, address(ledger), DEVELOPER, keccak256(bytes("model"))));
        eq(model, expected, "id");
        eq(ledger.getModel(model).developer, DEVELOPER, "developer");
        eq(ledger.getModel(model).attributor, ATTRIBUTOR, "attributor");
        eq(ledger.getModel(model).epoch, 1, "first epoch");
        eq(ledger.getBeneficiaries(model).length, 2, "beneficiaries");
    }

    function test_one_name_one_model_for_each_developer() public {
        create(terms("model", address(token)), abi.encodeWithSelector(IRevenueLedger.ModelExists.selector, model));
        vm.prank(STRANGER);
        bytes32 other = ledger.createModel(terms("model", address(token)));
        yes(other != model, "another developer, another model");
    }

    function test_shares_must_sum_to_ten_thousand() public {
        bytes memory invalid = abi.encodeWithSelector(IRevenueLedger.InvalidPolicy.selector);
        IRevenueLedger.Terms memory t = terms("m", address(token));
        t.contributorsBps = 5_999;
        create(t, invalid);
        t.contributorsBps = 6_001;
        create(t, invalid);
        t = terms("m", address(token));
        t.beneficiaries[0].bps = 0;
        t.contributorsBps = 8_001;
        create(t, invalid);
        t = terms("m", address(token));
        t.contributorsBps = 0;
        t.beneficiaries[0].bps = 8_001;
        create(t, invalid);
        // A sum that is right modulo 2^16 is not right.
        t = terms("m", address(token));
        t.contributorsBps = 65_535;
        t.beneficiaries[0].bps = 10_000;
        t.beneficiaries[1].bps = 1;
        create(t, invalid);
    }

    function test_contributors_may_take_everything() public {
        IRevenueLedger.Terms memory t = terms("m", address(token));
        t.contributorsBps = 10_000;
        t.beneficiaries = new IRevenueLedger.Beneficiary[](0);
        vm.prank(DEVELOPER);
        ledger.createModel(t);
    }

    function test_number_of_beneficiaries_is_bounded() public {
        IRevenueLedger.Terms memory t = terms("m", address(token));
        t.beneficiaries = new IRevenueLedger.Beneficiary[](17);
        create(t, abi.encodeWithSelector(IRevenueLedger.TooManyBeneficiaries.selector, 17));
        t.beneficiaries = new IRevenueLedger.Beneficiary[](16);
        for (uint256 i = 0; i < 16; i++) {
            t.beneficiaries[i] = IRevenueLedger.Beneficiary(address(uint160(1000 + i)), 250);
        }
        vm.prank(DEVELOPER);
        ledger.createModel(t);
    }

    function test_accounts_windows_token_and_name_are_checked() public {
        IRevenueLedger.Terms memory t = terms("", address(token));
        create(t, abi.encodeWithSelector(IRevenueLedger.InvalidName.selector));
        t = terms("m", STRANGER);
        create(t, abi.encodeWithSelector(IRevenueLedger.TokenWithoutCode.selector, STRANGER));
        t = terms("m", address(token));
        t.attributor = address(0);
        create(t, abi.encodeWithSelector(IRevenueLedger.InvalidAccount.selector, address(0)));
        t = terms("m", address(token));
        t.beneficiaries[1].account = address(0);
        create(t, abi.encodeWithSelector(IRevenueLedger.InvalidAccount.selector, address(0)));
        t.beneficiaries[1].account = address(ledger);
        create(t, abi.encodeWithSelector(IRevenueLedger.InvalidAccount.selector, address(ledger)));
        t = terms("m", address(token));
        t.openWindow = 1 hours - 1;
        create(t, abi.encodeWithSelector(IRevenueLedger.InvalidWindow.selector, 1 hours - 1));
        t.openWindow = 365 days + 1;
        create(t, abi.encodeWithSelector(IRevenueLedger.InvalidWindow.selector, 365 days + 1));
        t.openWindow = 1 hours;
        t.settleWindow = 0;
        create(t, abi.encodeWithSelector(IRevenueLedger.InvalidWindow.selector, 0));
    }

    // ------------------------------------------------------------------------------------------------ enroll

    function test_a_dataset_takes_part_once_all_segments_are_enrolled() public {
        enrollSegment(model, dataset, 1, payeeScalar(dataset, 1));
        eq(ledger.getModel(model).segments, 0, "one of two");
        enrollSegment(model, dataset, 0, payeeScalar(dataset, 0));
        eq(ledger.getModel(model).segments, 2, "both");
        eq(ledger.getModel(model).accounts, 124, "slots");
        eq(ledger.getSegment(model, dataset, 0).payees, pointDigest(payeeScalar(dataset, 0)), "payee column");

        bytes32 second = register(10);
        enroll(model, second);
        eq(ledger.getEnrolment(model, second).first, 2, "numbered on");
        eq(ledger.getModel(model).segments, 3, "three");
    }

    function test_renewing_replaces_the_payee_column_and_nothing_else() public {
        enroll(model, dataset);
        bytes memory first = enrollProof(model, dataset, 0, 1);
        enrollSegment(model, dataset, 0, 99);
        eq(ledger.getSegment(model, dataset, 0).payees, pointDigest(99), "renewed");
        eq(ledger.getSegment(model, dataset, 0).enrolments, 2, "counted");
        eq(ledger.getModel(model).segments, 2, "no new segment");
        eq(ledger.getEnrolment(model, dataset).enrolled, 2, "no new enrolment");
        // A proof made for the second enrolment is not one for the third.
        vm.expectRevert(rejected());
        vm.prank(DEVELOPER);
        ledger.enroll(model, dataset, 0, first);
    }

    function test_only_the_developer_enrolls() public {
        bytes memory proof = enrollProof(model, dataset, 0, 5);
        address[4] memory others = [ATTRIBUTOR, OWNER, STRANGER, BENEFICIARY];
        for (uint256 i = 0; i < others.length; i++) {
            vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.NotDeveloper.selector, model, others[i]));
            vm.prank(others[i]);
            ledger.enroll(model, dataset, 0, proof);
        }
    }

    function test_unknown_model_dataset_segment_or_tier() public {
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.UnknownModel.selector, bytes32("x")));
        ledger.enroll("x", dataset, 0, "");
        vm.startPrank(DEVELOPER);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.UnknownDataset.selector, bytes32("x")));
        ledger.enroll(model, "x", 0, "");
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.UnknownSegment.selector, dataset, 2));
        ledger.enroll(model, dataset, 2, "");
        uint256[] memory roots = new uint256[](1);
        roots[0] = 1;
        bytes32 large = registry.register(0, 7, 1, roots, "");
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.UnsupportedTier.selector, 7));
        ledger.enroll(model, large, 0, "");
        vm.stopPrank();
    }

    function test_number_of_segments_is_bounded() public {
        bytes32 large = register(62 * 512);
        bytes memory proof = enrollProof(model, large, 0, 1);
        enrollSegment(model, dataset, 0, 1);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.TooManySegments.selector, model, 514));
        vm.prank(DEVELOPER);
        ledger.enroll(model, large, 0, proof);
    }

    function rejected() private pure returns (bytes memory) {
        return abi.encodeWithSelector(
            VerifierCall.ProofRejected.selector, abi.encodeWithSelector(MockVerifier.InvalidProof.selector)
        );
    }
}
