"""Merkle trees as in RFC 6962 section 2.1: hashing, growing, and proofs of inclusion and consistency.

A tree is never held whole by those who only append: a *frontier* is the short list of roots of the perfect subtrees
that make up the tree, largest first, and is all that is needed to add leaves and to know the root. Proofs are made from
the roots of perfect aligned subtrees, asked for through `subtree(start, end)`, so that any store can serve them.

Verification follows RFC 9162 sections 2.1.3.2 and 2.1.4.2; subtree consistency follows C2SP tlog-mirror.
Sizes and indexes count leaves; hashes are 32 bytes.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from mithaq.errors import Refusal

HASH_BYTES: Final = 32
MOST_PROOF: Final = 63
"""No tree of up to 2^63 leaves needs a longer proof of inclusion."""
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()

Subtree = Callable[[int, int], bytes]
"""The root over leaves [start, end), where end - start is a power of two that divides start."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf that holds `entry`."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The right edge of a tree of `size` leaves: roots of its perfect subtrees, largest (leftmost) first."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def extend(self, leaf_hashes: Iterable[bytes]) -> "Frontier":
        """The frontier after these leaves have been appended."""
        return self.grow(leaf_hashes).after

    def grow(self, leaf_hashes: Iterable[bytes]) -> "Growth":
        """`extend`, with the roots of all perfect aligned subtrees that these leaves complete."""
        sha256, stack, nodes = hashlib.sha256, list(self.hashes), list(leaf_hashes)
        size, position = self.size + len(nodes), self.size
        edge, completed = list[bytes](), list[list[bytes]]()
        while nodes:  # level by level: what stands at the right edge there, then pairs, then what is left over
            completed.append(nodes)
            if position & 1:
                nodes = [stack.pop(), *nodes]
            if len(nodes) & 1:
                edge.append(nodes[-1])
            pairs = iter(nodes)
            nodes = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=False)]
            position >>= 1
        return Growth(self, Frontier(size, (*stack, *reversed(edge))), tuple(completed))

    @classmethod
    def at(cls, size: int, subtree: Subtree) -> "Frontier":
        """The frontier of the first `size` leaves of a tree that has at least so many."""
        return cls(size, tuple(subtree(start, end) for start, end in _perfect(0, size)))

    def root(self) -> bytes:
        """The root of the tree (RFC 6962 `MTH`)."""
        return _fold(self.hashes) if self.hashes else EMPTY_ROOT

    def encode(self) -> bytes:
        """Eight bytes of size (big-endian), then the hashes."""
        return self.size.to_bytes(8, "big") + b"".join(self.hashes)

    @classmethod
    def decode(cls, encoded: bytes) -> "Frontier":
        """The frontier that `encode` wrote."""
        size, hashes = int.from_bytes(encoded[:8], "big"), encoded[8:]
        if len(encoded) < 8 or len(hashes) != HASH_BYTES * size.bit_count():
            raise Refusal("record.bad-frontier", size=size, found=len(encoded))
        return cls(size, tuple(hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)))


@dataclass(frozen=True, slots=True)
class Growth:
    """Leaves appended to a tree.

    `completed[k]` holds, in order, the roots of the perfect aligned subtrees of 2^k leaves that end among them: those
    with the numbers from `before.size >> k` up to `after.size >> k`.
    """

    before: Frontier
    after: Frontier
    completed: tuple[Sequence[bytes], ...]

    @property
    def leaf_hashes(self) -> Sequence[bytes]:
        """The hashes of the leaves."""
        return self.completed[0] if self.completed else ()


class Tree:
    """A tree in memory: every leaf hash and the root of every perfect aligned subtree."""

    def __init__(self, leaf_hashes: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        for each in leaf_hashes:
            self.append(each)

    def __len__(self) -> int:
        return len(self._levels[0])

    def append(self, leaf: bytes) -> None:
        """Append one leaf by its hash."""
        self._levels[0].append(leaf)
        level = 0
        while len(self._levels[level]) % 2 == 0:
            if len(self._levels) == level + 1:
                self._levels.append([])
            self._levels[level + 1].append(node_hash(*self._levels[level][-2:]))
            level += 1

    def subtree(self, start: int, end: int) -> bytes:
        """The root over [start, end), for a perfect aligned subtree."""
        level = (end - start).bit_length() - 1
        return self._levels[level][start >> level]

    def root(self, size: int | None = None) -> bytes:
        """The root at `size`, by default the present one."""
        return range_root(0, len(self) if size is None else size, self.subtree)


def range_root(start: int, end: int, subtree: Subtree) -> bytes:
    """The root over leaves [start, end), where start is a multiple of the smallest power of two >= end - start."""
    return _fold(tuple(subtree(*each) for each in _perfect(start, end))) if end > start else EMPTY_ROOT


def inclusion_proof(index: int, size: int, subtree: Subtree) -> tuple[bytes, ...]:
    """The audit path of leaf `index` in the tree of `size` (RFC 6962 section 2.1.1), nearest the leaf first."""
    if not 0 <= index < size:
        raise Refusal("record.no-such-entry", index=index, size=size)
    return subtree_consistency_proof(index, index + 1, size, subtree)


def consistency_proof(old: int, new: int, subtree: Subtree) -> tuple[bytes, ...]:
    """The proof that the tree of size `old` is a prefix of that of size `new` (RFC 6962 section 2.1.2)."""
    if not 0 <= old <= new:
        raise Refusal("record.no-such-prefix", old=old, new=new)
    return subtree_consistency_proof(0, old, new, subtree) if old else ()


def subtree_consistency_proof(start: int, end: int, size: int, subtree: Subtree) -> tuple[bytes, ...]:
    """The proof that the subtree over [start, end) is part of the tree of `size`; `is_subtree` must hold."""
    if not is_subtree(start, end, size):
        raise Refusal("record.no-such-subtree", start=start, end=end, size=size)
    siblings: list[tuple[int, int]] = []
    low, high, whole = 0, size, True
    while (low, high) != (start, end):
        split = low + _largest_power_below(high - low)
        if end <= split:
            siblings.append((split, high))
            high = split
        else:
            siblings.append((low, split))
            if start < split:
                start, whole = split, False
            low = split
    if not whole:
        siblings.append((low, high))
    return tuple(range_root(*each, subtree) for each in reversed(siblings))


def is_subtree(start: int, end: int, size: int) -> bool:
    """Whether [start, end) is a subtree that the tree of `size` can prove (C2SP tlog-mirror)."""
    return 0 <= start < end <= size and start % (1 << (end - start - 1).bit_length()) == 0


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows that the leaf with hash `leaf` stands at `index` in the tree of `size` with `root`."""
    if not 0 <= index < size or not _are_hashes(leaf, root, *proof):
        return False
    fn, sn, node = index, size - 1, leaf
    for sibling in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            node = node_hash(sibling, node)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            node = node_hash(node, sibling)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and node == root


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that the tree of `old` leaves is a prefix of that of `new`.

    From an empty tree the proof is empty and `old_root` is the empty root (the rule of C2SP tlog-witness).
    """
    if not 0 <= old <= new or not _are_hashes(old_root, new_root, *proof):
        return False
    if old == 0:
        return not proof and old_root == EMPTY_ROOT and (new > 0 or new_root == EMPTY_ROOT)
    return verify_subtree_consistency(0, old, new, old_root, new_root, proof)


def verify_subtree_consistency(
    start: int, end: int, size: int, subtree_root: bytes, root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether `proof` shows that the subtree over [start, end) is part of the tree of `size` with `root`."""
    if not is_subtree(start, end, size) or not _are_hashes(subtree_root, root, *proof):
        return False
    climbed = _climb(start, end, size, subtree_root, proof)
    return climbed == (subtree_root, root)


def past_root(old: int, new: int, new_root: bytes, proof: Sequence[bytes]) -> bytes | None:
    """The root at `old` of the tree that has `new_root` at `new`, as a consistency proof from `old` to `new` tells it.

    None when the proof does not lead to `new_root`, and when `old` is a power of two below `new`: such a proof begins
    with the verifier's own root and so cannot tell another.
    """
    if not 0 < old < new or old.bit_count() == 1 or not _are_hashes(new_root, *proof):
        return None
    climbed = _climb(0, old, new, EMPTY_ROOT, proof)
    return climbed[0] if climbed is not None and climbed[1] == new_root else None


def _climb(start: int, end: int, size: int, subtree_root: bytes, proof: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """The roots over [start, end) and over the whole tree to which `proof` leads; None when it has another length."""
    fn, sn, tn = start, end - 1, size - 1
    while fn != sn and (sn == tn or sn & 1):
        fn, sn, tn = fn >> 1, sn >> 1, tn >> 1
    rest = list(proof)
    if fn == sn:
        part = whole = subtree_root
    elif rest:
        part = whole = rest.pop(0)
    else:
        return None
    for sibling in rest:
        if tn == 0:
            return None
        if sn & 1 or sn == tn:
            part = node_hash(sibling, part) if fn < sn else part
            whole = node_hash(sibling, whole)
            while sn and not sn & 1:
                fn, sn, tn = fn >> 1, sn >> 1, tn >> 1
        else:
            whole = node_hash(whole, sibling)
        fn, sn, tn = fn >> 1, sn >> 1, tn >> 1
    return (part, whole) if tn == 0 else None


@lru_cache(maxsize=256)
def _fold(hashes: tuple[bytes, ...]) -> bytes:
    """The root over perfect subtrees, largest first; the same head is asked for many times in a row."""
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def _perfect(start: int, end: int) -> Iterable[tuple[int, int]]:
    while start < end:
        width = 1 << ((end - start).bit_length() - 1)
        yield start, start + width
        start += width


def _largest_power_below(size: int) -> int:
    return 1 << ((size - 1).bit_length() - 1)


def _are_hashes(*values: bytes) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
