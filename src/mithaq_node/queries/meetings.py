"""The meetings of the record: all of them, one, and what they decided."""

from collections.abc import Sequence
from dataclasses import dataclass

from mithaq.errors import Refusal
from mithaq.followup import meetings
from mithaq.followup.meetings import Decision, Meeting
from mithaq.instrument.law import Kind, Text
from mithaq.notices.book import Notice
from mithaq_node.queries import instrument, ledgers


@dataclass(frozen=True, slots=True)
class Measure:
    """A decision with what each party says of it, in the parties' order on this node."""

    decision: Decision
    meeting: str
    cells: tuple[tuple[str, int | None], ...]
    """Party and its score."""
    overdue: bool


@dataclass(frozen=True, slots=True)
class Side:
    """What one party says of a meeting."""

    party: str
    short: Text
    """The party's short name."""
    agenda: tuple[str, ...]
    held: tuple[Notice, ...]
    statements: tuple[Notice, ...]


def every() -> tuple[Meeting, ...]:
    """Every meeting that was called, the latest call first."""
    return tuple(reversed(meetings.meetings(ledgers.book(), instrument.law())))


def one(number: str) -> Meeting:
    """The meeting that was called by the notice of this number; refuses any other (`meeting.none`)."""
    found = next((each for each in every() if each.number == number), None)
    if found is None:
        raise Refusal("meeting.none", number=number[:40])
    return found


def measures(found: Sequence[Meeting], now: str) -> tuple[Measure, ...]:
    """What the meetings decided, the first due in front."""
    parties = [party.code for party in instrument.parties()]
    made = (
        Measure(
            decision=each,
            meeting=meeting.number,
            cells=tuple((party, each.standing.score(party, now)) for party in parties),
            overdue=meetings.is_overdue(each, parties, now),
        )
        for meeting in found
        for each in meeting.decisions
    )
    return tuple(sorted(made, key=lambda each: (each.decision.facts["due"], each.decision.number)))


def sides(meeting: Meeting) -> tuple[Side, ...]:
    """What each party says of a meeting, this node's own first."""
    return tuple(
        Side(
            party=party.code,
            short=party.short,
            agenda=meeting.agenda.get(party.code, ()),
            held=tuple(each for each in meeting.held if each.party == party.code),
            statements=tuple(each for each in meeting.statements if each.party == party.code),
        )
        for party in instrument.parties()
    )


def telling(facet: str) -> Kind | None:
    """The kind of the law in force whose notices carry the facet; a law may lack it."""
    return next((kind for kind in instrument.law().kinds if facet in kind.facets), None)
