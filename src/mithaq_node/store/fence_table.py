"""The fence as rows of a PostgreSQL database: of another cluster than the data's, so that it does not go back with it.

The same promises as the folder's (`mithaq_node.store.fence`): moved by compare-and-swap only, durable when the call
returns. The table is made when the first fence begins.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import psycopg

from mithaq.errors import Refusal
from mithaq.record.checkpoint import Checkpoint
from mithaq.record.merkle import EMPTY_ROOT
from mithaq_node.store.fence import Fence, Move, Moved

_MAKE = "CREATE TABLE IF NOT EXISTS mithaq_fence (origin text PRIMARY KEY, head bytea NOT NULL)"


class TableFence(Fence):
    """The heads in the database at one address; a connection is opened when it is needed, and again when it is lost."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._last = {}
        self._conn: psycopg.Connection[Any] | None = None
        self._lock = threading.RLock()

    def _kept(self, origins: tuple[str, ...]) -> Mapping[str, bytes]:
        with self._speaking("fence.unreadable", origins[0]) as conn, suppress(psycopg.errors.UndefinedTable):
            rows = conn.execute("SELECT origin, head FROM mithaq_fence WHERE origin = ANY(%s)", (list(origins),))
            return {origin: bytes(head) for origin, head in rows}
        return {}

    def begin(self, origin: str) -> None:
        with self._speaking("fence.unwritable", origin) as conn:
            conn.execute(_MAKE)
        with suppress(Moved):
            self.compare_and_swap(None, Checkpoint(origin, 0, EMPTY_ROOT))

    def move(self, *moves: Move) -> None:
        kept = self._kept(tuple(each.new.origin for each in moves))
        self._check(moves, kept)
        in_order = sorted(moves, key=lambda each: each.new.origin)  # two movers never wait for each other
        with self._speaking("fence.unwritable", in_order[0].new.origin) as conn, conn.transaction():
            for each in in_order:
                if not _swapped(conn, each, kept.get(each.new.origin)):
                    raise Moved

    def close(self) -> None:
        """Give the connection back; the next call opens another."""
        with self._lock:
            if self._conn is not None:
                self._conn.close()
            self._conn = None

    @contextmanager
    def _speaking(self, code: str, origin: str) -> Iterator["psycopg.Connection[Any]"]:
        with self._lock:
            try:
                if self._conn is None or self._conn.closed:
                    self._conn = psycopg.connect(self._address, autocommit=True)
                    self._conn.execute("SET synchronous_commit = on")
                yield self._conn
            except psycopg.Error as error:
                self.close()
                raise Refusal(code, log=origin, reason=str(error).strip()[:200]) from error


def _swapped(conn: "psycopg.Connection[Any]", move: Move, kept: bytes | None) -> bool:
    """Whether the head of `move` took the place of `kept`."""
    if kept is None:
        statement = "INSERT INTO mithaq_fence (head, origin) VALUES (%s, %s) ON CONFLICT DO NOTHING"
        return conn.execute(statement, (move.kept, move.new.origin)).rowcount == 1
    statement = "UPDATE mithaq_fence SET head = %s WHERE origin = %s AND head = %s"
    return conn.execute(statement, (move.kept, move.new.origin, kept)).rowcount == 1
