"""The commitments in time: changes of score as they were had, what is due, and since when something slowed down."""

from mithaq import moments
from mithaq.followup import timeline
from mithaq.followup.commitments import COMMITTEE, Standing
from mithaq.followup.timeline import Event, Happened
from mithaq.notices.scores import SCALE
from tests.mithaq.followup.test_commitments import LATER, assess, border_with, only
from tests.mithaq.notices.border import START, Border


def later(border: Border, days: int) -> str:
    border.now = moments.format(moments.add_minutes(moments.parse(border.now), days * 1_440))
    return border.now


def told(standing: Standing, moment: str = LATER) -> list[Event]:
    return list(timeline.events([standing], ("ML", "RL"), moment))


def test_a_change_of_score_stands_in_its_column_where_it_was_had_and_the_same_score_again_is_none() -> None:
    border, here, there = border_with()
    assess(here, 1)
    border.exchange()
    later(border, 1)
    assess(here, 1)
    proposal = there.notice("commitment.agreed", {"commitment": "c0", "score": SCALE[2]})
    border.exchange()
    here.assent(proposal)
    border.exchange()
    scored = [(each.column, each.before, each.after) for each in told(only(border))]
    assert scored == [("ML", None, 1), (COMMITTEE, None, 2)]


def test_a_score_that_is_taken_back_is_a_change_to_what_stood_before() -> None:
    border, here, _ = border_with()
    assess(here, 1)
    border.exchange()
    later(border, 1)
    second = assess(here, 3)
    border.exchange()
    later(border, 1)
    here.notice("withdrawal", {"reason": "sent-in-error"}, second)
    border.exchange()
    assert [(each.before, each.after) for each in told(only(border))] == [(None, 1), (1, 3), (3, 1)]
    assert [each.after for each in told(only(border), START)] == [1]


def test_what_is_due_stands_at_the_end_of_its_day_also_when_it_is_yet_to_come() -> None:
    border, here, _ = border_with("2031-03-01")
    assess(here, 3)
    border.exchange()
    assert [each.sort for each in told(only(border), START)] == [Happened.SCORED, Happened.DUE]
    assert [each.sort for each in told(only(border_with("2040-01-01")[0]), START)] == [Happened.DUE]


def test_a_slowdown_stands_on_the_day_on_which_it_began() -> None:
    border, here, there = border_with()
    quiet = moments.format(moments.add_minutes(moments.parse(START), 92 * 1_440))
    assert timeline.slowed_since(only(border), START) == ""
    assert timeline.slowed_since(only(border), "2031-09-01T00:00:00Z") == quiet
    border, here, there = border_with("2031-03-31")
    assess(here, 1)
    assess(there, 2)
    border.exchange()
    assert timeline.slowed_since(only(border), "2031-03-10T00:00:00Z") == ""
    assert timeline.slowed_since(only(border), "2031-03-20T00:00:00Z") == "2031-03-11T00:00:00Z"
    slowed = [each.at for each in told(only(border), "2031-03-20T00:00:00Z") if each.sort == Happened.SLOWED]
    assert slowed == ["2031-03-11T00:00:00Z"]


def test_a_low_score_that_came_late_is_behind_from_when_it_was_had() -> None:
    border, here, there = border_with("2031-03-31")
    assess(here, 2)
    assess(there, 2)
    border.exchange()
    came = later(border, 15)
    assess(here, 0)
    border.exchange()
    assert timeline.slowed_since(only(border), "2031-03-20T00:00:00Z") == came
