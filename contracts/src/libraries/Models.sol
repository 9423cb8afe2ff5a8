// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {IRevenueLedger} from "../interfaces/IRevenueLedger.sol";
import {LedgerState} from "./LedgerState.sol";

/// @title Models: their terms, datasets, roles and announced changes
library Models {
    using LedgerState for LedgerState.Deployed;
    using LedgerState for LedgerState.State;

    uint256 internal constant MAX_BENEFICIARIES = 16;
    uint256 internal constant MIN_WINDOW = 1 hours;
    uint256 internal constant MAX_WINDOW = 365 days;
    uint256 internal constant MAX_MIN_POOL = 2 ** 56;
    uint256 internal constant BPS = 10_000;
    bytes32 internal constant DEVELOPER = "developer";
    bytes32 internal constant ATTRIBUTOR = "attributor";

    function create(
        LedgerState.State storage self,
        bytes32 modelId,
        uint256 maxBond,
        IRevenueLedger.Terms calldata terms,
        IRevenueLedger.Policy calldata policy
    ) external {
        LedgerState.Model storage m = self.models[modelId];
        if (m.developer != address(0)) revert IRevenueLedger.ModelExists(modelId);
        if (bytes(terms.name).length == 0) revert IRevenueLedger.InvalidName();
        LedgerState.checkAccount(terms.attributor);
        if (terms.token.code.length == 0) revert IRevenueLedger.TokenWithoutCode(terms.token);
        if (terms.minContributorsBps == 0) revert IRevenueLedger.InvalidPolicy();
        if (terms.minPool == 0 || terms.minPool > MAX_MIN_POOL) revert IRevenueLedger.InvalidMinPool(terms.minPool);
        if (terms.demandBond > maxBond) revert IRevenueLedger.BondTooLarge(maxBond, terms.demandBond);
        _checkWindow(terms.openWindow, 0);
        _checkWindow(terms.settleWindow, 0);
        _checkWindow(terms.demandWindow, 0);
        _checkWindow(terms.noticeWindow, terms.openWindow);
        // Time to replace an attributor that is gone, and for the new one's scores to be settled.
        _checkWindow(terms.exitWindow, uint256(terms.openWindow) + terms.noticeWindow + terms.settleWindow);

        m.developer = msg.sender;
        m.attributor = terms.attributor;
        m.terms = terms;
        m.policy = _addPolicy(m, policy);
        emit IRevenueLedger.ModelCreated(modelId, msg.sender, terms, policy);
    }

    function _checkWindow(uint256 window, uint256 least) private pure {
        if (window < MIN_WINDOW || window > MAX_WINDOW || window < least) revert IRevenueLedger.InvalidWindow(window);
    }

    /// @dev V6: the basis points are 10,000 in all, the contributors' not below the model's minimum.
    function _addPolicy(LedgerState.Model storage m, IRevenueLedger.Policy calldata policy)
        private
        returns (uint32 version)
    {
        uint256 count = policy.beneficiaries.length;
        if (count > MAX_BENEFICIARIES) revert IRevenueLedger.TooManyBeneficiaries(count);
        uint256 sum = policy.contributorsBps;
        if (sum < m.terms.minContributorsBps) revert IRevenueLedger.InvalidPolicy();
        IRevenueLedger.Policy storage p = m.policies.push();
        p.contributorsBps = policy.contributorsBps;
        for (uint256 i = 0; i < count; i++) {
            IRevenueLedger.Beneficiary calldata b = policy.beneficiaries[i];
            LedgerState.checkAccount(b.account);
            if (b.bps == 0) revert IRevenueLedger.InvalidPolicy();
            sum += b.bps;
            p.beneficiaries.push(b);
        }
        if (sum != BPS) revert IRevenueLedger.InvalidPolicy();
        return uint32(m.policies.length);
    }

    function enroll(
        LedgerState.State storage self,
        LedgerState.Deployed memory deployed,
        bytes32 modelId,
        bytes32 datasetId,
        uint32 revision
    ) external {
        LedgerState.Model storage m = developed(self, modelId);
        uint256 slots = deployed.registry.dataset(datasetId).slots;
        if (deployed.splitVerifier(slots) == address(0)) revert IRevenueLedger.UnsupportedSlots(slots);
        (uint64 records,) = deployed.registry.revisionOf(datasetId, revision);
        LedgerState.Enrolment storage en = m.enrolments[datasetId];
        if (en.enrolledBlock == 0) {
            en.enrolledBlock = uint48(block.number);
        } else if (revision <= en.revision) {
            revert IRevenueLedger.AlreadyEnrolled(modelId, datasetId, en.revision);
        }
        uint256 all = uint256(m.records) - en.records + records;
        // An epoch's minimum has 96 bits.
        if (all * m.terms.minPool > type(uint96).max) revert IRevenueLedger.MinPoolOverflow(m.terms.minPool, all);
        m.records = uint64(all);
        (en.revision, en.records) = (revision, uint48(records));
        // Who is there when the first epoch opens has a part in the exit of a model that never had a final epoch.
        if (m.openEpoch == 0) (en.exitRevision, m.exitRecords) = (revision + 1, m.records);
        emit IRevenueLedger.DatasetEnrolled(modelId, datasetId, revision, records);
    }

    // ------------------------------------------------------------------------------------------------ announced changes

    function announcePolicy(LedgerState.State storage self, bytes32 modelId, IRevenueLedger.Policy calldata policy)
        external
    {
        LedgerState.Model storage m = developed(self, modelId);
        uint32 version = _addPolicy(m, policy);
        uint256 from = block.timestamp + m.terms.noticeWindow;
        (m.nextPolicy, m.nextPolicyFrom) = (version, uint64(from));
        emit IRevenueLedger.PolicyAnnounced(modelId, version, from, policy);
    }

    function announceAttributor(LedgerState.State storage self, bytes32 modelId, address attributor) external {
        LedgerState.Model storage m = developed(self, modelId);
        LedgerState.checkAccount(attributor);
        uint256 from = block.timestamp + m.terms.noticeWindow;
        (m.nextAttributor, m.nextAttributorFrom) = (attributor, uint64(from));
        emit IRevenueLedger.AttributorAnnounced(modelId, attributor, from);
    }

    function announceRetirement(LedgerState.State storage self, bytes32 modelId, bytes32 datasetId) external {
        LedgerState.Model storage m = developed(self, modelId);
        LedgerState.Enrolment storage en = m.enrolments[datasetId];
        if (en.enrolledBlock == 0) revert IRevenueLedger.NotEnrolled(modelId, datasetId);
        if (en.retiredFrom != 0) revert IRevenueLedger.AlreadyRetired(modelId, datasetId);
        uint256 from = block.timestamp + m.terms.noticeWindow;
        en.retiredFrom = uint48(from);
        emit IRevenueLedger.RetirementAnnounced(modelId, datasetId, from);
    }

    function replaceAttributor(LedgerState.State storage self, bytes32 modelId, uint64 epoch) external {
        LedgerState.Model storage m = developed(self, modelId);
        if (epoch != m.openEpoch || epoch == 0) revert IRevenueLedger.WrongEpoch(m.openEpoch, epoch);
        (address to, uint256 from) = (m.nextAttributor, m.nextAttributorFrom);
        if (to == address(0)) revert IRevenueLedger.NothingAnnounced(modelId);
        LedgerState.Epoch storage e = m.epochs[epoch];
        if (e.committedBlock != 0) revert IRevenueLedger.Committed(modelId, epoch);
        if (e.poolReachedAt == 0) revert IRevenueLedger.PoolTooSmall(e.minPool, e.revenue);
        uint256 lateFrom = uint256(e.poolReachedAt) + m.terms.openWindow;
        uint256 announcedAt = from - m.terms.noticeWindow;
        if (announcedAt <= lateFrom) revert IRevenueLedger.AnnouncedTooEarly(announcedAt, lateFrom);
        if (block.timestamp < from) revert IRevenueLedger.TooEarly(from);
        emit IRevenueLedger.AttributorReplaced(modelId, epoch, e.attributor, to);
        (e.attributor, m.attributor) = (to, to);
        (m.nextAttributor, m.nextAttributorFrom) = (address(0), 0);
    }

    // ------------------------------------------------------------------------------------------------ roles

    function offerDeveloper(LedgerState.State storage self, bytes32 modelId, address to) external {
        LedgerState.Model storage m = self.modelOf(modelId);
        if (msg.sender != m.developer) revert IRevenueLedger.NotDeveloper(modelId, msg.sender);
        if (to == address(this)) revert IRevenueLedger.InvalidAccount(to);
        m.offeredDeveloper = to;
        emit IRevenueLedger.RoleOffered(modelId, DEVELOPER, msg.sender, to);
    }

    function acceptDeveloper(LedgerState.State storage self, bytes32 modelId) external {
        LedgerState.Model storage m = self.modelOf(modelId);
        if (m.offeredDeveloper != msg.sender) revert IRevenueLedger.NotOffered(modelId, msg.sender);
        emit IRevenueLedger.RoleTransferred(modelId, DEVELOPER, m.developer, msg.sender);
        (m.developer, m.offeredDeveloper) = (msg.sender, address(0));
    }

    function offerAttributor(LedgerState.State storage self, bytes32 modelId, address to) external {
        LedgerState.Model storage m = self.modelOf(modelId);
        if (to == address(this)) revert IRevenueLedger.InvalidAccount(to);
        bool found = msg.sender == m.attributor;
        for (uint256 epoch = uint256(m.finalEpoch) + 1; epoch <= m.openEpoch; epoch++) {
            found = found || msg.sender == m.epochs[epoch].attributor;
        }
        if (!found) revert IRevenueLedger.NotAttributor(modelId, msg.sender);
        m.offeredAttributor[msg.sender] = to;
        emit IRevenueLedger.RoleOffered(modelId, ATTRIBUTOR, msg.sender, to);
    }

    /// @dev At most three parties have the role in some epoch: of the closed one, of the open one, of those to come.
    function acceptAttributor(LedgerState.State storage self, bytes32 modelId) external {
        LedgerState.Model storage m = self.modelOf(modelId);
        bool found = _handOver(m, modelId, m.attributor);
        for (uint256 epoch = uint256(m.finalEpoch) + 1; epoch <= m.openEpoch; epoch++) {
            if (_handOver(m, modelId, m.epochs[epoch].attributor)) found = true;
        }
        if (!found) revert IRevenueLedger.NotOffered(modelId, msg.sender);
    }

    /// @dev All that `from` is attributor of, if it offered that to the caller.
    function _handOver(LedgerState.Model storage m, bytes32 modelId, address from) private returns (bool) {
        if (m.offeredAttributor[from] != msg.sender) return false;
        delete m.offeredAttributor[from];
        if (m.attributor == from) m.attributor = msg.sender;
        for (uint256 epoch = uint256(m.finalEpoch) + 1; epoch <= m.openEpoch; epoch++) {
            if (m.epochs[epoch].attributor == from) m.epochs[epoch].attributor = msg.sender;
        }
        emit IRevenueLedger.RoleTransferred(modelId, ATTRIBUTOR, from, msg.sender);
        return true;
    }

    function developed(LedgerState.State storage self, bytes32 modelId)
        internal
        view
        returns (LedgerState.Model storage m)
    {
        m = self.liveModelOf(modelId);
        if (msg.sender != m.developer) revert IRevenueLedger.NotDeveloper(modelId, msg.sender);
    }
}
