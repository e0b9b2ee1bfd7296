"""The next agenda out of what is open: which subject of a meeting each open point belongs to.

An agenda is made of subjects that the law lists; what is open under each is the same for both sides at the same cut, so
that a subject can be proposed by its code alone. A law that does not list a subject is not offered its points.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Final

from mithaq.followup.report import Point, Report

CARRYING_OUT: Final = "carrying-out"
OVERDUE: Final = "decisions-overdue"
INCIDENTS: Final = "incidents-open"
TEXTS: Final = "texts-open"
REQUESTS: Final = "requests-unanswered"

RUNNING: Final = "running"

_SUBJECTS: Final[Mapping[str, str]] = {
    "commitment": CARRYING_OUT,
    "text": TEXTS,
    "proposal": TEXTS,
    "incident": INCIDENTS,
    "clock": REQUESTS,
}


def offered(found: Report, listed: Collection[str]) -> Mapping[str, tuple[Point, ...]]:
    """Subject to what is open under it, in the order of `listed`, the subjects of the law. `found` is an agenda.

    Beside the points of the agenda, whose time is over or whose sides differ, stand the clocks that still run.
    """
    matters = {each.number: each.matter for each in found.measures or ()}
    points: dict[str, list[Point]] = {}
    for point in (*(found.agenda or ()), *_running(found)):
        points.setdefault(_subject(point, matters), []).append(point)
    return {subject: tuple(points[subject]) for subject in listed if subject in points}


def pressing(found: Mapping[str, tuple[Point, ...]], limit: int) -> list[str]:
    """The subjects to propose, at most `limit`: those under which more is open than clocks that still run."""
    pressed = (subject for subject, points in found.items() if any(point.reasons != (RUNNING,) for point in points))
    return sorted(list(pressed)[:limit])


def _subject(point: Point, matters: Mapping[str, str]) -> str:
    if point.about == "decision":
        return OVERDUE if "overdue" in point.reasons else matters[point.name]
    return _SUBJECTS[point.about]


def _running(found: Report) -> list[Point]:
    clocks = found.open.clocks if found.open else ()
    counted = Counter((each.id, each.party) for each in clocks if each.state == RUNNING)
    return [Point("clock", id, party, (RUNNING,), count) for (id, party), count in sorted(counted.items())]
