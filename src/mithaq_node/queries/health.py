"""Whether this node can serve, and what its operator watches: sizes, ages and room, and nothing of what was filed."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from mithaq import moments
from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq_node.keystore import custody
from mithaq_node.queries import instrument, links, rolls
from mithaq_node.queries.links import LinkState
from mithaq_node.store.models import LogRow

LONGEST_WAIT = 5.0
"""Seconds after which a commit that waits for a standby is a fault."""

LEAST_FREE = 2**30
"""Bytes under which a disk is about to be full."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What monitoring reads of a node at one moment."""

    version: str
    party: str
    instrument: str
    engine: str
    logs: Mapping[str, int]
    """Origin to the number of leaves that this node holds of it."""
    links: tuple[LinkState, ...]
    database: int
    """Bytes of the database."""
    waiting: float | None
    """Seconds that the longest commit of ours has waited for a standby of PostgreSQL; None with SQLite."""


def readiness() -> dict[str, bool]:
    """Each thing that a page needs, and whether it is there: `database`, `schema`, `instrument`, `keys`, and with
    PostgreSQL `standby`: false while commits wait for one that does not answer."""
    checks: dict[str, Callable[[], bool]] = {
        "database": _database_answers,
        "schema": _schema_is_ours,
        "instrument": _instrument_is_served,
        "keys": _keys_are_private,
    }
    if settings.NODE.engine == "postgresql":
        checks["standby"] = _standby_answers
    return {name: _holds(check) for name, check in checks.items()}


def measures(now: str) -> Measures:
    """The node's measures as of `now`; raises `Refusal` where its instrument is missing."""
    node, law = settings.NODE, instrument.law()
    return Measures(
        version=version("mithaq"),
        party=node.party,
        instrument=law.id,
        engine=node.engine,
        logs={log.origin: log.size for log in rolls.logs(law)},
        links=links.links(now),
        database=_bytes_of_database(),
        waiting=_waiting() if node.engine == "postgresql" else None,
    )


def free() -> dict[str, int]:
    """`data`, `fence` and `body_keys` to the bytes that are free where they lie; a fence in a database has none."""
    return {name: shutil.disk_usage(place).free for name, place in _places().items()}


def short() -> dict[str, int]:
    """Those of `free` that are about to be full: under `LEAST_FREE`, or a twentieth of a disk where that is less."""
    disks = {name: shutil.disk_usage(place) for name, place in _places().items()}
    return {name: disk.free for name, disk in disks.items() if disk.free < min(LEAST_FREE, disk.total // 20)}


def _places() -> dict[str, Path]:
    node = settings.NODE
    places = {"data": node.folder, "body_keys": node.body_keys, "fence": node.fence}
    return {name: place for name, place in places.items() if isinstance(place, Path) and place.is_dir()}


def last_backup() -> Moment | None:
    """When the last backup of this folder was taken; None before the first."""
    try:
        return moments.parse(settings.NODE.backed_up.read_text("ascii").strip())
    except (OSError, UnicodeDecodeError, Refusal):
        return None


def last_entry() -> str:
    """The latest moment that an entry of this party states; empty before the first."""
    return max(LogRow.objects.filter(own=True).values_list("last_at", flat=True), default="")


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (DatabaseError, OSError, Refusal):
        return False


def _database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone())


def _schema_is_ours() -> bool:
    """Whether every change of the tables that this program knows was made."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _instrument_is_served() -> bool:
    return instrument.law().party(settings.NODE.party) is not None


def _keys_are_private() -> bool:
    custody.check_private(settings.NODE.keys)
    return True


def _standby_answers() -> bool:
    return _waiting() < LONGEST_WAIT


def _waiting() -> float:
    """How long the longest of this role's commits has waited for a synchronous standby to have it too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(max(extract(epoch FROM clock_timestamp() - state_change)), 0) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event = 'SyncRep'"
        )
        return float(cursor.fetchone()[0])


def _bytes_of_database() -> int:
    node = settings.NODE
    if node.engine == "sqlite":
        files = (node.sqlite, node.sqlite.with_name(f"{node.sqlite.name}-wal"))
        return sum(file.stat().st_size for file in files if file.exists())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])
