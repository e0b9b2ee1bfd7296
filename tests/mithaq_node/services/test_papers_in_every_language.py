"""What papers say, before it is set: no English in the paper of another language, and the party that makes it first."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from mithaq_node.services import certifying
from mithaq_node.web import papers
from mithaq_node.web.papers import case, certificate, setting
from tests.mithaq_node.conftest import Standing
from tests.mithaq_node.pair import NOW, Pair
from tests.mithaq_node.services.test_casing import gathered, number_of, told

__all__ = ["told"]  # the fixture

KEPT = {"UTC", "ML", "RL"}
"""A time scale, and the codes of the parties."""

_BYTES = re.compile(r"[0-9a-f\s]{32,}|\S*/\S*|\S+\.tlog-proof|[A-Za-z0-9+/=]{40,}")
"""Digests, names of keys and logs, a file: the same in every language."""


def texts(said: Any) -> Iterator[str]:
    """Every text of a template's values."""
    if isinstance(said, str):
        yield said
    elif isinstance(said, Mapping):
        for name, inner in said.items():
            if name not in ("language", "direction"):
                yield from texts(inner)
    elif isinstance(said, (list, tuple)):
        for inner in said:
            yield from texts(inner)


@pytest.fixture
def values(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, Any]]:
    """The values of every paper that is made, in place of the paper."""
    kept: list[Mapping[str, Any]] = []

    def keep(template: str, said: Mapping[str, Any], *attached: object) -> bytes:
        kept.append(said)
        return b"%PDF-"

    monkeypatch.setattr(setting, "pdf", keep)
    return kept


@pytest.mark.parametrize("language", ["fa", "ar", "ckb"])
def test_no_english_word_stands_in_a_paper_of_another_language(
    told: Pair, standing: Standing, values: list[Mapping[str, Any]], language: str
) -> None:
    with standing(told.ml):
        certificate.paper(certifying.certify(number=number_of(told), now=NOW), language)
        case.paper(gathered(number=number_of(told)), language)
    assert len(values) == 2
    for said in values:
        shown = list(texts(said))
        assert len(shown) > 30
        words = {word for text in shown for word in re.findall("[A-Za-z]{2,}", _BYTES.sub("", text))}
        assert words <= KEPT


def test_the_party_that_makes_a_paper_stands_first_in_it(
    told: Pair, standing: Standing, values: list[Mapping[str, Any]]
) -> None:
    for holdings in (told.ml, told.rl):
        with standing(holdings):
            case.paper(gathered(number=number_of(told)), "en")
    first, second = (said["parties"] for said in values)
    assert first == list(reversed(second))


def test_templates_of_papers_hold_no_words_of_their_own() -> None:
    for template in Path(papers.__file__).parent.glob("*.typ"):
        assert not re.findall(r"\[[^\]#]*[A-Za-z]{4,}[^\]#]*\]", template.read_text("utf-8")), template.name
