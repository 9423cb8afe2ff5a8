"""Vectors of payouts: one segment's split, policies, and whole lives of ledgers."""

import model
from model import Ledger, Policy
from rules import RULES, address, decimals, draw, list_digest, old, payee, score


def split_vectors():
    return {
        "rules": RULES,
        "slots": "segments have tier 64; slots that are not listed have old = 0 and score = 0",
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
        "records": result.records,
        "old": decimals(result.old),
        "scores": decimals(result.scores),
        "payouts": decimals(result.payouts),
        "remainders": decimals(result.remainders),
        "new": decimals(result.new),
        "segment_score": str(result.segment_score),
        "segment_paid": str(result.segment_paid),
    }


def segment_case(name, pool, total, balances, scores, genesis=False, records=None):
    result = model.split_segment(64, pool, total, balances, scores, genesis, records)
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
        segment_case("no record", wei, 9, [0] * 4, [0] * 4, False, 0),
        segment_case("one record, the rest empty", wei, 9, [0] * 4, [9, 0, 0, 0], True, 1),
        segment_case("records without scores behind those with", wei, 9, [3] * 4, [2, 7, 0, 0], False, 4),
        segment_case("an empty slot keeps a balance", wei, 9, [3] * 4, [2, 7, 0, 0], False, 2),
        segment_case("one empty slot", wei, 61, [0] * 62, [1] * 61 + [0], True, 61),
        segment_case("full, the last record scores 0", wei, 61, [0] * 62, [1] * 61 + [0], True, 62),
        segment_case("more records than slots are listed", wei, 9, [0, 0], [4, 5], True, 50),
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
        records = count + draw(f"{label} records", 7) % (63 - count)
        cases.append(segment_case(f"random {number}", pool, total, balances, scores, genesis, records))
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
    result = model.split_segment(tier, pool, total, balances, scores, genesis)
    return {
        "tier": tier,
        "accounts_by_rule": accounts,
        "counts_sha256": list_digest(model.counts(tier, accounts)),
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
        ("pool 2^128", 1 << 128, 1, [0], [1], True, 1),
        ("total_score 0", 1, 0, [0], [0], True, 1),
        ("total_score 2^80", 1, 1 << 80, [0], [1], True, 1),
        ("score 2^64", 1, 1 << 64, [0], [1 << 64], True, 1),
        ("segment scores more than the total", 1, 2, [0, 0], [1, 2], True, 2),
        ("a balance at genesis", 1, 1, [1], [1], True, 1),
        ("more records than accounts", 1, 1, [0], [1], True, 63),
        ("an empty slot has a score", 1, 3, [0, 0], [1, 2], True, 1),
        ("no record has a score", 1, 1, [0], [1], True, 0),
    )
    out = []
    for name, pool, total, balances, scores, genesis, records in cases:
        try:
            model.split_segment(64, pool, total, balances, scores, genesis, records)
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
                "records": records,
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


# Whole lives of ledgers. What happens, in order:
#     ("enroll", tier, records), ("extend", dataset, records), ("retire", dataset),
#     ("epoch", revenue, scores by dataset)


def ledger_case(name, policy, events):
    ledger = Ledger(POLICIES[policy])
    out = []
    for kind, *arguments in events:
        if kind == "epoch":
            out.append(epoch_json(ledger, *arguments))
        else:
            getattr(ledger, kind)(*arguments)
            keys = {"enroll": ("tier", "records"), "extend": ("dataset", "records"), "retire": ("dataset",)}
            out.append({"event": kind, **dict(zip(keys[kind], arguments, strict=True))})
    return {"name": name, "policy": policy_json(POLICIES[policy]), "events": out}


def epoch_json(ledger, revenue, scores):
    result = ledger.epoch(revenue, scores)
    datasets = ledger.datasets
    payouts = [result.payouts(i, len(each.balances), each.tier) for i, each in enumerate(datasets)]
    return {
        "event": "epoch",
        "scores": [decimals(each) for each in scores],
        "revenue": str(result.revenue),
        "carried_in": str(result.carried_in),
        "shares": decimals(result.shares),
        "pool": str(result.pool),
        "total_score": str(result.total_score),
        # Only those that move: a segment in which nobody scores is not listed.
        "segments": [
            {
                "dataset": move.dataset,
                "segment": move.segment,
                "genesis": move.split.genesis,
                "records": move.split.records,
                "segment_score": str(move.split.segment_score),
                "segment_paid": str(move.split.segment_paid),
            }
            for move in result.moves
        ],
        "payouts": [decimals(each) for each in payouts],
        "balances": [decimals(each.balances) for each in datasets],
        "dust": str(result.dust),
    }


def ledger_cases():
    """Balances grow, dust is carried, segments rest, datasets come, grow and go."""
    top = (1 << 64) - 1

    def scores(label, count, bits):
        return [draw(f"ledger {label} {i}", bits) for i in range(count)]

    def life(name, policy, tier, accounts, epochs):
        """One dataset, enrolled once: (revenue, scores) by epoch."""
        events = [("epoch", revenue, [given]) for revenue, given in epochs]
        return ledger_case(name, policy, [("enroll", tier, accounts), *events])

    return [
        life("dust is carried", "all to contributors", 64, 3, [(100, [1, 1, 1])] * 4),
        life("no revenue at all", "half", 64, 2, [(0, [1, 2]), (0, [0, 1]), (0, [3, 4])]),
        life("only rests", "nothing but rests", 64, 4, [(9_999, [1, 2, 3, 4]), (10_001, [4, 3, 2, 1])] * 2),
        life("a life at its limit", "all to contributors", 64, 2, [((1 << 127) - 2, [top, top]), (1, [top, 0])]),
        life(
            "what is carried enters once",
            "all to contributors",
            64,
            3,
            [((1 << 126) + 1, [1, 1, 1]), ((1 << 126) - 2, [1, 1, 1])],
        ),
        life(
            "63 accounts, 2 segments",
            "half",
            64,
            63,
            [(10**18 + 9, scores(f"63/{epoch}", 63, 40)) for epoch in range(2)],
        ),
        life(
            "segments rest while they score 0, and their first epoch is their own",
            "crumbs",
            64,
            64,
            [
                (10**15, scores("lone", 62, 20) + [0, 0]),
                (10**15, [0] * 62 + [1, 2]),
                (10**15 + 1, [0] * 62 + [0, 5]),
                (10**15, scores("lone again", 64, 20)),
            ],
        ),
        life(
            "3 segments",
            "thirds",
            64,
            130,
            [(draw(f"ledger 130 revenue {epoch}", 90), scores(f"130/{epoch}", 130, 64)) for epoch in range(3)],
        ),
        ledger_case(
            "datasets of two tiers",
            "thirds",
            [
                ("enroll", 64, 70),
                ("enroll", 1024, 70),
                ("epoch", 10**18 + 1, [scores("a", 70, 30), scores("b", 70, 30)]),
                ("epoch", 10**18 + 2, [[0] * 70, scores("c", 70, 64)]),
                ("epoch", 10**18 + 3, [[0] * 62 + scores("d", 8, 10), [0] * 70]),
            ],
        ),
        ledger_case(
            "a dataset that grows",
            "all to contributors",
            [
                ("enroll", 64, 60),
                ("epoch", 10**9 + 7, [scores("e", 60, 16)]),
                ("extend", 0, 1),
                ("epoch", 10**9 + 7, [[0] * 60 + [1]]),
                ("extend", 0, 70),
                ("epoch", 10**9 + 7, [scores("f", 131, 16)]),
                ("epoch", 5, [[0] * 130 + [9]]),
            ],
        ),
        ledger_case(
            "a dataset that comes late and one that retires",
            "half",
            [
                ("enroll", 64, 5),
                ("epoch", 1_000_001, [[1, 2, 3, 4, 5]]),
                ("enroll", 64, 3),
                ("epoch", 1_000_001, [[1, 2, 3, 4, 5], [7, 0, 9]]),
                ("retire", 0),
                ("epoch", 1_000_001, [[], [1, 1, 1]]),
                ("enroll", 1024, 0),
                ("epoch", 3, [[], [0, 0, 1], []]),
            ],
        ),
    ]
