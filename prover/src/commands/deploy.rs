//! `apportion deploy`: every contract of a deployment, and a file of their addresses that other commands take.

use std::{collections::BTreeMap, path::PathBuf};

use apportion::{
    Error,
    deploy::{Artifacts, LEDGER, OPENINGS, REGISTRY, ledger_arguments, registry_arguments, verifier_name},
    progress::Progress as _,
    rpc::Client,
};
use apportion_chain::{
    Addresses, At, ChainError, Node, ReadChain as _, VerifierAddress,
    abi::{IOpeningVerifier, IRelationVerifier, to_word},
    ask,
    creation::created_at,
};
use apportion_circuits::types::{Payee, Tier, Word};
use apportion_statement::RelationId;
use clap::Args;

use super::{Session, export, send::Through, transaction::Sender, warn_insecure};

/// Deploy the contracts: opening verifier, verifiers of relations, registry, ledger.
#[derive(Debug, Args)]
#[command(
    after_help = "The file that is written names every contract; `dataset commit`, `ledger init`, `send setRecipient` and \
    `apportion-verify` take it with --addresses. Everything is created by the deterministic deployment proxy \
    (0x4e59b44847b379578588920cA78FbF26c0B4956C), which most chains have: where it lies follows from the code and from what is \
    given here, whoever sends it. So an interrupted command goes on when it is given again, what is there already is not created \
    again, and an auditor knows what created it.\n\nThe verifiers are those of one setup, compiled: see \
    contracts/script/build_generated.sh. All of them, and the ledger with them, are refused where they are for the development \
    setup, unless --insecure-dev says that it is a test.\n\nExample:\n  apportion deploy --artifacts contracts/artifacts \
    --verifiers mine --tier 1024 --tier 16384 --max-bond 100000000000000000 --out addresses.json --rpc https://node.example \
    --private-key-file deployer.key"
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
    artifacts: Artifacts,
    chain_id: u64,
    dry: bool,
    /// What is there, or will be.
    contracts: BTreeMap<String, Payee>,
    /// In which blocks this run created it.
    blocks: BTreeMap<String, u64>,
    session: &'a Session,
}

impl Deploy {
    pub(crate) fn run(self, session: &Session) -> Result<(), Error> {
        let artifacts = Artifacts::read(&[self.artifacts.clone(), self.verifiers.clone()])?;
        let mut tiers = self.tier.clone();
        tiers.sort_unstable();
        tiers.dedup();
        let mut names = vec![OPENINGS.to_owned()];
        for tier in &tiers {
            names
                .extend([RelationId::Tree, RelationId::Split].map(|relation| verifier_name(relation, *tier)));
        }
        let development = development_setup(session)?;
        if !self.insecure_dev {
            artifacts.refuse_setup(&names, development)?;
        }
        if self.out.exists() {
            return Err(Error::usage(format!(
                "{} is there already: nothing is deployed",
                self.out.display()
            )));
        }
        let account = self.through.account(Some(Sender::Anyone))?;
        let mut client = self.through.client(self.through.node(), account)?;
        client.check_chain(self.chain_id)?;
        client.check_proxy()?;
        let dry = self.through.dry_run();
        let (contracts, blocks) = (BTreeMap::new(), BTreeMap::new());
        let mut run = Run { client, artifacts, chain_id: self.chain_id, dry, contracts, blocks, session };
        let openings = run.contract(OPENINGS, &[])?;
        let of = |relation| -> Vec<(Tier, String)> {
            tiers.iter().map(|tier| (*tier, verifier_name(relation, *tier))).collect()
        };
        let mut deployed = |relation| -> Result<Vec<(Tier, Payee)>, Error> {
            of(relation).into_iter().map(|(tier, name)| Ok((tier, run.contract(&name, &[])?))).collect()
        };
        let (trees, splits) = (deployed(RelationId::Tree)?, deployed(RelationId::Split)?);
        let mut setup = Word::default();
        if !dry {
            setup = run.one_setup(openings, trees.iter().chain(&splits))?;
        }
        let registry = run.contract(REGISTRY, &registry_arguments(openings, &trees))?;
        let ledger = run.contract(LEDGER, &ledger_arguments(registry, openings, &splits, self.max_bond))?;
        let listed = |relation, list: &[(Tier, Payee)]| -> Vec<VerifierAddress> {
            let of = |(tier, address): &(Tier, Payee)| VerifierAddress {
                relation,
                slots: tier.slots() as u32,
                address: *address,
            };
            list.iter().map(of).collect()
        };
        let mut verifiers = listed(RelationId::Tree, &trees);
        verifiers.extend(listed(RelationId::Split, &splits));
        let block = run.begins(registry)?;
        let mut libraries = run.contracts.clone();
        libraries.retain(|name, _| name != REGISTRY && name != LEDGER && !names.contains(name));
        let addresses = Addresses {
            version: 1,
            chain_id: self.chain_id,
            block,
            setup,
            insecure: setup == development,
            registry,
            ledger,
            opening_verifier: openings,
            verifiers,
            libraries,
        };
        if dry {
            session.console.result(&addresses, &"nothing was sent: this is what would be created");
            return Ok(());
        }
        // Addresses of another deployment are never written over.
        export::write(&self.out, addresses.to_json(), |_| false)?;
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
    /// A contract, with the libraries that it needs before it. What an earlier run created is taken.
    fn contract(&mut self, name: &str, arguments: &[u8]) -> Result<Payee, Error> {
        for library in self.artifacts.libraries(name)? {
            self.create(&library, &[])?;
        }
        self.create(name, arguments)
    }

    fn create(&mut self, name: &str, arguments: &[u8]) -> Result<Payee, Error> {
        let code = self.artifacts.get(name)?.creation(&self.contracts, arguments)?;
        let at = created_at(&code);
        self.contracts.insert(name.to_owned(), at);
        let console = &self.session.console;
        if self.dry {
            let there = !self.client.node().code(at).map_err(ChainError::from)?.is_empty();
            console.note(&if there {
                format!("{name}: {at}, there already")
            } else {
                format!("{name}: {} bytes would create it at {at}", code.len())
            });
            return Ok(at);
        }
        let mut tell = |text: &str| console.note(text);
        let (_, receipt) = self.client.create(self.chain_id, &format!("create {name}"), &code, &mut tell)?;
        console.note(&match receipt {
            Some(receipt) => {
                self.blocks.extend(receipt.block_number.map(|block| (name.to_owned(), block)));
                format!("{name}: {at}, gas {}", receipt.gas_used)
            }
            None => format!("{name}: {at}, there already"),
        });
        Ok(at)
    }

    /// The block from which events are searched: the registry's. The ledger came after it.
    fn begins(&mut self, registry: Payee) -> Result<u64, Error> {
        if let Some(block) = self.blocks.get(REGISTRY) {
            return Ok(*block);
        }
        let node = self.client.node();
        let newest = node.block().map_err(ChainError::from)?.number;
        if self.dry {
            return Ok(newest);
        }
        Ok(created_in(node, registry, newest).unwrap_or_else(|| {
            let text = "the contracts were there before, and the node does not say since when: events are searched from block 0 \
                        on, unless --from-block says where they begin";
            self.session.console.note(text);
            0
        }))
    }

    /// The setup of all verifiers.
    fn one_setup<'b>(
        &mut self,
        openings: Payee,
        verifiers: impl Iterator<Item = &'b (Tier, Payee)>,
    ) -> Result<Word, Error> {
        let unanswered = ChainError::from;
        let node = self.client.node();
        let setup = to_word(ask(node, openings, &IOpeningVerifier::setupCall {}).map_err(unanswered)?);
        for (tier, at) in verifiers {
            let own = to_word(ask(node, *at, &IRelationVerifier::setupCall {}).map_err(unanswered)?);
            if own != setup {
                return Err(Error::Mismatch(format!(
                    "the verifier of tier {tier} at {at} is for setup {own}, the opening verifier for {setup}"
                )));
            }
        }
        Ok(setup)
    }
}
