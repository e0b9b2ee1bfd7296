"""What an officer chose to see of the watch room, as it stands in the address: it works as a link and without scripts.

Days are typed in the reader's own calendar; the address says which, so that a colleague with another one who follows
it sees the same. A code that the instrument does not have chooses nothing; what cannot be read is said at its field.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from mithaq import calendars, moments
from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq_node.queries.register import ANY, ENDED, OPEN, Choice
from mithaq_node.web.reader import Reader
from mithaq_node.web.wording import INCIDENT, Word

_DAY = 86_400
WITHIN: dict[str, tuple[Word, int]] = {
    "1d": (_("the last 24 hours"), _DAY),
    "7d": (_("the last 7 days"), 7 * _DAY),
    "30d": (_("the last 30 days"), 30 * _DAY),
}
"""Name in the address to what it is called and how many seconds it is."""

STATES: dict[str, Word] = {
    OPEN: _("Still open"),
    ENDED: _("Ended"),
    ANY: _("Open and ended"),
    **{state: word for state, (word, _meaning) in INCIDENT.items()},
}

_NAMES = ("sector", "kind", "precedence", "state", "within", "from", "until")
_TYPED_DAY = re.compile(r"\s*([0-9]{4})\s*[-/.]\s*([0-9]{1,2})\s*[-/.]\s*([0-9]{1,2})\s*")


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
    said: dict[str, str]
    """What stands in the address, by name; only what can be read or must be said to be unreadable."""
    calendar: str
    """The calendar in which the days of the address are written."""
    after: str
    """Where the page begins: behind the incident whose latest notice has this number."""
    desk: str
    """The desk from which the list is looked at (`web.inside.choosing`)."""
    now: Moment

    @property
    def is_any(self) -> bool:
        """Whether anything was chosen."""
        return bool(self.said)

    @property
    def query(self) -> str:
        """The choice as it stands in an address, without the place in the list; empty when nothing was chosen."""
        calendar = {"calendar": self.calendar} if {"from", "until"} & set(self.said) else {}
        return urlencode({**self.said, **calendar, **self._at_desk})

    @property
    def query_here(self) -> str:
        """The choice and the place in the list."""
        return "&".join(each for each in (self.query, urlencode({"after": self.after}) if self.after else "") if each)

    @property
    def query_of_ended(self) -> str:
        """The same choice among what has ended."""
        return urlencode({**self.said, "state": ENDED, **self._at_desk})

    @property
    def _at_desk(self) -> dict[str, str]:
        return {"desk": self.desk} if self.desk else {}

    @cached_property
    def choice(self) -> Choice:
        return Choice(
            sector=self.said.get("sector", ""),
            kind=self.said.get("kind", ""),
            precedence=self.said.get("precedence", ""),
            state=self.said.get("state", OPEN),
            since=max(self._within, self._day("from", 0)),
            until=self._day("until", _DAY),
        )

    @property
    def refusals(self) -> dict[str, Refusal]:
        """Name to why what was typed there cannot be read."""
        return {name: Refusal("desk.bad-day") for name in ("from", "until") if self._is_unreadable(name)}

    @property
    def sectors(self) -> list[Option]:
        named = ((each.id, f"{each.id} · {self.reader.label(f'sector.{each.id}')}") for each in self.reader.law.sectors)
        return self._options("sector", named)

    @property
    def kinds(self) -> list[Option]:
        """The kinds that begin something; what refers to another notice stands where that one stands."""
        begin = (each.name for each in self.reader.law.kinds if not each.refers)
        return self._options("kind", ((name, self.reader.label(f"kind.{name}")) for name in begin))

    @property
    def precedences(self) -> list[Option]:
        named = ((name, self.reader.label(f"precedence.{name}")) for name in self.reader.law.precedence)
        return self._options("precedence", named)

    @property
    def states(self) -> list[Option]:
        chosen = self.said.get("state", OPEN)
        return [Option(state, name, state == chosen) for state, name in STATES.items()]

    @property
    def times(self) -> list[Option]:
        return self._options("within", ((name, word) for name, (word, _seconds) in WITHIN.items()))

    @property
    def days(self) -> dict[str, str]:
        """The days as the reader writes them."""
        return {name: self._in_readers_calendar(name) for name in ("from", "until")}

    @property
    def today(self) -> str:
        """A day as the reader would type it."""
        return self._written(moments.civil_day(self.now, self.reader.party.utc_offset))

    @property
    def in_words(self) -> list[Word]:
        """What was chosen, in words."""
        lists = (self.sectors, self.kinds, self.precedences, self.times)
        words = [option.name for options in lists for option in options if option.chosen]
        words += [STATES[self.said["state"]]] if "state" in self.said else []
        days = [day for name, day in self.days.items() if name in self.said]
        return words + (["–".join(days)] if days else [])

    def _options(self, name: str, named: Iterable[tuple[str, Word]]) -> list[Option]:
        chosen = self.said.get(name, "")
        return [Option(value, word, value == chosen) for value, word in named]

    @property
    def _within(self) -> str:
        named = WITHIN.get(self.said.get("within", ""))
        return str(Moment(self.now.seconds - named[1])) if named else ""

    def _day(self, name: str, later: int) -> str:
        """The first instant of a typed day in this party's civil time, `later` seconds on; empty for no day."""
        iso_day = self._iso(name)
        if not iso_day:
            return ""
        midnight = moments.from_civil(iso_day, "00:00", self.reader.party.utc_offset)
        return str(Moment(midnight.seconds + later))

    def _iso(self, name: str) -> str:
        typed = _TYPED_DAY.fullmatch(calendars.parse_digits(self.said.get(name, "")))
        if typed is None:
            return ""
        try:
            day = calendars.Day(self.calendar, int(typed[1]), int(typed[2]), int(typed[3]))
            return calendars.to_gregorian(day, self.reader.party.hijri_offset)
        except Refusal:
            return ""

    def _is_unreadable(self, name: str) -> bool:
        return name in self.said and not self._iso(name)

    def _in_readers_calendar(self, name: str) -> str:
        iso_day = self._iso(name)
        return self._written(iso_day) if iso_day else self.said.get(name, "")

    def _written(self, iso_day: str) -> str:
        day = calendars.convert(iso_day, self.reader.calendar, self.reader.party.hijri_offset)
        return self.reader.digits(f"{day.year}/{day.month:02}/{day.day:02}")


def chosen(request: HttpRequest, reader: Reader, now: Moment) -> Chosen:
    """What the address of a request chooses."""
    known = {
        "sector": {each.id for each in reader.law.sectors},
        "kind": {each.name for each in reader.law.kinds},
        "precedence": set(reader.law.precedence),
        "state": set(STATES) - {OPEN},
        "within": set(WITHIN),
    }
    said = {name: request.GET.get(name, "").strip()[:40] for name in _NAMES}
    said = {name: value for name, value in said.items() if value and (name not in known or value in known[name])}
    calendar = request.GET.get("calendar", "")
    calendar = calendar if calendar in calendars.CALENDARS else reader.calendar
    return Chosen(reader, said, calendar, request.GET.get("after", "")[:60], request.GET.get("desk", ""), now)
