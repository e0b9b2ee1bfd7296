"""The commitments in time: when a score changed, what is due when, and since when something has slowed down.

A score changes in its column at the moment at which a statement began to count or was taken back, so a date set back
moves nothing here either. A slowdown is told of what has slowed down now, on the day on which it did.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mithaq import moments
from mithaq.followup.commitments import COMMITTEE, QUIET_DAYS, Standing
from mithaq.notices.scores import FULL

_DAY = 24 * 60
_END_OF_DAY = "T23:59:59Z"


class Happened(StrEnum):
    """What an event is."""

    SCORED = "scored"
    DUE = "due"
    SLOWED = "slowed"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing in the life of a commitment."""

    sort: Happened
    at: str
    """The instant; of what is due, the civil day."""
    standing: Standing
    column: str = ""
    """Of a score: a party's code, or `COMMITTEE`."""
    before: int | None = None
    after: int | None = None
    number: str = ""
    """Of a score: the notice that holds it now; empty where what held it was taken back."""

    @property
    def order(self) -> tuple[str, bool]:
        """By which events are sorted: what is due on a day comes at its end, a slowdown after what it follows from."""
        return (f"{self.at}{_END_OF_DAY}" if self.sort == Happened.DUE else self.at, self.sort == Happened.SLOWED)


def events(standings: Iterable[Standing], parties: Sequence[str], moment: str) -> tuple[Event, ...]:
    """Everything up to `moment`, and what is due after it, the earliest first."""
    found = (event for each in standings for event in _of(each, parties, moment))
    return tuple(sorted(found, key=lambda event: (event.order, event.standing.commitment.id, event.column)))


def slowed_since(standing: Standing, moment: str) -> str:
    """The instant since which a commitment has slowed down at `moment`; empty where it has not."""
    slowdown = standing.slowdown(moment)
    if slowdown is None:
        return ""
    began = [_after(slowdown.quiet_since, QUIET_DAYS * _DAY)] if slowdown.quiet_since else []
    return min([*began, _behind_since(standing, moment)] if slowdown.expected is not None else began)


def _of(standing: Standing, parties: Sequence[str], moment: str) -> Iterator[Event]:
    for column in (*parties, COMMITTEE):
        yield from _scored(standing, column, moment)
    if standing.commitment.due:
        yield Event(Happened.DUE, standing.commitment.due, standing)
    if since := slowed_since(standing, moment):
        yield Event(Happened.SLOWED, since, standing)


def _scored(standing: Standing, column: str, moment: str) -> Iterator[Event]:
    scored = tuple(each for each in standing.statements if each.column == column and each.score is not None)
    instants = {each.had for each in scored} | {each.ended for each in scored if each.ended}
    alone = Standing(standing.commitment, standing.since, scored)
    before: int | None = None
    for at in sorted(instant for instant in instants if instant <= moment):
        found = alone.current(column, at)
        after = found.score if found else None
        if after != before:
            number = found.number if found else ""
            yield Event(Happened.SCORED, at, standing, column=column, before=before, after=after, number=number)
            before = after


def _behind_since(standing: Standing, moment: str) -> str:
    """When more of the time had passed than the lowest score shows, or when that score began to count, if later."""
    columns = (COMMITTEE,) if standing.score(COMMITTEE, moment) is not None else standing.commitment.owners
    lowest = min(columns, key=lambda column: standing.score(column, moment) or 0)
    current = standing.current(lowest, moment)
    start, due = moments.parse(standing.since), moments.parse(f"{standing.commitment.due}T00:00:00Z")
    share = moments.minutes_between(start, due) * ((current.score or 0) if current else 0) // FULL
    return max(_after(standing.since, max(share, 0)), current.had if current else "")


def _after(instant: str, minutes: int) -> str:
    return moments.format(moments.add_minutes(moments.parse(instant), minutes))
