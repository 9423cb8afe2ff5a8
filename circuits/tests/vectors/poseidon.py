"""Poseidon (x^5) over a prime field, with constants from the reference Grain LFSR.

Written from the Poseidon paper (ePrint 2019/458, appendix E) and its reference script
`generate_parameters_grain.sage 1 0 <bits> <width> <full> <partial> <modulus>`, not from any Rust code,
so that it can disagree with ours. Plain algorithm, standard library only.
"""

from functools import lru_cache

MODULI = {
    # Scalar field of BN254.
    "bn254": 0x30644E72E131A029B85045B68181585D2833E84879B9709143E1F593F0000001,
    # Base field of Pallas.
    "pasta": 0x40000000000000000000000000000000224698FC094CF91B992D30ED00000001,
}
WIDTH, FULL_ROUNDS, PARTIAL_ROUNDS = 5, 8, 60


class Grain:
    """80-bit LFSR in self-shrinking mode. Bit 0 of the state is the oldest one."""

    TAPS = (62, 51, 38, 23, 13, 0)

    def __init__(self, bits, width, full_rounds, partial_rounds):
        self.bits = bits
        # Each number is written with its most significant bit first; 30 ones fill the rest.
        seed = ((1, 2), (0, 4), (bits, 12), (width, 12), (full_rounds, 10), (partial_rounds, 10))
        text = "".join(format(value, f"0{length}b") for value, length in seed) + "1" * 30
        assert len(text) == 80
        self.state = sum(1 << i for i, bit in enumerate(text) if bit == "1")
        for _ in range(160):
            self._clock()

    def _clock(self):
        state, bit = self.state, 0
        for tap in self.TAPS:
            bit ^= state >> tap
        bit &= 1
        self.state = (state >> 1) | (bit << 79)
        return bit

    def _next_bit(self):
        """Of each pair of bits: (1, b) gives b, (0, b) gives nothing."""
        while not self._clock():
            self._clock()
        return self._clock()

    def integer(self):
        """The next `bits`-bit integer, most significant bit first."""
        value = 0
        for _ in range(self.bits):
            value = value << 1 | self._next_bit()
        return value

    def below(self, modulus):
        """The next integer below `modulus`, by rejection."""
        while (value := self.integer()) >= modulus:
            pass
        return value


def cauchy_matrix(grain, width, modulus):
    """The first Cauchy matrix 1 / (x_i + y_j). Its points are reduced, not rejected: the reference's rule."""
    while True:
        points = [grain.integer() % modulus for _ in range(2 * width)]
        xs, ys = points[:width], points[width:]
        if len(set(points)) == 2 * width and all((x + y) % modulus for x in xs for y in ys):
            return [[pow(x + y, -1, modulus) for y in ys] for x in xs]


class Poseidon:
    """One parameter set: `round_constants[round][lane]`, `mds[row][column]` and the permutation."""

    def __init__(self, modulus, width=WIDTH, full_rounds=FULL_ROUNDS, partial_rounds=PARTIAL_ROUNDS):
        assert full_rounds % 2 == 0
        self.modulus, self.width = modulus, width
        self.full_rounds, self.partial_rounds = full_rounds, partial_rounds
        grain = Grain(modulus.bit_length(), width, full_rounds, partial_rounds)
        rounds = full_rounds + partial_rounds
        self.round_constants = [[grain.below(modulus) for _ in range(width)] for _ in range(rounds)]
        self.mds = cauchy_matrix(grain, width, modulus)

    def permute(self, state):
        """Add the round's constants, raise (all lanes, or lane 0 in a partial round) to x^5, multiply by the MDS."""
        p = self.modulus
        assert len(state) == self.width and all(0 <= x < p for x in state)
        half = self.full_rounds // 2
        for number, constants in enumerate(self.round_constants):
            state = [x + c for x, c in zip(state, constants)]
            full = number < half or number >= half + self.partial_rounds
            for lane in range(self.width if full else 1):
                state[lane] = pow5(state[lane], p)
            state = [sum(map(int.__mul__, row, state)) % p for row in self.mds]
        return state


def pow5(x, p):
    square = x * x % p
    return square * square % p * x % p


@lru_cache(maxsize=None)
def suite(name):
    """The width-5 parameters of `bn254` or `pasta`."""
    return Poseidon(MODULI[name])


@lru_cache(maxsize=1 << 16)
def hash5(name, tag, a, b, c, d):
    """H(tag; a, b, c, d) of the suite `name`."""
    return suite(name).permute([tag, a, b, c, d])[0]
