"""What this party has stated to have erased, and the rows that go for it: an index over its own `erased` leaves.

The triggers of the database let a part go only where a row of this index names it, and let a row into this index only
where a leaf of a log of ours says the same, byte for byte (`store.append_only`).
"""

from collections.abc import Mapping, Sequence

from mithaq.errors import Refusal
from mithaq.notices import envelope
from mithaq.notices.envelope import Erased
from mithaq_node.store.engine import Connection, Engine

_MARK = b'"erased":['
"""In a canonical header only the member itself can look like this: a quote within a string is escaped."""


def said_in(leaf: bytes) -> Sequence[Erased]:
    """What a leaf of ours states to be erased; nothing when it is another sort of leaf."""
    if _MARK not in leaf:
        return ()
    try:
        return envelope.parse(leaf).header.erased or ()
    except Refusal:
        return ()


def note(conn: Connection, engine: Engine, by_log: int, by_index: int, log_id: int, said: Erased) -> None:
    """Keep what the leaf at `by_index` of our log `by_log` states about the log `log_id`."""
    engine.execute(
        conn,
        "INSERT INTO erasure (by_log_id, by_index, log_id, retention, size) VALUES (?, ?, ?, ?, ?)",
        (by_log, by_index, log_id, said.retention, said.size),
    )


def below(conn: Connection, engine: Engine, log_id: int) -> Mapping[str, int]:
    """Retention class to the size of the log below which we have stated to hold no part of it."""
    rows = engine.execute(
        conn, "SELECT retention, max(size) FROM erasure WHERE log_id = ? GROUP BY retention", (log_id,)
    ).fetchall()
    return dict(rows)


def named(conn: Connection, engine: Engine, log_id: int) -> int:
    """How many parts of a log are held although a leaf of ours says they are erased."""
    row = engine.execute(conn, f"SELECT count(*) FROM part WHERE log_id = ? AND {_NAMED}", (log_id,)).fetchone()
    return int(row[0])


def delete_named(conn: Connection, engine: Engine, log_id: int) -> None:
    """Delete the parts of a log that a leaf of ours says are erased."""
    engine.execute(conn, f"DELETE FROM part WHERE log_id = ? AND {_NAMED}", (log_id,))


def is_empty(conn: Connection, engine: Engine, retention: str, month: str) -> bool:
    """Whether no part of a class that was stored in a month is held."""
    row = engine.execute(
        conn, "SELECT 1 FROM part WHERE month = ? AND retention = ? LIMIT 1", (month, retention)
    ).fetchone()
    return row is None


_NAMED = (
    "EXISTS (SELECT 1 FROM erasure WHERE erasure.log_id = part.log_id AND erasure.retention = part.retention"
    ' AND erasure.size > part."index")'
)
