"""Keys as values; signing and verifying. The only user of Ed25519 (RFC 8032), through one library.

Libraries differ on which malformed points and signatures they accept, so every signature in Mithaq is judged by the
same verifier, and a public key is checked to be a valid point of the prime-order subgroup before it is registered.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from nacl.bindings import (
    crypto_core_ed25519_is_valid_point,
    crypto_sign,
    crypto_sign_open,
    crypto_sign_seed_keypair,
)
from nacl.exceptions import BadSignatureError

from mithaq.errors import Refusal

SEED_BYTES = 32
PUBLIC_BYTES = 32
SIGNATURE_BYTES = 64


class Signer(Protocol):
    """What signs: a private key, or one that is held elsewhere and signs there."""

    @property
    def public(self) -> bytes:
        """The Ed25519 public key, 32 bytes."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature of `message`."""
        ...


@dataclass(frozen=True, repr=False)
class PrivateKey:
    """An Ed25519 private key made from its 32-byte seed."""

    seed: bytes
    public: bytes
    _expanded: bytes

    @classmethod
    def from_seed(cls, seed: bytes) -> "PrivateKey":
        if len(seed) != SEED_BYTES:
            raise Refusal("signing.seed-length", found=len(seed))
        public, expanded = crypto_sign_seed_keypair(seed)
        return cls(seed, public, expanded)

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature of `message`."""
        return crypto_sign(message, self._expanded)[:SIGNATURE_BYTES]

    def __repr__(self) -> str:
        return f"PrivateKey(public={self.public.hex()})"


def verifies(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` (64 bytes) is that of `message` under `public` (32 bytes)."""
    if len(public) != PUBLIC_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    try:
        crypto_sign_open(signature + message, public)
    except BadSignatureError:
        return False
    return True


def check_public_key(public: bytes) -> None:
    """Refuse a key that is not a canonical point of the prime-order subgroup; done once, when it is registered."""
    if len(public) != PUBLIC_BYTES or not _is_valid_point(public):
        raise Refusal("signing.bad-public-key", key=public.hex())


@lru_cache(maxsize=4096)
def _is_valid_point(public: bytes) -> bool:
    """Remembered, because every fold of a key-set asks again and the check takes longer than a signature."""
    return bool(crypto_core_ed25519_is_valid_point(public))
