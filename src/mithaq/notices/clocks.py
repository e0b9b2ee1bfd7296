"""How a clock looks at a moment, and when it is due. State says started, due and stopped; "now" is display only.

Answer clocks start at the instant in the obliged party's receipt leaf and stop at the header `at` of its answer, so one
clock measures both ends. The asker's receipt bounds the answer: when it lies further from `at` than the instrument's
skew and the due instant lies between the two, the clock shows both and no verdict.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from mithaq import moments
from mithaq.instrument.law import Clock as ClockRule
from mithaq.instrument.law import Party, Text
from mithaq.notices.book import UNKNOWN, Clock, Stood

NONCONFORMANCE = "nonconformance"
RECEIPT = "receipt"
STATED = "stated:"
BEFORE = "before:"
ADDRESSEE = "addressee"
SENDER = "sender"
CONTINUOUS = "continuous"


class Display(StrEnum):
    """What a desk shows for a clock at a moment."""

    RUNNING = "running"
    MET = "met"
    MET_LATE = "met-late"
    MISSED = "missed"
    DISPUTED = "time-disputed"
    VOIDED = "voided"
    STANDS = "stands"
    """The instrument is suspended, and the present does not count."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a clock is due, what of its time did not count, and what is left of it where nobody knows yet."""

    due: str
    stood: tuple[Stood, ...] = ()
    left: int = 0
    """Seconds, of working time where that counts; 0 unless `due` is `UNKNOWN`."""


@dataclass(frozen=True, slots=True)
class DayOff:
    """A day that a clock in working time passed over."""

    day: str
    holiday: bool
    """Whether it stands among the holidays of the party; otherwise it is a day of its weekend."""
    name: Text | None = None
    """What the holiday is called in the party's annex."""


def clock_display(clock: Clock, now: str) -> Display:
    """How the clock looks at `now` (canonical moment)."""
    if clock.voided:
        return Display.VOIDED
    if clock.disputed:
        return Display.DISPUTED
    if clock.stopped is not None:
        return Display.MET if clock.stopped <= clock.due else Display.MET_LATE
    if stands(clock, now):
        return Display.STANDS
    return Display.RUNNING if now <= clock.due else Display.MISSED


def stands(clock: Clock, now: str) -> bool:
    """Whether somebody owes the clock at `now`, and that time does not count."""
    return clock.is_running and any(begin <= now and (not end or now < end) for begin, end in clock.stood)


def seconds_stood(clock: Clock, now: str) -> int:
    """Seconds that did not count for the clock, up to `now` or to its answer."""
    last = now if clock.stopped is None else min(now, clock.stopped)
    spans = [(begin, min(end or last, last)) for begin, end in clock.stood if begin < last]
    return sum(moments.parse(end).seconds - moments.parse(begin).seconds for begin, end in spans)


def seconds_left(clock: Clock, now: str) -> int:
    """Seconds from `now` until the clock is due; negative when that is past. Of one that stands, those after it goes
    on; of one that is due at no known moment, those until it stands, and those after it goes on."""
    if clock.has_no_due:
        begin, _ = clock.stood[-1]
        if begin <= now:
            return clock.left
        until = moments.parse(begin).seconds - moments.parse(now).seconds
        return clock.left + until - (seconds_stood(clock, begin) - seconds_stood(clock, now))
    if stands(clock, now):
        now = next(end for begin, end in clock.stood if begin <= now < end)
    return moments.parse(clock.due).seconds - moments.parse(now).seconds


def due(rule: ClockRule, started: str, obliged: Party) -> str:
    """When a clock that started at `started` is due, in continuous time or in the obliged party's working time.

    Of a clock that runs out before a stated instant, `started` is that instant, and its minutes count back from there
    in continuous time. One that no moment can be written for is due at the first or the last that can: whoever writes
    such an instant stops nobody from folding.
    """
    start = moments.parse(started)
    if rule.start.startswith(BEFORE):
        return moments.format(moments.nearest(start.seconds - rule.minutes * moments.MINUTE))
    if rule.calendar == CONTINUOUS:
        return moments.format(moments.nearest(start.seconds + rule.minutes * moments.MINUTE))
    return moments.format(moments.add_working_minutes(start, rule.minutes, _working_time(obliged)))


def deadline(rule: ClockRule, started: str, obliged: Party, still: Sequence[Stood] = ()) -> Deadline:
    """When a clock that started at `started` is due, where none of the times in `still`, in order and apart, counts.

    A due that is past when one begins stays as it is. A clock that runs out before a stated instant has no length of
    time that could stand.
    """
    if not still or rule.start.startswith(BEFORE):
        return Deadline(due(rule, started, obliged))
    reach, passed = _counting(rule, obliged)
    at, left = moments.parse(started).seconds, rule.minutes * moments.MINUTE
    stood: list[Stood] = []
    for begin, end in still:
        first = moments.parse(begin).seconds
        if end and moments.parse(end).seconds <= at:
            continue
        if reach(at, left) <= first:
            break
        if at < first:
            at, left = first, left - passed(at, first)
        stood.append((moments.format(moments.Moment(at)), end))
        if not end:
            return Deadline(UNKNOWN, tuple(stood), left)
        at = moments.parse(end).seconds
    return Deadline(moments.format(moments.nearest(reach(at, left))), tuple(stood))


_Reach = Callable[[int, int], int]


def _counting(rule: ClockRule, obliged: Party) -> tuple[_Reach, _Reach]:
    """The instant by which so many seconds that count have passed, and how many have between two instants."""
    if rule.calendar == CONTINUOUS:
        return (lambda at, left: at + left), (lambda at, end: end - at)
    working = _working_time(obliged)
    return (
        lambda at, left: moments.add_working_seconds(moments.Moment(at), left, working).seconds,
        lambda at, end: moments.working_seconds_between(moments.Moment(at), moments.Moment(end), working),
    )


def days_off(rule: ClockRule, clock: Clock, obliged: Party) -> tuple[DayOff, ...]:
    """The civil days of the obliged party between start and due that the clock did not count; none in continuous
    time, and none while nobody knows when it is due."""
    if rule.calendar == CONTINUOUS or clock.due == UNKNOWN:
        return ()
    working = _working_time(obliged)
    first = moments.parse_day(moments.civil_day(moments.parse(clock.started), obliged.utc_offset))
    last = moments.parse_day(moments.civil_day(moments.parse(clock.due), obliged.utc_offset))
    days = (date.fromordinal(day) for day in range(first.toordinal(), last.toordinal() + 1))
    names = {each.day: each.name for each in obliged.annex.holidays} if obliged.annex else {}
    off = (day.isoformat() for day in days if not working.works_on(day))
    return tuple(DayOff(day, day in working.holidays, names.get(day)) for day in off)


def unknown_after(rule: ClockRule, clock: Clock, obliged: Party) -> str | None:
    """The last day that the obliged party's list of holidays speaks of, where the clock is due later: a holiday after
    it would be in no list. None where the list reaches, or no annex says how far, in continuous time, and while nobody
    knows when it is due."""
    if rule.calendar == CONTINUOUS or obliged.annex is None or clock.due == UNKNOWN:
        return None
    last = moments.civil_day(moments.parse(clock.due), obliged.utc_offset)
    return obliged.annex.until if last > obliged.annex.until else None


def _working_time(party: Party) -> moments.WorkingTime:
    """The calendar that the party gave in the instrument."""
    return moments.WorkingTime(party.utc_offset, frozenset(party.weekend), frozenset(party.holidays))


def is_disputed(stopped: str, received: str | None, due: str, skew: int) -> bool:
    """Whether the answer's own instant and the asker's receipt of it give different verdicts and lie too far apart."""
    if received is None or (stopped <= due) == (received <= due):
        return False
    return abs(moments.parse(received).seconds - moments.parse(stopped).seconds) > skew
