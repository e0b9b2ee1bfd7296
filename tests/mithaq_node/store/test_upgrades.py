"""A database of every schema that was ever in the field, and of those on the way, is brought up with its rows."""

import io
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from mithaq.errors import Refusal
from mithaq_cli.init import migrate
from mithaq_node.queries import health
from mithaq_node.services import backups
from mithaq_node.settings.node import Node
from mithaq_node.store import dump, rederive
from mithaq_node.store import engine as engines
from mithaq_node.store.dump import Table
from tests.mithaq_node import meadow
from tests.mithaq_node.store import golden_schema

ROOT = Path(__file__).parents[3]
OLDEST = "0012_accounts"
"""The earliest state that rows are taken through; before it nobody had a node but its authors."""


def states() -> Sequence[str]:
    """Every migration from the oldest on, without Django: files are named after them."""
    files = (ROOT / "src/mithaq_node/store/migrations").glob("0*.py")
    return [name for name in sorted(file.stem for file in files) if name >= OLDEST]


@pytest.fixture
def empty(database: str, tmp_path: Path, django_db_blocker: Any) -> Iterator[Node]:
    """A node whose database has no table at all."""
    node = meadow.settings_of(tmp_path / "ML", "ML", database)
    node.folder.mkdir(parents=True)
    with django_db_blocker.unblock(), meadow.standing_on(node, tables=False):
        yield node


def columns() -> Mapping[str, Sequence[str]]:
    """The tables and columns that the database has now."""
    with connection.cursor() as cursor:
        return {
            name: [column.name for column in connection.introspection.get_table_description(cursor, name)]
            for name in connection.introspection.table_names(cursor)
            if not name.startswith("django_")
        }


def rows(node: Node, had: Mapping[str, Sequence[str]]) -> Mapping[str, bytes]:
    """What stands in the columns `had`, table by table, as a backup would write it."""
    engine, found = engines.of(node.engine), {}
    with closing(engines.open(node.database, node.sqlite)) as conn, dump.snapshot(conn, engine):
        for table in dump.tables():
            places = [place for place, column in enumerate(table.columns) if column in had.get(table.name, ())]
            if places:
                names, kinds = ([each[place] for place in places] for each in (table.columns, table.kinds))
                kept = Table(table.name, tuple(names), tuple(kinds), table.numbered)
                out = io.BytesIO()
                dump.write(conn, engine, kept, out)
                found[table.name] = out.getvalue()
    return found


@pytest.mark.parametrize(
    ("golden", "state"),
    [
        pytest.param(golden, state, id=f"{golden.stem}-{state}")
        for golden in golden_schema.kept()
        for state in states()
        if state <= golden.stem
    ],
)
def test_rows_of_an_earlier_schema_are_all_there_after_the_upgrade(
    golden: Path, state: str, empty: Node, tmp_path: Path
) -> None:
    call_command("migrate", "store", state, interactive=False, verbosity=0, skip_checks=True)
    had = columns()
    made = [name for name in _known() if name <= state]
    file = golden_schema.as_of(golden, made, had, tmp_path / "older")
    connection.close()
    with closing(engines.open(empty.database, empty.sqlite)) as conn:
        backups.load(file=file, conn=conn, engine=engines.of(empty.engine))
    before = rows(empty, had)
    assert all(before[name] for name in ("log", "entry", "part", "store_draft", "store_officer"))
    assert health.readiness()["schema"] is False
    migrate()
    assert rows(empty, had) == before
    assert health.readiness()["schema"] is True
    with closing(engines.open(empty.database, empty.sqlite)) as conn:
        assert sum(log.size for log in rederive.require_sound(conn, engines.of(empty.engine))) == 4


def _known() -> list[str]:
    return sorted(name for app, name in MigrationLoader(None).disk_migrations if app == "store")


def test_a_migration_that_fails_half_way_leaves_the_schema_before_it_and_is_done_by_the_next_start(
    empty: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

    call_command("migrate", "store", "0013", interactive=False, verbosity=0, skip_checks=True)
    before = columns()
    made, create = [], BaseDatabaseSchemaEditor.create_model

    def cut(self: Any, model: Any) -> None:
        create(self, model)
        made.append(model)
        if len(made) == 2:
            raise ConnectionAbortedError("the power went")

    with monkeypatch.context() as patch:
        patch.setattr(BaseDatabaseSchemaEditor, "create_model", cut)
        with pytest.raises(ConnectionAbortedError):
            migrate()
    connection.close()
    assert columns() == before
    migrate()
    assert health.readiness()["schema"] is True
    assert columns().keys() > before.keys()


def test_rows_are_not_loaded_over_rows(empty: Node) -> None:
    golden = golden_schema.kept()[-1]
    migrate()
    with closing(engines.open(empty.database, empty.sqlite)) as conn:
        backups.load(file=golden, conn=conn, engine=engines.of(empty.engine))
        with pytest.raises(Refusal, match=r"backup\.database-not-empty"):
            backups.load(file=golden, conn=conn, engine=engines.of(empty.engine))


def test_a_release_keeps_a_database_of_its_schema() -> None:
    newest = (ROOT / "CHANGELOG.md").read_text("utf-8").partition("\n## ")[2].partition("\n")[0]
    names = [path.stem for path in golden_schema.kept()]
    assert set(names) <= set(states())
    if "not yet released" not in newest:
        assert names[-1] == states()[-1], "python -m tests.mithaq_node.store.golden_schema"


def test_what_is_kept_is_what_was_written_then() -> None:
    for path in golden_schema.kept():
        said = golden_schema.manifest_of(path)
        assert isinstance(said["migrations"], list)
        assert said["migrations"][-1] == path.stem
        backups.check(file=path)
        listed = subprocess.run(
            ["git", "log", "--format=%H", "--", str(path)], cwd=ROOT, capture_output=True, text=True
        )
        assert listed.stdout.count("\n") <= 1, f"{path.name} was made again"
