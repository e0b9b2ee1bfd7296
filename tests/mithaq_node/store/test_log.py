"""The hot path on both engines: append-only rows, numbers without gaps under concurrency, tiles, proofs, refusals."""

import multiprocessing
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from mithaq.errors import Refusal
from mithaq.notices.parts import Part
from mithaq.record import merkle
from mithaq_node.keystore.vault import Vault
from mithaq_node.store import engine as engines
from mithaq_node.store import log as record
from mithaq_node.store.engine import Connection, Engine
from tests.mithaq_node import meadow
from tests.mithaq_node.store import writer
from tests.mithaq_node.store.writer import AT, ORIGIN, leaf

THEIRS = "sa.example/example-2031/all/1"
Store = tuple[Connection, Engine]
Place = tuple[str, Path]


@pytest.fixture
def place(tables: str, tmp_path: Path, django_db_blocker: Any) -> Place:
    """A database of the engine under test, with its tables."""
    node = meadow.settings_of(tmp_path, "ML", tables)
    if tables == "sqlite":
        with django_db_blocker.unblock():
            meadow.migrate(node)
    return tables, node.sqlite


@pytest.fixture
def store(place: Place, tmp_path: Path) -> Iterator[Store]:
    """A connection with one log of our own and one of another's."""
    conn = engines.open(*place)
    vault = Vault(tmp_path / "body-keys", bytes(32))
    engine = engines.of("sqlite" if place[0] == "sqlite" else "postgresql", vault)
    record.create(conn, engine, ORIGIN, own=True)
    record.create(conn, engine, THEIRS, own=False)
    yield conn, engine
    conn.close()


def append(store: Store, *leaves: bytes, parts: tuple[tuple[Part, ...], ...] = ()) -> record.Appended:
    conn, engine = store
    with engine.transaction(conn):
        return record.append(conn, engine, ORIGIN, leaves, parts)


def test_leaves_stand_in_order_under_the_root_that_their_bytes_give(store: Store) -> None:
    leaves = [leaf(number) for number in range(20)]
    assert [append(store, each).first for each in leaves[:5]] == [0, 1, 2, 3, 4]
    log = append(store, *leaves[5:]).log
    assert record.read_entries(*store, log, 0, 99) == leaves
    assert log.frontier.root() == merkle.Tree(map(merkle.leaf_hash, leaves)).root()
    assert record.read(*store, ORIGIN) == log
    assert record.sizes(*store) == {ORIGIN: 20, THEIRS: 0}


def test_parts_are_kept_with_their_salts(store: Store) -> None:
    parts = (Part("facts", b"\1" * 32, b"{}"), Part("text", b"\2" * 32, b'{"account":"example"}'))
    log = append(store, leaf(0, parts=parts), parts=(parts,)).log
    assert [each.part for each in record.read_parts(*store, log, 0, 1)] == list(parts)
    assert record.read_part(*store, log, 0, 1) == parts[1]
    assert record.read_part(*store, log, 0, 2) is None
    assert record.part_sizes(*store, log, 0, 1) == [((0, 0), "facts", 2), ((0, 1), "text", 21)]


@pytest.mark.parametrize(
    ("encoded", "code"),
    [
        (leaf(1, at="2031-02-28T23:59:59Z"), "log.earlier-than-before"),
        (leaf(1, log=THEIRS), "log.other-log"),
        (leaf(1, parts=(Part("facts", b"\1" * 32, b"{}"),)), "log.other-parts"),
        (b"mithaq/notice/v1\n{}\n", "leaf.bad-header"),
    ],
)
def test_it_refuses_what_cannot_stand_next_in_our_log(store: Store, encoded: bytes, code: str) -> None:
    append(store, leaf(0))
    with pytest.raises(Refusal) as refused:
        append(store, leaf(2), encoded)
    assert refused.value.code == code
    assert record.read(*store, ORIGIN).size == 1


def test_it_refuses_a_body_that_the_leaf_does_not_commit_to(store: Store) -> None:
    part, other = Part("facts", b"\1" * 32, b"{}"), Part("facts", b"\1" * 32, b"[]")
    with pytest.raises(Refusal, match=r"part\.other-body"):
        append(store, leaf(0, parts=(part,)), parts=((other,),))
    assert record.read(*store, ORIGIN).size == 0


def test_it_appends_to_no_log_of_another(store: Store) -> None:
    conn, engine = store
    with pytest.raises(Refusal, match=r"log\.not-ours"), engine.transaction(conn):
        record.append(conn, engine, THEIRS, [leaf(0, log=THEIRS)])


@pytest.mark.parametrize("deed", ["UPDATE", "DELETE"])
@pytest.mark.parametrize("table", ["entry", "part", "key_set", "tile", "cosignature", "evidence", "log"])
def test_the_record_is_never_changed_or_deleted(store: Store, table: str, deed: str) -> None:
    conn, engine = store
    part = Part("facts", b"\1" * 32, b"{}")
    log = append(store, leaf(0, parts=(part,)), *(leaf(n) for n in range(1, 300)), parts=((part,),)).log
    record.add_cosignature(conn, engine, log, 300, "sa.example/cosigner", b"a line")
    record.keep_evidence(conn, engine, log, AT, "delivery.fork", {}, b"", b"")
    engine.execute(conn, 'INSERT INTO key_set (log_id, "index") VALUES (?, ?)', (log.id, 0))
    changed = {"log": "UPDATE log SET size = size - 1", "evidence": "UPDATE evidence SET code = code"}
    update = changed.get(table, f"UPDATE {table} SET log_id = log_id")
    with pytest.raises((sqlite3.IntegrityError, psycopg.errors.RaiseException), match="append-only"):
        conn.execute(update if deed == "UPDATE" else f"DELETE FROM {table}")
    assert record.read(conn, engine, ORIGIN) == log


def test_a_log_keeps_its_name_and_its_root_at_a_size(store: Store) -> None:
    conn, _ = store
    append(store, leaf(0))
    for change in ("origin = 'another'", "own = NOT own", "last_at = ''"):
        with pytest.raises((sqlite3.IntegrityError, psycopg.errors.RaiseException), match="append-only"):
            conn.execute(f"UPDATE log SET {change} WHERE size = 1")


def test_nothing_of_a_transaction_that_fails_is_kept(store: Store) -> None:
    conn, engine = store
    with pytest.raises(Refusal), engine.transaction(conn):  # noqa: PT012  # the second is refused, the first undone
        record.append(conn, engine, ORIGIN, [leaf(0)])
        record.append(conn, engine, THEIRS, [leaf(0)])
    assert record.read(conn, engine, ORIGIN).size == 0


def test_numbers_have_no_gap_and_no_double_with_several_processes_writing(place: Place, store: Store) -> None:
    writers, each = 4, 40
    spawned = multiprocessing.get_context("spawn")
    processes = [spawned.Process(target=writer.write, args=(*place, 1000 * n, each)) for n in range(writers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0] * writers
    log = record.read(*store, ORIGIN)
    leaves = record.read_entries(*store, log, 0, 10_000)
    assert log.size == len(leaves) == len(set(leaves)) == writers * each
    assert log.frontier.root() == merkle.Tree(map(merkle.leaf_hash, leaves)).root()


@pytest.mark.parametrize("steps", [(1, 254, 1, 1, 300), (700, 70)])
def test_tiles_and_proofs_agree_with_a_tree_in_memory(store: Store, steps: tuple[int, ...]) -> None:
    conn, engine = store
    leaves: list[bytes] = []
    for count in steps:
        fresh = [leaf(len(leaves) + n) for n in range(count)]
        append(store, *fresh)
        leaves += fresh
    whole = merkle.Tree(map(merkle.leaf_hash, leaves))
    log = record.read(conn, engine, ORIGIN)
    tree = record.Tree(conn, engine, log.id)
    for index in (0, 1, 254, 255, 256, 511, 512, len(leaves) - 1):
        if index < len(leaves):
            assert tree.inclusion(index, len(leaves)) == merkle.inclusion_proof(index, len(leaves), whole.subtree)
    for old in (1, 255, 256, 257, 500, len(leaves)):
        assert tree.consistency(old, len(leaves)) == merkle.consistency_proof(old, len(leaves), whole.subtree)
        assert tree.root(old) == whole.root(old)
    rows = engine.execute(conn, "SELECT number, hashes FROM tile WHERE level = 0 ORDER BY number").fetchall()
    assert [number for number, _ in rows] == list(range(len(leaves) // 256))
    assert bytes(rows[0][1]) == b"".join(map(merkle.leaf_hash, leaves[:256]))


def test_a_row_of_tiles_makes_a_tile_of_the_next_level(store: Store) -> None:
    conn, engine = store
    count = 256 * 256
    hashes = [merkle.leaf_hash(b"%d" % number) for number in range(count)]
    log = record.read(conn, engine, ORIGIN)
    with engine.transaction(conn):
        for start in range(0, count, 8192):
            leaves = [b"%d" % number for number in range(start, start + 8192)]
            log = record.extend(conn, engine, log, leaves, AT, [])
    whole = merkle.Tree(hashes)
    tree = record.Tree(conn, engine, log.id)
    assert engine.execute(conn, "SELECT count(*) FROM tile WHERE level = 1").fetchone()[0] == 1
    assert tree.root(count) == whole.root()
    assert tree.inclusion(40_000, count) == merkle.inclusion_proof(40_000, count, whole.subtree)


def test_the_first_cosignature_of_a_name_and_size_stays(store: Store) -> None:
    conn, engine = store
    log = append(store, leaf(0)).log
    for line in (b"first", b"second"):
        record.add_cosignature(conn, engine, log, 1, "sa.example/cosigner", line)
    assert record.cosignatures(conn, engine, log, 1) == (b"first",)
    assert record.cosigned_sizes(conn, engine, log) == {"sa.example/cosigner": 1}
