"""A warning: that reports gather in a sector or a coarse cell, in a week; it expires, and raises nothing by itself."""

from dataclasses import dataclass
from datetime import date, timedelta

from mithaq.errors import Refusal
from mithaq.places import SMALLEST_CELL, Cell

SHORTEST = 7
"""Days: a warning is of a week at least, and holds for one after it."""


@dataclass(frozen=True, slots=True)
class Warning:
    """Where (sectors by their codes, neighbours along the line, or a cell), from when to when, and how surprising. It
    says clustering, not threat.

    Refuses what is finer than the floor (`scan.too-fine`).
    """

    where: tuple[str, ...] | Cell
    first: date
    last: date
    observed: int
    expected: float
    p: float
    recurrence_days: int
    floor: int = SMALLEST_CELL

    def __post_init__(self) -> None:
        least = max(self.floor, SMALLEST_CELL)
        fine = isinstance(self.where, Cell) and self.where.size < least
        if fine or (self.last - self.first).days + 1 < SHORTEST:
            raise Refusal("scan.too-fine", least=least)

    @property
    def expires(self) -> date:
        """The first day on which it no longer holds."""
        return self.last + timedelta(days=SHORTEST + 1)

    @property
    def key(self) -> tuple[tuple[str, ...] | Cell, date, date]:
        """Where and when: by this it is the same warning, however much was seen."""
        return self.where, self.first, self.last

    def holds(self, on: date) -> bool:
        """Whether it is still shown."""
        return on < self.expires


def week_around(first: date, last: date) -> tuple[date, date]:
    """A cluster's days, with as many before them as make a week."""
    return min(first, last - timedelta(days=SHORTEST - 1)), last
