"""Ticks of checklists, guarded as the rest of what a party keeps for itself; and the keys of officers' feeds."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from mithaq_node.store.append_only import TICKED, added_only


def guard(apps: Any, schema_editor: Any) -> None:
    """Put the triggers on the new table."""
    for statement in added_only(schema_editor.connection.vendor, TICKED):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("store", "0012_accounts")]

    operations = [
        migrations.CreateModel(
            name="TickRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("about", models.CharField(db_index=True, max_length=80)),
                ("item", models.CharField(max_length=120)),
                ("done", models.BooleanField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={"db_table": "tick"},
        ),
        migrations.CreateModel(
            name="FeedKey",
            fields=[
                (
                    "officer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="feed_key",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField()),
            ],
            options={"db_table": "feed_key"},
        ),
        migrations.RunPython(guard),
    ]
