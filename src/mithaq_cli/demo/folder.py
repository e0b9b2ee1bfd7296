"""The folder of a demonstration: what lies where in it, and that only one demonstration uses it at a time.

demo.json     that this is a demonstration's folder, and its first port
story.json    how far the story has come, and what it made on the way
clock         seconds by which the story's time runs ahead of the machine's (docs/decisions/0081)
control       the socket through which `mithaq demo break` speaks to the running demonstration
IQ/  IR/      one node's data each; nothing is shared between them but the line
fence/IQ …    each node's fence. On a real node it lies on another device; here it cannot, and this is said
roots/IQ …    each party's root keys. At a real party they are kept offline and never near a node
log/          what the processes wrote
"""

import fcntl
import json
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mithaq.errors import Refusal

PARTIES = ("IQ", "IR")
FIRST_PORT = 8400
_MARKER, _LOCK = "demo.json", "lock"
_PORTS = 7
"""Pages of both nodes, doors of both nodes, the console, and the two ends of the line between them."""


@dataclass(frozen=True)
class Ports:
    """The ports of a demonstration, counted from its first."""

    first: int

    def pages(self, party: str) -> int:
        return self.first + PARTIES.index(party)

    def door(self, party: str) -> int:
        """Where the node listens for its counterpart (TLS)."""
        return self.first + 2 + PARTIES.index(party)

    @property
    def console(self) -> int:
        return self.first + 4

    def line(self, party: str) -> int:
        """Where the line to this party's door begins; the counterpart sends to it, so that the line can be cut."""
        return self.first + 5 + PARTIES.index(party)

    def require_free(self) -> None:
        """Refuse when another program listens on one of them.

        Tried by binding: the nodes' server shares a port that another instance already has, without an error.
        """
        if not 1024 <= self.first <= 65_535 - _PORTS:
            raise Refusal("demo.bad-port", port=self.first)
        for port in range(self.first, self.first + _PORTS):
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError as error:
                    raise Refusal("demo.busy-port", port=port) from error


@dataclass(frozen=True)
class Folder:
    """The paths in a demonstration's folder."""

    root: Path

    def node(self, party: str) -> Path:
        return self.root / party

    def fence(self, party: str) -> Path:
        return self.root / "fence" / party

    def roots(self, party: str) -> Path:
        return self.root / "roots" / party

    def log(self, name: str) -> Path:
        return self.root / "log" / f"{name}.log"

    @property
    def clock(self) -> Path:
        return self.root / "clock"

    @property
    def story(self) -> Path:
        return self.root / "story.json"

    @property
    def control(self) -> Path:
        return self.root / "control"

    @property
    def exports(self) -> Path:
        """Where the last step of the story puts what it hands to the third."""
        return self.root / "exports"

    @property
    def stick(self) -> Path:
        """The memory stick of `mithaq demo break courier`."""
        return self.root / "stick"

    @property
    def first_port(self) -> int:
        """The first port of the demonstration that was last started here."""
        try:
            first: int = json.loads((self.root / _MARKER).read_text())["port"]
        except (OSError, ValueError, KeyError) as error:
            raise Refusal("demo.not-a-demo", folder=str(self.root)) from error
        return first

    def port(self, wanted: int | None) -> int:
        """The first port to use: the one this folder's nodes were made for, or else `wanted`."""
        known = self.first_port if (self.root / _MARKER).exists() and self.story.exists() else None
        if known is not None and wanted is not None and wanted != known:
            raise Refusal("demo.other-port", port=known)
        return known or wanted or FIRST_PORT

    def claim(self, port: int) -> None:
        """Make this a demonstration's folder; refuses one that holds anything else."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        foreign = any(each.name != _LOCK for each in self.root.iterdir())
        if foreign and not (self.root / _MARKER).exists():
            raise Refusal("demo.not-a-demo", folder=str(self.root))
        (self.root / _MARKER).write_text(json.dumps({"port": port}) + "\n")
        self.log("").parent.mkdir(exist_ok=True)

    def empty(self) -> None:
        """Forget the story and both nodes; the folder stays a demonstration's."""
        for each in self.root.iterdir():
            if each.name in (_MARKER, _LOCK, self.control.name):
                continue
            if each.is_dir():
                shutil.rmtree(each)
            else:
                each.unlink()
        self.log("").parent.mkdir(exist_ok=True)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else runs a demonstration here; refuses when somebody does."""
        with (self.root / _LOCK).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise Refusal("demo.already-running", folder=str(self.root)) from error
            yield


def usual() -> Folder:
    """The folder of a demonstration that was given none: one for each user of this machine, for as long as it is up."""
    root = Path(tempfile.gettempdir()) / f"mithaq-demo-{os.getuid()}"
    if root.is_symlink() or (root.exists() and root.stat().st_uid != os.getuid()):
        raise Refusal("demo.not-a-demo", folder=str(root))
    return Folder(root)
