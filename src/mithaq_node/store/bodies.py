"""Parts in the store: the one place where erasable ones are sealed when they are written and opened when they are read.

`facts` lie in the clear, because they stay for ever; old ones in volumes (`store.volumes`). Every other part lies
sealed, with its salt, under the key of its class and of the month in which it was stored (`Engine.vault`); a part whose
key was destroyed is not held, whatever its row says. A short body could be guessed from its commitment by whoever has
the salt, so the salt is sealed too.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from mithaq.errors import Fault
from mithaq.exchange.delivery import HeldPart
from mithaq.notices.parts import FACTS, SALT_BYTES, Part
from mithaq_node.store import volumes
from mithaq_node.store.engine import Connection, Engine

_COLUMNS = (
    ("log_id", "int8"),
    ("index", "int8"),
    ("number", "int2"),
    ("retention", "text"),
    ("salt", "bytea"),
    ("body", "bytea"),
    ("month", "text"),
)
_READ = 'SELECT "index", number, retention, salt, body, month FROM part'
SEALED = 60
"""Bytes by which a sealed part is longer than its body: nonce, salt, tag."""


def store(conn: Connection, engine: Engine, log_id: int, parts: Iterable[HeldPart], month: str) -> None:
    """Write parts of one log; `month` (`YYYY-MM`) is that of now, by the record's own time."""
    engine.insert(conn, "part", _COLUMNS, [_row(engine, log_id, each, month) for each in parts])


def read(conn: Connection, engine: Engine, log_id: int, start: int, end: int) -> list[HeldPart]:
    """The parts held of the leaves [start, end), by index and number."""
    query = f'{_READ} WHERE log_id = ? AND "index" >= ? AND "index" < ? ORDER BY "index", number'
    rows = engine.execute(conn, query, (log_id, start, end)).fetchall()
    found = [held for row in rows if (held := _held(engine, log_id, row)) is not None]
    # Rows first: what was sealed in between is found in both, and what was sealed before only in a volume.
    sealed = volumes.facts(conn, engine, log_id, start, end)
    if not sealed:
        return found
    return [each for _, each in sorted({**sealed, **{(each.index, each.number): each for each in found}}.items())]


def read_one(conn: Connection, engine: Engine, log_id: int, index: int, number: int) -> Part | None:
    """One part, or None when it is not held."""
    query = f'{_READ} WHERE log_id = ? AND "index" = ? AND number = ?'
    row = engine.execute(conn, query, (log_id, index, number)).fetchone()
    sealed = volumes.facts(conn, engine, log_id, index, index + 1) if row is None else {}
    held = _held(engine, log_id, row) if row else sealed.get((index, number))
    return held.part if held else None


def sizes(
    conn: Connection, engine: Engine, log_id: int, start: int, end: int
) -> list[tuple[tuple[int, int], str, int]]:
    """Place, retention class and length of the parts of the leaves [start, end), bodies not read."""
    rows = engine.execute(
        conn,
        'SELECT "index", number, retention, length(body), month FROM part'
        ' WHERE log_id = ? AND "index" >= ? AND "index" < ? ORDER BY "index", number',
        (log_id, start, end),
    ).fetchall()
    found = [((index, number), name, length - (SEALED if month else 0)) for index, number, name, length, month in rows]
    sealed = volumes.facts(conn, engine, log_id, start, end)
    if not sealed:
        return found
    named = {place: (place, each.part.retention, len(each.part.body)) for place, each in sealed.items()}
    return [each for _, each in sorted({**named, **{each[0]: each for each in found}}.items())]


def _row(engine: Engine, log_id: int, held: HeldPart, month: str) -> tuple[Any, ...]:
    part = held.part
    if part.retention == FACTS:
        return (log_id, held.index, held.number, part.retention, part.salt, part.body, "")
    place = _place(log_id, held.index, held.number)
    if engine.vault is None:
        raise Fault("a vault for erasable parts", "none", "open the store through the node's settings")
    sealed = engine.vault.seal(part.retention, month, place, part.salt + part.body)
    return (log_id, held.index, held.number, part.retention, b"", sealed, month)


def _held(engine: Engine, log_id: int, row: Sequence[Any]) -> HeldPart | None:
    index, number, retention, salt, body, month = row
    if not month:
        return HeldPart(index, number, Part(retention, bytes(salt), bytes(body)))
    place = _place(log_id, index, number)
    plain = engine.vault.open(retention, month, place, bytes(body)) if engine.vault else None
    if plain is None:
        return None
    return HeldPart(index, number, Part(retention, plain[:SALT_BYTES], plain[SALT_BYTES:]))


def _place(log_id: int, index: int, number: int) -> bytes:
    return b"part %d %d %d" % (log_id, index, number)
