//! A model's terms, datasets, roles and announcements.

use apportion::{Error, ledger::proven_revision};
use apportion_chain::{
    Call, ReadChain,
    abi::IToken,
    ask,
    calls::{self, Role, Terms},
};
use apportion_circuits::types::{BPS_WHOLE, Payee};
use apportion_statement::{
    counted,
    files::{Bundle, EnrolledDataset, LedgerDoc},
};
use clap::Args;

use super::{Batch, OfLedger, Sender, Verb, needs};

#[derive(Debug, Args)]
pub(crate) struct CreateModel {
    #[command(flatten)]
    of: OfLedger,
    /// Who commits the scores, at first.
    #[arg(long, value_name = "ADDRESS")]
    attributor: Payee,
    /// The ERC-20 token that revenue is paid in.
    #[arg(long, value_name = "ADDRESS")]
    token: Payee,
    /// What every later policy gives contributors at least, in basis points: a promise that is never taken back.
    #[arg(long, value_name = "BPS")]
    min_contributors_bps: u16,
    /// Units of the token a record that a pool must reach before its epoch can close: a thousandth of a token without it.
    #[arg(long, value_name = "UNITS")]
    min_pool: Option<u64>,
    /// The token's decimals, which a node is asked for: to say --min-pool by.
    #[arg(long, value_name = "N", conflicts_with = "min_pool")]
    decimals: Option<u8>,
    /// How long only the developer may close an epoch whose pool is large enough.
    #[arg(long, value_name = "TIME", default_value = "7d", value_parser = time)]
    open_window: u32,
    /// After how long without a move the attributor may commit again.
    #[arg(long, value_name = "TIME", default_value = "7d", value_parser = time)]
    settle_window: u32,
    /// How long before an epoch opens its changes are announced.
    #[arg(long, value_name = "TIME", default_value = "14d", value_parser = time)]
    notice_window: u32,
    /// How long a demand may stay unanswered.
    #[arg(long, value_name = "TIME", default_value = "14d", value_parser = time)]
    demand_window: u32,
    /// How long the model may stall before anyone may dissolve it.
    #[arg(long, value_name = "TIME", default_value = "60d", value_parser = time)]
    exit_window: u32,
    /// What a demand costs its sender, in wei: it goes to whoever answers. At most the ledger's bound.
    #[arg(long, value_name = "WEI")]
    demand_bond: u128,
}

/// Seconds, or a number of hours (`h`) or days (`d`).
fn time(text: &str) -> Result<u32, String> {
    let (digits, unit) = match text.as_bytes().last() {
        Some(b'd') => (&text[..text.len() - 1], 86_400),
        Some(b'h') => (&text[..text.len() - 1], 3_600),
        _ => (text, 1),
    };
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = plain.then(|| digits.parse::<u32>().ok()).flatten();
    number.and_then(|number| number.checked_mul(unit)).ok_or_else(|| "write seconds, or 12h, or 7d".into())
}

impl CreateModel {
    fn least_pool(&self, chain: Option<&mut dyn ReadChain>) -> Result<u64, Error> {
        let decimals = match (self.min_pool, self.decimals, chain) {
            (Some(units), ..) => return Ok(units),
            (None, Some(decimals), _) => decimals,
            (None, None, Some(chain)) => {
                ask(chain, self.token, &IToken::decimalsCall {}).map_err(|error| {
                    Error::usage(format!("say --min-pool: the token does not say its decimals ({error})"))
                })?
            }
            (None, None, None) => {
                let what = "the least pool a record is a thousandth of a token unless it is said";
                return Err(needs("--min-pool, or --decimals of the token", what));
            }
        };
        Ok(Terms::least_pool(decimals))
    }
}

impl Verb for CreateModel {
    fn batch(&self, chain: Option<&mut dyn ReadChain>) -> Result<Batch, Error> {
        let bundle = self.of.bundle()?;
        let Some(first) = bundle.policies.first() else {
            return Err(Error::usage("the ledger has no policy"));
        };
        let terms = Terms {
            attributor: self.attributor,
            token: self.token,
            min_contributors_bps: self.min_contributors_bps,
            min_pool: self.least_pool(chain)?,
            open_window: self.open_window,
            settle_window: self.settle_window,
            notice_window: self.notice_window,
            demand_window: self.demand_window,
            exit_window: self.exit_window,
            demand_bond: self.demand_bond,
        };
        let call = calls::create_model(&bundle.ledger, &first.terms, &terms)?;
        let records = bundle.datasets.iter().map(|enrolled| enrolled.dataset.newest().records).sum();
        let notes = vec![first_pool(terms.min_pool, records, first.terms.contributors_bps)];
        let sender = Sender::Only("the developer", bundle.ledger.developer);
        Ok(Batch { notes, ..Batch::of(&bundle.ledger, [call]).sent_by(sender) })
    }
}

/// What the least pool a record means for the first epoch, with the records that the files have by now.
fn first_pool(min_pool: u64, records: u64, contributors_bps: u32) -> String {
    let pool = u128::from(min_pool) * u128::from(records);
    if records == 0 {
        return format!(
            "least pool: {min_pool} units for each record that is enrolled when the first epoch opens; no dataset is enrolled in \
             these files yet"
        );
    }
    // Compared is the contributors' part of the revenue, rounded down.
    let revenue = (pool * u128::from(BPS_WHOLE)).div_ceil(u128::from(contributors_bps.max(1)));
    format!(
        "least pool: {min_pool} units a record, {} in these files: the first epoch can close from a pool of {pool} units on, which \
         takes a revenue of {revenue}",
        counted(records, "record")
    )
}

/// The dataset with a number.
fn dataset(bundle: &Bundle, number: u32) -> Result<&EnrolledDataset, Error> {
    bundle.datasets.get(number as usize).ok_or_else(|| {
        let count = bundle.datasets.len();
        Error::usage(format!("the ledger has no dataset {number}: it has {count}, numbered from 0"))
    })
}

#[derive(Debug, Args)]
pub(crate) struct Enroll {
    #[command(flatten)]
    of: OfLedger,
    /// This dataset alone; without it, every dataset of the ledger that the chain does not have yet.
    #[arg(long, value_name = "N")]
    dataset: Option<u32>,
}

impl Verb for Enroll {
    fn batch(&self, _: Option<&mut dyn ReadChain>) -> Result<Batch, Error> {
        let bundle = self.of.bundle()?;
        let numbers = match self.dataset {
            Some(only) => only..only.saturating_add(1),
            None => 0..bundle.datasets.len() as u32,
        };
        let call = |number: u32| -> Result<Call, Error> {
            let enrolled = dataset(&bundle, number)?;
            let revision = proven_revision(&enrolled.dataset).ok_or_else(|| {
                Error::usage(format!(
                    "dataset {number} has no proven columns: its owner's `dataset prove` makes them"
                ))
            })?;
            Ok(calls::enroll(&bundle.ledger, enrolled.dataset.doc.dataset_id, number, revision)?)
        };
        let calls = numbers.map(call).collect::<Result<Vec<_>, _>>()?;
        if calls.is_empty() {
            return Err(Error::usage(
                "no dataset is enrolled in these files: `apportion ledger enroll` does that",
            ));
        }
        Ok(Batch::by_developer(&bundle.ledger, calls))
    }
}

#[derive(Debug, Args)]
pub(crate) struct Open {
    #[command(flatten)]
    of: OfLedger,
}

impl Verb for Open {
    fn batch(&self, _: Option<&mut dyn ReadChain>) -> Result<Batch, Error> {
        let ledger = self.of.bundle()?.ledger;
        Ok(Batch::by_developer(&ledger, [calls::open(&ledger)?]))
    }
}

#[derive(Debug, Args)]
pub(crate) struct AnnouncePolicy {
    #[command(flatten)]
    of: OfLedger,
    /// The policy's number in the ledger, as `apportion ledger policy` made it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..))]
    policy: u32,
}

impl Verb for AnnouncePolicy {
    fn batch(&self, _: Option<&mut dyn ReadChain>) -> Result<Batch, Error> {
        let bundle = self.of.bundle()?;
        let found = bundle.policies.iter().find(|policy| policy.policy == self.policy);
        let found = found.ok_or_else(|| Error::usage(format!("the ledger has no policy {}", self.policy)))?;
        let call = calls::announce_policy(&bundle.ledger, self.policy, &found.terms)?;
        Ok(Batch::by_developer(&bundle.ledger, [call]))
    }
}

#[derive(Debug, Args)]
pub(crate) struct AnnounceAttributor {
    #[command(flatten)]
    of: OfLedger,
    /// The new attributor.
    #[arg(long, value_name = "ADDRESS")]
    to: Payee,
}

impl Verb for AnnounceAttributor {
    fn batch(&self, _: Option<&mut dyn ReadChain>) -> Result<Batch, Error> {
        let ledger = self.of.bundle()?.ledger;
        Ok(Batch::by_developer(&ledger, [calls::announce_attributor(&ledger, self.to)?]))
    }
}

#[derive(Debug, Args)]
pub(crate) struct AnnounceRetirement {
    #[command(flatten)]
    of: OfLedger,
    /// The dataset, which `apportion ledger retire` retired in the files.
    #[arg(long, value_name = "N")]
    dataset: u32,
}

impl Verb for AnnounceRetirement {
    fn batch(&self, _: Option<&mut dyn ReadChain>) -> Result<Batch, Error> {
        let bundle = self.of.bundle()?;
        let found = dataset(&bundle, self.dataset)?;
        let retirement = found.retirement.as_ref().ok_or_else(|| {
            Error::usage(format!(
                "dataset {} is not retired in these files: `apportion ledger retire`",
                self.dataset
            ))
        })?;
        let call = calls::announce_retirement(&bundle.ledger, found.dataset.doc.dataset_id, retirement)?;
        Ok(Batch::by_developer(&bundle.ledger, [call]))
    }
}

#[derive(Debug, Args)]
pub(crate) struct ReplaceAttributor {
    #[command(flatten)]
    of: OfLedger,
    /// The open epoch.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    epoch: u32,
}

impl Verb for ReplaceAttributor {
    fn batch(&self, _: Option<&mut dyn ReadChain>) -> Result<Batch, Error> {
        let ledger = self.of.bundle()?.ledger;
        Ok(Batch::by_developer(&ledger, [calls::replace_attributor(&ledger, self.epoch)?]))
    }
}

/// Who offers a role: attributors have theirs by epoch.
fn role_sender(ledger: &LedgerDoc, role: Role) -> Sender {
    match role {
        Role::Developer => Sender::developer(ledger),
        Role::Attributor => Sender::Somebody("the attributor who offers the role"),
    }
}

macro_rules! roles {
    ($($offer:ident, $accept:ident, $role:ident;)+) => { $(
        #[derive(Debug, Args)]
        pub(crate) struct $offer {
            #[command(flatten)]
            of: OfLedger,
            /// Who may take the role.
            #[arg(long, value_name = "ADDRESS")]
            to: Payee,
        }

        impl Verb for $offer {
            fn batch(&self, _: Option<&mut dyn ReadChain>) -> Result<Batch, Error> {
                let ledger = self.of.bundle()?.ledger;
                let sender = role_sender(&ledger, Role::$role);
                Ok(Batch::of(&ledger, [calls::offer_role(&ledger, Role::$role, self.to)?]).sent_by(sender))
            }
        }

        #[derive(Debug, Args)]
        pub(crate) struct $accept {
            #[command(flatten)]
            of: OfLedger,
        }

        impl Verb for $accept {
            fn batch(&self, _: Option<&mut dyn ReadChain>) -> Result<Batch, Error> {
                let ledger = self.of.bundle()?.ledger;
                let sender = Sender::Somebody("whom the role is offered to");
                Ok(Batch::of(&ledger, [calls::accept_role(&ledger, Role::$role)?]).sent_by(sender))
            }
        }
    )+ };
}

roles! {
    OfferDeveloper, AcceptDeveloper, Developer;
    OfferAttributor, AcceptAttributor, Attributor;
}

#[cfg(test)]
mod tests {
    use apportion_chain::calls::Terms;
    use clap::Parser as _;

    use super::{CreateModel, first_pool, time};

    #[derive(clap::Parser)]
    struct Command {
        #[command(flatten)]
        verb: CreateModel,
    }

    /// Without a node somebody has to say it.
    #[test]
    fn the_least_pool_is_said_or_follows_from_decimals() {
        let account = "0x1111111111111111111111111111111111111111";
        let given = ["x", "--dir", "d", "--attributor", account, "--token", account];
        let given = given.into_iter().chain(["--min-contributors-bps", "1", "--demand-bond", "1"]);
        let pool = |more: &[&str]| {
            let command = Command::try_parse_from(given.clone().chain(more.iter().copied())).ok()?;
            Some(command.verb.least_pool(None).map_err(|error| error.to_string()))
        };
        assert_eq!(pool(&["--min-pool", "7"]), Some(Ok(7)));
        assert_eq!(pool(&["--decimals", "18"]), Some(Ok(1_000_000_000_000_000)));
        assert_eq!(pool(&["--min-pool", "7", "--decimals", "6"]), None);
        let refused = pool(&[]).and_then(Result::err).unwrap_or_default();
        assert!(refused.contains("say --min-pool, or --decimals of the token"), "{refused}");
    }

    #[test]
    fn the_first_pool_is_said_in_units_and_in_revenue() {
        let said = first_pool(1_000, 70, 4_500);
        assert!(said.contains("1000 units a record, 70 records in these files"), "{said}");
        // floor(155556 * 0.45) = 70000, and one unit less is too little.
        assert!(said.contains("a pool of 70000 units on, which takes a revenue of 155556"), "{said}");
        assert_eq!((155_556u128 * 4_500 / 10_000, 155_555u128 * 4_500 / 10_000), (70_000, 69_999));
        let none = first_pool(7, 0, 5_000);
        assert!(
            none.contains("7 units for each record") && none.contains("no dataset is enrolled"),
            "{none}"
        );
        assert!(first_pool(1 << 56, 1 << 40, 1).contains("revenue of"), "no overflow");
    }

    /// USDC, DAI, and tokens of fewer or of absurdly many decimals.
    #[test]
    fn the_least_pool_is_a_thousandth_of_a_token() {
        for (decimals, units) in [(6, 1_000), (18, 1_000_000_000_000_000), (3, 1), (0, 1), (255, 1 << 56)] {
            assert_eq!(Terms::least_pool(decimals), units, "{decimals}");
        }
    }

    #[test]
    fn times_are_seconds_hours_or_days() {
        for (text, seconds) in [("3600", 3_600), ("12h", 43_200), ("7d", 604_800)] {
            assert_eq!(time(text), Ok(seconds));
        }
        for text in ["", "d", "-1", "1.5h", "7 d", "1w", "99999999d", "é"] {
            assert!(time(text).is_err(), "{text}");
        }
    }
}
