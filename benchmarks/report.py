"""How long the implementation report takes over a long record of an instrument with many commitments.

    python -m benchmarks.report --commitments 600 --notices 100000 [--json] [--strict]

The fictional pair under a law with that many commitments: of ten notices six are assessments of one or the other side,
two tell of progress, one proposes an agreed assessment and one seals it, spread over the commitments; all are signed by
officers, and each side receives what the other has after every thousand. The record is folded from nothing twice:
*judged*, every signature of every officer verified, as the first process of a node does it, and *folded*, with what
that one judged of the leaves at hand, as every later process does. The *report* is everything after it: the figures,
and the paper in Persian as PDF. *Cold* is folding and report together, which is what a command waits for that begins
with nothing, but for the reading of the store (`benchmarks.folds`). Exits 1 with `--strict` when that takes longer than
5 s.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any, TypeVar

import django
import msgspec

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.django_settings")
django.setup()

from mithaq import moments  # noqa: E402
from mithaq.followup import report  # noqa: E402
from mithaq.followup.report import Paper  # noqa: E402
from mithaq.instrument.law import Law  # noqa: E402
from mithaq.notices.envelope import Leaf  # noqa: E402
from mithaq.notices.judged import Known  # noqa: E402
from mithaq.notices.ledger import Ledger  # noqa: E402
from mithaq.notices.scores import SCALE  # noqa: E402
from mithaq_files.instrument import compile_folder  # noqa: E402
from mithaq_node.queries.reports import Drawn  # noqa: E402
from mithaq_node.web.papers import report as papers  # noqa: E402
from mithaq_node.web.reader import Reader  # noqa: E402
from tests.mithaq.notices.border import FOLDER, Border, plain_law  # noqa: E402

GOAL = 5.0
_TEN, _ROUND = 10, 100
_MINUTES = 5
Made = TypeVar("Made")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__.split("\n")[0])
    parser.add_argument("--commitments", type=int, default=600)
    parser.add_argument("--notices", type=int, default=2_000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--strict", action="store_true", help="exit 1 when the goal is missed")
    asked = parser.parse_args()
    found = measure(asked.commitments, asked.notices)
    shown = json.dumps(found) if asked.json else "\n".join(f"{name:<24}{value}" for name, value in found.items())
    print(shown)  # noqa: T201  # what it is for
    return 0 if found["met"] or not asked.strict else 1


def measure(commitments: int, notices: int) -> dict[str, Any]:
    """Write the record, fold it, and make the report."""
    border = Border(law_of(commitments))
    border.exchange()
    took: dict[str, float] = {}
    _timed(took, "written", lambda: write(border, commitments, notices))
    known = _timed(took, "judged", lambda: _judged(border))
    book = _timed(took, "folded", lambda: _fed(border, known).book())
    parties = [party.code for party in border.law.parties]
    made = _timed(took, "figures", lambda: report.report(Paper.IMPLEMENTATION, book, border.law, parties, border.now))
    drawn = Drawn(made, dict(book.cut), ("ML 1-8", "RL 1-8"), _timed(took, "digest", book.digest))
    words = compile_folder(FOLDER).words
    reader = Reader("fa", "solar", border.law, words, border.law.parties[0])
    paper = _timed(took, "pdf", lambda: papers.file(drawn, reader, papers.form_of("pdf")))
    whole = took["figures"] + took["digest"] + took["pdf"]
    cold = took["folded"] + whole
    return {
        "commitments": commitments,
        "notices": len(book.notices),
        "sealed": sum(each.is_agreed for each in book.joint.values()),
        **{f"{name} s": round(seconds, 2) for name, seconds in took.items()},
        "report s": round(whole, 2),
        "cold s": round(cold, 2),
        "goal s": GOAL,
        "met": cold <= GOAL,
        "bytes of pdf": len(paper),
    }


def _judged(border: Border) -> Known:
    """What the first fold of the record finds of its leaves; nothing else of it is kept."""
    ledger = _fed(border, {})
    ledger.book()
    return ledger.judged()


def _fed(border: Border, known: Known) -> Ledger:
    """A ledger that has taken the whole record, as a node feeds it."""
    ledger = Ledger(border.law)
    for side in border.sides.values():
        ledger.add_all(side.origin, 0, side.leaves, known.get(side.origin))
        for index in ledger.with_facts(side.origin, 0):
            ledger.add_facts(side.origin, index, side.parts[index][0].body)
    return ledger


def law_of(commitments: int) -> Law:
    """The fictional law with so many commitments, every third of them with a day due."""
    plain = plain_law()
    first = plain.commitments[0]
    made = [
        msgspec.structs.replace(first, id=f"c{number}", due="" if number % 3 else "2033-05-01")
        for number in range(commitments)
    ]
    return msgspec.structs.replace(plain, commitments=made)


def write(border: Border, commitments: int, notices: int) -> None:
    """Write so many notices, in rounds that both sides receive before the proposals of each are sealed."""
    for start in range(0, notices // _TEN, _ROUND):
        numbers = range(start, min(start + _ROUND, notices // _TEN))
        proposals = [_said(border, f"c{number % commitments}", number) for number in numbers]
        border.exchange()
        for each in proposals:
            border.pair[1].assent(each)
        border.exchange()


def _said(border: Border, about: str, number: int) -> Leaf:
    """Nine notices about a commitment; the last, a proposal of an agreed assessment, is given."""
    sides = border.pair
    for place in range(6):
        content = {"commitment": about, "score": SCALE[(number + place) % len(SCALE)]}
        sides[place % 2].notice("commitment.assessment", content)
        border.now = moments.format(moments.add_minutes(moments.parse(border.now), _MINUTES))
    for side in sides:
        side.notice("commitment.progress", {"commitment": about, "step": "reached", "evidence": ["site-visit"]})
    return sides[0].notice("commitment.agreed", {"commitment": about, "score": SCALE[number % len(SCALE)]})


def _timed(took: dict[str, float], name: str, make: Callable[[], Made]) -> Made:
    began = time.perf_counter()
    made = make()
    took[name] = time.perf_counter() - began
    return made


if __name__ == "__main__":
    sys.exit(main())
