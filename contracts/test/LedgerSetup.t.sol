// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {RevenueLedger} from "../src/RevenueLedger.sol";
import {IDatasetRegistry} from "../src/interfaces/IDatasetRegistry.sol";
import {IRevenueLedger} from "../src/interfaces/IRevenueLedger.sol";
import {Statement} from "../src/libraries/Statement.sol";
import {VerifierCall} from "../src/libraries/VerifierCall.sol";
import {MockOpeningVerifier, MockVerifier} from "./mocks/MockVerifiers.sol";
import {LedgerFixture} from "./utils/LedgerFixture.sol";

/// @notice Deployment, createModel, enroll.
contract LedgerSetupTest is LedgerFixture {
    // ------------------------------------------------------------------------------------------------ deployment

    function deploy(address registry_, address openings_, uint32 slots, address verifier) private {
        IRevenueLedger.SplitVerifier[] memory all = new IRevenueLedger.SplitVerifier[](1);
        all[0] = IRevenueLedger.SplitVerifier(slots, verifier);
        new RevenueLedger(registry_, openings_, all, MAX_BOND);
    }

    function test_what_a_ledger_is_deployed_with_is_checked() public {
        address[3] memory empty = [address(0), STRANGER, address(4)];
        for (uint256 i = 0; i < empty.length; i++) {
            vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.RegistryWithoutCode.selector, empty[i]));
            deploy(empty[i], address(openings), 64, address(split64));
            vm.expectRevert(abi.encodeWithSelector(VerifierCall.VerifierWithoutCode.selector, empty[i]));
            deploy(address(registry), empty[i], 64, address(split64));
            vm.expectRevert(abi.encodeWithSelector(VerifierCall.VerifierWithoutCode.selector, empty[i]));
            deploy(address(registry), address(openings), 64, empty[i]);
        }
        address[4] memory wrong = [address(tree64), address(split1024), address(0), address(0)];
        wrong[2] = address(new MockVerifier(Statement.RELATION_SPLIT, 64, 6, SETUP));
        wrong[3] = address(new MockVerifier(Statement.RELATION_SPLIT, 64, 7, "another setup"));
        for (uint256 i = 0; i < wrong.length; i++) {
            vm.expectRevert(abi.encodeWithSelector(VerifierCall.VerifierMismatch.selector, wrong[i]));
            deploy(address(registry), address(openings), 64, wrong[i]);
        }
        address other = address(new MockOpeningVerifier("another setup"));
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.SetupMismatch.selector, bytes32("another setup"), SETUP));
        deploy(address(registry), other, 64, wrong[3]);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.InvalidSlots.selector, 63));
        deploy(address(registry), address(openings), 63, address(split64));
    }

    function test_what_was_deployed_can_be_read() public view {
        eq(ledger.registry(), address(registry), "registry");
        eq(ledger.openingVerifier(), address(openings), "openings");
        eq(ledger.splitVerifier(64), address(split64), "64");
        eq(ledger.splitVerifier(16_384), address(0), "16,384");
        eq(ledger.maxBond(), MAX_BOND, "bond");
        eq(ledger.version(), "apportion.ledger.v2", "version");
    }

    function test_each_tier_has_its_own_verifier() public {
        MockVerifier largest = new MockVerifier(Statement.RELATION_SPLIT, 16_384, 7, SETUP);
        IRevenueLedger.SplitVerifier[] memory all = new IRevenueLedger.SplitVerifier[](3);
        all[0] = IRevenueLedger.SplitVerifier(16_384, address(largest));
        all[1] = IRevenueLedger.SplitVerifier(64, address(split64));
        all[2] = IRevenueLedger.SplitVerifier(1_024, address(split1024));
        RevenueLedger whole = new RevenueLedger(address(registry), address(openings), all, MAX_BOND);
        eq(whole.splitVerifier(64), address(split64), "64");
        eq(whole.splitVerifier(1_024), address(split1024), "1,024");
        eq(whole.splitVerifier(16_384), address(largest), "16,384");
        eq(whole.splitVerifier(0), address(0), "none");
        for (uint256 i = 0; i < 3; i++) {
            IRevenueLedger.SplitVerifier[] memory twice = new IRevenueLedger.SplitVerifier[](2);
            (twice[0], twice[1]) = (all[i], all[i]);
            vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.InvalidSlots.selector, all[i].slots));
            new RevenueLedger(address(registry), address(openings), twice, MAX_BOND);
        }
    }

    function test_deployed_code_fits() public view {
        yes(address(ledger).code.length <= 24_576, "ledger");
        yes(address(registry).code.length <= 24_576, "registry");
    }

    // ------------------------------------------------------------------------------------------------ createModel

    function refused(IRevenueLedger.Terms memory t, IRevenueLedger.Policy memory p, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(DEVELOPER);
        ledger.createModel(t, p);
    }

    function create(IRevenueLedger.Terms memory t) private {
        vm.prank(DEVELOPER);
        ledger.createModel(t, policy());
    }

    function test_a_model_can_be_read() public view {
        bytes32 domain = keccak256("apportion.model.v1");
        bytes32 id = keccak256(abi.encode(domain, block.chainid, address(ledger), DEVELOPER, keccak256("model")));
        eq(model, id, "id");
        eq(ledger.computeModelId(DEVELOPER, "model"), id, "computeModelId");
        IRevenueLedger.Model memory m = ledger.getModel(model);
        eq(m.developer, DEVELOPER, "developer");
        eq(m.token, address(token), "token");
        eq(m.openEpoch, 0, "no epoch");
        eq(m.policies, 1, "policies");
        eq(m.records, 100, "records");
        eq(
            keccak256(abi.encode(ledger.getTerms(model))),
            keccak256(abi.encode(terms("model", address(token)))),
            "terms"
        );
        eq(keccak256(abi.encode(ledger.getPolicy(model, 1))), keccak256(abi.encode(policy())), "policy");
        eq(ledger.getPolicy(model, 0).contributorsBps, 0, "no policy 0");
        eq(ledger.getPolicy(model, 2).contributorsBps, 0, "no policy 2");
        eq(ledger.attributorOf(model), ATTRIBUTOR, "attributor");
    }

    function test_one_name_one_model_for_each_developer() public {
        bytes memory exists = abi.encodeWithSelector(IRevenueLedger.ModelExists.selector, model);
        refused(terms("model", address(token)), policy(), exists);
        vm.prank(STRANGER);
        yes(ledger.createModel(terms("model", address(token)), policy()) != model, "another developer");
    }

    function test_terms_are_checked() public {
        refused(terms("", address(token)), policy(), abi.encodeWithSelector(IRevenueLedger.InvalidName.selector));
        refused(
            terms("m", STRANGER), policy(), abi.encodeWithSelector(IRevenueLedger.TokenWithoutCode.selector, STRANGER)
        );
        IRevenueLedger.Terms memory t = terms("m", address(token));
        address[2] memory nobody = [address(0), address(ledger)];
        for (uint256 i = 0; i < 2; i++) {
            t.attributor = nobody[i];
            refused(t, policy(), abi.encodeWithSelector(IRevenueLedger.InvalidAccount.selector, nobody[i]));
        }
        t = terms("m", address(token));
        t.minContributorsBps = 0;
        refused(t, policy(), abi.encodeWithSelector(IRevenueLedger.InvalidPolicy.selector));
        t.minContributorsBps = 6_001;
        refused(t, policy(), abi.encodeWithSelector(IRevenueLedger.InvalidPolicy.selector));
        t = terms("m", address(token));
        t.minPool = 0;
        refused(t, policy(), abi.encodeWithSelector(IRevenueLedger.InvalidMinPool.selector, 0));
        t.minPool = 2 ** 56 + 1;
        refused(t, policy(), abi.encodeWithSelector(IRevenueLedger.InvalidMinPool.selector, 2 ** 56 + 1));
        t = terms("m", address(token));
        t.demandBond = MAX_BOND + 1;
        refused(t, policy(), abi.encodeWithSelector(IRevenueLedger.BondTooLarge.selector, MAX_BOND, MAX_BOND + 1));
        t.demandBond = MAX_BOND;
        (t.minPool, t.minContributorsBps) = (2 ** 56, 6_000);
        create(t);
    }

    function test_windows_are_checked() public {
        for (uint256 i = 0; i < 5; i++) {
            uint32[3] memory bad = [uint32(1 hours - 1), 365 days + 1, 0];
            for (uint256 j = 0; j < bad.length; j++) {
                IRevenueLedger.Terms memory t = terms("m", address(token));
                if (i == 0) t.openWindow = bad[j];
                if (i == 1) t.settleWindow = bad[j];
                if (i == 2) t.noticeWindow = bad[j];
                if (i == 3) t.demandWindow = bad[j];
                if (i == 4) t.exitWindow = bad[j];
                refused(t, policy(), abi.encodeWithSelector(IRevenueLedger.InvalidWindow.selector, bad[j]));
            }
        }
        IRevenueLedger.Terms memory u = terms("m", address(token));
        u.noticeWindow = OPEN_WINDOW - 1;
        refused(u, policy(), abi.encodeWithSelector(IRevenueLedger.InvalidWindow.selector, u.noticeWindow));
        u.noticeWindow = OPEN_WINDOW;
        u.exitWindow = 2 * OPEN_WINDOW + SETTLE_WINDOW - 1;
        refused(u, policy(), abi.encodeWithSelector(IRevenueLedger.InvalidWindow.selector, u.exitWindow));
        u.exitWindow++;
        create(u);
    }

    function test_shares_sum_to_ten_thousand() public {
        bytes memory invalid = abi.encodeWithSelector(IRevenueLedger.InvalidPolicy.selector);
        IRevenueLedger.Terms memory t = terms("m", address(token));
        IRevenueLedger.Policy memory p = policy();
        p.contributorsBps = 5_999;
        refused(t, p, invalid);
        p.contributorsBps = 6_001;
        refused(t, p, invalid);
        p = policy();
        (p.beneficiaries[0].bps, p.contributorsBps) = (0, 8_001);
        refused(t, p, invalid);
        // A sum that is right modulo 2^16 is not right.
        p = policy();
        (p.contributorsBps, p.beneficiaries[0].bps, p.beneficiaries[1].bps) = (65_535, 10_000, 1);
        refused(t, p, invalid);
        p = policy();
        p.beneficiaries[1].account = address(0);
        refused(t, p, abi.encodeWithSelector(IRevenueLedger.InvalidAccount.selector, address(0)));
        p.beneficiaries[1].account = address(ledger);
        refused(t, p, abi.encodeWithSelector(IRevenueLedger.InvalidAccount.selector, address(ledger)));
        p.beneficiaries = new IRevenueLedger.Beneficiary[](17);
        refused(t, p, abi.encodeWithSelector(IRevenueLedger.TooManyBeneficiaries.selector, 17));
        p.beneficiaries = new IRevenueLedger.Beneficiary[](16);
        for (uint256 i = 0; i < 16; i++) {
            p.beneficiaries[i] = IRevenueLedger.Beneficiary(address(uint160(1_000 + i)), 250);
        }
        vm.prank(DEVELOPER);
        ledger.createModel(t, p);
        (p.contributorsBps, p.beneficiaries) = (10_000, new IRevenueLedger.Beneficiary[](0));
        vm.prank(STRANGER);
        ledger.createModel(t, p);
    }

    // ------------------------------------------------------------------------------------------------ enroll

    function test_a_dataset_is_enrolled_in_a_revision() public {
        extend(dataset, 110);
        bytes32 second = createModel("second", address(token));
        enroll(second, dataset, 0);
        IRevenueLedger.Enrolment memory en = ledger.getEnrolment(second, dataset);
        eq(en.enrolledBlock, block.number - 1, "block");
        eq(en.records, 100, "records");
        eq(en.exitRevision, 1, "before the first epoch opens");
        enroll(second, dataset, 1);
        en = ledger.getEnrolment(second, dataset);
        eq(en.enrolledBlock, block.number - 2, "first enrolment");
        eq(en.revision, 1, "revision");
        eq(en.records, 110, "records");
        eq(en.exitRevision, 2, "still before it");
        eq(ledger.getModel(second).records, 110, "the model's records");
        bytes32 other = register(10);
        enroll(second, other, 0);
        eq(ledger.getModel(second).records, 120, "two datasets");
        for (uint32 revision = 0; revision < 2; revision++) {
            vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.AlreadyEnrolled.selector, second, dataset, 1));
            vm.prank(DEVELOPER);
            ledger.enroll(second, dataset, revision);
        }
    }

    function test_who_is_there_when_the_first_epoch_opens_is_fixed() public {
        open(model);
        extend(dataset, 110);
        enroll(model, dataset, 1);
        bytes32 late = register(10);
        enroll(model, late, 0);
        eq(ledger.getEnrolment(model, dataset).exitRevision, 1, "the revision then");
        eq(ledger.getEnrolment(model, late).exitRevision, 0, "too late");
    }

    /// @dev 2^40 records at 2^56 units each are one too many; one record less fits.
    function test_records_times_the_least_pool_fit() public {
        IRevenueLedger.Terms memory t = terms("dear", address(token));
        t.minPool = 2 ** 56;
        vm.prank(DEVELOPER);
        bytes32 dear = ledger.createModel(t, policy());
        bytes32 large = bytes32("large");
        // What a registry would say of it.
        vm.mockCall(
            address(registry),
            abi.encodeCall(IDatasetRegistry.dataset, (large)),
            abi.encode(IDatasetRegistry.Dataset(OWNER, 64, 0, 1, 2 ** 40 - 1))
        );
        vm.mockCall(
            address(registry),
            abi.encodeCall(IDatasetRegistry.revisionOf, (large, 0)),
            abi.encode(uint64(2 ** 40 - 1), uint64(1))
        );
        enroll(dear, large, 0);
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.MinPoolOverflow.selector, 2 ** 56, 2 ** 40 + 99));
        vm.prank(DEVELOPER);
        ledger.enroll(dear, dataset, 0);
        open(dear);
        eq(ledger.getEpoch(dear, 1).minPool, 2 ** 96 - 2 ** 56, "as it is");
        // The larger revision takes the smaller one's place in the sum.
        bytes32 m = createModel("grows", address(token));
        enroll(m, dataset, 0);
        extend(dataset, 110);
        enroll(m, dataset, 1);
        open(m);
        eq(ledger.getEpoch(m, 1).minPool, 1_100, "ten for each of 110");
    }

    function test_what_cannot_be_enrolled() public {
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.UnknownModel.selector, bytes32("x")));
        ledger.enroll("x", dataset, 0);
        vm.startPrank(DEVELOPER);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.UnknownDataset.selector, bytes32("x")));
        ledger.enroll(model, "x", 0);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.UnknownRevision.selector, dataset, 1));
        ledger.enroll(model, dataset, 1);
        // A registry may know tiers that the ledger does not.
        RevenueLedger bare =
            new RevenueLedger(address(registry), address(openings), new IRevenueLedger.SplitVerifier[](0), 0);
        IRevenueLedger.Terms memory t = terms("m", address(token));
        t.demandBond = 0;
        bytes32 m = bare.createModel(t, policy());
        vm.expectRevert(abi.encodeWithSelector(IRevenueLedger.UnsupportedSlots.selector, 64));
        bare.enroll(m, dataset, 0);
        vm.stopPrank();
    }
}
