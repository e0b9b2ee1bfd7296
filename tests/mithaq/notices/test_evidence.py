"""Evidence is named by its form and has to be there; whoever questions or rejects it says why."""

from typing import Any

import pytest

from mithaq.errors import Refusal
from mithaq.instrument.law import Field, Kind
from mithaq.notices import drafting, evidence, kept
from mithaq.notices.conformance import judge
from mithaq.notices.envelope import parse
from mithaq.notices.fields import attachments, check_field
from tests.mithaq.notices.border import Border, plain_law, private_key
from tests.mithaq.notices.test_attachments import NOBODY, PLAIN

LINK = Field(name="link", type="link", part="text", limit=100)
BEGUN = {"commitment": "answer", "step": "continued"}
COUNTED = {"number": 12, "unit": "pieces", "counted": "requests-answered"}
NAMED = {"log": plain_law().origin("ML"), "id": "0" * 32}
SHOWN: dict[str, dict[str, Any]] = {
    "paper": {"paper": attachments.value_of(PLAIN)},
    "notice": {"notice": NAMED},
    "minutes": {"notice": NAMED},
    "count": COUNTED,
    "link": {"link": "https://example.org/answers"},
}
MISSING = {
    "paper": "evidence.no-document",
    "notice": "evidence.no-notice",
    "minutes": "evidence.no-notice",
    "count": "evidence.no-count",
    "link": "evidence.no-link",
}


def kind_of(name: str) -> Kind:
    found = plain_law().kind(name)
    assert found is not None
    return found


PROGRESS, REVIEW = kind_of("commitment.progress"), kind_of("commitment.review")


def refused(kind: Kind, content: dict[str, Any]) -> str:
    try:
        evidence.require_shown(kind, content)
    except Refusal as refusal:
        return refusal.code
    return ""


def verdict(content: dict[str, Any]) -> list[str]:
    """What an accepting node says of a leaf that was released past the desk's own check."""
    border = Border()
    here = border.pair[0]
    border.book()
    header, parts = here.draft("commitment.progress", content)
    filing, releasing = here.officer(1), here.officer(2)
    filed = drafting.sign_filing(header, border.now, filing, private_key(filing))
    pictured = [NOBODY] if "paper" in content else []
    leaf = parse(drafting.sign_release(filed, border.now, releasing, private_key(releasing), pictured))
    return [each.code for each in judge(leaf, 9, parts[0].body, border.law, border.ledger.ring(here.origin))]


@pytest.mark.parametrize("form", SHOWN)
def test_what_is_named_and_there_is_evidence(form: str) -> None:
    content = BEGUN | {"evidence": [form]} | SHOWN[form]
    assert refused(PROGRESS, content) == ""
    assert verdict(content) == []


@pytest.mark.parametrize("form", SHOWN)
def test_it_refuses_evidence_without_what_stands_behind_it(form: str) -> None:
    content = BEGUN | {"evidence": [form]}
    assert refused(PROGRESS, content) == MISSING[form]
    assert verdict(content) == [MISSING[form]]


def test_the_fold_says_of_a_statement_what_the_door_says_and_no_page_reads_what_is_not_there() -> None:
    border = Border()
    here, there = border.pair
    bare = here.notice("commitment.progress", BEGUN | {"evidence": ["notice", "count", "link", "paper"]})
    whole = here.notice("commitment.progress", BEGUN | {"evidence": ["count"]} | COUNTED)
    there.receive()
    notices = border.book().notices
    found = notices[here.number(bare)]
    assert {each.code for each in found.refusals} == {MISSING[form] for form in ("notice", "count", "link", "paper")}
    assert not found.conforms
    assert notices[here.number(whole)].conforms


@pytest.mark.parametrize("form", ["paper", "notice", "count", "link"])
def test_it_refuses_what_is_there_unnamed(form: str) -> None:
    assert refused(PROGRESS, BEGUN | SHOWN[form]) == "evidence.unnamed"


def test_a_link_in_a_part_that_may_be_erased_never_changes_the_verdict_on_a_leaf() -> None:
    written = {"account": {"lang": "en", "text": "As agreed."}}
    assert refused(PROGRESS, BEGUN | written | {"evidence": ["link"]}) == "evidence.no-link"
    assert verdict(BEGUN | written | {"evidence": ["link"]}) == []
    assert verdict(BEGUN | written | SHOWN["link"]) == []


@pytest.mark.parametrize("gone", COUNTED)
def test_it_refuses_a_count_without_number_unit_or_what_is_counted(gone: str) -> None:
    rest = {name: value for name, value in COUNTED.items() if name != gone}
    assert refused(PROGRESS, BEGUN | {"evidence": ["count"]} | rest) == "evidence.no-count"
    assert verdict(BEGUN | rest) == ["evidence.no-count"]


def test_a_form_of_the_instruments_own_has_nothing_behind_it() -> None:
    assert refused(PROGRESS, BEGUN | {"evidence": ["site-visit"]}) == ""


@pytest.mark.parametrize("found", ["questioned", "rejected"])
def test_it_refuses_a_question_or_a_rejection_without_a_reason(found: str) -> None:
    assert refused(REVIEW, {"found": found}) == "review.no-reason"
    assert refused(REVIEW, {"found": found, "reason": ["unclear"]}) == ""
    assert refused(REVIEW, {"found": "accepted"}) == ""


def test_a_review_is_of_the_pieces_that_it_names_or_of_the_whole_and_of_no_others() -> None:
    shown = ("count", "link")
    assert evidence.covered({"pieces": ["link", "paper"]}, shown) == ("link",)
    assert evidence.covered({}, shown) == shown
    evidence.require_of_these({"pieces": ["link"]}, shown)
    with pytest.raises(Refusal, match=r"review\.no-such-piece"):
        evidence.require_of_these({"pieces": ["paper"]}, shown)


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/a",
        "https://example.org:8443/a",
        "https://officer@example.org/a",
        "https://example.org/a?q=b",
        "https://example.org/a#b",
        "https://192.0.2.7/a",
        "https://localhost/a",
        "https://example.org/a b",
        "https://example.org/پرونده",
        "https://example.org\u202e/a",
        "javascript:alert(1)",
        "//example.org/a",
        "",
    ],
)
def test_it_refuses_every_address_that_is_not_the_plain_public_one_of_a_page(address: str) -> None:
    with pytest.raises(Refusal, match=r"field\.not-a-link"):
        check_field(address, LINK, plain_law())


def test_a_link_has_a_length_and_is_text() -> None:
    check_field("https://example.org", LINK, plain_law())
    for value, code in (("https://example.org/" + "a" * 90, "field.too-long"), (7, "field.type"), ({}, "field.type")):
        with pytest.raises(Refusal, match=code.replace(".", r"\.")):
            check_field(value, LINK, plain_law())


def test_the_linter_reads_what_stands_behind_the_host_of_a_link() -> None:
    (question,) = kept.asked_by(LINK, "https://example.org/news/85904215")
    assert (question.finding, question.words, question.reasons) == (
        "text.long-number",
        "85904215",
        ("quantity", "reference"),
    )
    assert kept.asked_by(LINK, "https://example.org/answers/2031") == ()
    assert kept.asked_by(LINK, 7) == ()
