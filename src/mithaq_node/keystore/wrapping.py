"""A key under a secret: argon2id (RFC 9106) and XChaCha20-Poly1305, bound to the name of the key.

    1 byte version · u32 passes · u32 memory in KiB · 16 salt · 24 nonce · box

The costs travel with the box, so they can be raised for new keys. The name is authenticated and not stored: a box that
is moved under another name does not open.
"""

import struct

from nacl import pwhash
from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
    crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
)
from nacl.exceptions import CryptoError

from mithaq.errors import Refusal
from mithaq.signing import SEED_BYTES

VERSION = 2
PASSES, MEMORY_KIB = 3, 65_536
"""RFC 9106 section 4, the second recommended option, with one lane as libsodium has it."""
SALT_BYTES, NONCE_BYTES = 16, 24
_MOST_PASSES, _MOST_MEMORY_KIB = 64, 1_048_576
_FIXED = struct.Struct(f">BII{SALT_BYTES}s{NONCE_BYTES}s")


def wrap(seed: bytes, secret: str, name: str, *, salt: bytes, nonce: bytes, cost: tuple[int, int]) -> bytes:
    """The seed of the key `name` so that only `secret` opens it, at the `cost` of so many passes over so many KiB.

    `salt` and `nonce` are fresh random bytes.
    """
    if len(seed) != SEED_BYTES:
        raise Refusal("signing.seed-length", found=len(seed))
    sealed = crypto_aead_xchacha20poly1305_ietf_encrypt(seed, name.encode(), nonce, _derive(secret, salt, *cost))
    return _FIXED.pack(VERSION, *cost, salt, nonce) + sealed


def unwrap(wrapped: bytes, secret: str, name: str) -> bytes:
    """The seed in `wrapped`; refuses a wrong secret or another key's box (`keystore.wrong-secret`)."""
    try:
        version, passes, memory, salt, nonce = _FIXED.unpack_from(wrapped)
    except struct.error as error:
        raise Refusal("keystore.damaged", file=name) from error
    if version != VERSION or not 0 < passes <= _MOST_PASSES or not 8 <= memory <= _MOST_MEMORY_KIB:
        raise Refusal("keystore.damaged", file=name)
    key = _derive(secret, salt, passes, memory)
    try:
        return crypto_aead_xchacha20poly1305_ietf_decrypt(wrapped[_FIXED.size :], name.encode(), nonce, key)
    except (CryptoError, ValueError, TypeError) as error:
        raise Refusal("keystore.wrong-secret", file=name) from error


def _derive(secret: str, salt: bytes, passes: int, memory_kib: int) -> bytes:
    size = crypto_aead_xchacha20poly1305_ietf_KEYBYTES
    return pwhash.argon2id.kdf(size, secret.encode(), salt, opslimit=passes, memlimit=memory_kib * 1024)
