"""How fast a store is derived again, stage by stage, beside the same hashing and verifying with nothing around it.

    python -m benchmarks.fsck --entries 1000000 [--signed 0.1] [--state] [--json]

A node's own log of that many entries is written first (not counted): counts of machine feeds, and in every tenth place
(`--signed`) an incident released by two officers, all with their facts. Then `mithaq fsck` runs over it; and in the
same run *raw hashing*: the same leaves read again from the same rows into an RFC 6962 root, with nothing compared; the
same without the reading; and *raw verification*: PyNaCl alone over the same kind of signatures. The state is folded
only with `--state`, since all of it stands in memory then. Raw hashing is done before and after, and the ratio uses the
mean: the machine may be shared, and whoever reads a file first reads it from the disk. fsck runs as the command does,
in a process of its own, whose peak is told.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import django
from nacl.bindings import crypto_sign_open

from mithaq.moments import Moment
from mithaq.notices import envelope
from mithaq.notices.envelope import filing_text
from mithaq.record import note
from mithaq.record.merkle import Frontier
from mithaq_node.services import seat
from mithaq_node.services.holdings import Holdings
from mithaq_node.store import log as record
from mithaq_node.store.retracing import PAGE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.django_settings")
django.setup()

from tests.mithaq_node import pair  # noqa: E402  # it makes tables, which Django must be ready for

TREE_GOAL = 2.0
_BATCH = 5_000
_PATTERNS = 997
"""Different counts that are compiled; every entry has an identity of its own all the same."""
_RAW_SIGNATURES = 20_000


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--signed", type=float, default=0.1)
    parser.add_argument("--state", action="store_true")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="mithaq-fsck-"))
    try:
        found = measure(folder, asked.entries, asked.signed, asked.state)
    finally:
        shutil.rmtree(folder)
    print(json.dumps(found) if asked.json else "\n".join(lines(found)))  # noqa: T201  # what it is for
    return 0 if found["sound"] else 1


def measure(folder: Path, entries: int, signed: float, state: bool) -> dict[str, Any]:
    """Write a log of `entries`, derive it again, and do the raw work beside it."""
    nodes = [pair.found(folder / party, party, port) for party, port in (("ML", 9000), ("RL", 9001))]
    pair.introduce(nodes[0], nodes[1])
    taken = seat.take(nodes[0].folder, {})
    pair.enter(taken)
    holdings = Holdings(taken)
    began = time.perf_counter()
    write(holdings, entries, signed)
    written = time.perf_counter() - began
    first = raw_hashing(holdings)
    report = _fsck(nodes[0].folder, state)
    last = raw_hashing(holdings)
    raw = {name: round((first[name] + last[name]) / 2, 3) for name in last}
    stages = {stage["stage"]: stage["seconds"] for stage in report["stages"]}
    return {
        "entries": holdings.own().size,
        "written_seconds": round(written, 1),
        "sound": report["verdict"] == "SOUND",
        "stages": stages,
        "counted": {stage["stage"]: stage["counted"] for stage in report["stages"]},
        "raw": {**raw, **raw_verification(holdings, entries, signed)},
        "raw_before_and_after": [first["hashing_seconds"], last["hashing_seconds"]],
        "tree_ratio": round(stages["trees"] / raw["hashing_seconds"], 2),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, 1),
    }


def _fsck(folder: Path, state: bool) -> dict[str, Any]:
    """What `mithaq fsck` says, in a process of its own."""
    command = [sys.executable, "-m", "mithaq_cli", "fsck", "--json", "--state" if state else "--no-state"]
    done = subprocess.run([*command, "--data", str(folder)], capture_output=True, text=True, check=False)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def write(holdings: Holdings, entries: int, signed: float, now: Moment = pair.NOW) -> None:
    """Append `entries` notices of the moment `now`, machine feeds and officers' mixed."""
    every = round(1 / signed) if signed else entries + 1
    patterns = [pair.feed(holdings.seat, number, now) for number in range(_PATTERNS)]
    for start in range(0, entries, _BATCH):
        rows = [
            pair.notice(holdings.seat, number, now)
            if number % every == 0
            else _numbered(patterns[number % _PATTERNS], number)
            for number in range(start, min(start + _BATCH, entries))
        ]
        pair.release(holdings, rows)
    holdings.secure()


def raw_hashing(holdings: Holdings) -> dict[str, float]:
    """The same leaves into one root, read again from their rows; and how much of that is hashing alone."""
    own, frontier, alone, read = holdings.own(), Frontier(), 0.0, time.perf_counter()
    for start in range(0, own.size, PAGE):
        leaves = record.read_entries(holdings.conn, holdings.engine, own, start, min(start + PAGE, own.size))
        began = time.perf_counter()
        frontier = frontier.extend([sha256(b"\0" + leaf).digest() for leaf in leaves])
        alone += time.perf_counter() - began
    spent = time.perf_counter() - read
    assert frontier.root() == own.frontier.root()
    return {"hashing_seconds": round(spent, 3), "hashing_alone_seconds": round(alone, 3)}


def raw_verification(holdings: Holdings, entries: int, signed: float) -> dict[str, float]:
    """PyNaCl alone over some of the same signatures, reckoned up to all of them; seconds of processor."""
    made = list(_signatures(holdings))
    began = time.process_time()
    for public, blob, text in made:
        crypto_sign_open(blob + text, public)
    each = (time.process_time() - began) / max(len(made), 1)
    total = 2 * len(range(0, entries, round(1 / signed))) if signed else 0
    return {
        "signatures": total,
        "verification_seconds": round(each * total, 3),
        "verification_microseconds": round(each * 1e6, 1),
    }


def _signatures(holdings: Holdings) -> Iterator[tuple[bytes, bytes, bytes]]:
    own, found = holdings.own(), 0
    ring = holdings.ring(own)
    for start in range(0, own.size, PAGE):
        for encoded in record.read_entries(holdings.conn, holdings.engine, own, start, min(start + PAGE, own.size)):
            leaf = envelope.parse(encoded)
            filed = leaf.header.filed
            if filed is None or found >= _RAW_SIGNATURES:
                continue
            first = note.Signature.from_base64(filed.by, filed.sig)
            for line, text in ((first, filing_text(leaf.header)), (leaf.signatures[0], leaf.text)):
                verifier = ring.verifier(line.name, own.size)
                assert verifier is not None
                found += 1
                yield verifier.public, line.blob, text


def _numbered(row: pair.Row, number: int) -> pair.Row:
    """The same count under an identity of its own."""
    leaf, parts = row
    at = leaf.index(b'"id":"') + 6
    return leaf[:at] + b"%032x" % number + leaf[at + 32 :], parts


def lines(found: dict[str, Any]) -> Iterator[str]:
    """The figures to be read."""
    yield f"{found['entries']:,} entries, {'sound' if found['sound'] else 'DIFFERENT'}"
    for stage, seconds in found["stages"].items():
        yield f"  {stage:<12}{seconds:>9.2f} s{found['counted'][stage]:>12,}"
    raw = found["raw"]
    alone = raw["hashing_alone_seconds"]
    yield f"  raw hashing of the same rows {raw['hashing_seconds']:.2f} s, without reading them {alone:.2f} s"
    yield f"    trees take {found['tree_ratio']} times raw hashing (goal {TREE_GOAL})"
    yield f"  raw verification of {raw['signatures']:,} signatures {raw['verification_seconds']:.2f} s"
    yield f"    ({raw['verification_microseconds']} us each)"
    yield f"  peak memory {found['peak_mib']} MiB"


if __name__ == "__main__":
    sys.exit(main())
