"""One of several processes that write to one log; imports nothing that a writer does not need."""

import hashlib
from pathlib import Path

from mithaq.notices.envelope import Header, text_of
from mithaq.notices.parts import Part
from mithaq_node.store import engine as engines
from mithaq_node.store import log as record

ORIGIN = "na.example/example-2031/all/1"
AT = "2031-03-01T00:00:00Z"


def leaf(number: int, at: str = AT, parts: tuple[Part, ...] = (), log: str = ORIGIN) -> bytes:
    """A leaf that differs from every other by its number."""
    identity = hashlib.sha256(b"%d" % number).hexdigest()[:32]
    return text_of(
        Header(at=at, id=identity, kind="flow.count", law="f" * 64, log=log, parts=[part.ref() for part in parts])
    )


def write(database: str, sqlite_file: Path, first: int, count: int) -> None:
    """Append `count` leaves, two to a transaction."""
    conn = engines.open(database, sqlite_file)
    engine = engines.of("sqlite" if database == "sqlite" else "postgresql")
    for number in range(first, first + count, 2):
        with engine.transaction(conn):
            record.append(conn, engine, ORIGIN, [leaf(number), leaf(number + 1)])
    conn.close()
