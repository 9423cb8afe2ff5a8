"""Inputs by rule, and how the vectors spell values.

Every "random" number is a SHA-256 digest. Field elements are 0x hex, big-endian, 32 bytes; payees 20 bytes; amounts and
scores decimal strings; counts and indices JSON numbers.
"""

import hashlib

from poseidon import MODULI

SUITES = tuple(MODULI)

# Inputs by rule: i is written in decimal ASCII.
RULES = {
    "payee": "sha256('payee' + i)[..20]",
    "content": "sha256('content' + i)",
    "score": "sha256('score' + i)[..8]",
    "old": "sha256('old' + i)[..15]",
}


def digest(text, size=32):
    """The first `size` bytes of SHA-256 of `text`, as a big-endian integer."""
    return int.from_bytes(hashlib.sha256(text.encode("ascii")).digest()[:size], "big")


def payee(i):
    return digest(f"payee{i}", 20)


def content(i):
    return digest(f"content{i}")


def score(i):
    return digest(f"score{i}", 8)


def old(i):
    return digest(f"old{i}", 15)


def draw(label, bits):
    """A fixed number of up to `bits` bits that looks random."""
    return digest(f"draw {label}") >> (256 - bits)


def fe(value):
    return f"0x{value:064x}"


def address(value):
    return f"0x{value:040x}"


def fes(values):
    return [fe(value) for value in values]


def decimals(values):
    return [str(value) for value in values]


def list_digest(values):
    """SHA-256 of the decimal numbers joined by commas: stands for a list too long to print."""
    return hashlib.sha256(",".join(decimals(values)).encode("ascii")).hexdigest()
