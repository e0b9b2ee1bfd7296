"""Common texts: versions, acceptance paragraph by paragraph, the freeze and the seals, whatever order it arrives in."""

import random
from dataclasses import replace

import msgspec
import pytest

from mithaq.followup import texts
from mithaq.followup.texts import CommonText, State
from mithaq.instrument.law import Law
from mithaq.notices.envelope import Leaf
from mithaq.notices.ledger import Ledger
from tests.mithaq.notices.border import Border, Side, plain_law

FIRST = {"en": ["The committee met.", "It will meet again in June.", "The markers are counted."]}
SECOND = {"en": ["The committee met.", "It will meet again in July.", "The markers are counted."]}
VISIT = {"office": "national-security", "first_day": "2025-08-11", "last_day": "2025-08-11"}


@pytest.fixture
def border() -> Border:
    made = Border(plain_law())
    made.exchange()
    return made


def draft(side: Side, words: dict[str, list[str]] = FIRST, *re: Leaf) -> Leaf:
    leaf = side.notice("text.draft", {"matter": "communique", "words": words}, *re)
    side.border.exchange()
    return leaf


def accept(side: Side, leaf: Leaf, *numbers: int, of: int = 3) -> Leaf:
    told = side.notice("text.acceptance", {"accepted": {"numbers": list(numbers), "of": of}}, leaf)
    side.border.exchange()
    return told


def put_forward(side: Side, leaf: Leaf) -> Leaf:
    header, parts = side.repeat("text.final", leaf, None)
    told = side.release(msgspec.structs.replace(header, precedence="routine"), parts)
    side.border.exchange()
    return told


def frozen(border: Border) -> Leaf:
    here, there = border.pair
    leaf = draft(here)
    accept(there, leaf, 1, 2, 3)
    return leaf


def only(border: Border) -> CommonText:
    (found,) = texts.texts(border.book(), border.law)
    return found


def why(found: CommonText) -> list[str]:
    return [each.refusal.code for each in found.void]


def test_a_version_and_another_one_stand_in_their_order_and_the_last_is_the_one_on_the_table(border: Border) -> None:
    here, there = border.pair
    first = draft(here)
    second = draft(there, SECOND, first)
    found = only(border)
    assert (found.state, found.last.number, found.last.after) == (State.OPEN, there.number(second), here.number(first))
    assert [each.notice.party for each in found.versions] == [here.code, there.code]
    assert found.matter == "communique"


def test_paragraphs_are_accepted_one_after_another_until_the_text_is_frozen(border: Border) -> None:
    here, there = border.pair
    first = draft(here)
    accept(there, first, 1)
    found = only(border)
    assert found.state is State.OPEN
    assert [found.last.accepts(there.code, number) for number in (1, 2, 3)] == [True, False, False]
    assert found.last.is_accepted_by(here.code)
    accept(there, first, 2, 3)
    assert only(border).state is State.FROZEN


def test_a_frozen_text_that_is_put_forward_is_sealed_by_the_other_side(border: Border) -> None:
    here, there = border.pair
    final = put_forward(here, frozen(border))
    assert only(border).state is State.PROPOSED
    there.assent(final)
    border.exchange()
    found = only(border)
    assert (found.state, found.is_frozen, why(found)) == (State.SEALED, True, [])
    assert texts.of_number([found], here.number(final)) == found


def test_either_side_may_put_the_frozen_text_forward(border: Border) -> None:
    here, there = border.pair
    final = put_forward(there, frozen(border))
    here.assent(final)
    border.exchange()
    assert only(border).state is State.SEALED


def test_what_comes_after_the_freeze_says_nothing_and_is_named(border: Border) -> None:
    here, there = border.pair
    first = frozen(border)
    later = draft(here, SECOND, first)
    accept(there, later, 1)
    accept(there, first, 1)
    found = only(border)
    assert (found.last.number, len(found.versions)) == (here.number(first), 1)
    assert why(found) == ["version.frozen"] * 3


def test_a_version_that_is_no_longer_the_last_cannot_be_accepted(border: Border) -> None:
    here, there = border.pair
    first = draft(here)
    draft(there, SECOND, first)
    accept(there, first, 1, 2, 3)
    assert (only(border).state, why(only(border))) == (State.OPEN, ["version.not-the-last"])


def test_nobody_accepts_his_own_version_and_acceptances_count_once(border: Border) -> None:
    here, there = border.pair
    first = draft(here)
    accept(here, first, 1, 2, 3)
    accept(there, first, 1, 2)
    accept(there, first, 1, 2)
    assert (only(border).state, why(only(border))) == (State.OPEN, ["version.own"])


def test_an_acceptance_that_counts_other_paragraphs_than_before_says_nothing(border: Border) -> None:
    here, there = border.pair
    first = draft(here)
    accept(there, first, 1)
    accept(there, first, 1, 2, of=2)
    assert (only(border).state, why(only(border))) == (State.OPEN, ["version.other-count"])


def test_a_count_that_was_taken_back_binds_nobody(border: Border) -> None:
    here, there = border.pair
    first = draft(here)
    wrong = accept(there, first, 1, of=2)
    there.notice("withdrawal", {"reason": "sent-in-error"}, wrong)
    border.exchange()
    assert only(border).last.of == {}
    accept(there, first, 1, 2, 3)
    found = only(border)
    assert (found.state, found.last.of, why(found)) == (State.FROZEN, {there.code: 3}, [])


def test_other_words_than_the_frozen_ones_are_not_put_forward_and_no_open_text_is(border: Border) -> None:
    here, there = border.pair
    first = draft(here)
    put_forward(here, first)
    accept(there, first, 1, 2, 3)
    here.notice("text.final", {"matter": "communique", "words": SECOND}, first)
    here.notice("text.final", {"matter": "communique", "words": FIRST}, first)
    border.exchange()
    assert (only(border).state, why(only(border))) == (
        State.FROZEN,
        ["version.not-frozen", "version.other-words", "version.other-words"],
    )


def test_a_text_is_put_forward_once_and_again_only_when_that_was_taken_back(border: Border) -> None:
    here, there = border.pair
    first = frozen(border)
    final = put_forward(here, first)
    put_forward(there, first)
    assert why(only(border)) == ["version.put-forward"]
    here.notice("withdrawal", {"reason": "sent-in-error"}, final)
    border.exchange()
    assert only(border).state is State.FROZEN
    put_forward(there, first)
    assert only(border).state is State.PROPOSED


def test_what_is_taken_back_before_the_freeze_counts_no_more_and_after_it_changes_nothing(border: Border) -> None:
    here, there = border.pair
    first = draft(here)
    second = draft(here, SECOND, first)
    told = accept(there, second, 1, 2)
    there.notice("withdrawal", {"reason": "sent-in-error"}, told)
    accept(there, second, 3)
    assert only(border).last.accepted[there.code] == {3}
    here.notice("withdrawal", {"reason": "sent-in-error"}, second)
    border.exchange()
    assert only(border).last.number == here.number(first)
    accept(there, first, 1, 2, 3)
    here.notice("withdrawal", {"reason": "sent-in-error"}, first)
    border.exchange()
    assert only(border).state is State.FROZEN


def test_a_text_of_which_every_version_is_taken_back_is_withdrawn(border: Border) -> None:
    here, _ = border.pair
    here.notice("withdrawal", {"reason": "sent-in-error"}, draft(here))
    border.exchange()
    assert only(border).state is State.WITHDRAWN


def test_what_speaks_of_two_texts_speaks_of_neither(border: Border) -> None:
    here, there = border.pair
    one, other = draft(here), draft(here, SECOND)
    there.notice("text.acceptance", {"accepted": {"numbers": [1], "of": 3}}, one, other)
    border.exchange()
    assert [why(each) for each in texts.texts(border.book(), border.law)] == [["version.not-one"]] * 2


def test_a_text_about_a_meeting_names_its_call(border: Border) -> None:
    here, there = border.pair
    called = here.notice(
        "meeting.called",
        {"level": "joint-committee", "starts": "2031-04-02T08:00:00Z", "venue": "first-party", "agenda": ["rail"]},
    )
    border.exchange()
    draft(there, FIRST, called)
    found = texts.texts(border.book(), border.law)
    assert texts.told(found, here.number(called)) == found


def test_a_sealed_text_is_about_what_it_names_and_only_if_that_stood_before_the_seal(border: Border) -> None:
    here, there = border.pair
    named, other = (here.notice("visit.recorded", {**VISIT, "guest": guest}) for guest in ("first", "second"))
    text = draft(here, FIRST, named)
    accept(there, text, 1, 2, 3)
    final = put_forward(here, text)
    found, book = texts.texts(border.book(), border.law), border.book()
    assert texts.sealed_about(found, book, here.number(named)) is None
    there.assent(final)
    border.exchange()
    found, book = texts.texts(border.book(), border.law), border.book()
    sealed = texts.sealed_about(found, book, here.number(named))
    assert sealed is not None
    assert sealed.number == here.number(text)
    assert texts.sealed_about(found, book, here.number(other)) is None
    last = max(each.order for each in book.notices.values())
    later = msgspec.structs.replace(book.notices[here.number(named)], order=(last[0] + 1, *last[1:]))
    moved = replace(book, notices={**book.notices, later.number: later})
    assert texts.sealed_about(found, moved, later.number) is None


def test_what_was_accepted_before_is_known_again_only_where_every_word_is_the_same(border: Border) -> None:
    here, there = border.pair
    first = draft(here)
    accept(there, first, 1, 2)
    second = draft(here, SECOND, first)
    found = only(border)
    words = {here.number(first): FIRST, here.number(second): SECOND}
    assert texts.known_to(there.code, found, words) == {1: 1}
    assert texts.known_to(here.code, found, words) == {1: 1, 3: 1}
    assert found.last.accepted == {}


def test_every_order_of_arrival_gives_the_same_texts(border: Border) -> None:
    here, there = border.pair
    first = draft(here)
    second = draft(there, SECOND, first)
    accept(here, second, 1, 2)
    third = draft(here, FIRST, first)
    accept(here, second, 3)
    accept(there, third, 1, 2, 3)
    late = draft(there, SECOND, third)
    accept(here, late, 1)
    final = put_forward(there, third)
    here.assent(final)
    border.exchange()
    expected = only(border)
    assert expected.state is State.SEALED
    assert why(expected) == ["version.not-the-last", "version.frozen", "version.frozen"]
    for seed in range(40):
        (found,) = texts.texts(shuffled(border, random.Random(seed)).book(), border.law)
        assert found == expected


def shuffled(border: Border, draw: random.Random) -> Ledger:
    """A ledger that hears the logs in turns drawn at random, each log in its order, and facts at any time after."""
    ledger = Ledger(border.law)
    rest = {side.origin: list(enumerate(side.leaves)) for side in border.sides.values()}
    parts = {side.origin: side.parts for side in border.sides.values()}
    facts: list[tuple[str, int, bytes]] = []
    while any(rest.values()):
        origin = draw.choice([each for each, leaves in rest.items() if leaves])
        index, leaf = rest[origin].pop(0)
        ledger.add(origin, index, leaf)
        if parts[origin][index]:
            body = parts[origin][index][0].body
            facts.append((origin, index, body))
        while facts and draw.random() < 0.5:
            ledger.add_facts(*facts.pop(draw.randrange(len(facts))))
    for each in facts:
        ledger.add_facts(*each)
    return ledger


def test_languages_with_other_counts_of_paragraphs_are_refused_and_the_law_may_hold_two() -> None:
    law = two_languages()
    border = Border(law)
    border.exchange()
    here, _ = border.pair
    with pytest.raises(Exception, match=r"field\.paragraphs-differ"):
        draft(here, {"ar": ["a", "b"], "fa": ["c"]})
    with pytest.raises(Exception, match=r"field\.other-languages"):
        draft(here, {"ar": ["a", "b"]})
    with pytest.raises(Exception, match=r"field\.hidden-character"):
        draft(here, {"ar": ["a\nb"], "fa": ["c"]})
    draft(here, {"ar": ["a", "b"], "fa": ["c", "d"]})
    assert only(border).state is State.OPEN


def two_languages() -> Law:
    return msgspec.structs.replace(plain_law(), authentic=["ar", "fa"])
