"""Every refusal that the sources speak of has its sentence, in four languages, showing only what was named."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from mithaq.errors import Fault, Refusal
from mithaq_files import refusals

SOURCES = Path(__file__).resolve().parents[2] / "src"
CODED = {"Refusal": 0, "Broken": 0, "Contradiction": 0, "Finding": 2}
"""Position of the code among the arguments."""


def _code(call: ast.Call, position: int) -> str | None:
    given = next((word.value for word in call.keywords if word.arg == "code"), None)
    if given is None and len(call.args) > position:
        given = call.args[position]
    return given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else None


def used() -> Iterator[tuple[str, frozenset[str] | None, str]]:
    """(code, names of its data or None when they are not written out, file:line) of every refusal in the sources."""
    for path in sorted(SOURCES.rglob("*.py")):
        for call in (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)):
            name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
            if name in CODED and (code := _code(call, CODED[name])) is not None:
                names = frozenset(word.arg for word in call.keywords if word.arg and word.arg != "code")
                open_ended = name == "Finding" or any(word.arg is None for word in call.keywords)
                yield code, None if open_ended else names, f"{path.relative_to(SOURCES)}:{call.lineno}"


def test_every_code_in_the_sources_has_a_sentence():
    known = refusals.sentences()
    assert not sorted({(code, where) for code, _, where in used() if code not in known})


def test_every_sentence_is_said_in_four_languages_with_the_same_slots():
    wrong = [
        code
        for code, texts in refusals.sentences().items()
        if set(texts) != set(refusals.LANGUAGES)
        or not all(text.strip() for text in texts.values())
        or len({refusals.slots(text) for text in texts.values()}) != 1
    ]
    assert not wrong


def test_a_sentence_shows_only_what_the_refusal_names():
    known = refusals.sentences()
    wrong = [
        (code, sorted(refusals.slots(known[code]["en"]) - names), where)
        for code, names, where in used()
        if names is not None and code in known and refusals.slots(known[code]["en"]) - names
    ]
    assert not wrong


@pytest.mark.parametrize("language", refusals.LANGUAGES)
def test_a_refusal_is_a_sentence_in_each_language(language):
    sentence = refusals.sentence(Refusal("canonical.too-deep", limit=32), language)
    assert "32" in sentence
    assert "{" not in sentence


def test_a_code_of_a_newer_counterpart_is_shown_as_it_came():
    assert refusals.sentence(Refusal("future.unheard-of", size=3), "fa") == "future.unheard-of size=3"


def test_a_datum_with_braces_is_shown_and_not_read_as_a_slot():
    assert "{limit}" in refusals.sentence(Refusal("canonical.not-json", reason="{limit}"), "en")


def test_a_code_under_the_wrong_area_is_a_fault(tmp_path, monkeypatch):
    folder = tmp_path / "refusals"
    folder.mkdir()
    (folder / "ticket.yaml").write_text("signin.wrong: {en: a, ar: a, fa: a, ckb: a}\n", "utf-8")
    monkeypatch.setattr("mithaq_files.refusals.resources.files", lambda _package: tmp_path)
    refusals.sentences.cache_clear()
    with pytest.raises(Fault, match=r"signin\.wrong"):
        refusals.sentences()
    monkeypatch.undo()
    refusals.sentences.cache_clear()
