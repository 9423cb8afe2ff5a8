//! Who sends a transaction, as far as files and chain say.

use apportion::Error;
use apportion_chain::{
    ReadChain,
    abi::{IRevenueLedger as abi, U256, bytes32, payee},
    ask,
};
use apportion_circuits::types::{Payee, Word};
use apportion_statement::files::LedgerDoc;

use super::unanswered;

/// Who sends a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sender {
    /// This account and nobody else: it has this role.
    Only(&'static str, Payee),
    /// Whoever is the model's developer by now: the one in the files, unless the role was handed over.
    Developer(Payee, Word, Payee),
    /// Whoever is the attributor of an epoch.
    Attributor(Payee, Word, u32),
    /// Most likely this account.
    Usually(Payee),
    /// Whoever likes.
    Anyone,
    /// An account that neither files nor chain know.
    Somebody(&'static str),
}

impl Sender {
    pub(super) fn developer(ledger: &LedgerDoc) -> Self {
        Self::Developer(ledger.contract, ledger.model_id, ledger.developer)
    }

    pub(super) fn attributor(ledger: &LedgerDoc, epoch: u32) -> Self {
        Self::Attributor(ledger.contract, ledger.model_id, epoch)
    }

    /// What the chain adds: roles that change hands.
    pub(crate) fn asked(self, chain: &mut dyn ReadChain) -> Result<Self, Error> {
        match self {
            Self::Developer(contract, model, first) => {
                let call = abi::getModelCall { modelId: bytes32(model) };
                let now = payee(ask(chain, contract, &call).map_err(unanswered)?.developer);
                Ok(Self::Only("the developer", if now.is_zero() { first } else { now }))
            }
            Self::Attributor(contract, model, epoch) => {
                let call = abi::getEpochCall { modelId: bytes32(model), epoch: U256::from(epoch) };
                let now = payee(ask(chain, contract, &call).map_err(unanswered)?.attributor);
                Ok(if now.is_zero() { Self::Somebody("the attributor") } else { Self::Usually(now) })
            }
            known => Ok(known),
        }
    }

    /// The account whose transaction is simulated where none is named.
    pub(crate) fn usual(self) -> Result<Payee, Error> {
        match self {
            Self::Only(_, account) | Self::Usually(account) => Ok(account),
            Self::Anyone => Ok(Payee::default()),
            Self::Developer(_, _, first) => Ok(first),
            Self::Attributor(..) => Err(say("the attributor")),
            Self::Somebody(who) => Err(say(who)),
        }
    }

    /// Refuses an account that has not the role.
    pub(crate) fn check(self, from: Payee) -> Result<(), Error> {
        match self {
            Self::Only(who, account) if !account.is_zero() && account != from => Err(Error::usage(format!(
                "{who} is {account}, {from} would send: it is refused. Sign with the key of {account}"
            ))),
            _ => Ok(()),
        }
    }
}

fn say(who: &str) -> Error {
    Error::usage(format!(
        "say --from ADDRESS: what happens depends on {who}, whom neither files nor chain name"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_its_account_s() {
        let (one, two) = (Payee([1; 20]), Payee([2; 20]));
        let only = Sender::Only("the developer", one);
        assert!(only.check(one).is_ok());
        let refused = only.check(two).unwrap_err().to_string();
        assert!(refused.contains("would send: it is refused. Sign with the key of 0x0101"), "{refused}");
        assert!(Sender::Usually(one).check(two).is_ok());
        // An unbound ledger names nobody.
        assert!(Sender::Only("the developer", Payee::default()).check(two).is_ok());
    }

    #[test]
    fn without_a_signer_the_role_is_simulated() {
        let one = Payee([1; 20]);
        for sender in [Sender::Only("x", one), Sender::Usually(one)] {
            assert_eq!(sender.usual().unwrap(), one);
        }
        assert_eq!(Sender::Anyone.usual().unwrap(), Payee::default());
        let error = Sender::Somebody("who pays").usual().unwrap_err().to_string();
        assert!(error.starts_with("say --from ADDRESS: what happens depends on who pays"), "{error}");
    }
}
