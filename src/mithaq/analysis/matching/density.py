"""How many reports there are around a place and a moment, in the place of a blocking rule."""

from dataclasses import dataclass

import numpy as np

from mithaq.analysis.fixed import Floats, Integers
from mithaq.analysis.matching.reports import Reports

_CELL, _SLICE = 250_000, 30 * 86_400
"""Microdegrees and seconds: a quarter of a degree, and a month."""
_CELL_COUNT = 1_440


@dataclass(frozen=True)
class Density:
    """How many reports there are around a place and a moment, against the mean over all reports."""

    cells: Integers
    around: Floats
    mean: float
    origin: int

    @staticmethod
    def of(left: Reports, right: Reports) -> "Density":
        origin = min(int(each.moment.min()) for each in (left, right))
        keys = np.concatenate([_cell(each, origin) for each in (left, right)])
        known, counts = np.unique(keys, return_counts=True)
        around = np.zeros(len(known))
        for step in _NEIGHBOURS:
            at = np.minimum(np.searchsorted(known, known + step), len(known) - 1)
            around += np.where(known[at] == known + step, counts[at], 0)
        return Density(known, around, float(int((around * counts).sum()) / len(keys)), origin)

    def at(self, reports: Reports) -> Floats:
        keys = _cell(reports, self.origin)
        at = np.minimum(np.searchsorted(self.cells, keys), len(self.cells) - 1)
        found = np.where(self.cells[at] == keys, self.around[at], 0.0)
        relative: Floats = (found + 1.0) / (self.mean + 1.0)
        return relative


def _cell(reports: Reports, origin: int) -> Integers:
    across, along = reports.lon // _CELL + 720, reports.lat // _CELL + 720
    found: Integers = ((reports.moment - origin) // _SLICE * _CELL_COUNT + along) * _CELL_COUNT + across
    return found


_NEIGHBOURS = [
    (time * _CELL_COUNT + along) * _CELL_COUNT + across
    for time in (-1, 0, 1)
    for along in (-1, 0, 1)
    for across in (-1, 0, 1)
]
