"""Seals: the root keys of every party under one law and one set of words.

Two notes (C2SP signed-note) carry the seals, and each holds the digest of the exact bytes it seals:

    mithaq/instrument/law/v1                          mithaq/instrument/words/v1
    {"demo":true,"digest":…,"id":…,"version":…}       {"digest":…,"id":…,"law":…}

Digests are SHA-256 in lower-case hex. A party has sealed a note when its threshold of root keys, which stand in the law
itself, have signed it. The instrument is in force when every party has sealed both. `docs/spec/instrument.md` is the
specification.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from mithaq import canonical, moments
from mithaq.errors import Refusal
from mithaq.instrument.law import Law, Party
from mithaq.instrument.words import Words
from mithaq.record import note
from mithaq.signing import PrivateKey

LAW_FILE = "law.json"
WORDS_FILE = "words.json"
LAW_NOTE = "seals/law.note"
WORDS_NOTE = "seals/words.note"

_LAW_LINE = b"mithaq/instrument/law/v1\n"
_WORDS_LINE = b"mithaq/instrument/words/v1\n"
_FINGERPRINT_DIGITS = 30
_GROUP = 5

Document = TypeVar("Document", Law, Words)


@dataclass(frozen=True)
class Sealed:
    """An instrument as its parties sealed it: both documents, their exact bytes, and who has sealed which."""

    law: Law
    words: Words
    law_bytes: bytes
    words_bytes: bytes
    law_note: bytes | None
    words_note: bytes | None
    law_sealed_by: frozenset[str]
    words_sealed_by: frozenset[str]

    @classmethod
    def open(
        cls, law_bytes: bytes, words_bytes: bytes, law_note: bytes | None = None, words_note: bytes | None = None
    ) -> "Sealed":
        """Read both documents and judge the seals that are there; refuses a note about other bytes or a forged seal."""
        law, words = read_law(law_bytes), read_words(words_bytes)
        return cls(
            law,
            words,
            law_bytes,
            words_bytes,
            law_note,
            words_note,
            _sealed_by(law_note, law_text(law, law_bytes), law),
            _sealed_by(words_note, words_text(law, law_bytes, words_bytes), law),
        )

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> "Sealed":
        """`open` for a sealed folder: `law.json`, `words.json`, `seals/law.note`, `seals/words.note`."""
        for name in (LAW_FILE, WORDS_FILE):
            if name not in files:
                raise Refusal("instrument.file-missing", name=name)
        return cls.open(files[LAW_FILE], files[WORDS_FILE], files.get(LAW_NOTE), files.get(WORDS_NOTE))

    def files(self) -> dict[str, bytes]:
        """The sealed folder, path to bytes."""
        notes = {LAW_NOTE: self.law_note, WORDS_NOTE: self.words_note}
        return {
            LAW_FILE: self.law_bytes,
            WORDS_FILE: self.words_bytes,
            **{name: each for name, each in notes.items() if each is not None},
        }

    @property
    def law_digest(self) -> str:
        return digest(self.law_bytes)

    @property
    def words_digest(self) -> str:
        return digest(self.words_bytes)

    @property
    def fingerprint(self) -> str:
        """What two people read to each other to know that they hold the same law, root keys included."""
        return fingerprint(self.law_bytes)

    @property
    def sealed_by(self) -> frozenset[str]:
        """The parties that have sealed both law and words."""
        return self.law_sealed_by & self.words_sealed_by

    @property
    def in_force(self) -> bool:
        return self.sealed_by == {party.code for party in self.law.parties}

    def require_in_force(self, now: moments.Moment) -> None:
        """Refuse an instrument that a party has not sealed, or whose term is over."""
        if not self.in_force:
            unsealed = sorted({party.code for party in self.law.parties} - self.sealed_by)
            raise Refusal("instrument.not-sealed", parties=", ".join(unsealed))
        if self.law.until and moments.civil_day(now, 0) > self.law.until:
            raise Refusal("instrument.expired", until=self.law.until)


def digest(document: bytes) -> str:
    """SHA-256 of a document's bytes, lower-case hex."""
    return hashlib.sha256(document).hexdigest()


def fingerprint(document: bytes) -> str:
    """Thirty decimal digits in groups of five: a hundred bits to read over a telephone, in any language's digits."""
    number = int.from_bytes(hashlib.sha256(b"mithaq/fingerprint/v1\0" + document).digest(), "big")
    digits = str(number % 10**_FINGERPRINT_DIGITS).zfill(_FINGERPRINT_DIGITS)
    return " ".join(digits[at : at + _GROUP] for at in range(0, _FINGERPRINT_DIGITS, _GROUP))


def roots_fingerprint(vkeys: Iterable[str]) -> str:
    """The fingerprint of a party's root keys, whatever their order."""
    return fingerprint("".join(f"{vkey}\n" for vkey in sorted(vkeys)).encode())


def read_law(law_bytes: bytes) -> Law:
    """The law in its canonical bytes; refuses every other spelling."""
    return _read(law_bytes, Law, "instrument.bad-law")


def read_words(words_bytes: bytes) -> Words:
    """The words in their canonical bytes; refuses every other spelling."""
    return _read(words_bytes, Words, "instrument.bad-words")


def law_text(law: Law, law_bytes: bytes) -> bytes:
    """What root keys sign to seal the law."""
    statement: dict[str, str | int | bool] = {"digest": digest(law_bytes), "id": law.id, "version": law.version}
    if law.demo:
        statement["demo"] = True
    return _LAW_LINE + canonical.encode(statement) + b"\n"


def words_text(law: Law, law_bytes: bytes, words_bytes: bytes) -> bytes:
    """What root keys sign to seal the words beside this law."""
    statement = {"digest": digest(words_bytes), "id": law.id, "law": digest(law_bytes)}
    return _WORDS_LINE + canonical.encode(statement) + b"\n"


def add_seal(sealed: bytes | None, text: bytes, name: str, key: PrivateKey) -> bytes:
    """The note with one more seal; `sealed` is the note so far, None for the first. Sealing twice changes nothing."""
    kept: tuple[note.Signature, ...] = ()
    if sealed is not None:
        found, kept = note.split(sealed)
        if found != text:
            raise Refusal("instrument.seal-of-another")
    added = note.sign(text, name, key)
    return note.join(text, kept if added in kept else (*kept, added))


def joined(one: bytes | None, other: bytes | None) -> bytes | None:
    """Two notes under the same text as one with the seals of both; None where there is neither."""
    if one is None or other is None:
        return one or other
    (text, first), (another, second) = note.split(one), note.split(other)
    if text != another:
        raise Refusal("instrument.seal-of-another")
    return note.join(text, (*first, *(each for each in second if each not in first)))


def seal(sealed: Sealed, party: str, name: str, key: PrivateKey) -> Sealed:
    """The instrument with a party's root key under both notes; refuses a key that is not one of its roots."""
    sealing = sealed.law.party(party)
    if sealing is None:
        raise Refusal("instrument.unknown-party", party=party)
    if not sealing.roots:
        raise Refusal("instrument.no-roots", party=party)
    if note.Verifier(name, note.ED25519, key.public).vkey() not in sealing.roots:
        raise Refusal("instrument.not-a-root", party=party, name=name)
    law_note = add_seal(sealed.law_note, law_text(sealed.law, sealed.law_bytes), name, key)
    words = words_text(sealed.law, sealed.law_bytes, sealed.words_bytes)
    return Sealed.open(sealed.law_bytes, sealed.words_bytes, law_note, add_seal(sealed.words_note, words, name, key))


def _read(encoded: bytes, kind: type[Document], code: str) -> Document:
    canonical.decode(encoded)
    try:
        document = msgspec.json.decode(encoded, type=kind)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Refusal(code, reason=str(error)) from error
    if canonical.encode_trusted(document) != encoded:
        raise Refusal(code, reason="written defaults")
    return document


def _sealed_by(sealed: bytes | None, text: bytes, law: Law) -> frozenset[str]:
    """The parties whose threshold of root keys has signed the note."""
    if sealed is None:
        return frozenset()
    found, signatures = note.split(sealed)
    if found != text:
        raise Refusal("instrument.seal-of-another")
    roots = [note.Verifier.parse(vkey) for party in law.parties for vkey in party.roots]
    signed = {(each.name, each.key_id) for each in note.verify(text, signatures, roots).verified}
    return frozenset(party.code for party in law.parties if _seals(party, signed))


def _seals(party: Party, signed: set[tuple[str, bytes]]) -> bool:
    roots = {(root.name, root.key_id) for root in map(note.Verifier.parse, party.roots)}
    return bool(roots) and len(roots & signed) >= party.threshold > 0
