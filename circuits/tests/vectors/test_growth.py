"""Run: python3 -m unittest discover circuits/tests/vectors"""

import random
import unittest

import growth
import model
from model import Rejected
from rules import content, payee


def records(start, end):
    return [(payee(i), content(i)) for i in range(start, end)]


class PathTest(unittest.TestCase):
    suite, tier = "bn254", 64

    def levels(self, count):
        return model.tree_levels(self.suite, model.record_leaves(self.suite, self.tier, records(0, count)))

    def test_empty_subtrees(self):
        levels = self.levels(0)
        for level, nodes in enumerate(levels):
            for index, value in enumerate(nodes):
                self.assertEqual(growth.empty_subtree(self.suite, self.tier, level, index), value)
        self.assertEqual(growth.empty_subtrees(self.suite, self.tier)[1][-1], levels[-1][0])

    def test_counts(self):
        trees = {n: self.levels(n) for n in (0, 1, 2, 5, 16, 17, 61, 62)}
        for n, levels in trees.items():
            left = growth.count_path(levels, self.tier, n)
            digits = (n % 4, n // 4 % 4, n // 16)
            self.assertEqual(len(left), sum(digits))
            for other in range(63):
                if other != n:
                    self.assertFalse(self.leads(other, left, levels), (n, other))
            self.assertTrue(self.leads(n, left, levels))
            for i in range(len(left)):
                self.assertFalse(self.leads(n, left[:i] + [left[i] + 1] + left[i + 1 :], levels))
            self.assertFalse(self.leads(n, left + [0], levels))
            # More than there are is an upper bound, fewer is not.
            for other, tree in trees.items():
                self.assertEqual(self.leads(n, growth.count_path(tree, self.tier, n), tree), other <= n)
        for n in (-1, 63, 64):
            with self.assertRaises(Rejected):
                growth.count_path(trees[62], self.tier, n)
            with self.assertRaises(Rejected):
                growth.count_root(self.suite, self.tier, n, [])

    def leads(self, n, left, levels):
        try:
            return growth.count_root(self.suite, self.tier, n, left) == levels[-1][0]
        except Rejected:
            return False

    def test_extensions(self):
        for n, count in ((0, 1), (0, 62), (1, 2), (3, 9), (15, 20), (16, 17), (60, 62), (61, 62)):
            old, new = self.levels(n), self.levels(count)
            left, leaf, right = growth.extension_path(new, self.tier, n)
            self.assertEqual(left, growth.count_path(old, self.tier, n))
            self.assertEqual(len(left) + len(right), 9)
            self.assertEqual(leaf, model.record_leaf(self.suite, *records(n, n + 1)[0]))
            roots = old[-1][0], new[-1][0]
            found = growth.extension_roots(self.suite, self.tier, n, left, leaf, right)
            self.assertEqual(found, roots)
            for changed in range(3):
                parts = [left, [leaf], right]
                if parts[changed]:
                    parts[changed] = [parts[changed][0] + 1, *parts[changed][1:]]
                    found = growth.extension_roots(self.suite, self.tier, n, parts[0], parts[1][0], parts[2])
                    self.assertEqual((found[0] != roots[0], found[1] != roots[1]), (changed == 0, True))
        with self.assertRaises(Rejected):
            growth.extension_path(self.levels(62), self.tier, 62)


class DatasetTest(unittest.TestCase):
    def test_revisions(self):
        rng = random.Random(5)
        for _ in range(20):
            counts = [rng.randint(0, 70)]
            dataset = growth.Dataset(64, records(0, counts[0]))
            for _ in range(rng.randint(1, 5)):
                counts.append(counts[-1] + rng.choice((1, 2, 61, 62, 100)))
                dataset.extend(records(*counts[-2:]))
            for revision, count in enumerate(counts):
                segments = dataset.segments(revision)
                self.assertEqual(len(segments), max(1, -(-count // 62)))
                self.assertEqual(sum(segments, []), records(0, count))
                for segment in range(len(segments)):
                    changed = dataset.segment_revision(revision, segment)
                    self.assertEqual(dataset.segments(changed)[segment], segments[segment])
                    before = dataset.segments(changed - 1) if changed else []
                    self.assertTrue(segment >= len(before) or before[segment] != segments[segment])

    def test_full_segments_stay(self):
        dataset = growth.Dataset(64, records(0, 62))
        dataset.extend(records(62, 63))
        self.assertIsNone(dataset.extension("pasta", 1))
        self.assertEqual(dataset.roots("pasta", 1)[0], dataset.roots("pasta", 0)[0])
        self.assertEqual(dataset.count("pasta", 1)[:2], (1, 1))
        self.assertEqual([dataset.segment_revision(1, i) for i in range(2)], [0, 1])
        with self.assertRaises(Rejected):
            dataset.extend([])


if __name__ == "__main__":
    unittest.main()
