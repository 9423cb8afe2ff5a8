//! What receipts and statements have in common: accounts of a payee, opened columns, and a ledger to compare them with.

use std::{collections::BTreeMap, path::Path};

use apportion_circuits::{
    field::{SuiteField, SuiteId},
    types::{Payee, Tier, Word},
};
use apportion_statement::{
    CheckId, Commitment, History, SegmentId,
    files::{Bundle, Document, Hex, InputError, PublicDir, read_file, sha256},
    receipt::AccountClaim,
};
use apportion_suite::{Bn254, OpeningClaim, OpeningTerm, OpeningsError, Pasta, SuiteError};

use crate::{
    audit::{self, AuditSuite, Claims, Options, Scope},
    chain::ChainOptions,
    report::{AuditError, Check, Report, StatementLine, Subject},
};

/// What a document says of itself: of which ledger it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stated {
    pub(crate) suite: SuiteId,
    pub(crate) chain_id: u64,
    pub(crate) contract: Payee,
    pub(crate) model: Word,
}

impl Stated {
    /// Names the ledger, as stated.
    pub(crate) fn describe(&self, subject: &mut Subject) {
        subject.add("model_id", self.model);
        subject.add("suite", self.suite);
        subject.add("chain_id", if self.chain_id == 0 { "none".into() } else { self.chain_id.to_string() });
        subject
            .add("contract", if self.contract.is_zero() { "none".into() } else { self.contract.to_string() });
    }

    /// receipt.ledger, as far as it does not depend on accounts.
    pub(crate) fn check(&self, bundle: &Bundle, place: &str) -> Check {
        let ledger = &bundle.ledger;
        let mut differs = Vec::new();
        let mut compare = |what, stated: String, of_ledger: String| {
            if stated != of_ledger {
                differs.push(format!("{what} is {stated}, the ledger's is {of_ledger}"));
            }
        };
        compare("suite", self.suite.to_string(), ledger.suite.to_string());
        compare("chain id", self.chain_id.to_string(), ledger.chain_id.to_string());
        compare("contract", self.contract.to_string(), ledger.contract.to_string());
        compare("model", self.model.to_string(), ledger.model_id.to_string());
        if differs.is_empty() {
            return Check::ok(CheckId::ReceiptLedger, format!("{place}: of model {:?}", ledger.model));
        }
        Check::failed(CheckId::ReceiptLedger, place, differs.join("; "))
    }
}

/// A document that shows accounts of a payee to be opened columns: a receipt or a statement.
pub(crate) trait Shows: Document {
    /// What it is called.
    const KIND: &'static str;

    /// Of which ledger it is.
    fn stated(&self) -> Stated;

    /// Says what it shows.
    fn describe(&self, subject: &mut Subject);

    /// How its amounts came about, where it says so.
    fn lines(&self) -> Vec<StatementLine> {
        Vec::new()
    }

    /// What follows from the document alone, and the openings of those accounts that are sound so far.
    fn check_accounts(&self, checks: &mut Vec<Check>) -> Vec<Opened<'_>>;

    /// What is checked only where no ledger is at hand, and would be checked against the ledger else.
    fn check_alone(&self, checks: &mut Vec<Check>);

    /// Compares it with a ledger whose name it bears. Gives what it rests on there.
    fn check_against(&self, known: &Known<'_>, report: &mut Report) -> Claims;

    /// Compares it with a chain, and where a ledger's files are at hand with what they say.
    fn check_chain(&self, chain: &ChainOptions, bundle: Option<&Bundle>, report: &mut Report);
}

/// Reads a document and audits it in its suite.
pub(crate) fn audit_file<D: Shows>(
    path: &Path,
    ledger: Option<&Path>,
    chain: Option<&ChainOptions>,
    options: &Options,
) -> Report {
    let read = || -> Result<_, InputError> {
        let bytes = read_file(path, D::MAX_BYTES)?;
        let doc = D::from_json(&bytes).map_err(|fault| InputError::new(path, fault))?;
        let bundle = ledger.map(|dir| Bundle::read(PublicDir::of_ledger(dir))).transpose()?;
        Ok((doc, sha256(&bytes), bundle))
    };
    let (doc, digest, bundle) = match read() {
        Ok(read) => read,
        Err(error) => return Report::of_error(error),
    };
    let mut report = match doc.stated().suite {
        SuiteId::Bn254 => audit_document::<Bn254, D>(&doc, bundle.as_ref(), options),
        SuiteId::Pasta => audit_document::<Pasta, D>(&doc, bundle.as_ref(), options),
    };
    report.subject.add(format!("{}_digest", D::KIND), digest);
    if let Some(chain) = chain {
        doc.check_chain(chain, bundle.as_ref(), &mut report);
    }
    report
}

/// Audits a document: alone, or against a ledger.
pub(crate) fn audit_document<S: AuditSuite, D: Shows>(
    doc: &D,
    bundle: Option<&Bundle>,
    options: &Options,
) -> Report {
    let mut report = Report::default();
    doc.describe(&mut report.subject);
    report.not_checked.push(format!(
        "whether the payee has other accounts: only the developer and the datasets' owners know which are the payee's, \
         and what \"earned in all\" says is of the accounts that this {} lists",
        D::KIND
    ));
    report.lines = doc.lines();
    let known = bundle.map(Known::of);
    if known.is_none() {
        doc.stated().describe(&mut report.subject);
        alone(&mut report, D::KIND);
    }
    if let Err(error) = check::<S, D>(doc, known.as_ref(), options, &mut report) {
        report.error.get_or_insert(error);
    }
    report
}

fn check<S: AuditSuite, D: Shows>(
    doc: &D,
    known: Option<&Known<'_>>,
    options: &Options,
    report: &mut Report,
) -> Result<(), AuditError> {
    let opened = doc.check_accounts(&mut report.checks);
    let Some(known) = known else {
        doc.check_alone(&mut report.checks);
        match S::own_setup(options)? {
            Some(setup) => {
                S::rests_on(&setup).say(report);
                check_openings::<S>(&setup, &opened, &mut report.checks)?;
            }
            None => report.not_checked.push("openings: give the setup's parameters with --params".into()),
        }
        return Ok(());
    };
    let named = doc.stated().check(known.bundle, D::KIND);
    let same = named.ok;
    report.checks.push(named);
    if !same {
        return Ok(());
    }
    let claims = doc.check_against(known, report);
    let setup = S::load_setup(&known.bundle.dir.keys(), &known.bundle.ledger.setup, options)?;
    report.insecure |= S::rests_on(&setup).insecure;
    check_openings::<S>(&setup, &opened, &mut report.checks)?;
    if report.failed().is_none() {
        verify_columns::<S>(known.bundle, claims, options, report);
    }
    Ok(())
}

/// An account, and where it is, for people.
pub(crate) fn place_of(claim: &AccountClaim<'_>) -> String {
    format!("account {} segment {} slot {}", claim.dataset, claim.segment, claim.index)
}

/// One opening that is to be checked.
pub(crate) struct Opened<'a> {
    pub(crate) place: String,
    pub(crate) claim: AccountClaim<'a>,
    /// The score that is opened beside payee and balance, with its column.
    pub(crate) score: Option<(u64, &'a Commitment)>,
    pub(crate) proof: &'a Hex,
}

impl Opened<'_> {
    fn term<F: SuiteField>(&self) -> OpeningTerm<F> {
        let AccountClaim { tier, index, payee_column, balance_column, .. } = self.claim;
        let mut columns = vec![payee_column.clone(), balance_column.clone()];
        let mut values = self.claim.values::<F>().to_vec();
        let gamma = match self.score {
            None => self.claim.challenge(),
            Some((score, column)) => {
                columns.push(column.clone());
                values.push(F::from(score));
                self.claim.challenge_with_score(column, score)
            }
        };
        let claim = OpeningClaim { tier, slot: index as usize, columns, values, gamma };
        OpeningTerm { claim, proof: self.proof.0.clone() }
    }
}

/// receipt.opening: all in one batch for each tier. Of a batch that does not hold, the first opening that is wrong is named.
fn check_openings<S: AuditSuite>(
    setup: &S::Setup,
    openings: &[Opened<'_>],
    checks: &mut Vec<Check>,
) -> Result<(), AuditError> {
    let mut tiers: BTreeMap<Tier, Vec<&Opened<'_>>> = BTreeMap::new();
    for opened in openings {
        tiers.entry(opened.claim.tier).or_default().push(opened);
    }
    for (tier, openings) in tiers {
        let params = S::opening_params(setup, tier)?;
        let terms: Vec<_> = openings.iter().map(|opened| opened.term::<S::F>()).collect();
        match S::check_openings(&params, &terms) {
            Ok(()) => checks.extend(
                openings.iter().map(|opened| Check::ok(CheckId::ReceiptOpening, opened.place.clone())),
            ),
            Err(OpeningsError::Term { source: error @ SuiteError::Params(_), .. }) => {
                return Err(AuditError::NotCheckable(error.to_string()));
            }
            Err(OpeningsError::Term { index, source }) => {
                let place = openings.get(index).map_or("an opening", |opened| &opened.place);
                checks.push(Check::failed(CheckId::ReceiptOpening, place, source));
            }
            Err(OpeningsError::Empty) => {}
        }
    }
    Ok(())
}

/// A ledger's history as its documents state it: what is wrong with it is the audit's to say.
pub(crate) struct Known<'a> {
    pub(crate) bundle: &'a Bundle,
    pub(crate) history: History,
}

impl<'a> Known<'a> {
    pub(crate) fn of(bundle: &'a Bundle) -> Self {
        let mut history = History::default();
        bundle.datasets.iter().for_each(|dataset| history.add(dataset));
        bundle.epochs.iter().for_each(|epoch| history.settle_epoch(epoch));
        Self { bundle, history }
    }

    /// receipt.ledger: the account's segment.
    pub(crate) fn segment(&self, dataset: Word, tier: Tier, segment: u32) -> Result<SegmentId, String> {
        let number = self.history.dataset_of(dataset);
        let enrolled = number.and_then(|number| self.history.datasets().get(number as usize));
        match (number, enrolled) {
            (Some(_), Some(enrolled)) if enrolled.tier != tier => {
                Err(format!("tier {tier}, the dataset's is {}", enrolled.tier))
            }
            (Some(dataset), Some(enrolled)) if segment < enrolled.segments() => {
                Ok(SegmentId { dataset, segment })
            }
            (Some(_), Some(enrolled)) => {
                Err(format!("segment {segment}, the dataset has {} of them", enrolled.segments()))
            }
            _ => Err("the dataset is not enrolled in this ledger".into()),
        }
    }

    /// receipt.columns: the revision for which a payee column of the segment was proven.
    pub(crate) fn payee_column(&self, id: SegmentId, column: &Commitment) -> Result<u32, String> {
        let known = self.history.payees(id).iter().find(|known| known.column == *column);
        known
            .map(|known| known.revision)
            .ok_or_else(|| "the payee column was never proven for this segment".into())
    }
}

/// Verifies the proofs that opened columns rest on, and adds what was found.
fn verify_columns<S: AuditSuite>(bundle: &Bundle, claims: Claims, options: &Options, report: &mut Report) {
    let mut proven = audit::audit_bundle::<S>(bundle, options, &Scope::Claims(claims));
    report.subject.append(proven.subject);
    report.checks.append(&mut proven.checks);
    report.notes.append(&mut proven.notes);
    report.not_checked.append(&mut proven.not_checked);
    report.error = report.error.take().or(proven.error);
}

/// Says that nothing was there to compare with.
fn alone(report: &mut Report, what: &str) {
    report.unconfirmed = true;
    report.not_checked.push(format!(
        "whether any ledger says so: the columns are taken from the {what} itself, and anybody can make up a ledger. \
         Give --ledger DIR"
    ));
}
