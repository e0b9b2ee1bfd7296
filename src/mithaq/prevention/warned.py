"""A ledger of warnings: what was shown, at which cut and with which settings, and what officers say became of it.

    shown      a warning as a desk showed it. It stays as first shown, whatever late notices make of that day
    episode    a warning that shares a sector with one that still holds goes on from it. The first of such a row stands
               for all of them: it is judged once and counts once
    outcome    what came of it, as an officer of this party judges it. The latest counts; those before it are history

A ledger is a party's own. Two nodes look at different moments, hold different cuts, and may look with other settings;
so they show different warnings, and each judges its own. `docs/decisions/0208` says why it is not a notice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from mithaq.analysis.clusters.warnings import Warning

YEAR: Final = 365
LEAST_DAYS: Final = 90
"""Of looks, before a number of false alarms a year means anything."""


class Outcome(StrEnum):
    """What became of a warning, as it is judged."""

    CAME = "came"
    """Something came of it: what gathered had a cause that mattered to this party. A hit."""
    NOTHING = "nothing"
    """Nothing came of it: a false alarm."""
    KNOWN = "known-cause"
    """What gathered was known beforehand, such as a planned activity: neither a hit nor a false alarm."""
    UNSURE = "cannot-say"
    """It was looked into, and nobody can say."""


@dataclass(frozen=True, slots=True)
class Held:
    """An episode that is known: its number, the sectors of all that was shown of it, and when the last of it ends."""

    number: int
    sectors: frozenset[str]
    expires: date


def goes_on_from(warning: Warning, held: Iterable[Held], day: date) -> Held | None:
    """The episode of which a warning of a day is part: the first that still holds then and shares a sector with it."""
    if not isinstance(warning.where, tuple):
        return None
    where = set(warning.where)
    return next((each for each in held if day < each.expires and not each.sectors.isdisjoint(where)), None)


@dataclass(frozen=True, slots=True)
class Tally:
    """How the warnings of a ledger turned out."""

    came: int
    nothing: int
    known: int
    unsure: int
    open: int
    """Not judged yet."""
    days: int
    """Days on which this node looked."""

    @property
    def warnings(self) -> int:
        """All of them."""
        return self.came + self.nothing + self.known + self.unsure + self.open

    @property
    def share_of_hits(self) -> int | None:
        """Hits among hits and false alarms, in thousandths; None where there is neither."""
        return _share(self.came, self.came + self.nothing)

    @property
    def share_of_false(self) -> int | None:
        """False alarms among hits and false alarms, in thousandths; None where there is neither."""
        return _share(self.nothing, self.came + self.nothing)

    @property
    def false_a_year(self) -> int | None:
        """False alarms in a year of looks, in thousandths; None while one has looked on too few days."""
        return self.nothing * YEAR * 1_000 // self.days if self.days >= LEAST_DAYS else None


def tally(outcomes: Sequence[Outcome | None], days: int) -> Tally:
    """The tally of episodes, by the latest outcome of each, over the days on which one looked."""
    return Tally(
        came=outcomes.count(Outcome.CAME),
        nothing=outcomes.count(Outcome.NOTHING),
        known=outcomes.count(Outcome.KNOWN),
        unsure=outcomes.count(Outcome.UNSURE),
        open=outcomes.count(None),
        days=days,
    )


def _share(part: int, whole: int) -> int | None:
    return part * 1_000 // whole if whole else None
