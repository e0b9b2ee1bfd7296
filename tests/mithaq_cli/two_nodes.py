"""Two parties' nodes on this machine, made and run with the program's own commands, as two ministries would."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mithaq_files.instrument import write_sealed
from mithaq_files.roots import write_root
from mithaq_node.services import clock, seat
from tests import papers
from tests.mithaq_node import meadow
from tests.mithaq_node import pair as lines
from tests.postgresql import free_port

SOURCES = Path(__file__).parents[2] / "src"
PATIENCE = 60.0
FROM_SOURCES = (sys.executable, "-m", "mithaq_cli")


def until(told: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """What `told` says once it says something true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := told():
            return found
        time.sleep(0.5)
    raise AssertionError(f"not within {seconds} seconds")


@dataclass
class NodeFolder:
    """One party's node: its folder, and its processes once it serves."""

    party: str
    data: Path
    port: int = field(default_factory=free_port)
    peer_port: int = field(default_factory=free_port)
    process: "subprocess.Popen[str] | None" = None
    program: tuple[str, ...] = FROM_SOURCES
    """The command; another one when what is tried is an installed distribution."""
    options: tuple[str, ...] = ()
    """Of `serve`."""

    def mithaq(self, *arguments: str, code: int = 0) -> Any:
        """What a command says with --json; or, for an expected exit status, what it says on stderr."""
        done = subprocess.run(
            [*self.program, *arguments, "--json"],
            env=self.environment, capture_output=True, text=True, check=False, timeout=PATIENCE * 2,
        )  # fmt: skip
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return json.loads(done.stdout) if code == 0 else done.stderr

    def give(self, command: str, code: int = 0) -> str:
        """What a command of a page prints, typed beside the node's folder; `serve` goes on till `stop`."""
        words = papers.words(command)
        assert words[0] == "mithaq", command
        if words[1] == "serve":
            rest = words[2:]
            assert rest[:2] == ["--data", str(self.data)], command
            self.start(*rest[2:])
            return ""
        done = subprocess.run(
            [*self.program, *words[1:]],
            env=self.environment, capture_output=True, text=True, check=False,
            timeout=PATIENCE * 2, cwd=self.data.parent,
        )  # fmt: skip
        assert done.returncode == code, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout if code in (0, 1) else done.stderr

    @property
    def environment(self) -> dict[str, str]:
        sources = {"PYTHONPATH": str(SOURCES)} if self.program == FROM_SOURCES else {}
        return {**os.environ, **sources, "MITHAQ_DATA": str(self.data), "LC_ALL": "C.UTF-8"}

    def make(self, instrument: Path, database: str = "sqlite") -> None:
        """Folder, officers, first key-set and instrument."""
        self.mithaq(
            "init", "--instrument", str(instrument), "--party", self.party, "--database", database, "--no-https",
            "--fence", str(self.data.with_name(f"fence-{self.party}")),
            "--port", str(self.port), "--peer-port", str(self.peer_port), "--peer-host", "127.0.0.1",
        )  # fmt: skip
        for role in ("duty", "releasing"):
            self.add_officer(role)
        self.begin()

    def add_officer(self, role: str) -> None:
        """An officer who is called as the role is."""
        password = self.data.parent / "password"
        password.write_text(meadow.SECRET)
        self.mithaq("officer", "add", "--name", role, "--role", role, "--password-file", str(password))

    def begin(self, audience: str = "all") -> None:
        """The first key-set and the instrument, in the log for an audience."""
        beside = self.data.parent
        root, text, signed = (beside / f"{self.party}-{name}" for name in ("root", "text", "signed"))
        if not root.exists():
            name, key = meadow.root(self.party)
            write_root(root, name, key.seed)
        self.mithaq("keys", "draft", "--audience", audience, "--out", str(text))
        self.mithaq("keys", "sign", str(text), "--root", str(root), "--out", str(signed))
        self.mithaq("keys", "enter", str(signed))
        self.mithaq("keys", "instrument", "--audience", audience)

    def file_and_release(self, kind: str, content: dict[str, Any], *re: str, audience: str = "") -> str:
        """The number of a notice that one officer filed and another released."""
        return str(self.release(self.file(kind, content, *re, audience=audience)["id"])["number"])

    def file(self, kind: str, content: dict[str, Any], *re: str, audience: str = "", code: int = 0) -> Any:
        """A draft that the duty officer filed, as `notice show` tells it; what is said where it ends with `code`."""
        fields = self.data.parent / f"{self.party}-content.json"
        fields.write_text(json.dumps(content))
        password = str(self.data.parent / "password")
        references = [word for number in re for word in ("--re", number)]
        draft = self.mithaq(
            "notice", "draft", "--kind", kind, "--content", str(fields), "--officer", "duty", "--file",
            "--password-file", password, "--audience", audience, *references, code=code,
        )  # fmt: skip
        return draft if code else self.mithaq("notice", "show", draft["id"])

    def release(self, draft: str, *keep: str, code: int = 0) -> Any:
        """What the releasing officer is told who releases a draft."""
        password = str(self.data.parent / "password")
        signed = ("--officer", "releasing", "--password-file", password)
        return self.mithaq("notice", "release", draft, *keep, *signed, code=code)

    def leaves(self, party: str) -> list[dict[str, Any]]:
        """The leaves of a party's log that this node holds."""
        listed = self.mithaq("notice", "list")["leaves"]
        return [leaf for leaf in listed if leaf["number"].startswith(f"{party} ")]  # `party` may be `ML.uplands`

    @contextmanager
    def serving(self) -> Iterator[None]:
        self.start()
        try:
            yield
        finally:
            self.stop()

    def start(self, *options: str) -> None:
        log = (self.data.parent / f"{self.party}.log").open("a")
        self.process = subprocess.Popen(
            [*self.program, "serve", "--json", *self.options, *options],
            env=self.environment, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True,
        )  # fmt: skip
        log.close()
        line = self.process.stdout.readline() if self.process.stdout else ""
        assert line, (self.data.parent / f"{self.party}.log").read_text()

    @property
    def running(self) -> "subprocess.Popen[str]":
        assert self.process is not None
        return self.process

    def kill(self) -> None:
        """End the supervisor outright, as a power cut would."""
        self.running.kill()
        self.running.wait()
        self._hang_up()

    def stop(self) -> int:
        """Ask the node to stop; what it ended with."""
        self.running.send_signal(signal.SIGTERM)
        code = self.running.wait(PATIENCE)
        self._hang_up()
        return code

    def _hang_up(self) -> None:
        if self.running.stdout is not None:
            self.running.stdout.close()

    def get(self, path: str) -> tuple[int, dict[str, str]]:
        """Status and headers (names in lower case) of a page."""
        with urllib.request.urlopen(f"http://localhost:{self.port}{path}", timeout=10) as answer:
            return answer.status, {name.lower(): value for name, value in answer.headers.items()}


@contextmanager
def pair(
    folder: Path, databases: dict[str, str] | None = None, program: tuple[str, ...] = FROM_SOURCES
) -> Iterator[dict[str, NodeFolder]]:
    """Both nodes, made and paired, serving nothing yet."""
    write_sealed(folder / "instrument", meadow.sealed())
    nodes = {party: NodeFolder(party, folder / party, program=program) for party in meadow.PARTIES}
    for party, node in nodes.items():
        node.make(folder / "instrument", (databases or {}).get(party, "sqlite"))
    first, second = nodes.values()
    first.mithaq("pair", str(second.data / "card.json"))
    second.mithaq("pair", str(first.data / "card.json"))
    yield nodes


def found(nodes: dict[str, NodeFolder], databases: dict[str, str]) -> dict[str, NodeFolder]:
    """`nodes`, founded and paired in this process: in seconds less than `pair`, and without officers of their own."""
    made = [
        meadow.settings_of(
            node.data, party, databases.get(party, "sqlite"),
            port=node.port, peer_port=node.peer_port, peer_host="127.0.0.1", https=False,
        )
        for party, node in nodes.items()
    ]  # fmt: skip
    for each in made:
        meadow.found(each, now=clock.now())
        meadow.migrate(each)
    lines.introduce(made[0], made[1])
    for each in made:
        lines.enter(seat.take(each.folder, {}), clock.now())
    return nodes
