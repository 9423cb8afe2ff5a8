//! An example for every verb. A test reads each as the command line that it is.

use super::Deliver;

/// The example of a verb, with what its delivery takes.
pub(super) fn example<D: Deliver>(verb: &str) -> String {
    let found = EXAMPLES.iter().find(|(name, ..)| *name == verb);
    found.map_or(String::new(), |(name, options, asked)| D::example(&format!("{name} {options}"), asked))
}

/// A verb, its options, and options that `send` asks the chain for.
const EXAMPLES: &[(&str, &str, &str)] = &[
    ("register", "--dataset dataset", ""),
    ("extend", "--dataset dataset", ""),
    ("provePayees", "--dataset dataset", ""),
    ("offerOwnership", "--dataset dataset --to 0x70997970C51812dc3A010C7d01b50e0d17dc79C8", ""),
    ("acceptOwnership", "--dataset dataset", ""),
    (
        "createModel",
        "--dir ledger --attributor 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 \
         --token 0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48 --min-contributors-bps 5000 \
         --demand-bond 1000000000000000",
        "--decimals 6",
    ),
    ("enroll", "--dir ledger", ""),
    ("open", "--dir ledger", ""),
    ("announcePolicy", "--dir ledger --policy 2", ""),
    ("announceAttributor", "--dir ledger --to 0x70997970C51812dc3A010C7d01b50e0d17dc79C8", ""),
    ("announceRetirement", "--dir ledger --dataset 0", ""),
    ("replaceAttributor", "--dir ledger --epoch 3", ""),
    ("offerDeveloper", "--dir ledger --to 0x70997970C51812dc3A010C7d01b50e0d17dc79C8", ""),
    ("acceptDeveloper", "--dir ledger", ""),
    ("offerAttributor", "--dir ledger --to 0x70997970C51812dc3A010C7d01b50e0d17dc79C8", ""),
    ("acceptAttributor", "--dir ledger", ""),
    (
        "deposit",
        "--dir ledger --epoch 1 --amount 1000000 \
         --attributor 0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
        "--token 0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
    ),
    ("commitScores", "--dir ledger --epoch 1 --scores scores-1", ""),
    ("closeEpoch", "--dir ledger --epoch 1 --scores scores-1", ""),
    ("settle", "--dir ledger --epoch 1", ""),
    ("claim", "--receipt receipts/0x70997970c51812dc3a010c7d01b50e0d17dc79c8.json", ""),
    ("setRecipient", "--to 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --addresses addresses.json", ""),
    ("withdrawShare", "--dir ledger --account 0x70997970C51812dc3A010C7d01b50e0d17dc79C8", ""),
    (
        "withdraw",
        "--dir ledger --account 0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
        "--token 0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
    ),
    ("demand", "--dir ledger --record record.json", "--bond 1000000000000000"),
    ("answer", "--receipt receipt.json", ""),
    ("returnBond", "--dir ledger --record record.json", ""),
    ("dissolve", "--dir ledger", ""),
    ("exit", "--dir ledger --record record.json", "--final-epoch 3"),
];
