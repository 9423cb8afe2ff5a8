"""What a contract computes with Keccak-256 beside the proofs: the score root and an opening's challenge.

K(text) is the Keccak-256 of an ASCII string. Numbers are 32-byte words, big-endian; addresses are words too.
"""

from keccak import keccak256
from model import require


def domain(text):
    return keccak256(text.encode("ascii"))


def word(value):
    require(0 <= value < 1 << 256, "outside a word")
    return value.to_bytes(32, "big")


# The score root: what each segment of an epoch scores, by position


def score_leaf(dataset, segment, revision, score_sum, commitment):
    """`dataset` and `commitment` are bytes: an id of 32, a point of 32 or 64."""
    require(len(dataset) == 32, "a dataset's id has 32 bytes")
    numbers = word(segment) + word(revision) + word(score_sum)
    return keccak256(domain("apportion.score.v1") + dataset + numbers + commitment)


def score_node(left, right):
    return keccak256(domain("apportion.score-node.v1") + left + right)


def score_depth(count):
    """ceil(log2(count))."""
    require(count > 0, "an epoch in which nobody scores has no root")
    return (count - 1).bit_length()


def score_levels(leaves):
    """All levels, leaves first: 2^depth leaves, those behind the last segment 32 zero bytes."""
    level = leaves + [bytes(32)] * ((1 << score_depth(len(leaves))) - len(leaves))
    levels = [level]
    while len(level) > 1:
        level = [score_node(level[i], level[i + 1]) for i in range(0, len(level), 2)]
        levels.append(level)
    return levels


def score_root(leaves):
    return score_levels(leaves)[-1][0]


def score_path(leaves, position):
    """The sibling of each level, from the leaves up."""
    require(0 <= position < len(leaves), "no such position")
    return [level[position >> height ^ 1] for height, level in enumerate(score_levels(leaves)[:-1])]


def verify_score_path(leaf, position, count, path, root):
    if not (0 <= position < count and len(path) == score_depth(count)):
        return False
    for height, sibling in enumerate(path):
        leaf = score_node(sibling, leaf) if position >> height & 1 else score_node(leaf, sibling)
    return leaf == root


# Openings


def opening_challenge(chain, contract, model, dataset, segment, payees, balances, index, payee, cumulative):
    """gamma, which folds both columns into one: an integer below 2^248. `model`, `dataset` are ids, `payees` and
    `balances` commitments, all bytes; the rest are integers."""
    require(contract < 1 << 160 and payee < 1 << 160, "an address has 20 bytes")
    parts = [domain("apportion.receipt.v1"), word(chain), word(contract), model, dataset, word(segment)]
    parts += [payees, balances, word(index), word(payee), word(cumulative)]
    return int.from_bytes(keccak256(b"".join(parts))[:31], "big")
