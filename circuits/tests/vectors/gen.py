"""Writes the reference vectors next to this file.

    python3 circuits/tests/vectors/gen.py            write poseidon, tree, growth, split, limbs and chain.json
    python3 circuits/tests/vectors/gen.py --check    compare instead; exit 1 if a file is not what would be written

Deterministic; rules.py says how values are made and spelled.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

import gen_chain
import gen_datasets
import gen_ledgers
import model
from poseidon import hash5, suite
from rules import SUITES, decimals, draw, fe, fes

HERE = Path(__file__).resolve().parent
COMMAND = "python3 circuits/tests/vectors/gen.py"
TABLES = (16, 256, 1286, 3856, 4370, 13108, 21846, 65536)


# poseidon.json


def poseidon_vectors():
    return {
        "tags": {"record": fe(model.T_RECORD), "node": fe(model.T_NODE)},
        "suites": {name: poseidon_suite(name) for name in SUITES},
    }


def poseidon_suite(name):
    spec = suite(name)
    p = spec.modulus
    flat = [constant for row in spec.round_constants for constant in row]
    states = [[0] * 5, [0, 1, 2, 3, 4], [p - 1] * 5, [model.T_NODE, 0, 0, 0, 0], [1 << lane for lane in range(5)]]
    states += [[draw(f"poseidon {case} {lane}", 253) for lane in range(5)] for case in range(6)]
    hashes = [(0, 1, 2, 3, 4), (7, 1, 2, 3, 4), (0, 0, 0, 0, 0), (p - 1, 0, p - 1, 0, p - 1)]
    hashes += [(tag, 1, 2, 3, 0) for tag in (model.T_RECORD, model.T_NODE)]
    return {
        "modulus": fe(p),
        "bits": p.bit_length(),
        "width": spec.width,
        "full_rounds": spec.full_rounds,
        "partial_rounds": spec.partial_rounds,
        "round_constants_first": fes(spec.round_constants[0]),
        "round_constants_last": fes(spec.round_constants[-1]),
        # Over the 32-byte big-endian encodings, round by round, lane by lane.
        "round_constants_sha256": hashlib.sha256(b"".join(x.to_bytes(32, "big") for x in flat)).hexdigest(),
        "mds": [fes(row) for row in spec.mds],
        "permutations": [{"input": fes(state), "output": fes(spec.permute(state))} for state in states],
        "hashes": [
            {"tag": fe(case[0]), "inputs": fes(case[1:]), "output": fe(hash5(name, *case))} for case in hashes
        ],
    }


# limbs.json


def limb_vectors():
    tables = []
    for bits in (64, 80, 128):
        for base in TABLES:
            # 2^64 - 1 divides 2^128 - 1, but not 2^80 - 1: some tables cannot make an exact 80-bit range.
            if ((1 << bits) - 1) % (base - 1) == 0:
                tables.append(limb_table(bits, base))
    return {"limbs": "lowest weight first; greedy from the top limb", "tables": tables}


def limb_table(bits, base):
    weights = model.limb_weights(bits, base)
    end, top = 1 << bits, weights[-1]
    reach = base ** (len(weights) - 1)
    around = [0, base, *weights, reach, (base - 1) * top, end]
    around += [draw(f"limbs {bits} {base} {i}", bits) for i in range(3)]
    values = sorted({value + step for value in around for step in (-1, 0, 1) if 0 <= value + step < end})
    assert (base - 1) * sum(weights) == end - 1
    assert top <= reach
    cases = []
    for value in values:
        parts = model.limbs(value, weights, base)
        assert all(0 <= limb < base for limb in parts)
        assert sum(map(int.__mul__, parts, weights)) == value
        cases.append({"value": str(value), "limbs": parts})
    return {"bits": bits, "base": base, "weights": decimals(weights), "cases": cases}


# Files

FILES = {
    "poseidon.json": poseidon_vectors,
    "tree.json": gen_datasets.tree_vectors,
    "growth.json": gen_datasets.growth_vectors,
    "split.json": gen_ledgers.split_vectors,
    "limbs.json": limb_vectors,
    "chain.json": gen_chain.chain_vectors,
}


def dump(value, indent=0, width=116):
    """JSON with one line for everything that fits in `width` columns."""
    flat = json.dumps(value)
    if len(flat) + indent <= width or not isinstance(value, (list, dict)):
        return flat
    pad = " " * (indent + 1)
    if isinstance(value, dict):
        items = [f"{json.dumps(key)}: {dump(item, indent + 1, width)}" for key, item in value.items()]
        opening, closing = "{}"
    else:
        opening, closing = "[]"
        items = [dump(item, indent + 1, width) for item in value]
        if not any(isinstance(item, (list, dict)) for item in value):
            # Long lists of scalars: as many on a line as fit.
            lines, line = [], ""
            for item in items:
                if line and len(pad) + len(line) + len(item) + 3 > width:
                    lines.append(line)
                    line = ""
                line = f"{line}, {item}" if line else item
            items = lines + [line]
    body = ",\n".join(pad + item for item in items)
    return f"{opening}\n{body}\n{' ' * indent}{closing}"


def render(name):
    return dump({"generated_by": COMMAND, "version": 1, **FILES[name]()}) + "\n"


def drift(directory=HERE):
    """Names of the files in `directory` that differ from what would be written."""
    return [
        name
        for name in FILES
        if not (directory / name).is_file() or (directory / name).read_text(encoding="ascii") != render(name)
    ]


def main():
    parser = argparse.ArgumentParser(description="Reference vectors of the circuits.")
    parser.add_argument("--check", action="store_true", help="compare with the files instead of writing them")
    if parser.parse_args().check:
        stale = drift()
        for name in stale:
            print(f"{name} is not what {COMMAND} writes", file=sys.stderr)
        return 1 if stale else 0
    for name in FILES:
        (HERE / name).write_text(render(name), encoding="ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main())
