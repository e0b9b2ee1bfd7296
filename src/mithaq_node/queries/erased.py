"""What each party has stated to hold no more, at the end of its term, as the record says it now."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from mithaq.notices import numbers, retention
from mithaq.notices.book import Erasure, Notice
from mithaq_node.queries import instrument, ledgers

MOST = 40


@dataclass(frozen=True, slots=True)
class Stated:
    """One line of an `erased` leaf."""

    erasure: Erasure
    holder: str
    """The party whose log is spoken of."""
    up_to: str
    """Spoken number of the last leaf that it covers."""
    early: bool
    """Whether a term that it names was not over."""


def stated() -> tuple[Stated, ...]:
    """The latest statements of every party, newest first."""
    book, law = ledgers.book(), instrument.law()
    versions = instrument.versions()
    found = []
    for erasure in sorted(book.erasures, key=lambda each: (each.at, each.number), reverse=True)[:MOST]:
        holder = law.party_of(erasure.log)
        code = holder.code if holder else ""
        last = numbers.spoken_in(code, erasure.log, erasure.size - 1)
        found.append(Stated(erasure, code, last, retention.is_early(erasure, book, law, versions.terms_of)))
    return tuple(found)


def parts_of(notice: Notice) -> Mapping[int, Erasure]:
    """The parts of a notice that this party has erased: number to the statement that says so."""
    versions = instrument.versions()
    return retention.erased_from(ledgers.book(), versions.terms_of, notice, settings.NODE.party)
