"""How each field type is typed in: from what stands in a form to a value; `typed` goes the other way.

A form is made from the kind's fields and the sealed words; there is no form written by hand. What was typed is kept
word for word until it is right. Dates are typed in the reader's own calendar, numbers in any digits; every date carries
the calendar that it was typed in, so that nobody who opens it with another reads another day.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any

from django.conf import settings

from mithaq import calendars, moments, places
from mithaq.errors import Refusal
from mithaq.followup.wording import paragraphs
from mithaq.instrument import alternat
from mithaq.instrument.law import Field
from mithaq.notices import numbers
from mithaq.notices.fields import coarsen_field
from mithaq.notices.fields.sites import CELL_SIZES, FLOORS, lies_outside
from mithaq.notices.fields.times import is_day, is_moment
from mithaq_node.queries import ledgers
from mithaq_node.web.filing import grid
from mithaq_node.web.filing.typed import SAID_BY_THE_FORM, Typed
from mithaq_node.web.reader import Reader
from mithaq_node.web.values import slot_text
from mithaq_node.web.wording import PLACE_FORMS, Word

_PLACE_BY_FLOOR = {
    "exact": ("sector", "crossing", "kilometre", "cell", "point", "pillar", "area"),
    "cell": ("sector", "crossing", "kilometre", "cell", "area"),
    "kilometre": ("sector", "crossing", "kilometre"),
    "sector": ("sector",),
}
_TIME = re.compile(r"([0-9]{1,2})(?:[:.٫]([0-9]{2}))?")
_BETWEEN_NUMBERS = re.compile(r"[\s,،٬;؛]+")
_NOT_DIGITS = re.compile(r"[\s,٬٫_]")


@dataclass(frozen=True)
class Option:
    """A choice, and whether it is chosen."""

    value: str
    name: Word
    chosen: bool


@dataclass(frozen=True)
class Gap:
    """A piece of a phrase: text, or a slot to fill in."""

    text: str
    slot: str = ""
    typed: str = ""
    name: str = ""
    """What a reader who cannot see the gap is told: the sentence that it stands in."""


@dataclass(frozen=True)
class Phrase:
    """One phrase of the kind's list, in pieces."""

    name: str
    chosen: bool
    gaps: tuple[Gap, ...]


@dataclass
class Entry:
    """One field of the form as the reader sees it."""

    kind: str
    field: Field
    reader: Reader
    typed: Typed
    refusal: Refusal | None = None
    given: Any = None
    """The value of a field that is not typed: a picture, as it was taken in."""

    @property
    def name(self) -> str:
        return self.field.name

    @property
    def template(self) -> str:
        return f"filing/fields/{self.field.type}.html"

    @property
    def hint(self) -> str:
        key = f"field.{self.kind}.{self.name}.hint"
        return self.reader.label(key) if key in self.reader.words.labels else ""

    @property
    def because(self) -> str:
        """Why what was typed is refused, with the field called as the reader knows it; empty where it is not."""
        if self.refusal is None:
            return ""
        return self.reader.refusal(self.reader.of_kind(self.refusal, self.kind))

    @property
    def says_nothing(self) -> bool:
        """Whether nothing is typed that could be a value."""
        return _nothing_typed(self)

    @property
    def text(self) -> str:
        """What stands in the only input."""
        return self.first("")

    def first(self, part: str) -> str:
        return next(iter(self.typed.get(part, ())), "")

    @property
    def is_empty(self) -> bool:
        return not any(
            value.strip() for part, values in self.typed.items() if part not in SAID_BY_THE_FORM for value in values
        )

    # What templates ask for

    @property
    def options(self) -> list[Option]:
        law, chosen = self.reader.law, set(self.typed.get("", ()))
        match self.field.type:
            case "sector":
                named = [(each.id, self.reader.label(f"sector.{each.id}")) for each in law.sectors]
            case "commitment":
                digits, text = self.reader.digits, self.reader.text
                named = [(each.id, f"{digits(each.article)} · {text(each.measure)}") for each in law.commitments]
            case "crossing":
                named = [(each.id, self.reader.label(f"crossing.{each.id}")) for each in law.crossings]
            case _:
                codes = law.codes.get(self.field.codes, [])
                named = [(code, self.reader.label(f"code.{self.field.codes}.{code}")) for code in codes]
        return [Option(value, name, value in chosen) for value, name in named]

    @property
    def sectors(self) -> list[Option]:
        chosen = self.first("sector")
        return [
            Option(each.id, self.reader.label(f"sector.{each.id}"), each.id == chosen)
            for each in self.reader.law.sectors
        ]

    @property
    def crossings(self) -> list[Option]:
        chosen = self.first("crossing")
        law = self.reader.law
        return [Option(each.id, self.reader.label(f"crossing.{each.id}"), each.id == chosen) for each in law.crossings]

    @property
    def forms(self) -> list[Option]:
        """The forms in which a place may be stated at this field's floor."""
        allowed = _PLACE_BY_FLOOR[self.field.floor or FLOORS[-1]]
        chosen = self.first("form") or allowed[0]
        return [Option(form, PLACE_FORMS[form], form == chosen) for form in allowed]

    @property
    def is_outside(self) -> bool:
        """Whether the place that is typed lies in no sector, as far as it can be read."""
        try:
            return lies_outside(_stated_place(self), self.reader.law)
        except Refusal:
            return False

    @property
    def is_meant_outside(self) -> bool:
        """Whether the officer has said that this is meant."""
        return bool(self.first("outside"))

    @property
    def hours_begin(self) -> str:
        """The minute of this party's civil time at which full hours begin, where it is not minute 0: they are UTC's."""
        minute = self.reader.party.utc_offset % 60
        return self.reader.digits(minute) if minute and self.field.floor == "hour" else ""

    @property
    def sizes(self) -> list[Option]:
        chosen = self.first("size") or str(CELL_SIZES[0])
        return [Option(str(size), self.reader.digits(size // 1_000), str(size) == chosen) for size in CELL_SIZES]

    @property
    def most(self) -> str:
        """How many characters a text may have, as the reader writes it."""
        return self.reader.count(self.field.limit)

    @property
    def amounts(self) -> list[tuple[Option, str]]:
        """Every category of a count with what was typed for it."""
        return [(option, self.first(option.value)) for option in self.options]

    @property
    def languages(self) -> list[Option]:
        chosen = self.first("lang") or self.reader.language
        return [Option(code, code, code == chosen) for code in self.reader.law.languages]

    @property
    def whole_texts(self) -> list[tuple[str, str]]:
        """Every authentic language, that of this node's party first, with the whole text that stands in it."""
        authentic = alternat.own_first(self.reader.law.authentic, settings.NODE.language)
        return [(code, self.first(code)) for code in authentic]

    @property
    def phrases(self) -> list[Phrase]:
        known = self.reader.words.phrases.get(self.kind, {})
        return [
            Phrase(name, name == self.first("phrase"), tuple(self._gaps(name, self.reader.text(known[name]))))
            for name in sorted(known)
        ]

    def _gaps(self, phrase: str, sentence: str) -> list[Gap]:
        pieces = [(text, slot) for text, slot, _, _ in Formatter().parse(sentence)]
        whole = "".join(text + ("…" if slot else "") for text, slot in pieces)
        gaps = []
        for text, slot in pieces:
            gaps += [Gap(text)] if text else []
            gaps += [Gap("", slot, self.first(f"{phrase}.{slot}"), whole)] if slot else []
        return gaps

    def instants(self) -> list["Instant"]:
        """The dates to be typed: one for a day or a moment, two for an interval."""
        ends = ("from", "until") if self.field.type == "interval" else ("",)
        return [Instant(self, end) for end in ends]


@dataclass(frozen=True)
class Instant:
    """The inputs of one date, and of its time of day where it has one."""

    entry: Entry
    end: str

    @property
    def prefix(self) -> str:
        return f"{self.entry.name}.{self.end}." if self.end else f"{self.entry.name}."

    @property
    def has_time(self) -> bool:
        return self.entry.field.type != "day"

    @property
    def year(self) -> str:
        return self._typed("year")

    @property
    def day(self) -> str:
        return self._typed("day")

    @property
    def time(self) -> str:
        return self._typed("time")

    @property
    def calendar(self) -> str:
        """The calendar in which this date is typed: that of the reader, until something stands there in another."""
        return _calendar(self.entry, self.end)

    @property
    def months(self) -> list[Option]:
        language, chosen = self.entry.reader.language, self._typed("month")
        months = ((str(month), calendars.month_name(self.calendar, month, language)) for month in range(1, 13))
        return [Option(month, name, month == chosen) for month, name in months]

    @property
    def result(self) -> "Result | None":
        """What the inputs come to, as soon as they are all filled in."""
        parts = ("year", "month", "day", "time") if self.has_time else ("year", "month", "day")
        if not all(self._typed(part).strip() for part in parts):
            return None
        try:
            return self._result()
        except Refusal as refusal:
            return Result(refused=self.entry.reader.refusal(refusal))

    def _result(self) -> "Result":
        reader = self.entry.reader
        if not self.has_time:
            day = _day(self.entry)
            return Result(self._in_all(day), day)
        stated = _moment(self.entry, self.end)
        leaving = self._coarse(stated)
        day = moments.civil_day(moments.parse(stated), reader.party.utc_offset)
        return Result(self._in_all(day), stated, reader.moment(leaving) if leaving != stated else "")

    def _in_all(self, day: str) -> str:
        return " · ".join(self.entry.reader.days(day))

    def _coarse(self, stated: str) -> str:
        field, law = self.entry.field, self.entry.reader.law
        if not self.end:
            return str(coarsen_field(stated, field, law))
        return str(coarsen_field({"from": stated, "until": stated}, field, law)[self.end])

    def _typed(self, part: str) -> str:
        return self.entry.first(f"{self.end}.{part}" if self.end else part)


@dataclass(frozen=True)
class Result:
    """The instant or the day that was typed, or why there is none."""

    said: str = ""
    """The day in every calendar."""
    stored: str = ""
    """The instant, or the day, as it is stored."""
    leaves_as: str = ""
    """What it becomes under the field's floor, where that is something else."""
    refused: str = ""


def value_of(entry: Entry) -> Any:
    """The value that was typed, None when nothing was; refuses what cannot be read as one."""
    return None if _nothing_typed(entry) else _READ[entry.field.type](entry)


def _nothing_typed(entry: Entry) -> bool:
    match entry.field.type:
        case "attachment":
            return entry.given is None
        case "place":
            form = entry.first("form")
            wanted = {"cell": "position", "point": "position", "kilometre": "km", "area": "ring"}.get(form, form)
            return not entry.first(wanted).strip()
        case "text":
            return not entry.first("text").strip()
        case "phrase":
            return not entry.first("phrase")
        case "extent":
            return not entry.first("numbers").strip()
    return entry.is_empty


def _number(text: str) -> int:
    plain = _NOT_DIGITS.sub("", calendars.parse_digits(text))
    if not plain.isascii() or not plain.isdigit() or len(plain) > 12:
        raise Refusal("desk.bad-number")
    return int(plain)


def _calendar(entry: Entry, end: str) -> str:
    said = entry.first(f"{end}.calendar" if end else "calendar")
    return said if said in calendars.CALENDARS else entry.reader.calendar


def _day(entry: Entry, end: str = "") -> str:
    dot = f"{end}." if end else ""
    try:
        year, month, day = (_number(entry.first(f"{dot}{part}")) for part in ("year", "month", "day"))
    except Refusal as refusal:
        raise Refusal("desk.bad-day") from refusal
    found = calendars.Day(_calendar(entry, end), year, month, day)
    return calendars.to_gregorian(found, entry.reader.party.hijri_offset)


def _moment(entry: Entry, end: str = "") -> str:
    day = _day(entry, end)
    match = _TIME.fullmatch(calendars.parse_digits(entry.first(f"{end}.time" if end else "time")).strip())
    if match is None or int(match[1]) > 23 or int(match[2] or 0) > 59:
        raise Refusal("desk.bad-time")
    time = f"{int(match[1]):02}:{match[2] or '00'}"
    return str(moments.from_civil(day, time, entry.reader.party.utc_offset))


def _interval(entry: Entry) -> dict[str, str]:
    return {"from": _moment(entry, "from"), "until": _moment(entry, "until")}


def _position(text: str) -> places.Stated:
    try:
        return grid.position(text) or places.parse_position(text)
    except Refusal as refusal:
        raise Refusal("desk.bad-position") from refusal


def _place(entry: Entry) -> dict[str, Any]:
    stated = _stated_place(entry)
    if lies_outside(stated, entry.reader.law) and not entry.first("outside"):
        raise Refusal("desk.outside-sectors")
    return stated


def _stated_place(entry: Entry) -> dict[str, Any]:
    form = entry.first("form")
    match form:
        case "sector" | "crossing":
            return {"form": form, form: entry.first(form)}
        case "kilometre":
            return {"form": form, "km": _number(entry.first("km"))}
        case "pillar":
            return {"form": form, "pillar": _number(entry.first("pillar"))}
        case "cell":
            size = _number(entry.first("size"))
            if size not in CELL_SIZES:
                raise Refusal("desk.bad-number")
            cell = places.cell_of(_position(entry.first("position")).position, size)
            return {"form": form, "lon": cell.lon, "lat": cell.lat, "size": cell.size}
        case "point":
            stated = _position(entry.first("position"))
            accuracy = entry.first("accuracy").strip()
            metres = _number(accuracy) if accuracy else max(stated.accuracy, 1)
            return {"form": form, "lon": stated.position[0], "lat": stated.position[1], "accuracy": metres}
        case "area":
            corners = [line for line in entry.first("ring").splitlines() if line.strip()]
            return {"form": form, "ring": [list(_position(corner).position) for corner in corners]}
    return {"form": form}


def _counts(entry: Entry) -> dict[str, int]:
    return {code: _number(values[0]) for code, values in sorted(entry.typed.items()) if code and values[0].strip()}


def _phrase(entry: Entry) -> dict[str, Any]:
    name = entry.first("phrase")
    chosen = next((phrase for phrase in entry.phrases if phrase.name == name), None)
    slots = [gap for gap in chosen.gaps if gap.slot] if chosen else []
    return {"phrase": name, "slots": {gap.slot: _slot(gap, entry.reader) for gap in slots}}


def _slot(gap: Gap, reader: Reader) -> int | str:
    """A number, a time in its stored spelling, or something that the law names, by its label or its code."""
    text = calendars.parse_digits(gap.typed.strip())
    if is_moment(text) or is_day(text):
        return text
    named = {each.id for each in reader.law.sectors} | {each.id for each in reader.law.crossings}
    named |= {code for codes in reader.law.codes.values() for code in codes}
    found = next((each for each in named if gap.typed.strip() in (each, slot_text(reader, each))), None)
    if found is not None:
        return found
    try:
        return _number(text)
    except Refusal as refusal:
        raise Refusal("desk.bad-slot", slot=gap.name) from refusal


def _text(entry: Entry) -> dict[str, str]:
    return {"lang": entry.first("lang"), "text": entry.first("text").replace("\r\n", "\n").strip()}


def _paragraphs(entry: Entry) -> dict[str, list[str]]:
    """The lines with something on them in each authentic language."""
    return {code: list(paragraphs(entry.first(code))) for code in entry.reader.law.authentic}


def _extent(entry: Entry) -> dict[str, Any]:
    typed = _BETWEEN_NUMBERS.split(entry.first("numbers").strip())
    return {"numbers": sorted({_number(each) for each in typed if each}), "of": _number(entry.first("of"))}


def _reference(entry: Entry) -> dict[str, str]:
    number = numbers.spoken(*numbers.parse(entry.text))
    found = ledgers.notice(number)
    if found is None or found.leaf is None:
        raise Refusal("desk.not-held", number=number)
    return {"log": found.log, "id": found.leaf.header.id}


_READ: Mapping[str, Callable[[Entry], Any]] = {
    "attachment": lambda entry: entry.given,
    "moment": _moment,
    "interval": _interval,
    "day": _day,
    "place": _place,
    "sector": lambda entry: entry.text,
    "crossing": lambda entry: entry.text,
    "commitment": lambda entry: entry.text,
    "code": lambda entry: entry.text,
    "codes": lambda entry: sorted(set(entry.typed[""])),
    "counts": _counts,
    "quantity": lambda entry: _number(entry.text),
    "reference": _reference,
    "phrase": _phrase,
    "text": _text,
    "link": lambda entry: entry.text.strip(),
    "paragraphs": _paragraphs,
    "extent": _extent,
}
