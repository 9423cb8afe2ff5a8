#!/usr/bin/env python3
"""Fails where circuits/docs/trust.md names a test that does not exist."""

import re
import sys
from pathlib import Path

root = Path(__file__).resolve().parent.parent
named = re.findall(r"`([\w/]+\.rs): (\w+)`", (root / "circuits/docs/trust.md").read_text())
missing = [
    f"{file}: {test}"
    for file, test in named
    if not (root / file).is_file() or not re.search(rf"fn {test}\(", (root / file).read_text())
]
print("\n".join(missing) if missing else f"promises: {len(named)} tests named, all there")
sys.exit(bool(missing) or not named)
