"""Keys to which bodies are sealed: X25519 points (RFC 7748), and the age recipient that names one (C2SP age).

A party's body key is made from the seed of an Ed25519 key by the map between the two curves, so that its owner can sign
for it: a key that only opens could not prove that anyone holds it. The signing half is used for that proof alone.
"""

from collections.abc import Iterator

from nacl.bindings import (
    crypto_scalarmult,
    crypto_sign_ed25519_pk_to_curve25519,
    crypto_sign_ed25519_sk_to_curve25519,
    crypto_sign_seed_keypair,
)
from nacl.exceptions import CryptoError

from mithaq.errors import Refusal
from mithaq.signing import PUBLIC_BYTES, PrivateKey

_PRIME = 2**255 - 19
_PROBE = b"\x01" * 32
"""Any scalar serves: all are multiples of the cofactor once clamped, so a point of low order always gives zero."""
_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def body_key(key: PrivateKey) -> bytes:
    """The X25519 public key (32 bytes) of the body key made from the same seed as `key`."""
    return body_key_of(key.public)


def body_key_of(public: bytes) -> bytes:
    """The X25519 public key that belongs to an Ed25519 public key."""
    try:
        return crypto_sign_ed25519_pk_to_curve25519(public)
    except (CryptoError, RuntimeError, ValueError, TypeError) as error:
        raise Refusal("signing.bad-public-key", key=public.hex()) from error


def identity(key: PrivateKey) -> str:
    """The secret half of the body key as age writes it, `AGE-SECRET-KEY-1…`."""
    _, expanded = crypto_sign_seed_keypair(key.seed)
    return _bech32("age-secret-key-", crypto_sign_ed25519_sk_to_curve25519(expanded)).upper()


def recipient(public: bytes) -> str:
    """The public half (32 bytes) as age writes it, `age1…`."""
    return _bech32("age", public)


def check_body_key(public: bytes) -> None:
    """Refuse what is no X25519 key that bodies may be sealed to: another length, a number not below the prime, or a
    point of low order, with which everyone could open what is sealed. Done once, when the key is registered."""
    if len(public) != PUBLIC_BYTES or int.from_bytes(public, "little") >= _PRIME or not _has_full_order(public):
        raise Refusal("signing.bad-public-key", key=public.hex())


def _has_full_order(public: bytes) -> bool:
    try:
        return any(crypto_scalarmult(_PROBE, public))
    except (CryptoError, RuntimeError):
        return False


def _bech32(prefix: str, content: bytes) -> str:
    """BIP 173's text form, which age uses without its limit of 90 characters."""
    words = list(_in_fives(content))
    expanded = [*(ord(each) >> 5 for each in prefix), 0, *(ord(each) & 31 for each in prefix)]
    check = _polymod([*expanded, *words, 0, 0, 0, 0, 0, 0]) ^ 1
    words += [check >> 5 * (5 - place) & 31 for place in range(6)]
    return f"{prefix}1{''.join(_LETTERS[word] for word in words)}"


def _in_fives(content: bytes) -> Iterator[int]:
    """The bits of `content` in groups of five, the last filled up with zeros."""
    bits = "".join(f"{byte:08b}" for byte in content)
    for start in range(0, len(bits), 5):
        yield int(bits[start : start + 5].ljust(5, "0"), 2)


def _polymod(words: list[int]) -> int:
    check = 1
    for word in words:
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ word
        for place, term in enumerate(_GENERATOR):
            check ^= term if top >> place & 1 else 0
    return check
