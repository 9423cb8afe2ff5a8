//! Real payees on a chain in process: two epochs with whichever setup the parameters are of, one transaction that pays
//! many, and many that pay one each. Prints gas, and fails unless every token arrived where the plain rule puts it.
//!
//!     cargo run --release -p apportion --example real_payees -- RECORDS SCORES SCORES PARAMS VERIFIERS
//!
//! RECORDS and SCORES are the files that `circuits/tests/vectors/real_data.py` makes, PARAMS is the directory into which
//! `apportion params import` put a ceremony's powers, VERIFIERS holds the compiled verifiers of that setup
//! (`contracts/generated/ceremony`; `contracts/script/build_generated.sh` makes those of another setup).
#![allow(clippy::print_stdout, reason = "an example")]

use std::{
    collections::BTreeMap,
    error::Error,
    fs,
    path::{Path, PathBuf},
};

use apportion::{
    actions::{init::read_policy, scores::DatasetFile},
    input::read_records,
    onchain::{OnChain, Roles, Step, dev_contracts, short_terms},
    setup::Choice,
};
use apportion_chain::abi::address;
use apportion_circuits::types::{Payee, Tier};
use apportion_evm::{Artifact, Deployment, Verifiers, deployment::TierVerifiers};
use apportion_suite::params::ParamsCache;

const TIER: Tier = Tier::T1024;
/// As many are paid by one transaction, and as many by one each.
const PAID: usize = 20;
const REVENUES: [u128; 2] = [987_654_321_098_765_432_109, 1_234_567_890_123];
const POLICY: &str = "contributors_bps = 5000\n[[beneficiaries]]\nname = \"developer\"\n\
    address = \"0x1111111111111111111111111111111111111111\"\nbps = 5000\n";

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [records, first, second, params, verifiers] = paths.as_slice() else {
        return Err("RECORDS SCORES SCORES PARAMS VERIFIERS".into());
    };
    let dir = tempfile::tempdir()?;
    let cache = ParamsCache::new(params);
    let (mut evm, _, token) = dev_contracts(1)?;
    let from = address(Roles::default().developer);
    let at = Deployment::new(&mut evm, from, &read_verifiers(verifiers)?, 1_000_000_000_000_000)?;
    let mut life = OnChain::new(evm, at, token, dir.path(), &cache, Choice::Any);

    let dataset = life.register("dataset", read_records(records)?, TIER)?;
    let policy = dir.path().join("policy.toml");
    fs::write(&policy, POLICY)?;
    let terms = short_terms(life.roles.attributor, life.token);
    life.create_model("real-payees", read_policy(&policy)?, &terms)?;
    life.enroll(&dataset)?;
    for (number, (scores, revenue)) in (1..).zip([first, second].into_iter().zip(REVENUES)) {
        life.epoch(number, &[DatasetFile { dataset: None, path: scores.clone() }], revenue)?;
    }
    let payees: Vec<Payee> = read_records(records)?.records.iter().map(|record| record.payee).collect();
    let due = due(&[first, second], payees.len())?;
    let earning: Vec<usize> = (0..payees.len()).filter(|record| due[*record] > 0).take(2 * PAID).collect();
    let together: Vec<_> = earning[..PAID]
        .iter()
        .map(|record| life.record_receipt(0, *record as u64))
        .collect::<Result<_, _>>()?;
    let many = life.claim(&together)?.gas;
    let mut single = Vec::new();
    for record in &earning[PAID..] {
        let receipt = life.record_receipt(0, *record as u64)?;
        single.push(life.claim(&[receipt])?.gas);
    }
    for record in &earning {
        let paid = life.tokens(payees[*record])?;
        if paid != due[*record] {
            return Err(format!("record {record}: {} are due, {paid} were paid", due[*record]).into());
        }
    }
    println!("{} payees, two epochs, setup {}", payees.len(), life.files()?.bundle.ledger.setup.provenance);
    for (what, gas) in gas(&life.steps) {
        println!("{gas:>10}  {what}");
    }
    println!("{:>10}  claim for {PAID} payees in one transaction, each", many / PAID as u64);
    println!(
        "{:>10}  claim for one payee, the most of {PAID}",
        single.iter().max().copied().unwrap_or_default()
    );
    Ok(())
}

/// The verifiers of one setup that a ledger needs for this tier.
fn read_verifiers(dir: &Path) -> Result<Verifiers, Box<dyn Error>> {
    let read = |name: &str| -> Result<Artifact, Box<dyn Error>> {
        let path = dir.join(format!("{name}.json"));
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Artifact::parse(&text)?)
    };
    let slots = TIER.slots() as u32;
    let (split, tree) = (read(&format!("Split{slots}Verifier"))?, read(&format!("Tree{slots}Verifier"))?);
    Ok(Verifiers { openings: read("OpeningVerifier")?, tiers: vec![TierVerifiers { slots, split, tree }] })
}

/// What every record has earned after these epochs, by the plain rule.
fn due(scores: &[&PathBuf], records: usize) -> Result<Vec<u128>, Box<dyn Error>> {
    let (mut due, mut carried) = (vec![0; records], 0);
    for (path, revenue) in scores.iter().zip(REVENUES) {
        let text = fs::read_to_string(path)?;
        let rows = text.lines().skip(1).map(|line| line.split_once(',').ok_or("a row of two columns"));
        let rows: Vec<(usize, u128)> = rows
            .map(|row| {
                row.and_then(|(record, score)| record.parse().ok().zip(score.parse().ok()).ok_or("numbers"))
            })
            .collect::<Result<_, _>>()?;
        let total: u128 = rows.iter().map(|(_, score)| score).sum();
        let pool = revenue - revenue / 2 + carried;
        let mut paid = 0;
        for (record, score) in rows {
            let payout = product_over(pool, score, total);
            *due.get_mut(record).ok_or("a score of no record")? += payout;
            paid += payout;
        }
        carried = pool - paid;
    }
    Ok(due)
}

/// `a * b / c`, which fits where `b <= c`; the product does not.
fn product_over(a: u128, b: u128, c: u128) -> u128 {
    let wide =
        alloy_primitives::U256::from(a) * alloy_primitives::U256::from(b) / alloy_primitives::U256::from(c);
    wide.saturating_to()
}

/// The most that a transaction of each kind took.
fn gas(steps: &[Step]) -> BTreeMap<String, u64> {
    let mut found = BTreeMap::new();
    for step in steps {
        let what: String = step.what.split(|c: char| c.is_ascii_digit()).next().unwrap_or_default().into();
        let most = found.entry(what).or_insert(0);
        *most = step.gas.max(*most);
    }
    found
}
