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
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks import catch_up, exchange
from mithaq_node.services import couriering
from mithaq_node.settings.node import Node

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
    backlog = catch_up.made(folder / "nodes", notices, signed=False)
    nodes, entries = backlog.nodes, backlog.entries
    shutil.copytree(folder / "nodes", folder / "kept")
    line = catch_up.caught_up(backlog)
    online = {"seconds": round(line.seconds, 2), "cpu_seconds": round(line.cpu_seconds, 2)}
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


def _courier(folder: Path, sending: Node, receiving: Node, entries: int) -> dict[str, float]:
    there, back = folder / "there", folder / "back"
    with closing(catch_up.holdings_of(sending)) as sender, closing(catch_up.holdings_of(receiving)) as receiver:
        spent, began = exchange.cpu_seconds(None), time.perf_counter()
        couriering.pack(sender, next(iter(sender.seat.peers.values())), there, exchange.now())
        packed = time.perf_counter()
        couriering.unpack(receiver, there, exchange.now(), back)
        unpacked = time.perf_counter()
        couriering.unpack(sender, back, exchange.now())
        ended = time.perf_counter()
        if catch_up.receipted(sender) < entries:
            raise SystemExit("the courier came back without its receipt")
    return {
        "seconds": round(ended - began, 2),
        "cpu_seconds": round(exchange.cpu_seconds(None) - spent, 2),
        "pack": round(packed - began, 2),
        "unpack": round(unpacked - packed, 2),
        "answer": round(ended - unpacked, 2),
        "mebibytes": round(there.stat().st_size / 2**20, 1),
    }


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
