"""A version of a common text as .docx: what is written is read again, and what could mean two things is refused."""

import io
import zipfile
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mithaq.errors import Refusal
from mithaq_files import versions

NAMES = {"fa": "فارسی", "ar": "العربية"}
WORDS = {
    "fa": ["نمونه: کمیته تشکیل جلسه داد.", "نمونه: بند دوم."],
    "ar": ["مثال: اجتمعت اللجنة.", "مثال: <الثانية> & أخرى."],
}


def changed(edit: Callable[[str], str], **more: bytes) -> bytes:
    """A written file with its main part edited, and more members beside it."""
    into = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(versions.written("title", NAMES, WORDS))) as old,
        zipfile.ZipFile(into, "w") as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, edit(content.decode()).encode() if name == "word/document.xml" else content)
        for name, content in more.items():
            new.writestr(name, content)
    return into.getvalue()


def test_what_is_written_is_read_again_and_equal_versions_are_equal_bytes() -> None:
    once = versions.written("title", NAMES, WORDS)
    assert versions.read(once) == WORDS
    assert once == versions.written("title", NAMES, WORDS)
    assert list(versions.read(once)) == ["fa", "ar"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1), min_size=1))
def test_any_words_come_back_as_they_were(lines: list[str]) -> None:
    words = {"fa": lines, "ar": list(reversed(lines))}
    assert versions.read(versions.written("title", NAMES, words)) == words


def test_a_row_more_is_a_paragraph_more_also_where_a_language_has_none() -> None:
    row = "<w:tr><w:tc><w:p><w:r><w:t>سوم</w:t></w:r></w:p></w:tc><w:tc><w:p/></w:tc></w:tr></w:tbl>"
    found = versions.read(changed(lambda text: text.replace("</w:tbl>", row)))
    assert (found["fa"], found["ar"]) == ([*WORDS["fa"], "سوم"], WORDS["ar"])


@pytest.mark.parametrize("tag", ["ins", "del", "moveFrom", "moveTo", "rPrChange", "tblPrChange"])
def test_tracked_changes_are_refused(tag: str) -> None:
    mark = f'<w:{tag} w:id="1" w:author="example"/><w:sectPr/>'
    with pytest.raises(Refusal, match=r"docx\.tracked-changes"):
        versions.read(changed(lambda text: text.replace("<w:sectPr/>", mark)))


def test_macros_are_refused() -> None:
    with pytest.raises(Refusal, match=r"docx\.macros"):
        versions.read(changed(str, **{"word/vbaProject.bin": b"x"}))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "docx.malformed"),
        (b"PK\x03\x04 no zip", "docx.malformed"),
        (bytes(versions.MOST_BYTES + 1), "docx.too-large"),
        (changed(lambda _: "<w:document"), "docx.malformed"),
        (
            changed(lambda text: text.replace("<w:document", "<!DOCTYPE x [<!ENTITY y 'z'>]><w:document")),
            "docx.malformed",
        ),
        (changed(lambda text: text.replace("<w:tbl>", "<w:x>").replace("</w:tbl>", "</w:x>")), "docx.no-table"),
        (changed(lambda text: text.replace("(ar)", "")), "docx.no-table"),
        (changed(lambda text: text.replace("(ar)", "(fa)")), "docx.no-table"),
    ],
)
def test_what_is_no_such_file_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Refusal, match=code):
        versions.read(content)


def test_a_damaged_file_is_read_or_refused_and_never_fails_otherwise() -> None:
    whole = versions.written("title", NAMES, WORDS)
    for place in range(0, len(whole), 7):
        hurt = whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :]
        with suppress(Refusal):
            versions.read(hurt)
