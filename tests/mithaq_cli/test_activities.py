"""`mithaq activities conflicts`: which plans of the record share ground and time."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from mithaq_cli.main import app
from mithaq_node.queries import instrument, ledgers
from tests.mithaq.notices.border import Border, Side, plain_law
from tests.mithaq_node import meadow

SUMMER = {"from": "2031-06-01T06:00:00Z", "until": "2031-06-03T06:00:00Z"}
LATER = {"from": "2031-06-02T06:00:00Z", "until": "2031-06-09T06:00:00Z"}
AUTUMN = {"from": "2031-09-02T06:00:00Z", "until": "2031-09-09T06:00:00Z"}


@pytest.fixture
def border(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, django_db_blocker: Any) -> Iterator[Border]:
    """Both parties' record, of which the Meadow's node is told; the kind of plans is in its law."""
    played = Border()
    node = meadow.settings_of(tmp_path / "ML", "ML")
    meadow.found(node)
    monkeypatch.setenv("MITHAQ_DATA", str(node.folder))
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    monkeypatch.setattr(ledgers, "book", played.book)
    monkeypatch.setattr(instrument, "law", plain_law)
    with django_db_blocker.unblock(), meadow.standing_on(node):
        yield played


def plan(side: Side, km: int, time: dict[str, str]) -> str:
    place = {"form": "kilometre", "km": km}
    content = {"activity": "road-works", "place": place, "period": time, "scale": "small"}
    return side.number(side.notice("activity.planned", content))


def conflicts(*arguments: str) -> Result:
    return CliRunner().invoke(app, ("activities", "conflicts", *arguments))


def test_two_plans_at_one_kilometre_meet_while_both_last(border: Border) -> None:
    here, there = border.pair
    assert conflicts().stdout == "no two plans meet\n"
    first, beside, autumn = plan(here, 20, SUMMER), plan(here, 21, LATER), plan(here, 20, AUTUMN)
    second = plan(there, 20, LATER)
    border.exchange()
    found = json.loads(conflicts("--json").stdout)["conflicts"]
    assert {(*sorted(each["plans"]), each["answer"]) for each in found} == {
        (first, second, "yes"),
        (first, beside, "too-close-to-say"),
        (beside, second, "too-close-to-say"),
    }
    (shared,) = [each for each in found if each["answer"] == "yes"]
    assert (shared["from"], shared["until"]) == (LATER["from"], SUMMER["until"])
    assert json.loads(conflicts(autumn, "--json").stdout) == {"conflicts": []}
    told = conflicts(first.replace(" ", "").lower()).stdout
    assert f"{first} and {second}\tyes\t{LATER['from']}/{SUMMER['until']}" in told.splitlines()


def test_a_number_under_which_no_plan_stands_is_refused(border: Border) -> None:
    done = conflicts("ML 2")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("activity.no-plan: "), done.stderr
