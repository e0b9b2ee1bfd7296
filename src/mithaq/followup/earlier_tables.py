"""Tables of earlier commitments and decisions: what each row says, or in which column it is refused and why.

The columns are the fields of the kind: one for a code or a day, one for each authentic language of a text. Headings and
values are codes, or the instrument's words in any of its languages; the heading of a day names its calendar. A row that
is refused holds up no other, and its cells are kept as they stood, so that it can be mended and brought again. A row
that says that it is the example is passed over, and named.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mithaq import calendars, moments
from mithaq.calendars import Day
from mithaq.corridors.tables import Cell, fold_word
from mithaq.errors import Refusal
from mithaq.followup.wording import paragraphs
from mithaq.instrument.law import Field, Kind
from mithaq.notices.fields.paragraphs import PARAGRAPHS
from mithaq.notices.fields.times import DAY

MOST_ROWS: Final = 500
NOTE: Final = "note"
"""The column in which the example says that it is one; nothing in it is entered."""
WHY: Final = "why"
"""The column in which refused rows say why; passed over when they are brought again."""

_PAST: Final = ("concluded", "held", "as_of")
"""Days that are over when they are entered."""
_BEGINS: Final = ("concluded", "held")
"""Days before which nothing of the row is due."""
_PLAUSIBLE: Final[Mapping[str, range]] = {
    "gregorian": range(1800, 2101),
    "solar": range(1200, 1480),
    "hijri": range(1215, 1526),
}
"""The years in which earlier agreements and what they promised may lie, calendar by calendar."""
_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_BETWEEN = re.compile(r"[;؛\n]")
_LONGEST: Final = 60


@dataclass(frozen=True, slots=True)
class Column:
    """A column: a field of the kind, or `NOTE` or `WHY`."""

    field: str
    of: str = ""
    """The language of a text, the calendar of a day; else empty."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the words of a table mean. Words are compared as `fold_word` writes them."""

    columns: Mapping[str, Column]
    """A heading to its column."""
    values: Mapping[str, Mapping[str, str]]
    """A coded field to a word to its code."""
    examples: frozenset[str]
    """What stands under `NOTE` in a row that is only an example."""
    labels: Mapping[str, str]
    """A field to what it is called to whoever reads the table in."""
    authentic: tuple[str, ...]
    today: str
    """The day on which the table is read, `YYYY-MM-DD`, on the party's civil clock."""
    hijri_offset: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A row that says something: what a notice of it would say, and its cells as they stood."""

    number: int
    """From 1; the heading is the first."""
    content: Mapping[str, Any]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that is refused: in which column, where it is one, and why."""

    number: int
    column: str
    """The field; empty where the whole row is meant."""
    refusal: Refusal
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """What a table says, and what of it is refused."""

    heading: tuple[Column, ...]
    rows: tuple[Row, ...]
    refused: tuple[RefusedRow, ...]
    examples: tuple[int, ...]
    """The numbers of the rows that say that they are an example."""


class _Wrong(Exception):
    """A refusal and the field that it is about."""

    def __init__(self, field: str, refusal: Refusal) -> None:
        super().__init__(field)
        self.field, self.refusal = field, refusal


def columns(kind: Kind, authentic: Iterable[str], calendar: str) -> tuple[Column, ...]:
    """The columns of the template of a kind, that of the note in front; days in one calendar."""
    languages = tuple(authentic)
    found = [Column(NOTE)]
    for field in kind.fields:
        if field.type == PARAGRAPHS.name:
            found += [Column(field.name, language) for language in languages]
        else:
            found.append(Column(field.name, calendar if field.type == DAY.name else ""))
    return tuple(found)


def read(rows: Sequence[Sequence[Cell]], kind: Kind, terms: Terms) -> Table:
    """What the rows say, the first of them being the heading.

    Refuses a table without rows (`earlier.empty`), with too many (`earlier.too-many-rows`), without the column of a
    field that every row must have (`earlier.no-column`), or with one twice or of no meaning (`earlier.odd-column`).
    """
    filled = [(number, tuple(row)) for number, row in enumerate(rows, 1) if any(cell.text.strip() for cell in row)]
    if len(filled) < 2:
        raise Refusal("earlier.empty")
    if len(filled) - 1 > MOST_ROWS:
        raise Refusal("earlier.too-many-rows", limit=MOST_ROWS)
    heading = _heading(filled[0][1], kind, terms)
    said, refused, examples = list[Row](), list[RefusedRow](), list[int]()
    for number, cells in filled[1:]:
        try:
            if _is_example(heading, cells, terms):
                examples.append(number)
                continue
            content = dict(_content(heading, cells, kind, terms))
            before = next((each.number for each in said if each.content == content), None)
            if before is not None:
                raise _Wrong("", Refusal("earlier.twice", row=before))
        except _Wrong as wrong:
            refused.append(RefusedRow(number, wrong.field, wrong.refusal, cells))
        else:
            said.append(Row(number, content, cells))
    return Table(heading, tuple(said), tuple(refused), tuple(examples))


def _heading(cells: Sequence[Cell], kind: Kind, terms: Terms) -> tuple[Column, ...]:
    found = list[Column]()
    for cell in cells:
        column = terms.columns.get(fold_word(cell.text))
        if column is None or any(_is_same(column, each) for each in found):
            raise Refusal("earlier.odd-column", found=cell.text.strip()[:_LONGEST])
        found.append(column)
    named = {(each.field, each.of) for each in found}
    fields = {each.field for each in found}
    for field in kind.fields:
        languages = terms.authentic if field.type == PARAGRAPHS.name else ()
        if any((field.name, each) not in named for each in languages) or (field.required and field.name not in fields):
            raise Refusal("earlier.no-column", column=terms.labels[field.name])
    return tuple(found)


def _is_same(one: Column, other: Column) -> bool:
    """Whether two columns say the same thing: equal, or one day in two calendars."""
    return one == other or (one.field == other.field and {one.of, other.of} <= set(calendars.CALENDARS))


def _is_example(heading: Sequence[Column], cells: Sequence[Cell], terms: Terms) -> bool:
    return any(
        column.field == NOTE and fold_word(cell.text) in terms.examples
        for column, cell in zip(heading, cells, strict=False)
    )


def _content(heading: Sequence[Column], cells: Sequence[Cell], kind: Kind, terms: Terms) -> Iterator[tuple[str, Any]]:
    """The fields of a notice, name and value."""
    if any(cell.text.strip() for cell in cells[len(heading) :]):
        raise _Wrong("", Refusal("earlier.beyond-heading"))
    under: dict[str, dict[str, Cell]] = {}
    for column, cell in zip(heading, cells, strict=False):
        if column.field in (NOTE, WHY) or not cell.text.strip():
            continue
        if cell.formula:
            raise _Wrong(column.field, Refusal("earlier.formula", column=terms.labels[column.field]))
        under.setdefault(column.field, {})[column.of] = cell
    days: dict[str, str] = {}
    for field in kind.fields:
        said = under.get(field.name)
        if said is None:
            if field.required:
                raise _Wrong(field.name, Refusal("earlier.nothing-stated", column=terms.labels[field.name]))
            continue
        value = _value(field, said, terms)
        if field.type == DAY.name:
            days[field.name] = value
        yield field.name, value
    _check_days(days, terms)


def _value(field: Field, said: Mapping[str, Cell], terms: Terms) -> Any:
    if field.type == PARAGRAPHS.name:
        return {code: list(paragraphs(said[code].text)) if code in said else [] for code in terms.authentic}
    ((calendar, cell),) = said.items()
    text = cell.text.strip()
    if field.type == DAY.name:
        return _day(field.name, text, "gregorian" if cell.is_day else calendar, terms.hijri_offset)
    if field.type == "codes":
        words = (each.strip() for each in _BETWEEN.split(text) if each.strip())
        return sorted({_code(field.name, each, terms) for each in words})
    return _code(field.name, text, terms)


def _code(field: str, text: str, terms: Terms) -> str:
    code = terms.values.get(field, {}).get(fold_word(text))
    if code is None:
        raise _Wrong(field, Refusal("earlier.unknown-word", column=terms.labels[field], found=text[:_LONGEST]))
    return code


def _day(field: str, text: str, calendar: str, hijri_offset: int) -> str:
    found = _DAY.fullmatch(calendars.parse_digits(text))
    if found is None:
        raise _Wrong(field, Refusal("earlier.no-day", found=text[:_LONGEST]))
    year, month, day = (int(part) for part in found.groups())
    if year not in _PLAUSIBLE[calendar]:
        raise _Wrong(field, Refusal("earlier.wrong-calendar", calendar=calendar, found=text[:_LONGEST]))
    try:
        iso = calendars.to_gregorian(Day(calendar, year, month, day), hijri_offset)
        moments.parse_day(iso)
    except Refusal as refusal:
        raise _Wrong(field, Refusal("earlier.no-day", found=text[:_LONGEST])) from refusal
    return iso


def _check_days(days: Mapping[str, str], terms: Terms) -> None:
    """Refuse a day of something earlier that is still to come, and what was due before it was promised."""
    for name in _PAST:
        if days.get(name, "") > terms.today:
            raise _Wrong(name, Refusal("earlier.not-past", column=terms.labels[name]))
    begun = next((days[name] for name in _BEGINS if name in days), "")
    if begun and days.get("due", begun) < begun:
        raise _Wrong("due", Refusal("earlier.due-before", column=terms.labels["due"]))
    if begun and days.get("as_of", begun) < begun:
        raise _Wrong("as_of", Refusal("earlier.due-before", column=terms.labels["as_of"]))
