"""When a receipt leaf is due, and what it says.

A receipt is the one machine statement that moves the ladder and the clocks, so it is written only when it says
something new: when the newly covered range holds a leaf that is neither a receipt nor an agreement, or when a part that
an earlier receipt listed as missing has arrived (same size, shorter list). Were receipts themselves receipted, two
nodes would answer each other for ever; so would two whose receipts do not conform to each other (a clock set back here,
another version of the instrument there), if a finding on a receipt called for one. A range of only those gets a
cosignature and no leaf, and what was found in it is named by the next receipt that something else calls for, or when
`MOST_UNNAMED` findings have come together: a flood of such leaves is answered by a trickle, and remembers little.

`missing` lists every part below the size that is not held; `nonconforming` is what this party found since its last
receipt. Lists that do not fit a leaf of 4 KiB make the receipt cover a smaller size, and another follows.
`Owed` is what has to be remembered between two deliveries; it stands in the row of the log.
"""

from base64 import b64encode
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

import msgspec

from mithaq import canonical
from mithaq.notices.envelope import MOST_BYTES, Header, Receipt, text_of

Place = tuple[int, int]
"""Index of a leaf, number of a part."""

Claim = tuple[int, str]
"""Index of a leaf, code of the refusal by which it does not conform."""

UNANSWERED_KINDS = frozenset({"receipt", "agreement"})
"""Leaves that by themselves call for no receipt."""

MOST_UNNAMED = 64
"""Findings that call for a receipt by their number alone."""

RootAt = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Owed:
    """What our receipts for one log have said, and what they still have to say."""

    covered: int = 0
    """The size that our last receipt covers."""
    listed: tuple[Place, ...] = ()
    """What it listed as missing."""
    missing: tuple[Place, ...] = ()
    """What is missing now, lowest first."""
    claims: tuple[Claim, ...] = ()
    """Findings of non-conformance that no receipt has named, lowest first."""
    calling: tuple[int, ...] = ()
    """Where, from `covered` on, the first and the last leaf stand that call for a receipt; empty when none does."""

    def encode(self) -> bytes:
        """Canonical bytes, as they are kept in a row."""
        return b"" if self == _NOTHING else canonical.encode_trusted(_Row(*_plain(self)))

    @classmethod
    def decode(cls, encoded: bytes) -> "Owed":
        """What `encode` wrote."""
        if not encoded:
            return _NOTHING
        row = _decoder.decode(encoded)
        return cls(row.covered, tuple(row.listed), tuple(row.missing), tuple(row.claims), tuple(row.calling))

    def without(self, places: Collection[Place]) -> "Owed":
        """After parts that had not arrived were erased at the end of their term: they are not missing any more, and no
        receipt is due for that."""
        return replace(
            self,
            listed=tuple(place for place in self.listed if place not in places),
            missing=tuple(place for place in self.missing if place not in places),
        )

    def with_leaf(self, index: int, kind: str | None) -> "Owed":
        """After the leaf at `index`, of `kind` (None when it cannot be read), has been stored.

        A leaf below `covered` calls for nothing: our own log, read back after a restore, says that it was receipted.
        """
        return self.with_leaves([(index, kind)])

    def with_leaves(self, leaves: Iterable[tuple[int, str | None]]) -> "Owed":
        """`with_leaf` for each index and kind, in the order of the log."""
        calling = [index for index, kind in leaves if kind not in UNANSWERED_KINDS and index >= self.covered]
        if not calling:
            return self
        return replace(self, calling=(self.calling[0] if self.calling else calling[0], calling[-1]))

    def as_receipted(self, receipt: Receipt) -> "Owed":
        """After our own log turned out to hold this receipt, which the store had forgotten."""
        if receipt.size < self.covered:
            return self
        return replace(_after(self, receipt.size), listed=tuple(receipt.missing))


class _Row(msgspec.Struct, array_like=True):
    covered: int
    listed: list[Place]
    missing: list[Place]
    claims: list[Claim]
    calling: list[int]


_NOTHING = Owed()
_decoder = msgspec.json.Decoder(_Row)


def due(owed: Owed) -> bool:
    """Whether a receipt would say something new."""
    return bool(owed.calling) or _has_arrived(owed) or len(owed.claims) >= MOST_UNNAMED


def next_receipt(owed: Owed, log: str, size: int, root_at: RootAt, room: int) -> tuple[Receipt, Owed] | None:
    """The next receipt for `log`, held up to `size`, and what is owed after it; None when none is due or none fits.

    `room` is how many bytes the receipt may take in its leaf. The caller asks again until the answer is None.
    """
    if not due(owed):
        return None
    sizes = _sizes(owed, size)
    fitting = bisect_right(sizes, False, key=lambda covered: len(_encoded(_at(owed, log, covered, b""))) > room)
    if fitting == 0:
        return None
    covered = sizes[fitting - 1]
    if not _says_something_new(owed, covered):
        return None
    return _at(owed, log, covered, root_at(covered)), _after(owed, covered)


def room(header: Header) -> int:
    """How many bytes a receipt may take in the leaf that otherwise says `header`."""
    return MOST_BYTES - len(text_of(header)) - len(b'"receipt":,')


def _sizes(owed: Owed, size: int) -> list[int]:
    """Sizes a receipt may cover, in order: where something listed stands in the way, and all of it."""
    stops = {index for index, _ in owed.missing} | {index for index, _ in owed.claims}
    return sorted({stop for stop in stops if owed.covered <= stop < size} | {size})


def _at(owed: Owed, log: str, covered: int, root: bytes) -> Receipt:
    return Receipt(
        log=log,
        size=covered,
        root=b64encode(root or bytes(32)).decode(),
        missing=[place for place in owed.missing if place[0] < covered],
        nonconforming=[claim for claim in owed.claims if claim[0] < covered],
    )


def _encoded(receipt: Receipt) -> bytes:
    return canonical.encode_trusted(receipt)


def _says_something_new(owed: Owed, covered: int) -> bool:
    if owed.calling and owed.calling[0] < covered:
        return True
    return _has_arrived(owed) or any(index < covered for index, _ in owed.claims)


def _has_arrived(owed: Owed) -> bool:
    """Whether a part that the last receipt listed as missing is held now."""
    missing = set(owed.missing)
    return any(place not in missing for place in owed.listed)


def _after(owed: Owed, covered: int) -> Owed:
    calling = owed.calling
    if calling:
        first, last = calling
        calling = () if last < covered else (max(first, covered), last)
    return Owed(
        covered,
        tuple(place for place in owed.missing if place[0] < covered),
        owed.missing,
        tuple(claim for claim in owed.claims if claim[0] >= covered),
        calling,
    )


def _plain(owed: Owed) -> tuple[int, list[Place], list[Place], list[Claim], list[int]]:
    return owed.covered, list(owed.listed), list(owed.missing), list(owed.claims), list(owed.calling)
