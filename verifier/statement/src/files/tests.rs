use std::{collections::BTreeSet, fmt::Debug};

use apportion_circuits::types::Payee;
use jsonschema::Validator;
use serde_json::Value;

use super::*;
use crate::samples;

mod bundle;
mod files;
mod properties;

/// Members that may be left out.
const OPTIONAL: [&str; 3] = ["digest", "extension", "beneficiaries"];

/// Runs `$check` on one document of every kind.
macro_rules! for_every_document {
    ($check:ident) => {{
        use crate::samples::*;
        $check(&ledger());
        $check(&key());
        $check(&policy(1, 1));
        $check(&dataset());
        $check(&revision(0));
        $check(&revision(1));
        $check(&columns(0));
        $check(&enrolment());
        $check(&retirement());
        $check(&scores(1));
        $check(&epoch(1));
        $check(&receipt());
        $check(&statement());
        $check(&record());
    }};
}

fn schema<D: Document>() -> (Value, Validator) {
    let schema: Value = serde_json::from_str(D::SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    (schema, validator)
}

/// The schema of an object inside a schema's value, followed through `$ref`.
fn followed<'s>(root: &'s Value, schema: &'s Value) -> &'s Value {
    match schema.get("$ref").and_then(Value::as_str) {
        Some(target) => root.pointer(&target[1..]).unwrap(),
        None => schema,
    }
}

/// Every object has exactly the members that its schema lists, and the schema asks for all but the optional ones.
fn same_members(name: &str, root: &Value, schema: &Value, value: &Value) {
    let schema = followed(root, schema);
    match value {
        Value::Object(members) => {
            let listed: BTreeSet<_> = schema["properties"].as_object().unwrap().keys().cloned().collect();
            let written: BTreeSet<_> = members.keys().cloned().collect();
            let asked: BTreeSet<String> = serde_json::from_value(schema["required"].clone()).unwrap();
            let optional = |member: &&String| OPTIONAL.contains(&member.as_str());
            assert!(listed.difference(&written).all(|member| optional(&member)), "{name}: {listed:?}");
            assert!(written.is_subset(&listed), "{name}: {written:?} is not in the schema");
            assert!(asked.is_subset(&written), "{name}: {asked:?}");
            assert!(listed.difference(&asked).all(|member| optional(&member)), "{name}: {asked:?}");
            assert_eq!(schema["additionalProperties"], false, "{name}");
            members.iter().for_each(|(member, value)| {
                same_members(&format!("{name}.{member}"), root, &schema["properties"][member], value);
            });
        }
        Value::Array(items) => items.iter().for_each(|item| {
            same_members(&format!("{name}[]"), root, &schema["items"], item);
        }),
        _ => {}
    }
}

fn round_trip<D: Document + PartialEq + Debug>(document: &D) {
    let json = document.to_json();
    assert_eq!(&D::from_json(&json).unwrap(), document, "{}", D::NAME);
    let value: Value = serde_json::from_slice(&json).unwrap();
    let (schema, validator) = schema::<D>();
    let errors: Vec<_> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{}: {errors:?}", D::NAME);
    same_members(D::NAME, &schema, &schema, &value);
}

#[test]
fn documents_round_trip_and_match_their_schemas() {
    for_every_document!(round_trip);
}

/// The pointers of all objects of a value.
fn objects(value: &Value) -> Vec<String> {
    fn walk(value: &Value, at: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                found.push(at.to_owned());
                members.iter().for_each(|(name, member)| walk(member, &format!("{at}/{name}"), found));
            }
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(i, item)| walk(item, &format!("{at}/{i}"), found));
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(value, "", &mut found);
    found
}

/// Every member of every object: removed, doubled, joined by an unknown one; every value replaced.
fn mangled<D: Document>(document: &D) {
    let json: Value = serde_json::from_slice(&document.to_json()).unwrap();
    let (_, validator) = schema::<D>();
    for pointer in objects(&json) {
        let members: Vec<String> =
            json.pointer(&pointer).unwrap().as_object().unwrap().keys().cloned().collect();
        let with = |edit: &dyn Fn(&mut serde_json::Map<String, Value>)| {
            let mut copy = json.clone();
            edit(copy.pointer_mut(&pointer).unwrap().as_object_mut().unwrap());
            copy
        };
        let refused = |copy: &Value, why: &str| {
            let outcome = D::from_json(copy.to_string().as_bytes());
            assert!(outcome.is_err(), "{}{pointer}: {why}: {copy}", D::NAME);
            assert!(!validator.is_valid(copy), "{}{pointer}: {why}: the schema allows {copy}", D::NAME);
        };
        refused(&with(&|object| _ = object.insert("extra".into(), 1.into())), "unknown member");
        for member in &members {
            let optional = OPTIONAL.contains(&member.as_str());
            if !optional {
                refused(&with(&|object| _ = object.remove(member)), &format!("{member} removed"));
            }
            for value in [Value::Null, Value::from(-1), Value::from(1e300), "x".into(), vec![0; 3].into()] {
                if optional && value.is_null() {
                    continue;
                }
                let copy = with(&|object| _ = object.insert(member.clone(), value.clone()));
                // A name may be any string.
                if !validator.is_valid(&copy) {
                    refused(&copy, &format!("{member} replaced"));
                }
            }
        }
        // A member that occurs twice, wherever it is.
        let marked = with(&|object| _ = object.insert("again".into(), "here".into())).to_string();
        let first = &members[0];
        let value = &json.pointer(&pointer).unwrap()[first];
        let twice = marked.replace("\"again\":\"here\"", &format!("\"{first}\":{value}"));
        assert!(D::from_json(twice.as_bytes()).is_err(), "{}{pointer}: {first} twice", D::NAME);
    }
}

#[test]
fn mangled_documents_are_refused() {
    for_every_document!(mangled);
}

fn other_versions<D: Document>(document: &D) {
    let json: Value = serde_json::from_slice(&document.to_json()).unwrap();
    let with = |version: Value| {
        let mut copy = json.clone();
        copy["version"] = version;
        D::from_json(copy.to_string().as_bytes()).map(|_| ()).unwrap_err()
    };
    for found in [0, 2, u64::MAX] {
        let fault = with(found.into());
        assert!(matches!(fault, Fault::Version { found: seen, supported: 1 } if seen == found));
        assert!(fault.is_version());
    }
    // What differs besides is not looked at: another version may have other members.
    let fault = D::from_json(br#"{"version": 2, "what": {"is": "this"}}"#).map(|_| ()).unwrap_err();
    assert!(fault.is_version(), "{}", D::NAME);
    for version in [Value::from(1.5), "1".into(), Value::from(-1), Value::from(1e30), Value::Null] {
        assert!(!with(version).is_version());
    }
}

#[test]
fn documents_of_another_version_are_not_checkable() {
    for_every_document!(other_versions);
}

/// Cut anywhere, or followed by anything, or too large.
fn cut<D: Document>(document: &D) {
    let bytes = document.to_json();
    let end = bytes.len() - 1;
    for at in (0..end).step_by(end.div_ceil(500)) {
        assert!(D::from_json(&bytes[..at]).is_err(), "{}: cut at {at}", D::NAME);
    }
    assert!(D::from_json(&[&bytes[..], b"{}"].concat()).is_err());
}

#[test]
fn documents_end_where_they_end() {
    for_every_document!(cut);
}

#[test]
fn deep_nesting_and_huge_numbers_are_refused() {
    for text in
        ["[".repeat(60_000), "{\"version\":".repeat(5_000), format!("{{\"version\":{}}}", "9".repeat(9_000))]
    {
        assert!(matches!(ReceiptDoc::from_json(text.as_bytes()), Err(Fault::Json { .. })));
    }
    let long = vec![b' '; EnrolmentDoc::MAX_BYTES as usize + 1];
    assert!(matches!(EnrolmentDoc::from_json(&long), Err(Fault::TooLarge { .. })));
}

#[test]
fn errors_name_line_and_column() {
    let text = "{\n  \"version\": 1,\n  \"suite\": \"pasta\",\n  \"extra\": 1\n}";
    let fault = ReceiptDoc::from_json(text.as_bytes()).unwrap_err();
    let text = fault.to_string();
    assert!(text.starts_with("line 4, column ") && text.contains("extra"), "{text}");
    assert!(!text.contains(" at line "), "{text}");
}

fn unfit<D: Document + Debug>(document: D) {
    let fault = D::from_json(&document.to_json()).map(|_| ()).unwrap_err();
    assert!(matches!(fault, Fault::Value(_)), "{document:?}: {fault}");
}

#[test]
fn documents_whose_values_do_not_fit_are_refused() {
    let (ledger, dataset) = (samples::ledger(), samples::dataset());
    let setup = SetupDoc { provenance: "a\u{1b}[2J".into(), ..ledger.setup.clone() };
    unfit(LedgerDoc { model: "a\u{1b}[2J".into(), ..ledger.clone() });
    unfit(LedgerDoc { model: String::new(), ..ledger.clone() });
    unfit(LedgerDoc { developer: Payee::default(), ..ledger.clone() });
    unfit(LedgerDoc { contract: Payee::default(), ..ledger.clone() });
    unfit(LedgerDoc { setup: setup.clone(), ..ledger });
    unfit(DatasetDoc { owner: Payee::default(), ..dataset.clone() });
    unfit(DatasetDoc { registry: Payee::default(), ..dataset.clone() });
    unfit(DatasetDoc { uri: "x".repeat(MAX_URI_BYTES + 1), ..dataset.clone() });
    unfit(DatasetDoc { uri: "a\nb".into(), ..dataset.clone() });
    unfit(DatasetDoc { setup, ..dataset });
    unfit(RevisionDoc { revision: 0, ..samples::revision(1) });
    unfit(EpochDoc { segments: vec![], ..samples::epoch(1) });
}

#[test]
fn receipts_and_statements_list_accounts_once_in_order() {
    let receipt = samples::receipt();
    let accounts = receipt.accounts.clone();
    let with = |accounts| ReceiptDoc { accounts, ..receipt.clone() };
    unfit(with(vec![]));
    unfit(with(vec![accounts[1].clone(), accounts[0].clone()]));
    unfit(with(vec![accounts[0].clone(), accounts[0].clone()]));
    let statement = samples::statement();
    let account = statement.accounts[0].clone();
    let with = |accounts| StatementDoc { accounts, ..statement.clone() };
    unfit(with(vec![]));
    unfit(with(vec![account.clone(), account.clone()]));
    let mut late = account.clone();
    late.epochs.reverse();
    unfit(with(vec![late]));
    let mut twice = account;
    twice.epochs[1] = twice.epochs[0].clone();
    unfit(with(vec![twice]));
}
