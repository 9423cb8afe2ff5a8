"""Writes the reference vectors next to this file.

    python3 circuits/tests/vectors/gen.py            write poseidon.json, tree.json, split.json, limbs.json
    python3 circuits/tests/vectors/gen.py --check    compare instead; exit 1 if a file is not what would be written

Deterministic: every "random" number is a SHA-256 digest. Field elements are 0x hex, big-endian, 32 bytes;
payees 20 bytes; amounts and scores decimal strings; counts and indices JSON numbers.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

import model
from model import Ledger, Policy, capacity
from poseidon import MODULI, hash5, suite

HERE = Path(__file__).resolve().parent
COMMAND = "python3 circuits/tests/vectors/gen.py"
SUITES = tuple(MODULI)
TABLES = (16, 256, 1286, 3856, 4370, 13108, 21846, 65536)

# Inputs by rule: i is written in decimal ASCII.
RULES = {
    "payee": "sha256('payee' + i)[..20]",
    "content": "sha256('content' + i)",
    "score": "sha256('score' + i)[..8]",
    "old": "sha256('old' + i)[..15]",
}


def digest(text, size=32):
    """The first `size` bytes of SHA-256 of `text`, as a big-endian integer."""
    return int.from_bytes(hashlib.sha256(text.encode("ascii")).digest()[:size], "big")


def payee(i):
    return digest(f"payee{i}", 20)


def content(i):
    return digest(f"content{i}")


def score(i):
    return digest(f"score{i}", 8)


def old(i):
    return digest(f"old{i}", 15)


def draw(label, bits):
    """A fixed number of up to `bits` bits that looks random."""
    return digest(f"draw {label}") >> (256 - bits)


def fe(value):
    return f"0x{value:064x}"


def address(value):
    return f"0x{value:040x}"


def fes(values):
    return [fe(value) for value in values]


def decimals(values):
    return [str(value) for value in values]


def list_digest(values):
    """SHA-256 of the decimal numbers joined by commas: stands for a list too long to print."""
    return hashlib.sha256(",".join(decimals(values)).encode("ascii")).hexdigest()


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


# tree.json


def tree_vectors():
    return {
        "rules": RULES,
        "empty_slot": "a slot without a record counts as payee 0, content 0",
        "siblings": "leaf level first; the child at (index >> 2 * level) & 3 is left out",
        "segments": [case for name in SUITES for case in record_segments(name)],
        "datasets": [case for name in SUITES for case in datasets(name)],
    }


def paths(name, leaves, indices):
    levels = model.tree_levels(name, leaves)
    root = levels[-1][0]
    out = []
    for index in sorted(set(indices)):
        siblings = model.merkle_path(levels, index)
        assert model.verify_path(name, len(leaves), leaves[index], index, siblings, root)
        out.append({"index": index, "leaf": fe(leaves[index]), "siblings": [fes(row) for row in siblings]})
    return root, out


def record_segments(name):
    """Record trees of one segment: explicit edge values, then the first `records` records by rule."""
    explicit = [
        (0, 0),
        (1, 1),
        ((1 << 160) - 1, (1 << 256) - 1),
        (payee(0), content(0)),
        (payee(0), content(0)),  # the same record twice
        (payee(0), content(1)),  # one payee, two records
        (0, content(2)),
        (payee(3), 0),
        (payee(4), 1 << 128),
        (payee(4), (1 << 128) - 1),
    ]
    leaves = model.record_leaves(name, 64, explicit)
    root, some = paths(name, leaves, range(len(explicit)))
    yield {
        "suite": name,
        "tier": 64,
        "name": "explicit records",
        "records": [{"payee": address(p), "content": fe(c)} for p, c in explicit],
        "root": fe(root),
        "paths": some,
    }
    for tier in (64, 1024):
        full = capacity(tier)
        for count in (0, 1, 4, 17, full - 1, full):
            leaves = model.record_leaves(name, tier, [(payee(i), content(i)) for i in range(count)])
            indices = (0, 21, full - 1) if count in (1, full) else ()
            root, some = paths(name, leaves, indices)
            yield {
                "suite": name,
                "tier": tier,
                "name": f"{count} records by rule",
                "records_by_rule": count,
                "root": fe(root),
                "paths": some,
            }


def datasets(name):
    """Roots of whole datasets, segment by segment; every segment but the last is full."""
    for tier, counts in ((64, (1, 62, 63, 124, 125, 200)), (1024, (63, 1022, 1023))):
        for count in counts:
            records = [(payee(i), content(i)) for i in range(count)]
            roots = model.dataset_roots(name, tier, records)
            yield {"suite": name, "tier": tier, "records_by_rule": count, "roots": fes(roots)}


# split.json


def split_vectors():
    return {
        "rules": RULES,
        "slots": "slots that are not listed have old = 0 and score = 0",
        "sha256": "of the decimal numbers of the whole list, joined by commas",
        "segments": edge_segments() + random_segments(),
        "segments_by_rule": [segment_by_rule(*case) for case in SEGMENTS_BY_RULE],
        "rejected": rejected_segments(),
        "policies": policy_cases(),
        "ledgers": ledger_cases(),
    }


def columns_of(result):
    return {
        "genesis": result.genesis,
        "old": decimals(result.old),
        "scores": decimals(result.scores),
        "payouts": decimals(result.payouts),
        "remainders": decimals(result.remainders),
        "new": decimals(result.new),
        "segment_score": str(result.segment_score),
        "segment_paid": str(result.segment_paid),
    }


def segment_case(name, pool, total, balances, scores, genesis=False):
    result = model.split_segment(pool, total, balances, scores, genesis)
    alone = result.segment_score == total
    return {
        "name": name,
        "pool": str(pool),
        "total_score": str(total),
        **columns_of(result),
        # Where other segments share in the total, the dust is not this segment's to know.
        "dust": str(pool - result.segment_paid) if alone else None,
    }


def edge_segments():
    """One segment against a pool and a total that other segments may share in."""
    top_score, top_pool, top_total = (1 << 64) - 1, (1 << 127) - 1, (1 << 80) - 1
    wei = 10**18
    return [
        segment_case("one account takes all", 1000, 7, [0], [7], True),
        segment_case("one account, highest score", 1000, top_score, [5], [top_score]),
        segment_case("one account, highest pool", top_pool, 1, [0], [1], True),
        segment_case("highest pool and score", top_pool, top_score, [0], [top_score], True),
        segment_case("highest pool of the relation, beyond a life's limit", 2 * top_pool + 1, 1, [0], [1], True),
        segment_case("the same, highest total", 2 * top_pool + 1, top_total, [0, 0], [top_score, 1], True),
        segment_case("pool 0", 0, 6, [1, 2, 3], [1, 2, 3]),
        segment_case("pool 1", 1, 6, [0, 0, 0], [1, 2, 3], True),
        segment_case("pool 1, nobody reaches it", 1, top_total, [9], [top_score]),
        segment_case("all scores 0, others share", 1000, 5, [4, 0], [0, 0]),
        segment_case("score 0 beside the highest", wei, top_score, [0, 0], [0, top_score], True),
        segment_case("highest total", top_pool, top_total, [0, 0, 0], [top_score, 1, 0], True),
        segment_case("highest total and pool 0", 0, top_total, [0], [top_score], True),
        segment_case("highest remainder", top_total - 1, top_total, [0], [1], True),
        segment_case("remainder 0", top_total * 3, top_total, [0], [1], True),
        segment_case("exact division", 100, 10, [0, 0, 0, 0], [1, 2, 3, 4], True),
        segment_case("most dust: accounts - 1", 61, 62, [0] * 62, [1] * 62, True),
        segment_case("full segment, equal scores", wei, 62, [7] * 62, [1] * 62),
        segment_case("full segment, highest scores", wei, 62 * top_score, [0] * 62, [top_score] * 62, True),
        segment_case("only the last account", wei, 3, [0] * 62, [0] * 61 + [3], True),
        segment_case("balances near a life's limit", 1, 1, [top_pool - 1, 0], [1, 0]),
        segment_case("total 1", 12345, 1, [0, 0], [0, 1], True),
        segment_case("pool below the scores", 10, 300, [0, 0, 0], [100, 99, 101], True),
        segment_case("powers of two", 1 << 126, 1 << 64, [0, 0], [1 << 63, 1 << 63], True),
    ]


def random_segments():
    cases = []
    for number in range(36):
        label = f"segment {number}"
        count = 62 if number % 12 == 11 else 1 + draw(f"{label} count", 4)
        score_bits = 1 + draw(f"{label} score bits", 6)
        scores = [draw(f"{label} score {i}", score_bits) for i in range(count)]
        scores = [0 if draw(f"{label} absent {i}", 3) == 0 else s for i, s in enumerate(scores)]
        shared = number % 3 == 2
        others = draw(f"{label} others", 79) if shared else 0
        total = max(1, sum(scores) + others)
        pool = draw(f"{label} pool", 1 + draw(f"{label} pool bits", 7) % 127)
        genesis = number % 2 == 0
        balances = [0 if genesis else draw(f"{label} old {i}", 100) for i in range(count)]
        cases.append(segment_case(f"random {number}", pool, total, balances, scores, genesis))
    return cases


# (tier, accounts, pool, total_score or None for the sum, genesis)
SEGMENTS_BY_RULE = (
    (64, 62, 10**24 + 1, None, True),
    (64, 62, (1 << 127) - 1, (1 << 80) - 1, False),
    (1024, 1, 10**18, None, False),
    (1024, 63, 10**18, None, False),
    (1024, 1022, 0, None, False),
    (1024, 1022, 10**24 + 1, None, True),
    (1024, 1022, (1 << 127) - 1, None, False),
    (1024, 1022, (1 << 127) - 1, (1 << 80) - 1, False),
)


def segment_by_rule(tier, accounts, pool, total, genesis):
    scores = [score(i) for i in range(accounts)]
    total = sum(scores) if total is None else total
    balances = [0 if genesis else old(i) for i in range(accounts)]
    result = model.split_segment(pool, total, balances, scores, genesis)
    return {
        "tier": tier,
        "accounts_by_rule": accounts,
        "pool": str(pool),
        "total_score": str(total),
        "genesis": genesis,
        "segment_score": str(result.segment_score),
        "segment_paid": str(result.segment_paid),
        "payout_first": str(result.payouts[0]),
        "payout_last": str(result.payouts[-1]),
        "payouts_sha256": list_digest(result.payouts),
        "remainders_sha256": list_digest(result.remainders),
        "new_sha256": list_digest(result.new),
    }


def rejected_segments():
    """Inputs outside the statement, each for one reason."""
    cases = (
        ("pool 2^128", 1 << 128, 1, [0], [1], True),
        ("total_score 0", 1, 0, [0], [0], True),
        ("total_score 2^80", 1, 1 << 80, [0], [1], True),
        ("score 2^64", 1, 1 << 64, [0], [1 << 64], True),
        ("segment scores more than the total", 1, 2, [0, 0], [1, 2], True),
        ("a balance at genesis", 1, 1, [1], [1], True),
    )
    out = []
    for name, pool, total, balances, scores, genesis in cases:
        try:
            model.split_segment(pool, total, balances, scores, genesis)
        except model.Rejected:
            pass
        else:
            raise AssertionError(f"accepted: {name}")
        out.append(
            {
                "name": name,
                "pool": str(pool),
                "total_score": str(total),
                "genesis": genesis,
                "old": decimals(balances),
                "scores": decimals(scores),
            }
        )
    return out


POLICIES = {
    "all to contributors": Policy(10_000),
    "half": Policy(5_000, [("lab", address(payee(900)), 5_000)]),
    "thirds": Policy(3_334, [("lab", address(payee(900)), 3_333), ("host", address(payee(901)), 3_333)]),
    "crumbs": Policy(1, [("lab", address(payee(900)), 9_998), ("host", address(payee(901)), 1)]),
    "nothing but rests": Policy(0, [("lab", address(payee(900)), 9_999), ("host", address(payee(901)), 1)]),
}


def policy_json(policy):
    return {
        "contributors_bps": policy.contributors_bps,
        "beneficiaries": [{"name": n, "address": a, "bps": bps} for n, a, bps in policy.beneficiaries],
    }


def policy_cases():
    out = []
    for name, policy in POLICIES.items():
        cases = []
        for revenue in (0, 1, 9_999, 10_000, 10_001, 123_456_789, 10**24 + 7, (1 << 127) - 1):
            shares = policy.shares(revenue)
            cases.append(
                {"revenue": str(revenue), "shares": decimals(shares), "rest": str(revenue - sum(shares))}
            )
        out.append({"name": name, **policy_json(policy), "cases": cases})
    return out


def epoch_json(result, balances):
    return {
        "revenue": str(result.revenue),
        "carried_in": str(result.carried_in),
        "shares": decimals(result.shares),
        "pool": str(result.pool),
        "total_score": str(result.total_score),
        "settled": result.settled,
        "segments": [
            {
                "genesis": segment.genesis,
                "segment_score": str(segment.segment_score),
                "segment_paid": str(segment.segment_paid),
            }
            for segment in result.segments
        ],
        "payouts": decimals(q for segment in result.segments for q in segment.payouts),
        "balances": decimals(balances),
        "dust": str(result.dust),
        "carried_out": str(result.carried_out),
    }


def ledger_case(name, tier, accounts, policy, epochs):
    """`epochs`: (revenue, scores) in order."""
    ledger = Ledger(tier, accounts, POLICIES[policy])
    out = []
    for revenue, scores in epochs:
        result = ledger.epoch(revenue, scores)
        out.append({"scores": decimals(scores), **epoch_json(result, ledger.balances)})
    return {
        "name": name,
        "tier": tier,
        "accounts": accounts,
        "policy": policy_json(POLICIES[policy]),
        "epochs": out,
    }


def ledger_cases():
    """Several epochs in a row: balances grow, dust and unpayable pools are carried."""
    top = (1 << 64) - 1

    def scores(label, count, bits):
        return [draw(f"ledger {label} {i}", bits) for i in range(count)]

    return [
        ledger_case("dust is carried", 64, 3, "all to contributors", [(100, [1, 1, 1])] * 4),
        ledger_case(
            "nobody scores in the first and third epoch",
            64,
            3,
            "thirds",
            [(1_000, [0, 0, 0]), (1_000, [5, 0, 6]), (1_001, [0, 0, 0]), (0, [0, 1, 0]), (7, [1, 1, 1])],
        ),
        ledger_case("no revenue at all", 64, 2, "half", [(0, [1, 2]), (0, [0, 0]), (0, [3, 4])]),
        ledger_case("only rests", 64, 4, "nothing but rests", [(9_999, [1, 2, 3, 4]), (10_001, [4, 3, 2, 1])] * 2),
        ledger_case(
            "a life at its limit", 64, 2, "all to contributors", [((1 << 127) - 2, [top, top]), (1, [top, 0])]
        ),
        ledger_case(
            "63 accounts, 2 segments",
            64,
            63,
            "half",
            [(10**18 + 9, scores(f"63/{epoch}", 63, 40)) for epoch in range(2)],
        ),
        ledger_case(
            "a segment that scores 0",
            64,
            64,
            "crumbs",
            [(10**15, scores("lone", 62, 20) + [0, 0]), (10**15, [0] * 62 + [1, 2])],
        ),
        ledger_case(
            "3 segments",
            64,
            130,
            "thirds",
            [(draw(f"ledger 130 revenue {epoch}", 90), scores(f"130/{epoch}", 130, 64)) for epoch in range(3)],
        ),
    ]


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
    "tree.json": tree_vectors,
    "split.json": split_vectors,
    "limbs.json": limb_vectors,
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
