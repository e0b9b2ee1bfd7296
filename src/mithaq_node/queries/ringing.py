"""What rings at this desk, and whom the instrument names for it."""

from dataclasses import dataclass

from django.conf import settings

from mithaq.instrument.law import Text
from mithaq.notices import ringing as rule
from mithaq.notices import roles
from mithaq.notices.book import Book, Notice
from mithaq_node.queries import instrument, ledgers


@dataclass(frozen=True, slots=True)
class Ringing:
    """A notice that nobody here has opened yet."""

    notice: Notice
    since: str
    """The instant of our own receipt, from which it could be read here."""
    called: tuple[Text, ...]
    """The names of our authorities, in the order in which they are called."""
    acknowledged_by: str
    """The kind of notice that acknowledges it; empty where the instrument has none."""


_latest: tuple[Book, tuple[Ringing, ...]] | None = None
"""What was found in the book that was asked last: a book is a value, and every page asks."""


def ringing() -> tuple[Ringing, ...]:
    """What rings now, in the order of the record."""
    global _latest
    book = ledgers.book()
    known = _latest
    if known is None or known[0] is not book:
        known = _latest = book, _found(book)
    return known[1]


def _found(book: Book) -> tuple[Ringing, ...]:
    law, own = instrument.law(), str(settings.NODE.party)
    party = law.party(own)
    names = {authority.id: authority.name for authority in party.authorities} if party else {}
    found = []
    for notice in rule.ringing(book, law, own):
        readable = notice.ladder[own].readable
        ways = (kind for kind in law.kinds if kind.role == roles.ACKNOWLEDGES and notice.role in kind.refers)
        found.append(
            Ringing(
                notice=notice,
                since=readable.at if readable else notice.at,
                called=tuple(names[each] for each in rule.called(law, notice.kind, own) if each in names),
                acknowledged_by=next((kind.name for kind in ways), ""),
            )
        )
    return tuple(found)
