"""What an officer must answer for before a text leaves, which reasons count, and what the header then says of it."""

import datetime
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mithaq.errors import Refusal
from mithaq.notices import drafting, kept, linter, roles
from mithaq.notices.book import Notice
from mithaq.notices.conformance import judge
from mithaq.notices.envelope import Header, Kept, Leaf, PartRef, filing_text, parse, text_of
from mithaq.notices.kept import MOST_KEPT, REASONS, Question, answers_in_order, settle
from mithaq.record import note
from tests.mithaq.notices.border import FIRE, Border, Side, private_key

ROOT = Path(__file__).parents[3]
TOWN = "Smoke stands over Sheikh Example, a town."
LINE = "The civil defence of example answers under 0770 123 4567."


@pytest.fixture
def side() -> Side:
    border = Border()
    border.book()
    return border.pair[0]


def asked(side: Side, *texts: str) -> tuple[Question, ...]:
    kind = side.border.law.kind("incident.initial")
    assert kind is not None
    _, parts = side.draft("incident.initial", FIRE | {"account": {"lang": "en", "text": " ".join(texts)}})
    return kept.questions(kind, parts)


def signed(side: Side, header: Header, *found: Kept) -> list[str]:
    """The verdict on a leaf that says it kept `found`, both officers having signed."""
    at, first, second = side.border.now, side.officer(1), side.officer(2)
    filed = drafting.sign_filing(header, at, first, private_key(first))
    leaf = parse(drafting.sign_release(filed, at, second, private_key(second), found))
    return [refusal.code for refusal in judge(leaf, 9, None, side.border.law, side.border.ledger.ring(side.origin))]


def told(side: Side, text: str = TOWN) -> Header:
    header, _ = side.draft("incident.initial", FIRE | {"account": {"lang": "en", "text": text}})
    return header


PLACE = Kept(finding="text.name", reason="place", n=1)
QUANTITY = Kept(finding="text.position", reason="quantity", n=2)


def test_every_finding_of_the_linter_has_its_list_of_reasons_and_addresses_have_none() -> None:
    codes = {code for code, _ in linter._RULES} | {"text.telephone", "text.long-number", kept.PICTURE}
    assert set(REASONS) == codes
    assert {code for code, reasons in REASONS.items() if not reasons} == {
        "text.mail-address",
        "text.web-address",
        "text.account-name",
    }
    assert all(list(reasons) == sorted(set(reasons)) for reasons in REASONS.values())


def test_the_specification_lists_the_same_findings_reasons_and_limit() -> None:
    section = (ROOT / "docs/spec/leaf.md").read_text("utf-8").split("\n## Kept\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `((?:text|attachment)\.[a-z-]+)` \| (.*?) \|$", section, re.MULTILINE)
    assert {code: tuple(re.findall(r"`([a-z-]+)`", reasons)) for code, reasons in rows} == dict(REASONS)
    assert f"at most {MOST_KEPT} " in section


def test_a_text_in_which_nothing_is_found_asks_nothing(side: Side) -> None:
    assert asked(side, "Reeds are burning along 2 km.") == ()
    assert settle((), {}) == []


def test_each_passage_is_a_question_with_its_own_reasons(side: Side) -> None:
    place, line = asked(side, TOWN, LINE)
    assert (place.words, place.reasons) == ("Sheikh Example", ("office", "place"))
    assert (line.words, line.finding) == ("0770 123 4567", "text.telephone")
    assert place.id != line.id


def test_what_is_kept_is_counted_by_finding_and_reason(side: Side) -> None:
    questions = asked(side, LINE, TOWN, TOWN.replace("Sheikh", "General"))
    reasons = ["emergency-line", "place", "office"]
    answers = {each.id: reason for each, reason in zip(questions, reasons, strict=True)}
    assert settle(questions, answers) == [
        Kept(finding="text.name", reason="office", n=1),
        Kept(finding="text.name", reason="place", n=1),
        Kept(finding="text.telephone", reason="emergency-line", n=1),
    ]


def test_it_refuses_to_release_while_a_passage_has_no_reason(side: Side) -> None:
    place, line = asked(side, TOWN, LINE)
    with pytest.raises(Refusal) as refused:
        settle((place, line), {line.id: "emergency-line"})
    assert refused.value == Refusal("release.passage-open", field="account", finding="text.name", open=1)


def test_it_refuses_a_reason_of_another_finding_and_one_that_is_in_no_list(side: Side) -> None:
    (place,) = asked(side, TOWN)
    for reason in ("emergency-line", "because", ""):
        with pytest.raises(Refusal, match=r"release\.reason-not-admitted"):
            settle((place,), {place.id: reason})


def test_no_reason_lets_a_mail_address_stay(side: Side) -> None:
    (mail,) = asked(side, "Write to duty@desk.example at once.")
    assert mail.reasons == ()
    for answers in ({}, {mail.id: "office"}):
        with pytest.raises(Refusal, match=r"release\.must-be-reworded"):
            settle((mail,), answers)


def test_an_answer_to_one_text_is_none_to_another(side: Side) -> None:
    """A draft reworded behind the releasing officer's back asks other questions, at the same place as well."""
    (read,), (changed,) = asked(side, TOWN), asked(side, TOWN.replace("Example", "Elsewhere"))
    assert read.id != changed.id
    with pytest.raises(Refusal, match=r"release\.other-text"):
        settle((changed,), {read.id: "place"})


def test_it_refuses_more_passages_than_anybody_reads(side: Side) -> None:
    many = asked(side, *["Sheikh Example."] * (MOST_KEPT + 1))
    with pytest.raises(Refusal, match=r"release\.too-many-kept"):
        settle(many, {each.id: "place" for each in many})
    few = many[:MOST_KEPT]
    assert settle(few, {each.id: "place" for each in few}) == [Kept(finding="text.name", reason="place", n=MOST_KEPT)]


def test_answers_by_finding_go_to_the_passages_in_their_order(side: Side) -> None:
    first, line, second = asked(side, TOWN, LINE, TOWN.replace("Sheikh", "General"))
    given = [("text.name", "place"), ("text.name", "office"), ("text.telephone", "emergency-line")]
    answers = answers_in_order((first, line, second), given)
    assert answers == {first.id: "place", second.id: "office", line.id: "emergency-line"}
    with pytest.raises(Refusal, match=r"release\.no-such-passage"):
        answers_in_order((line,), [("text.telephone", "quantity")] * 2)


def test_a_leaf_that_says_what_was_kept_conforms_and_the_second_officer_signed_it(side: Side) -> None:
    header = told(side)
    assert signed(side, header, PLACE) == []
    at, first, second = side.border.now, side.officer(1), side.officer(2)
    filed = drafting.sign_filing(header, at, first, private_key(first))
    leaf = parse(drafting.sign_release(filed, at, second, private_key(second), [PLACE]))
    assert b'"kept":[{"finding":"text.name","n":1,"reason":"place"}]' in leaf.text
    assert filing_text(leaf.header) == filing_text(filed)


@pytest.mark.parametrize("change", [[], [Kept(finding="text.name", reason="office", n=1)]])
def test_nobody_adds_changes_or_drops_a_reason_after_the_release(side: Side, change: list[Kept]) -> None:
    at, first, second = side.border.now, side.officer(1), side.officer(2)
    filed = drafting.sign_filing(told(side), at, first, private_key(first))
    leaf = parse(drafting.sign_release(filed, at, second, private_key(second), [PLACE]))
    altered = text_of(msgspec.structs.replace(leaf.header, kept=change))
    ring = side.border.ledger.ring(side.origin)
    verdict = judge(parse(note.join(altered, leaf.signatures)), 9, None, side.border.law, ring)
    assert [refusal.code for refusal in verdict] == ["leaf.bad-signature"]


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ((Kept(finding="text.name", reason="suspect", n=1),), "leaf.kept-unknown"),
        ((Kept(finding="text.face", reason="place", n=1),), "leaf.kept-unknown"),
        ((Kept(finding="text.mail-address", reason="office", n=1),), "leaf.kept-unknown"),
        ((Kept(finding="text.position", reason="place", n=1),), "leaf.kept-unknown"),
        ((QUANTITY, PLACE), "leaf.kept-wrong-form"),
        ((PLACE, PLACE), "leaf.kept-wrong-form"),
        ((Kept(finding="text.name", reason="place", n=0),), "leaf.kept-wrong-form"),
        ((Kept(finding="text.name", reason="place", n=-1),), "leaf.kept-wrong-form"),
        ((Kept(finding="text.name", reason="place", n=MOST_KEPT + 1),), "leaf.kept-wrong-form"),
        ((PLACE, Kept(finding="text.position", reason="quantity", n=MOST_KEPT)), "leaf.kept-wrong-form"),
    ],
)
def test_reasons_beyond_the_list_and_counts_beyond_the_limit_do_not_conform(
    side: Side, found: tuple[Kept, ...], code: str
) -> None:
    assert signed(side, told(side), *found) == [code]


def test_a_notice_without_text_or_without_officers_keeps_nothing(side: Side) -> None:
    plain, _ = side.draft("incident.initial", FIRE)
    assert signed(side, plain, PLACE) == ["leaf.kept-not-permitted"]
    ring = side.border.ledger.ring(side.origin)
    receipt = side.header("receipt", kept=[PLACE])
    counted = side.header("flow.count", parts=[PartRef(c="", retention="facts", n=2)], kept=[PLACE])
    for header, code in ((receipt, "leaf.wrong-content"), (counted, "leaf.kept-not-permitted")):
        verdict = judge(parse(text_of(header)), 9, None, side.border.law, ring)
        assert code in {refusal.code for refusal in verdict}


@pytest.mark.parametrize(
    "spelling",
    [
        b'"kept":[]',
        b'"kept":null',
        b'"kept":{}',
        b'"kept":[{"finding":"text.name","n":1,"reason":"place","words":"Sheikh Example"}]',
        b'"kept":[{"finding":"text.name","n":"1","reason":"place"}]',
        b'"kept":[{"finding":"text.name","n":1}]',
        b'"kept":[{"n":1,"finding":"text.name","reason":"place"}]',
    ],
)
def test_any_other_spelling_is_no_leaf_and_words_have_no_room(side: Side, spelling: bytes) -> None:
    text = text_of(msgspec.structs.replace(told(side), kept=[PLACE]))
    member = b'"kept":[{"finding":"text.name","n":1,"reason":"place"}]'
    assert member in text
    with pytest.raises(Refusal, match=r"leaf\.(bad-header|not-canonical)"):
        parse(text.replace(member, spelling))


def test_a_leaf_whose_reasons_do_not_conform_stands_in_no_state_and_stops_nothing(side: Side) -> None:
    header, parts = side.draft("incident.initial", FIRE | {"account": {"lang": "en", "text": TOWN}})
    name, second = side.officer(1), side.officer(2)
    filed = drafting.sign_filing(header, side.border.now, name, private_key(name))
    wrong = [Kept(finding="text.name", reason="unheard-of", n=1)]
    side.append(drafting.sign_release(filed, side.border.now, second, private_key(second), wrong), parts)
    good = side.notice("incident.initial", FIRE)
    side.other.receive()
    book = side.border.book()
    (found,) = book.nonconforming.values()
    assert [refusal.code for refusal in found.refusals] == ["leaf.kept-unknown"]
    assert [incident.notices[0].encoded for incident in book.incidents.values()] == [good.encoded]


def test_a_reader_counts_what_the_release_did_not_answer_for(side: Side) -> None:
    questions = asked(side, TOWN, LINE)
    assert kept.unanswered(questions, []) == 2
    assert kept.unanswered(questions, [PLACE]) == 1
    assert kept.unanswered(questions, [PLACE, QUANTITY, Kept(finding="text.telephone", reason="quantity", n=1)]) == 0


TEXTS = st.lists(
    st.sampled_from([TOWN, LINE, "Plain words.", "12345678", "33.11618, 46.08148", "General Command"]), max_size=6
).map(" ".join)


@given(text=TEXTS, data=st.data())
def test_whatever_settles_conforms_and_counts_every_passage_once(text: str, data: Any) -> None:
    passages = tuple(Question("account", text, passage) for passage in linter.lint(text))
    answers = {each.id: data.draw(st.sampled_from(each.reasons)) for each in passages}
    found = settle(passages, answers)
    assert sum(each.n for each in found) == len(passages)
    assert kept.unanswered(passages, found) == 0
    header = Header(
        at="", id="", kind="", law="", log="", release="two", kept=found, parts=[PartRef(c="", retention="text", n=2)]
    )
    assert kept.judge_kept(header, frozenset({"text"})) == ()
    for spared in passages[:1]:
        with pytest.raises(Refusal, match=r"release\.passage-open"):
            settle(passages, {id: reason for id, reason in answers.items() if id != spared.id})


KEPT = st.lists(st.sampled_from([PLACE, QUANTITY]), max_size=2, unique=True)


@given(
    released=st.lists(
        st.tuples(st.sampled_from(["ML", "RL"]), st.integers(0, 800), KEPT, st.sampled_from(["two", "one"])),
        max_size=12,
    )
)
def test_every_kept_passage_is_counted_in_one_quarter_and_every_party_has_its_row(released: list[Any]) -> None:
    notices = [entry(party, day, stays, release) for party, day, stays, release in released]
    rows = kept.tallies(notices, ["ML", "RL"])
    assert sum(row.released for row in rows) == len(notices)
    assert sum(row.over for row in rows) == sum(bool(stays) for _, _, stays, _ in released)
    counted = sum(each.n for row in rows for each in row.passages)
    assert counted == sum(each.n for _, _, stays, _ in released for each in stays)
    assert [row.party for row in rows] == ["ML", "RL"] * (len(rows) // 2)
    assert [row.first_day for row in rows] == sorted((row.first_day for row in rows), reverse=True)
    for row in rows:
        held = [each for each in notices if each.party == row.party and row.first_day <= each.at[:10] <= row.last_day]
        assert row.released == len(held)


def test_machines_reviews_and_what_does_not_conform_are_not_counted() -> None:
    counted = entry("ML", 0, [PLACE], "two")
    others = [
        msgspec.structs.replace(counted, release="machine"),
        msgspec.structs.replace(counted, role=roles.SEALS),
        msgspec.structs.replace(counted, refusals=(Refusal("leaf.bad-signature"),), at="nonsense"),
    ]
    (row,) = kept.tallies([counted, *others], ["ML"])
    assert (row.released, row.over, row.passages) == (1, 1, (PLACE,))


def entry(party: str, day: int, stays: list[Kept], release: str) -> Notice:
    """A notice released `day` days into 2031, as the book tells of it."""
    at = f"{datetime.date(2031, 1, 1) + datetime.timedelta(days=day)}T09:00:00Z"
    header = Header(at=at, id="", kind="", law="", log="", release=release, kept=stays)
    return Notice(
        number="", log="", index=0, party=party, order=(0, "", 0), leaf=Leaf(b"", header), encoded=b"",
        kind="", role="opens", at=at, precedence="", release=release, facts=None, stated=None, refusals=(), refers=(),
        thread="", ladder={},
    )  # fmt: skip


def test_a_paragraph_that_stands_twice_asks_once(side: Side) -> None:
    kind = side.border.law.kind("text.draft")
    assert kind is not None
    field = next(each for each in kind.fields if each.type == "paragraphs")
    (question,) = kept.asked_by(field, {"en": [LINE, "Nothing else.", LINE]})
    assert question.words == "0770 123 4567"
