"""What was promised and decided before: entered by one party from its papers, and sealed by the others or not.

An entry is a joint text (`mithaq.notices.joint`): until every other party has sealed it, it is the word of the one that
entered it, and is shown so. It is never counted among the commitments of the instrument or the measures of a meeting;
what all have sealed has figures of its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from mithaq.followup import commitments
from mithaq.followup.commitments import Column, Review
from mithaq.instrument.law import Kind, Law
from mithaq.notices import scores
from mithaq.notices.book import Book, Notice
from mithaq.notices.joint import JointText
from mithaq.notices.scores import FULL

COMMITMENT: Final = "earlier-commitment"
MINUTES: Final = "earlier-minutes"
FACETS: Final = (COMMITMENT, MINUTES)
"""The facets of the kinds by which earlier commitments and decisions are entered."""

ACCEPTED: Final = "accepted"
"""The finding of a review that contests nothing."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One commitment or decision from before, and what the other parties say of it."""

    notice: Notice
    facet: str
    """`COMMITMENT` or `MINUTES`."""
    text: JointText
    reviews: tuple[Review, ...]
    """What the others found of it, in the order of the record."""

    @property
    def number(self) -> str:
        return self.notice.number

    @property
    def is_sealed(self) -> bool:
        """Whether every other party has sealed it. A withdrawal after that changes nothing."""
        return self.text.is_agreed

    @property
    def is_withdrawn(self) -> bool:
        """Whether its party took it back before all had sealed it."""
        return not self.is_sealed and self.text.withdrawn

    @property
    def contested(self) -> tuple[Review, ...]:
        """The last finding of each party that does not accept it; none once it is sealed."""
        last = {each.party: each for each in self.reviews}
        return () if self.is_sealed else tuple(each for each in last.values() if each.found != ACCEPTED)

    def awaits(self, party: str) -> bool:
        """Whether this party could seal it now."""
        return self.text.is_open and party in self.text.awaited and party not in self.text.assents


def kind_of(law: Law, facet: str) -> Kind | None:
    """The kind of a law by which earlier commitments or decisions are entered; a law may lack it."""
    return next((kind for kind in law.kinds if facet in kind.facets), None)


def entries(book: Book, law: Law, facet: str) -> tuple[Entry, ...]:
    """What was entered with a facet, in the order of the record."""
    kinds = [kind.name for kind in law.kinds if facet in kind.facets]
    found = [each for each in book.of_kinds(kinds) if each.conforms and each.facts and each.number in book.joint]
    reviews = commitments.reviews(book, law) if found else {}
    return tuple(
        Entry(
            notice=each,
            facet=facet,
            text=book.joint[each.number],
            reviews=tuple(review for review in reviews.get(each.number, ()) if review.party != each.party),
        )
        for each in found
    )


def sealed_column(found: Iterable[Entry]) -> Column:
    """How many earlier commitments that all have sealed stood at each score on the day they name; as unscored, how
    many were entered and stand without the seals of all."""
    counts, waiting = [0] * (FULL + 1), 0
    for each in found:
        if each.is_sealed:
            counts[scores.score((each.notice.facts or {})["score"])] += 1
        else:
            waiting += not each.is_withdrawn
    return Column(tuple(counts), waiting)


def latest_first(found: Sequence[Entry]) -> tuple[Entry, ...]:
    """The entries with the latest day in front, of equal days the one entered last."""
    return tuple(sorted(found, key=lambda each: (_day(each.notice), each.notice.order), reverse=True))


def _day(notice: Notice) -> str:
    facts = notice.facts or {}
    return str(facts.get("concluded") or facts.get("held", ""))
