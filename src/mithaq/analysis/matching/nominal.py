"""What the classes are taken to mean before the data have said more: errors of reports of one incident as the classes
are named, and distances of reports of different incidents where places and times are even. Each is a row of shares."""

from itertools import pairwise

import numpy as np

from mithaq.analysis.fixed import ONE, Floats, exp_of_minus
from mithaq.analysis.matching.candidates import PLACES, TIMES, radius, span
from mithaq.analysis.matching.levels import DAY_OFF, GIVE, LEVELS, STEPS
from mithaq.analysis.matching.reports import PLACE_SIGMA, TIME_SIGMA, Place, Time

CATEGORY = np.array([0.10, 0.05, 0.25, 0.60])
"""Levels of the tree that agree: none, the top, the middle, all."""
SEVERITY = np.array([0.60, 0.25, 0.05, 0.02, 0.08])
COUNT = np.array([0.50, 0.08, 0.05, 0.07, 0.30])
"""See `levels.Levels` for what each share is of."""
_SLIPPED, _SLIPPED_DAYS = 0.02, 0.10
"""Times a day off; of days that are stated as such it is the next step."""


def errors() -> tuple[Floats, Floats]:
    """Of place and of time: a normal error of each coordinate and of the time, and some slips."""
    place = [_place(first * TIMES, second * TIMES) for first in range(PLACES) for second in range(PLACES)]
    time = [_time(first, second) for first in range(TIMES) for second in range(TIMES)]
    return np.array(place), np.array(time)


def _place(first: int, second: int) -> Floats:
    classes = [Place(each // TIMES + 1) for each in (first, second)]
    variance = sum(PLACE_SIGMA[each] ** 2 for each in classes)
    edges = [radius(first, second) * k * k // STEPS**2 for k in range(LEVELS)]
    beyond = exp_of_minus(np.array([edge * edge * ONE // (2 * variance) for edge in edges])) / ONE
    same = 0.02 if Place.EXACT in classes else 0.3
    return np.concatenate([[same], (beyond[:-1] - beyond[1:] + 0.002) * (1 - same)])


def _time(first: int, second: int) -> Floats:
    classes = [Time(each % TIMES + 1) for each in (first, second)]
    variance = sum(TIME_SIGMA[each] ** 2 for each in classes)
    edges = [span(first, second) * k * k // STEPS**2 for k in range(LEVELS)]
    middles = [(low + high) // 2 for low, high in pairwise(edges)]
    height: Floats = exp_of_minus(np.array([m * m * ONE // (2 * variance) for m in middles])) / ONE
    mass: Floats = height * np.diff(np.array(edges, dtype=np.int64)).astype(np.float64)
    same = 0.1 if Time.HOUR in classes else 0.4
    slipped = _SLIPPED_DAYS if classes == [Time.DAY, Time.DAY] else _SLIPPED
    return np.concatenate([[same], (mass / float(np.cumsum(mass)[-1]) + 0.05 / STEPS) * (1 - same), [slipped]])


def areas() -> Floats:
    """Where places are even: a ring's share of the circle."""
    inner = np.array([(k / STEPS) * (k / STEPS) for k in range(LEVELS)])
    edges = inner * inner  # a power by the C library may end in another bit on the other node
    return np.tile(np.concatenate([[0.001], np.diff(edges) * 0.999]), (PLACES * PLACES, 1))


def spans() -> Floats:
    """Where moments are even: a step's share of the span."""
    edges = np.array([(k / STEPS) * (k / STEPS) for k in range(LEVELS)])
    rows = np.tile(np.concatenate([[0.01], np.diff(edges) * 0.99, [0.0]]), (TIMES * TIMES, 1))
    rows[:, DAY_OFF] = [2 * GIVE / span(first, second) for first in range(TIMES) for second in range(TIMES)]
    return rows
