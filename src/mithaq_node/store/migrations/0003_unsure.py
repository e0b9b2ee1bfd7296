"""A mark on our own log: nothing of it is signed until a mirror has confirmed it (`services.recovering`)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0002_desk")]

    operations = [
        # By hand, because on SQLite Django adds a column by making the table anew, and so without its triggers.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE log ADD COLUMN unsure text NOT NULL DEFAULT ''", "ALTER TABLE log DROP COLUMN unsure"
                )
            ],
            state_operations=[
                migrations.AddField(model_name="logrow", name="unsure", field=models.TextField(default=""))
            ],
        )
    ]
