"""How fast notices travel between two nodes, with everything on, beside what the disk alone can do.

    python -m benchmarks.exchange --notices 10000 --mode batch|each [--engine sqlite|postgresql] [--json]

Two real processes: this one is the sending node (it compiles, signs, appends, and runs the delivery loop), the other is
the receiving node's door under its server, over TLS with pinned certificates. A notice counts when the receipt that
covers it is stored here. Every commit and every fence write is durable at both.

*batch*: notices are released a few hundred to a transaction while earlier ones are on their way. Only a machine feed
does that (officers release one at a time), so they are counts that no officer signs; `--release two` has each of them
signed by two officers, which is four more signatures to make or verify. *each*: one notice at a time, signed by two
officers, from its release to its receipt. The raw limits are measured before
and after, in the same folder; the ratio uses their mean, because the machine may be shared.
"""

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from benchmarks import limits
from benchmarks.limits import Limits
from mithaq import canonical
from mithaq.exchange.session import Link
from mithaq.instrument import sealing
from mithaq.instrument.sealing import Sealed
from mithaq.moments import Moment
from mithaq.notices import envelope
from mithaq_node.keystore import custody, tls
from mithaq_node.services import founding, seat
from mithaq_node.services.holdings import Holdings
from mithaq_node.services.seat import Counterpart
from mithaq_node.settings.node import Node
from mithaq_node.store import log as record
from mithaq_node.workers.deliver import Delivery

BATCH = 250
"""Notices released in one transaction in batch mode."""
AHEAD = 4_000
"""Notices that may be on their way at once in batch mode."""
LOTS = 20
"""Transactions a second of a machine that releases at an even pace."""
WARM_UP = 60
BATCH_TARGET = 0.07
SINGLE_ALLOWANCE_MS = 1.5
_PATIENCE = 60.0


def main() -> int:
    """Measure, print, and exit 0; 1 when a target was missed and `--strict` was given."""
    wanted = _arguments()
    django_ready()
    folder = Path(tempfile.mkdtemp(prefix="mithaq-bench-", dir=wanted.folder))
    try:
        with databases(wanted.engine) as addresses:
            result = _run(folder, addresses, wanted)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write((json.dumps(result) if wanted.json else _table(result)) + "\n")
    return 0 if result["met"] or not wanted.strict else 1


def _run(folder: Path, databases: tuple[str, str], wanted: argparse.Namespace) -> dict[str, Any]:
    nodes = two_nodes(folder, databases)
    before = limits.measure(folder / "raw")
    with open_door(nodes[1]) as door:
        sender = Sender(seat.take(nodes[0].folder, {}), wanted.release)
        try:
            sender.wait(sender.release(WARM_UP))
            start = cpu_seconds(None), cpu_seconds(door)
            began = time.perf_counter()
            measured = sender.batch(wanted.notices) if wanted.mode == "batch" else sender.each(wanted.notices)
            seconds = time.perf_counter() - began
            spent = cpu_seconds(None) - start[0], cpu_seconds(door) - start[1]
        finally:
            sender.close()
    after = limits.measure(folder / "raw")
    return _result(wanted, measured, seconds, spent, before, after)


class Sender:
    """The sending node: its officers, its log, its delivery loop."""

    def __init__(self, taken: seat.Seat, release: str) -> None:
        from tests.mithaq_node import pair

        self._make = {"two": pair.notice, "machine": pair.feed}[release]
        self._holdings = Holdings(taken)
        self._peer: Counterpart = next(iter(taken.peers.values()))
        self._arrived = threading.Event()
        self._seen = self._covered = self._number = 0
        self._loop = Delivery(taken, self._peer, now, self._stepped)
        self._loop.start()

    def release(self, count: int) -> int:
        """Compile, sign and append so many notices in one transaction, and ring; the size of our log then."""
        from tests.mithaq_node import pair

        numbers = range(self._number, self._number + count)
        rows = [self._make(self._holdings.seat, number, now()) for number in numbers]
        size = pair.release(self._holdings, rows).log.size
        self._number = numbers.stop
        self._loop.wake()
        return size

    def batch(self, count: int) -> list[float]:
        """Release and deliver `count` notices as fast as they go; seconds from each transaction to its receipt."""
        released: list[tuple[int, float]] = []
        took: list[float] = []
        for at in range(0, count, BATCH):
            began = time.perf_counter()
            size = self.release(min(BATCH, count - at))
            released.append((size, began))
            while size - self.receipted() > AHEAD:
                self._pause()
            self._note(released, took)
        while released:
            self._pause()
            self._note(released, took)
        return took

    def each(self, count: int) -> list[float]:
        """Release one notice, wait for its receipt, `count` times; seconds of each."""
        took = []
        for _ in range(count):
            began = time.perf_counter()
            self.wait(self.release(1))
            took.append(time.perf_counter() - began)
        return took

    def paced(self, a_second: int, seconds: float) -> list[float]:
        """Release so many a second for so long; seconds from when each lot was due to its receipt."""
        released: list[tuple[int, float]] = []
        took: list[float] = []
        began = time.perf_counter()
        for lot in range(int(seconds * LOTS)):
            due = began + lot / LOTS
            while (left := due - time.perf_counter()) > 0:
                self._arrived.wait(left)
                self._arrived.clear()
                self._note(released, took)
            released.append((self.release(a_second // LOTS), due))
        while released:
            self._pause()
            self._note(released, took)
        return took

    def receipted(self) -> int:
        """The size of our log that a receipt stored here covers."""
        theirs = self._holdings.theirs(self._peer)
        for leaf in record.read_entries(self._holdings.conn, self._holdings.engine, theirs, self._seen, theirs.size):
            receipt = envelope.parse(leaf).header.receipt
            if receipt is not None:
                if receipt.missing or receipt.nonconforming:
                    raise SystemExit(f"not everything arrived as it was sent: {receipt}")
                self._covered = receipt.size
        self._seen = theirs.size
        return self._covered

    def wait(self, size: int) -> None:
        """Return once our log up to `size` is receipted."""
        deadline = time.monotonic() + _PATIENCE
        self._pause()  # not before the loop has done a step: asking earlier would only be in its way
        while self.receipted() < size:
            if time.monotonic() > deadline:
                raise SystemExit(f"no receipt for size {size} within {_PATIENCE:.0f} s")
            self._pause()

    def close(self) -> None:
        """Stop the loop."""
        self._loop.stop()
        self._loop.join(5)
        self._holdings.close()

    def _note(self, released: list[tuple[int, float]], took: list[float]) -> None:
        done = self.receipted()
        while released and released[0][0] <= done:
            took.append(time.perf_counter() - released.pop(0)[1])

    def _stepped(self, link: Link) -> None:
        if link.code:
            raise SystemExit(f"the link says {link.code}")
        self._arrived.set()

    def _pause(self) -> None:
        """Until the loop has done another step."""
        self._arrived.wait(0.5)
        self._arrived.clear()


def _result(
    wanted: argparse.Namespace,
    took: list[float],
    seconds: float,
    cpu: tuple[float, float],
    before: Limits,
    after: Limits,
) -> dict[str, Any]:
    rate = wanted.notices / seconds
    raw = statistics.mean((before.rows[100], after.rows[100]))
    commit = statistics.mean((before.commit_ms, after.commit_ms))
    fence = statistics.mean((before.fence_ms, after.fence_ms))
    ordered = sorted(took)
    p50, p99 = (ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 for share in (0.5, 0.99))
    allowed = 3 * commit + 2 * fence + SINGLE_ALLOWANCE_MS
    batch = wanted.mode == "batch"
    return {
        "mode": wanted.mode,
        "release": wanted.release,
        "engine": wanted.engine,
        "notices": wanted.notices,
        "seconds": round(seconds, 3),
        "notices_per_second": round(rate, 1),
        "cpu_ms_per_notice": {
            "sender": round(cpu[0] * 1000 / wanted.notices, 3),
            "receiver": round(cpu[1] * 1000 / wanted.notices, 3),
        },
        "p50_ms": round(p50, 2),
        "p99_ms": round(p99, 2),
        "timed": "a transaction of releases, to its receipt" if batch else "one release, to its receipt",
        "raw": {"before": asdict(before), "after": asdict(after)},
        "ratio_to_raw_100": round(rate / raw, 4),
        "single_allowed_ms": round(allowed, 2),
        "single_over_disk_ms": round(p50 - (allowed - SINGLE_ALLOWANCE_MS), 2),
        "target": f"batch >= {BATCH_TARGET} of raw at 100 rows a commit" if batch else "p50 <= single_allowed_ms",
        "met": rate / raw >= BATCH_TARGET if batch else p50 <= allowed,
        "load": os.getloadavg()[0],
        "cores": os.cpu_count(),
    }


def _table(result: dict[str, Any]) -> str:
    cpu, raw = result["cpu_ms_per_notice"], result["raw"]
    lines = [
        f"{result['notices']} notices, {result['mode']}, {result['engine']}, {result['seconds']} s",
        f"released by        {result['release']}",
        f"on                 {result['cores']} cores, load {result['load']:.1f}",
        f"notices a second   {result['notices_per_second']}",
        f"CPU ms a notice    {cpu['sender']} sender, {cpu['receiver']} receiver",
        f"p50 / p99          {result['p50_ms']} / {result['p99_ms']} ms ({result['timed']})",
    ]
    for when in ("before", "after"):
        rows = ", ".join(f"{rate:.0f} at {count}" for count, rate in raw[when]["rows"].items())
        lines.append(
            f"raw {when:<14} {rows} rows/s;"
            f" commit {raw[when]['commit_ms']:.2f} ms, fence {raw[when]['fence_ms']:.2f} ms"
        )
    lines += [
        f"ratio to raw       {result['ratio_to_raw_100']}; one notice may take {result['single_allowed_ms']} ms",
        f"target             {result['target']}: {'met' if result['met'] else 'MISSED'}",
    ]
    return "\n".join(lines)


def two_nodes(folder: Path, databases: tuple[str, str], requests: int = 10_000_000) -> tuple[Node, Node]:
    """Two founded, paired nodes of the fictional neighbours, whose instrument allows so many requests a minute."""
    from tests.mithaq_node import meadow, pair

    made = []
    for party, database in zip(meadow.PARTIES, databases, strict=True):
        node = meadow.settings_of(folder / party, party, database, peer_port=_free_port(), peer_host="127.0.0.1")
        url = f"https://localhost:{node.peer_port}"
        hosts = ("localhost", "127.0.0.1")
        founding.found(node=node, instrument=_instrument(requests), url=url, certificate_hosts=hosts, now=now())
        meadow.migrate(node)
        made.append(node)
    pair.introduce(made[0], made[1])
    for node in made:
        pair.enter(seat.take(node.folder, {}), now())
    return made[0], made[1]


@cache
def _instrument(requests: int) -> Sealed:
    from tests.mithaq_node import meadow

    bare = meadow.unsealed()
    law = msgspec.structs.replace(bare.law, limits=msgspec.structs.replace(bare.law.limits, requests=requests))
    sealed = Sealed.open(canonical.encode(law), bare.words_bytes)
    for party in meadow.PARTIES:
        sealed = sealing.seal(sealed, party, *meadow.root(party))
    return sealed


@contextmanager
def open_door(node: Node) -> Iterator[int]:
    """The receiving node's door, served as `mithaq serve` does; yields its session."""
    run, keys = node.folder / "run", node.keys
    run.mkdir(exist_ok=True)
    opened = tls.opened(keys, custody.TLS_KEY, custody.tls_password(keys))
    cards = [json.loads(path.read_bytes())["certificate"] for path in node.cards.glob("*.json")]
    (run / "peers.pem").write_text("".join(cards), encoding="ascii")
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "1"),
        *("--host", node.peer_host, "--port", str(node.peer_port), "--log-level", "warning", "--no-ws"),
        *("--ssl-certificate", str(keys / "tls.crt"), "--ssl-keyfile", str(opened)),
        *("--ssl-ca", str(run / "peers.pem"), "--ssl-client-verify", "mithaq_node.peer.wsgi:application"),
    ]
    process = subprocess.Popen(command, env={**os.environ, "MITHAQ_DATA": str(node.folder)}, start_new_session=True)
    try:
        _wait_for(node.peer_port, process)
        yield process.pid
    finally:
        process.terminate()
        process.wait(10)
        tls.close(opened)


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("the door did not open")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def databases(engine: str) -> Iterator[tuple[str, str]]:
    """What the two nodes have under `database`: a file each, or two databases of a server started for the run."""
    if engine == "sqlite":
        yield "sqlite", "sqlite"
        return
    from tests import postgresql

    with postgresql.running() as server:
        yield server.url(server.create()), server.url(server.create())


def cpu_seconds(session: int | None) -> float:
    """CPU seconds spent so far by this process, or by every process of a session (Linux: proc(5), stat)."""
    if session is None:
        return time.process_time()
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[3]) == session:
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def now() -> Moment:
    return Moment(int(time.time()))


def django_ready() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.django_settings")
    import django

    django.setup()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exchange", description=__doc__.split("\n")[0])
    parser.add_argument("--notices", type=int, default=10_000)
    parser.add_argument("--mode", choices=("batch", "each"), default="batch")
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--release", choices=("two", "machine"), help="default: machine in batch mode, two in each")
    parser.add_argument("--folder", help="where to put both nodes; the disk that is measured")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a target is missed")
    wanted = parser.parse_args()
    wanted.release = wanted.release or ("machine" if wanted.mode == "batch" else "two")
    return wanted


if __name__ == "__main__":
    sys.exit(main())
