"""Retention: how long parts of a class are kept, from when, and what is due to be erased.

Every class but `facts` has a term in days. It begins with the receipt: for an addressee with the first receipt leaf of
its own that covers the notice, for the sender with the last such leaf of its addressees. Two parties so count from one
instant that both hold, and no clock but those in the record decides when. It ends with the civil day, by the offset
from UTC that the law gives the receiving party, on which that many whole days have passed.

A notice that no addressee has received has no term yet: what was not delivered is not erased. A part that is still
missing at the end of the term of its notice is never kept (docs/spec/leaf.md, "Erasure").

Receipts grow and their instants never go back, so what is due is always the beginning of a log; an `erased` leaf
therefore names a class and a size.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mithaq import moments
from mithaq.instrument.law import Law, Party
from mithaq.moments import DAY, MINUTE, Moment
from mithaq.notices import numbers
from mithaq.notices.book import Book, Erasure, Notice
from mithaq.notices.envelope import Erased
from mithaq.notices.parts import FACTS


class Terms:
    """The retention classes of a law, as far as they are erasable."""

    def __init__(self, law: Law) -> None:
        self.days: Mapping[str, int] = {each.id: each.days for each in law.retention if each.days and each.id != FACTS}
        self._shortest = min(self.days, key=lambda each: (self.days[each], each), default="")

    def kept(self, retention: str, number: int) -> str:
        """The class by which part `number` of a leaf is kept, when the leaf says `retention`.

        A class that the law does not know, and `facts` anywhere but in front, are kept as the class of the shortest
        term: nobody makes a part last by giving it another name.
        """
        if retention in self.days or (retention == FACTS and number == 0):
            return retention
        return self._shortest or retention


TermsOf = Callable[[str], Terms]
"""From the digest of a version of the instrument to its terms: a notice is judged by the version it names for ever."""


def term_ends(received: Moment, days: int, utc_offset: int) -> Moment:
    """When a part received at `received` by a party of this offset (minutes east of UTC) is to be erased."""
    civil = (received.seconds + utc_offset * MINUTE) // DAY
    return Moment((civil + 1 + days) * DAY - utc_offset * MINUTE)


def ends(notice: Notice, days: int, party: str, parties: Mapping[str, Party]) -> Moment | None:
    """When the term of `days` of a notice's parts ends for `party`; None while it has not begun."""
    receivers = list(notice.ladder) if notice.party == party else [party]
    found: list[Moment] = []
    for each in receivers:
        ladder = notice.ladder.get(each)
        if ladder is None or ladder.delivered is None:
            return None
        found.append(term_ends(moments.parse(ladder.delivered.at), days, parties[each].utc_offset))
    return max(found, default=None)


def due(book: Book, law: Law, terms_of: TermsOf, party: str, now: Moment, most: int) -> list[Erased]:
    """What `party` is to erase at `now` and has not stated yet, as its next `erased` leaf names it; `most` bounds the
    number of parts, and the caller asks again when it was reached."""
    found = _Due(terms_of, {each.code: each for each in law.parties}, _stated(book, party))
    for notice in sorted(book.notices.values(), key=lambda each: (each.log, each.index)):
        found.take(notice, party, now)
        if found.counted >= most:
            break
    return [Erased(retention=name, log=log, size=size) for (log, name), size in sorted(found.sizes.items())]


def is_early(erasure: Erasure, book: Book, law: Law, terms_of: TermsOf) -> bool:
    """Whether it names a notice whose term was not over at the instant that it states.

    Told, and no part of the state: when a term of the sender's ends is said by the other log, which the statement need
    not have covered.
    """
    notice = _last_named(erasure, book, law, terms_of)
    if notice is None or notice.leaf is None:
        return False
    days = terms_of(notice.leaf.header.law).days[erasure.retention]
    end = ends(notice, days, erasure.party, {each.code: each for each in law.parties})
    return end is None or moments.parse(erasure.at) < end


def erased_from(book: Book, terms_of: TermsOf, notice: Notice, party: str) -> Mapping[int, Erasure]:
    """The parts of `notice` that `party` has stated to hold no more: number to the statement."""
    if notice.leaf is None:
        return {}
    terms = terms_of(notice.leaf.header.law)
    found = {}
    for erasure in book.erasures:
        if erasure.party == party and erasure.log == notice.log and erasure.since <= notice.index < erasure.size:
            for number, ref in enumerate(notice.leaf.header.parts):
                if terms.kept(ref.retention, number) == erasure.retention:
                    found[number] = erasure
    return found


Place = tuple[str, str]
"""A log and a retention class."""


@dataclass
class _Due:
    """The sizes that are due so far; a place is closed at the first notice of it whose term goes on."""

    terms_of: TermsOf
    parties: Mapping[str, Party]
    stated: Mapping[Place, int]
    sizes: dict[Place, int] = field(default_factory=dict)
    closed: set[Place] = field(default_factory=set)
    counted: int = 0

    def take(self, notice: Notice, party: str, now: Moment) -> None:
        for retention, days in _classes(notice, self.terms_of).items():
            place = notice.log, retention
            if place in self.closed or notice.index < self.stated.get(place, 0):
                continue
            end = ends(notice, days, party, self.parties)
            if end is not None and end <= now:
                self.sizes[place] = notice.index + 1
                self.counted += 1
            else:
                self.closed.add(place)


def _stated(book: Book, party: str) -> dict[Place, int]:
    """The sizes below which `party` has erased already."""
    return {(each.log, each.retention): each.size for each in book.erasures if each.party == party}


def _classes(notice: Notice, terms_of: TermsOf) -> dict[str, int]:
    """The erasable classes of which the leaf names a part, with their days in the version that it was made under."""
    if notice.leaf is None or not notice.leaf.header.parts:
        return {}
    terms = terms_of(notice.leaf.header.law)
    kept = (terms.kept(each.retention, number) for number, each in enumerate(notice.leaf.header.parts))
    return {name: terms.days[name] for name in kept if name in terms.days}


def _last_named(erasure: Erasure, book: Book, law: Law, terms_of: TermsOf) -> Notice | None:
    """The last notice with a part that the erasure names: its term ends last."""
    holder = law.party_of(erasure.log)
    for index in range(erasure.size - 1, erasure.since - 1, -1):
        notice = book.notices.get(numbers.spoken_in(holder.code, erasure.log, index)) if holder else None
        if notice is not None and erasure.retention in _classes(notice, terms_of):
            return notice
    return None
