"""How long a process takes until it knows the state, from the record as it lies on the disk.

    python -m benchmarks.folds --notices 100000 [--json] [--strict]

The record is that of `benchmarks.pages`: two nodes of the fictional pair, of ten notices six counts of machine feeds
and four of an incident, signed by officers, delivered and received as always. Then three processes, one after another,
each begin with nothing in memory and ask for the book of one node, as the first page of a web process does: *first*
judges every leaf, *cold* finds what the first one kept of that beside the record, and *damaged* finds a file that is
not of this node and has to judge again. Each says the digest of the state, and all have to say the same. Beside them
stands what no fold can do without: the leaves read from the store and hashed. Exits 1 with `--strict` when the cold one
takes more than 5 s.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

GOAL = 5.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.folds", description=__doc__.split("\n")[0])
    parser.add_argument("--notices", type=int, default=2_000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--strict", action="store_true", help="exit 1 when the goal is missed")
    parser.add_argument("--within", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.within:
        print(json.dumps(fold()))  # noqa: T201  # what the process that started this one reads
        return 0
    with tempfile.TemporaryDirectory(prefix="mithaq-folds-") as folder:
        found = measure(Path(folder), asked.notices)
    shown = json.dumps(found) if asked.json else "\n".join(f"{name:<34}{value}" for name, value in found.items())
    print(shown)  # noqa: T201  # what it is for
    return 0 if found["met"] or not asked.strict else 1


def measure(folder: Path, notices: int) -> dict[str, Any]:
    """Make the record, and fold it in three processes."""
    node = _record(folder, notices)
    kept = node / "judged"
    first = _folded(node)
    cold = _folded(node)
    content = kept.read_bytes() if kept.exists() else b""
    kept.write_bytes(content[:-2] + b"0\n")
    damaged = _folded(node)
    if not first["digest"] == cold["digest"] == damaged["digest"]:
        sys.exit("what was kept changed the state")
    return {
        "notices": cold["notices"],
        "read and hashed alone, s": cold["read"],
        "first, s": first["folded"],
        "first, processor, s": first["processor"],
        "cold, s": cold["folded"],
        "cold, processor, s": cold["processor"],
        "damaged, s": damaged["folded"],
        "digest, s": cold["digested"],
        "KiB a notice": round(cold["held"] / 1024 / max(cold["notices"], 1), 2),
        "bytes kept": len(content),
        "goal, s": GOAL,
        "met": cold["folded"] <= GOAL,
    }


def fold() -> dict[str, Any]:
    """The book of the node that `MITHAQ_DATA` names, and how long it took this process to make it."""
    import django

    django.setup()
    from mithaq.record import merkle
    from mithaq_node.queries import instrument, ledgers, rolls

    law = instrument.law()
    began = time.perf_counter()
    for log in rolls.logs(law):
        merkle.Frontier().extend(merkle.leaf_hash(leaf) for _, leaf in rolls.leaves(log, 0, log.size)).root()
    read = time.perf_counter() - began
    before, began, spent = _held(), time.perf_counter(), time.process_time()
    book = ledgers.book()
    folded, processor = time.perf_counter() - began, time.process_time() - spent
    held, began = _held() - before, time.perf_counter()
    return {
        "digest": book.digest(),
        "digested": round(time.perf_counter() - began, 2),
        "notices": len(book.notices),
        "read": round(read, 2),
        "folded": round(folded, 2),
        "processor": round(processor, 2),
        "held": held,
    }


def _record(folder: Path, notices: int) -> Path:
    """The folder of a node that holds so many notices."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.django_settings")
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    from benchmarks import pages

    both, _ = pages.built(folder, notices)
    both.close()
    return both.nodes[0].folder


def _folded(node: Path) -> dict[str, Any]:
    settings = {"MITHAQ_DATA": str(node), "DJANGO_SETTINGS_MODULE": "mithaq_node.settings.django"}
    command = [sys.executable, "-m", "benchmarks.folds", "--within", str(node)]
    done = subprocess.run(command, env={**os.environ, **settings}, stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _held() -> int:
    """Bytes of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    sys.exit(main())
