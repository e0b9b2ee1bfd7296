"""`mithaq fsck` as an operator types it, on a node that rests."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mithaq_cli.main import app
from tests.mithaq_node import meadow
from tests.mithaq_node.pair import Pair, notice, release

TOLD = meadow.INCIDENT | {"account": {"lang": "en", "text": "a dry field, an example"}}


@pytest.fixture
def data(tmp_path: Path, django_db_blocker: Any) -> Iterator[Path]:
    """The folder of a node with a few notices, each with a text that lies sealed until it is erased."""
    with django_db_blocker.unblock():
        pair = Pair(tmp_path)
    pair.settle()
    release(pair.ml, [notice(pair.ml.seat, number, content=TOLD) for number in range(4)])
    pair.settle()
    yield pair.ml.seat.folder
    pair.close()


def fsck(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["fsck", *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout


def test_a_sound_node_is_sound_and_it_says_what_that_does_not_show(data: Path) -> None:
    code, said = fsck("--data", str(data))
    lines = said.splitlines()
    assert (code, lines[0]) == (0, "SOUND")
    assert [line.split()[0] for line in lines[1:] if line.endswith(" s")] == [
        "trees", "leaves", "signatures", "heads", "receipts", "fences", "state",
    ]  # fmt: skip
    assert "Not shown by this:" in lines


def test_the_first_differing_entry_is_named_and_the_exit_status_is_one(data: Path) -> None:
    with sqlite3.connect(data / "node.sqlite3") as connection:
        connection.execute("DROP TRIGGER entry_update_refused")
        connection.execute("UPDATE entry SET leaf = CAST(leaf || x'20' AS BLOB) WHERE \"index\" = 3")
    connection.close()
    code, said = fsck("--data", str(data))
    assert (code, said.splitlines()[0]) == (1, "DIFFERENT")
    assert "entry 3: Entry 3 of " in said.splitlines()[1]
    code, said = fsck("--data", str(data), "--json")
    document = json.loads(said)
    assert (code, document["first"]["entry"], document["first"]["code"]) == (1, 3, "fsck.other-leaf")
    assert document["not_shown"]


def test_a_folder_without_a_node_is_refused(tmp_path: Path) -> None:
    assert fsck("--data", str(tmp_path))[0] == 2
