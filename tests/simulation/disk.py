"""The device that a node's store lies on: what was committed survives the process, and nothing else does."""

import sqlite3
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.mithaq_node import pair

_MOST_PAGES = 1_000_000


class Disk:
    """A SQLite database in memory that outlives the processes which use it."""

    def __init__(self, image: bytes) -> None:
        self.conn = _opened(image)

    def image(self) -> bytes:
        """What a backup of this moment holds."""
        return self.conn.serialize()

    def lose_power(self) -> None:
        """Whatever was not committed is gone, a half-written commit included."""
        if self.conn.in_transaction:
            self.conn.execute("ROLLBACK")

    def restore(self, image: bytes) -> None:
        """Put an earlier state in the place of this one."""
        self.conn.close()
        self.conn = _opened(image)

    def fill(self) -> None:
        """No page more: SQLite itself says that the disk is full."""
        self.conn.execute(f"PRAGMA max_page_count={self.conn.execute('PRAGMA page_count').fetchone()[0]}")

    def empty(self) -> None:
        """There is room again."""
        self.conn.execute(f"PRAGMA max_page_count={_MOST_PAGES}")

    def close(self) -> None:
        self.conn.close()


@cache
def blank() -> bytes:
    """A migrated database with nothing in it."""
    with TemporaryDirectory(prefix="mithaq-simulation-") as folder:
        file = Path(folder) / "blank.sqlite3"
        pair.copy_template(file)
        conn = sqlite3.connect(file, isolation_level=None)
        conn.execute("PRAGMA journal_mode=DELETE")
        conn.execute("VACUUM")
        image = conn.serialize()
        conn.close()
    return image


def _opened(image: bytes) -> sqlite3.Connection:
    conn = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False, cached_statements=256)
    conn.deserialize(image)
    conn.execute("PRAGMA journal_mode=MEMORY")
    conn.execute("PRAGMA foreign_keys=ON")
    return conn
