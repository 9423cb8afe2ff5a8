"""Run: python3 -m unittest discover circuits/tests/vectors"""

import hashlib
import random
import unittest

import chain
import gen_chain
from keccak import keccak256, sponge
from model import Rejected


class KeccakTest(unittest.TestCase):
    def test_the_permutation_is_that_of_sha3(self):
        rng = random.Random(6)
        for size in (0, 1, 7, 8, 9, 135, 136, 137, 271, 272, 1000):
            message = rng.randbytes(size)
            self.assertEqual(sponge(message, 6), hashlib.sha3_256(message).digest())

    def test_published_digests(self):
        for message, digest in (
            (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
            (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
            (b"transfer(address,uint256)", "a9059cbb2ab09eb219583f4a59a5d0623ade346d962bcd4e46b11da047c9049b"),
        ):
            self.assertEqual(keccak256(message).hex(), digest)


class ScoreRootTest(unittest.TestCase):
    def leaves(self, count):
        return [chain.score_leaf(**gen_chain.segment(i, 64)) for i in range(count)]

    def test_depths(self):
        depths = [chain.score_depth(count) for count in (1, 2, 3, 4, 5, 8, 9, 10_000)]
        self.assertEqual(depths, [0, 1, 2, 2, 3, 3, 4, 14])
        for count in (0, -1):
            with self.assertRaises(Rejected):
                chain.score_depth(count)

    def test_by_hand(self):
        a, b, c = leaves = self.leaves(3)
        self.assertEqual(chain.score_root([a]), a)
        self.assertEqual(chain.score_root([a, b]), chain.score_node(a, b))
        root = chain.score_node(chain.score_node(a, b), chain.score_node(c, bytes(32)))
        self.assertEqual(chain.score_root(leaves), root)
        self.assertNotEqual(chain.score_root([b, a]), chain.score_root([a, b]))
        # A leaf more is another root, even an empty one; the count says which of these trees it is.
        self.assertEqual(chain.score_root(leaves + [bytes(32)]), root)

    def test_paths(self):
        for count in (1, 2, 3, 5, 8, 13):
            leaves = self.leaves(count)
            root = chain.score_root(leaves)
            for position, leaf in enumerate(leaves):
                path = chain.score_path(leaves, position)

                def ok(leaf=leaf, position=position, count=count, path=path):
                    return chain.verify_score_path(leaf, position, count, path, root)

                self.assertTrue(ok())
                for other in range(-1, 2 * count + 1):
                    self.assertEqual(ok(position=other), other == position)
                self.assertFalse(ok(leaf=bytes(32)))
                self.assertFalse(ok(path=path + [bytes(32)]))
                self.assertFalse(ok(count=4 * count))
                if path:
                    self.assertFalse(ok(path=path[1:]))
                    self.assertFalse(ok(path=[bytes(32)] + path[1:]) and path[0] != bytes(32))
                    # An inner node is no leaf.
                    self.assertFalse(ok(leaf=chain.score_levels(leaves)[1][position // 2], path=path[1:]))
        with self.assertRaises(Rejected):
            chain.score_path(self.leaves(3), 3)

    def test_every_part_of_a_leaf_counts(self):
        honest = gen_chain.segment(4, 32)
        seen = {chain.score_leaf(**honest)}
        for key, value in honest.items():
            other = value + 1 if isinstance(value, int) else bytes([value[0] ^ 1]) + value[1:]
            seen.add(chain.score_leaf(**{**honest, key: other}))
        self.assertEqual(len(seen), 6)


class ChallengeTest(unittest.TestCase):
    def test_every_part_counts(self):
        honest = (1, 2, bytes(32), bytes(32), 3, bytes(64), bytes(64), 4, 5, 6)
        seen = {chain.opening_challenge(*honest)}
        for i, value in enumerate(honest):
            other = value + 1 if isinstance(value, int) else value[:-1] + b"\1"
            seen.add(chain.opening_challenge(*honest[:i], other, *honest[i + 1 :]))
        self.assertEqual(len(seen), 11)
        self.assertTrue(all(gamma < 1 << 248 for gamma in seen))

    def test_layout(self):
        """The words one after the other, the last byte of the digest cut off."""
        honest = (1, 2, b"\3" * 32, b"\4" * 32, 5, b"\6" * 32, b"\7" * 32, 8, 9, 10)
        words = [1, 2, 5, 8, 9, 10]
        one, two, five, eight, nine, ten = (value.to_bytes(32, "big") for value in words)
        data = keccak256(b"apportion.receipt.v1") + one + two + b"\3" * 32 + b"\4" * 32 + five
        data += b"\6" * 32 + b"\7" * 32 + eight + nine + ten
        self.assertEqual(len(data), 11 * 32)
        self.assertEqual(chain.opening_challenge(*honest), int.from_bytes(keccak256(data), "big") >> 8)

    def test_limits(self):
        honest = [1, 2, bytes(32), bytes(32), 3, bytes(64), bytes(64), 4, 5, 6]
        for place, value in ((0, -1), (0, 1 << 256), (1, 1 << 160), (8, 1 << 160), (9, 1 << 256)):
            with self.assertRaises(Rejected):
                chain.opening_challenge(*honest[:place], value, *honest[place + 1 :])


if __name__ == "__main__":
    unittest.main()
