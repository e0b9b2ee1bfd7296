"""The record log by log, as programs follow it: whoever goes on from where they stopped misses nothing.

A log only grows at its end, while the order of the whole record takes in what came late in between. So a place in the
record is a size for each log, and what is given stands in the order of each.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from mithaq.notices import numbers
from mithaq.notices.book import Notice
from mithaq_node.queries import instrument, ledgers, rolls

Place = Mapping[str, int]
"""Origin of a log to how many of its leaves lie behind; none of a log that was not begun."""

_DIGITS = 12
"""Of the hash that stands for an origin in a written place: so it stays short enough for an address."""

_MOST_LOOKED = 20_000
"""Leaves that are looked at for one page."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Notices in the order of each log, where the next stretch begins, and whether anything stands there now."""

    notices: tuple[Notice, ...]
    place: Place
    more: bool


def walk(start: Place, most: int, keeps: Callable[[Notice], bool]) -> Stretch:
    """The next notices that `keeps` keeps, at most `most`; fewer where they are rare, though more follow.

    A log's place passes what is no notice too, as far as the book has taken the log; what it has not is met the next
    time.
    """
    book = ledgers.book()
    found: list[Notice] = []
    place, looked = dict(start), 0
    for log in _logs():
        for index in range(place.get(log.origin, 0), book.cut.get(log.origin, 0)):
            if looked == _MOST_LOOKED:
                return Stretch(tuple(found), place, True)
            looked += 1
            notice = book.notices.get(numbers.spoken_in(log.party, log.origin, index))
            if notice is not None and len(found) == most:
                return Stretch(tuple(found), place, True)
            place[log.origin] = index + 1
            if notice is not None and keeps(notice):
                found.append(notice)
    return Stretch(tuple(found), place, False)


def written(place: Place) -> dict[str, int]:
    """A place as it is handed out: a few digits stand for each log."""
    return {_digits(origin): size for origin, size in place.items()}


def place(written: Mapping[str, int]) -> Place | None:
    """`written`, read again; None where it is no place in the logs that are held."""
    origins = {_digits(log.origin): log.origin for log in _logs()}
    if not written.keys() <= origins.keys() or min(written.values(), default=0) < 0:
        return None
    return {origins[digits]: size for digits, size in written.items()}


def _digits(origin: str) -> str:
    return sha256(origin.encode()).hexdigest()[:_DIGITS]


def _logs() -> tuple[rolls.Log, ...]:
    return rolls.logs(instrument.law())
