"""Erasable parts in the rows of both engines: sealed, and gone only where a leaf of our own log says so."""

import sqlite3

import psycopg
import pytest

from mithaq.exchange.delivery import HeldPart
from mithaq.notices.envelope import Erased, Header, text_of
from mithaq.notices.parts import Part
from mithaq_node.keystore.vault import Vault
from mithaq_node.store import bodies, erasures
from mithaq_node.store import log as record
from tests.mithaq_node.store.test_log import THEIRS, Store, append, place, store
from tests.mithaq_node.store.writer import AT, ORIGIN, leaf

__all__ = ["place", "store"]
GUARDED = (sqlite3.IntegrityError, psycopg.errors.RaiseException)
PARTS = (
    Part("facts", b"\1" * 32, b"{}"),
    Part("text", b"\2" * 32, b'{"account":"example"}'),
    Part("exact", b"\3" * 32, b'{"place":"example"}'),
)


def said(*lines: tuple[str, str, int]) -> bytes:
    """An `erased` leaf of our own log."""
    erased = [Erased(retention=name, log=log, size=size) for log, name, size in lines]
    return text_of(Header(at=AT, id="e" * 32, kind="erased", law="0" * 64, log=ORIGIN, erased=erased))


def places(store: Store, log: record.Log) -> list[tuple[int, int]]:
    return [(each.index, each.number) for each in record.read_parts(*store, log, 0, 99)]


def filled(store: Store) -> record.Log:
    """Our log with two leaves of three parts each."""
    return append(store, leaf(0, parts=PARTS), leaf(1, parts=PARTS), parts=(PARTS, PARTS)).log


def test_neither_body_nor_salt_of_an_erasable_part_lies_in_its_row(store: Store) -> None:
    conn, engine = store
    log = filled(store)
    rows = engine.execute(conn, "SELECT number, salt, body, month FROM part ORDER BY number").fetchall()
    for number, salt, body, month in rows:
        part = PARTS[number]
        assert (bytes(salt), bytes(body)) == (part.salt, part.body) if number == 0 else (bytes(salt) == b"")
        assert number == 0 or (part.salt not in bytes(body) and part.body not in bytes(body))
        assert month == ("" if number == 0 else AT[:7])
    assert [each.part for each in record.read_parts(*store, log, 0, 1)] == list(PARTS)
    assert [length for _, _, length in record.part_sizes(*store, log, 0, 1)] == [len(part.body) for part in PARTS]


def test_a_part_whose_key_is_destroyed_is_not_held(store: Store) -> None:
    conn, engine = store
    log = filled(store)
    assert isinstance(engine.vault, Vault)
    engine.vault.destroy("text", AT[:7])
    assert places(store, log) == [(0, 0), (0, 2), (1, 0), (1, 2)]
    assert record.read_part(conn, engine, log, 0, 1) is None


def test_a_part_goes_only_where_our_log_says_it_is_erased(store: Store) -> None:
    conn, engine = store
    log = filled(store)
    with pytest.raises(GUARDED, match="append-only"):
        conn.execute("DELETE FROM part WHERE number = 1")
    append(store, said((ORIGIN, "text", 1)))
    assert erasures.below(conn, engine, log.id) == {"text": 1}
    for kept in ("number = 0", "number = 2", 'number = 1 AND "index" = 1', "1 = 1"):
        with pytest.raises(GUARDED, match="append-only"):
            conn.execute(f"DELETE FROM part WHERE {kept}")
    assert erasures.named(conn, engine, log.id) == 1
    with engine.transaction(conn):
        erasures.delete_named(conn, engine, log.id)
    assert places(store, log) == [(0, 0), (0, 2), (1, 0), (1, 1), (1, 2)]
    assert erasures.named(conn, engine, log.id) == 0


def test_the_index_of_erasures_takes_only_what_a_leaf_of_ours_says(store: Store) -> None:
    conn, engine = store
    log = filled(store)
    theirs = record.read(conn, engine, THEIRS)
    append(store, said((ORIGIN, "text", 1), (THEIRS, "exact", 7)))
    line = Erased(retention="text", log=ORIGIN, size=1)
    assert erasures.below(conn, engine, theirs.id) == {"exact": 7}
    forged = [
        (log.id, 2, log.id, Erased(retention="text", log=ORIGIN, size=2)),
        (log.id, 2, log.id, Erased(retention="facts", log=ORIGIN, size=1)),
        (log.id, 2, theirs.id, line),
        (log.id, 1, log.id, line),
        (theirs.id, 2, log.id, line),
    ]
    for by_log, index, about, each in forged:
        with pytest.raises(GUARDED, match="no leaf of ours says so"):
            erasures.note(conn, engine, by_log, index, about, each)


def test_what_another_partys_leaf_says_lets_nothing_of_ours_go(store: Store) -> None:
    conn, engine = store
    filled(store)
    theirs = record.read(conn, engine, THEIRS)
    with engine.transaction(conn):
        record.extend(conn, engine, theirs, [said((ORIGIN, "text", 2))], AT, ())
    assert engine.execute(conn, "SELECT count(*) FROM erasure").fetchone()[0] == 0
    with pytest.raises(GUARDED, match="append-only"):
        conn.execute("DELETE FROM part WHERE number = 1")


@pytest.mark.parametrize("deed", ["UPDATE erasure SET size = size + 1", "DELETE FROM erasure"])
def test_what_was_stated_to_be_erased_is_never_changed(store: Store, deed: str) -> None:
    conn, _ = store
    filled(store)
    append(store, said((ORIGIN, "text", 1)))
    with pytest.raises(GUARDED, match="append-only"):
        conn.execute(deed)


def test_a_key_stays_as_long_as_one_part_of_its_month_is_held(store: Store) -> None:
    conn, engine = store
    log = filled(store)
    month = AT[:7]
    later = HeldPart(99, 1, PARTS[1])
    with engine.transaction(conn):
        bodies.store(conn, engine, log.id, [later], "2031-09")
    append(store, said((ORIGIN, "text", 2)))
    with engine.transaction(conn):
        erasures.delete_named(conn, engine, log.id)
    assert erasures.is_empty(conn, engine, "text", month)
    assert not erasures.is_empty(conn, engine, "exact", month)
    assert not erasures.is_empty(conn, engine, "text", "2031-09")
