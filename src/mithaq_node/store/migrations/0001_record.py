"""The record: logs, entries, parts, tiles, cosignatures, links and evidence, and the triggers that guard them."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from mithaq_node.store import append_only


def guard(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in append_only.statements(editor.connection.vendor):
        editor.execute(statement, params=None)


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="LogRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("origin", models.TextField(unique=True)),
                ("own", models.BooleanField()),
                ("size", models.BigIntegerField(default=0)),
                ("root", models.BinaryField()),
                ("frontier", models.BinaryField()),
                ("last_at", models.TextField(default="")),
                ("note", models.BinaryField(default=b"")),
                ("owed", models.BinaryField(default=b"")),
                ("frozen", models.TextField(default="")),
            ],
            options={
                "db_table": "log",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("size__gte", 0)), name="log_size_not_negative")
                ],
            },
        ),
        migrations.CreateModel(
            name="LinkRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "party", "log", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("party", models.TextField()),
                ("held", models.BigIntegerField(default=0)),
                ("heard", models.TextField(default="")),
                ("carried", models.BigIntegerField(default=0)),
                ("carried_at", models.BigIntegerField(default=0)),
                ("state", models.BinaryField(default=b"")),
                (
                    "log",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="store.logrow"),
                ),
            ],
            options={
                "db_table": "link",
            },
        ),
        migrations.CreateModel(
            name="KeySetRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "log", "index", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("index", models.BigIntegerField()),
                (
                    "log",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="store.logrow"),
                ),
            ],
            options={
                "db_table": "key_set",
            },
        ),
        migrations.CreateModel(
            name="EvidenceRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.TextField()),
                ("code", models.TextField()),
                ("data", models.BinaryField()),
                ("ours", models.BinaryField()),
                ("theirs", models.BinaryField()),
                ("delivery", models.BinaryField()),
                ("log", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="store.logrow")),
            ],
            options={
                "db_table": "evidence",
            },
        ),
        migrations.CreateModel(
            name="EntryRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "log", "index", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("index", models.BigIntegerField()),
                ("leaf", models.BinaryField()),
                ("hash", models.BinaryField()),
                (
                    "log",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="store.logrow",
                    ),
                ),
            ],
            options={
                "db_table": "entry",
            },
        ),
        migrations.CreateModel(
            name="CosignatureRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "log", "size", "name", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("size", models.BigIntegerField()),
                ("name", models.TextField()),
                ("line", models.BinaryField()),
                (
                    "log",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="store.logrow"),
                ),
            ],
            options={
                "db_table": "cosignature",
            },
        ),
        migrations.CreateModel(
            name="PartRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "log", "index", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("index", models.BigIntegerField()),
                ("number", models.SmallIntegerField()),
                ("retention", models.TextField()),
                ("salt", models.BinaryField()),
                ("body", models.BinaryField()),
                (
                    "log",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="store.logrow",
                    ),
                ),
            ],
            options={
                "db_table": "part",
            },
        ),
        migrations.CreateModel(
            name="TileRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "log", "level", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("level", models.SmallIntegerField()),
                ("number", models.BigIntegerField()),
                ("hashes", models.BinaryField()),
                ("root", models.BinaryField()),
                (
                    "log",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="store.logrow"),
                ),
            ],
            options={
                "db_table": "tile",
            },
        ),
        migrations.RunPython(guard),
    ]
