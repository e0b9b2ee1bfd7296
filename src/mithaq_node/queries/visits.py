"""The visits of the record with their meetings, and whether both sides have sealed a text about them."""

from dataclasses import dataclass

from mithaq.followup import meetings, texts, visits
from mithaq.followup.meetings import SIDES
from mithaq.followup.texts import CommonText, State
from mithaq.followup.visits import Met, Visit
from mithaq.instrument.law import Law
from mithaq.notices.book import Notice
from mithaq_node.queries import instrument, ledgers


@dataclass(frozen=True, slots=True)
class Stated:
    """A statement and the party whose office made it, whoever told of it."""

    notice: Notice
    party: str


@dataclass(frozen=True, slots=True)
class MetView:
    """A meeting of a visit, and what was stated there."""

    met: Met
    statements: tuple[Stated, ...]


@dataclass(frozen=True, slots=True)
class VisitView:
    """A visit as it is shown."""

    visit: Visit
    guest: str
    """The party whose delegation it was; empty where the law has no such party."""
    occasion: tuple[str, ...]
    met: tuple[MetView, ...]
    texts: tuple[CommonText, ...]
    """The common texts about the visit or a meeting of it."""

    @property
    def sealed(self) -> CommonText | None:
        """A text about it that all have sealed; None where there is none."""
        return next((each for each in self.texts if each.state is State.SEALED), None)


def every() -> tuple[VisitView, ...]:
    """Every visit, the one entered last first."""
    book, law = ledgers.book(), instrument.law()
    found = visits.visits(book, law, meetings.meetings(book, law))
    written = texts.texts(book, law) if found else ()
    return tuple(_view(each, law, written) for each in reversed(found))


def _view(visit: Visit, law: Law, written: tuple[CommonText, ...]) -> VisitView:
    numbers = {visit.number, *(each.notice.number for each in visit.met)}
    return VisitView(
        visit=visit,
        guest=_party(law, visit.facts["guest"]),
        occasion=tuple(visit.facts.get("items", ())),
        met=tuple(
            MetView(each, tuple(Stated(one, _party(law, (one.facts or {})["side"])) for one in each.statements))
            for each in visit.met
        ),
        texts=tuple(each for each in written if numbers.intersection(each.about)),
    )


def _party(law: Law, side: str) -> str:
    place = SIDES.index(side)
    return law.parties[place].code if place < len(law.parties) else ""
