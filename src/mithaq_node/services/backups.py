"""Backups: everything a node needs to begin again, but its keys and its fence, in one file.

A backup is read at one moment of the database while the node runs. Not in it: the keys (they are kept once, apart, and
a backup is read by more people than a key may be), the fence (which must never go back in time together with the data),
and sessions. Officers' keys are in it, each under its officer's own password, as they are in the database.

    mithaq-backup.json      the manifest: format, party, law, moment, migrations, logs, rows of each table, SHA-256 of
                            every other member
    folder/…                node.toml, card.json, instrument/, peers/
    rows/<table>            the rows (`mithaq_node.store.dump`)

A backup is a zip file. It is checked by restoring it: into a database in a temporary place when it is written, where
every tree and every commitment is derived anew, and again whenever it is restored.
"""

import errno
import hashlib
import os
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import msgspec

from mithaq import canonical
from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq.notices.conformance import law_digest
from mithaq_files.archive import DAMAGES
from mithaq_files.instrument import read_sealed
from mithaq_node.keystore import vault as vaults
from mithaq_node.services.recovering import RESTORED
from mithaq_node.settings.node import FILE, Node
from mithaq_node.store import dump, engine, rederive, volumes
from mithaq_node.store import log as record
from mithaq_node.store.dump import Table
from mithaq_node.store.engine import Connection, Engine, Vault
from mithaq_node.store.log import Log

FORMAT = "mithaq/backup/1"
MANIFEST = "mithaq-backup.json"
_FOLDER, _ROWS = "folder/", "rows/"
_MOST_MANIFEST = 4 * 1024 * 1024
_MOST_FILE = 64 * 1024 * 1024
_PIECE = 1 << 20
_UNFINISHED = ".part"
"""The end of the name of a file that is being written."""


class Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A log in a backup: how far it went."""

    log: str
    size: int
    root: str


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a backup says of itself."""

    format: str
    party: str
    law: str
    made: str
    migrations: list[str]
    logs: list[Kept]
    rows: dict[str, int]
    columns: dict[str, list[str]]
    members: dict[str, str]
    """SHA-256, hex, of every other member."""


def write(*, node: Node, out: Path, now: Moment) -> Manifest:
    """Write a backup of the running or resting `node` to `out`, check it, and only then give it its name."""
    if out.exists():
        raise Refusal("backup.exists", file=str(out))
    beside = out.with_name(out.name + _UNFINISHED)
    try:
        with _removed_on_failure(beside):
            with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                manifest = _fill(archive, node, now)
            with beside.open("rb") as file:
                os.fsync(file.fileno())
            check(file=beside, vault=vaults.at(node))
            beside.replace(out)
    except OSError as error:
        raise Refusal("backup.unwritable", file=str(out), reason=str(error)) from error
    with suppress(OSError):  # the backup is there, whether or not it can be said where doctor looks
        node.backed_up.write_text(f"{now}\n", encoding="ascii")
    return manifest


def read(file: Path) -> Manifest:
    """The manifest of the backup in `file`; refuses what is none, and a format that this version does not know."""
    with _opened(file) as archive:
        return _manifest(archive)


def check(*, file: Path, vault: Vault | None = None) -> tuple[Log, ...]:
    """Restore the backup into a temporary place and derive every tree anew; its logs. Refuses what does not agree.

    Erasable parts are held to their commitments where the node's `vault` still opens them.
    """
    spoken = engine.of("sqlite", vault)
    with (
        _opened(file) as archive,
        tempfile.TemporaryDirectory(prefix="mithaq-backup-") as folder,
        closing(engine.open("sqlite", Path(folder) / "check.sqlite3")) as conn,
    ):
        manifest = _manifest(archive)
        _check_members(archive, manifest)
        for name, columns in manifest.columns.items():
            conn.execute(f'CREATE TABLE "{name}" ({", ".join(_quoted(column) for column in columns)})')
        conn.execute('CREATE INDEX by_index ON entry (log_id, "index")')
        conn.execute('CREATE INDEX by_place ON part (log_id, "index")')
        if "volume" in manifest.columns:
            conn.execute("CREATE INDEX by_number ON volume (log_id, number)")
        with spoken.transaction(conn):
            _load_rows(conn, spoken, archive, manifest)
        return _require_logs(conn, spoken, manifest)


def lay_out(*, file: Path, folder: Path) -> None:
    """Put the files of the backup into the `folder` of a node that is to be; `keys/` must stand in it already.

    It may hold some of these files already, from a time when this was cut off; refuses one that holds anything else,
    and one without keys.
    """
    if not (folder / "keys").is_dir():
        raise Refusal("backup.no-keys", folder=str(folder))
    with _opened(file) as archive:
        manifest = _manifest(archive)
        _check_members(archive, manifest)
        names = [name for name in manifest.members if name.startswith(_FOLDER)]
        known = {Path(name).parts[1] for name in names} - {FILE}
        there = {each.name for each in folder.iterdir()} - {f"{FILE}{_UNFINISHED}"}
        if {name.removesuffix(_UNFINISHED) for name in there} - {"keys", "lock"} - known:
            raise Refusal("node.folder-not-empty", folder=str(folder))
        for name in sorted(names, key=lambda name: name.endswith(FILE)):  # node.toml last: without it it is no node
            _write_file(folder / _safe(name.removeprefix(_FOLDER)), archive.read(name))


def require_same_node(*, node: Node, manifest: Manifest) -> None:
    """Refuse a backup of another party, or of a node under another instrument."""
    if manifest.party != node.party:
        raise Refusal("backup.other-party", found=manifest.party[:8], expected=node.party)
    expected = law_digest(read_sealed(node.instrument).law)
    if manifest.law != expected:
        raise Refusal("backup.other-instrument", found=manifest.law[:64], expected=expected)


def _require_empty(conn: Connection, engine: Engine, tables: Iterable[Table]) -> None:
    """Refuse a database that holds a row; only tables of the backup's own migrations are there to be looked at."""
    for table in tables:
        if engine.execute(conn, f'SELECT 1 FROM "{table.name}" LIMIT 1').fetchone() is not None:
            raise Refusal("backup.database-not-empty", table=table.name)


def load(*, file: Path, conn: Connection, engine: Engine) -> tuple[Log, ...]:
    """Take the rows of the backup into empty tables, in one transaction that also marks our logs UNSURE.

    The tables must be those of the backup's migrations. Every tree is derived anew before the transaction ends.
    """
    with _opened(file) as archive:
        manifest = _manifest(archive)
        _check_members(archive, manifest)
        with engine.transaction(conn):
            _require_empty(conn, engine, _tables_of(manifest))
            _load_rows(conn, engine, archive, manifest)
            found = _require_logs(conn, engine, manifest)
            for log in found:
                if log.own:
                    record.mark_unsure(conn, engine, log, RESTORED)
    return found


def _fill(archive: zipfile.ZipFile, node: Node, now: Moment) -> Manifest:
    spoken = engine.of(node.engine)
    members: dict[str, str] = {}
    rows: dict[str, int] = {}
    tables = dump.tables()
    with closing(engine.open(node.database, node.sqlite)) as conn, dump.snapshot(conn, spoken):
        for table in tables:
            with archive.open(_ROWS + table.name, "w", force_zip64=True) as raw:
                hashed = _Hashing(raw)
                rows[table.name] = dump.write(conn, spoken, table, hashed)  # type: ignore[arg-type]  # it only writes
            members[_ROWS + table.name] = hashed.digest()
        for path in _files(node):  # after the rows: a version is laid into the folder before the log enters it
            name = _FOLDER + path.relative_to(node.folder).as_posix()
            content = path.read_bytes()
            archive.writestr(name, content)
            members[name] = hashlib.sha256(content).hexdigest()
        logs = record.logs(conn, spoken)
        migrations = spoken.execute(conn, "SELECT name FROM django_migrations WHERE app = 'store' ORDER BY id")
        manifest = Manifest(
            format=FORMAT,
            party=node.party,
            law=law_digest(read_sealed(node.instrument).law),
            made=str(now),
            migrations=[name for (name,) in migrations.fetchall()],
            logs=[Kept(log=log.origin, size=log.size, root=log.frontier.root().hex()) for log in logs],
            rows=rows,
            columns={table.name: list(table.columns) for table in tables},
            members=members,
        )
    archive.writestr(MANIFEST, canonical.encode(manifest) + b"\n")
    return manifest


def _files(node: Node) -> Iterable[Path]:
    yield node.folder / FILE
    yield node.own_card
    for folder in (node.instrument, node.versions, node.cards, node.epochs):
        if folder.is_dir():
            yield from sorted(path for path in folder.rglob("*") if path.is_file())


class _Hashing:
    """A file to write to, and the SHA-256 of what was written."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._hash = file, hashlib.sha256()

    def write(self, piece: bytes) -> int:
        self._hash.update(piece)
        return self._file.write(piece)

    def digest(self) -> str:
        return self._hash.hexdigest()


@contextmanager
def _opened(file: Path) -> Any:
    try:
        source = file.open("rb")
    except OSError as error:
        raise Refusal("settings.unreadable", file=str(file), reason=str(error)) from error
    try:
        with source, zipfile.ZipFile(source) as archive:
            yield archive
    except DAMAGES as error:
        raise Refusal("backup.damaged", member=file.name) from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # which is what an offset before the beginning of the file gives
            raise
        raise Refusal("backup.damaged", member=file.name) from error


@contextmanager
def _removed_on_failure(path: Path) -> Any:
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    if archive.getinfo(MANIFEST).file_size > _MOST_MANIFEST:
        raise Refusal("backup.damaged", member=MANIFEST)
    encoded = archive.read(MANIFEST)
    try:
        said = msgspec.json.decode(encoded, type=dict[str, Any])
        if said.get("format") != FORMAT:
            raise Refusal("backup.unknown-version", found=str(said.get("format"))[:80], known=FORMAT)
        return msgspec.json.decode(encoded, type=Manifest)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Refusal("backup.damaged", member=MANIFEST) from error


def _check_members(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Every member is there, as the manifest names it, and nothing else is."""
    names = archive.namelist()
    if sorted(names) != sorted([*manifest.members, MANIFEST]):
        raise Refusal("backup.damaged", member=MANIFEST)
    for name, expected in manifest.members.items():
        if _digest(archive, name) != expected:
            raise Refusal("backup.damaged", member=name[:200])


def _digest(archive: zipfile.ZipFile, name: str) -> str:
    found = hashlib.sha256()
    with archive.open(name) as member:
        while piece := member.read(_PIECE):
            found.update(piece)
    return found.hexdigest()


def _load_rows(conn: Connection, engine: Engine, archive: zipfile.ZipFile, manifest: Manifest) -> None:
    # The index of erasures comes last: its trigger looks for the leaves that say the same.
    for table in sorted(_tables_of(manifest), key=lambda table: table.name == "erasure"):
        with archive.open(_ROWS + table.name) as source:
            if dump.load(conn, engine, table, source) != manifest.rows[table.name]:
                raise Refusal("backup.damaged", member=table.name)


def _tables_of(manifest: Manifest) -> Iterable[Table]:
    """The tables as the backup has them: an older one may lack columns, and tables, of this version."""
    known: Mapping[str, Table] = {table.name: table for table in dump.tables()}
    for name, columns in manifest.columns.items():
        table = known.get(name)
        if table is None or set(columns) - set(table.columns) or name not in manifest.rows:
            raise Refusal("backup.unknown-version", found=name[:80], known=FORMAT)
        kinds = dict(zip(table.columns, table.kinds, strict=True))
        yield Table(name, tuple(columns), tuple(kinds[column] for column in columns), table.numbered)


def _require_logs(conn: Connection, engine: Engine, manifest: Manifest) -> tuple[Log, ...]:
    with volumes.stand_in(conn, engine, not_there="volume" not in manifest.columns):
        found = rederive.require_sound(conn, engine)
    said = {kept.log: (kept.size, kept.root) for kept in manifest.logs}
    if said != {log.origin: (log.size, log.frontier.root().hex()) for log in found}:
        raise Refusal("backup.damaged", member=MANIFEST)
    return found


def _safe(name: str) -> str:
    """A path inside the folder; refuses one that leads out of it."""
    parts = Path(name).parts
    if not parts or Path(name).is_absolute() or ".." in parts or parts[0] in ("keys", "lock", "run"):
        raise Refusal("backup.damaged", member=name[:200])
    return name


def _write_file(path: Path, content: bytes) -> None:
    if len(content) > _MOST_FILE:
        raise Refusal("backup.damaged", member=path.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + _UNFINISHED)
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _quoted(column: str) -> str:
    return '"' + column.replace('"', "") + '"'
