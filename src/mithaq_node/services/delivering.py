"""One delivery of ours: prepare it, hand it to the line, take what the answer brings.

A node that is UNSURE has nothing to deliver: its step on the link is one of recovery (`services.recovering`).
"""

from dataclasses import replace

from mithaq.errors import Refusal
from mithaq.exchange import answer, delivery, session
from mithaq.exchange.accept import Broken
from mithaq.exchange.answer import Answer
from mithaq.exchange.session import Link, Next
from mithaq.moments import Moment
from mithaq_node.services import outgoing, receiving, recovering
from mithaq_node.services.calling import Carry, LineDown, answered, signed_fields
from mithaq_node.services.holdings import Holdings, Look
from mithaq_node.services.outgoing import Ahead
from mithaq_node.services.receiving import Cosigned
from mithaq_node.services.seat import Counterpart
from mithaq_node.store import failures
from mithaq_node.store import log as record
from mithaq_node.store.log import LinkRow, Log

__all__ = ["Carry", "LineDown", "conclude", "load", "refresh", "send", "signed_fields", "step"]


def load(holdings: Holdings, peer: Counterpart) -> Link:
    """The link as a process starts with it."""
    row = record.read_link(holdings.conn, holdings.engine, peer.party, holdings.own())
    return replace(Link.decode(row.state), held=row.held)


def refresh(holdings: Holdings, peer: Counterpart, link: Link, own: Log) -> Link:
    """The link with what the counterpart's own calls have told our door meanwhile."""
    return _refreshed(holdings, peer, link, own, holdings.theirs(peer))


def _refreshed(holdings: Holdings, peer: Counterpart, link: Link, own: Log, theirs: Log) -> Link:
    row = record.read_link(holdings.conn, holdings.engine, peer.party, own)
    known = session.heard(link, row.held, own.size) if row.held > link.held else link
    return replace(known, carried=row.carried, carried_at=row.carried_at, frozen=theirs.frozen)


def step(
    holdings: Holdings, peer: Counterpart, link: Link, carry: Carry, now: Moment, ahead: Ahead | None = None
) -> tuple[Link, float]:
    """Do what is due on this link at `now`: the link after it, and in how many seconds to ask again.

    `ahead` is for a line that makes the next cargo while it waits for an answer.
    """
    look = holdings.look()
    own, (theirs, _) = look.own, look.copies[peer.party]
    link = _refreshed(holdings, peer, link, own, theirs)
    if recovering.is_called_for(link) or holdings.doubt_about(own, look.fence) is not None:
        if not session.pause_left(link, now.seconds):
            link = recovering.step(holdings, peer, link, carry, now)
        return link, session.pause_left(link, now.seconds)
    todo, pause = session.next_step(link, own.size, now.seconds)
    if own.size == 0 or todo is not Next.SEND:
        return link, pause if own.size else session.FIRST_PAUSE
    after = send(holdings, peer, link, carry, now, look, ahead)
    if recovering.is_called_for(after):
        return after, 0.0
    return after, session.next_step(after, holdings.own().size, now.seconds)[1]


def send(
    holdings: Holdings,
    peer: Counterpart,
    link: Link,
    carry: Carry,
    now: Moment,
    look: Look | None = None,
    ahead: Ahead | None = None,
) -> Link:
    """Send the next delivery and take its answer; every failure becomes a state of the link."""
    try:
        own, held = outgoing.secured(holdings, peer, look)
        prepared = outgoing.prepare(holdings, own, link, held, now, ahead)
        fields = signed_fields(holdings, peer, prepared.encoded, link, now.seconds + link.clock, own)
        encoded = carry(prepared.encoded, fields)
        return conclude(holdings, peer, own, link, answer.decode(encoded, holdings.seat.limits), now)
    except LineDown as down:
        return session.failed(link, str(down) or "link.down", now.seconds)
    except Broken as broken:
        return session.frozen(link, broken.code)
    except Refusal as refusal:
        return session.failed(link, refusal.code, now.seconds)
    except failures.FAILURES as error:
        return session.failed(link, failures.refused(error).code, now.seconds)


def conclude(
    holdings: Holdings, peer: Counterpart, own: Log, link: Link, said: Answer, now: Moment, vouched: bool = True
) -> Link:
    """Take an answer: their cosignature, their news (the receipt), and how far they are; one transaction.

    `own` is our log as it was secured for the delivery; `vouched` is false for an answer that came as a file.
    """
    after = answered(link, said, own.size, now)
    row = LinkRow(held=after.held, heard=str(now), state=after.encode())
    cosigned = Cosigned(said.held, said.cosignatures if said.ok else b"")
    if said.delivery:
        sent = delivery.decode(said.delivery, holdings.seat.limits)
        receiving.take(holdings, peer, sent, cosigned, now, row, vouched)
        return after
    with holdings.engine.transaction(holdings.conn):
        locked = record.lock(holdings.conn, holdings.engine, own.origin)
        ring = holdings.ring(holdings.theirs(peer))
        signed = receiving.keep_cosignature(holdings, locked, ring, cosigned, own.size)
        if signed:
            record.note_checkpoint(holdings.conn, holdings.engine, locked, signed)
        record.write_link(holdings.conn, holdings.engine, peer.party, locked, row)
    return after
