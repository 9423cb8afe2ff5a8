//! What the demonstration does and says.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use apportion::{
    Error,
    actions::{
        dataset, enroll, epoch,
        init::{NewLedger, init, read_policy},
        publish, receipt, scores,
    },
    input::read_records,
    ledger::{Ledger, LedgerError, Paths},
    sample::Sample,
    setup::{Choice, ProverSuite},
};
use apportion_circuits::types::{Payee, Tier};
use apportion_verifier::audit::{Options, audit_ledger};
use apportion_verifier::receipt::audit_receipt;
use apportion_verifier::report::Report;
use serde::Serialize;

use super::Session;

const TIER: Tier = Tier::T64;
/// The record whose owner asks for a receipt.
const ASKING: usize = 17;

/// The demonstration.
pub(super) struct Story<'a> {
    pub(super) dir: &'a Path,
    pub(super) session: &'a Session,
    pub(super) sample: Sample,
}

#[derive(Serialize)]
struct Outcome {
    ok: bool,
    suite: String,
    epochs: usize,
    ledger_valid: bool,
    receipt_valid: bool,
    tampered_valid: bool,
    tampered_failed: Option<&'static str>,
    seconds: f64,
}

impl Story<'_> {
    pub(super) fn tell<S: ProverSuite>(&self) -> Result<(), Error> {
        let start = Instant::now();
        self.say(&format!(
            "Apportion demo: {} records, {} epochs, suite {}, tier {TIER}. Everything below is done with real proofs.\n",
            self.sample.records.lines().count() - 1,
            self.sample.scores.len(),
            S::ID
        ));
        let ledger = self.developer::<S>()?;
        let receipt = self.contributor::<S>(&ledger)?;
        let outcome = self.auditor(S::ID.name(), &ledger, &receipt)?;
        self.say(MORAL);
        let outcome = Outcome { seconds: start.elapsed().as_secs_f64(), ..outcome };
        if !(outcome.ledger_valid && outcome.receipt_valid) || outcome.tampered_valid {
            return Err(Error::Claim("the demonstration did not go as it must".into()));
        }
        let text = format!("VALID: the demo took {:.0} s", outcome.seconds);
        self.session.console.result(&outcome, &text);
        Ok(())
    }

    /// Everything that the developer and the attributor do. Returns the ledger's directory.
    fn developer<S: ProverSuite>(&self) -> Result<PathBuf, Error> {
        let (console, cache) = (&self.session.console, &self.session.cache);
        self.say("DEVELOPER");
        let records = read_records(&self.write("records.csv", &self.sample.records)?)?;
        let committed = dataset::commit::<S::F>(records, TIER, &self.dir.join("dataset"))?;
        self.say(&format!(
            "  dataset: {} records, {} Merkle roots to register",
            committed.doc.records,
            committed.doc.roots.len()
        ));
        let new = NewLedger {
            model: "demo-model".into(),
            tier: TIER,
            policy: read_policy(&self.write("policy.toml", &self.sample.policy)?)?,
            chain_id: 0,
            contract: Payee::default(),
            model_id: None,
        };
        let dir = self.dir.join("ledger");
        let doc = init::<S>(&dir, new, cache, Choice::InsecureDev)?;
        self.say(&format!("  ledger made, setup: {}", doc.setup.provenance));
        let enrolled = enroll::enroll::<S>(&Ledger::open(&dir)?, &committed, None, None, cache, console)?;
        let segments = enrolled.doc.segments.len();
        self.say(&format!(
            "  enrolled: {segments} proofs that the accounts are the dataset's records, all of them"
        ));
        for (number, (text, revenue)) in (1..).zip(self.sample.scores.iter().zip(&self.sample.revenue)) {
            let file = self.write(&format!("scores-{number}.csv"), text)?;
            let out = self.dir.join(format!("scores-{number}"));
            let ledger = Ledger::open(&dir)?;
            let files = [scores::DatasetFile { dataset: None, path: file }];
            let read = scores::read_all(&ledger.state, number, &files, |_| None)?;
            scores::commit::<S>(&ledger.state, number, &read, cache, &out)?;
            let posted = scores::Posted::read(&out, &ledger.state, number)?;
            let doc = epoch::prove::<S>(&ledger, number, &posted, *revenue, cache, console)?;
            let paid: u128 = doc.segments.iter().map(|segment| segment.segment_paid.0).sum();
            self.say(&format!(
                "  epoch {number}: revenue {revenue}, contributors' pool {}, {} proofs that it was split by the \
                 committed scores; {paid} paid, {} carried",
                doc.pool,
                doc.segments.len(),
                doc.pool.0 - paid
            ));
        }
        let publication = publish::publish::<S>(&Ledger::open(&dir)?, cache, console)?;
        self.say(&format!(
            "  published: {} proven account roots to claim against\n",
            publication.segments.len()
        ));
        Ok(dir)
    }

    fn contributor<S: ProverSuite>(&self, ledger: &Path) -> Result<PathBuf, Error> {
        self.say("CONTRIBUTOR");
        let account = receipt::RecordName { dataset: 0, record: ASKING };
        let doc = receipt::receipt::<S>(&Ledger::open(ledger)?, receipt::AccountName::Record(account))?;
        let path = self.dir.join("receipt.json");
        receipt::write(&doc, &path)?;
        self.say(&format!(
            "  record {account} has earned {} so far, {} is paid\n",
            doc.cumulative, doc.payee
        ));
        Ok(path)
    }

    /// The auditor has the public files and nothing else.
    fn auditor(&self, suite: &str, ledger: &Path, receipt: &Path) -> Result<Outcome, Error> {
        self.say("AUDITOR (with public files only)");
        let public = self.dir.join("auditor");
        copy_dir(&Paths::of(ledger).public, &public)?;
        let options = Options {
            params: Some(self.session.cache.dir().into()),
            // The demo's bn254 setup is the insecure one, and said so.
            allow_insecure_params: suite == "bn254",
            ..Options::default()
        };
        let audited = audit_ledger(&public, &options);
        self.verdict("the ledger's whole history", &audited);
        let receipt = audit_receipt(receipt, Some(&public), &options);
        self.verdict("the contributor's receipt", &receipt);
        let epoch = public.join("epochs/000002/epoch.json");
        let tampered = self.tamper(&epoch)?;
        let cheated = audit_ledger(&public, &options);
        self.verdict(&format!("after {tampered}"), &cheated);
        self.say("");
        Ok(Outcome {
            ok: true,
            suite: suite.into(),
            epochs: self.sample.scores.len(),
            ledger_valid: audited.valid(),
            receipt_valid: receipt.valid(),
            tampered_valid: cheated.valid(),
            tampered_failed: cheated.failed().map(|check| check.id.name()),
            seconds: 0.0,
        })
    }

    /// What a cheating developer would publish: one segment is said to be paid one unit less.
    fn tamper(&self, path: &Path) -> Result<&'static str, Error> {
        use apportion_statement::files::{Document, EpochDoc};
        let mut doc = EpochDoc::read(path)?;
        if let Some(segment) = doc.segments.first_mut() {
            segment.segment_paid.0 = segment.segment_paid.0.saturating_sub(1);
        }
        fs::write(path, doc.to_json()).map_err(|source| io("write", path, source))?;
        Ok("one unit was kept back from the contributors in epoch 2")
    }

    fn verdict(&self, what: &str, report: &Report) {
        let verdict = match report.failed() {
            _ if report.valid() => format!("VALID ({} checks)", report.checks.len()),
            Some(check) => format!("INVALID, by {}: {}", check.id.name(), check.detail),
            None => {
                format!("not checkable: {}", report.error.as_ref().map_or(String::new(), ToString::to_string))
            }
        };
        self.say(&format!("  {what}: {verdict}"));
    }

    fn say(&self, text: &str) {
        self.session.console.say(text);
    }

    fn write(&self, name: &str, text: &str) -> Result<PathBuf, Error> {
        let path = self.dir.join(name);
        fs::write(&path, text).map_err(|source| io("write", &path, source))?;
        Ok(path)
    }
}

const MORAL: &str = "\
PROVEN: every record of the registered dataset has an account, none is left out and none is added; in every epoch
  each account got floor(pool * score / total) of what revenue and policy leave to contributors, by the scores that
  were committed to; balances only grew; the published roots hold exactly these balances.
HIDDEN: scores, who earned what, contents, and the balances of accounts that have not claimed.
NOT PROVEN: that the scores are honest.";

fn io(action: &'static str, path: &Path, source: std::io::Error) -> LedgerError {
    LedgerError::Io { action, path: path.into(), source }
}

fn copy_dir(from: &Path, to: &Path) -> Result<(), Error> {
    fs::create_dir_all(to).map_err(|source| io("create", to, source))?;
    for entry in fs::read_dir(from).map_err(|source| io("read", from, source))? {
        let path = entry.map_err(|source| io("read", from, source))?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy_dir(&path, &target)?;
        } else {
            fs::copy(&path, &target).map_err(|source| io("copy", &path, source))?;
        }
    }
    Ok(())
}
