//! Generated input for demonstrations and tests: the same on every machine.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// The files of a small model's life.
#[derive(Clone, Debug)]
pub struct Sample {
    /// `records.csv`.
    pub records: String,
    /// `scores.csv`, one an epoch.
    pub scores: Vec<String>,
    /// Revenue, one an epoch.
    pub revenue: Vec<u128>,
    /// `policy.toml`.
    pub policy: String,
}

/// A sample of `records` records and `epochs` epochs. Every payee has one record, but for the first, who has two
/// as soon as there are ten.
pub fn sample(records: usize, epochs: u32) -> Sample {
    let mut text = String::from("payee,content\n");
    for record in 0..records {
        let owner = if record == 9 { 0 } else { record };
        let payee = digest("payee", owner as u64);
        let content = digest("content", record as u64);
        // Writing to a string does not fail.
        let _ = writeln!(text, "0x{},0x{}", hex::encode(&payee[..20]), hex::encode(content));
    }
    let scores = (0..epochs).map(|epoch| scores(records, epoch)).collect();
    let revenue = (0..epochs).map(|epoch| 1_000_000 + 77_777 * u128::from(epoch)).collect();
    let policy = "contributors_bps = 5000\n\n\
        [[beneficiaries]]\nname = \"developer\"\naddress = \"0x1111111111111111111111111111111111111111\"\nbps = 4500\n\n\
        [[beneficiaries]]\nname = \"attributor\"\naddress = \"0x2222222222222222222222222222222222222222\"\nbps = 500\n";
    Sample { records: text, scores, revenue, policy: policy.into() }
}

fn scores(records: usize, epoch: u32) -> String {
    let mut text = String::from("record,score\n");
    for record in 0..records {
        let word = digest("score", (u64::from(epoch) << 32) | record as u64);
        // Most records earn little, some much, some nothing.
        let score = u64::from(word[0]) * u64::from(word[1]) * u64::from(word[2] % 4);
        let _ = writeln!(text, "{record},{score}");
    }
    text
}

fn digest(what: &str, number: u64) -> [u8; 32] {
    Sha256::digest(format!("apportion sample {what} {number}")).into()
}
