"""This party's own notices of dangers to the public, as far as anybody may read them.

Public is what both rules allow: the sealed law calls the kind public, both the one it was made under and the one in
force, and it was told to all parties and not to some of them. A notice is read from the moment it is sealed: a danger
does not wait for the line to the other side. What another party tells is its own to publish.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings

from mithaq import moments
from mithaq.instrument.law import Kind, Law
from mithaq.moments import DAY, Moment
from mithaq.notices import numbers, revisions
from mithaq.notices.book import Book, Notice
from mithaq.notices.revisions import Revision
from mithaq_node.queries import inside, instrument, ledgers

HAZARD = "hazard"
"""The coded list of dangers, and the field of the facts that names one of them."""
STANDING = 7
"""Days for which a message stands: nobody states an end of a danger, so what nobody has said again is then no longer
vouched for."""
_MOST = 200
"""Dangers in the feed."""


@dataclass(frozen=True, slots=True)
class Hazard:
    """A notice of a danger and what it has said over time, the last at the end."""

    notice: Notice
    law: Law
    """The law that it was made under."""
    revisions: tuple[Revision, ...]


def standing(now: Moment) -> tuple[Hazard, ...]:
    """The dangers of which anything was said in the last days, what was said last in front. Where they are too many,
    those that were withdrawn are left out before those that stand, and of each what was said longest ago."""
    since = str(Moment(now.seconds - STANDING * DAY))
    book, law = ledgers.book(), instrument.law()
    recent = (each for each in _told(book, law) if _last_of_thread(each, book) > since)
    found = [_hazard(each, book) for each in recent]
    shown = [each for each in found if each.revisions[-1].at > since]
    shown.sort(key=_said_last, reverse=True)
    shown.sort(key=lambda each: each.revisions[-1].facts is None)
    return tuple(sorted(shown[:_MOST], key=_said_last, reverse=True))


def of_step(name: tuple[str, ...]) -> tuple[Hazard, int] | None:
    """The danger that has a step of this name (`named`), and which of its steps that is; None of any other name."""
    steps = list(_steps(name[0], ledgers.book()))
    is_first = len(name) == 1
    chosen = steps[:1] if is_first else [step for step in steps[1:] if step[0].notice.number == name[1]]
    law = instrument.law()
    return next((step for step in chosen if _is_public(step[0].notice, law)), None)


def named(hazard: Hazard, place: int) -> tuple[str, ...]:
    """What a step is called: the number of the notice that made it. One notice may correct or withdraw several
    dangers; its step of any but the first of them is called by that danger's number, too."""
    step, own = hazard.revisions[place].number, hazard.notice.number
    first = next(found.notice.number for found, _ in _steps(step, ledgers.book()))
    return (step,) if first == own else (step, own)


def _steps(number: str, book: Book) -> Iterator[tuple[Hazard, int]]:
    """The dangers of which a notice is a step, whatever law is in force now, and which step of each it is. Their order
    hangs on nothing that can change."""
    for told in dict.fromkeys(_followed(number, book)):
        notice = book.notices.get(told)
        if notice is not None and _was_told(notice):
            found = _hazard(notice, book)
            yield from ((found, place) for place, each in enumerate(found.revisions) if each.number == number)


def _said_last(hazard: Hazard) -> tuple[str, str]:
    return hazard.revisions[-1].at, hazard.notice.number


def _followed(number: str, book: Book) -> Iterator[str]:
    """Where the danger may stand that a notice is a step of: the notice, what it refers to, and for the withdrawal of
    a correction what that one refers to. A danger need not open its thread."""
    yield number
    step = book.notices.get(number)
    refers = step.refers if step else ()
    yield from refers
    for each in refers:
        followed = book.notices.get(each)
        yield from followed.refers if followed else ()


def goes_public(kind: Kind, audience: str) -> bool:
    """Whether a notice of this kind that is told to this audience will be read by anybody."""
    is_on = inside.arrangement().alerts and not instrument.law().exercise
    return is_on and audience == numbers.ALL and _is_of_danger(kind)


def until(revision: Revision) -> Moment:
    """When a message stands no longer."""
    return Moment(moments.parse(revision.at).seconds + STANDING * DAY)


def _told(book: Book, law: Law) -> Iterator[Notice]:
    for kind in law.kinds:
        if _is_of_danger(kind):
            yield from (each for each in book.by_kind.get(kind.name, {}).values() if _is_told(each, law))


def _is_told(notice: Notice, law: Law) -> bool:
    return _was_told(notice) and _is_public(notice, law)


def _was_told(notice: Notice) -> bool:
    """Whether a notice told all parties of a danger, in a kind that its own law calls public."""
    if notice.party != settings.NODE.party or not notice.conforms or notice.stated is None:
        return False
    return numbers.audience_of(notice.log) == numbers.ALL and _is_public(notice, instrument.law_of(notice.leaf))


def _is_public(notice: Notice, law: Law) -> bool:
    kind = law.kind(notice.kind)
    return kind is not None and _is_of_danger(kind)


def _is_of_danger(kind: Kind) -> bool:
    named = (each for each in kind.fields if each.name == HAZARD and each.type == "code" and each.codes == HAZARD)
    return kind.public and any(named)


def _last_of_thread(notice: Notice, book: Book) -> str:
    incident = book.incidents.get(notice.thread)
    return max((each.at for each in incident.notices), default=notice.at) if incident else notice.at


def _hazard(notice: Notice, book: Book) -> Hazard:
    incident = book.incidents.get(notice.thread)
    thread = incident.notices if incident else ()
    steps = revisions.revisions(notice, thread, lambda each: instrument.law_of(each.leaf))
    return Hazard(notice, instrument.law_of(notice.leaf), steps)
