"""Planned activities of both sides: the calendar, which of them get in each other's way, and what the instrument asks.

What counts here is what was released, by either side, also what the other side has not received yet: whoever plans next
must know of it. The index of plans follows the book: what did not change stays in it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mithaq import moments
from mithaq.activities import shifts, terms
from mithaq.activities.conflicts import Conflict, Plans, period
from mithaq.activities.drawing import Drawing, draw
from mithaq.activities.extents import Ground
from mithaq.activities.plans import FACET, STEPS, Plan, State, placed
from mithaq.activities.terms import Telling, Use
from mithaq.errors import Refusal
from mithaq.instrument.law import Announcing, Kind, Law
from mithaq.instrument.statement import Statement
from mithaq.moments import Interval, Moment
from mithaq.notices import numbers
from mithaq.notices.book import Book, Notice
from mithaq.notices.fields import sites
from mithaq_node.queries import geometry, instrument, ledgers

IN_TIME, IN_AREA = SHIFTS = ("time", "area")
"""The two ways in which an activity can be shifted out of another's, as they stand in addresses."""
_OVERLAP = "overlap"
"""The reason of a change that clears an overlap (the code list `activity-change`)."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """A plan, and another that shares its ground and its time, or may."""

    plan: Plan
    conflict: Conflict


@dataclass(frozen=True)
class Activity:
    """An activity that a side announced, with its notice."""

    plan: Plan
    notice: Notice
    state: State
    ground: Ground

    @property
    def number(self) -> str:
        return self.plan.number

    @property
    def party(self) -> str:
        return self.plan.party

    @property
    def kind(self) -> str:
        return self.notice.kind

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        return self.plan.facts

    @cached_property
    def time(self) -> Interval:
        return period(self.plan)

    @cached_property
    def telling(self) -> Telling:
        """How it stands to the notice periods."""
        return terms.telling(self.kind, self.facts, self.plan.told_at, self.ground)

    @property
    def is_outside(self) -> bool:
        """Whether it lies outside every sector: a slip of the pen, or meant."""
        return sites.lies_outside(self.facts["place"], self.ground.law)

    @property
    def is_received(self) -> bool:
        """Whether every addressee has it."""
        return self.notice.facts is not None

    @property
    def sector(self) -> str:
        return geometry.sector_of(self.facts["place"], self.ground.law)


@dataclass(frozen=True)
class Check:
    """What is to be said of an activity, before its release or after: what it meets, how it could be shifted, and what
    the instrument asks of it."""

    meetings: tuple[Conflict, ...]
    later: shifts.Later | None
    moved: shifts.Moved | None
    telling: Telling
    is_outside: bool
    drawings: Mapping[str, Drawing]
    """The number of a plan that it meets to both, drawn."""
    drawing: Drawing | None
    """The activity alone; None where it has no position."""


@dataclass(frozen=True, slots=True)
class YearsCalendar:
    """What a party said it plans for a year, beside what is announced for it."""

    party: str
    year: int
    stated: int | None
    """None while it has said nothing."""
    number: str
    """The spoken number of the notice that said it."""
    at: str
    announced: int
    due: str
    """The day by which it is to be said; empty where the instrument names none."""

    @property
    def differs(self) -> bool:
        return self.stated is not None and self.stated != self.announced

    @property
    def is_late(self) -> bool:
        """Whether it was said after the day."""
        return bool(self.due and self.at) and self.at[:10] > self.due


@dataclass(frozen=True, slots=True)
class Choice:
    """Which activities are shown; what is empty chooses nothing."""

    party: str = ""
    kind: str = ""
    sector: str = ""
    scale: str = ""
    state: str = ""

    def keeps(self, each: Activity) -> bool:
        return (
            self.party in ("", each.party)
            and self.kind in ("", each.kind)
            and self.scale in ("", each.facts.get("scale"))
            and self.state in ("", each.state)
            and self.sector in ("", each.sector)
        )


class _Diary:
    """The activities of one law's book, by their spoken numbers, and the index of those that stand."""

    def __init__(self, law: Law) -> None:
        self.law = law
        self.plans = Plans(Ground(law))
        self.book: Book | None = None
        self.activities: dict[str, Activity] = {}
        self._standing: dict[str, Plan] = {}
        self._facets = {kind.name: facet for kind in law.kinds for facet in (*STEPS, FACET) if facet in kind.facets}
        """The kinds that announce an activity or go on with one, and by which facet."""

    def follow(self, book: Book) -> "_Diary":
        """Take over what has changed in the book."""
        if self.book is book:
            return self
        told = [each for each in book.of_kinds(self._facets) if each.conforms]
        steps = self._steps_among(told)
        announced = (each for each in told if self._facets[each.kind] == FACET)
        fresh = (self._activity(each, steps.get(each.number, ())) for each in announced)
        self.activities = {each.number: each for each in fresh if each is not None}
        standing = {each.number: each.plan for each in self.activities.values() if each.state is not State.CANCELLED}
        for number in self._standing.keys() - standing.keys():
            self.plans.drop(number)
        for number, plan in standing.items():
            if self._standing.get(number) != plan:
                self.plans.drop(number)
                self.plans.add(plan)
        self._standing, self.book = standing, book
        return self

    def _steps_among(self, told: Iterable[Notice]) -> Mapping[str, tuple[Statement, ...]]:
        """The spoken number of each plan that goes on to what its party has said of it since."""
        found: dict[str, list[Statement]] = {}
        for notice in told:
            facet = self._facets[notice.kind]
            said = _said(notice, facet) if facet != FACET and not notice.withdrawn_by else None
            if said is not None:
                for number in notice.refers:
                    found.setdefault(number, []).append(said)
        return {number: tuple(sorted(each, key=lambda step: step.order)) for number, each in found.items()}

    def _activity(self, notice: Notice, steps: tuple[Statement, ...]) -> Activity | None:
        known = self.activities.get(notice.number)
        if known is not None and known.notice is notice and known.plan.steps == steps:
            return known
        announced = _said(notice, FACET)
        if announced is None:
            return None
        plan = Plan(notice.number, announced, steps)
        return Activity(plan, notice, State.CANCELLED if notice.withdrawn_by else plan.state, self.plans.ground)


def _said(notice: Notice, facet: str) -> Statement | None:
    """What a notice says, also before every addressee has it; None while its facts are not here."""
    facts = notice.facts if notice.facts is not None else notice.stated
    if facts is None:
        return None
    return Statement(notice.party, notice.number, notice.at, notice.order, facts, facet, notice.refers)


_diary: _Diary | None = None


def _follow() -> _Diary:
    global _diary
    law = instrument.law()
    if _diary is None or _diary.law is not law:
        _diary = _Diary(law)
    return _diary.follow(ledgers.book())


def activities(choice: Choice | None = None) -> tuple[Activity, ...]:
    """Every activity of the choice that either side announced, also what is cancelled, the earliest first."""
    found = _follow().activities.values()
    kept = [each for each in found if choice is None or choice.keeps(each)]
    return tuple(sorted(kept, key=lambda each: (each.time.start, each.notice.order)))


def activity(number: str) -> Activity:
    """The activity of a spoken number; refuses one under which none was announced (`activity.no-plan`)."""
    found = _follow().activities.get(number)
    if found is None:
        raise Refusal("activity.no-plan", number=number)
    return found


def of_notice(number: str) -> Activity | None:
    """The activity that a notice announced, changed, began or ended; None where it did neither."""
    diary = _follow()
    if number in diary.activities:
        return diary.activities[number]
    notice = diary.book.notices.get(number) if diary.book else None
    if notice is None or not _is_step(diary.law, notice):
        return None
    return next((diary.activities[each] for each in notice.refers if each in diary.activities), None)


def _is_step(law: Law, notice: Notice) -> bool:
    kind = law.kind(notice.kind)
    return kind is not None and not set(STEPS).isdisjoint(kind.facets)


def conflicts_of(found: Activity) -> tuple[Conflict, ...]:
    """What an activity meets, or may; nothing where it is cancelled or over."""
    if found.state in (State.CANCELLED, State.ENDED):
        return ()
    return _follow().plans.conflicts(found.facts["place"], found.time, found.number)


def meeting_among(told: Iterable[str]) -> frozenset[str]:
    """Those of the notices that announced an activity which meets another one, or may: for lists of what came."""
    diary = _follow()
    found = (diary.activities[number] for number in told if number in diary.activities)
    return frozenset(each.number for each in found if conflicts_of(each))


def check_of(found: Activity, now: Moment) -> Check:
    """What is to be said of an activity that was announced; what is cancelled or over meets nothing."""
    is_over = found.state in (State.CANCELLED, State.ENDED)
    return _check(found.kind, found.facts, found.plan.told_at, now, found.number, is_over)


def proposed(number: str, shift: str, now: Moment) -> Mapping[str, Any]:
    """What a change of the announced activity would say to clear what it meets: `shift` is `time` or `area`. Empty
    where nothing was announced under the number, nothing is met, or no such shift is found."""
    found = _follow().activities.get(number)
    if found is None or shift not in SHIFTS:
        return {}
    made = check_of(found, now)
    if shift == IN_TIME and made.later:
        time = made.later.time
        return {"reason": _OVERLAP, "period": {"from": str(time.start), "until": str(time.end)}}
    return {"reason": _OVERLAP, "place": made.moved.place} if shift == IN_AREA and made.moved else {}


def check(kind: Kind, facts: Mapping[str, Any], now: Moment, refers: Iterable[str] = ()) -> Check | None:
    """What is to be said of a notice before its release; None for one that announces no activity and moves none.

    A change is checked as what the plan would be after it.
    """
    if FACET in kind.facets and {"place", "period"} <= facts.keys():
        return _check(kind.name, facts, str(now), now, "", False)
    diary = _follow()
    changed = next((diary.activities[number] for number in refers if number in diary.activities), None)
    if changed is None or not {"place", "period", "scale"} & facts.keys():
        return None
    after = {**changed.facts, **{name: facts[name] for name in ("place", "period", "scale") if name in facts}}
    return _check(changed.kind, after, str(now), now, changed.number, False)


def _check(kind: str, facts: Mapping[str, Any], told_at: str, now: Moment, but: str, is_over: bool) -> Check:
    diary = _follow()
    plans, ground = diary.plans, diary.plans.ground
    facts = placed(facts)
    place = facts["place"]
    time = moments.interval(facts["period"]["from"], facts["period"]["until"])
    found = () if is_over else plans.conflicts(place, time, but)
    extent = ground.extent(place)
    drawings = {}
    for each in found:
        theirs = ground.extent(each.plan.facts["place"])
        if extent is not None and theirs is not None:
            drawings[each.plan.number] = draw(ground, (extent, theirs), each.rings)
    earliest = terms.earliest_start(kind, facts, now, ground)
    return Check(
        meetings=found,
        later=shifts.in_time(plans, place, time, earliest, but) if found else None,
        moved=shifts.in_area(plans, place, time, _is_inside(ground.law), but) if found else None,
        telling=terms.telling(kind, facts, told_at, ground),
        is_outside=sites.lies_outside(place, ground.law),
        drawings=drawings,
        drawing=draw(ground, (extent,)) if extent is not None else None,
    )


def _is_inside(law: Law) -> Any:
    return lambda place: not sites.lies_outside(place, law)


def uses(year: int) -> tuple[Use, ...]:
    """What each party has used of each quota in a Gregorian year."""
    diary = _follow()
    standing = ((each.kind, each.plan) for each in diary.activities.values() if each.state is not State.CANCELLED)
    return terms.uses(standing, diary.law, year)


def calendars(year: int) -> tuple[YearsCalendar, ...]:
    """What each party said it plans for a Gregorian year, the next one, and later ones of which somebody said it;
    parties in the order of the law. Empty where the instrument has no such exchange."""
    diary = _follow()
    announcing = diary.law.announcing
    if announcing is None or not announcing.calendar:
        return ()
    said = _said_of_years(announcing, diary)
    years = sorted({year, year + 1} | {later for _, later in said if later > year})
    return tuple(_years(each, party.code, said, diary) for each in years for party in diary.law.parties)


def _years(year: int, party: str, said: Mapping[tuple[str, int], Statement], diary: _Diary) -> YearsCalendar:
    announced = (each.plan for each in diary.activities.values() if each.state is not State.CANCELLED)
    found = said.get((party, year))
    assert diary.law.announcing is not None
    return YearsCalendar(
        party=party,
        year=year,
        stated=found.facts["planned"] if found else None,
        number=found.number if found else "",
        at=found.at if found else "",
        announced=sum(plan.party == party and terms.year_of(plan, diary.law) == year for plan in announced),
        due=terms.calendar_due(diary.law.announcing, year),
    )


def _said_of_years(announcing: Announcing, diary: _Diary) -> Mapping[tuple[str, int], Statement]:
    """Party and Gregorian year to the last statement of how much it plans then: the year that holds the middle of the
    time stated, in the civil time of the party."""
    assert diary.book is not None
    stated = (each for each in diary.book.of_kinds((announcing.calendar_kind,)) if each.conforms)
    said = (_said(each, "") for each in stated if not each.withdrawn_by)
    found: dict[tuple[str, int], Statement] = {}
    for each in (one for one in said if one is not None):
        party = diary.law.party(each.party)
        if party is not None and {"period", "planned"} <= each.facts.keys():
            time = moments.interval(each.facts["period"]["from"], each.facts["period"]["until"])
            middle = Moment((time.start.seconds + time.end.seconds) // 2)
            found[each.party, int(moments.civil_day(middle, party.utc_offset)[:4])] = each
    return found


def meetings(number: str = "") -> tuple[Meeting, ...]:
    """Every two plans that stand and meet, each pair once; of one plan only where its spoken number is given.

    Refuses a number under which no plan stands (`activity.no-plan`).
    """
    standing = ledgers.book().plans
    plans = Plans.of(standing.values(), instrument.law())
    if number:
        spoken = numbers.spoken(*numbers.parse(number))
        if spoken not in standing:
            raise Refusal("activity.no-plan", number=spoken)
        return tuple(_of(standing[spoken], plans))
    seen = (found for plan in standing.values() for found in _of(plan, plans))
    return tuple(found for found in seen if found.plan.number < found.conflict.plan.number)


def _of(plan: Plan, plans: Plans) -> Iterator[Meeting]:
    for conflict in plans.conflicts(plan.facts["place"], period(plan), but=plan.number):
        yield Meeting(plan, conflict)
