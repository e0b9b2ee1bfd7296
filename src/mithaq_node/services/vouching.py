"""Vouching: whether the papers of a shift are what its officers signed, and the watch log still what they sealed.

Asked whenever a paper is shown. The keys are those of the officers as this party's own log registers them; one that no
key-set names cannot be vouched for, whatever stands in a row.
"""

from dataclasses import dataclass
from enum import StrEnum

from mithaq.notices import handover, watchlog
from mithaq.notices.handover import Text
from mithaq.notices.keys import KeyRing
from mithaq.record import note
from mithaq_node import queries
from mithaq_node.queries import watch_log
from mithaq_node.queries.shifts import Shift
from mithaq_node.services import rings, sequencing
from mithaq_node.store import log as record


class Verdict(StrEnum):
    """What can be said of a signature."""

    HOLDS = "holds"
    UNKNOWN_KEY = "unknown-key"
    """No key-set of this party named the key at that point of the record."""
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Vouched:
    """What this node can say of a shift's papers."""

    taking: Verdict
    handing: Verdict | None
    """None where the officer before signed nothing."""
    is_same_handing: bool
    """Whether what that officer signed is what the taking-over names."""
    log_is_whole: bool
    """Whether the watch log between the paper before and this one is the one that both cover."""


def vouch(shift: Shift) -> Vouched:
    """What holds of the papers with which a shift began."""
    ring, handed, named = _ring(shift.said.log), shift.handed, shift.said.handed
    return Vouched(
        taking=_verdict(ring, shift.signed, shift.said, handover.encoded(shift.look.items)),
        handing=_verdict(ring, handed.signed, handed.said, handover.encoded(handed.look.items)) if handed else None,
        is_same_handing=(named is None) == (handed is None),
        log_is_whole=_is_whole(shift),
    )


def _verdict(ring: KeyRing, signed: bytes, said: Text, items: bytes) -> Verdict:
    text, signatures = note.split(signed)
    if handover.digest(items) != said.items or len(signatures) != 1 or signatures[0].name != said.by:
        return Verdict.BROKEN
    verifier = ring.verifier(said.by, max(said.cut.get(said.log, 0) - 1, 0))
    if verifier is None:
        return Verdict.UNKNOWN_KEY
    return Verdict.HOLDS if verifier.verifies(text, signatures[0]) else Verdict.BROKEN


def _ring(origin: str) -> KeyRing:
    conn, engine = sequencing.reader()
    log = record.find(conn, engine, origin)
    return rings.ring_of(conn, engine, queries.first(), log) if log else KeyRing()


def _is_whole(shift: Shift) -> bool:
    """Whether the lines since the paper before lead from the digest that it names to the one that this paper names."""
    first, before = 0, watchlog.START
    if shift.before is not None:
        first, before = shift.before.lines, bytes.fromhex(shift.before.chain)
    lines = [view.line for view in watch_log.between(first + 1, shift.said.lines)]
    if [line.number for line in lines] != list(range(first + 1, shift.said.lines + 1)):
        return False
    for line in lines:
        before = watchlog.chained(before, line)
    return before.hex() == shift.said.chain
