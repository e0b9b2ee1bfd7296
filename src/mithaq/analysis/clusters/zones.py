"""Where a cluster can lie: circles around each place, stretches along the border, or zones that are given.

Distances are whole millimetres (on the earth, of SaTScan's radius of 6367 km) or millionths of a unit of the plane.
Only additions, multiplications, divisions and square roots of single numbers make them, which every machine rounds
alike; equal differences give equal distances, so places that are equally far enter a zone together, on every machine.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from mithaq.errors import Refusal

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

EARTH_MM = 6_367_000_000
"""The radius of the earth that SaTScan reckons with, in millimetres."""

_PI = 3.141592653589793
_MICRODEGREE = _PI / 180_000_000
_SINE_TERMS = 14
_ARCSINE_TERMS = 16


class Metric(Enum):
    """What the coordinates of places are."""

    EARTH = "earth"  # microdegrees: latitude, longitude
    PLANE = "plane"  # millionths of any unit: x, y


@dataclass(frozen=True, slots=True)
class Place:
    """A location of cases: its name, and two whole numbers as `Metric` says; or metres along the border in `first`."""

    name: str
    first: int
    second: int = 0


@dataclass(frozen=True)
class Zones:
    """Sets of places, as rows of running sums: zone z holds `members` from its segment's first row to `ends[z]`."""

    members: Integers
    firsts: Integers
    segments: Integers
    ends: Integers
    reaches: Integers
    """The radius or the length of each zone, in the unit of the metric."""

    def __len__(self) -> int:
        return len(self.ends)

    def sums(self, of_places: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """For every zone, the sum of the rows of its places. Whole numbers only: their sums may pass through overflow
        and come back, since only differences are kept.
        """
        running = np.cumsum(of_places[self.members], axis=0, dtype=of_places.dtype)
        before = np.concatenate((np.zeros_like(running[:1]), running))
        found: npt.NDArray[Any] = running[self.ends] - before[self.firsts[self.segments]]
        return found

    def of(self, zone: int) -> Integers:
        """The places of a zone, the centre first and then by distance."""
        found: Integers = self.members[self.firsts[self.segments[zone]] : self.ends[zone] + 1]
        return found


def circles(
    places: Sequence[Place], metric: Metric, *, at_risk: Integers, share: int = 50, radius: int | None = None
) -> Zones:
    """A zone for each place and each distance to another one, up to `radius` and to `share` percent of what is at risk.

    Places at the same distance enter together.
    """
    return _zones(_neighbours(tuple(places), metric, radius), at_risk, share)


@lru_cache(maxsize=4)
def _neighbours(places: tuple[Place, ...], metric: Metric, radius: int | None) -> Sequence[tuple[Integers, Integers]]:
    """Of each place the places around it, the nearest first, and how far they are; remembered for the next day's look,
    of which it is most of the work.
    """
    rows = []
    for centre, away in enumerate(_distances(places, metric)):
        order = np.lexsort((np.arange(len(places)) != centre, away))
        near = order if radius is None else order[: int(np.searchsorted(away[order], radius, side="right"))]
        rows.append((near, away[near]))
    return rows


def stretches(places: Sequence[Place], *, at_risk: Integers, share: int = 50, length: int | None = None) -> Zones:
    """A zone for each stretch of the border from one place to another, up to `length` metres: far fewer than circles.

    Places at the same metre enter together.
    """
    metres = np.array([each.first for each in places], dtype=np.int64)
    order = np.argsort(metres, kind="stable")
    along = metres[order]
    rows = []
    for begin in np.flatnonzero(np.diff(along, prepend=along[:1] - 1)):
        away = along[begin:] - along[begin]
        end = len(away) if length is None else int(np.searchsorted(away, length, side="right"))
        rows.append((order[begin : begin + end], away[:end]))
    return _zones(rows, at_risk, share)


def given(zones: Iterable[Sequence[int]], places: int) -> Zones:
    """Zones as lists of indexes of places. Refuses one that is empty or names no place (`scan.bad-zone`)."""
    members: list[int] = []
    firsts, ends = [], []
    for number, each in enumerate(zones, 1):
        if not each or min(each) < 0 or max(each) >= places or len(set(each)) != len(each):
            raise Refusal("scan.bad-zone", number=number)
        firsts.append(len(members))
        members.extend(each)
        ends.append(len(members) - 1)
    numbers = np.arange(len(ends), dtype=np.int64)
    return Zones(_integers(members), _integers(firsts), numbers, _integers(ends), np.zeros_like(numbers))


def _zones(rows: Sequence[tuple[Integers, Integers]], at_risk: Integers, share: int) -> Zones:
    """The zones of rows of places and their distances, each cut where it would hold more than `share` percent."""
    members: list[Integers] = []
    firsts: list[int] = []
    segments: list[Integers] = []
    ends: list[Integers] = []
    reaches: list[Integers] = []
    begin, most = 0, int(at_risk.sum()) * share
    for near, away in rows:
        whole = np.append(away[1:] != away[:-1], True) if len(away) else np.zeros(0, dtype=bool)
        fits = np.cumsum(at_risk[near]) * 100 <= most
        kept = np.flatnonzero(whole & fits)
        if not len(kept):
            continue
        size = int(kept[-1]) + 1
        members.append(near[:size])
        ends.append(kept + begin)
        reaches.append(away[kept])
        segments.append(np.full(len(kept), len(firsts), dtype=np.int64))
        firsts.append(begin)
        begin += size
    return Zones(_joined(members), _integers(firsts), _joined(segments), _joined(ends), _joined(reaches))


def _joined(parts: Sequence[Integers]) -> Integers:
    return np.concatenate(parts) if parts else _integers(())


def _integers(values: Iterable[int]) -> Integers:
    return np.array(list(values), dtype=np.int64)


def _plane(x: int, y: int, xs: Integers, ys: Integers) -> Integers:
    east, north = (xs - x).astype(np.float64), (ys - y).astype(np.float64)
    return np.rint(np.sqrt(east * east + north * north)).astype(np.int64)


def _earth(lat: int, lon: int, lats: Integers, lons: Integers) -> Integers:
    """Millimetres along great circles, by the haversine of differences that are exact."""
    around = np.abs(lons - lon)
    around = np.minimum(around, 360_000_000 - around)
    north, east = _square_of_sine(np.abs(lats - lat)), _square_of_sine(around)
    haversine = north + _cosine(np.array([lat]))[0] * _cosine(lats) * east
    return np.rint(2 * EARTH_MM * _arcsine(np.sqrt(np.minimum(haversine, 1.0)))).astype(np.int64)


def _square_of_sine(microdegrees: Integers) -> Floats:
    """The square of the sine of half an angle."""
    angle = microdegrees * (_MICRODEGREE / 2)
    square = angle * angle
    term = angle.copy()
    found = angle.copy()
    for odd in range(3, 2 * _SINE_TERMS, 2):
        term = term * square / (-odd * (odd - 1))
        found = found + term
    squared: Floats = found * found
    return squared


def _cosine(microdegrees: Integers) -> Floats:
    return 1 - 2 * _square_of_sine(np.abs(microdegrees))


def _arcsine(values: Floats) -> Floats:
    """By its series, after halving the angle three times."""
    for _ in range(3):
        values = values / np.sqrt(2 * (1 + np.sqrt(1 - values * values)))
    square = values * values
    term = values.copy()
    found = values.copy()
    for odd in range(1, 2 * _ARCSINE_TERMS, 2):
        term = term * square * odd / (odd + 1)
        found = found + term / (odd + 2)
    return 8 * found


def distances(places: Sequence[Place], metric: Metric) -> Integers:
    """Between any two places, in the unit of the metric."""
    return np.stack(list(_distances(places, metric)))


def _distances(places: Sequence[Place], metric: Metric) -> Iterator[Integers]:
    first, second = (np.array([getattr(each, side) for each in places], dtype=np.int64) for side in ("first", "second"))
    measure = _earth if metric is Metric.EARTH else _plane
    return (measure(first[one], second[one], first, second) for one in range(len(places)))
