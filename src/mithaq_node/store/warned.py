"""Rows of the ledger of warnings: what this node showed, with what it looked, and what its officers say became of it.

Nothing here ever leaves the node, and nothing here is part of any state. Rows are only added (`store.append_only`): a
warning stays as it was first shown, and a judgement that turns out wrong is followed by another one.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from mithaq.prevention.warned import Outcome
from mithaq_node.store.desk import Officer


class LookSettingRow(models.Model):
    """With what this node looks from then on (`mithaq.prevention.settings`). The last row counts."""

    recurrence = models.PositiveIntegerField()
    history = models.PositiveIntegerField()
    longest = models.PositiveIntegerField()
    widest = models.PositiveIntegerField()
    by = models.ForeignKey(Officer, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "look_setting"

    def __str__(self) -> str:
        return f"settings {self.pk}"


class LookRow(models.Model):
    """A look: the first one of its day, and any other that found a warning not shown before."""

    day = models.CharField(max_length=10)
    """ISO 8601, in UTC; whole days before it were counted."""
    at = models.DateTimeField()
    cut = models.TextField()
    """Canonical JSON: each log's origin to the size up to which it was read."""
    method = models.PositiveIntegerField()
    settings = models.TextField()
    """Canonical JSON of `mithaq.prevention.settings.Settings`."""
    cases = models.PositiveIntegerField()

    class Meta:
        db_table = "look"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["day"], name="look_by_day")]

    def __str__(self) -> str:
        return f"look of {self.day}"


class WarnedRow(models.Model):
    """A warning as it was first shown. `opens` is empty on the first of an episode and names it on those that go on."""

    look = models.ForeignKey(LookRow, models.PROTECT, related_name="warned")
    opens = models.ForeignKey("self", models.PROTECT, related_name="later", null=True)
    sectors = models.TextField()
    """Their codes along the line, with a space between."""
    first = models.CharField(max_length=10)
    last = models.CharField(max_length=10)
    observed = models.PositiveIntegerField()
    expected = models.PositiveIntegerField()
    """In thousandths."""
    p = models.PositiveIntegerField()
    """In millionths."""
    recurrence = models.PositiveIntegerField()

    class Meta:
        db_table = "warned"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["sectors", "first", "last"], name="warned_shown_once"),
        ]

    def __str__(self) -> str:
        return f"{self.sectors} {self.first}"


class OutcomeRow(models.Model):
    """What an officer judges became of an episode. `about` is the spoken number of a notice that shows it, or empty."""

    warned = models.ForeignKey(WarnedRow, models.PROTECT, related_name="outcomes")
    outcome = models.CharField(max_length=16, choices=[(each.value, each.value) for each in Outcome])
    about = models.CharField(max_length=80, blank=True)
    by = models.ForeignKey(Officer, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "outcome"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="outcome_known", condition=Q(outcome__in=[each.value for each in Outcome])),
        ]

    def __str__(self) -> str:
        return f"{self.warned_id}: {self.outcome}"
