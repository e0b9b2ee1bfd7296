"""What a party keeps for itself never leaves its node: looked for in every byte sent, and told apart by the bytes."""

import base64
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mithaq.notices import drafting
from mithaq_node.services import drafting as desk
from tests.mithaq_node.leaks.searching import found
from tests.mithaq_node.leaks.story import MARKS, Sent, Stage, tell

MARK, ARABIC = "zqmark77a1", "نشانِ‌پنهان"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Stage]:
    with django_db_blocker.unblock():
        yield Stage(tmp_path_factory.mktemp("leaks"))


OF_THE_RECORD = {
    "Draft.id", "Draft.kind", "Draft.audience", "Draft.precedence", "Draft.references",  # become the notice's own
    "DraftPart.retention", "Officer.authority", "Officer.key_name", "EscalationRow.authority",  # the law's words
    "AssignmentRow.matter", "RemarkRow.about", "RegistrationRow.about", "EscalationRow.about",  # spoken numbers
    "TickRow.about", "TickRow.item", "FeedKey.digest",  # a number, a key of the sealed words, a digest
    "LookRow.day", "LookRow.cut", "LookRow.settings", "WarnedRow.first", "WarnedRow.last",  # days, sizes, numbers
    "AccessToken.scopes", "AccessToken.digest", "AnsweredOnce.digest",  # words of the program, digests
    "WordRemark.language", "WatchLineRow.at", "WatchLineRow.written", "ShiftRow.at", "HandingRow.at",  # moments
    "ShiftRow.drawn", "HandingRow.drawn", "WatchLineRow.drawn", "WatchLineRow.chain",  # drawn by chance or counted
    "WatchLineRow.kind", "WatchLineRow.office",  # words of the program and of the law
    "Session.session_key", "Session.session_data", "RecoveryCode.digest",  # drawn, or a digest
    "SecondFactor.host", "SecondFactor.credential", "Officer.directory",  # the desk's own address; ids of others
    "Draft.unread", "Draft.form", "Template.kind", "Template.precedence", "Template.form", "PartRead.number",  # law's
    "Officer.public_key", "Officer.possession", "Officer.wrapped_key",  # keys
    "Draft.header", "DraftPart.salt", "DraftPart.body",  # what is filed, and leaves
    "Officer.password",  # a hash; the password itself is marked
}  # fmt: skip
"""Columns beside the record whose words are of the record."""


def kept_without_a_mark(sent: Sent) -> tuple[list[str], list[str]]:
    """Columns in which the story put no mark, and marks that it put nowhere: either would go by unnoticed."""
    marked = {column: found(words, MARKS.values()) for column, words in sent.kept.items()}
    gone = {"text before it was changed", "reason for handing back", "draft that was dropped", "password"}
    bare = [column for column, marks in marked.items() if not marks and column not in OF_THE_RECORD]
    lost = [name for name, mark in MARKS.items() if name not in gone and mark not in set.union(*marked.values())]
    return bare, lost


def leaks(sent: Sent) -> dict[str, set[str]]:
    """What was found of our marks, by where."""
    marks = {mark: name for name, mark in MARKS.items()}
    everywhere = {**sent.pieces, **sent.seen}
    return {what: {marks[each] for each in seen} for what, data in everywhere.items() if (seen := found(data, marks))}


def test_nothing_internal_is_in_any_byte_that_leaves_and_the_bytes_are_those_sent_without_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("typst", reason="papers need the extra `papers`")
    whole, bare = (tell(stage, internal, monkeypatch, tmp_path) for internal in (True, False))
    assert {what.split()[1] for what in whole.pieces} >= {
        "delivery", "answer", "courier", "export", "policy", "card", "proof", "certificate", "words", "case",
    }  # fmt: skip
    assert leaks(whole) == {}
    assert kept_without_a_mark(whole) == ([], [])
    assert whole.pieces.keys() == bare.pieces.keys()
    assert [what for what, data in whole.pieces.items() if data != bare.pieces[what]] == []


def test_a_planted_leak_is_found_wherever_it_goes(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A compiler that hides the writer's name in the text: packed, and in base64."""
    pytest.importorskip("typst", reason="papers need the extra `papers`")
    honest = drafting.compile_draft

    def careless(law: Any, kind: Any, content: Any, salts: Any) -> Any:
        if "account" in content:
            hidden = base64.b64encode(gzip.compress(MARKS["officer"].encode(), mtime=0)).decode()
            content = {**content, "account": {"lang": "en", "text": f"Example: smoke. {hidden}"}}
        return honest(law, kind, content, salts)

    monkeypatch.setattr(desk, "compile_draft", careless)
    seen = leaks(tell(stage, True, monkeypatch, tmp_path))
    assert set.union(*seen.values()) == {"officer"}
    places = {what.split()[1] for what in seen if what[0].isdigit()}
    assert {"delivery", "courier", "certificate", "words", "case"} <= places
    assert any(what.startswith("theirs: incidents/") for what in seen)


@pytest.mark.parametrize("mark", [MARK, ARABIC])
def test_the_search_finds_a_mark_however_it_is_written_or_packed(mark: str) -> None:
    text = f"before {mark} after".encode()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("inner.txt", text * 9)
    forms = {
        "plain": text,
        "capitals": f"before {mark.upper()} after".encode(),
        "UTF-16": f"before {mark}".encode("utf-16"),
        "UTF-16 from the other end": f"before {mark}".encode("utf-16-be"),
        "JSON": json.dumps({"a": f"x {mark}"}).encode(),
        "gzip": b"header" + gzip.compress(text),
        "zlib": b"stream\n" + zlib.compress(text) + b"\nendstream",
        "zip": archive.getvalue(),
        "hexadecimal": text.hex().encode(),
        "gzip in base64 in gzip": gzip.compress(base64.b64encode(gzip.compress(text))),
        **{f"base64 at {n}": b'{"a":"' + base64.b64encode(b"x" * n + text) + b'"}' for n in range(3)},
        **{f"base64 for addresses at {n}": b"?a=" + base64.urlsafe_b64encode(b"x" * n + text) for n in range(3)},
    }
    assert [form for form, data in forms.items() if found(data, [mark, "zqnothing"]) != {mark}] == []


def test_the_search_finds_nothing_where_nothing_is() -> None:
    assert found(gzip.compress(b"nothing here" * 99) + bytes(range(256)) * 40, [MARK, ARABIC]) == set()
