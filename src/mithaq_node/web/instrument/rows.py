"""Rows of the page that need more than a value of the law: clocks, sectors and crossings."""

from dataclasses import dataclass

from django.utils.translation import gettext

from mithaq.instrument.law import Clock, Crossing, Law, Sector
from mithaq_node.web.reader import Reader

_METRES = 1000


@dataclass(frozen=True)
class Called:
    """An authority that is called when a clock is missed."""

    party: str
    authority: str


@dataclass(frozen=True)
class ClockRow:
    """A clock, its length in seconds, and the authorities called when it is missed, in their order."""

    clock: Clock
    seconds: int
    called: tuple[Called, ...]


@dataclass(frozen=True)
class SectorRow:
    """A sector and the stretch of the line that it covers, in words."""

    sector: Sector
    stretch: str


@dataclass(frozen=True)
class CrossingRow:
    """A crossing and where it stands on the line, in words and no finer than the line is known."""

    crossing: Crossing
    place: str


def clock_rows(law: Law) -> tuple[ClockRow, ...]:
    return tuple(ClockRow(clock, clock.minutes * 60, tuple(map(_called, clock.escalate))) for clock in law.clocks)


def sector_rows(reader: Reader) -> tuple[SectorRow, ...]:
    return tuple(SectorRow(sector, _stretch(sector, reader)) for sector in reader.law.sectors)


def crossing_rows(reader: Reader) -> tuple[CrossingRow, ...]:
    return tuple(CrossingRow(crossing, _place(crossing, reader)) for crossing in reader.law.crossings)


def _called(address: str) -> Called:
    party, _, authority = address.partition("/")
    return Called(party, authority)


def _stretch(sector: Sector, reader: Reader) -> str:
    start, end = (reader.count(round(metre / _METRES)) for metre in (sector.start, sector.end))
    return gettext("about km %(start)s to %(end)s") % {"start": start, "end": end}


def _place(crossing: Crossing, reader: Reader) -> str:
    return gettext("about km %(km)s") % {"km": reader.count(round(crossing.metre / _METRES))}
