"""One log as the ledger reads it: its leaves in their order, and what each of them left in force behind it."""

from dataclasses import dataclass, field

from mithaq.notices import numbers
from mithaq.notices.entry import Entry, Source
from mithaq.notices.judged import Judged
from mithaq.notices.keys import KeyRing
from mithaq.notices.versions import NONE
from mithaq.record import merkle


@dataclass(frozen=True, slots=True)
class Entered:
    """A version of the instrument that a party put in force for itself: which leaf of its log says so, and when."""

    party: str
    log: str
    index: int
    at: str
    law: str
    words: str


@dataclass(slots=True)
class Log:
    """What the ledger knows of one log: the leaves that were given to it, and how far they were taken."""

    origin: str
    party: str
    others: tuple[str, ...]
    sources: list[Source] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    """Those taken into the order so far; a prefix of `sources`."""
    ids: dict[str, int] = field(default_factory=dict)
    ring: KeyRing = field(default_factory=KeyRing)
    in_force: str = NONE
    """The digest of the version that binds the party from the next leaf on."""
    entered: list[Entered] = field(default_factory=list)
    last_at: str = ""
    reached_at: str = ""
    """The moment of the last leaf that conforms, its facts aside: how far the clock of the log's party has come."""
    covers: dict[str, int] = field(default_factory=dict)
    frontiers: dict[str, merkle.Frontier] = field(default_factory=dict)
    outstanding: dict[str, dict[int, set[int]]] = field(default_factory=dict)
    """Per covered log: index to the parts still missing."""
    erased: dict[tuple[str, str], int] = field(default_factory=dict)
    """Log and retention class to the size below which this party has stated to hold no part of the class."""
    waits: dict[str, int] = field(default_factory=dict)
    """Log to the least size that a waiting receipt of this log covers: from there on more is known than was folded."""
    reached: tuple[int, merkle.Frontier] = (-1, merkle.Frontier())
    """The index of the receipt that was looked at last, and the tree that it covers."""
    called: tuple[int, str] = field(init=False)
    """The running index of its first leaf, and its audience: what a spoken number is made of."""

    tree: merkle.Frontier = field(default_factory=merkle.Frontier)
    """The tree of the leaves that were judged when it was last asked."""

    def judged(self) -> Judged:
        """What was found of its leaves, up to the first that nobody has judged yet."""
        size = self.tree.size
        while size < len(self.sources) and self.sources[size].verdict is not None:
            size += 1
        self.tree = self.tree.extend(source.hash for source in self.sources[self.tree.size : size])
        again = frozenset(index for index, each in enumerate(self.sources[:size]) if each.verdict != ())
        return Judged(size, self.tree.root(), again)

    def __post_init__(self) -> None:
        self.called = numbers.running(self.origin, 0), numbers.audience_of(self.origin)
