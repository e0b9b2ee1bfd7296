"""What we tell a counterpart of the other parties' logs, and what it tells us of them (`mithaq.exchange.heads`)."""

from collections.abc import Iterable

from mithaq.exchange import heads
from mithaq.exchange.accept import Broken
from mithaq.exchange.delivery import Delivery
from mithaq.moments import Moment
from mithaq.record import note
from mithaq_node.services import stopping
from mithaq_node.services.holdings import Holdings
from mithaq_node.store import log as record
from mithaq_node.store.log import Log


def told(holdings: Holdings, others: Iterable[Log]) -> tuple[bytes, ...]:
    """The newest heads that we hold of the logs of third parties, each with the cosignatures that we know."""
    return tuple(holdings.cosigned(log) for log in others if log.size)


def hear(holdings: Holdings, told: Iterable[bytes], now: Moment) -> None:
    """Compare the heads that somebody told with our copies; a fork stops the link of the log that forked."""
    logs = {each.origin: each for each in holdings.seat.peers.values()}
    cosigners: list[note.Verifier] = []
    for signed in told:
        peer = logs.get(heads.origin(signed))
        theirs = holdings.theirs(peer) if peer is not None else None
        if theirs is None or theirs.frozen:
            continue
        cosigners = cosigners or _cosigners(holdings)
        try:
            agreeing = heads.judge(signed, holdings.held(theirs), cosigners)
        except Broken as broken:
            stopping.stop(holdings, theirs, broken, _bare(signed, theirs, broken, now), now)
            continue
        if agreeing is not None:
            _keep(holdings, theirs, agreeing)


def _keep(holdings: Holdings, theirs: Log, agreeing: heads.Agreeing) -> None:
    conn, engine, size = holdings.conn, holdings.engine, agreeing.head.size
    known = record.cosignatures(conn, engine, theirs, size)
    fresh = [each for each in agreeing.cosignatures if each.line() not in known]
    if fresh:
        with engine.transaction(conn):
            for each in fresh:
                record.add_cosignature(conn, engine, theirs, size, each.name, each.line())


def _cosigners(holdings: Holdings) -> list[note.Verifier]:
    """The keys with which the other parties of the audience cosign, and those of observers."""
    rings = (holdings.ring(holdings.theirs(peer)) for peer in holdings.seat.peers.values())
    observers = (note.Verifier.parse(observer.key) for observer in holdings.seat.law.observers)
    return [*(ring.cosigner for ring in rings if ring.keys), *observers]


def _bare(signed: bytes, theirs: Log, broken: Broken, now: Moment) -> Delivery:
    """The head as a delivery of nothing else: what evidence is kept in."""
    size = int(str(broken.data["size"]))
    return Delivery(theirs.origin, size, size, size, 0, str(now), (), signed, b"", ())
