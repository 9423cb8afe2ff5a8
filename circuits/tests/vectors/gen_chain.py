"""Vectors of what a contract hashes: score roots by position, and the challenge of an opening."""

import chain
from keccak import keccak256
from rules import content, digest, draw, payee


def chain_vectors():
    return {
        "bytes": "0x hex; numbers in decimal; score leaves: dataset, segment, revision, score sum, commitment",
        "keccak": [{"message": spell(m), "digest": spell(keccak256(m))} for m in messages()],
        "domains": {text: spell(chain.domain(text)) for text in DOMAINS},
        "score_roots": [score_case(count) for count in (1, 2, 3, 4, 5, 8, 9, 33)],
        "challenges": [challenge_case(i) for i in range(8)],
    }


DOMAINS = ("apportion.score.v1", "apportion.score-node.v1", "apportion.receipt.v1")


def spell(data):
    return f"0x{data.hex()}"


def messages():
    """Around the 136 bytes that one permutation takes."""
    stream = b"".join(digest(f"keccak{i}").to_bytes(32, "big") for i in range(10))
    return [b"", b"abc"] + [stream[:size] for size in (31, 32, 64, 135, 136, 137, 271, 272, 320)]


def commitment(label, size):
    """Bytes that stand for a point: nothing here knows curves."""
    return b"".join(digest(f"point {label} {half}").to_bytes(32, "big") for half in range(size // 32))


def segment(i, size):
    """A listed segment: several of one dataset, in several revisions, scores from 1 to the highest."""
    top = 16_382 * ((1 << 64) - 1)
    return {
        "dataset": content(i // 3).to_bytes(32, "big"),
        "segment": i % 3,
        "revision": i % 5,
        "score_sum": (1, top)[i] if i < 2 else 1 + draw(f"score sum {i}", 70),
        "commitment": commitment(f"score {i}", size),
    }


def score_case(count):
    size = 32 if count % 2 else 64
    segments = [segment(i, size) for i in range(count)]
    leaves = [chain.score_leaf(**each) for each in segments]
    root = chain.score_root(leaves)
    paths = []
    for position in sorted({0, count // 2, count - 1}):
        path = chain.score_path(leaves, position)
        assert chain.verify_score_path(leaves[position], position, count, path, root)
        paths.append({"position": position, "siblings": [spell(sibling) for sibling in path]})
    return {
        "segments": [
            {key: spell(value) if isinstance(value, bytes) else str(value) for key, value in each.items()}
            for each in segments
        ],
        "leaves": [spell(leaf) for leaf in leaves],
        "depth": chain.score_depth(count),
        "root": spell(root),
        "paths": paths,
    }


def challenge_case(i):
    top_address, size = (1 << 160) - 1, 64 if i % 2 else 32
    edges = ((0, 0, 0, 0, 1, 0), (31_337, top_address, 7, 61, top_address, (1 << 127) - 1))
    by_rule = (1 + draw(f"chain {i}", 40), payee(i), i, 100 * i, payee(100 + i), draw(f"cumulative {i}", 120))
    number, contract, place, index, owner, cumulative = edges[i] if i < len(edges) else by_rule
    model, dataset = content(1000 + i).to_bytes(32, "big"), content(2000 + i).to_bytes(32, "big")
    payees, balances = commitment(f"payees {i}", size), commitment(f"balances {i}", size)
    gamma = chain.opening_challenge(
        number, contract, model, dataset, place, payees, balances, index, owner, cumulative
    )
    return {
        "chain": str(number),
        "contract": f"0x{contract:040x}",
        "model": spell(model),
        "dataset": spell(dataset),
        "segment": str(place),
        "payees": spell(payees),
        "balances": spell(balances),
        "index": str(index),
        "payee": f"0x{owner:040x}",
        "cumulative": str(cumulative),
        "gamma": f"0x{gamma:064x}",
    }
