"""`mithaq serve`: the pages, the counterpart's door and the loops of one node, kept running until told to stop.

Each is a process in a group of its own. When one ends, whatever is left of its group is ended first: a server killed
outright leaves its children holding the port, and the next one would share that port with them without an error. Only
one supervisor holds a data folder, by a lock that dies with it; its processes end with it, killed or not.
"""

import contextlib
import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mithaq.errors import Refusal
from mithaq_cli import options
from mithaq_cli.listening import reachable, require_free
from mithaq_cli.refusing import say

if TYPE_CHECKING:
    from mithaq_node.settings.node import Node

_TICK = 0.1
_PATIENCE = 10.0
"""Seconds a process has to stop by itself."""
_QUICK_DEATH = 2.0
_PAUSES = (0.0, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Seconds before the next start, the longer the more often a process died young."""
_LOCK_PATIENCE = 5.0
"""Seconds for the processes of a killed supervisor to be gone."""
_PR_SET_PDEATHSIG = 1


def serve(
    data: options.Data = None,
    json: options.Json = False,
    workers: Annotated[int, typer.Option(help="Web processes; one is right for SQLite.")] = 1,
    also: Annotated[
        list[Path] | None, typer.Option(help="The data folder of another instrument of this party; repeatable.")
    ] = None,
) -> None:
    """Run the node until SIGTERM or Ctrl-C. Refuses a busy port, a second process, and a folder that is not sound.

    A party has a folder for each instrument; with --also one command runs several, which share nothing.
    """
    node = options.open_node(data, whole=False)
    others = [_beside(node, folder) for folder in also or ()]
    with held(node.folder) as lock:
        require_free(node.host, node.port)
        require_free(node.peer_host, node.peer_port)
        _prepare(node)
        supervisor = Supervisor(node, workers, lock, others)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, supervisor.ask_to_stop)
        supervisor.start()
        url = f"http://{reachable(node.host)}:{node.port}"
        supervisor.wait_for(node.host, node.port)
        say(json, {"party": node.party, "peer_port": node.peer_port, "pid": os.getpid(), "url": url}, url)
        sys.stdout.flush()
        supervisor.run()


@contextlib.contextmanager
def held(folder: Path) -> Iterator[int]:
    """Nobody else serves this folder meanwhile; refuses when somebody does (`node.already-running`).

    Yields the descriptor of the lock. Children keep it open too, so that a new supervisor waits until those of a killed
    one are gone.
    """
    with (folder / "lock").open("a") as lock:
        deadline = time.monotonic() + _LOCK_PATIENCE
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() > deadline:
                    raise Refusal("node.already-running", folder=str(folder)) from error
                time.sleep(_TICK)
        yield lock.fileno()


def is_served(folder: Path) -> bool:
    """Whether somebody serves this folder now; leaves no trace."""
    try:
        with (folder / "lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _prepare(node: "Node") -> None:
    """Tables of this version, the folder's own party, and the checks that stop a start."""
    from django.core.checks import ERROR, run_checks

    from mithaq_cli.init import migrate
    from mithaq_node.services import preflight

    migrate()
    preflight.require_own_record()
    found = run_checks(tags=["mithaq"], include_deployment_checks=True, databases=["default"])
    faults = [each for each in found if each.level >= ERROR]
    if faults:
        raise Refusal("node.not-sound", check=str(faults[0].id), reason=str(faults[0].msg))


@dataclass
class Child:
    """One process of the node, and how often it died young."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    young: int = 0
    due: float = 0.0

    def start(self, lock: int) -> None:
        self.process = subprocess.Popen(
            self.command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,  # stdout is for the one line that says where the node is
            process_group=0,
            pass_fds=(lock,),
            preexec_fn=_end_with_parent,
        )
        self.started = time.monotonic()

    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def bury(self) -> None:
        """End what is left of the group, and say when to start again."""
        assert self.process is not None
        end_group(self.process.pid)
        self.young = self.young + 1 if time.monotonic() - self.started < _QUICK_DEATH else 0
        self.due = time.monotonic() + _PAUSES[min(self.young, len(_PAUSES) - 1)]
        self.process = None

    def stop(self) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGTERM)

    def finish(self, deadline: float) -> None:
        """Wait for a process that was asked to stop, and insist when it does not."""
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.0, deadline - time.monotonic()))
        end_group(self.process.pid)
        self.process.wait()
        self.process = None


@dataclass
class Supervisor:
    """Keeps the processes of `node` running."""

    node: "Node"
    workers: int
    lock: int
    others: Sequence[Path] = ()
    """Data folders of other instruments, each run by a supervisor of its own."""
    children: dict[str, Child] = field(default_factory=dict)
    stopping: bool = False
    _cards: tuple[Any, ...] = ()
    _opened: Path | None = None
    """The TLS key while the door is open."""

    def start(self) -> None:
        _write_log_config(self.node)
        self._cards = _settled(self.node)
        for child in (self._web(), self._loops(), *map(_served, self.others)):
            self.children[child.name] = child
        self._open_door()
        for child in self.children.values():
            child.start(self.lock)

    def run(self) -> None:
        """Until told to stop: start again what ended, and open the door anew when a card changed."""
        try:
            while not self.stopping:
                self._look()
                time.sleep(_TICK)
        finally:
            self.stop()

    def stop(self) -> None:
        deadline = time.monotonic() + _PATIENCE
        for child in self.children.values():
            child.stop()
        for child in self.children.values():
            child.finish(deadline)
        if self._opened is not None:
            from mithaq_node.keystore import tls

            tls.close(self._opened)

    def ask_to_stop(self, *_: object) -> None:
        self.stopping = True

    def wait_for(self, host: str, port: int) -> None:
        """Until the pages answer; meanwhile children are watched as always."""
        while not self.stopping:
            with socket.socket() as probe:
                probe.settimeout(1)
                if probe.connect_ex((reachable(host), port)) == 0:
                    return
            self._look()
            time.sleep(_TICK)

    def _look(self) -> None:
        for child in self.children.values():
            if child.ended():
                child.bury()
            if child.process is None and time.monotonic() >= child.due:
                child.start(self.lock)
        cards = _settled(self.node)
        if cards != self._cards:
            self._cards = cards
            self._open_door()
            self.children["loops"].stop()

    def _open_door(self) -> None:
        """The door knows its counterparts' certificates from its start; it opens when there is one to let in.

        A process that is stopped here is started again like any that ended, and reads the new cards.
        """
        certificates = _certificates(self.node)
        if not certificates:
            return
        run = self.node.folder / "run"
        run.mkdir(exist_ok=True)
        (run / "peers.pem").write_text("".join(certificates), encoding="ascii")
        known = self.children.get("door")
        if known is not None:
            known.stop()
            return
        self.children["door"] = self._door(run / "peers.pem")
        self.children["door"].due = 0.0

    def _web(self) -> Child:
        listen = ["--host", self.node.host, "--port", str(self.node.port), "--workers", str(self.workers)]
        return self._child("web", [*GRANIAN, *_logging(self.node), *listen, "mithaq_node.wiring.wsgi:application"])

    def _door(self, peers: Path) -> Child:
        from mithaq_node.keystore import custody
        from mithaq_node.keystore import tls as certificates

        keys = self.node.keys
        self._opened = certificates.opened(keys, custody.TLS_KEY, custody.tls_password(keys))
        listen = ["--host", self.node.peer_host, "--port", str(self.node.peer_port), "--workers", "1"]
        tls = ["--ssl-certificate", str(keys / "tls.crt"), "--ssl-keyfile", str(self._opened)]
        gate = ["--ssl-ca", str(peers), "--ssl-client-verify"]
        return self._child(
            "door", [*GRANIAN, *_logging(self.node), *listen, *tls, *gate, "mithaq_node.peer.wsgi:application"]
        )

    def _loops(self) -> Child:
        return self._child("loops", [sys.executable, "-m", "mithaq_node.workers"])

    def _child(self, name: str, command: Sequence[str]) -> Child:
        return Child(name, command, {**os.environ, "MITHAQ_DATA": str(self.node.folder)})


def _beside(node: "Node", folder: Path) -> Path:
    """The folder of another instrument, served beside `node`; refuses one that is no node, and the same one again."""
    from mithaq_node.settings.node import read

    other = read(folder, {})
    if other.folder == node.folder:
        raise Refusal("node.already-running", folder=str(folder))
    return other.folder


def _served(folder: Path) -> Child:
    """A whole node as a process: what was set in the environment for this one's ports and database is not for it."""
    from mithaq_node.settings.node import ENVIRONMENT

    environment = {name: value for name, value in os.environ.items() if name not in ENVIRONMENT}
    command = [sys.executable, "-m", "mithaq_cli", "serve", "--data", str(folder)]
    return Child(f"also {folder.name}", command, {**environment, "MITHAQ_DATA": str(folder)})


GRANIAN = (
    # Back-pressure counts connections, not questions: an open page keeps one, so fewer than there are pages would leave
    # some of them waiting until another's has been idle for half a minute.
    sys.executable, "-m", "granian", "--interface", "wsgi", "--blocking-threads", "1", "--backpressure", "1024",
    "--respawn-failed-workers", "--workers-kill-timeout", "2", "--log-level", "warning", "--no-ws",
    "--respawn-interval", "0.5",
)  # fmt: skip


def end_group(group: int) -> None:
    """End every process that is left of a group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _end_with_parent() -> None:
    """In the child: be asked to stop when the supervisor is gone, even when it was killed outright (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _write_log_config(node: "Node") -> None:
    """The server's own lines look like the node's: it reads how from a file."""
    from mithaq_node.settings import logs

    _log_config(node).parent.mkdir(exist_ok=True)
    _log_config(node).write_text(dumps(logs.config(node.log_format)), encoding="utf-8")


def _logging(node: "Node") -> list[str]:
    return ["--log-config", str(_log_config(node))]


def _log_config(node: "Node") -> Path:
    return node.folder / "run" / "logging.json"


def _certificates(node: "Node") -> list[str]:
    import msgspec

    from mithaq_node.services.pairing import Card

    cards = sorted(node.cards.glob("*.json")) if node.cards.is_dir() else []
    return [msgspec.json.decode(path.read_bytes(), type=Card).certificate for path in cards]


def _settled(node: "Node") -> tuple[Any, ...]:
    """The stamps of the files that door and loops read at their start: cards, decisions about epochs, settings."""
    return (*_stamps(node.cards), *_stamps(node.epochs, "*.note"), *_stamps(node.folder, "node.toml"))


def _stamps(folder: Path, names: str = "*.json") -> tuple[Any, ...]:
    if not folder.is_dir():
        return ()
    return tuple((path.name, path.stat().st_mtime_ns) for path in sorted(folder.glob(names)))
