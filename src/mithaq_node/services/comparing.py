"""Both heads compared: what the other side has signed, held to the entries of this node, hashed again for it.

A stored root could only say what was stored. Here every leaf is read and hashed, so that an entry that was altered
since shows, and the signature of the other side is verified over the root that came out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings

from mithaq.exchange.accept import verified_cosignatures
from mithaq.instrument.law import Law
from mithaq.record import checkpoint, merkle, note
from mithaq.record.checkpoint import Checkpoint
from mithaq_node import queries
from mithaq_node.services import outward, rings, sequencing
from mithaq_node.store import log as record
from mithaq_node.store.engine import Connection, Engine
from mithaq_node.store.models import EvidenceRow

SAME, DIFFERENT, BEYOND = "same", "different", "beyond"
"""A signed head fits the entries here, does not fit them, or covers more than is held here."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A head of the log that another party has signed, its own or as cosigner."""

    party: str
    size: int
    outcome: str


@dataclass(frozen=True, slots=True)
class Compared:
    """One log: the root of the entries here, and how the heads that others signed stand to it."""

    origin: str
    party: str
    size: int
    root: str
    intact: bool
    """Whether the entries still give the root that was stored when they came."""
    signed: tuple[Signed, ...]
    stopped: str
    """Code of the refusal that stopped the link; empty while it runs."""
    evidence: tuple[str, str] | None
    """The head we had accepted and the one we could not accept, where the link was stopped over heads."""

    @property
    def same(self) -> bool:
        return self.intact and all(each.outcome == SAME for each in self.signed)


@dataclass(frozen=True, slots=True)
class _Head:
    """A head that a party signed: its size, and the bytes to verify."""

    party: str
    size: int
    lines: bytes


def compare() -> tuple[Compared, ...]:
    """Every log of the instrument, this party's own first. Reads and hashes all of them."""
    conn, engine = sequencing.reader()
    law = queries.law()
    known = [log for log in record.logs(conn, engine) if law.party_of(log.origin)]
    return tuple(_compare(conn, engine, law, log) for log in sorted(known, key=lambda log: (not log.own, log.origin)))


def _compare(conn: Connection, engine: Engine, law: Law, log: record.Log) -> Compared:
    author = law.party_of(log.origin)
    assert author is not None
    heads = list(_heads(conn, engine, law, log, author.code))
    roots = _roots(conn, engine, log, [head.size for head in heads if head.size <= log.size])
    return Compared(
        origin=log.origin,
        party=author.code,
        size=log.size,
        root=roots[log.size].hex(),
        intact=roots[log.size] == log.frontier.root(),
        signed=tuple(
            Signed(head.party, head.size, _outcome(conn, engine, law, log, head, roots)) for head in heads if head.size
        ),
        stopped=log.frozen,
        evidence=_evidence(log),
    )


def _heads(conn: Connection, engine: Engine, law: Law, log: record.Log, author: str) -> Iterable[_Head]:
    """The newest head of this log that each other party signed."""
    newest = record.cosigned_sizes(conn, engine, log)
    for party in law.parties:
        if party.code == settings.NODE.party:
            continue
        if party.code == author:
            yield _Head(author, checkpoint.parse(note.split(log.note)[0]).size if log.note else 0, log.note)
            continue
        name = f"{party.domain}/{law.id}/cosigner"
        lines = record.cosignatures(conn, engine, log, newest.get(name, 0))
        chosen = b"".join(line for line in lines if note.parse_line(line).name == name)
        yield _Head(party.code, newest.get(name, 0), chosen)


def _roots(conn: Connection, engine: Engine, log: record.Log, sizes: Iterable[int]) -> Mapping[int, bytes]:
    """The root at each size and at the end of the log, of leaves that are read and hashed for it."""
    frontier, roots = merkle.Frontier(), {}
    for size in sorted({*sizes, log.size}):
        leaves = outward.entries(conn, engine, log, frontier.size, size)
        frontier = frontier.extend(map(merkle.leaf_hash, leaves))
        roots[size] = frontier.root()
    return roots


def _outcome(
    conn: Connection, engine: Engine, law: Law, log: record.Log, head: _Head, roots: Mapping[int, bytes]
) -> str:
    if head.size > log.size:
        return BEYOND
    found = Checkpoint(log.origin, head.size, roots[head.size])
    signer = record.find(conn, engine, law.origin(head.party, *_audience(log.origin)))
    ring = rings.ring_of(conn, engine, queries.first(), signer) if signer else None
    keys = ring.keys.values() if ring else ()
    if signer is not None and signer.id == log.id:
        return SAME if _is_signed(head.lines, found, [key.verifier for key in keys if key.role == "log"]) else DIFFERENT
    cosigners = [key.verifier for key in keys if key.role == "cosigner"]
    return SAME if any(verified_cosignatures(head.lines, found, each) for each in cosigners) else DIFFERENT


def _audience(origin: str) -> tuple[str, int]:
    *_, audience, epoch = origin.split("/")
    return audience, int(epoch)


def _is_signed(signed: bytes, head: Checkpoint, verifiers: list[note.Verifier]) -> bool:
    """Whether the note is the author's signature over exactly this head."""
    text, signatures = note.split(signed)
    return text == head.text() and any(key.verifies(text, line) for key in verifiers for line in signatures)


def _evidence(log: record.Log) -> tuple[str, str] | None:
    row = EvidenceRow.objects.filter(log_id=log.id).order_by("pk").last() if log.frozen else None
    return (_text(row.ours), _text(row.theirs)) if row else None


def _text(signed: bytes | memoryview) -> str:
    return bytes(signed).decode("utf-8", "backslashreplace")
