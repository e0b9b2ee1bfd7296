"""Storage that really fills up: a SQLite file that may not grow, and a small device with nothing left on it."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest

_ENDLESS = 4_294_967_294
_CHUNK = bytes(4096)


class Room(Protocol):
    """What can be filled to the last byte, and be given room again."""

    def fill(self) -> None: ...
    def make(self) -> None: ...


class Pages:
    """A SQLite database that its connection may not let grow: every page it has not yet is refused (SQLITE_FULL)."""

    def __init__(self, conn: Any) -> None:
        self._conn = conn

    def fill(self) -> None:
        self._conn.execute("VACUUM")  # pages that earlier tests gave back would be room
        (count,) = self._conn.execute("PRAGMA page_count").fetchone()
        self._conn.execute(f"PRAGMA max_page_count={count}")

    def make(self) -> None:
        self._conn.execute(f"PRAGMA max_page_count={_ENDLESS}")


class Device:
    """A file system of its own in `folder`, on which nothing more can be written (ENOSPC)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self) -> None:
        filler = os.open(self.folder / "filler", os.O_WRONLY | os.O_CREAT)
        try:
            while os.write(filler, _CHUNK):
                pass
        except OSError:
            pass
        finally:
            os.close(filler)

    def make(self) -> None:
        (self.folder / "filler").unlink()


@contextmanager
def device(folder: Path, megabytes: int) -> Iterator[Device]:
    """A small file system in memory, mounted at `folder`; skips where this process may mount nothing."""
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small device to fill")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if mounted.returncode != 0:
        pytest.skip(f"no small device can be mounted here: {mounted.stderr.strip()}")
    try:
        yield Device(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
