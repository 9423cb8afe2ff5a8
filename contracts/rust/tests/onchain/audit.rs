//! A ledger's public files against the contract's storage.

use apportion_circuits::types::Payee;
use apportion_contracts::Chain;
use apportion_verifier::{
    bundle::{Document, EpochDoc},
    chain::{Call, ReadChain, compare},
    report::Report,
};

use crate::world::{RECORDS, World};

/// The chain in process, as an auditor's node.
struct Node(Chain);

impl ReadChain for Node {
    fn chain_id(&mut self) -> Result<u64, String> {
        Ok(self.0.chain_id())
    }

    fn code(&mut self, at: Payee) -> Result<Vec<u8>, String> {
        Ok(self.0.code(at).to_vec())
    }

    fn call(&mut self, to: Payee, data: Vec<u8>) -> Result<Vec<u8>, String> {
        let call = Call { what: String::new(), to, data };
        let sent = self.0.clone().send(Payee::default(), &call);
        sent.map(|receipt| receipt.output.to_vec()).map_err(|refusal| refusal.to_string())
    }
}

fn audit(world: &World, chain: &Chain) -> Report {
    compare(&world.life.source().unwrap(), &mut Node(chain.clone()))
}

pub(crate) fn files_and_chain_agree(world: &World) {
    let report = audit(world, &world.life.chain);
    assert!(report.valid(), "{}", report.to_json());
}

#[test]
fn what_the_chain_does_not_have_is_found() {
    let mut world = World::enrolled(RECORDS);
    files_and_chain_agree(&world);
    world.close(1);
    let failed = |report: Report| report.failed().map(|check| check.id.name());
    // Proven, not settled.
    assert_eq!(failed(audit(&world, &world.life.chain)), Some("chain.epoch"));
    world.life.settle(1).unwrap();
    files_and_chain_agree(&world);
    let before = world.life.chain.clone();
    world.life.publish().unwrap();
    files_and_chain_agree(&world);
    assert_eq!(failed(audit(&world, &before)), Some("chain.published"));
    // Another chain altogether: nothing there answers.
    assert!(!audit(&world, &Chain::new(crate::world::CHAIN_ID)).valid());
    assert_eq!(failed(audit(&world, &Chain::new(1))), Some("chain.model"));
    // The files state another revenue.
    let path = world.life.source().unwrap().dir().epoch(1).join("epoch.json");
    let mut doc = EpochDoc::read(&path).unwrap();
    doc.revenue.0 += 1;
    std::fs::write(&path, doc.to_json()).unwrap();
    assert_eq!(failed(audit(&world, &world.life.chain)), Some("chain.epoch"));
}
