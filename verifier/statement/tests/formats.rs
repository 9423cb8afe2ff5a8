//! docs/formats.md lists the members of every document and every check as they are.
//!
//! `APPORTION_REGENERATE=1 cargo test -p apportion-statement --test formats` writes both lists anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::{fmt::Write, fs};

use apportion_statement::{CheckId, files::*};
use serde_json::Value;

const FORMATS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/formats.md");
const WIDTH: usize = 120;

/// The part of a text between its marks, replaced.
fn replaced(text: &str, mark: &str, content: &str) -> String {
    let (begin, end) = (format!("<!-- {mark} -->\n"), format!("<!-- end of {mark} -->\n"));
    let from = text.find(&begin).unwrap_or_else(|| panic!("no {begin}")) + begin.len();
    let to = text.find(&end).unwrap_or_else(|| panic!("no {end}"));
    format!("{}{content}{}", &text[..from], &text[to..])
}

fn checks() -> String {
    let mut table = String::from("| id | what holds |\n| --- | --- |\n");
    for id in CheckId::ALL {
        writeln!(table, "| `{id}` | {} |", id.meaning()).unwrap();
    }
    table
}

/// A list's item, wrapped.
fn item(text: &str) -> String {
    let (mut lines, mut line) = (String::new(), String::from("-"));
    for word in text.split(' ') {
        if line.len() + 1 + word.len() > WIDTH {
            writeln!(lines, "{line}").unwrap();
            line = " ".into();
        }
        write!(line, " {word}").unwrap();
    }
    lines + &line + "\n"
}

/// What a member looks like, in a word or two.
fn form(root: &Value, schema: &Value) -> String {
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let name = target.rsplit('/').next().unwrap();
        let target = root.pointer(&target[1..]).unwrap();
        return match name {
            "fileRef" => "file".into(),
            "tier" => "64, 1024 or 16384".into(),
            _ if target.get("enum").is_some() => form(root, target),
            _ if target["type"] == "object" => "object".into(),
            name => name.into(),
        };
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return values
            .iter()
            .map(|value| value.to_string().replace('"', "`"))
            .collect::<Vec<_>>()
            .join(" or ");
    }
    if let Some(value) = schema.get("const") {
        return value.to_string();
    }
    match schema["type"].as_str().unwrap() {
        "array" => match form(root, &schema["items"]).as_str() {
            "object" => "list".into(),
            inner => format!("list of {inner}"),
        },
        other => other.into(),
    }
}

/// The members of an object and of what is inside it, in the order in which they are written.
fn members(root: &Value, schema: &Value, prefix: &str, list: &mut String) {
    let schema = match schema.get("$ref").and_then(Value::as_str) {
        Some(target) => root.pointer(&target[1..]).unwrap(),
        None => schema,
    };
    if schema["type"] == "array" {
        return members(root, &schema["items"], &format!("{prefix}[]"), list);
    }
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    let required: Vec<String> = serde_json::from_value(schema["required"].clone()).unwrap();
    let optional = properties.keys().filter(|name| !required.contains(name));
    for name in required.iter().chain(optional) {
        let (path, member) = (format!("{prefix}.{name}"), &properties[name]);
        let path = path.trim_start_matches('.');
        let may = if required.contains(name) { "" } else { ", may be left out" };
        let what = member["description"].as_str().unwrap();
        list.push_str(&item(&format!("`{path}` ({}{may}): {what}", form(root, member))));
        // Files are named in one way everywhere: see the conventions.
        if member.get("$ref").is_none_or(|target| target != "#/$defs/fileRef") {
            members(root, member, path, list);
        }
    }
}

fn documents() -> Vec<(&'static str, String)> {
    fn of<D: Document>(mark: &'static str) -> (&'static str, String) {
        let schema: Value = serde_json::from_str(D::SCHEMA).unwrap();
        let mut list = String::new();
        members(&schema, &schema, "", &mut list);
        (mark, list)
    }
    vec![
        of::<LedgerDoc>("ledger"),
        of::<KeyDoc>("key"),
        of::<PolicyDoc>("policy"),
        of::<DatasetDoc>("dataset"),
        of::<RevisionDoc>("revision"),
        of::<ColumnsDoc>("columns"),
        of::<EnrolmentDoc>("enrolment"),
        of::<RetirementDoc>("retirement"),
        of::<ScoresDoc>("scores"),
        of::<EpochDoc>("epoch"),
        of::<ReceiptDoc>("receipt"),
        of::<StatementDoc>("statement"),
        of::<RecordReceiptDoc>("record"),
    ]
}

#[test]
fn the_formats_page_is_true() {
    let page = fs::read_to_string(FORMATS).unwrap();
    let mut due = replaced(&page, "checks", &checks());
    for (mark, list) in documents() {
        due = replaced(&due, &format!("members of {mark}.json"), &list);
    }
    if std::env::var_os("APPORTION_REGENERATE").is_some_and(|value| value == "1") {
        fs::write(FORMATS, &due).unwrap();
    }
    assert!(
        fs::read_to_string(FORMATS).unwrap() == due,
        "docs/formats.md is not what documents and checks are"
    );
}

#[test]
fn lines_of_the_formats_page_are_short() {
    let page = fs::read_to_string(FORMATS).unwrap();
    let long: Vec<_> = page.lines().filter(|line| line.chars().count() > WIDTH).collect();
    assert!(long.is_empty(), "{long:#?}");
}
