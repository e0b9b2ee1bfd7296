"""What a user would pick instead, given the same bytes: PostgreSQL's logical replication, and git.

    python -m benchmarks.rivals --notices 10000 [--json]

*PostgreSQL*: two clusters of PostgreSQL started for the run, `fsync` on, the subscription applied with
`synchronous_commit = on`, so that both are durable as our nodes are. A row is a notice: leaf, hash, parts. A backlog of
100 and of 1,000 rows a commit is inserted while the subscription is off; timed is from its being switched on until the
last row is visible at the subscriber. *One row* is timed from its commit until it is visible there, which is asked
without a pause. Nothing is signed or verified.

*git*: one file a notice, 500 a commit; timed is one `git fetch` that checks every object (`fetch.fsckObjects`) and
forces what it writes to the disk (`core.fsync=all`). Nothing is signed here either. Twice: from a sender whose objects
lie as `git add` and `git commit` left them, so that the fetch includes making what is sent, as our delivery does; and
from one that had put all of them into one pack before (`git gc`), which the fetch only copies.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import psycopg

from tests import postgresql

Row = tuple[bytes, bytes]
"""Leaf and parts of a notice."""

COMMITS = (100, 1000)
FILES_A_COMMIT = 500
SINGLES = 300
WARM_UP = 20
_LOGICAL = "-c wal_level=logical -c synchronous_commit=on -c wal_retrieve_retry_interval=10ms"
"""The last one spares the subscription a wait of five seconds before it starts again."""
_TABLE = 'CREATE TABLE entry ("index" int8 PRIMARY KEY, leaf bytea NOT NULL, hash bytea NOT NULL, parts bytea NOT NULL)'
_COPY = 'COPY entry ("index", leaf, hash, parts) FROM STDIN (FORMAT BINARY)'
_PATIENCE = 600.0
_NEVER_PACKED = 2**30
"""So many objects `git fast-import` leaves apart from each other, as commits do."""
_DURABLE = ("-c", "core.fsync=all", "-c", "core.fsyncMethod=fsync", "-c", "gc.auto=0")


@dataclass(frozen=True)
class Fetched:
    """git's figures: files a second, and the bytes of both repositories a file."""

    rate: float
    bytes_each: float


class Replication:
    """One table, published by one cluster and subscribed to by another."""

    def __init__(self, publisher: str, subscriber: str) -> None:
        self._at, self._there = (psycopg.connect(url, autocommit=True) for url in (publisher, subscriber))
        self._next = 0
        for conn in (self._at, self._there):
            conn.execute(_TABLE)
        self._at.execute("CREATE PUBLICATION everything FOR ALL TABLES")
        self._there.execute(
            f"CREATE SUBSCRIPTION everything CONNECTION '{publisher}' PUBLICATION everything"
            " WITH (copy_data = false, synchronous_commit = 'on')"
        )

    def close(self) -> None:
        """Let both go."""
        self._there.execute("DROP SUBSCRIPTION everything")
        self._at.close()
        self._there.close()

    def backlog(self, rows: Sequence[Row], a_commit: int) -> float:
        """Rows a second of a backlog that stands at the publisher already."""
        self._there.execute("ALTER SUBSCRIPTION everything DISABLE")
        for start in range(0, len(rows), a_commit):
            self._insert(rows[start : start + a_commit])
        began = time.perf_counter()
        self._there.execute("ALTER SUBSCRIPTION everything ENABLE")
        self._wait(0.001)
        return len(rows) / (time.perf_counter() - began)

    def singles(self, rows: Sequence[Row]) -> list[float]:
        """Milliseconds of each row, from its commit to its being visible at the subscriber."""
        took = []
        for row in rows:
            began = time.perf_counter()
            self._insert([row])
            self._wait(0.0)
            took.append(1000 * (time.perf_counter() - began))
        return took

    def _insert(self, rows: Sequence[Row]) -> None:
        with self._at.transaction(), self._at.cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.set_types(["int8", "bytea", "bytea", "bytea"])
            for leaf, parts in rows:
                copy.write_row((self._next, leaf, sha256(b"\0" + leaf).digest(), parts))
                self._next += 1

    def _wait(self, pause: float) -> None:
        """Until the last row is visible at the subscriber."""
        deadline = time.monotonic() + _PATIENCE
        while not self._there.execute('SELECT 1 FROM entry WHERE "index" = %s', (self._next - 1,)).fetchone():
            if time.monotonic() > deadline:
                raise SystemExit(f"PostgreSQL replicated nothing for {_PATIENCE:.0f} s")
            time.sleep(pause)


@contextmanager
def replication() -> Iterator[Replication]:
    """Two clusters, and the replication between them; raises `postgresql.NotToBeHad`."""
    with postgresql.running(_LOGICAL) as first, postgresql.running(_LOGICAL) as second:
        made = Replication(*(server.url(server.create()) for server in (first, second)))
        try:
            yield made
        finally:
            made.close()


def backlogs(rows: Sequence[Row]) -> dict[int, float]:
    """Rows a second that PostgreSQL replicates of a backlog, by rows a commit."""
    with replication() as pair:
        return {count: pair.backlog(rows, count) for count in COMMITS}


def singles(rows: Sequence[Row]) -> list[float]:
    """Milliseconds of each row alone, the first twenty not counted; in order of length."""
    with replication() as pair:
        pair.singles(rows[:WARM_UP])
        return sorted(pair.singles(rows[WARM_UP:]))


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def fetched(folder: Path, rows: Sequence[Row], packed: bool) -> Fetched:
    """git's figures for `rows`; `packed` says whether the sender had made one pack of them before."""
    source, target = folder / "source.git", folder / "target.git"
    for repository in (source, target):
        _git("init", "--quiet", "--bare", "--initial-branch=main", str(repository))
    unpack = f"fastimport.unpackLimit={0 if packed else _NEVER_PACKED}"
    _git("-C", str(source), "-c", unpack, "fast-import", "--quiet", told=b"".join(_stream(rows)))
    fetch = ("fetch", "--quiet", str(source), "refs/heads/main:refs/heads/main")
    began = time.perf_counter()
    _git("-C", str(target), *_DURABLE, "-c", "fetch.fsckObjects=true", *fetch)
    seconds = time.perf_counter() - began
    files = (file for repository in (source, target) for file in repository.rglob("objects/**/*") if file.is_file())
    found = Fetched(len(rows) / seconds, sum(file.stat().st_size for file in files) / len(rows))
    for repository in (source, target):
        shutil.rmtree(repository)
    return found


def _stream(rows: Sequence[Row]) -> Iterator[bytes]:
    """The commits, as `git fast-import` reads them."""
    for start in range(0, len(rows), FILES_A_COMMIT):
        told = f"notices from {start}".encode()
        yield b"commit refs/heads/main\ncommitter A <a@ml.example> %d +0000\n" % (1_900_000_000 + start)
        yield b"data %d\n%s\n" % (len(told), told)
        for number, (leaf, parts) in enumerate(rows[start : start + FILES_A_COMMIT], start):
            content = leaf + parts
            yield b"M 100644 inline %02x/%02x/%d\n" % (number >> 16, number >> 8 & 255, number)
            yield b"data %d\n%s\n" % (len(content), content)
        yield b"\n"


def _git(*arguments: str, told: bytes = b"") -> None:
    subprocess.run(["git", *arguments], input=told, check=True)


def main() -> int:
    from benchmarks import catch_up, exchange

    parser = argparse.ArgumentParser(prog="python -m benchmarks.rivals", description=__doc__.split("\n")[0])
    parser.add_argument("--notices", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    exchange.django_ready()
    with tempfile.TemporaryDirectory(prefix="mithaq-rivals-") as folder:
        rows = catch_up.made(Path(folder) / "nodes", asked.notices, signed=False).rows()
        took = singles(rows[: SINGLES + WARM_UP])
        git, packed = (fetched(Path(folder), rows, packed) for packed in (False, True))
        found = {
            **{f"PostgreSQL, {count} rows a commit, rows a second": rate for count, rate in backlogs(rows).items()},
            "PostgreSQL, one row, p50 ms": percentile(took, 0.5),
            "PostgreSQL, one row, p99 ms": percentile(took, 0.99),
            "git, files a second": git.rate,
            "git, the sender packed before, files a second": packed.rate,
            "git, bytes a file, both repositories": packed.bytes_each,
        }
    shown = json.dumps(found) if asked.json else "\n".join(f"{name:<50}{value:,.1f}" for name, value in found.items())
    sys.stdout.write(shown + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
