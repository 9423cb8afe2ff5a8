"""What Apportion computes, in big integers: record trees, payout epochs, policies and limbs.

Follows the statement (docs/statement.md of this crate), clause names in brackets. No field tricks: amounts are
plain integers, so a wrap-around in a circuit shows up as a difference.
"""

from dataclasses import dataclass, field

from poseidon import MODULI, hash5

TIERS = {64: 3, 1024: 5, 16384: 7}
RESERVED_SLOTS = 2
BPS = 10_000

SCORE_LIMIT = 1 << 64
TOTAL_SCORE_LIMIT = 1 << 80
POOL_LIMIT = 1 << 128
# [V7] what enters the pools in a model's whole life, added up, stays below this.
LIFETIME_LIMIT = 1 << 127


def tag(text):
    return int.from_bytes(text.encode("ascii"), "big")


T_RECORD = tag("apportion.record.v1")
T_NODE = tag("apportion.node.v1")


class Rejected(Exception):
    """The input lies outside what the statement allows."""


def require(condition, reason):
    if not condition:
        raise Rejected(reason)


def capacity(tier):
    """How many accounts a segment of `tier` slots holds."""
    return tier - RESERVED_SLOTS


# Trees


def record_leaf(suite, payee, content):
    """`payee` is an integer below 2^160, `content` one below 2^256."""
    return hash5(suite, T_RECORD, payee, content >> 128, content & ((1 << 128) - 1), 0)


def node(suite, children):
    return hash5(suite, T_NODE, *children)


def tree_levels(suite, leaves):
    """All levels of the 4-ary tree, leaves first; the last level is [root]."""
    levels = [leaves]
    while len(leaves) > 1:
        require(len(leaves) % 4 == 0, "a 4-ary tree has 4^m leaves")
        leaves = [node(suite, leaves[i : i + 4]) for i in range(0, len(leaves), 4)]
        levels.append(leaves)
    return levels


def record_leaves(suite, tier, records):
    """`records`: (payee, content) pairs of one segment. A slot without a record is (0, 0), reserved leaves are 0."""
    require(len(records) <= capacity(tier), "more records than the segment holds")
    padded = records + [(0, 0)] * (capacity(tier) - len(records))
    return [record_leaf(suite, *record) for record in padded] + [0] * RESERVED_SLOTS


def cut(tier, values):
    """Segments of a list, in order, at least one; every segment but the last is full."""
    size = capacity(tier)
    return [values[start : start + size] for start in range(0, len(values), size)] or [[]]


def dataset_roots(suite, tier, records):
    return [tree_levels(suite, record_leaves(suite, tier, segment))[-1][0] for segment in cut(tier, records)]


def merkle_path(levels, index):
    """The three siblings of each level, leaf level first, in child order."""
    path = []
    for level in levels[:-1]:
        first = index - index % 4
        path.append([level[i] for i in range(first, first + 4) if i != index])
        index //= 4
    return path


def merkle_root(suite, leaf, index, path):
    """The root that a path leads to. The index has one base-4 digit a level, lowest digit at the leaves."""
    require(0 <= index < 4 ** len(path), "index outside the tree")
    value = leaf
    for siblings in path:
        require(len(siblings) == 3, "three siblings a level")
        children = list(siblings)
        children.insert(index % 4, value)
        value = node(suite, children)
        index //= 4
    return value


def verify_path(suite, tier, leaf, index, path, root):
    depth_ok = len(path) == TIERS[tier] and all(len(siblings) == 3 for siblings in path)
    canonical = all(0 <= x < MODULI[suite] for siblings in path for x in siblings)
    return depth_ok and canonical and 0 <= index < capacity(tier) and merkle_root(suite, leaf, index, path) == root


# One payout epoch


@dataclass
class SegmentSplit:
    """The columns of Split for one segment (only slots that were given) and its public numbers."""

    genesis: bool
    records: int
    old: list
    scores: list
    payouts: list  # q of [S3]
    remainders: list  # r of [S3]
    new: list
    segment_score: int
    segment_paid: int


def split_segment(tier, pool, total_score, old, scores, genesis=False, records=None):
    """Clauses S1 to S7. Without a number of records, every slot that was given holds one."""
    records = len(scores) if records is None else records
    require(0 <= pool < POOL_LIMIT, "pool >= 2^128")
    require(0 < total_score < TOTAL_SCORE_LIMIT, "total_score outside 1 .. 2^80 - 1")
    require(len(old) == len(scores) <= capacity(tier), "a score for each balance")
    require(not (genesis and any(old)), "[S1] a balance before the first epoch")
    require(all(0 <= s < SCORE_LIMIT for s in scores), "[S2] score >= 2^64")
    require(0 <= records <= capacity(tier), "[S7] more records than the segment holds")
    require(not any(scores[records:]), "[S7] an empty slot has a score")
    segment_score = sum(scores)
    require(segment_score <= total_score, "[V5] the segment scores more than everyone together")
    pairs = [divmod(pool * s, total_score) for s in scores]
    payouts, remainders = [q for q, _ in pairs], [r for _, r in pairs]
    new = [balance + q for balance, q in zip(old, payouts)]
    return SegmentSplit(genesis, records, old, scores, payouts, remainders, new, segment_score, sum(payouts))


def counts(tier, records):
    """[S7] what stands in the table: how many records there are from each slot on."""
    return [max(0, records - slot) for slot in range(capacity(tier))]


@dataclass
class Policy:
    contributors_bps: int
    beneficiaries: list = field(default_factory=list)  # (name, address, bps)

    def shares(self, revenue):
        """[V6] what each beneficiary gets; the rest is the contributors'."""
        every = [self.contributors_bps] + [bps for _, _, bps in self.beneficiaries]
        require(all(0 <= bps <= BPS for bps in every) and sum(every) == BPS, "basis points must sum to 10,000")
        return [revenue * bps // BPS for _, _, bps in self.beneficiaries]


@dataclass
class Account:
    """One dataset in a ledger: a balance per record."""

    tier: int
    balances: list
    retired: bool = False
    moved: set = field(default_factory=set)  # segments that had their first epoch


@dataclass
class Move:
    """One segment's part in an epoch."""

    dataset: int
    segment: int
    split: SegmentSplit


@dataclass
class Epoch:
    revenue: int
    carried_in: int
    shares: list  # one per beneficiary
    pool: int
    total_score: int
    moves: list  # a Move for each segment that scores, and no other
    paid: int
    dust: int  # carried into the next pool

    def payouts(self, dataset, accounts, tier):
        """The payout of each account of one dataset."""
        result = [0] * accounts
        for move in self.moves:
            if move.dataset == dataset:
                start = move.segment * capacity(tier)
                result[start : start + len(move.split.payouts)] = move.split.payouts
        return result


class Ledger:
    """A model's private balances, one per record of the datasets that it uses, whatever their tiers."""

    def __init__(self, policy):
        self.policy, self.datasets = policy, []
        self.carried = self.entered = 0

    def enroll(self, tier, records):
        """Returns the dataset's number."""
        self.datasets.append(Account(tier, [0] * records))
        return len(self.datasets) - 1

    def extend(self, dataset, records):
        """The dataset has more records now; old ones keep slot and balance."""
        require(records > 0, "an extension appends records")
        self.datasets[dataset].balances += [0] * records

    def retire(self, dataset):
        """The dataset takes no part from the next epoch on; its balances stay."""
        self.datasets[dataset].retired = True

    def epoch(self, revenue, scores):
        """`scores`: a list of scores for each dataset, in their order; nothing for retired ones."""
        require(revenue >= 0, "negative revenue")
        for account, given in zip(self.datasets, scores, strict=True):
            require(len(given) == (0 if account.retired else len(account.balances)), "a score for each record")
            require(all(0 <= s < SCORE_LIMIT for s in given), "[S2] score >= 2^64")
        total = sum(map(sum, scores))
        require(total > 0, "[V4] nobody scores: the epoch stays open and its revenue waits")
        shares = self.policy.shares(revenue)
        enters, carried_in = revenue - sum(shares), self.carried
        require(self.entered + enters < LIFETIME_LIMIT, "[V7] what enters the pools reaches 2^127")
        pool = enters + carried_in
        moves = [
            self.move(dataset, segment, pool, total, part)
            for dataset, given in enumerate(scores)
            for segment, part in enumerate(cut(self.datasets[dataset].tier, given))
            if sum(part)
        ]
        paid = sum(move.split.segment_paid for move in moves)
        dust = pool - paid
        # [V5]
        assert sum(move.split.segment_score for move in moves) == total
        assert 0 <= dust < sum(move.split.records for move in moves)
        self.entered, self.carried = self.entered + enters, dust
        for move in moves:
            account = self.datasets[move.dataset]
            account.moved.add(move.segment)
            start = move.segment * capacity(account.tier)
            account.balances[start : start + len(move.split.new)] = move.split.new
        return Epoch(revenue, carried_in, shares, pool, total, moves, paid, dust)

    def move(self, dataset, segment, pool, total, scores):
        account = self.datasets[dataset]
        old = cut(account.tier, account.balances)[segment]
        genesis = segment not in account.moved
        return Move(dataset, segment, split_segment(account.tier, pool, total, old, scores, genesis))


# Exact ranges out of table lookups


def limb_weights(bits, base):
    """Weights w with { sum l_i * w_i : 0 <= l_i < base } = 0 .. 2^bits - 1, exactly, in as few limbs as possible.

    1, base, base^2, ... cover 0 .. base^(m-1) - 1; the last weight makes the largest sum 2^bits - 1 and is at
    most base^(m-1), so no gap is left. It is an integer because base - 1 divides 2^bits - 1.
    """
    largest = (1 << bits) - 1
    require(base > 1 and largest % (base - 1) == 0, "base - 1 must divide 2^bits - 1")
    weights, reach = [], 1  # reach = base^len(weights)
    while reach * base <= largest:
        weights.append(reach)
        reach *= base
    weights.append(largest // (base - 1) - sum(weights))
    assert 0 < weights[-1] <= reach
    return weights


def limbs(value, weights, base):
    """Greedy decomposition from the top limb; lowest weight first in the result."""
    result, rest = [], value
    for weight in reversed(weights):
        limb = min(rest // weight, base - 1)
        rest -= limb * weight
        result.append(limb)
    require(rest == 0, "outside the range")
    return result[::-1]
