"""The entries of one log as a list: what each is, who signed it, and what of it is at hand."""

from collections import defaultdict
from dataclasses import dataclass

from mithaq.errors import Refusal
from mithaq.instrument.law import Kind, Law
from mithaq.notices import envelope, numbers, roles
from mithaq.notices.fields.times import is_moment
from mithaq.notices.release import officers
from mithaq_node.queries import erased, instrument, ledgers, reading, rolls
from mithaq_node.store import bodies

PAGE = 50


@dataclass(frozen=True, slots=True)
class PartHeld:
    """A part that a leaf names: its class, its bytes, and whether this node holds it."""

    retention: str
    size: int
    held: bool
    erased: bool
    """Whether this party says in its log that it holds it no more."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One leaf of a log."""

    index: int
    number: str
    size: int
    """Bytes of the leaf itself."""
    leaf: envelope.Leaf | None
    """None where the bytes are no leaf."""
    kind: Kind | None
    """None for an entry of a machine, and for a kind that the law does not know."""
    parts: tuple[PartHeld, ...]
    signers: tuple[str, ...]
    """Key names, in the order in which they signed; none where only the head covers the leaf."""
    conforms: bool

    @property
    def at(self) -> str:
        """The instant it states; empty where it states none that can be read."""
        stated = self.leaf.header.at if self.leaf else ""
        return stated if is_moment(stated) else ""

    @property
    def anchor(self) -> str:
        """Where it stands on its page: the spoken number as it is in addresses."""
        return self.number.replace(" ", "")

    @property
    def is_machine(self) -> bool:
        """Whether it is a receipt, a statement of agreement, a key-set or the instrument's."""
        return self.leaf is not None and self.leaf.header.kind in roles.MACHINE_KINDS


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of a log, newest first. `newer` and `older` say where its neighbours end; None where there is none."""

    log: rolls.Log
    entries: tuple[Entry, ...]
    newer: int | None
    older: int | None

    @property
    def provable(self) -> int:
        """How many entries stand under a signed head: our own log is signed whenever a proof is asked for."""
        return self.log.size if self.log.own else self.log.head_size


def page(name: str, until: int | None = None) -> Page:
    """The entries of the log called `name` that stand before position `until`; of its end when None.

    Refuses a log that is not held. A position beyond the log is taken for its end.
    """
    law = instrument.law()
    log = rolls.named(law, name)
    end = log.size if until is None else max(0, min(until, log.size))
    start = max(0, end - PAGE)
    held = _held(log, start, end)
    rows = [_entry(law, log, index, leaf, held[index]) for index, leaf in rolls.leaves(log, start, end)]
    return Page(
        log=log,
        entries=tuple(reversed(rows)),
        newer=min(end + PAGE, log.size) if end < log.size else None,
        older=start or None,
    )


def page_of(number: str) -> tuple[str, int]:
    """Name of the log, and end of the page, on which the entry of this spoken number stands."""
    law = instrument.law()
    log, index = rolls.located(law, *numbers.parse(number))
    beyond = (log.size - index - 1) // PAGE * PAGE
    return log.name, log.size - beyond


def _held(log: rolls.Log, start: int, end: int) -> dict[int, set[int]]:
    held: dict[int, set[int]] = defaultdict(set)
    for (index, number), _, _ in bodies.sizes(*reading.reader(), log.row, start, end):
        held[index].add(number)
    return held


def _entry(law: Law, log: rolls.Log, index: int, encoded: bytes, held: set[int]) -> Entry:
    number = numbers.spoken_in(log.party, log.origin, index)
    notice = ledgers.notice(number)
    try:
        leaf: envelope.Leaf | None = envelope.parse(encoded)
    except Refusal:
        leaf = None
    named = leaf.header.parts if leaf else []
    gone = erased.parts_of(notice) if notice else {}
    return Entry(
        index=index,
        number=number,
        size=len(encoded),
        leaf=leaf,
        kind=instrument.law_of(leaf).kind(leaf.header.kind) if leaf else None,
        parts=tuple(PartHeld(part.retention, part.n, place in held, place in gone) for place, part in enumerate(named)),
        signers=_signers(leaf),
        conforms=notice is None or notice.conforms,
    )


def _signers(leaf: envelope.Leaf | None) -> tuple[str, ...]:
    if leaf is None:
        return ()
    if leaf.header.keyset is not None:
        return tuple(each.by for each in leaf.header.keyset.signed)
    return officers(leaf)
