"""Shifts, what their officers signed, the watch log, and the triggers that guard them (`mithaq_node.store.shifts`)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from mithaq_node.store import append_only


def guard(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in append_only.added_only(editor.connection.vendor, append_only.OF_A_SHIFT):
        editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0009_word_remarks"),
    ]

    operations = [
        migrations.CreateModel(
            name="ShiftRow",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.TextField()),
                ("paper", models.BinaryField()),
                ("items", models.BinaryField()),
                ("silent", models.TextField(default="")),
                ("drawn", models.CharField(max_length=32, unique=True)),
                (
                    "officer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "db_table": "shift",
            },
        ),
        migrations.CreateModel(
            name="HandingRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.TextField()),
                ("paper", models.BinaryField()),
                ("items", models.BinaryField()),
                ("drawn", models.CharField(max_length=32, unique=True)),
                (
                    "shift",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="handings", to="store.shiftrow"
                    ),
                ),
            ],
            options={
                "db_table": "handing",
            },
        ),
        migrations.CreateModel(
            name="WatchLineRow",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.TextField()),
                ("written", models.TextField()),
                ("kind", models.CharField(max_length=16)),
                ("office", models.CharField(default="", max_length=80)),
                ("subject", models.TextField(default="")),
                ("text", models.TextField()),
                ("kept", models.SmallIntegerField(default=0)),
                ("chain", models.BinaryField()),
                ("drawn", models.CharField(max_length=32, unique=True)),
                (
                    "corrects",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="store.watchlinerow",
                    ),
                ),
                (
                    "officer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "db_table": "watch_line",
                "indexes": [models.Index(fields=["at"], name="watch_line_by_moment")],
            },
        ),
        migrations.RunPython(guard),
    ]
