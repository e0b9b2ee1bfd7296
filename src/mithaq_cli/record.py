"""`mithaq record compare`: two exports log by log, or two cases; neither a node nor a database is needed."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from mithaq.errors import Refusal
from mithaq.record.reconcile import Fork, Same
from mithaq_files import case, comparing, export
from mithaq_files.comparing import Outcome

SAME, FORKED = 0, 1


def compare(
    ours: Annotated[Path, typer.Argument(metavar="A", help="An export folder, or a case.")],
    theirs: Annotated[Path, typer.Argument(metavar="B", help="Another one.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Compare two exports, or two cases: the same up to where, and from which entry on not.

    Exit status 0: every log that both hold is the same as far as the shorter goes; 1: a log differs; 2: nothing could
    be compared. It does not check signatures; `mithaq verify` does.
    """
    if ours.is_file() or theirs.is_file():
        _compare_cases(ours, theirs, as_json)
    first, second = export.read(ours), export.read(theirs)
    outcomes = dict(comparing.compare(first, second))
    if not outcomes:
        raise Refusal("export.nothing-in-common")
    alone = comparing.only_in_one(first, second)
    same = all(isinstance(outcome, Same) for outcome in outcomes.values())
    if as_json:
        document = {"same": same, "logs": {name: _document(each) for name, each in outcomes.items()}, "alone": alone}
        sys.stdout.write(json.dumps(document) + "\n")
    else:
        sys.stdout.write("\n".join(["SAME" if same else "DIFFERENT", *_lines(outcomes, alone)]) + "\n")
    raise typer.Exit(SAME if same else FORKED)


def _compare_cases(ours: Path, theirs: Path, as_json: bool) -> NoReturn:
    """SAME when nothing contradicts, whatever stands in one of them alone; each difference is named."""
    read = (case.parse(export.read_file(path, case.MOST_BYTES)) for path in (ours, theirs))
    found = comparing.compare_cases(*read)
    same = not found.contradictions
    if as_json:
        document = {"same": same, "contradictions": found.contradictions, "differences": found.differences}
        sys.stdout.write(json.dumps(document) + "\n")
    else:
        lines = ["SAME" if same else "DIFFERENT", *found.contradictions, *(f"  {each}" for each in found.differences)]
        sys.stdout.write("\n".join(lines) + "\n")
    raise typer.Exit(SAME if same else FORKED)


def _document(outcome: Outcome) -> dict[str, Any]:
    match outcome:
        case Same(size, longer):
            return {"same": True, "size": size, "longer": longer}
        case Fork(index, evidence):
            return {"same": False, "entry": index, "evidence": [signed.decode(errors="replace") for signed in evidence]}
    return {"same": False, "origins": list(outcome.origins)}


def _lines(outcomes: dict[str, Outcome], alone: tuple[str, ...]) -> Iterator[str]:
    for name, outcome in outcomes.items():
        match outcome:
            case Same(size, longer):
                yield f"{name}: the same up to {size}" + (f"; one goes on to {longer}" if longer > size else "")
            case Fork(index, _):
                yield f"{name}: differs from entry {index} on"
            case _:
                yield f"{name}: two different logs, {outcome.origins[0]} and {outcome.origins[1]}"
    for name in alone:
        yield f"{name}: only in one of them"
