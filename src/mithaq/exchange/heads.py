"""The heads of third parties' logs that a counterpart brings, beside what we hold of those logs. No I/O.

Where there are more than two parties, one of them could show each neighbour another history of its own log. So
everybody tells with every delivery the newest heads that it holds of the others' logs, as those logs signed them:

1. A head counts only under the signature of the log key in force at its size. Without it, it says nothing of anybody.
2. A head beyond our own copy cannot be compared. Its bearer compares ours instead, which is the shorter one then: of
   two holders one always can.
3. A head of a size that we hold must have our root there. Another one is a fork that its own two signatures show: that
   log's link is stopped, not the bearer's.
4. The cosignatures of parties under a head that agrees are kept: they say how far everybody holds the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from mithaq.errors import Refusal
from mithaq.exchange.accept import Broken, Held
from mithaq.record import checkpoint, note
from mithaq.record.checkpoint import Checkpoint


@dataclass(frozen=True, slots=True)
class Agreeing:
    """A head that our own copy leads to, and the cosignatures under it that verified."""

    head: Checkpoint
    cosignatures: tuple[note.Signature, ...]


def origin(signed: bytes) -> str:
    """The log that a signed head is of; empty when it is no head."""
    try:
        return checkpoint.parse(note.text_of(signed)).origin
    except Refusal:
        return ""


def judge(signed: bytes, held: Held, cosigners: Iterable[note.Verifier]) -> Agreeing | None:
    """What the head `signed` of the log `held` says; None when it cannot be compared, `Broken` when it shows a fork."""
    try:
        text, signatures = note.split(signed)
        size = checkpoint.parse(text).size
        if not 0 < size <= held.size:
            return None
        head, _ = checkpoint.open(signed, held.ring.log_verifiers(size))
    except Refusal:
        return None
    if head.origin != held.origin or head.extensions:
        return None
    if held.root_at(size) != head.root:
        raise Broken("delivery.fork", log=held.origin, size=size)
    known = {(each.name, each.key_id): each for each in cosigners}
    named = ((each, known.get((each.name, each.key_id))) for each in signatures)
    return Agreeing(head, tuple(each for each, key in named if key is not None and key.verifies(text, each)))
