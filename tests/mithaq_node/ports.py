"""The calls that a node makes of the world, numbered: begin and commit, the fence, a signature, the line.

Before and after each of them the power can be cut. Everything that was signed is written down, so that a test can ask
afterwards whether any two of the heads contradict each other.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from mithaq.record import checkpoint, cosign
from mithaq.record.checkpoint import Checkpoint
from mithaq_node.keystore.vault import Vault
from mithaq_node.services import storage
from mithaq_node.store import bell
from mithaq_node.store import fence as fences
from mithaq_node.store.engine import Connection, Engine
from mithaq_node.store.fence import Fence


class PowerCut(BaseException):
    """The machine stops here; nothing that runs after it may count on having run."""


@dataclass
class Ports:
    """How many calls were made, and at which one the power is cut (0: at none)."""

    cut_at: int = 0
    calls: list[str] = field(default_factory=list)
    signed: list[Checkpoint] = field(default_factory=list)
    cosigned: list[Checkpoint] = field(default_factory=list)
    silent: bool = False

    def call(self, name: str) -> None:
        """A point before or after a call."""
        if self.silent:
            return
        self.calls.append(name)
        if len(self.calls) == self.cut_at:
            raise PowerCut(name)

    def start(self, cut_at: int = 0) -> None:
        """Count from one again; what was signed so far stays written down."""
        self.calls.clear()
        self.cut_at = cut_at

    @contextmanager
    def looking_on(self) -> Iterator[None]:
        """What the test itself asks is not counted."""
        self.silent = True
        try:
            yield
        finally:
            self.silent = False

    @contextmanager
    def around(self, name: str) -> Iterator[None]:
        self.call(f"before {name}")
        yield
        self.call(f"after {name}")

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Stand before every call that a node makes from here on."""
        patch.setattr(Engine, "transaction", self._transaction())
        for name in ("_kept", "move"):
            patch.setattr(Fence, name, self._wrapped(f"fence {name}", getattr(Fence, name)))
        patch.setattr(fences, "_write_all", self._wrapped("fence write", fences._write_all))
        patch.setattr(checkpoint, "sign", self._signing(checkpoint.sign))
        patch.setattr(cosign, "cosign", self._cosigning(cosign.cosign))

    def install_desk(self, patch: pytest.MonkeyPatch) -> None:
        """Stand, besides, before every call that a use case of the desk makes: Django's transactions, each statement
        of the record, the files of the vault, the bell."""
        patch.setattr(storage, "durable", self._around_block("transaction", storage.durable))
        for place, name in (
            (Engine, "execute"), (Engine, "insert"), (Fence, "read"), (Vault, "drawers"), (Vault, "_settle"),
            (bell, "ring"), (Path, "unlink"),
        ):  # fmt: skip
            patch.setattr(place, name, self._wrapped(name, getattr(place, name)))

    def _around_block(self, name: str, real: Callable[[], AbstractContextManager[None]]) -> Callable[[], Any]:
        @contextmanager
        def block() -> Iterator[None]:
            self.call(f"before begin {name}")
            with real():
                self.call(f"after begin {name}")
                yield
                self.call(f"before commit {name}")
            self.call(f"after commit {name}")

        return block

    def _transaction(self) -> Callable[[Engine, Connection], Any]:
        ports = self

        @contextmanager
        def transaction(engine: Engine, conn: Connection) -> Iterator[None]:
            ports.call("before begin")
            conn.execute("BEGIN IMMEDIATE" if engine.name == "sqlite" else "BEGIN")
            try:
                ports.call("after begin")
                yield
                ports.call("before commit")
                conn.execute("COMMIT")
            except BaseException:
                conn.execute("ROLLBACK")
                raise
            ports.call("after commit")

        return transaction

    def _wrapped(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **named: Any) -> Any:
            with self.around(name):
                return real(*arguments, **named)

        return wrapped

    def _signing(self, real: Callable[[Checkpoint, Any], bytes]) -> Callable[[Checkpoint, Any], bytes]:
        def sign(head: Checkpoint, key: Any) -> bytes:
            with self.around("sign"):
                self.signed.append(head)
                return real(head, key)

        return sign

    def _cosigning(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def sign(text: bytes, *arguments: Any) -> Any:
            with self.around("cosign"):
                self.cosigned.append(checkpoint.parse(text))
                return real(text, *arguments)

        return sign
