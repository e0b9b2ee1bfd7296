"""What an officer chose to see of the calendar, as it stands in the address: which days, and which activities.

The day is Gregorian, `YYYY-MM-DD`, whatever calendar the reader has: a colleague who follows the address sees the month
of their own calendar that holds it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext as _

from mithaq import calendars, moments
from mithaq.activities import months
from mithaq.activities.months import Month
from mithaq.activities.plans import FACET, State
from mithaq.errors import Refusal
from mithaq.instrument.law import Law
from mithaq.moments import Interval, Moment
from mithaq_node.queries.activities import Choice
from mithaq_node.web.reader import Reader
from mithaq_node.web.wording import ACTIVITY_STATES, ACTIVITY_VIEWS, Word

MONTH, WEEK, YEAR = ACTIVITY_VIEWS
_NAMES = ("party", "kind", "sector", "scale", "state")


@dataclass(frozen=True)
class Option:
    """A value that may be chosen, and whether it is."""

    value: str
    name: Word
    chosen: bool


@dataclass(frozen=True)
class Chosen:
    """The choice in an address, as one reader meets it."""

    reader: Reader
    view: str
    day: str
    today: str
    said: dict[str, str]

    @cached_property
    def choice(self) -> Choice:
        return Choice(**self.said)

    @property
    def is_any(self) -> bool:
        return bool(self.said)

    @property
    def starts_on(self) -> int:
        return months.week_start(self.reader.party.weekend)

    @cached_property
    def month(self) -> Month:
        """The month of the reader's calendar that holds the day."""
        return months.month_of(self.day, self.reader.calendar, self.reader.party.hijri_offset)

    @cached_property
    def months(self) -> tuple[Month, ...]:
        """The months that are shown: twelve of a year, or the one."""
        if self.view != YEAR:
            return (self.month,)
        offset = self.reader.party.hijri_offset
        return months.months_of_year(self.reader.calendar, self.month.year, offset)

    @cached_property
    def weeks(self) -> tuple[tuple[str, ...], ...]:
        """The rows of the grid."""
        if self.view == WEEK:
            return (months.week_of(self.day, self.starts_on),)
        return months.weeks(self.month, self.starts_on)

    @property
    def days(self) -> tuple[str, str]:
        """The first and the last day that are shown."""
        if self.view == YEAR:
            return self.months[0].first, self.months[-1].last
        return (self.weeks[0][0], self.weeks[0][-1]) if self.view == WEEK else (self.month.first, self.month.last)

    @property
    def time(self) -> Interval:
        """The same in this party's civil time."""
        first, last = self.days
        offset = self.reader.party.utc_offset
        end = moments.from_civil(last, "00:00", offset).seconds + moments.DAY
        return Interval(moments.from_civil(first, "00:00", offset), Moment(end))

    @property
    def title(self) -> str:
        """What is shown, in words: the month and year, the year, or the days of a week."""
        reader = self.reader
        named = f"{reader.digits(self.month.year)} ({self._calendar_name})"
        if self.view == YEAR:
            return named
        if self.view == WEEK:
            first, last = self.days
            return f"{reader.day(first)} – {reader.day(last)}"
        return f"{calendars.month_name(reader.calendar, self.month.month, reader.language)} {named}"

    @property
    def before(self) -> str:
        """The address of what comes before; empty at the edge of the calendar's tables."""
        return self._at(months.before(self.days[0]))

    @property
    def after(self) -> str:
        return self._at(months.after(self.days[1]))

    @property
    def query(self) -> str:
        return self.at(self.day)

    def at(self, day: str, view: str = "") -> str:
        """The same choice of another day, as it stands in an address."""
        return urlencode({"view": view or self.view, "day": day, **self.said})

    @property
    def views(self) -> list[tuple[str, Word, str, bool]]:
        """Each view: its name in the address, its word, its address, and whether it is shown."""
        return [(name, word, self.at(self.day, name), name == self.view) for name, word in ACTIVITY_VIEWS.items()]

    @property
    def of_today(self) -> str:
        return self.at(self.today)

    @property
    def lists(self) -> list[tuple[str, str, list[Option]]]:
        """What may be chosen from: name in the address, label, options."""
        return [
            (name, label, [Option(value, word, self.said.get(name) == value) for value, word in named])
            for name, label, named in (
                ("party", _("Party"), self._parties()),
                ("kind", _("Kind"), self._labelled("kind", (k.name for k in self._law.kinds if FACET in k.facets))),
                ("sector", _("Sector"), self._sectors()),
                ("scale", _("Scale"), self._labelled("code.scale", self._law.codes.get("scale", ()))),
                ("state", _("State"), [(state, word) for state, (word, _badge) in ACTIVITY_STATES.items()]),
            )
        ]

    @property
    def _law(self) -> Law:
        return self.reader.law

    def _parties(self) -> "list[tuple[str, Word]]":
        return [(each.code, self.reader.text(each.short)) for each in self._law.parties]

    def _sectors(self) -> "list[tuple[str, Word]]":
        return [(each.id, f"{each.id} · {self.reader.label(f'sector.{each.id}')}") for each in self._law.sectors]

    def _labelled(self, key: str, values: Iterable[str]) -> "list[tuple[str, Word]]":
        return [(value, self.reader.label(f"{key}.{value}")) for value in values]

    @property
    def in_words(self) -> list[Word]:
        return [option.name for _name, _label, options in self.lists for option in options if option.chosen]

    @property
    def _calendar_name(self) -> str:
        return calendars.calendar_name(self.reader.calendar, self.reader.language, self.reader.party.hijri_offset)

    def _at(self, day: str) -> str:
        """The address of a day, if the calendar reaches there."""
        try:
            months.month_of(day, self.reader.calendar, self.reader.party.hijri_offset)
        except Refusal:
            return ""
        return self.at(day)


def chosen(request: HttpRequest, reader: Reader, now: Moment) -> Chosen:
    """What the address of a request chooses; what it names that is not there chooses nothing."""
    law = reader.law
    known: dict[str, set[str]] = {
        "party": {each.code for each in law.parties},
        "kind": {each.name for each in law.kinds},
        "sector": {each.id for each in law.sectors},
        "scale": set(law.codes.get("scale", ())),
        "state": set(State),
    }
    said = {name: request.GET.get(name, "") for name in _NAMES}
    said = {name: value for name, value in said.items() if value in known[name]}
    today = moments.civil_day(now, reader.party.utc_offset)
    view = request.GET.get("view", "")
    return Chosen(reader, view if view in ACTIVITY_VIEWS else MONTH, _day(request, reader) or today, today, said)


def _day(request: HttpRequest, reader: Reader) -> str:
    """The day of the address; empty for none, and for one that the reader's calendar does not reach."""
    try:
        day = moments.parse_day(request.GET.get("day", "")).isoformat()
        found = months.month_of(day, reader.calendar, reader.party.hijri_offset)
        months.months_of_year(reader.calendar, found.year, reader.party.hijri_offset)
    except Refusal:
        return ""
    return day
