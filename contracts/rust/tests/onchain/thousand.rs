//! 1,022 payees with real allocations, at tier 1,024: enrolled, paid over two epochs, twenty of them claim.

use std::{env, fs, path::PathBuf};

use apportion::{actions::init::read_policy, input::read_records, onchain::OnChain, progress::Silent};
use apportion_circuits::types::Tier;
use apportion_contracts::{Chain, Deployment, dev_verifiers};

use crate::{gas, world::cache};

const PAYEES: usize = 1_022;
const CLAIMS: usize = 20;

/// Address and allocation of real payees: the file that `APPORTION_ALLOCATIONS` names, columns found by their shape.
fn allocations() -> Option<Vec<(String, u128)>> {
    let path = PathBuf::from(env::var_os("APPORTION_ALLOCATIONS")?);
    let text = fs::read_to_string(path).unwrap();
    let row = |line: &str| {
        let mut fields = line.split(',').map(str::trim);
        let payee = fields.clone().find(|f| f.starts_with("0x") && f.len() == 42)?.to_lowercase();
        let amount = fields.find_map(|f| f.parse::<u128>().ok().filter(|amount| *amount > 0))?;
        Some((payee, amount))
    };
    Some(text.lines().filter_map(row).take(PAYEES).collect())
}

#[test]
#[ignore = "slow; APPORTION_ALLOCATIONS names a file of addresses and amounts"]
fn real_payees_are_paid_over_two_epochs() {
    let Some(allocations) = allocations() else {
        return println!("skipped: APPORTION_ALLOCATIONS is not set");
    };
    assert_eq!(allocations.len(), PAYEES);
    let dir = tempfile::tempdir().unwrap();
    let mut chain = Chain::new(1);
    let developer = apportion::onchain::Roles::default().developer;
    let deployment = Deployment::new(&mut chain, developer, &dev_verifiers(&[Tier::T1024]).unwrap()).unwrap();
    let mut life = OnChain::new(chain, deployment, dir.path(), cache(), &Silent);
    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let mut records = String::from("payee,content\n");
    for (index, (payee, _)) in allocations.iter().enumerate() {
        records += &format!("{payee},0x{index:064x}\n");
    }
    let records = read_records(&file("records.csv", &records)).unwrap();
    let policy = "contributors_bps = 5000\n[[beneficiaries]]\nname = \"developer\"\n\
        address = \"0x1111111111111111111111111111111111111111\"\nbps = 5000\n";
    let policy = read_policy(&file("policy.toml", policy)).unwrap();
    let (committed, dataset) = life.register(records, Tier::T1024).unwrap();
    life.create_model("m", Tier::T1024, policy).unwrap();
    life.enroll(&committed, dataset).unwrap();
    // Heavy tails, within a score's 64 bits.
    let scale = allocations.iter().map(|(_, amount)| *amount).max().unwrap() / (1 << 50) + 1;
    for epoch in 1..=2u32 {
        let mut scores = String::from("record,score\n");
        for (index, (_, amount)) in allocations.iter().enumerate() {
            let score = amount / scale * if epoch == 2 && index % 3 == 0 { 2 } else { 1 } + 1;
            scores += &format!("{index},{score}\n");
        }
        let scores = file(&format!("scores-{epoch}.csv"), &scores);
        life.close_epoch(epoch, &scores, 5_000_000_000_000_000_000_000).unwrap();
        life.settle(epoch).unwrap();
        life.publish().unwrap();
    }
    for record in (0..PAYEES).step_by(PAYEES / CLAIMS).take(CLAIMS) {
        let receipt = life.claim(record).unwrap();
        assert!(receipt.cumulative.0 > 0);
        assert!(life.tokens(receipt.payee).unwrap() >= receipt.cumulative.0);
    }
    gas::compare(&life.steps, "life-1024.json");
    for (limit, word) in [(450_000, "settle"), (500_000, "publish"), (260_000, "claim"), (900_000, "enroll")]
    {
        let worst = life.steps.iter().filter(|step| step.what.starts_with(word)).map(|step| step.gas).max();
        println!("{word}: {worst:?} gas, at most {limit}");
        assert!(worst.unwrap() <= limit, "{word}: {worst:?}");
    }
}
