//! What is due: one list, by what the files have and by what the chain has.

use apportion_chain::abi::{
    IRevenueLedger as abi, payee,
    stage::{CLOSED, OPEN},
};
use apportion_statement::counted;

use super::{
    Due,
    differs::{Difference, Differences},
    lacks,
};
use crate::{
    actions::status::{Status, scores_command},
    ledger::Ledger,
};

/// Who has the files.
const DEVELOPER: &str = "the developer";

/// The list in the making.
pub(super) struct List<'a> {
    now: u64,
    dir: String,
    ledger: &'a Ledger,
    files: &'a Status,
    due: Vec<Due>,
}

impl<'a> List<'a> {
    /// What the files need before anything else.
    pub(super) fn new(now: u64, ledger: &'a Ledger, files: &'a Status) -> Self {
        let dir = ledger.dir.display().to_string();
        let mut list = Self { now, dir, ledger, files, due: Vec::new() };
        if files.missing_count > 0 {
            let or = files.or_command.as_ref().map_or(String::new(), |or| format!(", or {or}"));
            let command = format!("{}{or}", files.next_command);
            list.add("private files are missing: nothing can be proven without them", DEVELOPER, command);
        }
        list
    }

    /// What can be done now comes before what is waited for.
    pub(super) fn ordered(mut self) -> Vec<Due> {
        self.due.sort_by_key(|due| due.from.unwrap_or(0));
        self.due
    }

    fn add(&mut self, what: impl Into<String>, who: impl Into<String>, command: impl Into<String>) {
        self.add_from(what, who, 0, command);
    }

    fn add_from(
        &mut self,
        what: impl Into<String>,
        who: impl Into<String>,
        from: u64,
        command: impl Into<String>,
    ) {
        let from = (from > self.now).then_some(from);
        self.due.push(Due { what: what.into(), who: who.into(), from, command: command.into() });
    }

    pub(super) fn create_model(&mut self) {
        let (dir, developer) = (self.dir.clone(), self.ledger.bundle.ledger.developer);
        let command = format!(
            "apportion send createModel --dir {dir} --attributor ADDRESS --token ADDRESS --min-contributors-bps BPS --demand-bond WEI"
        );
        self.add("the model, which the chain does not have yet", format!("{DEVELOPER} {developer}"), command);
    }

    pub(super) fn all(
        &mut self,
        model: &abi::Model,
        terms: &abi::Terms,
        epochs: &[(u64, abi::Epoch, abi::Policy)],
        demands: &[abi::Demand],
        differences: &Differences,
    ) {
        if model.dissolvedAt != 0 {
            let command = format!("apportion send exit --dir {} --record RECORD.json", self.dir);
            self.add("the model is dissolved: every record takes its part", "anyone", command);
            return;
        }
        self.differences(differences);
        if model.openEpoch == 0 {
            self.opening(model);
            return;
        }
        self.demands(demands, terms);
        for (number, found, policy) in epochs {
            match found.stage {
                CLOSED => self.closed(*number, found, terms, differences),
                OPEN => {
                    let waits = epochs.iter().any(|(_, other, _)| other.stage == CLOSED);
                    self.open(*number, found, policy, terms, payee(model.developer), waits);
                }
                _ => {}
            }
        }
    }

    fn differences(&mut self, differences: &Differences) {
        let dir = self.dir.clone();
        let is_wrong =
            |kind: &&Difference| matches!(kind, Difference::OtherEpoch(_) | Difference::ProvenTooSoon(_));
        // Epochs are taken back from the newest on: once for each from the first that is wrong.
        let first = differences.kinds().find(is_wrong);
        if let Some(Difference::OtherEpoch(first) | Difference::ProvenTooSoon(first)) = first {
            let times = self.files.last_epoch.saturating_sub(first.saturating_sub(1));
            let again = if times > 1 { format!(" ({times} times)") } else { String::new() };
            let what = format!("epoch {first} was proven with other facts than the chain has: take it back");
            self.add(what, DEVELOPER, format!("apportion ledger undo epoch --dir {dir}{again}"));
        }
        for kind in differences.kinds() {
            let (what, who, command) = match kind {
                Difference::FilesBehind(_) => (
                    "these files end before the chain does: take the newest copy".to_owned(),
                    DEVELOPER,
                    format!("apportion ledger restore --from BACKUP --identity KEY --dir {dir}-restored"),
                ),
                Difference::Unregistered(number) => (
                    format!("dataset {number}: its registration, and its payees"),
                    "the dataset's owner",
                    "apportion send register --dataset DATASET, then apportion send provePayees --dataset DATASET".into(),
                ),
                Difference::Unextended(number) => (
                    format!("dataset {number}: its newest revision, and its payees"),
                    "the dataset's owner",
                    "apportion send extend --dataset DATASET, then apportion send provePayees --dataset DATASET".into(),
                ),
                Difference::Unenrolled(number) => (
                    format!("dataset {number}: enrol it on the chain as in the files"),
                    DEVELOPER,
                    format!("apportion send enroll --dir {dir} --dataset {number}"),
                ),
                Difference::NewerOnChain(number) => (
                    format!("dataset {number}: take the revision that the chain has into the files"),
                    DEVELOPER,
                    format!("apportion ledger enroll --dir {dir} --dataset DATASET"),
                ),
                Difference::UnannouncedRetirement(number) => (
                    format!("dataset {number}: announce its retirement"),
                    DEVELOPER,
                    format!("apportion send announceRetirement --dir {dir} --dataset {number}"),
                ),
                Difference::RetiredOnChain(number) => (
                    format!("dataset {number}: retire it in the files"),
                    DEVELOPER,
                    format!("apportion ledger retire --dir {dir} --dataset {number} --from EPOCH"),
                ),
                Difference::UnannouncedPolicy(number) => (
                    format!("policy {number}: announce it"),
                    DEVELOPER,
                    format!("apportion send announcePolicy --dir {dir} --policy {number}"),
                ),
                // Said above, with the epoch that is to be settled, or nobody's to end here.
                Difference::OtherEpoch(_)
                | Difference::ProvenTooSoon(_)
                | Difference::Unsettled(_)
                | Difference::Other => continue,
            };
            self.add(what, who, command);
        }
    }

    fn opening(&mut self, model: &abi::Model) {
        let (dir, developer) = (self.dir.clone(), format!("{DEVELOPER} {}", payee(model.developer)));
        if model.records > 0 {
            let what = "epoch 1: open it, before which nobody pays";
            self.add(what, developer, format!("apportion send open --dir {dir}"));
        } else if self.files.datasets.is_empty() {
            let command = format!(
                "apportion ledger enroll --dir {dir} --dataset DATASET, then apportion send enroll --dir {dir}"
            );
            self.add("a dataset to enrol", developer, command);
        }
    }

    fn demands(&mut self, demands: &[abi::Demand], terms: &abi::Terms) {
        for demand in demands {
            let what = format!(
                "a demand for segment {} slot {} as of epoch {}",
                demand.segment, demand.index, demand.epoch
            );
            let what = if demand.deadline < self.now {
                format!("{what}, OVERDUE: until it is answered no epoch closes and no beneficiary is paid")
            } else {
                let hours = demand.deadline.saturating_sub(self.now) / 3600;
                format!("{what}, to be answered within {hours} h")
            };
            let dir = self.dir.clone();
            let command = format!(
                "apportion receipt --dir {dir} --record DATASET:RECORD --epoch {} --out receipt.json, then apportion send answer \
                 --receipt receipt.json",
                demand.epoch
            );
            self.add(what, "the developer, or whoever has the receipt", command);
            let from = demand.deadline.saturating_add(u64::from(terms.exitWindow));
            let what = "the model can be dissolved for the overdue demand";
            self.add_from(what, "anyone", from, format!("apportion send dissolve --dir {dir}"));
        }
    }

    fn closed(&mut self, number: u64, found: &abi::Epoch, terms: &abi::Terms, differences: &Differences) {
        let dir = self.dir.clone();
        let left = found.count.saturating_sub(found.moved);
        let settle = format!("apportion send settle --dir {dir} --epoch {number}");
        let (epoch, next) = (u32::try_from(number).unwrap_or(u32::MAX), self.files.next_epoch);
        let prove =
            format!("apportion prove --dir {dir} --epoch {number} --scores scores-{number} --rpc URL");
        let what = format!("epoch {number}: {left} of {} to settle", counted(found.count, "segment"));
        if differences.has(&Difference::Unsettled(epoch)) {
            self.add(format!("{what}, proven in these files"), "anyone with the proofs", settle);
        } else if epoch > next {
            let what = format!("{what}; these files prove epoch {next} first");
            self.add(what, "anyone with the proofs", settle);
        } else {
            let proven = match &self.files.interrupted_command {
                Some(command) if epoch == next => command.clone(),
                _ => prove,
            };
            let what = format!("{what}, to be proven first");
            self.add(what, DEVELOPER, format!("{proven}, then {settle}"));
        }
        let from = found.progressAt.saturating_add(u64::from(terms.settleWindow));
        let command =
            format!("apportion send commitScores --dir {dir} --epoch {number} --scores scores-{number}");
        let who = format!("the attributor {}", payee(found.attributor));
        self.add_from(format!("epoch {number}: other scores can be committed"), who, from, command);
        self.stalled(number, found.closedAt, terms);
    }

    fn open(
        &mut self,
        number: u64,
        found: &abi::Epoch,
        policy: &abi::Policy,
        terms: &abi::Terms,
        developer: apportion_circuits::types::Payee,
        waits: bool,
    ) {
        let dir = self.dir.clone();
        let (scored, reached) = (!found.scoreRoot.is_zero(), found.poolReachedAt != 0);
        if !scored {
            let commit = scores_command(self.ledger, u32::try_from(number).unwrap_or(u32::MAX));
            let command = format!(
                "{commit}, then apportion send commitScores --dir {dir} --epoch {number} --scores scores-{number}"
            );
            let who = format!("the attributor {}", payee(found.attributor));
            self.add(format!("epoch {number}: scores"), who, command);
        }
        if !reached {
            let short = lacks(found, policy);
            let command = format!(
                "apportion send deposit --dir {dir} --epoch {number} --amount AMOUNT --attributor {}",
                payee(found.attributor)
            );
            self.add(format!("epoch {number}: revenue; the pool lacks {short}"), "anyone", command);
            return;
        }
        let what = if waits { " once the one before is final" } else { "" };
        let command =
            format!("apportion send closeEpoch --dir {dir} --epoch {number} --scores scores-{number}");
        if scored {
            let who = format!("{DEVELOPER} {developer}");
            self.add(format!("epoch {number}: close it{what}"), who, command.clone());
            let from = found.poolReachedAt.saturating_add(u64::from(terms.openWindow));
            self.add_from(format!("epoch {number}: close it{what}"), "anyone", from, command);
        }
        self.stalled(number, found.poolReachedAt, terms);
    }

    fn stalled(&mut self, number: u64, since: u64, terms: &abi::Terms) {
        let from = since.saturating_add(u64::from(terms.exitWindow));
        let what = format!("epoch {number}: if it stays so, the model can be dissolved");
        self.add_from(what, "anyone", from, format!("apportion send dissolve --dir {}", self.dir));
    }
}
