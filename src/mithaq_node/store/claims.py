"""Which of several worker processes of one node does a thing: an advisory lock of PostgreSQL's.

A claim belongs to a connection and ends with it, so there is no lease to run out and nothing to clear away after a
machine that died. It spares doing the same twice, and nothing else rests on it: two who both believe to have one are
kept apart by the row of the log (`store.log.lock`) and by the fence. With SQLite one supervisor holds the folder, and
every claim is granted.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg

from mithaq_node.store.engine import Connection, Engine


def taken(conn: Connection, engine: Engine, what: str) -> bool:
    """Whether this connection has the claim to `what` now; once it has, it asks no second time."""
    if engine.name == "sqlite":
        return True
    return bool(engine.execute(conn, "SELECT pg_try_advisory_lock(?)", (_key(what),)).fetchone()[0])


@contextmanager
def held(conn: Connection, engine: Engine, what: str) -> Iterator[None]:
    """The claim to `what` for the block, waited for."""
    if engine.name == "sqlite":
        yield
        return
    engine.execute(conn, "SELECT pg_advisory_lock(?)", (_key(what),))
    try:
        yield
    finally:
        with suppress(psycopg.Error):  # the connection is gone, and the claim with it
            engine.execute(conn, "SELECT pg_advisory_unlock(?)", (_key(what),))


def _key(what: str) -> int:
    digest = hashlib.sha256(b"mithaq/claim/v1\0" + what.encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
