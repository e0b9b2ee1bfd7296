"""Papers as .docx and XLSX: right-to-left where their language is, every text a text, and nothing else in the file."""

import io
import zipfile
from dataclasses import replace
from xml.etree import ElementTree

from openpyxl import load_workbook

from mithaq_files import word_processing, workbooks
from mithaq_files.printed import Cell, Passage, Printed, Table

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FORMULA = '=HYPERLINK("http://example.org")'
TABLE = Table("تعهدها", ("ماده", "نمره"), (3, 1), ((Cell("1 & <2>"), Cell("۳", 3)), (Cell(FORMULA), Cell("+1"))))
PAPER = Printed(
    language="fa",
    right_to_left=True,
    marks=("نمایش",),
    over="یادداشت",
    title="گزارش",
    cut="IQ 12-5",
    at="2031-03-01T06:07:08Z",
    lines=("یک",),
    sections=(TABLE, Passage("متن", ("خط\nدوم",)), replace(TABLE, title="a/b:[c]?*", rows=(), empty="هیچ")),
)


def document(paper: Printed) -> ElementTree.Element:
    with zipfile.ZipFile(io.BytesIO(word_processing.written(paper))) as packed:
        for name in packed.namelist():
            ElementTree.fromstring(packed.read(name))
        return ElementTree.fromstring(packed.read("word/document.xml"))


def test_every_paragraph_run_and_table_of_a_right_to_left_document_is_so_and_of_another_none() -> None:
    for paper, expected in ((PAPER, True), (replace(PAPER, right_to_left=False, language="en"), False)):
        root = document(paper)
        for paragraph in root.iter(f"{W}p"):
            assert (paragraph.find(f"{W}pPr/{W}bidi") is not None) is expected
        assert all((run.find(f"{W}rPr/{W}rtl") is not None) is expected for run in root.iter(f"{W}r"))
        assert all((table.find(f"{W}tblPr/{W}bidiVisual") is not None) is expected for table in root.iter(f"{W}tbl"))


def test_a_document_says_what_the_paper_says_and_equal_papers_are_equal_bytes() -> None:
    said = [text.text for text in document(PAPER).iter(f"{W}t")]
    cells = ["ماده", "نمره", "1 & <2>", "۳", FORMULA, "+1"]
    assert said == ["یادداشت", "گزارش", "یک", "تعهدها", *cells, "متن", "خط", "دوم", "a/b:[c]?*", "هیچ"]
    assert word_processing.written(PAPER) == word_processing.written(PAPER)


def test_a_workbook_is_right_to_left_and_what_begins_as_a_formula_is_a_text() -> None:
    book = load_workbook(io.BytesIO(workbooks.written(PAPER)))
    assert all(sheet.sheet_view.rightToLeft for sheet in book.worksheets)
    rows = list(book.worksheets[1].iter_rows(min_row=2))
    assert [[cell.value for cell in row] for row in rows] == [["1 & <2>", 3], [FORMULA, "+1"]]
    assert [[cell.data_type for cell in row] for row in rows] == [["s", "n"], ["s", "s"]]
    assert [[cell.quotePrefix for cell in row] for row in rows] == [[False, False], [True, True]]
    assert book.worksheets[3]["A2"].value == "هیچ"


def test_equal_papers_are_equal_workbooks_and_all_their_times_are_of_the_paper() -> None:
    made = workbooks.written(PAPER)
    with zipfile.ZipFile(io.BytesIO(made)) as packed:
        assert {entry.date_time for entry in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    said = load_workbook(io.BytesIO(made)).properties
    assert {str(said.created), str(said.modified)} == {"2031-03-01 06:07:08"}
    assert workbooks.written(PAPER) == made
    assert workbooks.written(replace(PAPER, at="2031-03-01T06:07:09Z")) != made
