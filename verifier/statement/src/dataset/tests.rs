use apportion_circuits::types::{ContentDigest, Payee};
use halo2curves_axiom::bn256::Fr;
use pasta_curves::Fp;

use super::*;

const TIER: Tier = Tier::T64;
const ACCOUNTS: usize = TIER.accounts();
const ID: Word = Word([9; 32]);

fn record(n: usize) -> Record {
    let mut content = [0; 32];
    content[..8].copy_from_slice(&(n as u64 + 1).to_be_bytes());
    Record { payee: Payee([n as u8 % 7 + 1; 20]), content: ContentDigest(content) }
}

fn records(count: usize) -> Vec<Record> {
    (0..count).map(record).collect()
}

fn first<F: SuiteField>(records: &[Record]) -> RevisionDoc {
    revision::<F>(TIER, ID, None, records).unwrap()
}

fn next<F: SuiteField>(old: &RevisionDoc, records: &[Record]) -> RevisionDoc {
    revision::<F>(TIER, ID, Some(old), records).unwrap()
}

#[track_caller]
fn fails(outcome: Result<(), Violation>, check: &str) {
    assert_eq!(outcome.unwrap_err().id().name(), check);
}

/// The count path of a slot of the last segment, as a list of words.
fn count_path<F: SuiteField>(records: &[Record], segment: usize, slot: usize) -> Vec<Word> {
    let tree = record_tree::<F>(TIER, segment_of(TIER, records, segment)).unwrap();
    tree.count_path(slot).unwrap().iter().map(Word::from_field).collect()
}

fn every_count<F: SuiteField>() {
    let all = records(2 * ACCOUNTS + 1);
    for n in (0..=ACCOUNTS + 2).chain([2 * ACCOUNTS, 2 * ACCOUNTS + 1]) {
        let doc = first::<F>(&all[..n]);
        check_revision::<F>(TIER, &doc).unwrap();
        check_records::<F>(TIER, &doc, &all[..n]).unwrap();
        assert_eq!((doc.revision, doc.records, doc.extension.is_none()), (0, n as u64, true));
        let (segments, last) = shape(TIER, n as u64);
        assert_eq!(doc.roots.len(), segments);
        // Fewer than there are, with the path of the last record's slot: something stands there.
        if last > 1 {
            let count = count_path::<F>(&all[..n], segments - 1, last - 1);
            let fewer = RevisionDoc { records: doc.records - 1, count, ..doc.clone() };
            fails(check_revision::<F>(TIER, &fewer), "dataset.count");
        }
        // More than there are is an upper bound and true; whoever has the records sees it.
        if 0 < last && last < ACCOUNTS {
            let count = count_path::<F>(&all[..n], segments - 1, last + 1);
            let more = RevisionDoc { records: doc.records + 1, count, ..doc.clone() };
            check_revision::<F>(TIER, &more).unwrap();
            fails(check_records::<F>(TIER, &more, &all[..n]), "dataset.records");
        }
        // Another number with the same path, a path that is too short or too long, another root.
        for (other, check) in [(n as u64 + 1, "dataset.count"), (n as u64 + 200, "dataset.roots")] {
            let doc = RevisionDoc { records: other, ..doc.clone() };
            let check = if shape(TIER, other).0 == segments { check } else { "dataset.roots" };
            fails(check_revision::<F>(TIER, &doc), check);
        }
        for count in [doc.count[1.min(doc.count.len())..].to_vec(), [&doc.count[..], &[ID]].concat()] {
            if count != doc.count {
                fails(check_revision::<F>(TIER, &RevisionDoc { count, ..doc.clone() }), "dataset.count");
            }
        }
        let mut moved = doc.clone();
        moved.roots[segments - 1] = Word([1; 32]);
        fails(check_revision::<F>(TIER, &moved), "dataset.count");
    }
}

#[test]
fn every_number_of_records_is_proven_and_no_smaller_one() {
    every_count::<Fr>();
    every_count::<Fp>();
}

fn every_extension<F: SuiteField>() {
    let all = records(3 * ACCOUNTS);
    for n in 0..=ACCOUNTS {
        let old = first::<F>(&all[..n]);
        // To the border between segments, over it by one, by a whole segment and more.
        let room = ACCOUNTS - n;
        for appended in [1, 2, room.max(1), room + 1, room + ACCOUNTS, room + ACCOUNTS + 1] {
            let now = &all[..n + appended];
            let new = next::<F>(&old, now);
            check_revision::<F>(TIER, &new).unwrap();
            check_extension::<F>(TIER, &old, &new)
                .unwrap_or_else(|violation| panic!("{n} and {appended} more: {violation}"));
            check_records::<F>(TIER, &new, now).unwrap();
            // The same roots as a dataset that was committed at once, but for who can show what.
            assert_eq!(new.roots, first::<F>(now).roots);
            assert_eq!((new.revision, new.records), (1, now.len() as u64));
            assert_eq!(new.extension.is_some(), n < ACCOUNTS, "{n} and {appended} more");
        }
        // It appends something.
        assert!(revision::<F>(TIER, ID, Some(&old), &all[..n]).is_none());
        let same = RevisionDoc { revision: 1, ..old.clone() };
        check_revision::<F>(TIER, &same).unwrap();
        fails(check_extension::<F>(TIER, &old, &same), "dataset.extension");
        // Not the path of the revision before the one before.
        let new = next::<F>(&old, &all[..n + 1]);
        let newer = next::<F>(&new, &all[..n + 2]);
        check_extension::<F>(TIER, &new, &newer).unwrap();
        fails(check_extension::<F>(TIER, &old, &newer), "dataset.extension");
    }
}

#[test]
fn every_extension_of_a_segment_is_proven() {
    every_extension::<Fr>();
    every_extension::<Fp>();
}

/// What an extension may not do, from a dataset of one full segment and one that holds `last` records.
fn cheats<F: SuiteField>(last: usize) {
    let before = ACCOUNTS + last;
    let all = records(before + 5);
    let old = first::<F>(&all[..before]);
    let honest = next::<F>(&old, &all);
    check_extension::<F>(TIER, &old, &honest).unwrap();
    let refused = |new: &RevisionDoc| fails(check_extension::<F>(TIER, &old, new), "dataset.extension");

    // A record of the last segment changed, moved or dropped; all of the document made anew for it.
    let mut changed = all.clone();
    changed[before - 1].payee = Payee([0xee; 20]);
    let mut content = all.clone();
    content[ACCOUNTS].content = ContentDigest([0xee; 32]);
    let mut moved = all.clone();
    moved.swap(before - 1, before);
    let mut dropped = all.clone();
    dropped.remove(ACCOUNTS);
    let mut inserted = all.clone();
    inserted.insert(before - 1, record(999));
    for records in [changed, content, moved, dropped, inserted] {
        let new = next::<F>(&old, &records);
        check_revision::<F>(TIER, &new).unwrap();
        refused(&new);
        // With the left siblings that are asked for, or with the whole honest path.
        let mut mixed = new.clone();
        mixed.extension.as_mut().unwrap().left = honest.extension.as_ref().unwrap().left.clone();
        refused(&mixed);
        refused(&RevisionDoc { extension: honest.extension.clone(), ..new });
    }
    // A record of the full segment: the root that must stay is not that of the records.
    let mut full = all.clone();
    full.swap(0, 1);
    let hidden = next::<F>(&old, &full);
    check_extension::<F>(TIER, &old, &hidden).unwrap();
    fails(check_records::<F>(TIER, &hidden, &full), "dataset.records");
    let mut open = hidden;
    open.roots[0] = first::<F>(&full).roots[0];
    refused(&open);

    // Another revision, another dataset.
    refused(&RevisionDoc { revision: 2, ..honest.clone() });
    refused(&RevisionDoc { revision: 0, ..honest.clone() });
    refused(&RevisionDoc { dataset_id: Word([8; 32]), ..honest.clone() });
    let latest = RevisionDoc { revision: u32::MAX, ..old.clone() };
    fails(
        check_extension::<F>(TIER, &latest, &RevisionDoc { revision: 0, ..honest.clone() }),
        "dataset.extension",
    );

    // Lies about the count: fewer than before, fewer or more than there are.
    refused(&RevisionDoc { records: old.records - 1, ..honest.clone() });
    fails(
        check_revision::<F>(TIER, &RevisionDoc { records: honest.records - 1, ..honest.clone() }),
        "dataset.count",
    );
    let (segments, slot) = shape(TIER, honest.records - 1);
    let count = count_path::<F>(&all, segments - 1, slot);
    let fewer = RevisionDoc { records: honest.records - 1, count, ..honest.clone() };
    fails(check_revision::<F>(TIER, &fewer), "dataset.count");
    fails(
        check_revision::<F>(TIER, &RevisionDoc { records: honest.records + 1, ..honest.clone() }),
        "dataset.count",
    );
    let far = RevisionDoc { records: u64::MAX, ..honest.clone() };
    fails(check_revision::<F>(TIER, &far), "dataset.roots");

    // No path, or a damaged one.
    refused(&RevisionDoc { extension: None, ..honest.clone() });
    let path = honest.extension.clone().unwrap();
    let with = |extension| RevisionDoc { extension: Some(extension), ..honest.clone() };
    refused(&with(ExtensionDoc { leaf: Word([1; 32]), ..path.clone() }));
    for at in 0..path.left.len() {
        let mut other = path.clone();
        other.left[at] = Word([1; 32]);
        refused(&with(other));
        let mut short = path.clone();
        short.left.remove(at);
        refused(&with(short));
    }
    for at in 0..path.right.len() {
        let mut other = path.clone();
        other.right[at] = Word([1; 32]);
        refused(&with(other));
    }
    refused(&with(ExtensionDoc { right: [&path.right[..], &[Word::default()]].concat(), ..path.clone() }));
    refused(&with(ExtensionDoc { left: [&path.left[..], &[Word::default()]].concat(), ..path.clone() }));
    // Second encodings.
    let top = Word([0xff; 32]);
    let mut left = path.clone();
    if let Some(first) = left.left.first_mut() {
        *first = top;
        fails(check_extension::<F>(TIER, &old, &with(left)), "V1.canonical");
    }
    fails(check_extension::<F>(TIER, &old, &with(ExtensionDoc { leaf: top, ..path })), "V1.canonical");
    let mut root = honest.clone();
    root.roots[0] = top;
    fails(check_revision::<F>(TIER, &root), "V1.canonical");
    let mut count = honest;
    if let Some(first) = count.count.first_mut() {
        *first = top;
        fails(check_revision::<F>(TIER, &count), "V1.canonical");
    }
}

#[test]
fn an_extension_keeps_every_record_in_its_place() {
    for last in [1, 2, 31, ACCOUNTS - 6] {
        cheats::<Fr>(last);
        cheats::<Fp>(last);
    }
}

#[test]
fn a_full_segment_keeps_its_root() {
    let all = records(ACCOUNTS + 3);
    let old = first::<Fr>(&all[..ACCOUNTS]);
    let honest = next::<Fr>(&old, &all);
    assert_eq!(honest.extension, None);
    check_extension::<Fr>(TIER, &old, &honest).unwrap();
    // There is no first empty slot, so there is no path.
    let other = next::<Fr>(&first::<Fr>(&all[..ACCOUNTS - 1]), &all);
    let shown = RevisionDoc { extension: other.extension, ..honest.clone() };
    fails(check_extension::<Fr>(TIER, &old, &shown), "dataset.extension");
    let mut moved = honest;
    moved.roots.swap(0, 1);
    fails(check_extension::<Fr>(TIER, &old, &moved), "dataset.extension");
}

#[test]
fn fewer_records_make_no_revision() {
    let all = records(2 * ACCOUNTS + 1);
    for (before, after) in [(70, 69), (2 * ACCOUNTS, ACCOUNTS), (2 * ACCOUNTS + 1, 2 * ACCOUNTS), (1, 0)] {
        let old = first::<Fr>(&all[..before]);
        assert_eq!(revision::<Fr>(TIER, ID, Some(&old), &all[..after]), None, "{before} to {after}");
    }
    let last = RevisionDoc { revision: u32::MAX, ..first::<Fr>(&all[..1]) };
    assert_eq!(revision::<Fr>(TIER, ID, Some(&last), &all[..2]), None);
}

#[test]
fn records_have_the_registered_roots_and_a_payee() {
    let all = records(70);
    let doc = first::<Fr>(&all);
    check_records::<Fr>(TIER, &doc, &all).unwrap();
    fails(check_records::<Fr>(TIER, &doc, &all[..69]), "dataset.records");
    for at in [0, 61, 62, 69] {
        let mut other = all.clone();
        other[at].content.0[31] ^= 1;
        fails(check_records::<Fr>(TIER, &doc, &other), "dataset.records");
    }
    // Counted, and nobody's: the roots are right.
    let mut nobody = all.clone();
    nobody[3].payee = Payee::default();
    let violation = check_records::<Fr>(TIER, &first::<Fr>(&nobody), &nobody).unwrap_err();
    assert!(violation.to_string().contains("record 3 has the zero address"), "{violation}");
    // The roots of the other field are others.
    assert!(check_records::<Fp>(TIER, &doc, &all).is_err());
}

#[test]
fn larger_tiers_grow_alike() {
    let tier = Tier::T1024;
    let all = records(1500);
    for (before, after) in [(1, 3), (1021, 1022), (1021, 1023), (1022, 1500), (1300, 1500)] {
        let old = revision::<Fp>(tier, ID, None, &all[..before]).unwrap();
        let new = revision::<Fp>(tier, ID, Some(&old), &all[..after]).unwrap();
        check_revision::<Fp>(tier, &new).unwrap();
        check_extension::<Fp>(tier, &old, &new).unwrap();
        assert_eq!(shape(tier, after as u64).0, new.roots.len());
    }
}

#[test]
fn shapes_have_at_least_one_segment() {
    let accounts = ACCOUNTS as u64;
    for (records, expected) in [
        (0, (1, 0)),
        (1, (1, 1)),
        (accounts, (1, ACCOUNTS)),
        (accounts + 1, (2, 1)),
        (3 * accounts, (3, ACCOUNTS)),
    ] {
        assert_eq!(shape(TIER, records), expected);
    }
    let (segments, last) = shape(TIER, u64::MAX);
    assert!(segments > 1 && last <= ACCOUNTS);
}
