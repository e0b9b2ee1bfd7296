"""What the machine itself can do, measured beside every figure: durable commits, bulk rows, fence writes.

The table and the row are those of the record (a leaf of 700 bytes and its hash), the settings those of a node.
"""

import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from mithaq.record.checkpoint import Checkpoint
from mithaq_node.store import engine as engines
from mithaq_node.store.engine import SQLITE
from mithaq_node.store.fence import Fence

_LEAF_BYTES = 700
_COMMITS = {1: 200, 100: 60, 1000: 15}


@dataclass(frozen=True)
class Limits:
    """Rows a second at so many rows a commit; milliseconds of one commit and of one fence write (medians)."""

    rows: dict[int, float]
    commit_ms: float
    fence_ms: float


def measure(folder: Path) -> Limits:
    """The limits of the disk that `folder` is on."""
    folder.mkdir(parents=True, exist_ok=True)
    conn = engines.open("sqlite", folder / "raw.sqlite3")
    conn.execute('CREATE TABLE IF NOT EXISTS raw (log_id int8, "index" int8, leaf blob, hash blob)')
    conn.execute('CREATE UNIQUE INDEX IF NOT EXISTS raw_place ON raw (log_id, "index")')
    (start,) = conn.execute("SELECT count(*) FROM raw").fetchone()
    rates, medians = {}, {}
    for rows, commits in _COMMITS.items():
        spent = []
        for _ in range(commits):
            batch = [(1, start + n, bytes(_LEAF_BYTES), bytes(32)) for n in range(rows)]
            began = time.perf_counter()
            with SQLITE.transaction(conn):
                conn.cursor().executemany("INSERT INTO raw VALUES (?, ?, ?, ?)", batch)
            spent.append(time.perf_counter() - began)
            start += rows
        rates[rows], medians[rows] = rows * commits / sum(spent), statistics.median(spent)
    conn.close()
    return Limits(rates, medians[1] * 1000, _fence(folder / "fence") * 1000)


def _fence(folder: Path) -> float:
    fence, spent = Fence(folder), []
    fence.begin("example/fence")
    last = fence.read("example/fence")
    for _ in range(100):
        head = Checkpoint("example/fence", (last.size if last else 0) + 1, bytes(32))
        began = time.perf_counter()
        fence.compare_and_swap(last, head)
        spent.append(time.perf_counter() - began)
        last = head
    return statistics.median(spent)
