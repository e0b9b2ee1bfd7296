"""What programs were answered that named their request by a key."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0015_tokens")]

    operations = [
        migrations.CreateModel(
            name="AnsweredOnce",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=64)),
                ("digest", models.CharField(max_length=64)),
                ("answer", models.BinaryField()),
                ("at", models.DateTimeField()),
                (
                    "token",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answered",
                        to="store.accesstoken",
                    ),
                ),
            ],
            options={
                "db_table": "answered_once",
                "indexes": [models.Index(fields=["at"], name="answered_by_time")],
                "constraints": [
                    models.UniqueConstraint(fields=("token", "key"), name="a_key_is_answered_once"),
                ],
            },
        ),
    ]
