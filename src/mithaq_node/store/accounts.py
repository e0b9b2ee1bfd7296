"""Rows of the door: sessions, second factors, failed attempts, what was done to accounts, and who read what.

Nothing here ever leaves the node. Sessions and failed attempts are made anew and stand in no backup (`store.dump`).
"""

from typing import Any, ClassVar

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q

from mithaq_node.store.desk import Officer


class Session(AbstractBaseSession):
    """One browser's session, and whose it is, so that all of an officer's can be ended together."""

    made_anew: ClassVar[bool] = True
    officer = models.ForeignKey(Officer, models.CASCADE, related_name="sessions", null=True)

    @classmethod
    def get_session_store_class(cls) -> Any:
        from importlib import import_module

        from django.conf import settings

        return import_module(settings.SESSION_ENGINE).SessionStore


class FactorForm(models.TextChoices):
    """What an officer shows beside a password, or in its place."""

    CODES = "codes"
    PASSKEY = "passkey"


class SecondFactor(models.Model):
    """A generator of one-time codes, or a passkey."""

    officer = models.ForeignKey(Officer, models.CASCADE, related_name="factors")
    form = models.CharField(max_length=16, choices=FactorForm.choices)
    label = models.CharField(max_length=60, blank=True)
    """What the officer calls a passkey."""
    host = models.CharField(max_length=255, blank=True)
    """The host name that a passkey was made for (its relying-party identifier); it opens no other."""
    credential = models.CharField(max_length=1400, blank=True)
    """A passkey's identifier, in hexadecimal; empty for codes."""
    secret = models.BinaryField()
    """A passkey's public key with what belongs to it; for codes the shared secret, encrypted (`services.codes`)."""
    counter = models.BigIntegerField(default=0)
    """The last time step whose code was taken, or the passkey's own count of signatures."""
    added_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="factor_form_known", condition=Q(form__in=FactorForm.values)),
            models.UniqueConstraint(name="one_generator_each", fields=["officer"], condition=Q(form=FactorForm.CODES)),
            models.UniqueConstraint(
                name="a_passkey_is_one_officers", fields=["credential"], condition=Q(form=FactorForm.PASSKEY)
            ),
        ]
        ordering: ClassVar[list[str]] = ["pk"]

    def __str__(self) -> str:
        return f"{self.form} {self.label}".rstrip()


class RecoveryCode(models.Model):
    """A code on paper that stands once in place of a second factor. Only its digest is kept."""

    officer = models.ForeignKey(Officer, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(name="recovery_code_once", fields=["officer", "digest"]),
        ]

    def __str__(self) -> str:
        return f"recovery code {self.pk}"


class FeedKey(models.Model):
    """The secret of an officer's own address of the calendar for other programs. Only its digest is kept; a new one
    takes the place of the one before."""

    officer = models.OneToOneField(Officer, models.CASCADE, primary_key=True, related_name="feed_key")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "feed_key"

    def __str__(self) -> str:
        return f"feed key of {self.officer_id}"


class AccessToken(models.Model):
    """The secret with which a program reads as its officer, within its scopes and until it expires. Only its digest is
    kept, and the row stays when it has ended: what was let in is not forgotten."""

    officer = models.ForeignKey(Officer, models.PROTECT, related_name="tokens")
    scopes = models.CharField(max_length=200)
    """Names of `mithaq_node.services.tokens.SCOPES`, in order, with a space between."""
    label = models.CharField(max_length=60, blank=True)
    """What the operator calls the program."""
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    """When the operator revoked it; null until then."""

    class Meta:
        db_table = "access_token"

    def __str__(self) -> str:
        return f"access token {self.pk} of {self.officer_id}"


class AnsweredOnce(models.Model):
    """What a program was answered that named its request by a key, so that the same request is answered the same way
    and done once. Nothing of what was sent stands here but a digest."""

    token = models.ForeignKey(AccessToken, models.CASCADE, related_name="answered")
    key = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    """SHA-256 of the request, hex."""
    answer = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        db_table = "answered_once"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(name="a_key_is_answered_once", fields=["token", "key"]),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["at"], name="answered_by_time")]

    def __str__(self) -> str:
        return f"{self.token_id}/{self.key}"


class FailedSignIn(models.Model):
    """An attempt that failed. The name is kept as a keyed digest: people type passwords where the name belongs."""

    made_anew: ClassVar[bool] = True
    name = models.CharField(max_length=64)
    address = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["at"], name="failed_by_time")]

    def __str__(self) -> str:
        return f"{self.address} {self.at}"


class AccountDeed(models.TextChoices):
    """What may happen to an account; these codes stand in the rows for ever."""

    MADE = "made"
    DISABLED = "disabled"
    ENABLED = "enabled"
    PASSWORD = "password"
    SIGNED_IN = "signed-in"
    FACTOR_ADDED = "factor-added"
    FACTOR_REMOVED = "factor-removed"
    FACTORS_RESET = "factors-reset"
    RECOVERY_MADE = "recovery-made"
    RECOVERY_USED = "recovery-used"
    WAIT_LIFTED = "wait-lifted"


class AccountEvent(models.Model):
    """Something that was done to an account, by its officer or by the operator's command."""

    officer = models.ForeignKey(Officer, models.PROTECT, related_name="events")
    deed = models.CharField(max_length=24, choices=AccountDeed.choices)
    by_operator = models.BooleanField(default=False)
    address = models.CharField(max_length=64, blank=True)
    """Where from, when it was done in a browser."""
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="account_deed_known", condition=Q(deed__in=AccountDeed.values)),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["officer", "deed", "at"], name="account_event_by_officer"),
        ]

    def __str__(self) -> str:
        return f"{self.deed} {self.at}"


class PartRead(models.Model):
    """An officer was shown a part that is not coded: a text, an exact place; took a whole log or a paper away; or a
    program read a layer of the map, a list of the record, or drafts, with the officer's token."""

    officer = models.ForeignKey(Officer, models.PROTECT, related_name="reads")
    number = models.CharField(max_length=40)
    """The spoken number of the notice; the name of the log when it was exported, empty for all of them; the name of a
    paper's file, of a layer or of a list; the identifier of a draft, empty for the list of them."""
    part = models.SmallIntegerField()
    """The number of the part within its notice; -1 for an export, -2 for a paper, -3 for a layer, -4 for
    a list of the record, -5 for drafts."""
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["officer", "number", "at"], name="part_read_by_officer"),
        ]

    def __str__(self) -> str:
        return f"{self.number}/{self.part} {self.at}"
