"""Which pairs are looked at: those whose stated precision lets them be one incident, found by a grid.

Each pair of precision classes has its own radius and its own span of time, so a report "in the sector" is looked for
far and wide and one with a position close by. Reports stand sorted by cell of the grid and moment within the cell; nine
cells are looked at for each report, and in each only the stretch of time that matters. The cost is n log n and what is
found.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isqrt

import numpy as np

from mithaq import places
from mithaq.analysis.fixed import Integers
from mithaq.analysis.matching.reports import PLACE_SIGMA, TIME_SIGMA, Place, Reports, Time
from mithaq.errors import Fault

PLACES, TIMES = len(Place), len(Time)
CLASSES = PLACES * TIMES
_MICRO = 1_000_000
_HALF_DAY, _DAY = 43_200, 86_400
_MOMENT_BITS = 34
_BLOCK = 1_000_000
"""Pairs looked at in one go, which bounds the memory."""


def class_of(reports: Reports) -> Integers:
    """The class of each report: place and time together, 0 to 11."""
    found: Integers = (reports.place - 1) * TIMES + reports.time - 1
    return found


def radius(first: int, second: int) -> int:
    """Metres within which two reports of these classes (0 to 11) may be of one incident."""
    sigmas = [PLACE_SIGMA[Place(each // TIMES + 1)] for each in (first, second)]
    return isqrt(sum(each * each for each in sigmas)) * 3 + 3_000


def span(first: int, second: int) -> int:
    """Seconds within which two reports of these classes may be of one incident; a slip by a day is among them."""
    sigmas = [TIME_SIGMA[Time(each % TIMES + 1)] for each in (first, second)]
    return max(isqrt(sum(each * each for each in sigmas)) * 3, _DAY + 7_200)


@dataclass(frozen=True)
class Pairs:
    """Rows of the left and of the right reports, their classes, squared metres and seconds between them."""

    left: Integers
    right: Integers
    classes: Integers
    squared: Integers
    seconds: Integers


def pairs(left: Reports, right: Reports) -> Iterator[Pairs]:
    """Every pair within its radius and span, in blocks; the order depends on the reports alone."""
    if not len(left) or not len(right):
        return
    ground = Ground.of(left, right)
    of_left, of_right = class_of(left), class_of(right)
    for first in range(CLASSES):
        rows = np.flatnonzero(of_left == first)
        for second in range(CLASSES):
            others = np.flatnonzero(of_right == second)
            if len(rows) and len(others):
                yield from _joined(left, right, (rows, others), ground, (first, second))


@dataclass(frozen=True)
class Ground:
    """The corner from which cells are counted, and the fewest metres of a degree of longitude among the reports."""

    west: int
    south: int
    origin: int
    narrowest: int

    @staticmethod
    def of(left: Reports, right: Reports) -> "Ground":
        highest = max(int(np.abs(each.lat).max()) for each in (left, right))
        return Ground(
            min(int(each.lon.min()) for each in (left, right)),
            min(int(each.lat.min()) for each in (left, right)),
            min(int(each.moment.min()) for each in (left, right)),
            int(_LONGITUDE[highest // 10_000 + 1]),
        )

    def cells(self, reports: Reports, rows: Integers, size: int) -> tuple[Integers, Integers]:
        """Column and row of the grid of cells that are nowhere narrower than `size` metres."""
        column = (reports.lon[rows] - self.west) * self.narrowest // (size * _MICRO)
        line = (reports.lat[rows] - self.south) * _LEAST_DEGREE // (size * _MICRO)
        return column, line


def squared_metres(left: Reports, i: Integers, right: Reports, j: Integers) -> Integers:
    """The square of the metres between reports, at the scale of the latitude between them (`mithaq.places.scale`)."""
    first, second = left.lat[i], right.lat[j]
    middle = np.abs(first + second) // 20_000
    across = np.abs(left.lon[i] - right.lon[j])
    across = np.minimum(across, 360 * _MICRO - across) * _LONGITUDE[middle] // _MICRO
    along = np.abs(first - second) * _LATITUDE[middle] // _MICRO
    found: Integers = across * across + along * along
    return found


def _joined(
    left: Reports, right: Reports, rows: tuple[Integers, Integers], ground: Ground, classes: tuple[int, int]
) -> Iterator[Pairs]:
    """Searches with the fewer reports among the more numerous."""
    reach, within = radius(*classes), span(*classes)
    turned = len(rows[0]) > len(rows[1])
    seekers, others = (right, left) if turned else (left, right)
    seeking, sought = (rows[1], rows[0]) if turned else rows
    column, line = ground.cells(others, sought, reach)
    width = int(column.max()) + 4
    keys = _keys(line * width + column, others.moment[sought] - ground.origin)
    order = np.argsort(keys, kind="stable")
    keys, sought = keys[order], sought[order]
    column, line = ground.cells(seekers, seeking, reach)
    inside = column < width - 1
    seeking, column, line = seeking[inside], column[inside], line[inside]
    moment = seekers.moment[seeking] - ground.origin
    order = np.argsort(_keys(line * width + column, moment), kind="stable")
    seeking, column, line, moment = seeking[order], column[order], line[order], moment[order]
    earliest, latest = np.maximum(moment - within, 0), np.minimum(moment + within, (1 << _MOMENT_BITS) - 1)
    for up in (-1, 0, 1):
        for aside in (-1, 0, 1):
            cell = (line + up) * width + column + aside
            known = (cell >= 0) & (column + aside >= 0)
            start = np.searchsorted(keys, _keys(np.maximum(cell, 0), earliest), side="left")
            end = np.searchsorted(keys, _keys(np.maximum(cell, 0), latest), side="right")
            many = np.where(known, end - start, 0)
            for part in _blocks(many):
                which = np.repeat(np.arange(part.start, part.stop), many[part])
                offset = np.cumsum(many[part]) - many[part]
                at = np.arange(len(which)) - np.repeat(offset, many[part]) + start[which]
                i, j = (sought[at], seeking[which]) if turned else (seeking[which], sought[at])
                found = squared_metres(left, i, right, j)
                near = np.flatnonzero(found <= reach * reach)
                i, j = i[near], j[near]
                seconds = np.abs(left.moment[i] - right.moment[j])
                yield Pairs(i, j, np.full(len(i), classes[0] * CLASSES + classes[1]), found[near], seconds)


def _keys(cells: Integers, moments: Integers) -> Integers:
    if len(cells) and int(cells.max()) >= 1 << (62 - _MOMENT_BITS):
        raise Fault("a grid of fewer than 2**28 cells", str(int(cells.max())), "give positions of one border")
    found: Integers = (cells << _MOMENT_BITS) | moments
    return found


def _blocks(many: Integers) -> Iterator[slice]:
    """Stretches of seekers that find no more than a block's worth together, or one seeker alone."""
    ends = np.cumsum(many)
    start = 0
    while start < len(many) and ends[-1] > (ends[start - 1] if start else 0):
        before = int(ends[start - 1]) if start else 0
        stop = max(int(np.searchsorted(ends, before + _BLOCK, side="right")), start + 1)
        yield slice(start, stop)
        start = stop


_SCALES = np.array([places.scale(hundredth * 10_000) for hundredth in range(9_001)], dtype=np.int64) // 1_000
_LONGITUDE, _LATITUDE = _SCALES[:, 0], _SCALES[:, 1]
"""Metres in a degree of longitude and of latitude, for each hundredth of a degree of latitude."""
_LEAST_DEGREE = int(_LATITUDE.min())
