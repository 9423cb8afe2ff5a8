//! The JSON documents. `version` is always 1.

mod dataset;
mod epoch;
mod ledger;
mod receipt;

pub use self::{
    dataset::{
        ColumnsDoc, DatasetDoc, ExtensionDoc, MAX_URI_BYTES, ProvenColumn, RecordReceiptDoc, RevisionDoc,
    },
    epoch::{EpochDoc, EpochSegment, ReplacedAttempt, ReplacedSegment, ScoredSegment, ScoresDoc},
    ledger::{EnrolmentDoc, KeyDoc, LedgerDoc, PolicyDoc, RetirementDoc, SetupDoc},
    receipt::{ReceiptAccount, ReceiptDoc, StatementAccount, StatementDoc, StatementEpoch},
};

use super::Document;

const MIB: u64 = 1 << 20;

macro_rules! documents {
    ($($doc:ident, $name:literal, $max:expr, $schema:literal $(, $fit:path)?;)+) => {
        $(impl Document for $doc {
            const NAME: &'static str = $name;
            const MAX_BYTES: u64 = $max;
            const SCHEMA: &'static str = include_str!(concat!("../../schemas/", $schema));

            $(fn check(&self) -> Result<(), String> {
                $fit(self)
            })?
        })+
    };
}

documents! {
    LedgerDoc, "ledger.json", MIB, "ledger.schema.json", LedgerDoc::fit;
    KeyDoc, "key", MIB / 16, "key.schema.json";
    PolicyDoc, "policy", MIB / 16, "policy.schema.json";
    DatasetDoc, "dataset.json", MIB / 16, "dataset.schema.json", DatasetDoc::fit;
    RevisionDoc, "revision.json", 16 * MIB, "revision.schema.json", RevisionDoc::fit;
    ColumnsDoc, "columns.json", 64 * MIB, "columns.schema.json";
    EnrolmentDoc, "enrolment.json", MIB / 16, "enrolment.schema.json";
    RetirementDoc, "retirement.json", MIB / 16, "retirement.schema.json";
    ScoresDoc, "scores.json", 64 * MIB, "scores.schema.json";
    EpochDoc, "epoch.json", 128 * MIB, "epoch.schema.json", EpochDoc::fit;
    ReceiptDoc, "receipt.json", 64 * MIB, "receipt.schema.json", ReceiptDoc::fit;
    StatementDoc, "statement.json", 128 * MIB, "statement.schema.json", StatementDoc::fit;
    RecordReceiptDoc, "record.json", MIB / 16, "record.schema.json";
}
