"""Two clusters of PostgreSQL, one the standby of the other, made and changed over by the commands of
`docs/how-to/standby.md`, and ended outright.

A page's commands are run as they stand there, with the folders and ports of the test in the place of the page's. The
servers listen on loopback and run as the system user that `tests.postgresql` finds.
"""

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from tests import postgresql
from tests.postgresql import NotToBeHad

PAGE = Path(__file__).parents[1] / "docs" / "how-to" / "standby.md"
NAMES = ("alpha", "beta")
_PORTS = {"alpha": "5433", "beta": "5434"}
_LONGEST = 60.0
_TCP = "target_session_attrs=read-write&connect_timeout=3"


def commands(heading: str) -> list[str]:
    """The commands under a heading of the page, but for those of `mithaq`."""
    (section,) = re.findall(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", PAGE.read_text("utf-8"), re.M | re.S)
    blocks: list[str] = re.findall(r"```console\n(.*?)```", section, re.DOTALL)
    lines = [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]
    return [line for line in lines if not line.startswith("mithaq ")]


@dataclass
class Clusters:
    """`alpha` and `beta`; `primary` names the one that takes writes."""

    folder: Path
    programs: Path
    user: "pwd.struct_passwd | None"
    ports: Mapping[str, int]
    primary: str = "alpha"
    given: list[str] = field(default_factory=list)
    """The page's commands that were run, as they stand there."""
    _output: Iterator[int] = field(default_factory=lambda: iter(range(1_000_000)))

    @property
    def standby(self) -> str:
        return next(name for name in NAMES if name != self.primary)

    def url(self, database: str = "mithaq") -> str:
        """The node's address: both servers, whichever takes writes."""
        servers = ",".join(f"127.0.0.1:{self.ports[name]}" for name in NAMES)
        return f"postgresql://mithaq@{servers}/{database}?{_TCP}"

    def only(self, name: str, database: str = "mithaq") -> str:
        """The address of one server, whatever it takes."""
        return f"postgresql://mithaq@127.0.0.1:{self.ports[name]}/{database}?connect_timeout=3"

    def do(self, heading: str) -> None:
        """What the page says under `heading`; the page's `alpha` is our primary."""
        for command in commands(heading):
            self.run(command)

    def run(self, command: str) -> None:
        """One command of the page, in our folders and on our ports."""
        self.given.append(command)
        sink = self.folder / f"output-{next(self._output)}"
        user = self.user
        with sink.open("w") as told:
            done = subprocess.run(
                ["sh", "-c", self._ours(command)],
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                user=None if user is None else user.pw_uid,
                group=None if user is None else user.pw_gid,
                extra_groups=None if user is None else [],
                env={"PATH": f"{self.programs}:/usr/bin:/bin", "HOME": str(self.folder), "LC_ALL": "C.UTF-8"},
                timeout=_LONGEST,
                check=False,
            )
        assert done.returncode == 0, f"{command}\n{sink.read_text(errors='replace')}"

    def _ours(self, command: str) -> str:
        """The page is written for `alpha` being lost; when `beta` is our primary, it is the one that is."""
        names = dict(zip(NAMES, (self.primary, self.standby), strict=True))
        command = re.sub(r"\b(alpha|beta)\b(?!,| *\))", lambda found: names[found[1]], command)
        for name, port in _PORTS.items():
            command = command.replace(port, str(self.ports[names[name]]))
        return command.replace("/srv", str(self.folder))

    def sql(self, name: str, statement: str) -> list[tuple[object, ...]]:
        """What a server says to one statement."""
        with psycopg.connect(self.only(name, "postgres"), autocommit=True) as conn:
            told = conn.execute(statement.encode())
            return list(told.fetchall()) if told.description else []

    def reload(self, name: str, setting: str, value: str) -> None:
        """Change a setting of a running server."""
        self.sql(name, f"ALTER SYSTEM SET {setting} = {value}")
        self.sql(name, "SELECT pg_reload_conf()")

    def append(self, name: str, lines: str) -> None:
        """Write lines into a server's `postgresql.conf`; it takes every one of them."""
        with (self.folder / name / "postgresql.conf").open("a") as file:
            file.write(lines)
        wanted = {tuple(line.split(" = ")) for line in lines.splitlines()}
        told = self.sql(name, "SELECT name, setting FROM pg_file_settings WHERE error IS NULL")
        assert wanted <= set(told), told

    def tell(self, name: str, number: signal.Signals) -> None:
        """Send a signal to every process of a server."""
        parent = self._parent(name)
        for pid in (*_children(parent), parent):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill(self, name: str) -> None:
        """End a server and every process of it outright, as a power cut does."""
        parent = self._parent(name)
        if not Path(f"/proc/{parent}").exists():
            return
        os.kill(parent, signal.SIGSTOP)  # so that it starts no further process, and notices nothing
        self.tell(name, signal.SIGKILL)
        deadline = time.monotonic() + _LONGEST
        while Path(f"/proc/{parent}").exists() and time.monotonic() < deadline:
            time.sleep(0.01)

    def _parent(self, name: str) -> int:
        return int((self.folder / name / "postmaster.pid").read_text().split()[0])

    def start(self, name: str) -> None:
        """Start a server that was ended, as the page does."""
        named = name if self.primary == "alpha" else next(each for each in NAMES if each != name)
        (command,) = (each for each in commands("Make both") if each.startswith(f"pg_ctl -D /srv/{named} "))
        self.run(command)

    def lose(self) -> None:
        """The primary is lost, and the standby takes over, as the page says."""
        self.kill(self.primary)
        self.take_over()

    def take_over(self) -> None:
        """The standby is promoted."""
        self.do("When alpha is lost")
        self.primary = self.standby

    def rejoin(self) -> None:
        """The lost one becomes the standby, as the page says, and is waited for again."""
        self.primary = self.standby  # the page calls the lost one `alpha`
        self.do("Make the lost one the standby")
        self.primary = self.standby
        self.wait_for_standby()

    def wait_for_standby(self) -> None:
        """Until the primary counts its standby as one that it waits for."""
        deadline = time.monotonic() + _LONGEST
        while not self.sql(self.primary, "SELECT 1 FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')"):
            assert time.monotonic() < deadline, "no synchronous standby"
            time.sleep(0.1)

    def stop_all(self) -> None:
        """End whatever still runs."""
        for name in NAMES:
            if (self.folder / name / "postmaster.pid").exists():
                self.kill(name)


@contextmanager
def pair() -> Iterator[Clusters]:
    """Both made by the page's commands; raises `NotToBeHad`. Stopped and forgotten afterwards."""
    user = postgresql.system_user()
    folder = Path(tempfile.mkdtemp(prefix="mithaq-standby-", dir="/tmp"))
    try:
        if user is not None:
            os.chown(folder, user.pw_uid, user.pw_gid)
        made = Clusters(
            folder, postgresql.programs(folder, user), user, {name: postgresql.free_port() for name in NAMES}
        )
        if not (made.programs / "pg_basebackup").exists():
            raise NotToBeHad("no pg_basebackup beside the server")
        try:
            made.do("Make both")
            made.wait_for_standby()
            yield made
        finally:
            made.stop_all()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def pair_or_skip() -> Iterator[Clusters]:
    """`pair` for a fixture: skips with the reason where none can be had."""
    making = pair()
    try:
        made = making.__enter__()
    except NotToBeHad as reason:
        pytest.skip(f"PostgreSQL: {reason}")
    try:
        yield made
    finally:
        making.__exit__(None, None, None)


def _children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(stat.parent.name))
    return found
