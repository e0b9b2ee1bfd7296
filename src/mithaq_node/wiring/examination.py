"""What `mithaq doctor` looks at beside the checks of a start: tables, fence, clock, keys, certificates, rooms, links.

Each look stands by itself: where one cannot be taken, because the database is gone or a key does not open, that is a
finding, and the others are taken all the same. Nothing is changed.
"""

import ctypes
import os
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from cryptography import x509
from django.core.checks import CheckMessage
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from mithaq import moments
from mithaq.errors import Refusal
from mithaq.moments import DAY, HOUR, Moment
from mithaq_files.refusals import sentence
from mithaq_node.keystore import custody
from mithaq_node.queries import assurance, health, links
from mithaq_node.services import preflight
from mithaq_node.services.pairing import Card
from mithaq_node.settings.node import Node
from mithaq_node.wiring.findings import found

LEAST = 200 * 1024**2
"""Bytes of free room under which the node is in danger, whatever the size of the disk; `health.short` only warns."""
BACKUP_WITHIN = DAY + 6 * HOUR
"""Seconds within which a nightly backup has come, whenever one looks."""
SILENT_AFTER = HOUR
"""Seconds after which a counterpart that is not heard is told of."""
ENDS_SOON = timedelta(days=60)
_UNSYNCHRONISED = 0x0040
"""STA_UNSYNC of adjtimex(2)."""
_OTHERS = stat.S_IRWXG | stat.S_IRWXO

Found = Iterator[CheckMessage]


def examine(node: Node, now: Moment) -> Found:
    """Everything that is found at `now`, with Django standing on `node`."""
    yield from _folders(node)
    yield from _rooms()
    yield from _keys(node)
    yield from _certificates(node, now)
    yield from _backups(node, now)
    yield from _clock(node)
    if (silent := _database_is_silent()) is not None:
        yield found("mithaq.E005", silent)
        return
    yield from _tables()
    for look in (_record, _fence, _clock_and_record, _links):
        yield from _taken(look, node, now)


def _taken(look: Callable[[Node, Moment], Found], node: Node, now: Moment) -> Found:
    try:
        yield from look(node, now)
    except Refusal as refusal:
        if not refusal.code.startswith("instrument."):  # E002 has said so
            raise
    except DatabaseError as error:
        if (gone := _database_is_silent()) is None:  # tables that are missing: W010 has said so
            return
        yield found("mithaq.E005", f"{gone}: {error}")


def _folders(node: Node) -> Found:
    mode = node.folder.stat()
    if stat.S_IMODE(mode.st_mode) & _OTHERS:
        yield found("mithaq.W013", f"{node.folder} is open to other users ({stat.S_IMODE(mode.st_mode):o})")
    if mode.st_uid != os.geteuid():
        yield found("mithaq.W014", f"{node.folder} belongs to user {mode.st_uid}, this is user {os.geteuid()}")
    for name, place in (("data", node.folder), ("fence", node.fence), ("body_keys", node.body_keys)):
        if isinstance(place, Path) and place.exists() and not os.access(place, os.W_OK | os.X_OK):
            yield found("mithaq.E013", f"{name}: {place} cannot be written")


def _rooms() -> Found:
    short = health.short()
    for name, free in health.free().items():
        if free < LEAST or name in short:
            yield found("mithaq.E015" if free < LEAST else "mithaq.W012", f"{name}: {free // 1024**2} MiB are free")


def _keys(node: Node) -> Found:
    try:
        custody.load(node.keys)
    except Refusal as refusal:
        if refusal.code != "keystore.readable-by-others":  # E001 has said so
            yield found("mithaq.E009", sentence(refusal, "en"))


def _certificates(node: Node, now: Moment) -> Found:
    own = node.keys / custody.TLS_CERTIFICATE
    moment = datetime.fromtimestamp(now.seconds, UTC)
    for file in (*([own] if own.exists() else []), *sorted(node.cards.glob("*.json"))):
        party = node.party if file == own else file.stem
        try:
            content = file.read_bytes()
            pem = content if file == own else msgspec.json.decode(content, type=Card).certificate.encode()
            ends = x509.load_pem_x509_certificate(pem).not_valid_after_utc
        except (OSError, ValueError) as error:  # msgspec's errors are ValueErrors
            yield found("mithaq.E018", f"{file}: {error}")
            continue
        if ends < moment + ENDS_SOON:
            id = "mithaq.E010" if ends <= moment else "mithaq.W009"
            yield found(id, f"the certificate of {party} is good until {ends:%Y-%m-%d}")


def _backups(node: Node, now: Moment) -> Found:
    if node.demo:
        return
    last = health.last_backup()
    if last is None:
        yield found("mithaq.W011", "no backup was ever taken with `mithaq backup`")
    elif now.seconds - last.seconds > BACKUP_WITHIN:
        yield found("mithaq.W011", f"the last backup was taken at {last}")


def _clock(node: Node) -> Found:
    if not node.demo and not is_kept_right():
        yield found("mithaq.W008", "the kernel says that nothing keeps this clock right")


def is_kept_right() -> bool:
    """Whether a time service has told the kernel that it keeps the clock (adjtimex(2) without STA_UNSYNC)."""
    room = (ctypes.c_long * 64)()  # larger than struct timex; its first word asks for nothing to be changed
    if ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(room)) < 0:
        return False
    status = room[5] & 0xFFFFFFFF  # modes, offset, freq, maxerror, esterror, status: each at a long's boundary
    return not status & _UNSYNCHRONISED


def _database_is_silent() -> str | None:
    """Why the database does not answer; None where it does."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        connection.close()
        return str(error).strip()[:200]
    return None


def _tables() -> Found:
    executor = MigrationExecutor(connection)
    made = {name for app, name in MigrationRecorder(connection).applied_migrations() if app == "store"}
    unknown = sorted(made - {name for app, name in executor.loader.disk_migrations if app == "store"})
    if unknown:
        yield found("mithaq.E006", f"the database has {', '.join(unknown)}, which this program does not know")
    missing = [str(each.name) for each, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    if missing:
        yield found("mithaq.W010", f"{len(missing)} changes of the tables are not made yet, first {missing[0]}")


def _record(_node: Node, _now: Moment) -> Found:
    try:
        preflight.require_own_record()
    except Refusal as refusal:
        if refusal.code not in ("node.other-party", "instrument.unknown-party"):
            raise
        yield found("mithaq.E014", sentence(refusal, "en"))


def _fence(_node: Node, _now: Moment) -> Found:
    if (doubt := assurance.doubt()) is not None:
        yield found("mithaq.E007", sentence(doubt, "en"))


def _clock_and_record(_node: Node, now: Moment) -> Found:
    latest = health.last_entry()
    if latest and moments.parse(latest).seconds > now.seconds:
        yield found("mithaq.E008", f"the clock says {now}, and an entry of ours says {latest}")


def _links(node: Node, now: Moment) -> Found:
    if not node.peers:
        yield found("mithaq.W016", "no counterpart is paired")
    for link in links.links(str(now)):
        if link.stopped is not None:
            yield found("mithaq.E016", f"{link.party}: {link.stopped.code} since {link.stopped.at}")
        elif link.silent_for > SILENT_AFTER:
            yield found("mithaq.W015", f"{link.party} was last heard at {link.heard}")
