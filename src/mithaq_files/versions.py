"""A version of a common text as .docx (ECMA-376, WordprocessingML): written, and read again once worked on.

The file holds one table: a row of languages, then a row for each paragraph, a column for each language. Whoever works
on it changes, adds or removes rows. What is read back is words alone: fonts, colours, pictures and remarks stay behind.
A file with macros is refused, and one with tracked changes too, because nobody could say which of the two texts is
meant. Equal versions give equal bytes.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from mithaq.errors import Refusal
from mithaq_files import word_package
from mithaq_files.archive import DAMAGES
from mithaq_files.word_package import DOCUMENT, HEAD, SPACE

MOST_BYTES = 2_000_000
_MOST_UNPACKED = 16_000_000
_MOST_MEMBERS = 400
_TRACKED = re.compile(r"(ins|del|moveFrom|moveTo|cellIns|cellDel|cellMerge)|[A-Za-z]+Change")
"""Elements by which a change is kept beside what it changed."""
_CODE = re.compile(r"\(([a-z]{2,3})\)\s*$")
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "ckb"})
_WIDTH = 9_600
"""Of the text on A4, in twentieths of a point."""


def written(title: str, names: Mapping[str, str], words: Mapping[str, Sequence[str]]) -> bytes:
    """The file of a version. `names` maps each language to its name, in the order of the columns."""
    width = _WIDTH // len(names)
    rows = [_row([(code, f"{name} ({code})") for code, name in names.items()], width)]
    count = max(map(len, words.values()), default=0)
    rows += [_row([(code, words[code][place]) for code in names], width) for place in range(count)]
    right = next(iter(names)) in _RIGHT_TO_LEFT
    edges = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="AAAAAA"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    columns = f'<w:gridCol w:w="{width}"/>' * len(names)
    table = (
        f"<w:tbl><w:tblPr>{'<w:bidiVisual/>' if right else ''}"
        f'<w:tblW w:w="{_WIDTH}" w:type="dxa"/><w:tblBorders>{edges}</w:tblBorders></w:tblPr>'
        f"<w:tblGrid>{columns}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )
    body = f"{_paragraph(next(iter(names)), title)}{table}{_paragraph('en', '')}<w:sectPr/>"
    main = f'{HEAD}<w:document xmlns:w="{SPACE}"><w:body>{body}</w:body></w:document>'
    return word_package.package(main)


def read(content: bytes) -> dict[str, list[str]]:
    """The words in a file: language to its paragraphs. A row that is empty in every language is none; a language with
    fewer paragraphs than the others has fewer here too, and whoever judges the words refuses that.

    Refuses what is no such file (`docx.malformed`, `docx.too-large`), macros (`docx.macros`), tracked changes
    (`docx.tracked-changes`), and a file without the table or without languages at its head (`docx.no-table`).
    """
    root = _main(content)
    names = [each.tag.removeprefix(f"{{{SPACE}}}") for each in root.iter()]
    if any(_TRACKED.fullmatch(name) for name in names):
        raise Refusal("docx.tracked-changes")
    table = root.find(f".//{{{SPACE}}}tbl")
    rows = [list(_cells(row)) for row in table.findall(f"{{{SPACE}}}tr")] if table is not None else []
    codes = [found[1] if (found := _CODE.search(cell)) else "" for cell in rows[0]] if rows else []
    if not codes or "" in codes or len(set(codes)) != len(codes):
        raise Refusal("docx.no-table")
    if any(len(row) != len(codes) for row in rows):
        raise Refusal("docx.no-table")
    return {code: [row[place] for row in rows[1:] if row[place]] for place, code in enumerate(codes)}


def _main(content: bytes) -> ElementTree.Element:
    if len(content) > MOST_BYTES:
        raise Refusal("docx.too-large", limit=MOST_BYTES)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            members = packed.infolist()
            if len(members) > _MOST_MEMBERS or sum(each.file_size for each in members) > _MOST_UNPACKED:
                raise Refusal("docx.too-large", limit=_MOST_UNPACKED)
            _refuse_macros(packed, members)
            encoded = packed.read(DOCUMENT)
        text = encoded.decode("utf-8")
        if "<!" in text.replace("<!--", ""):
            raise Refusal("docx.malformed", reason="doctype")
        return ElementTree.fromstring(text.encode())
    except (*DAMAGES, OSError, ElementTree.ParseError) as error:
        raise Refusal("docx.malformed", reason=type(error).__name__) from error


def _refuse_macros(packed: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo]) -> None:
    names = " ".join(each.filename.lower() for each in members)
    kinds = packed.read("[Content_Types].xml").lower()
    if "vba" in names or "activex" in names or b"macroenabled" in kinds or b"vbaproject" in kinds:
        raise Refusal("docx.macros")


def _cells(row: ElementTree.Element) -> Iterator[str]:
    for cell in row.findall(f"{{{SPACE}}}tc"):
        pieces = []
        for each in cell.iter():
            match each.tag.removeprefix(f"{{{SPACE}}}"):
                case "t":
                    pieces.append(each.text or "")
                case "p" | "br" | "cr" | "tab":
                    pieces.append(" ")
        yield " ".join("".join(pieces).split())


def _row(cells: Sequence[tuple[str, str]], width: int) -> str:
    made = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{_paragraph(code, text)}</w:tc>'
        for code, text in cells
    )
    return f"<w:tr>{made}</w:tr>"


def _paragraph(code: str, text: str) -> str:
    right = code in _RIGHT_TO_LEFT
    run = f'<w:r><w:rPr>{"<w:rtl/>" if right else ""}</w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'
    return f"<w:p><w:pPr>{'<w:bidi/>' if right else ''}</w:pPr>{run if text else ''}</w:p>"
