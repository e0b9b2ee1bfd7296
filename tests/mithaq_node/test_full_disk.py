"""A disk with nothing left on it: every act is refused with its code, nothing is lost, and the same act succeeds later.

The databases really run out of room: a SQLite file that may not grow, a SQLite file on a full device, a PostgreSQL
database in a tablespace on a full device. So does the fence.
"""

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from django.db import connection
from django.db.migrations.exceptions import MigrationSchemaMissing
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from mithaq.errors import Refusal
from mithaq.exchange.answer import Answer
from mithaq.record.checkpoint import Checkpoint
from mithaq_node.services import drafting, filing, releasing, sequencing, storage
from mithaq_node.store import failures
from mithaq_node.store import log as record
from mithaq_node.store.fence import Fence
from mithaq_node.store.models import Draft, DraftPart, DraftState, Officer
from tests import postgresql
from tests.mithaq_node import meadow, room
from tests.mithaq_node import pair as pairs
from tests.mithaq_node.meadow import NOW, SECRET
from tests.mithaq_node.pair import Pair, notice
from tests.mithaq_node.peer.test_door import Visit
from tests.mithaq_node.room import Device, Pages, Room

SOURCES = Path(__file__).parents[2] / "src"
MANY = 20
"""More notices than find room between the rows of a database that may not grow."""

Told = TypeVar("Told")


class Emptied:
    """The device of a SQLite database whose write-ahead log is emptied first, so that every commit needs room."""

    def __init__(self, device: Device, conn: Any) -> None:
        self._device, self._conn = device, conn

    def fill(self) -> None:
        self._conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._device.fill()

    def make(self) -> None:
        self._device.make()


@pytest.fixture(scope="module")
def small_server(request: pytest.FixtureRequest) -> Iterator[tuple[postgresql.Server, Device]]:
    """A server with a tablespace `small`, and the device on which that stands."""
    server: postgresql.Server = request.getfixturevalue("postgresql_server")
    with tempfile.TemporaryDirectory(prefix="mithaq-room-", dir="/tmp") as folder:
        # The server's own user must reach it, which pytest's folder does not allow.
        Path(folder).chmod(0o755)
        with room.device(Path(folder) / "small", 48) as small:
            owner = server.socket.stat()
            os.chown(small.folder, owner.st_uid, owner.st_gid)
            server.run(f"CREATE TABLESPACE small LOCATION '{small.folder}'")
            try:
                yield server, small
            finally:
                server.run("DROP TABLESPACE small")


@contextmanager
def tablespace(request: pytest.FixtureRequest) -> Iterator[tuple[Device, str]]:
    """The small device, and the address of a migrated database on it."""
    server, small = request.getfixturevalue("small_server")
    name = server.create(meadow.template(server), "small")
    try:
        yield small, server.url(name)
    finally:
        server.drop(name)


def until_refused(act: Callable[[int], Told]) -> tuple[int, Told]:
    """The first of many acts that says something, and what it says."""
    for number in range(MANY):
        if told := act(number):
            return number, told
    raise AssertionError("the disk never was full")


# The desk


@pytest.fixture(params=["pages", "device", "tablespace"])
def disk(request: pytest.FixtureRequest, tmp_path: Path, django_db_blocker: Any) -> Iterator[Room]:
    """The disk under the Meadow's database, with Django standing on its node."""
    with django_db_blocker.unblock():
        if request.param == "pages":
            with standing(tmp_path):
                yield Pages(connection.connection)
        elif request.param == "device":
            with room.device(tmp_path / "small", 16) as small, standing(small.folder):
                yield Emptied(small, connection.connection)
        else:
            with tablespace(request) as (small, database), standing(tmp_path, database):
                yield small


@contextmanager
def standing(folder: Path, database: str = "sqlite") -> Iterator[None]:
    node = meadow.settings_of(folder / "ML", "ML", database)
    meadow.found(node)
    with meadow.standing_on(node):
        connection.ensure_connection()
        yield


@pytest.fixture
def officers(disk: Room) -> dict[str, Officer]:
    made = meadow.officers()
    meadow.enter("ML")
    return made


def drafted(officer: Officer) -> str:
    draft = drafting.save_draft(officer=officer, kind="incident.initial", content=meadow.INCIDENT, now=NOW)
    return str(draft.pk)


def size() -> int:
    conn, engine = sequencing.reader()
    return record.read(conn, engine, sequencing.own_origin()).size


def refused(act: Callable[[], object]) -> str:
    """The code of what `act` refuses; empty when it succeeds."""
    try:
        act()
    except Refusal as refusal:
        return refusal.code
    return ""


def test_filing_and_releasing_are_refused_and_succeed_once_there_is_room(
    disk: Room, officers: dict[str, Officer]
) -> None:
    duty, chief = officers["duty"], officers["releasing"]
    drafts = [drafted(duty) for _ in range(MANY)]

    def file(number: int) -> None:
        filing.file(draft_id=drafts[number], officer=duty, secret=SECRET, now=NOW)

    def release(number: int) -> str:
        return releasing.release(draft_id=drafts[number], officer=chief, secret=SECRET, now=NOW)

    disk.fill()
    filed, code = until_refused(lambda number: refused(lambda: file(number)))
    assert code == "node.disk-full"
    assert Draft.objects.get(pk=drafts[filed]).state == DraftState.BEGUN
    assert not DraftPart.objects.filter(draft_id=drafts[filed]).exists()
    disk.make()
    for number in range(filed, MANY):
        file(number)

    disk.fill()
    before = size()
    released, code = until_refused(lambda number: refused(lambda: release(number)))
    assert code == "node.disk-full"
    assert Draft.objects.get(pk=drafts[released]).state == DraftState.FILED
    assert size() == before + released
    disk.make()
    assert release(released).startswith(f"ML {before + released + 1}-")


def test_the_desk_shows_the_code_and_the_same_click_succeeds_later(disk: Room, officers: dict[str, Officer]) -> None:
    duty, chief = Client(raise_request_exception=False), Client(raise_request_exception=False)
    duty.force_login(officers["duty"])
    chief.force_login(officers["releasing"])
    drafts = [drafted(officers["duty"]) for _ in range(MANY)]

    def click(client: Client, place: str) -> Callable[[int], str]:
        def act(number: int) -> str:
            answer = client.post(f"/en/{place.format(drafts[number])}", {"password": SECRET})
            assert answer.status_code in (302, 422), answer.content
            return answer.content.decode()

        return act

    for client, place in ((duty, "filing/draft/{}/file/"), (chief, "release/{}/sign/")):
        disk.fill()
        last, page = until_refused(click(client, place))
        assert "node.disk-full" in page
        assert "The disk of this node is full" in page
        disk.make()
        for number in range(last, MANY):
            assert click(client, place)(number) == ""


def test_nobody_signs_in_to_a_full_disk_and_is_told_why(disk: Room, officers: dict[str, Officer]) -> None:
    def enter(number: int) -> str:
        client = Client(raise_request_exception=False)
        answer = client.post("/fa/signin/", {"name": officers["duty"].name, "password": SECRET})
        assert answer.status_code in (302, 403)
        return answer.content.decode()

    disk.fill()
    assert "node.disk-full" in until_refused(enter)[1]
    disk.make()
    assert enter(0) == ""


# The exchange


@pytest.fixture(params=["pages", "device", "tablespace"])
def far(request: pytest.FixtureRequest, tmp_path: Path, django_db_blocker: Any) -> Iterator[tuple[Pair, Room]]:
    """Two nodes, and the disk of RL's."""
    with django_db_blocker.unblock():
        if request.param == "device":
            with room.device(tmp_path / "RL", 16) as small, paired(tmp_path) as pair:
                yield pair, Emptied(small, pair.rl.conn)
        elif request.param == "pages":
            with paired(tmp_path) as pair:
                yield pair, Pages(pair.rl.conn)
        else:
            with tablespace(request) as (small, database), paired(tmp_path, ("sqlite", database)) as pair:
                yield pair, small


@contextmanager
def paired(folder: Path, databases: tuple[str, str] = ("sqlite", "sqlite")) -> Iterator[Pair]:
    made = Pair(folder, databases)
    made.settle()
    try:
        yield made
    finally:
        made.close()


def test_a_receiver_without_room_acknowledges_nothing_and_takes_it_all_later(far: tuple[Pair, Room]) -> None:
    pair, disk = far
    ml, rl = pair.ml, pair.rl

    def send(number: int) -> str:
        pairs.release(ml, [notice(ml.seat, number)])
        return pair.send(ml).code

    disk.fill()
    _, code = until_refused(send)
    assert code == "node.disk-full"
    held = ml.own().size - 1
    assert pair.copy_of(ml).size == held
    assert pair.links["ML"].held == held
    assert max(record.cosigned_sizes(ml.conn, ml.engine, ml.own()).values()) == held
    assert rl.seat.fence.read(rl.seat.origin) == rl.own().head
    disk.make()
    pair.settle()
    assert pair.copy_of(ml).head == ml.own().head
    assert pair.copy_of(rl).head == rl.own().head
    assert max(record.cosigned_sizes(ml.conn, ml.engine, ml.own()).values()) == ml.own().size


def test_a_sender_without_room_for_the_receipt_asks_for_it_again(far: tuple[Pair, Room]) -> None:
    """RL sends, and ML has it; only the leaves that ML's answer brings find no room at RL."""
    pair, disk = far
    ml, rl = pair.ml, pair.rl
    sent = [rl.own().size]

    def send(number: int) -> str:
        pairs.release(ml, [notice(ml.seat, number)])
        sent.append(rl.own().size)
        return pair.send(rl).code

    disk.fill()
    _, code = until_refused(send)
    assert code == "node.disk-full"
    assert pair.copy_of(rl).size == rl.own().size == sent[-1]
    assert pair.copy_of(ml).size < ml.own().size
    disk.make()
    pair.settle()
    assert pair.copy_of(ml).head == ml.own().head
    assert pair.copy_of(rl).head == rl.own().head


def test_the_door_answers_a_delivery_for_which_there_is_no_room(far: tuple[Pair, Room]) -> None:
    pair, disk = far
    visit = Visit(pair)
    if isinstance(disk, Pages):  # a limit is its connection's own
        disk = Pages(visit.holdings.conn)

    def deliver(_: int) -> tuple[str, Answer] | None:
        status, said = visit.call(visit.environ(visit.delivery()))
        return None if said.ok else (status, said)

    disk.fill()
    _, told = until_refused(deliver)
    assert told is not None
    status, said = told
    assert (status, said.code, said.data) == ("200 OK", "node.disk-full", {})
    assert said.held == pair.copy_of(pair.ml).size == pair.ml.own().size - 1
    disk.make()
    status, said = visit.call(visit.environ(visit.delivery()))
    assert (status, said.code, said.held) == ("200 OK", "ok", pair.ml.own().size)
    visit.holdings.close()


# The fence


@pytest.mark.parametrize("party", ["ML", "RL"])
def test_where_the_fence_has_no_room_nothing_is_signed_and_what_is_stored_goes_on_later(
    tmp_path: Path, django_db_blocker: Any, party: str
) -> None:
    with (
        django_db_blocker.unblock(),
        room.device(tmp_path / f"fence-{party}", 1) as small,
        paired(tmp_path) as pair,
    ):
        ml, fenced = pair.ml, pair.ml if party == "ML" else pair.rl
        head, held = fenced.own().head, ml.own().size
        pairs.release(ml, [notice(ml.seat, 1)])
        small.fill()
        assert pair.send(ml).code == "fence.unwritable"
        assert fenced.seat.fence.read(fenced.seat.origin) == head
        assert max(record.cosigned_sizes(ml.conn, ml.engine, ml.own()).values()) == held
        small.make()
        pair.settle()
        assert pair.copy_of(ml).head == ml.own().head
        assert max(record.cosigned_sizes(ml.conn, ml.engine, ml.own()).values()) == ml.own().size


def test_a_fence_of_which_only_a_part_could_be_written_stays_where_it_was(tmp_path: Path) -> None:
    """A file that may not grow beyond 40 bytes takes the first 40 of a longer head and says nothing."""
    log, old = "na.example/example-2031/all/1", Checkpoint("na.example/example-2031/all/1", 4, bytes(32))
    Fence(tmp_path).begin(log)
    Fence(tmp_path).compare_and_swap(Fence(tmp_path).read(log), old)
    program = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from mithaq.errors import Refusal\n"
        "from mithaq.record.checkpoint import Checkpoint\n"
        "from mithaq_node.store.fence import Fence\n"
        "fence = Fence(Path(sys.argv[1]))\n"
        "old = fence.read(sys.argv[2])\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (40, 40))\n"
        "try:\n"
        "    fence.compare_and_swap(old, Checkpoint(sys.argv[2], 5, bytes(32)))\n"
        "except Refusal as refusal:\n"
        "    print(refusal.code)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path), log],
        env={**os.environ, "PYTHONPATH": str(SOURCES)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stdout.strip() == "fence.unwritable"
    assert Fence(tmp_path).read(log) == old
    Fence(tmp_path).compare_and_swap(old, Checkpoint(log, 5, bytes(32)))


def test_a_database_that_finds_no_room_to_be_opened_is_on_a_full_disk_too(tmp_path: Path) -> None:
    """The file through which the users of a database see each other is made anew where none is: that needs room."""
    with room.device(tmp_path / "small", 4) as small:
        with closing(sqlite3.connect(small.folder / "node.sqlite3")) as first:
            first.execute("PRAGMA journal_mode=WAL")
            first.execute("CREATE TABLE told (what TEXT)")
        small.fill()
        with closing(sqlite3.connect(small.folder / "node.sqlite3")) as later:
            with pytest.raises(sqlite3.OperationalError) as failed:
                later.execute("SELECT * FROM told")
            assert failures.refused(failed.value) == Refusal("node.disk-full")
            small.make()
            assert later.execute("SELECT * FROM told").fetchall() == []


def test_a_new_database_that_finds_no_room_for_its_first_table_is_on_a_full_disk_too(
    tmp_path: Path, django_db_blocker: Any
) -> None:
    """Django tells of its first table in words of its own, without the driver's error as its cause."""
    with django_db_blocker.unblock(), standing(tmp_path):
        connection.connection.execute("DROP TABLE django_migrations")
        Pages(connection.connection).fill()
        with pytest.raises(MigrationSchemaMissing) as failed:
            MigrationRecorder(connection).ensure_schema()
    assert storage.is_of_the_database(failed.value)
    assert storage.refused(failed.value) == Refusal("node.disk-full")
