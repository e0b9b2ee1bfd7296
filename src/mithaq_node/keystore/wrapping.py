"""An officer's private key under the officer's own password: argon2id (RFC 9106) and XSalsa20-Poly1305.

    1 byte version · u32 passes · u32 memory in KiB · 16 salt · 24 nonce · box

The costs travel with the box, so they can be raised for new keys. What is unwrapped lives for one signature.
"""

import struct

from nacl import pwhash
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from mithaq.errors import Refusal
from mithaq.signing import SEED_BYTES, PrivateKey

VERSION = 1
PASSES, MEMORY_KIB = 3, 65_536
"""RFC 9106 section 4, the second recommended option, with one lane as libsodium has it."""
SALT_BYTES, NONCE_BYTES = 16, 24
_MOST_MEMORY_KIB = 1_048_576
_FIXED = struct.Struct(f">BII{SALT_BYTES}s{NONCE_BYTES}s")


def wrap(seed: bytes, secret: str, *, salt: bytes, nonce: bytes) -> bytes:
    """`seed` so that only `secret` opens it; `salt` and `nonce` are fresh random bytes."""
    if len(seed) != SEED_BYTES:
        raise Refusal("signing.seed-length", found=len(seed))
    key = _derive(secret, salt, PASSES, MEMORY_KIB)
    sealed = SecretBox(key).encrypt(seed, nonce).ciphertext
    return _FIXED.pack(VERSION, PASSES, MEMORY_KIB, salt, nonce) + sealed


def unwrap(wrapped: bytes, secret: str) -> PrivateKey:
    """The private key in `wrapped`; refuses a wrong secret (`officer.wrong-secret`)."""
    try:
        version, passes, memory, salt, nonce = _FIXED.unpack_from(wrapped)
    except struct.error as error:
        raise Refusal("keystore.damaged", file="officer") from error
    if version != VERSION or memory > _MOST_MEMORY_KIB:
        raise Refusal("keystore.damaged", file="officer")
    try:
        seed = SecretBox(_derive(secret, salt, passes, memory)).decrypt(wrapped[_FIXED.size :], nonce)
    except CryptoError as error:
        raise Refusal("officer.wrong-secret") from error
    return PrivateKey.from_seed(seed)


def _derive(secret: str, salt: bytes, passes: int, memory_kib: int) -> bytes:
    return pwhash.argon2id.kdf(SecretBox.KEY_SIZE, secret.encode(), salt, opslimit=passes, memlimit=memory_kib * 1024)
