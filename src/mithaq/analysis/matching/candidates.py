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


REACH = np.array([[radius(first, second) for second in range(CLASSES)] for first in range(CLASSES)], dtype=np.int64)
SPAN = np.array([[span(first, second) for second in range(CLASSES)] for first in range(CLASSES)], dtype=np.int64)
"""`radius` and `span` of every two classes."""
_ALIKE = ((0, 1), (2,), (3,))
"""Classes of time that are sought together, their spans being alike: to the hour or the part of a day; day; week."""
_WITHIN = np.array([[int(SPAN[time, list(group)].max()) for group in _ALIKE] for time in range(TIMES)], dtype=np.int64)


@dataclass(frozen=True)
class Pairs:
    """Rows of the left and of the right reports, their classes, squared metres and seconds between them."""

    left: Integers
    right: Integers
    classes: Integers
    squared: Integers
    seconds: Integers

    def taken(self, rows: Integers) -> "Pairs":
        return Pairs(self.left[rows], self.right[rows], self.classes[rows], self.squared[rows], self.seconds[rows])


NONE = Pairs(*[np.zeros(0, dtype=np.int64)] * 5)


def pairs(left: Reports, right: Reports) -> Iterator[Pairs]:
    """Every pair within its radius and span, in blocks; the order depends on the reports alone."""
    if not len(left) or not len(right):
        return
    ground = Ground.of(left, right)
    for first in range(PLACES):
        rows = np.flatnonzero(left.place == first + 1)
        for second in range(PLACES):
            others = np.flatnonzero(right.place == second + 1)
            reach = int(REACH[first * TIMES, second * TIMES])
            if len(rows) <= len(others):
                yield from _found(left, rows, right, others, ground, reach, turned=False)
            else:
                yield from _found(right, others, left, rows, ground, reach, turned=True)


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


def _found(
    seekers: Reports, seeking: Integers, others: Reports, sought: Integers, ground: Ground, reach: int, *, turned: bool
) -> Iterator[Pairs]:
    """The fewer reports seek among the more numerous, all of one class of place each."""
    if not len(seeking):
        return
    column, line = ground.cells(seekers, seeking, reach)
    moment = seekers.moment[seeking] - ground.origin
    order = np.lexsort((moment, column, line))
    seeking, column, line, moment = seeking[order], column[order], line[order], moment[order]
    for number, group in enumerate(_ALIKE):
        among = sought[np.isin(others.time[sought], np.array(group) + 1)]
        if len(among):
            within = _WITHIN[seekers.time[seeking] - 1, number]
            shelf = _Shelf.of(others, among, ground, reach)
            for which, at in shelf.near(column, line, moment, within):
                i, j = seeking[which], shelf.rows[at]
                yield _near(seekers, i, others, j, turned=turned)


def _near(seekers: Reports, i: Integers, others: Reports, j: Integers, *, turned: bool) -> Pairs:
    """Of what lies in cells side by side, what is within reach."""
    left, right = (others, seekers) if turned else (seekers, others)
    return within(left, j if turned else i, right, i if turned else j)[0]


def within(left: Reports, i: Integers, right: Reports, j: Integers) -> tuple[Pairs, Integers]:
    """Of these pairs of rows those within their radius and span, and which of the given ones they are."""
    classes = ((left.place[i] - 1) * TIMES + left.time[i] - 1) * CLASSES
    classes += (right.place[j] - 1) * TIMES + right.time[j] - 1
    squared, seconds = squared_metres(left, i, right, j), np.abs(left.moment[i] - right.moment[j])
    reach = REACH.ravel()[classes]
    kept = np.flatnonzero((squared <= reach * reach) & (seconds <= SPAN.ravel()[classes]))
    return Pairs(i[kept], j[kept], classes[kept], squared[kept], seconds[kept]), kept


@dataclass(frozen=True)
class _Shelf:
    """Reports by cell of the grid and by moment within the cell."""

    rows: Integers
    keys: Integers
    width: int

    @staticmethod
    def of(reports: Reports, rows: Integers, ground: Ground, size: int) -> "_Shelf":
        column, line = ground.cells(reports, rows, size)
        width = int(column.max()) + 4
        keys = _keys(line * width + column, reports.moment[rows] - ground.origin)
        order = np.argsort(keys, kind="stable")
        return _Shelf(rows[order], keys[order], width)

    def near(
        self, column: Integers, line: Integers, moment: Integers, within: Integers
    ) -> Iterator[tuple[Integers, Integers]]:
        """For seekers of these cells and moments: which of them meets which row, in its own cell or one beside it."""
        earliest, latest = np.maximum(moment - within, 0), np.minimum(moment + within, (1 << _MOMENT_BITS) - 1)
        line, column = line + _UP, column + _ASIDE
        known = (line >= 0) & (column >= 0) & (column < self.width - 1)
        cell = np.where(known, line * self.width + column, 0)
        start = np.searchsorted(self.keys, _keys(cell, earliest).ravel(), side="left")
        end = np.searchsorted(self.keys, _keys(cell, latest).ravel(), side="right")
        many = np.where(known.ravel(), end - start, 0)
        met = np.flatnonzero(many)
        start, many, seeker = start[met], many[met], met % line.shape[1]
        for part in _blocks(many):
            offset = np.cumsum(many[part]) - many[part]
            which = np.repeat(seeker[part], many[part])
            yield which, np.arange(len(which)) + np.repeat(start[part] - offset, many[part])


_UP, _ASIDE = (np.array(each)[:, None] for each in ([-1, -1, -1, 0, 0, 0, 1, 1, 1], [-1, 0, 1] * 3))
"""A cell and the eight around it."""


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
