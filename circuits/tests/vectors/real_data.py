"""Turns a `payee,score` file into a dataset and score files for some epochs.

    python3 real_data.py allocations.csv --take 1000 --out DIR [--epochs 3]

Writes DIR/records.csv (content = sha256("safe:" + payee, exactly as in the file)) and DIR/scores-1.csv, ...:
epoch 1 scores as given, later epochs deterministic variations of it: about one record in eight scores nothing,
the others between nothing and twice their first score.
"""

import argparse
import csv
import hashlib
import itertools
import sys
from pathlib import Path


def content(payee):
    return "0x" + hashlib.sha256(f"safe:{payee}".encode("ascii")).hexdigest()


def varied(payee, score, epoch):
    if epoch == 1:
        return score
    noise = hashlib.sha256(f"epoch {epoch}: {payee}".encode("ascii")).digest()
    if noise[0] < 32:
        return 0
    return score * int.from_bytes(noise[1:3], "big") >> 15


def write(path, header, rows):
    with open(path, "w", newline="", encoding="ascii") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Dataset and scores from a payee,score file.")
    parser.add_argument("source", help="CSV with the header payee,score")
    parser.add_argument("--take", type=int, help="only the first N rows")
    parser.add_argument("--out", type=Path, required=True, help="directory to write to")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--by", choices=("record", "payee"), default="record", help="first column of the scores files")
    options = parser.parse_args(arguments)
    with open(options.source, newline="", encoding="ascii") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != ["payee", "score"]:
            parser.error("the header must be payee,score")
        given = [(row["payee"], int(row["score"])) for row in itertools.islice(reader, options.take)]
    options.out.mkdir(parents=True, exist_ok=True)
    write(options.out / "records.csv", ["payee", "content"], [(payee, content(payee)) for payee, _ in given])
    for epoch in range(1, options.epochs + 1):
        scores = [
            (payee if options.by == "payee" else index, varied(payee, score, epoch))
            for index, (payee, score) in enumerate(given)
        ]
        write(options.out / f"scores-{epoch}.csv", [options.by, "score"], scores)
    return 0


if __name__ == "__main__":
    sys.exit(main())
