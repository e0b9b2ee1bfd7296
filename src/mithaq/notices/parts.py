"""Parts: what travels beside a leaf and may one day be erased, under a commitment that stays for ever.

A leaf says of each part `commitment = SHA-256("mithaq/body/v1\\0" || salt || body)`, its retention class and its
length. The salt of 32 random bytes keeps a short body from being guessed once it is gone. Part 0 of a notice with
content is of the class `facts`: coded, without text, never erased, and the only part that folds read
(docs/spec/leaf.md).
"""

import hashlib
from binascii import b2a_base64

import msgspec

from mithaq.errors import Refusal
from mithaq.notices.envelope import PartRef

FACTS = "facts"
SALT_BYTES = 32
_DOMAIN = b"mithaq/body/v1\0"


def commitment(salt: bytes, body: bytes) -> bytes:
    """The 32 bytes by which a leaf commits to a part; refuses a salt that is not 32 bytes."""
    if len(salt) != SALT_BYTES:
        raise Refusal("part.salt-length", found=len(salt), expected=SALT_BYTES)
    return hashlib.sha256(_DOMAIN + salt + body).digest()


class Part(msgspec.Struct, frozen=True, gc=False):
    """One part as it is stored and sent: retention class, salt, and the canonical bytes of its fields."""

    retention: str
    salt: bytes
    body: bytes

    def ref(self) -> PartRef:
        """What the leaf says of this part."""
        return PartRef(c=_spelled(commitment(self.salt, self.body)), retention=self.retention, n=len(self.body))


def is_committed(ref: PartRef, salt: bytes, body: bytes) -> bool:
    """Whether a leaf that says `ref` of a part commits to this salt of 32 bytes and this body."""
    return len(body) == ref.n and _spelled(commitment(salt, body)) == ref.c


def check_part(ref: PartRef, salt: bytes, body: bytes, index: int, number: int) -> None:
    """Refuse a body that is not the one to which the leaf at `index` committed as its part `number`."""
    if not is_committed(ref, salt, body):
        raise Refusal("part.other-body", index=index, part=number)


def _spelled(hashed: bytes) -> str:
    return b2a_base64(hashed, newline=False).decode()
