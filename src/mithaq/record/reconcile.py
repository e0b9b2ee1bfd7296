"""Comparing what two holders have of one log: the same up to where, and from which entry on not.

Two heads of one origin that cannot both be true are a *fork*: evidence that the log's key signed two histories, which
anyone with that key can check. Finding the first differing entry needs both holders' hashes; for two folders that is a
walk down from the root, reading no more than the hashes on the way.
"""

from dataclasses import dataclass

from mithaq.record import merkle
from mithaq.record.checkpoint import Checkpoint


@dataclass(frozen=True, slots=True)
class Holding:
    """What one side has of a log: the head it can show, and its perfect subtree roots."""

    head: Checkpoint
    signed: bytes
    subtree: merkle.Subtree


@dataclass(frozen=True, slots=True)
class Same:
    """Both hold the same entries as far as the shorter goes: `size` entries, of which the longer has more."""

    size: int
    longer: int


@dataclass(frozen=True, slots=True)
class Fork:
    """The two histories part at entry `index`; `evidence` are the two signed heads."""

    index: int
    evidence: tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Strangers:
    """The two are not of one log."""

    origins: tuple[str, str]


def compare(ours: Holding, theirs: Holding) -> Same | Fork | Strangers:
    """Compare two holdings of a log."""
    if ours.head.origin != theirs.head.origin:
        return Strangers((ours.head.origin, theirs.head.origin))
    size = min(ours.head.size, theirs.head.size)
    index = first_difference(size, ours.subtree, theirs.subtree)
    if index is None:
        return Same(size, max(ours.head.size, theirs.head.size))
    return Fork(index, (ours.signed, theirs.signed))


def first_difference(size: int, ours: merkle.Subtree, theirs: merkle.Subtree) -> int | None:
    """The index of the first entry below `size` in which two trees differ, or None."""
    start = 0
    while start < size:
        width = 1 << ((size - start).bit_length() - 1)
        if ours(start, start + width) != theirs(start, start + width):
            return _descend(start, width, ours, theirs)
        start += width
    return None


def _descend(start: int, width: int, ours: merkle.Subtree, theirs: merkle.Subtree) -> int:
    while width > 1:
        width //= 2
        if ours(start, start + width) == theirs(start, start + width):
            start += width
    return start


def is_fork(first: Checkpoint, second: Checkpoint) -> bool:
    """Whether two verified heads of one log contradict each other by themselves: one size, two roots."""
    return first.origin == second.origin and first.size == second.size and first.root != second.root
