"""The rules of the table: a figure counts only on a steady machine, and what is missed is said to be."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks import all as every
from benchmarks.all import Goal
from benchmarks.limits import Limits
from tests import postgresql


def yardsticks(*rates: float) -> Callable[[Path], Limits]:
    told: Iterator[float] = iter(rates)
    return lambda folder: Limits({100: next(told)}, 0.1, 0.1)


@pytest.mark.parametrize(
    ("rates", "attempts", "steady"),
    [
        ((100.0, 149.0), 1, True),
        ((149.0, 100.0), 1, True),
        ((100.0, 151.0, 100.0, 100.0), 2, True),
        ((100.0, 200.0, 200.0, 100.0, 100.0, 151.0), 3, False),
    ],
)
def test_a_block_is_measured_again_while_the_machine_was_another_before_than_after(
    tmp_path: Path, rates: tuple[float, ...], attempts: int, steady: bool
) -> None:
    done: list[Path] = []
    found = every.measured(tmp_path, lambda here: done.append(here), yardsticks(*rates))
    assert (len(done), len(set(done)), found.steady) == (attempts, attempts, steady)
    assert list(tmp_path.iterdir()) == []  # a million notices are not kept three times


@pytest.mark.parametrize(
    ("goal", "verdict", "loses"),
    [
        (Goal("rate", 1.0, 0.6, 1.0), "holds, and what is wanted", False),
        (Goal("rate", 0.6, 0.6, 1.0), "holds", True),
        (Goal("rate", 0.59, 0.6, 1.0), "**missed**", True),
        (Goal("time", 1.6, 1.5, 1.0, more=False), "**missed**", True),
        (Goal("time", 0.9, 1.5, 1.0, more=False), "holds, and what is wanted", False),
        (Goal("time", 1.2, None, 1.0, more=False), "not what is wanted", True),
        (Goal("rate", 2.0, 0.6, 1.0, steady=False), "unsteady: does not count", False),
    ],
)
def test_a_goal_says_whether_it_holds(goal: Goal, verdict: str, loses: bool) -> None:
    assert (goal.verdict, goal.loses) == (verdict, loses)
    assert goal.line().endswith(f"| {verdict} |")


def test_what_could_not_be_asked_of_a_rival_makes_no_row() -> None:
    drawn = every.Measured[Any]("PostGIS is not installed", Limits({}, 0, 0), Limits({}, 0, 0))
    assert list(every.on_the_map(drawn)) == []


def test_the_map_is_asked_what_a_rival_is_asked_and_the_answers_agree() -> None:
    from benchmarks import map_queries

    try:
        found = map_queries.measure(3_000)
    except postgresql.NotToBeHad as why:
        pytest.skip(str(why))
    assert found.points_of_a_tile > 100
    assert min(found.features_ms, found.features_theirs_ms, found.cells_ms, found.cells_theirs_ms) > 0


@pytest.mark.parametrize(
    "part", [("catch-up", "--notices", "300"), ("flood", "--requests", "100")], ids=lambda each: str(each[0])
)
def test_what_others_feel_beside_a_backlog_and_a_flood_is_told(part: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "benchmarks.crowded", *part, "--json"]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    if part[0] == "flood":
        assert told["refused"] >= 100
        assert min(told["sender_ms"], told["receiver_ms"]) > 0
    else:
        assert told["urgent, other way"] > 0
        assert told["urgent, same way, behind it"] > 0
        assert told["urgent, other way, p99, ms"] >= told["urgent, other way, p50, ms"] > 0
        assert 20 < told["MiB of the door"] < 1_000


@pytest.mark.long
def test_the_whole_run_works_at_small_sizes(tmp_path: Path) -> None:
    out = tmp_path / "performance.md"
    subprocess.run(
        [sys.executable, "-m", "benchmarks.all", "--small", "--out", str(out), "--folder", str(tmp_path)], check=True
    )
    told = out.read_text("utf-8")
    for said in (
        "PostgreSQL logical at 100 rows",
        "git fetch with fsck",
        "## Where it loses",
        "arithmetic of the limit",
    ):
        assert said in told
