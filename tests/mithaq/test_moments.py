"""Instants are written in one way, and working time counts whole civil days."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mithaq import moments
from mithaq.errors import Refusal
from mithaq.moments import Interval, Moment, WorkingTime

instants = st.integers(0, 4_000_000_000).map(Moment)
iraq = WorkingTime(180, frozenset({5, 6}), frozenset({"2026-01-01"}))
working_times = st.builds(
    WorkingTime,
    st.integers(-14 * 60, 14 * 60),
    st.sets(st.integers(1, 7), max_size=6).map(frozenset),
    st.sets(st.dates(date(2025, 1, 1), date(2027, 1, 1)).map(str), max_size=20).map(frozenset),
)


@given(instants)
def test_an_instant_reads_back_from_its_one_spelling(instant):
    written = moments.format(instant)
    assert moments.parse(written) == instant
    assert datetime.fromisoformat(written) == datetime.fromtimestamp(instant.seconds, UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2025-08-11",
        "2025-08-11T12:00:00",
        "2025-08-11T12:00:00+00:00",
        "2025-08-11T12:00:00.0Z",
        "2025-08-11 12:00:00Z",
        "2025-08-11T12:00Z",
        "2025-13-11T12:00:00Z",
        "2025-02-29T12:00:00Z",
        "2025-08-11T24:00:00Z",
        "2025-08-11T12:00:60Z",
        "٢٠٢٥-08-11T12:00:00Z",
        "2025-08-11T12:00:00Z\n",
        "0000-01-01T00:00:00Z",
    ],
)
def test_it_refuses_every_other_spelling_of_an_instant(text):
    with pytest.raises(Refusal) as refused:
        moments.parse(text)
    assert refused.value.code == "moment.not-canonical"


def test_the_first_and_the_last_instant_have_four_figures_of_year():
    assert str(moments.parse("0001-01-01T00:00:00Z")) == "0001-01-01T00:00:00Z"
    assert str(moments.parse("9999-12-31T23:59:59Z")) == "9999-12-31T23:59:59Z"
    with pytest.raises(Refusal):
        moments.add_minutes(moments.parse("9999-12-31T23:59:59Z"), 1)


@given(instants, st.sampled_from(sorted(moments.FLOORS)))
def test_coarsening_never_moves_forward_and_changes_nothing_twice(instant, floor):
    coarse = moments.coarsen(instant, floor)
    assert 0 <= instant.seconds - coarse.seconds < moments.FLOORS[floor]
    assert moments.coarsen(coarse, floor) == coarse


def test_it_refuses_an_unknown_floor():
    with pytest.raises(Refusal):
        moments.coarsen(Moment(0), "day")


def test_intervals_that_meet_at_an_end_do_not_overlap():
    first = moments.interval("2025-08-11T00:00:00Z", "2025-08-12T00:00:00Z")
    second = moments.interval("2025-08-12T00:00:00Z", "2025-08-13T00:00:00Z")
    assert not first.overlaps(second)
    assert first.contains(first.start)
    assert not first.contains(first.end)
    with pytest.raises(Refusal):
        Interval(first.end, first.start)


def test_the_civil_day_follows_the_partys_offset():
    late = moments.parse("2025-08-11T20:45:00Z")
    assert (moments.civil_day(late, 180), moments.civil_time(late, 180)) == ("2025-08-11", "23:45")
    assert (moments.civil_day(late, 210), moments.civil_time(late, 210)) == ("2025-08-12", "00:15")


@given(instants, st.integers(-14 * 60, 14 * 60))
def test_a_civil_day_and_time_lead_back_to_the_minute(instant, offset):
    day, time = moments.civil_day(instant, offset), moments.civil_time(instant, offset)
    assert moments.from_civil(day, time, offset) == moments.coarsen(instant, "minute")


def test_forty_eight_working_hours_leave_out_friday_and_saturday():
    thursday = moments.parse("2025-08-14T12:00:00Z")
    assert str(moments.add_working_minutes(thursday, 48 * 60, iraq)) == "2025-08-18T12:00:00Z"


def test_a_holiday_counts_nothing():
    eve = moments.parse("2025-12-31T12:00:00Z")  # Wednesday; Thursday is the holiday, Friday and Saturday the weekend
    assert str(moments.add_working_minutes(eve, 24 * 60, iraq)) == "2026-01-04T12:00:00Z"


@given(instants, st.integers(0, 30 * 24 * 60), working_times)
def test_the_working_minutes_to_a_deadline_are_those_it_was_given(start, minutes, working):
    due = moments.add_working_minutes(start, minutes, working)
    assert due >= start
    assert moments.working_minutes_between(start, due, working) == minutes


@given(instants, st.integers(0, 30 * 24 * 60))
def test_without_weekend_or_holidays_working_time_is_time(start, minutes):
    always = WorkingTime(0, frozenset(), frozenset())
    assert moments.add_working_minutes(start, minutes, always) == moments.add_minutes(start, minutes)


@given(instants, st.integers(0, 30 * 24 * 60), working_times)
def test_working_time_never_shortens_a_clock(start, minutes, working):
    assert moments.add_working_minutes(start, minutes, working) >= moments.add_minutes(start, minutes)


@given(instants, st.integers(0, 30 * 24 * 60), working_times, st.integers(0, 60), st.integers(1, 7))
def test_one_more_day_off_never_makes_a_deadline_earlier(start, minutes, working, days, weekday):
    due = moments.add_working_minutes(start, minutes, working)
    holiday = moments.civil_day(Moment(start.seconds + days * 86_400), working.utc_offset)
    more = WorkingTime(working.utc_offset, working.weekend, working.holidays | {holiday})
    assert moments.add_working_minutes(start, minutes, more) >= due
    if len(working.weekend | {weekday}) < 7:
        longer = WorkingTime(working.utc_offset, working.weekend | {weekday}, working.holidays)
        assert moments.add_working_minutes(start, minutes, longer) >= due


@given(instants, st.integers(0, 14 * 86_400), st.integers(0, 30 * 24 * 60), st.integers(0, 24 * 60), working_times)
def test_a_later_start_or_a_longer_term_is_never_due_earlier(start, seconds, minutes, longer, working):
    due = moments.add_working_minutes(start, minutes, working)
    assert moments.add_working_minutes(Moment(start.seconds + seconds), minutes, working) >= due
    assert moments.add_working_minutes(start, minutes + longer, working) >= due


def test_it_refuses_a_calendar_that_never_works():
    with pytest.raises(Refusal) as refused:
        moments.add_working_minutes(Moment(0), 60, WorkingTime(0, frozenset(range(1, 8)), frozenset()))
    assert refused.value.code == "moment.never-works"


def test_what_lies_beyond_the_moments_that_can_be_written_is_the_nearest_that_can():
    assert str(moments.nearest(10**15)) == "9999-12-31T23:59:59Z"
    assert str(moments.nearest(-(10**15))) == "0001-01-01T00:00:00Z"
    assert str(moments.nearest(0)) == "1970-01-01T00:00:00Z"
    assert moments.civil_day(moments.parse("9999-12-31T23:00:00Z"), 180) == "9999-12-31"
    assert moments.civil_day(moments.parse("0001-01-01T01:00:00Z"), -180) == "0001-01-01"
    working = WorkingTime(180, frozenset({5}), frozenset())
    assert str(moments.add_working_minutes(moments.parse("9999-12-30T23:00:00Z"), 10_000, working)) == (
        "9999-12-31T23:59:59Z"
    )
