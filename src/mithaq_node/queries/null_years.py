"""A preview of false alarms: how many warnings a year settings would give where nothing gathers, with the record's own
number of incidents.

Ten years are made (`mithaq.analysis.clusters.null_years`), one after another, by a process of the lowest priority
beside the one that answers; a page shows how many are done and the sum so far. It is minutes of work, so only one is
made at a time, the one that was asked for last. The same record, day and settings give the same number.
"""

import atexit
import threading
from dataclasses import dataclass, field
from typing import Final

from mithaq.instrument.law import Law
from mithaq.prevention.settings import Settings
from mithaq_node import made_years
from mithaq_node.queries import gathering, instrument, ledgers

YEARS: Final = 10
_MOST_KEPT: Final = 16


@dataclass
class Preview:
    """What is known of settings so far."""

    settings: Settings
    cases: int
    alarms: list[int] = field(default_factory=list)
    """Of each null year that is done."""
    failed: bool = False
    """Also where another was asked for before it was done."""

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
        return self.failed or self.years >= YEARS

    @property
    def false_alarms(self) -> int:
        """In all years done."""
        return sum(self.alarms)

    @property
    def a_year(self) -> int:
        """False alarms a year, in thousandths."""
        return self.false_alarms * 1_000 // max(1, self.years)


_Asked = tuple[ledgers.Key, str, Settings, tuple[int, ...]]
"""Law and node, day, settings, and the sectors of the cases: all that a preview hangs on."""

_lock = threading.Lock()
_kept: dict[_Asked, Preview] = {}
_making: made_years.MadeYears | None = None


def find(settings: Settings, now: str) -> Preview | None:
    """The preview of settings with the record as it stands today; None where nobody has begun it."""
    asked = _asked(settings, now)
    return _kept.get(asked) if asked else None


def begin(settings: Settings, now: str) -> None:
    """Begin the preview of settings, where it is not begun yet, and drop the one that is being made; nothing where this
    node cannot tell what gathers.
    """
    global _making
    asked = _asked(settings, now)
    if asked is None:
        return
    with _lock:
        found = _kept.get(asked)
        if found is not None and not found.failed:
            return
        _drop()
        _kept.pop(asked, None)
        while len(_kept) >= _MOST_KEPT:
            del _kept[next(iter(_kept))]
        _making = made_years.MadeYears(_said(instrument.law(), asked))
        made = _kept[asked] = Preview(settings, len(asked[3]))
        threading.Thread(target=_follow, args=(made, _making), name="null-years", daemon=True).start()


def _asked(settings: Settings, now: str) -> _Asked | None:
    volume = gathering.volume(now, settings)
    return None if volume is None else (ledgers.key(), gathering.day_of(now).isoformat(), settings, volume)


def _said(law: Law, asked: _Asked) -> made_years.Asked:
    from mithaq.prevention.gathering import line_of

    line = tuple((each.name, each.first) for each in line_of(law))
    return made_years.Asked(line, asked[3], dict(asked[2].numbers()), YEARS)


def _follow(made: Preview, years: made_years.MadeYears) -> None:
    try:
        made.alarms.extend(years)
    finally:
        made.failed = made.years < YEARS


@atexit.register
def _drop() -> None:
    if _making is not None:
        _making.end()
