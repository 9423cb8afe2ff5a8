//! `apportion deploy`: every contract of a deployment, and a file of their addresses that other commands take.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use apportion::{
    Error,
    deploy::{Artifacts, LEDGER, OPENINGS, REGISTRY, ledger_arguments, registry_arguments, verifier_name},
    ledger::LedgerError,
    progress::Progress as _,
    rpc::{Client, RpcError},
};
use apportion_chain::{
    Addresses, ReadChain as _, VerifierAddress,
    abi::{IOpeningVerifier, IRelationVerifier, to_word},
    ask,
};
use apportion_circuits::types::{Payee, Tier, Word};
use apportion_statement::RelationId;
use clap::Args;
use serde::{Deserialize, Serialize};

use super::{Session, export, send::Through, warn_insecure};

/// Deploy the contracts: opening verifier, verifiers of relations, registry, ledger.
#[derive(Debug, Args)]
#[command(
    after_help = "The file that is written names every contract; `dataset commit`, `ledger init`, `send setRecipient` and \
    `apportion-verify` take it with --addresses. While contracts are missing, what is there already is kept beside it, so that \
    an interrupted command goes on when it is given again.\n\nThe verifiers are those of one setup, compiled: see \
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

/// What is there while contracts are missing.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Begun {
    chain_id: u64,
    block: u64,
    contracts: BTreeMap<String, Payee>,
}

struct Run<'a> {
    client: Client,
    artifacts: Artifacts,
    chain_id: u64,
    dry: bool,
    begun: Begun,
    beside: PathBuf,
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
        let mut client = self.through.client()?;
        client.check_chain(self.chain_id)?;
        let beside = PathBuf::from(format!("{}.begun", self.out.display()));
        let begun = self.begun(&beside, &mut client)?;
        let dry = self.through.dry_run();
        let mut run = Run { client, artifacts, chain_id: self.chain_id, dry, begun, beside, session };
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
        let mut libraries = run.begun.contracts.clone();
        libraries.retain(|name, _| name != REGISTRY && name != LEDGER && !names.contains(name));
        let addresses = Addresses {
            version: 1,
            chain_id: self.chain_id,
            block: run.begun.block,
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
        remove(&run.beside)?;
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

    /// What an interrupted run left, if it was on this chain.
    fn begun(&self, path: &Path, client: &mut Client) -> Result<Begun, Error> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let block = client.node().block().map_err(apportion_chain::ChainError::from)?.number;
                return Ok(Begun { chain_id: self.chain_id, block, contracts: BTreeMap::new() });
            }
            Err(source) => return Err(LedgerError::io("read", path, source).into()),
        };
        let begun: Begun = serde_json::from_str(&text)
            .map_err(|error| Error::Unreadable(format!("{}: {error}", path.display())))?;
        if begun.chain_id == self.chain_id {
            return Ok(begun);
        }
        let text = format!("{} is of a deployment on chain {}", path.display(), begun.chain_id);
        Err(Error::usage(text))
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

fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(LedgerError::io("remove", path, error).into())
        }
        _ => Ok(()),
    }
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
        if let Some(at) = self.begun.contracts.get(name).copied() {
            let there = !self.client.node().code(at).map_err(apportion_chain::ChainError::from)?.is_empty();
            if there || self.dry {
                self.session.console.note(&format!("{name}: {at}, there already"));
                return Ok(at);
            }
        }
        let code = self.artifacts.get(name)?.creation(&self.begun.contracts, arguments)?;
        if self.dry {
            // Any address will do to see that everything is at hand.
            self.session.console.note(&format!("{name}: {} bytes would create it", code.len()));
            self.begun.contracts.insert(name.to_owned(), Payee([0xff; 20]));
            return Ok(Payee([0xff; 20]));
        }
        // Written before it is sent: the address follows from the account and its number of transactions.
        let mut created = Payee::default();
        let (begun, beside) = (&mut self.begun, &self.beside);
        let mut record = |at: Payee, _: u64| {
            created = at;
            begun.contracts.insert(name.to_owned(), at);
            let text = serde_json::to_string_pretty(begun).unwrap_or_default();
            fs::write(beside, text).map_err(|source| RpcError::Record { path: beside.clone(), source })
        };
        let console = &self.session.console;
        let mut tell = |text: &str| console.note(text);
        let what = format!("create {name}");
        let receipt = self.client.create(self.chain_id, &what, code, &mut record, &mut tell)?;
        console.note(&format!("{name}: {created}, gas {}", receipt.gas_used));
        Ok(created)
    }

    /// The setup of all verifiers.
    fn one_setup<'b>(
        &mut self,
        openings: Payee,
        verifiers: impl Iterator<Item = &'b (Tier, Payee)>,
    ) -> Result<Word, Error> {
        let unanswered = apportion_chain::ChainError::from;
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
