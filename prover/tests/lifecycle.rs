//! A long life: three datasets of two tiers, growing, retired, with segments that earn nothing, changing policies and
//! attempts that are taken back, over six epochs in both suites, compared with a plain computation and with the reference
//! model in Python.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "tests")]

mod common;

use std::{collections::BTreeMap, fs};

use common::{SUITES, Work};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const EPOCHS: u32 = 6;
/// Records of each dataset by epoch; 0 where it does not take part. A grows in epoch 3 and again in epoch 5, C
/// begins in epoch 2 and is retired from epoch 5 on.
const RECORDS: [[usize; 6]; 3] = [[70, 70, 124, 124, 130, 130], [30; 6], [0, 10, 10, 10, 0, 0]];
const TIERS: [usize; 3] = [64, 1024, 64];
/// Contributors' basis points by epoch: policy 2 begins in epoch 4.
const BPS: [u128; 6] = [5000, 5000, 5000, 8000, 8000, 8000];

fn random(what: &str, numbers: [usize; 3]) -> u64 {
    let seed = std::env::var("APPORTION_TEST_SEED").unwrap_or_default();
    let digest = Sha256::digest(format!("{seed} {what} {numbers:?}"));
    u64::from_be_bytes(digest[..8].try_into().unwrap())
}

/// The score of a record in an epoch (both from 0).
fn score(dataset: usize, record: usize, epoch: usize) -> u64 {
    let segment = record / (TIERS[dataset] - 2);
    match (dataset, segment, epoch) {
        // Segments that earn nothing in an epoch.
        (0, 0, 1) | (1, _, 5) => 0,
        _ => match random("kind", [dataset, record, epoch]) % 8 {
            0 => 0,
            1 => random("large", [dataset, record, epoch]),
            _ => random("small", [dataset, record, epoch]) % 1_000,
        },
    }
}

fn revenue(epoch: usize) -> u128 {
    u128::from(random("revenue", [epoch, 0, 0])) % 1_000_000_000_000 + 1
}

/// Payee and content of some records of a dataset.
fn pairs(dataset: usize, from: usize, to: usize) -> Vec<[String; 2]> {
    let pair = |record: usize| {
        // Some payees have many records, in several datasets.
        let payee = match record % 5 {
            0 => Sha256::digest("somebody everywhere"),
            _ => Sha256::digest(format!("payee {dataset} {record}")),
        };
        let content = Sha256::digest(format!("content {dataset} {record}"));
        [hex::encode(&payee[..20]), hex::encode(content)].map(|digits| format!("0x{digits}"))
    };
    (from..to).map(pair).collect()
}

fn records(dataset: usize, count: usize) -> String {
    let rows: String = pairs(dataset, 0, count).iter().map(|pair| pair.join(",") + "\n").collect();
    format!("payee,content\n{rows}")
}

/// The plain rule, without segments, columns or proofs.
#[derive(Default)]
struct Model {
    balances: BTreeMap<(usize, usize), u128>,
    carried: u128,
    received: u128,
    given: u128,
}

impl Model {
    fn epoch(&mut self, epoch: usize) {
        let revenue = revenue(epoch);
        // Two beneficiaries, each with half of the rest.
        let share = revenue * ((10_000 - BPS[epoch]) / 2) / 10_000;
        let pool = revenue - 2 * share + self.carried;
        let taking_part = |dataset: usize| (0..RECORDS[dataset][epoch]).map(move |record| (dataset, record));
        let scores: Vec<_> = (0..3)
            .flat_map(taking_part)
            .map(|(dataset, record)| ((dataset, record), u128::from(score(dataset, record, epoch))))
            .collect();
        let total: u128 = scores.iter().map(|(_, score)| score).sum();
        let mut paid = 0;
        for (name, score) in scores {
            let payout = pool * score / total;
            *self.balances.entry(name).or_default() += payout;
            paid += payout;
        }
        self.carried = pool - paid;
        self.received += revenue;
        self.given += 2 * share;
        let in_accounts: u128 = self.balances.values().sum();
        assert_eq!(in_accounts + self.carried + self.given, self.received, "the model conserves");
    }
}

struct Life {
    work: Work,
    model: Model,
    /// What happens, as the reference model reads it.
    events: Vec<Value>,
}

/// Contributors' share and two beneficiaries, each with half of the rest.
fn policy(bps: u128) -> [(&'static str, String, u128); 2] {
    [("developer", "1"), ("attributor", "2")]
        .map(|(name, digit)| (name, format!("0x{}", digit.repeat(40)), (10_000 - bps) / 2))
}

fn policy_event(bps: u128) -> Value {
    json!({ "policy": { "contributors_bps": bps, "beneficiaries": policy(bps) } })
}

impl Life {
    fn new(suite: &'static str) -> Self {
        let work = Work::new(suite, 1, 1);
        for (file, bps) in [("policy.toml", BPS[0]), ("policy-2.toml", BPS[3])] {
            let party = |(name, address, bps)| {
                format!("[[beneficiaries]]\nname = \"{name}\"\naddress = \"{address}\"\nbps = {bps}\n")
            };
            let parties = policy(bps).map(party).concat();
            work.write(file, format!("contributors_bps = {bps}\n{parties}"));
        }
        work.init().exits(0);
        let mut life = Self { work, model: Model::default(), events: vec![policy_event(BPS[0])] };
        for dataset in [0, 1] {
            life.enroll(dataset, RECORDS[dataset][0]);
        }
        life
    }

    /// A new dataset.
    fn enroll(&mut self, dataset: usize, count: usize) {
        let file = format!("records-{dataset}-{count}.csv");
        self.work.write(&file, records(dataset, count));
        // Somebody has records everywhere, under other contents.
        let name = format!("dataset-{dataset}");
        self.work.proven_dataset(&file, &name, TIERS[dataset]);
        self.work.enroll(&name).exits(0);
        self.events
            .push(json!({ "enroll": { "tier": TIERS[dataset], "records": pairs(dataset, 0, count) } }));
    }

    fn extend(&mut self, dataset: usize, from: usize, count: usize) {
        let file = format!("records-{dataset}-{count}.csv");
        self.work.write(&file, records(dataset, count));
        let name = format!("dataset-{dataset}");
        self.work.run(&format!("dataset extend --dir {name} --records {file}")).exits(0);
        self.work.run(&format!("dataset prove --dir {name}")).exits(0);
        self.work.enroll(&name).exits(0);
        let event = json!({ "dataset": dataset, "records": pairs(dataset, from, count) });
        self.events.push(json!({ "extend": event }));
    }

    /// What happens before an epoch (from 1).
    fn before(&mut self, epoch: u32) {
        match epoch {
            2 => {
                self.enroll(2, 10);
                self.work.run("ledger policy --dir ledger --policy policy-2.toml --from 4").exits(0);
            }
            3 => self.extend(0, 70, 124),
            4 => self.events.push(policy_event(BPS[3])),
            5 => {
                self.extend(0, 124, 130);
                self.work.run("ledger retire --dir ledger --dataset 2 --from 5").exits(0);
                self.events.push(json!({ "retire": 2 }));
            }
            _ => {}
        }
    }

    fn post(&self, epoch: u32, out: &str, change: u64) {
        let mut files = Vec::new();
        for (dataset, records) in RECORDS.iter().enumerate() {
            let count = records[epoch as usize - 1];
            if count > 0 {
                let rows: String = (0..count)
                    .map(|record| match score(dataset, record, epoch as usize - 1) {
                        0 => format!("{record},0\n"),
                        score => format!("{record},{}\n", score ^ change),
                    })
                    .collect();
                let file = format!("{out}-{dataset}.csv");
                self.work.write(&file, format!("record,score\n{rows}"));
                files.push(format!("{dataset}={file}"));
            }
        }
        self.work.commit_scores_as(&files.join(" "), epoch, out).exits(0);
    }

    fn prove(&self, epoch: u32, scores: &str, revenue: u128) -> common::Ran {
        self.work
            .run(&format!("prove --dir ledger --epoch {epoch} --scores {scores} --revenue {revenue} --json"))
            .exits(0)
    }

    fn epoch(&mut self, epoch: u32) {
        self.before(epoch);
        self.post(epoch, &format!("posted-{epoch}"), 0);
        let at = epoch as usize - 1;
        if epoch == 3 {
            // Two attempts: by wrong scores, and by a wrong revenue twice, which is one statement.
            self.post(3, "wrong", 1 << 20);
            self.prove(3, "wrong", revenue(at));
            self.work.run("ledger undo epoch --dir ledger").exits(0);
            for _ in 0..2 {
                self.prove(3, "posted-3", 5);
                self.work.run("ledger undo epoch --dir ledger").exits(0);
            }
        }
        let doc = self.prove(epoch, &format!("posted-{epoch}"), revenue(at)).json();
        // One statement that is proven twice is the same proof, and counts once.
        let attempts = if epoch == 3 { 2 } else { 0 };
        assert_eq!(doc["replaced"].as_array().unwrap().len(), attempts);
        self.model.epoch(at);
        // Datasets that exist by now, retired ones with nothing.
        let datasets = if epoch == 1 { 0..2 } else { 0..3 };
        let scores: Vec<Vec<String>> = datasets
            .map(|dataset| {
                (0..RECORDS[dataset][at]).map(|record| score(dataset, record, at).to_string()).collect()
            })
            .collect();
        let event = json!({ "revenue": revenue(at).to_string(), "scores": scores });
        self.events.push(json!({ "epoch": event }));
        self.work.verify("ledger ledger").exits(0);
    }

    /// Balances by dataset and record, as receipts show them.
    fn balances(&self) -> BTreeMap<(usize, usize), u128> {
        let id = |dataset: usize| {
            let path = self.work.path(&format!("dataset-{dataset}/public/dataset.json"));
            let doc: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
            doc["dataset_id"].as_str().unwrap().to_owned()
        };
        let ids: BTreeMap<String, usize> = (0..3).map(|dataset| (id(dataset), dataset)).collect();
        let record = |((dataset, segment, index), balance): ((String, u64, u64), u128)| {
            let dataset = ids[&dataset];
            ((dataset, segment as usize * (TIERS[dataset] - 2) + index as usize), balance)
        };
        self.work.balances().into_iter().map(record).collect()
    }
}

#[test]
fn six_epochs_of_three_datasets() {
    let mut all = Vec::new();
    for suite in SUITES {
        let mut life = Life::new(suite);
        for epoch in 1..=EPOCHS {
            life.epoch(epoch);
        }
        let found = life.balances();
        // Accounts that took part in no move have no column; the model gives them 0.
        for (name, balance) in &life.model.balances {
            assert_eq!(found.get(name).copied().unwrap_or(0), *balance, "{suite}: {name:?}");
        }
        assert!(found.keys().all(|name| life.model.balances.contains_key(name)));
        compare_with_the_reference_model(&life, &found);
        late_records_earned_late(&life);
        recovered(&life);
        all.push(found);
    }
    assert!(all[0] == all[1], "both suites give the same amounts");
}

/// Balances, the public numbers of every epoch and segment, and the roots of every revision are those of the model in
/// Python, where Python is there.
fn compare_with_the_reference_model(life: &Life, found: &BTreeMap<(usize, usize), u128>) {
    let work = &life.work;
    let args = ["--suite", work.suite].map(String::from);
    let events = Value::from(life.events.clone()).to_string();
    let Some(model) = common::reference_model("life.py", work, &args, &events) else { return };
    let read =
        |path: String| -> Value { serde_json::from_slice(&fs::read(work.path(&path)).unwrap()).unwrap() };
    let list = |value: &Value| value.as_array().unwrap().clone();

    for (dataset, balances) in list(&model["balances"]).iter().enumerate() {
        for (record, balance) in list(balances).iter().enumerate() {
            let found = found.get(&(dataset, record)).copied().unwrap_or(0);
            assert_eq!(*balance, found.to_string(), "{dataset}:{record}");
        }
    }
    assert_eq!(model["carried"], life.model.carried.to_string());
    let epochs = list(&model["epochs"]);
    assert_eq!(epochs.len(), EPOCHS as usize);
    for (epoch, expected) in (1..).zip(&epochs) {
        let doc = read(format!("ledger/public/epochs/{epoch:06}/epoch.json"));
        let scores = read(format!("ledger/public/epochs/{epoch:06}/scores.json"));
        assert_eq!(doc["pool"], expected["pool"], "epoch {epoch}");
        assert_eq!(scores["total_score"], expected["total_score"], "epoch {epoch}");
        let numbers = |scored: &Value, moved: &Value| {
            json!([scored["dataset"], scored["segment"], scored["score"], moved["paid"]])
        };
        let found: Vec<_> = list(&scores["segments"])
            .iter()
            .zip(list(&doc["segments"]))
            .map(|(scored, moved)| numbers(scored, &moved))
            .collect();
        let expected: Vec<_> = list(&expected["segments"]).iter().map(|both| numbers(both, both)).collect();
        assert_eq!(found, expected, "epoch {epoch}");
    }
    for (dataset, revisions) in list(&model["roots"]).iter().enumerate() {
        for (revision, roots) in list(revisions).iter().enumerate() {
            let doc = read(format!("dataset-{dataset}/public/revisions/{revision:06}/revision.json"));
            assert_eq!(doc["roots"], *roots, "dataset {dataset} revision {revision}");
        }
    }
}

/// No record was paid by an epoch that it was not in, and everybody everywhere has one receipt.
fn late_records_earned_late(life: &Life) {
    let payee =
        |dataset: usize, record: usize| records(dataset, record + 1).lines().last().unwrap()[..42].to_owned();
    let work = &life.work;
    let statement = |payee: &str| -> serde_json::Value {
        work.run(&format!("statement --dir ledger --payee {payee} --out s.json")).exits(0);
        work.verify("statement s.json --ledger ledger").exits(0);
        serde_json::from_slice(&fs::read(work.path("s.json")).unwrap()).unwrap()
    };
    let epochs = |statement: &serde_json::Value| -> Vec<u64> {
        let lines = statement["accounts"][0]["epochs"].as_array().unwrap();
        lines.iter().map(|line| line["epoch"].as_u64().unwrap()).collect()
    };
    // Record 72 came with the first extension, record 126 with the second; dataset 2 lived from epoch 2 to 4.
    let later = epochs(&statement(&payee(0, 72)));
    assert!(later.iter().all(|epoch| *epoch >= 3) && later.len() >= 3, "{later:?}");
    let last = epochs(&statement(&payee(0, 126)));
    assert!(last.iter().all(|epoch| *epoch >= 5) && !last.is_empty(), "{last:?}");
    let retired = epochs(&statement(&payee(2, 3)));
    assert!(retired.iter().all(|epoch| (2..5).contains(epoch)) && !retired.is_empty(), "{retired:?}");
    // Segment 0 of dataset 0 earned nothing in epoch 2 and did not move.
    assert_eq!(epochs(&statement(&payee(0, 1))), [1, 3, 4, 5, 6]);
    let everywhere = payee(0, 0);
    let ran =
        work.run(&format!("receipt --dir ledger --payee {everywhere} --out r.json --json")).exits(0).json();
    let due: u128 =
        life.model.balances.iter().filter(|((_, record), _)| record % 5 == 0).map(|(_, b)| b).sum();
    assert_eq!(ran["total"], due.to_string());
    work.verify("receipt r.json --ledger ledger").exits(0);
}

/// From seed, records and scores alone the private files come out byte for byte.
fn recovered(life: &Life) {
    let work = &life.work;
    let seed = fs::read(work.path("ledger/private/seed")).unwrap();
    work.write("kept.seed", seed);
    let scores: String = (1..=EPOCHS).map(|epoch| format!(" --scores posted-{epoch}")).collect();
    let line = format!(
        "ledger recover --public ledger/public --seed kept.seed --dataset dataset-0 dataset-1 \
         dataset-2{scores} --dir again"
    );
    work.run(&line).exits(0);
    let mut original = work.ledger_files();
    original.retain(|path, _| !path.starts_with("private/undone"));
    let again = common::ledger_files(&work.path("again"));
    let names = |files: &BTreeMap<std::path::PathBuf, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&original), names(&again));
    for (name, bytes) in &original {
        assert!(again[name] == *bytes, "{} differs", name.display());
    }
    work.verify("ledger again").exits(0);
}
