"""What the parties say of two of their notices: that both are of one incident, or that they are not.

A notice with the facet `match-confirmed` or `match-denied` names one notice of the sender and one of another party of
the same audience, in its facts and not in its references: so neither joins the two threads, and each account stays
where it is. Each party's latest word on a pair counts, in the order of the record, until it is withdrawn.

    said by one party only, confirmed     asserted
    confirmed by both                     confirmed: the pair is a fact
    denied by at least one                denied; disputed where the other confirms

A word on a pair that the sender cannot speak of (neither notice is of its log, both are, or they are of two audiences)
stands in no state. Whether the notices named are there, stand, and are of kinds that may be matched is asked of the
book and the law (`pairs`): another program may have signed a word on any two.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from mithaq.errors import Refusal
from mithaq.instrument.law import Law
from mithaq.instrument.statement import Statement
from mithaq.notices import numbers

if TYPE_CHECKING:
    from mithaq.notices.book import Book, Notice

FACET: Final = "match"
"""What the states of pairs stand under."""
CONFIRMED: Final = "match-confirmed"
DENIED: Final = "match-denied"
WORDS: Final = (CONFIRMED, DENIED)
"""The facets of notices that say something of a pair."""
SIGHTING: Final = "sighting"
"""The facet of the kinds that may be matched: something was seen or heard at a place and a time."""

OURS, THEIRS, REASON = "ours", "theirs", "reason"

Key = tuple[str, str]
"""Both notices, each as its log and its identifier, in the order of the letters."""


class Standing(StrEnum):
    """What the record says of a pair."""

    ASSERTED = "asserted"
    CONFIRMED = "confirmed"
    DENIED = "denied"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class Match:
    """A pair of notices of two parties, and the latest word of each on it."""

    notices: Key
    said: Mapping[str, Statement]
    """Which of the notices to what its party says."""

    @property
    def standing(self) -> Standing:
        """Both confirm, one does, or somebody denies."""
        words = {each.facet for each in self.said.values()}
        if DENIED in words:
            return Standing.DISPUTED if CONFIRMED in words else Standing.DENIED
        return Standing.CONFIRMED if len(self.said) == len(self.notices) else Standing.ASSERTED

    def row(self) -> Mapping[str, Any]:
        """The canonical state row."""
        said = {each.party: [each.facet, each.number] for each in self.said.values()}
        return {"said": said, "standing": self.standing.value}


@dataclass(frozen=True, slots=True)
class Pair:
    """A match whose two notices stand in the book and may be matched."""

    match: Match
    notices: tuple["Notice", "Notice"]
    """In the order of the record."""

    @property
    def standing(self) -> Standing:
        return self.match.standing


def check_own(ours: Mapping[str, str], theirs: Mapping[str, str], domain: str) -> None:
    """Refuse a word on a pair that the party of `domain` cannot speak of (`match.not-ours`, `match.not-theirs`)."""
    own, other = _seat(ours["log"]), _seat(theirs["log"])
    if own[0] != domain:
        raise Refusal("match.not-ours", field=OURS)
    if other[0] == domain or other[1:] != own[1:]:
        raise Refusal("match.not-theirs", field=THEIRS)


def keys(statement: Statement) -> Iterable[Key]:
    """The pair a statement speaks of; none where its sender cannot speak of it."""
    ours, theirs = statement.facts[OURS], statement.facts[THEIRS]
    own = _seat(statement.order[1])
    other = _seat(theirs["log"])
    if _seat(ours["log"]) != own or other == own or other[1:] != own[1:]:
        return ()
    first, second = sorted((named(ours), named(theirs)))
    return ((first, second),)


def fold(key: Key, statements: Sequence[Statement]) -> Match:
    """What is said of the pair `key`, from its statements in the order of the record."""
    return Match(key, {named(each.facts[OURS]): each for each in statements})


def named(reference: Mapping[str, str]) -> str:
    """A notice as the key of a pair has it: its log and its identifier."""
    return f"{reference['log']}#{reference['id']}"


class Index:
    """Notices by their log and identifier, kept up as the books of one ledger grow."""

    def __init__(self, law: Law) -> None:
        self._law = law
        self._kinds = frozenset(kind.name for kind in law.kinds if SIGHTING in kind.facets)
        self._numbers: dict[str, str] = {}
        self._sizes: dict[str, int] = {}

    def follow(self, book: "Book") -> None:
        """Take what the book holds beyond what was taken."""
        for origin, size in book.cut.items():
            party = self._law.party_of(origin)
            for at in range(self._sizes.get(origin, 0), size if party else 0):
                number = numbers.spoken_in(party.code if party else "", origin, at)
                notice = book.notices.get(number)
                if notice is not None and notice.leaf is not None:
                    self._numbers.setdefault(f"{origin}#{notice.leaf.header.id}", number)
            self._sizes[origin] = max(size, self._sizes.get(origin, 0))

    def find(self, book: "Book", name: str) -> "Notice | None":
        """The notice of this name, where it is in the book, conforms and is not withdrawn."""
        notice = book.notices.get(self._numbers.get(name, ""))
        return notice if notice is not None and notice.conforms and notice.withdrawn_by is None else None

    def may_match(self, notice: "Notice") -> bool:
        """Whether a notice is of a kind that may be matched."""
        return notice.kind in self._kinds


def pairs(book: "Book", index: Index) -> Iterator[Pair]:
    """The matches of which both notices are here, stand and may be matched, in the order of their keys."""
    index.follow(book)
    for key in sorted(book.matches):
        found = (index.find(book, name) for name in key)
        standing = [each for each in found if each is not None and index.may_match(each)]
        if len(standing) == len(key):
            first, second = sorted(standing, key=lambda each: each.order)
            yield Pair(book.matches[key], (first, second))


def _seat(origin: str) -> tuple[str, ...]:
    """A log without its epoch: whose it is, under which instrument, for which audience."""
    return tuple(origin.split("/")[:3])
