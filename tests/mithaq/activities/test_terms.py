"""Whether an activity was told of in time, and how many a party has planned: said of both, and nothing is stopped."""

from typing import Any

import msgspec
import pytest

from mithaq import moments
from mithaq.activities import terms
from mithaq.activities.extents import Ground
from mithaq.activities.plans import CHANGED, ENDED, STARTED, Plan, State, fold, keys
from mithaq.activities.terms import Told
from mithaq.instrument.law import Announcing, NoticePeriod, Quota
from mithaq.instrument.statement import Statement
from tests.mithaq.notices.border import plain_law

DAY = moments.DAY
PERIODS = [
    NoticePeriod(id="large", kinds=["activity.planned"], scales=["large"], minutes=42 * 1440),
    NoticePeriod(id="near", kinds=["activity.planned"], scales=["small"], within=10_000, minutes=3 * 1440),
    NoticePeriod(id="flight", kinds=["flight.near-line"], minutes=0),
]
QUOTA = Quota(id="large-a-year", kinds=["activity.planned"], scales=["large"], most=1)
LAW = msgspec.structs.replace(
    plain_law(), announcing=Announcing(periods=PERIODS, quotas=[QUOTA], calendar="11-15", calendar_kind="x")
)
GROUND = Ground(LAW)
ON_THE_LINE = {"form": "kilometre", "km": 20}
START = "2031-06-01T06:00:00Z"


def facts(scale: str, place: dict[str, Any] | None = None, start: str = START) -> dict[str, Any]:
    period = {"from": start, "until": str(moments.Moment(moments.parse(start).seconds + DAY))}
    return {"activity": "exercise", "scale": scale, "place": place or ON_THE_LINE, "period": period}


def before(days: float) -> str:
    return str(moments.Moment(moments.parse(START).seconds - int(days * DAY)))


def beside_the_line(metres: int) -> dict[str, Any]:
    """An exact position so far from the middle of the first stretch of the line."""
    (lon, lat), _ = LAW.line.points[:2]
    return {"form": "point", "lon": lon + round(metres / 0.11132), "lat": lat, "accuracy": 10}


def plan(number: str, party: str = "ML", scale: str = "large", start: str = START) -> Plan:
    return Plan(number, Statement(party, number, before(60), (1, "log", 0), facts(scale, start=start)))


@pytest.mark.parametrize(
    ("kind", "scale", "days", "told", "period"),
    [
        ("activity.planned", "large", 42, Told.IN_TIME, "large"),
        ("activity.planned", "large", 41.9, Told.TOO_LATE, "large"),
        ("activity.planned", "medium", 0, Told.FREE, None),
        ("activity.planned", "small", 3, Told.IN_TIME, "near"),
        ("activity.planned", "small", 2, Told.TOO_LATE, "near"),
        ("flight.near-line", "small", 0, Told.IN_TIME, "flight"),
        ("flight.near-line", "small", -0.1, Told.TOO_LATE, "flight"),
        ("works.planned", "small", 0, Told.FREE, None),
    ],
)
def test_the_period_of_its_kind_and_scale_says_whether_it_was_told_of_in_time(
    kind: str, scale: str, days: float, told: Told, period: str | None
) -> None:
    found = terms.telling(kind, facts(scale), before(days), GROUND)
    assert (found.told, found.period.id if found.period else None) == (told, period)
    assert found.given == int(days * DAY)


def test_a_period_near_the_line_is_too_close_to_say_where_the_places_do_not_say_how_near() -> None:
    away, accuracy = GROUND.distance(beside_the_line(60_000))
    assert accuracy == LAW.line.accuracy + 10
    limit = msgspec.structs.replace(PERIODS[1], within=away)
    law = msgspec.structs.replace(LAW, announcing=Announcing(periods=[limit]))
    asked = facts("small", beside_the_line(60_000))
    assert terms.telling("activity.planned", asked, before(1), Ground(law)).told is Told.TOO_CLOSE
    assert terms.telling("activity.planned", asked, before(9), Ground(law)).told is Told.IN_TIME
    assert terms.telling("activity.planned", asked, before(1), GROUND).told is Told.FREE
    assert GROUND.distance(ON_THE_LINE) == GROUND.distance({"form": "pillar", "pillar": 3}) == (0, 0)


def test_the_earliest_start_keeps_the_longest_period_that_surely_applies() -> None:
    now = moments.parse("2031-03-01T00:00:00Z")
    assert terms.earliest_start("activity.planned", facts("large"), now, GROUND).seconds - now.seconds == 42 * DAY
    assert terms.earliest_start("activity.planned", facts("medium"), now, GROUND) == now


def test_a_quota_counts_what_begins_in_the_year_of_its_party_for_every_party_alike() -> None:
    plans = [plan("ML 1-1"), plan("ML 2-2"), plan("RL 1-1", "RL"), plan("RL 2-2", "RL", "small")]
    plans.append(plan("ML 3-3", start="2032-01-05T06:00:00Z"))
    used = terms.uses((("activity.planned", each) for each in plans), LAW, 2031)
    assert {(each.party, each.used, each.left, each.is_over) for each in used} == {
        ("ML", 2, 0, True),
        ("RL", 1, 0, False),
    }
    assert [each.used for each in terms.uses([], LAW, 2031)] == [0, 0]
    assert terms.calendar_due(LAW.announcing or Announcing(), 2032) == "2031-11-15"
    assert terms.calendar_due(Announcing(), 2032) == ""


def said(facet: str, number: str, of: str = "ML 1-1", **facts: Any) -> Statement:
    return Statement("ML", number, f"2031-05-0{number[3]}T00:00:00Z", (2, "log", int(number[3])), facts, facet, (of,))


def test_a_plan_is_changed_begins_and_ends_as_its_party_says() -> None:
    first = plan("ML 1-1")
    later = facts("small")["period"] | {"from": before(-1)}
    steps = [
        said(CHANGED, "ML 2-2", period=later),
        said(CHANGED, "ML 3-3", scale="small"),
        said(STARTED, "ML 4-4", happened=before(-1)),
        said(ENDED, "ML 5-5", happened=before(-2)),
    ]
    assert all(list(keys(step)) == [("ML 1-1",)] for step in steps)
    after = [fold(("ML 1-1",), [first.statement, *steps[:count]]) for count in range(5)]
    known = after[-1]
    assert known is not None
    assert [each and each.state for each in after] == [
        State.PLANNED,
        State.CHANGED,
        State.CHANGED,
        State.STARTED,
        State.ENDED,
    ]
    assert (known.facts["period"], known.facts["scale"], known.facts["place"]) == (later, "small", ON_THE_LINE)
    assert known.told_at == steps[1].at
    assert known.row()["steps"] == [[step.facet, step.number] for step in steps]
    assert "steps" not in first.row()


def test_steps_without_their_plan_are_no_plan() -> None:
    assert fold(("ML 1-1",), [said(STARTED, "ML 4-4", happened=START)]) is None
