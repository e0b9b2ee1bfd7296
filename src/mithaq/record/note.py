"""Signed notes (C2SP signed-note): a text, an empty line, and one line per signature.

    <text, ending in a newline>

    — <key name> <base64 of 4-byte key ID and signature>

The text with its final newline is what is signed. The last empty line separates, so a text may hold empty lines. A
verifier key names a key and says how it signs: type 0x01 signs the text, type 0x04 signs the text as a checkpoint
together with a moment (C2SP tlog-cosignature).
"""

import hashlib
import re
from base64 import b64encode
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import msgspec

from mithaq import signing
from mithaq.errors import Refusal

ED25519 = 0x01
COSIGNATURE = 0x04
MOST_SIGNATURES = 100
"""A verifier must accept 16 and should have a bound; this is the bound of the Go implementation."""
KEY_ID_BYTES = 4
MOMENT_BYTES = 8
LATEST_MOMENT = 2**63 - 1

_DASH = "— ".encode()
_CONTROL = bytes(each for each in range(0x20) if each != 0x0A)
_NOT_IN_NAME = re.compile(r"[\s+\x00-\x1f]")


class Signature(msgspec.Struct, frozen=True, gc=False):
    """One signature line: who signed, the 4-byte key ID, and the signature itself (`blob`, without the key ID)."""

    name: str
    key_id: bytes
    blob: bytes

    def line(self) -> bytes:
        """The line with its newline, as it stands in a note."""
        return _DASH + f"{self.name} {self.base64()}\n".encode()

    def base64(self) -> str:
        """Base64 of key ID and signature: the last word of the line."""
        return b2a_base64(self.key_id + self.blob, newline=False).decode()

    @classmethod
    def from_base64(cls, name: str, word: str) -> "Signature":
        """The signature whose name and last word are given; refuses what could not stand in a line."""
        check_name(name)
        signed = decode_base64(word.encode())
        if len(signed) <= KEY_ID_BYTES:
            raise Refusal("note.bad-signature-line", line=f"{name} {word}"[:200])
        return cls(name, signed[:KEY_ID_BYTES], signed[KEY_ID_BYTES:])


@dataclass(frozen=True)
class Verifier:
    """A public key with its name and the way it signs (`kind`: ED25519 or COSIGNATURE)."""

    name: str
    kind: int
    public: bytes

    @cached_property
    def key_id(self) -> bytes:
        """The first four bytes of SHA-256 over name, newline, type and key."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:KEY_ID_BYTES]

    def vkey(self) -> str:
        """The verifier key in its text form, `name+keyid+base64`."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(bytes([self.kind]) + self.public).decode()}"

    @classmethod
    def parse(cls, vkey: str) -> "Verifier":
        """Read a verifier key; refuses one whose key ID, type or point is wrong."""
        parts = vkey.split("+", 2)
        if len(parts) != 3:
            raise Refusal("note.bad-verifier-key", key=vkey[:200])
        name, key_id, word = parts
        check_name(name)
        key = decode_base64(word.encode())
        if key[:1] not in (b"\x01", b"\x04"):
            raise Refusal("note.unknown-key-type", key=vkey[:200])
        signing.check_public_key(key[1:])
        verifier = cls(name, key[0], key[1:])
        if key_id != verifier.key_id.hex():
            raise Refusal("note.wrong-key-id", key=vkey[:200], expected=verifier.key_id.hex())
        return verifier

    def verifies(self, text: bytes, signature: Signature) -> bool:
        """Whether `signature` is this key's over `text`."""
        if (signature.name, signature.key_id) != (self.name, self.key_id):
            return False
        if self.kind == ED25519:
            return signing.verifies(self.public, text, signature.blob)
        moment, signed = signature.blob[:MOMENT_BYTES], signature.blob[MOMENT_BYTES:]
        seconds = int.from_bytes(moment, "big")
        return seconds <= LATEST_MOMENT and signing.verifies(self.public, cosigned_text(text, seconds), signed)


@dataclass(frozen=True, slots=True)
class Opened:
    """A note at least one known key of which has signed. `verified` holds one signature per known key, in order."""

    text: bytes
    verified: tuple[Signature, ...]

    @property
    def names(self) -> frozenset[str]:
        """The names of the keys whose signatures verified."""
        return frozenset(signature.name for signature in self.verified)


def cosigned_text(text: bytes, seconds: int) -> bytes:
    """What a cosigner signs: the checkpoint's text under a line with the moment (seconds since 1970, UTC)."""
    return b"cosignature/v1\ntime %d\n" % seconds + text


def sign(text: bytes, name: str, key: signing.Signer) -> Signature:
    """The signature of `text` by an Ed25519 note key called `name`."""
    check_name(name)
    check_text(text)
    return Signature(name, Verifier(name, ED25519, key.public).key_id, key.sign(text))


def join(text: bytes, signatures: Iterable[Signature]) -> bytes:
    """The note of `text` with these signature lines."""
    check_text(text)
    return text + b"\n" + b"".join(signature.line() for signature in signatures)


def split(note: bytes) -> tuple[bytes, tuple[Signature, ...]]:
    """Text and signatures of a note, unverified; refuses what is not a note."""
    text = text_of(note)
    lines = note[len(text) + 1 : -1].split(b"\n")
    if len(lines) > MOST_SIGNATURES:
        raise Refusal("note.too-many-signatures", limit=MOST_SIGNATURES, found=len(lines))
    return text, tuple(_parse_line(line) for line in lines)


def names(note: bytes) -> tuple[str, ...]:
    """The names in the signature lines of a note that `split` has taken before: nothing else of it is read again."""
    lines = note[note.rfind(b"\n\n") + 2 : -1].split(b"\n")
    return tuple([line.split(b" ")[1].decode() for line in lines])


def text_of(note: bytes) -> bytes:
    """The text of a note, its signature lines not looked at."""
    separator = note.rfind(b"\n\n")
    if separator < 0 or note[-1:] != b"\n" or separator + 2 == len(note):
        raise Refusal("note.malformed")
    text = note[: separator + 1]
    check_text(text)
    return text


def open(note: bytes, verifiers: Iterable[Verifier]) -> Opened:
    """The text of a note and the signatures that known keys made.

    Signatures of unknown keys are ignored; a known key whose signature does not verify makes the whole note refused,
    and so does a note that no known key signed.
    """
    text, signatures = split(note)
    return verify(text, signatures, verifiers)


def verify(text: bytes, signatures: Iterable[Signature], verifiers: Iterable[Verifier]) -> Opened:
    """`open` for a note that has been split already."""
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    verified: dict[tuple[str, bytes], Signature] = {}
    for signature in signatures:
        identity = (signature.name, signature.key_id)
        verifier = known.get(identity)
        if verifier is None:
            continue
        if not verifier.verifies(text, signature):
            raise Refusal("note.bad-signature", name=signature.name)
        verified.setdefault(identity, signature)
    if not verified:
        raise Refusal("note.no-known-signature")
    return Opened(text, tuple(verified.values()))


def parse_line(line: bytes) -> Signature:
    """The signature in one line, which ends in a newline."""
    if line[-1:] != b"\n":
        raise Refusal("note.bad-signature-line", line=_shown(line))
    return _parse_line(line[:-1])


@lru_cache(maxsize=1024)
def check_name(name: str) -> None:
    """Refuse a key name that is empty or holds a space, a plus sign or a control character."""
    if not name or _NOT_IN_NAME.search(name):
        raise Refusal("note.bad-key-name", name=name[:200])


def check_text(text: bytes) -> None:
    """Refuse a text that does not end in a newline, is not UTF-8, or holds another control character."""
    if text[-1:] != b"\n":
        raise Refusal("note.malformed")
    if len(text.translate(None, _CONTROL)) != len(text):
        raise Refusal("note.control-character")
    try:
        text.decode()
    except UnicodeDecodeError as error:
        raise Refusal("note.not-utf8") from error


def decode_base64(word: bytes) -> bytes:
    """Bytes of a padded standard base64 word; refuses every other spelling of the same bytes."""
    try:
        decoded = a2b_base64(word)
    except (Base64Error, ValueError) as error:
        raise Refusal("note.bad-base64", word=_shown(word)) from error
    if b2a_base64(decoded, newline=False) != word:
        raise Refusal("note.bad-base64", word=_shown(word))
    return decoded


def _parse_line(line: bytes) -> Signature:
    try:
        name, word = line.removeprefix(_DASH).decode().split(" ")
    except ValueError as error:  # UnicodeDecodeError is one: not two words, or not UTF-8
        raise Refusal("note.bad-signature-line", line=_shown(line)) from error
    if not line.startswith(_DASH):
        raise Refusal("note.bad-signature-line", line=_shown(line))
    return Signature.from_base64(name, word)


def _shown(found: bytes) -> str:
    return found[:200].decode(errors="replace")
