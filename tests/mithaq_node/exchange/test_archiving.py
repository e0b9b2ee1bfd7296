"""Old entries of two nodes in volumes, on both engines: delivery, proofs, export, state, erasing, backup and fsck."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from mithaq.moments import DAY, Moment
from mithaq.notices import numbers
from mithaq_files import export
from mithaq_node import queries
from mithaq_node.queries import entries, ledgers, rolls
from mithaq_node.services import archiving, backups, erasing, fsck, outward
from mithaq_node.services.holdings import Holdings
from mithaq_node.store import engine as engines
from mithaq_node.store import log as record
from mithaq_node.store import rederive, retracing, volumes
from tests.mithaq_node import meadow
from tests.mithaq_node.conftest import Standing
from tests.mithaq_node.pair import NOW, Pair, feed, notice, release
from tests.mithaq_node.room import Pages
from tests.mithaq_node.services.test_outward import files

TOLD = meadow.INCIDENT | {"account": {"lang": "en", "text": "a dry field, an example"}}
MANY = 600
"""More leaves than two tiles hold."""
OVER = Moment(NOW.seconds + 400 * DAY)


@pytest.fixture
def told(pair: Pair) -> Pair:
    """Two nodes of which one has told the other more than two tiles, texts among them."""
    release(pair.ml, [notice(pair.ml.seat, n, content=TOLD) for n in range(20)])
    release(pair.ml, [feed(pair.ml.seat, n) for n in range(20, MANY)])
    release(pair.rl, [notice(pair.rl.seat, n, content=TOLD) for n in range(3)])
    return pair


def archive(holdings: Holdings, keep: int = 0) -> dict[str, int]:
    return dict(archiving.archive(holdings.conn, holdings.engine, keep=keep, rest=lambda took: None))


def check(holdings: Holdings) -> fsck.Report:
    return fsck.check(holdings.conn, holdings.engine, holdings.seat.law, holdings.seat.fence, state=True)


def shown(standing: Standing, holdings: Holdings, out: Path) -> dict[str, Any]:
    """What the desk and an export show of the record."""
    with standing(holdings):
        export.write(out, meadow.sealed().files(), outward.sources(), demo=False)
        law = holdings.seat.law
        logs = rolls.logs(law)
        return {
            "export": files(out),
            "digest": ledgers.Roll(law, queries.versions()).book().digest(),
            "leaves": {log.origin: list(rolls.leaves(log, 0, log.size)) for log in logs},
            "facts": {log.origin: rolls.facts(log, range(log.size)) for log in logs},
            "few": {log.origin: rolls.facts(log, range(0, log.size, 7)) for log in logs},
            "parts": [rolls.parts(log, 4) for log in logs],
            "page": entries.page("ML-all-1", 300),
            "proof": outward.proof(number=numbers.spoken("ML", 8)),
        }


def test_nobody_sees_a_difference(told: Pair, standing: Standing, tmp_path: Path) -> None:
    told.settle()
    for holdings in (told.ml, told.rl):
        before = shown(standing, holdings, tmp_path / f"{holdings.seat.party} before")
        made = archive(holdings)
        assert made == {told.ml.seat.origin: 2, told.rl.seat.origin: 0}
        assert archive(holdings) == dict.fromkeys(made, 0)
        assert shown(standing, holdings, tmp_path / f"{holdings.seat.party} after") == before
        assert check(holdings).stages[-1].counted > MANY
        assert check(holdings).sound
    release(told.ml, [feed(told.ml.seat, MANY)])
    told.settle()
    assert check(told.rl).sound


def test_a_counterpart_catches_up_from_volumes(told: Pair) -> None:
    archive(told.ml)
    volumes.compact(told.ml.conn, told.ml.engine)
    told.settle()
    assert not told.behind()
    assert check(told.rl).sound


def test_the_newest_stay_rows(told: Pair) -> None:
    assert archive(told.ml, keep=archiving.KEPT)[told.ml.seat.origin] == 0
    assert archive(told.ml, keep=200)[told.ml.seat.origin] == 1


def test_what_is_at_the_end_of_its_term_goes_out_of_a_sealed_log(told: Pair, standing: Standing) -> None:
    told.settle()
    archive(told.ml)
    told.now = OVER
    with standing(told.ml):
        assert erasing.erase(now=OVER)
    conn, engine = told.ml.conn, told.ml.engine
    for log in record.logs(conn, engine):
        held = record.read_parts(conn, engine, log, 0, log.size)
        assert {each.part.retention for each in held} == {"facts"}
    told.settle()
    assert check(told.ml).sound


def test_a_backup_of_a_sealed_record_is_checked_and_taken_by_either_database(
    told: Pair, tmp_path: Path, django_db_blocker: Any
) -> None:
    told.settle()
    archive(told.ml)
    with django_db_blocker.unblock():
        backups.write(node=told.nodes[0], out=tmp_path / "backup", now=NOW)
        target = meadow.settings_of(tmp_path / "lite", "ML")
        target.folder.mkdir()
        meadow.migrate(target)
    engine = engines.of("sqlite", told.ml.engine.vault)
    with closing(engines.open("sqlite", target.sqlite)) as conn:
        backups.load(file=tmp_path / "backup", conn=conn, engine=engine)
        own = record.read(conn, engine, told.ml.seat.origin)
        assert volumes.count(conn, engine, own.id) == 2
        assert rederive.require_sound(conn, engine)


def test_a_volume_that_was_damaged_is_named(told: Pair) -> None:
    archive(told.ml)
    conn, engine = told.ml.conn, told.ml.engine
    conn.execute("DROP TRIGGER volume_update_refused" + (" ON volume" if engine.name == "postgresql" else ""))
    engine.execute(conn, "UPDATE volume SET packed = ? WHERE number = 1", (b"x",))
    report = check(told.ml)
    first = report.first
    assert first is not None
    assert (first.log, first.entry, first.refusal.code) == (told.ml.seat.origin, 256, "volume.damaged")
    assert first.refusal.data["number"] == 1
    assert [stage.remarks for stage in report.stages[1:]] == [["not looked at: a volume cannot be read"]] * 6


@pytest.mark.parametrize(
    ("event", "wrong"),
    [
        ("delete", 'DELETE FROM entry WHERE "index" = 5 AND log_id = ?'),
        ("update", 'UPDATE entry SET hash = leaf WHERE "index" < 200 AND log_id = ?'),
    ],
    ids=["behind a missing entry", "behind more than are told"],
)
def test_a_damaged_volume_behind_other_damage_is_named_by_the_stages_that_meet_it(
    told: Pair, monkeypatch: pytest.MonkeyPatch, event: str, wrong: str
) -> None:
    monkeypatch.setattr(retracing, "PAGE", volumes.TILE)
    conn, engine, own = told.ml.conn, told.ml.engine, told.ml.own().id
    with engine.transaction(conn):
        assert volumes.seal(conn, engine, own, 1)
    for table, each in (("volume", "update"), ("entry", event)):
        conn.execute(f"DROP TRIGGER {table}_{each}_refused" + (f" ON {table}" if engine.name == "postgresql" else ""))
    engine.execute(conn, "UPDATE volume SET packed = ? WHERE number = 1", (b"x",))
    engine.execute(conn, wrong, (own,))
    trees, leaves, *rest = check(told.ml).stages
    assert all(each.refusal.code != "volume.damaged" for each in trees.differences)
    met = leaves.differences[-1]
    assert (met.log, met.entry, met.refusal.code) == (told.ml.seat.origin, 256, "volume.damaged")
    assert leaves.remarks == ["not looked at further: a volume cannot be read"]
    assert [stage.name for stage in rest] == ["signatures", "heads", "receipts", "fences", "state"]


def test_a_row_beside_a_volume_that_says_something_else_is_named(told: Pair) -> None:
    archive(told.ml)
    conn, engine = told.ml.conn, told.ml.engine
    conn.execute("DROP TRIGGER entry_update_refused" + (" ON entry" if engine.name == "postgresql" else ""))
    engine.execute(conn, 'UPDATE entry SET leaf = hash WHERE "index" = 0 AND log_id = ?', (told.ml.own().id,))
    first = check(told.ml).first
    assert first is not None
    assert (first.entry, first.refusal.code) == (0, "fsck.other-leaf")


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_disk_without_room_leaves_every_row(told: Pair, tmp_path: Path) -> None:
    pages = Pages(told.ml.conn)
    pages.fill()
    with pytest.raises(sqlite3.OperationalError, match="full"):
        archive(told.ml)
    pages.make()
    assert check(told.ml).sound
    assert archive(told.ml)[told.ml.seat.origin] == 2
    assert check(told.ml).sound


_SEAL = """
import sys
from mithaq_node.services import archiving
from mithaq_node.store import engine
conn, spoken = engine.open(sys.argv[1], sys.argv[2]), engine.of(sys.argv[3])
print("sealing", flush=True)
archiving.archive(conn, spoken, keep=0, rest=lambda took: None)
"""


def test_a_process_that_is_killed_while_it_seals_loses_nothing(told: Pair) -> None:
    release(told.ml, [feed(told.ml.seat, n) for n in range(MANY, 12_000)])
    seat, seen = told.ml.seat, set()
    before = record.read_entries(told.ml.conn, told.ml.engine, told.ml.own(), 0, 12_000)
    for wait in (0.02, 0.05, 0.1):
        arguments = (seat.database, str(seat.folder / "node.sqlite3"), told.ml.engine.name)
        sealing = subprocess.Popen([sys.executable, "-c", _SEAL, *arguments], stdout=subprocess.PIPE)
        assert sealing.stdout is not None
        sealing.stdout.readline()
        time.sleep(wait)
        with suppress(ProcessLookupError):
            os.kill(sealing.pid, signal.SIGKILL)
        sealing.communicate()
        seen.add(volumes.count(told.ml.conn, told.ml.engine, told.ml.own().id))
        assert record.read_entries(told.ml.conn, told.ml.engine, told.ml.own(), 0, 12_000) == before
    archive(told.ml)
    assert min(seen) < volumes.count(told.ml.conn, told.ml.engine, told.ml.own().id) == 46
    assert check(told.ml).sound


def test_a_release_gets_in_between_any_two_transactions(told: Pair) -> None:
    release(told.ml, [feed(told.ml.seat, n) for n in range(MANY, 2_600)])
    rests, before = list[float](), told.ml.own().size
    with closing(Holdings(told.ml.seat)) as other:
        other.conn.execute("PRAGMA busy_timeout=0" if other.engine.name == "sqlite" else "SET lock_timeout = 50")

        def others_turn(took: float) -> None:
            rests.append(took)
            release(other, [feed(told.ml.seat, 3_000 + len(rests))])

        archiving.archive(told.ml.conn, told.ml.engine, keep=0, rest=others_turn)
    assert len(rests) == 3
    assert told.ml.own().size == before + 3
    assert check(told.ml).sound


def test_others_have_the_database_as_long_as_it_had_it_and_no_less_than_they_need_to_look_again() -> None:
    assert [archiving.pause(took) for took in (0.0, 0.02, 0.4)] == [0.15, 0.15, 0.4]


def test_two_that_seal_at_once_do_not_get_into_each_others_way(told: Pair) -> None:
    other = Holdings(told.ml.seat)
    with closing(other):
        numbers_left = volumes.unsealed(told.ml.conn, told.ml.engine, told.ml.own().id, 9)
        assert len(numbers_left) == 2
        with told.ml.engine.transaction(told.ml.conn):
            record.lock(told.ml.conn, told.ml.engine, told.ml.seat.origin)
            other.conn.execute("PRAGMA busy_timeout=50" if other.engine.name == "sqlite" else "SET lock_timeout = 50")
            with pytest.raises((sqlite3.OperationalError, psycopg.errors.LockNotAvailable)):
                archive(other)
            volumes.seal(told.ml.conn, told.ml.engine, told.ml.own().id, 0)
        assert archive(other)[told.ml.seat.origin] == 1
    assert check(told.ml).sound
