"""How the parties keep their clocks: one rule for all of them, over clocks grouped by what they are about.

A clock that was voided counts nowhere, one whose time is disputed is neither met nor late. State holds no "now", so
there a clock is open or not; here the moment comes in and an open clock is running or missed. Every group has a row for
every party, also for one that owed nothing: what is shown of one side is shown of the other.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from mithaq.instrument.law import Law
from mithaq.notices.book import Book, Clock, Notice
from mithaq.notices.clocks import Display, clock_display
from mithaq.notices.fields.sites import sector_of


class Grouping(StrEnum):
    """By what clocks are counted together."""

    CLOCK = "clock"
    """The clock of the instrument."""
    KIND = "kind"
    """The kind of the notice that started it."""
    SECTOR = "sector"
    """The sector that the first notice of its thread states; empty where it states none."""
    MONTH = "month"
    """The Gregorian month (UTC, `YYYY-MM`) in which it started."""


@dataclass(frozen=True, slots=True)
class Timeliness:
    """Numbers of one party's clocks by how they stand at a moment."""

    met: int = 0
    late: int = 0
    missed: int = 0
    running: int = 0
    disputed: int = 0
    standing: int = 0
    """Those whose time does not count at the moment, because the instrument is suspended."""

    @property
    def started(self) -> int:
        return self.decided + self.running + self.disputed + self.standing

    @property
    def decided(self) -> int:
        """Those of which it is known whether they were kept: a share of anything is a share of these."""
        return self.met + self.late + self.missed


@dataclass(frozen=True, slots=True)
class Group:
    """The clocks of one group: every party, in the order asked for, to its numbers."""

    key: str
    parties: Mapping[str, Timeliness]


_NAMES: Mapping[Display, str] = {
    Display.MET: "met",
    Display.MET_LATE: "late",
    Display.MISSED: "missed",
    Display.RUNNING: "running",
    Display.DISPUTED: "disputed",
    Display.STANDS: "standing",
}


def timeliness(clocks: Iterable[Clock], now: str) -> Timeliness:
    """How one party's `clocks` stand at `now` (canonical moment)."""
    shown = (clock_display(clock, now) for clock in clocks)
    return Timeliness(**Counter(_NAMES[each] for each in shown if each in _NAMES))


def grouped(book: Book, law: Law, by: Grouping, now: str, parties: Iterable[str]) -> tuple[Group, ...]:
    """Every group in which a clock counts, by key, months the latest first; `parties` in the order to be shown."""
    order = tuple(parties)
    sectors = {sector.id: number for number, sector in enumerate(law.sectors)}
    groups: dict[str, dict[str, list[Clock]]] = {}
    for clock in book.clocks:
        if not clock.voided:
            key = _key(book, law, by, clock)
            groups.setdefault(key, {}).setdefault(clock.party, []).append(clock)
    keys = sorted(groups, reverse=by is Grouping.MONTH, key=lambda key: (sectors.get(key, len(sectors)), key))
    return tuple(Group(key, {party: timeliness(groups[key].get(party, ()), now) for party in order}) for key in keys)


def _key(book: Book, law: Law, by: Grouping, clock: Clock) -> str:
    match by:
        case Grouping.CLOCK:
            return clock.id
        case Grouping.MONTH:
            return clock.started[:7]
        case Grouping.KIND:
            found = book.notices.get(clock.notice)
            return found.kind if found else ""
    return _sector(book, law, clock)


def _sector(book: Book, law: Law, clock: Clock) -> str:
    asked = book.notices.get(clock.notice)
    first = book.notices.get(asked.thread) if asked else None
    return next((sector for each in (first, asked) if each and (sector := _stated_sector(each, law))), "")


def _stated_sector(notice: Notice, law: Law) -> str:
    place = (notice.facts or {}).get("place")
    if isinstance(place, str):
        return place
    return (sector_of(place, law) or "") if isinstance(place, Mapping) else ""
