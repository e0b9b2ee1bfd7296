"""What each party says of each commitment, what all have agreed of it, and whether it has slowed down.

Nothing is averaged away: a commitment has a column for each party and one for the committee, and a column may be empty.
A statement counts from the moment at which every party of its audience had it, so a date set back changes no past
figure; it is never corrected, only followed by another, and from the moment a withdrawal was had it counts no more.

Aggregates come as a distribution with its count; a percentage, the sum of the scores out of three for each commitment
that has one, never stands alone (the Kroc Institute's practice in the Peace Accords Matrix).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import msgspec

from mithaq import moments
from mithaq.instrument.law import Commitment, Kind, Law
from mithaq.notices import evidence, joint, scores
from mithaq.notices.book import Book, Notice
from mithaq.notices.scores import FULL

COMMITTEE: Final = ""
"""The column of what all parties have agreed; no party has an empty code."""

ASSESSED: Final = "assessment"
"""The kind of evidence of a commitment that only the owners' own assessments can show."""

QUIET_DAYS: Final = 92
"""Days without any statement after which a commitment counts as slowed down: the longest quarter."""

EVER: Final = "9999-12-31T23:59:59Z"
"""The moment at which everything counts that a book holds, whatever moment it states."""

_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Review:
    """What another party finds of a statement, or of some of its evidence: one of `scores.FINDINGS`."""

    number: str
    party: str
    found: str
    at: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of the evidence that a statement shows, and every review of it in the order of the record."""

    form: str
    reviews: tuple[Review, ...]

    @property
    def standing(self) -> tuple[Review, ...]:
        """The last review of each party."""
        return tuple({review.party: review for review in self.reviews}.values())

    @property
    def is_rejected(self) -> bool:
        """Whether a party's last word on it is that it rejects it."""
        return any(review.found == scores.REJECTED for review in self.standing)


class Statement(msgspec.Struct, frozen=True, gc=False):
    """One notice about a commitment: an assessment when it has a score, a proposal when it is a joint text."""

    number: str
    party: str
    kind: str
    at: str
    """The instant it states."""
    had: str
    """From when every party of its audience had it; of a joint text, from when all had agreed to it."""
    ended: str
    """From when it was taken back; empty while it stands."""
    score: int | None
    column: str | None
    """In whose column its score stands; None of a proposal that not all have agreed to."""
    facts: Mapping[str, Any]
    reviews: tuple[Review, ...]

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The evidence that it shows, piece by piece."""
        shown = evidence.forms(self.facts)
        return tuple(
            Piece(form, tuple(each for each in self.reviews if form in evidence.covered(each.facts, shown)))
            for form in shown
        )

    @property
    def is_agreed(self) -> bool:
        """Whether it is a joint text to which all parties have agreed."""
        return self.column == COMMITTEE

    def counts_at(self, moment: str) -> bool:
        """Whether it was had, and not taken back, at `moment`."""
        return self.had <= moment and not (self.ended and self.ended <= moment)


@dataclass(frozen=True, slots=True)
class Slowdown:
    """Why a commitment has slowed down; at least one of the two is set."""

    quiet_since: str = ""
    """The moment of the last statement, when that was more than `QUIET_DAYS` ago."""
    expected: int | None = None
    """The whole percent of the time until the day due that has passed, when a smaller share is carried out."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A commitment with all that was said of it, in the order of the record."""

    commitment: Commitment
    since: str
    """When the instrument came into force."""
    statements: tuple[Statement, ...]

    def current(self, column: str, moment: str) -> Statement | None:
        """The statement whose score stood in a column at `moment`: a party's code, or `COMMITTEE`."""
        scored = (each for each in self.statements if each.column == column and each.score is not None)
        standing = [each for each in scored if each.counts_at(moment)]
        return max(standing, key=lambda each: each.had, default=None) if column == COMMITTEE else _last(standing)

    def score(self, column: str, moment: str) -> int | None:
        """The score of a column at `moment`; None while it is empty."""
        found = self.current(column, moment)
        return found.score if found else None

    def differs(self, parties: Iterable[str], moment: str) -> bool:
        """Whether two parties' scores differ at `moment`."""
        return len({self.score(party, moment) for party in parties} - {None}) > 1

    def lacks_evidence(self, moment: str) -> bool:
        """Whether the kind of evidence that the commitment asks for is not there at `moment`: an owner has assessed
        nothing, or no piece of that form stands that nobody rejects. A clock is its own evidence."""
        asked = self.commitment.evidence
        if asked == ASSESSED:
            return any(self.score(owner, moment) is None for owner in self.commitment.owners)
        standing = (piece for each in self.statements if each.counts_at(moment) for piece in each.pieces)
        return ":" not in asked and all(piece.form != asked or piece.is_rejected for piece in standing)

    def slowdown(self, moment: str, known: str | None = None) -> Slowdown | None:
        """Why it has slowed down at `moment`, by what was had at `known` (without it, then); None when it has not, or
        is carried out in full as all agree."""
        known = moment if known is None else known
        if self.score(COMMITTEE, known) == FULL:
            return None
        last = max((each.had for each in self.statements if each.had and each.had <= known), default=self.since)
        quiet = last if last and _days(last, moment) > QUIET_DAYS else ""
        expected = self._behind(moment, known)
        return Slowdown(quiet, expected) if quiet or expected is not None else None

    def _behind(self, moment: str, known: str) -> int | None:
        """The percent of the time that has passed, when it exceeds the share that the lowest standing score gives."""
        if not self.commitment.due or not self.since or moment <= self.since:
            return None
        columns = (COMMITTEE,) if self.score(COMMITTEE, known) is not None else tuple(self.commitment.owners)
        lowest = min(self.score(column, known) or 0 for column in columns)
        whole = _days(self.since, f"{self.commitment.due}T00:00:00Z")
        share = min(Fraction(_days(self.since, moment), whole), Fraction(1)) if whole > 0 else Fraction(1)
        return int(share * 100) if share > Fraction(lowest, FULL) else None


@dataclass(frozen=True, slots=True)
class Column:
    """How many commitments stand at each score in one column, and how many have none."""

    counts: tuple[int, ...]
    unscored: int

    @property
    def scored(self) -> int:
        return sum(self.counts)

    @property
    def percentage(self) -> Fraction | None:
        """The sum of the scores out of the most they could be; None when there is none."""
        total = sum(score * count for score, count in enumerate(self.counts))
        return Fraction(total, FULL * self.scored) * 100 if self.scored else None

    @property
    def whole_percent(self) -> int | None:
        """`percentage` as it is shown: no decimals, a half rounded up."""
        exact = self.percentage
        return None if exact is None else int(exact + Fraction(1, 2))


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of the commitments that every party has scored, those on which they say the same."""

    equal: int
    compared: int


def is_about_commitments(kind: Kind | None) -> bool:
    """Whether notices of the kind say something about a commitment."""
    return kind is not None and scores.COMMITMENT in kind.facets


def standings(book: Book, law: Law, since: str) -> tuple[Standing, ...]:
    """Every commitment of the law in its order, with what the book says of it; `since` when the law came into force."""
    about: dict[str, list[Notice]] = {each.id: [] for each in law.commitments}
    kinds = {kind.name for kind in law.kinds if is_about_commitments(kind)}
    reviewed = reviews(book, law)
    for notice in book.of_kinds(kinds):
        if notice.conforms and notice.facts and notice.facts[scores.COMMITMENT] in about:
            about[notice.facts[scores.COMMITMENT]].append(notice)
    proposals = _proposals(law)
    return tuple(
        Standing(each, since, tuple([_statement(notice, book, proposals, reviewed) for notice in about[each.id]]))
        for each in law.commitments
    )


def standing_of(promise: Commitment, since: str, said: Iterable[Notice], book: Book, law: Law) -> Standing:
    """The standing of a promise that no article lists, such as a decision, of which the notices `said` speak."""
    proposals = _proposals(law)
    return Standing(promise, since, tuple([_statement(notice, book, proposals, {}) for notice in said]))


def column(all_standings: Sequence[Standing], name: str, moment: str) -> Column:
    """The distribution of the scores of one column at `moment`."""
    counts, unscored = [0] * (FULL + 1), 0
    for each in all_standings:
        found = each.score(name, moment)
        if found is None:
            unscored += 1
        else:
            counts[found] += 1
    return Column(tuple(counts), unscored)


def agreement(all_standings: Sequence[Standing], parties: Sequence[str], moment: str) -> Agreement:
    """On how many of the commitments that every party has scored they say the same at `moment`."""
    rows = ([each.score(party, moment) for party in parties] for each in all_standings)
    compared = [row for row in rows if None not in row]
    return Agreement(sum(len(set(row)) == 1 for row in compared), len(compared))


def _proposals(law: Law) -> frozenset[str]:
    """The kinds of joint texts."""
    return frozenset(kind.name for kind in law.kinds if joint.is_proposal(kind))


def _statement(notice: Notice, book: Book, proposals: frozenset[str], reviews: Mapping[str, list[Review]]) -> Statement:
    facts = notice.facts or {}
    code = facts.get(scores.SCORE)
    proposal = notice.kind in proposals
    had = _agreed_at(notice, book) if proposal else _had(notice)
    column = (COMMITTEE if had else None) if proposal else notice.party
    withdrawal = book.notices.get(notice.withdrawn_by) if notice.withdrawn_by and not (proposal and had) else None
    found = reviews.get(notice.number, ())
    return Statement(
        number=notice.number,
        party=notice.party,
        kind=notice.kind,
        at=notice.at,
        had=had,
        ended=_had(withdrawal) if withdrawal else "",
        score=None if code is None else scores.score(code),
        column=column,
        facts=facts,
        reviews=tuple(review for review in found if review.party != notice.party) if found else (),
    )


def _had(notice: Notice) -> str:
    """The latest of the instant it states and those at which its addressees stated that they had it; empty before."""
    latest = notice.at
    for ladder in notice.ladder.values():
        if ladder.delivered is None:
            return ""
        latest = max(latest, ladder.delivered.at)
    return latest


def _agreed_at(notice: Notice, book: Book) -> str:
    """When every party of the audience had the last assent to a joint text; empty before."""
    text = book.joint.get(notice.number)
    if text is None or not text.is_agreed:
        return ""
    had = [_had(book.notices[number]) for number in text.assents.values()]
    return max(had) if all(had) else ""


def reviews(book: Book, law: Law) -> Mapping[str, list[Review]]:
    """What was found of each statement, by its spoken number, in the order of the record."""
    kinds = {kind.name for kind in law.kinds if scores.REVIEW in kind.facets}
    found: dict[str, list[Review]] = {}
    for notice in book.of_kinds(kinds):
        if notice.conforms and notice.facts and notice.withdrawn_by is None:
            review = Review(notice.number, notice.party, notice.facts[scores.FOUND], notice.at, notice.facts)
            for number in notice.refers:
                found.setdefault(number, []).append(review)
    return found


def _last(statements: Sequence[Statement]) -> Statement | None:
    """The last in the order of the record: a party's own later word stands for its earlier one."""
    return statements[-1] if statements else None


def _days(start: str, end: str) -> Fraction:
    return Fraction(moments.minutes_between(moments.parse(start), moments.parse(end)), _MINUTES)
