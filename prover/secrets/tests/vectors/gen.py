"""Writes derive.json next to this file: what is derived from a seed, by Python's own hmac and hashlib.

    python3 prover/secrets/tests/vectors/gen.py            write it
    python3 prover/secrets/tests/vectors/gen.py --check    compare instead; exit 1 if it is not what would be written

The formats are those of the documentation of `apportion_secrets`; nothing here was made by them.
"""

import hashlib
import hmac
import json
import sys
from pathlib import Path

VERSION = b"apportion-secrets-1"
MODULI = {
    "bn254": 0x30644E72E131A029B85045B68181585D2833E84879B97091 << 64 | 0x43E1F593F0000001,
    "pasta": 0x40000000000000000000000000000000224698FC094CF91B << 64 | 0x992D30ED00000001,
}
SLOTS = 64


def hkdf(hash, salt, ikm, info, length):
    """RFC 5869."""
    prk = hmac.new(salt, ikm, hash).digest()
    out, block, i = b"", b"", 1
    while len(out) < length:
        block = hmac.new(prk, block + info + bytes([i]), hash).digest()
        out, i = out + block, i + 1
    return out[:length]


def x25519(scalar, u):
    """RFC 7748, by the ladder of its section 5."""
    p = 2**255 - 19
    k = int.from_bytes(scalar, "little") & ~7 & ~(1 << 255) | 1 << 254
    x1 = int.from_bytes(u, "little") & (1 << 255) - 1
    x2, z2, x3, z3, swap = 1, 0, x1, 1, 0
    for t in reversed(range(255)):
        bit = k >> t & 1
        if swap ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        da, cb, aa, bb = d * a % p, c * b % p, a * a % p, b * b % p
        x3, z3 = (da + cb) ** 2 % p, x1 * (da - cb) ** 2 % p
        e = aa - bb
        x2, z2 = aa * bb % p, e * (aa + 121665 * e) % p
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, p - 2, p) % p).to_bytes(32, "little")


def info(*fields):
    return b"".join(len(field).to_bytes(4, "big") + field for field in fields)


def derive(seed, length, *fields):
    return hkdf(hashlib.sha512, VERSION, seed, info(VERSION, *fields), length)


ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def bech32(prefix, data, constant):
    """BIP-173, with the constant 1, or BIP-350, with 0x2BC830A3."""
    bits = "".join(f"{byte:08b}" for byte in data)
    bits += "0" * (-len(bits) % 5)
    symbols = [int(bits[i : i + 5], 2) for i in range(0, len(bits), 5)]

    def residue(values):
        check = 1
        for value in values:
            top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ value
            for i, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
                check ^= generator if top >> i & 1 else 0
        return check

    expanded = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    check = residue(expanded + symbols + [0] * 6) ^ constant
    symbols += [check >> 5 * (5 - i) & 31 for i in range(6)]
    return prefix + "1" + "".join(ALPHABET[symbol] for symbol in symbols)


def u32(n):
    return n.to_bytes(4, "big")


def mask(seed, suite, place, values):
    padded = values + [0] * (SLOTS - len(values))
    digest = hashlib.sha256(b"".join(v.to_bytes(32, "big") for v in padded)).digest()
    wide = derive(
        seed,
        129 * 64,
        b"mask",
        suite.encode(),
        u32(SLOTS),
        place["role"].encode(),
        place["chain_id"].to_bytes(8, "big"),
        bytes.fromhex(place["contract"][2:]),
        bytes.fromhex(place["subject"][2:]),
        u32(place["dataset"]),
        u32(place["segment"]),
        u32(place["number"]),
        digest,
    )
    return [int.from_bytes(wide[i : i + 64], "little") % MODULI[suite] for i in range(0, len(wide), 64)]


def word(n):
    return "0x" + n.to_bytes(32, "big").hex()


def masks(seed):
    contract, subject = "0x" + "c0" * 20, "0x" + "5b" * 32
    values = {
        "payee": [0xA11CE << 140, 0xB0B << 100],
        "balance": [2**128 - 1, 7],
        "score": [2**64 - 1, 0, 12345],
        "content": [2**127 + 9, 1],
    }
    for suite in MODULI:
        for role, column in values.items():
            place = {"role": role, "chain_id": 2**40 + 1, "contract": contract, "subject": subject}
            place |= {"dataset": 3, "segment": 61, "number": 2**31 + 5}
            elements = mask(seed, suite, place, column)
            yield {
                "suite": suite,
                **place,
                "values": [str(v) for v in column],
                "first": word(elements[0]),
                "blind": word(elements[128]),
                "sha256_of_elements": hashlib.sha256(b"".join(e.to_bytes(32, "big") for e in elements)).hexdigest(),
            }


def randomness(seed):
    values, elements, rest = [5, 2**64 - 1], [3, 2**250], b"account 7"
    witness = hashlib.sha256(
        b"v" + len(values).to_bytes(8, "big") + b"".join(v.to_bytes(32, "big") for v in values)
        + b"e" + len(elements).to_bytes(8, "big") + b"".join(v.to_bytes(32, "big") for v in elements)
        + b"b" + len(rest).to_bytes(8, "big") + rest
    ).digest()
    key, statement, engine = bytes([0x11]) * 32, [bytes([i]) * 32 for i in range(3)], "halo2-axiom 0.5.3"
    for purpose in ("proof", "opening"):
        fields = (purpose.encode(), key, b"".join(statement), witness, engine.encode())
        yield purpose, derive(seed, 32, *fields).hex()


def name(seed):
    chain, contract, model, payee = (10).to_bytes(8, "big"), b"\xc0" * 20, b"\x3d" * 32, b"\xa1" * 20
    base = (9).to_bytes(32, "little")
    key, identity = derive(seed, 32, b"name key", chain, contract, model), bytes(range(100, 132))
    public, recipient = x25519(key, base), x25519(identity, base)
    shared = x25519(key, recipient)
    assert shared == x25519(identity, public)
    fields = info(chain, contract, model, public, recipient, payee)
    return {
        "chain_id": 10,
        "contract": "0x" + contract.hex(),
        "model": "0x" + model.hex(),
        "payee": "0x" + payee.hex(),
        "ledger_key": "0x" + public.hex(),
        "identity": bech32("age-secret-key-", identity, 1).upper(),
        "recipient": bech32("age", recipient, 1),
        "name": hkdf(hashlib.sha256, b"apportion-names-1", shared, fields, 16).hex() + ".age",
    }


def document():
    seed = bytes(range(32))
    return {
        "comment": "python3 prover/secrets/tests/vectors/gen.py",
        "seed": seed.hex(),
        "seed_text": bech32("apportion-seed-", seed, 0x2BC830A3),
        "seed_id": derive(seed, 16, b"seed id").hex(),
        "masks": list(masks(seed)),
        "randomness": dict(randomness(seed)),
        "name": name(seed),
    }


def main():
    path = Path(__file__).resolve().parent / "derive.json"
    text = json.dumps(document(), indent=2) + "\n"
    if "--check" not in sys.argv[1:]:
        path.write_text(text)
    elif path.read_text() != text:
        sys.exit(f"{path.name} is not what would be written")


if __name__ == "__main__":
    main()
