"""The ports of one life of a node, numbered: at any of them the process can die, before the deed or after it.

A life is the time between a start and a crash. Every statement to the database, every look at the fence and move of it,
every signature and every request on the line is one numbered call. A dead process does nothing more: whatever its code
still tries on the way out (a rollback, say) raises `Crash` again.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from mithaq.record.checkpoint import Checkpoint
from mithaq.signing import PrivateKey
from mithaq_node.store.fence import Fence
from tests.simulation.disk import Disk

T = TypeVar("T")


COMMIT = "store COMMIT"


class Crash(BaseException):
    """The process of a node ended at a port; no code of it may catch this."""

    def __init__(self, life: "Life", at: str, torn: float | None = None) -> None:
        super().__init__(at)
        self.life = life
        self.at = at
        self.torn = torn


class Life:
    """The port calls of one process, and when it is to die."""

    def __init__(self, owner: object, watching: Callable[[str], None] = lambda _: None) -> None:
        self.owner = owner
        self.calls = 0
        self.dead = False
        self._watching = watching
        self._last: int | None = None
        self._after = False
        self._torn: float | None = None

    def end_in(self, calls: int, after: bool, torn: float | None = None) -> None:
        """Die at the port call that comes as number `calls` from now, before or `after` it is done.

        With `torn` it dies within the first commit from then on, when that share of its bytes has reached the device.
        """
        self._last, self._after, self._torn = self.calls + calls, after, torn

    def spare(self) -> None:
        """Not die after all."""
        self._last = None

    def reach(self, port: str, deed: Callable[[], T]) -> T:
        """One numbered call."""
        if self.dead:
            raise Crash(self, port)
        self.calls += 1
        due = self._last is not None and self.calls >= self._last and (self._torn is None or port == COMMIT)
        if due and not self._after and self._torn is None:
            self._die(f"before {port} ({self.calls})")
        done = deed()
        self._watching(port)
        if due:
            self._die(f"after {port} ({self.calls})")
        return done

    def _die(self, at: str) -> None:
        self.dead = True
        raise Crash(self, at, self._torn)


class PortConnection:
    """A DB-API connection whose every statement is a port call."""

    def __init__(self, disk: Disk, life: Life) -> None:
        self._disk, self._real, self._life = disk, disk.conn, life

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        if sql == "COMMIT":
            self._disk.note_commit()
        return self._life.reach(f"store {_verb(sql)}", lambda: self._real.execute(sql, parameters))

    def executemany(self, sql: str, rows: Sequence[Sequence[Any]]) -> Any:
        return self._life.reach(f"store {_verb(sql)}", lambda: self._real.executemany(sql, rows))

    def cursor(self) -> "PortConnection":
        return self

    @property
    def in_transaction(self) -> bool:
        return bool(self._real.in_transaction)

    def close(self) -> None:
        """The disk stays; only the process lets go of it."""


class PortFence(Fence):
    """The real fence, each look at it and each move of it a port call."""

    def __init__(self, folder: Path, life: Life) -> None:
        super().__init__(folder)
        self._life = life

    def read_all(self, *origins: str) -> tuple[Checkpoint | None, ...]:
        return self._life.reach("fence read", lambda: super(PortFence, self).read_all(*origins))

    def _write(self, kept: Mapping[str, bytes], origin: str) -> None:
        try:
            self._life.reach("fence write", lambda: super(PortFence, self)._write(kept, origin))
        except Crash as crash:
            if crash.at.startswith("before"):  # torn: half of the new file reached the device, its name did not change
                whole = b"".join(kept.values())
                Path(f"{self._path}.new").write_bytes(whole[: len(whole) // 2])
            raise


class PortKey(PrivateKey):
    """A private key, each signature a port call; `signing` is told what it signs."""

    _life: Life
    _signing: Callable[[bytes], None]

    @classmethod
    def of(cls, key: PrivateKey, life: Life, signing: Callable[[bytes], None]) -> "PortKey":
        made = cls(key.seed, key.public, key._expanded)
        object.__setattr__(made, "_life", life)
        object.__setattr__(made, "_signing", signing)
        return made

    def sign(self, message: bytes) -> bytes:
        self._signing(message)
        return self._life.reach("keys sign", lambda: super(PortKey, self).sign(message))


@lru_cache(maxsize=256)
def _verb(sql: str) -> str:
    words = sql.split(None, 3)
    return " ".join(words[:1] if words[0] in ("BEGIN", "COMMIT", "ROLLBACK") else [words[0], *_table(sql)])


def _table(sql: str) -> list[str]:
    words = sql.split()
    for before in ("FROM", "INTO", "UPDATE"):
        if before in words:
            return [words[words.index(before) + 1].strip('"')]
    return []
