"""`mithaq analysis match`: two tables of reports in, the pairs that may be of one incident out, with reasons."""

import csv
import gc
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from mithaq.analysis import matching
from mithaq.analysis.matching import rows
from mithaq.errors import Refusal
from mithaq_cli import options
from mithaq_cli.refusing import say, tell

_PLACES = {1: "a position", 2: "near a place", 3: "in a sector"}
_TIMES = {1: "to the hour", 2: "to the part of the day", 3: "to the day", 4: "to the week"}
_CATEGORIES = ("other category", "same area of categories", "near category", "same category")


def match(
    first: Annotated[Path, typer.Argument(metavar="A.csv", help="One party's reports.")],
    second: Annotated[Path, typer.Argument(metavar="B.csv", help="The other party's reports.")],
    out: Annotated[Path, typer.Option("--out", help="Where the pairs are written.")],
    rest: Annotated[bool, typer.Option("--rest", help="Match the other rows where some are refused.")] = False,
    one_to_one: Annotated[
        bool, typer.Option("--one-to-one", help="Leave out reports that a party seems to have written a second time.")
    ] = False,
    json: options.Json = False,
) -> None:
    """Write the pairs of reports that may be of one incident. Nobody's word is changed: people decide."""
    gc.disable()  # millions of small values, none of them in a ring, and the process ends afterwards
    sides = [_read(each) for each in (first, second)]
    refused = [
        (file, line, refusal) for file, side in zip((first, second), sides, strict=True) for line, refusal in side[1]
    ]
    for file, line, refusal in refused:
        typer.echo(f"{file.name}:{line}: ", nl=False, err=True)
        tell(refusal)
    if refused and not rest:
        raise Refusal("match.some-refused", found=len(refused))
    columns = matching.columns_of(sides[0][0], sides[1][0])
    del sides  # which frees half of the memory before the search
    matched = matching.taught(*columns)
    found = [*matched.matches, *([] if one_to_one else matched.again)]
    beside = _beside(matched)
    with out.open("w", encoding="utf-8", newline="") as into:
        writer = csv.writer(into, lineterminator="\n")
        writer.writerow(("a", "b", "posterior", "band", "reasons"))
        for each in found:
            reasons = beside(each) + in_words(each.reasons)
            writer.writerow((each.left, each.right, written(each.posterior), each.band, reasons))
    proposed = sum(each.band is matching.Band.PROPOSE for each in found)
    asked, seconds = len(found) - proposed, len(found) - len(matched.matches)
    values = {"proposed": proposed, "asked": asked, "second": seconds, "refused": len(refused)}
    text = f"{proposed} pairs proposed, {asked} to ask about"
    say(json, values, f"{text}; {seconds} of both with a second report of one party; {len(refused)} rows refused")


def _beside(matched: matching.Matching) -> Callable[[matching.Match], str]:
    """What is said first of a second writing: beside which report of the same party it stands."""
    of_left = {each.left: each.right for each in matched.matches}
    of_right = {each.right: each.left for each in matched.matches}

    def said(pair: matching.Match) -> str:
        partners = of_left.get(pair.left, pair.right), of_right.get(pair.right, pair.left)
        if partners[0] != pair.right:
            return f"{pair.right} as a second report beside {partners[0]}; "
        return f"{pair.left} as a second report beside {partners[1]}; " if partners[1] != pair.left else ""

    return said


def written(posterior: int) -> str:
    """A posterior in millionths, with six digits after the point."""
    return f"{posterior // 1_000_000}.{posterior % 1_000_000:06}"


def in_words(reasons: tuple[matching.Reason, ...]) -> str:
    """Reasons in English, field by field."""
    return "; ".join(_WORDS[each.code](*each.data) for each in reasons)


def _place(metres: int, first: int, second: int) -> str:
    away = (
        "same position" if metres == 0 else f"{metres} m apart" if metres < 1_000 else f"{metres / 1_000:.1f} km apart"
    )
    return f"{away} (stated {_PLACES[first]}, {_PLACES[second]})"


def _time(seconds: int, first: int, second: int) -> str:
    apart = f"{seconds // 60} min apart" if seconds < 7_200 else f"{seconds / 3_600:.1f} h apart"
    return f"{'same time' if seconds == 0 else apart} (stated {_TIMES[first]}, {_TIMES[second]})"


def _category(level: int) -> str:
    return _CATEGORIES[level]


def _severity(first: int, second: int) -> str:
    return f"severity {_stated(first)} and {_stated(second)}"


def _count(first: int, second: int) -> str:
    return f"count {_stated(first)} and {_stated(second)}"


def _stated(value: int) -> str:
    return "not stated" if value == matching.MISSING else str(value)


_WORDS: dict[str, Callable[..., str]] = {
    "place": _place,
    "time": _time,
    "category": _category,
    "severity": _severity,
    "count": _count,
}


def _read(file: Path) -> tuple[list[matching.Report], list[tuple[int, Refusal]]]:
    """The reports of a table, and which line is refused and why; the second of a repeated id is one."""
    taken: dict[str, matching.Report] = {}
    refused: list[tuple[int, Refusal]] = []
    try:
        with file.open(encoding="utf-8-sig", newline="") as table:
            lines = csv.reader(table, strict=True)
            report_of = rows.reader(next(lines, []))
            for cells in lines:
                try:
                    report = report_of(cells)
                    if taken.setdefault(report.id, report) is not report:
                        raise Refusal("match.repeated", id=report.id)
                except Refusal as refusal:
                    refused.append((lines.line_num, refusal))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refusal("match.unreadable", file=file.name) from error
    return list(taken.values()), refused
