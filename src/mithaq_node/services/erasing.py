"""The end of a term: say in our log what we hold no more, let it go, and destroy the keys under which it lay.

Drafts that nobody has touched for the shortest term go first. Then two steps, each finished by the next start when the
machine stops in it:

1. One transaction: the `erased` leaf and its index row, the parts, and what is owed about them. So our log says it
   exactly when it is so. Nothing else in the store is made from parts: pages read them each time, and evidence is kept
   without bodies. Nothing of it is published before the fence has moved.
2. The keys of every class and month of which no part is held, once the month is over by a day: each file is overwritten
   and removed. With the last one, what backups and replicas still hold of these parts is unreadable.

A store that was restored holds parts which our log, read back from a mirror, says are erased: `finish` lets them go.
A key is destroyed with the last part of its month, so up to a month after the first one was erased.
"""

from django.conf import settings

from mithaq.exchange.receipts import Owed, Place
from mithaq.moments import DAY, Moment
from mithaq.notices import envelope, retention
from mithaq.notices.envelope import Erased, Header, text_of
from mithaq.notices.versions import Versions
from mithaq_node import queries
from mithaq_node.keystore import vault
from mithaq_node.queries import ledgers
from mithaq_node.services import drafting, sequencing, storage
from mithaq_node.services.clock import as_datetime
from mithaq_node.services.sequencing import Entry
from mithaq_node.store import erasures
from mithaq_node.store import log as record
from mithaq_node.store.engine import Connection, Engine
from mithaq_node.store.models import Draft, DraftState

KIND = "erased"
MOST = 5_000
"""Parts that go in one transaction, which keeps officers from releasing for as long as it takes."""
_LINES = 16
"""Lines of one leaf: they fit into its 4 KiB whatever the origins are called."""
_SETTLED = DAY
"""Seconds after which nobody still writes under the key of a month that is over."""


def erase(*, now: Moment) -> tuple[str, ...]:
    """Erase all that is due; the spoken numbers of the leaves that say so. Refused while the node is UNSURE."""
    _drop_old_drafts(now)
    said: list[str] = []
    while number := _erase_next(now):
        said.append(number)
    destroy_keys(now=now)
    return tuple(said)


def finish(*, now: Moment) -> None:
    """Finish what was interrupted, and let go what a restored store holds although our log says it is erased."""
    conn, engine = sequencing.reader()
    versions = queries.versions()
    for log in record.logs(conn, engine):
        if erasures.named(conn, engine, log.id):
            with storage.durable():
                _let_go(conn, engine, record.lock(conn, engine, log.origin), versions)
    destroy_keys(now=now)


def destroy_keys(*, now: Moment) -> None:
    """Destroy the keys of past months under which nothing is left."""
    conn, engine = sequencing.reader()
    kept = vault.at(settings.NODE)
    settled = str(Moment(now.seconds - _SETTLED))[: len("YYYY-MM")]
    for name, month in kept.drawers():
        if month < settled and erasures.is_empty(conn, engine, name, month):
            kept.destroy(name, month)


def _drop_old_drafts(now: Moment) -> None:
    """A text that was never released is kept no longer than the shortest-lived part would have been."""
    days = min(queries.versions().terms_of(queries.sealed().law_digest).days.values(), default=0)
    if days:
        before = as_datetime(Moment(now.seconds - days * DAY))
        with storage.durable():
            Draft.objects.filter(changed_at__lt=before).exclude(state=DraftState.RELEASED).delete()


def _erase_next(now: Moment) -> str | None:
    """State and erase the next bounded lot; None when nothing is due."""
    instrument, party = queries.sealed(), settings.NODE.party
    law, versions = instrument.law, queries.versions()
    due = retention.due(ledgers.book(), law, versions.terms_of, party, now, MOST)
    if not due:
        return None
    audience = _audience(due[0].log)
    origin = sequencing.own_origin(audience)
    with sequencing.open_log(origin=origin, now=now) as log:
        fresh = [each for each in due if _audience(each.log) == audience and _is_fresh(each)][:_LINES]
        if not fresh:  # another process of this node was quicker
            return None
        header = Header(
            at=str(log.at), id=drafting.new_id(), kind=KIND, law=instrument.law_digest, log=origin, erased=fresh
        )
        index = log.append(Entry(text_of(header), ()))
        conn, engine = sequencing.reader()
        for said in fresh:
            _let_go(conn, engine, record.lock(conn, engine, said.log), versions)
    return sequencing.spoken(origin, index)


def _audience(origin: str) -> str:
    return origin.rsplit("/", 2)[1]


def _is_fresh(said: Erased) -> bool:
    conn, engine = sequencing.reader()
    log = record.read(conn, engine, said.log)
    return erasures.below(conn, engine, log.id).get(said.retention, 0) < said.size


def _let_go(conn: Connection, engine: Engine, log: record.Log, versions: Versions) -> None:
    """Delete the parts of `log` that our leaves name; in the transaction that is open."""
    owed = Owed.decode(log.owed)
    gone = _missing_and_erased(conn, engine, log, versions, owed)
    if gone:
        record.owe(conn, engine, log, owed.without(gone).encode())
    erasures.delete_named(conn, engine, log.id)


def _missing_and_erased(
    conn: Connection, engine: Engine, log: record.Log, versions: Versions, owed: Owed
) -> frozenset[Place]:
    """Parts that never arrived and are not awaited any more."""
    below = erasures.below(conn, engine, log.id)
    gone = set()
    for index, number in owed.missing:
        header = envelope.parse(record.read_entries(conn, engine, log, index, index + 1)[0]).header
        if index < below.get(versions.terms_of(header.law).kept(header.parts[number].retention, number), 0):
            gone.add((index, number))
    return frozenset(gone)
