"""The strings keep to the glossary: one term, one word in each language, and none of the words that take a side."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from mithaq_files import refusals
from tools import catalogues, glossary

GLOSSARY = glossary.read()
LANGUAGES = glossary.LANGUAGES
FOLDERS = ("src/mithaq/notices/kinds", "src/mithaq_node/web/report", "instruments")
"""Where words stand in four languages beside the catalogues and the refusals."""
MARKS = re.compile("[\u064b-\u0652\u0640\u200c\u200d]")
"""Vowel marks, the stretching stroke and joiners: spelling of the same word may differ in them."""


def plain(text: str) -> str:
    return MARKS.sub("", text)


def texts() -> Iterator[tuple[str, str, str, str]]:
    """(where, language, English, translation) of everything that is shown on a page."""
    for language in LANGUAGES:
        for message in catalogues.read(language):
            if message.id and isinstance(message.id, str) and message.string:
                yield "catalogue", language, message.id, str(message.string)
    for code, sentences in refusals.sentences().items():
        for language in LANGUAGES:
            yield code, language, sentences["en"], sentences[language]
    for path in documents():
        for said in sayings(yaml.safe_load(path.read_text("utf-8"))):
            for language in LANGUAGES:
                yield path.relative_to(catalogues.ROOT).as_posix(), language, said["en"], said[language]


def documents() -> list[Path]:
    """The files of `FOLDERS`, but for gazetteers: there each party calls a place as it does."""
    found = (path for folder in FOLDERS for path in (catalogues.ROOT / folder).rglob("*.yaml"))
    return sorted(path for path in found if path.name != "gazetteer.yaml")


def sayings(node: Any) -> Iterator[dict[str, str]]:
    """Every text in a document that is written in all four languages."""
    if isinstance(node, dict) and all(isinstance(node.get(language), str) for language in (*LANGUAGES, "en")):
        yield node
    elif isinstance(node, (dict, list)):
        for inner in node.values() if isinstance(node, dict) else node:
            yield from sayings(inner)


def asks_for(term: dict[str, Any], english: str) -> bool:
    """Whether the English has the term, other than in a phrase where it means another thing."""
    for phrase in (r"%\(\w+\)s", r"\{\w+\}", *term.get("except", ())):
        english = re.sub(phrase, "", english, flags=re.IGNORECASE)
    return re.search(rf"\b(?:{term['en']})\b", english, re.IGNORECASE) is not None


TEXTS = list(texts())


@pytest.mark.parametrize("term", GLOSSARY["terms"], ids=lambda term: term["en"])
def test_a_term_has_its_word_in_every_language(term):
    wrong = [
        (where, language, english, translation)
        for where, language, english, translation in TEXTS
        if asks_for(term, english) and not any(plain(form) in plain(translation) for form in term[language])
    ]
    assert not wrong


@pytest.mark.parametrize("language", [*LANGUAGES, "en"])
def test_no_string_uses_a_word_that_takes_a_side(language):
    shown = [english if language == "en" else said for _, of, english, said in TEXTS if language in (of, "en")]
    assert not [(word, text) for word in GLOSSARY["avoid"][language] for text in shown if plain(word) in plain(text)]


def test_every_term_names_where_it_was_found():
    known = {*GLOSSARY["sources"], glossary.PROPOSED}
    assert all(term["source"] and set(term["source"]) <= known for term in GLOSSARY["terms"])
    assert all(term[language] for term in GLOSSARY["terms"] for language in LANGUAGES)
    assert all(set(source["languages"]) <= {*LANGUAGES, "en"} for source in GLOSSARY["sources"].values())
    assert {name for term in GLOSSARY["terms"] for name in term["source"]} == known


def test_there_are_a_hundred_and_fifty_terms_and_each_stands_there_once():
    names = [term["en"] for term in GLOSSARY["terms"]]
    assert len(names) >= 150
    assert len(names) == len(set(names))


def test_a_term_whose_source_leaves_a_language_out_is_proposed_in_it():
    sources = {"treaty": {"languages": ["ar", "en"]}}
    assert not glossary.is_proposed({"source": ["treaty"]}, "ar", sources)
    assert glossary.is_proposed({"source": ["treaty"]}, "fa", sources)
    assert glossary.is_proposed({"source": ["treaty", "proposed"]}, "ar", sources)


def test_the_words_that_are_ours_are_listed_for_whoever_reviews(capsys):
    assert glossary.main(["proposed", "ckb"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert "ckb\tnotices?\tئاگادارنامە" in listed
    assert not [line for line in listed if "\tborders?\t" in line]
    assert glossary.main(["reviewed"]) == 2


def test_a_translation_with_another_word_is_found():
    term = next(term for term in GLOSSARY["terms"] if term["en"] == "notices?")
    assert asks_for(term, "The notice was sent.")
    assert not asks_for(term, "They noticed it.")
    assert not any(plain(form) in plain("أُرسل البلاغ") for form in term["ar"])


def test_the_page_says_what_was_reviewed():
    page = (Path(catalogues.ROOT) / "docs" / "languages.md").read_text("utf-8")
    assert all(f"| `{language}` |" in page for language in (*LANGUAGES, "en"))
