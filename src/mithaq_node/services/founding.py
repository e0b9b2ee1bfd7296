"""Founding a node: its folder, its keys and certificate, the sealed instrument, an empty database and its card.

Runs before Django knows the folder, so it only writes files; the caller migrates the database afterwards and says that
the node is whole (`finish`). Until then a file in the folder says that it is not: whatever cut the work off, the same
is begun again in the same place, and no other command takes half a node for one. The file also names the attempt, and
so does a PostgreSQL database from the first thing that is done to it (`claim`): two folders never share one.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from mithaq.errors import Refusal
from mithaq.instrument.law import Law, Party
from mithaq.instrument.sealing import Sealed
from mithaq.moments import Moment
from mithaq.notices.restraint import require_restraint
from mithaq_files.instrument import write_sealed
from mithaq_node.keystore import custody, tls
from mithaq_node.services.pairing import Card, own_card
from mithaq_node.settings.addresses import without_password
from mithaq_node.settings.node import FILE, Node, write
from mithaq_node.store import fences

_OLDEST_SERVER = 150_000
"""PostgreSQL 15, as the server says it."""
_PATIENCE = 5
"""Seconds for a database to answer."""


def found(*, node: Node, instrument: Sealed, url: str, certificate_hosts: tuple[str, ...], now: Moment) -> Card:
    """Make the node's folder; its card. Refuses a folder that holds anything, and an instrument it may not serve.

    A node that is no demonstration takes only an instrument that is in force and no demonstration's. Where the node
    cannot be made whole, the folder is left as empty as it was (`clear`); what an interrupted call left in it is
    cleared first.
    """
    require_fits(node, instrument, now)
    party = instrument.law.party(node.party)
    assert party is not None
    require_fresh_database(node)
    _claim(node)
    try:
        _name_attempt(node)
        return _lay_out(node, instrument, party, url, certificate_hosts, now)
    except BaseException:
        clear(node)
        raise


def require_fits(node: Node, instrument: Sealed, now: Moment) -> None:
    """Refuse an instrument that `node` may not serve."""
    party = instrument.law.party(node.party)
    if party is None:
        raise Refusal("instrument.unknown-party", party=node.party)
    if instrument.law.demo and not node.demo:
        raise Refusal("node.demo-instrument", instrument=instrument.law.id)
    if not node.demo:
        instrument.require_in_force(now)
    require_restraint(instrument.law)


def require_fresh_database(node: Node) -> None:
    """Refuse a PostgreSQL database that does not answer, is older than version 15, or is another node's.

    It is another's where another attempt claimed it, or where nobody did and it has officers or a record.
    """
    if node.engine == "sqlite":
        return
    with _speaking(node) as connection:
        if connection.info.server_version < _OLDEST_SERVER:
            raise Refusal("node.database-too-old", found=connection.info.server_version // 10_000)
        _is_claimed(connection, _attempt(node))


def claim(node: Node) -> bool:
    """Take the database for this attempt, before anything is made in it; whether this attempt had it already.

    Then it may hold what the attempt left when it was cut off. A SQLite database is cleared with its folder.
    """
    if node.engine == "sqlite":
        return False
    with _speaking(node) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS mithaq_founding (attempt text NOT NULL)")
        connection.execute("LOCK TABLE mithaq_founding IN EXCLUSIVE MODE")  # of two at once the later is refused
        if _is_claimed(connection, _attempt(node)):
            return True
        connection.execute("INSERT INTO mithaq_founding VALUES (%s)", (_attempt(node),))
        return False


@contextmanager
def _speaking(node: Node) -> Iterator["psycopg.Connection[Any]"]:
    """One transaction in the node's database."""
    try:
        with psycopg.connect(node.database, connect_timeout=_PATIENCE) as connection:
            yield connection
    except psycopg.Error as error:
        raise Refusal("node.database-unreachable", reason=str(error).strip()[:200]) from error


def _is_claimed(connection: "psycopg.Connection[Any]", attempt: str) -> bool:
    """Whether the database is this attempt's; refuses one that is another's."""
    claims = _rows(connection, "mithaq_founding")
    others = claims or [*_rows(connection, "log"), *_rows(connection, "store_officer")]
    if claims == [attempt]:
        return True
    if others:
        raise Refusal("node.database-in-use", database=connection.info.dbname)
    return False


def _rows(connection: "psycopg.Connection[Any]", table: str) -> list[Any]:
    """The first column of a row of `table`, if there is the table and a row in it."""
    if connection.execute("SELECT to_regclass(%s)", (table,)).fetchone() == (None,):
        return []
    rows = connection.execute(sql.SQL("SELECT * FROM {} LIMIT 1").format(sql.Identifier(table)))
    return [row[0] for row in rows]


def _attempt(node: Node) -> str:
    """The name of the attempt that began in the folder; empty where none did."""
    return node.unfinished.read_text("ascii") if node.unfinished.exists() else ""


def finish(node: Node) -> None:
    """Say that the node is whole: the last thing that is done to it."""
    node.unfinished.unlink()


def _lay_out(
    node: Node, instrument: Sealed, party: Party, url: str, certificate_hosts: tuple[str, ...], now: Moment
) -> Card:
    custody.begin(node.keys)
    for name in custody.SECRETS:
        custody.write_seed(node.keys, name, os.urandom(32))
    custody.write_private(node.keys / custody.SESSION_KEY, os.urandom(32).hex().encode() + b"\n")
    private, certificate = tls.self_signed(party.domain, certificate_hosts, now, custody.tls_password(node.keys))
    custody.write_private(node.keys / custody.TLS_KEY, private)
    (node.keys / custody.TLS_CERTIFICATE).write_bytes(certificate)
    write_sealed(node.instrument, instrument)
    _begin_fences(node, instrument.law)
    origin = instrument.law.origin(party.code)
    card = own_card(node=node, party=party, log=origin, url=url)
    node.own_card.write_bytes(card.encode())
    (node.folder / FILE).write_text(write(node), encoding="utf-8")  # last: a folder without it is no node
    return card


def _begin_fences(node: Node, law: Law) -> None:
    """Every log of this party begins behind a fence at nothing: from now on a missing fence is a loss."""
    fence = fences.at(node.fence)
    for audience, parties in law.audiences.items():
        if node.party not in parties:
            continue
        origin = law.origin(node.party, audience)
        fence.begin(origin)
        head = fence.read(origin)
        if head is not None and head.size:
            raise Refusal("node.fence-in-use", folder=without_password(str(node.fence)), log=origin)


def _claim(node: Node) -> None:
    try:
        node.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        require_empty(node.folder)
        _empty(node)
        node.unfinished.touch()
    except OSError as error:
        raise Refusal("node.folder-unusable", folder=str(node.folder), reason=str(error)) from error


def require_empty(folder: Path) -> None:
    """Refuse a folder that holds anything but a node that was never made whole."""
    if folder.exists() and any(folder.iterdir()) and not (folder / "unfinished").exists():
        raise Refusal("node.folder-not-empty", folder=str(folder))


def clear(node: Node) -> None:
    """Leave the folder of a node that was not made whole as empty as it was.

    With PostgreSQL the attempt's name stays: the database is its own, and the next attempt in the folder needs it.
    """
    _empty(node)
    if node.engine == "sqlite":
        node.unfinished.unlink(missing_ok=True)


def _empty(node: Node) -> None:
    for each in node.folder.iterdir():
        if each.is_dir():
            shutil.rmtree(each, ignore_errors=True)
        elif each != node.unfinished:
            each.unlink(missing_ok=True)


def _name_attempt(node: Node) -> None:
    if not _attempt(node):
        node.unfinished.write_text(os.urandom(16).hex(), "ascii")
        _sync(node.unfinished)


def _sync(file: Path) -> None:
    """Bring a file and its name to the disk."""
    for place in (file, file.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
