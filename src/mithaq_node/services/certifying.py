"""Gathering a certificate: one notice as it stands in the record, with the proof that goes with the paper."""

from collections.abc import Collection
from dataclasses import dataclass

from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq.record import checkpoint, merkle, note
from mithaq.record.checkpoint import Checkpoint
from mithaq_node import queries
from mithaq_node.queries import incidents
from mithaq_node.queries.incidents import NoticeView
from mithaq_node.services import outward, sequencing
from mithaq_node.store import log as record


@dataclass(frozen=True)
class Certified:
    """A notice, and what shows that it stands in its party's log."""

    view: NoticeView
    disclosed: frozenset[int]
    """The parts beside the facts that paper and proof show."""
    proof: bytes
    head: Checkpoint
    cosigners: tuple[str, ...]
    """Who signed the head beside the log itself."""
    leaf_hash: bytes
    by: str
    """The party that makes the paper."""
    at: str
    """The moment at which it says that it made it."""


def certify(*, number: str, disclose: Collection[str] = (), now: Moment) -> Certified:
    """The notice of this spoken number, under the newest signed head of its log; `disclose` names retention classes.

    Facts are always in it. Refuses a number that is no notice, and a class of which it has no part at hand
    (`case.unknown-part`).
    """
    view = incidents.notice(number, str(now))
    conn, engine = sequencing.reader()
    log = record.read(conn, engine, view.notice.log)
    signed = outward.signed_head(conn, engine, log)
    text, signatures = note.split(signed)
    head = checkpoint.parse(text)
    disclosed = _disclosed(view, disclose)
    return Certified(
        view=view,
        disclosed=disclosed,
        proof=outward.proven(conn, engine, queries.law(), log, signed, view.notice.index, disclosed),
        head=head,
        cosigners=tuple(line.name for line in signatures if line.name != head.origin),
        leaf_hash=merkle.leaf_hash(view.notice.encoded),
        by=queries.own_party().code,
        at=str(now),
    )


def _disclosed(view: NoticeView, disclose: Collection[str]) -> frozenset[int]:
    at_hand = {part.retention: part.number for part in view.parts if part.number and part.body is not None}
    for name in disclose:
        if name not in at_hand:
            raise Refusal("case.unknown-part", part=name[:80])
    return frozenset(at_hand[name] for name in disclose)
