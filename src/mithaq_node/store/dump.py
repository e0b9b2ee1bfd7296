"""The rows of a node as bytes, read at one moment of the database, which either database can take back.

A table's dump is a sequence of rows: u32 length, then the values in MessagePack, in the order of `Table.columns`.
Values are the same from both engines: booleans, integers, texts and bytes as such, instants as ISO 8601 in UTC, JSON as
its text. Only tables of this application are dumped, and of those not sessions and failed sign-ins
(`made_anew`); they and what Django keeps about itself are made anew.
"""

import datetime
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

import msgspec
from django.apps import apps
from django.db import models
from psycopg.types.json import Jsonb

from mithaq.errors import Refusal
from mithaq_node.store.engine import Connection, Engine

_BATCH = 1_000
"""Rows that are held at once, where they are small."""
_HEAVY = 8 * 1024 * 1024
"""Bytes from which on fewer are."""
_VOLUMES = 8
"""Rows of sealed volumes that are read at once: each may have as many bytes."""
_LENGTH_BYTES = 4
_MOST_ROW = 256 * 1024 * 1024
_KINDS = {"BooleanField": "boolean", "DateTimeField": "instant", "JSONField": "json"}

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Any]).decode


@dataclass(frozen=True)
class Table:
    """A table to be dumped: its columns, and which of them an engine keeps in its own way."""

    name: str
    columns: tuple[str, ...]
    kinds: tuple[str, ...]
    """For each column `boolean`, `instant`, `json`, or `plain`."""
    numbered: bool
    """Whether the database numbers the rows (column `id`)."""


def tables() -> tuple[Table, ...]:
    """The tables of this version of the program, by name."""
    kept = apps.get_app_config("store").get_models()
    found = (model._meta for model in kept if not getattr(model, "made_anew", False))
    return tuple(sorted((_table(meta) for meta in found), key=lambda table: table.name))


@contextmanager
def snapshot(conn: Connection, engine: Engine) -> Iterator[None]:
    """One moment of the database for everything that is read within; writers go on meanwhile."""
    conn.execute("BEGIN" if engine.name == "sqlite" else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try:
        yield
    finally:
        conn.execute("ROLLBACK")


def write(conn: Connection, engine: Engine, table: Table, out: IO[bytes]) -> int:
    """Dump a table; the number of its rows."""
    count = 0
    for row in _rows(conn, engine, table):
        encoded = _encode([_plain(value, kind) for value, kind in zip(row, table.kinds, strict=True)])
        out.write(len(encoded).to_bytes(_LENGTH_BYTES, "big") + encoded)
        count += 1
    return count


def load(conn: Connection, engine: Engine, table: Table, source: IO[bytes]) -> int:
    """Insert a dumped table, in the transaction that is open; the number of its rows."""
    names = ", ".join(f'"{name}"' for name in table.columns)
    statement = engine.sql(f'INSERT INTO "{table.name}" ({names}) VALUES ({", ".join("?" for _ in table.columns)})')
    count, cursor = 0, conn.cursor()
    for batch in _batches(_read(source, table)):
        cursor.executemany(statement, [_kept(engine, row, table) for row in batch])
        count += len(batch)
    if engine.name == "postgresql" and table.numbered and count:
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', 'id'), (SELECT max(id) FROM \"{table.name}\"))"
        )
    return count


def _table(meta: Any) -> Table:
    fields = meta.local_concrete_fields
    kinds = (_KINDS.get(_stored(field).get_internal_type(), "plain") for field in fields)
    columns = tuple(field.column for field in fields)
    return Table(meta.db_table, columns, tuple(kinds), isinstance(meta.pk, models.AutoField | models.BigAutoField))


def _stored(field: Any) -> Any:
    return field.target_field if field.remote_field else field


def _rows(conn: Connection, engine: Engine, table: Table) -> Iterable[Sequence[Any]]:
    names = ", ".join(f'"{name}"' for name in table.columns)
    query = f'SELECT {names} FROM "{table.name}" ORDER BY 1, 2'
    if engine.name == "sqlite":
        yield from conn.execute(query)
        return
    with conn.cursor(name="mithaq_dump") as cursor:  # type: ignore[call-arg]  # on the server, page by page
        cursor.itersize = _VOLUMES if table.name == "volume" else _BATCH
        cursor.execute(query)
        yield from cursor


def _plain(value: Any, kind: str) -> Any:
    if value is None or kind == "plain":
        return bytes(value) if isinstance(value, memoryview) else value
    if kind == "boolean":
        return bool(value)
    if kind == "json":
        return value if isinstance(value, str) else json.dumps(value)
    instant = datetime.datetime.fromisoformat(value) if isinstance(value, str) else value
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=datetime.UTC)
    return instant.astimezone(datetime.UTC).isoformat()


def _kept(engine: Engine, row: Sequence[Any], table: Table) -> list[Any]:
    return [_value(engine, value, kind) for value, kind in zip(row, table.kinds, strict=True)]


def _value(engine: Engine, value: Any, kind: str) -> Any:
    if value is None or kind in ("plain", "boolean"):
        return value
    if kind == "json":
        return value if engine.name == "sqlite" else Jsonb(json.loads(value))
    instant = datetime.datetime.fromisoformat(value)
    return instant.replace(tzinfo=None).isoformat(" ") if engine.name == "sqlite" else instant


def _read(source: IO[bytes], table: Table) -> Iterator[tuple[int, list[Any]]]:
    """Rows, each with its length in bytes."""
    while head := source.read(_LENGTH_BYTES):
        length = int.from_bytes(head, "big")
        encoded = source.read(length) if len(head) == _LENGTH_BYTES and length <= _MOST_ROW else b""
        try:
            row = _decode(encoded)
        except msgspec.DecodeError as error:
            raise Refusal("backup.damaged", member=table.name) from error
        if len(encoded) != length or len(row) != len(table.columns):
            raise Refusal("backup.damaged", member=table.name)
        yield length, row


def _batches(rows: Iterable[tuple[int, list[Any]]]) -> Iterator[list[list[Any]]]:
    """Rows, given with their lengths in bytes, some at once: as many as may be held in memory together."""
    batch: list[list[Any]] = []
    weight = 0
    for length, row in rows:
        batch.append(row)
        weight += length
        if len(batch) == _BATCH or weight >= _HEAVY:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch
