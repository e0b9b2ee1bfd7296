"""Which notices ring at a desk: those of the highest precedence that another party sent, until they are opened.

A notice rings from the moment at which it is readable here until this party has sent one that refers to it (the step
*opened* of the ladder), or its sender has taken it back. Nobody can silence it otherwise. Who is called stands in the
instrument: the clocks that the notice starts name authorities of both parties in an order, and a party calls its own. A
review and an acknowledgement tell nothing that must be heard, whatever their precedence.

A mismatch about a crossing rings too, whatever the precedence of what brought it about, and on the desks of both
sides: for each statement of another party that says otherwise than this party's own, until this party has sent a notice
that refers to it, or the states agree again. It rings from the statement on with which the mismatch began, and what was
acknowledged before that does not silence it: who saw "open" has not yet seen that it is called closed.

While nobody acknowledges it, one authority after the other is called: the first at once, each next one after as many
minutes as the party has set for itself. That is a rule of the house, not of the instrument, and never part of state.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from mithaq import moments
from mithaq.corridors.crossings import CrossingState
from mithaq.instrument.law import Law
from mithaq.moments import Moment
from mithaq.notices import roles
from mithaq.notices.book import Book, Notice

_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the escalation: its number from 1, the authority that is called then, and from when on."""

    number: int
    authority: str
    at: str


_QUIET = frozenset({roles.SEALS, roles.ACKNOWLEDGES})


def ringing(book: Book, law: Law, own: str) -> tuple[Notice, ...]:
    """The notices that ring at the desk of the party `own`, in the order of the record."""
    highest = law.precedence[0]
    return tuple(
        notice
        for notice in book.pressing
        if notice.precedence == highest
        and notice.party != own
        and notice.role not in _QUIET
        and notice.conforms
        and _unopened(notice, own)
    )


def differing(book: Book, own: str) -> tuple[tuple[Notice, tuple[CrossingState, ...]], ...]:
    """The statements of other parties about crossings that differ from those of `own` and that it has not acknowledged
    since they do, in the order of the record, each with the states in which it differs."""
    found: dict[str, list[CrossingState]] = {}
    for _, state in sorted(book.crossings.items()):
        for number in _differing(state, own):
            if number in book.notices and _unheard_of(state, book.notices[number], own):
                found.setdefault(number, []).append(state)
    notices = sorted((book.notices[number] for number in found), key=lambda each: each.order)
    return tuple((each, tuple(found[each.number])) for each in notices)


def _differing(state: CrossingState, own: str) -> Iterator[str]:
    """The numbers of the statements of other parties that state otherwise than `own` does."""
    ours = state.statements.get(own)
    if state.mismatch and ours is not None:
        for party, theirs in state.statements.items():
            if party != own and theirs.facts["state"] != ours.facts["state"]:
                yield theirs.number


def unheard(book: Book, law: Law, own: str, now: str) -> tuple[Notice, ...]:
    """The notices of the highest precedence that the party `own` sent and an addressee has not received for longer than
    the instrument's limit of silence, in the order of the record.

    This starts no clock and counts in no figure: nobody owes what has not come.
    """
    limit = moments.parse(now).seconds - law.limits.silence * _MINUTE
    return tuple(
        notice
        for notice in book.pressing
        if notice.precedence == law.precedence[0]
        and notice.party == own
        and notice.role not in _QUIET
        and notice.conforms
        and notice.withdrawn_by is None
        and any(ladder.delivered is None for ladder in notice.ladder.values())
        and moments.parse(notice.at).seconds < limit
    )


def called(law: Law, kind: str, own: str) -> tuple[str, ...]:
    """The authorities of `own` that the instrument names for a notice of `kind`, in its order, each once."""
    named = (each.partition("/") for clock in law.clocks if kind in clock.kinds for each in clock.escalate)
    return tuple(dict.fromkeys(authority for party, _, authority in named if party == own))


def steps(since: str, called: tuple[str, ...], minutes: int) -> tuple[Step, ...]:
    """When each of the authorities is called for a notice that rings since an instant, one every so many minutes."""
    start = moments.parse(since).seconds
    return tuple(
        Step(number, authority, str(Moment(start + (number - 1) * minutes * _MINUTE)))
        for number, authority in enumerate(called, 1)
    )


def due(steps: tuple[Step, ...], now: str) -> tuple[Step, ...]:
    """The steps that have come at `now`."""
    reached = moments.parse(now).seconds
    return tuple(step for step in steps if moments.parse(step.at).seconds <= reached)


def _unheard_of(state: CrossingState, notice: Notice, own: str) -> bool:
    """Whether `own` can read what states otherwise, and has referred to it in nothing since the mismatch began."""
    ladder = notice.ladder.get(own)
    if notice.withdrawn_by is not None or ladder is None or ladder.readable is None or state.began is None:
        return False
    return ladder.referred is None or ladder.referred < state.began.order


def _unopened(notice: Notice, own: str) -> bool:
    ladder = notice.ladder.get(own)
    return notice.withdrawn_by is None and ladder is not None and ladder.readable is not None and ladder.opened is None
