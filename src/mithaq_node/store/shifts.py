"""Rows of the watch: shifts with the papers that their officers signed, and the lines of the watch log.

Nothing here ever leaves the node. Every row is written once (`store.append_only`): a hand-over that turns out wrong is
followed by another one, a wrong line by one that corrects it.
"""

from typing import ClassVar

from django.db import models

from mithaq_node.store.desk import Officer


class ShiftRow(models.Model):
    """A shift, from the moment at which its officer took over. It lasts until the next one begins."""

    number = models.BigIntegerField(primary_key=True)
    """From 1, without a gap: of two who take over at once the second finds the number taken."""
    officer = models.ForeignKey(Officer, models.PROTECT, related_name="+")
    at = models.TextField()
    paper = models.BinaryField()
    """`mithaq.notices.handover.Taking`, signed."""
    items = models.BinaryField()
    """The list whose digest the paper names."""
    silent = models.TextField(default="")
    """Why no alarm can be heard at this desk, as the officer stated; empty where one was heard. The paper says it
    too."""
    drawn = models.CharField(max_length=32, unique=True)
    """What the form was called that made the row: sent twice it makes one."""

    class Meta:
        db_table = "shift"

    def __str__(self) -> str:
        return f"shift {self.number}"


class HandingRow(models.Model):
    """What the officer of a shift signed at its end. The last one of a shift counts."""

    shift = models.ForeignKey(ShiftRow, models.PROTECT, related_name="handings")
    at = models.TextField()
    paper = models.BinaryField()
    """`mithaq.notices.handover.Handing`, signed."""
    items = models.BinaryField()
    drawn = models.CharField(max_length=32, unique=True)

    class Meta:
        db_table = "handing"

    def __str__(self) -> str:
        return f"end of shift {self.shift_id}"


class WatchLineRow(models.Model):
    """A line of the watch log (`mithaq.notices.watchlog.Line`)."""

    number = models.BigIntegerField(primary_key=True)
    at = models.TextField()
    written = models.TextField()
    officer = models.ForeignKey(Officer, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16)
    office = models.CharField(max_length=80, default="")
    subject = models.TextField(default="")
    text = models.TextField()
    corrects = models.ForeignKey("self", models.PROTECT, related_name="corrections", null=True)
    kept = models.SmallIntegerField(default=0)
    chain = models.BinaryField()
    drawn = models.CharField(max_length=32, unique=True)

    class Meta:
        db_table = "watch_line"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["at"], name="watch_line_by_moment")]

    def __str__(self) -> str:
        return f"line {self.number}"
