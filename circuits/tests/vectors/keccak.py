"""Keccak-256 as Ethereum has it: the permutation of SHA-3 with the older padding. Plain algorithm, no tables."""

LANES = [(x, y) for x in range(5) for y in range(5)]
MASK = (1 << 64) - 1
RATE = 136  # bytes; the other 64 are the capacity of a 256-bit digest


def rotate(value, by):
    by %= 64
    return (value << by | value >> (64 - by)) & MASK


def round_constants():
    """iota's constants: bit 2^j - 1 of round i is output j + 7i of the LFSR x^8 + x^6 + x^5 + x^4 + 1."""
    register, constants = 1, []
    for _ in range(24):
        constant = 0
        for j in range(7):
            constant |= (register & 1) << ((1 << j) - 1)
            register = register << 1 ^ (0x171 if register & 0x80 else 0)
        constants.append(constant)
    return constants


def offsets():
    """rho's rotations, along the walk of pi."""
    result, (x, y) = {(0, 0): 0}, (1, 0)
    for t in range(24):
        result[x, y] = (t + 1) * (t + 2) // 2
        x, y = y, (2 * x + 3 * y) % 5
    return result


ROUND_CONSTANTS, OFFSETS = round_constants(), offsets()


def permute(state):
    """Keccak-f[1600] on a dictionary of 25 lanes by (x, y)."""
    for constant in ROUND_CONSTANTS:
        column = [state[x, 0] ^ state[x, 1] ^ state[x, 2] ^ state[x, 3] ^ state[x, 4] for x in range(5)]
        mixed = [column[x - 1] ^ rotate(column[(x + 1) % 5], 1) for x in range(5)]
        moved = {}
        for x, y in LANES:
            moved[y, (2 * x + 3 * y) % 5] = rotate(state[x, y] ^ mixed[x], OFFSETS[x, y])
        state = {
            (x, y): moved[x, y] ^ (~moved[(x + 1) % 5, y] & MASK & moved[(x + 2) % 5, y]) for x, y in LANES
        }
        state[0, 0] ^= constant
    return state


def sponge(message, suffix):
    """256 bits; `suffix` is the byte that the padding starts with: 1 for Keccak, 6 for SHA-3."""
    padded = bytearray(message) + bytes(RATE - len(message) % RATE)
    padded[len(message)] ^= suffix
    padded[-1] ^= 0x80
    state = dict.fromkeys(LANES, 0)
    for start in range(0, len(padded), RATE):
        for i in range(RATE // 8):
            word = padded[start + 8 * i : start + 8 * i + 8]
            state[i % 5, i // 5] ^= int.from_bytes(word, "little")
        state = permute(state)
    return b"".join(state[i, 0].to_bytes(8, "little") for i in range(4))


def keccak256(message):
    return sponge(message, 0x01)
