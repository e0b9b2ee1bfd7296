"""Files of tables: CSV and XLSX, and what is none of them."""

import io
import zipfile
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook

from mithaq.corridors.tables import Cell
from mithaq.errors import Refusal
from mithaq_files import sheets


def workbook(*rows: list[Any]) -> bytes:
    book, into = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(into)
    return into.getvalue()


def texts(content: bytes) -> list[list[str]]:
    return [[cell.text for cell in row] for row in sheets.read(content)]


def test_a_csv_is_read_with_whichever_separator_it_has() -> None:
    for separator in ",;\t":
        assert texts(f"day{separator}pilgrims\r\n2025-08-08{separator}7\r\n".encode("utf-8-sig")) == [
            ["day", "pilgrims"],
            ["2025-08-08", "7"],
        ]


def test_a_workbook_says_the_same_as_a_csv() -> None:
    content = workbook(["day", "pilgrims", "capacity"], [date(2025, 8, 8), 7, 8.0])
    assert texts(content) == [["day", "pilgrims", "capacity"], ["2025-08-08", "7", "8"]]


def test_a_formula_is_marked_in_either_form() -> None:
    assert sheets.read(b"a\n=1+1\n")[1] == [Cell("=1+1", formula=True)]
    assert sheets.read(workbook(["a"], ["=1+1"]))[1] == [Cell("=1+1", formula=True)]
    assert sheets.read(b"a\n-5\n")[1] == [Cell("-5")]


def test_what_is_written_is_read_again() -> None:
    rows: list[list[str | int]] = [["crossing", "pilgrims"], ['شلمچه, "x"', 7]]
    assert texts(sheets.written(rows)) == [["crossing", "pilgrims"], ['شلمچه, "x"', "7"]]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("روز,pilgrims".encode("cp1256"), "flow.encoding"),
        ("day,pilgrims".encode("utf-16"), "flow.encoding"),
        (b"PK\x03\x04 no archive", "flow.unreadable"),
        (b'a,"b', "flow.unreadable"),
        (b"x" * (sheets.MOST_BYTES + 1), "flow.too-large"),
    ],
)
def test_it_refuses_what_is_no_table(content: bytes, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        sheets.read(content)
    assert refused.value.code == code


def test_it_refuses_an_archive_that_unpacks_to_far_more_than_it_is() -> None:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 30_000_000)
    with pytest.raises(Refusal) as refused:
        sheets.read(into.getvalue())
    assert refused.value.code == "flow.too-large"


def with_member(name: str, content: bytes = b"") -> bytes:
    """A workbook that holds another member, too."""
    into = io.BytesIO(workbook(["day"], ["2025-08-08"]))
    with zipfile.ZipFile(into, "a") as packed:
        packed.writestr(name, content)
    return into.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("xl/vbaProject.bin", b"", "table.macros"),
        ("xl/macrosheets/sheet1.xml", b"", "table.macros"),
        ("xl/externalLinks/externalLink1.xml", b"", "table.links"),
        ("xl/connections.xml", b"", "table.links"),
        ("xl/embeddings/other.bin", b"", "table.links"),
        ("xl/other.xml", b'<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>', "flow.unreadable"),
    ],
)
def test_it_refuses_a_workbook_that_acts_or_takes_values_from_elsewhere(name: str, content: bytes, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        sheets.read(with_member(name, content))
    assert refused.value.code == code


def test_it_refuses_an_archive_of_very_many_members() -> None:
    into = io.BytesIO(workbook(["day"]))
    with zipfile.ZipFile(into, "a") as packed:
        for number in range(500):
            packed.writestr(f"xl/{number}.bin", b"")
    with pytest.raises(Refusal) as refused:
        sheets.read(into.getvalue())
    assert refused.value.code == "flow.too-large"
