"""The record's tables: schema only. `store/log.py` writes them in hand-written SQL; pages read through `queries`.

A row keeps the exact bytes that were signed or hashed. Triggers (migration 0001) hold on both engines: entries, parts,
tiles, cosignatures and evidence are never changed, nor deleted but for parts that an `erased` leaf of ours names
(migration 0005) and for leaves and facts that a volume holds (migration 0017), and a log only grows. Entries and parts
have no foreign key constraint: a log is never deleted, so it would only cost a look-up for every row.
"""

from typing import ClassVar

from django.db import models


class LogRow(models.Model):
    """One log, our own or a counterpart's that we hold: its head, and what our receipts for it still owe."""

    origin = models.TextField(unique=True)
    own = models.BooleanField()
    size = models.BigIntegerField(default=0)
    root = models.BinaryField()
    frontier = models.BinaryField()
    last_at = models.TextField(default="")
    """The latest `at` in the log; `at` never decreases."""
    note = models.BinaryField(default=b"")
    """The newest signed checkpoint: for another's log the one we accepted, for our own the newest that was cosigned."""
    owed = models.BinaryField(default=b"")
    """`mithaq.exchange.receipts.Owed`, encoded: parts missing and what the next receipt must say."""
    frozen = models.TextField(default="")
    """Code of the refusal that stopped the link; empty while it runs."""
    unsure = models.TextField(default="")
    in_force = models.TextField(default="")
    """The digest of the version of the instrument that binds its party from the next leaf on."""
    """Of our own log: code of the refusal that keeps it from being signed until a mirror has confirmed it."""

    class Meta:
        db_table = "log"
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(size__gte=0), name="log_size_not_negative")]


class EntryRow(models.Model):
    """One leaf, byte for byte, and its hash; old ones lie in volumes."""

    pk = models.CompositePrimaryKey("log", "index")
    log = models.ForeignKey(LogRow, models.PROTECT, db_index=False, db_constraint=False)
    index = models.BigIntegerField()
    leaf = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        db_table = "entry"


class PartRow(models.Model):
    """A part that travels beside a leaf: `facts`, or the part of one retention class (`store/bodies.py`)."""

    pk = models.CompositePrimaryKey("log", "index", "number")
    log = models.ForeignKey(LogRow, models.PROTECT, db_index=False, db_constraint=False)
    index = models.BigIntegerField()
    number = models.SmallIntegerField()
    retention = models.TextField()
    salt = models.BinaryField()
    body = models.BinaryField()
    month = models.TextField(default="")
    """Of an erasable part: the month whose key it lies under; `body` then holds salt and body sealed, `salt` none."""

    class Meta:
        db_table = "part"


class ErasureRow(models.Model):
    """What an `erased` leaf of our own says: an index over `entry`, which lets parts go."""

    pk = models.CompositePrimaryKey("by_log", "by_index", "log", "retention")
    by_log = models.ForeignKey(LogRow, models.PROTECT, db_index=False, related_name="+")
    by_index = models.BigIntegerField()
    log = models.ForeignKey(LogRow, models.PROTECT, related_name="+")
    retention = models.TextField()
    size = models.BigIntegerField()

    class Meta:
        db_table = "erasure"


class KeySetRow(models.Model):
    """Where a log's key-set leaves stand: an index over `entry`, so that keys are found without reading the log."""

    pk = models.CompositePrimaryKey("log", "index")
    log = models.ForeignKey(LogRow, models.PROTECT, db_index=False)
    index = models.BigIntegerField()

    class Meta:
        db_table = "key_set"


class TileRow(models.Model):
    """A full tile (C2SP tlog-tiles): 256 hashes at a level, and the root over them."""

    pk = models.CompositePrimaryKey("log", "level", "number")
    log = models.ForeignKey(LogRow, models.PROTECT, db_index=False)
    level = models.SmallIntegerField()
    number = models.BigIntegerField()
    hashes = models.BinaryField()
    root = models.BinaryField()

    class Meta:
        db_table = "tile"


class VolumeRow(models.Model):
    """A full tile of which leaves and facts lie in one row, compressed (`store/volumes.py`)."""

    pk = models.CompositePrimaryKey("log", "number")
    log = models.ForeignKey(LogRow, models.PROTECT, db_index=False)
    number = models.BigIntegerField()
    """That of the tile of level 0: it holds the entries from 256 times this number on."""
    root = models.BinaryField()
    """The root over its leaves, which is the tile's."""
    packed = models.BinaryField()

    class Meta:
        db_table = "volume"


class CosignatureRow(models.Model):
    """One cosigner's signature line on the checkpoint of `size`."""

    pk = models.CompositePrimaryKey("log", "size", "name")
    log = models.ForeignKey(LogRow, models.PROTECT, db_index=False)
    size = models.BigIntegerField()
    name = models.TextField()
    line = models.BinaryField()

    class Meta:
        db_table = "cosignature"


class LinkRow(models.Model):
    """The link to one counterpart, for one of our logs: `mithaq.exchange.session.Link`, and when it was heard."""

    pk = models.CompositePrimaryKey("party", "log")
    party = models.TextField()
    log = models.ForeignKey(LogRow, models.PROTECT, db_index=False)
    held = models.BigIntegerField(default=0)
    """How much of our log they hold, by their own word."""
    heard = models.TextField(default="")
    """When we last heard from them."""
    carried = models.BigIntegerField(default=0)
    """How much of our log went to them in answers, which they have not confirmed by then."""
    carried_at = models.BigIntegerField(default=0)
    state = models.BinaryField(default=b"")

    class Meta:
        db_table = "link"


class CourierRow(models.Model):
    """What the last courier to or from a counterpart carried; for the desk, nothing depends on it."""

    pk = models.CompositePrimaryKey("party", "way")
    party = models.TextField()
    way = models.TextField()
    """`out` or `in` (`store/couriers.py`)."""
    at = models.TextField()
    start = models.BigIntegerField()
    size = models.BigIntegerField()

    class Meta:
        db_table = "courier"


class EvidenceRow(models.Model):
    """Why a link was stopped, with both signed heads: what a committee is shown."""

    log = models.ForeignKey(LogRow, models.PROTECT)
    at = models.TextField()
    code = models.TextField()
    data = models.BinaryField()
    ours = models.BinaryField()
    """The newest checkpoint of that log that we accepted."""
    theirs = models.BinaryField()
    """The checkpoint that we could not accept."""
    delivery = models.BinaryField()
    """The delivery, as it came but for its parts."""

    class Meta:
        db_table = "evidence"
