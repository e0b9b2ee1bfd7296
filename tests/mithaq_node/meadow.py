"""Nodes of the fictional pair of neighbours, founded as real ones are, for tests of services, commands and pages."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from django.core.management import call_command
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.test import override_settings

from mithaq import canonical
from mithaq.instrument import sealing
from mithaq.instrument.exercise import exercise_of
from mithaq.instrument.law import Field, Kind
from mithaq.instrument.sealing import Sealed
from mithaq.moments import Moment
from mithaq.notices import registering
from mithaq.record import note
from mithaq.signing import PrivateKey
from mithaq_files.instrument import compile_folder, shipped
from mithaq_node.services import accounts, entering, founding
from mithaq_node.settings.node import Node, parse
from mithaq_node.settings.values import database as database_values
from mithaq_node.store.models import Officer
from tests import postgresql

NAME = "meadow-river-2030"
PARTIES = {"ML": "ml.mithaq.example", "RL": "rl.mithaq.example"}
SECRET = "a long enough password"
NOW = Moment(1_904_000_000)
INCIDENT: dict[str, Any] = {
    "event": "fire",
    "happened": "2030-05-02T10:20:00Z",
    "place": {"form": "sector", "sector": "A"},
    "confidence": "seen",
}
HAZARD: dict[str, Any] = {
    "hazard": "wildfire",
    "happened": "2030-05-02T10:20:00Z",
    "place": {"form": "sector", "sector": "A"},
    "confidence": "seen",
}
FLOW: dict[str, Any] = {
    "crossing": "bridge",
    "day": "2030-05-02",
    "direction": "to-ml",
    "stage": "count",
    "source": "border-authority",
    "counts": {"passengers": 40},
}


def root(party: str) -> tuple[str, PrivateKey]:
    """Name and key of a party's root: the same in every run."""
    name = f"{party.lower()}.mithaq.example/root/1"
    return name, PrivateKey.from_seed(hashlib.sha256(f"test root {party}".encode()).digest())


@cache
def unsealed(demo: bool = False, until: str = "") -> Sealed:
    """The instrument with both parties' test roots and no seal yet."""
    compiled = compile_folder(shipped(NAME))
    parties = [msgspec.structs.replace(party, roots=[_vkey(party.code)]) for party in compiled.law.parties]
    law = msgspec.structs.replace(compiled.law, parties=parties, demo=demo, until=until)
    return Sealed.open(canonical.encode(law), compiled.words_bytes)


@cache
def sealed(demo: bool = False, until: str = "") -> Sealed:
    """The instrument as both parties have sealed it."""
    held = unsealed(demo, until)
    for party in PARTIES:
        held = sealing.seal(held, party, *root(party))
    return held


EXERCISE = "meadow-river-2030-exercise"


@cache
def exercise() -> Sealed:
    """The same text as an instrument for exercises, under the same root keys."""
    held = exercise_of(sealed())
    for party in PARTIES:
        held = sealing.seal(held, party, *root(party))
    return held


WANTED = "person.wanted"


def sealed_with(kind: Kind) -> Sealed:
    """The instrument with one more kind, or another kind of that name, sealed by both parties all the same."""
    compiled = unsealed()
    kinds = [*(each for each in compiled.law.kinds if each.name != kind.name), kind]
    held = Sealed.open(canonical.encode(msgspec.structs.replace(compiled.law, kinds=kinds)), compiled.words_bytes)
    for party in PARTIES:
        held = sealing.seal(held, party, *root(party))
    return held


def wanted(name: str = WANTED, type: str = "code") -> Kind:
    """A kind that seeks persons: by its name alone, or under an innocent name with a field of a type for names."""
    field = Field(name="sign", type=type, part="facts", required=True, codes="hazard" if type == "code" else "")
    return Kind(
        name=name, version=1, role="opens", facets=[], fields=[field], release="two", precedence="priority", refers=[]
    )


def settings_of(folder: Path, party: str, database: str = "sqlite", **values: Any) -> Node:
    return parse(folder, {"party": party, "database": database, "fence": f"../fence-{party}", **values})


def found(node: Node, instrument: Sealed | None = None, now: Moment = NOW) -> None:
    """The node's folder, as `mithaq init` makes it."""
    founding.found(
        node=node,
        instrument=instrument or sealed(),
        url=f"https://localhost:{node.peer_port}",
        certificate_hosts=("localhost", "127.0.0.1"),
        now=now,
    )
    founding.finish(node)


@contextmanager
def standing_on(node: Node, *, tables: bool = True) -> Iterator[None]:
    """Django on this node's settings and database, with every table, or with those that are there."""
    if tables and node.database == "sqlite" and not node.sqlite.exists():
        copy_template(node.sqlite)
    with override_settings(NODE=node):
        before = connections.databases["default"]
        _point(database_values(node))
        try:
            if tables and not _has_every_table():
                call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
            yield
        finally:
            _point(before)


def copy_template(file: Path) -> None:
    """A migrated SQLite database as `file`: making the tables anew takes most of a second."""
    shutil.copyfile(_template(), file)


def template(server: postgresql.Server) -> str:
    """The name of a migrated database of `server`, to copy others from."""
    name = _templates.get(str(server.socket))
    if name is None:
        name = server.create()
        _migrate(database_values(settings_of(Path(), "ML", server.url(name))))
        _templates[str(server.socket)] = name
    return name


_templates: dict[str, str] = {}


@cache
def _template() -> Path:
    path = Path(tempfile.mkdtemp(prefix="mithaq-template-")) / "template.sqlite3"
    values = database_values(settings_of(path.parent, "ML"))
    _migrate({**values, "NAME": str(path)})
    return path


def migrate(node: Node) -> None:
    """The tables of a node whose database has none."""
    if node.database == "sqlite":
        copy_template(node.sqlite)
    else:
        _migrate(database_values(node))


def _migrate(values: dict[str, Any]) -> None:
    before = connections.databases["default"]
    _point(values)
    try:
        call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
    finally:
        _point(before)


def _has_every_table() -> bool:
    connection = connections["default"]
    if "django_migrations" not in connection.introspection.table_names():
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return _known() <= set(cursor.fetchall())


@cache
def _known() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def officers() -> dict[str, Officer]:
    """One officer of each role, by role; two who may release."""
    named = {"duty": "duty", "releasing": "releasing", "second": "releasing", "auditor": "auditor"}
    return {
        name: accounts.create_officer(name=f"{name} desk", role=role, secret=SECRET) for name, role in named.items()
    }


def enter(party: str, now: Moment = NOW) -> None:
    """Leaf 0 and leaf 1: every key there is, signed by the root; the instrument."""
    draft = registering.read(entering.draft_key_set())
    entering.enter_key_set(signed=registering.sign(draft, *root(party)).encode(), now=now)
    entering.enter_instrument(now=now)


def _vkey(party: str) -> str:
    name, key = root(party)
    return note.Verifier(name, note.ED25519, key.public).vkey()


def _point(values: dict[str, Any]) -> None:
    connections["default"].close()
    connections.settings = connections.configure_settings({"default": dict(values)})
    del connections["default"]
