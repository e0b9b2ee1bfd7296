"""What rings at this desk, and whom the instrument names for it: what is urgent, and where the sides say different
things of a crossing."""

from dataclasses import dataclass

from django.conf import settings

from mithaq import moments
from mithaq.corridors.crossings import CrossingState
from mithaq.instrument.law import Law
from mithaq.notices import ringing as rule
from mithaq.notices import roles
from mithaq.notices.book import Book, Notice
from mithaq.notices.ringing import Step
from mithaq_node.queries import inside, instrument, ledgers


@dataclass(frozen=True, slots=True)
class Ringing:
    """A notice that nobody here has opened yet."""

    notice: Notice
    since: str
    """The instant of our own receipt, from which it could be read here."""
    steps: tuple[Step, ...]
    """Which of our authorities is called when, in the order of the instrument."""
    acknowledged_by: str
    """The kind of notice that acknowledges it; empty where the instrument has none."""
    differs: tuple[CrossingState, ...] = ()
    """The states of a crossing in which it says otherwise than we do; empty where it rings because it is urgent."""


_latest: tuple[Book, int, tuple[Ringing, ...]] | None = None
"""What was found in the book that was asked last: a book is a value, and every page asks."""


def ringing() -> tuple[Ringing, ...]:
    """What rings now, in the order of the record."""
    global _latest
    book, minutes = ledgers.book(), inside.arrangement().step
    known = _latest
    if known is None or known[0] is not book or known[1] != minutes:
        known = _latest = book, minutes, _found(book, minutes)
    return known[2]


def unheard(now: str) -> tuple[Ringing, ...]:
    """What this party sent and the other side has not received for too long; `since` is when it was released, and our
    own authorities are called as for what rings here."""
    book, law, own = ledgers.book(), instrument.law(), str(settings.NODE.party)
    waiting = rule.unheard(book, law, own, now)
    if not waiting:
        return ()
    ours, minutes = {authority.id for authority in instrument.own_party().authorities}, inside.arrangement().step
    return tuple(
        Ringing(
            notice=notice,
            since=notice.at,
            steps=rule.steps(
                str(moments.add_minutes(moments.parse(notice.at), law.limits.silence)),
                tuple(each for each in rule.called(law, notice.kind, own) if each in ours),
                minutes,
            ),
            acknowledged_by="",
        )
        for notice in waiting
    )


def _found(book: Book, minutes: int) -> tuple[Ringing, ...]:
    law, own = instrument.law(), str(settings.NODE.party)
    urgent = []
    for notice in rule.ringing(book, law, own):
        readable = notice.ladder[own].readable
        urgent.append(_ringing(law, notice, readable.at if readable else notice.at, minutes))
    known = {each.notice.number for each in urgent}
    differ = [
        _ringing(law, notice, min(each.began.at for each in states if each.began), minutes, states)
        for notice, states in rule.differing(book, own)
        if notice.number not in known
    ]
    return (*urgent, *differ)


def _ringing(law: Law, notice: Notice, since: str, minutes: int, states: tuple[CrossingState, ...] = ()) -> Ringing:
    own = instrument.own_party()
    ours = {authority.id for authority in own.authorities}
    ways = (kind for kind in law.kinds if kind.role == roles.ACKNOWLEDGES and notice.role in kind.refers)
    called = tuple(each for each in rule.called(law, notice.kind, own.code) if each in ours)
    return Ringing(
        notice=notice,
        since=since,
        steps=rule.steps(since, called, minutes),
        acknowledged_by=next((kind.name for kind in ways), ""),
        differs=states,
    )
