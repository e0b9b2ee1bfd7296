"""Everything derived again from the leaves: what a sound store says, and the first entry of every damage."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from mithaq.record.checkpoint import Checkpoint
from mithaq_node.services import fsck
from mithaq_node.services.holdings import Holdings
from mithaq_node.store import log as record
from mithaq_node.store.append_only import statements
from mithaq_node.store.retracing import Roots, perfect_root
from tests.mithaq_node.pair import Pair, feed, notice, release

MANY = 270
"""More leaves than a tile holds."""

Execute = Callable[[str, tuple[Any, ...]], object]


@pytest.fixture
def told(pair: Pair) -> Pair:
    """Two nodes of which each has told the other something, one of them more than a tile."""
    release(pair.ml, [notice(pair.ml.seat, 0), *(feed(pair.ml.seat, number) for number in range(1, MANY))])
    release(pair.rl, [notice(pair.rl.seat, number) for number in range(3)])
    pair.settle()
    return pair


def check(holdings: Holdings, **asked: Any) -> fsck.Report:
    return fsck.check(holdings.conn, holdings.engine, holdings.seat.law, holdings.seat.fence, **asked)


@contextmanager
def unguarded(holdings: Holdings) -> Iterator[Execute]:
    """The store without its triggers, as whoever administers the database can have it."""
    conn, engine = holdings.conn, holdings.engine
    for statement in statements(engine.name):
        words = statement.split()
        if words[:2] == ["CREATE", "TRIGGER"]:
            table = words[words.index("ON") + 1]
            conn.execute(f"DROP TRIGGER IF EXISTS {words[2]}" + (f" ON {table}" if engine.name == "postgresql" else ""))
    with engine.transaction(conn):
        yield lambda sql, parameters: engine.execute(conn, sql, parameters)


def test_a_sound_store_is_sound_in_every_stage(told: Pair) -> None:
    seen: dict[str, int] = {}

    def progress(stage: str, count: int) -> None:
        seen[stage] = seen.get(stage, 0) + count

    for holdings in (told.ml, told.rl):
        report = check(holdings, progress=progress)
        assert [stage.differences for stage in report.stages] == [[]] * 7
        assert (report.sound, report.first) == (True, None)
        names = [stage.name for stage in report.stages]
        assert names == ["trees", "leaves", "signatures", "heads", "receipts", "fences", "state"]
        entries = holdings.own().size + holdings.theirs(next(iter(holdings.seat.peers.values()))).size
        assert [stage.counted for stage in report.stages[:3]] == [entries] * 3
    assert seen.keys() == set(names)


def test_the_state_of_a_long_record_is_folded_only_when_asked_for(told: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fsck, "MOST_FOLDED", 10)
    assert "not folded" in check(told.ml).stages[-1].remarks[0]
    assert check(told.ml, state=True).stages[-1].counted > MANY
    assert "not folded" in check(told.ml, state=False).stages[-1].remarks[0]


def an_altered_leaf(holdings: Holdings, log: record.Log) -> str:
    (leaf,) = record.read_entries(holdings.conn, holdings.engine, log, 20, 21)
    with unguarded(holdings) as execute:
        execute('UPDATE entry SET leaf = ? WHERE log_id = ? AND "index" = 20', (leaf.replace(b"2030", b"2029"), log.id))
    return "fsck.other-leaf"


def an_altered_hash(holdings: Holdings, log: record.Log) -> str:
    with unguarded(holdings) as execute:
        execute('UPDATE entry SET hash = ? WHERE log_id = ? AND "index" = 20', (bytes(32), log.id))
    return "fsck.other-leaf"


def a_missing_leaf(holdings: Holdings, log: record.Log) -> str:
    with unguarded(holdings) as execute:
        execute('DELETE FROM entry WHERE log_id = ? AND "index" = 20', (log.id,))
    return "fsck.no-entry"


def an_altered_part(holdings: Holdings, log: record.Log) -> str:
    with unguarded(holdings) as execute:
        execute('UPDATE part SET salt = ? WHERE log_id = ? AND "index" = 20 AND number = 0', (bytes(32), log.id))
    return "part.other-body"


def a_missing_part(holdings: Holdings, log: record.Log) -> str:
    with unguarded(holdings) as execute:
        execute('DELETE FROM part WHERE log_id = ? AND "index" = 20', (log.id,))
    return "fsck.no-part"


def a_false_key_set(holdings: Holdings, log: record.Log) -> str:
    with unguarded(holdings) as execute:
        execute('INSERT INTO key_set (log_id, "index") VALUES (?, 20)', (log.id,))
    return "fsck.key-set-index"


ENTRIES = [an_altered_leaf, an_altered_hash, a_missing_leaf, an_altered_part, a_missing_part, a_false_key_set]


@pytest.mark.parametrize("damage", ENTRIES, ids=lambda each: each.__name__)
@pytest.mark.parametrize("own", [True, False], ids=["in our own log", "in our copy of theirs"])
def test_the_first_differing_entry_is_named(
    told: Pair, damage: Callable[[Holdings, record.Log], str], own: bool
) -> None:
    holdings = told.ml if own else told.rl
    log = told.ml.own() if own else told.copy_of(told.ml)
    code = damage(holdings, log)
    report = check(holdings)
    assert not report.sound
    assert report.first is not None
    assert (report.first.log, report.first.entry, report.first.refusal.code) == (log.origin, 20, code)


def test_an_altered_tile_is_named_by_its_first_entry(told: Pair) -> None:
    with unguarded(told.ml) as execute:
        execute("UPDATE tile SET root = ? WHERE level = 0 AND number = 0", (bytes(32),))
    first = check(told.ml).first
    assert first is not None
    assert (first.entry, first.refusal.code) == (0, "fsck.other-tile")


def test_what_stands_behind_the_end_is_named(told: Pair) -> None:
    log = told.ml.own()
    with unguarded(told.ml) as execute:
        row = (log.id, log.size, b"x", bytes(32))
        execute('INSERT INTO entry (log_id, "index", leaf, hash) VALUES (?, ?, ?, ?)', row)
        execute("INSERT INTO tile (log_id, level, number, hashes, root) VALUES (?, 0, 9, ?, ?)", (log.id, b"", b""))
    assert _codes(check(told.ml)) == {"fsck.beyond-the-end", "fsck.surplus-tiles"}


def test_a_row_that_says_another_tree_is_named(told: Pair) -> None:
    log = told.ml.own()
    with unguarded(told.ml) as execute:
        execute("UPDATE log SET root = ? WHERE id = ?", (bytes(32), log.id))
    assert "fsck.other-root" in _codes(check(told.ml))


def test_a_head_that_the_entries_do_not_give_is_named(told: Pair) -> None:
    theirs = told.copy_of(told.ml)
    forged = told.ml.sign(Checkpoint(theirs.origin, theirs.size, bytes(32)))
    with told.rl.engine.transaction(told.rl.conn):
        record.note_checkpoint(told.rl.conn, told.rl.engine, theirs, forged)
    assert _codes(check(told.rl)) == {"fsck.head"}


def test_a_cosignature_that_does_not_hold_is_named(told: Pair) -> None:
    own = told.ml.own()
    (line,) = record.cosignatures(told.ml.conn, told.ml.engine, own, own.size)
    with told.ml.engine.transaction(told.ml.conn):
        record.add_cosignature(told.ml.conn, told.ml.engine, own, 5, line.split(b" ")[1].decode(), line)
    assert _codes(check(told.ml)) == {"fsck.cosignature"}


def test_a_fence_that_the_store_does_not_reach_is_named(told: Pair) -> None:
    own, fence = told.ml.own(), told.ml.seat.fence
    fence.compare_and_swap(fence.read(own.origin), Checkpoint(own.origin, own.size + 1, bytes(32)))
    assert _codes(check(told.ml)) == {"fence.store-behind"}


def test_a_part_that_is_still_owed_is_no_difference(pair: Pair) -> None:
    release(pair.ml, [notice(pair.ml.seat, 1)])
    pair.damage = lambda body: body.replace(b'"event":"fire"', b'"event":"ruse"')
    pair.send(pair.ml)
    assert check(pair.rl).sound
    theirs = pair.copy_of(pair.ml)
    with pair.rl.engine.transaction(pair.rl.conn):
        record.owe(pair.rl.conn, pair.rl.engine, theirs, b"")
    assert _codes(check(pair.rl)) == {"fsck.no-part"}


def test_many_differences_are_counted_and_not_all_told(told: Pair) -> None:
    log = told.ml.own()
    with unguarded(told.ml) as execute:
        execute('UPDATE entry SET hash = ? WHERE log_id = ? AND "index" >= 100', (bytes(32), log.id))
    trees = check(told.ml).stages[0]
    assert len(trees.differences) == fsck.MOST_TOLD
    assert trees.untold > 100
    assert trees.differences[0].entry == 100


def test_roots_on_the_way_are_those_of_the_tree(told: Pair) -> None:
    log = told.ml.own()
    tree, roots = record.Tree(told.ml.conn, told.ml.engine, log.id), Roots(told.ml.conn, told.ml.engine, log)
    for size in (1, 2, 200, 255, 256, 257, 257, 270, 3, log.size):
        assert roots.at(size) == tree.root(size), size


def test_a_perfect_tree_is_hashed_a_level_at_a_time(told: Pair) -> None:
    tree = record.Tree(told.ml.conn, told.ml.engine, told.ml.own().id)
    assert perfect_root([tree.subtree(index, index + 1) for index in range(64)]) == tree.subtree(0, 64)


def _codes(report: fsck.Report) -> set[str]:
    return {difference.refusal.code for stage in report.stages for difference in stage.differences}
