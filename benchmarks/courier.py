"""How long a backlog takes by courier, beside the same backlog over the line.

    python -m benchmarks.courier --notices 100000 [--json]

The same two nodes twice, from the same files. *Online*: the receiving node's door under its server, TLS with pinned
certificates, the sending node's loop; from the moment the line is there to the receipt that covers everything. *By
courier*: pack, unpack, unpack the answer, one after the other, in one process: so long until the same receipt is here.
Carrying is not in it. Exits 1 with `--strict` when the courier takes more than 1.5 times as long.
"""

import argparse
import json
import os
import resource
import shutil
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks import exchange, fsck
from mithaq.notices import envelope
from mithaq_node.services import couriering, seat
from mithaq_node.services.holdings import Holdings
from mithaq_node.settings.node import Node
from mithaq_node.store import log as record
from mithaq_node.workers.deliver import Delivery

GOAL = 1.5


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.courier", description=__doc__.split("\n")[0])
    parser.add_argument("--notices", type=int, default=10_000)
    parser.add_argument("--folder", help="where to put both nodes")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--strict", action="store_true", help="exit 1 when the goal is missed")
    asked = parser.parse_args()
    exchange.django_ready()
    folder = Path(tempfile.mkdtemp(prefix="mithaq-courier-", dir=asked.folder))
    try:
        found = measure(folder, asked.notices)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(found) if asked.json else "\n".join(lines(found)))  # noqa: T201  # what it is for
    return 0 if found["met"] or not asked.strict else 1


def measure(folder: Path, notices: int) -> dict[str, Any]:
    """Write the backlog, then take it both ways, the line first."""
    nodes = exchange.two_nodes(folder / "nodes", ("sqlite", "sqlite"))
    with closing(_holdings(nodes[0])) as sender:
        fsck.write(sender, notices, 0)
        entries = sender.own().size
    shutil.copytree(folder / "nodes", folder / "kept")
    online = _online(*nodes, entries)
    shutil.rmtree(folder / "nodes")
    (folder / "kept").rename(folder / "nodes")
    courier = _courier(folder, *nodes, entries)
    ratio = courier["seconds"] / online["seconds"]
    return {
        "entries": entries,
        "online": online,
        "courier": courier,
        "ratio": round(ratio, 2),
        "cpu_ratio": round(courier["cpu_seconds"] / online["cpu_seconds"], 2),
        "met": ratio <= GOAL,
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "load": os.getloadavg()[0],
        "cores": os.cpu_count(),
    }


def _online(sending: Node, receiving: Node, entries: int) -> dict[str, float]:
    taken = seat.take(sending.folder, {})
    peer, stepped = next(iter(taken.peers.values())), threading.Event()
    with exchange.open_door(receiving) as door, closing(Holdings(taken)) as holdings:
        loop = Delivery(taken, peer, exchange.now, lambda link: stepped.set())
        spent, began = (exchange.cpu_seconds(None), exchange.cpu_seconds(door)), time.perf_counter()
        loop.start()
        try:
            while _receipted(holdings) < entries:
                stepped.wait(0.5)
                stepped.clear()
            seconds = time.perf_counter() - began
            spent = exchange.cpu_seconds(None) - spent[0], exchange.cpu_seconds(door) - spent[1]
        finally:
            loop.stop()
            loop.join(5)
    return {"seconds": round(seconds, 2), "cpu_seconds": round(sum(spent), 2)}


def _courier(folder: Path, sending: Node, receiving: Node, entries: int) -> dict[str, float]:
    there, back = folder / "there", folder / "back"
    with closing(_holdings(sending)) as sender, closing(_holdings(receiving)) as receiver:
        spent, began = exchange.cpu_seconds(None), time.perf_counter()
        couriering.pack(sender, next(iter(sender.seat.peers.values())), there, exchange.now())
        packed = time.perf_counter()
        couriering.unpack(receiver, there, exchange.now(), back)
        unpacked = time.perf_counter()
        couriering.unpack(sender, back, exchange.now())
        ended = time.perf_counter()
        if _receipted(sender) < entries:
            raise SystemExit("the courier came back without its receipt")
    return {
        "seconds": round(ended - began, 2),
        "cpu_seconds": round(exchange.cpu_seconds(None) - spent, 2),
        "pack": round(packed - began, 2),
        "unpack": round(unpacked - packed, 2),
        "answer": round(ended - unpacked, 2),
        "mebibytes": round(there.stat().st_size / 2**20, 1),
    }


def _receipted(holdings: Holdings) -> int:
    """The size of our log that the newest receipt stored here covers."""
    theirs = holdings.theirs(next(iter(holdings.seat.peers.values())))
    for leaf in reversed(record.read_entries(holdings.conn, holdings.engine, theirs, 0, theirs.size)):
        receipt = envelope.parse(leaf).header.receipt
        if receipt is not None:
            return receipt.size
    return 0


def _holdings(node: Node) -> Holdings:
    return Holdings(seat.take(node.folder, {}))


def lines(found: dict[str, Any]) -> list[str]:
    """The figures to be read."""
    online, courier = found["online"], found["courier"]
    return [
        f"{found['entries']:,} entries, on {found['cores']} cores, load {found['load']:.1f}",
        f"  over the line {online['seconds']:>8.2f} s ({online['cpu_seconds']:.2f} s of processor time, two processes)",
        f"  by courier    {courier['seconds']:>8.2f} s ({courier['cpu_seconds']:.2f} s), {courier['mebibytes']} MiB",
        f"    pack {courier['pack']:.2f} s, unpack {courier['unpack']:.2f} s, the answer {courier['answer']:.2f} s",
        f"  {found['ratio']} times the line (goal {GOAL}): {'met' if found['met'] else 'MISSED'}",
        f"  {found['cpu_ratio']} times its processor time",
        f"  peak memory {found['peak_mib']} MiB",
    ]


if __name__ == "__main__":
    sys.exit(main())
