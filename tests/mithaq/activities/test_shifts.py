"""Proposals: the least shift in time or on the ground that surely clears, the same on every node."""

from collections.abc import Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mithaq import places
from mithaq.activities import shifts
from mithaq.activities.conflicts import Plans
from mithaq.moments import Interval, Moment
from mithaq.notices.fields.sites import lies_outside
from tests.mithaq.activities.test_conflicts import CELL, LAW, NOON, area, hours, placed, plan, times

LONG_AGO = Moment(NOON - 10_000 * 3600)


def anywhere(place: Mapping[str, Any]) -> bool:
    return True


def test_the_nearer_of_earlier_and_later_is_proposed_and_never_before_what_is_allowed() -> None:
    plans = Plans.of([plan("RL 1-1", CELL, hours(10, 4), "RL")], LAW)
    assert shifts.in_time(plans, CELL, hours(20, 2), LONG_AGO) is None
    found = shifts.in_time(plans, CELL, hours(11, 2), LONG_AGO)
    assert found == shifts.Later(hours(14, 2), 3 * 3600)
    found = shifts.in_time(plans, CELL, hours(9, 2), LONG_AGO)
    assert found == shifts.Later(hours(8, 2), -3600)
    found = shifts.in_time(plans, CELL, hours(9, 2), hours(9, 2).start)
    assert found == shifts.Later(hours(14, 2), 5 * 3600)


def test_of_two_times_as_near_the_later_one_is_proposed() -> None:
    plans = Plans.of([plan("RL 1-1", CELL, hours(10, 2), "RL")], LAW)
    assert shifts.in_time(plans, CELL, hours(10, 2), LONG_AGO) == shifts.Later(hours(12, 2), 2 * 3600)


@given(st.lists(times, max_size=8), times)
def test_no_smaller_shift_in_time_clears(taken: list[Interval], time: Interval) -> None:
    plans = Plans.of([plan(f"RL {number}-1", CELL, each, "RL") for number, each in enumerate(taken)], LAW)
    lasts = time.end.seconds - time.start.seconds

    def is_free(start: int) -> bool:
        moved = Interval(Moment(start), Moment(start + lasts))
        return not any(moved.overlaps(each) for each in taken)

    start = time.start.seconds
    hand = next((sign * by for by in range(0, 9_000 * 3600, 3600) for sign in (1, -1) if is_free(start + sign * by)), 0)
    found = shifts.in_time(plans, CELL, time, LONG_AGO)
    assert (found.seconds if found else 0) == hand
    assert found is None or not plans.conflicts(CELL, found.time)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(placed, times), max_size=6), placed | st.just(CELL), times)
def test_no_nearer_place_clears(stated: list[tuple[dict[str, Any], Interval]], place: dict[str, Any], time: Interval):
    plans = Plans.of([plan(f"RL {number}-1", where, when, "RL") for number, (where, when) in enumerate(stated)], LAW)
    found = shifts.in_area(plans, place, time, anywhere)
    if not plans.conflicts(place, time):
        assert found is None
        return
    free = [each for each in shifts.nearest_first(place, LAW) if not plans.conflicts(each[1], time)]
    assert (found is None) == (not free)
    if found is not None:
        assert found.metres == min(metres for metres, _ in free)
        assert (found.metres, found.place) == free[0]


def test_a_place_is_moved_only_to_where_it_may_be() -> None:
    whole = area(-5, -5, 5, 15)
    plans = Plans.of([plan("RL 1-1", CELL, hours(0, 4), "RL")], LAW)
    found = shifts.in_area(plans, CELL, hours(0, 4), lambda place: not lies_outside(place, LAW))
    assert found is not None
    assert not lies_outside(found.place, LAW)
    assert not plans.conflicts(found.place, hours(0, 4))
    assert shifts.in_area(plans, CELL, hours(0, 4), lambda place: False) is None
    assert shifts.in_area(plans, {"form": "sector", "sector": "A"}, hours(0, 4), anywhere) is None
    assert all(
        not places.crosses_itself([(lon, lat) for lon, lat in moved["ring"]])
        for _, moved in shifts.nearest_first(whole, LAW)
    )
