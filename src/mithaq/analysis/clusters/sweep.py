"""Which zones and windows of many draws hold as many cases as are needed: the innermost loop of a scan.

One neighbour of every centre is added at a time, the nearest first, for many draws at once, to running counts small
enough to stay in a processor's cache. That is some ten times as fast as sums over all zones, draw by draw, and gives
the same whole numbers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mithaq.analysis.clusters.zones import Zones

Integers = npt.NDArray[np.int64]

_AT_ONCE = 1 << 16
"""Running counts (of some centres, all windows and all draws) that are kept at a time: 128 KiB of 16 bits."""

_DRAWS = (64, 32, 16, 1)
_MOST = 1 << 18
"""Counts of all places, windows and draws at once, so that they are in that cache too: 512 KiB of 16 bits."""


@dataclass(frozen=True)
class _Step:
    """The k-th nearest place of some centres, and the zones that it completes."""

    members: Integers
    zones: Integers
    """The number of each centre's zone that ends here, or -1."""
    needed: npt.NDArray[Any] | None
    """Of these centres and all windows; None where no zone ends here."""


@dataclass(frozen=True)
class Reached:
    """Cells (zone times windows plus window) that hold what is needed, in which draw, and how many cases they hold."""

    cells: Integers
    draws: Integers
    counts: Integers


class Sweep:
    """Zones in the order in which they are swept, with the counts that are needed in each of them and each window."""

    def __init__(self, zones: Zones, needed: npt.NDArray[Any], places: int) -> None:
        """`needed` has a row for each zone and a column for each window; its largest number is never reached."""
        self._windows = needed.shape[1]
        self._kind = needed.dtype
        self.draws = next(each for each in _DRAWS if places * self._windows * each <= _MOST or each == 1)
        """How many draws are best given at once."""
        self._parts = [list(part) for part in _parts(zones, needed, self.draws)]

    def reached(self, of_places: npt.NDArray[Any]) -> Reached:
        """What is reached by counts of places, windows and draws, which are of the type of what is needed."""
        draws = of_places.shape[2]
        found = [each for part in self._parts for each in self._of_part(part, of_places)]
        if not found:
            return Reached(*(np.empty(0, dtype=np.int64) for _ in range(3)))
        cells, counts = (np.concatenate(side) for side in zip(*found, strict=True))
        return Reached(cells // draws, cells % draws, counts)

    def _of_part(self, part: list[_Step], of_places: npt.NDArray[Any]) -> Iterator[tuple[Integers, Integers]]:
        """Cells times draws plus draw, and their counts."""
        draws = of_places.shape[2]
        each = self._windows * draws
        running = np.zeros((len(part[0].members), self._windows, draws), dtype=self._kind)
        added, reached = np.empty_like(running), np.empty(running.shape, dtype=np.bool_)
        for step in part:
            size = len(step.members)
            np.take(of_places, step.members, axis=0, out=added[:size], mode="clip")
            np.add(running[:size], added[:size], out=running[:size])
            if step.needed is None:
                continue
            np.greater_equal(running[:size], step.needed[:, :, None], out=reached[:size])
            flat = np.flatnonzero(reached[:size])
            if len(flat):
                centres = flat // each
                counts = running.ravel()[flat].astype(np.int64)
                yield step.zones[centres] * each + flat - centres * each, counts


def _parts(zones: Zones, needed: npt.NDArray[Any], draws: int) -> Iterator[Iterator[_Step]]:
    """The steps of so many centres at once as fit, those with most neighbours first."""
    lengths = np.zeros(len(zones.firsts), dtype=np.int64)
    np.maximum.at(lengths, zones.segments, zones.ends + 1 - zones.firsts[zones.segments])
    order = np.argsort(-lengths, kind="stable")
    ending = np.full(len(zones.members), -1, dtype=np.int64)
    ending[zones.ends] = np.arange(len(zones.ends))
    wide = max(1, _AT_ONCE // (needed.shape[1] * draws))
    for begin in range(0, len(order), wide):
        some = order[begin : begin + wide]
        yield _steps(zones, needed, ending, zones.firsts[some], lengths[some])


def _steps(
    zones: Zones, needed: npt.NDArray[Any], ending: Integers, firsts: Integers, lengths: Integers
) -> Iterator[_Step]:
    never = np.iinfo(needed.dtype).max
    for step in range(int(lengths[0])):
        rows = firsts[: int(np.searchsorted(-lengths, -step, side="left"))] + step
        numbers = ending[rows]
        ends = numbers >= 0
        wanted = np.where(ends[:, None], needed[numbers], never).astype(needed.dtype) if ends.any() else None
        yield _Step(zones.members[rows], numbers, wanted)
