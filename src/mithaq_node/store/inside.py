"""Rows of what one party keeps for itself beside the record: its desks, who has what in hand, remarks, its own numbers.

Nothing here ever leaves the node, and nothing here is part of any state. Rows are only added: the last one counts, and
the ones before it are the history. `about` and `matter` are spoken numbers; a matter is a thread, called by the number
of its first notice.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from mithaq_node.store.desk import Officer


class ArrangementRow(models.Model):
    """One version of the internal order (`mithaq.notices.desks`). `by` is empty where the shell wrote it."""

    version = models.PositiveIntegerField(primary_key=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Officer, models.PROTECT, related_name="+", null=True)
    document = models.TextField()

    class Meta:
        db_table = "arrangement"

    def __str__(self) -> str:
        return str(self.version)


class Handing(models.TextChoices):
    """How a matter changed hands."""

    TAKEN = "taken"
    GIVEN = "given"
    GIVEN_BACK = "given-back"


class AssignmentRow(models.Model):
    """One change of hands. After it, `officer` has the matter, or `desk`; nobody after it was given back."""

    matter = models.CharField(max_length=80)
    step = models.PositiveIntegerField()
    deed = models.CharField(max_length=16, choices=Handing.choices)
    desk = models.CharField(max_length=80, blank=True)
    officer = models.ForeignKey(Officer, models.PROTECT, related_name="+", null=True)
    by = models.ForeignKey(Officer, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "assignment"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["matter", "step"], name="assignment_one_at_a_time"),
            models.CheckConstraint(name="assignment_deed_known", condition=Q(deed__in=Handing.values)),
            models.CheckConstraint(
                name="assignment_taken_for_oneself",
                condition=~Q(deed=Handing.TAKEN) | Q(officer__isnull=False, officer=models.F("by")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.matter}/{self.step}"


class RemarkRow(models.Model):
    """What an officer said to their own side about a notice. One that `asks` stays open until another settles it."""

    about = models.CharField(max_length=80, db_index=True)
    text = models.CharField(max_length=2000)
    asks = models.BooleanField(default=False)
    settles = models.OneToOneField("self", models.PROTECT, related_name="settled_by", null=True)
    by = models.ForeignKey(Officer, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "remark"

    def __str__(self) -> str:
        return f"{self.about}: {self.pk}"


class RegistrationRow(models.Model):
    """A number of this party's own registry. `key` is what it is found under; `year` and `running` stand where the
    pattern made it."""

    about = models.CharField(max_length=80, db_index=True)
    number = models.CharField(max_length=60)
    key = models.CharField(max_length=120, db_index=True)
    year = models.PositiveIntegerField(null=True)
    running = models.PositiveIntegerField(null=True)
    by = models.ForeignKey(Officer, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "registration"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["year", "running"], name="registration_drawn_once"),
        ]

    def __str__(self) -> str:
        return f"{self.about}: {self.number}"


class EscalationRow(models.Model):
    """A step of the escalation of a notice that rang: the authority that was to be called, and when."""

    about = models.CharField(max_length=80)
    step = models.PositiveIntegerField()
    authority = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "escalation"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["about", "step"], name="escalation_step_once"),
        ]

    def __str__(self) -> str:
        return f"{self.about}/{self.step}"


class TickRow(models.Model):
    """An item of a notice's checklist that an officer ticked, or took the tick from."""

    about = models.CharField(max_length=80, db_index=True)
    item = models.CharField(max_length=120)
    """The item's key in the words of the instrument."""
    done = models.BooleanField()
    by = models.ForeignKey(Officer, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "tick"

    def __str__(self) -> str:
        return f"{self.about}: {self.item}"
