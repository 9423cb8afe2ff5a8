//! `apportion deploy`: every contract of a deployment, and a file of their addresses that other commands take.

use std::path::PathBuf;

use apportion::{
    Error,
    deploy::{Artifacts, Creation, REGISTRY},
    progress::Progress as _,
    rpc::Client,
};
use apportion_chain::{
    Addresses, At, ChainError, Node, ReadChain as _, VerifierAddress,
    abi::{IOpeningVerifier, IRelationVerifier, to_word},
    ask,
};
use apportion_circuits::types::{Payee, Tier, Word};
use clap::Args;

use super::{Session, export, send::Through, transaction::Sender, warn_insecure};

/// Deploy the contracts: opening verifier, verifiers of relations, registry, ledger.
#[derive(Debug, Args)]
#[command(
    after_help = "The file that is written names every contract; `dataset commit`, `ledger init`, `send setRecipient` and \
    `apportion-verify` take it with --addresses. Everything is created by the deterministic deployment proxy \
    (0x4e59b44847b379578588920cA78FbF26c0B4956C), which most chains have: where it lies follows from the code and from what is \
    given here, whoever sends it. So an interrupted command goes on when it is given again, what is there already is not created \
    again, and an auditor knows what created it.\n\nThe verifiers are those of one setup, compiled. \
    contracts/generated/ceremony holds tiers 64 and 1024 for the public ceremony. For tier 16384, or another ceremony: `apportion \
    export verifier` writes Tree16384Verifier.sol, Split16384Verifier.sol and OpeningVerifier.sol into a directory, `node \
    contracts/script/compile_generated.cjs DIRECTORY` compiles them there, and --verifiers names it. Those of the development \
    setup (contracts/generated) are refused, unless --insecure-dev says that it is a test.\n\nAn existing --out is left as it \
    is where it names the same contracts, and refused before anything is sent where it does not.\n\nExamples:\n  apportion \
    deploy --artifacts contracts/artifacts --verifiers contracts/generated/ceremony --tier 64 --tier 1024 --max-bond \
    100000000000000000 --chain-id 11155111 --out addresses.json --rpc https://node.example --private-key-file deployer.key\n  \
    apportion deploy --artifacts contracts/artifacts --verifiers contracts/generated --tier 64 --max-bond 1000000000000000 \
    --chain-id 31337 --insecure-dev --dry-run --rpc http://127.0.0.1:8545"
)]
pub(crate) struct Deploy {
    /// The directory of the compiled contracts.
    #[arg(long, value_name = "DIR")]
    artifacts: PathBuf,
    /// The directory of the compiled verifiers.
    #[arg(long, value_name = "DIR")]
    verifiers: PathBuf,
    /// Slots of a segment that datasets may have; may be repeated.
    #[arg(long, value_name = "SLOTS", required = true)]
    tier: Vec<Tier>,
    /// The most that a model may ask for as a demand's bond, in wei.
    #[arg(long, value_name = "WEI")]
    max_bond: u128,
    /// The chain: another one is refused.
    #[arg(long, value_name = "N")]
    chain_id: u64,
    /// Where to write the addresses.
    #[arg(long, value_name = "FILE", default_value = "addresses.json")]
    out: PathBuf,
    /// Deploy verifiers of the development setup, whose secret everybody knows: for a test only.
    #[arg(long)]
    insecure_dev: bool,
    #[command(flatten)]
    through: Through,
}

struct Run<'a> {
    client: Client,
    chain_id: u64,
    dry: bool,
    /// In which block this run created the registry.
    registry_block: Option<u64>,
    session: &'a Session,
}

impl Deploy {
    pub(crate) fn run(self, session: &Session) -> Result<(), Error> {
        let artifacts = Artifacts::read(&[self.artifacts.clone(), self.verifiers.clone()])?;
        let mut tiers = self.tier.clone();
        tiers.sort_unstable();
        tiers.dedup();
        let plan = artifacts.plan(self.chain_id, &tiers, self.max_bond)?;
        let development = development_setup(session)?;
        if !self.insecure_dev {
            let names: Vec<_> = plan.creations.iter().map(|creation| creation.name.clone()).collect();
            artifacts.refuse_setup(&names, development)?;
        }
        let written = plan.already_written(&self.out)?;
        let account = self.through.account(Some(Sender::Anyone))?;
        let mut client = self.through.client(self.through.node(), account)?;
        client.check_chain(self.chain_id)?;
        client.check_proxy()?;
        let dry = self.through.dry_run();
        let mut run = Run { client, chain_id: self.chain_id, dry, registry_block: None, session };
        let mut setup = Word::default();
        for creation in &plan.creations {
            // A registry over verifiers of two setups would be refused, after all of its gas.
            if creation.name == REGISTRY && !dry {
                setup = run.one_setup(&plan.addresses)?;
            }
            run.create(creation)?;
        }
        let mut addresses = Addresses { setup, insecure: setup == development, ..plan.addresses };
        if dry {
            session.console.result(&addresses, &"nothing was sent: this is what would be created");
            return Ok(());
        }
        if let Some(written) = written {
            if (written.setup, written.insecure) != (addresses.setup, addresses.insecure) {
                return Err(Error::Mismatch(format!(
                    "{}: everything is deployed, but the file says another setup than the verifiers do, which is {setup}: move \
                     it away and give the command again",
                    self.out.display()
                )));
            }
            addresses.block = written.block;
        } else {
            addresses.block = run.begins(addresses.registry)?;
            export::write(&self.out, addresses.to_json(), |_| false)?;
        }
        warn_insecure(addresses.insecure, session);
        let text = format!(
            "{}: ledger {}, registry {}, setup {}",
            self.out.display(),
            addresses.ledger,
            addresses.registry,
            addresses.setup
        );
        session.console.result(&addresses, &text);
        Ok(())
    }
}

/// The digest of the setup whose secret is public.
fn development_setup(session: &Session) -> Result<Word, Error> {
    use apportion::setup::{Choice, ProverSuite as _};
    use apportion_circuits::split::Split;
    type F = <apportion_suite::Bn254 as apportion_suite::Suite>::F;
    let k = <Split as apportion_circuits::relation::Relation<F>>::layout(Tier::T64).k;
    let (setup, _) = apportion_suite::Bn254::setup(&session.cache, k, Choice::InsecureDev)?;
    setup.digest.ok_or_else(|| Error::Mismatch("the development setup has no digest".into()))
}

/// The block that a contract was created in; `None` where the node does not know old states.
fn created_in(node: &Node, at: Payee, newest: u64) -> Option<u64> {
    let there = |number: u64| {
        let mut then = node.clone().pinned(At::Number(number)).ok()?;
        Some(!then.code(at).ok()?.is_empty())
    };
    // The newest states are those that nodes keep: so back in longer and longer steps, then by halves.
    let (mut present, mut step) = (newest, 1);
    let mut absent = loop {
        let before = present.checked_sub(1)?.saturating_sub(step - 1);
        if !there(before)? {
            break before;
        }
        (present, step) = (before, 2 * step);
    };
    while present - absent > 1 {
        let middle = absent + (present - absent) / 2;
        if there(middle)? { present = middle } else { absent = middle }
    }
    Some(present)
}

impl Run<'_> {
    /// Creates a contract. What an earlier run created is taken.
    fn create(&mut self, creation: &Creation) -> Result<(), Error> {
        let Creation { name, code, at } = creation;
        let console = &self.session.console;
        if self.dry {
            let there = !self.client.node().code(*at).map_err(ChainError::from)?.is_empty();
            console.note(&if there {
                format!("{name}: {at}, there already")
            } else {
                format!("{name}: {} bytes would create it at {at}", code.len())
            });
            return Ok(());
        }
        let mut tell = |text: &str| console.note(text);
        let (_, receipt) = self.client.create(self.chain_id, &format!("create {name}"), code, &mut tell)?;
        console.note(&match receipt {
            Some(receipt) => {
                if name == REGISTRY {
                    self.registry_block = receipt.block_number;
                }
                format!("{name}: {at}, gas {}", receipt.gas_used)
            }
            None => format!("{name}: {at}, there already"),
        });
        Ok(())
    }

    /// The block from which events are searched: the registry's. The ledger came after it.
    fn begins(&mut self, registry: Payee) -> Result<u64, Error> {
        if let Some(block) = self.registry_block {
            return Ok(block);
        }
        let node = self.client.node();
        let newest = node.block().map_err(ChainError::from)?.number;
        Ok(created_in(node, registry, newest).unwrap_or_else(|| {
            let text = "the contracts were there before, and the node does not say since when: events are searched from block 0 \
                        on, unless --from-block says where they begin";
            self.session.console.note(text);
            0
        }))
    }

    /// The setup of all verifiers.
    fn one_setup(&mut self, addresses: &Addresses) -> Result<Word, Error> {
        let unanswered = ChainError::from;
        let node = self.client.node();
        let openings = addresses.opening_verifier;
        let setup = to_word(ask(node, openings, &IOpeningVerifier::setupCall {}).map_err(unanswered)?);
        for VerifierAddress { slots, address, .. } in &addresses.verifiers {
            let own = to_word(ask(node, *address, &IRelationVerifier::setupCall {}).map_err(unanswered)?);
            if own != setup {
                return Err(Error::Mismatch(format!(
                    "the verifier of tier {slots} at {address} is for setup {own}, the opening verifier for {setup}"
                )));
            }
        }
        Ok(setup)
    }
}
