"""The visits of the record with their meetings, and of what of them both sides have sealed a text."""

from collections.abc import Callable
from dataclasses import dataclass

from mithaq.followup import meetings, texts, visits
from mithaq.followup.meetings import SIDES
from mithaq.followup.texts import CommonText
from mithaq.followup.visits import Met, Visit
from mithaq.instrument.law import Law
from mithaq.notices.book import Notice
from mithaq_node.queries import instrument, ledgers


@dataclass(frozen=True, slots=True)
class Stated:
    """A statement and the party whose office made it, whoever told of it."""

    notice: Notice
    party: str
    sealed: CommonText | None
    """The text, sealed by all, that names it."""


@dataclass(frozen=True, slots=True)
class MetView:
    """A meeting of a visit, and what was stated there."""

    met: Met
    statements: tuple[Stated, ...]
    sealed: CommonText | None
    """The text, sealed by all, that names it."""


@dataclass(frozen=True, slots=True)
class VisitView:
    """A visit as it is shown."""

    visit: Visit
    guest: str
    """The party whose delegation it was; empty where the law has no such party."""
    occasion: tuple[str, ...]
    met: tuple[MetView, ...]
    sealed: CommonText | None
    """The text, sealed by all, that names the visit itself; it says nothing of a meeting that it does not name."""

    @property
    def is_sealed_in_part(self) -> bool:
        """Whether all have sealed a text about any of it, so that each part has to say whether it is sealed."""
        parts = [self.sealed, *(each.sealed for each in self.met)]
        return any([*parts, *(one.sealed for each in self.met for one in each.statements)])


def every() -> tuple[VisitView, ...]:
    """Every visit, the one entered last first."""
    book, law = ledgers.book(), instrument.law()
    found = visits.visits(book, law, meetings.meetings(book, law))
    written = texts.texts(book, law) if found else ()

    def sealed(number: str) -> CommonText | None:
        return texts.sealed_about(written, book, number)

    return tuple(_view(each, law, sealed) for each in reversed(found))


def _view(visit: Visit, law: Law, sealed: Callable[[str], CommonText | None]) -> VisitView:
    def stated(each: Notice) -> Stated:
        return Stated(each, _party(law, (each.facts or {})["side"]), sealed(each.number))

    return VisitView(
        visit=visit,
        guest=_party(law, visit.facts["guest"]),
        occasion=tuple(visit.facts.get("items", ())),
        met=tuple(MetView(each, tuple(map(stated, each.statements)), sealed(each.notice.number)) for each in visit.met),
        sealed=sealed(visit.number),
    )


def _party(law: Law, side: str) -> str:
    place = SIDES.index(side)
    return law.parties[place].code if place < len(law.parties) else ""
