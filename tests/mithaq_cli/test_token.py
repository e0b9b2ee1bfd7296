"""`mithaq token` and `mithaq export` as an operator types them, and as the how-to shows them."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mithaq_cli.main import app
from mithaq_node.settings.node import write
from tests import papers
from tests.mithaq_node import meadow
from tests.papers import Paper

Mithaq = Callable[..., Any]


@pytest.fixture
def mithaq(tmp_path: Path, django_db_blocker: Any) -> Iterator[Mithaq]:
    """`mithaq("token", "create", …)`: what the command answered, or the code of its refusal."""
    node = meadow.settings_of(tmp_path / "ML", "ML")
    meadow.found(node)
    (node.folder / "node.toml").write_text(write(node))

    def call(*words: str) -> Any:
        done = CliRunner().invoke(app, [*words, "--data", str(node.folder), "--json"])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return json.loads(done.stdout) if done.exit_code == 0 else done.stderr.split(":")[0]

    with django_db_blocker.unblock(), meadow.standing_on(node):
        meadow.officers()
        meadow.enter("ML")
        yield call


@pytest.mark.runs("docs/how-to/maps-in-a-gis.md", "mithaq token create")
def test_the_commands_of_the_how_to_make_list_and_revoke_a_token(paper: Paper, mithaq: Mithaq) -> None:
    made, listed, revoked = (mithaq(*papers.words(command)[1:]) for command in paper.commands())
    assert (made["officer"], made["role"], made["scopes"]) == ("duty desk", "duty", ["read:features"])
    assert made.pop("token").startswith("mithaq_")
    assert listed == {"tokens": [made]}, "the secret is shown once"
    assert revoked == {**made, "state": "revoked"}


def test_a_token_is_of_an_officer_and_of_known_scopes(mithaq: Mithaq) -> None:
    assert mithaq("token", "create", "--scope", "read:features") == "token.whose"
    assert mithaq("token", "create", "--scope", "read:features", "--officer", "nobody") == "officer.unknown"
    assert mithaq("token", "create", "--scope", "write:all", "--officer", "duty desk") == "token.unknown-scope"
    assert (
        mithaq("token", "create", "--scope", "read:features", "--officer", "duty desk", "--days", "0")
        == "token.bad-term"
    )
    assert mithaq("token", "create", "--officer", "duty desk") == "Usage", "a scope is named"
    assert mithaq("token", "revoke", "7") == "token.no-such"
    assert mithaq("token", "list") == {"tokens": []}


@pytest.mark.runs("docs/how-to/maps-in-a-gis.md", "mithaq export")
def test_the_commands_of_the_how_to_write_files(
    paper: Paper, mithaq: Mithaq, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for command in paper.commands():
        said = mithaq(*papers.words(command)[1:])
        assert (tmp_path / said["out"]).stat().st_size > 100
    assert mithaq("export", "--format", "shp", "--out", "x", "--officer", "duty desk") == "export.unknown-form"
    assert mithaq("export", "--format", "csv", "--out", "x") == "token.whose"
