"""Files of tables: CSV in UTF-8 and XLSX, as rows of cells. What a cell means is not judged here.

A cell that begins as a formula does is one, in either form: whoever opens the table sees a number that nobody stated.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from openpyxl import load_workbook

from mithaq.corridors.tables import MOST_ROWS, Cell
from mithaq.errors import Refusal

MOST_BYTES = 1_000_000
_MOST_UNPACKED = 20_000_000
_MOST_MEMBERS = 400
_MOST_COLUMNS = 40
_ZIP = b"PK\x03\x04"
_FORMULA = ("=", "@", "+")
_MACROS = ("vba", "activex", "macrosheet")
_ELSEWHERE = ("/externallinks/", "/connections.xml", "/querytables/", "/embeddings/")
"""Parts by which a workbook takes values from elsewhere, or carries another file."""


def read(content: bytes) -> list[list[Cell]]:
    """The rows of the first sheet of an XLSX, or of a CSV with commas, semicolons or tabs between its cells.

    Refuses what is too large (`flow.too-large`), text in another encoding (`flow.encoding`), a workbook with macros
    (`table.macros`) or with values from elsewhere (`table.links`), and what is no table (`flow.unreadable`).
    """
    if len(content) > MOST_BYTES:
        raise Refusal("flow.too-large", limit=MOST_BYTES)
    return _workbook(content) if content.startswith(_ZIP) else _text(content)


def written(rows: Iterable[Sequence[str | int]]) -> bytes:
    """Rows as CSV in UTF-8, with the mark by which spreadsheets know the encoding."""
    into = io.StringIO(newline="")
    csv.writer(into, lineterminator="\r\n").writerows(rows)
    return into.getvalue().encode("utf-8-sig")


def _text(content: bytes) -> list[list[Cell]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refusal("flow.encoding") from error
    if "\0" in text:
        raise Refusal("flow.encoding")
    heading = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=heading.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise Refusal("flow.unreadable") from error
    return [[Cell(each, each.lstrip().startswith(_FORMULA)) for each in row[:_MOST_COLUMNS]] for row in rows]


def _workbook(content: bytes) -> list[list[Cell]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            _check_package(packed)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        rows = book.worksheets[0].iter_rows(max_row=MOST_ROWS + 2, max_col=_MOST_COLUMNS)
        return [_filled([_cell(each.value, each.data_type) for each in row]) for row in rows]
    except Refusal:
        raise
    except Exception as error:  # openpyxl raises whatever a broken file makes it raise
        raise Refusal("flow.unreadable") from error


def _check_package(packed: zipfile.ZipFile) -> None:
    """Refuse a workbook that unpacks to too much, can act, or is not all that it says."""
    members = packed.infolist()
    if len(members) > _MOST_MEMBERS or sum(each.file_size for each in members) > _MOST_UNPACKED:
        raise Refusal("flow.too-large", limit=_MOST_UNPACKED)
    names = [f"/{each.filename.lower()}" for each in members]
    kinds = packed.read("[Content_Types].xml").lower()
    if b"macroenabled" in kinds or any(word in name for name in names for word in _MACROS):
        raise Refusal("table.macros")
    if any(word in name for name in names for word in _ELSEWHERE):
        raise Refusal("table.links")
    for name, each in zip(names, members, strict=True):
        if name.endswith((".xml", ".rels")) and b"<!DOCTYPE" in packed.read(each):
            raise Refusal("flow.unreadable")


def _filled(row: list[Cell]) -> list[Cell]:
    """The row up to its last cell in which anything stands."""
    while row and not row[-1].text:
        row.pop()
    return row


def _cell(value: object, type_code: str) -> Cell:
    match value:
        case None:
            return Cell("")
        case datetime():
            return Cell(value.date().isoformat(), is_day=True)
        case date():
            return Cell(value.isoformat(), is_day=True)
        case float() if value.is_integer():
            return Cell(str(int(value)))
        case _:
            text = str(value)
            return Cell(text, type_code == "f" or text.lstrip().startswith(_FORMULA))
