"""Giving a counterpart its own log back, as far as we hold it: the only thing that it may read here.

It needs no decision of ours and no fence: nothing is signed, and every byte came from the one who asks. So it is
answered while this node is UNSURE, and while the link is stopped.
"""

from mithaq.errors import Refusal
from mithaq.exchange import answer, mirror, outbox
from mithaq.exchange.answer import Answer
from mithaq.exchange.mirror import Mirror, OwnLog
from mithaq.moments import Moment
from mithaq_node.services import outgoing
from mithaq_node.services.holdings import Holdings
from mithaq_node.services.seat import Counterpart
from mithaq_node.store import log as record
from mithaq_node.store.log import Log


def give(holdings: Holdings, peer: Counterpart, encoded: bytes, now: Moment) -> bytes:
    """The answer to a request of `peer` for its own log; a refusal is an answer too."""
    theirs = holdings.theirs(peer)
    try:
        asked = mirror.decode_request(encoded)
        if asked.log != theirs.origin:
            raise Refusal("mirror.other-log", found=asked.log[:200], expected=theirs.origin)
        return mirror.encode(_mirror(holdings, theirs, asked, now))
    except Refusal as refusal:
        return answer.encode(Answer(refusal.code, theirs.size, str(now), dict(refusal.data)))


def _mirror(holdings: Holdings, theirs: Log, asked: OwnLog, now: Moment) -> Mirror:
    if not theirs.size:
        return Mirror(theirs.origin, 0, 0, 0, str(now), (), b"", ())
    limits = holdings.seat.limits
    start = min(asked.start, theirs.size)
    end = min(theirs.size, start + limits.leaves)
    leaves = record.read_entries(holdings.conn, holdings.engine, theirs, start, end)
    wanted = [place for place in asked.missing if place[0] < start]
    plan = outbox.plan(
        start,
        [len(leaf) for leaf in leaves],
        outgoing.bodies(holdings, theirs, start, leaves),
        outgoing.missing(holdings, theirs, wanted),
        limits,
        limits.delivery,
    )
    return Mirror(
        log=theirs.origin,
        start=plan.start,
        end=plan.end,
        held=theirs.size,
        time=str(now),
        proof=holdings.tree(theirs).consistency(plan.end, theirs.size),
        checkpoint=holdings.cosigned(theirs),
        entries=tuple(leaves[: plan.end - plan.start]),
        parts=outgoing.parts(holdings, theirs, plan.parts),
    )
