"""A ledger's whole life, for comparison with one that was really proven.

    python3 life.py < events.json

Reads a JSON list of events from standard input, each an object with one key (amounts and scores are decimal strings):

    {"policy": {"contributors_bps": 5000, "beneficiaries": [["name", "0x..", 5000]]}}
    {"enroll": {"tier": 64, "records": [["0x<payee>", "0x<content>"], ..]}}
    {"extend": {"dataset": 0, "records": [..]}}      what is appended
    {"retire": 0}
    {"epoch": {"revenue": "10", "scores": [["1", ..], ..]}}      by dataset; an empty list for a retired one

and prints for every epoch what is public of it, every record's balance, and with `--suite` the roots of every
revision of every dataset. Exit 3 on input that lies outside what the statement allows.
"""

import argparse
import json
import sys

import model
from growth import Dataset
from model import Ledger, Policy, Rejected


def policy_of(event):
    return Policy(event["contributors_bps"], [tuple(party) for party in event["beneficiaries"]])


def records_of(event):
    return [(int(payee, 16), int(content, 16)) for payee, content in event["records"]]


def epoch_of(result):
    return {
        "pool": str(result.pool),
        "total_score": str(result.total_score),
        # Only those that move: a segment in which nobody scores is not listed.
        "segments": [
            {
                "dataset": move.dataset,
                "segment": move.segment,
                "records": move.split.records,
                "genesis": move.split.genesis,
                "score": str(move.split.segment_score),
                "paid": str(move.split.segment_paid),
            }
            for move in result.moves
        ],
        "dust": str(result.dust),
    }


def live(events):
    """The ledger after all events, its datasets, and what each epoch shows."""
    ledger, datasets, epochs = Ledger(None), [], []
    for event in events:
        [(kind, what)] = event.items()
        if kind == "policy":
            ledger.policy = policy_of(what)
        elif kind == "enroll":
            datasets.append(Dataset(what["tier"], records_of(what)))
            ledger.enroll(what["tier"], len(what["records"]))
        elif kind == "extend":
            datasets[what["dataset"]].extend(records_of(what))
            ledger.extend(what["dataset"], len(what["records"]))
        elif kind == "retire":
            ledger.retire(what)
        elif kind == "epoch":
            scores = [[int(score) for score in given] for given in what["scores"]]
            epochs.append(epoch_of(ledger.epoch(int(what["revenue"]), scores)))
        else:
            raise ValueError(f"unknown event: {kind}")
    return ledger, datasets, epochs


def main(arguments=None):
    parser = argparse.ArgumentParser(description="A ledger's whole life, from events on standard input.")
    parser.add_argument("--suite", choices=model.MODULI, help="also print the roots of every revision")
    suite = parser.parse_args(arguments).suite
    try:
        ledger, datasets, epochs = live(json.load(sys.stdin))
    except (Rejected, AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        print(f"life.py: {error}", file=sys.stderr)
        return 3
    output = {
        "epochs": epochs,
        "balances": [[str(balance) for balance in account.balances] for account in ledger.datasets],
        "carried": str(ledger.carried),
    }
    if suite:
        output["roots"] = [
            [[f"0x{root:064x}" for root in dataset.roots(suite, revision)] for revision in range(len(dataset.counts))]
            for dataset in datasets
        ]
    json.dump(output, sys.stdout, indent=1)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
