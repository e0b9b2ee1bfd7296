"""`mithaq desks` as an operator types it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mithaq_cli.main import app
from mithaq_node.settings.node import write
from tests.mithaq_node import meadow

Desks = Callable[..., Any]


@pytest.fixture
def desks(tmp_path: Path, django_db_blocker: Any) -> Iterator[Desks]:
    """`desks("add", …)`: what the command answered, or the code of its refusal."""
    node = meadow.settings_of(tmp_path / "ML", "ML")
    meadow.found(node)
    (node.folder / "node.toml").write_text(write(node))

    def call(*words: str) -> Any:
        done = CliRunner().invoke(app, ["desks", *words, "--data", str(node.folder), "--json"])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return json.loads(done.stdout) if done.exit_code == 0 else done.stderr.split(":")[0]

    with django_db_blocker.unblock(), meadow.standing_on(node):
        yield call


def test_desks_and_rules_are_added_and_the_whole_order_is_shown_and_set(desks: Desks, tmp_path: Path) -> None:
    assert desks("add", "--name", "Main desk", "--authority", "watch") == {"desk": "watch-1", "version": 1}
    assert desks("add", "--name", "Bridge desk", "--authority", "watch")["desk"] == "watch-2"
    assert desks("rule", "--desk", "watch-2", "--crossing", "bridge")["version"] == 3
    assert desks("rule", "--desk", "watch-1", "--precedence", "flash", "--first")["version"] == 4
    shown = desks("show")
    assert [each["desk"] for each in shown["order"]["rules"]] == ["watch-1", "watch-2"]
    file = tmp_path / "order.json"
    file.write_text(json.dumps({**shown["order"], "registry": "{year}/{running}"}))
    assert desks("set", str(file))["version"] == 5
    assert desks("show")["order"]["registry"] == "{year}/{running}"


def test_what_does_not_hold_together_changes_nothing(desks: Desks, tmp_path: Path) -> None:
    assert desks("rule", "--desk", "watch-1") == "desks.unknown-in-rule"
    assert desks("add", "--name", "Navy", "--authority", "navy") == "officer.unknown-authority"
    assert desks("add", "--name", "Main", "--authority", "watch", "--officer", "nobody") == "officer.unknown"
    file = tmp_path / "order.json"
    file.write_text("{")
    assert desks("set", str(file)) == "desks.unreadable"
    assert desks("where", "ML 900") == "log.unknown"
    assert desks("show")["version"] == 0


@pytest.mark.parametrize("what", ["public", "alerts"])
def test_what_anybody_reads_is_off_until_somebody_switches_it_on(desks: Desks, what: str) -> None:
    assert desks("show")["order"].get(what, False) is False
    desks(what, "--on")
    assert desks("show")["order"][what] is True
    desks(what, "--off")
    assert desks("show")["order"].get(what, False) is False
