"""Which version of the instrument binds a log's party behind its last leaf (`mithaq.notices.versions`)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0005_erasure")]

    operations = [
        # By hand, because on SQLite Django adds a column by making the table anew, and so without its triggers.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE log ADD COLUMN in_force text NOT NULL DEFAULT ''",
                    "ALTER TABLE log DROP COLUMN in_force",
                )
            ],
            state_operations=[
                migrations.AddField(model_name="logrow", name="in_force", field=models.TextField(default=""))
            ],
        )
    ]
