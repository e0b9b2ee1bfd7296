"""Compare two export folders log by log: the same up to where, and from which entry on not."""

from collections.abc import Iterator
from functools import cache

from mithaq.record import checkpoint, merkle, note, reconcile, tiles
from mithaq_files.export import Export, ExportedLog

Outcome = reconcile.Same | reconcile.Fork | reconcile.Strangers


def compare(ours: Export, theirs: Export) -> Iterator[tuple[str, Outcome]]:
    """For each log that stands in both, by its folder: what the comparison finds. Entries are hashed again for it."""
    others = {log.name: log for log in theirs.logs}
    for log in ours.logs:
        if log.name in others:
            yield log.name, reconcile.compare(_holding(log), _holding(others[log.name]))


def only_in_one(ours: Export, theirs: Export) -> tuple[str, ...]:
    """The logs that stand in one of the two exports alone."""
    return tuple(sorted({log.name for log in ours.logs} ^ {log.name for log in theirs.logs}))


def _holding(log: ExportedLog) -> reconcile.Holding:
    signed = log.signed()
    head = checkpoint.parse(note.text_of(signed))
    return reconcile.Holding(head, signed, _hashed(log, head.size))


def _hashed(log: ExportedLog, size: int) -> merkle.Subtree:
    @cache
    def tree() -> merkle.Tree:
        entries = (entry for bundle in tiles.bundles_of(size) for entry in log.entries(bundle))
        return merkle.Tree(map(merkle.leaf_hash, entries))

    return lambda start, end: tree().subtree(start, end)
