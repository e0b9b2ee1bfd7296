"""The ledger of warnings: looks, what they warned of, what became of it, and with what one looks; only added to."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from mithaq_node.store.append_only import WARNED, added_only


def guard(apps: Any, schema_editor: Any) -> None:
    """Put the triggers on the new tables."""
    for statement in added_only(schema_editor.connection.vendor, WARNED):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0013_activities"),
    ]

    operations = [
        migrations.CreateModel(
            name="LookRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.CharField(max_length=10)),
                ("at", models.DateTimeField()),
                ("cut", models.TextField()),
                ("method", models.PositiveIntegerField()),
                ("settings", models.TextField()),
                ("cases", models.PositiveIntegerField()),
            ],
            options={
                "db_table": "look",
                "indexes": [models.Index(fields=["day"], name="look_by_day")],
            },
        ),
        migrations.CreateModel(
            name="LookSettingRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("recurrence", models.PositiveIntegerField()),
                ("history", models.PositiveIntegerField()),
                ("longest", models.PositiveIntegerField()),
                ("widest", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "db_table": "look_setting",
            },
        ),
        migrations.CreateModel(
            name="WarnedRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sectors", models.TextField()),
                ("first", models.CharField(max_length=10)),
                ("last", models.CharField(max_length=10)),
                ("observed", models.PositiveIntegerField()),
                ("expected", models.PositiveIntegerField()),
                ("p", models.PositiveIntegerField()),
                ("recurrence", models.PositiveIntegerField()),
                (
                    "look",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="warned", to="store.lookrow"
                    ),
                ),
                (
                    "opens",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="later",
                        to="store.warnedrow",
                    ),
                ),
            ],
            options={
                "db_table": "warned",
            },
        ),
        migrations.CreateModel(
            name="OutcomeRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("came", "came"),
                            ("nothing", "nothing"),
                            ("known-cause", "known-cause"),
                            ("cannot-say", "cannot-say"),
                        ],
                        max_length=16,
                    ),
                ),
                ("about", models.CharField(blank=True, max_length=80)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "warned",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="outcomes", to="store.warnedrow"
                    ),
                ),
            ],
            options={
                "db_table": "outcome",
            },
        ),
        migrations.AddConstraint(
            model_name="warnedrow",
            constraint=models.UniqueConstraint(fields=("sectors", "first", "last"), name="warned_shown_once"),
        ),
        migrations.AddConstraint(
            model_name="outcomerow",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome__in", ["came", "nothing", "known-cause", "cannot-say"])),
                name="outcome_known",
            ),
        ),
        migrations.RunPython(guard),
    ]
