"""The one way into this party's own log: lock it, sign for its next moment, append, commit together with the rows.

Everything a use case changes stands in the same transaction as the leaves, so there is no notice without its draft's
end and no end without its notice. What follows the commit (fence, signed head, delivery) is the workers' and can be
interrupted at any point: `docs/life-of-a-notice.md`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db import transaction

from mithaq import moments
from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq.notices import envelope, numbers
from mithaq.notices.parts import Part
from mithaq_node import queries
from mithaq_node.queries import reading
from mithaq_node.services import storage
from mithaq_node.store import bell, epochs, fence, fences
from mithaq_node.store import log as record
from mithaq_node.store.engine import Connection, Engine


@dataclass(frozen=True)
class Entry:
    """A leaf to be logged, and the parts it commits to."""

    leaf: bytes
    parts: tuple[Part, ...]


class OpenLog:
    """This party's log while nobody else can write it. `at` is the moment the next leaf must say."""

    def __init__(self, conn: Connection, engine: Engine, log: record.Log, now: Moment) -> None:
        self._conn, self._engine, self._log = conn, engine, log
        self.at = max(now, moments.parse(log.last_at)) if log.last_at else now
        """`now`, or the log's last moment where this machine's clock has gone back since."""

    @property
    def size(self) -> int:
        return self._log.size

    @property
    def last_at(self) -> str:
        return self._log.last_at

    @property
    def in_force(self) -> str:
        """The digest of the version of the instrument that the next leaf is made under; empty before any."""
        return self._log.in_force

    def append(self, entry: Entry) -> int:
        """The running index of the leaf (`numbers.running`), which is in the log once the block ends.

        Refuses (`draft.under-other-law`) a leaf made under another version than the one in force: another process has
        entered one meanwhile.
        """
        found = envelope.parse(entry.leaf).header.law
        if self.in_force not in ("", found):
            raise Refusal("draft.under-other-law", found=found[:64])
        appended = record.append(self._conn, self._engine, self._log.origin, [entry.leaf], [entry.parts])
        self._log = appended.log
        return numbers.running(self._log.origin, appended.first)


@contextmanager
def open_log(*, origin: str, now: Moment) -> Iterator[OpenLog]:
    """Hold this party's log `origin` for one use case; all that the block wrote is durable when it ends.

    Refuses while the node is UNSURE (`fence.…`): what is appended to a log that may be behind what was signed is a
    fork in the making. Refuses what `storage.durable` refuses. Either way nothing of the block happened.
    """
    with storage.durable():
        transaction.on_commit(partial(bell.ring, settings.NODE.folder))
        conn, engine = reader()
        if record.find(conn, engine, origin) is None:
            record.create(conn, engine, origin, own=True)
        known = fences.at(settings.NODE.fence).read(origin)
        log = record.lock(conn, engine, origin)
        fence.standing(log.head, known, root_of(conn, engine, log), log.unsure)
        yield OpenLog(conn, engine, log, now)


def reader() -> tuple[Connection, Engine]:
    """The record for reading, in the transaction that is open if there is one."""
    return reading.reader()


def root_of(conn: Connection, engine: Engine, log: record.Log) -> fence.RootAt:
    """The roots of `log` at every size it has reached; the newest one needs no reading."""
    return lambda size: log.frontier.root() if size == log.size else record.Tree(conn, engine, log.id).root(size)


def spoken(origin: str, index: int) -> str:
    """The spoken number of the leaf of our log `origin` with this running index."""
    return numbers.spoken(settings.NODE.party, index, numbers.audience_of(origin))


def own_origin(audience: str = "all") -> str:
    """The origin of the log that this node alone sequences for an audience."""
    law, party = queries.law(), queries.own_party()
    if party.code not in law.audiences.get(audience, ()):
        raise Refusal("node.unknown-audience", audience=audience[:40])
    return law.origin(party.code, audience, epochs.current(settings.NODE.epochs, party.code, audience))
