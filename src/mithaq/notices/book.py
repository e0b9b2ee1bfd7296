"""The book: what the record says at a cut, as plain values. Two honest nodes that hold the same cut hold the same book.

Nothing here depends on "now"; how a clock looks at this moment is `clocks.clock_display`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msgspec

from mithaq import canonical
from mithaq.activities.plans import Plan
from mithaq.corridors.clearance import Clearance
from mithaq.corridors.crossings import CrossingState
from mithaq.corridors.flows import Flow
from mithaq.corridors.segments import SegmentState
from mithaq.corridors.suspensions import Foreseen
from mithaq.errors import Refusal
from mithaq.notices.envelope import Leaf
from mithaq.notices.joint import JointText
from mithaq.notices.matches import Match
from mithaq.notices.suspending import Standstill
from mithaq.record import merkle

Cut = Mapping[str, int]
"""How much of each log is meant: origin to size."""

Place = tuple[str, int]
"""Where a leaf stands: origin and index."""


class Value(msgspec.Struct, frozen=True, gc=False):
    """A small value of which a book holds one or more for each notice: made five times faster than a frozen dataclass,
    and in no cycle, so that the collector of cycles need not look at it."""


class Step(Value, frozen=True):
    """A step of the ladder with its proof: the leaf that makes it, and the instant that leaf states."""

    log: str
    index: int
    at: str


class Ladder(Value, frozen=True):
    """How far a notice has come with one addressee. A step that did not happen is None.

    `delivered` and `readable` are receipt leaves of the addressee; `opened` is its first notice that refers to this
    one, `answered` the first that answers, judges, refuses or seals it. `referred` is where in the order of the record
    its latest notice stands that refers to this one; it is no step and no part of the state.
    """

    sealed: Step
    delivered: Step | None = None
    readable: Step | None = None
    opened: Step | None = None
    answered: Step | None = None
    referred: tuple[int, str, int] | None = None


class Notice(Value, frozen=True):
    """One leaf that is a notice of a person or of a machine feed, with what the record says of it."""

    number: str
    """The spoken number."""
    log: str
    index: int
    party: str
    order: tuple[int, str, int]
    leaf: Leaf | None
    """None when the bytes are not a leaf at all; then `refusals` says why."""
    encoded: bytes
    kind: str
    role: str
    at: str
    precedence: str
    release: str
    facts: Mapping[str, Any] | None
    """The facts as the fold reads them, corrections applied; None until every addressee has them, or when they do
    not conform."""
    stated: Mapping[str, Any] | None
    """The facts as first stated, when at hand, also before they are received."""
    refusals: tuple[Refusal, ...]
    """Why it does not conform; empty when it does."""
    refers: tuple[str, ...]
    """Spoken numbers of the notices it refers to, as far as they are here."""
    thread: str
    """Spoken number of the first notice of its thread."""
    ladder: Mapping[str, Ladder]
    """Addressee to ladder."""
    corrected_by: tuple[str, ...] = ()
    withdrawn_by: str | None = None

    @property
    def conforms(self) -> bool:
        return not self.refusals

    @property
    def is_unopened(self) -> bool:
        """Whether an addressee has not opened it, and its sender has not taken it back."""
        return self.withdrawn_by is None and any(each.opened is None for each in self.ladder.values())


class Stated(Value, frozen=True):
    """A value in an account, and the notice that states it."""

    value: Any
    number: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that the parties' accounts state differently: party to what it states."""

    field: str
    values: Mapping[str, Stated]


Stood = tuple[str, str]
"""A time that did not count for a clock: from an instant until just before another, which is empty while unknown."""

UNKNOWN = "9999-12-31T23:59:59Z"
"""When a clock is due that stands without anybody knowing until when: later than any answer."""


class Clock(Value, frozen=True):
    """One obligation in time that has started: who owes what to whom by when, and when it was stopped."""

    id: str
    notice: str
    """Spoken number of the notice that started it."""
    party: str
    """The party that owes."""
    started: str
    start: Step
    """The leaf that proves the start."""
    due: str
    stopped: str | None = None
    """The instant its answer states."""
    stopped_by: str | None = None
    """Spoken number of the answer."""
    answer_received: str | None = None
    """The instant in the asker's receipt of the answer."""
    disputed: bool = False
    """Whether `stopped` and `answer_received` lie further apart than the instrument's skew, one in time and one
    late."""
    voided: bool = False
    """Whether the notice that started it was withdrawn before an answer was due or given."""
    stood: tuple[Stood, ...] = ()
    """The times between its start and its due that do not count, because the instrument was suspended."""
    left: int = 0
    """Seconds that will count after the last of them while its due is `UNKNOWN`."""

    @property
    def is_running(self) -> bool:
        """Whether somebody still owes it, in time or late."""
        return self.stopped is None and not self.voided and not self.disputed

    @property
    def has_no_due(self) -> bool:
        """Whether it is due at no known moment, because it stands in a time of which nobody knows the end."""
        return self.due == UNKNOWN and bool(self.stood)


def due_first(clock: Clock) -> tuple[str, str, str, str]:
    """The order of clocks: the one due first in front."""
    return clock.due, clock.notice, clock.id, clock.party


class Review(Value, frozen=True):
    """A notice that one officer released: by when the second must review it, and the notice by which he did."""

    notice: str
    party: str
    due: str
    done: str | None = None
    done_at: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class Waiting:
    """A reference or a receipt that names something not (yet) in the cut: it waits, visibly."""

    number: str
    log: str
    """The log it points into."""
    wants: str
    """The identifier, or for a receipt the size, that is not there."""


@dataclass(frozen=True, slots=True)
class Incident:
    """The notices that refer to each other, called by the spoken number of the first."""

    number: str
    state: str
    party: str
    """The party of its first notice."""
    opened_at: str
    notices: tuple[Notice, ...]
    """In the order of the record."""
    accounts: Mapping[str, Mapping[str, Stated]]
    """Party to field to what it states now."""
    differences: tuple[Difference, ...]
    clocks: tuple[Clock, ...]
    closed_by: frozenset[str] = frozenset()
    """The parties whose closing counts: proposed, and nothing since has brought the incident back."""


@dataclass(frozen=True, slots=True)
class Compliance:
    """How often a party met one clock: the same rule for every party. Withdrawn questions count nowhere."""

    started: int = 0
    met: int = 0
    late: int = 0
    disputed: int = 0
    open: int = 0


@dataclass(frozen=True, slots=True)
class Agreed:
    """A party's latest statement that its state at a cut had this digest."""

    party: str
    number: str
    cut: Cut
    digest: str
    rules: int
    at: str


@dataclass(frozen=True, slots=True)
class Erasure:
    """A party's statement that it holds no part of a class below `size` of `log` any more."""

    party: str
    number: str
    """Spoken number of the leaf that says so."""
    at: str
    log: str
    retention: str
    size: int
    since: int
    """The size that its statement before named; it newly names the leaves [since, size)."""


@dataclass(frozen=True)
class Book:
    """Everything the record says at `cut`. Keys of mappings are spoken numbers unless said otherwise."""

    cut: Cut
    reached: Mapping[str, str]
    """Origin to the moment that the last conforming leaf of that log states; no part of the state."""
    rules: int
    notices: Mapping[str, Notice]
    incidents: Mapping[str, Incident]
    crossings: Mapping[tuple[str, str, str], CrossingState]
    """(crossing, direction, traffic) to what each side says."""
    foreseen: Mapping[tuple[str, str, str], Foreseen]
    """(crossing, direction, traffic) to the suspensions and resumptions that each side plans."""
    segments: Mapping[tuple[str, str, str], SegmentState]
    """(stretch, direction, traffic) to what each side says."""
    clearances: Mapping[str, Clearance]
    """Stretch to how far each side says that clearing it of mines has come."""
    flows: Mapping[tuple[str, str, str], Flow]
    """(crossing, day, direction) to what each source says."""
    plans: Mapping[str, Plan]
    matches: Mapping[tuple[str, str], Match]
    """Two notices, each as its log and its identifier, to what their parties say of the pair."""
    nonconforming: Mapping[str, Notice]
    waiting: tuple[Waiting, ...]
    reviews: Mapping[str, Review]
    joint: Mapping[str, JointText]
    """Proposals of joint texts, and how far they are sealed."""
    compliance: Mapping[tuple[str, str], Compliance]
    """(party, clock id)."""
    agreements: Mapping[str, Agreed]
    """Party to its latest agreement leaf."""
    counted: Mapping[tuple[str, str], int]
    """(party, kind) to the number of conforming notices."""
    incomplete: tuple[str, ...]
    """Notices whose facts every addressee has and this holder has not, and those of `unjudged`: then this book is not
    comparable."""
    unjudged: tuple[str, ...]
    """Notices that were made under a version of the instrument which this holder has not, or by which a party entered
    such a one while clocks may stand."""
    erasures: tuple[Erasure, ...]
    """What parties have erased at the end of its term; no part of the state."""
    started: Mapping[tuple[str, str, str], Clock] = field(repr=False)
    """(notice, clock id, party) to clock."""
    standstills: Mapping[str, tuple[Standstill, ...]]
    """Audience to the times in which clocks under it stand; none for an instrument that was never suspended."""
    running: tuple[Clock, ...] = field(repr=False)
    """The clocks that somebody still owes, the one due first in front."""
    pressing: tuple[Notice, ...] = field(repr=False)
    """The notices of the highest precedence that some addressee has not opened, in the order of the record."""
    state_rows: Mapping[str, bytes] = field(repr=False)
    by_kind: Mapping[str, Mapping[str, Notice]] = field(repr=False)
    """`notices` apart by kind, so that whoever asks for a few kinds does not look at all of them."""

    @cached_property
    def clocks(self) -> tuple[Clock, ...]:
        """Every clock that has started, the one due first in front."""
        return tuple(sorted(self.started.values(), key=due_first))

    @cached_property
    def in_order(self) -> tuple[Notice, ...]:
        """Every notice, in the order of the record."""
        return tuple(sorted(self.notices.values(), key=lambda notice: notice.order))

    def of_kinds(self, kinds: Iterable[str]) -> tuple[Notice, ...]:
        """The notices of these kinds, in the order of the record."""
        found = (notice for kind in kinds for notice in self.by_kind.get(kind, {}).values())
        return tuple(sorted(found, key=lambda notice: notice.order))

    def rows(self) -> list[tuple[str, bytes]]:
        """The canonical state rows, (key, bytes), sorted by key; `docs/spec/folds.md` lists them."""
        return sorted(self.state_rows.items())

    @cached_property
    def _digest(self) -> str:
        leaves = (merkle.leaf_hash(encoded) for _, encoded in self.rows())
        return merkle.Frontier().extend(leaves).root().hex()

    def digest(self) -> str:
        """Hex RFC 6962 root over the state rows."""
        return self._digest


def row(key: str, value: Mapping[str, Any]) -> tuple[str, bytes]:
    """One state row: its key, and the canonical bytes of [key, value]."""
    return key, canonical.encode_trusted([key, value])
