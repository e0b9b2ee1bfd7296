"""Months, weeks and years of the three calendars as runs of Gregorian days, for calendars of activities.

Days are Gregorian, `YYYY-MM-DD`. A party's lunar days may be moved from Umm al-Qura as its instrument states
(`mithaq.calendars`); a week begins on the day after the party's weekend.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from mithaq import calendars, moments
from mithaq.calendars import Day
from mithaq.errors import Refusal

_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Month:
    """A month of one of the calendars: its own year and number, and the Gregorian days that it has."""

    calendar: str
    year: int
    month: int
    days: tuple[str, ...]

    @property
    def first(self) -> str:
        return self.days[0]

    @property
    def last(self) -> str:
        return self.days[-1]


def month_of(iso_day: str, calendar: str, offset: int = 0) -> Month:
    """The month of a calendar in which a Gregorian day lies. Refuses a day beyond the calendar's tables
    (`calendar.out-of-range`)."""
    day = calendars.convert(iso_day, calendar, offset)
    return month(calendar, day.year, day.month, offset)


def month(calendar: str, year: int, number: int, offset: int = 0) -> Month:
    """A month by its year and its number from 1."""
    first = _first(calendar, year, number, offset)
    following = _first(calendar, *_following(year, number), offset)
    length = (following - first).days
    return Month(calendar, year, number, tuple((first + timedelta(step)).isoformat() for step in range(length)))


def months_of_year(calendar: str, year: int, offset: int = 0) -> tuple[Month, ...]:
    """The twelve months of a year."""
    return tuple(month(calendar, year, number, offset) for number in range(1, _MONTHS + 1))


def week_of(iso_day: str, starts_on: int) -> tuple[str, ...]:
    """The seven days of the week in which a day lies; the week starts on an ISO weekday (Monday is 1)."""
    day = moments.parse_day(iso_day)
    back = (day.isoweekday() - starts_on) % 7
    return tuple((day + timedelta(step - back)).isoformat() for step in range(7))


def weeks(found: Month, starts_on: int) -> tuple[tuple[str, ...], ...]:
    """The whole weeks that hold a month."""
    rows = [week_of(found.first, starts_on)]
    while rows[-1][-1] < found.last:
        rows.append(week_of(_later(rows[-1][-1], 1), starts_on))
    return tuple(rows)


def week_start(weekend: Iterable[int]) -> int:
    """The ISO weekday on which the week begins: the day after the last day of the weekend; Monday without one."""
    off = set(weekend)
    return next((day % 7 + 1 for day in sorted(off) if day % 7 + 1 not in off), 1)


def _later(iso_day: str, days: int) -> str:
    return (moments.parse_day(iso_day) + timedelta(days)).isoformat()


def before(iso_day: str) -> str:
    """The day before; the first of all days has none (`calendar.out-of-range`)."""
    return _stepped(iso_day, -1)


def after(iso_day: str) -> str:
    """The day after."""
    return _stepped(iso_day, 1)


def _stepped(iso_day: str, days: int) -> str:
    try:
        return _later(iso_day, days)
    except OverflowError as error:
        raise Refusal("calendar.out-of-range", calendar="gregorian", found=iso_day) from error


def _following(year: int, number: int) -> tuple[int, int]:
    return (year, number + 1) if number < _MONTHS else (year + 1, 1)


def _first(calendar: str, year: int, number: int, offset: int) -> date:
    try:
        return moments.parse_day(calendars.to_gregorian(Day(calendar, year, number, 1), offset))
    except Refusal as refusal:
        raise Refusal("calendar.out-of-range", calendar=calendar, found=f"{year}-{number}") from refusal
