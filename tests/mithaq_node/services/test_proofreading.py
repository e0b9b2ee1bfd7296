"""Remarks on words: what is kept, what is refused, and how many there may be."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from mithaq.errors import Refusal
from mithaq_node.queries import word_remarks
from mithaq_node.services import accounts, proofreading
from mithaq_node.settings.node import Node
from mithaq_node.store.models import Officer, WordRemark
from tests.mithaq_node.meadow import SECRET

NOW = datetime(2030, 5, 2, 12, tzinfo=UTC)


@pytest.fixture
def officer(node: Node) -> Officer:
    return accounts.create_officer(name="desk", role="duty", secret=SECRET)


def keep(officer: Officer, **changed: object) -> WordRemark:
    said = {"language": "ckb", "page": "watch:show", "word": "one", "suggestion": "", "now": NOW}
    return proofreading.keep(officer=officer, **{**said, **changed})  # type: ignore[arg-type]  # one of the arguments


def test_remarks_are_listed_by_language_in_the_order_in_which_they_came(officer: Officer) -> None:
    keep(officer, word="یەک", suggestion="دوو")
    keep(officer, language="fa", word="یک")
    (first,) = word_remarks.remarks("ckb")
    assert (first.at, first.page, first.word, first.suggestion, first.by) == (
        "2030-05-02T12:00:00Z", "watch:show", "یەک", "دوو", "desk",
    )  # fmt: skip
    assert [each.language for each in word_remarks.remarks()] == ["ckb", "fa"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"word": "  "}, "wording.no-word"),
        ({"word": "x" * 121}, "wording.too-long"),
        ({"suggestion": "x" * 121}, "wording.too-long"),
        ({"word": "a\u202eb"}, "wording.not-plain"),
        ({"word": "a\x00b"}, "wording.not-plain"),
        ({"language": "tr"}, "wording.unknown-language"),
    ],
)
def test_it_refuses_what_is_no_word(officer: Officer, changed: dict[str, str], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        keep(officer, **changed)
    assert refused.value.code == code
    assert not WordRemark.objects.exists()


def test_the_joiner_of_persian_is_part_of_a_word(officer: Officer) -> None:
    assert keep(officer, language="fa", word="نام\u200cنامه").word == "نام\u200cنامه"


def test_an_officer_has_so_many_remarks_a_day_and_others_have_theirs(
    officer: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proofreading, "MOST_A_DAY", 2)
    for _ in range(2):
        keep(officer)
    with pytest.raises(Refusal, match=r"wording\.too-many"):
        keep(officer)
    keep(officer, now=NOW + timedelta(days=1, seconds=1))
    keep(accounts.create_officer(name="another", role="duty", secret=SECRET))


def test_a_node_keeps_so_many_and_has_room_again_once_some_are_dropped(
    officer: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proofreading, "MOST", 2)
    kept = [keep(officer) for _ in range(2)]
    with pytest.raises(Refusal, match=r"wording\.no-room"):
        keep(officer)
    assert proofreading.drop([kept[0].pk]) == 1
    keep(officer)


def test_the_database_knows_the_four_languages_too(officer: Officer) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        WordRemark.objects.create(officer=officer, at=NOW, language="tr", page="", word="x")
