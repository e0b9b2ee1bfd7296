"""What we send: the delivery that follows from what a counterpart holds, signed only under a secured head."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from mithaq.errors import Refusal
from mithaq.exchange import delivery, outbox, session
from mithaq.exchange.delivery import Delivery, SentPart
from mithaq.exchange.outbox import Body, Plan
from mithaq.exchange.receipts import Place
from mithaq.exchange.session import Link
from mithaq.moments import Moment
from mithaq.notices.uncollected import uncollected
from mithaq.record.checkpoint import Checkpoint
from mithaq_node.services import third_parties
from mithaq_node.services.holdings import Holdings, Look
from mithaq_node.services.seat import Counterpart
from mithaq_node.store import failures
from mithaq_node.store import log as record
from mithaq_node.store.log import Log

_PRECEDENCE = re.compile(rb'"precedence":"([^"\\]{1,40})"')
_STATES_PRECEDENCE = b'"precedence":'
_HAS_PARTS = b'"parts":['
"""In a canonical header only the members themselves can look like these: a quote within a string is escaped."""


@dataclass(frozen=True)
class Prepared:
    """A delivery ready to go, and what is in it."""

    plan: Plan
    encoded: bytes
    offered: tuple[Body, ...]
    """The bodies that a receiver with these leaves and no more bodies than before would lack."""

    @property
    def left(self) -> tuple[Place, ...]:
        """Where the bodies belong that the receiver still lacks after it."""
        chosen = set(self.plan.parts)
        return tuple(body.place for body in self.offered if body.place not in chosen)


@dataclass(frozen=True)
class Cargo:
    """The leaves and parts of a delivery, and for what it was made: our log of `log`, one who stands as `link` says."""

    log: Checkpoint
    link: tuple[int, tuple[Place, ...], int]
    plan: Plan
    entries: tuple[bytes, ...]
    parts: tuple[SentPart, ...]
    offered: tuple[Body, ...]
    encoded: bytes

    def is_for(self, own: Log, link: Link) -> bool:
        """Whether the same would be made of our log as it stands now; what was added may be urgent, or an erasure."""
        return self.log == own.head and self.link == _needs(link)


class Ahead:
    """The cargo of the delivery behind the one that is on its way, made while that one's answer is waited for."""

    def __init__(self) -> None:
        self._due: Callable[[], Cargo] | None = None
        self._made: Cargo | None = None

    def expect(self, due: Callable[[], Cargo]) -> None:
        """What `make` is to make."""
        self._due = due

    def make(self) -> None:
        """Make what is expected, once; to be called while nothing else is to be done. What cannot be made is left: the
        answer that is waited for is worth more, and `prepare` meets what stood in the way in its own turn."""
        if self._due is not None:
            due, self._due = self._due, None
            with suppress(Refusal, *failures.FAILURES):
                self._made = due()

    def take(self, own: Log, link: Link) -> Cargo | None:
        """What was made, if it is what is wanted now; it is not kept for another time."""
        made, self._made, self._due = self._made, None, None
        return made if made is not None and made.is_for(own, link) else None


@dataclass(frozen=True)
class Holding:
    """How much of the receiver's log we hold, our cosignature lines on its head of that size, and third heads."""

    size: int
    cosignatures: bytes
    heads: tuple[bytes, ...] = ()


def secured(holdings: Holdings, peer: Counterpart, look: Look | None = None) -> tuple[Log, Holding]:
    """Our log, which may be signed, and what we hold of the log of `peer`, as our next delivery tells it.

    The fence is moved over both, and over the heads of third parties, in one write. `look` is what was just seen.
    """
    own, copies = holdings.secure_all(look)
    theirs, cosignature = copies[peer.party]
    others = (copy for party, (copy, _) in copies.items() if party != peer.party)
    return own, Holding(theirs.size, cosignature, third_parties.told(holdings, others))


@uncollected()
def cargo(holdings: Holdings, own: Log, link: Link) -> Cargo:
    """The leaves and parts that go next to one who stands as `link` says."""
    limits = holdings.seat.limits
    end = min(own.size, link.held + limits.leaves)
    leaves = record.read_entries(holdings.conn, holdings.engine, own, link.held, end) if end > link.held else []
    waiting = [place for place in link.missing if place[0] < link.held]
    found, lacking = bodies(holdings, own, link.held, leaves), tuple(missing(holdings, own, waiting))
    plan = outbox.plan(
        link.held,
        [len(leaf) for leaf in leaves],
        found,
        lacking,
        limits,
        link.budget,
    )
    entries, carried = tuple(leaves[: plan.end - plan.start]), parts(holdings, own, plan.parts)
    return Cargo(
        log=own.head,
        link=_needs(link),
        plan=plan,
        entries=entries,
        parts=carried,
        offered=(*lacking, *(body for index in range(plan.start, plan.end) for body in found.get(index, ()))),
        encoded=delivery.encode_cargo(entries, carried),
    )


def prepare(
    holdings: Holdings, own: Log, link: Link, held: Holding, now: Moment, ahead: Ahead | None = None
) -> Prepared:
    """The next delivery to one who stands as `link` says. `own` is our log as it was secured, `held` what we hold;
    `ahead` may have its cargo, and is told of the one behind it."""
    load = (ahead.take(own, link) if ahead is not None else None) or cargo(holdings, own, link)
    plan = load.plan
    sent = Delivery(
        log=own.origin,
        start=plan.start,
        old=plan.start,
        size=plan.end,
        held=held.size,
        time=str(now),
        proof=holdings.tree(own).consistency(plan.start, plan.end),
        checkpoint=holdings.signed(own, plan.end),
        cosignatures=held.cosignatures,
        entries=load.entries,
        parts=load.parts,
        heads=held.heads,
    )
    if ahead is not None and plan.end < own.size:
        ahead.expect(partial(cargo, holdings, own, session.hoped(link, plan.end)))
    return Prepared(plan, delivery.encode(sent, load.encoded), load.offered)


def bodies(holdings: Holdings, log: Log, start: int, leaves: list[bytes]) -> dict[int, list[Body]]:
    """The parts held of `leaves`, which stand in `log` from `start` on, by index."""
    found: dict[int, list[Body]] = defaultdict(list)
    if not any(_HAS_PARTS in leaf for leaf in leaves):
        return found
    order = holdings.seat.law.precedence
    for place, retention, length in record.part_sizes(holdings.conn, holdings.engine, log, start, start + len(leaves)):
        rank = outbox.urgency(_precedence(leaves[place[0] - start]), retention, order)
        found[place[0]].append(Body(place, length, rank))
    return found


def missing(holdings: Holdings, log: Log, places: Collection[Place]) -> Iterable[Body]:
    """Those of the parts at `places`, which a receiver lacks, that we hold."""
    order = holdings.seat.law.precedence
    for index in sorted({index for index, _ in places}):
        leaf = record.read_entries(holdings.conn, holdings.engine, log, index, index + 1)[0]
        for place, retention, length in record.part_sizes(holdings.conn, holdings.engine, log, index, index + 1):
            if place in places:
                yield Body(place, length, outbox.urgency(_precedence(leaf), retention, order))


def parts(holdings: Holdings, log: Log, places: tuple[Place, ...]) -> tuple[SentPart, ...]:
    """The parts at `places`, as they travel."""
    if not places:
        return ()
    low, high = min(places)[0], max(places)[0] + 1
    if high - low <= 2 * len(places):  # dense: one read for all of them
        read = record.read_parts(holdings.conn, holdings.engine, log, low, high)
        held = {(each.index, each.number): each for each in read}
        return tuple(held[place].sent() for place in places if place in held)
    found = ((place, record.read_part(holdings.conn, holdings.engine, log, *place)) for place in places)
    return tuple(SentPart(*place, part.salt, part.body) for place, part in found if part is not None)


def _needs(link: Link) -> tuple[int, tuple[Place, ...], int]:
    """What of a link a cargo hangs on."""
    return link.held, link.missing, link.budget


def _precedence(leaf: bytes) -> str:
    found = _PRECEDENCE.search(leaf) if _STATES_PRECEDENCE in leaf else None
    return found[1].decode() if found else "routine"
