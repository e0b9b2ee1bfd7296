"""The device that a node's store lies on: what was committed survives the process, and nothing else does.

`Memory` is fast, and a commit in it happens or does not. `Device` is files with SQLite's own log of writes: the power
can go within a commit, which leaves any number of its bytes behind, and SQLite has to find its way back at the next
start.
"""

import sqlite3
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from mithaq_node.store import engine
from tests.mithaq_node import meadow

_MOST_PAGES = 1_000_000


class Disk(Protocol):
    """What outlives a process."""

    conn: sqlite3.Connection
    can_tear: bool
    """Whether the power can go within a commit."""

    def note_commit(self) -> None:
        """A commit is about to be made."""

    def image(self) -> bytes:
        """What a backup of this moment holds."""

    def lose_power(self, torn: float | None = None) -> None:
        """Whatever was not committed is gone. `torn`: the last commit was under way, and that share of its bytes had
        reached the device."""

    def restore(self, image: bytes) -> None:
        """Put an earlier state in the place of this one."""

    def fill(self) -> None:
        """No page more: SQLite itself says that the disk is full."""

    def empty(self) -> None:
        """There is room again."""

    def close(self) -> None: ...


class _Filling:
    conn: sqlite3.Connection

    def image(self) -> bytes:
        return self.conn.serialize()

    def fill(self) -> None:
        self.conn.execute(f"PRAGMA max_page_count={self.conn.execute('PRAGMA page_count').fetchone()[0]}")

    def empty(self) -> None:
        self.conn.execute(f"PRAGMA max_page_count={_MOST_PAGES}")

    def close(self) -> None:
        self.conn.close()


class Memory(_Filling):
    """A database in memory. A commit that was under way did not happen."""

    can_tear = False

    def __init__(self, image: bytes) -> None:
        self.conn = _in_memory(image)

    def note_commit(self) -> None:
        """Nothing of it can be seen half done."""

    def lose_power(self, torn: float | None = None) -> None:
        assert torn is None
        if self.conn.in_transaction:
            self.conn.execute("ROLLBACK")

    def restore(self, image: bytes) -> None:
        self.conn.close()
        self.conn = _in_memory(image)


class Device(_Filling):
    """A database in files, opened as a node opens it. After a power cut the files are what had reached the device."""

    can_tear = True

    def __init__(self, image: bytes, folder: Path) -> None:
        self._folder = folder
        self._folder.mkdir(parents=True)
        self._count = 0
        self.before_commit = 0
        """How long the log of writes was before the last commit."""
        self.conn = self._opened(image, b"")

    def note_commit(self) -> None:
        self.before_commit = len(self._log())

    def lose_power(self, torn: float | None = None) -> None:
        image, log = self._path().read_bytes(), self._log()
        if torn is not None:
            log = log[: self.before_commit + int((len(log) - self.before_commit) * torn)]
        self.conn.close()
        self.conn = self._opened(image, log)

    def restore(self, image: bytes) -> None:
        self.conn.close()
        self.conn = self._opened(image, b"")

    def _opened(self, image: bytes, log: bytes) -> sqlite3.Connection:
        self._count += 1
        self._path().write_bytes(image)
        if log:
            self._path("-wal").write_bytes(log)
        conn: sqlite3.Connection = engine.open("sqlite", self._path())  # type: ignore[assignment]  # it is SQLite's
        return conn

    def _log(self) -> bytes:
        return self._path("-wal").read_bytes() if self._path("-wal").exists() else b""

    def _path(self, suffix: str = "") -> Path:
        return self._folder / f"{self._count}.sqlite3{suffix}"


@cache
def blank() -> bytes:
    """A migrated database with nothing in it."""
    with TemporaryDirectory(prefix="mithaq-simulation-") as folder:
        file = Path(folder) / "blank.sqlite3"
        meadow.copy_template(file)
        conn = sqlite3.connect(file, isolation_level=None)
        conn.execute("PRAGMA journal_mode=DELETE")
        conn.execute("VACUUM")
        image = conn.serialize()
        conn.close()
    return image


def _in_memory(image: bytes) -> sqlite3.Connection:
    conn = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False, cached_statements=256)
    conn.deserialize(_without_log(image))
    conn.execute("PRAGMA journal_mode=MEMORY")
    conn.execute("PRAGMA foreign_keys=ON")
    return conn


def _without_log(image: bytes) -> bytes:
    """The image with SQLite's log of writes switched off in its header; a database in memory cannot have one."""
    return image[:18] + b"\x01\x01" + image[20:]
