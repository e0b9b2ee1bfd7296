"""What the watch room sees: incidents, what is owed, the links, and what came last."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.conf import settings

from mithaq import moments
from mithaq.instrument import law
from mithaq.notices.book import Clock, Incident, Ladder, Notice, Review, Waiting
from mithaq.notices.clocks import DayOff, Display, clock_display, days_off, seconds_left, seconds_stood, unknown_after
from mithaq_node.queries import agreement, instrument, ledgers, links
from mithaq_node.queries.register import ANY, ENDED, FINAL, Choice, Item, Keeps

MOST_LINES = 30
"""Incidents on a page of the list."""
MOST_ALONE = 20
MOST_OWED = 8
"""What is owed, of each sort, before the page of compliance has the rest."""


@dataclass(frozen=True, slots=True)
class ClockFace:
    """A clock as it looks at a moment."""

    clock: Clock
    display: Display
    left: int
    """Seconds until it is due, of one that stands those after it goes on; negative when that is past."""
    length: int
    """Seconds from start to due, those in which it stood left out."""

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
        found = self._terms
        return days_off(found[0], self.clock, found[1]) if found else ()

    @property
    def unknown_after(self) -> str | None:
        """The day with which the obliged party's list of holidays ends, where the clock is due after it."""
        found = self._terms
        return unknown_after(found[0], self.clock, found[1]) if found else None

    @property
    def _terms(self) -> tuple[law.Clock, law.Party] | None:
        """The clock's rule and the party that owes it, in the instrument in force."""
        known = instrument.law()
        rule = next((each for each in known.clocks if each.id == self.clock.id), None)
        obliged = known.party(self.clock.party)
        return (rule, obliged) if rule and obliged else None

    @property
    def is_open(self) -> bool:
        return self.display in (Display.RUNNING, Display.MISSED, Display.STANDS)

    @property
    def stands(self) -> bool:
        """Whether its time does not count at the moment, because the instrument is suspended."""
        return self.display is Display.STANDS

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
    Display.STANDS: "idle",
}


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """One incident in the list."""

    incident: Incident
    first: Notice
    latest: Notice
    urgent: str
    """The most urgent precedence of its notices."""
    clock: ClockFace | None
    """The open clock that is due first."""
    ladder: Ladder | None
    """How far the latest notice has come."""

    @property
    def is_open(self) -> bool:
        return self.incident.state not in FINAL


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of the incidents that were chosen, and of the notices that belong to none."""

    choice: Choice
    lines: tuple[IncidentLine, ...]
    total: int
    """How many incidents were chosen, on this page and on others."""
    rest: str
    """The number of the latest notice of the last line, from which the next page goes on; empty on the last one."""
    ended: int
    """How many of what was chosen has ended, where only what is open is shown."""
    alone: tuple[Notice, ...]
    alone_total: int


@dataclass(frozen=True, slots=True)
class Owed:
    """What wants somebody's eye: the beginning of each list, and how many there are beyond."""

    now: str
    clocks: tuple[ClockFace, ...]
    """Clocks that run or were missed, ours first, the one due first in front."""
    reviews: tuple[Review, ...]
    """Notices released by one officer whose review is still open."""
    nonconforming: tuple[Notice, ...]
    waiting: tuple[Waiting, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Linked:
    """How the links stand, and as far as which leaf both sides hold and compute the same."""

    links: tuple[links.LinkState, ...]
    agreements: tuple[agreement.Agreement, ...]
    level: agreement.Level | None


@dataclass(frozen=True, slots=True)
class Watch:
    """The watch room at a moment."""

    listed: Listed
    owed: Owed
    linked: Linked


def everything(number: str) -> bool:
    """A list that leaves nothing out."""
    return True


def watch(now: str, choice: Choice | None = None, after: str = "", keeps: Keeps | None = None) -> Watch:
    """Everything the watch page shows as of `now`: the incidents of `choice` from behind those up to the one whose
    latest notice is `after`; of the notices that `keeps` keeps, where a desk is chosen: an incident is there also
    where only a clock in it is."""
    return Watch(listed(now, choice or Choice(), after, keeps), owed(now, keeps or everything), linked(now))


def listed(now: str, choice: Choice, after: str = "", keeps: Keeps | None = None) -> Listed:
    """A page of the list, the latest first; from the beginning where `after` is no notice."""
    register = ledgers.register()
    last = ledgers.notice(after) if after else None
    found = register.find(choice, MOST_LINES, last.order if last else None, keeps)
    alone = register.alone(choice, MOST_ALONE, keeps)
    return Listed(
        choice=choice,
        lines=tuple(_line(item, now) for item in found.items),
        total=found.total,
        rest=found.items[-1].latest.number if found.more else "",
        ended=register.count(replace(choice, state=ENDED), keeps) if choice.state not in (ENDED, ANY) else 0,
        alone=tuple(item.first for item in alone.items),
        alone_total=alone.total,
    )


def owed(now: str, keeps: Keeps = everything) -> Owed:
    """What is owed as of `now`, by whom, of the notices that `keeps` keeps."""
    book = ledgers.book()
    running = [clock for clock in book.running if keeps(clock.notice)]
    ours = [clock for clock in running if clock.party == settings.NODE.party]
    theirs = [clock for clock in running if clock.party != settings.NODE.party]
    reviews = [review for review in book.reviews.values() if review.done is None and keeps(review.notice)]
    nonconforming = [notice for notice in book.nonconforming.values() if keeps(notice.number)]
    most = MOST_OWED
    beyond = sum(max(len(each) - most, 0) for each in (running, reviews, nonconforming, book.waiting))
    return Owed(
        now=now,
        clocks=faces_of([*ours[:most], *theirs[:most]][:most], now),
        reviews=tuple(sorted(reviews, key=lambda review: review.due)[:most]),
        nonconforming=tuple(nonconforming[-most:]),
        waiting=book.waiting[:most],
        more=beyond,
    )


def linked(now: str) -> Linked:
    """How the links stand as of `now`."""
    return Linked(links.links(now), agreement.agreements(), agreement.level())


def faces_of(clocks: Iterable[Clock], now: str) -> tuple[ClockFace, ...]:
    """The faces of clocks at `now`."""
    return tuple(face_of(clock, now) for clock in clocks)


def face_of(clock: Clock, now: str) -> ClockFace:
    left, started = seconds_left(clock, now), moments.parse(clock.started).seconds
    end, after = (clock.stood[-1][0], clock.left) if clock.has_no_due else (clock.due, 0)
    length = moments.parse(end).seconds - started - seconds_stood(clock, end) + after
    return ClockFace(clock, clock_display(clock, now), left, length)


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


def _line(item: Item, now: str) -> IncidentLine:
    assert item.incident is not None
    faces = faces_of((clock for clock in item.incident.clocks if clock.is_running), now)
    return IncidentLine(
        incident=item.incident,
        first=item.first,
        latest=item.latest,
        urgent=dict(item.facets)["precedence"],
        clock=min(faces, key=lambda face: face.left, default=None),
        ladder=ladder_of(item.latest),
    )
