"""Volumes of old leaves and facts, and the triggers that let rows go where one stands."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from mithaq_node.store import append_only


def guard(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in append_only.sealing(editor.connection.vendor):
        editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("store", "0016_answered_once")]

    operations = [
        migrations.CreateModel(
            name="VolumeRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "log", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.BigIntegerField()),
                ("root", models.BinaryField()),
                ("packed", models.BinaryField()),
                (
                    "log",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="store.logrow"),
                ),
            ],
            options={"db_table": "volume"},
        ),
        migrations.RunPython(guard),
    ]
