"""What is to be expected of places and intervals: from people at risk, covariates in, or from what was before."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from mithaq.analysis import fixed
from mithaq.analysis.clusters.windows import Interval
from mithaq.errors import Refusal

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Strata = tuple[str, ...]
Counted = Mapping[tuple[int, Strata], Sequence[tuple[date, int]]]
"""How many were at risk at dates, of each place (by index) and stratum."""

PRIOR_INTERVALS = 28
"""A place's own rate counts as much as the mean of all places after so many intervals."""


def weights(counted: Counted, places: int, intervals: Sequence[Interval], cases: Mapping[Strata, int]) -> Floats:
    """Expected cases of places and intervals, were every stratum's rate the same everywhere and always.

    Indirect standardisation (Kulldorff 1997): the rate of each stratum times who was at risk in it, between dates in
    proportion, outside them as at the nearest. Refuses cases of a stratum in which nobody was (`scan.no-population`).
    """
    at_risk: dict[Strata, Floats] = {}
    for (place, stratum), points in sorted(counted.items()):
        table = at_risk.setdefault(stratum, np.zeros((places, len(intervals))))
        table[place] += person_days(points, intervals)
    found = np.zeros((places, len(intervals)))
    for stratum in sorted(set(cases) | set(at_risk)):
        table = at_risk.get(stratum, found[:0])
        whole = fixed.total(table.ravel())
        if whole <= 0 and cases.get(stratum, 0):
            raise Refusal("scan.no-population", stratum=" ".join(stratum)[:60])
        if whole > 0:
            found += table * (cases.get(stratum, 0) / whole)
    return found


def person_days(points: Sequence[tuple[date, int]], intervals: Sequence[Interval]) -> Floats:
    """People at risk times days in each interval, the number changing evenly between dates."""
    known = sorted((day.toordinal(), count) for day, count in points)
    edges = [each.first.toordinal() for each in intervals] + [intervals[-1].last.toordinal() + 1]
    reached = [_until(edge, known) for edge in edges]
    return np.array([after - before for before, after in pairwise(reached)]) / 2


def _until(day: int, known: Sequence[tuple[int, int]]) -> float:
    """Twice the people times days from the first known date to `day`; below zero for a day before it."""
    first, count = known[0]
    if day <= first:
        return 2.0 * count * (day - first)
    doubled = 0.0
    for (begin, before), (end, after) in pairwise(known):
        if day <= end:
            part = day - begin
            return doubled + 2.0 * before * part + (after - before) * part * part / (end - begin)
        doubled += (before + after) * (end - begin)
    last, count = known[-1]
    return doubled + 2.0 * count * (day - last)


def from_history(counts: Integers, begin: int) -> Floats:
    """A forecast for every interval: each place's mean before interval `begin`, drawn towards the mean of all places.

    A place where nothing ever happened is so expected to have a little (a gamma-Poisson mean with `PRIOR_INTERVALS`
    intervals' weight). Refuses where nothing is before it (`scan.no-history`).
    """
    before = counts[:, :begin]
    if not begin or not before.sum():
        raise Refusal("scan.no-history")
    mean = float(before.sum()) / before.size
    each = (before.sum(axis=1) + PRIOR_INTERVALS * mean) / (begin + PRIOR_INTERVALS)
    return np.repeat(each[:, None], counts.shape[1], axis=1)
