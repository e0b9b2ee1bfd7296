"""What others feel while much is on its way: urgent notices during a catch-up, memory, and a flood at the door.

    python -m benchmarks.crowded catch-up --notices 10000 [--json]
    python -m benchmarks.crowded flood [--json]

*catch-up*: a backlog of machine feeds goes over the line as in `benchmarks.catch_up`. Meanwhile the receiving side
releases a notice of the highest precedence every quarter of a second, signed by two officers, and it is timed from its
release until its body can be read at the sending side. The sending side releases one each second too; leaves keep the
order of their log, so such a one stands behind the backlog, and how long that is depends on how long the backlog is.
The most memory of both processes that exchange is told: of the sending one above what it held before.

*flood*: a counterpart sends requests, signed and empty, as fast as it can over one connection, far beyond the number
that the instrument allows in a minute. Told is the processor time of a request at either side, refused ones only.
Beside it the receiving side releases notices into its own log, before and during the flood.
"""

import argparse
import json
import multiprocessing
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import catch_up, exchange, rivals
from mithaq.exchange.session import Link
from mithaq.notices import envelope
from mithaq_node.carrier.line import Line
from mithaq_node.keystore import custody
from mithaq_node.services import calling, seat
from mithaq_node.services.holdings import Holdings
from mithaq_node.services.seat import Counterpart, Seat
from mithaq_node.store import bell
from mithaq_node.store import log as record
from mithaq_node.store.bell import Bell
from mithaq_node.workers.deliver import LOOK, Delivery

PRECEDENCE = "flash"
_OTHER_WAY, _SAME_WAY = 0.25, 1.0
"""Seconds between two urgent notices."""
_POLL = 0.005
_ALLOWED = 60
"""Requests a minute that the instrument of the flooded door allows."""
_FLOODED = 2_000
_FIRST = 5_000_000
"""The number of the first urgent notice, beyond those of the backlog."""


@dataclass(frozen=True)
class Crowded:
    """A catch-up, and what it was to live beside it."""

    notices: int
    seconds: float
    other_way_ms: list[float]
    """Of urgent notices of the receiving side, from release to being readable at the sending one; in order."""
    same_way_ms: list[float]
    """Of urgent notices of the sending side, behind the backlog, until their receipt; in order."""
    released_ms: list[float]
    """Of the receiving side's, the release alone: waiting for its own database, which the backlog fills; in order."""
    sender_mib: float
    """The most memory of the sending process above what it held before."""
    door_mib: float
    """The most memory of the receiving one."""


@dataclass(frozen=True)
class Flood:
    """What a refused request costs either side, in milliseconds of processor; and releasing beside it."""

    refused: int
    sender_ms: float
    receiver_ms: float
    release_before_ms: float
    release_during_ms: float


class _Urgent:
    """Urgent notices of one side, and when the other could read each."""

    def __init__(self, by: Holdings, read: Callable[[int], bool], every: float) -> None:
        self._by, self._read, self._every = by, read, every
        self._waiting: list[tuple[int, float]] = []
        self._due = time.perf_counter()
        self._count = 0
        self.took: list[float] = []
        self.released: list[float] = []

    def look(self, ring: Callable[[], None] = lambda: None) -> None:
        """Release one if it is time, and note those that have arrived."""
        from tests.mithaq_node import pair

        moment = time.perf_counter()
        if moment >= self._due:
            row = pair.notice(self._by.seat, _FIRST + self._count, exchange.now(), precedence=PRECEDENCE)
            index = pair.release(self._by, [row]).first
            self.released.append(1_000 * (time.perf_counter() - moment))
            ring()
            self._waiting.append((index, moment))
            self._count, self._due = self._count + 1, max(self._due + self._every, moment)
        self.note()

    def note(self) -> None:
        """Note those that have arrived."""
        while self._waiting and self._read(self._waiting[0][0]):
            self.took.append(1_000 * (time.perf_counter() - self._waiting.pop(0)[1]))

    @property
    def is_done(self) -> bool:
        return not self._waiting


def catching_up(folder: Path, notices: int) -> Crowded:
    """A catch-up with urgent notices both ways."""
    backlog = catch_up.made(folder, notices, signed=False)
    sending, receiving = (seat.take(node.folder, {}) for node in backlog.nodes)
    peer, stepped = next(iter(sending.peers.values())), threading.Event()
    with (
        exchange.open_door(backlog.nodes[1]) as door,
        exchange.open_door(backlog.nodes[0]),
        _delivering(receiving.folder),
        closing(Holdings(sending)) as here,
        closing(Holdings(receiving)) as there,
    ):
        receipts = _Receipts(here, peer)
        other_way, same_way = (
            _Urgent(there, lambda index: _readable(here, peer, index), _OTHER_WAY),
            _Urgent(here, receipts.covers, _SAME_WAY),
        )
        loop = Delivery(sending, peer, exchange.now, lambda link: stepped.set())
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        held, began = _memory("self", "VmRSS"), time.perf_counter()
        loop.start()
        try:
            while not receipts.covers(backlog.entries - 1):
                other_way.look(lambda: bell.ring(receiving.folder))
                same_way.look(loop.wake)
                time.sleep(_POLL)
            seconds = time.perf_counter() - began
            while not (other_way.is_done and same_way.is_done):
                loop.wake()
                time.sleep(_POLL)
                other_way.note()
                same_way.note()
            peaks = _memory("self", "VmHWM") - held, _peak(door)
        finally:
            loop.stop()
            loop.join(5)
    told = sorted(other_way.took), sorted(same_way.took), sorted(other_way.released)
    return Crowded(notices, seconds, *told, *peaks)


@contextmanager
def _delivering(folder: Path) -> Iterator[None]:
    """The receiving side's own loop, in a process of its own."""
    process = multiprocessing.get_context("spawn").Process(target=deliver, args=(folder,))
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join(5)


def deliver(folder: Path) -> None:
    """Deliver for the node in `folder` until it is ended, woken by the bell."""
    exchange.django_ready()
    taken, heard = seat.take(folder, {}), Bell(folder)
    loop = Delivery(taken, next(iter(taken.peers.values())), exchange.now)
    loop.start()
    while True:
        if heard.wait(LOOK):
            loop.wake()


class _Receipts:
    """What the newest receipt stored at the sending side covers."""

    def __init__(self, holdings: Holdings, peer: Counterpart) -> None:
        self._holdings, self._peer = holdings, peer
        self._seen = self._size = 0
        self._missing: frozenset[int] = frozenset()

    def covers(self, index: int) -> bool:
        """Whether they hold the leaf at `index`, with its parts."""
        theirs = self._holdings.theirs(self._peer)
        leaves = record.read_entries(self._holdings.conn, self._holdings.engine, theirs, self._seen, theirs.size)
        for leaf in leaves:
            receipt = envelope.parse(leaf).header.receipt
            if receipt is not None:
                self._size, self._missing = receipt.size, frozenset(place for place, _ in receipt.missing)
        self._seen += len(leaves)
        return index < self._size and index not in self._missing


def _readable(holdings: Holdings, peer: Counterpart, index: int) -> bool:
    """Whether the facts of a counterpart's leaf are here."""
    theirs = holdings.theirs(peer)
    return index < theirs.size and record.read_part(holdings.conn, holdings.engine, theirs, index, 0) is not None


def flooded(folder: Path, requests: int = _FLOODED) -> Flood:
    """A door that is asked far more often than agreed, so many times at least."""
    nodes = exchange.two_nodes(folder, ("sqlite", "sqlite"), requests=_ALLOWED)
    sending, receiving = (seat.take(node.folder, {}) for node in nodes)
    with (
        exchange.open_door(nodes[1]) as door,
        closing(Holdings(sending)) as here,
        closing(Holdings(receiving)) as there,
    ):
        before, ask = _releases(there, 0, 20), _asking(sending, here)
        while ask() != "request.too-many":
            pass
        stop = threading.Event()
        refused, spent = list[str](), list[float]()

        def flood() -> None:
            start = time.thread_time(), exchange.cpu_seconds(door)
            while not stop.is_set() or len(refused) < requests:
                refused.append(ask())
            spent.extend((time.thread_time() - start[0], exchange.cpu_seconds(door) - start[1]))

        flooding = threading.Thread(target=flood)
        flooding.start()
        during = _releases(there, 100, 100)
        stop.set()
        flooding.join()
    told = [code for code in refused if code == "request.too-many"]
    if len(told) < 0.9 * len(refused):
        raise SystemExit(f"only {len(told)} of {len(refused)} requests were refused")
    ours, theirs = (1_000 * each / len(refused) for each in spent)
    return Flood(len(refused), ours, theirs, before, during)


def _asking(sending: Seat, holdings: Holdings) -> Callable[[], str]:
    """What sends one signed request without a body, and tells the code of its answer."""
    from mithaq.exchange import answer

    peer = next(iter(sending.peers.values()))
    keys = sending.folder / "keys"
    own = keys / custody.TLS_CERTIFICATE, keys / custody.TLS_KEY, custody.tls_password(keys)
    line, log = Line(peer.url, peer.certificate, *own), holdings.own()

    def ask() -> str:
        fields = calling.signed_fields(holdings, peer, b"", Link(), exchange.now().seconds, log)
        _, body = line.post(calling.DELIVER, b"", fields)
        return answer.decode(body, sending.limits).code

    return ask


def _releases(holdings: Holdings, first: int, count: int) -> float:
    """Milliseconds of one release into a side's own log, at the median."""
    from tests.mithaq_node import pair

    took = []
    for number in range(first, first + count):
        row = pair.notice(holdings.seat, number, exchange.now())
        began = time.perf_counter()
        pair.release(holdings, [row])
        took.append(1_000 * (time.perf_counter() - began))
    return rivals.percentile(sorted(took), 0.5)


def _peak(session: int) -> float:
    """MiB that the largest process of a session held at most."""
    found = [0.0]
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[3]) == session:
                found.append(_memory(stat.parent.name, "VmHWM"))
        except (OSError, StopIteration):
            continue  # it has just ended
    return max(found)


def _memory(process: str, name: str) -> float:
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crowded", description=__doc__.split("\n")[0])
    parser.add_argument("part", choices=("catch-up", "flood"))
    parser.add_argument("--notices", type=int, default=10_000)
    parser.add_argument("--requests", type=int, default=_FLOODED)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    exchange.django_ready()
    with tempfile.TemporaryDirectory(prefix="mithaq-crowded-") as folder:
        if asked.part == "flood":
            said = {name: round(value, 3) for name, value in asdict(flooded(Path(folder), asked.requests)).items()}
        else:
            found = catching_up(Path(folder), asked.notices)
            said = {
                "notices": found.notices,
                "seconds": round(found.seconds, 2),
                "MiB of the sending process above before": round(found.sender_mib, 1),
                "MiB of the door": round(found.door_mib, 1),
            }
            for name, took in (
                ("other way", found.other_way_ms),
                ("other way, release alone", found.released_ms),
                ("same way, behind it", found.same_way_ms),
            ):
                said[f"urgent, {name}"] = len(took)
                for share in (0.5, 0.99) if took else ():
                    said[f"urgent, {name}, p{100 * share:.0f}, ms"] = round(rivals.percentile(took, share), 1)
    shown = json.dumps(said) if asked.json else "\n".join(f"{name:<44}{value}" for name, value in said.items())
    sys.stdout.write(shown + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
