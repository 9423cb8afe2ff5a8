"""Payouts of real input files, for comparison with the ledger's own amounts.

    python3 epochs.py --records records.csv --policy policy.toml --epoch scores-1.csv:1000000 --epoch ...

Reads the same files as `apportion` (records.csv: payee,content[,recipient]; scores.csv: record,score or payee,score) and prints
JSON: for every epoch the pool, payouts and balances by record index, the sums of the segments that move, and dust.
Exit 2 on bad usage, 3 on unreadable or malformed input and for an epoch in which nobody scores. `--suite` adds the
dataset's Merkle roots.
"""

import argparse
import csv
import json
import re
import sys
import tomllib

import model
from model import Ledger, Policy, Rejected

ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
DIGEST = re.compile(r"0x[0-9a-fA-F]{64}")
DECIMAL = re.compile(r"0|[1-9][0-9]*")


class Malformed(Exception):
    pass


def rows(path, headers):
    """The header, then (line number, fields) for each row; only the given headers are known."""
    with open(path, newline="", encoding="utf-8") as file:
        reader = csv.reader(file)
        header = next(reader, None)
        if header not in headers:
            raise Malformed(f"{path}: the header must be {' or '.join(','.join(h) for h in headers)}")
        yield header
        for fields in reader:
            if len(fields) != len(header):
                raise Malformed(f"{path}:{reader.line_num}: {len(fields)} fields instead of {len(header)}")
            yield reader.line_num, fields


def matching(pattern, text, where):
    if not pattern.fullmatch(text):
        raise Malformed(f"{where}: {text!r}")
    return text


def read_records(path):
    """(payee, content) integers in file order."""
    lines = rows(path, [["payee", "content"], ["payee", "content", "recipient"]])
    next(lines)
    records = []
    for line, (payee, content, *_) in lines:
        where = f"{path}:{line}"
        records.append((int(matching(ADDRESS, payee, where), 16), int(matching(DIGEST, content, where), 16)))
    if not records:
        raise Malformed(f"{path}: no records")
    return records


def read_scores(path, records):
    """A score for each record; a record that is not listed scores 0."""
    lines = rows(path, [["record", "score"], ["payee", "score"]])
    by_payee = next(lines)[0] == "payee"
    index_of = {}
    if by_payee:
        for index, (payee, _) in enumerate(records):
            if payee in index_of:
                raise Malformed(f"{path}: scores by payee, but a payee has several records")
            index_of[payee] = index
    scores = [None] * len(records)
    for line, (key, text) in lines:
        where = f"{path}:{line}"
        if by_payee:
            index = index_of.get(int(matching(ADDRESS, key, where), 16))
        else:
            index = int(matching(DECIMAL, key, where))
        if index is None or index >= len(records):
            raise Malformed(f"{where}: no such record: {key}")
        if scores[index] is not None:
            raise Malformed(f"{where}: a second score for {key}")
        scores[index] = int(matching(DECIMAL, text, where))
    return [score or 0 for score in scores]


def read_policy(path):
    with open(path, "rb") as file:
        table = tomllib.load(file)
    beneficiaries = [
        (b["name"], matching(ADDRESS, b["address"], path), b["bps"]) for b in table.get("beneficiaries", [])
    ]
    if any(type(bps) is not int for bps in [table["contributors_bps"], *(bps for _, _, bps in beneficiaries)]):
        raise Malformed(f"{path}: basis points are integers")
    return Policy(table["contributors_bps"], beneficiaries)


def epoch_json(number, result, policy, tier, balances):
    return {
        "epoch": number,
        "revenue": str(result.revenue),
        "carried_in": str(result.carried_in),
        "shares": [
            {"name": name, "address": address, "amount": str(amount)}
            for (name, address, _), amount in zip(policy.beneficiaries, result.shares)
        ],
        "pool": str(result.pool),
        "total_score": str(result.total_score),
        # Only those that move: a segment in which nobody scores is not listed.
        "segments": [
            {
                "segment": move.segment,
                "records": move.split.records,
                "segment_score": str(move.split.segment_score),
                "segment_paid": str(move.split.segment_paid),
            }
            for move in result.moves
        ],
        "payouts": [str(q) for q in result.payouts(0, len(balances), tier)],
        "cumulative": [str(balance) for balance in balances],
        "paid": str(result.paid),
        "dust": str(result.dust),
    }


def run(options):
    records = read_records(options.records)
    policy = read_policy(options.policy)
    ledger = Ledger(policy)
    ledger.enroll(options.tier, len(records))
    epochs = []
    for number, (path, revenue) in enumerate(options.epoch, 1):
        result = ledger.epoch(revenue, [read_scores(path, records)])
        epochs.append(epoch_json(number, result, policy, options.tier, ledger.datasets[0].balances))
    output = {
        "version": 1,
        "tier": options.tier,
        "records": len(records),
        "segments": len(model.cut(options.tier, records)),
        "epochs": epochs,
    }
    if options.suite:
        output["suite"] = options.suite
        roots = model.dataset_roots(options.suite, options.tier, records)
        output["roots"] = [f"0x{root:064x}" for root in roots]
    return output


def epoch_argument(text):
    path, colon, revenue = text.rpartition(":")
    if not colon or not DECIMAL.fullmatch(revenue):
        raise argparse.ArgumentTypeError("expected SCORES.csv:REVENUE")
    return path, int(revenue)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Reference payouts over one or more epochs.")
    parser.add_argument("--records", required=True)
    parser.add_argument("--policy", required=True)
    parser.add_argument("--epoch", required=True, action="append", type=epoch_argument, metavar="SCORES:REVENUE")
    parser.add_argument("--tier", type=int, choices=model.TIERS, default=64)
    parser.add_argument("--suite", choices=model.MODULI, help="also print the dataset's Merkle roots")
    try:
        output = run(parser.parse_args(arguments))
    except (Malformed, Rejected, OSError, csv.Error, KeyError, TypeError, ValueError) as error:
        print(f"epochs.py: {error}", file=sys.stderr)
        return 3
    json.dump(output, sys.stdout, indent=1)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
