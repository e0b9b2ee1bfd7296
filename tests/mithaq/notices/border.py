"""Two parties of the fictional border, played by hand: keys, logs, receipts, and officers who file and release.

Nothing is mocked: leaves are drafted, signed and parsed by the real code, and receipts carry the real roots.
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import yaml

from mithaq.instrument.compiling import compile as compile_instrument
from mithaq.instrument.law import Law
from mithaq.notices import drafting, numbers
from mithaq.notices.book import Book
from mithaq.notices.conformance import law_digest
from mithaq.notices.envelope import (
    Agreement,
    Header,
    InForce,
    KeySet,
    Leaf,
    Receipt,
    Reference,
    Roots,
    key_set_text,
    parse,
    text_of,
)
from mithaq.notices.keys import key_of, with_signatures
from mithaq.notices.ledger import Ledger
from mithaq.notices.parts import Part
from mithaq.record import merkle, note
from mithaq.signing import PrivateKey
from mithaq_files.instrument import library, read_folder

FOLDER = Path(__file__).parents[3] / "instruments" / "meadow-river-2030"
START = "2031-03-01T00:00:00Z"


def private_key(name: str) -> PrivateKey:
    """The same key for the same name in every run."""
    return PrivateKey.from_seed(sha256(name.encode()).digest())


@cache
def plain_law() -> Law:
    """The law of the fictional pair of neighbours with every kind of the library, and root keys made here."""
    files = read_folder(FOLDER)
    main = yaml.safe_load(files["instrument.yaml"])
    named = {kind["name"] for kind in main["kinds"]}
    main["kinds"] += [{"name": name, "mark": "example"} for name in library_kinds() if name not in named]
    files["instrument.yaml"] = yaml.safe_dump(main, allow_unicode=True).encode()
    law = compile_instrument(files, library()).law
    return msgspec.structs.replace(law, parties=[_with_roots(party) for party in law.parties])


def library_kinds() -> list[str]:
    """The names of the kinds in the library."""
    return sorted({path.split("/")[0] for path in library() if path.endswith("/kind.yaml")})


def _with_roots(party: Any) -> Any:
    names = [f"{party.domain}/root/{number}" for number in range(1, party.threshold + 1)]
    roots = [note.Verifier(name, note.ED25519, private_key(name).public).vkey() for name in names]
    return msgspec.structs.replace(party, roots=roots)


def instant(minutes: int) -> str:
    """The canonical moment `minutes` after the story begins."""
    day, minute = divmod(minutes, 24 * 60)
    return f"2031-03-{1 + day:02}T{minute // 60:02}:{minute % 60:02}:00Z"


@dataclass
class Side:
    """One party: its log, its officers, and what it has received."""

    border: "Border"
    code: str
    leaves: list[bytes] = field(default_factory=list)
    parts: dict[int, tuple[Part, ...]] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return self.border.law.origin(self.code)

    @property
    def domain(self) -> str:
        return self.origin.split("/")[0]

    @property
    def other(self) -> "Side":
        return next(side for side in self.border.sides.values() if side is not self)

    def officer(self, number: int) -> str:
        return f"{self.domain}/officer/{number}"

    def begin(self, officers: int = 3) -> None:
        """Leaf 0, the key-set, and leaf 1, the instrument in force."""
        names = {
            "log": self.origin,
            "cosigner": f"{self.domain}/{self.border.law.id}/cosigner",
            "node": f"{self.domain}/node",
        }
        keys = [key_of(name, role, private_key(name).public) for role, name in names.items()]
        keys += [
            key_of(self.officer(n), "officer", private_key(self.officer(n)).public) for n in range(1, officers + 1)
        ]
        self.change_keys(KeySet(version=1, add=keys))
        self.machine("instrument", instrument=InForce(law=self.border.digest, words="0" * 64))

    def change_keys(self, change: KeySet, roots: Roots | None = None) -> Leaf:
        """A key-set leaf signed by the root keys of the law, or by these."""
        party = self.border.law.party(self.code)
        assert party is not None
        text = key_set_text(self.origin, change)
        names = [vkey.split("+", 1)[0] for vkey in (roots.keys if roots else party.roots)]
        signed = with_signatures(change, [note.sign(text, name, private_key(name)) for name in names])
        return self.machine("key-set", keyset=signed)

    def header(self, kind: str, **carried: Any) -> Header:
        return Header(
            at=self.border.now,
            id=self.border.next_id(),
            kind=kind,
            law=self.border.digest,
            log=self.origin,
            **carried,
        )

    def machine(self, kind: str, **carried: Any) -> Leaf:
        """A leaf that the node writes."""
        return self.append(text_of(self.header(kind, **carried)))

    def draft(
        self,
        kind: str,
        content: Mapping[str, Any],
        re: tuple[Leaf, ...] = (),
        release: str | None = None,
        precedence: str | None = None,
    ) -> tuple[Header, tuple[Part, ...]]:
        """A notice as it is before anyone signs it."""
        law = self.border.law
        found = law.kind(kind)
        assert found is not None
        parts = drafting.compile_draft(law, found, content, self.border.salts())
        header = drafting.header_for(
            law,
            found,
            parts,
            law_digest=self.border.digest,
            log=self.origin,
            id=self.border.next_id(),
            at=self.border.now,
            release=release,
            precedence=precedence,
            re=[reference_to(leaf) for leaf in re],
        )
        return header, parts

    def notice(
        self,
        kind: str,
        content: Mapping[str, Any],
        *re: Leaf,
        release: str | None = None,
        precedence: str | None = None,
    ) -> Leaf:
        """A notice released as its kind asks: by officers 1 and 2, by officer 1, or by a machine."""
        header, parts = self.draft(kind, content, re, release, precedence)
        return self.release(header, parts)

    def release(self, header: Header, parts: tuple[Part, ...], second: int = 2) -> Leaf:
        match header.release:
            case "two":
                filed = drafting.sign_filing(header, self.border.now, self.officer(1), private_key(self.officer(1)))
                name = self.officer(second)
                return self.append(drafting.sign_release(filed, self.border.now, name, private_key(name)), parts)
            case "one":
                name = self.officer(1)
                return self.append(drafting.sign_release(header, self.border.now, name, private_key(name)), parts)
        return self.append(drafting.machine_leaf(header), parts)

    def review(self, leaf: Leaf, officer: int = 2, parts: tuple[Part, ...] | None = None) -> Leaf:
        """The second officer's review of a notice that one officer released."""
        header, repeated = self.repeat("release.review", leaf, parts)
        name = self.officer(officer)
        return self.append(drafting.sign_release(header, self.border.now, name, private_key(name)), repeated)

    def assent(self, leaf: Leaf, parts: tuple[Part, ...] | None = None) -> Leaf:
        """The seal of two officers on a joint text of the other side."""
        return self.release(*self.repeat("joint.seal", leaf, parts))

    def repeat(self, kind: str, leaf: Leaf, parts: tuple[Part, ...] | None = None) -> tuple[Header, tuple[Part, ...]]:
        """An unsigned notice of a sealing kind that repeats the parts of `leaf`, or these."""
        defined = self.border.law.kind(kind)
        assert defined is not None
        owner = next(side for side in self.border.sides.values() if side.origin == leaf.header.log)
        repeated = owner.parts[owner.index(leaf)] if parts is None else parts
        header = drafting.header_for(
            self.border.law,
            defined,
            repeated,
            law_digest=self.border.digest,
            log=self.origin,
            id=self.border.next_id(),
            at=self.border.now,
            precedence=leaf.header.precedence,
            re=[reference_to(leaf)],
        )
        return header, repeated

    def append(self, encoded: bytes, parts: tuple[Part, ...] = ()) -> Leaf:
        index = len(self.leaves)
        self.leaves.append(encoded)
        self.parts[index] = parts
        self.border.ledger.add(self.origin, index, encoded)
        if parts:
            self.border.ledger.add_facts(self.origin, index, parts[0].body)
        return parse(encoded)

    def index(self, leaf: Leaf) -> int:
        return self.leaves.index(leaf.encoded)

    def receive(self, size: int | None = None, missing: list[tuple[int, int]] | None = None, root: bytes = b"") -> Leaf:
        """The receipt for everything the other side has, or for its first `size` leaves."""
        covered = self.other.leaves[:size]
        found = merkle.Frontier().extend(map(merkle.leaf_hash, covered)).root()
        receipt = Receipt(
            log=self.other.origin,
            size=len(covered),
            root=b64encode(root or found).decode(),
            missing=missing or [],
        )
        return self.machine("receipt", receipt=receipt)

    def agree(self, book: Book) -> Leaf:
        """An agreement leaf on the digest of a book."""
        return self.machine(
            "agreement", agreement=Agreement(cut=sorted(book.cut.items()), digest=book.digest(), rules=1)
        )

    def number(self, leaf: Leaf) -> str:
        return numbers.spoken(self.code, self.index(leaf))


class Border:
    """Both sides under one law, a clock that is turned by hand, and a ledger that hears everything."""

    def __init__(self, law: Law | None = None) -> None:
        self.law = law or plain_law()
        self.digest = law_digest(self.law)
        self.now = START
        self.ledger = Ledger(self.law)
        self.sides = {party.code: Side(self, party.code) for party in self.law.parties}
        self._count = 0
        for side in self.sides.values():
            side.begin()

    @property
    def pair(self) -> tuple[Side, Side]:
        first, second = self.sides.values()
        return first, second

    def at(self, minutes: int) -> "Border":
        """Turn the clock to `minutes` after the story begins."""
        self.now = instant(minutes)
        return self

    def exchange(self) -> None:
        """Each side receives everything the other has."""
        for side in self.sides.values():
            side.receive()

    def next_id(self) -> str:
        self._count += 1
        return sha256(b"id %d" % self._count).hexdigest()[:32]

    def salts(self) -> list[bytes]:
        self._count += 1
        return [sha256(b"salt %d %d" % (self._count, number)).digest() for number in range(8)]

    def book(self) -> Book:
        return self.ledger.book()

    def replayed(self, cut: Mapping[str, int] | None = None) -> Ledger:
        """A fresh ledger fed with everything, one log after the other."""
        ledger = Ledger(self.law)
        for side in reversed(self.sides.values()):
            for index, leaf in enumerate(side.leaves[: None if cut is None else cut[side.origin]]):
                ledger.add(side.origin, index, leaf)
                if side.parts[index]:
                    ledger.add_facts(side.origin, index, side.parts[index][0].body)
        return ledger


def reference_to(leaf: Leaf) -> Reference:
    return Reference(log=leaf.header.log, id=leaf.header.id)


FIRE: dict[str, Any] = {
    "event": "fire",
    "happened": "2031-02-28T21:00:00Z",
    "place": {"form": "sector", "sector": "A"},
    "confidence": "seen",
}
"""The facts of a marsh fire, seen and harmless."""
