"""`mithaq backup`, `mithaq restore`: one file that a node can begin again from, and the way back."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mithaq.errors import Refusal
from mithaq_cli import options
from mithaq_cli.refusing import say
from mithaq_cli.serve import held

if TYPE_CHECKING:
    from mithaq_node.settings.node import Node


def backup(
    out: Annotated[Path, typer.Option(help="The file to write; must not be there yet.")],
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Write and check a backup while the node runs. Keys and fence are not in it."""
    node = options.open_node(data)
    from mithaq_node.services import backups, clock

    with options.working(f"writing and checking {out}"):
        manifest = backups.write(node=node, out=out, now=clock.now())
    sizes = {kept.log: kept.size for kept in manifest.logs}
    lines = [str(out), *(f"{log}: {size}" for log, size in sizes.items())]
    say(json, {"logs": sizes, "made": manifest.made, "out": str(out), "party": manifest.party}, "\n".join(lines))


def restore(
    source: Annotated[Path, typer.Option("--from", help="The backup.")],
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Put a backup in the place of a node's data, or make the node anew beside its keys.

    A database that is there is kept beside the new one. The node signs nothing until a counterpart's copy has confirmed
    where its record ends; it asks for that by itself as soon as it serves.
    """
    if data is None:
        raise Refusal("settings.no-data-folder")
    from mithaq_node.services import backups

    manifest = backups.read(source)
    if not data.is_dir():
        raise Refusal("backup.no-keys", folder=str(data))
    with held(data):
        if not (data / "node.toml").exists():
            backups.lay_out(file=source, folder=data)
        node = options.open_node(data, whole=False)
        backups.require_same_node(node=node, manifest=manifest)
        with _set_aside(node), options.working(f"restoring from {source}"):
            sizes = _load(node, source, manifest.migrations)
    lines = [str(node.folder), *(f"{log}: {size}" for log, size in sizes.items())]
    say(json, {"data": str(node.folder), "logs": sizes, "made": manifest.made}, "\n".join(lines))


def _load(node: "Node", source: Path, migrations: list[str]) -> dict[str, int]:
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    from mithaq_cli.init import migrate
    from mithaq_node.keystore import vault
    from mithaq_node.services import backups
    from mithaq_node.store import engine

    known = {name for app, name in MigrationLoader(None).disk_migrations if app == "store"}
    if not migrations or set(migrations) - known:
        raise Refusal("backup.unknown-version", found=", ".join(migrations)[:200], known=backups.FORMAT)
    call_command("migrate", "store", migrations[-1], interactive=False, verbosity=0, skip_checks=True)
    connection.close()
    conn = engine.open(node.database, node.sqlite)
    try:
        found = backups.load(file=source, conn=conn, engine=engine.of(node.engine, vault.at(node)))
    finally:
        conn.close()
    migrate()
    connection.close()
    return {log.origin: log.size for log in found}


@contextmanager
def _set_aside(node: "Node") -> Iterator[None]:
    """With SQLite: the database that is there steps aside, and comes back when the restore is refused."""
    there = [path for suffix in ("", "-wal", "-shm") if (path := Path(f"{node.sqlite}{suffix}")).exists()]
    if node.engine != "sqlite" or not there:
        yield
        return
    number = 1
    while (aside := node.folder / f"before-restore-{number}").exists():
        number += 1
    aside.mkdir(mode=0o700)
    for path in there:
        shutil.move(path, aside / path.name)
    try:
        yield
    except BaseException:
        for path in there:
            path.unlink(missing_ok=True)
            if (aside / path.name).exists():
                shutil.move(aside / path.name, path)
        aside.rmdir()
        raise
