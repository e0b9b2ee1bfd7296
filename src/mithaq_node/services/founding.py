"""Founding a node: its folder, its keys and certificate, the sealed instrument, an empty database and its card.

Runs before Django knows the folder, so it only writes files; the caller migrates the database afterwards and says that
the node is whole (`finish`). Until then a file in the folder says that it is not: whatever cut the work off, the same
is begun again in the same place, and no other command takes half a node for one.
"""

import os
import shutil
from pathlib import Path

import psycopg

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
    cannot be made whole, the folder is left as empty as it was; what an interrupted call left in it is cleared first.
    """
    require_fits(node, instrument, now)
    party = instrument.law.party(node.party)
    assert party is not None
    require_fresh_database(node)
    _claim(node)
    try:
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
    """Refuse a PostgreSQL database that does not answer, is older than version 15, or holds somebody's record."""
    if node.engine == "sqlite":
        return
    try:
        with psycopg.connect(node.database, connect_timeout=_PATIENCE) as connection:
            if connection.info.server_version < _OLDEST_SERVER:
                raise Refusal("node.database-too-old", found=connection.info.server_version // 10_000)
            known = connection.execute("SELECT to_regclass('log')").fetchone()
            if known != (None,) and connection.execute("SELECT 1 FROM log LIMIT 1").fetchone():
                raise Refusal("node.database-in-use", database=connection.info.dbname)
    except psycopg.Error as error:
        raise Refusal("node.database-unreachable", reason=str(error).strip()[:200]) from error


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
        if node.unfinished.exists():
            clear(node)
        require_empty(node.folder)
        node.unfinished.touch()
    except OSError as error:
        raise Refusal("node.folder-unusable", folder=str(node.folder), reason=str(error)) from error


def require_empty(folder: Path) -> None:
    """Refuse a folder that holds anything but a node that was never made whole."""
    if folder.exists() and any(folder.iterdir()) and not (folder / "unfinished").exists():
        raise Refusal("node.folder-not-empty", folder=str(folder))


def clear(node: Node) -> None:
    """Leave the folder of a node that was not made whole as empty as it was."""
    for each in sorted(node.folder.iterdir(), key=node.unfinished.__eq__):  # what says so goes last
        if each.is_dir():
            shutil.rmtree(each, ignore_errors=True)
        else:
            each.unlink(missing_ok=True)
