"""`mithaq words` as an operator types it."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mithaq_cli.main import app
from mithaq_node.services import accounts, proofreading
from tests.mithaq_cli.typed import typed
from tests.mithaq_node import meadow
from tests.papers import Paper

NOW = datetime(2030, 5, 2, 12, tzinfo=UTC)


@pytest.fixture
def data(tmp_path: Path, django_db_blocker: Any) -> Iterator[Path]:
    """The folder of a node with two remarks."""
    settings = meadow.settings_of(tmp_path / "ML", "ML")
    meadow.found(settings)
    with django_db_blocker.unblock(), meadow.standing_on(settings):
        officer = accounts.create_officer(name="night desk", role="duty", secret=meadow.SECRET)
        for language, word, better in (("fa", "واژه", "=واژه‌ای"), ("ar", "كلمة", "")):
            proofreading.keep(
                officer=officer, language=language, page="watch:show", word=word, suggestion=better, now=NOW
            )
        yield settings.folder


def words(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["words", *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


@pytest.mark.runs("docs/languages.md")
def test_the_commands_of_the_page_list_export_and_drop(
    paper: Paper, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    number = json.loads(words("list", "--data", str(data), "--json")[1])["remarks"][0]["number"]
    for command in paper.commands(fill={"/srv/mithaq 12": f"{data} {number}", "/srv/mithaq": str(data)}):
        said = typed(command)
    assert said == "1 dropped\n"
    assert (tmp_path / "ckb.csv").exists()


def test_the_list_says_who_and_the_file_for_translators_does_not(data: Path, tmp_path: Path) -> None:
    code, said = words("list", "--data", str(data), "--json")
    assert code == 0
    assert [(each["by"], each["word"]) for each in json.loads(said)["remarks"]] == [
        ("night desk", "واژه"), ("night desk", "كلمة"),
    ]  # fmt: skip
    out = tmp_path / "fa.csv"
    assert words("export", "--out", str(out), "--language", "fa", "--data", str(data))[0] == 0
    assert "night desk" not in out.read_text("utf-8")
    with out.open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["page"], row["word"], row["at"]) == ("watch:show", "واژه", "2030-05-02T12:00:00Z")
    assert row["suggestion"] == "'=واژه‌ای"  # what a spreadsheet would take for a formula


def test_remarks_that_are_done_with_are_dropped_all_or_none(data: Path) -> None:
    first = json.loads(words("list", "--data", str(data), "--json")[1])["remarks"][0]["number"]
    code, said = words("drop", str(first), "999", "--data", str(data))
    assert (code, said.split(":")[0]) == (2, "wording.no-such-remark")
    assert words("drop", str(first), "--data", str(data)) == (0, "1 dropped\n")
    assert len(json.loads(words("list", "--data", str(data), "--json")[1])["remarks"]) == 1


def test_a_language_that_is_none_of_ours_is_refused(data: Path) -> None:
    code, said = words("list", "--language", "tr", "--data", str(data))
    assert (code, said.split(":")[0]) == (2, "wording.unknown-language")
