//! 1,022 real payees with their allocations, at tier 1,024: enrolled, paid over two epochs, twenty of them claim.
//!
//! `APPORTION_ALLOCATIONS` names a file of `payee,score` rows. With `APPORTION_POWERS_G1` and `APPORTION_POWERS_G2`, a
//! ceremony's powers of tau in gnark's form, everything is made with that ceremony and the contracts in
//! `contracts/generated/ceremony`; without, with the insecure development setup.

use std::{env, fs, path::PathBuf};

use apportion::{
    actions::init::read_policy, input::read_records, onchain::OnChain, progress::Silent, setup::Choice,
};
use apportion_circuits::{relation::Relation, split::Split, tree::Tree, types::Tier};
use apportion_contracts::{Artifact, Chain, Deployment, Verifiers, dev_verifiers};
use apportion_verifier::{
    params::{ImportSource, ParamsCache, Srs},
    suite::{Bn254, Suite},
};
use sha2::{Digest, Sha256};

use crate::{gas, world::cache};

type F = <Bn254 as Suite>::F;

const PAYEES: usize = 1_022;
const CLAIMS: usize = 20;
const TIER: Tier = Tier::T1024;

/// Real payees and their allocations.
fn allocations() -> Option<Vec<(String, u64)>> {
    let text = fs::read_to_string(env::var_os("APPORTION_ALLOCATIONS")?).unwrap();
    let row = |line: &str| {
        let (payee, score) = line.trim().split_once(',').unwrap();
        (payee.to_owned(), score.parse().unwrap())
    };
    Some(text.lines().skip(1).map(row).take(PAYEES).collect())
}

/// The ceremony that is asked for: its parameters in a directory, and the verifiers that were compiled for it.
fn ceremony(dir: PathBuf) -> Option<(ParamsCache, Verifiers)> {
    let (g1, g2) = (env::var_os("APPORTION_POWERS_G1")?, env::var_os("APPORTION_POWERS_G2")?);
    let source = ImportSource::Gnark { g1: g1.into(), g2: g2.into() };
    let cache = ParamsCache::new(dir);
    fs::create_dir_all(cache.dir()).unwrap();
    let k = <Split as Relation<F>>::layout(TIER).k.max(<Tree as Relation<F>>::layout(TIER).k);
    cache.store_bn254(&Srs::import(&source, Some(k)).unwrap()).unwrap();
    let compiled = |name: &str| {
        let file = format!("{}/../generated/ceremony/{name}1024Verifier.json", env!("CARGO_MANIFEST_DIR"));
        Artifact::parse(&fs::read_to_string(file).unwrap()).unwrap()
    };
    Some((cache, Verifiers { tier: TIER, split: compiled("Split"), tree: compiled("Tree") }))
}

#[test]
#[ignore = "slow: APPORTION_ALLOCATIONS names a file of payees and scores"]
fn real_payees_are_paid_over_two_epochs() {
    let Some(allocations) = allocations() else {
        return println!("skipped: APPORTION_ALLOCATIONS is not set");
    };
    assert_eq!(allocations.len(), PAYEES);
    let dir = tempfile::tempdir().unwrap();
    let ceremony = ceremony(dir.path().join("params"));
    let (setup, snapshot) = match &ceremony {
        Some((cache, _)) => {
            println!("setup: the ceremony's, {}", cache.files().unwrap()[0].file_name().unwrap().display());
            (Choice::Any, "life-1024-ceremony.json")
        }
        None => {
            println!("setup: insecure_dev; APPORTION_POWERS_G1 and APPORTION_POWERS_G2 name a ceremony's");
            (Choice::InsecureDev, "life-1024.json")
        }
    };
    let (cache, verifiers) = match &ceremony {
        Some((cache, verifiers)) => (cache, vec![verifiers.clone()]),
        None => (cache(), dev_verifiers(&[TIER]).unwrap()),
    };
    let mut chain = Chain::new(1);
    let developer = apportion::onchain::Roles::default().developer;
    let deployment = Deployment::new(&mut chain, developer, &verifiers).unwrap();
    let mut life = OnChain::new(chain, deployment, dir.path(), cache, &Silent);
    life.setup = setup;
    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let mut records = String::from("payee,content\n");
    for (payee, _) in &allocations {
        let content = Sha256::digest(format!("safe:{payee}"));
        records += &format!("{payee},0x{}\n", hex::encode(content));
    }
    let records = read_records(&file("records.csv", &records)).unwrap();
    let policy = "contributors_bps = 5000\n[[beneficiaries]]\nname = \"developer\"\n\
        address = \"0x1111111111111111111111111111111111111111\"\nbps = 5000\n";
    let policy = read_policy(&file("policy.toml", policy)).unwrap();
    let (committed, dataset) = life.register(records, TIER).unwrap();
    life.create_model("m", TIER, policy).unwrap();
    life.enroll(&committed, dataset).unwrap();

    // The plain rule, beside the proofs: a third of them score double in the second epoch.
    let revenue: u128 = 5_000_000_000_000_000_000_000;
    let (mut due, mut carried) = (vec![0u128; PAYEES], 0);
    for epoch in 1..=2u32 {
        let double = |index: usize| epoch == 2 && index.is_multiple_of(3);
        let scores: Vec<u64> = (allocations.iter().enumerate())
            .map(|(index, (_, score))| if double(index) { 2 * score } else { *score })
            .collect();
        let mut text = String::from("record,score\n");
        for (index, score) in scores.iter().enumerate() {
            text += &format!("{index},{score}\n");
        }
        let scores_file = file(&format!("scores-{epoch}.csv"), &text);
        life.close_epoch(epoch, &scores_file, revenue).unwrap();
        life.settle(epoch).unwrap();
        life.publish().unwrap();
        let (pool, total) = (revenue / 2 + carried, scores.iter().sum::<u64>());
        let payouts: Vec<u128> =
            scores.iter().map(|score| pool * u128::from(*score) / u128::from(total)).collect();
        carried = pool - payouts.iter().sum::<u128>();
        due.iter_mut().zip(&payouts).for_each(|(due, payout)| *due += payout);
    }
    for record in (0..PAYEES).step_by(PAYEES / CLAIMS).take(CLAIMS) {
        let receipt = life.claim(record).unwrap();
        assert_eq!(receipt.cumulative.0, due[record], "record {record}");
        assert_eq!(life.tokens(receipt.payee).unwrap(), due[record]);
    }
    for step in &life.steps {
        println!("{:>10} gas  {}", step.gas, step.what);
    }
    for (limit, word) in [(450_000, "settle"), (500_000, "publish"), (260_000, "claim"), (900_000, "enroll")]
    {
        let worst = life.steps.iter().filter(|step| step.what.starts_with(word)).map(|step| step.gas).max();
        println!("{word}: {} gas, at most {limit}", worst.unwrap());
    }
    gas::compare(&life.steps, snapshot);
    let over =
        |word: &str, limit| life.steps.iter().any(|step| step.what.starts_with(word) && step.gas > limit);
    for (limit, word) in [(450_000, "settle"), (500_000, "publish"), (260_000, "claim")] {
        assert!(!over(word, limit), "{word} takes more than {limit} gas");
    }
    let gas = |word: &str| {
        life.steps.iter().filter(|step| step.what.starts_with(word)).map(|step| step.gas).sum::<u64>()
    };
    assert!(
        gas("register") + gas("enroll") <= 900_000,
        "registering and enrolling takes more than 900,000 gas"
    );
}
