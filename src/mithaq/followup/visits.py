"""Visits and the meetings of each, as a function of the book.

A visit is entered by one party: whose delegation came, which office led it, from which day to which. Its meetings are
those that refer to it: entered as they are known, or called while it was planned. What was entered after its last day
was sealed by nobody at the time; only a common text about it, sealed by all, says more than that one party entered it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from mithaq.followup.meetings import STATED, Meeting
from mithaq.instrument.law import Law
from mithaq.notices.book import Book, Notice

VISITED: Final = "visit"
MET: Final = "visit-meeting"


@dataclass(frozen=True, slots=True)
class Met:
    """A meeting of a visit as it was entered, and what was stated there."""

    notice: Notice
    statements: tuple[Notice, ...]

    @property
    def facts(self) -> Mapping[str, Any]:
        return self.notice.facts or {}


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit with its meetings, in the order of their days and then of the record."""

    notice: Notice
    met: tuple[Met, ...]
    called: tuple[Meeting, ...]

    @property
    def number(self) -> str:
        return self.notice.number

    @property
    def facts(self) -> Mapping[str, Any]:
        return self.notice.facts or {}

    @property
    def is_one_day(self) -> bool:
        return bool(self.facts["first_day"] == self.facts["last_day"])

    @property
    def is_entered_later(self) -> bool:
        """Whether its party says that it entered the visit when that was over."""
        return self.notice.at[:10] > str(self.facts["last_day"])


def visits(book: Book, law: Law, called: Iterable[Meeting]) -> tuple[Visit, ...]:
    """Every visit that was entered and not taken back, in the order of the record; `called` are the meetings of the
    same book."""
    entered = _standing(book, law, VISITED)
    met = _about(_standing(book, law, MET))
    stated = _about(_standing(book, law, STATED))
    calls: dict[str, list[Meeting]] = {}
    for meeting in called:
        for number in meeting.call.refers:
            calls.setdefault(number, []).append(meeting)
    return tuple(
        Visit(
            notice=each,
            met=tuple(
                Met(one, tuple(stated.get(one.number, ())))
                for one in sorted(met.get(each.number, ()), key=lambda one: str((one.facts or {})["day"]))
            ),
            called=tuple(sorted(calls.get(each.number, ()), key=lambda one: one.proposal.starts)),
        )
        for each in entered
    )


def _standing(book: Book, law: Law, facet: str) -> tuple[Notice, ...]:
    kinds = (kind.name for kind in law.kinds if facet in kind.facets)
    found = book.of_kinds(kinds)
    return tuple(each for each in found if each.conforms and each.facts is not None and each.withdrawn_by is None)


def _about(notices: Iterable[Notice]) -> Mapping[str, list[Notice]]:
    found: dict[str, list[Notice]] = {}
    for each in notices:
        for number in each.refers:
            found.setdefault(number, []).append(each)
    return found
