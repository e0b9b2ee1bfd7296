"""The scan: the most surprising zones and windows, and how surprising they are among draws of nothing in particular.

The work for one draw is running sums and one comparison (`sweep`): for every zone and window the smallest count is
known that would reach a low bar, and only the few counts above it are given a statistic. The bar changes nothing in the
result: where a draw stays below it, all of its counts are looked at.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from mithaq.analysis.clusters.chances import Chance, gumbel
from mithaq.analysis.clusters.models import Model
from mithaq.analysis.clusters.sweep import Sweep
from mithaq.analysis.clusters.windows import Windows
from mithaq.analysis.clusters.zones import Zones
from mithaq.analysis.philox import Stream
from mithaq.errors import Refusal

Integers = npt.NDArray[np.int64]

MOST_CELLS = 40_000_000
"""Zones times windows of one scan; more would need more memory than a desk has."""

_TRIAL = 3
"""After so many draws a bar is set below the least of their maxima: by `_BELOW` halves of one in a logarithm, so that
few draws stay under it."""
_BELOW = 4
_SPREADS = 8
_BLOCK = 4_000_000


@dataclass(frozen=True, slots=True)
class Found:
    """A zone and a window with more cases than expected."""

    zone: int
    window: int
    observed: int
    expected: float
    score: int
    """In units of 2**-fraction of the model."""


@dataclass(frozen=True, slots=True)
class Surprise:
    """What the draws say of a statistic."""

    chance: Chance
    gumbel: float | None


@dataclass(frozen=True)
class Draws:
    """The largest statistic of each draw, in their order; `stopped` when enough lay beyond the one in question."""

    maxima: tuple[int, ...]
    stopped: bool = False

    def surprise(self, score: int, *, sought: bool) -> Surprise:
        """How often a draw's largest statistic reaches `score`; whether this is the one they were stopped for."""
        beyond, tied = sum(each > score for each in self.maxima), self.maxima.count(score)
        chance = Chance(beyond, tied, len(self.maxima), self.stopped, sought)
        return Surprise(chance, gumbel(score, self.maxima))


@dataclass
class Search:
    """One model, the zones and windows searched, and what of them need not be made twice."""

    model: Model
    zones: Zones
    windows: Windows
    _sweep: Sweep | None = field(default=None, init=False)
    _bar: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if len(self.zones) * len(self.windows) > MOST_CELLS:
            raise Refusal("scan.too-large", zones=len(self.zones), windows=len(self.windows), most=MOST_CELLS)
        self._masses = self.model.masses(self.zones, self.windows)
        self._least = self.model.least(self._masses).astype(np.int32)
        np.copyto(self._least, np.int32(2**31 - 1), where=self.model.most(self._masses) < self._least)
        largest = self.model.largest(self.windows.begin)
        self._kind: type[Any] = np.uint16 if largest < np.iinfo(np.uint16).max else np.int32
        small = self._masses.size <= _BLOCK
        self._constants = self.model.constants(self._masses.ravel()) if small else None
        self._rows = max(1, _BLOCK // max(1, len(self.windows)))

    def best(self, counts: Integers) -> Iterator[Found]:
        """For every segment of zones (one around each centre) its most surprising zone and window, the best first.

        Of equal ones: the one of fewer places, then the centre that comes first, then the window that comes first.
        """
        found = self._sums(counts)
        reached = np.flatnonzero((found >= self._least).ravel())
        if not len(reached):
            return
        scores = self._scores(found.ravel()[reached], reached)
        segments = self.zones.segments[reached // len(self.windows)]
        sizes = self.zones.ends[reached // len(self.windows)] - self.zones.firsts[segments]
        order = np.lexsort((reached, segments, sizes, -scores))
        seen: set[int] = set()
        for each in order.tolist():
            if int(segments[each]) in seen:
                continue
            seen.add(int(segments[each]))
            zone, window = divmod(int(reached[each]), len(self.windows))
            expected = self.model.expected(int(self._masses[zone, window]))
            yield Found(zone, window, int(found[zone, window]), expected, int(scores[each]))

    def maximum(self, counts: Integers) -> int:
        """The largest statistic of counts; 0 where no zone has more than expected."""
        return self.maxima([counts])[0]

    def maxima(self, of_draws: Sequence[Integers]) -> list[int]:
        """The largest statistic of each of some draws."""
        best = np.full(len(of_draws), -1, dtype=np.int64)
        if self._sweep is not None:
            sums = [self.windows.sums(counts.astype(self._kind)) for counts in of_draws]
            reached = self._sweep.reached(np.ascontiguousarray(np.stack(sums, axis=-1)))
            np.maximum.at(best, reached.draws, self._scores(reached.counts, reached.cells))
        return [
            found if found >= 0 else self._whole_maximum(counts)
            for found, counts in zip(best.tolist(), of_draws, strict=True)
        ]

    def _whole_maximum(self, counts: Integers) -> int:
        """The largest statistic of a draw that stays below the bar."""
        found = self._sums(counts)
        reached = np.flatnonzero((found >= self._least).ravel())
        return int(self._scores(found.ravel()[reached], reached).max()) if len(reached) else 0

    def draws(
        self, replicates: int, seed: int, *, sought: int | None = None, stop_at: int | None = None, ties: bool = False
    ) -> Draws:
        """The largest statistics of `replicates` draws; with `stop_at`, only until so many lie beyond `sought`.

        Where nothing can lie beyond it none do, so that ties alone never stop the draws; unless `ties` counts them.
        """
        bar = None if sought is None else sought - ties
        maxima: list[int] = []
        beyond = 0
        while len(maxima) < replicates:
            if len(maxima) == _TRIAL:
                self.raise_bar(min(maxima) - (_BELOW << self.model.fraction - 1))
            for each in self.maxima(self._drawn(len(maxima), replicates, seed)):
                maxima.append(each)
                beyond += bar is not None and each > bar
                if stop_at is not None and beyond >= stop_at:
                    return Draws(tuple(maxima), stopped=len(maxima) < replicates)
        return Draws(tuple(maxima))

    def _drawn(self, begin: int, replicates: int, seed: int) -> list[Integers]:
        """The next draws: one by one while there is no bar, then as many as are swept at once."""
        many = self._sweep.draws if self._sweep is not None else 1
        numbers = range(begin, min(begin + many, replicates))
        return [self.model.draw(Stream(seed, number), self.windows.begin) for number in numbers]

    def raise_bar(self, bar: int) -> None:
        """From now on, look first for counts whose statistic is at least `bar`."""
        if bar <= self._bar:
            return
        self._bar = bar
        needed = np.empty(self._masses.shape, dtype=np.int32)
        for begin in range(0, len(self.zones), self._rows):
            part = slice(begin, begin + self._rows)
            needed[part] = self._smallest(part, bar)
        places = int(self.zones.members.max()) + 1
        # Counts of 16 bits are compared with numbers of 16 bits, which is faster; what does not fit is never reached.
        self._sweep = Sweep(self.zones, np.minimum(needed, np.iinfo(self._kind).max).astype(self._kind), places)

    def _smallest(self, part: slice, bar: int) -> Integers:
        """The smallest count of zones whose statistic reaches the bar; more than there can be where none does.

        By halving; but first between the expectation and some spreads above it, where it nearly always lies.
        """
        masses, least = self._masses[part].ravel(), self._least[part].ravel().astype(np.int64)
        if self._constants is None:
            constants = self.model.constants(masses)
        else:
            cells = slice(part.start * len(self.windows), part.stop * len(self.windows))
            constants = tuple(each[cells] for each in self._constants)
        most = np.maximum(self.model.most(masses), 0)
        low = np.minimum(least, most)
        reaches = (self.model.scores(most, constants) >= bar) & (least <= most)
        near = np.minimum(low + _SPREADS * np.sqrt(low).astype(np.int64) + _SPREADS, most)
        high = np.where(self.model.scores(near, constants) >= bar, near, most)
        while bool((low < high).any()):
            middle = (low + high) >> 1
            enough = self.model.scores(middle, constants) >= bar
            high = np.where(enough, middle, high)
            low = np.where(enough, low, np.minimum(middle + 1, high))
        return np.where(reaches, low, 2**31 - 1).reshape(-1, len(self.windows))

    def _sums(self, counts: Integers) -> npt.NDArray[Any]:
        return self.zones.sums(self.windows.sums(counts.astype(self._kind)))

    def _scores(self, counts: npt.NDArray[Any], chosen: Integers) -> Integers:
        """The statistics of the counts of chosen cells."""
        if self._constants is None:
            constants = self.model.constants(self._masses.ravel()[chosen])
        else:
            constants = tuple(each[chosen] for each in self._constants)
        return self.model.scores(counts.astype(np.int64), constants)


def apart(found: Iterator[Found], zones: Zones, most: int) -> Sequence[Found]:
    """The best ones that share no place with a better one."""
    kept: list[Found] = []
    taken: set[int] = set()
    for each in found:
        members = set(zones.of(each.zone).tolist())
        if members.isdisjoint(taken):
            kept.append(each)
            taken |= members
        if len(kept) == most:
            break
    return kept
