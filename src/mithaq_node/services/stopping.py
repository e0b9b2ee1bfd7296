"""A link is stopped, and what shows why is kept: heads, proof and leaves. Bodies prove nothing, and have a term."""

from dataclasses import replace

from mithaq.exchange import delivery
from mithaq.exchange.accept import Broken
from mithaq.exchange.delivery import Delivery
from mithaq.moments import Moment
from mithaq_node.services.holdings import Holdings
from mithaq_node.store import log as record
from mithaq_node.store.log import Log


def stop(holdings: Holdings, theirs: Log, broken: Broken, sent: Delivery, now: Moment) -> None:
    """Stop the link of the log `theirs`, which `sent` showed to be broken; every other link goes on."""
    shown_by = delivery.encode(replace(sent, parts=(), heads=()))
    fence = holdings.seat.fence.read(theirs.origin)
    cosigned = holdings.seat.fence.read_signed(theirs.origin) if fence and fence.size > theirs.size else None
    with holdings.engine.transaction(holdings.conn):
        log = record.lock(holdings.conn, holdings.engine, theirs.origin)
        shown = replace(log, note=cosigned) if cosigned else log  # the newest head of theirs that we can show
        record.keep_evidence(
            holdings.conn, holdings.engine, shown, str(now), broken.code, broken.data, sent.checkpoint, shown_by
        )
        record.freeze(holdings.conn, holdings.engine, log, broken.code)
