"""A preview of false alarms: how many warnings a year settings would give where nothing gathers, with the record's own
number of incidents.

Ten years are made (`mithaq.analysis.clusters.null_years`), one after another, by one thread beside those that answer;
a page shows how many are done and the sum so far. The same record, day and settings give the same number.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from mithaq.errors import Refusal
from mithaq.instrument.law import Law
from mithaq.prevention.settings import Settings
from mithaq_node.queries import gathering, instrument, ledgers

YEARS: Final = 10
MOST_WAITING: Final = 4
"""Previews that are being made or wait to be; who asks for another is told to wait."""
_MOST_KEPT: Final = 16


@dataclass
class Preview:
    """What is known of settings so far."""

    settings: Settings
    day: str
    """Of whose look the number of incidents is."""
    cases: int
    alarms: list[int] = field(default_factory=list)
    """Of each null year that is done."""
    failed: bool = False

    @property
    def years(self) -> int:
        """How many are done."""
        return len(self.alarms)

    @property
    def of(self) -> int:
        """How many will be."""
        return YEARS

    @property
    def is_done(self) -> bool:
        """Whether nothing more comes."""
        return self.failed or self.years == YEARS

    @property
    def false_alarms(self) -> int:
        """In all years done."""
        return sum(self.alarms)

    @property
    def a_year(self) -> int:
        """False alarms a year, in thousandths."""
        return self.false_alarms * 1_000 // max(1, self.years)


_pool = ThreadPoolExecutor(1, thread_name_prefix="null-years")
_lock = threading.Lock()
_kept: dict[tuple[ledgers.Key, str, Settings], Preview] = {}


def preview(settings: Settings, now: str) -> Preview | None:
    """The preview of settings, begun where nobody has asked for it today; None where this node cannot tell.

    Refuses when too many wait already (`warning.busy`).
    """
    day, key = gathering.day_of(now).isoformat(), ledgers.key()
    found = _kept.get((key, day, settings))
    if found is not None:
        return found
    volume = gathering.volume(now, settings)
    if volume is None:
        return None
    with _lock:
        if sum(not each.is_done for each in _kept.values()) >= MOST_WAITING:
            raise Refusal("warning.busy")
        if len(_kept) >= _MOST_KEPT:
            _kept.pop(next(each for each, kept in _kept.items() if kept.is_done))
        made = _kept.setdefault((key, day, settings), Preview(settings, day, len(volume)))
    _pool.submit(_make, made, instrument.law(), volume)
    return made


def _make(made: Preview, law: Law, volume: tuple[int, ...]) -> None:
    from mithaq.prevention.gathering import by_chance

    try:
        for number in range(1, YEARS + 1):
            made.alarms.append(by_chance(law, volume, made.settings, number))
    finally:
        made.failed = made.years < YEARS
