//! The names of the checks.

macro_rules! check_ids {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:literal,)+) => {
        /// The name of a check. The names are part of the auditor's output.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum CheckId {
            $($(#[doc = $doc])* $variant,)+
        }

        impl CheckId {
            /// Every check, in the order of the statement.
            pub const ALL: &'static [CheckId] = &[$(CheckId::$variant,)+];

            /// The id as printed.
            pub const fn name(self) -> &'static str {
                match self {
                    $(CheckId::$variant => $name,)+
                }
            }

            /// What holds where the check does: the line of the table in docs/formats.md.
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(CheckId::$variant => concat!($($doc),*).trim_ascii(),)+
                }
            }
        }
    };
}

check_ids! {
    /// Every public input that is read from a file is below the modulus.
    V1Canonical = "V1.canonical",
    /// The total score of an epoch is positive and below 2^80.
    V1Total = "V1.total",
    /// The number of records of a segment that moves is at most the number of its accounts.
    V1Records = "V1.records",
    /// The model id follows from chain, contract, developer and name.
    V2Model = "V2.model",
    /// The dataset id follows from chain, registry, owner, uri, tier and the first revision.
    V2Dataset = "V2.dataset",
    /// Epochs follow one another without a gap.
    V3Order = "V3.order",
    /// Segments that move are enrolled, not retired, in order and listed once.
    V3Once = "V3.once",
    /// A segment moves under a known revision, not older than the one under which it moved last.
    V3Revision = "V3.revision",
    /// A segment that moves has a proven payee column that covers its records.
    V3Proven = "V3.proven",
    /// Old of this epoch is New of the segment's last one; genesis where there is none.
    V3Old = "V3.old",
    /// New is the balance column that the epoch states.
    V3New = "V3.new",
    /// Score is the attributor's commitment.
    V3Score = "V3.score",
    /// A is the payee column that the dataset states.
    V3Payee = "V3.payee",
    /// Posted scores are listed by dataset and segment, each with a positive sum, and lead to their root.
    V4Posted = "V4.posted",
    /// An epoch moves exactly the segments that the attributor posted.
    V4Moved = "V4.moved",
    /// Segment scores sum to the total score.
    V5Score = "V5.score",
    /// What segments paid sums to no more than the pool.
    V5Paid = "V5.paid",
    /// What is left is smaller than the number of records that take part.
    V5Dust = "V5.dust",
    /// A policy is well-formed.
    V6Policy = "V6.policy",
    /// An epoch is split by the policy that is in force in it.
    V6Version = "V6.version",
    /// What is carried in is what the epoch before left.
    V6Carried = "V6.carried",
    /// Every beneficiary's share follows from revenue and policy.
    V6Shares = "V6.shares",
    /// The contributors' pool is the rest, plus what was carried.
    V6Pool = "V6.pool",
    /// What enters the pools in the model's life stays below 2^127.
    V7Lifetime = "V7.lifetime",
    /// No linked column is opened more than 100 times.
    V8Openings = "V8.openings",
    /// An enrolment proof verifies.
    ProofEnroll = "proof.enroll",
    /// A Split proof verifies.
    ProofSplit = "proof.split",
    /// A file is the one that its document names.
    FileDigest = "file.digest",
    /// A revision has one root per segment.
    DatasetRoots = "dataset.roots",
    /// The slots from the number of records on are empty.
    DatasetCount = "dataset.count",
    /// A revision keeps every record of the one before in its place.
    DatasetExtension = "dataset.extension",
    /// The records have the registered roots, and every record has a payee.
    DatasetRecords = "dataset.records",
    /// A record's digest and path lead to the registered root.
    RecordPath = "record.path",
    /// A record's content is the file that was given.
    RecordContent = "record.content",
    /// A receipt or statement names accounts, not reserved slots, each once.
    ReceiptIndex = "receipt.index",
    /// A receipt's payee is not the zero address.
    ReceiptPayee = "receipt.payee",
    /// A receipt's suite, chain, contract, model and datasets are the ledger's.
    ReceiptLedger = "receipt.ledger",
    /// A receipt's columns are those of the ledger, in an epoch of the ledger.
    ReceiptColumns = "receipt.columns",
    /// A receipt opens its columns.
    ReceiptOpening = "receipt.opening",
    /// A statement's payouts follow from score, total and pool, and sum to the balance.
    StatementPayout = "statement.payout",
    /// A statement lists every epoch in which its accounts moved.
    StatementEpochs = "statement.epochs",
    /// A newer bundle extends an older one.
    BundleExtends = "bundle.extends",
    /// The node is on the ledger's chain.
    ChainId = "chain.id",
    /// The contract says that it is a ledger of this edition.
    ChainVersion = "chain.version",
    /// The contracts' code is known.
    ChainCode = "chain.code",
    /// Contracts are at the addresses where known creation code creates them.
    ChainCreation = "chain.creation",
    /// All verifiers are for the ledger's setup.
    ChainSetup = "chain.setup",
    /// A verifier is of the relation and tier that it is used for.
    ChainVerifier = "chain.verifier",
    /// A verifier's key is the ledger's.
    ChainKey = "chain.key",
    /// The chain has the model, under the files' name.
    ChainModel = "chain.model",
    /// A dataset is registered, with this tier.
    ChainDataset = "chain.dataset",
    /// A revision is registered with this number of records.
    ChainRevision = "chain.revision",
    /// A revision is registered with these roots.
    ChainRoots = "chain.roots",
    /// A payee column is proven in the registry.
    ChainPayees = "chain.payees",
    /// A dataset is enrolled, in a revision that the files have.
    ChainEnrolment = "chain.enrolment",
    /// A dataset retires on the chain when it does in the files.
    ChainRetirement = "chain.retirement",
    /// Files and chain have the same epochs.
    ChainEpochs = "chain.epochs",
    /// An epoch is closed.
    ChainStage = "chain.stage",
    /// An epoch is split by the files' policy.
    ChainPolicy = "chain.policy",
    /// An epoch's revenue is the files'.
    ChainRevenue = "chain.revenue",
    /// What was carried into an epoch is the files'.
    ChainCarried = "chain.carried",
    /// An epoch's pool is the files'.
    ChainPool = "chain.pool",
    /// The root of an epoch's scores is the files'.
    ChainScoreRoot = "chain.score-root",
    /// An epoch's total score is the files'.
    ChainTotal = "chain.total",
    /// As many segments are listed in an epoch as in the files.
    ChainCount = "chain.count",
    /// What an epoch paid is the files'.
    ChainPaid = "chain.paid",
    /// A segment moved in an epoch, as in the files.
    ChainMoved = "chain.moved",
    /// A segment moved with as many records as in the files.
    ChainRecords = "chain.records",
    /// A segment's score is the files'.
    ChainScore = "chain.score",
    /// What a segment paid is the files'.
    ChainSegmentPaid = "chain.segment-paid",
    /// A segment's new balances are the files'.
    ChainBalances = "chain.balances",
    /// What arrived in all is the sum of all epochs' revenues.
    ChainReceived = "chain.received",
    /// The contract holds what it owes.
    ChainSolvent = "chain.solvent",
    /// A receipt's or statement's columns are final on the chain.
    ChainFinal = "chain.final",
    /// The chain's own verifier accepts the openings.
    ChainOpenings = "chain.openings",
}

impl std::fmt::Display for CheckId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_meanings_are_told_apart() {
        let names: std::collections::HashSet<_> = CheckId::ALL.iter().map(|id| id.name()).collect();
        assert_eq!(names.len(), CheckId::ALL.len());
        assert!(CheckId::ALL.iter().all(|id| id.meaning().ends_with('.')));
    }
}
