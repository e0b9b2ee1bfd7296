"""What was kept when a link was stopped, made into a file that shows a fork to anyone."""

from mithaq.errors import Refusal
from mithaq.exchange import delivery
from mithaq.instrument.law import Law
from mithaq.record import fork
from mithaq_files.fork_file import ForkFile, Noticed
from mithaq_node import queries
from mithaq_node.services import rings, sequencing
from mithaq_node.store import log as record
from mithaq_node.store.engine import Connection, Engine
from mithaq_node.store.log import Evidence, Log

KeySets = list[tuple[int, bytes]]


def shown_fork(*, party: str) -> ForkFile:
    """The latest evidence that a log of `party` was signed with two histories, whatever its audience and epoch.

    Refuses when nothing was kept (`fork.nothing-kept`), or when what was kept shows no fork to others, as a bad
    signature does not (`fork.shows-nothing`).
    """
    conn, engine = sequencing.reader()
    law = queries.law()
    if law.party(party) is None:
        raise Refusal("instrument.unknown-party", party=party[:8])
    theirs = (log for log in record.logs(conn, engine) if (holder := law.party_of(log.origin)) and holder.code == party)
    kept = [(each, log) for log in theirs for each in record.read_evidence(conn, engine, log)]
    if not kept:
        raise Refusal("fork.nothing-kept", party=party)
    kept.sort(key=lambda pair: pair[0].at, reverse=True)
    for each, log in kept:
        found = _file(conn, engine, law, log, each)
        if found is not None:
            return found
    latest, _ = kept[0]
    raise Refusal("fork.shows-nothing", party=party, at=latest.at, reason=latest.code)


def _file(conn: Connection, engine: Engine, law: Law, log: Log, kept: Evidence) -> ForkFile | None:
    try:
        old, proof = _proof(kept.delivery, law)
        shown = fork.show(kept.ours, kept.theirs, old, proof, record.Tree(conn, engine, log.id).subtree)
        if shown is None:
            return None
        shown.verify(rings.ring_of(conn, engine, queries.first(), log).log_verifiers)
    except Refusal:  # there was no head to compare, or what came is none of this log's
        return None
    noticed = Noticed(kept.at, queries.own_party().code, kept.code)
    return ForkFile(shown, record.key_sets(conn, engine, log), rings.roots_of(queries.first(), log.origin), noticed)


def _proof(encoded: bytes, law: Law) -> tuple[int, tuple[bytes, ...]]:
    """The consistency proof that came with the other head; none where the head came by another way."""
    if not encoded:
        return 0, ()
    sent = delivery.decode(encoded, law.limits)
    return sent.old, sent.proof
