"""What a party keeps for itself beside the record, and the triggers that let it only grow."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from mithaq_node.store import append_only


def guard(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in append_only.added_only(editor.connection.vendor, append_only.INSIDE):
        editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0007_courier"),
    ]

    operations = [
        migrations.CreateModel(
            name="ArrangementRow",
            fields=[
                ("version", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("document", models.TextField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "arrangement",
            },
        ),
        migrations.CreateModel(
            name="EscalationRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("about", models.CharField(max_length=80)),
                ("step", models.PositiveIntegerField()),
                ("authority", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "escalation",
                "constraints": [models.UniqueConstraint(fields=("about", "step"), name="escalation_step_once")],
            },
        ),
        migrations.CreateModel(
            name="RemarkRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("about", models.CharField(db_index=True, max_length=80)),
                ("text", models.CharField(max_length=2000)),
                ("asks", models.BooleanField(default=False)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "settles",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="settled_by",
                        to="store.remarkrow",
                    ),
                ),
            ],
            options={
                "db_table": "remark",
            },
        ),
        migrations.CreateModel(
            name="AssignmentRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("matter", models.CharField(max_length=80)),
                ("step", models.PositiveIntegerField()),
                (
                    "deed",
                    models.CharField(
                        choices=[("taken", "Taken"), ("given", "Given"), ("given-back", "Given Back")], max_length=16
                    ),
                ),
                ("desk", models.CharField(blank=True, max_length=80)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "officer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "assignment",
                "constraints": [
                    models.UniqueConstraint(fields=("matter", "step"), name="assignment_one_at_a_time"),
                    models.CheckConstraint(
                        condition=models.Q(("deed__in", ["taken", "given", "given-back"])), name="assignment_deed_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("deed", "taken"), _negated=True),
                            models.Q(("officer", models.F("by")), ("officer__isnull", False)),
                            _connector="OR",
                        ),
                        name="assignment_taken_for_oneself",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RegistrationRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("about", models.CharField(db_index=True, max_length=80)),
                ("number", models.CharField(max_length=60)),
                ("key", models.CharField(db_index=True, max_length=120)),
                ("year", models.PositiveIntegerField(null=True)),
                ("running", models.PositiveIntegerField(null=True)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "db_table": "registration",
                "constraints": [models.UniqueConstraint(fields=("year", "running"), name="registration_drawn_once")],
            },
        ),
        migrations.RunPython(guard),
    ]
