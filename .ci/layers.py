#!/usr/bin/env python3
"""Fails where a crate depends on one that it must not know: edges between our crates run one way, and the statement
knows no proof system.

    .ci/layers.py               the check, offline
"""

import json
import subprocess
import sys
from pathlib import Path

root = Path(__file__).resolve().parent.parent

# Whom each crate may use, left to right: a room may know what stands to its left, never what stands to its right.
MAY_USE = {
    "apportion-circuits": set(),
    "apportion-statement": {"circuits"},
    "apportion-suite": {"circuits"},
    "apportion-secrets": {"circuits"},
    "apportion-queue": {"circuits", "statement"},
    "apportion-engine": {"circuits", "suite"},
    "apportion-reference": {"circuits", "suite", "engine"},
    "apportion-generator": {"circuits", "suite"},
    "apportion-chain": {"circuits", "statement"},
    "apportion-evm": {"circuits", "statement", "suite", "chain", "generator"},
    "apportion-verifier": {"circuits", "statement", "suite", "chain"},
    "apportion": {
        "circuits", "statement", "suite", "chain", "secrets", "queue", "engine", "generator", "evm", "verifier",
    },
    "apportion-benches": {
        "circuits", "statement", "suite", "chain", "secrets", "queue", "engine", "reference", "generator", "evm",
        "verifier", "",
    },
}  # fmt: skip
# Crates whose libraries must not contain a proof system. halo2curves-axiom has the fields and curves.
NO_PROOF_SYSTEM = ["apportion-circuits", "apportion-statement", "apportion-chain", "apportion-secrets", "apportion-queue"]
FIELDS_AND_CURVES = {"halo2curves-axiom"}


def cargo(*arguments: str) -> str:
    outcome = subprocess.run(["cargo", *arguments], cwd=root, capture_output=True, text=True)
    if outcome.returncode:
        sys.exit(f"cargo {' '.join(arguments)}:\n{outcome.stderr}")
    return outcome.stdout


def full(name: str) -> str:
    return f"apportion-{name}" if name else "apportion"


packages = json.loads(cargo("metadata", "--no-deps", "--format-version", "1"))["packages"]
ours = {package["name"] for package in packages}
bad = []
edges = 0
uses: dict[str, set[str]] = {}
for package in packages:
    name = package["name"]
    if name not in MAY_USE:
        bad.append(f"{name}: unknown here; say in .ci/layers.py what it may use")
        continue
    allowed = {full(short) for short in MAY_USE[name]}
    for dependency in package["dependencies"]:
        to = dependency["name"]
        if to not in ours:
            continue
        edges += 1
        uses.setdefault(name, set()).add(to)
        # Tests may use more, as long as no loop is closed.
        if dependency["kind"] != "dev" and to not in allowed:
            bad.append(f"{name} uses {to}, which it must not know")


def loop(path: list[str]) -> list[str] | None:
    for to in sorted(uses.get(path[-1], ())):
        if to in path:
            return [*path[path.index(to) :], to]
        if found := loop([*path, to]):
            return found
    return None


loops = {frozenset(found): found for name in sorted(ours) if (found := loop([name]))}
bad += [f"a loop: {' uses '.join(found)}" for found in loops.values()]

for name in NO_PROOF_SYSTEM:
    if name not in ours:
        continue
    tree = cargo("tree", "--edges", "normal", "--package", name, "--prefix", "none", "--format", "{p}")
    names = {line.split()[0] for line in tree.splitlines() if line.strip()}
    systems = sorted(
        name
        for name in names - FIELDS_AND_CURVES
        if name.startswith(("halo2", "snark-verifier", "plonk", "ark-")) or name in ("apportion-suite", "apportion-engine")
    )
    if systems:
        bad.append(f"{name} contains a proof system: {', '.join(systems)}")

print("\n".join(bad) if bad else f"layers: {len(ours)} crates, {edges} edges, all one way; no proof system in statements")
sys.exit(bool(bad))
