"""Plans that get in each other's way: the same ground at the same time, said as surely as the places were stated."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mithaq import moments, places
from mithaq.activities.conflicts import Plans
from mithaq.activities.extents import Ground, share_ground
from mithaq.activities.plans import Plan
from mithaq.instrument.statement import Statement
from mithaq.moments import Interval, Moment
from mithaq.places import Answer
from tests.mithaq.notices.border import plain_law

LAW = plain_law()
GROUND = Ground(LAW)
NOON = moments.parse("2031-03-01T12:00:00Z").seconds
SIDE = 20_000
"""Microdegrees of the squares that the tests draw: a little over two kilometres."""
YES, NO, CLOSE = Answer.YES, Answer.NO, Answer.TOO_CLOSE


def hours(start: int, lasts: int) -> Interval:
    return Interval(Moment(NOON + start * 3600), Moment(NOON + (start + lasts) * 3600))


def plan(number: str, place: Mapping[str, Any], time: Interval, party: str = "ML") -> Plan:
    stated = {"from": str(time.start), "until": str(time.end)}
    facts = {"activity": "road-works", "place": place, "period": stated}
    return Plan(
        number, Statement(party=party, number=number, at="2031-02-01T00:00:00Z", order=(1, "log", 0), facts=facts)
    )


def area(west: int, south: int, east: int, north: int) -> dict[str, Any]:
    corners = [(west, south), (east, south), (east, north), (west, north)]
    return {"form": "area", "ring": [[lon * SIDE, lat * SIDE] for lon, lat in corners]}


def shared(one: Mapping[str, Any], other: Mapping[str, Any]) -> Answer:
    first, second = GROUND.extent(one), GROUND.extent(other)
    assert first is not None
    assert second is not None
    assert share_ground(first, second) is share_ground(second, first)
    return share_ground(first, second)


CELL = {"form": "cell", "lon": 0, "lat": 0, "size": 2000}
NEXT = {"form": "cell", "lon": places.Cell(0, 0, 2000).ring[1][0], "lat": 0, "size": 2000}


@pytest.mark.parametrize(
    ("one", "other", "answer"),
    [
        (CELL, CELL, YES),
        (CELL, NEXT, CLOSE),
        (CELL, {"form": "cell", "lon": 4 * SIDE, "lat": 0, "size": 2000}, NO),
        ({"form": "sector", "sector": "A"}, {"form": "sector", "sector": "A"}, YES),
        ({"form": "sector", "sector": "A"}, {"form": "sector", "sector": "B"}, CLOSE),
        ({"form": "sector", "sector": "A"}, {"form": "kilometre", "km": 20}, YES),
        ({"form": "sector", "sector": "B"}, {"form": "kilometre", "km": 20}, NO),
        ({"form": "sector", "sector": "B"}, {"form": "kilometre", "km": 50}, YES),
        ({"form": "sector", "sector": "A"}, {"form": "kilometre", "km": 50}, CLOSE),
        ({"form": "sector", "sector": "A"}, {"form": "crossing", "crossing": "bridge"}, YES),
        ({"form": "kilometre", "km": 7}, {"form": "kilometre", "km": 7}, YES),
        ({"form": "kilometre", "km": 7}, {"form": "kilometre", "km": 8}, CLOSE),
        ({"form": "kilometre", "km": 7}, {"form": "kilometre", "km": 10}, NO),
        ({"form": "kilometre", "km": 20}, {"form": "crossing", "crossing": "bridge"}, CLOSE),
        (area(-5, -5, 5, 15), {"form": "crossing", "crossing": "bridge"}, YES),
        (area(-5, -5, 5, 9), {"form": "crossing", "crossing": "bridge"}, CLOSE),
        (area(-5, -5, 5, 15), {"form": "point", "lon": 0, "lat": 0, "accuracy": 30}, YES),
        (area(-5, -5, 5, 15), {"form": "point", "lon": 100_050, "lat": 0, "accuracy": 30}, CLOSE),
        (area(-5, -5, 5, 15), {"form": "point", "lon": 101_000, "lat": 0, "accuracy": 30}, NO),
    ],
)  # fmt: skip
def test_places_share_ground_as_surely_as_they_were_stated(
    one: Mapping[str, Any], other: Mapping[str, Any], answer: Answer
) -> None:
    assert shared(one, other) is answer


def test_a_pillar_has_no_position_and_so_meets_nothing() -> None:
    pillar = {"form": "pillar", "pillar": 38}
    plans = Plans.of([plan("ML 1-1", pillar, hours(0, 4))], LAW)
    assert plans.conflicts(pillar, hours(0, 4)) == ()


def test_a_conflict_names_the_time_and_the_ground_that_both_state() -> None:
    plans = Plans.of([plan("RL 4-4", area(0, 0, 4, 4), hours(2, 10), "RL")], LAW)
    (conflict,) = plans.conflicts(area(2, 2, 6, 6), hours(0, 4))
    assert (conflict.plan.number, conflict.answer, conflict.shared) == ("RL 4-4", YES, hours(2, 2))
    (ring,) = conflict.rings
    assert {*ring} == {(2 * SIDE, 2 * SIDE), (4 * SIDE, 2 * SIDE), (4 * SIDE, 4 * SIDE), (2 * SIDE, 4 * SIDE)}


def test_what_only_meets_at_an_hour_is_no_conflict_and_neither_is_the_plan_itself() -> None:
    plans = Plans.of([plan("ML 3-4", CELL, hours(0, 4)), plan("RL 4-4", CELL, hours(4, 4), "RL")], LAW)
    assert [each.plan.number for each in plans.conflicts(CELL, hours(0, 4), but="ML 3-4")] == []
    assert [each.plan.number for each in plans.conflicts(CELL, hours(1, 4), but="ML 3-4")] == ["RL 4-4"]


def test_a_withdrawn_plan_is_in_nobodys_way() -> None:
    plans = Plans.of([plan("RL 4-4", CELL, hours(0, 4), "RL")], LAW)
    plans.drop("RL 4-4")
    plans.drop("RL 9-9")
    assert plans.conflicts(CELL, hours(0, 4)) == ()


def test_the_earliest_time_that_is_free_lies_in_the_first_gap_that_is_long_enough() -> None:
    taken = [hours(0, 4), hours(5, 3), hours(10, 2)]
    plans = Plans.of([plan(f"RL {number}-1", CELL, time, "RL") for number, time in enumerate(taken)], LAW)
    assert plans.free_from(CELL, hours(1, 1)) == hours(4, 1).start
    assert plans.free_from(CELL, hours(1, 2)) == hours(8, 1).start
    assert plans.free_from(CELL, hours(1, 3)) == hours(12, 1).start
    assert plans.free_from(CELL, hours(20, 3)) == hours(20, 1).start


squares = st.builds(
    lambda west, south, wide, tall: (west, south, west + wide, south + tall),
    st.integers(-8, 8), st.integers(-8, 8), st.integers(1, 6), st.integers(1, 6),
)  # fmt: skip


def by_hand(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> Answer:
    """Two rectangles share ground, touch, or are apart."""
    gaps = [max(one[axis], other[axis]) - min(one[axis + 2], other[axis + 2]) for axis in (0, 1)]
    return YES if max(gaps) < 0 else CLOSE if max(gaps) == 0 else NO


@given(squares, squares)
def test_rectangles_share_ground_as_counted_by_hand(
    one: tuple[int, int, int, int], other: tuple[int, int, int, int]
) -> None:
    assert shared(area(*one), area(*other)) is by_hand(one, other)


times = st.builds(hours, st.integers(0, 400), st.integers(1, 1) | st.integers(1, 30) | st.integers(1, 3_000))
placed = (
    squares.map(lambda corners: area(*corners))
    | st.sampled_from(["A", "B"]).map(lambda sector: {"form": "sector", "sector": sector})
    | st.integers(0, 100).map(lambda km: {"form": "kilometre", "km": km})
    | st.sampled_from(["bridge", "ford"]).map(lambda crossing: {"form": "crossing", "crossing": crossing})
)


@given(st.lists(st.tuples(placed, times), max_size=30), placed, times, st.sets(st.integers(0, 29)))
def test_no_conflict_is_missed_and_none_is_made_up(
    stated: list[tuple[dict[str, Any], Interval]], place: dict[str, Any], time: Interval, withdrawn: set[int]
) -> None:
    plans = [plan(f"RL {number}-1", where, when, "RL") for number, (where, when) in enumerate(stated)]
    kept = Plans.of(plans, LAW)
    for number in withdrawn:
        kept.drop(f"RL {number}-1")
    expected = {
        (f"RL {number}-1", shared(place, where))
        for number, (where, when) in enumerate(stated)
        if number not in withdrawn and when.overlaps(time) and shared(place, where) is not NO
    }
    found = kept.conflicts(place, time)
    assert {(each.plan.number, each.answer) for each in found} == expected
    assert all(one.shared.start <= other.shared.start for one, other in pairwise(found))


@given(st.lists(times, max_size=12), times)
def test_no_earlier_time_is_free(taken: list[Interval], time: Interval) -> None:
    plans = Plans.of([plan(f"RL {number}-1", CELL, each, "RL") for number, each in enumerate(taken)], LAW)
    free, lasts = plans.free_from(CELL, time), time.end.seconds - time.start.seconds

    def is_free(start: int) -> bool:
        return not any(Interval(Moment(start), Moment(start + lasts)).overlaps(each) for each in taken)

    assert is_free(free.seconds)
    assert not any(is_free(start) for start in range(time.start.seconds, free.seconds, 3600))
