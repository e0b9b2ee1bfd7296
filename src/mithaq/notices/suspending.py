"""Suspension of an instrument: what it stops, what goes on, and from when until when it holds for everybody.

A suspension stands in a version of the law, which all have sealed, and each party enters it when it gets to it. Two
things follow, and they are apart. What is *said* under that version is judged by it alone: from its instant on nothing
begins that it does not keep. The *clocks* of both sides stand only once every party has the entering of every other
in a receipt; from the cut alone everybody computes the same instants (docs/spec/folds.md says how far the last to
receipt can date them back). They run again only when all have a version without it.

Nobody is ever kept from answering: what refers to a notice that is there may always be said. Nor is help stopped:
`must_go_on` says which kinds no suspension may leave out, and a notice of the highest precedence may always be made
(docs/decisions/0215).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mithaq import moments
from mithaq.analysis.people import is_about_people
from mithaq.errors import Refusal
from mithaq.instrument.law import Kind, Law
from mithaq.notices import roles

OPEN = ""
"""The end of a standstill that is not over at the cut and has no end of its own."""


@dataclass(frozen=True, slots=True)
class Standstill:
    """The time in which clocks of an audience stand under one version: from `begin` until just before `end`."""

    version: int
    begin: str
    end: str
    """`OPEN` while nobody knows it."""
    keeps: frozenset[str]
    """The kinds whose clocks run all the same."""


Common = Mapping[int, str]
"""Version to the instant from which all parties of an audience have it; without those that not all have."""


def standstills(laws: Sequence[Law], common: Common) -> tuple[Standstill, ...]:
    """When clocks stand, in order and without overlap, under these versions, which are in the order of their numbers.

    One begins when all have the version that says so, and not before its instant; it ends by itself, or when all have
    the next version, whatever that says.
    """
    found = []
    for place, law in enumerate(laws):
        stated, had = law.suspension, common.get(law.version)
        if stated is None or had is None or not is_sound(law):
            continue
        after = common.get(laws[place + 1].version, OPEN) if place + 1 < len(laws) else OPEN
        end = min((each for each in (stated.until, after) if each != OPEN), default=OPEN)
        begin = max(had, stated.since)
        if end == OPEN or begin < end:
            found.append(Standstill(law.version, begin, end, frozenset(stated.keeps)))
    return tuple(found)


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
