"""`mithaq earlier` as an operator types it: the template out, the table in as drafts, the refused rows out again."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from mithaq_cli.main import app
from mithaq_node.settings.node import write
from mithaq_node.store.models import Draft
from tests.mithaq_node import meadow

Earlier = Callable[..., Any]


@pytest.fixture
def earlier(tmp_path: Path, django_db_blocker: Any) -> Iterator[Earlier]:
    """`earlier("import", …)`: what the command answered, and the code of its refusal."""
    node = meadow.settings_of(tmp_path / "ML", "ML")
    meadow.found(node)
    (node.folder / "node.toml").write_text(write(node))

    def call(*words: str) -> Any:
        done = CliRunner().invoke(app, ["earlier", *words, "--data", str(node.folder), "--json"])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return json.loads(done.stdout) if done.stdout else None, done.stderr.split(":")[0]

    with django_db_blocker.unblock(), meadow.standing_on(node):
        meadow.officers()
        meadow.enter("ML")
        yield call


def test_the_template_is_filled_in_and_comes_back_as_drafts_and_what_is_refused_as_a_table(
    earlier: Earlier, tmp_path: Path
) -> None:
    file, left = tmp_path / "minutes.xlsx", tmp_path / "left.xlsx"
    assert earlier("template", "minutes", "--language", "fa", "--out", str(file))[1] == ""
    book = load_workbook(file)
    table = book.worksheets[0]
    for column in range(2, table.max_column + 1):
        for row in (3, 4):
            table.cell(row, column).value = table.cell(2, column).value
    table.cell(4, 2).value = "در آینده"
    book.save(file)
    asked = ("import", "minutes", str(file), "--officer", "duty desk", "--language", "fa")
    said, refused = earlier(*asked)
    assert (refused, said["drafts"], said["examples"]) == ("earlier.some-refused", [], [2])
    assert [(each["row"], each["column"], each["code"]) for each in said["refused"]] == [
        (4, "روز نشست", "earlier.no-day")
    ]
    said, refused = earlier(*asked, "--rest", "--refused", str(left))
    assert refused == ""
    assert said["drafts"] == [draft.pk for draft in Draft.objects.all()]
    assert [each.value for each in load_workbook(left).worksheets[0]["B"]][1:] == ["در آینده"]
