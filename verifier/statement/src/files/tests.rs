use std::fmt::Debug;

use apportion_circuits::{
    field::SuiteId,
    types::{Payee, Tier, Word},
};
use serde_json::Value;

use super::*;
use crate::Commitment;
use crate::Relation;
use crate::policy::{Beneficiary, Policy, Share};

mod files;
mod properties;
mod schema;

fn word(n: u8) -> Word {
    Word([n; 32])
}

fn column(n: u8) -> Commitment {
    Commitment(vec![n; 32])
}

fn file(name: &str) -> FileRef {
    FileRef::new(name.parse().unwrap(), b"content")
}

fn ledger() -> LedgerDoc {
    let key = |relation| KeyEntry {
        relation,
        tier: Tier::T64,
        table_digest: word(1),
        key_digest: word(2),
        proof_bytes: 4096,
    };
    LedgerDoc {
        version: 1,
        suite: SuiteId::Bn254,
        tier: Tier::T64,
        model: "model".into(),
        model_id: word(3),
        chain_id: 1,
        contract: Payee([4; 20]),
        policy: Policy {
            contributors_bps: 9000,
            beneficiaries: vec![Beneficiary { name: "developer".into(), address: Payee([5; 20]), bps: 1000 }],
        },
        setup: SetupDoc { provenance: "challenge_0085".into(), digest: Some(word(6)), insecure: false },
        keys: Relation::ALL.into_iter().map(key).collect(),
    }
}

fn epoch() -> EpochDoc {
    EpochDoc {
        version: 1,
        suite: SuiteId::Pasta,
        model_id: word(1),
        epoch: 1,
        revenue: Amount(100),
        carried: Amount(0),
        shares: vec![Share { name: "developer".into(), address: Payee([5; 20]), amount: Amount(10) }],
        pool: Amount(90),
        total_score: Amount(7),
        carried_only: false,
        abandoned: false,
        scores: Some(file("scores.json")),
        segments: vec![EpochSegment {
            dataset: 0,
            segment: 0,
            genesis: true,
            score_column: column(1),
            balance_column: column(2),
            segment_score: Amount(7),
            segment_paid: Amount(u128::MAX),
            proof: file("0-0.proof"),
        }],
    }
}

fn receipt() -> ReceiptDoc {
    ReceiptDoc {
        version: 1,
        suite: SuiteId::Pasta,
        chain_id: 0,
        contract: Payee::default(),
        model: word(1),
        dataset: word(2),
        segment: 0,
        index: 5,
        epoch: 1,
        payee: Payee([7; 20]),
        cumulative: Amount(12),
        salt: word(3),
        siblings: vec![[word(1), word(2), word(3)]; 3],
        root: word(9),
    }
}

/// Runs `$check` on one document of every kind.
macro_rules! for_every_document {
    ($check:ident) => {{
        let (suite, tier, model_id) = (SuiteId::Pasta, Tier::T64, word(1));
        $check(&ledger());
        $check(&DatasetDoc { version: 1, suite, tier, records: 62, roots: vec![word(1)] });
        let segments = vec![EnrolledSegment { payee_column: column(1), proof: file("segment-0.proof") }];
        let dataset_id = word(2);
        $check(&EnrolmentDoc {
            version: 1,
            suite,
            model_id,
            dataset: 0,
            dataset_id,
            renewal: 0,
            first_epoch: 1,
            segments,
        });
        let segments = vec![ScoredSegment { dataset: 0, segment: 0, commitment: column(1) }];
        $check(&ScoresDoc { version: 1, suite, model_id, epoch: 1, total_score: Amount(7), segments });
        $check(&epoch());
        let segments = vec![PublishedSegment {
            dataset: 0,
            segment: 0,
            renewal: 0,
            root: word(1),
            leaves: file("0-0.leaves.json"),
            proof: file("0-0.proof"),
        }];
        $check(&PublicationDoc { version: 1, suite, model_id, publication: 1, epoch: 1, segments });
        $check(&LeavesDoc { version: 1, suite, tier, dataset: 0, segment: 0, leaves: vec![word(0); 62] });
        $check(&receipt());
    }};
}

fn round_trip<D: Document + PartialEq + Debug>(document: &D) {
    let json = document.to_json();
    assert_eq!(&D::from_json(&json).unwrap(), document, "{}", D::NAME);
    let schema: Value = serde_json::from_str(D::SCHEMA).unwrap();
    let value: Value = serde_json::from_slice(&json).unwrap();
    schema::check(&schema, &value).unwrap_or_else(|error| panic!("{}: {error}", D::NAME));
}

#[test]
fn documents_round_trip_and_match_their_schemas() {
    for_every_document!(round_trip);
}

/// Every member of every object: removed, doubled, joined by an unknown one; every value replaced.
fn mangled<D: Document>(document: &D) {
    let json: Value = serde_json::from_slice(&document.to_json()).unwrap();
    let schema: Value = serde_json::from_str(D::SCHEMA).unwrap();
    let optional = ["digest", "scores", "beneficiaries"];
    schema::for_every_object(&json, &mut |pointer| {
        let members: Vec<String> =
            json.pointer(pointer).unwrap().as_object().unwrap().keys().cloned().collect();
        let with = |edit: &dyn Fn(&mut serde_json::Map<String, Value>)| {
            let mut copy = json.clone();
            edit(copy.pointer_mut(pointer).unwrap().as_object_mut().unwrap());
            copy
        };
        let refused = |copy: &Value, why: &str| {
            let outcome = D::from_json(copy.to_string().as_bytes());
            assert!(outcome.is_err(), "{}{pointer}: {why}: {copy}", D::NAME);
        };
        refused(&with(&|object| _ = object.insert("extra".into(), 1.into())), "unknown member");
        for member in &members {
            if !optional.contains(&member.as_str()) {
                refused(&with(&|object| _ = object.remove(member)), &format!("{member} removed"));
            }
            for value in [Value::Null, Value::from(-1), Value::from(1e300), "x".into(), vec![0; 3].into()] {
                if optional.contains(&member.as_str()) && value.is_null() {
                    continue;
                }
                let copy = with(&|object| _ = object.insert(member.clone(), value.clone()));
                // A name may be any string.
                if schema::check(&schema, &copy).is_err() {
                    refused(&copy, &format!("{member} replaced"));
                }
            }
        }
    });
    // A member that occurs twice.
    let text = json.to_string();
    let twice = format!("{{\"version\":1,{}", &text[1..]);
    assert!(D::from_json(twice.as_bytes()).is_err(), "{}: version twice", D::NAME);
    let later = with_version(&json, 2.into());
    assert!(matches!(D::from_json(later.as_bytes()), Err(Fault::Version { found: 2, supported: 1 })));
    for version in [Value::from(1.5), "1".into(), Value::from(-1), Value::from(1e30)] {
        assert!(D::from_json(with_version(&json, version).as_bytes()).is_err());
    }
    // Cut anywhere, or followed by anything.
    let bytes = document.to_json();
    let end = bytes.len() - 1;
    let step = end.div_ceil(500);
    for cut in (0..end).step_by(step) {
        assert!(D::from_json(&bytes[..cut]).is_err(), "{}: cut at {cut}", D::NAME);
    }
    assert!(D::from_json(&[&bytes[..], b"{}"].concat()).is_err());
}

fn with_version(json: &Value, version: Value) -> String {
    let mut copy = json.clone();
    copy["version"] = version;
    copy.to_string()
}

#[test]
fn mangled_documents_are_refused() {
    for_every_document!(mangled);
}

#[test]
fn deep_nesting_and_huge_numbers_are_refused() {
    for text in
        ["[".repeat(60_000), "{\"version\":".repeat(5_000), format!("{{\"version\":{}}}", "9".repeat(9_000))]
    {
        assert!(matches!(ReceiptDoc::from_json(text.as_bytes()), Err(Fault::Json { .. })));
    }
    let long = vec![b' '; ReceiptDoc::MAX_BYTES as usize + 1];
    assert!(matches!(ReceiptDoc::from_json(&long), Err(Fault::TooLarge { .. })));
}

#[test]
fn errors_name_line_and_column() {
    let text = "{\n  \"version\": 1,\n  \"suite\": \"pasta\",\n  \"extra\": 1\n}";
    let fault = ReceiptDoc::from_json(text.as_bytes()).unwrap_err();
    let text = fault.to_string();
    assert!(text.starts_with("line 4, column ") && text.contains("extra"), "{text}");
    assert!(!text.contains(" at line "), "{text}");
}

#[test]
fn documents_whose_values_do_not_fit_are_refused() {
    let refused =
        |epoch: EpochDoc| assert!(matches!(EpochDoc::from_json(&epoch.to_json()), Err(Fault::Value(_))));
    refused(EpochDoc { carried_only: true, ..epoch() });
    refused(EpochDoc { total_score: Amount(0), ..epoch() });
    refused(EpochDoc { total_score: Amount(0), carried_only: true, ..epoch() });
    refused(EpochDoc { segments: vec![], ..epoch() });
    refused(EpochDoc { scores: None, ..epoch() });
    let refused =
        |ledger: LedgerDoc| assert!(matches!(LedgerDoc::from_json(&ledger.to_json()), Err(Fault::Value(_))));
    refused(LedgerDoc { keys: ledger().keys[..1].to_vec(), ..ledger() });
    refused(LedgerDoc { tier: Tier::T1024, ..ledger() });
    refused(LedgerDoc { keys: [ledger().keys, ledger().keys].concat(), ..ledger() });
    refused(LedgerDoc { model: "a\u{1b}[2J".into(), ..ledger() });
}
