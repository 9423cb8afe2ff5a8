//! What the demo tells: everybody's part, one after the other, with real proofs.

use std::{
    cell::{RefCell, RefMut},
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use apportion::{
    Error,
    actions::{
        dataset::{self, NewDataset, Wanted},
        enroll::enroll,
        epoch,
        init::{NewLedger, init, read_policy},
        receipt::{self, Whose},
        scores::{self, DatasetFile, Posted},
        statement,
    },
    dataset_dir::OwnDataset,
    input::read_records,
    ledger::{Ledger, LedgerError, Paths, files},
    progress::Silent,
    sample::{Sample, sample},
    setup::{Choice, ProverSuite},
};
use apportion_circuits::{
    field::SuiteId,
    types::{Payee, Tier},
};
use apportion_engine::openings::Open;
use apportion_statement::files::{Document, EpochDoc, ReceiptDoc};
use apportion_verifier::{
    audit::{Options, audit_ledger},
    dataset::{RecordOf, audit_dataset},
    receipt::audit_receipt,
    report::Report,
    statement::audit_statement,
};
use serde::Serialize;

use super::{
    super::{Session, counted},
    chain::{Chain, Paid},
};

const TIER: Tier = Tier::T64;
/// Records of the dataset at first: two segments.
const RECORDS: usize = 100;
/// And after it was extended.
const EXTENDED: usize = 120;
const EPOCHS: u32 = 3;
/// Who asks for receipt and statement: the payee of this record, and of one more.
const ASKING: u64 = 0;

pub(super) struct Story<'a> {
    dir: &'a Path,
    session: &'a Session,
    sample: Sample,
    /// Where the suite is the contracts'.
    chain: Option<RefCell<Chain<'a>>>,
}

/// How the demo went.
#[derive(Serialize)]
struct Outcome {
    ok: bool,
    /// Whether the setup's secret is public, as it is with bn254 here.
    insecure: bool,
    suite: String,
    epochs: u32,
    receipts: usize,
    ledger_valid: bool,
    receipt_valid: bool,
    statement_valid: bool,
    record_valid: bool,
    forged_receipt_failed: Option<&'static str>,
    kept_back_failed: Option<&'static str>,
    /// Null with a suite that no contract checks.
    chain: Option<Paid>,
    seconds: f64,
}

/// What a contributor is handed.
struct Handed {
    receipt: PathBuf,
    statement: PathBuf,
    record: PathBuf,
    forged: PathBuf,
    receipts: usize,
}

impl<'a> Story<'a> {
    pub(super) fn new(dir: &'a Path, session: &'a Session, suite: SuiteId) -> Result<Self, Error> {
        let chain = match suite {
            SuiteId::Bn254 => Some(RefCell::new(Chain::new(dir, &session.cache)?)),
            SuiteId::Pasta => None,
        };
        Ok(Self { dir, session, sample: sample(EXTENDED, EPOCHS), chain })
    }

    /// The chain, where there is one.
    fn chain(&self) -> Option<RefMut<'_, Chain<'a>>> {
        self.chain.as_ref().map(RefCell::borrow_mut)
    }

    pub(super) fn tell<S: ProverSuite + Open>(&self) -> Result<(), Error> {
        let start = Instant::now();
        self.say(&format!(
            "Apportion demo: {EXTENDED} records, {EPOCHS} epochs, suite {}, tier {TIER}. Every proof below is a \
             real one.\n",
            S::ID
        ));
        if S::ID == SuiteId::Bn254 {
            self.say(INSECURE);
        }
        let ledger = self.ledger::<S>()?;
        let handed = self.contributor::<S>(&ledger)?;
        let outcome = self.auditor(S::ID, &ledger, &handed)?;
        let paid = match self.chain() {
            Some(mut chain) => {
                let forged = ReceiptDoc::read(&handed.forged)?;
                Some(chain.pay(&self.dir.join("dataset"), &forged, &|text| self.say(text))?)
            }
            None => None,
        };
        self.say(MORAL);
        let outcome = Outcome { chain: paid, seconds: start.elapsed().as_secs_f64(), ..outcome };
        let valid =
            [outcome.ledger_valid, outcome.receipt_valid, outcome.statement_valid, outcome.record_valid];
        let found = [outcome.forged_receipt_failed, outcome.kept_back_failed];
        let chain_as_it_must = outcome
            .chain
            .as_ref()
            .is_none_or(|paid| paid.demand_answered && paid.forged_receipt_refused.is_some());
        if !valid.iter().all(|valid| *valid) || found.iter().any(Option::is_none) || !chain_as_it_must {
            return Err(Error::Claim("the demonstration did not go as it must".into()));
        }
        let insecure = if outcome.insecure { format!("; {INSECURE}") } else { String::new() };
        let text = format!("VALID: the demo took {:.0} s{insecure}", outcome.seconds);
        self.session.console.result(&outcome, &text);
        Ok(())
    }

    /// What owner, developer and attributor do, epoch by epoch. Returns the ledger's directory.
    fn ledger<S: ProverSuite>(&self) -> Result<PathBuf, Error> {
        let cache = &self.session.cache;
        let (own, dir) = (self.dir.join("dataset"), self.dir.join("ledger"));
        self.owner::<S>(&own)?;
        let policy = read_policy(&self.write("policy.toml", &self.sample.policy)?)?;
        let new = NewLedger {
            model: "demo-model".into(),
            policy: policy.clone(),
            chain_id: self.chain().map_or(0, |chain| chain.id()),
            contract: self.chain().map_or(Payee::default(), |chain| chain.contract()),
            developer: self.chain().map_or(Payee::default(), |chain| chain.developer()),
        };
        let (doc, _) = init::<S>(&dir, new, None, cache, self.choice::<S>())?;
        if let Some(mut chain) = self.chain() {
            chain.model(&Ledger::open(&dir)?, &policy)?;
        }
        self.say(&format!("DEVELOPER  makes a ledger for {}, setup: {}", doc.model, doc.setup.provenance));
        self.enroll::<S>(&dir, &own)?;
        self.say("           enrolls the dataset: its proofs are checked, and nothing is proven again");
        for epoch in 1..EPOCHS {
            self.epoch::<S>(&dir, epoch, RECORDS)?;
        }
        let all = read_records(&self.write("records-2.csv", &self.sample.records)?)?;
        dataset::extend::<S>(&OwnDataset::open(&own)?, all, false)?;
        let proven = dataset::prove::<S>(&OwnDataset::open(&own)?, cache, &Silent)?;
        self.say(&format!(
            "OWNER      appends {}: {} changed and is proven again, the other stays",
            counted(EXTENDED - RECORDS, "record"),
            counted(proven.segments, "segment")
        ));
        if let Some(mut chain) = self.chain() {
            chain.dataset(&own)?;
        }
        self.enroll::<S>(&dir, &own)?;
        self.epoch::<S>(&dir, EPOCHS, EXTENDED)?;
        Ok(dir)
    }

    fn enroll<S: ProverSuite>(&self, dir: &Path, own: &Path) -> Result<(), Error> {
        enroll::<S>(&Ledger::open(dir)?, &OwnDataset::read(own)?, false, &self.session.cache, &Silent)?;
        self.chain().map_or(Ok(()), |mut chain| chain.enrolled(own))
    }

    fn owner<S: ProverSuite>(&self, own: &Path) -> Result<(), Error> {
        let cache = &self.session.cache;
        let first: String = lines(&self.sample.records, RECORDS);
        let given = read_records(&self.write("records.csv", &first)?)?;
        let new = NewDataset {
            records: given.records,
            recipients: given.recipients,
            chain_id: self.chain().map_or(0, |chain| chain.id()),
            registry: self.chain().map_or(Payee::default(), |chain| chain.registry()),
            owner: self.chain().map_or(Payee::default(), |chain| chain.owner()),
            uri: "https://example.org/demo".into(),
        };
        let committed = dataset::commit::<S>(new, TIER, None, cache, self.choice::<S>(), own)?;
        let proven = dataset::prove::<S>(&OwnDataset::open(own)?, cache, &Silent)?;
        self.say(&format!(
            "OWNER      commits a dataset: {}, {} to register; {} that the payee columns are the records'",
            counted(committed.revision.records, "record"),
            counted(committed.revision.roots.len(), "Merkle root"),
            counted(proven.segments, "proof")
        ));
        self.chain().map_or(Ok(()), |mut chain| chain.dataset(own))
    }

    /// The attributor posts scores, and the developer proves the epoch.
    fn epoch<S: ProverSuite>(&self, dir: &Path, epoch: u32, records: usize) -> Result<(), Error> {
        let cache = &self.session.cache;
        let at = epoch as usize - 1;
        let file = self.write(&format!("scores-{epoch}.csv"), &lines(&self.sample.scores[at], records))?;
        let out = self.dir.join(format!("scores-{epoch}"));
        let ledger = Ledger::open(dir)?;
        let files = [DatasetFile { dataset: None, path: file }];
        let read = scores::read_all(&ledger.bundle, epoch, &files, &[], |_| None)?;
        let (seed, _) = scores::seed_at(&self.dir.join("attributor.seed"))?;
        scores::commit::<S>(&ledger.bundle, epoch, &read, &seed, cache, &out, &Silent)?;
        let posted = Posted::read(&out, &ledger, epoch)?;
        let revenue = self.sample.revenue[at];
        if let Some(mut chain) = self.chain() {
            chain.deposit(epoch, revenue)?;
            chain.scores(&posted)?;
        }
        let doc = epoch::prove::<S>(&ledger, epoch, &posted, revenue, cache, &Silent)?;
        if let Some(mut chain) = self.chain() {
            chain.settle(epoch)?;
        }
        let paid: u128 = doc.segments.iter().map(|segment| segment.paid.0).sum();
        self.say(&format!("ATTRIBUTOR posts commitments to the scores of epoch {epoch}"));
        self.say(&format!(
            "DEVELOPER  epoch {epoch}: revenue {revenue}, pool {}; {} that it was split by these scores: {paid} \
             paid, {} carried",
            doc.pool,
            counted(doc.segments.len(), "proof"),
            doc.pool.0.saturating_sub(paid)
        ));
        Ok(())
    }

    fn contributor<S: ProverSuite + Open>(&self, dir: &Path) -> Result<Handed, Error> {
        let cache = &self.session.cache;
        let ledger = Ledger::read(dir)?;
        let all = self.dir.join("receipts");
        let written = receipt::write_all::<S>(&ledger, None, &all, false, cache, &Silent)?;
        self.say(&format!(
            "DEVELOPER  writes {} for {}, {} in all\n",
            counted(written.files, "receipt"),
            counted(written.accounts, "account"),
            written.total
        ));
        let record = receipt::RecordName { dataset: 0, record: ASKING };
        let payee = receipt::receipt::<S>(&ledger, Whose::Record(record), None, cache)?.payee;
        let doc = receipt::receipt::<S>(&ledger, Whose::Payee(payee), None, cache)?;
        let handed = Handed {
            receipt: self.dir.join("receipt.json"),
            statement: self.dir.join("statement.json"),
            record: self.dir.join("record.json"),
            forged: self.dir.join("forged.json"),
            receipts: written.files,
        };
        receipt::write(&doc, &handed.receipt)?;
        self.say(&format!(
            "CONTRIBUTOR {payee}\n           has earned {} so far, with {}",
            receipt::total(&doc),
            counted(doc.accounts.len(), "record")
        ));
        let stated = statement::statement::<S>(&ledger, payee, cache)?;
        statement::write(&stated, &handed.statement)?;
        for account in stated.accounts.iter().take(1) {
            for line in &account.epochs {
                self.say(&format!(
                    "           epoch {}: {} * {} / {} = {} for record {}",
                    line.epoch, line.pool, line.score, line.total_score, line.payout, account.index
                ));
            }
        }
        let path = dataset::receipt::<S>(&OwnDataset::read(&self.dir.join("dataset"))?, Wanted::Record(0))?;
        files::write_document(&handed.record, &path)?;
        self.say("           and the path of record 0 to the root that the owner registered\n");
        Ok(handed)
    }

    /// The auditor has the public files, and what the contributor shows.
    fn auditor(&self, suite: SuiteId, ledger: &Path, handed: &Handed) -> Result<Outcome, Error> {
        self.say("AUDITOR    (with the public files, and what the contributor shows)");
        let public = self.dir.join("auditor");
        files::copy_public(&Paths::of(ledger).public, &public)?;
        let options = Options {
            params: Some(self.session.cache.dir().into()),
            // The demo's bn254 setup is the insecure one, and said so.
            allow_insecure_params: suite == SuiteId::Bn254,
            ..Options::default()
        };
        let audited = audit_ledger(&public, None, None, &options);
        self.verdict("the ledger's whole history", &audited);
        let receipt = audit_receipt(&handed.receipt, Some(&public), None, &options);
        self.verdict("the receipt", &receipt);
        let stated = audit_statement(&handed.statement, Some(&public), None, &options);
        self.verdict("the statement", &stated);
        let record = RecordOf { receipt: &handed.record, content: None };
        let record = audit_dataset(&public.join("datasets/0"), Some(record), None, &options);
        self.verdict("the dataset, and the record in it", &record);

        forge(&handed.receipt, &handed.forged)?;
        let forged = audit_receipt(&handed.forged, Some(&public), None, &options);
        self.verdict("the receipt with one unit more", &forged);
        keep_back(&public)?;
        let cheated = audit_ledger(&public, None, None, &options);
        self.verdict("the ledger where epoch 2 keeps one unit back", &cheated);
        self.say("");
        Ok(Outcome {
            ok: true,
            insecure: audited.insecure,
            suite: suite.name().into(),
            epochs: EPOCHS,
            receipts: handed.receipts,
            ledger_valid: audited.valid(),
            receipt_valid: receipt.valid(),
            statement_valid: stated.valid(),
            record_valid: record.valid(),
            forged_receipt_failed: forged.failed().map(|check| check.id.name()),
            kept_back_failed: cheated.failed().map(|check| check.id.name()),
            chain: None,
            seconds: 0.0,
        })
    }

    fn verdict(&self, what: &str, report: &Report) {
        let verdict = match report.failed() {
            _ if report.valid() => format!("VALID ({})", counted(report.checks.len(), "check")),
            Some(check) => format!("INVALID: {} fails: {}", check.id.name(), check.detail),
            None => {
                let why = report.error.as_ref().map_or(String::new(), ToString::to_string);
                format!("{}: {why}", report.verdict())
            }
        };
        let verdict =
            if report.insecure { verdict + "; INSECURE setup, this proves nothing" } else { verdict };
        self.say(&format!("           {what}: {verdict}"));
    }

    fn say(&self, text: &str) {
        self.session.console.say(text);
    }

    fn choice<S: ProverSuite>(&self) -> Choice<'static> {
        if S::ID == SuiteId::Bn254 { Choice::InsecureDev } else { Choice::Any }
    }

    fn write(&self, name: &str, text: &str) -> Result<PathBuf, Error> {
        let path = self.dir.join(name);
        fs::write(&path, text).map_err(|source| LedgerError::io("write", &path, source))?;
        Ok(path)
    }
}

/// What everybody must read who sees the demo on bn254.
const INSECURE: &str =
    "INSECURE development setup: everybody knows its secret and can forge all of these proofs";

const MORAL: &str = "\
PROVEN: every account is a record of the registered dataset, and the others are empty; in every epoch each account got
  floor(pool * score / total) of what revenue and policy leave to contributors, by the scores that were committed to;
  balances only grew; receipts and statements are openings of these very balances.
HIDDEN: scores, who earned what, contents, payees, and every balance that nobody shows.
NOT PROVEN: that the scores are honest, that the revenue is all there was, that records belong to their payees.";

/// The header and the first rows of a table.
fn lines(text: &str, rows: usize) -> String {
    text.lines().take(rows + 1).map(|line| format!("{line}\n")).collect()
}

/// What a greedy contributor would hand in: one unit more.
fn forge(receipt: &Path, forged: &Path) -> Result<(), Error> {
    let mut doc = ReceiptDoc::read(receipt)?;
    if let Some(account) = doc.accounts.first_mut() {
        account.cumulative.0 = account.cumulative.0.saturating_add(1);
    }
    Ok(files::write_document(forged, &doc)?)
}

/// What a cheating developer would publish: one segment is said to be paid one unit less.
fn keep_back(public: &Path) -> Result<(), Error> {
    let path = public.join("epochs/000002/epoch.json");
    let mut doc = EpochDoc::read(&path)?;
    if let Some(segment) = doc.segments.first_mut() {
        segment.paid.0 = segment.paid.0.saturating_sub(1);
    }
    Ok(files::write_document(&path, &doc)?)
}
