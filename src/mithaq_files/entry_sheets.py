"""Tables to be filled in, as XLSX: headings, lists to choose from, an example, and how it is filled in.

The first sheet is the table and is all that is read back (`mithaq_files.sheets`); the second holds the lists from
which its cells are chosen, and the advice. Every cell below the headings is a text, so that a program that opens the
file makes no day or number of it. There is nothing in it that acts. Equal tables give equal bytes.
"""

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from mithaq_files.printed import Cell
from mithaq_files.workbooks import CHARACTERS, of_its_moment, put, sheet_name

_AT: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""The moment of every such file: it is of no day."""
_TEXT: Final = "@"
_WIDEST: Final = 48
_NARROW: Final = 22


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, what may be chosen in it, and whether it holds a long text."""

    heading: str
    choices: tuple[str, ...] = ()
    others: bool = False
    """Whether something may stand in it that is not in the list, such as two of its words."""
    long: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A table to be filled in."""

    title: str
    lists: str
    """What the second sheet is called."""
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    """What stands in it already."""
    advice: tuple[str, ...]
    right_to_left: bool
    most: int
    """How many rows it takes."""


def written(form: Form) -> bytes:
    """The file."""
    book = Workbook()
    table = book.active
    assert isinstance(table, Worksheet)
    table.title = sheet_name(1, form.title)
    lists = book.create_sheet(sheet_name(2, form.lists))
    for sheet in (table, lists):
        sheet.sheet_view.rightToLeft = form.right_to_left
    _head(table, form)
    for number, row in enumerate(form.rows, start=2):
        for place, text in enumerate(row, start=1):
            put(table, number, place, Cell(text)).number_format = _TEXT
    _lists(table, lists, form)
    saved = io.BytesIO()
    book.save(saved)
    return of_its_moment(book, saved, _AT)


def _head(sheet: Worksheet, form: Form) -> None:
    for place, column in enumerate(form.columns, start=1):
        put(sheet, 1, place, Cell(column.heading)).font = Font(bold=True)
        whole = sheet.column_dimensions[get_column_letter(place)]
        whole.width, whole.number_format = (_WIDEST if column.long else _NARROW), _TEXT
    sheet.freeze_panes = "A2"


def _lists(table: Worksheet, lists: Worksheet, form: Form) -> None:
    """The lists beside each other, under the headings that they are for; below them the advice."""
    chosen = [(place, column) for place, column in enumerate(form.columns, start=1) if column.choices]
    for at, (place, column) in enumerate(chosen, start=1):
        letter = get_column_letter(at)
        lists.column_dimensions[letter].width = _NARROW
        put(lists, 1, at, Cell(column.heading)).font = Font(bold=True)
        for row, choice in enumerate(column.choices, start=2):
            put(lists, row, at, Cell(choice))
        source = f"{quote_sheetname(lists.title)}!${letter}$2:${letter}${len(column.choices) + 1}"
        rule = DataValidation(type="list", formula1=source, allow_blank=True, showErrorMessage=not column.others)
        over = get_column_letter(place)
        rule.add(f"{over}2:{over}{form.most + 1}")
        table.add_data_validation(rule)
    below = max((len(column.choices) for _, column in chosen), default=0) + 4
    for row, line in enumerate(form.advice, start=below):
        lists.merge_cells(start_row=row, start_column=1, end_row=row, end_column=max(4, len(chosen)))
        put(lists, row, 1, Cell(line))
        lists.row_dimensions[row].height = 15 * (1 + len(line) // CHARACTERS)
