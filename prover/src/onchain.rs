//! A model's life on a chain in process: the commands' work and the transactions that go with it, step by step.
//!
//! For demonstrations and tests: all parties are here, and every transaction is made of the public files that the
//! steps before it wrote.

use std::path::{Path, PathBuf};

use apportion_circuits::{
    field::SuiteField as _,
    types::{Payee, Tier, Word},
};
use apportion_contracts::{Chain, DeployError, Deployment, Receipt, Refusal};
use apportion_verifier::{
    bundle::{EpochDoc, PublicationDoc, ReceiptDoc},
    chain::{
        self, Call, Registration, Source, Terms, claim, close_epoch, commit_scores, create_model, deposit,
        register, withdraw,
    },
    params::ParamsCache,
    policy::Policy,
    suite::{Bn254, Suite},
};

use crate::{
    actions::{
        dataset::{self, Committed},
        enroll, epoch,
        init::{NewLedger, init},
        publish, receipt,
        scores::{self, DatasetFile, Posted},
    },
    error::Error,
    ledger::{Balances, Ledger, PayeeMask, SegmentId},
    progress::Progress,
    setup::Choice,
};

type F = <Bn254 as Suite>::F;

/// A week and a day: windows that no step here waits for.
const WINDOW: u32 = 8 * 86_400;

/// Who sends what.
#[derive(Clone, Copy, Debug)]
pub struct Roles {
    /// Registers the dataset.
    pub owner: Payee,
    /// Runs the model.
    pub developer: Payee,
    /// Commits the scores.
    pub attributor: Payee,
    /// Brings revenue.
    pub customer: Payee,
}

impl Default for Roles {
    fn default() -> Self {
        let of = |byte| Payee([byte; 20]);
        Self { owner: of(0xa1), developer: of(0xa2), attributor: of(0xa3), customer: of(0xa4) }
    }
}

/// A transaction that was accepted, and its gas.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Step {
    /// What it did.
    pub what: String,
    /// Its gas, with its base and calldata.
    pub gas: u64,
}

/// A ledger and the chain that follows it.
pub struct OnChain<'a> {
    /// The chain.
    pub chain: Chain,
    /// The contracts.
    pub deployment: Deployment,
    /// Who sends.
    pub roles: Roles,
    /// Everything that was accepted, in order.
    pub steps: Vec<Step>,
    /// Where files are: `dataset`, `ledger`, `scores-<n>`.
    pub dir: PathBuf,
    /// Which setup the model is made with; the verifiers must be for the same. The insecure one unless it is set.
    pub setup: Choice<'a>,
    cache: &'a ParamsCache,
    progress: &'a dyn Progress,
}

/// What could not be done on the chain, as this crate's error.
pub fn refused(what: &str, refusal: &Refusal) -> Error {
    Error::Claim(format!("{what}: {refusal}"))
}

/// A failed deployment, as this crate's error.
pub fn not_deployed(error: &DeployError) -> Error {
    Error::Claim(error.to_string())
}

impl<'a> OnChain<'a> {
    /// Begins with contracts that are deployed.
    pub fn new(
        chain: Chain,
        deployment: Deployment,
        dir: &Path,
        cache: &'a ParamsCache,
        progress: &'a dyn Progress,
    ) -> Self {
        let (roles, dir) = (Roles::default(), dir.to_path_buf());
        let (steps, setup) = (Vec::new(), Choice::InsecureDev);
        Self { chain, deployment, roles, steps, dir, setup, cache, progress }
    }

    /// The ledger's directory.
    pub fn ledger_dir(&self) -> PathBuf {
        self.dir.join("ledger")
    }

    /// Its public files as transactions.
    pub fn source(&self) -> Result<Source, Error> {
        Ok(Source::open(&self.ledger_dir())?)
    }

    /// Sends a transaction that must be accepted.
    pub fn send(&mut self, from: Payee, call: &Call) -> Result<Receipt, Error> {
        let receipt = self.chain.send(from, call).map_err(|refusal| refused(&call.what, &refusal))?;
        self.steps.push(Step { what: call.what.clone(), gas: receipt.gas });
        self.chain.advance(12);
        Ok(receipt)
    }

    /// Sends a transaction that must be refused, and returns why.
    pub fn send_refused(&mut self, from: Payee, call: &Call) -> Result<Refusal, Error> {
        match self.chain.send(from, call) {
            Err(refusal) => Ok(refusal),
            Ok(_) => Err(Error::Claim(format!("{}: the contract accepted what it must refuse", call.what))),
        }
    }

    /// Commits to records and registers their roots.
    pub fn register(
        &mut self,
        records: Vec<apportion_circuits::types::Record>,
        tier: Tier,
    ) -> Result<(Committed, Word), Error> {
        let committed = dataset::commit::<F>(records, tier, &self.dir.join("dataset"))?;
        let registration = Registration {
            chain_id: self.chain.chain_id(),
            registry: self.deployment.registry,
            owner: self.roles.owner,
            parent: Word::default(),
            uri: "https://example.org/dataset".into(),
        };
        let call = register(registration.registry, &committed.doc, registration.parent, &registration.uri)?;
        self.send(registration.owner, &call)?;
        let id = registration.dataset_id(&committed.doc);
        Ok((committed, id))
    }

    /// Makes the ledger and creates the model.
    pub fn create_model(&mut self, name: &str, tier: Tier, policy: Policy) -> Result<(), Error> {
        let (chain_id, contract) = (self.chain.chain_id(), self.deployment.ledger);
        let model_id = Some(chain::model_id(chain_id, contract, self.roles.developer, name));
        let new = NewLedger { model: name.into(), tier, policy, chain_id, contract, model_id };
        let doc = init::<Bn254>(&self.ledger_dir(), new, self.cache, self.setup)?;
        let terms = Terms {
            attributor: self.roles.attributor,
            token: self.deployment.token,
            open_window: WINDOW,
            settle_window: WINDOW,
        };
        self.send(self.roles.developer, &create_model(&doc, &terms)?)?;
        Ok(())
    }

    /// Enrolls a registered dataset.
    pub fn enroll(&mut self, committed: &Committed, registered: Word) -> Result<(), Error> {
        let ledger = Ledger::open(&self.ledger_dir())?;
        let done =
            enroll::enroll::<Bn254>(&ledger, committed, Some(registered), None, self.cache, self.progress)?
                .doc;
        for call in self.source()?.enroll(done.dataset, done.renewal)? {
            self.send(self.roles.developer, &call)?;
        }
        Ok(())
    }

    /// Scores are committed, revenue arrives, the epoch is closed: on the chain and in files, up to the proofs.
    pub fn close_epoch(&mut self, number: u32, scores: &Path, revenue: u128) -> Result<EpochDoc, Error> {
        let ledger = Ledger::open(&self.ledger_dir())?;
        let out = self.dir.join(format!("scores-{number}"));
        let files = [DatasetFile { dataset: None, path: scores.into() }];
        let read = scores::read_all(&ledger.state, number, &files, |_| None)?;
        scores::commit::<Bn254>(&ledger.state, number, &read, self.cache, &out)?;
        let posted = Posted::read(&out, &ledger.state, number)?;
        let doc = &ledger.state.ledger;
        self.send(self.roles.attributor, &commit_scores(doc, &posted.doc)?)?;
        let customer = self.roles.customer;
        let funded = self.deployment.fund(&mut self.chain, customer, revenue);
        funded.map_err(|refusal| refused("fund the customer", &refusal))?;
        self.send(customer, &deposit(doc, revenue)?)?;
        self.send(self.roles.developer, &close_epoch(doc, number)?)?;
        epoch::prove::<Bn254>(&ledger, number, &posted, revenue, self.cache, self.progress)
    }

    /// Settles a proven epoch.
    pub fn settle(&mut self, number: u32) -> Result<(), Error> {
        for call in self.source()?.settle(number)? {
            self.send(self.roles.developer, &call)?;
        }
        Ok(())
    }

    /// Publishes account roots.
    pub fn publish(&mut self) -> Result<PublicationDoc, Error> {
        let ledger = Ledger::open(&self.ledger_dir())?;
        let doc = publish::publish::<Bn254>(&ledger, self.cache, self.progress)?;
        drop(ledger);
        for call in self.source()?.publish(doc.publication)? {
            self.send(self.roles.developer, &call)?;
        }
        Ok(doc)
    }

    /// A segment's balances after an epoch, with their mask.
    pub fn balances(&self, id: SegmentId, epoch: u32) -> Result<Balances<F>, Error> {
        let ledger = Ledger::open(&self.ledger_dir())?;
        let context = ledger.state.split_context(id, epoch)?;
        Ok(ledger.private.balances(epoch).read_segment(id, &context)?)
    }

    /// The mask of a segment's payee column.
    pub fn payees(&self, id: SegmentId) -> Result<PayeeMask<F>, Error> {
        let ledger = Ledger::open(&self.ledger_dir())?;
        let context = ledger.state.enroll_context(id, 0)?;
        Ok(ledger.private.payees(id.dataset, 0).read_segment(id, &context)?)
    }

    /// An account's receipt.
    pub fn receipt(&self, record: usize) -> Result<ReceiptDoc, Error> {
        let name = receipt::RecordName { dataset: 0, record };
        receipt::receipt::<Bn254>(&Ledger::open(&self.ledger_dir())?, receipt::AccountName::Record(name))
    }

    /// Claims what an account has earned; sent by anyone.
    pub fn claim(&mut self, record: usize) -> Result<ReceiptDoc, Error> {
        let doc = self.receipt(record)?;
        self.send(self.roles.customer, &claim(&doc)?)?;
        Ok(doc)
    }

    /// Pays a beneficiary its shares; sent by anyone.
    pub fn withdraw(&mut self, account: Payee) -> Result<(), Error> {
        let call = withdraw(self.source()?.ledger(), account)?;
        self.send(self.roles.customer, &call)?;
        Ok(())
    }

    /// What an account holds of the token.
    pub fn tokens(&mut self, account: Payee) -> Result<u128, Error> {
        let balance = self.deployment.balance(&mut self.chain, account);
        let balance = balance.map_err(|refusal| refused("read a balance", &refusal))?;
        u128::try_from(balance).map_err(|_| Error::Claim("more tokens than there are".into()))
    }
}

/// The modulus of the public inputs' field: `x` and `x` plus this are one element and two words.
pub fn modulus() -> [u8; 32] {
    use ff::Field;
    let mut bytes = apportion_circuits::field::to_bytes(&-F::ONE);
    debug_assert_eq!(F::SUITE, apportion_circuits::field::SuiteId::Bn254);
    // The field's largest element ends in zeros: no carry.
    bytes[31] |= 1;
    bytes
}
