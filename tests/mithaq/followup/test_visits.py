"""Visits: what one side entered, with the meetings and statements that refer to it, and the calls during it."""

import pytest

from mithaq.followup import meetings, visits
from mithaq.followup.visits import Visit
from mithaq.notices.envelope import Leaf
from tests.mithaq.notices.border import Border, Side, plain_law

OVER = "2025-08-11"
TO_COME = "2031-04-02"


@pytest.fixture
def border() -> Border:
    made = Border(plain_law())
    made.exchange()
    return made


def visit(side: Side, day: str) -> Leaf:
    content = {"guest": "second", "office": "national-security", "first_day": day, "last_day": day}
    return side.notice("visit.recorded", content)


def met(side: Side, to: Leaf, office: str, day: str = OVER) -> Leaf:
    return side.notice("visit.meeting", {"day": day, "office": office, "items": ["relations"]}, to)


def every(border: Border) -> tuple[Visit, ...]:
    border.exchange()
    book = border.book()
    return visits.visits(book, border.law, meetings.meetings(book, border.law))


def test_a_visit_holds_the_meetings_of_both_sides_by_their_days_and_what_was_stated_at_each(border: Border) -> None:
    here, there = border.pair
    entered = visit(here, OVER)
    border.exchange()
    later = met(there, entered, "head-of-government", "2025-08-12")
    met(here, entered, "head-of-state")
    border.exchange()
    here.notice("meeting.stated", {"side": "second", "office": "national-security", "items": ["rail"]}, later)
    (found,) = every(border)
    assert [each.facts["office"] for each in found.met] == ["head-of-state", "head-of-government"]
    assert [len(each.statements) for each in found.met] == [0, 1]


def test_what_was_entered_after_it_was_over_is_seen_to_be(border: Border) -> None:
    here, _ = border.pair
    visit(here, OVER)
    visit(here, TO_COME)
    assert [each.is_entered_later for each in every(border)] == [True, False]


def test_a_meeting_called_during_a_visit_stands_under_it_and_can_be_agreed(border: Border) -> None:
    here, there = border.pair
    planned = visit(here, TO_COME)
    border.exchange()
    call = {"level": "high-level", "starts": "2031-04-02T08:00:00Z", "venue": "first-party", "agenda": ["relations"]}
    called = there.notice("meeting.called", call, planned)
    border.exchange()
    here.notice("meeting.answered", {"answer": "accepted"}, called)
    (found,) = every(border)
    assert [each.state for each in found.called] == [meetings.State.AGREED]


def test_what_is_taken_back_is_no_visit_and_no_meeting_of_one(border: Border) -> None:
    here, _ = border.pair
    kept, dropped = visit(here, OVER), visit(here, OVER)
    wrong = met(here, kept, "interior")
    border.exchange()
    for each in (dropped, wrong):
        here.notice("withdrawal", {"reason": "sent-in-error"}, each)
    (found,) = every(border)
    assert found.met == ()
