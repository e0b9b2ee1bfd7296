"""Which notices of two parties may be of one incident, as both nodes propose it at the same cut: the same, to the byte.

    reports     of each two parties of an audience, by `sightings`
    told        pairs that both parties have confirmed, and those that one has denied; nothing else teaches
    model       learned from the reports that stand first in the record, `basis` of them, so that it does not depend on
                when a node last looked
    proposals   among the reports that have no confirmed partner, the surest first

While either party has fewer than `ENOUGH` reports, what the classes of precision nominally mean decides and nothing has
been learned: then nothing is proposed, and every pair is only asked about. `Standing` keeps what was found and takes
what arrives since; a property test holds it to what everything anew would give.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

from mithaq import canonical
from mithaq.analysis import matching
from mithaq.analysis.matching import Band, Match, Reason, Report, Told
from mithaq.errors import Refusal
from mithaq.instrument.law import Law
from mithaq.notices.book import Book, Notice
from mithaq.notices.matches import Standing as Word
from mithaq.prevention.pairs import Index, Pair, spoken_of
from mithaq.prevention.sightings import Reader, Seat, seat_of

ENOUGH: Final = 100
"""Reports of each party from which something can be learned."""
_LEARNED: Final = 2_000
"""Up to so many reports of both parties a model is learned from all of them; beyond, anew with each doubling."""

Seats = tuple[Seat, Seat]


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two notices that may be of one incident, and why."""

    first: str
    """Spoken number of the notice of the party whose code comes first."""
    second: str
    posterior: int
    """In millionths; meaningful to compare, and no measure of who is right."""
    band: Band
    reasons: tuple[Reason, ...]

    def row(self) -> Sequence[Any]:
        """The canonical form."""
        reasons = [[each.code, list(each.data)] for each in self.reasons]
        return [self.first, self.second, self.posterior, self.band.value, reasons]


def proposals(law: Law, book: Book) -> tuple[Proposal, ...]:
    """What is proposed and asked at the cut of a book, the surest first."""
    return Standing(law).at(book)


def encoded(found: Sequence[Proposal]) -> bytes:
    """Proposals as canonical bytes, which two nodes can compare."""
    return canonical.encode_trusted([each.row() for each in found])


def basis(many: int) -> int:
    """From how many of so many reports a model is learned."""
    if many <= _LEARNED:
        return many
    return _LEARNED << (many // _LEARNED).bit_length() - 1


class Standing:
    """The proposals of one law, kept up as the book grows."""

    def __init__(self, law: Law) -> None:
        self._reader = Reader(law)
        self._index = Index(law)
        self._tables: dict[Seats, _Table] = {}

    def alike(self, *notices: Notice) -> tuple[Reason, ...]:
        """In what two notices agree and differ, the same way round as in a proposal; empty where one cannot be
        compared. It may be asked while `at` is at work."""
        first, second = (self._reader.report(each) for each in sorted(notices, key=seat_of))
        return matching.alike(first, second) if first and second else ()

    def at(self, book: Book) -> tuple[Proposal, ...]:
        """The proposals at the cut of a book."""
        found = self._reader.reports(book)
        spoken = tuple(spoken_of(book, self._index))
        made: list[Proposal] = []
        for seats in _seats(found):
            table = self._tables.setdefault(seats, _Table())
            made += table.at(_Input(found[seats[0]], found[seats[1]], told_of(spoken, seats)), book)
        return tuple(sorted(made, key=lambda each: (-each.posterior, each.first, each.second)))


def told_of(pairs: Sequence[Pair], seats: Seats) -> Told:
    """What two parties have said of pairs: confirmed by both, or denied by one."""
    confirmed, denied = set(), set()
    for pair in pairs:
        first, second = sorted(pair.notices, key=seat_of)
        if (seat_of(first), seat_of(second)) != seats:
            continue
        if pair.standing is Word.CONFIRMED:
            confirmed.add((first.number, second.number))
        elif pair.standing in (Word.DENIED, Word.DISPUTED):
            denied.add((first.number, second.number))
    return Told(frozenset(confirmed), frozenset(denied))


def _seats(found: Mapping[Seat, Sequence[Report]]) -> Iterator[Seats]:
    """Each two parties of an audience."""
    for first, second in combinations(sorted(found), 2):
        if first[0] == second[0]:
            yield first, second


@dataclass(frozen=True)
class _Input:
    """The reports of two parties in the order of the record, and what was said of pairs of them."""

    left: Sequence[Report]
    right: Sequence[Report]
    told: Told

    @property
    def is_enough(self) -> bool:
        return min(len(self.left), len(self.right)) >= ENOUGH

    def first(self, book: Book) -> "_Input":
        """The reports that a model is learned from: those that stand first in the record."""
        many = len(self.left) + len(self.right)
        if basis(many) == many:
            return self
        last = sorted(book.notices[each.id].order for each in (*self.left, *self.right))[basis(many) - 1]
        left, right = (
            [each for each in side if book.notices[each.id].order <= last] for side in (self.left, self.right)
        )
        return _Input(left, right, self.told)


class _Table:
    """The proposals of two parties: as they were found last, and from what."""

    def __init__(self) -> None:
        self._input: _Input | None = None
        self._learned: _Input | None = None
        self._standing: matching.Standing | None = None
        self._found: dict[str, Match] = {}
        """The left report to its proposal."""

    def at(self, given: _Input, book: Book) -> Iterator[Proposal]:
        if given != self._input:
            learned = given.first(book)
            if not self._go_on(given, learned):
                self._anew(given, learned)
            self._input, self._learned = given, learned
        for each in self._found.values():
            band = each.band if given.is_enough else Band.ASK
            yield Proposal(each.left, each.right, each.posterior, band, each.reasons)

    def _anew(self, given: _Input, learned: _Input) -> None:
        """Learn, and match all."""
        columns = matching.columns_of(learned.left, learned.right)
        model = matching.learn(*columns, learned.told)
        if model is None:
            self._standing, self._found = None, {}
            return
        for each in (*given.left, *given.right):
            model = model.knowing(each.category)
        left, right = (matching.in_columns(side, model.tree) for side in (given.left, given.right))
        found = matching.apply(model, left, right, given.told)
        self._standing = matching.Standing(found)
        self._found = {each.left: each for each in found.matches}

    def _go_on(self, given: _Input, learned: _Input) -> bool:
        """Take what has arrived since; False where more than that has changed."""
        before = self._input
        if before is None or self._standing is None or learned != self._learned or given.told != before.told:
            return False
        known = set(before.left), set(before.right)
        sides = set(given.left), set(given.right)
        if not (known[0] <= sides[0] and known[1] <= sides[1]):
            return False
        for party, side in enumerate((given.left, given.right)):
            for report in side:
                if report not in known[party]:
                    self._arrive(party, report)
        return True

    def _arrive(self, party: int, report: Report) -> None:
        if self._standing is None:
            raise Refusal("match.no-model")
        change = self._standing.arrive(party, report)
        self._found = {
            name: each
            for name, each in self._found.items()
            if each.left not in change.left and each.right not in change.right
        } | {each.left: each for each in change.matches}
