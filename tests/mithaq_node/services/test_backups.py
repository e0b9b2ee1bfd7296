"""A backup holds every row of one moment, is checked by restoring it, and refused when not ours or not whole."""

import io
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mithaq.errors import Refusal
from mithaq_node.services import backups, drafting, feeds, filing, releasing
from mithaq_node.settings.node import Node
from mithaq_node.store import dump, rederive
from mithaq_node.store import engine as engines
from mithaq_node.store import log as record
from mithaq_node.store.engine import Connection, Engine
from mithaq_node.store.models import Officer
from tests.mithaq_node import meadow

NOW = meadow.NOW


@pytest.fixture
def busy(node: Node, officers: dict[str, Officer]) -> Node:
    """A node with drafts, notices, parts and an officer who has left."""
    for number in range(3):
        draft = drafting.save_draft(officer=officers["duty"], kind="incident.initial", content=meadow.INCIDENT, now=NOW)
        if number:
            filing.file(draft_id=draft.id, officer=officers["duty"], secret=meadow.SECRET, now=NOW)
        if number == 2:
            releasing.release(draft_id=draft.id, officer=officers["releasing"], secret=meadow.SECRET, now=NOW)
    feeds.publish(kind="flow.count", content=meadow.FLOW, now=NOW)
    Officer.objects.filter(name="auditor desk").update(is_active=False)
    return node


@pytest.fixture
def other(engine: str, tmp_path: Path, request: Any, django_db_blocker: Any) -> Iterator[Node]:
    """An empty database of the same engine, with its tables."""
    if engine == "sqlite":
        empty = meadow.settings_of(tmp_path / "empty", "ML")
        empty.folder.mkdir()
        with django_db_blocker.unblock():
            meadow.migrate(empty)
        yield empty
        return
    server = request.getfixturevalue("postgresql_server")
    with django_db_blocker.unblock():
        name = server.create(meadow.template(server))
    yield meadow.settings_of(tmp_path / "empty", "ML", server.url(name))
    server.drop(name)


def rows(node: Node) -> dict[str, bytes]:
    engine = engines.of(node.engine)
    found = {}
    with closing(engines.open(node.database, node.sqlite)) as conn, dump.snapshot(conn, engine):
        for table in dump.tables():
            out = io.BytesIO()
            dump.write(conn, engine, table, out)
            found[table.name] = out.getvalue()
    return found


def restore(file: Path, target: Node) -> tuple[record.Log, ...]:
    engine = engines.of(target.engine)
    with closing(engines.open(target.database, target.sqlite)) as conn:
        return backups.load(file=file, conn=conn, engine=engine)


def test_every_row_comes_back_as_it_was_and_our_own_log_is_unsure(busy: Node, other: Node, tmp_path: Path) -> None:
    before = rows(busy)
    assert all(before[name] for name in ("log", "entry", "part", "store_draft", "store_draftpart", "store_officer"))
    file = tmp_path / "backup"
    manifest = backups.write(node=busy, out=file, now=NOW)
    restored = restore(file, other)
    assert {log.origin: log.size for log in restored} == {kept.log: kept.size for kept in manifest.logs}
    after = rows(other)
    assert b"fence.restored" in after.pop("log")
    assert b"fence.restored" not in before.pop("log")
    assert after == before


class Taking:
    """A connection that takes rows and gives the same, and remembers how many at once."""

    def __init__(self) -> None:
        self.taken: list[int] = []
        self.itersize = 0

    def cursor(self, name: str = "") -> "Taking":
        return self

    def __enter__(self) -> "Taking":
        return self

    def __exit__(self, *_: object) -> None:
        self.taken.append(self.itersize)

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def execute(self, sql: Any, parameters: Any = ()) -> None: ...

    def executemany(self, statement: str, rows: list[Any]) -> None:
        self.taken.append(len(rows))

    def close(self) -> None: ...


def test_rows_are_held_in_memory_by_their_weight() -> None:
    tables = {table.name: table for table in dump.tables()}
    volume, entry = tables["volume"], tables["entry"]
    for table, weight, count, taken in ((volume, 1 << 20, 20, [8, 8, 4]), (entry, 10, 2_500, [1_000, 1_000, 500])):
        row = msgspec.msgpack.encode([bytes(weight), *[0] * (len(table.columns) - 1)])
        conn = Taking()
        assert dump.load(conn, engines.SQLITE, table, io.BytesIO((len(row).to_bytes(4, "big") + row) * count)) == count
        assert conn.taken == taken
    conn = Taking()
    for table in (volume, entry):
        dump.write(conn, engines.POSTGRESQL, table, io.BytesIO())
    assert conn.taken == [8, 1_000]


def test_a_check_finds_volumes_by_an_index(busy: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plans: list[str] = []
    sound = rederive.require_sound

    def require_sound(conn: Connection, engine: Engine) -> tuple[record.Log, ...]:
        query = "EXPLAIN QUERY PLAN SELECT packed FROM volume WHERE log_id = 1 AND number >= 3 AND number < 4"
        plans.extend(row[3] for row in conn.execute(query).fetchall())
        return sound(conn, engine)

    monkeypatch.setattr(rederive, "require_sound", require_sound)
    backups.write(node=busy, out=tmp_path / "backup", now=NOW)
    assert len(plans) == 1
    assert plans[0].startswith("SEARCH volume USING INDEX")


def test_a_restored_database_goes_on_numbering_its_rows(busy: Node, other: Node, tmp_path: Path) -> None:
    backups.write(node=busy, out=tmp_path / "backup", now=NOW)
    restore(tmp_path / "backup", other)
    engine = engines.of(other.engine)
    with closing(engines.open(other.database, other.sqlite)) as conn, engine.transaction(conn):
        made = record.create(conn, engine, "another.example/x/all/1", own=False)
        assert made.id > record.read(conn, engine, meadow.sealed().law.origin("ML")).id


def test_a_backup_of_one_database_is_taken_by_the_other(busy: Node, tmp_path: Path, django_db_blocker: Any) -> None:
    backups.write(node=busy, out=tmp_path / "backup", now=NOW)
    target = meadow.settings_of(tmp_path / "lite", "ML")
    target.folder.mkdir()
    meadow.migrate(target)
    restore(tmp_path / "backup", target)
    before, after = rows(busy), rows(target)
    assert {name: after[name] for name in after if name != "log"} == {n: before[n] for n in before if n != "log"}


def test_a_backup_holds_neither_keys_nor_fence(busy: Node, tmp_path: Path) -> None:
    backups.write(node=busy, out=tmp_path / "backup", now=NOW)
    with zipfile.ZipFile(tmp_path / "backup") as archive:
        names = archive.namelist()
        everything = b"".join(archive.read(name) for name in names)
    assert not [name for name in names if "keys" in name or "fence" in name or name.endswith(".seed")]
    for seed in busy.keys.glob("*.seed"):
        assert seed.read_bytes().strip() not in everything


def test_it_refuses_a_store_whose_leaves_do_not_give_its_tree(busy: Node, tmp_path: Path) -> None:
    with closing(engines.open(busy.database, busy.sqlite)) as conn:
        if busy.engine == "sqlite":
            conn.execute("DROP TRIGGER part_update_refused")
        else:
            conn.execute("ALTER TABLE part DISABLE TRIGGER USER")
        engine = engines.of(busy.engine)
        engine.execute(conn, "UPDATE part SET salt = ?", (bytes(32),))
    with pytest.raises(Refusal, match=r"part\.|backup\.not-sound"):
        backups.write(node=busy, out=tmp_path / "backup", now=NOW)
    assert list(tmp_path.glob("backup*")) == []


def test_it_refuses_to_write_over_a_file_and_to_restore_over_rows(busy: Node, tmp_path: Path) -> None:
    backups.write(node=busy, out=tmp_path / "backup", now=NOW)
    with pytest.raises(Refusal, match=r"backup\.exists"):
        backups.write(node=busy, out=tmp_path / "backup", now=NOW)
    with pytest.raises(Refusal, match=r"backup\.database-not-empty"):
        restore(tmp_path / "backup", busy)


def test_it_refuses_another_partys_backup_and_another_instruments(busy: Node, tmp_path: Path) -> None:
    manifest = backups.write(node=busy, out=tmp_path / "backup", now=NOW)
    river = meadow.settings_of(tmp_path / "RL", "RL")
    meadow.found(river)
    with pytest.raises(Refusal, match=r"backup\.other-party"):
        backups.require_same_node(node=river, manifest=manifest)
    later = meadow.settings_of(tmp_path / "later", "ML", fence="../fence-later")
    meadow.found(later, meadow.sealed(until="2040-01-01"))
    with pytest.raises(Refusal, match=r"backup\.other-instrument"):
        backups.require_same_node(node=later, manifest=manifest)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Path:
    """A backup of a node without a log."""
    folder = tmp_path_factory.mktemp("small")
    node = meadow.settings_of(folder / "ML", "ML")
    with django_db_blocker.unblock():
        meadow.found(node)
        meadow.migrate(node)
    backups.write(node=node, out=folder / "backup", now=NOW)
    return folder / "backup"


def test_a_changed_byte_anywhere_is_noticed(small: Path, tmp_path: Path) -> None:
    whole = small.read_bytes()
    unnoticed, codes = [], set()
    for place in range(0, len(whole), max(1, len(whole) // 50)):
        changed = tmp_path / "changed"
        changed.write_bytes(whole[:place] + bytes([whole[place] ^ 0x40]) + whole[place + 1 :])
        try:
            backups.check(file=changed)
            unnoticed.append(place)
        except Refusal as refusal:
            codes.add(refusal.code)
    assert codes <= {"backup.damaged", "backup.unknown-version"}
    assert _manifests(small, tmp_path, unnoticed) == 0


def test_a_changed_byte_in_the_table_of_contents_is_a_refusal_or_nothing(small: Path, tmp_path: Path) -> None:
    """Its offsets may then point anywhere, before the file too."""
    whole, changed = small.read_bytes(), tmp_path / "changed"
    for place in range(whole.rindex(b"PK\x05\x06") - 200, len(whole)):
        for bit in (0x01, 0x40, 0x80):
            changed.write_bytes(whole[:place] + bytes([whole[place] ^ bit]) + whole[place + 1 :])
            with suppress(Refusal):
                backups.read(changed)


def _manifests(small: Path, folder: Path, unnoticed: list[int]) -> int:
    """How many of the changes that went unnoticed changed what would be restored: dates and flags of zip do not."""
    whole, said = small.read_bytes(), backups.read(small)
    different = 0
    for place in unnoticed:
        changed = folder / "again"
        changed.write_bytes(whole[:place] + bytes([whole[place] ^ 0x40]) + whole[place + 1 :])
        different += backups.read(changed) != said
    return different


@pytest.mark.parametrize("cut", [0, 10, 1000, -30])
def test_a_truncated_file_is_refused(small: Path, tmp_path: Path, cut: int) -> None:
    (tmp_path / "cut").write_bytes(small.read_bytes()[:cut])
    with pytest.raises(Refusal, match=r"backup\.damaged"):
        backups.check(file=tmp_path / "cut")


def test_it_refuses_a_form_it_does_not_know_and_members_it_did_not_name(small: Path, tmp_path: Path) -> None:
    for name, change in (("newer", (b"mithaq/backup/1", b"mithaq/backup/9")), ("more", (b"", b""))):
        with zipfile.ZipFile(small) as source, zipfile.ZipFile(tmp_path / name, "w") as target:
            for member in source.namelist():
                content = source.read(member)
                target.writestr(member, content.replace(*change) if member == backups.MANIFEST else content)
            if name == "more":
                target.writestr("folder/../../elsewhere", b"")
    with pytest.raises(Refusal, match=r"backup\.unknown-version"):
        backups.read(tmp_path / "newer")
    with pytest.raises(Refusal, match=r"backup\.damaged"):
        backups.check(file=tmp_path / "more")


def test_a_folder_is_laid_out_only_beside_its_keys(small: Path, tmp_path: Path) -> None:
    folder = tmp_path / "anew"
    folder.mkdir()
    with pytest.raises(Refusal, match=r"backup\.no-keys"):
        backups.lay_out(file=small, folder=folder)
    shutil.copytree(small.parent / "ML" / "keys", folder / "keys")
    backups.lay_out(file=small, folder=folder)
    assert (folder / "node.toml").read_bytes() == (small.parent / "ML" / "node.toml").read_bytes()
    assert (folder / "instrument" / "law.json").exists()
    with pytest.raises(Refusal, match=r"node\.folder-not-empty"):
        backups.lay_out(file=small, folder=folder)
