"""What the last courier to and from each counterpart carried (`mithaq_node.store.couriers`)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0006_in_force")]

    operations = [
        migrations.CreateModel(
            name="CourierRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "party", "way", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("party", models.TextField()),
                ("way", models.TextField()),
                ("at", models.TextField()),
                ("start", models.BigIntegerField()),
                ("size", models.BigIntegerField()),
            ],
            options={"db_table": "courier"},
        ),
    ]
