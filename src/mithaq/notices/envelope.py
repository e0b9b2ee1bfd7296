"""The leaf of a notice: one signed text of at most 4 KiB that stays for ever and holds nothing that must be erased.

    mithaq/notice/v1
    {canonical header}

    — <key name> <base64 of key ID and signature>

The empty line and the signature lines are there when a person released it; a leaf from a machine is the first two lines
alone. The text before the empty line, with its final newline, is what is signed
(C2SP signed-note). `docs/spec/leaf.md` is the specification.
"""

from sys import intern
from typing import Any

import msgspec

from mithaq import canonical
from mithaq.errors import Refusal
from mithaq.record import note

FIRST_LINE = b"mithaq/notice/v1\n"
FILING_LINE = b"mithaq/filing/v1\n"
KEY_SET_LINE = b"mithaq/key-set/v1\n"
MOST_BYTES = 4096


class _Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    pass


class Reference(_Value, frozen=True):
    """Another notice of the audience, by its log and its identifier."""

    log: str
    id: str


class PartRef(_Value, frozen=True):
    """What a leaf says of a part that travels beside it: commitment (base64), retention class, bytes."""

    c: str
    retention: str = msgspec.field(name="class")
    n: int


class Filing(_Value, frozen=True):
    """The first officer's signature, given at filing: `by` a key name, `sig` base64 of key ID and signature.

    It is made over `filing_text(header)`: everything that is known at filing. The second officer signs the leaf's
    text, which contains this, at release (docs/decisions/0003).
    """

    at: str
    by: str
    sig: str


class Kept(_Value, frozen=True):
    """Passages of the text that the linter found and the releasing officer let stay: `n` of one `finding` (the
    linter's code) for one coded `reason` (`mithaq.notices.kept`)."""

    finding: str
    reason: str
    n: int


class Receipt(_Value, frozen=True):
    """What a party holds of another's log: everything below `size`, except the named parts."""

    log: str
    size: int
    root: str
    missing: list[tuple[int, int]] = []
    """(index, part number) of parts not held."""
    nonconforming: list[tuple[int, str]] = []
    """(index, refusal code): the receiver's claim; every fold computes its own."""


class Agreement(_Value, frozen=True):
    """The digest of the state at a cut: (origin, size) sorted by origin, digest hex, version of the rules."""

    cut: list[tuple[str, int]]
    digest: str
    rules: int


class Erased(_Value, frozen=True):
    """This party holds no part of the class `retention` of the leaves of `log` below `size` any more: their term is
    over (docs/spec/leaf.md, "Erasure"). Said of its own log and of its copies of others'."""

    retention: str = msgspec.field(name="class")
    log: str
    size: int


class Key(_Value, frozen=True):
    """A key of a party: `role` is log, cosigner, node, officer, tls or body; `key` base64 (tls: SHA-256 of the
    SPKI)."""

    name: str
    role: str
    key: str


class Revocation(_Value, frozen=True):
    """A key that signs nothing in leaves from index `since` on, nor before the leaf that says so."""

    name: str
    since: int


class Roots(_Value, frozen=True):
    """New root keys of a party, as verifier keys; signed by the old threshold and by the new one."""

    keys: list[str]
    threshold: int


class RootSignature(_Value, frozen=True):
    """A root key's signature under a key-set: `by` its name, `sig` base64 of key ID and signature."""

    by: str
    sig: str


class Epoch(_Value, frozen=True):
    """In the first key-set of a log of epoch 2 or later: the closed log it follows, that log's last known head
    (`root` is base64), and why."""

    log: str
    size: int
    root: str
    reason: str


class KeySet(_Value, frozen=True):
    """A change of a party's keys, effective from its own leaf on; `signed` by its root threshold.

    The signatures are over `key_set_text`, which says the log and the change and nothing of the leaf: a key-set can be
    entered whenever it comes back from the root keys (docs/decisions/0051).
    """

    version: int
    add: list[Key] = []
    revoke: list[Revocation] = []
    roots: Roots | None = None
    epoch: Epoch | None = None
    signed: list[RootSignature] = []


class InForce(_Value, frozen=True):
    """The instrument that binds this party from this leaf on: digests of law and words, hex."""

    law: str
    words: str


class _Filed(msgspec.Struct, frozen=True):
    """`Filing` without the signature."""

    at: str
    by: str


class _SinceFiling(_Value, frozen=True):
    """What a header says from its filing on. Of parts, receipt, agreement, keyset, instrument, erased one is there."""

    id: str
    kind: str
    law: str
    log: str
    precedence: str = "routine"
    release: str = "machine"
    re: list[Reference] = []
    parts: list[PartRef] = []
    receipt: Receipt | None = None
    agreement: Agreement | None = None
    keyset: KeySet | None = None
    instrument: InForce | None = None
    erased: list[Erased] | None = None


class _AtFiling(_SinceFiling, frozen=True, kw_only=True):
    """A header as the first officer signs it."""

    filed: _Filed


class Header(_SinceFiling, frozen=True, kw_only=True):
    """What the two lines of a leaf say."""

    at: str
    filed: Filing | None = None
    kept: list[Kept] = []


class Leaf(msgspec.Struct, frozen=True):
    """A parsed leaf: its exact bytes, and the header. Its text and its signature lines stand in the bytes."""

    encoded: bytes
    header: Header
    parted: tuple[bytes, tuple[note.Signature, ...]] | None = None
    """Text and signature lines, while whoever parsed it still verifies them; a leaf that is kept goes without
    (`kept`)."""

    @property
    def text(self) -> bytes:
        """What is signed."""
        return self.parted[0] if self.parted else _part(self.encoded)[0]

    @property
    def signatures(self) -> tuple[note.Signature, ...]:
        """The signature lines as they stand, unverified."""
        return self.parted[1] if self.parted else _part(self.encoded)[1]

    @property
    def signers(self) -> tuple[str, ...]:
        """The names in the signature lines, unverified."""
        return note.names(self.encoded) if b"\n\n" in self.encoded else ()


_decoder = msgspec.json.Decoder(Header)


def text_of(header: Header) -> bytes:
    """The text of a leaf, which is what officers sign."""
    return FIRST_LINE + canonical.encode_trusted(header) + b"\n"


def filing_text(header: Header) -> bytes:
    """What the first officer signs: the header as known at filing, without release moment and without the signature.

    Nor does it hold `kept`: the officer who releases gives those reasons and alone signs for them
    (docs/decisions/0009).
    """
    if header.filed is None:
        raise Refusal("leaf.not-filed")
    known = msgspec.convert(header, _AtFiling, from_attributes=True)
    return FILING_LINE + canonical.encode_trusted(known) + b"\n"


def key_set_text(log: str, change: KeySet) -> bytes:
    """What root keys sign: the log and the change, without the signatures."""
    said = msgspec.to_builtins(change)
    said.pop("signed", None)
    return KEY_SET_LINE + canonical.encode_trusted({"log": log, **said}) + b"\n"


def parse(encoded: bytes) -> Leaf:
    """The leaf in `encoded`; refuses every byte sequence that is not exactly the form above."""
    if len(encoded) > MOST_BYTES:
        raise Refusal("leaf.too-large", limit=MOST_BYTES, found=len(encoded))
    if not encoded.startswith(FIRST_LINE):
        raise Refusal("leaf.not-a-notice")
    parted = text, _ = _part(encoded)
    body = text[len(FIRST_LINE) :]
    if body[-1:] != b"\n" or b"\n" in body[:-1]:
        raise Refusal("leaf.not-two-lines")
    try:
        header = _decoder.decode(body[:-1])
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Refusal("leaf.bad-header", reason=str(error)) from error
    if canonical.encode_trusted(header) != body[:-1]:
        raise Refusal("leaf.not-canonical")
    return Leaf(encoded, header, parted)


def kept(leaf: Leaf) -> Leaf:
    """The leaf as a record of many holds it in memory: nothing twice, and what is equal in many of them is one."""
    return leaf if leaf.parted is None else Leaf(leaf.encoded, _shared(leaf.header))


def recalled(encoded: bytes) -> Leaf:
    """The leaf in bytes that `parse` took before: its form is not looked at again. To be kept."""
    end = encoded.index(b"\n", len(FIRST_LINE))
    return Leaf(encoded, _shared(_decoder.decode(memoryview(encoded)[len(FIRST_LINE) : end])))


def _part(encoded: bytes) -> tuple[bytes, tuple[note.Signature, ...]]:
    return note.split(encoded) if b"\n\n" in encoded else (encoded, ())


def _shared(header: Header) -> Header:
    """The header with one string where many headers say the same."""
    _set(header, "kind", intern(header.kind))
    _set(header, "law", intern(header.law))
    _set(header, "log", intern(header.log))
    if not header.re:
        _set(header, "re", _NOTHING)
    if not header.kept:
        _set(header, "kept", _NOTHING)
    if not header.parts:
        _set(header, "parts", _NOTHING)
    if header.filed is not None:
        _set(header.filed, "by", intern(header.filed.by))
    for reference in header.re:
        _set(reference, "log", intern(reference.log))
    for part in header.parts:
        _set(part, "retention", intern(part.retention))
    return header


_NOTHING: list[Any] = []
_set = msgspec.structs.force_setattr  # the value stays equal
