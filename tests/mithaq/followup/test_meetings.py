"""Meetings: proposals of both sides, what both agreed, what was held and decided, whatever order it arrives in."""

import pytest

from mithaq import moments
from mithaq.followup import meetings
from mithaq.followup.meetings import Meeting, State
from mithaq.notices.envelope import Leaf
from tests.mithaq.notices.border import START, Border, Side, plain_law

SOON = "2031-04-02T08:00:00Z"
NEXT_DAY = "2031-04-03T08:00:00Z"
LATER = "2031-06-02T00:00:00Z"


@pytest.fixture
def border() -> Border:
    made = Border(plain_law())
    made.exchange()
    return made


def call(side: Side, starts: str = SOON) -> Leaf:
    content = {"level": "joint-committee", "starts": starts, "venue": "first-party", "agenda": ["carrying-out"]}
    return side.notice("meeting.called", content)


def only(border: Border) -> Meeting:
    border.exchange()
    (found,) = meetings.meetings(border.book(), border.law)
    return found


def test_a_call_is_agreed_when_the_other_side_accepts_it_and_both_agendas_stand(border: Border) -> None:
    here, there = border.pair
    called = call(here)
    assert only(border).state is State.PROPOSED
    there.notice("meeting.answered", {"answer": "accepted", "agenda": ["rail"]}, called)
    found = only(border)
    assert found.state is State.AGREED
    assert found.agenda == {here.code: ("carrying-out",), there.code: ("rail",)}


def test_nobody_accepts_his_own_proposal(border: Border) -> None:
    here, _ = border.pair
    called = call(here)
    here.notice("meeting.answered", {"answer": "accepted"}, called)
    assert only(border).state is State.PROPOSED


def test_another_proposal_takes_the_place_of_the_first_and_waits_for_the_caller(border: Border) -> None:
    here, there = border.pair
    called = call(here)
    border.exchange()
    other = there.notice("meeting.answered", {"answer": "other-proposal", "starts": NEXT_DAY}, called)
    found = only(border)
    assert (found.state, found.proposal.party, found.proposal.starts) == (State.PROPOSED, there.code, NEXT_DAY)
    here.notice("meeting.answered", {"answer": "accepted"}, called, other)
    assert only(border).state is State.AGREED


def test_whoever_accepted_before_another_time_was_proposed_has_not_accepted_that_time(border: Border) -> None:
    here, there = border.pair
    called = call(here)
    border.exchange()
    here.notice("meeting.answered", {"answer": "other-proposal", "starts": NEXT_DAY}, called)
    there.notice("meeting.answered", {"answer": "accepted"}, called)
    found = only(border)
    assert (found.state, found.proposal.starts, found.accepted) == (State.PROPOSED, NEXT_DAY, frozenset())


def test_a_time_taken_back_leaves_no_acceptance_to_the_one_before_it(border: Border) -> None:
    here, there = border.pair
    called = call(here)
    border.exchange()
    other = here.notice("meeting.answered", {"answer": "other-proposal", "starts": NEXT_DAY}, called)
    border.exchange()
    there.notice("meeting.answered", {"answer": "accepted"}, called, other)
    assert only(border).state is State.AGREED
    here.notice("withdrawal", {"reason": "sent-in-error"}, other)
    found = only(border)
    assert (found.state, found.proposal.starts, found.accepted) == (State.PROPOSED, SOON, frozenset())


def test_the_last_word_of_a_party_on_a_proposal_counts(border: Border) -> None:
    here, there = border.pair
    called = call(here)
    border.exchange()
    there.notice("meeting.answered", {"answer": "declined"}, called)
    assert only(border).state is State.DECLINED
    there.notice("meeting.answered", {"answer": "accepted"}, called)
    assert only(border).state is State.AGREED


def test_a_meeting_declined_stays_declined_until_somebody_proposes_again(border: Border) -> None:
    here, there = border.pair
    called = call(here)
    border.exchange()
    there.notice("meeting.answered", {"answer": "declined"}, called)
    assert only(border).state is State.DECLINED
    here.notice("meeting.answered", {"answer": "other-proposal", "starts": NEXT_DAY}, called)
    assert only(border).state is State.PROPOSED


def test_a_call_to_a_moment_that_is_past_is_seen_to_be_and_is_never_agreed(border: Border) -> None:
    here, there = border.pair
    past = moments.format(moments.add_minutes(moments.parse(START), -1_440))
    called = call(here, past)
    border.exchange()
    there.notice("meeting.answered", {"answer": "accepted"}, called)
    assert only(border).state is State.PAST


def test_a_call_that_is_taken_back_stands_as_withdrawn(border: Border) -> None:
    here, _ = border.pair
    called = call(here)
    border.exchange()
    here.notice("withdrawal", {"reason": "sent-in-error"}, called)
    assert only(border).state is State.WITHDRAWN


def test_a_decision_is_a_measure_with_a_column_for_each_side_until_both_say_it_is_done(border: Border) -> None:
    here, there = border.pair
    parties = (here.code, there.code)
    called = call(here)
    border.exchange()
    here.notice("meeting.held", {"happened": START, "offices": ["commissioner"]}, called)
    decided = here.notice(
        "meeting.decided", {"matter": "rail", "owner": "second", "authority": "railway", "due": "2031-06-01"}, called
    )
    border.exchange()
    there.notice("decision.assessed", {"score": "full"}, decided)
    found = only(border)
    (decision,) = found.decisions
    assert found.state is State.HELD
    assert decision.standing.commitment.owners == [border.law.parties[1].code]
    assert [decision.standing.score(party, LATER) for party in parties] == [None, 3]
    assert meetings.is_overdue(decision, parties, LATER)
    here.notice("decision.assessed", {"score": "full"}, decided)
    (decision,) = only(border).decisions
    assert not meetings.is_overdue(decision, parties, LATER)


def test_what_refers_to_no_call_makes_no_meeting(border: Border) -> None:
    here, there = border.pair
    told = here.notice("commitment.progress", {"commitment": border.law.commitments[0].id, "step": "begun"})
    border.exchange()
    there.notice("meeting.answered", {"answer": "accepted"}, told)
    border.exchange()
    assert meetings.meetings(border.book(), border.law) == ()


def test_both_sides_see_the_same_meeting_whichever_said_its_part_first() -> None:
    seen = []
    for first in (0, 1):
        border = Border(plain_law())
        border.exchange()
        called = call(border.pair[0])
        border.exchange()
        for side in (border.pair[first], border.pair[1 - first]):
            content = {"answer": "accepted", "agenda": ["rail" if side is border.pair[1] else "corridors"]}
            side.notice("meeting.answered", content, called)
        found = only(border)
        seen.append((found.state, found.accepted, found.agenda))
    assert seen[0] == seen[1]
