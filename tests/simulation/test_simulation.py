"""The short and the long form of the simulation, and the proof that it finds what is planted."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import papers
from tests.papers import Paper
from tests.simulation import world
from tests.simulation.plants import PLANTS

ROOT = Path(__file__).resolve().parents[2]
SHORT, LONG = 200, 10_000


def first_seed() -> int:
    """A seed drawn from the commit, so that every commit is tried by others; a fixed one where there is no git."""
    told = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    commit = told.stdout.strip() if told.returncode == 0 else "0" * 40
    return int(commit[:8], 16)


def simulate(*options: str, **environment: str) -> str:
    """What the command prints; fails the test with it when a seed fails."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.simulation", *options],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_record_holds_in_the_seeds_of_this_commit():
    simulate("--seeds", str(SHORT), "--from", str(first_seed()))


@pytest.mark.long
def test_the_record_holds_in_ten_thousand_seeds(record_property: Callable[[str, object], None]):
    told = simulate("--seeds", str(LONG), "--from", str(first_seed()))
    record_property("done", "; ".join(told.splitlines()[-2:]))
    record_property("engine", "sqlite")


@pytest.mark.runs("docs/design/simulation.md")
def test_the_commands_of_its_page_run(paper: Paper):
    seeds, seed = (papers.words(command) for command in paper.commands(fill={"--seeds 200": "--seeds 2"}))
    assert seeds[:3] == seed[:3] == ["python", "-m", "tests.simulation"]
    assert "2 seeds, 0 failed" in simulate(*seeds[3:])
    assert "17, " in simulate(*seed[3:])


def test_a_seed_happens_the_same_way_in_every_process():
    told = [simulate("--seeds", "1", "--from", "7", "--trace", PYTHONHASHSEED=seed) for seed in ("1", "2")]
    first, second = (each.rsplit("1 seeds", 1)[0] for each in told)
    assert "7, " in first
    assert first == second


@pytest.mark.parametrize("name", PLANTS)
def test_it_finds_a_fault_that_was_planted(name: str, django_db_blocker: Any):
    plant = PLANTS[name]
    with django_db_blocker.unblock(), plant.planted():
        found = next((run.invariant for seed in range(100) if (run := world.run(seed)).invariant), "nothing")
    assert found in plant.caught_by


def test_a_failing_seed_prints_how_to_see_it_again(django_db_blocker: Any):
    with django_db_blocker.unblock(), PLANTS["receipt-a-receipt"].planted():
        run = next(run for seed in range(100) if (run := world.run(seed)).invariant)
    told = world.report(run, 25)
    assert f"python -m tests.simulation --seeds 1 --from {run.seed} --trace" in told
    assert "receipt-idle" in told
