"""What is owed, what was missed, and how both sides keep their clocks."""

from dataclasses import dataclass
from itertools import islice

from mithaq.notices import compliance
from mithaq.notices.book import Incident
from mithaq.notices.compliance import Group, Grouping
from mithaq.notices.incidents import State
from mithaq_node.queries import instrument, ledgers
from mithaq_node.queries.register import Keeps
from mithaq_node.queries.watch import ClockFace, everything, faces_of

MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class Due:
    """The clocks that want somebody's eye at a moment, the one due first in front; at most `MOST_LINES` of each."""

    ours: tuple[ClockFace, ...]
    """What this party owes and has not answered, missed or not."""
    theirs: tuple[ClockFace, ...]
    """What is owed to this party."""
    disputed: tuple[ClockFace, ...]
    """Answered in time by one instant and late by the other: both stand, nobody decides."""
    unsatisfactory: tuple[Incident, ...]
    """Incidents in which an answer was judged to be no answer, the latest opened first."""


def due(now: str, keeps: Keeps = everything) -> Due:
    """What wants an eye at `now`, of the notices that `keeps` keeps."""
    book = ledgers.book()
    disputed = (clock for clock in book.clocks if clock.disputed and keeps(clock.notice))
    waiting = faces_of((clock for clock in book.running if keeps(clock.notice)), now)
    judged = [each for each in book.incidents.values() if each.state == State.UNSATISFACTORY and keeps(each.number)]
    return Due(
        ours=tuple(face for face in waiting if face.is_ours)[:MOST_LINES],
        theirs=tuple(face for face in waiting if not face.is_ours)[:MOST_LINES],
        disputed=faces_of(islice(disputed, MOST_LINES), now),
        unsatisfactory=tuple(sorted(judged, key=lambda each: each.opened_at, reverse=True))[:MOST_LINES],
    )


def table(by: Grouping, now: str) -> tuple[Group, ...]:
    """How both sides keep their clocks as of `now`, this node's own party first."""
    parties = (party.code for party in instrument.parties())
    return compliance.grouped(ledgers.book(), instrument.law(), by, now, parties)
