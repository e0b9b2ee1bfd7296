"""The record log by log, as programs follow it: whoever goes on from where they stopped misses nothing.

A log only grows at its end, while the order of the whole record takes in what came late in between. So a place in the
record is a size for each log, and what is given stands in the order of each.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mithaq.notices import numbers
from mithaq.notices.book import Notice
from mithaq_node.queries import instrument, ledgers, rolls

Place = Mapping[str, int]
"""Origin of a log to how many of its leaves lie behind; none of a log that was not begun."""

_MOST_LOOKED = 20_000
"""Notices that are looked at for one page."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Notices in the order of each log, where the next stretch begins, and whether anything stands there now."""

    notices: tuple[Notice, ...]
    place: Place
    more: bool


def walk(start: Place, most: int, keeps: Callable[[Notice], bool]) -> Stretch:
    """The next notices that `keeps` keeps, at most `most`; fewer where they are rare, though more follow.

    A log's place never passes a leaf behind its last notice: what the book has not taken yet is met the next time.
    """
    book, law = ledgers.book(), instrument.law()
    found: list[Notice] = []
    place, looked = dict(start), 0
    for log in rolls.logs(law):
        for index in range(place.get(log.origin, 0), log.size):
            notice = book.notices.get(numbers.spoken_in(log.party, log.origin, index))
            if notice is None:
                continue
            if len(found) == most or looked == _MOST_LOOKED:
                return Stretch(tuple(found), place, True)
            looked += 1
            place[log.origin] = index + 1
            if keeps(notice):
                found.append(notice)
    return Stretch(tuple(found), place, False)
