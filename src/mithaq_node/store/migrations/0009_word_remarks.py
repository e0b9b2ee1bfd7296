"""What officers say of the words on the pages (`mithaq_node.store.wording`)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0008_inside")]

    operations = [
        migrations.CreateModel(
            name="WordRemark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("language", models.CharField(max_length=8)),
                ("page", models.CharField(max_length=80)),
                ("word", models.CharField(max_length=120)),
                ("suggestion", models.CharField(blank=True, max_length=120)),
                (
                    "officer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="word_remarks",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "word_remark",
                "ordering": ["pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("language__in", ("ar", "fa", "ckb", "en"))), name="word_remark_language"
                    )
                ],
            },
        ),
    ]
