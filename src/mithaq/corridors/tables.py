"""Tables of flows as officers keep them: what each row says, or why it is refused, row by row.

A table has one heading and one row for a crossing, a day, a direction and a source:

    crossing, day, direction, stage, source, [capacity], pilgrims, passengers, lorries, ...

Headings and values are the codes of the instrument, or its labels in any language. Days are of the calendar that is
named for the whole table; digits may be of any of the scripts. A row that is refused holds up no other: whoever reads
the table in decides whether the rest goes in without it. Of a day that this party has counted already, a lower count is
refused, because a count does not go backwards: a mistake is put right by a correction, which the other side can see.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mithaq import calendars, moments
from mithaq.calendars import Day
from mithaq.errors import Refusal

KEY: Final[tuple[str, ...]] = ("crossing", "day", "direction", "stage", "source")
"""The columns that every table has."""
CAPACITY: Final[str] = "capacity"
COUNT: Final[str] = "count"
MOST_ROWS: Final = 2_000

_PLAUSIBLE: Final[Mapping[str, range]] = {
    "gregorian": range(1950, 2101),
    "solar": range(1330, 1480),
    "hijri": range(1370, 1500),
}
"""The years in which a table may lie, calendar by calendar. A Gregorian year is taken for no other and no other for it;
the two Hijri calendars cannot be told apart by their years."""
_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_NUMBER = re.compile(r"-?\d+|-?\d{1,3}(?:[,٬]\d{3})+")
_LONGEST: Final = 60

Place = tuple[str, str, str, str, str]
"""Crossing, day, direction, stage, source."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell; a formula has no value that anybody has stated."""

    text: str
    formula: bool = False
    is_day: bool = False
    """Whether the file itself keeps it as a day, in whatever calendar it shows it; the text is the Gregorian day."""


Row = Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Terms:
    """What the words of a table mean: a heading to its column, and column by column a word to its code. Words are
    compared as `fold_word` writes them."""

    columns: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]
    categories: frozenset[str]
    """The columns that hold numbers by category."""
    hijri_offset: int = 0


@dataclass(frozen=True, slots=True)
class Figure:
    """A row that says something: what a notice of it would say."""

    row: int
    """From 1; the heading is the first."""
    content: Mapping[str, Any]

    @property
    def place(self) -> Place:
        crossing, day, direction, stage, source = (str(self.content[name]) for name in KEY)
        return crossing, day, direction, stage, source


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is refused, and why."""

    row: int
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Table:
    """What a table says, and what of it is refused."""

    figures: tuple[Figure, ...]
    refused: tuple[Refused, ...]


def fold_word(text: str) -> str:
    """A heading or a value as it is compared: without its outer spaces, its case, and joiners that nobody sees."""
    plain = text.replace("\u200c", " ").replace("\u200f", "").replace("\u200e", "").replace("\u0640", "")
    return " ".join(calendars.parse_digits(plain).replace("_", "-").casefold().split())


def read(
    rows: Sequence[Row], terms: Terms, calendar: str, stated: Mapping[Place, Mapping[str, int]] | None = None
) -> Table:
    """What the rows say, the first of them being the heading. `stated` is what this party has told so far.

    Refuses a table without a heading that has every column of `KEY` and one category at least (`flow.no-column`), with
    a column twice or of no meaning (`flow.odd-column`), without rows (`flow.empty`), or with too many
    (`flow.too-many-rows`).
    """
    if calendar not in _PLAUSIBLE:
        raise Refusal("calendar.unknown", calendar=calendar[:40])
    filled = [(number, row) for number, row in enumerate(rows, 1) if any(cell.text.strip() for cell in row)]
    if len(filled) < 2:
        raise Refusal("flow.empty")
    if len(filled) - 1 > MOST_ROWS:
        raise Refusal("flow.too-many-rows", limit=MOST_ROWS, found=len(filled) - 1)
    columns = _columns(filled[0][1], terms)
    figures: list[Figure] = []
    refused: list[Refused] = []
    seen: dict[Place, int] = {}
    for number, row in filled[1:]:
        try:
            figure = Figure(number, dict(_content(row, columns, terms, calendar)))
            _check(figure, seen, stated or {})
        except Refusal as refusal:
            refused.append(Refused(number, refusal))
        else:
            figures.append(figure)
            seen[figure.place] = number
    return Table(tuple(figures), tuple(refused))


def _columns(heading: Row, terms: Terms) -> tuple[str, ...]:
    columns = tuple(_column(cell, terms) for cell in heading)
    named = [each for each in columns if each]
    for name in named:
        if named.count(name) > 1:
            raise Refusal("flow.odd-column", found=name)
    for name in KEY:
        if name not in named:
            raise Refusal("flow.no-column", column=name)
    if not terms.categories.intersection(named):
        raise Refusal("flow.no-column", column="/".join(sorted(terms.categories)))
    return columns


TOLD_BY: Final = frozenset({"party", "number"})
"""Columns that an export has beside those that are read; they are passed over."""


def _column(cell: Cell, terms: Terms) -> str:
    word = fold_word(cell.text)
    if word in TOLD_BY:
        return ""
    if word and word not in terms.columns:
        raise Refusal("flow.odd-column", found=cell.text.strip()[:_LONGEST])
    return terms.columns.get(word, "")


def _content(row: Row, columns: Sequence[str], terms: Terms, calendar: str) -> Iterator[tuple[str, Any]]:
    """The fields of a notice, name and value."""
    cells = {name: cell for name, cell in zip(columns, row, strict=False) if name and cell.text.strip()}
    for name, cell in cells.items():
        if cell.formula:
            raise Refusal("flow.formula", column=name)
    for name in KEY:
        if name not in cells:
            raise Refusal("flow.nothing-stated", column=name)
        text = cells[name].text.strip()
        yield name, _day(text, calendar, terms.hijri_offset) if name == "day" else _code(name, text, terms)
    counts = {name: _number(name, cell.text) for name, cell in sorted(cells.items()) if name in terms.categories}
    if not counts:
        raise Refusal("flow.no-figure")
    yield "counts", counts
    if CAPACITY in cells:
        yield CAPACITY, _number(CAPACITY, cells[CAPACITY].text)


def _code(column: str, text: str, terms: Terms) -> str:
    code = terms.values.get(column, {}).get(fold_word(text))
    if code is None:
        refused = "flow.unknown-crossing" if column == "crossing" else "flow.unknown-word"
        raise Refusal(refused, column=column, found=text[:_LONGEST])
    return code


def _day(text: str, calendar: str, hijri_offset: int) -> str:
    found = _DAY.fullmatch(calendars.parse_digits(text))
    if found is None:
        raise Refusal("flow.no-day", found=text[:_LONGEST])
    year, month, day = (int(part) for part in found.groups())
    if year not in _PLAUSIBLE[calendar]:
        raise Refusal("flow.wrong-calendar", calendar=calendar, found=text[:_LONGEST])
    try:
        iso = calendars.to_gregorian(Day(calendar, year, month, day), hijri_offset)
        moments.parse_day(iso)
    except Refusal as refusal:
        raise Refusal("flow.no-day", found=text[:_LONGEST]) from refusal
    return iso


def _number(column: str, text: str) -> int:
    plain = calendars.parse_digits(text.strip())
    if _NUMBER.fullmatch(plain) is None:
        raise Refusal("flow.no-number", column=column, found=text.strip()[:_LONGEST])
    number = int(plain.replace(",", "").replace("٬", ""))
    if number < 0:
        raise Refusal("flow.negative", column=column, found=text.strip()[:_LONGEST])
    return number


def _check(figure: Figure, seen: Mapping[Place, int], stated: Mapping[Place, Mapping[str, int]]) -> None:
    """Refuse a day that stands in the table twice, that was told already, or whose count has become lower."""
    place = figure.place
    if place in seen:
        raise Refusal("flow.twice", row=seen[place])
    known = stated.get(place)
    if known is None:
        return
    counts = figure.content["counts"]
    if figure.content["stage"] == COUNT:
        for category, number in counts.items():
            if number < known.get(category, 0):
                raise Refusal("flow.backwards", column=category, found=number, stated=known[category])
    if dict(known) == counts:
        raise Refusal("flow.told-already")
