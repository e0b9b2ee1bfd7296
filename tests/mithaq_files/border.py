"""A fictional pair of neighbours with real keys, and records that they wrote, to be exported, verified and damaged."""

import hashlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from mithaq import canonical
from mithaq.instrument import law as laws
from mithaq.instrument import sealing
from mithaq.instrument.sealing import Sealed
from mithaq.instrument.words import Words
from mithaq.notices import drafting, envelope
from mithaq.notices.envelope import Agreement, Header, InForce, Kept, KeySet, Receipt, Reference, key_set_text, text_of
from mithaq.notices.keys import key_of, with_signatures
from mithaq.notices.ledger import Ledger
from mithaq.notices.parts import Part
from mithaq.record import checkpoint, cosign, merkle, note
from mithaq.record.checkpoint import Checkpoint
from mithaq.signing import PrivateKey
from mithaq_files import export
from mithaq_files.export import LogSource

PARTIES = {"NA": "north.example", "SA": "south.example"}
INSTRUMENT = "river-2025"
START = 1_754_900_000


def private(name: str) -> PrivateKey:
    """The key of this name: the same in every run."""
    return PrivateKey.from_seed(hashlib.sha256(f"test key {name}".encode()).digest())


def roots(party: str) -> list[tuple[str, PrivateKey]]:
    names = [f"{PARTIES[party]}/root/{number}" for number in (1, 2, 3)]
    return [(name, private(name)) for name in names]


def root_keys(party: str) -> list[str]:
    return [note.Verifier(name, note.ED25519, key.public).vkey() for name, key in roots(party)]


def text(words: str) -> laws.Text:
    return dict.fromkeys(("ar", "fa", "ckb", "en"), words)


def line(words: str) -> laws.Line:
    return laws.Line(text=text(words), mark="example")


def party(code: str, colour: str, shape: str) -> laws.Party:
    return laws.Party(
        code=code, domain=PARTIES[code], name=text(code), short=text(code), roots=root_keys(code), threshold=2,
        colour=colour, shape=shape, utc_offset=0, weekend=[5], holidays=[], hijri_offset=0,
        authorities=[laws.Authority(id="guard", name=text("guard"))],
    )  # fmt: skip


def kinds(other_type: str = "") -> list[laws.Kind]:
    sector = laws.Field(name="place", type="sector", part="facts", required=True)
    cause = laws.Field(name="cause", type="code", part="facts", required=True, codes="cause")
    remark = laws.Field(name="remark", type="text", part="text", limit=200)
    person = [laws.Field(name="person", type=other_type, part="facts")] if other_type else []
    incident = laws.Kind(
        name="incident", version=1, role="opens", facets=[], fields=[sector, cause, remark, *person], release="two",
        precedence="routine", refers=[],
    )  # fmt: skip
    reply = laws.Kind(
        name="reply", version=1, role="answers", facets=[], fields=[cause], release="two", precedence="routine",
        refers=["opens", "nonconforming"],
    )  # fmt: skip
    return [incident, reply]


def law(*, demo: bool = False, other_type: str = "") -> laws.Law:
    area = [[[(0, 0), (100_000, 0), (100_000, 100_000), (0, 0)]]]
    return laws.Law(
        id=INSTRUMENT, version=1, rules=1, title=text("River"), subject=text("The river"),
        signing=laws.Signing(
            day="2025-08-11", place=line("Here"), auspices=line("All"), signatories=[], mark="example"
        ),
        aims=[], topics=[], standing=[], authentic=["ar", "fa"], languages=["ar", "fa", "ckb", "en"],
        parties=[party("NA", "#704214", "circle"), party("SA", "#1f5f6b", "square")],
        audiences={"all": ["NA", "SA"]}, articles=[],
        line=laws.BoundaryLine(
            points=[(0, 0), (100_000, 0)], left="NA", right="SA", length=11_000, accuracy=500, origin="example",
            version="1",
        ),
        sectors=[laws.Sector(id="S1", start=0, end=11_000, area=area, mark="example")],
        crossings=[], gazetteer=[], codes={"cause": ["fire", "flood"]}, kinds=kinds(other_type),
        clocks=[
            laws.Clock(
                id="answer-nonconformance", kinds=[], start="nonconformance", obliged="sender",
                answered_by=["answers", "corrects", "withdraws"], minutes=1440,
            )
        ],
        retention=[laws.Retention(id=each, days=days) for each, days in (("facts", 0), ("text", 365), ("exact", 90))],
        precedence=["flash", "immediate", "priority", "routine"], commitments=[], sources={}, limits=laws.Limits(),
        demo=demo,
    )  # fmt: skip


def seal(sealed_law: laws.Law, sealing_roots: Sequence[int] = (0, 1)) -> Sealed:
    """The law sealed by these root keys of both parties."""
    law_bytes = canonical.encode(sealed_law)
    words = Words(languages=["ar", "fa", "ckb", "en"], labels={}, phrases={}, symbols={})
    sealed = Sealed.open(law_bytes, canonical.encode(words))
    for code in PARTIES:
        for number in sealing_roots:
            sealed = sealing.seal(sealed, code, *roots(code)[number])
    return sealed


@dataclass
class Log:
    """One party's log as its node keeps it: entries, parts, and the stored hashes."""

    sealed: Sealed
    party: str
    entries: list[bytes] = field(default_factory=list)
    parts: list[tuple[Part, ...]] = field(default_factory=list)
    tree: merkle.Tree = field(default_factory=merkle.Tree)

    @property
    def origin(self) -> str:
        return self.sealed.law.origin(self.party)

    @property
    def domain(self) -> str:
        return PARTIES[self.party]

    def append(self, entry: bytes, parts: tuple[Part, ...] = ()) -> int:
        self.entries.append(entry)
        self.parts.append(parts)
        self.tree.append(merkle.leaf_hash(entry))
        return len(self.entries) - 1

    def at(self) -> str:
        minutes = len(self.entries)
        return f"2025-08-11T{minutes // 60:02}:{minutes % 60:02}:00Z"

    def header(self, kind: str) -> Header:
        identity = hashlib.sha256(f"{self.party} {len(self.entries)}".encode()).hexdigest()[:32]
        return Header(at=self.at(), id=identity, kind=kind, law=self.sealed.law_digest, log=self.origin)

    def machine(self, kind: str, **content: object) -> int:
        return self.append(text_of(with_content(self.header(kind), **content)))

    def key_set(
        self,
        signing: Sequence[int] = (0, 1),
        version: int = 1,
        officers: Sequence[int] = (1, 2),
        body: bytes | None = None,
    ) -> int:
        keys = [key_of(f"{self.domain}/officer/{each}", "officer", self.officer(each).public) for each in officers]
        if version == 1:
            own = {
                "log": self.origin,
                "cosigner": f"{self.domain}/{INSTRUMENT}/cosigner",
                "node": f"{self.domain}/node",
            }
            keys = [key_of(name, role, private(name).public) for role, name in own.items()] + keys
        if body is not None:
            keys.append(key_of(f"{self.domain}/body", "body", body))
        change = KeySet(version=version, add=keys)
        said = key_set_text(self.origin, change)
        change = with_signatures(change, [note.sign(said, *roots(self.party)[each]) for each in signing])
        return self.machine("key-set", keyset=change)

    def officer(self, number: int) -> PrivateKey:
        return private(f"{self.domain}/officer/{number}")

    def notice(
        self, kind: str, content: Mapping[str, object], *refers: tuple["Log", int], kept: Sequence[Kept] = ()
    ) -> int:
        the_law = self.sealed.law
        found = the_law.kind(kind)
        assert found is not None
        salts = (
            hashlib.sha256(f"salt {self.party} {len(self.entries)} {number}".encode()).digest() for number in range(9)
        )
        parts = drafting.compile_draft(the_law, found, content, salts)
        references = [Reference(log=log.origin, id=log.header_at(index).id) for log, index in refers]
        plain = self.header(kind)
        header = drafting.header_for(
            the_law, found, parts, law_digest=plain.law, log=plain.log, id=plain.id, at=plain.at, re=references
        )
        filed = drafting.sign_filing(header, plain.at, f"{self.domain}/officer/1", self.officer(1))
        leaf = drafting.sign_release(filed, plain.at, f"{self.domain}/officer/2", self.officer(2), kept)
        return self.append(leaf, parts)

    def header_at(self, index: int) -> Header:
        return envelope.parse(self.entries[index]).header

    def receipt(self, other: "Log", size: int | None = None) -> int:
        covered = len(other.entries) if size is None else size
        root = b64encode(other.tree.root(covered)).decode()
        return self.machine("receipt", receipt=Receipt(log=other.origin, size=covered, root=root))

    def head(self, size: int | None = None) -> bytes:
        covered = len(self.entries) if size is None else size
        return checkpoint.sign(Checkpoint(self.origin, covered, self.tree.root(covered)), private(self.origin))

    def cosigned(self, signed: bytes, seconds: int) -> note.Signature:
        """This party's cosignature of another's head."""
        name = f"{self.domain}/{INSTRUMENT}/cosigner"
        return cosign.cosign(note.text_of(signed), name, private(name), seconds)

    def source(self, other: "Log") -> LogSource:
        signed = self.head()
        line = other.cosigned(signed, START)
        cosigner = private(line.name)
        keys = [
            note.Verifier(self.origin, note.ED25519, private(self.origin).public).vkey(),
            note.Verifier(line.name, note.COSIGNATURE, cosigner.public).vkey(),
        ]
        facts = [(parts[0].salt, parts[0].body) if parts else None for parts in self.parts]
        return LogSource(self.party, "all", 1, signed + line.line(), keys, self.entries, facts, self.tree.subtree)


def with_content(header: Header, **content: object) -> Header:
    return msgspec.structs.replace(header, **content)


@dataclass
class Border:
    """Both parties' logs under one sealed law."""

    sealed: Sealed
    north: Log
    south: Log

    def write(self, out: Path) -> Path:
        sources = [self.north.source(self.south), self.south.source(self.north)]
        export.write(out, self.sealed.files(), sources, demo=self.sealed.law.demo)
        return out


def opened(sealed: Sealed) -> Border:
    """Both logs with their key-sets and the instrument in force."""
    logs = [Log(sealed, code) for code in PARTIES]
    for log in logs:
        log.key_set()
        log.machine("instrument", instrument=InForce(law=sealed.law_digest, words=sealed.words_digest))
    return Border(sealed, *logs)


def told(sealed: Sealed, incidents: int = 3) -> Border:
    """A short story: incidents of the north, received and answered by the south, and an agreement on it all."""
    border = opened(sealed)
    north, south = border.north, border.south
    for _ in range(incidents):
        index = north.notice("incident", {"place": "S1", "cause": "fire"})
        south.receipt(north)
        south.notice("reply", {"cause": "fire"}, (north, index))
        north.receipt(south)
    cut = {north.origin: len(north.entries), south.origin: len(south.entries)}
    digest = ledger_of(border).book(cut).digest()
    north.machine("agreement", agreement=Agreement(cut=sorted(cut.items()), digest=digest, rules=1))
    return border


def ledger_of(border: Border) -> Ledger:
    ledger = Ledger(border.sealed.law)
    for log in (border.north, border.south):
        for index, (entry, parts) in enumerate(zip(log.entries, log.parts, strict=True)):
            ledger.add(log.origin, index, entry)
            if parts:
                ledger.add_facts(log.origin, index, parts[0].body)
    return ledger
