"""The quarters that are over: their figures, who proposed to seal them, and whether this node computes the same."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mithaq.errors import Refusal
from mithaq.instrument.law import Kind, Law
from mithaq.notices import quarters
from mithaq.notices.book import Book, Notice
from mithaq.notices.compliance import Timeliness
from mithaq.notices.joint import JointText
from mithaq.notices.quarters import FIGURES, SIDES, Difference
from mithaq_node.queries import instrument, ledgers

MOST_QUARTERS = 4


@dataclass(frozen=True, slots=True)
class Statement:
    """Figures that a party proposed to be sealed, against what this node computes at the cut they name."""

    text: JointText
    at: str
    facts: Mapping[str, Any]
    held: bool
    """Whether this node holds what they are of, so that it can compute them."""
    difference: Difference | None
    """Where they differ first; None where they are equal, or cannot be computed."""
    may_seal: bool
    """Whether this party may seal them now."""


@dataclass(frozen=True, slots=True)
class Quarter:
    """One quarter: the figures that are agreed, else those on the table, else those that this node has now."""

    first_day: str
    last_day: str
    kind: str
    facts: Mapping[str, Any]
    statements: tuple[Statement, ...]
    """The latest first."""
    parties: tuple[str, ...]
    """This node's own first."""

    @property
    def rows(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Field, and its number for each of `parties`."""
        return tuple((name, tuple(self._number(name, party) for party in self.parties)) for name in FIGURES)

    @property
    def charts(self) -> tuple[tuple[str, Timeliness], ...]:
        """How each of `parties` kept its clocks."""
        names = ("met", "late", "missed", "running", "disputed")
        return tuple(
            (party, Timeliness(**{name: self._number(name, party) for name in names})) for party in self.parties
        )

    @property
    def most(self) -> int:
        return max((each.started for _, each in self.charts), default=0)

    @property
    def agreed(self) -> Statement | None:
        return next((each for each in self.statements if each.text.is_agreed), None)

    @property
    def on_the_table(self) -> Statement | None:
        return next((each for each in self.statements if each.text.is_open), None)

    def _number(self, name: str, party: str) -> int:
        codes = [each.code for each in instrument.law().parties]
        return int(self.facts.get(name, {}).get(SIDES[codes.index(party)], 0))


def over(now: str) -> tuple[Quarter, ...]:
    """The last quarters that are over at `now`, the latest first, at most `MOST_QUARTERS`; none where the law has no
    kind for figures."""
    book, law = ledgers.book(), instrument.law()
    kind = kind_of(law)
    if kind is None:
        return ()
    return tuple(_quarter(book, law, kind, day) for day in quarters.ended(book, now)[:MOST_QUARTERS])


def kind_of(law: Law) -> Kind | None:
    """The kind that states a quarter's figures in this law."""
    return next((kind for kind in law.kinds if quarters.is_quarterly(kind)), None)


def computed(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """What this node computes for the quarter and the cut that `facts` name; refuses a cut beyond what it holds."""
    cut = quarters.cut_of(facts, instrument.law(), ledgers.roll().sizes())
    return ledgers.figures_at(cut, str(facts["period"]["from"])[:10])


def _quarter(book: Book, law: Law, kind: Kind, day: str) -> Quarter:
    statements = tuple(_statements(book, law, kind, day))
    agreed = next((each for each in statements if each.text.is_agreed), None)
    shown = agreed or next((each for each in statements if each.text.is_open), None)
    return Quarter(
        first_day=day,
        last_day=quarters.last_day(day),
        kind=kind.name,
        facts=shown.facts if shown else ledgers.figures_at(ledgers.roll().sizes(), day),
        statements=statements,
        parties=tuple(party.code for party in instrument.parties()),
    )


def _statements(book: Book, law: Law, kind: Kind, day: str) -> Iterator[Statement]:
    proposed = sorted((book.notices[number] for number in book.joint), key=lambda notice: notice.order, reverse=True)
    for notice in proposed:
        facts = notice.facts or notice.stated
        if notice.kind == kind.name and notice.conforms and facts and facts["period"]["from"][:10] == day:
            yield _statement(book.joint[notice.number], notice, facts, law)


def _statement(text: JointText, notice: Notice, facts: Mapping[str, Any], law: Law) -> Statement:
    """What is agreed or withdrawn is not computed again for every look: only what can still be sealed is."""
    if not text.is_open:
        return Statement(text, notice.at, facts, held=True, difference=None, may_seal=False)
    try:
        ours = computed(facts)
    except Refusal:
        return Statement(text, notice.at, facts, held=False, difference=None, may_seal=False)
    difference, own = quarters.first_difference(facts, ours, law), instrument.own_party().code
    awaited = own in text.awaited and own not in text.assents
    return Statement(text, notice.at, facts, held=True, difference=difference, may_seal=awaited and difference is None)
