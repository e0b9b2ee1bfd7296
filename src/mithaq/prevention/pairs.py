"""The pairs of a book: matches of which both notices are here, stand and may be matched."""

from collections.abc import Iterator
from dataclasses import dataclass

from mithaq.instrument.law import Law
from mithaq.notices import numbers
from mithaq.notices.book import Book, Notice
from mithaq.notices.matches import SIGHTING, Match, Standing


@dataclass(frozen=True, slots=True)
class Pair:
    """A match whose two notices stand in the book and may be matched."""

    match: Match
    notices: tuple[Notice, Notice]
    """In the order of the record."""

    @property
    def standing(self) -> Standing:
        return self.match.standing


class Index:
    """Notices by their log and identifier, kept up as the books of one ledger grow."""

    def __init__(self, law: Law) -> None:
        self._law = law
        self._kinds = frozenset(kind.name for kind in law.kinds if SIGHTING in kind.facets)
        self._numbers: dict[str, str] = {}
        self._sizes: dict[str, int] = {}

    def follow(self, book: Book) -> None:
        """Take what the book holds beyond what was taken."""
        for origin, size in book.cut.items():
            party = self._law.party_of(origin)
            for at in range(self._sizes.get(origin, 0), size if party else 0):
                number = numbers.spoken_in(party.code if party else "", origin, at)
                notice = book.notices.get(number)
                if notice is not None and notice.leaf is not None:
                    self._numbers.setdefault(f"{origin}#{notice.leaf.header.id}", number)
            self._sizes[origin] = max(size, self._sizes.get(origin, 0))

    def find(self, book: Book, name: str) -> Notice | None:
        """The notice of this name, where it is in the book, conforms and is not withdrawn."""
        notice = book.notices.get(self._numbers.get(name, ""))
        return notice if notice is not None and notice.conforms and notice.withdrawn_by is None else None

    def may_match(self, notice: Notice) -> bool:
        """Whether a notice is of a kind that may be matched."""
        return notice.kind in self._kinds


def spoken_of(book: Book, index: Index) -> Iterator[Pair]:
    """The matches of which both notices are here, stand and may be matched, in the order of their keys."""
    index.follow(book)
    for key in sorted(book.matches):
        found = (index.find(book, name) for name in key)
        standing = [each for each in found if each is not None and index.may_match(each)]
        if len(standing) == len(key):
            first, second = sorted(standing, key=lambda each: each.order)
            yield Pair(book.matches[key], (first, second))
