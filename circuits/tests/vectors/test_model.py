"""Run: python3 -m unittest discover circuits/tests/vectors"""

import csv
import hashlib
import io
import itertools
import json
import random
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import epochs
import gen
import model
import real_data
import rules
from model import Rejected
from poseidon import MODULI, Poseidon, hash5, suite

HERE = Path(__file__).parent


def krylov_rank(matrix, vector, p):
    """Dimension of the span of v, Mv, M^2 v, ..."""
    basis = []  # (pivot, row), rows reduced by the earlier ones
    for _ in matrix:
        row = vector
        for pivot, other in basis:
            factor = row[pivot] * pow(other[pivot], -1, p) % p
            row = [(x - factor * y) % p for x, y in zip(row, other)]
        pivot = next((i for i, x in enumerate(row) if x), None)
        if pivot is None:
            break
        basis.append((pivot, row))
        vector = [sum(m * x for m, x in zip(line, vector)) % p for line in matrix]
    return len(basis)


class PoseidonTest(unittest.TestCase):
    def test_circomlib(self):
        expected = 18821383157269793795438455681495246036402687001665670618754263018637548127333
        self.assertEqual(hash5("bn254", 0, 1, 2, 3, 4), expected)
        expected = 1569211601569591254857354699102545060324851338714426496554851741114291465006
        self.assertEqual(hash5("bn254", 7, 1, 2, 3, 4), expected)

    def test_pallas_width_3(self):
        """Constants and permutation published by zcash (pasta-hadeshash, halo2_poseidon 0.1.0)."""
        spec = Poseidon(MODULI["pasta"], width=3, partial_rounds=56)
        first, last = spec.round_constants[0][0], spec.round_constants[-1][-1]
        self.assertEqual(first, 0x360D7470611E473D353F628F76D110F34E71162F31003B7057538C2596426303)
        self.assertEqual(last, 0x3A8A628295121D5C5C1E3E9E27A571C3A004ABE8E01528C41211B9E2190D6852)
        row = [
            0x0AB5E5B874A68DE7B3D59FBDC8C9EAD497D7A0AB23850B56323F2486D7E11B63,
            0x31916628E58A5ABB293F0F0D886C7954240D4A7CBF7357368ECA5596E996AB5E,
            0x07C045D5F5E9E5A6D803952BBB364FDFA0A3B71A5FB1573519D1CF25D8E8345D,
        ]
        self.assertEqual(spec.mds[0], row)
        output = [
            0x2A526ACD0B64B45394EFB364F966240FF7E69A71D0B642A0AEB1BC024AECA456,
            0x13C5D1568B4AA43076FF7DAE343D5512DCD42E7FBED9DAFE012A3E9628E5B82A,
            0x0A49C868C6976544256FCD597984561AF7CFDFE1BDA42C7B359029A1D34E9DDD,
        ]
        self.assertEqual(spec.permute([0, 1, 2]), output)

    def test_no_subspace_trail(self):
        """The first matrix drawn is a secure one: lane 0 sees, and reaches, the whole state under M .. M^20.

        For one S-box a partial round this is what algorithms 1 to 3 of the reference script ask for. The
        compact circuit layout of the partial rounds relies on the first half of it.
        """
        for name in MODULI:
            spec = suite(name)
            p, width = spec.modulus, spec.width
            lane = [1] + [0] * (width - 1)
            power = spec.mds
            for _ in range(4 * width):
                self.assertEqual(krylov_rank(power, lane, p), width)
                self.assertEqual(krylov_rank(list(zip(*power)), lane, p), width)
                columns = list(zip(*spec.mds))
                power = [[sum(x * y for x, y in zip(row, column)) % p for column in columns] for row in power]

    def test_lanes_and_tags_matter(self):
        for name in MODULI:
            seen = {hash5(name, *state) for state in itertools.permutations((0, 1, 2, 3, 4))}
            self.assertEqual(len(seen), 120)


class TreeTest(unittest.TestCase):
    tier = 64

    def setUp(self):
        self.records = [(rules.payee(i), rules.content(i)) for i in range(5)]
        self.levels = model.tree_levels("bn254", model.record_leaves("bn254", self.tier, self.records))
        self.root = self.levels[-1][0]

    def test_root_by_hand(self):
        """Recursive definition against the level-by-level one."""

        def root(leaves):
            quarter = len(leaves) // 4
            if quarter == 0:
                return leaves[0]
            return model.node("bn254", [root(leaves[i * quarter : (i + 1) * quarter]) for i in range(4)])

        self.assertEqual(root(self.levels[0]), self.root)
        self.assertEqual(self.levels[0][-2:], [0, 0])
        self.assertEqual(self.levels[0][-3], model.record_leaf("bn254", 0, 0))

    def test_paths(self):
        for index in range(model.capacity(self.tier)):
            path = model.merkle_path(self.levels, index)
            leaf = self.levels[0][index]
            self.assertTrue(model.verify_path("bn254", self.tier, leaf, index, path, self.root))

    def test_bad_paths(self):
        index, leaf = 3, self.levels[0][3]
        path = model.merkle_path(self.levels, index)

        def ok(leaf=leaf, index=index, path=path):
            return model.verify_path("bn254", self.tier, leaf, index, path, self.root)

        self.assertTrue(ok())
        self.assertFalse(ok(leaf=leaf + 1))
        self.assertFalse(ok(index=2))
        self.assertFalse(ok(index=index + 64))
        self.assertFalse(ok(index=-1))
        self.assertFalse(ok(path=path[::-1]))
        self.assertFalse(ok(path=[path[0][::-1]] + path[1:]))
        self.assertFalse(ok(path=path + [[0, 0, 0]]))
        self.assertFalse(ok(path=[row[:2] for row in path]))
        self.assertFalse(ok(path=[[x + MODULI["bn254"] for x in row] for row in path]))
        # An inner node offered as a leaf, with the rest of its path.
        self.assertFalse(ok(leaf=self.levels[1][0], index=0, path=path[1:]))
        # A reserved slot is nobody's account.
        self.assertFalse(ok(leaf=0, index=62, path=model.merkle_path(self.levels, 62)))

    def test_segments(self):
        for count, segments in ((0, 1), (1, 1), (62, 1), (63, 2), (124, 2), (125, 3)):
            self.assertEqual(len(model.cut(64, list(range(count)))), segments)
        records = [(rules.payee(i), rules.content(i)) for i in range(63)]
        roots = model.dataset_roots("pasta", 64, records)
        self.assertEqual(roots[0], model.dataset_roots("pasta", 64, records[:62])[0])
        self.assertEqual(roots[1], model.dataset_roots("pasta", 64, records[62:])[0])
        with self.assertRaises(Rejected):
            model.record_leaves("pasta", 64, records)


class SplitTest(unittest.TestCase):
    def ledger(self, *datasets, policy=None):
        ledger = model.Ledger(policy or model.Policy(10_000))
        for tier, records in datasets:
            ledger.enroll(tier, records)
        return ledger

    def test_random_epochs(self):
        rng = random.Random(1)
        for _ in range(300):
            count = rng.randint(1, 130)
            scores = [rng.choice((0, 1, rng.getrandbits(rng.randint(1, 64)))) for _ in range(count)]
            scores[rng.randrange(count)] = 1
            ledger = self.ledger((64, count))
            result = ledger.epoch(rng.getrandbits(rng.randint(1, 127)), [scores])
            payouts = result.payouts(0, count, 64)
            self.assertEqual(sum(payouts) + result.dust, result.pool)
            self.assertLess(result.dust, sum(1 for score in scores if score))
            for score, q in zip(scores, payouts):
                # q is the largest integer with q * total <= pool * score, and nobody's zero score is paid.
                self.assertLessEqual(q * result.total_score, result.pool * score)
                self.assertGreater((q + 1) * result.total_score, result.pool * score)
                self.assertTrue(score or q == 0)

    def test_independent_of_the_cut(self):
        """One dataset in segments of either size, or two datasets of different tiers: the same amounts."""
        rng = random.Random(2)
        scores = [[rng.getrandbits(64) for _ in range(200)] for _ in range(3)]
        policy = model.Policy(5_000, [("a", "", 3_333), ("b", "", 1_667)])
        found = []
        for datasets in (((64, 200),), ((1024, 200),), ((64, 130), (1024, 70))):
            ledger = self.ledger(*datasets, policy=policy)
            for part in scores:
                ends = list(itertools.accumulate((records for _, records in datasets), initial=0))
                ledger.epoch(10**18 + 7, [part[start:end] for start, end in itertools.pairwise(ends)])
            found.append((sum((each.balances for each in ledger.datasets), []), ledger.carried))
        self.assertEqual(found, found[:1] * 3)

    def test_conservation_over_a_life(self):
        rng = random.Random(3)
        policy = model.Policy(1, [("a", "", 9_000), ("b", "", 999)])
        ledger = self.ledger((64, 70), (64, 5), policy=policy)
        revenue_sum = share_sum = 0
        for epoch in range(40):
            scores = [[0] * 70 if epoch % 7 == 3 else [rng.getrandbits(20) for _ in range(70)], [1] * 5]
            revenue = rng.getrandbits(80)
            share_sum += sum(ledger.epoch(revenue, scores).shares)
            revenue_sum += revenue
        balances = sum(sum(each.balances) for each in ledger.datasets)
        self.assertEqual(balances + ledger.carried + share_sum, revenue_sum)

    def test_segments_without_a_score_rest(self):
        ledger = self.ledger((64, 130))
        first = ledger.epoch(60, [[0] * 62 + [1] * 62 + [0] * 6])
        self.assertEqual([(move.segment, move.split.genesis) for move in first.moves], [(1, True)])
        self.assertEqual((first.dust, first.moves[0].split.records), (60, 62))
        second = ledger.epoch(130, [[1] * 124 + [0] * 6])
        self.assertEqual([(move.segment, move.split.genesis) for move in second.moves], [(0, True), (1, False)])
        self.assertEqual((second.pool, second.dust), (190, 190 - 124))
        self.assertEqual(ledger.datasets[0].balances, [1] * 124 + [0] * 6)
        self.assertEqual(ledger.datasets[0].moved, {0, 1})

    def test_nobody_scores(self):
        """The epoch stays open, and nothing is done."""
        ledger = self.ledger((64, 2))
        for _ in range(2):
            with self.assertRaises(Rejected):
                ledger.epoch(5, [[0, 0]])
        self.assertEqual((ledger.carried, ledger.entered, ledger.datasets[0].balances), (0, 0, [0, 0]))
        result = ledger.epoch(11, [[1, 3]])
        self.assertEqual((result.pool, result.dust, ledger.datasets[0].balances), (11, 1, [2, 8]))

    def test_datasets_come_grow_and_go(self):
        ledger = self.ledger((64, 61))
        ledger.epoch(61, [[1] * 61])
        ledger.extend(0, 2)
        grown = ledger.epoch(63, [[1] * 63])
        self.assertEqual([move.split.records for move in grown.moves], [62, 1])
        self.assertEqual([move.split.genesis for move in grown.moves], [False, True])
        self.assertEqual(ledger.datasets[0].balances, [2] * 61 + [1, 1])
        ledger.enroll(1024, 1)
        ledger.retire(0)
        self.assertEqual(ledger.epoch(9, [[], [5]]).moves[0].dataset, 1)
        self.assertEqual(ledger.datasets[0].balances, [2] * 61 + [1, 1])
        for bad in ([[1] * 63, [5]], [[], [5, 5]], [[5]], [[], [-1]], [[], [1 << 64]]):
            with self.assertRaises((Rejected, ValueError)):
                ledger.epoch(9, bad)
        with self.assertRaises(Rejected):
            ledger.extend(1, 0)

    def test_counts(self):
        for records in (0, 1, 61, 62):
            counts = model.counts(64, records) + [0]
            self.assertEqual(counts[0], records)
            for slot, (count, below) in enumerate(itertools.pairwise(counts)):
                empty = count - 1 - below
                self.assertEqual((count * empty, below * empty), (0, 0))
                self.assertEqual(empty == 0, slot < records)

    def test_limits(self):
        model.split_segment(64, (1 << 128) - 1, (1 << 80) - 1, [0], [(1 << 64) - 1])
        bad = (
            (1 << 128, 1, [0], [1]),
            (-1, 1, [0], [1]),
            (1, 0, [0], [0]),
            (1, 1 << 80, [0], [1]),
            (1, 1, [0], [2]),
            (1, 1 << 70, [0], [1 << 64]),
            (1, 1, [1], [1], True),
            (1, 1, [1, 2], [1]),
            (1, 63, [0] * 63, [1] * 63),
            (1, 3, [0, 0], [1, 2], False, 1),
            (1, 3, [0, 0], [1, 2], False, 63),
            (1, 3, [0, 0], [1, 2], False, -1),
        )
        for arguments in bad:
            with self.assertRaises(Rejected):
                model.split_segment(64, *arguments)
        model.split_segment(64, 1, 3, [0, 0], [1, 0], False, 1)
        self.ledger((64, 1)).epoch((1 << 127) - 1, [[1]])
        with self.assertRaises(Rejected):
            self.ledger((64, 1)).epoch(1 << 127, [[1]])
        # What is carried has entered before.
        ledger = self.ledger((64, 3))
        self.assertEqual(ledger.epoch((1 << 126) + 1, [[1, 1, 1]]).dust, 2)
        self.assertEqual(ledger.epoch((1 << 126) - 2, [[1, 1, 1]]).pool, 1 << 126)
        with self.assertRaises(Rejected):
            ledger.epoch(1, [[1, 1, 1]])
        for policy in (model.Policy(9_999), model.Policy(10_001), model.Policy(11_000, [("a", "", -1_000)])):
            with self.assertRaises(Rejected):
                policy.shares(1)


class LimbTest(unittest.TestCase):
    def test_exact_cover(self):
        """Every sum of limbs, exhaustively: exactly 0 .. 2^bits - 1."""
        for bits, base in ((4, 4), (4, 6), (6, 4), (6, 8), (8, 4), (8, 6), (8, 16), (8, 18), (8, 52), (8, 256)):
            weights = model.limb_weights(bits, base)
            sums = {sum(map(int.__mul__, weights, l)) for l in itertools.product(range(base), repeat=len(weights))}
            self.assertEqual(sums, set(range(1 << bits)), (bits, base))
            for value in range(1 << bits):
                parts = model.limbs(value, weights, base)
                self.assertTrue(all(0 <= x < base for x in parts))
                self.assertEqual(sum(map(int.__mul__, weights, parts)), value)

    def test_all_tables(self):
        rng = random.Random(4)
        for bits, base in itertools.product((64, 128), gen.TABLES):
            weights = model.limb_weights(bits, base)
            self.assertEqual((base - 1) * sum(weights), (1 << bits) - 1)
            # No gap: each weight is at most one more than what the smaller ones reach.
            for i, weight in enumerate(sorted(weights)):
                self.assertLessEqual(weight, (base - 1) * sum(sorted(weights)[:i]) + 1)
            for value in [rng.getrandbits(bits) for _ in range(50)] + [0, (1 << bits) - 1]:
                self.assertEqual(sum(map(int.__mul__, weights, model.limbs(value, weights, base))), value)
            with self.assertRaises(Rejected):
                model.limbs(1 << bits, weights, base)

    def test_refused_base(self):
        for base in (1, 4096, 1 << 15):
            with self.assertRaises(Rejected):
                model.limb_weights(64, base)


class GenTest(unittest.TestCase):
    def test_committed_files_are_current(self):
        self.assertEqual(gen.drift(), [])

    def test_drift_is_seen(self):
        with tempfile.TemporaryDirectory() as directory:
            self.assertEqual(len(gen.drift(Path(directory))), len(gen.FILES))


class EpochsTest(unittest.TestCase):
    policy = 'contributors_bps = 5000\n[[beneficiaries]]\nname = "lab"\naddress = "0x%040x"\nbps = 5000\n' % 1

    def run_epochs(self, scores, *options):
        with tempfile.TemporaryDirectory() as name:
            directory = Path(name)
            rows = "".join(f"0x{rules.payee(i):040x},0x{rules.content(i):064x}\n" for i in range(3))
            (directory / "records.csv").write_text("payee,content\n" + rows)
            (directory / "policy.toml").write_text(self.policy)
            arguments = ["--records", "records.csv", "--policy", "policy.toml", *options]
            for number, (text, revenue) in enumerate(scores):
                (directory / f"{number}.csv").write_text(text)
                arguments += ["--epoch", f"{number}.csv:{revenue}"]
            command = [sys.executable, str(HERE / "epochs.py"), *arguments]
            return subprocess.run(command, cwd=directory, capture_output=True, text=True)

    def test_two_epochs(self):
        by_payee = f"payee,score\n0x{rules.payee(1):040x},2\n0x{rules.payee(2):040x},1\n"
        done = self.run_epochs([("record,score\n0,1\n2,1\n", 101), (by_payee, 100)], "--suite", "bn254")
        self.assertEqual(done.returncode, 0, done.stderr)
        result = json.loads(done.stdout)
        first, second = result["epochs"]
        self.assertEqual((first["pool"], first["payouts"], first["dust"]), ("51", ["25", "0", "25"], "1"))
        self.assertEqual((second["pool"], second["payouts"], second["dust"]), ("51", ["0", "34", "17"], "0"))
        self.assertEqual(second["cumulative"], ["25", "34", "42"])
        moved = {"segment": 0, "records": 3, "segment_score": "3", "segment_paid": "51"}
        self.assertEqual(second["segments"], [moved])
        self.assertEqual(first["shares"][0]["amount"], "50")
        self.assertEqual(len(result["roots"]), 1)

    def test_malformed_input(self):
        for text in (
            "",
            "score,record\n1,0\n",
            "record,score\n0,1\n0,1\n",
            "record,score\n3,1\n",
            "record,score\n0,-1\n",
            "record,score\n0,01\n",
            f"record,score\n0,{1 << 64}\n",
            "record,score\n0\n",
            f"payee,score\n0x{rules.payee(9):040x},1\n",
            "record,score\n0,0\n1,0\n",
        ):
            done = self.run_epochs([(text, 1)])
            self.assertEqual((done.returncode, done.stdout), (3, ""), text)

    def test_malformed_policy(self):
        for policy in (self.policy.replace("= 5000", "= 4999"), self.policy.replace("5000", "5000.0"), "", "x"):
            self.policy = policy
            self.assertEqual(self.run_epochs([("record,score\n0,1\n", 1)]).returncode, 3, policy)
            del self.policy


class LifeTest(unittest.TestCase):
    def run_life(self, events, *options):
        command = [sys.executable, str(HERE / "life.py"), *options]
        return subprocess.run(command, input=json.dumps(events), capture_output=True, text=True)

    def records(self, start, end):
        return [[f"0x{rules.payee(i):040x}", f"0x{rules.content(i):064x}"] for i in range(start, end)]

    def test_a_life(self):
        policy = {"contributors_bps": 5000, "beneficiaries": [["lab", "0x01", 5000]]}
        events = [
            {"policy": policy},
            {"enroll": {"tier": 64, "records": self.records(0, 62)}},
            {"epoch": {"revenue": "101", "scores": [["1"] + ["0"] * 60 + ["1"]]}},
            {"extend": {"dataset": 0, "records": self.records(62, 63)}},
            {"enroll": {"tier": 64, "records": self.records(100, 101)}},
            {"policy": {**policy, "contributors_bps": 10_000, "beneficiaries": []}},
            {"epoch": {"revenue": "99", "scores": [["0"] * 62 + ["1"], ["1"]]}},
            {"retire": 1},
            {"epoch": {"revenue": "1", "scores": [["0"] * 62 + ["1"], []]}},
        ]
        done = self.run_life(events, "--suite", "bn254")
        self.assertEqual(done.returncode, 0, done.stderr)
        result = json.loads(done.stdout)
        first, second, third = result["epochs"]
        self.assertEqual((first["pool"], first["dust"], third["pool"], result["carried"]), ("51", "1", "1", "0"))
        moved = {"records": 1, "genesis": True, "score": "1", "paid": "50"}
        self.assertEqual(
            second["segments"], [{"dataset": 0, "segment": 1, **moved}, {"dataset": 1, "segment": 0, **moved}]
        )
        self.assertEqual(result["balances"], [["25"] + ["0"] * 60 + ["25", "51"], ["50"]])
        whole = model.dataset_roots("bn254", 64, [(rules.payee(i), rules.content(i)) for i in range(63)])
        self.assertEqual(result["roots"][0][1], [f"0x{root:064x}" for root in whole])
        self.assertEqual(result["roots"][0][0], result["roots"][0][1][:1])

    def test_refused(self):
        enroll = {"enroll": {"tier": 64, "records": self.records(0, 1)}}
        policy = {"policy": {"contributors_bps": 10_000, "beneficiaries": []}}
        for events in (
            [{"x": 1}],
            [{"retire": 0}],
            [enroll, {"epoch": {"revenue": "1", "scores": [["1"]]}}],
            [policy, enroll, {"epoch": {"revenue": "1", "scores": [["0"]]}}],
            [policy, enroll, {"epoch": {"revenue": "1", "scores": []}}],
            [enroll, {"extend": {"dataset": 0, "records": []}}],
            [enroll, {"retire": 0}, {"epoch": {"revenue": "1", "scores": [["1"]]}}],
        ):
            done = self.run_life(events)
            self.assertEqual((done.returncode, done.stdout), (3, ""), events)


class RealDataTest(unittest.TestCase):
    def test_files(self):
        source = "payee,score\n" + "".join(f"0x{rules.payee(i):040x},{100 + i}\n" for i in range(40))
        with tempfile.TemporaryDirectory() as name:
            directory = Path(name)
            (directory / "in.csv").write_text(source)
            out = directory / "out"
            real_data.main([str(directory / "in.csv"), "--take", "30", "--out", str(out)])
            self.assertEqual(
                sorted(path.name for path in out.iterdir()),
                ["records.csv", "scores-1.csv", "scores-2.csv", "scores-3.csv"],
            )
            rows = list(csv.DictReader(io.StringIO((out / "records.csv").read_text())))
            self.assertEqual(len(rows), 30)
            digest = hashlib.sha256(f"safe:{rows[4]['payee']}".encode()).hexdigest()
            self.assertEqual(rows[4]["content"], "0x" + digest)
            payees = epochs.read_records(out / "records.csv")
            given = [epochs.read_scores(out / f"scores-{e}.csv", payees) for e in (1, 2, 3)]
            self.assertEqual(given[0], list(range(100, 130)))
            self.assertEqual(len({tuple(scores) for scores in given}), 3)


if __name__ == "__main__":
    unittest.main()
