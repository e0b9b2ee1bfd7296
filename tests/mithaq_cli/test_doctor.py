"""`mithaq doctor` as an operator types it."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mithaq_cli.main import app
from tests.mithaq_node.pair import Pair


@pytest.fixture
def data(tmp_path: Path, django_db_blocker: Any) -> Iterator[Path]:
    """The folder of a node that rests."""
    with django_db_blocker.unblock():
        pair = Pair(tmp_path)
        pair.settle()
        yield pair.ml.seat.folder
        pair.close()


def doctor(data: Path) -> tuple[int, dict[str, Any]]:
    done = CliRunner().invoke(app, ["doctor", "--data", str(data), "--json"])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, json.loads(done.stdout)


def with_alarm(data: Path, *command: str) -> None:
    file = data / "node.toml"
    lines = file.read_text().splitlines()
    file.write_text("\n".join([f"alarm = {json.dumps(list(command))}", *lines]) + "\n")


def ids(found: dict[str, Any]) -> list[str]:
    return [each["id"] for each in found["findings"]]


def test_a_node_without_an_alarm_is_told_so(data: Path) -> None:
    _, found = doctor(data)
    assert "mithaq.W005" in ids(found)
    assert found["alarm"] is False


def test_the_alarm_is_sounded_for_real(data: Path, tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    with_alarm(data, sys.executable, "-c", f"open({str(heard)!r}, 'w').close()")
    _, found = doctor(data)
    assert found["alarm"] is True
    assert heard.exists()
    assert not {"mithaq.W005", "mithaq.E004"} & set(ids(found))


def test_an_alarm_that_does_not_work_is_grave_and_has_a_remedy(data: Path) -> None:
    with_alarm(data, "/nowhere/siren")
    code, found = doctor(data)
    assert code == 2
    (grave,) = (each for each in found["findings"] if each["id"] == "mithaq.E004")
    assert "/nowhere/siren" in grave["message"]
    assert grave["remedy"]
