"""The files of the database cut off at every frame of its journal: what is left is an earlier moment, never a lie."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mithaq.record.checkpoint import Checkpoint
from mithaq_node.services.holdings import Holdings
from mithaq_node.store import engine as engines
from mithaq_node.store import log as record
from mithaq_node.store import rederive
from mithaq_node.store.engine import SQLITE
from mithaq_node.store.fence import Fence
from tests.mithaq_node.pair import Pair, notice, release

PAGE = 4096
HEADER, FRAME = 32, 24 + PAGE
"""Bytes of the journal's header and of a frame with a page of 4 KiB (sqlite.org/fileformat2.html, section 4)."""


@pytest.fixture
def pair(tmp_path: Path, django_db_blocker: Any) -> Iterator[Pair]:
    with django_db_blocker.unblock():
        made = Pair(tmp_path / "nodes")
    made.settle()
    yield made
    made.close()


def journalled(pair: Pair) -> tuple[list[Checkpoint], bytes]:
    """Every head of a while of which all is in the journal and nothing in the file, and the journal."""
    ml = pair.ml
    ml.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    ml.conn.execute("PRAGMA wal_autocheckpoint=0")
    moments = [ml.own().head]
    for number in range(6):
        release(ml, [notice(ml.seat, number)])
        moments.append(ml.secure().head)
        pair.settle()
        moments.append(ml.own().head)
    return moments, (ml.seat.folder / "node.sqlite3-wal").read_bytes()


def test_a_file_into_which_the_journal_was_copied_up_to_any_page_is_the_newest_moment(
    pair: Pair, tmp_path: Path
) -> None:
    """The power goes while SQLite copies the journal back: a page may be old, new or torn, and the journal is whole."""
    moments, wal = journalled(pair)
    before = (pair.ml.seat.folder / "node.sqlite3").read_bytes()
    pair.ml.conn.execute("PRAGMA wal_checkpoint(FULL)")
    after = (pair.ml.seat.folder / "node.sqlite3").read_bytes()
    pages = len(after) // PAGE
    assert after[: len(before)] != before
    for end in (page * PAGE + torn for page in range(pages + 1) for torn in (0, PAGE // 2)):
        cut = tmp_path / "cut"
        shutil.rmtree(cut, ignore_errors=True)
        cut.mkdir()
        (cut / "node.sqlite3").write_bytes(after[:end] + before[end:])
        (cut / "node.sqlite3-wal").write_bytes(wal)
        assert _moment(pair, cut) == (moments[-1].size, True)


def test_a_journal_cut_at_any_frame_gives_a_moment_that_was_and_never_one_that_may_sign_less_than_was_signed(
    pair: Pair, tmp_path: Path
) -> None:
    folder, moments, wal = pair.ml.seat.folder, *journalled(pair)
    frames = (len(wal) - HEADER) // FRAME
    assert frames > 20
    reached = set()
    for frame in range(frames + 1):
        for torn in (0, 1, FRAME // 2):
            cut = tmp_path / "cut"
            shutil.rmtree(cut, ignore_errors=True)
            cut.mkdir()
            shutil.copyfile(folder / "node.sqlite3", cut / "node.sqlite3")
            (cut / "node.sqlite3-wal").write_bytes(wal[: HEADER + frame * FRAME + torn])
            reached.add(_moment(pair, cut))
    assert {size for size, _ in reached} <= set(range(moments[0].size, moments[-1].size + 1))
    assert (moments[-1].size, True) in reached
    assert all(sure == (size == moments[-1].size) for size, sure in reached)


def _moment(pair: Pair, folder: Path) -> tuple[int, bool]:
    """The size of our own log in these files, and whether a node on them would sign."""
    with closing(engines.open("sqlite", folder / "node.sqlite3")) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        rederive.require_sound(conn, SQLITE)
        size = record.read(conn, SQLITE, pair.ml.seat.origin).size
    seat = replace(pair.ml.seat, folder=folder, fence=Fence(pair.fence_folder("ML")))
    with closing(Holdings(seat)) as holdings:
        return size, holdings.doubt() is None
