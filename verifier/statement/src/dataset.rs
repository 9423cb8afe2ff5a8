//! What an auditor, a registry and `dataset commit` check of a dataset's revisions: roots, count, extension.
//!
//! A revision of `n` records has `max(1, ceil(n / (C - 2)))` segments. Its count is proven by the path of the first empty
//! slot of the last segment, all of whose right siblings are known: from there on nothing stands. It extends the revision
//! before if it has more records, every full segment keeps its root and the last one keeps its records: the path of the
//! old first empty slot has the same left siblings in the old root and in the new one, and they cover exactly the old
//! records.

use apportion_circuits::{
    field::SuiteField,
    merkle::ExtensionPath,
    tree::{empty_subtrees, record_tree, segment_of},
    types::{Record, Tier, Word},
};

use crate::{
    Violation,
    files::{ExtensionDoc, RevisionDoc},
};

/// The number of segments that records take, and how many of the records are in the last of them.
pub fn shape(tier: Tier, records: u64) -> (usize, usize) {
    let records = usize::try_from(records).unwrap_or(usize::MAX);
    let segments = tier.segments(records);
    (segments, records - (segments - 1) * tier.accounts())
}

/// dataset.roots and dataset.count.
pub fn check_revision<F: SuiteField>(tier: Tier, revision: &RevisionDoc) -> Result<(), Violation> {
    let (segments, last) = shape(tier, revision.records);
    let found = revision.roots.len();
    if found != segments {
        return Err(Violation::Roots { records: revision.records, expected: segments, found });
    }
    let segment = segments - 1;
    let count = Violation::Count { segment: segment as u32, slot: last };
    let left = decode::<F>("left sibling", &revision.count)?;
    let root = canonical::<F>("root", revision.roots[segment])?;
    for root in &revision.roots {
        canonical::<F>("root", *root)?;
    }
    if empty_subtrees(tier).count_root(last, &left) == Some(root) { Ok(()) } else { Err(count) }
}

/// dataset.extension: `new` keeps every record of `old` in its place. Both must satisfy [`check_revision`].
pub fn check_extension<F: SuiteField>(
    tier: Tier,
    old: &RevisionDoc,
    new: &RevisionDoc,
) -> Result<(), Violation> {
    let fault = |text: String| Err(Violation::Extension(text));
    if old.revision.checked_add(1) != Some(new.revision) || old.dataset_id != new.dataset_id {
        return fault(format!("revision {} does not follow revision {}", new.revision, old.revision));
    }
    if new.records <= old.records {
        let why = "none may be dropped, and some are appended";
        return fault(format!("{} records after {}: {why}", new.records, old.records));
    }
    let (segments, last) = shape(tier, old.records);
    let kept = if last == tier.accounts() { segments } else { segments - 1 };
    if let Some(moved) = (0..kept).find(|segment| new.roots.get(*segment) != old.roots.get(*segment)) {
        return fault(format!("segment {moved} was full, and its root changes"));
    }
    let grown = segments - 1;
    match &new.extension {
        None if kept == segments => Ok(()),
        None => fault(format!("segment {grown} was not full, and no path shows that its records stay")),
        Some(_) if kept == segments => fault(format!("segment {grown} was full: there is no path to show")),
        Some(ExtensionDoc { left, leaf, right }) => {
            let left = decode::<F>("left sibling", left)?;
            let right = decode::<F>("right sibling", right)?;
            let leaf = canonical::<F>("leaf", *leaf)?;
            let path = ExtensionPath { left, leaf, right };
            let roots = empty_subtrees(tier).extension_roots(last, &path);
            let stated = old.roots.get(grown).copied().zip(new.roots.get(grown).copied());
            let reached = roots.map(|roots| (Word::from_field(&roots.old), Word::from_field(&roots.new)));
            if reached.is_some() && reached == stated {
                return Ok(());
            }
            fault(format!(
                "the path of slot {last} does not lead to segment {grown}'s roots before and after"
            ))
        }
    }
}

/// The next revision's document: the records of the one before, in their places, and more behind them. `None` where there
/// are no more records than before.
pub fn revision<F: SuiteField>(
    tier: Tier,
    dataset_id: Word,
    old: Option<&RevisionDoc>,
    records: &[Record],
) -> Option<RevisionDoc> {
    if old.is_some_and(|old| records.len() as u64 <= old.records) {
        return None;
    }
    let (segments, last) = shape(tier, records.len() as u64);
    let tree = |segment: usize| record_tree::<F>(tier, segment_of(tier, records, segment));
    let kept = old.map_or(0, |old| {
        let (segments, last) = shape(tier, old.records);
        if last == tier.accounts() { segments } else { segments - 1 }
    });
    let mut roots: Vec<Word> = old.map_or(Vec::new(), |old| old.roots.iter().take(kept).copied().collect());
    let mut extension = None;
    let mut newest = None;
    for segment in kept..segments {
        let built = tree(segment)?;
        roots.push(Word::from_field(&built.root()));
        if let Some(old) = old
            && segment == kept
            && segment < old.roots.len()
        {
            let (_, slot) = shape(tier, old.records);
            let path = built.extension_path(slot)?;
            let words = |list: &[F]| list.iter().map(Word::from_field).collect();
            extension = Some(ExtensionDoc {
                left: words(&path.left),
                leaf: Word::from_field(&path.leaf),
                right: words(&path.right),
            });
        }
        newest = Some(built);
    }
    let newest = match newest {
        Some(tree) => tree,
        None => tree(segments - 1)?,
    };
    let count = newest.count_path(last)?.iter().map(Word::from_field).collect();
    Some(RevisionDoc {
        version: crate::files::FORMAT_VERSION,
        dataset_id,
        revision: old.map_or(Some(0), |old| old.revision.checked_add(1))?,
        records: records.len() as u64,
        roots,
        count,
        extension,
    })
}

/// dataset.records: the records have the registered roots, and nobody's payee is zero. Such a record counts and could
/// never be claimed.
pub fn check_records<F: SuiteField>(
    tier: Tier,
    revision: &RevisionDoc,
    records: &[Record],
) -> Result<(), Violation> {
    let fault = |text: String| Err(Violation::DatasetRecords(text));
    if records.len() as u64 != revision.records {
        return fault(format!("{} records, the revision has {}", records.len(), revision.records));
    }
    if let Some(row) = records.iter().position(|record| record.payee.is_zero()) {
        return fault(format!(
            "record {row} has the zero address as payee: nobody could ever be paid for it"
        ));
    }
    for (segment, root) in revision.roots.iter().enumerate() {
        let tree = record_tree::<F>(tier, segment_of(tier, records, segment));
        if tree.map(|tree| Word::from_field(&tree.root())) != Some(*root) {
            return fault(format!("the records of segment {segment} do not have its root"));
        }
    }
    Ok(())
}

fn canonical<F: SuiteField>(what: &'static str, word: Word) -> Result<F, Violation> {
    word.to_field().ok_or(Violation::Canonical { what, value: word })
}

fn decode<F: SuiteField>(what: &'static str, words: &[Word]) -> Result<Vec<F>, Violation> {
    words.iter().map(|word| canonical(what, *word)).collect()
}

#[cfg(test)]
mod tests;
