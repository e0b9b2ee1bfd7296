"""Sessions with their officers, second factors, failed sign-ins, deeds on accounts, who read what; two more roles."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0011_filing"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccountEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "deed",
                    models.CharField(
                        choices=[
                            ("made", "Made"),
                            ("disabled", "Disabled"),
                            ("enabled", "Enabled"),
                            ("password", "Password"),
                            ("signed-in", "Signed In"),
                            ("factor-added", "Factor Added"),
                            ("factor-removed", "Factor Removed"),
                            ("factors-reset", "Factors Reset"),
                            ("recovery-made", "Recovery Made"),
                            ("recovery-used", "Recovery Used"),
                            ("wait-lifted", "Wait Lifted"),
                        ],
                        max_length=24,
                    ),
                ),
                ("by_operator", models.BooleanField(default=False)),
                ("address", models.CharField(blank=True, max_length=64)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="FailedSignIn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=64)),
                ("address", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="PartRead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=40)),
                ("part", models.SmallIntegerField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="RecoveryCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64)),
                ("used_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="SecondFactor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("form", models.CharField(choices=[("codes", "Codes"), ("passkey", "Passkey")], max_length=16)),
                ("label", models.CharField(blank=True, max_length=60)),
                ("host", models.CharField(blank=True, max_length=255)),
                ("credential", models.CharField(blank=True, max_length=1400)),
                ("secret", models.BinaryField()),
                ("counter", models.BigIntegerField(default=0)),
                ("added_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "session_key",
                    models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="session key"),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
                "abstract": False,
            },
        ),
        migrations.RemoveConstraint(
            model_name="officer",
            name="officer_role_known",
        ),
        migrations.AddField(
            model_name="officer",
            name="directory",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AlterField(
            model_name="officer",
            name="role",
            field=models.CharField(
                choices=[
                    ("duty", "Duty"),
                    ("releasing", "Releasing"),
                    ("secretariat", "Secretariat"),
                    ("auditor", "Auditor"),
                    ("operator", "Operator"),
                    ("integrator", "Integrator"),
                    ("observer", "Observer"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="officer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("role__in", ["duty", "releasing", "secretariat", "auditor", "operator", "integrator", "observer"])
                ),
                name="officer_role_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="officer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("directory", ""), _negated=True),
                fields=("directory",),
                name="one_officer_for_a_directory_name",
            ),
        ),
        migrations.AddField(
            model_name="accountevent",
            name="officer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="events", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddIndex(
            model_name="failedsignin",
            index=models.Index(fields=["at"], name="failed_by_time"),
        ),
        migrations.AddField(
            model_name="partread",
            name="officer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="reads", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="recoverycode",
            name="officer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="recovery_codes", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="secondfactor",
            name="officer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="factors", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="session",
            name="officer",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="sessions",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="accountevent",
            index=models.Index(fields=["officer", "deed", "at"], name="account_event_by_officer"),
        ),
        migrations.AddConstraint(
            model_name="accountevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "deed__in",
                        [
                            "made",
                            "disabled",
                            "enabled",
                            "password",
                            "signed-in",
                            "factor-added",
                            "factor-removed",
                            "factors-reset",
                            "recovery-made",
                            "recovery-used",
                            "wait-lifted",
                        ],
                    )
                ),
                name="account_deed_known",
            ),
        ),
        migrations.AddIndex(
            model_name="partread",
            index=models.Index(fields=["officer", "number", "at"], name="part_read_by_officer"),
        ),
        migrations.AddConstraint(
            model_name="recoverycode",
            constraint=models.UniqueConstraint(fields=("officer", "digest"), name="recovery_code_once"),
        ),
        migrations.AddConstraint(
            model_name="secondfactor",
            constraint=models.CheckConstraint(
                condition=models.Q(("form__in", ["codes", "passkey"])), name="factor_form_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="secondfactor",
            constraint=models.UniqueConstraint(
                condition=models.Q(("form", "codes")), fields=("officer",), name="one_generator_each"
            ),
        ),
        migrations.AddConstraint(
            model_name="secondfactor",
            constraint=models.UniqueConstraint(
                condition=models.Q(("form", "passkey")), fields=("credential",), name="a_passkey_is_one_officers"
            ),
        ),
    ]
