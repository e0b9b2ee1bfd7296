"""How long the counterpart takes to catch up with a backlog: a line comes back, everything is there already.

    python -m benchmarks.catch_up --notices 10000 [--signed] [--engine sqlite|postgresql] [--json]

The backlog is written first and not counted. Then two real processes, the receiving node's door under its server and
the sending node's loop, TLS with pinned certificates, everything verified and durable at both; from the moment the line
is there until the receipt that covers all of it is stored at the sender. `--signed`: each notice is an incident that
two officers signed; without it, counts of machine feeds, which the checkpoint of the batch covers. Told too is what
a notice takes on the disks of both nodes, as it came and after all full tiles were sealed: files of SQLite, or
databases of PostgreSQL, less what an empty one takes.
"""

import argparse
import json
import shutil
import sys
import tempfile
import threading
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg

from benchmarks import exchange
from mithaq.notices import envelope
from mithaq_node.services import archiving, seat
from mithaq_node.services.holdings import Holdings
from mithaq_node.settings.node import Node
from mithaq_node.store import log as record
from mithaq_node.store import volumes
from mithaq_node.workers.deliver import Delivery


@dataclass(frozen=True)
class CaughtUp:
    """What one backlog took. `cpu_seconds` are those of both nodes."""

    notices: int
    seconds: float
    cpu_seconds: float

    @property
    def rate(self) -> float:
        """Notices a second."""
        return self.notices / self.seconds

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of processor a notice, both nodes."""
        return 1000 * self.cpu_seconds / self.notices


@dataclass(frozen=True)
class Backlog:
    """Two nodes, the first of which has what the second lacks."""

    nodes: tuple[Node, Node]
    notices: int
    entries: int
    empty: int
    """Bytes of both databases before the first notice."""

    def rows(self) -> list[tuple[bytes, bytes]]:
        """Of each notice its leaf and, in one piece, its parts with their salts: the bytes that a rival is given."""
        with closing(holdings_of(self.nodes[0])) as sender:
            own = sender.own()
            start = own.size - self.notices
            leaves = record.read_entries(sender.conn, sender.engine, own, start, own.size)
            parts: dict[int, bytes] = {}
            for each in record.read_parts(sender.conn, sender.engine, own, start, own.size):
                parts[each.index] = parts.get(each.index, b"") + each.part.salt + each.part.body
        return [(leaf, parts.get(start + place, b"")) for place, leaf in enumerate(leaves)]

    def disk(self) -> int:
        """Bytes by which the databases of both nodes have grown."""
        return sum(map(bytes_of, self.nodes)) - self.empty

    def seal(self) -> None:
        """What `mithaq record archive --keep 0 --compact` does, at both nodes."""
        for node in self.nodes:
            with closing(holdings_of(node)) as holdings:
                archiving.archive(holdings.conn, holdings.engine, keep=0, rest=lambda took: None)
                volumes.compact(holdings.conn, holdings.engine)


def bytes_of(node: Node) -> int:
    """Bytes of a node's database, with what is not yet in its file."""
    if node.engine == "sqlite":
        return sum(file.stat().st_size for file in node.folder.glob("node.sqlite3*"))
    with psycopg.connect(node.database) as conn:
        row = conn.execute("SELECT pg_database_size(current_database())").fetchone()
    return int(row[0]) if row else 0


def made(folder: Path, notices: int, signed: bool, databases: tuple[str, str] = ("sqlite", "sqlite")) -> Backlog:
    """Two nodes in `folder`, and the backlog."""
    from benchmarks import fsck

    nodes = exchange.two_nodes(folder, databases)
    empty = sum(map(bytes_of, nodes))
    with closing(holdings_of(nodes[0])) as sender:
        fsck.write(sender, notices, float(signed), exchange.now())
        return Backlog(nodes, notices, sender.own().size, empty)


def caught_up(backlog: Backlog) -> CaughtUp:
    """Let the line come, and time it."""
    sending, receiving = backlog.nodes
    taken = seat.take(sending.folder, {})
    peer, stepped = next(iter(taken.peers.values())), threading.Event()
    with exchange.open_door(receiving) as door, closing(Holdings(taken)) as holdings:
        loop = Delivery(taken, peer, exchange.now, lambda link: stepped.set())
        spent, began = (exchange.cpu_seconds(None), exchange.cpu_seconds(door)), time.perf_counter()
        loop.start()
        try:
            while receipted(holdings) < backlog.entries:
                stepped.wait(0.5)
                stepped.clear()
            seconds = time.perf_counter() - began
            spent = exchange.cpu_seconds(None) - spent[0], exchange.cpu_seconds(door) - spent[1]
        finally:
            loop.stop()
            loop.join(5)
    return CaughtUp(backlog.notices, seconds, sum(spent))


def receipted(holdings: Holdings) -> int:
    """The size of our log that the newest receipt stored here covers."""
    theirs = holdings.theirs(next(iter(holdings.seat.peers.values())))
    for leaf in reversed(record.read_entries(holdings.conn, holdings.engine, theirs, 0, theirs.size)):
        receipt = envelope.parse(leaf).header.receipt
        if receipt is not None:
            return receipt.size
    return 0


def holdings_of(node: Node) -> Holdings:
    """A view of a node's record."""
    return Holdings(seat.take(node.folder, {}))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.catch_up", description=__doc__.split("\n")[0])
    parser.add_argument("--notices", type=int, default=10_000)
    parser.add_argument("--signed", action="store_true", help="each by two officers")
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    exchange.django_ready()
    folder = Path(tempfile.mkdtemp(prefix="mithaq-catch-up-"))
    try:
        with exchange.databases(asked.engine) as databases:
            backlog = made(folder, asked.notices, asked.signed, databases)
            found, grown = caught_up(backlog), backlog.disk() / asked.notices
            backlog.seal()
            sealed = backlog.disk() / asked.notices
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    said = f"{found.notices:,} notices in {found.seconds:.2f} s: {found.rate:,.0f} a second, {found.cpu_ms:.3f} ms each"
    said += f", {grown:,.0f} bytes on both disks, {sealed:,.0f} when sealed"
    document = {**asdict(found), "bytes_each": grown, "sealed_bytes_each": sealed}
    sys.stdout.write((json.dumps(document) if asked.json else said) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
