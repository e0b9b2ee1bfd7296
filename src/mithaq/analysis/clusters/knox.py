"""Knox's test and near-repeat tables: whether pairs of cases that are close in place are close in time more often too.

For every band of distance and of days the pairs are counted, and compared with draws in which the times are dealt anew
among the cases (Knox 1964; the table over bands is that of Johnson and others 2007).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mithaq.analysis.clusters.study import Integers, Study
from mithaq.analysis.clusters.zones import Metric, distances
from mithaq.analysis.philox import Stream
from mithaq.errors import Refusal

MOST_CASES = 4_000
"""Every pair is looked at, in every draw."""


@dataclass(frozen=True, slots=True)
class Band:
    """Pairs at most `near` (metres, or thousandths of a unit) and `days` apart, and no nearer than the bands before."""

    near: int
    days: int
    pairs: int
    expected: float
    p: float


def knox(
    study: Study, metric: Metric, near: Sequence[int], days: Sequence[int], *, replicates: int, seed: int
) -> tuple[Band, ...]:
    """Every band of distance with every band of days. Refuses bands that do not rise, and too many cases (`scan.*`)."""
    if any(not each or min(each) < 1 or list(each) != sorted(set(each)) for each in (near, days)):
        raise Refusal("scan.bad-bands")
    if not 1 <= replicates <= 99_999 or not 0 <= seed < 1 << 63:
        raise Refusal("scan.bad-draws", replicates=replicates, seed=str(seed)[:30])
    place, day = (np.repeat(side, study.counts[side_of]) for side, side_of in _sides(study))
    if len(place) > MOST_CASES:
        raise Refusal("scan.too-many-cases", found=len(place), most=MOST_CASES)
    apart = np.searchsorted(np.array(near) * 1_000, distances(study.places, metric))
    one, other = np.triu_indices(len(place), 1)
    band = apart[place[one], place[other]]
    kept = band < len(near)
    one, other, band = one[kept], other[kept], band[kept]
    shape = len(near), len(days) + 1

    def table(when: Integers) -> Integers:
        later = np.searchsorted(np.array(days), np.abs(when[one] - when[other]))
        return np.bincount(band * shape[1] + later, minlength=shape[0] * shape[1]).reshape(shape)[:, :-1]

    seen = table(day)
    total, reached = np.zeros_like(seen), np.zeros_like(seen)
    for number in range(replicates):
        drawn = table(day[Stream(seed, number).distinct(len(day), len(day))]) if len(day) else seen
        total += drawn
        reached += drawn >= seen
    return tuple(
        Band(far, late, int(seen[i, j]), int(total[i, j]) / replicates, (1 + int(reached[i, j])) / (1 + replicates))
        for i, far in enumerate(near)
        for j, late in enumerate(days)
    )


def _sides(
    study: Study,
) -> tuple[tuple[Integers, tuple[Integers, Integers]], tuple[Integers, tuple[Integers, Integers]]]:
    """Place and number of interval of every cell that has cases."""
    places, parts = np.nonzero(study.counts)
    return (places, (places, parts)), (parts, (places, parts))
