"""Whether what a mirror gives back of our own log may enter our store, and what then changes. No I/O, no clock.

A party whose store was restored, or lost its end, reads its own log back from a counterpart. It believes nothing but
its own signature: the mirror's head must carry the signature of our log key, the leaves must join our store and stand
under that head, and a part must be the one to which its leaf commits.

Nothing that a mirror says can make us drop what we hold. A head signed by us that our store does not lead to is a
*contradiction*: our key signed another history than the stored one, and people have to deal with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mithaq.errors import Refusal
from mithaq.exchange.accept import Held, ReadLeaf, fold_keys, kept_places, match_parts, read_leaf, roots_of
from mithaq.exchange.delivery import HeldPart
from mithaq.exchange.mirror import Mirror
from mithaq.exchange.receipts import Place
from mithaq.instrument.law import Law
from mithaq.notices.envelope import Leaf, Receipt
from mithaq.notices.versions import Versions
from mithaq.record import checkpoint, merkle, note
from mithaq.record.checkpoint import Checkpoint
from mithaq.record.merkle import EMPTY_ROOT, Frontier
from mithaq.record.note import Signature, Verifier


class Contradiction(Refusal):
    """Our own key signed a head that our store does not lead to. `signed` is that head as the mirror showed it."""

    signed: bytes = b""


@dataclass(frozen=True)
class Refill:
    """What changes in our store: everything to be stored in one transaction."""

    before: Held
    head: Checkpoint
    """The largest head of ours that the mirror can show."""
    note: bytes
    """That head under our own signature alone; empty when the mirror holds nothing."""
    others: tuple[Signature, ...]
    """The other signature lines under it, unverified: the mirror's cosignature is among them."""
    entries: tuple[bytes, ...]
    hashes: tuple[bytes, ...]
    frontier: Frontier
    last_at: str
    in_force: str
    """The digest of the version of the instrument that binds us from the next leaf on."""
    key_sets: tuple[int, ...]
    parts: tuple[HeldPart, ...]
    missing: tuple[Place, ...]
    """Parts of our own leaves that we lack after this, lowest first."""
    receipts: Mapping[str, Receipt]
    """The last receipt of ours among the new leaves, by the log it is for."""
    ids: tuple[str, ...]
    """The identifiers of the new leaves."""

    @property
    def is_complete(self) -> bool:
        """Whether our store reaches the mirror's head."""
        return self.frontier.size >= self.head.size

    @property
    def is_news(self) -> bool:
        return bool(self.entries or self.parts)

    def root_at(self, size: int) -> bytes:
        """The root of our log at `size`, which may lie among leaves that are not stored yet."""
        if size <= self.before.size:
            return self.before.root_at(size)
        return self.before.frontier.extend(self.hashes[: size - self.before.size]).root()


def judge(mirror: Mirror, held: Held, law: Law | Versions, own: Verifier) -> Refill:
    """What `mirror` adds to our own log `held`; `own` is the log key with which this node signs now.

    Refuses (`mirror.…`) what is of another log, not signed by us, not joining our store or contradicting it.
    """
    if mirror.log != held.origin:
        raise Refusal("mirror.other-log", found=mirror.log[:200], expected=held.origin)
    entries = _new_entries(mirror, held)
    read = [read_leaf(held.size + offset, entry) for offset, entry in enumerate(entries)]
    held, versions = _with_erased(held, read), Versions.of(law)
    ring = fold_keys(held, read, roots_of(versions.first, held.origin)) if held.size or entries else held.ring
    keys = [key.verifier for key in ring.keys.values() if key.role == "log"]
    head, signed, others = _opened(mirror, held.origin, [own, *keys])
    hashes = tuple(map(merkle.leaf_hash, entries))
    frontier = held.frontier.extend(hashes)
    _check_tree(mirror, held, head, frontier)
    kept = kept_places(held, read, versions)
    arrived, _ = match_parts(mirror.parts, held, kept, versions)
    leaves = [each.leaf for each in read if each.leaf is not None]
    return Refill(
        before=held,
        head=head,
        note=signed,
        others=others,
        entries=entries,
        hashes=hashes,
        frontier=frontier,
        last_at=max([held.last_at, *(leaf.header.at for leaf in leaves)]),
        in_force=_in_force(held, leaves),
        key_sets=tuple(each.index for each in read if each.leaf and each.leaf.header.keyset is not None),
        parts=tuple(arrived.values()),
        missing=tuple(place for place in (*held.owed.missing, *kept) if place not in arrived),
        receipts={leaf.header.receipt.log: leaf.header.receipt for leaf in leaves if leaf.header.receipt is not None},
        ids=tuple(leaf.header.id for leaf in leaves),
    )


def _in_force(held: Held, leaves: Sequence[Leaf]) -> str:
    entered = [leaf.header.instrument.law for leaf in leaves if leaf.header.instrument is not None]
    return entered[-1] if entered else held.in_force


def wanted_leaves(mirror: Mirror, held_size: int, missing: Sequence[Place]) -> tuple[int, ...]:
    """Which stored leaves the judge needs to see, because missing parts of them came."""
    asked = set(missing)
    places = {(part.index, part.number) for part in mirror.parts}
    return tuple(sorted({index for index, _ in places & asked if index < held_size}))


def _new_entries(mirror: Mirror, held: Held) -> tuple[bytes, ...]:
    if mirror.end <= held.size:
        return ()
    if mirror.start > held.size:
        raise Refusal("mirror.gap", log=held.origin, start=mirror.start, held=held.size)
    return mirror.entries[held.size - mirror.start :]


def _with_erased(held: Held, read: Sequence[ReadLeaf]) -> Held:
    """`held` with what the new leaves, which are our own, say we have erased of this log."""
    erased = dict(held.erased)
    for each in (said for leaf in read if leaf.leaf for said in leaf.leaf.header.erased or ()):
        if each.log == held.origin:
            erased[each.retention] = max(each.size, erased.get(each.retention, 0))
    return replace(held, erased=erased)


def _opened(
    mirror: Mirror, origin: str, verifiers: Sequence[Verifier]
) -> tuple[Checkpoint, bytes, tuple[Signature, ...]]:
    """The mirror's head, the note of it under our signatures alone, and the other lines."""
    if mirror.held == 0:
        return Checkpoint(origin, 0, EMPTY_ROOT), b"", ()
    try:
        head, opened = checkpoint.open(mirror.checkpoint, verifiers)
    except Refusal as refusal:
        raise Refusal("mirror.bad-checkpoint", log=origin, reason=refusal.code) from refusal
    if (head.origin, head.size) != (origin, mirror.held) or head.extensions:
        raise Refusal("mirror.bad-checkpoint", log=origin, reason="another head")
    text, signatures = note.split(mirror.checkpoint)
    return head, note.join(text, opened.verified), tuple(line for line in signatures if line not in opened.verified)


def _check_tree(mirror: Mirror, held: Held, head: Checkpoint, frontier: Frontier) -> None:
    """That our store and the mirror's leaves stand under the head that we once signed."""
    if head.size <= held.size:
        if held.root_at(head.size) != head.root:
            raise _contradiction(mirror, Contradiction("mirror.other-history", log=held.origin, size=head.size))
        return
    proof = mirror.proof if mirror.end == frontier.size else ()
    if not merkle.verify_consistency(frontier.size, head.size, frontier.root(), head.root, proof):
        found = Contradiction("mirror.not-consistent", log=held.origin, size=head.size, held=held.size)
        raise _contradiction(mirror, found)


def _contradiction(mirror: Mirror, found: Contradiction) -> Contradiction:
    found.signed = mirror.checkpoint
    return found
