"""`mithaq officer` as an operator types it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mithaq_cli.main import app
from mithaq_node.services import codes, throttle
from mithaq_node.settings.node import write
from mithaq_node.store.models import AccountEvent, FailedSignIn, Officer, SecondFactor, Session
from tests.mithaq_node import meadow

Command = Callable[..., tuple[int, dict[str, Any]]]
NAME = "night desk"


@pytest.fixture
def officer(tmp_path: Path, django_db_blocker: Any) -> Iterator[Command]:
    """`officer("disable", …)` at a node that rests, with one officer added; refused commands say so on stderr."""
    node = meadow.settings_of(tmp_path / "ML", "ML")
    meadow.found(node)
    (node.folder / "node.toml").write_text(write(node))
    secret = tmp_path / "secret"
    secret.write_text(meadow.SECRET)

    def command(name: str, *options: str) -> tuple[int, dict[str, Any]]:
        done = CliRunner().invoke(app, ["officer", name, *options, "--data", str(node.folder), "--json"])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, json.loads(done.stdout or "{}")

    with django_db_blocker.unblock(), meadow.standing_on(node):
        assert command("add", "--name", NAME, "--role", "observer", "--password-file", str(secret))[0] == 0
        yield command


def deeds() -> list[tuple[str, bool]]:
    return list(AccountEvent.objects.filter(officer__name=NAME).order_by("pk").values_list("deed", "by_operator"))


def test_an_officer_is_shut_out_and_let_in_again_and_both_are_written_down(officer: Command) -> None:
    Session.objects.create(
        session_key="a" * 32, expire_date="2090-01-01T00:00Z", officer=Officer.objects.get(name=NAME)
    )
    assert officer("disable", "--name", NAME) == (0, {"active": False, "name": NAME})
    assert not Session.objects.exists()
    assert not Officer.objects.get(name=NAME).is_active
    assert officer("enable", "--name", NAME) == (0, {"active": True, "name": NAME})
    assert Officer.objects.get(name=NAME).is_active
    assert deeds() == [("made", True), ("disabled", True), ("enabled", True)]


def test_lost_factors_are_taken_away(officer: Command) -> None:
    known = Officer.objects.get(name=NAME)
    SecondFactor.objects.create(
        officer=known, form="passkey", host="desk.example", credential="00", secret=b"", added_at="2030-01-01T00:00Z"
    )
    codes.make_recovery(officer=known, address="127.0.0.1")
    (listed,) = [each for each in officer("list")[1]["officers"] if each["name"] == NAME]
    assert (listed["role"], listed["factors"], listed["directory"]) == ("observer", ["passkey"], "")
    assert officer("reset-factors", "--name", NAME)[0] == 0
    assert not known.factors.exists()
    assert not known.recovery_codes.exists()
    assert deeds()[-1] == ("factors-reset", True)


def test_a_wait_is_lifted(officer: Command) -> None:
    for _ in range(throttle.PER_DESK):
        throttle.attempt(NAME, "127.0.0.1")
    assert officer("unlock", "--name", NAME)[0] == 0
    assert not FailedSignIn.objects.exists()
    assert deeds()[-1] == ("wait-lifted", True)


def test_nobody_is_made_for_a_directory_that_is_not_asked(officer: Command, tmp_path: Path) -> None:
    options = ["--name", "other", "--role", "duty", "--directory", "b.watch"]
    assert officer("add", *options, "--password-file", str(tmp_path / "secret"))[0] == 2


@pytest.mark.parametrize("command", ["disable", "enable", "unlock", "reset-factors"])
def test_an_unknown_name_is_refused(officer: Command, command: str) -> None:
    assert officer(command, "--name", "nobody")[0] == 2
