"""When a cluster can be: the intervals of a study, and the windows made of them."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import Any

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]


class Unit(Enum):
    """What an interval of the study is counted in."""

    DAY = "day"
    YEAR = "year"
    WHOLE = "whole"  # no time at all: a purely spatial scan


@dataclass(frozen=True, slots=True)
class Interval:
    """A part of the study: its first and last day, both within it."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Windows:
    """Runs of intervals, by the number of the first and the last, within the intervals `begin` to the study's end."""

    begin: int
    firsts: Integers
    lasts: Integers

    def __len__(self) -> int:
        return len(self.firsts)

    def sums(self, of_intervals: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """For every row and window, the sum over its intervals; the columns are the intervals from `begin` on."""
        running = np.cumsum(of_intervals, axis=1, dtype=of_intervals.dtype)
        running = np.concatenate((np.zeros_like(running[:, :1]), running), axis=1)
        found: npt.NDArray[Any] = running[:, self.lasts - self.begin + 1] - running[:, self.firsts - self.begin]
        return found


def intervals(first: date, last: date, unit: Unit) -> tuple[Interval, ...]:
    """The intervals of a study; days, calendar years cut to the study, or the whole."""
    if unit is Unit.WHOLE:
        return (Interval(first, last),)
    if unit is Unit.YEAR:
        years = range(first.year, last.year + 1)
        return tuple(Interval(max(first, date(year, 1, 1)), min(last, date(year, 12, 31))) for year in years)
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return tuple(Interval(day, day) for day in days)


def running(count: int, longest: int) -> Windows:
    """Every window of at most `longest` of `count` intervals: for looking back."""
    return ending(count, longest, 0)


def ending(count: int, longest: int, earliest: int) -> Windows:
    """Every window of at most `longest` intervals that ends at interval `earliest` or later.

    With `earliest` the last one these are the windows that are alive now.
    """
    pairs = [(first, last) for last in range(earliest, count) for first in range(last, max(last - longest, -1), -1)]
    firsts, lasts = (np.array(side, dtype=np.int64) for side in zip(*pairs, strict=True))
    return Windows(int(firsts.min()), firsts, lasts)
