"""How long `mithaq report implementation` takes over a long record of an instrument with many commitments.

    python -m benchmarks.report --commitments 600 --notices 100000 [--json] [--strict]

Two nodes of the fictional pair under a law with that many commitments: of ten notices six are assessments of one or the
other side, two tell of progress, one proposes an agreed assessment and one seals it, spread over the commitments; all
are signed by two officers, delivered and received as always, two thousand at a time. Then the command itself is called,
once after another, from the start of Python to the Persian PDF in its place: *first*, which verifies every signature,
as the first process of a node does, and *cold*, the middle one of three that find what the first kept beside the
record, as every later process does. What counts is the processor's time, user and system, because a shared machine
stretches the clock. Python finds its modules compiled, as pip leaves them. Exits 1 with `--strict` when the cold one
takes more than 5 s of the processor.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django
import msgspec

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.django_settings")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
django.setup()

from mithaq import canonical, moments  # noqa: E402
from mithaq.instrument import sealing  # noqa: E402
from mithaq.instrument.sealing import Sealed  # noqa: E402
from mithaq.notices import drafting, envelope  # noqa: E402
from mithaq.notices.envelope import Reference  # noqa: E402
from mithaq.notices.scores import SCALE  # noqa: E402
from mithaq_node.services.holdings import Holdings  # noqa: E402
from tests.mithaq.notices.border import plain_law  # noqa: E402
from tests.mithaq_node import meadow, pair  # noqa: E402
from tests.mithaq_node.pair import Pair, Row  # noqa: E402

GOAL = 5.0
_TEN, _ROUND = 10, 200
_MINUTES = 5
_COLD = 3
COMMAND = "import sys; from mithaq_cli.main import app; sys.exit(app())"
"""What the installed program `mithaq` does."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__.split("\n")[0])
    parser.add_argument("--commitments", type=int, default=600)
    parser.add_argument("--notices", type=int, default=2_000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--strict", action="store_true", help="exit 1 when the goal is missed")
    parser.add_argument("--keep", type=Path, help="the folder in which the record is written, and stays")
    asked = parser.parse_args()
    if asked.keep:
        found = measure(asked.keep, asked.commitments, asked.notices)
    else:
        with tempfile.TemporaryDirectory(prefix="mithaq-report-") as folder:
            found = measure(Path(folder), asked.commitments, asked.notices)
    shown = json.dumps(found) if asked.json else "\n".join(f"{name:<24}{value}" for name, value in found.items())
    print(shown)  # noqa: T201  # what it is for
    return 0 if found["met"] or not asked.strict else 1


def measure(folder: Path, commitments: int, notices: int) -> dict[str, Any]:
    """Write the record, and call the command over it."""
    with closing(Pair(folder, instrument=instrument(commitments))) as both:
        both.settle()
        write(both, commitments, notices)
    node = both.nodes[0].folder
    first, *cold = [called(node) for _ in range(1 + _COLD)]
    if any((each.digest, each.paper) != (first.digest, first.paper) for each in cold):
        sys.exit("what was kept changed the paper")
    middle = statistics.median(each.processor for each in cold)
    return {
        "commitments": commitments,
        "notices": notices // _TEN * _TEN,
        "first, processor, s": first.processor,
        "cold, processor, s": middle,
        "cold, by the clock, s": statistics.median(each.clock for each in cold),
        "cold, MiB": max(each.mebibytes for each in cold),
        "goal, s": GOAL,
        "met": middle <= GOAL,
        "digest": first.digest,
        "bytes of pdf": len(first.paper),
    }


@dataclass(frozen=True, slots=True)
class Called:
    """One call of the command: the paper, and what it took."""

    digest: str
    paper: bytes
    processor: float
    """Seconds, user and system."""
    clock: float
    mebibytes: int
    """The most memory that any call so far has held."""


def called(node: Path, *options: str) -> Called:
    """Call the command in a process of its own over the node in a folder."""
    out, modules = node.parent / "report.pdf", node.parent / "modules"
    call = ["report", "implementation", "--instrument", meadow.NAME, "--data", str(node), "--language", "fa"]
    call += ["--out", str(out), "--json", *options]
    env = {**os.environ, "PYTHONPYCACHEPREFIX": str(modules), "PYTHONDONTWRITEBYTECODE": ""}
    del env["DJANGO_SETTINGS_MODULE"]
    before, began = _spent(), time.perf_counter()
    done = subprocess.run([sys.executable, "-c", COMMAND, *call], env=env, stdout=subprocess.PIPE, check=True)
    clock, spent = time.perf_counter() - began, _spent() - before
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return Called(json.loads(done.stdout)["digest"], out.read_bytes(), round(spent, 2), round(clock, 2), most)


def _spent() -> float:
    """Processor seconds of the processes that this one has waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def instrument(commitments: int) -> Sealed:
    """The fictional law with every kind and so many commitments, every third of them with a day due."""
    plain, held = plain_law(), meadow.unsealed()
    made = [
        msgspec.structs.replace(plain.commitments[0], id=f"c{number}", due="" if number % 3 else "2033-05-01")
        for number in range(commitments)
    ]
    law = msgspec.structs.replace(plain, parties=held.law.parties, commitments=made)
    sealed = Sealed.open(canonical.encode(law), held.words_bytes)
    for party in meadow.PARTIES:
        sealed = sealing.seal(sealed, party, *meadow.root(party))
    return sealed


def write(both: Pair, commitments: int, notices: int) -> None:
    """Write so many notices, in rounds that both sides receive before the proposals of each are sealed."""
    sides = (both.ml, both.rl)
    for start in range(0, notices // _TEN, _ROUND):
        rows: tuple[list[Row], list[Row]] = ([], [])
        proposals = []
        for number in range(start, min(start + _ROUND, notices // _TEN)):
            both.now = moments.add_minutes(both.now, _MINUTES)
            said = _said(both, f"c{number % commitments}", number)
            proposals.append(said[-1])
            for place, row in enumerate(said):
                rows[place % 2].append(row)
        for side, written in zip(sides, rows, strict=True):
            pair.release(side, written)
        both.settle()
        pair.release(both.rl, [_seal(both, each, start + place) for place, each in enumerate(proposals)])
        both.settle()


def _said(both: Pair, about: str, number: int) -> list[Row]:
    """Nine notices about a commitment, by turns of one and the other; the last proposes an agreed assessment."""
    rows = []
    for place in range(6):
        scored = {"commitment": about, "score": SCALE[(number + place) % len(SCALE)]}
        rows.append(_row(both, number, place, "commitment.assessment", scored))
    for place in (6, 7):
        content: dict[str, Any] = {"commitment": about, "step": "reached", "evidence": ["site-visit"]}
        rows.append(_row(both, number, place, "commitment.progress", content))
    agreed = {"commitment": about, "score": SCALE[number % len(SCALE)]}
    return [*rows, _row(both, number, 8, "commitment.agreed", agreed)]


def _row(both: Pair, number: int, place: int, kind: str, content: dict[str, Any]) -> Row:
    side: Holdings = (both.ml, both.rl)[place % 2]
    return pair.notice(side.seat, number * _TEN + place, both.now, content, name=kind)


def _seal(both: Pair, proposal: Row, number: int) -> Row:
    """The other side's seal under a proposal: it repeats the parts, and two officers sign it."""
    leaf, parts = proposal
    proposed, taken, at = envelope.parse(leaf).header, both.rl.seat, str(both.now)
    kind = taken.law.kind("joint.seal")
    assert kind is not None
    header = drafting.header_for(
        taken.law,
        kind,
        parts,
        law_digest=taken.law_digest,
        log=taken.origin,
        id=pair.identity(taken.party, number * _TEN + 9),
        at=at,
        precedence=proposed.precedence,
        re=[Reference(log=proposed.log, id=proposed.id)],
    )
    names = [f"{taken.origin.split('/')[0]}/officer/{each}" for each in (1, 2)]
    filed = drafting.sign_filing(header, at, names[0], pair.officer_key(taken.party, 1))
    return drafting.sign_release(filed, at, names[1], pair.officer_key(taken.party, 2)), parts


if __name__ == "__main__":
    sys.exit(main())
