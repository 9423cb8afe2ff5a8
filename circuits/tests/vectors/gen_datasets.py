"""Vectors of datasets: record trees, paths, roots, and datasets that grow."""

import growth
import model
from model import capacity
from rules import RULES, SUITES, address, content, fe, fes, payee


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


# Datasets that grow


def growth_vectors():
    return {
        "rules": RULES,
        "siblings": "level by level from the leaves up, from left to right within a level",
        "empty": [empty_subtrees(name, tier) for name in SUITES for tier in model.TIERS],
        "counts": [case for name in SUITES for case in count_cases(name)],
        "datasets": [growing_dataset(name, *case) for name in SUITES for case in GROWING],
    }


def empty_subtrees(name, tier):
    inner, edge = growth.empty_subtrees(name, tier)
    return {"suite": name, "tier": tier, "inner": fes(inner), "edge": fes(edge)}


def count_cases(name):
    """Segments of some records by rule, with the path that shows how many they are."""
    for tier, counts in ((64, (0, 1, 2, 3, 4, 15, 16, 21, 60, 61, 62)), (1024, (0, 63, 341, 1021, 1022))):
        for n in counts:
            levels = model.tree_levels(name, model.record_leaves(name, tier, by_rule(0, n)))
            left = growth.count_path(levels, tier, n)
            assert growth.count_root(name, tier, n, left) == levels[-1][0]
            yield {"suite": name, "tier": tier, "records_by_rule": n, "left": fes(left), "root": fe(levels[-1][0])}


# (tier, records of each revision, all by rule)
GROWING = (
    (64, (1, 2, 3, 62, 63)),
    (64, (0, 62, 124, 125, 300)),
    (64, (61, 130)),
    (1024, (700, 1021, 1022, 1023)),
)


def by_rule(start, end):
    return [(payee(i), content(i)) for i in range(start, end)]


def growing_dataset(name, tier, counts):
    dataset = growth.Dataset(tier, by_rule(0, counts[0]))
    for before, after in zip(counts, counts[1:]):
        dataset.extend(by_rule(before, after))
    return {"suite": name, "tier": tier, "revisions": [revision(name, dataset, i) for i in range(len(counts))]}


def revision(name, dataset, number):
    roots = dataset.roots(name, number)
    last, n, left = dataset.count(name, number)
    assert growth.count_root(name, dataset.tier, n, left) == roots[last]
    return {
        "records": dataset.counts[number],
        "roots": fes(roots),
        # The revision in which each segment's root last changed.
        "segment_revisions": [dataset.segment_revision(number, i) for i in range(len(roots))],
        "count": {"segment": last, "records": n, "left": fes(left)},
        # What the revision extends; null where that was full, or where there is none.
        "extension": extension(name, dataset, number, roots) if number else None,
    }


def extension(name, dataset, number, roots):
    path = dataset.extension(name, number)
    if path is None:
        return None
    segment, n, left, leaf, right = path
    old, new = growth.extension_roots(name, dataset.tier, n, left, leaf, right)
    assert (old, new) == (dataset.roots(name, number - 1)[segment], roots[segment])
    return {"segment": segment, "records": n, "left": fes(left), "leaf": fe(leaf), "right": fes(right)}
