"""A fork shown by itself: two signed heads of one log that no single list of entries can have.

Two heads of one size need nothing more than different roots. Heads of different sizes are shown by what they say of one
*earlier* size: a consistency proof leads from a root at that size to each head, and the two roots differ. Whoever holds
the log's key can check it without an entry of the log. (Each proof alone is only honest about its own head; that both
heads carry the log's signature makes it a contradiction.)
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from mithaq.errors import Refusal
from mithaq.record import checkpoint, merkle, note
from mithaq.record.checkpoint import Checkpoint


@dataclass(frozen=True, slots=True)
class Past:
    """What a head says of an earlier size: the root there, and the consistency proof from it to the head."""

    root: bytes
    proof: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownFork:
    """Two signed heads, and what each says of the log at `size`."""

    heads: tuple[bytes, bytes]
    size: int
    pasts: tuple[Past, Past]

    def verify(self, verifiers: Callable[[int], Iterable[note.Verifier]]) -> tuple[Checkpoint, Checkpoint]:
        """Both heads; refuses when a signature does not hold, or when they may both be true of one log.

        `verifiers` are the log's keys that may sign a head of a size.
        """
        sizes = (checkpoint.parse(note.text_of(signed)).size for signed in self.heads)
        first, second = (
            checkpoint.open(signed, verifiers(size))[0] for signed, size in zip(self.heads, sizes, strict=True)
        )
        if first.origin != second.origin:
            raise Refusal("fork.two-logs", first=first.origin[:200], second=second.origin[:200])
        differ = self.pasts[0].root != self.pasts[1].root
        if not differ or not all(map(self._leads_to, self.pasts, (first, second))):
            raise Refusal("fork.not-shown", log=first.origin[:200])
        return first, second

    def _leads_to(self, past: Past, head: Checkpoint) -> bool:
        return self.size > 0 and merkle.verify_consistency(self.size, head.size, past.root, head.root, past.proof)


def show(held: bytes, other: bytes, old: int, proof: Sequence[bytes], subtree: merkle.Subtree) -> ShownFork | None:
    """The fork between the signed head that we `held` and an `other` that we could not accept; None if it shows none.

    `subtree` answers from our own copy, as far as the head that we held. `proof` is the consistency proof from `old`
    that came with the other head; it counts only for a head that is longer than ours.
    """
    ours, theirs = (checkpoint.parse(note.text_of(signed)) for signed in (held, other))
    size = old if theirs.size > ours.size else theirs.size
    if ours.origin != theirs.origin or not 0 < size <= ours.size:
        return None
    root = theirs.root if size == theirs.size else merkle.past_root(size, theirs.size, theirs.root, proof)
    mine = merkle.range_root(0, size, subtree)
    if root is None or root == mine:
        return None
    past = Past(root, () if size == theirs.size else tuple(proof))
    return ShownFork((held, other), size, (Past(mine, merkle.consistency_proof(size, ours.size, subtree)), past))
