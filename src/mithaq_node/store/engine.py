"""The two databases, as far as the hot path can tell them apart: parameter marks, locks and bulk inserts.

The hot path is written in SQL that both engines read, with `?` for parameters. An `Engine` turns it into what its
driver wants, opens connections that are durable at every commit, and says how one writer at a time is had: SQLite by an
immediate transaction, PostgreSQL by locking the row of the log, which is what gap-free numbers hang on.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from mithaq.errors import Refusal

Row = tuple[Any, ...]

_COPY_FROM_ROWS = 8
"""From so many rows on, PostgreSQL's COPY beats one statement a row."""

_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-32000",
    "PRAGMA busy_timeout=10000",
)


class Cursor(Protocol):
    """What the hot path asks of a DB-API cursor."""

    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...


class Connection(Protocol):
    """What the hot path asks of a DB-API connection; both drivers' connections are one."""

    def execute(self, sql: Any, parameters: Any = ..., /) -> Any: ...
    def cursor(self) -> Any: ...
    def close(self) -> None: ...


class Vault(Protocol):
    """What keeps erasable parts unreadable to whoever holds the rows alone (`mithaq_node.keystore.vault`)."""

    def seal(self, retention: str, month: str, place: bytes, plain: bytes) -> bytes: ...
    def open(self, retention: str, month: str, place: bytes, sealed: bytes) -> bytes | None: ...


@dataclass(frozen=True)
class Engine:
    """How one database is spoken to, and the vault for what may not lie in it in the clear."""

    name: str
    vault: Vault | None = None
    """Without one, erasable parts cannot be stored, and none is held."""

    def sql(self, text: str) -> str:
        """`text`, written with `?`, as this engine's driver reads it."""
        return text if self.name == "sqlite" else _with_percent(text)

    def execute(self, conn: Connection, text: str, parameters: Sequence[Any] = ()) -> Cursor:
        """Run one statement that is written with `?`."""
        cursor: Cursor = conn.execute(self.sql(text), parameters)
        return cursor

    @property
    def locking(self) -> str:
        """What follows a SELECT that must keep its row from other writers until the transaction ends."""
        return "" if self.name == "sqlite" else " FOR UPDATE"

    @contextmanager
    def transaction(self, conn: Connection) -> Iterator[None]:
        """One durable transaction; rolled back when the block raises."""
        conn.execute("BEGIN IMMEDIATE" if self.name == "sqlite" else "BEGIN")
        try:
            yield
            conn.execute("COMMIT")
        except BaseException:
            # On a full disk SQLite may have rolled back by itself, and a lost connection has nothing to roll back.
            with suppress(self._unable()):
                conn.execute("ROLLBACK")
            raise

    def _unable(self) -> type[Exception]:
        """What the driver raises when its database could not do it."""
        if self.name == "sqlite":
            return sqlite3.OperationalError
        import psycopg  # only where there is a PostgreSQL: it is long in loading

        return psycopg.OperationalError

    @contextmanager
    def snapshot(self, conn: Connection) -> Iterator[None]:
        """One moment of the database for as long as the block lasts, read only; writers go on meanwhile."""
        conn.execute("BEGIN" if self.name == "sqlite" else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            yield
        finally:
            conn.execute("ROLLBACK")

    def insert(self, conn: Connection, table: str, columns: Sequence[tuple[str, str]], rows: Sequence[Row]) -> None:
        """Insert many rows; `columns` are names with their PostgreSQL types."""
        if not rows:
            return
        names = ", ".join(f'"{name}"' for name, _ in columns)
        if self.name == "postgresql" and len(rows) >= _COPY_FROM_ROWS:
            with conn.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types([kind for _, kind in columns])
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join("?" for _ in columns)
        statement = self.sql(f"INSERT INTO {table} ({names}) VALUES ({marks})")
        if len(rows) == 1:
            conn.execute(statement, rows[0])
        else:
            conn.cursor().executemany(statement, rows)


SQLITE = Engine("sqlite")
POSTGRESQL = Engine("postgresql")


def of(name: str, vault: Vault | None = None) -> Engine:
    """The engine called `sqlite` or `postgresql`."""
    if name not in ("sqlite", "postgresql"):
        raise Refusal("store.unknown-engine", engine=name)
    return replace(SQLITE if name == "sqlite" else POSTGRESQL, vault=vault)


def open(database: str, sqlite_file: Path) -> Connection:
    """A connection of this process to `database`: `sqlite` (in `sqlite_file`) or a PostgreSQL address.

    Transactions are the caller's, through `Engine.transaction`. A connection is used by one thread at a time.
    """
    if database == "sqlite":
        conn = sqlite3.connect(sqlite_file, isolation_level=None, check_same_thread=False, cached_statements=256)
        for pragma in _SQLITE_PRAGMAS:
            conn.execute(pragma)
        return conn
    import psycopg

    return psycopg.connect(database, autocommit=True)


@lru_cache(maxsize=512)
def _with_percent(text: str) -> str:
    return text.replace("?", "%s")
