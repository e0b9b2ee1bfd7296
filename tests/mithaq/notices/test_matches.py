"""Pairs of notices: a fact once both parties say so, denied by one word, and nothing that a third could slip in."""

from typing import Any

import msgspec
import pytest

from mithaq.notices import matches, restraint
from mithaq.notices.envelope import Leaf
from mithaq.notices.matches import Standing
from mithaq.prevention.pairs import Index, spoken_of
from tests.mithaq.notices.border import FIRE, Border, Side, plain_law, reference_to

PERSON = {
    "place": "A",
    "happened": "2031-03-01T04:00:00Z",
    "people": {"adult": 2},
    "condition": ["unharmed"],
    "wish": "being-heard",
}
CONFIRM, DENY = "match.confirmed", "match.denied"


def seen_by_both() -> tuple[Border, Side, Side, Leaf, Leaf]:
    """A fire that each side tells of, without referring to the other's notice."""
    border = Border()
    here, there = border.pair
    ours, theirs = here.notice("incident.initial", FIRE), there.notice("incident.initial", FIRE | {"event": "smoke"})
    border.exchange()
    return border, here, there, ours, theirs


def named(leaf: Leaf) -> dict[str, str]:
    reference = reference_to(leaf)
    return {"log": reference.log, "id": reference.id}


def say(side: Side, kind: str, ours: Leaf, theirs: Leaf) -> Leaf:
    reason = {"reason": "other-place"} if kind == DENY else {}
    return side.notice(kind, {"ours": named(ours), "theirs": named(theirs)} | reason)


def standings(border: Border) -> list[Standing]:
    border.exchange()
    return [each.standing for each in spoken_of(border.book(), Index(border.law))]


def test_a_pair_is_a_fact_only_when_both_have_confirmed_it() -> None:
    border, here, there, ours, theirs = seen_by_both()
    assert standings(border) == []
    say(here, CONFIRM, ours, theirs)
    assert standings(border) == [Standing.ASSERTED]
    say(there, CONFIRM, theirs, ours)
    assert standings(border) == [Standing.CONFIRMED]


def test_confirming_joins_no_threads_and_moves_no_incident() -> None:
    border, here, there, ours, theirs = seen_by_both()
    before = {number: (each.state, each.accounts) for number, each in border.book().incidents.items()}
    say(here, CONFIRM, ours, theirs)
    say(there, CONFIRM, theirs, ours)
    border.exchange()
    after = {number: (each.state, each.accounts) for number, each in border.book().incidents.items()}
    assert len(after) == 2
    assert before == after


@pytest.mark.parametrize(
    ("words", "standing"),
    [
        ([DENY], Standing.DENIED),
        ([CONFIRM, DENY], Standing.DISPUTED),
        ([DENY, CONFIRM], Standing.DISPUTED),
        ([DENY, DENY], Standing.DENIED),
    ],
)
def test_one_denial_is_enough(words: list[str], standing: Standing) -> None:
    border, here, there, ours, theirs = seen_by_both()
    for side, kind, (own, other) in zip((here, there), words, ((ours, theirs), (theirs, ours)), strict=False):
        say(side, kind, own, other)
    assert standings(border) == [standing]


def test_one_party_that_says_it_twice_has_said_it_once() -> None:
    border, here, _, ours, theirs = seen_by_both()
    say(here, CONFIRM, ours, theirs)
    say(here, CONFIRM, ours, theirs)
    assert standings(border) == [Standing.ASSERTED]


def test_the_latest_word_counts_until_it_is_withdrawn() -> None:
    border, here, there, ours, theirs = seen_by_both()
    say(there, CONFIRM, theirs, ours)
    say(here, CONFIRM, ours, theirs)
    denial = say(here, DENY, ours, theirs)
    assert standings(border) == [Standing.DISPUTED]
    here.notice("withdrawal", {"reason": "sent-in-error"}, denial)
    assert standings(border) == [Standing.CONFIRMED]


def test_a_withdrawn_confirmation_leaves_nothing_of_the_pair() -> None:
    border, here, _, ours, theirs = seen_by_both()
    word = say(here, CONFIRM, ours, theirs)
    here.notice("withdrawal", {"reason": "sent-in-error"}, word)
    assert standings(border) == []
    assert not border.book().matches
    assert not [key for key, _ in border.book().rows() if key.startswith("match/")]


def test_a_pair_falls_with_the_notice_that_it_names() -> None:
    border, here, there, ours, theirs = seen_by_both()
    say(here, CONFIRM, ours, theirs)
    say(there, CONFIRM, theirs, ours)
    there.notice("withdrawal", {"reason": "duplicate"}, theirs)
    assert standings(border) == []


def test_a_word_on_notices_that_are_not_here_waits_until_they_are() -> None:
    border, here, there, ours, _ = seen_by_both()
    late = there.draft("incident.initial", FIRE)
    unseen = {"log": late[0].log, "id": late[0].id}
    here.notice(CONFIRM, {"ours": named(ours), "theirs": unseen})
    assert standings(border) == []
    there.release(*late)
    assert standings(border) == [Standing.ASSERTED]


def test_notices_of_kinds_that_may_not_be_matched_are_no_pair_whoever_says_so() -> None:
    border = Border()
    here, there = border.pair
    fire = here.notice("incident.initial", FIRE)
    person = there.notice("crossing.inadvertent", PERSON)
    border.exchange()
    say(here, CONFIRM, fire, person)
    say(there, CONFIRM, person, fire)
    assert standings(border) == []
    assert border.book().matches


def test_nobody_pairs_two_of_his_own_nor_two_of_the_other_side() -> None:
    border, here, there, ours, theirs = seen_by_both()
    second = here.notice("incident.initial", FIRE)
    border.exchange()
    say(here, CONFIRM, ours, second)
    say(here, CONFIRM, theirs, theirs)
    say(there, CONFIRM, ours, theirs)
    assert standings(border) == []
    assert not border.book().matches


def test_facts_that_the_other_side_has_not_received_confirm_nothing() -> None:
    border, here, _, ours, theirs = seen_by_both()
    say(here, CONFIRM, ours, theirs)
    assert not border.book().matches


def test_whatever_order_it_arrives_in_the_state_is_the_same() -> None:
    border, here, there, ours, theirs = seen_by_both()
    say(there, CONFIRM, theirs, ours)
    say(here, DENY, ours, theirs)
    border.exchange()
    say(here, CONFIRM, ours, theirs)
    border.exchange()
    again = border.replayed().book()
    assert again.rows() == border.book().rows()
    assert [each.standing for each in spoken_of(again, Index(border.law))] == [Standing.CONFIRMED]
    (row,) = [row for key, row in again.rows() if key.startswith("match/")]
    assert b'"standing":"confirmed"' in row


def test_a_kind_about_people_cannot_be_made_one_that_is_matched() -> None:
    law: Any = plain_law()
    kinds = [
        msgspec.structs.replace(kind, facets=[*kind.facets, matches.SIGHTING])
        if kind.name == "crossing.inadvertent"
        else kind
        for kind in law.kinds
    ]
    found = {each.code for each in restraint.check_kinds(msgspec.structs.replace(law, kinds=kinds))}
    assert "match.about-people" in found
