//! Auditing a dataset: roots, counts, extensions, enrolment proofs; and whether an upload is in it.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use apportion_circuits::{
    field::{SuiteField, SuiteId},
    merkle,
    tree::record_leaf,
    types::{Record, Word},
};
use apportion_statement::{
    CheckId, OpeningCount, counted,
    files::{Bundle, DatasetBundle, DatasetDir, Document, Fault, InputError, PublicDir, RecordReceiptDoc},
    verb,
};
use apportion_suite::{Bn254, Pasta};
use sha2::{Digest, Sha256};

use crate::{
    audit::{AuditSuite, Findings, Options, dataset_facts, replay_dataset, unproven},
    chain::ChainOptions,
    report::{AuditError, Check, Report},
};

/// A record receipt to check against a dataset.
#[derive(Clone, Copy, Debug)]
pub struct RecordOf<'a> {
    /// The `record.json`.
    pub receipt: &'a Path,
    /// The upload itself. A record's content digest is the SHA-256 of the file.
    pub content: Option<&'a Path>,
}

/// Audits a dataset: its own directory, its `public/`, or a ledger's copy in `datasets/<n>/`. With a record receipt, also
/// whether that record stands in the registered root, and whether the given file is the record's content. With a chain,
/// what its registry has is compared too.
pub fn audit_dataset(
    path: &Path,
    record: Option<RecordOf<'_>>,
    chain: Option<&ChainOptions>,
    options: &Options,
) -> Report {
    let dataset = match read(path) {
        Ok(dataset) => dataset,
        Err(error) => return Report::of_error(error),
    };
    let mut report = match dataset.doc.suite {
        SuiteId::Bn254 => audit_dataset_in::<Bn254>(&dataset, record, options),
        SuiteId::Pasta => audit_dataset_in::<Pasta>(&dataset, record, options),
    };
    if let Some(chain) = chain {
        crate::chain::audit_dataset_on_chain(&dataset, chain, &mut report);
    }
    report
}

/// Audits a dataset in a suite.
pub fn audit_dataset_in<S: AuditSuite>(
    dataset: &DatasetBundle,
    record: Option<RecordOf<'_>>,
    options: &Options,
) -> Report {
    let mut report = Report::default();
    let mut findings = Findings::<S::F>::new();
    if let Err(error) = replay::<S::F>(dataset, record, &mut findings, &mut report) {
        findings.without_proofs(error, &mut report);
        return report;
    }
    match S::load_setup(&dataset.dir.keys(), &dataset.doc.setup, options) {
        Ok(setup) => {
            S::rests_on(&setup).say(&mut report);
            findings.verify::<S>(&setup, options, &mut report);
        }
        Err(error) => findings.without_proofs(error, &mut report),
    }
    report
}

/// A ledger's copy has an enrolment beside the dataset's own files: the ledger's reader knows it.
fn read(path: &Path) -> Result<DatasetBundle, InputError> {
    let dir = DatasetDir::of(path);
    if !dir.enrolment().exists() {
        return DatasetBundle::read(dir);
    }
    let full = path.canonicalize().map_err(|error| InputError::new(path, Fault::Io(error)))?;
    let public = full.parent().and_then(Path::parent).map(PathBuf::from);
    let public = public.ok_or_else(|| InputError::value(path, "there is no ledger above this dataset"))?;
    let bundle = Bundle::read(PublicDir::new(public))?;
    let same = |dataset: &DatasetBundle| dataset.dir.root() == full;
    bundle
        .datasets
        .into_iter()
        .map(|enrolled| enrolled.dataset)
        .find(same)
        .ok_or_else(|| InputError::value(path, "not a dataset of the ledger above it"))
}

fn replay<F: SuiteField>(
    dataset: &DatasetBundle,
    record: Option<RecordOf<'_>>,
    findings: &mut Findings<F>,
    report: &mut Report,
) -> Result<(), AuditError> {
    dataset_facts(&mut report.subject, dataset)?;
    replay_dataset(findings, dataset, "dataset", true, |_, _| true)?;
    findings.push(match OpeningCount::default().dataset(dataset) {
        Ok(()) => Check::ok(CheckId::V8Openings, "dataset"),
        Err(violation) => Check::failed(violation.id(), "dataset", violation),
    });
    let unproven = unproven(dataset);
    if !unproven.is_empty() {
        report.notes.push(format!(
            "{} of {} {} no proven payee column of the newest revision yet: the newest records of those can take part in \
             no ledger until `dataset prove` made it",
            unproven.len(),
            counted(dataset.newest().roots.len(), "segment"),
            verb(unproven.len(), "has", "have")
        ));
    }
    if let Some(record) = record {
        check_record::<F>(dataset, record, findings, report)?;
    }
    report.not_checked.push(if dataset.doc.registry.is_zero() {
        "any registry: the dataset is registered on no chain, its roots are those that its owner hands out"
            .into()
    } else {
        format!(
            "the registry: compare id and roots with contract {} on chain {}",
            dataset.doc.registry, dataset.doc.chain_id
        )
    });
    report.not_checked.push(match record {
        Some(RecordOf { content: Some(_), .. }) => "what the other records are".into(),
        Some(_) => "what the record is: give the upload with --content".into(),
        None => "what the records are: only their digests are hashed into the roots".into(),
    });
    Ok(())
}

/// record.path, record.content and receipt.payee.
fn check_record<F: SuiteField>(
    dataset: &DatasetBundle,
    of: RecordOf<'_>,
    findings: &mut Findings<F>,
    report: &mut Report,
) -> Result<(), AuditError> {
    let doc = RecordReceiptDoc::read(of.receipt)?;
    let number = u64::from(doc.segment) * dataset.doc.tier.accounts() as u64 + u64::from(doc.index);
    let place = format!("record {number}");
    report.subject.count("record", number);
    report.subject.count("record_revision", doc.revision);
    report.subject.add("record_content", doc.content);
    report.subject.add("record_payee", doc.payee);
    findings.push(match check_path::<F>(dataset, &doc, number) {
        Ok(()) => {
            let text =
                format!("{place} stands in the root of segment {}, {} is its payee", doc.segment, doc.payee);
            Check::ok(CheckId::RecordPath, text)
        }
        Err(why) => Check::failed(CheckId::RecordPath, &place, why),
    });
    if doc.payee.is_zero() {
        let why = "its payee is the zero address: nobody could ever be paid for it";
        findings.push(Check::failed(CheckId::ReceiptPayee, &place, why));
    } else {
        findings.push(Check::ok(CheckId::ReceiptPayee, &place));
    }
    if let Some(file) = of.content {
        let found = digest_of(file)?;
        findings.push(if found.0 == doc.content.0 {
            Check::ok(CheckId::RecordContent, format!("{place} is {}", file.display()))
        } else {
            let why = format!("SHA-256 of {} is {found}, the record's is {}", file.display(), doc.content);
            Check::failed(CheckId::RecordContent, &place, why)
        });
    }
    Ok(())
}

fn check_path<F: SuiteField>(
    dataset: &DatasetBundle,
    doc: &RecordReceiptDoc,
    number: u64,
) -> Result<(), String> {
    let own = &dataset.doc;
    if (doc.suite, doc.tier, doc.dataset) != (own.suite, own.tier, own.dataset_id) {
        return Err(format!(
            "of dataset {} in suite {} at tier {}, not of this one",
            doc.dataset, doc.suite, doc.tier
        ));
    }
    if (doc.chain_id, doc.registry) != (own.chain_id, own.registry) {
        return Err(format!("of registry {} on chain {}, not of this one", doc.registry, doc.chain_id));
    }
    let Some(revision) = dataset.revisions.get(doc.revision as usize) else {
        return Err(format!(
            "revision {} is not here, the newest is {}",
            doc.revision,
            dataset.newest().revision
        ));
    };
    let accounts = own.tier.accounts();
    if doc.index as usize >= accounts || number >= revision.doc.records {
        let records = revision.doc.records;
        return Err(format!(
            "slot {} holds no record, revision {} has {records} in all",
            doc.index, doc.revision
        ));
    }
    if revision.doc.roots.get(doc.segment as usize) != Some(&doc.root) {
        return Err(format!("root {} is not that of the segment in revision {}", doc.root, doc.revision));
    }
    let path: Option<merkle::Path<F>> =
        doc.siblings.iter().map(|[a, b, c]| Some([a.to_field()?, b.to_field()?, c.to_field()?])).collect();
    let path = path.ok_or("a sibling is not below the modulus")?;
    let leaf = record_leaf(&Record { payee: doc.payee, content: doc.content });
    match merkle::root_of_path(own.tier, doc.index as usize, leaf, &path) {
        Some(root) if Word::from_field(&root) == doc.root => Ok(()),
        Some(_) => Err("payee, content and path do not lead to the root".into()),
        None => Err(format!("{} levels where the tree has {}", path.len(), own.tier.depth())),
    }
}

/// SHA-256 of a file of any size.
fn digest_of(path: &Path) -> Result<Word, InputError> {
    let io = |error| InputError::new(path, Fault::Io(error));
    let mut file = File::open(path).map_err(io)?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer).map_err(io)? {
            0 => return Ok(Word(hash.finalize().into())),
            read => hash.update(&buffer[..read]),
        }
    }
}
