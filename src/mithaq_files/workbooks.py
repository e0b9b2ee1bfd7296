"""A paper as XLSX: a sheet of what it is, and one for each table, right-to-left where its language is.

Every text is stored as a text, also one that begins as a formula does: whoever opens the file sees what was stated, and
no program reckons with it. Whole numbers are numbers. Its times are those of the paper, so that equal papers give equal
bytes.
"""

import io
import re
import zipfile
from datetime import datetime

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as Place
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.xml.constants import ARC_CORE
from openpyxl.xml.functions import tostring

from mithaq_files import archive
from mithaq_files.printed import Cell, Passage, Printed, Table

_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_LONGEST_NAME = 31
_FORMULA = ("=", "+", "-", "@", "\t")
CHARACTERS = 110
"""How wide a table is altogether."""


def written(paper: Printed) -> bytes:
    """The file."""
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    _cover(first, paper)
    for number, section in enumerate(paper.sections, start=1):
        sheet = book.create_sheet(sheet_name(number, section.title))
        sheet.sheet_view.rightToLeft = paper.right_to_left
        _table(sheet, section) if isinstance(section, Table) else _passage(sheet, section)
    saved = io.BytesIO()
    book.save(saved)
    return of_its_moment(book, saved, datetime.fromisoformat(paper.at))


def of_its_moment(book: Workbook, saved: io.BytesIO, at: datetime) -> bytes:
    """The saved file with the times of the paper in place of the present, which saving writes whatever was set."""
    book.properties.created = book.properties.modified = at
    properties = tostring(book.properties.to_tree())
    with zipfile.ZipFile(saved) as written:
        return archive.packed(
            (name, properties if name == ARC_CORE else written.read(name)) for name in written.namelist()
        )


def _cover(sheet: Worksheet, paper: Printed) -> None:
    sheet.title = sheet_name(0, paper.title)
    sheet.sheet_view.rightToLeft = paper.right_to_left
    sheet.column_dimensions["A"].width = CHARACTERS
    for row, text in enumerate((*paper.marks, paper.over, paper.title, *paper.lines), start=1):
        put(sheet, row, 1, Cell(text)).font = Font(bold=text == paper.title)


def _table(sheet: Worksheet, table: Table) -> None:
    for column, (head, share) in enumerate(zip(table.head, table.widths, strict=True), start=1):
        put(sheet, 1, column, Cell(head)).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = max(10, CHARACTERS * share // sum(table.widths))
    sheet.freeze_panes = "A2"
    for row, cells in enumerate(table.rows, start=2):
        for column, cell in enumerate(cells, start=1):
            put(sheet, row, column, cell)
    if not table.rows:
        put(sheet, 2, 1, Cell(table.empty))


def _passage(sheet: Worksheet, passage: Passage) -> None:
    sheet.column_dimensions["A"].width = CHARACTERS
    for row, text in enumerate((passage.title, *passage.paragraphs), start=1):
        put(sheet, row, 1, Cell(text))


def put(sheet: Worksheet, row: int, column: int, cell: Cell) -> Place:
    """Write a cell: a number as one, and every text as a text, also one that begins as a formula does."""
    place = sheet.cell(row, column)
    assert isinstance(place, Place)
    place.alignment = Alignment(wrap_text=True, vertical="top")
    if cell.number is not None:
        place.value = cell.number
        return place
    place.value, place.data_type = _UNPRINTABLE.sub("", cell.text), "s"  # the second, because "=" makes it a formula
    place.quotePrefix = cell.text.lstrip().startswith(_FORMULA)
    return place


def sheet_name(number: int, title: str) -> str:
    """A name of a sheet that every program takes, and no two alike."""
    return f"{number} {_FORBIDDEN.sub(' ', title)}"[:_LONGEST_NAME]
