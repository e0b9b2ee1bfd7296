"""One reader's way of seeing stored values: language, digits, calendar, and this party's civil time.

Everything stored is language-free: codes, canonical moments, Gregorian days, integers. Here each is said to one reader.
Django's own date and number formatting is used for none of it (docs/languages.md).
"""

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from mithaq import calendars, moments
from mithaq.errors import Datum, Refusal
from mithaq.instrument import words as sealed_words
from mithaq.instrument.law import Law, Party, Text
from mithaq.instrument.words import Words
from mithaq.notices.book import UNKNOWN
from mithaq.notices.fields.times import is_moment
from mithaq_files.refusals import sentence
from mithaq_node import queries
from mithaq_node.web import preferences

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_ONCE_RESUMED = _("once the instrument is resumed")
_LATIN = re.compile("[A-Za-z0-9]")


@dataclass(frozen=True)
class Reader:
    """Who is reading: a language, a calendar, and the party whose civil time the desk keeps."""

    language: str
    calendar: str
    law: Law
    words: Words
    party: Party
    earlier: tuple[Words, ...] = ()
    """The words of earlier versions, the latest in front: they name what the later ones have no more."""

    @cached_property
    def _order(self) -> tuple[str, ...]:
        return (self.language, "en", *self.law.authentic)

    def text(self, text: Text) -> str:
        """A text of the law in the reader's language, or in one that it does have."""
        found = next((text[code] for code in self._order if text.get(code)), None)
        return found if found is not None else next(iter(text.values()), "")

    def label(self, key: str) -> str:
        """A sealed label; where the words hold none, the last part of its key, which is the code itself."""
        for words in (self.words, *self.earlier):
            with suppress(Refusal):
                return sealed_words.label(words, key, self.language)
        return key.rpartition(".")[2]

    def listed(self, names: Iterable[str]) -> str:
        """Names after each other, with the comma of the reader's script."""
        return (", " if self.language == "en" else "، ").join(names)

    def digits(self, text: object) -> str:
        return calendars.digits(str(text), self.language)

    def count(self, number: int) -> str:
        """A whole number, in groups of three, in the reader's digits."""
        separator = "," if self.language == "en" else "٬"
        return self.digits(f"{number:,}".replace(",", separator))

    def spoken(self, number: str) -> str:
        """A spoken number in the reader's digits; its letters stay as they are."""
        return self.digits(number)

    def calendar_day(self, iso_day: str, calendar: str | None = None) -> calendars.Day:
        """A day in the reader's calendar, or in the one named; Gregorian where that one cannot name it.

        The tables of a calendar end. A day that anybody wrote beyond them is still shown, and a page with it.
        """
        try:
            return calendars.convert(iso_day, calendar or self.calendar, self.party.hijri_offset)
        except Refusal as refusal:
            if refusal.code != "calendar.out-of-range":
                raise
            return calendars.gregorian(iso_day)

    def month(self, iso_day: str) -> str:
        """The month and year of a day; with the name of the calendar where it is not the reader's."""
        day = self.calendar_day(iso_day)
        return f"{calendars.month_name(day.calendar, day.month, self.language)} {self.year(iso_day)}"

    def year(self, iso_day: str) -> str:
        """The year of a day; with the name of the calendar where it is not the reader's."""
        day = self.calendar_day(iso_day)
        other = "" if day.calendar == self.calendar else f" ({calendars.calendar_name(day.calendar, self.language)})"
        return f"{self.digits(day.year)}{other}"

    def day(self, iso_day: str, calendar: str | None = None) -> str:
        return calendars.render(iso_day, self._naming(iso_day, calendar), self.language, self.party.hijri_offset)

    def day_of_week(self, iso_day: str) -> str:
        """A day with the day of the week before it."""
        calendar = self._naming(iso_day)
        return calendars.render_with_weekday(iso_day, calendar, self.language, self.party.hijri_offset)

    def moment(self, instant: str, calendar: str | None = None) -> str:
        """An instant on this party's civil clock, with its calendar and offset named."""
        if instant == UNKNOWN:
            return str(_ONCE_RESUMED)
        known = moments.parse(instant)
        offset, hijri = self.party.utc_offset, self.party.hijri_offset
        chosen = self._naming(moments.civil_day(known, offset), calendar)
        return calendars.render_moment(known, chosen, self.language, offset, hijri)

    def brief(self, instant: str) -> str:
        """An instant in a list: day and month without the year, and the time of day."""
        if instant == UNKNOWN:
            return str(_ONCE_RESUMED)
        known = moments.parse(instant)
        day = self.calendar_day(moments.civil_day(known, self.party.utc_offset))
        month = calendars.month_name(day.calendar, day.month, self.language)
        joint = "ی " if self.language == "ckb" else " "
        time = self.digits(moments.civil_time(known, self.party.utc_offset))
        declared = calendars.declared_mark(day.calendar, self.language, self.party.hijri_offset)
        return f"{self.digits(day.day)}{joint}{month} {f'({declared}) ' if declared else ''}{time}"

    def all_calendars(self, instant: str) -> str:
        """The instant in the three calendars and as stored, for whoever must be sure which day is meant."""
        known = moments.parse(instant)
        return " · ".join([*self.days(moments.civil_day(known, self.party.utc_offset)), str(known)])

    def day_in_all(self, iso_day: str) -> str:
        return " · ".join([*self.days(iso_day), iso_day])

    def days(self, iso_day: str) -> list[str]:
        """A day in each of the calendars that can name it."""
        naming = [calendar for calendar in calendars.CALENDARS if self._naming(iso_day, calendar) == calendar]
        return [self.day(iso_day, calendar) for calendar in naming]

    def _naming(self, iso_day: str, calendar: str | None = None) -> str:
        return self.calendar_day(iso_day, calendar).calendar

    def duration(self, seconds: int) -> str:
        """A length of time in its two largest units: `2 d 4 h`, `3 h 10 min`, `12 min`."""
        size = abs(seconds)
        days, hours, minutes = size // _DAY, size % _DAY // _HOUR, size % _HOUR // _MINUTE
        # Arabic has a word of its own for one and for two, and another plural up to ten.
        said = [
            (days, ngettext("%(n)s d", "%(n)s d", days)),
            (hours, ngettext("%(n)s h", "%(n)s h", hours)),
            (minutes, ngettext("%(n)s min", "%(n)s min", minutes)),
        ]
        first = next((place for place, (number, _) in enumerate(said) if number), len(said) - 1)
        shown = [each for each in said[first : first + 2] if each[0]] or said[-1:]
        return " ".join(words % {"n": self.digits(number)} for number, words in shown)

    def refusal(self, refusal: Refusal) -> str:
        """Why something is refused; kinds and calendars are called by their names, and a moment is said as one."""
        data = {name: self._datum(value) for name, value in refusal.data.items()}
        calendar = refusal.data.get("calendar")
        if calendar in calendars.CALENDARS:
            data["calendar"] = calendars.calendar_name(str(calendar), self.language)
            data["found"] = f"\u2066{self.digits(refusal.data.get('found', ''))}\u2069"
        key = f"kind.{refusal.data.get('kind')}"
        if key in self.words.labels:
            data["kind"] = self.label(key)
        return sentence(Refusal(refusal.code, **data), self.language)

    def of_kind(self, refusal: Refusal, kind: str) -> Refusal:
        """The refusal of a field of a kind, with the field called as the reader knows it."""
        key = f"field.{kind}.{refusal.data.get('field')}"
        named = {"field": self.label(key)} if key in self.words.labels else {}
        return Refusal(refusal.code, **{**refusal.data, **named})

    def _datum(self, value: Datum) -> Datum:
        if isinstance(value, int) and not isinstance(value, bool):
            return self.digits(value)
        if not isinstance(value, str):
            return value
        if is_moment(value):
            return self.moment(value)
        # What is written from left to right keeps its order in a sentence of the other direction.
        return f"\u2066{value}\u2069" if self.language != "en" and _LATIN.search(value) else value


def reader_of(request: HttpRequest) -> Reader:
    """The reader behind a request."""
    chosen = preferences.of(request)
    sealed, earlier = queries.sealed(), queries.earlier_words()
    party = next(each for each in sealed.law.parties if each.code == settings.NODE.party)
    return Reader(chosen.language, chosen.calendar, sealed.law, sealed.words, party, earlier)
