"""Which notices ring at a desk: those of the highest precedence that another party sent, until they are opened.

A notice rings from the moment at which it is readable here until this party has sent one that refers to it (the step
*opened* of the ladder), or its sender has taken it back. Nobody can silence it otherwise. Who is called stands in the
instrument: the clocks that the notice starts name authorities of both parties in an order, and a party calls its own. A
review and an acknowledgement tell nothing that must be heard, whatever their precedence.
"""

from mithaq.instrument.law import Law
from mithaq.notices import roles
from mithaq.notices.book import Book, Notice

_QUIET = frozenset({roles.SEALS, roles.ACKNOWLEDGES})


def ringing(book: Book, law: Law, own: str) -> tuple[Notice, ...]:
    """The notices that ring at the desk of the party `own`, in the order of the record."""
    highest = law.precedence[0]
    return tuple(
        notice
        for notice in book.pressing
        if notice.precedence == highest
        and notice.party != own
        and notice.role not in _QUIET
        and notice.conforms
        and _unopened(notice, own)
    )


def called(law: Law, kind: str, own: str) -> tuple[str, ...]:
    """The authorities of `own` that the instrument names for a notice of `kind`, in its order, each once."""
    named = (each.partition("/") for clock in law.clocks if kind in clock.kinds for each in clock.escalate)
    return tuple(dict.fromkeys(authority for party, _, authority in named if party == own))


def _unopened(notice: Notice, own: str) -> bool:
    ladder = notice.ladder.get(own)
    return notice.withdrawn_by is None and ladder is not None and ladder.readable is not None and ladder.opened is None
