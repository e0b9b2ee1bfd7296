"""Suspension of an instrument: what it stops, what goes on, and from when until when it holds for everybody.

A suspension stands in a version of the law, which all have sealed, and each party enters it when it gets to it. Two
things follow, and they are apart. What is *said* under that version is judged by it alone: from its instant on nothing
begins that it does not keep. *Clocks* of what one party owes another stand from when the one that is owed has the
entering of every party, by its own word, until the one that owes has entered the next version or has the other's
entering of it, by its own word. So neither gains by an instant that it states (docs/decisions/0226).

Nobody is ever kept from answering: what refers to a notice that is there may always be said. Nor is help stopped:
`must_go_on` says which kinds no suspension may leave out, and a notice of the highest precedence may always be made
(docs/decisions/0215).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import groupby, pairwise, product

from mithaq import moments
from mithaq.analysis.people import is_about_people
from mithaq.errors import Refusal
from mithaq.instrument.law import Kind, Law, Suspension
from mithaq.notices import roles

OPEN = ""
"""The end of a standstill that is not over at the cut and has no end of its own."""


@dataclass(frozen=True, slots=True)
class Standstill:
    """The time in which clocks of what a party owes another stand, from `begin` until just before `end`."""

    version: int
    """The one by which it began; the next ones may go on with it."""
    owing: str
    owed: str
    begin: str
    end: str
    """`OPEN` while nobody knows it."""
    keeps: frozenset[str]
    """The kinds that some version keeps."""
    only: frozenset[str] = frozenset()
    """Those of them whose clocks stand in it; empty where it is those of all other kinds."""

    def stops(self, kind: str) -> bool:
        """Whether the clocks that notices of a kind started stand in it."""
        return kind in self.only if self.only else kind not in self.keeps

    def key(self, audience: str) -> str:
        """The key of its row."""
        parts = "standstill", audience, str(self.version), self.owing, self.owed
        return "/".join((*parts, *sorted(self.only)[:1]))


Instants = Mapping[int, str]
"""Version to an instant; without those of which nobody knows one."""


def standstills(laws: Sequence[Law], owing: str, owed: str, had: Instants, over: Instants) -> tuple[Standstill, ...]:
    """When clocks of what `owing` owes `owed` stand under these versions, which are in the order of their numbers; of
    each kind in order and without overlap.

    `had` is from when `owed` has the entering of a version of every party; `over` is from when `owing` has entered a
    later one, or has the entering of `owed`. Of each kind, versions that follow one another and do not keep it are one
    suspension.
    """
    kept = frozenset(kind for law in laws for kind in _stated(law).keeps)
    alike: dict[tuple[bool, ...], set[str]] = {_stopping(laws, ""): set()}
    for kind in kept:
        alike.setdefault(_stopping(laws, kind), set()).add(kind)
    return tuple(
        Standstill(version, owing, owed, begin, end, kept, frozenset(only))
        for stopping, only in sorted(alike.items(), reverse=True)
        for version, begin, end in _spans(laws, stopping, had, over)
    )


def _stopping(laws: Sequence[Law], kind: str) -> tuple[bool, ...]:
    """Which of the versions stop the clocks of a kind."""
    return tuple(stops_clocks(law, kind) for law in laws)


def _spans(
    laws: Sequence[Law], stopping: Sequence[bool], had: Instants, over: Instants
) -> Iterator[tuple[int, str, str]]:
    """The version by which clocks begin to stand, from when and until when, where `stopping` says which do stop them.

    They begin when a version is had, not before its instant, and not by one that is over by then. They go on when the
    last in the row is over, or before at the `until` of the version, or at that of a later one, once `owing` knows of
    it.
    """
    last = ""
    for stops, group in groupby(range(len(laws)), lambda place: stopping[place]):
        row = [laws[place] for place in group] if stops else []
        for place, law in enumerate(row):
            begin, gone = max(had.get(law.version, ""), _stated(law).since), over.get(law.version)
            if law.version not in had or (gone is not None and gone <= begin):
                continue
            begin = max(begin, last)
            ends = [_stated(law).until, over.get(row[-1].version)]
            for before, after in pairwise(row[place:]):
                known, until = over.get(before.version), _stated(after).until
                ends.append(max(known, until) if known and until else None)
            end = min(filter(None, ends), default=OPEN)
            if end == OPEN or begin < end:
                yield law.version, begin, end
                if end == OPEN:
                    return
                last = end


def not_counted(still: Sequence[Standstill], kind: str, owing: str, owed: Collection[str]) -> list[tuple[str, str]]:
    """The times, from and until, that do not count for a clock of `owing` that a notice of `kind` started: those in
    which it stands towards each of `owed`."""
    own = [each for each in still if each.owing == owing and each.stops(kind)]
    spans = [[(each.begin, each.end) for each in own if each.owed == party] for party in owed]
    return reduce(_in_both, spans) if spans else []


def _in_both(some: Sequence[tuple[str, str]], others: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    found = [
        (max(one[0], other[0]), min(filter(None, (one[1], other[1])), default=OPEN))
        for one, other in product(some, others)
    ]
    return [(begin, end) for begin, end in found if end == OPEN or begin < end]


_NOTHING = Suspension(grounds=[], since="", keeps=[])


def _stated(law: Law) -> Suspension:
    """What a version says of a suspension; nothing where it says none that can be read."""
    return law.suspension if law.suspension is not None and is_sound(law) else _NOTHING


def stops_clocks(law: Law, kind: str) -> bool:
    """Whether a version suspends, so that the clocks of a kind stand by it."""
    return _stated(law) is not _NOTHING and kind not in _stated(law).keeps


def is_sound(law: Law) -> bool:
    """Whether the instants of a suspension can be read and are in order; one of which they cannot stops nothing."""
    if law.suspension is None:
        return False
    try:
        moments.parse(law.suspension.since)
        if law.suspension.until:
            moments.interval(law.suspension.since, law.suspension.until)
    except Refusal:
        return False
    return True


def stops(law: Law, kind: Kind, precedence: str, at: str) -> Refusal | None:
    """Why a notice of `kind` and `precedence` made under `law` at the moment `at` may not be: it begins something that
    is suspended. What is of the highest precedence goes on whatever its kind: an officer may have chosen it."""
    stated = law.suspension
    if stated is None or not is_sound(law) or goes_on(law, kind) or precedence in law.precedence[:1]:
        return None
    if at < stated.since or (stated.until and at >= stated.until):
        return None
    return Refusal("leaf.suspended", kind=kind.name[:80], since=stated.since, version=law.version)


def require_going_on(law: Law, kind: Kind, precedence: str, at: str) -> None:
    """Refuse (`leaf.suspended`) what may not be said under `law` at `at`."""
    refusal = stops(law, kind, precedence, at)
    if refusal is not None:
        raise refusal


def goes_on(law: Law, kind: Kind) -> bool:
    """Whether notices of a kind may be made while the instrument is suspended."""
    return law.suspension is None or kind.role in roles.MUST_REFER or kind.name in law.suspension.keeps


def must_go_on(kind: Kind, law: Law) -> bool:
    """Whether no suspension may leave a kind out: what one officer releases because it saves life, what is of the
    highest precedence, and what opens or asks about people. What only refers is never stopped."""
    if kind.role in roles.MUST_REFER:
        return False
    urgent = kind.precedence == law.precedence[0] if law.precedence else False
    help = is_about_people(kind.name) and kind.role in (roles.OPENS, roles.ASKS)
    return kind.release == "one" or urgent or help
