// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {DatasetRegistry} from "../../src/DatasetRegistry.sol";
import {RevenueLedger} from "../../src/RevenueLedger.sol";
import {IDatasetRegistry} from "../../src/interfaces/IDatasetRegistry.sol";
import {IRevenueLedger} from "../../src/interfaces/IRevenueLedger.sol";
import {MockOpeningVerifier, MockVerifier} from "../mocks/MockVerifiers.sol";
import {TestToken} from "../mocks/Tokens.sol";
import {Base} from "./Base.sol";

/// @notice Who is who, what is deployed, and time.
abstract contract DeploymentFixture is Base {
    uint256 internal constant R = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;
    uint256 internal constant Q = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47;
    bytes32 internal constant SETUP = keccak256("setup");

    uint32 internal constant OPEN_WINDOW = 30 days;
    uint32 internal constant SETTLE_WINDOW = 7 days;
    uint32 internal constant NOTICE_WINDOW = 31 days;
    uint32 internal constant DEMAND_WINDOW = 5 days;
    uint32 internal constant EXIT_WINDOW = 70 days;
    uint128 internal constant BOND = 1 ether;
    uint128 internal constant MAX_BOND = 2 ether;
    /// @dev Units a record; with 100 records a pool of 1,000.
    uint64 internal constant MIN_POOL = 10;

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

    /// @dev A clock, the mock verifiers, a registry, a ledger and a token.
    function deploy() internal {
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
    }

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
