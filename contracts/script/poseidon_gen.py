#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Writes src/PoseidonT5.sol, src/EmptySubtrees.sol and test/utils/PoseidonReference.sol (--check: compares them instead).

Nothing is copied from another implementation: the round constants and the matrix come from the Grain generator of the
Poseidon paper (section 4.2 and appendix F of eprint 2019/458) for the field, width and round numbers below, and the result
is held against the two published vectors before anything is written.

PoseidonT5.sol is the same permutation in a cheaper form. A partial round raises lane 0 to the fifth power and multiplies by
a matrix that never changes, so sixty of them are one linear recurrence in what the S-box emits (`recurrence` below): eight
multiplications a round instead of twenty-five, and the same eight in every round, so that the code stays small.
PoseidonReference.sol is the permutation as the paper writes it, for a differential test.
EmptySubtrees.sol holds the roots of record trees' empty subtrees: what count and extension paths are completed with.
"""

import argparse
import random
import sys
from pathlib import Path

P = 0x30644E72E131A029B85045B68181585D2833E84879B9709143E1F593F0000001
T = 5
FULL = 8
PARTIAL = 60
FIELD_BITS = 254
VECTORS = {
    (0, 1, 2, 3, 4): 18821383157269793795438455681495246036402687001665670618754263018637548127333,
    (7, 1, 2, 3, 4): 1569211601569591254857354699102545060324851338714426496554851741114291465006,
}
TAGS = {name: int.from_bytes(f"apportion.{name}.v1".encode(), "big") for name in ("record", "node")}
LEVELS = 7  # of the largest tier
ROOT = Path(__file__).resolve().parent.parent


# ---------------------------------------------------------------- parameters


def grain_bits():
    """The self-shrinking Grain LFSR: 80 bits that spell out the instance, 160 rounds thrown away, pairs that start with 1."""
    fields = [(1, 2), (0, 4), (FIELD_BITS, 12), (T, 12), (FULL, 10), (PARTIAL, 10), (2**30 - 1, 30)]
    state = [int(b) for value, width in fields for b in format(value, f"0{width}b")]

    def step():
        bit = state[62] ^ state[51] ^ state[38] ^ state[23] ^ state[13] ^ state[0]
        state.pop(0)
        state.append(bit)
        return bit

    for _ in range(160):
        step()
    while True:
        keep, bit = step(), step()
        if keep:
            yield bit


def parameters():
    """Round constants [round][lane] and the Cauchy matrix, in the order in which the generator draws them."""
    bits = grain_bits()

    def draw():
        return int("".join(str(next(bits)) for _ in range(FIELD_BITS)), 2)

    def draw_below_p():
        while True:
            value = draw()
            if value < P:
                return value

    constants = [[draw_below_p() for _ in range(T)] for _ in range(FULL + PARTIAL)]
    while True:
        points = [draw() % P for _ in range(2 * T)]
        xs, ys = points[:T], points[T:]
        if len(set(points)) == 2 * T and all((x + y) % P for x in xs for y in ys):
            return constants, [[pow(x + y, -1, P) for y in ys] for x in xs]


def is_full(r):
    return r < FULL // 2 or r >= FULL // 2 + PARTIAL


def permute(constants, matrix, state):
    """The permutation as the paper writes it; lane 0 of the result."""
    for r, row in enumerate(constants):
        state = [(s + c) % P for s, c in zip(state, row)]
        state = [pow(s, 5, P) if i == 0 or is_full(r) else s for i, s in enumerate(state)]
        state = apply(matrix, state)
    return state[0]


# ---------------------------------------------------------------- linear algebra


def apply(m, v):
    return [sum(a * b for a, b in zip(row, v)) % P for row in m]


def multiply(a, b):
    return [[sum(x * y for x, y in zip(row, col)) % P for col in zip(*b)] for row in a]


def inverse(m):
    n = len(m)
    rows = [list(row) + [int(i == j) for j in range(n)] for i, row in enumerate(m)]
    for col in range(n):
        pivot = next(i for i in range(col, n) if rows[i][col])
        rows[col], rows[pivot] = rows[pivot], rows[col]
        scale = pow(rows[col][col], -1, P)
        rows[col] = [x * scale % P for x in rows[col]]
        for i in range(n):
            if i != col and rows[i][col]:
                factor = rows[i][col]
                rows[i] = [(x - factor * y) % P for x, y in zip(rows[i], rows[col])]
    return [row[n:] for row in rows]


def characteristic(m):
    """a with m^n = a[0] m^(n-1) + ... + a[n-1] (Faddeev-LeVerrier)."""
    n = len(m)
    identity = [[int(i == j) for j in range(n)] for i in range(n)]
    acc, coefficients = identity, []
    for k in range(1, n + 1):
        product = multiply(m, acc)
        a = sum(product[i][i] for i in range(n)) * pow(k, -1, P) % P
        coefficients.append(a)
        acc = [[(product[i][j] - a * identity[i][j]) % P for j in range(n)] for i in range(n)]
    return coefficients


def fourth_root(value):
    """A fourth root in the field, or None."""

    def square_root(a):  # Tonelli-Shanks
        if a == 0:
            return 0
        if pow(a, (P - 1) // 2, P) != 1:
            return None
        q, s = P - 1, 0
        while q % 2 == 0:
            q, s = q // 2, s + 1
        m, c, t, r = s, pow(5, q, P), pow(a, q, P), pow(a, (q + 1) // 2, P)
        while t != 1:
            i, t2 = 0, t
            while t2 != 1:
                t2, i = t2 * t2 % P, i + 1
            b = pow(c, 1 << (m - i - 1), P)
            m, c, t, r = i, b * b % P, t * b * b % P, r * b % P
        return r

    root = square_root(value)
    if root is None:
        return None
    for candidate in (root, P - root):
        fourth = square_root(candidate)
        if fourth is not None:
            return fourth
    return None


def recurrence(constants, matrix):
    """The partial rounds over y = (y0 newest .. y4 oldest): v = sum c[i] y[i] + k[r]; y' = (v^5 + sum a[i] y[i], y0, y1, y2, y3).

    With N the matrix without its column 0 and b that column, a partial round is s' = N s + b u^5, u = s[0] + constant.
    (N, b) is controllable, so s = S y with columns b, N b - a0 b, ... puts it in companion form; N is singular, so the last
    a is 0. Scaling u by d and y by d^5 keeps the form and multiplies every c by d^4: d is chosen to make one of them 1.
    """
    n = [[0] + row[1:] for row in matrix]
    b = [row[0] for row in matrix]
    a = characteristic(n)
    assert a[T - 1] == 0
    columns = [b]
    for i in range(T - 1):
        columns.append([(x - a[i] * y) % P for x, y in zip(apply(n, columns[i]), b)])
    basis = [list(row) for row in zip(*columns)]

    for unit in range(T):
        d = fourth_root(pow(basis[0][unit], -1, P))
        if d is not None:
            break
    else:
        raise SystemExit("no coefficient can be scaled to one")
    scale = pow(d, 5, P)
    leave = [[x * scale % P for x in row] for row in basis]
    enter = multiply(inverse(leave), matrix)
    c = [x * pow(d, 4, P) % P for x in basis[0]]
    assert c[unit] == 1

    # The constants of lanes 1 to 4 ride through the S-box untouched: push them on to the round after.
    k, carried = [], [0] * T
    first = FULL // 2
    for r in range(first, first + PARTIAL):
        row = [(x + y) % P for x, y in zip(constants[r], carried)]
        k.append(row[0] * pow(d, -1, P) % P)
        carried = apply(matrix, [0] + row[1:])
    after = [(x + y) % P for x, y in zip(constants[first + PARTIAL], carried)]
    return {"a": a[: T - 1], "c": c, "unit": unit, "k": k, "enter": enter, "leave": leave, "after": after}


# ---------------------------------------------------------------- Solidity


def word(x):
    return f"0x{x:064x}"


LANES = [f"s{i}" for i in range(T)]


class Yul:
    """Collects lines. A lane holds less than 2^256 without any reduction: at most five products, each below p, and a constant."""

    def __init__(self):
        self.lines = []

    def emit(self, line):
        self.lines.append(line)

    def power_five(self, x):
        self.emit(f"t := mulmod({x}, {x}, p)")
        self.emit(f"{x} := mulmod({x}, mulmod(t, t, p), p)")

    @staticmethod
    def row(coefficients, names):
        terms = [f"mulmod({n}, {word(c)}, p)" for c, n in zip(coefficients, names)]
        out = terms[0]
        for term in terms[1:]:
            out = f"add({term}, {out})"  # Yul evaluates from the right: one sum on the stack at a time
        return out

    def apply(self, matrix, constants=None):
        """s := matrix s + constants."""
        rows = [self.row(coefficients, LANES) for coefficients in matrix]
        if constants is not None:
            # Where six terms fit in 256 bits no reduction is needed: the next mulmod does it.
            fits = [5 * (P - 1) + c < 2**256 for c in constants]
            rows = [
                f"add({word(c)}, {row})" if fit else f"addmod({word(c)}, {row}, p)"
                for row, c, fit in zip(rows, constants, fits)
            ]
        self.emit("{")
        for i in range(T - 1):
            self.emit(f"let o{i} := {rows[i]}")
        self.emit(f"s{T - 1} := {rows[T - 1]}")
        for i in range(T - 1):
            self.emit(f"s{i} := o{i}")
        self.emit("}")

    def text(self, indent):
        depth, out = indent, []
        for line in self.lines:
            if line.startswith("}"):
                depth -= 1
            out.append("    " * depth + line if line else "")
            if line.endswith("{"):
                depth += 1
        return "\n".join(out)


LICENSE = "// SPDX-License-Identifier: MIT OR Apache-2.0\npragma solidity 0.8.34;\n\n// Generated by script/poseidon_gen.py; do not edit.\n"


def library(constants, matrix):
    rec = recurrence(constants, matrix)
    half, last = FULL // 2, FULL + PARTIAL - 1
    y = Yul()
    y.emit("let p := P")
    y.emit("let t")
    for i in range(T):  # the inputs may be any words, so these additions reduce
        y.emit(f"s{i} := addmod(s{i}, {word(constants[0][i])}, p)")
    for r in range(half):
        y.emit("")
        y.emit(f"// full round {r}")
        for lane in LANES:
            y.power_five(lane)
        if r < half - 1:
            y.apply(matrix, constants[r + 1])
    y.emit("// the matrix, and a change to the basis of the partial rounds")
    y.apply(rec["enter"])
    y.emit("")
    y.emit(f"// {PARTIAL} partial rounds, five at a time: the newest value takes the place of the oldest")
    y.emit(f"for {{ let end := add(k, {32 * PARTIAL}) }} lt(k, end) {{ k := add(k, {32 * T}) }} {{")
    for i in range(T):
        slot = [f"s{(j - i) % T}" for j in range(T)]  # where the j-th newest value is
        rest, oldest = slot[: T - 1], slot[T - 1]
        load = f"mload(add(k, {32 * i}))" if i else "mload(k)"
        others = [j for j in range(T) if j != rec["unit"]]
        products = y.row([rec["c"][j] for j in others], [slot[j] for j in others])
        y.emit(f"t := add({products}, addmod({slot[rec['unit']]}, {load}, p))")
        y.emit(f"{oldest} := mulmod(t, t, p)")
        y.emit(f"{oldest} := add(mulmod(t, mulmod({oldest}, {oldest}, p), p), {y.row(rec['a'], rest)})")
    y.emit("}")
    y.emit("// back to the lanes of the state")
    y.apply(rec["leave"], rec["after"])
    for r in range(half + PARTIAL, last + 1):
        y.emit("")
        y.emit(f"// full round {r}")
        for lane in LANES:
            y.power_five(lane)
        if r < last:
            y.apply(matrix, constants[r + 1])
    y.emit("// only lane 0 is needed")
    y.emit(f"out := mod({y.row(matrix[0], LANES)}, p)")

    table = Yul()
    table.emit("k := mload(0x40)")
    table.emit(f"mstore(0x40, add(k, {32 * PARTIAL}))")
    for i, k in enumerate(rec["k"]):
        table.emit(f"mstore(add(k, {32 * i}), {word(k)})" if i else f"mstore(k, {word(k)})")
    return f"""{LICENSE}
/// @title The hash of every tree in Apportion: one Poseidon permutation of width 5 over the scalar field of BN254
/// @notice `H(tag; a, b, c, d)`: x^5, 8 full and 60 partial rounds, circomlib's constants. The state starts as
/// `[tag, a, b, c, d]`; the result is lane 0. The partial rounds are evaluated as a linear recurrence of order five:
/// script/poseidon_gen.py derives it, and a differential test holds it against the textbook form.
library PoseidonT5 {{
    /// @notice The scalar field of BN254.
    uint256 internal constant P = {word(P)};

    /// @notice Where the constants of the partial rounds lie in memory.
    type Table is uint256;

    /// @notice Puts the constants of the partial rounds into memory; once will do for any number of hashes.
    function load() internal pure returns (Table table) {{
        uint256 k;
        assembly ("memory-safe") {{
{table.text(3)}
        }}
        return Table.wrap(k);
    }}

    /// @notice One hash. `s0` is the tag.
    /// @dev Inputs are reduced modulo `P`: where `x` and `x + P` must not mean the same, the caller refuses the second.
    function hash(Table table, uint256 s0, uint256 s1, uint256 s2, uint256 s3, uint256 s4)
        internal
        pure
        returns (uint256 out)
    {{
        uint256 k = Table.unwrap(table);
        assembly ("memory-safe") {{
{y.text(3)}
        }}
    }}

    /// @notice One hash on its own.
    function hash(uint256 s0, uint256 s1, uint256 s2, uint256 s3, uint256 s4) internal pure returns (uint256) {{
        return hash(load(), s0, s1, s2, s3, s4);
    }}
}}
"""


def empty_subtrees(constants, matrix):
    """The roots by level, leaves first: of subtrees without reserved leaves, and of the one at the right edge, whose last
    two leaves are the reserved ones."""

    def node(*children):
        return permute(constants, matrix, [TAGS["node"], *children])

    inner, edge = [permute(constants, matrix, [TAGS["record"], 0, 0, 0, 0])], [0]
    for level in range(LEVELS - 1):
        e, r = inner[-1], edge[-1]
        inner.append(node(e, e, e, e))
        edge.append(node(e, e, r, r) if level == 0 else node(e, e, e, r))
    return inner, edge


def subtrees(constants, matrix):
    inner, edge = empty_subtrees(constants, matrix)

    def table(values):
        return ",\n".join(f"            {'uint256(' + word(x) + ')' if i == 0 else word(x)}" for i, x in enumerate(values))

    return f"""{LICENSE}
/// @title Roots of subtrees that hold no record
/// @notice By level, leaves first; the same at every tier. A slot without a record counts as payee 0, content 0.
library EmptySubtrees {{
    /// @notice Of subtrees without reserved leaves.
    function inner() internal pure returns (uint256[{LEVELS}] memory) {{
        return [
{table(inner)}
        ];
    }}

    /// @notice Of the subtree at the right edge, whose last two leaves are the reserved ones: 0.
    function edge() internal pure returns (uint256[{LEVELS}] memory) {{
        return [
{table(edge)}
        ];
    }}
}}
"""


def reference(constants, matrix):
    def table(rows):
        return "\n".join(f'        hex"{x:064x}"' for row in rows for x in row)

    rng = random.Random(2019458)
    extra = [tuple(rng.randrange(P) for _ in range(T)) for _ in range(4)] + [(P - 1,) * T, (0,) * T]
    vectors = "\n".join(
        "        check([{}], {});".format(
            ", ".join([f"uint256({word(v[0])})"] + [word(x) for x in v[1:]]), word(permute(constants, matrix, list(v)))
        )
        for v in extra
    )
    return f"""{LICENSE}
/// @notice The permutation as the paper writes it: slow, and with nothing to get wrong. For differential tests only.
library PoseidonReference {{
    uint256 internal constant P = {word(P)};

    function hash(uint256[5] memory s) internal pure returns (uint256) {{
        bytes memory c = constants();
        bytes memory m = matrix();
        for (uint256 r = 0; r < {FULL + PARTIAL}; r++) {{
            bool full = r < {FULL // 2} || r >= {FULL // 2 + PARTIAL};
            for (uint256 i = 0; i < 5; i++) {{
                s[i] = addmod(s[i], at(c, 5 * r + i), P);
                if (full || i == 0) {{
                    uint256 square = mulmod(s[i], s[i], P);
                    s[i] = mulmod(s[i], mulmod(square, square, P), P);
                }}
            }}
            uint256[5] memory next;
            for (uint256 i = 0; i < 5; i++) {{
                for (uint256 j = 0; j < 5; j++) {{
                    next[i] = addmod(next[i], mulmod(at(m, 5 * i + j), s[j], P), P);
                }}
            }}
            s = next;
        }}
        return s[0];
    }}

    /// @dev Calls `check` with inputs and the output that the generating script computed for them.
    function vectors(function(uint256[5] memory, uint256) internal check) internal {{
{vectors}
    }}

    function at(bytes memory words, uint256 i) private pure returns (uint256 word) {{
        assembly ("memory-safe") {{
            word := mload(add(add(words, 32), mul(i, 32)))
        }}
    }}

    function constants() private pure returns (bytes memory) {{
        return // one round of five lanes after the other
{table(constants)};
    }}

    function matrix() private pure returns (bytes memory) {{
        return // row by row
{table(matrix)};
    }}
}}
"""


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--check", action="store_true", help="compare the files with what would be written")
    check = arguments.parse_args().check

    constants, matrix = parameters()
    for inputs, expected in VECTORS.items():
        if permute(constants, matrix, list(inputs)) != expected:
            raise SystemExit(f"H{inputs} is not the published value: the parameters are wrong")
    stale = []
    for path, text in {
        ROOT / "src" / "PoseidonT5.sol": library(constants, matrix),
        ROOT / "src" / "EmptySubtrees.sol": subtrees(constants, matrix),
        ROOT / "test" / "utils" / "PoseidonReference.sol": reference(constants, matrix),
    }.items():
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            stale.append(str(path.relative_to(ROOT)))
    if stale:
        raise SystemExit("out of date, run script/poseidon_gen.py: " + ", ".join(stale))


if __name__ == "__main__":
    sys.exit(main())
