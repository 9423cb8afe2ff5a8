//! `apportion send`: the transactions that `export calldata` prints, through a node.

use std::path::PathBuf;

use apportion::Error;
use apportion_circuits::types::Payee;
use clap::Args;

use super::{Session, transaction::Transaction};

/// Shown under the verbs.
pub(super) const AFTER_HELP: &str = "\
Every transaction is simulated first and sent only where the contract would accept it. Several are sent one after the \
other, each once the one before has its receipt; what the chain has already is left out, so that an interrupted command \
can be given again. Deposits and withdrawals can't be told from earlier ones, and are never left out.

Signing: a key from a file that only its owner can read, or, on a development node, an account that the node holds.

Examples:
  apportion send settle --dir ledger --epoch 1 --rpc https://node.example --private-key-file developer.key
  apportion send claim --receipt receipt.json --rpc http://127.0.0.1:8545 --unlocked \\
    --from 0x70997970C51812dc3A010C7d01b50e0d17dc79C8

Needs a program that was built with: cargo build --release -p apportion --features rpc";

/// The transactions, sent.
pub(crate) type Send = Transaction<Through>;

/// The node, and who signs.
#[derive(Debug, Args)]
#[cfg_attr(not(feature = "rpc"), allow(dead_code, reason = "read by what is not built"))]
pub(crate) struct Through {
    /// The node's JSON-RPC endpoint.
    #[arg(long, value_name = "URL", env = "ETH_RPC_URL", hide_env_values = true)]
    rpc: String,
    /// The node signs, for the account --from: development nodes do.
    #[arg(long, requires = "from", required_unless_present = "private_key_file")]
    unlocked: bool,
    /// The account that sends; with a key, the account that the key must be of.
    #[arg(long, value_name = "ADDRESS")]
    from: Option<Payee>,
    /// A file with the private key in hexadecimal, that only its owner can read.
    #[arg(long, value_name = "FILE", conflicts_with = "unlocked")]
    private_key_file: Option<PathBuf>,
    /// Blocks that a transaction must be in or under before it counts.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1000))]
    confirmations: u64,
    /// How long to wait for a receipt.
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    timeout: u64,
    /// The number of the first transaction that is sent, to repeat one that may have been sent: of two with one number
    /// at most one is mined.
    #[arg(long, value_name = "N")]
    nonce: Option<u64>,
    /// The most that a unit of gas may cost, in wei or with `gwei` behind it. Where the node asks for more, nothing is
    /// sent.
    #[arg(long, value_name = "FEE", default_value = "200gwei", value_parser = fee)]
    max_fee_per_gas: u128,
}

/// Wei, or gwei with a decimal point or not.
fn fee(text: &str) -> Result<u128, String> {
    let (number, decimals) = match text.strip_suffix("gwei") {
        Some(number) => (number, 9),
        None => (text.strip_suffix("wei").unwrap_or(text), 0),
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let part = if decimals == 0 && !number.contains('.') { "" } else { part };
    let fits = digits(whole) && part.len() <= decimals && (decimals == 0 || digits(part));
    let parsed = fits.then(|| format!("{whole}{part:0<decimals$}").parse().ok()).flatten();
    parsed.ok_or_else(|| "write an amount of wei, or of gwei as in 30gwei or 0.5gwei".into())
}

#[cfg(not(feature = "rpc"))]
pub(super) fn run(send: &Send, _: &Session) -> Result<(), Error> {
    let (_, Through { .. }) = send.parts();
    Err(Error::usage(
        "this program was built without sending: cargo build --release -p apportion --features rpc; `apportion export \
         calldata` makes the same transactions for `cast send` or a multisig",
    ))
}

#[cfg(feature = "rpc")]
pub(super) fn run(send: &Send, session: &Session) -> Result<(), Error> {
    use apportion::{
        progress::Progress,
        rpc::{Client, Limits, Patience, Sent, Status},
    };
    use apportion_verifier::chain::Node;
    let (verb, through) = send.parts();
    let account = through.account()?;
    let batch = verb.batch_on(account.address(), &mut Node::new(&through.rpc), &session.console)?;
    let timeout = std::time::Duration::from_secs(through.timeout);
    let patience = Patience { confirmations: through.confirmations, timeout };
    let limits = Limits { nonce: through.nonce, max_fee_per_gas: through.max_fee_per_gas };
    let mut client = Client::new(&through.rpc, account, patience)?.with_limits(limits);
    let mut tell = |text: &str| session.console.note(text);
    let sent = client.send_all(batch.chain_id, batch.renewal, &batch.calls, &mut tell)?;
    let line = |sent: &Sent| match (sent.status, &sent.hash, sent.gas) {
        (Status::Success, Some(hash), Some(gas)) => format!("{hash}  success  gas {gas}  {}", sent.what),
        _ => format!("nothing sent: the chain has it already  {}", sent.what),
    };
    let text: Vec<_> = sent.iter().map(line).collect();
    session.console.result(&sent, &text.join("\n"));
    Ok(())
}

#[cfg(feature = "rpc")]
impl Through {
    fn account(&self) -> Result<apportion::rpc::Account, Error> {
        use apportion::rpc::{Account, read_key};
        let account = match (&self.private_key_file, self.from) {
            (Some(path), _) => Account::Key(read_key(path)?),
            (None, Some(from)) => Account::Node(from),
            (None, None) => return Err(Error::usage("give --private-key-file, or --unlocked and --from")),
        };
        match self.from {
            Some(from) if from != account.address() => {
                let text = format!("the key is of account {}, not of {from}", account.address());
                Err(Error::usage(text))
            }
            _ => Ok(account),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fee;

    #[test]
    fn fees_are_read_in_wei_and_gwei() {
        for (text, wei) in [("7", 7), ("7wei", 7), ("30gwei", 30_000_000_000), ("0.5gwei", 500_000_000)] {
            assert_eq!(fee(text), Ok(wei), "{text}");
        }
        for text in
            ["", "gwei", "1.5", "1.5wei", "1.gwei", ".5gwei", "-1", "0.0000000001gwei", "1ether", "+1"]
        {
            assert!(fee(text).is_err(), "{text}");
        }
    }
}
