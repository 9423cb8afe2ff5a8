"""Datasets that grow: revisions, the paths that show how many records there are, and which records stayed.

A path is completed from what it leaves out: subtrees before slot n are its left siblings, subtrees from slot n on
are empty, or its right siblings.
"""

from model import TIERS, capacity, cut, node, record_leaf, record_leaves, require, tree_levels


def empty_subtrees(suite, tier):
    """E_0 .. E_(m-1), the roots of empty subtrees without reserved leaves, and R_0 .. R_m, at the right edge."""
    inner, edge = [record_leaf(suite, 0, 0)], [0]
    for level in range(TIERS[tier]):
        e, r = inner[-1], edge[-1]
        inner.append(node(suite, [e] * 4))
        edge.append(node(suite, [e, e, r, r] if level == 0 else [e, e, e, r]))
    return inner[:-1], edge


def empty_subtree(suite, tier, level, index):
    inner, edge = empty_subtrees(suite, tier)
    at_edge = index >= capacity(tier) if level == 0 else (index + 1) * 4**level == tier
    return edge[level] if at_edge else inner[level]


def siblings(tier, n, left):
    """(level, index) of the left, or right, siblings of slot n: leaves first, from left to right within a level."""
    for level in range(TIERS[tier]):
        own = n // 4**level
        first = own - own % 4
        yield from ((level, i) for i in range(first, first + 4) if (i < own if left else i > own))


def count_path(levels, tier, n):
    require(0 <= n <= capacity(tier), "slot beyond the first reserved one")
    return [levels[level][i] for level, i in siblings(tier, n, True)]


def extension_path(levels, tier, n):
    """(left siblings, leaf, right siblings) of slot n in the tree after the extension."""
    require(0 <= n < capacity(tier), "a full segment is not extended")
    right = [levels[level][i] for level, i in siblings(tier, n, False)]
    return count_path(levels, tier, n), levels[0][n], right


def assemble(suite, tier, known, level, index):
    """The root of a subtree whose known parts are given by (level, index), or by a function of those."""
    value = known(level, index)
    if value is None:
        value = node(suite, [assemble(suite, tier, known, level - 1, 4 * index + i) for i in range(4)])
    return value


def listed(tier, n, values, left):
    places = list(siblings(tier, n, left))
    require(len(places) == len(values), "not as many siblings as the slot has")
    return dict(zip(places, values))


def count_root(suite, tier, n, left):
    """The root of the tree with these left siblings of slot n, whose slots from n on are empty."""
    require(0 <= n <= capacity(tier), "slot beyond the first reserved one")
    before = listed(tier, n, left, True)

    def known(level, index):
        if index * 4**level >= n:
            return empty_subtree(suite, tier, level, index)
        return before.get((level, index))

    return assemble(suite, tier, known, TIERS[tier], 0)


def extension_roots(suite, tier, n, left, leaf, right):
    """The roots before and after slot n, the first empty one, got a leaf."""
    require(0 <= n < capacity(tier), "a full segment is not extended")
    parts = {**listed(tier, n, left, True), **listed(tier, n, right, False), (0, n): leaf}
    new = assemble(suite, tier, lambda level, index: parts.get((level, index)), TIERS[tier], 0)
    return count_root(suite, tier, n, left), new


class Dataset:
    """The records of all revisions: (payee, content) pairs, kept in their places and appended to."""

    def __init__(self, tier, records):
        self.tier, self.records, self.counts = tier, list(records), [len(records)]

    def extend(self, records):
        require(records, "an extension appends records")
        self.records += records
        self.counts.append(len(self.records))

    def segments(self, revision):
        return cut(self.tier, self.records[: self.counts[revision]])

    def segment_revision(self, revision, segment):
        """The last revision up to this one that changed the segment's root."""
        now = self.segments(revision)[segment]
        while revision > 0:
            before = self.segments(revision - 1)
            if segment >= len(before) or before[segment] != now:
                break
            revision -= 1
        return revision

    def levels(self, suite, revision, segment):
        return tree_levels(suite, record_leaves(suite, self.tier, self.segments(revision)[segment]))

    def roots(self, suite, revision):
        return [self.levels(suite, revision, i)[-1][0] for i in range(len(self.segments(revision)))]

    def count(self, suite, revision):
        """(last segment, records in it, left siblings)."""
        segments = self.segments(revision)
        last, n = len(segments) - 1, len(segments[-1])
        return last, n, count_path(self.levels(suite, revision, last), self.tier, n)

    def extension(self, suite, revision):
        """(old last segment, records that it had, left, leaf, right); None where it was full, and its root stays."""
        before = self.segments(revision - 1)
        last, n = len(before) - 1, len(before[-1])
        if n == capacity(self.tier):
            return None
        return last, n, *extension_path(self.levels(suite, revision, last), self.tier, n)
