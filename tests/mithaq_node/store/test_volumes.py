"""Volumes on both engines: everything reads through them as before, and rows go only where one stands."""

import zlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mithaq.errors import Refusal
from mithaq.exchange.delivery import HeldPart
from mithaq.notices.parts import Part
from mithaq_node.store import erasures, volumes
from mithaq_node.store import log as record
from mithaq_node.store.retracing import Roots, retrace
from mithaq_node.store.volumes import TILE, Volume
from tests.mithaq_node.store.test_erasures import GUARDED, said
from tests.mithaq_node.store.test_log import THEIRS, Store, append, place, store
from tests.mithaq_node.store.writer import AT, ORIGIN, leaf

__all__ = ["place", "store"]
COUNT = 2 * TILE + 40
ERASED = 5
"""Where our log says that texts below it are erased."""
RANGES = ((0, 1), (3, 9), (250, 260), (0, TILE), (100, COUNT), (255, 513), (COUNT - 3, COUNT), (0, 9_999), (700, 800))


def parts(number: int) -> tuple[Part, ...]:
    """Of each third leaf nothing, else facts, and of some a text."""
    salt = b"%032d" % number
    facts, text = Part("facts", salt, b'{"n":%d}' % number), Part("text", salt[::-1], b'{"account":"dry field"}')
    return ((), (facts,), (facts, text))[number % 3]


def filled(store: Store) -> record.Log:
    """Our log with two full tiles and some more, a leaf that is in the index of key-sets, and one about erasures."""
    conn, engine = store
    leaves = [leaf(number, parts=parts(number)) for number in range(COUNT)]
    append(store, *leaves[:ERASED], parts=tuple(map(parts, range(ERASED))))
    append(store, said((ORIGIN, "text", 3)))
    log = append(store, *leaves[ERASED + 1 :], parts=tuple(map(parts, range(ERASED + 1, COUNT)))).log
    engine.execute(conn, 'INSERT INTO key_set (log_id, "index") VALUES (?, 9)', (log.id,))
    return log


def seal(store: Store, *numbers: int) -> list[bool]:
    conn, engine = store
    log = record.read(conn, engine, ORIGIN)
    with engine.transaction(conn):
        return [volumes.seal(conn, engine, log.id, number) for number in numbers]


def all_read(store: Store, log: record.Log) -> dict[str, Any]:
    """What every reader of the record gives."""
    conn, engine = store
    tree, roots = record.Tree(conn, engine, log.id), Roots(conn, engine, log)
    sizes = (1, 3, 255, 256, 257, 300, 512, COUNT)
    return {
        "entries": [record.read_entries(conn, engine, log, *each) for each in RANGES],
        "indexed": [record.read_indexed(conn, engine, log.id, *each) for each in RANGES],
        "parts": [record.read_parts(conn, engine, log, *each) for each in RANGES],
        "sizes": [record.part_sizes(conn, engine, log, *each) for each in RANGES],
        "part": [record.read_part(conn, engine, log, index, n) for index in (0, 1, 2, 300) for n in (0, 1, 2)],
        "key sets": record.key_sets(conn, engine, log),
        "roots": [tree.root(size) for size in sizes] + [roots.at(size) for size in sizes],
        "inclusion": [tree.inclusion(index, COUNT) for index in (0, 9, 200, 256, 511, 540)],
        "consistency": [tree.consistency(size, COUNT) for size in sizes],
        "differences": list(retrace(conn, engine, log, lambda count: None)),
    }


def test_every_reader_gives_from_volumes_what_it_gave_from_rows(store: Store) -> None:
    conn, engine = store
    log = filled(store)
    before = all_read(store, log)
    assert before["differences"] == []
    assert seal(store, 0) == [True]
    assert all_read(store, log) == before
    assert seal(store, 1) == [True]
    assert all_read(store, log) == before
    assert volumes.count(conn, engine, log.id) == 2
    rows = engine.execute(conn, 'SELECT "index" FROM entry ORDER BY "index"').fetchall()
    assert [index for (index,) in rows] == [ERASED, 9, *range(2 * TILE, COUNT)]
    facts = engine.execute(conn, "SELECT count(*) FROM part WHERE retention = 'facts' AND \"index\" < 512").fetchone()
    assert facts == (0,)


def test_the_log_goes_on_over_volumes(store: Store) -> None:
    filled(store)
    seal(store, 0, 1)
    log = append(store, *(leaf(number) for number in range(COUNT, 4 * TILE))).log
    assert list(retrace(*store, log, lambda count: None)) == []
    assert seal(store, 2, 3) == [True, True]
    assert list(retrace(*store, log, lambda count: None)) == []


def test_what_is_sealed_is_not_asked_for_again(store: Store) -> None:
    log = filled(store)
    assert volumes.unsealed(*store, log.id, 9) == [0, 1]
    assert volumes.unsealed(*store, log.id, 1) == [0]
    seal(store, 0)
    assert volumes.unsealed(*store, log.id, 9) == [1]


@pytest.mark.parametrize(
    "kept",
    ["1 = 1", 'e."index" = 300', 'e."index" = 9', f'e."index" = {ERASED}'],
    ids=["all", "row", "key-set", "said"],
)
def test_a_leaf_goes_only_where_a_volume_has_it_and_no_index_names_it(store: Store, kept: str) -> None:
    conn, _ = store
    filled(store)
    seal(store, 0)
    with pytest.raises(GUARDED, match="append-only"):
        conn.execute(f"DELETE FROM entry AS e WHERE {kept}")


@pytest.mark.parametrize("which", ["retention = 'text'", "\"index\" >= 256 AND retention = 'facts'", "1 = 1"])
def test_a_part_goes_only_where_a_volume_or_an_erasure_says_so(store: Store, which: str) -> None:
    conn, _ = store
    filled(store)
    seal(store, 0)
    with pytest.raises(GUARDED, match="append-only"):
        conn.execute(f"DELETE FROM part WHERE {which}")


@pytest.mark.parametrize("deed", ["UPDATE volume SET number = number", "DELETE FROM volume"])
def test_a_volume_is_never_changed_or_deleted(store: Store, deed: str) -> None:
    filled(store)
    seal(store, 0)
    with pytest.raises(GUARDED, match="append-only"):
        store[0].execute(deed)


@pytest.mark.parametrize(
    ("number", "root"), [(0, bytes(32)), (2, None), (1, None)], ids=["root", "no tile", "other tile"]
)
def test_no_volume_stands_without_its_tile(store: Store, number: int, root: bytes | None) -> None:
    conn, engine = store
    log = filled(store)
    if root is None:
        (root,) = engine.execute(conn, "SELECT root FROM tile WHERE level = 0 AND number = 0").fetchone()
    with pytest.raises(GUARDED, match="no tile has this root"):
        engine.execute(
            conn,
            "INSERT INTO volume (log_id, number, root, packed) VALUES (?, ?, ?, ?)",
            (log.id, number, bytes(root), b""),
        )


def test_a_text_in_a_sealed_tile_is_erased_as_before_and_no_copy_is_left(store: Store) -> None:
    conn, engine = store
    log = filled(store)
    seal(store, 0)
    (packed,) = engine.execute(conn, "SELECT packed FROM volume").fetchone()
    assert b"dry field" not in zlib.decompress(bytes(packed))
    assert record.read_part(conn, engine, log, 2, 1) == parts(2)[1]
    assert erasures.named(conn, engine, log.id) == 1
    with engine.transaction(conn):
        erasures.delete_named(conn, engine, log.id)
    assert record.read_part(conn, engine, log, 2, 1) is None
    assert record.read_part(conn, engine, log, 2, 0) == parts(2)[0]


def test_a_tile_whose_facts_have_not_arrived_waits_for_them(store: Store) -> None:
    conn, engine = store
    theirs = record.read(conn, engine, THEIRS)
    leaves = [leaf(number, log=THEIRS, parts=parts(number)) for number in range(TILE)]
    late = HeldPart(100, 0, parts(100)[0])
    held = [HeldPart(index, n, part) for index in range(TILE) for n, part in enumerate(parts(index))]
    with engine.transaction(conn):
        log = record.extend(conn, engine, theirs, leaves, AT, ())
        record.hold_parts(conn, engine, log, [each for each in held if each != late], AT)
        assert volumes.seal(conn, engine, log.id, 0) is False
    assert volumes.count(conn, engine, log.id) == 0
    with engine.transaction(conn):
        record.hold_parts(conn, engine, log, [late], AT)
        assert volumes.seal(conn, engine, log.id, 0) is True
    assert record.read_parts(conn, engine, log, 0, TILE) == held


def test_a_tile_that_holds_more_than_a_reader_should_unpack_stays_rows(store: Store) -> None:
    conn, engine = store
    large = [Part("facts", b"%032d" % number, b"%070000d" % number) for number in range(TILE)]  # 17 MiB
    append(
        store,
        *(leaf(number, parts=(part,)) for number, part in enumerate(large)),
        parts=tuple((part,) for part in large),
    )
    append(store, *(leaf(number) for number in range(TILE, 2 * TILE)))
    assert seal(store, 0, 1) == [False, True]
    log = record.read(conn, engine, ORIGIN)
    assert volumes.unsealed(conn, engine, log.id, 2) == [0]
    assert [each.part for each in record.read_parts(conn, engine, log, 0, TILE)] == large


def test_no_more_than_so_many_bytes_are_kept_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []

    def unpack(packed: bytes) -> Volume | None:
        asked.append(packed)
        return Volume([packed * 1000], [], [], b"") if packed != b"x" else None

    monkeypatch.setattr(volumes, "unpack", unpack)
    kept = volumes.Unpacked(2 * 1001)
    for packed in (b"a", b"b", b"a", b"c", b"a", b"b", b"x", b"x"):  # b goes for c, and c for b
        found = kept.of(packed)
        assert (found is None) if packed == b"x" else (found is not None and found.leaves == [packed * 1000])
    assert asked == [b"a", b"b", b"c", b"b", b"x", b"x"]
    assert kept.of(b"d" * 9) is not None  # larger than all that is kept
    assert kept.of(b"a") is not None
    assert asked[-2:] == [b"d" * 9, b"a"]


def altered(table: str, change: str) -> Callable[[Store], None]:
    def damage(store: Store) -> None:
        conn, engine = store
        on = f" ON {table}" if engine.name == "postgresql" else ""
        conn.execute(f"DROP TRIGGER {table}_update_refused{on}")
        conn.execute(f'UPDATE {table} SET {change} WHERE "index" = 100')

    return damage


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (altered("entry", "leaf = hash"), "fsck.other-tile"),
        (altered("part", "body = salt"), "part.other-body"),
    ],
    ids=["leaf", "facts"],
)
def test_what_its_tile_does_not_confirm_is_not_sealed(store: Store, damage: Callable[[Store], None], code: str) -> None:
    conn, engine = store
    log = filled(store)
    damage(store)
    with pytest.raises(Refusal) as refused:
        seal(store, 0)
    assert refused.value.code == code
    assert volumes.count(conn, engine, log.id) == 0
    assert len(record.read_entries(conn, engine, log, 0, COUNT)) == COUNT


def test_nothing_goes_when_the_transaction_fails(store: Store) -> None:
    conn, engine = store
    log = filled(store)
    before = all_read(store, log)
    with pytest.raises(RuntimeError), engine.transaction(conn):  # noqa: PT012  # the second undoes the first
        volumes.seal(conn, engine, log.id, 0)
        raise RuntimeError
    assert volumes.count(conn, engine, log.id) == 0
    assert all_read(store, log) == before


@given(st.binary(max_size=200) | st.binary(max_size=200).map(zlib.compress))
def test_bytes_that_are_no_volume_are_none(packed: bytes) -> None:
    assert volumes.unpack(packed) is None


@pytest.mark.parametrize(
    "wrong",
    [
        Volume([b""] * 255, [], [], b""),
        Volume([b""] * 256, [256], [b""], bytes(32)),
        Volume([b""] * 256, [1], [], bytes(32)),
        Volume([b""] * 256, [1], [b""], bytes(31)),
    ],
    ids=["leaves", "place", "bodies", "salts"],
)
def test_a_volume_that_does_not_fit_itself_is_none(wrong: Volume) -> None:
    assert volumes.unpack(volumes.pack(wrong)) is None


def test_a_volume_comes_back_whole_or_not_at_all() -> None:
    volume = Volume([b"leaf"] * 256, [1], [b"{}"], bytes(32))
    packed = volumes.pack(volume)
    assert volumes.unpack(packed) == volume
    assert volumes.unpack(packed[:-1]) is None
