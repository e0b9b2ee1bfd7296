"""Instants and stretches of time as a notice states them.

An instant is written in one way only, `YYYY-MM-DDTHH:MM:SSZ` (RFC 3339, always UTC, whole seconds), and a day as
`YYYY-MM-DD` (Gregorian). Nothing here knows a time zone or reads a clock: a party's civil time is an offset in minutes,
its weekend a set of ISO weekdays and its holidays a list of days, all of which stand in the instrument.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from mithaq.errors import Refusal

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
FLOORS = {"second": 1, "minute": MINUTE, "hour": HOUR}

_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", re.ASCII)
_DAY_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_FURTHEST = int((datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) - _EPOCH).total_seconds())
_EARLIEST = int((datetime(1, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds())


@dataclass(frozen=True, order=True, slots=True)
class Moment:
    """An instant, as whole seconds since 1970-01-01T00:00:00Z."""

    seconds: int

    def __post_init__(self) -> None:
        if not _EARLIEST <= self.seconds <= _FURTHEST:
            raise Refusal("moment.out-of-range", seconds=self.seconds)

    def __str__(self) -> str:
        return _written(self.seconds)


@dataclass(frozen=True, order=True, slots=True)
class Interval:
    """The time from `start` until just before `end`; never empty."""

    start: Moment
    end: Moment

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise Refusal("moment.ends-before-start", start=str(self.start), end=str(self.end))

    def overlaps(self, other: "Interval") -> bool:
        """Whether the two share an instant; meeting at an end is no overlap."""
        return self.start < other.end and other.start < self.end

    def contains(self, moment: Moment) -> bool:
        return self.start <= moment < self.end


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """A party's working days: civil time in minutes east of UTC, ISO weekdays off, and Gregorian holidays."""

    utc_offset: int
    weekend: frozenset[int]
    holidays: frozenset[str]

    def works_on(self, day: date) -> bool:
        return day.isoweekday() not in self.weekend and day.isoformat() not in self.holidays


@lru_cache(maxsize=1024)
def _written(seconds: int) -> str:
    """Remembered, because the present second is written many times over."""
    return (_EPOCH + timedelta(seconds=seconds)).replace(tzinfo=None).isoformat() + "Z"


@lru_cache(maxsize=1024)
def parse(text: str) -> Moment:
    """The instant written as `YYYY-MM-DDTHH:MM:SSZ`; refuses every other spelling (`moment.not-canonical`).

    Remembered, because one receipt starts the clocks of many notices.
    """
    if not _FORM.fullmatch(text):
        raise Refusal("moment.not-canonical", found=text[:40])
    try:
        known = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refusal("moment.not-canonical", found=text) from error
    return Moment(int((known - _EPOCH).total_seconds()))


def format(moment: Moment) -> str:
    """The one spelling of an instant."""
    return str(moment)


def parse_day(text: str) -> date:
    """The Gregorian day written as `YYYY-MM-DD`; refuses every other spelling (`moment.not-a-day`)."""
    if not _DAY_FORM.fullmatch(text):
        raise Refusal("moment.not-a-day", found=text[:40])
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refusal("moment.not-a-day", found=text) from error


def interval(start: str, end: str) -> Interval:
    """The interval between two written instants."""
    return Interval(parse(start), parse(end))


def coarsen(moment: Moment, floor: str) -> Moment:
    """The last full `hour`, `minute` or `second` at or before the instant."""
    if floor not in FLOORS:
        raise Refusal("moment.unknown-floor", floor=floor)
    return Moment(moment.seconds - moment.seconds % FLOORS[floor])


def add_minutes(moment: Moment, minutes: int) -> Moment:
    return Moment(moment.seconds + minutes * MINUTE)


def nearest(seconds: int) -> Moment:
    """The instant so many seconds after 1970, or the first or the last that can be written."""
    return Moment(min(max(seconds, _EARLIEST), _FURTHEST))


def minutes_between(start: Moment, end: Moment) -> int:
    """Whole minutes from `start` to `end`, rounded down; negative when `end` comes first."""
    return (end.seconds - start.seconds) // MINUTE


def civil_day(moment: Moment, utc_offset: int) -> str:
    """The Gregorian day, `YYYY-MM-DD`, that the civil clock `utc_offset` minutes east of UTC shows."""
    return _date((moment.seconds + utc_offset * MINUTE) // DAY).isoformat()


def civil_time(moment: Moment, utc_offset: int) -> str:
    """The time of day, `HH:MM`, that the civil clock `utc_offset` minutes east of UTC shows."""
    minute = (moment.seconds + utc_offset * MINUTE) % DAY // MINUTE
    return f"{minute // 60:02}:{minute % 60:02}"


def from_civil(day: str, time: str, utc_offset: int) -> Moment:
    """The instant at which a civil clock `utc_offset` minutes east of UTC shows that day and `HH:MM`."""
    local = parse(f"{day}T{time}:00Z")
    return Moment(local.seconds - utc_offset * MINUTE)


def add_working_minutes(moment: Moment, minutes: int, working: WorkingTime) -> Moment:
    """The first instant by which `minutes` of working days have passed.

    A working day counts whole, from midnight to midnight of the civil clock; a weekend day or a holiday counts
    nothing. Refuses a calendar without working days (`moment.never-works`).
    """
    if minutes < 0:
        raise Refusal("moment.negative-length", minutes=minutes)
    return add_working_seconds(moment, minutes * MINUTE, working)


def add_working_seconds(moment: Moment, seconds: int, working: WorkingTime) -> Moment:
    """`add_working_minutes` of a length in seconds that is not negative; the last instant that can be written where it
    would be beyond."""
    shift = working.utc_offset * MINUTE
    local, left = moment.seconds + shift, seconds
    for _ in range(7 * (2 + len(working.holidays) + left // DAY)):
        if local >= _FURTHEST - 2 * DAY:
            return Moment(_FURTHEST)
        midnight = local - local % DAY + DAY
        if working.works_on(_date(local // DAY)):
            if local + left <= midnight:
                return Moment(local + left - shift)
            left -= midnight - local
        local = midnight
    raise Refusal("moment.never-works", weekend=",".join(map(str, sorted(working.weekend))))


def working_minutes_between(start: Moment, end: Moment, working: WorkingTime) -> int:
    """Whole minutes of working days from `start` to `end`, rounded down; zero when `end` is not later."""
    return working_seconds_between(start, end, working) // MINUTE


def working_seconds_between(start: Moment, end: Moment, working: WorkingTime) -> int:
    """Seconds of working days from `start` to `end`; zero when `end` is not later."""
    shift = working.utc_offset * MINUTE
    local, last, counted = start.seconds + shift, end.seconds + shift, 0
    while local < last:
        midnight = local - local % DAY + DAY
        if working.works_on(_date(local // DAY)):
            counted += min(midnight, last) - local
        local = midnight
    return counted


def _date(days: int) -> date:
    """The date `days` after 1970-01-01; the first or the last that there is where an offset leads beyond."""
    return date.fromordinal(min(max(_EPOCH_ORDINAL + days, 1), date.max.toordinal()))
