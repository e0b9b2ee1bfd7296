"""What was found of the leaves of a log before, so that it need not be found out again.

The verdict on a leaf alone (its form, its kind, who released it) follows from the leaves of its own log up to it and
from the law, and never changes; two signatures by officers make it the dearest part of a fold. Whoever has judged a
prefix of a log may therefore keep its size, its root and the few leaves in it that do not conform, and give that to the
next ledger: where the leaves at hand have that root, the others are known to conform. What is said here of leaves that
are not those counts for nothing. Who kept it, under which law and with which code is for the caller to be sure of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mithaq.notices import epochs
from mithaq.record import merkle


@dataclass(frozen=True, slots=True)
class Judged:
    """A prefix of a log whose leaves were judged: every one conforms by itself, but for those to be judged again."""

    size: int
    root: bytes
    again: frozenset[int] = frozenset()
    """Indexes of the leaves that did not conform, or were no leaves."""

    def tree_of(self, origin: str, hashes: Sequence[bytes]) -> merkle.Frontier | None:
        """The tree of the leaves it speaks of, where the log `origin` begins with them; `hashes` are those of its
        leaves from the first one on. None where it says nothing of that log.

        Never of a later epoch: which version binds a party there is said by the log before it as well.
        """
        if epochs.before(origin) is not None or not 0 < self.size <= len(hashes):
            return None
        tree = merkle.Frontier().extend(hashes[: self.size])
        return tree if tree.root() == self.root else None


Known = Mapping[str, Judged]
"""Origin to what was judged of that log."""
