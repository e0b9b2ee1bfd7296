"""What leaves the node for an auditor: every log as static files, or the proof of one notice."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings

from mithaq.errors import Refusal
from mithaq.instrument.law import Law
from mithaq.notices import numbers
from mithaq.notices.keys import expected_name
from mithaq.notices.parts import FACTS
from mithaq.record import checkpoint, note, policy
from mithaq_files import evidence, export, held
from mithaq_files.evidence import Evidence
from mithaq_files.export import Facts, LogSource
from mithaq_node import queries
from mithaq_node.keystore import custody, vault
from mithaq_node.services import rings, sequencing
from mithaq_node.services.holdings import secure_copy
from mithaq_node.store import engine as engines
from mithaq_node.store import fence, fences
from mithaq_node.store import log as record
from mithaq_node.store.engine import Connection, Engine

_PAGE = 1024


@dataclass(frozen=True)
class Archive:
    """An export as one archive: its name without ending, and its bytes, which are read from the record as they go.

    They are read through a connection of their own, because they may go on long after the request was answered.
    """

    name: str
    chunks: Iterator[bytes]
    conn: Connection

    def __iter__(self) -> Iterator[bytes]:
        return self.chunks

    def close(self) -> None:
        """Give the connection back."""
        self.conn.close()


def archive(*, only: str = "") -> Archive:
    """The export of the logs for all, or of the log called `only` (`IQ-all-1`); refuses a log that is not held."""
    node = settings.NODE
    conn, engine = engines.open(node.database, node.sqlite), engines.of(node.engine, vault.at(node))
    try:
        audiences = queries.law().audiences if only else (numbers.ALL,)
        found = (source for audience in audiences for source in _sources(conn, engine, audience))
        chosen = [source for source in found if only in ("", source.folder)]
        if not chosen:
            raise Refusal("log.unknown", log=only[:200])
    except BaseException:
        conn.close()
        raise
    known, sealed = queries.entered(), queries.sealed()
    name = f"{sealed.law.id}-{only or node.party}"
    files = export.contents(held.files_of(known), chosen, demo=sealed.law.demo, exercise=sealed.law.exercise)
    return Archive(name, export.archive(name, files), conn)


def sources(*, audience: str = numbers.ALL) -> list[LogSource]:
    """Every log of an audience that this node holds anything of, at its newest signed head with the cosignatures that
    are known. What is for fewer than all leaves the node only by its name."""
    sequencing.own_origin(audience)  # refuses an audience this party is not in
    return _sources(*sequencing.reader(), audience)


def _sources(conn: Connection, engine: Engine, audience: str) -> list[LogSource]:
    law = queries.law()
    known = (log for log in record.logs(conn, engine) if log.size and law.party_of(log.origin))
    held = [log for log in known if numbers.audience_of(log.origin) == audience]
    cosigners = {log.origin: rings.ring_of(conn, engine, queries.first(), log).cosigner.vkey() for log in held}
    return [_source(conn, engine, law, log, cosigners) for log in held]


def policy_of(*, party: str) -> bytes:
    """The log key of a party and the keys that cosign its log, as a C2SP tlog-policy."""
    conn, engine = sequencing.reader()
    law = queries.law()
    if law.party(party) is None:
        raise Refusal("instrument.unknown-party", party=party[:8])
    known = {
        each.code: rings.ring_of(conn, engine, queries.first(), log)
        for each in law.parties
        if (log := record.find(conn, engine, law.origin(each.code))) is not None and log.size
    }
    if party not in known:
        raise Refusal("log.unknown", log=law.origin(party))
    cosigners = [ring.cosigner for code, ring in sorted(known.items()) if code != party]
    cosigners += [note.Verifier.parse(observer.key) for observer in law.observers]
    return policy.compile(known[party].log_verifier, cosigners)


def proof(*, number: str) -> bytes:
    """The proof file of the notice with this spoken number; refuses one that this node does not hold."""
    conn, engine = sequencing.reader()
    law = queries.law()
    party, running, audience = numbers.parse(number)
    epoch, index = numbers.place(running)
    if law.party(party) is None:
        raise Refusal("instrument.unknown-party", party=party[:8])
    log = record.read(conn, engine, law.origin(party, audience, epoch))
    return proven(conn, engine, law, log, signed_head(conn, engine, log), index)


def proven(
    conn: Connection,
    engine: Engine,
    law: Law,
    log: record.Log,
    signed: bytes,
    index: int,
    disclosed: frozenset[int] = frozenset(),
) -> bytes:
    """The proof file of the entry at `index` under the head `signed`, with its facts and the parts `disclosed`."""
    size = checkpoint.parse(note.split(signed)[0]).size
    if index >= size:
        raise Refusal("node.no-entry", log=log.origin, index=index)
    hashes = record.Tree(conn, engine, log.id).inclusion(index, size)
    (entry,) = record.read_entries(conn, engine, log, index, index + 1)
    held = record.read_parts(conn, engine, log, index, index + 1)
    facts = next((each.part for each in held if each.number == 0 and each.part.retention == FACTS), None)
    return evidence.encode(
        index,
        hashes,
        signed,
        Evidence(
            entry,
            keysets=record.key_sets(conn, engine, log),
            roots=rings.roots_of(queries.first(), log.origin),
            facts=(facts.salt, facts.body) if facts else None,
            parts=[(each.number, each.part.salt, each.part.body) for each in held if each.number in disclosed],
        ),
    )


def _source(conn: Connection, engine: Engine, law: Law, log: record.Log, cosigners: dict[str, str]) -> LogSource:
    signed = signed_head(conn, engine, log)
    size = checkpoint.parse(note.split(signed)[0]).size
    party = law.party_of(log.origin)
    if party is None:
        raise Refusal("log.unknown", log=log.origin)
    *_, audience, epoch = log.origin.split("/")
    own_key = rings.ring_of(conn, engine, queries.first(), log).log_verifier.vkey()
    others = sorted(vkey for origin, vkey in cosigners.items() if origin != log.origin)
    others += sorted(observer.key for observer in law.observers)
    return LogSource(
        party=party.code,
        audience=audience,
        epoch=int(epoch),
        checkpoint=signed,
        keys=[own_key, *others],
        entries=entries(conn, engine, log, 0, size),
        facts=_facts(conn, engine, log, size),
        subtree=record.Tree(conn, engine, log.id).subtree,
    )


def signed_head(conn: Connection, engine: Engine, log: record.Log) -> bytes:
    """The head of a log under its log key's signature; our own is signed here, once the fence has let it past."""
    if log.own:
        text, signatures = _sign_own(conn, engine, log)
    else:
        if not log.note:
            raise Refusal("node.no-head", log=log.origin)
        text, signatures = note.split(log.note)
    size = checkpoint.parse(text).size
    lines = [note.parse_line(line) for line in record.cosignatures(conn, engine, log, size)]
    if any(line.name == expected_name("cosigner", sequencing.own_origin()) for line in lines):
        secure_copy(fences.at(settings.NODE.fence), log)
    return note.join(text, dict.fromkeys((*signatures, *lines)))


def _sign_own(conn: Connection, engine: Engine, log: record.Log) -> tuple[bytes, tuple[note.Signature, ...]]:
    held = fences.at(settings.NODE.fence)
    known = held.read(log.origin)
    root_at = sequencing.root_of(conn, engine, log)
    if fence.standing(log.head, known, root_at, log.unsure) is fence.Standing.AHEAD:
        try:
            held.compare_and_swap(known, log.head)
        except fence.Moved as error:  # the worker was quicker; the next try finds the newer head
            raise Refusal("node.fence-moved", log=log.origin) from error
    ring = rings.ring_of(conn, engine, queries.first(), log)
    key = custody.load(settings.NODE.keys).of("log", ring.log_verifiers(log.size)[-1].public)
    if key is None:
        raise Refusal("keystore.other-key", role="log")
    return note.split(checkpoint.sign(log.head, key))


def entries(conn: Connection, engine: Engine, log: record.Log, start: int, end: int) -> Iterator[bytes]:
    """The leaves [start, end), a page at a time."""
    for at in range(start, end, _PAGE):
        yield from record.read_entries(conn, engine, log, at, min(at + _PAGE, end))


def _facts(conn: Connection, engine: Engine, log: record.Log, size: int) -> Iterator[Facts | None]:
    for start in range(0, size, _PAGE):
        end = min(start + _PAGE, size)
        yield from _page_of_facts(conn, engine, log, start, end)


def _page_of_facts(conn: Connection, engine: Engine, log: record.Log, start: int, end: int) -> Sequence[Facts | None]:
    held = {
        each.index: (each.part.salt, each.part.body)
        for each in record.read_parts(conn, engine, log, start, end)
        if each.number == 0 and each.part.retention == FACTS
    }
    return [held.get(index) for index in range(start, end)]
