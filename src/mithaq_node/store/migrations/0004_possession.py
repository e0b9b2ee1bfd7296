"""What shows that an officer's key is held: made with the key, carried by the key-set that registers it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0003_unsure")]

    operations = [
        migrations.AddField("officer", "possession", models.BinaryField(default=b"", max_length=64), False),
    ]
