"""Tables for earlier commitments and decisions in the reader's words: the template, what its words mean when it comes
back, and the rows that were refused, to be mended and brought again."""

from collections.abc import Callable, Iterator, Mapping

from django.utils import translation
from django.utils.translation import get_language_info, gettext, pgettext

from mithaq import calendars, moments
from mithaq.corridors.tables import fold_word
from mithaq.followup import earlier_tables
from mithaq.followup.earlier_tables import MOST_ROWS, NOTE, WHY, Column, RefusedRow, Table, Terms
from mithaq.followup.meetings import SIDES
from mithaq.instrument.law import Field, Kind
from mithaq.moments import Moment
from mithaq.notices.fields.paragraphs import PARAGRAPHS
from mithaq.notices.fields.times import DAY
from mithaq_files import entry_sheets
from mithaq_node.web.papers.saying import direction
from mithaq_node.web.reader import Reader

_SIDE = "side"
"""The list whose codes are the parties by their place in the instrument."""
_EXAMPLE_DAYS: Mapping[str, str] = {"as_of": "2002-03-10", "due": "2003-03-10"}
_EXAMPLE_DAY = "2001-03-10"


def terms(kind: Kind, reader: Reader, now: Moment) -> Terms:
    """What the words of a table of this kind mean, in any language of the instrument."""
    party = reader.party
    return Terms(
        columns={fold_word(heading): column for heading, column in _headings(kind, reader)},
        values={field.name: _values(field, reader) for field in kind.fields if field.codes},
        examples=frozenset(fold_word(each) for each in _in_all(_example, reader)),
        labels={field.name: reader.label(f"field.{kind.name}.{field.name}") for field in kind.fields},
        authentic=tuple(reader.law.authentic),
        today=moments.civil_day(now, party.utc_offset),
        hijri_offset=party.hijri_offset,
    )


def template(kind: Kind, reader: Reader) -> bytes:
    """The table to be filled in: with one row, which says that it is an example."""
    named = earlier_tables.columns(kind, reader.law.authentic, reader.calendar)
    return _written(kind, reader, named, (tuple(_example_cell(column, kind, reader) for column in named),))


def refused(table: Table, kind: Kind, reader: Reader) -> bytes:
    """The refused rows as they stood, each with the reason beside it; brought again, the reasons are passed over."""
    named = (*(column for column in table.heading if column.field != WHY), Column(WHY))
    kept = [place for place, column in enumerate(table.heading) if column.field != WHY]
    rows = []
    for row in table.refused:
        cells = [row.cells[place].text if place < len(row.cells) else "" for place in kept]
        beyond = [cell.text for cell in row.cells[len(table.heading) :]]
        rows.append((*cells, why(row, kind, reader), *beyond))
    return _written(kind, reader, named, tuple(rows))


def why(row: RefusedRow, kind: Kind, reader: Reader) -> str:
    """Why a row is refused, to this reader, with the code."""
    return f"{reader.refusal(reader.of_kind(row.refusal, kind.name))} [{row.refusal.code}]"


def column_name(field: str, kind: Kind, reader: Reader) -> str:
    """What a field is called; empty where none is meant."""
    return reader.label(f"field.{kind.name}.{field}") if field else ""


def file_name(kind: Kind) -> str:
    """The name of a file of such a table, without its ending."""
    return f"mithaq-{kind.name.replace('.', '-')}"


def _written(kind: Kind, reader: Reader, named: tuple[Column, ...], rows: tuple[tuple[str, ...], ...]) -> bytes:
    form = entry_sheets.Form(
        title=reader.label(f"kind.{kind.name}"),
        lists=gettext("Lists and advice"),
        columns=tuple(_column(column, kind, reader) for column in named),
        rows=rows,
        advice=tuple(_advice()),
        right_to_left=direction(reader.language) == "rtl",
        most=MOST_ROWS,
    )
    return entry_sheets.written(form)


def _advice() -> Iterator[str]:
    yield gettext("One row for each. Up to 500 rows; leave the headings as they are.")
    yield gettext("Choose from the list where there is one. Write several parties with a semicolon between them.")
    yield gettext("A day is year-month-day in numbers, in the calendar that its heading names.")
    yield gettext("In a text, a line is a paragraph; every language has the same number of lines.")
    yield gettext("Offices only: no names of anybody, no numbers of papers or telephones.")
    yield gettext("A row that says “example” in its first column is passed over.")
    yield gettext(
        "What you enter says “entered by your side, not sealed by the other side” until the other side seals it."
    )


def _column(column: Column, kind: Kind, reader: Reader) -> entry_sheets.Column:
    field = _field(kind, column)
    heading = _heading(column, kind, reader, reader.language)
    if field is None or not field.codes:
        return entry_sheets.Column(heading, long=field is not None and field.type == PARAGRAPHS.name)
    choices = tuple(_choice(field, code, reader) for code in _codes(field, reader))
    several = field.type == "codes"
    whole = ("; ".join(choices),) if several and len(choices) > 1 else ()
    return entry_sheets.Column(heading, (*whole, *choices), others=several)


def _field(kind: Kind, column: Column) -> Field | None:
    return next((field for field in kind.fields if field.name == column.field), None)


def _headings(kind: Kind, reader: Reader) -> Iterator[tuple[str, Column]]:
    """Every heading that is understood, in every language, and as codes: `due:solar`, `measure:fa`."""
    for calendar in calendars.CALENDARS:
        for column in (*earlier_tables.columns(kind, reader.law.authentic, calendar), Column(WHY)):
            yield f"{column.field}:{column.of}" if column.of else column.field, column
            for language in reader.law.languages:
                yield _heading(column, kind, reader, language), column


def _heading(column: Column, kind: Kind, reader: Reader, language: str) -> str:
    if column.field in (NOTE, WHY):
        with translation.override(language):
            return pgettext("heading of a column", "Note") if column.field == NOTE else gettext("Why it was refused")
    label = _label(f"field.{kind.name}.{column.field}", reader, language)
    if column.of in calendars.CALENDARS:
        return f"{label} ({calendars.calendar_name(column.of, language)})"
    return f"{label} ({get_language_info(column.of)['name_local']})" if column.of else label


def _label(key: str, reader: Reader, language: str) -> str:
    return Reader(language, reader.calendar, reader.law, reader.words, reader.party).label(key)


def _codes(field: Field, reader: Reader) -> tuple[str, ...]:
    listed = tuple(reader.law.codes[field.codes])
    return SIDES[: len(reader.law.parties)] if field.codes == _SIDE else listed


def _choice(field: Field, code: str, reader: Reader) -> str:
    """What a code is called in a list; a party by its name."""
    if field.codes == _SIDE:
        return reader.text(reader.law.parties[SIDES.index(code)].short)
    return reader.label(f"code.{field.codes}.{code}")


def _values(field: Field, reader: Reader) -> Mapping[str, str]:
    """Every word for a code of the field to the code: its labels, and a party's names and code."""
    found: dict[str, str] = {}
    for code in _codes(field, reader):
        words = [code, *reader.words.labels[f"code.{field.codes}.{code}"].values()]
        if field.codes == _SIDE:
            party = reader.law.parties[SIDES.index(code)]
            words += [party.code, *party.short.values(), *party.name.values()]
        found |= {fold_word(word): code for word in words}
    return found


def _example_cell(column: Column, kind: Kind, reader: Reader) -> str:
    field = _field(kind, column)
    if field is None:
        return _example()
    if field.type == DAY.name:
        day = calendars.convert(_EXAMPLE_DAYS.get(field.name, _EXAMPLE_DAY), column.of, reader.party.hijri_offset)
        return f"{day.year:04}-{day.month:02}-{day.day:02}"
    if field.type == PARAGRAPHS.name:
        with translation.override(column.of):
            return gettext("Example: the words of one paragraph")
    return _column(column, kind, reader).choices[0]


def _example() -> str:
    return gettext("example")


def _in_all(say: Callable[[], str], reader: Reader) -> Iterator[str]:
    for language in reader.law.languages:
        with translation.override(language):
            yield say()
