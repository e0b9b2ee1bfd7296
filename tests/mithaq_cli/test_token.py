"""`mithaq token` as an operator types it, and as the how-to shows it."""

import json
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mithaq_cli.main import app
from mithaq_node.settings.node import write
from tests.mithaq_node import meadow

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "maps-in-a-gis.md"
Token = Callable[..., Any]


@pytest.fixture
def token(tmp_path: Path, django_db_blocker: Any) -> Iterator[Token]:
    """`token("create", …)`: what the command answered, or the code of its refusal."""
    node = meadow.settings_of(tmp_path / "ML", "ML")
    meadow.found(node)
    (node.folder / "node.toml").write_text(write(node))

    def call(*words: str) -> Any:
        done = CliRunner().invoke(app, ["token", *words, "--data", str(node.folder), "--json"])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return json.loads(done.stdout) if done.exit_code == 0 else done.stderr.split(":")[0]

    with django_db_blocker.unblock(), meadow.standing_on(node):
        meadow.officers()
        yield call


def test_the_commands_of_the_how_to_make_list_and_revoke_a_token(token: Token) -> None:
    shown = re.findall(r"^\$ mithaq token (.*)$", PAGE.read_text("utf-8"), re.MULTILINE)
    made, listed, revoked = (token(*shlex.split(line)) for line in shown)
    assert (made["officer"], made["role"], made["scopes"]) == ("duty desk", "duty", ["read:features"])
    assert made.pop("token").startswith("mithaq_")
    assert listed == {"tokens": [made]}, "the secret is shown once"
    assert revoked == {**made, "state": "revoked"}


def test_a_token_is_of_an_officer_and_of_known_scopes(token: Token) -> None:
    assert token("create", "--scope", "read:features") == "token.whose"
    assert token("create", "--scope", "read:features", "--officer", "nobody") == "officer.unknown"
    assert token("create", "--scope", "write:all", "--officer", "duty desk") == "token.unknown-scope"
    assert token("create", "--scope", "read:features", "--officer", "duty desk", "--days", "0") == "token.bad-term"
    assert token("create", "--officer", "duty desk") == "Usage", "a scope is named"
    assert token("revoke", "7") == "token.no-such"
    assert token("list") == {"tokens": []}
