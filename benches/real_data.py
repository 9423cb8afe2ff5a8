#!/usr/bin/env python3
"""A payout ledger over a real list of payees, from CSV to everybody's receipts, measured and compared with the reference
model.

    cargo build --release --workspace
    python3 benches/real_data.py --csv allocations.csv --suite pasta --tier 1024 --take 1022

The CSV has the header `payee,score`. Every command runs as a user would type it; for each one the wall-clock time and the
peak memory of the process are printed. Every payee's receipt must show what the reference model computes
(circuits/tests/vectors/epochs.py), and the auditor must find the ledger, some receipts and a statement valid. On bn254 give
`--powers G1 --g2 G2` (or `--powers FILE.ptau`) for a ceremony, or `--insecure-dev`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from csv import DictReader as csv_reader
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VECTORS = ROOT / "circuits" / "tests" / "vectors"
REVENUES = [987_654_321_098_765_432_109, 1_234_567_890_123, 31_415_926_535_897_932_384_626]
POLICY = """contributors_bps = 5000
[[beneficiaries]]
name = "developer"
address = "0x1111111111111111111111111111111111111111"
bps = 5000
"""


def run(label, *command, cwd):
    """Runs a command; returns its standard output and prints time and peak memory."""
    start = time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen([str(part) for part in command], cwd=cwd, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        elapsed = time.monotonic() - start
        out.seek(0)
        err.seek(0)
        output, errors = out.read().decode(), err.read().decode()
    code = os.waitstatus_to_exitcode(status)
    print(f"| {label} | {elapsed:.2f} s | {usage.ru_utime + usage.ru_stime:.2f} s | {usage.ru_maxrss / 1024:.0f} MiB |", flush=True)
    if code != 0:
        sys.exit(f"{' '.join(map(str, command))}\nexit {code}\n{output}{errors}")
    return output


def size(path):
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--csv", required=True, type=Path)
    parser.add_argument("--suite", default="pasta", choices=["pasta", "bn254"])
    parser.add_argument("--tier", default="1024", choices=["64", "1024", "16384"])
    parser.add_argument("--take", default="1022")
    parser.add_argument("--epochs", default=3, type=int, choices=[1, 2, 3])
    parser.add_argument("--receipts", default=5, type=int)
    parser.add_argument("--bin", default=ROOT / "target" / "release", type=Path)
    parser.add_argument("--params-dir", type=Path, help="where parameters are cached; a fresh folder by default")
    parser.add_argument("--powers", type=Path)
    parser.add_argument("--g2", type=Path)
    parser.add_argument("--insecure-dev", action="store_true")
    args = parser.parse_args()
    csv = args.csv.resolve()
    apportion, verify = args.bin.resolve() / "apportion", args.bin.resolve() / "apportion-verify"

    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        params = (args.params_dir or work / "params").resolve()
        flags = ["--params-dir", params, "-q"]
        (work / "policy.toml").write_text(POLICY)
        print(f"suite {args.suite}, tier {args.tier}, the first {args.take} payees, {args.epochs} epochs, {os.cpu_count()} cores\n")
        print("| step | wall clock | CPU | peak memory |\n| --- | --- | --- | --- |")

        def step(label, *command):
            return run(label, *command, cwd=work)

        step("make the input", sys.executable, VECTORS / "real_data.py", csv, "--take", args.take, "--out", "data", "--epochs", 3)
        if args.powers:
            g2 = ["--g2", args.g2.resolve()] if args.g2 else []
            # The largest table: Tree, 16 rows a slot.
            k = {"64": 10, "1024": 14, "16384": 18}[args.tier]
            step("params import", apportion, "params", "import", args.powers.resolve(), *g2, "--k", k, *flags)
        dev = ["--insecure-dev"] if args.insecure_dev else []
        allow = ["--allow-insecure-params"] if args.insecure_dev else []
        step("dataset commit", apportion, "dataset", "commit", "--records", "data/records.csv", "--out", "dataset",
             "--suite", args.suite, "--tier", args.tier, *dev, *flags)
        step("dataset prove", apportion, "dataset", "prove", "--dir", "dataset", *flags)
        step("ledger init", apportion, "ledger", "init", "--dir", "ledger", "--suite", args.suite,
             "--model", "real-data", "--policy", "policy.toml", *dev, *flags)
        step("ledger enroll", apportion, "ledger", "enroll", "--dir", "ledger", "--dataset", "dataset", *flags)
        for epoch in range(1, args.epochs + 1):
            scores = ["--dir", "ledger", "--epoch", epoch, "--scores"]
            step(f"scores commit {epoch}", apportion, "scores", "commit", "--dir", "ledger", "--scores",
                 f"data/scores-{epoch}.csv", "--epoch", epoch, "--out", f"scores-{epoch}", "--seed", "attributor.seed", *flags)
            step(f"check {epoch}", apportion, "check", *scores, f"scores-{epoch}", "--revenue", REVENUES[epoch - 1], *flags)
            step(f"prove {epoch}", apportion, "prove", *scores, f"scores-{epoch}", "--revenue", REVENUES[epoch - 1], *flags)
        step("receipt --all", apportion, "receipt", "--dir", "ledger", "--all", "--out", "receipts", *flags)

        epochs = [part for e in range(1, args.epochs + 1) for part in ("--epoch", f"data/scores-{e}.csv:{REVENUES[e - 1]}")]
        model = json.loads(step("reference model", sys.executable, VECTORS / "epochs.py", "--records", "data/records.csv",
                                "--policy", "policy.toml", "--tier", args.tier, *epochs))
        cumulative = model["epochs"][-1]["cumulative"]
        with open(work / "data/records.csv", newline="", encoding="ascii") as file:
            payees = [row["payee"].lower() for row in csv_reader(file)]
        due = {}
        for payee, amount in zip(payees, cumulative):
            due[payee] = due.get(payee, 0) + int(amount)
        shown = {}
        for file in (work / "receipts").glob("*.json"):
            receipt = json.loads(file.read_text())
            shown[receipt["payee"].lower()] = sum(int(account["cumulative"]) for account in receipt["accounts"])
        # Who is in no receipt is in a segment that never moved, and has earned nothing.
        wrong = [payee for payee, amount in due.items() if shown.get(payee, 0) != amount]
        if wrong or set(shown) - set(due):
            sys.exit(f"{len(wrong)} receipts differ from the reference model, the first is {wrong[:1]}")
        chosen = sorted(shown)[:: max(1, len(shown) // args.receipts)][: args.receipts]
        names = {json.loads(file.read_text())["payee"].lower(): file for file in (work / "receipts").glob("*.json")}
        for n, payee in enumerate(chosen):
            step(f"verify receipt {n + 1}", verify, "receipt", names[payee], "--ledger", "ledger", *allow, "-q")
        step("statement", apportion, "statement", "--dir", "ledger", "--payee", chosen[0], "--out", "statement.json", *flags)
        step("verify statement", verify, "statement", "statement.json", "--ledger", "ledger", *allow, "-q")
        for epoch in model["epochs"]:
            root = work / f"ledger/public/epochs/{epoch['epoch']:06}"
            header, posted = json.loads((root / "epoch.json").read_text()), json.loads((root / "scores.json").read_text())
            if (header["pool"], posted["total_score"]) != (epoch["pool"], epoch["total_score"]):
                sys.exit(f"epoch {epoch['epoch']}: pool and total score differ from the reference model's")
            ours = [(s["score"], e["paid"]) for s, e in zip(posted["segments"], header["segments"])]
            theirs = [(s["segment_score"], s["segment_paid"]) for s in epoch["segments"] if int(s["segment_score"])]
            if ours != theirs:
                sys.exit(f"epoch {epoch['epoch']}: segment sums differ from the reference model's")
        verdict = step("verify ledger", verify, "ledger", "ledger", *allow, "--json")
        checks = json.loads(verdict)
        if not checks["valid"]:
            sys.exit(verdict)
        seed = next((work / "ledger/private").glob("seed*"))
        step("ledger recover", apportion, "ledger", "recover", "--public", "ledger/public", "--seed", seed, "--dataset", "dataset",
             "--scores", *[f"scores-{e}" for e in range(1, args.epochs + 1)], "--dir", "recovered", *flags)
        proofs = sorted((work / "ledger/public").rglob("*.proof"))
        print(f"\nVALID: {len(checks['checks'])} checks. {len(shown)} receipts of {len(payees)} records equal the reference model.")
        print(f"{len(proofs)} proofs, {sum(file.stat().st_size for file in proofs):,} bytes; public files {size(work / 'ledger/public'):,} bytes.")


if __name__ == "__main__":
    main()
