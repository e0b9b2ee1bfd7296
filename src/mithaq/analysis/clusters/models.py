"""What is expected where nothing clusters, how surprising a count is, and draws of what might have been instead.

A model gives every zone and window its *mass*: a whole number in proportion to what is expected there, which the places
and times of the cases do not change. The statistic is a logarithm of a likelihood ratio (Kulldorff 1997; Kulldorff and
others 2005; Neill 2009) in whole numbers of 2**-fraction, above the expectation only, and grows with the count.
"""

from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from mithaq.analysis import fixed
from mithaq.analysis.clusters.windows import Windows
from mithaq.analysis.clusters.zones import Zones
from mithaq.analysis.philox import POINT_BITS, Stream

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

LEAST_CASES = 2
"""No cluster has fewer."""

BASELINE_BITS = 32
"""Baselines are whole numbers of 2**-32 cases."""

_NATS_A_CASE = 44
_DIGITS = 60


class Model(Protocol):
    """One model of what is expected, for the counts of one study."""

    @property
    def fraction(self) -> int:
        """How many bits of a statistic are behind the point."""

    def largest(self, begin: int) -> int:
        """No zone and window from interval `begin` on holds more cases than this, in the data and in any draw."""

    def masses(self, zones: Zones, windows: Windows) -> Integers:
        """The mass of every zone (row) and window (column)."""

    def least(self, masses: Integers) -> Integers:
        """The smallest count above the expectation, and at least `LEAST_CASES`."""

    def most(self, masses: Integers) -> Integers:
        """The largest count that there can be."""

    def constants(self, masses: Integers) -> tuple[Integers, ...]:
        """What `scores` needs of masses, made once."""

    def scores(self, counts: Integers, constants: tuple[Integers, ...]) -> Integers:
        """The statistic of counts above the expectation."""

    def expected(self, mass: int) -> float:
        """Cases expected."""

    def draw(self, stream: Stream, begin: int) -> Integers:
        """Counts of places and intervals from `begin` on, as they might have been."""


def fraction_for(cases: int) -> int:
    """As many bits behind the point as leave room for the largest statistic of so many cases; 40 up to 90,000."""
    return min(40, 62 - (max(cases, 1) * _NATS_A_CASE).bit_length())


def times_ln(largest: int, fraction: int) -> Integers:
    """n ln n for n from 0 to `largest`."""
    numbers = np.arange(largest + 1, dtype=np.int64)
    return numbers * fixed.ln(np.maximum(numbers, 1), fraction)


def _ln(numbers: Integers, fraction: int) -> Integers:
    return fixed.ln(np.maximum(numbers, 1), fraction)


class _Conditional:
    """What models have in common in which the number of cases is given: mass / whole of them are expected."""

    cases: int
    whole: int

    @cached_property
    def fraction(self) -> int:
        return fraction_for(self.cases)

    def largest(self, begin: int) -> int:
        """All cases; a model that knows more says less."""
        return self.cases

    @cached_property
    def _table(self) -> Integers:
        return times_ln(self.cases, self.fraction)

    def least(self, masses: Integers) -> Integers:
        return np.maximum(_share(masses, self.cases, self.whole) + 1, LEAST_CASES)

    def most(self, masses: Integers) -> Integers:
        return np.where(masses > 0, self.cases, -1)

    def constants(self, masses: Integers) -> tuple[Integers, ...]:
        scale = _ln(np.array([self.whole]), self.fraction) - _ln(np.array([self.cases]), self.fraction)
        return scale - _ln(masses, self.fraction), scale - _ln(self.whole - masses, self.fraction)

    def scores(self, counts: Integers, constants: tuple[Integers, ...]) -> Integers:
        inside, outside = constants
        rest = self.cases - counts
        found: Integers = self._table[counts] + counts * inside + self._table[rest] + rest * outside
        return found

    def expected(self, mass: int) -> float:
        return self.cases * mass / self.whole


def _share(masses: Integers, cases: int, whole: int) -> Integers:
    """cases x mass / whole, rounded down; exact, though the product may need more than 64 bits."""
    if cases * whole < 1 << 62:
        return masses * cases // whole
    if whole == 1 << POINT_BITS:
        half = POINT_BITS // 2
        high, low = masses >> half, masses & ((1 << half) - 1)
        return (high * cases + (low * cases >> half)) >> half
    return np.array([int(mass) * cases // whole for mass in masses.ravel()], dtype=np.int64).reshape(masses.shape)


@dataclass(frozen=True)
class Permutation(_Conditional):
    """Space-time permutation (Kulldorff and others 2005): only the cases; times are dealt anew among their places."""

    counts: Integers

    @cached_property
    def cases(self) -> int:  # type: ignore[override]  # a value of the others, and made of the counts here
        return int(self.counts.sum())

    @property
    def whole(self) -> int:  # type: ignore[override]  # a value of the others, and follows from the rest here
        return self.cases * self.cases

    @cached_property
    def _at(self) -> Integers:
        return np.repeat(np.arange(len(self.counts), dtype=np.int64), self.counts.sum(axis=1))

    @cached_property
    def _on(self) -> Integers:
        """How many cases each interval has."""
        found: Integers = self.counts.sum(axis=0)
        return found

    def largest(self, begin: int) -> int:
        """Every draw has as many cases on these intervals as the data."""
        return int(self._on[begin:].sum())

    def masses(self, zones: Zones, windows: Windows) -> Integers:
        of_zones = zones.sums(self.counts.sum(axis=1)[:, None])
        of_windows: Integers = windows.sums(self._on[None, windows.begin :])
        return of_zones * of_windows

    def draw(self, stream: Stream, begin: int) -> Integers:
        """Which cases fall on the intervals from `begin` on: the only ones that are asked about, so the only drawn."""
        sizes = self._on[begin:]
        whose = self._at[stream.distinct(self.cases, int(sizes.sum()))]
        when = np.repeat(np.arange(len(sizes), dtype=np.int64), sizes)
        shape = (len(self.counts), len(sizes))
        found: Integers = np.bincount(whose * len(sizes) + when, minlength=shape[0] * shape[1]).reshape(shape)
        return found


@dataclass(frozen=True)
class Poisson(_Conditional):
    """Discrete Poisson (Kulldorff 1997): cases fall on places and intervals in proportion to weights, covariates in."""

    cases: int
    weights: Floats
    """Expected cases of places and intervals, to any scale."""

    @property
    def whole(self) -> int:  # type: ignore[override]  # a value of the others, and follows from the rest here
        return 1 << POINT_BITS

    @cached_property
    def _thresholds(self) -> Integers:
        return thresholds(self.weights.ravel())

    @cached_property
    def _masses(self) -> Integers:
        return np.diff(self._thresholds, prepend=0).reshape(self.weights.shape)

    def masses(self, zones: Zones, windows: Windows) -> Integers:
        found: Integers = zones.sums(windows.sums(self._masses[:, windows.begin :]))
        return found

    def draw(self, stream: Stream, begin: int) -> Integers:
        fallen = np.bincount(stream.points(self._thresholds, self.cases), minlength=self.weights.size)
        found: Integers = fallen.reshape(self.weights.shape)[:, begin:]
        return found


@dataclass(frozen=True)
class Bernoulli:
    """Cases among cases and controls (Kulldorff 1997): which of them are cases is dealt anew."""

    counts: Integers
    """Cases of places and intervals."""
    controls: Integers

    @cached_property
    def _all(self) -> Integers:
        return self.counts + self.controls

    @cached_property
    def cases(self) -> int:
        return int(self.counts.sum())

    @cached_property
    def whole(self) -> int:
        return int(self._all.sum())

    @property
    def fraction(self) -> int:
        return fraction_for(self.whole)

    def largest(self, begin: int) -> int:
        return self.whole

    @cached_property
    def _table(self) -> Integers:
        return times_ln(self.whole, self.fraction)

    @cached_property
    def _cells(self) -> Integers:
        return np.repeat(np.arange(self._all.size, dtype=np.int64), self._all.ravel())

    def masses(self, zones: Zones, windows: Windows) -> Integers:
        found: Integers = zones.sums(windows.sums(self._all[:, windows.begin :]))
        return found

    def least(self, masses: Integers) -> Integers:
        above = np.maximum(_share(masses, self.cases, self.whole) + 1, LEAST_CASES)
        return np.maximum(above, masses - (self.whole - self.cases))

    def most(self, masses: Integers) -> Integers:
        return np.minimum(masses, self.cases)

    def constants(self, masses: Integers) -> tuple[Integers, ...]:
        table, others = self._table, self.whole - self.cases
        whole = table[self.whole] - table[self.cases] - table[others]
        return masses, whole - table[masses] - table[self.whole - masses]

    def scores(self, counts: Integers, constants: tuple[Integers, ...]) -> Integers:
        masses, rest = constants
        table, beyond = self._table, self.cases - counts
        within = table[counts] + table[masses - counts]
        found: Integers = within + table[beyond] + table[self.whole - masses - beyond] + rest
        return found

    def expected(self, mass: int) -> float:
        return self.cases * mass / self.whole

    def draw(self, stream: Stream, begin: int) -> Integers:
        """The cases among all; where they are more than the controls, the controls, which are fewer to draw."""
        others = self.whole - self.cases
        drawn = stream.distinct(self.whole, min(self.cases, others))
        fallen = np.bincount(self._cells[drawn], minlength=self._all.size).reshape(self._all.shape)
        found: Integers = (fallen if self.cases <= others else self._all - fallen)[:, begin:]
        return found


@dataclass(frozen=True)
class Expectation:
    """Expectation-based Poisson (Neill 2009): counts against a forecast, which is not fitted to them."""

    baselines: Floats
    """Expected cases of places and intervals."""
    cases: int
    """Of the data; only to know how large counts become."""

    @cached_property
    def _units(self) -> Integers:
        return np.rint(self.baselines * (1 << BASELINE_BITS)).astype(np.int64)

    @cached_property
    def _total(self) -> int:
        return int(self._units.sum())

    def largest(self, begin: int) -> int:
        return self._most

    @cached_property
    def _most(self) -> int:
        return max(self.cases, len(self._totals) + self._fewest)

    @property
    def fraction(self) -> int:
        return fraction_for(self._most)

    @cached_property
    def _table(self) -> Integers:
        return times_ln(self._most, self.fraction)

    @cached_property
    def _drawn_totals(self) -> tuple[int, Integers]:
        return poisson_thresholds(self._total)

    @property
    def _fewest(self) -> int:
        return self._drawn_totals[0]

    @property
    def _totals(self) -> Integers:
        return self._drawn_totals[1]

    @cached_property
    def _thresholds(self) -> Integers:
        return thresholds(self.baselines.ravel())

    def masses(self, zones: Zones, windows: Windows) -> Integers:
        found: Integers = zones.sums(windows.sums(self._units[:, windows.begin :]))
        return found

    def least(self, masses: Integers) -> Integers:
        found: Integers = np.maximum((masses >> BASELINE_BITS) + 1, LEAST_CASES)
        return found

    def most(self, masses: Integers) -> Integers:
        return np.where(masses > 0, self._most, -1)

    def constants(self, masses: Integers) -> tuple[Integers, ...]:
        unit = int(fixed.ln(np.array([2]), self.fraction)[0]) * BASELINE_BITS
        one = 1 << self.fraction
        shift = BASELINE_BITS - self.fraction
        value = masses >> shift if shift >= 0 else masses << -shift
        return unit - one - _ln(masses, self.fraction), value

    def scores(self, counts: Integers, constants: tuple[Integers, ...]) -> Integers:
        each, value = constants
        found: Integers = self._table[counts] + counts * each + value
        return found

    def expected(self, mass: int) -> float:
        return mass / (1 << BASELINE_BITS)

    def draw(self, stream: Stream, begin: int) -> Integers:
        total = self._fewest + int(stream.points(self._totals, 1)[0])
        fallen = np.bincount(stream.points(self._thresholds, total), minlength=self.baselines.size)
        found: Integers = fallen.reshape(self.baselines.shape)[:, begin:]
        return found


def thresholds(weights: Floats) -> Integers:
    """Where each weight ends, of 2**52 for all of them, added in the order of their index."""
    running = np.cumsum(weights)
    found: Integers = np.rint(running / running[-1] * (1 << POINT_BITS)).astype(np.int64)
    found[np.flatnonzero(weights)[-1] :] = 1 << POINT_BITS
    return found


def poisson_thresholds(units: int) -> tuple[int, Integers]:
    """Where the chances of each count of a Poisson distribution end, of 2**52, from the fewest that has any; the mean
    is `units` of 2**-32.
    """
    with localcontext() as context:
        context.prec = _DIGITS
        mean = Decimal(units) / (1 << BASELINE_BITS)
        chance, running, count = (-mean).exp(), Decimal(0), 0
        fewest, found = -1, []
        whole = 1 << POINT_BITS
        while True:
            running += chance
            end = int(running * whole)
            if end > 0:
                fewest = count if fewest < 0 else fewest
                found.append(end)
            if end >= whole - 1:
                break
            count += 1
            chance = chance * mean / count
    found[-1] = whole
    return fewest, np.array(found, dtype=np.int64)


def at_risk(weights: npt.NDArray[Any]) -> Integers:
    """How much of the whole each place is, for the limit in percent: as of 2**40."""
    of_places = [fixed.total(row) for row in np.asarray(weights, dtype=np.float64)]
    whole = fixed.total(np.array(of_places))
    return np.array([round(each / whole * (1 << 40)) if whole else 0 for each in of_places], dtype=np.int64)
