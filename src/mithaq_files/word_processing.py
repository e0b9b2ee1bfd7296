"""A paper as .docx (ECMA-376, WordprocessingML): written part by part, so that equal papers give equal bytes.

A right-to-left language makes every paragraph, run and table right-to-left; letters and digits of the other direction
keep their order by the marks in the text itself. There is nothing in the file but text, tables and styles.
"""

from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape

from mithaq_files import word_package
from mithaq_files.printed import Passage, Printed, Table
from mithaq_files.word_package import HEAD, RELATIONS, SPACE

_LANGUAGES = {"ar": "ar-IQ", "fa": "fa-IR", "ckb": "ku-Arab-IQ", "en": "en-GB"}
_TEXT_WIDTH = 9_638
"""The width of the text on A4 with margins of 20 mm, in twentieths of a point."""


def written(paper: Printed) -> bytes:
    """The file."""
    maker = _Maker(paper)
    return word_package.package(maker.document(), maker.beside())


class _Maker:
    def __init__(self, paper: Printed) -> None:
        self._paper, self._rtl = paper, paper.right_to_left

    def beside(self) -> Mapping[str, str]:
        return {
            "styles": self._styles(),
            "header": self._around("hdr", " · ".join(self._paper.marks)),
            "footer": self._around("ftr", self._paper.cut),
        }

    def document(self) -> str:
        paper = self._paper
        body = [self._paragraph(paper.over, "Quiet"), self._paragraph(paper.title, "Title")]
        body += [self._paragraph(line, "Quiet") for line in paper.lines]
        for section in paper.sections:
            body.append(self._paragraph(section.title, "Heading1"))
            body += self._table(section) if isinstance(section, Table) else self._passage(section)
        page = (
            f'<w:sectPr xmlns:r="{RELATIONS}"><w:headerReference w:type="default" r:id="rId2"/>'
            '<w:footerReference w:type="default" r:id="rId3"/><w:pgSz w:w="11906" w:h="16838"/>'
            '<w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1134" w:header="567" w:footer="567" '
            f'w:gutter="0"/>{"<w:bidi/>" if self._rtl else ""}</w:sectPr>'
        )
        return f'{HEAD}<w:document xmlns:w="{SPACE}"><w:body>{"".join(body)}{page}</w:body></w:document>'

    def _passage(self, passage: Passage) -> Iterator[str]:
        return (self._paragraph(each) for each in passage.paragraphs)

    def _table(self, table: Table) -> Iterator[str]:
        if table.lead:
            yield self._paragraph(table.lead, "Quiet")
        if not table.rows:
            yield self._paragraph(table.empty)
            return
        widths = [_TEXT_WIDTH * share // sum(table.widths) for share in table.widths]
        edges = "".join(
            f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="AAAAAA"/>'
            for side in ("top", "left", "bottom", "right", "insideH", "insideV")
        )
        columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
        yield (
            f"<w:tbl><w:tblPr>{'<w:bidiVisual/>' if self._rtl else ''}"
            f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblBorders>{edges}</w:tblBorders>'
            f"</w:tblPr><w:tblGrid>{columns}</w:tblGrid>"
        )
        yield self._row(table.head, widths, "Head")
        for row in table.rows:
            yield self._row(tuple(cell.text for cell in row), widths, "Cell")
        yield "</w:tbl>"
        yield self._paragraph(table.more)

    def _row(self, texts: tuple[str, ...], widths: list[int], style: str) -> str:
        cells = "".join(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{self._paragraph(text, style)}</w:tc>'
            for text, width in zip(texts, widths, strict=True)
        )
        repeated = "<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>" if style == "Head" else ""
        return f"<w:tr>{repeated}{cells}</w:tr>"

    def _paragraph(self, text: str, style: str = "Normal") -> str:
        direction = "<w:bidi/>" if self._rtl else ""
        lines = "<w:br/>".join(f'<w:t xml:space="preserve">{_said(line)}</w:t>' for line in text.split("\n"))
        run = f"<w:r><w:rPr>{'<w:rtl/>' if self._rtl else ''}</w:rPr>{lines}</w:r>" if text else ""
        return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{direction}</w:pPr>{run}</w:p>'

    def _around(self, part: str, text: str) -> str:
        return f'{HEAD}<w:{part} xmlns:w="{SPACE}">{self._paragraph(text, "Quiet")}</w:{part}>'

    def _styles(self) -> str:
        language = _LANGUAGES[self._paper.language]
        said = f'<w:lang w:val="{language}" w:bidi="{language}"/>'
        letters = '<w:rFonts w:ascii="Vazirmatn" w:hAnsi="Vazirmatn" w:cs="Vazirmatn"/>'
        sizes = {"Normal": 20, "Title": 34, "Heading1": 26, "Quiet": 17, "Cell": 17, "Head": 17}
        made = "".join(_style(name, size, bold=name in ("Title", "Heading1", "Head")) for name, size in sizes.items())
        return (
            f'{HEAD}<w:styles xmlns:w="{SPACE}"><w:docDefaults><w:rPrDefault><w:rPr>{letters}{said}</w:rPr>'
            f"</w:rPrDefault></w:docDefaults>{made}</w:styles>"
        )


def _style(name: str, size: int, *, bold: bool) -> str:
    kept = "<w:keepNext/>" if name == "Heading1" else ""
    above = 240 if name == "Heading1" else 0
    below = 0 if name in ("Cell", "Head") else 100
    weight = "<w:b/><w:bCs/>" if bold else ""
    usual = ' w:default="1"' if name == "Normal" else ""
    shown = "heading 1" if name == "Heading1" else name
    return (
        f'<w:style w:type="paragraph"{usual} w:styleId="{name}"><w:name w:val="{shown}"/><w:qFormat/>'
        f'<w:pPr>{kept}<w:spacing w:before="{above}" w:after="{below}"/></w:pPr>'
        f'<w:rPr>{weight}<w:sz w:val="{size}"/><w:szCs w:val="{size}"/></w:rPr></w:style>'
    )


def _said(text: str) -> str:
    """Text as XML, without the characters that XML has no place for."""
    return escape("".join(each for each in text if each >= " " or each == "\t"))
