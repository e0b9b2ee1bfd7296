"""`mithaq notice draft`: what is refused leaves nothing behind."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from mithaq_cli.main import app
from mithaq_node.services import accounts
from tests.mithaq_node import meadow


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, django_db_blocker: Any) -> Iterator[Path]:
    """A folder to work in, beside the Meadow's node with one officer and the first leaves of its log."""
    node = meadow.settings_of(tmp_path / "ML", "ML")
    meadow.found(node)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MITHAQ_DATA", str(node.folder))
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    (tmp_path / "password").write_text(meadow.SECRET)
    with django_db_blocker.unblock(), meadow.standing_on(node):
        accounts.create_officer(name="desk", role="duty", secret=meadow.SECRET)
        meadow.enter("ML")
        yield tmp_path


def draft(content: str, *options: str) -> Result:
    Path("content.json").write_text(content)
    called = ("notice", "draft", "--kind", "incident.initial", "--content", "content.json", "--officer", "desk")
    return CliRunner().invoke(app, (*called, *options))


def drafts() -> list[dict[str, Any]]:
    listed = CliRunner().invoke(app, ("notice", "list", "--json"))
    assert listed.exit_code == 0, listed.output
    found: list[dict[str, Any]] = json.loads(listed.stdout)["drafts"]
    return found


WHOLE = json.dumps(meadow.INCIDENT)
TWICE = '{"event": "fire", "event": "flood"}'
DRAGON = json.dumps({**meadow.INCIDENT, "event": "dragon"})


@pytest.mark.parametrize(
    "content, code",
    [
        (TWICE, "draft.not-json"),
        ('{"event": "fire"', "draft.not-json"),
        ("[1]", "draft.not-json"),
        ("[" * 100_000, "draft.not-json"),
        ('{"event": "fire"}', "field.required"),
        (DRAGON, "field.not-listed"),
        (json.dumps({**meadow.INCIDENT, "name": "x"}), "field.unknown"),
        (json.dumps({**meadow.INCIDENT, "account": {"lang": "en", "text": "x" * 5000}}), "field.too-long"),
    ],
)
def test_content_that_the_kind_does_not_allow_is_neither_filed_nor_kept(folder: Path, content: str, code: str) -> None:
    done = draft(content, "--file", "--password-file", "password")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"{code}: "), done.stderr
    assert drafts() == []


def test_a_draft_that_a_wrong_password_would_file_is_not_kept_either(folder: Path) -> None:
    Path("wrong").write_text("another password entirely")
    done = draft(WHOLE, "--file", "--password-file", "wrong")
    assert (done.exit_code, done.stderr.split(":")[0]) == (2, "officer.wrong-secret")
    assert drafts() == []


def test_a_draft_that_is_not_filed_may_be_incomplete_and_is_kept(folder: Path) -> None:
    done = draft('{"event": "fire"}')
    assert done.exit_code == 0, done.output
    assert [each["state"] for each in drafts()] == ["begun"]
