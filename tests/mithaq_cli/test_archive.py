"""The commands of docs/how-to/archive.md, on a node that rests and on one that is served."""

import fcntl
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.mithaq_node.pair import Pair, feed, release
from tests.papers import Paper, words


@pytest.fixture
def data(tmp_path: Path, django_db_blocker: Any) -> Iterator[Path]:
    """The folder of a node with more entries than four tiles."""
    with django_db_blocker.unblock():
        pair = Pair(tmp_path)
    release(pair.ml, [feed(pair.ml.seat, number) for number in range(1_100)])
    pair.settle()
    pair.close()
    with django_db_blocker.unblock():
        yield pair.ml.seat.folder


def mithaq(*arguments: str) -> tuple[int, dict[str, Any]]:
    command = [sys.executable, "-m", "mithaq_cli", *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, json.loads(done.stdout) if done.stdout else {"refused": done.stderr}


def test_old_entries_are_sealed_and_the_room_is_given_back(data: Path) -> None:
    database = data / "node.sqlite3"
    before = database.stat().st_size
    assert set(mithaq("record", "archive", "--data", str(data))[1]["volumes"].values()) == {0}
    code, said = mithaq("record", "archive", "--data", str(data), "--keep", "300", "--compact")
    assert (code, sorted(said["volumes"].values())) == (0, [0, 3])
    assert mithaq("fsck", "--data", str(data))[1]["verdict"] == "SOUND"
    assert sorted(mithaq("record", "archive", "--data", str(data), "--keep", "0")[1]["volumes"].values()) == [0, 1]
    assert database.stat().st_size < 0.8 * before  # most of the rest are the tables of an empty node


@pytest.mark.runs("docs/how-to/archive.md")
def test_the_commands_of_the_page_stand_as_they_are_given(data: Path, paper: Paper) -> None:
    said = [mithaq(*words(command)[1:]) for command in paper.commands(fill={"/srv/mithaq": str(data)})]
    assert [code for code, _ in said] == [0, 0, 0]
    assert said[-1][1]["verdict"] == "SOUND"


def test_the_room_of_a_node_that_is_served_is_not_given_back(data: Path) -> None:
    with (data / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert sorted(mithaq("record", "archive", "--data", str(data), "--keep", "0")[1]["volumes"].values()) == [0, 4]
        code, said = mithaq("record", "archive", "--data", str(data), "--compact")
    assert code == 2
    assert said["refused"].startswith("node.already-running:")
