"""`mithaq flows` as an operator types it: tables in, as drafts, and out."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mithaq_cli.main import app
from mithaq_node.settings.node import write
from mithaq_node.store.models import Draft
from tests.mithaq_node import meadow

Flows = Callable[..., Any]
HEADING = "crossing,day,direction,stage,source,pilgrims"
ROW = "bridge,2030-05-02,to-ml,count,border-authority,612"


@pytest.fixture
def flows(tmp_path: Path, django_db_blocker: Any) -> Iterator[Flows]:
    """`flows("import", …)`: exit status, what the command answered, and the code of its refusal."""
    node = meadow.settings_of(tmp_path / "ML", "ML")
    meadow.found(node)
    (node.folder / "node.toml").write_text(write(node))

    def call(*words: str) -> Any:
        done = CliRunner().invoke(app, ["flows", *words, "--data", str(node.folder), "--json"])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return json.loads(done.stdout) if done.stdout else None, done.stderr.split(":")[0]

    with django_db_blocker.unblock(), meadow.standing_on(node):
        meadow.officers()
        meadow.enter("ML")
        yield call


def test_a_table_is_read_in_as_drafts_and_each_refused_row_says_why(flows: Flows, tmp_path: Path) -> None:
    file = tmp_path / "flows.csv"
    file.write_text("\n".join([HEADING, ROW, ROW, ROW.replace("bridge", "ferry")]))
    said, refused = flows("import", str(file), "--officer", "duty desk")
    assert refused == "flow.some-refused"
    assert said["drafts"] == []
    assert [(each["row"], each["code"]) for each in said["refused"]] == [
        (3, "flow.twice"),
        (4, "flow.unknown-crossing"),
    ]
    said, refused = flows("import", str(file), "--officer", "duty desk", "--rest")
    assert refused == ""
    assert said["drafts"] == [draft.pk for draft in Draft.objects.all()]


def test_what_cannot_be_read_is_refused_and_an_empty_record_is_written_as_a_heading(
    flows: Flows, tmp_path: Path
) -> None:
    file = tmp_path / "flows.csv"
    assert flows("import", str(file), "--officer", "duty desk")[1] == "flow.unreadable"
    file.write_bytes("گذرگاه".encode("cp1256"))
    assert flows("import", str(file), "--officer", "duty desk")[1] == "flow.encoding"
    assert flows("export", "--out", str(file)) == ({"rows": 0}, "")
    assert file.read_text(encoding="utf-8-sig").startswith("crossing,day,direction,stage,source,capacity,cars")
