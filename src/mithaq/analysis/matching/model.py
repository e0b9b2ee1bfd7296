"""What one agreement is worth: learned from the reports themselves, without anybody's labels.

For each pair of precision classes a table says how often reports of one incident lie so far apart in place and in time;
another how often reports of *different* incidents do. The second is counted by the same search with one party's clock
moved by whole weeks, when no two reports can be of one incident: so places that are named again and again, hours that
are rounded, and seasons are all in it. The first is learned by expectation and maximisation (Dempster, Laird and Rubin
1977) over the soft one-to-one association of `association`, beginning with the nominal errors of the classes. The ratio
of both is the weight of Fellegi and Sunter (1969), with the local density of reports in the place of a blocking rule.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from mithaq.analysis.fixed import ONE, Floats, Integers, exp_of_minus, totals
from mithaq.analysis.matching.association import posteriors
from mithaq.analysis.matching.candidates import CLASSES, PLACES, TIMES, Pairs, class_of, pairs, radius, span
from mithaq.analysis.matching.reports import PLACE_SIGMA, TIME_SIGMA, Place, Reports, Time, Tree
from mithaq.analysis.matching.told import NOTHING, Told

STEPS = 12
LEVELS = STEPS + 1  # level 0: exactly the same
CATEGORY, SEVERITY, COUNT = 4, 5, 5
LEAST_RATIO = 0.01
"""Pairs less likely than a hundredth of "no partner" play no part."""
_ROUNDS = 8
_SHIFTS = 4
_DAY, _HALF_YEAR = 86_400, 180 * 86_400
_SAMPLE = 24_000
_WORTH = 20.0  # reports that the nominal errors count for, beside what is learned
_LEAST_ALONE = 0.05  # some reports of each party have no partner, whatever is learned
_LEAST_STRETCH = 14  # days: in a shorter one, a clock that is moved and wrapped would come back to where it was
_CELL, _SLICE = 250_000, 30 * _DAY
_CELL_COUNT = 1_440
_START_CATEGORY = (0.10, 0.05, 0.25, 0.60)
_START_SEVERITY = (0.60, 0.25, 0.05, 0.02, 0.08)
_START_COUNT = (0.50, 0.08, 0.05, 0.07, 0.30)


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


@dataclass(frozen=True)
class Levels:
    """What a pair agrees in, field by field, as rows of the tables."""

    left: Integers
    right: Integers
    classes: Integers
    place: Integers
    time: Integers
    category: Integers
    severity: Integers
    count: Integers

    def taken(self, rows: Integers) -> "Levels":
        return Levels(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Model:
    """Learned once, then held fixed: reports that come later are scored by it, and both nodes score alike."""

    tree: Tree
    density: Density
    base: Floats
    place: Floats
    time: Floats
    category: Floats
    category_chance: Floats
    severity: Floats
    count: Floats

    def around(self, left: Reports, right: Reports) -> tuple[Floats, Floats]:
        """The density around each report, which `ratios` needs."""
        return self.density.at(left), self.density.at(right)

    def ratios(self, levels: Levels, left: Reports, around: tuple[Floats, Floats]) -> Floats:
        """For each pair: how much likelier it is that the left report's partner is this one than none."""
        dense = (around[0][levels.left] + around[1][levels.right]) * 0.5
        place, time = levels.classes // CLASSES // TIMES * PLACES + levels.classes % CLASSES // TIMES, _times(levels)
        ratio = self.base[levels.classes] / dense
        ratio = ratio * self.place[place, levels.place] * self.time[time, levels.time]
        chance = self.category_chance[left.category[levels.left], levels.category]
        ratio = ratio * (self.category[levels.category] / chance)
        ratio = ratio * self.severity[levels.severity]
        found: Floats = ratio * self.count[levels.count]
        return found

    def knowing(self, category: tuple[str, str, str]) -> "Model":
        """This model with one more category, as rare as the rarest it has learned; itself, where it is known."""
        tree = self.tree.extended(category)
        if tree is self.tree:
            return self
        rare = np.min(self.category_chance, axis=0)
        rare[0] = np.max(self.category_chance[:, 0])
        return replace(self, tree=tree, category_chance=np.vstack([self.category_chance, rare[None, :]]))


def levels_of(found: Pairs, left: Reports, right: Reports, tree: Tree) -> Levels:
    """The fields of pairs, compared."""
    place = np.zeros(len(found.left), dtype=np.int64)
    time = np.zeros(len(found.left), dtype=np.int64)
    for each in np.flatnonzero(np.bincount(found.classes, minlength=CLASSES * CLASSES)).tolist():
        rows = np.flatnonzero(found.classes == each)
        reach, within = radius(*divmod(each, CLASSES)), span(*divmod(each, CLASSES))
        edges = np.array([(reach * k * k // STEPS**2) ** 2 for k in range(1, STEPS)], dtype=np.int64)
        place[rows] = np.where(found.squared[rows] == 0, 0, 1 + np.searchsorted(edges, found.squared[rows]))
        edges = np.array([within * k * k // STEPS**2 for k in range(1, STEPS)], dtype=np.int64)
        time[rows] = np.where(found.seconds[rows] == 0, 0, 1 + np.searchsorted(edges, found.seconds[rows]))
    first, second = left.severity[found.left], right.severity[found.right]
    severity = np.where((first < 0) | (second < 0), 4, np.minimum(np.abs(first - second), 3))
    first, second = left.count[found.left], right.count[found.right]
    apart = np.abs(first - second)
    count = np.where(apart == 0, np.where(first > 0, 1, 0), np.where(apart == 1, 2, 3))
    count = np.where((first < 0) | (second < 0), 4, count)
    category = tree.level(left.category[found.left], right.category[found.right])
    return Levels(found.left, found.right, found.classes, place, time, category, severity, count)


def learn(left: Reports, right: Reports, tree: Tree, told: Told = NOTHING) -> Model:
    """The model of two parties' reports; of the first weeks of each stretch of time where there are very many. What the
    parties have said of pairs is taken as certain."""
    density = Density.of(left, right)
    first, second = _sampled(left, right)
    near = _all(first, second, tree)
    chance = [_all(first, _shifted(second, shift, first), tree) for shift in range(1, _SHIFTS + 1)]
    chances = {name: _counts(chance, name, size) for name, size in _SIZES.items()}
    start = _start()
    unmatched = {
        "place": _shares(chances["place"], _areas()),
        "time": _shares(chances["time"], _spans()),
        "severity": _shares(chances["severity"], np.full(SEVERITY, 1.0 / SEVERITY)),
        "count": _shares(chances["count"], np.full(COUNT, 1.0 / COUNT)),
    }
    expected = chances["classes"] / _SHIFTS
    frequency = _frequency(left, right, tree)
    drift = _drift(chance, first, frequency)
    matched = start
    shares = _class_shares(first, second)
    fewer = min(len(first), len(second))
    per_class = shares * fewer * 0.5
    model = _made(tree, density, per_class, expected, matched, unmatched, frequency * drift, 0.25)
    around = model.around(first, second)
    for _ in range(_ROUNDS):
        ratio = model.ratios(near, first, around)
        kept = np.flatnonzero(ratio >= LEAST_RATIO)
        taken = near.taken(kept)
        probability = posteriors(taken.left, taken.right, ratio[kept], len(first), len(second)) / 1_000_000
        probability = told.weighed(taken.left, taken.right, first, second, probability)
        every = float(totals(np.zeros(len(kept), dtype=np.int64), probability, 1)[0])
        matched = {
            name: _shares(_weighted(taken, name, size, probability), start[name])
            for name, size in _SIZES.items()
            if name != "classes"
        }
        per_class = totals(taken.classes, probability, CLASSES**2) * 0.9 + shares * every * 0.1
        alone = max(1.0 - every / len(first), _LEAST_ALONE) * max(1.0 - every / len(second), _LEAST_ALONE)
        model = _made(tree, density, per_class, expected, matched, unmatched, frequency * drift, alone)
    return model


_SIZES = {
    "place": (PLACES * PLACES, LEVELS),
    "time": (TIMES * TIMES, LEVELS),
    "category": (1, CATEGORY),
    "severity": (1, SEVERITY),
    "count": (1, COUNT),
    "classes": (1, CLASSES * CLASSES),
}


def _times(levels: Levels) -> Integers:
    found: Integers = levels.classes // CLASSES % TIMES * TIMES + levels.classes % CLASSES % TIMES
    return found


def _rows(levels: Levels, name: str) -> Integers:
    if name == "place":
        found: Integers = levels.classes // CLASSES // TIMES * PLACES + levels.classes % CLASSES // TIMES
        return found
    return _times(levels) if name == "time" else np.zeros(len(levels.left), dtype=np.int64)


def _weighted(levels: Levels, name: str, size: tuple[int, int], weights: Floats) -> Floats:
    key = _rows(levels, name) * size[1] + getattr(levels, name)
    return totals(key, weights, size[0] * size[1]).reshape(size)


def _counts(chance: list[Levels], name: str, size: tuple[int, int]) -> Floats:
    found = sum((_weighted(each, name, size, np.ones(len(each.left))) for each in chance), np.zeros(size))
    return found if size[0] > 1 else found[0]


def _shares(counts: Floats, nominal: Floats) -> Floats:
    """Counts as shares, with the nominal shares counting for `_WORTH` of them."""
    counted = counts.reshape(nominal.shape) + nominal * _WORTH
    every = np.cumsum(counted, axis=-1)[..., -1:]
    found: Floats = counted / every
    return found


def _made(
    tree: Tree,
    density: Density,
    per_class: Floats,
    expected: Floats,
    matched: dict[str, Floats],
    unmatched: dict[str, Floats],
    category_chance: Floats,
    alone: float,
) -> Model:
    return Model(
        tree=tree,
        density=density,
        base=per_class / ((expected + 0.5) * alone),
        place=matched["place"] / unmatched["place"],
        time=matched["time"] / unmatched["time"],
        category=matched["category"],
        category_chance=category_chance,
        severity=matched["severity"] / unmatched["severity"],
        count=matched["count"] / unmatched["count"],
    )


def _all(left: Reports, right: Reports, tree: Tree) -> Levels:
    parts = [levels_of(each, left, right, tree) for each in pairs(left, right)]
    if not parts:
        none = np.zeros(0, dtype=np.int64)
        return Levels(*[none] * len(Levels.__dataclass_fields__))
    return Levels(*(np.concatenate([getattr(each, name) for each in parts]) for name in Levels.__dataclass_fields__))


def _sampled(left: Reports, right: Reports) -> tuple[Reports, Reports]:
    """All; or, of very many, those of one stretch of time in the middle and, where half a year holds too many, of one
    stretch from south to north: what is near in place and time stays together."""
    moments = np.sort(np.concatenate([left.moment, right.moment]))
    many = len(moments)
    if many <= _SAMPLE:
        return left, right
    length = max((int(moments[-1]) - int(moments[0])) * _SAMPLE // many, _HALF_YEAR)
    start = int(moments[many // 2]) - length // 2
    sides = [
        each.taken(np.flatnonzero((each.moment >= start) & (each.moment < start + length))) for each in (left, right)
    ]
    lats = np.sort(np.concatenate([each.lat for each in sides]))
    beside = max((len(lats) - _SAMPLE) // 2, 0)
    south, north = int(lats[beside]), int(lats[len(lats) - 1 - beside])
    taken = [each.taken(np.flatnonzero((each.lat >= south) & (each.lat <= north))) for each in sides]
    return (taken[0], taken[1]) if len(taken[0]) and len(taken[1]) else (left, right)


def _shifted(right: Reports, shift: int, left: Reports) -> Reports:
    """The reports with their clock moved by whole weeks (days, where there are few), and wrapped at the ends."""
    start = min(int(each.moment.min()) for each in (left, right))
    days = max((max(int(each.moment.max()) for each in (left, right)) - start) // _DAY + 1, _LEAST_STRETCH)
    by = max(days * (2 * shift - 1) // (2 * _SHIFTS), 1)
    by = by // 7 * 7 if by >= 21 else by
    moment = start + (right.moment - start + by * _DAY) % (days * _DAY)
    return Reports(
        right.ids, right.lon, right.lat, right.place, moment, right.time, right.category, right.severity, right.count
    )


def _frequency(left: Reports, right: Reports, tree: Tree) -> Floats:
    """For each leaf: the share of all reports that agree with it at each level (Newcombe's frequency weights)."""
    size = len(tree.middles)
    counts = np.bincount(np.concatenate([left.category, right.category]), minlength=size).astype(np.float64)
    leaves = np.arange(size)
    level = tree.level(leaves[:, None].repeat(size, 1), leaves[None, :].repeat(size, 0))
    found = np.zeros((size, CATEGORY))
    for each in range(CATEGORY):
        found[:, each] = np.cumsum(np.where(level == each, counts[None, :], 0.0), axis=1)[:, -1]
    every = float(len(left) + len(right))
    shares: Floats = (found + 0.5) / (every + 0.5 * CATEGORY)
    return shares


def _drift(chance: list[Levels], left: Reports, frequency: Floats) -> Floats:
    """How much oftener reports nearby agree by chance than their frequencies over the whole border would make them."""
    seen, awaited = np.full(CATEGORY, 20.0), np.full(CATEGORY, 20.0)
    for each in chance:
        seen += np.bincount(each.category, minlength=CATEGORY)
        leaves = np.bincount(left.category[each.left], minlength=len(frequency)).astype(np.float64)
        awaited += np.cumsum(frequency * leaves[:, None], axis=0)[-1]
    drift: Floats = seen / awaited
    return drift


def _class_shares(left: Reports, right: Reports) -> Floats:
    first = np.bincount(class_of(left), minlength=CLASSES) / max(len(left), 1)
    second = np.bincount(class_of(right), minlength=CLASSES) / max(len(right), 1)
    found: Floats = (first[:, None] * second[None, :]).reshape(CLASSES * CLASSES)
    return found


def _start() -> dict[str, Floats]:
    """Errors as the classes are named: a normal error of each coordinate and of the time, and some slips."""
    place, time = np.zeros((PLACES * PLACES, LEVELS)), np.zeros((TIMES * TIMES, LEVELS))
    for first in range(CLASSES):
        for second in range(CLASSES):
            row = first // TIMES * PLACES + second // TIMES
            place[row] = _place_start(first, second)
            time[first % TIMES * TIMES + second % TIMES] = _time_start(first, second)
    return {
        "place": place,
        "time": time,
        "category": np.array(_START_CATEGORY),
        "severity": np.array(_START_SEVERITY),
        "count": np.array(_START_COUNT),
    }


def _place_start(first: int, second: int) -> Floats:
    classes = [Place(each // TIMES + 1) for each in (first, second)]
    variance = sum(PLACE_SIGMA[each] ** 2 for each in classes)
    edges = [radius(first, second) * k * k // STEPS**2 for k in range(LEVELS)]
    beyond = exp_of_minus(np.array([edge * edge * ONE // (2 * variance) for edge in edges])) / ONE
    same = 0.02 if Place.EXACT in classes else 0.3
    return np.concatenate([[same], (beyond[:-1] - beyond[1:] + 0.002) * (1 - same)])


def _time_start(first: int, second: int) -> Floats:
    classes = [Time(each % TIMES + 1) for each in (first, second)]
    variance = sum(TIME_SIGMA[each] ** 2 for each in classes)
    edges = [span(first, second) * k * k // STEPS**2 for k in range(LEVELS)]
    middles = [(low + high) // 2 for low, high in pairwise(edges)]
    height: Floats = exp_of_minus(np.array([m * m * ONE // (2 * variance) for m in middles])) / ONE
    mass: Floats = height * np.diff(np.array(edges, dtype=np.int64)).astype(np.float64)
    same = 0.1 if Time.HOUR in classes else 0.4
    return np.concatenate([[same], (mass / float(np.cumsum(mass)[-1]) + 0.05 / STEPS) * (1 - same)])


def _areas() -> Floats:
    """Where places are even: a ring's share of the circle."""
    edges = np.array([(k / STEPS) ** 4 for k in range(LEVELS)])
    return np.tile(np.concatenate([[0.001], np.diff(edges) * 0.999]), (PLACES * PLACES, 1))


def _spans() -> Floats:
    edges = np.array([(k / STEPS) ** 2 for k in range(LEVELS)])
    return np.tile(np.concatenate([[0.01], np.diff(edges) * 0.99]), (TIMES * TIMES, 1))
