#!/usr/bin/env python3
"""Fails where a Cargo.lock holds a crate that deny.toml bans. `cargo deny` does more; this needs nothing installed."""

import sys
import tomllib
from pathlib import Path

root = Path(__file__).resolve().parent.parent


def version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("-")[0].split("+")[0].split("."))


bans = []
for entry in tomllib.loads((root / "deny.toml").read_text())["bans"]["deny"]:
    name, _, bound = entry["crate"].partition("@<")
    if not bound:
        sys.exit(f"deny.toml: {entry['crate']}: this script reads bans of the form name@<version only")
    bans.append((name, version(bound), entry["reason"]))

locks = [root / "Cargo.lock", root / "contracts/oracle/Cargo.lock"]
packages = [package for lock in locks for package in tomllib.loads(lock.read_text())["package"]]
bad = [
    f"{package['name']} {package['version']}: {reason}"
    for package in packages
    for name, bound, reason in bans
    if package["name"] == name and version(package["version"]) < bound
]
print("\n".join(bad) if bad else f"bans: {len(packages)} packages, {len(bans)} bans, none violated")
sys.exit(bool(bad))
