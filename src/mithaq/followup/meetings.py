"""Meetings: what each side proposed, what both agreed, what was held, said and decided, as a function of the book.

A call opens a meeting under its own spoken number; everything else refers to it. A time and place are agreed once every
other party has accepted what was proposed last. Nobody accepts his own proposal, and nothing is agreed of a moment that
was past when it was proposed. A decision becomes a measure that is followed like a commitment.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from mithaq.followup import commitments
from mithaq.followup.commitments import Standing
from mithaq.instrument.law import Commitment, Law
from mithaq.notices.book import Book, Notice
from mithaq.notices.scores import FULL

CALLED: Final = "meeting"
ANSWERED: Final = "meeting-answer"
HELD: Final = "meeting-held"
STATED: Final = "meeting-statement"
DECIDED: Final = "meeting-decision"
ASSESSED: Final = "decision-score"
_FACETS: Final = frozenset({CALLED, ANSWERED, HELD, STATED, DECIDED, ASSESSED})
"""The facets of the kinds that speak of meetings and of what they decided."""

SIDES: Final = ("first", "second", "third", "fourth")
"""The codes of the parties, by their place in the instrument."""

ACCEPTED: Final = "accepted"
DECLINED: Final = "declined"


class State(StrEnum):
    """Where a meeting stands."""

    PROPOSED = "proposed"
    """Somebody's answer to the last proposal is awaited."""
    AGREED = "agreed"
    DECLINED = "declined"
    PAST = "past"
    """The moment proposed last was past when it was proposed: nothing can be agreed of it."""
    HELD = "held"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A time and place, and who proposed them."""

    party: str
    starts: str
    venue: str
    number: str
    said_at: str

    @property
    def is_past(self) -> bool:
        """Whether it names a moment that was past when it was proposed."""
        return self.starts <= self.said_at


@dataclass(frozen=True, slots=True)
class Decision:
    """What a meeting decided: a measure with its owner, day due and what each side says of it."""

    number: str
    party: str
    at: str
    facts: Mapping[str, Any]
    standing: Standing


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting with all that was said of it, in the order of the record."""

    call: Notice
    state: State
    proposal: Proposal
    """The time and place proposed last."""
    accepted: frozenset[str]
    """The parties that accepted the last proposal."""
    agenda: Mapping[str, tuple[str, ...]]
    """Party to what it proposed to discuss."""
    answers: tuple[Notice, ...]
    held: tuple[Notice, ...]
    statements: tuple[Notice, ...]
    decisions: tuple[Decision, ...]
    changes: int
    """How often the call was answered or something of it taken back: never falls while the record grows."""

    @property
    def number(self) -> str:
        return self.call.number


def meetings(book: Book, law: Law) -> tuple[Meeting, ...]:
    """Every meeting that was called, in the order of the record."""
    by_facet = _by_facet(book, law)
    about: dict[str, dict[str, list[Notice]]] = {}
    for facet in (ANSWERED, HELD, STATED, DECIDED, ASSESSED):
        for notice in by_facet.get(facet, ()):
            for number in notice.refers:
                about.setdefault(number, {}).setdefault(facet, []).append(notice)
    return tuple(_meeting(call, about, book, law) for call in by_facet.get(CALLED, ()))


def decisions(found: Iterable[Meeting]) -> tuple[Decision, ...]:
    """What was decided at the meetings and still stands."""
    return tuple(decision for meeting in found for decision in meeting.decisions)


def is_overdue(decision: Decision, parties: Sequence[str], moment: str, known: str | None = None) -> bool:
    """Whether its day is over at `moment` and not every party says that it is carried out in full, by what was had at
    `known` (without it, then)."""
    known = moment if known is None else known
    done = all(decision.standing.score(party, known) == FULL for party in parties)
    return not done and str(decision.facts["due"]) < moment[:10]


def _by_facet(book: Book, law: Law) -> Mapping[str, list[Notice]]:
    facets = {kind.name: _FACETS.intersection(kind.facets) for kind in law.kinds}
    found: dict[str, list[Notice]] = {}
    for notice in book.of_kinds(kind for kind, its in facets.items() if its):
        if notice.conforms and notice.facts is not None:
            for facet in facets[notice.kind]:
                found.setdefault(facet, []).append(notice)
    return found


def _meeting(call: Notice, about: Mapping[str, Mapping[str, list[Notice]]], book: Book, law: Law) -> Meeting:
    said = about.get(call.number, {})
    answers = [each for each in said.get(ANSWERED, ()) if each.withdrawn_by is None]
    held = [each for each in said.get(HELD, ()) if each.withdrawn_by is None]
    proposal, accepted, declined = _negotiated(call, answers)
    answered = said.get(ANSWERED, ())
    taken_back = sum(each.withdrawn_by is not None for each in (call, *answered))
    others = {party.code for party in law.parties if party.code in {call.party, *call.ladder}} - {proposal.party}
    return Meeting(
        call=call,
        state=_state(call, held, proposal, declined=declined, agreed=accepted >= others),
        proposal=proposal,
        accepted=accepted,
        agenda=_agenda([call, *answers]),
        answers=tuple(answers),
        held=tuple(held),
        statements=tuple(each for each in said.get(STATED, ()) if each.withdrawn_by is None),
        decisions=tuple(
            _decision(each, about.get(each.number, {}).get(ASSESSED, ()), book, law)
            for each in said.get(DECIDED, ())
            if each.withdrawn_by is None
        ),
        changes=len(answered) + taken_back,
    )


def _negotiated(call: Notice, answers: Sequence[Notice]) -> tuple[Proposal, frozenset[str], bool]:
    """The proposal that stands, who has accepted it, and whether somebody's last word on it declines it."""
    facts = call.facts or {}
    proposal = Proposal(call.party, facts["starts"], facts["venue"], call.number, call.at)
    words: dict[str, str] = {}
    for answer in answers:
        said = answer.facts or {}
        if said["answer"] not in (ACCEPTED, DECLINED):
            starts, venue = said.get("starts", proposal.starts), said.get("venue", proposal.venue)
            proposal, words = Proposal(answer.party, starts, venue, answer.number, answer.at), {}
        elif proposal.number in _answered(answer, call):
            words[answer.party] = said["answer"]
    accepted = frozenset(party for party, word in words.items() if word == ACCEPTED) - {proposal.party}
    return proposal, accepted, DECLINED in words.values()


def _answered(answer: Notice, call: Notice) -> frozenset[str]:
    """The proposals that an answer speaks of: those it names beside the call, else the call's own.

    Nobody agrees to a time that he has not seen: another proposal may have come meanwhile, or be taken back later.
    """
    return frozenset(answer.refers) - {call.number} or frozenset({call.number})


def _state(call: Notice, held: Sequence[Notice], proposal: Proposal, *, declined: bool, agreed: bool) -> State:
    if call.withdrawn_by is not None:
        return State.WITHDRAWN
    if held:
        return State.HELD
    if declined:
        return State.DECLINED
    if proposal.is_past:
        return State.PAST
    return State.AGREED if agreed else State.PROPOSED


def _agenda(notices: Iterable[Notice]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for notice in notices:
        before = found.get(notice.party, ())
        new = (notice.facts or {}).get("agenda", ())
        found[notice.party] = (*before, *(item for item in new if item not in before))
    return {party: items for party, items in found.items() if items}


def _decision(notice: Notice, assessments: Sequence[Notice], book: Book, law: Law) -> Decision:
    facts = notice.facts or {}
    place = SIDES.index(facts["owner"])
    owners = [law.parties[place].code] if place < len(law.parties) else []
    measure = Commitment(
        id=notice.number, article="", owners=owners, measure={}, evidence="minutes", due=facts["due"], mark="agreed"
    )
    standing = commitments.standing_of(measure, notice.at, assessments, book, law)
    return Decision(notice.number, notice.party, notice.at, facts, standing)
