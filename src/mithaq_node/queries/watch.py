"""What the watch room sees: incidents, what is owed, the links, and what came last."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice

from django.conf import settings

from mithaq import moments
from mithaq.notices.book import Book, Clock, Incident, Ladder, Notice, Review, Waiting
from mithaq.notices.clocks import DayOff, Display, clock_display, days_off, seconds_left
from mithaq_node.queries import agreement, instrument, ledgers, links

FINAL = frozenset({"closed", "accounts-differ", "withdrawn"})
MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class ClockFace:
    """A clock as it looks at a moment."""

    clock: Clock
    display: Display
    left: int
    """Seconds until it is due; negative when that is past."""
    length: int
    """Seconds from start to due."""

    @property
    def past(self) -> int:
        """Seconds that have passed since the start, at most the whole length."""
        return min(max(self.length - self.left, 0), self.length)

    @property
    def meaning(self) -> str:
        """The class of badge: `kept`, `due`, `late` or `idle`."""
        return _MEANING[self.display]

    @property
    def days_off(self) -> tuple[DayOff, ...]:
        """The days that it did not count, by the obliged party's calendar in the instrument."""
        law = instrument.law()
        rule = next((each for each in law.clocks if each.id == self.clock.id), None)
        obliged = law.party(self.clock.party)
        return days_off(rule, self.clock, obliged) if rule and obliged else ()

    @property
    def is_open(self) -> bool:
        return self.display in (Display.RUNNING, Display.MISSED)

    @property
    def is_ours(self) -> bool:
        """Whether this node's own party owes it."""
        return self.clock.party == str(settings.NODE.party)


_MEANING = {
    Display.RUNNING: "due",
    Display.MET: "kept",
    Display.MET_LATE: "late",
    Display.MISSED: "late",
    Display.DISPUTED: "told",
    Display.VOIDED: "idle",
}


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """One incident in the list."""

    incident: Incident
    first: Notice
    latest: Notice
    clock: ClockFace | None
    """The open clock that is due first."""
    ladder: Ladder | None
    """How far the latest notice has come."""

    @property
    def is_open(self) -> bool:
        return self.incident.state not in FINAL


@dataclass(frozen=True, slots=True)
class Watch:
    """The watch room at a moment."""

    now: str
    open: tuple[IncidentLine, ...]
    ended: tuple[IncidentLine, ...]
    clocks: tuple[ClockFace, ...]
    """Every open clock, ours first, the one due first in front."""
    reviews: tuple[Review, ...]
    """Notices released by one officer whose review is still open."""
    nonconforming: tuple[Notice, ...]
    waiting: tuple[Waiting, ...]
    latest: tuple[Notice, ...]
    links: tuple[links.LinkState, ...]
    agreements: tuple[agreement.Agreement, ...]
    level: agreement.Level | None


Keeps = Callable[[str], bool]
"""Whether a list shows the notice of a number."""


def everything(number: str) -> bool:
    """A list that leaves nothing out."""
    return True


def watch(now: str, keeps: Keeps = everything) -> Watch:
    """Everything the watch page and its fragments show, as of `now`, of the notices that `keeps` keeps: an incident is
    there also where only a clock in it is."""
    book = ledgers.book()
    faces = tuple(face for face in faces_of(book.clocks, now) if face.is_open and keeps(face.clock.notice))
    shown = (each for each in book.incidents.values() if _is_kept(each, keeps))
    lines = sorted((_line(each, now) for each in shown), key=_by_latest, reverse=True)[:MOST_LINES]
    return Watch(
        now=now,
        open=tuple(line for line in lines if line.is_open),
        ended=tuple(line for line in lines if not line.is_open),
        clocks=tuple(sorted(faces, key=lambda face: (not face.is_ours, face.left))),
        reviews=tuple(review for review in book.reviews.values() if review.done is None and keeps(review.notice)),
        nonconforming=tuple(each for each in book.nonconforming.values() if keeps(each.number)),
        waiting=book.waiting,
        latest=_latest(book, keeps),
        links=links.links(now),
        agreements=agreement.agreements(),
        level=agreement.level(),
    )


def faces_of(clocks: Iterable[Clock], now: str) -> tuple[ClockFace, ...]:
    """The faces of clocks at `now`."""
    return tuple(face_of(clock, now) for clock in clocks)


def face_of(clock: Clock, now: str) -> ClockFace:
    length = moments.parse(clock.due).seconds - moments.parse(clock.started).seconds
    return ClockFace(clock, clock_display(clock, now), seconds_left(clock, now), length)


def ladder_of(notice: Notice) -> Ladder | None:
    """The ladder with the addressee that has come least far; with two parties, with the only one."""
    ladders = sorted(notice.ladder.values(), key=_steps)
    return ladders[0] if ladders else None


def silent_since(notice: Notice, now: str, limit: int) -> int:
    """Seconds for which a notice has been without any receipt, once that is longer than `limit` minutes; else 0."""
    ladder = ladder_of(notice)
    if ladder is None or ladder.delivered is not None or not notice.at:
        return 0
    silent = moments.parse(now).seconds - moments.parse(notice.at).seconds
    return silent if silent > limit * 60 else 0


def _steps(ladder: Ladder) -> int:
    return sum(step is not None for step in (ladder.delivered, ladder.readable, ladder.opened, ladder.answered))


def _line(incident: Incident, now: str) -> IncidentLine:
    faces = [face for face in faces_of(incident.clocks, now) if face.is_open]
    latest = incident.notices[-1]
    first = next((each for each in incident.notices if each.number == incident.number), incident.notices[0])
    return IncidentLine(
        incident=incident,
        first=first,
        latest=latest,
        clock=min(faces, key=lambda face: face.left, default=None),
        ladder=ladder_of(latest),
    )


def _by_latest(line: IncidentLine) -> tuple[int, str, int]:
    return line.latest.order


def _is_kept(incident: Incident, keeps: Keeps) -> bool:
    return keeps(incident.number) or any(clock.stopped is None and keeps(clock.notice) for clock in incident.clocks)


def _latest(book: Book, keeps: Keeps) -> tuple[Notice, ...]:
    """What stands outside incidents and came last: statements, counts, plans."""
    inside = {notice.number for incident in book.incidents.values() for notice in incident.notices}
    outside = (each for each in reversed(book.in_order) if each.number not in inside and keeps(each.number))
    return tuple(islice(outside, 20))
