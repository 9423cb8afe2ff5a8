//! `apportion send`: the transactions that `export calldata` prints, through a node.

use std::{path::PathBuf, time::Duration};

use apportion::{
    Error,
    progress::Progress as _,
    rpc::{Account, Client, Limits, Sent, Status, Waiting, read_key},
};
use apportion_chain::{At, Node, calls::reset_approvals};
use apportion_circuits::types::Payee;
use clap::Args;

use super::{
    Session,
    transaction::{Deliver, Sender, Transaction},
};

/// Shown under the verbs.
pub(super) const AFTER_HELP: &str = "\
Every transaction is compared with what the chain has, simulated, and sent only where the contract would accept it. \
Several are sent one after the other, each once the one before has its receipt; what the chain has already is left out, \
so that an interrupted command can be given again. Deposits can't be told from earlier ones, and are never left out.

A node that is busy or silent is asked again, with longer and longer pauses. A transaction that waits is replaced by \
giving the command again with --nonce and its number: the new one offers an eighth more.

Signing: a key from a file that only its owner can read, or, on a development node, an account that the node holds. With \
--dry-run nobody signs: nothing is sent.

Examples:
  apportion send settle --dir ledger --epoch 1 --rpc https://node.example --private-key-file developer.key
  apportion send claim --receipt receipts/*.json --rpc http://127.0.0.1:8545 --unlocked \\
    --from 0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

/// The transactions, sent.
pub(crate) type Send = Transaction<Through>;

/// The node, and who signs.
#[derive(Debug, Args)]
pub(crate) struct Through {
    /// The node's JSON-RPC endpoint.
    #[arg(long, value_name = "URL", env = "ETH_RPC_URL", hide_env_values = true)]
    rpc: String,
    /// The node signs, for the account --from: development nodes do.
    #[arg(long, requires = "from")]
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
    /// The number of the first transaction that is sent: to replace one that waits under it, or to repeat one that may
    /// have been sent. Of two with one number at most one is mined.
    #[arg(long, value_name = "N")]
    nonce: Option<u64>,
    /// The most that a unit of gas may cost, in wei or with `gwei` behind it. Where the node asks for more, nothing is
    /// sent.
    #[arg(long, value_name = "FEE", default_value = "200gwei", value_parser = fee)]
    max_fee_per_gas: u128,
    /// The most gas that one transaction may use.
    #[arg(long, value_name = "GAS", default_value_t = 1 << 24, value_parser = clap::value_parser!(u64).range(21_000..=1 << 24))]
    max_gas: u64,
    /// Pay a gas price, for chains without EIP-1559.
    #[arg(long)]
    legacy: bool,
    /// Simulate on the state of this block: a number, latest, safe or finalized.
    #[arg(long, value_name = "BLOCK", default_value = "latest")]
    simulate_at: At,
    /// Compare and simulate; send nothing. Needs no signer: --from, or the account that has the role, is simulated.
    #[arg(long)]
    dry_run: bool,
}

impl Deliver for Through {
    fn example(verb: &str, _: &str) -> String {
        format!(
            "Examples:\n  apportion send {verb} --rpc https://node.example --private-key-file sender.key\n  apportion send {verb} \
             --rpc http://127.0.0.1:8545 --dry-run --from 0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
        )
    }
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

/// Who may sign, where nobody does.
const SIGNERS: &str = "nobody signs: name a file with the sender's private key (--private-key-file FILE), or, on a development node \
    that holds the account, --unlocked --from ADDRESS. --dry-run needs neither; `apportion export calldata` and `apportion \
    export safe` make the same transactions for another wallet";

/// Sends.
pub(super) fn run(send: &Send, session: &Session) -> Result<(), Error> {
    let (verb, through) = send.parts();
    // Said before a node is asked.
    let signer = if through.dry_run { None } else { Some(through.account(None)?) };
    let mut node = through.node();
    let batch = verb.batch(Some(&mut node))?;
    let sender = batch.sender.asked(&mut node)?;
    let account = match signer {
        Some(account) => account,
        None => through.account(Some(sender))?,
    };
    let from = account.address();
    sender.check(from)?;
    verb.check(&batch, from, &mut node)?;
    batch.notes.iter().for_each(|note| session.console.note(note));
    let mut client = through.client(node, account)?;
    let calls = reset_approvals(batch.calls, from, client.node())?;
    let mut tell = |text: &str| session.console.note(text);
    let sent = client.send_all(batch.chain_id, &calls, through.dry_run, &mut tell)?;
    let line = |sent: &Sent| match (sent.status, &sent.hash, sent.gas) {
        (Status::Success, Some(hash), Some(gas)) => format!("{hash}  success  gas {gas}  {}", sent.what),
        (Status::Simulated, _, Some(gas)) => {
            format!("nothing sent: it would be accepted, gas {gas}  {}", sent.what)
        }
        _ => format!("nothing sent: the chain has it already  {}", sent.what),
    };
    let text: Vec<_> = sent.iter().map(line).collect();
    session.console.result(&sent, &text.join("\n"));
    Ok(())
}

impl Through {
    /// The node.
    pub(super) fn node(&self) -> Node {
        Node::new(&self.rpc)
    }

    /// The node and the account.
    pub(super) fn client(&self, node: Node, account: Account) -> Result<Client, Error> {
        let waiting =
            Waiting { confirmations: self.confirmations, timeout: Duration::from_secs(self.timeout) };
        let limits = Limits {
            nonce: self.nonce,
            max_fee_per_gas: self.max_fee_per_gas,
            max_gas: self.max_gas,
            legacy: self.legacy,
            simulate_at: self.simulate_at,
        };
        Ok(Client::new(node, account, waiting, limits)?)
    }

    /// Whether nothing is sent.
    pub(super) fn dry_run(&self) -> bool {
        self.dry_run
    }

    /// The account that sends. Where nothing is sent it needs no signer: it is the one that is named, or the usual one.
    pub(super) fn account(&self, usual: Option<Sender>) -> Result<Account, Error> {
        let account = match (&self.private_key_file, self.from, usual) {
            (Some(path), ..) => Account::Key(read_key(path)?),
            (None, Some(from), _) if self.unlocked || self.dry_run => Account::Node(from),
            (None, None, Some(usual)) if self.dry_run => Account::Node(usual.usual()?),
            _ => return Err(Error::usage(SIGNERS)),
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
