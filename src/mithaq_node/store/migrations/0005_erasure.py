"""Parts that lie sealed, the index of erasures, and the triggers that let a part go where it names one."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from mithaq_node.store import append_only


def guard(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in append_only.erasing(editor.connection.vendor):
        editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("store", "0004_possession")]

    operations = [
        # By hand, because on SQLite Django adds a column by making the table anew, and so without its triggers.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE part ADD COLUMN month text NOT NULL DEFAULT ''", "ALTER TABLE part DROP COLUMN month"
                ),
                migrations.RunSQL(
                    "CREATE INDEX part_by_month ON part (month, retention) WHERE month <> ''",
                    "DROP INDEX part_by_month",
                ),
            ],
            state_operations=[
                migrations.AddField(model_name="partrow", name="month", field=models.TextField(default="")),
            ],
        ),
        migrations.CreateModel(
            name="ErasureRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "by_log", "by_index", "log", "retention", blank=True, editable=False, primary_key=True,
                        serialize=False,
                    ),
                ),
                ("by_index", models.BigIntegerField()),
                ("retention", models.TextField()),
                ("size", models.BigIntegerField()),
                (
                    "by_log",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.logrow",
                    ),
                ),
                (
                    "log",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="store.logrow"
                    ),
                ),
            ],
            options={"db_table": "erasure"},
        ),
        migrations.RunPython(guard),
    ]  # fmt: skip
