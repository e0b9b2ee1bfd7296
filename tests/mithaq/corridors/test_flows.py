"""Flows: differences of a day, forecasts above a capacity, seasons; tables row by row."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mithaq.corridors import crossings, flows, tables
from mithaq.corridors.flows import Flow
from mithaq.corridors.tables import Cell, Table, Terms
from mithaq.errors import Refusal
from mithaq.instrument.statement import Statement

HEADING = ("crossing", "day", "direction", "stage", "source", "capacity", "pilgrims", "lorries")
ROW = ("bridge", "2031-03-01", "to-ml", "count", "border-authority", "", "612", "14")
TERMS = Terms(
    columns={name: name for name in HEADING} | {"روز": "day"},
    values={
        "crossing": {"bridge": "bridge", "the old bridge": "bridge"},
        "direction": {"to-ml": "to-ml"},
        "stage": {"count": "count", "forecast": "forecast"},
        "source": {"border-authority": "border-authority"},
    },
    categories=frozenset({"pilgrims", "lorries"}),
)


def said(place: int, party: str, stage: str, counts: dict[str, int], day: str = "2025-08-08", **more: Any) -> Statement:
    facts: dict[str, Any] = {"crossing": "bridge", "day": day, "direction": "to-ml", "stage": stage}
    facts["source"] = "published"
    facts = {**facts, "counts": counts, **more}
    return Statement(party, f"{party} {place}", "2031-03-01T00:00:00Z", (place, party, place), facts)


def flow(*told: Statement) -> Flow:
    return flows.fold(("bridge", told[0].facts["day"], "to-ml"), told)


def test_two_sources_of_a_day_stand_side_by_side_with_how_far_they_lie_apart() -> None:
    counted = flow(
        said(1, "ML", "count", {"pilgrims": 100, "coaches": 3}), said(2, "RL", "count", {"pilgrims": 98, "coaches": 3})
    )
    assert counted.differences() == {"pilgrims": (98, 100)}


def test_a_count_that_goes_backwards_stands_with_what_was_told_before_until_it_is_reached_again() -> None:
    first, less = said(1, "ML", "count", {"pilgrims": 100}), said(2, "ML", "count", {"pilgrims": 60})
    source = ("ML", "count", "published")
    assert flow(first, less).higher == {source: first}
    assert flow(first, less, said(3, "ML", "count", {"pilgrims": 80})).higher == {source: first}
    assert flow(first, less, said(3, "ML", "count", {"pilgrims": 100})).higher == {}
    mixed = [said(n, "ML", "count", each) for n, each in enumerate(({"a": 9, "b": 1}, {"a": 5, "b": 2}, {"b": 1}), 1)]
    assert flow(*mixed).higher == {source: mixed[1]}
    other, forecast = said(2, "RL", "count", {"pilgrims": 1}), said(3, "ML", "forecast", {"pilgrims": 1})
    assert flow(first, other, forecast, said(4, "ML", "count", {"coaches": 1})).higher == {}
    assert flow(first, less).row() == flow(less).row()


@given(
    st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from(("count", "forecast")), st.integers(0, 9)), max_size=9)
)
@settings(max_examples=80, deadline=None)
def test_extending_a_flow_gives_what_folding_all_of_it_gives(told: list[tuple[str, str, int]]) -> None:
    key, made = (
        ("bridge", "2025-08-08", "to-ml"),
        [said(n, p, s, {"pilgrims": c}) for n, (p, s, c) in enumerate(told, 1)],
    )
    extended: Flow | None = None
    for each in made:
        extended = flows.extend(extended, key, each)
    assert extended is None or extended == flows.fold(key, made)


def test_a_forecast_above_the_lowest_capacity_warns_and_one_that_is_not_does_not() -> None:
    forecast = flow(said(1, "ML", "forecast", {"pilgrims": 900, "lorries": 5000}, capacity=1000))
    facts = {
        "crossing": "bridge",
        "direction": ["to-ml"],
        "traffic": ["pilgrims"],
        "state": "restricted",
        "capacity": 800,
    }
    stated = Statement("RL", "RL 1", "2031-03-01T00:00:00Z", (2, "RL", 1), facts)
    state = crossings.fold(("bridge", "to-ml", "pilgrims"), [stated])
    assert flows.capacity_warnings([forecast], [], "2025-08-08") == ()
    (warning,) = flows.capacity_warnings([forecast], [state], "2025-08-08")
    assert (warning.people, warning.capacity, warning.over, warning.said_by.party) == (900, 800, 100, "RL")
    assert flows.capacity_warnings([forecast], [state], "2025-08-09") == ()


def test_a_season_is_the_month_of_safar_and_sums_each_source_by_itself() -> None:
    assert flows.season_of("2025-08-08") == 1447
    assert flows.season_of("2024-08-17") == 1446
    assert flows.season_of("2025-03-01") is None
    days = [flow(said(1, "ML", "count", {"pilgrims": 10}), said(2, "RL", "count", {"pilgrims": 12}))]
    days += [flow(said(3, "ML", "count", {"pilgrims": 5}, day="2025-08-09"))]
    days += [flow(said(4, "ML", "forecast", {"pilgrims": 999}, day="2025-08-10"))]
    days += [flow(said(5, "ML", "count", {"pilgrims": 7}, day="2024-08-10"))]
    found = flows.season(days, 1447, "pilgrims")
    assert [(line.party, line.total, line.days) for line in found] == [("ML", 15, 2), ("RL", 12, 1)]


# Tables


def read(*rows: tuple[str, ...], calendar: str = "gregorian", stated: Mapping[Any, Any] | None = None) -> Table:
    cells = [[Cell(text) for text in row] for row in (HEADING, *rows)]
    return tables.read(cells, TERMS, calendar, stated)


def row(**changed: str) -> tuple[str, ...]:
    return tuple(changed.get(name, value) for name, value in zip(HEADING, ROW, strict=True))


def test_a_row_says_what_a_notice_of_it_would_say() -> None:
    table = read(row(capacity="800", crossing="The OLD  bridge", pilgrims="۱۲٬۳۴۵"))
    assert not table.refused
    assert table.figures[0].content == {
        "crossing": "bridge",
        "day": "2031-03-01",
        "direction": "to-ml",
        "stage": "count",
        "source": "border-authority",
        "counts": {"lorries": 14, "pilgrims": 12345},
        "capacity": 800,
    }


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"crossing": "ferry"}, "flow.unknown-crossing"),
        ({"direction": "north"}, "flow.unknown-word"),
        ({"day": "1 March"}, "flow.no-day"),
        ({"day": "2031-02-29"}, "flow.no-day"),
        ({"day": "1410-01-01"}, "flow.wrong-calendar"),
        ({"pilgrims": "-1"}, "flow.negative"),
        ({"pilgrims": "many"}, "flow.no-number"),
        ({"pilgrims": "1.5"}, "flow.no-number"),
        ({"pilgrims": "", "lorries": ""}, "flow.no-figure"),
        ({"source": " "}, "flow.nothing-stated"),
    ],
)
def test_it_refuses_a_row_with_its_reason_and_keeps_the_others(changed: dict[str, str], code: str) -> None:
    table = read(row(**changed), row(day="2031-03-02"))
    assert [(each.row, each.refusal.code) for each in table.refused] == [(2, code)]
    assert [figure.row for figure in table.figures] == [3]


def test_a_table_of_another_calendar_is_refused_row_by_row_and_read_when_the_calendar_is_named() -> None:
    assert read(row(day="1404/05/17")).refused[0].refusal.code == "flow.wrong-calendar"
    assert read(row(day="2025-08-08"), calendar="solar").refused[0].refusal.code == "flow.wrong-calendar"
    assert read(row(day="۱۴۰۴/۰۵/۱۷"), calendar="solar").figures[0].content["day"] == "2025-08-08"
    assert read(row(day="1447-02-14"), calendar="hijri").figures[0].content["day"] == "2025-08-08"


def test_the_same_day_twice_is_refused_the_second_time() -> None:
    (again,) = read(ROW, row(pilgrims="700")).refused
    assert (again.row, again.refusal.code, again.refusal.data["row"]) == (3, "flow.twice", 2)


def test_a_count_does_not_go_backwards_and_is_not_told_twice() -> None:
    place = ("bridge", "2031-03-01", "to-ml", "count", "border-authority")
    stated = {place: {"pilgrims": 700, "lorries": 14}}
    assert read(ROW, stated=stated).refused[0].refusal.code == "flow.backwards"
    assert read(row(pilgrims="700"), stated=stated).refused[0].refusal.code == "flow.told-already"
    assert not read(row(pilgrims="701"), stated=stated).refused


def test_a_formula_is_refused_whatever_it_comes_to() -> None:
    cells = [[Cell(text) for text in HEADING], [Cell(text, text == "612") for text in ROW]]
    (refused,) = tables.read(cells, TERMS, "gregorian").refused
    assert refused.refusal.code == "flow.formula"


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([], "flow.empty"),
        ([HEADING], "flow.empty"),
        ([HEADING[1:], ROW[1:]], "flow.no-column"),
        ([(*HEADING, "plate"), (*ROW, "1")], "flow.odd-column"),
        ([(*HEADING, "day"), (*ROW, "1")], "flow.odd-column"),
        ([HEADING[:6], ROW[:6]], "flow.no-column"),
        ([HEADING, *[ROW] * (tables.MOST_ROWS + 1)], "flow.too-many-rows"),
    ],
)
def test_it_refuses_a_table_that_is_none(rows: list[tuple[str, ...]], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        tables.read([[Cell(text) for text in each] for each in rows], TERMS, "gregorian")
    assert refused.value.code == code


@given(st.lists(st.lists(st.text(max_size=8), max_size=9), max_size=6))
@settings(max_examples=120, deadline=None)
def test_whatever_stands_in_a_table_each_row_is_read_or_refused(rows: list[list[str]]) -> None:
    cells = [[Cell(text) for text in HEADING], *[[Cell(text) for text in each] for each in rows]]
    filled = sum(any(text.strip() for text in each) for each in rows)
    if filled:
        table = tables.read(cells, TERMS, "gregorian")
        assert len(table.figures) + len(table.refused) == filled
