"""How well reports of `mithaq analysis simulate` could be matched at all: an oracle that is told how they were made.

    python -m benchmarks.analysis_bound [--incidents 2000] [--days 365] [--kilometres 600] [--errors even] [--seed 4]
        [--json]

The oracle knows the law of every error, the frequencies, the named places, and where incidents gather; of each pair
within reach it reckons how much likelier the two reports are as one incident's than as two's, and associates as the
matcher does, second writings included, at the same threshold; `F1 one to one` is without them. It does not know the
incidents, nor that some follow others, so it is a little below what is possible. Places are reckoned by drawing:
figures move by about 0.002 from seed to seed of that.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks.analysis_matching import figures
from mithaq.analysis import matching, simulation
from mithaq.analysis.fixed import Floats, Integers, total
from mithaq.analysis.matching.association import Edge, believed, beside, chosen, in_millionths
from mithaq.analysis.matching.candidates import Pairs, pairs
from mithaq.analysis.matching.proposals import ASK
from mithaq.analysis.matching.reports import Reports, Tree
from mithaq.analysis.matching.twice import Rivals
from mithaq.analysis.simulation import Errors

_KM = 1.0 / 111.195
_HOUR, _DAY = 3_600.0, 86_400.0
_POOL, _DRAWS = 600_000, 200
_CHANCES, _TWICE = (0.72, 0.78), 0.03
_CELLS = {1: (0.0, 900.0), 2: (-10_800.0, 10_800.0), 3: (-43_200.0, 43_200.0), 4: (-302_400.0, 302_400.0)}
"""What a stated moment of each class stands for: seconds from it, begin and end."""
_FARTHEST = 40 * _DAY


@dataclass(frozen=True)
class Asked:
    """What is made: as for `mithaq analysis simulate`."""

    incidents: int
    days: int
    kilometres: int
    errors: Errors
    seed: int


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--incidents", type=int, default=2_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--kilometres", type=int, default=600)
    parser.add_argument("--errors", type=Errors, default=Errors.EVEN)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    found = bound(Asked(given.incidents, given.days, given.kilometres, given.errors, given.seed))
    for line in [json.dumps(found)] if given.json else [f"{name}: {value}" for name, value in found.items()]:
        sys.stdout.write(line + "\n")
    return 0


def bound(asked: Asked) -> dict[str, Any]:
    """The oracle's figures, named as `analysis_matching` names ours."""
    made = simulation.simulated(asked.incidents, asked.days, asked.seed, asked.errors, asked.kilometres)
    left, right, tree = matching.columns_of(made.left, made.right)
    parts = list(pairs(left, right))
    found = Pairs(*(np.concatenate([getattr(each, name) for each in parts]) for name in Pairs.__dataclass_fields__))
    oracle = Oracle(asked)
    ratio = oracle.likelier(found, left, right, tree) / (asked.incidents * (1 - _CHANCES[0]) * (1 - _CHANCES[1]))
    order = np.lexsort((found.right, found.left))
    order = order[ratio[order] > 0.001]
    beliefs, _ = believed(found.left[order], found.right[order], ratio[order], len(left), len(right))

    own = Oracle(replace(asked, errors=Errors.EVEN)) if asked.errors is Errors.BIASED else oracle

    def weighing(near: Pairs, side: Reports) -> Floats:
        return own.likelier(near, side, side, tree) / asked.incidents

    rivals = Rivals.of(beliefs, left, right, weighing)
    first_hears, second_hears = _CHANCES
    again = _TWICE / (first_hears * (1 - second_hears)), _TWICE / (second_hears * (1 - first_hears))
    edges = beliefs.left, beliefs.right, in_millionths(rivals.believed(again))
    first = chosen(*edges, ASK - 1, len(left), len(right))
    seconds = beside(first, *edges, ASK - 1)
    truth = {(a, b) for a, b, _ in made.truth}

    def named(some: Sequence[Edge]) -> dict[tuple[str, str], float]:
        return {(left.ids[a], right.ids[b]): p / 1_000_000 for a, b, p in some}

    one_to_one = figures(named(first), truth)["F1"]
    return (
        {"reports": len(left) + len(right)} | figures(named([*first, *seconds]), truth) | {"F1 one to one": one_to_one}
    )


class Oracle:
    """How much likelier two reports are as one incident's than as two's, by what the generator does."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._draw = np.random.default_rng(99)
        again = np.random.Generator(np.random.Philox(asked.seed))
        simulation._happened(again, asked.incidents, asked.days, asked.kilometres)
        named = again.uniform(0, asked.kilometres, max(asked.kilometres // 8, 2))
        self._named = np.column_stack(simulation._along(again, named, asked.kilometres, 8.0))
        centres = np.random.Generator(np.random.Philox(asked.seed)).uniform(
            0, asked.kilometres, max(asked.kilometres // 15, 2)
        )
        km = np.clip(self._draw.choice(centres, _POOL) + self._draw.normal(0, 6, _POOL), 0, asked.kilometres)
        follows = self._draw.random(_POOL) < 0.4
        lon, lat = simulation._along(self._draw, km, asked.kilometres, 5.0)
        beside = [follows * self._draw.normal(0, 2 * _KM, _POOL) for _ in range(2)]
        self._pool: tuple[Floats, Floats] = lon + beside[0], lat + beside[1]
        self._aside = 1.5 * _KM if asked.errors is Errors.BIASED else 0.0

    def likelier(self, found: Pairs, left: Reports, right: Reports, tree: Tree) -> Floats:
        """By all that they say."""
        ratio = self.places(found, left, right) * self.times(found, left, right)
        ratio *= self.categories(found, left, right, tree)
        ratio *= self.numbers(found, left, right)
        return ratio

    def places(self, found: Pairs, left: Reports, right: Reports) -> Floats:
        """By where they are told: together over each alone."""
        told = self._told(left), self._told(right)
        heard = [[self._heard(*self._pool, place) for place in (2, 3)] for _ in range(2)]
        alone = [self._alone(side, told[at], heard[at], self._aside * at) for at, side in enumerate((left, right))]
        ratio = np.zeros(len(found.left))
        first, second = left.place[found.left], right.place[found.right]
        for one in (1, 2, 3):
            for other in (1, 2, 3):
                rows = np.flatnonzero((first == one) & (second == other))
                i, j = found.left[rows], found.right[rows]
                if one == other == 1:
                    ratio[rows] = self._seen_by_both(left, i, right, j) / np.sqrt(alone[0][i] * alone[1][j])
                elif other == 1:
                    ratio[rows] = self._seen_by_one(right, j, told[0][i], one, self._aside) / alone[0][i]
                elif one == 1:
                    ratio[rows] = self._seen_by_one(left, i, told[1][j], other, 0.0) / alone[1][j]
                else:
                    both = _shares(heard[0][one - 2] * 10**7 + heard[1][other - 2], told[0][i] * 10**7 + told[1][j])
                    ratio[rows] = both / (alone[0][i] * alone[1][j])
        return ratio

    def times(self, found: Pairs, left: Reports, right: Reports) -> Floats:
        """By when they are told."""
        ratio = np.zeros(len(found.left))
        first, second = left.time[found.left], right.time[found.right]
        edges, twice = self._between()
        for one, (begin, end) in _CELLS.items():
            for other, (its_begin, its_end) in _CELLS.items():
                rows = np.flatnonzero((first == one) & (second == other))
                late = 1.5 * _HOUR if self._aside and other == 1 else 0.0
                apart = left.moment[found.left[rows]] - (right.moment[found.right[rows]] - late)
                mass = sum(
                    sign * np.interp(apart + own - its, edges, twice)
                    for own, its, sign in (
                        (end, its_begin, 1), (begin, its_begin, -1), (end, its_end, -1), (begin, its_end, 1),
                    )
                )  # fmt: skip
                spans = (end - begin) * (its_end - its_begin)
                ratio[rows] = np.maximum(mass, 0.0) * self._asked.days * _DAY / spans
        return ratio

    def categories(self, found: Pairs, left: Reports, right: Reports, tree: Tree) -> Floats:
        """By what they are told to be."""
        numbers = {name: number for number, name in enumerate(simulation._TREE)}
        number = np.array([numbers[name] for name in tree.leaves])
        wrong, many = self._wrong(), len(numbers)
        told = np.full((many, many), wrong * 0.4 / many) + np.eye(many) * (1 - wrong * 1.4)
        for each in range(many):
            for aside in (-1, 1):
                told[each, min(max(each + aside, 0), many - 1)] += wrong * 0.5
        usual: Floats = np.asarray(simulation._USUAL / simulation._USUAL.sum(), dtype=np.float64)
        table = _table(usual, told)
        found_: Floats = table[number[left.category[found.left]], number[right.category[found.right]]]
        return found_

    def numbers(self, found: Pairs, left: Reports, right: Reports) -> Floats:
        """By how grave and how many; what is left out is left out by chance."""
        graver: Floats = np.array([0.45 * 0.55**each for each in range(6)])
        graver[5] = 1.0 - graver[:5].sum()
        more: Floats = np.array([0.7, *(0.3 * 0.5**each for each in range(1, 12))])
        more = more / total(more)
        ratio = np.ones(len(found.left))
        for usual, first, second in (
            (graver, left.severity[found.left], right.severity[found.right]),
            (more, left.count[found.left], right.count[found.right]),
        ):
            last, wrong = len(usual) - 1, self._wrong()
            told = np.zeros((last + 1, last + 1))
            for value in range(last + 1):
                for by, chance in ((-1, wrong), (0, 1 - 2 * wrong), (1, wrong)):
                    told[value, min(max(value + by, 0), last)] += chance
            table = _table(usual, told)
            weight = table[np.clip(first, 0, last), np.clip(second, 0, last)]
            ratio *= np.where((first < 0) | (second < 0), 1.0, weight)
        return ratio

    def _wrong(self) -> float:
        return 0.35 if self._asked.errors is Errors.CARELESS else 0.15

    def _off(self, many: int, kilometres: float) -> Floats:
        heavy = self._asked.errors is Errors.HEAVY
        drawn = self._draw.standard_t(2, many) if heavy else self._draw.normal(0, 1, many)
        found: Floats = np.clip(drawn, -12, 12) * kilometres * _KM
        return found

    def _told(self, side: Reports) -> Integers:
        """The named place or the sector that a report is told at; 0 for a position."""
        found = np.zeros(len(side), dtype=np.int64)
        for place in (2, 3):
            rows = np.flatnonzero(side.place == place)
            found[rows] = self._code(side.lon[rows] / 1e6, side.lat[rows] / 1e6, place)
        return found

    def _code(self, lon: Floats, lat: Floats, place: int) -> Integers:
        if place == 3:
            found: Integers = (
                100_000 + np.floor(lon / 0.4).astype(np.int64) * 1_000 + np.floor(lat / 0.4).astype(np.int64)
            )
            return found
        parts = [
            simulation._nearest(lon[at : at + 20_000], lat[at : at + 20_000], self._named)
            for at in range(0, len(lon), 20_000)
        ]
        return np.concatenate([np.zeros(0, dtype=np.int64), *parts]).astype(np.int64)

    def _heard(self, lon: Floats, lat: Floats, place: int) -> Integers:
        return self._code(lon + self._off(len(lon), 3.0), lat + self._off(len(lat), 3.0), place)

    def _alone(self, side: Reports, told: Integers, heard: list[Integers], aside: float) -> Floats:
        """The density (per square degree) or the share of incidents that are told so."""
        lon, lat = (each + self._off(_POOL, 1.0) for each in self._pool)
        west, south = float(lon.min()) - 5 * _KM, float(lat.min()) - 5 * _KM
        size = [int((float(each.max()) - low) / _KM) + 6 for each, low in ((lon, west), (lat, south))]
        at = [((each - low) / _KM).astype(np.int64) for each, low in ((lon, west), (lat, south))]
        counts = np.bincount(at[0] * size[1] + at[1], minlength=size[0] * size[1]).reshape(size)
        around = sum(np.roll(counts, (x, y), (0, 1)) for x in (-1, 0, 1) for y in (-1, 0, 1))
        mine = [
            np.clip(((each - low) / _KM).astype(np.int64), 0, most - 1)
            for each, low, most in zip((side.lon / 1e6 - aside, side.lat / 1e6), (west, south), size, strict=True)
        ]
        found: Floats = np.maximum(np.asarray(around)[mine[0], mine[1]], 0.5) / (_POOL * 9 * _KM**2)
        for place in (2, 3):
            rows = np.flatnonzero(side.place == place)
            found[rows] = _shares(heard[place - 2], told[rows])
        return found

    def _seen_by_both(self, left: Reports, i: Integers, right: Reports, j: Integers) -> Floats:
        edges = np.linspace(-24, 24, 961) * _KM
        apart = self._off(2_000_000, 1.0) - self._off(2_000_000, 1.0)
        height = np.convolve(np.pad(np.histogram(apart, edges, density=True)[0], 3, "edge"), np.ones(7) / 7, "valid")
        found = np.ones(len(i))
        for away in (
            (right.lon[j] - left.lon[i]) / 1e6 - self._aside,
            (right.lat[j] - left.lat[i]) / 1e6,
        ):
            at = np.searchsorted(edges, away) - 1
            found *= np.where((at >= 0) & (at < len(height)), height[np.clip(at, 0, len(height) - 1)], 0.0)
        return found

    def _seen_by_one(self, side: Reports, rows: Integers, told: Integers, place: int, aside: float) -> Floats:
        """The chance that what one party saw here the other tells so."""
        known, at = np.unique(rows, return_inverse=True)
        shape = len(known), _DRAWS
        lon, lat = (
            np.repeat(each[known] / 1e6, _DRAWS) - self._off(len(known) * _DRAWS, 1.0) for each in (side.lon, side.lat)
        )
        heard = self._heard(lon - aside, lat, place).reshape(shape)
        found: Floats = ((heard[at] == told[:, None]).sum(axis=1) + 0.02) / _DRAWS
        return found

    def _between(self) -> tuple[Floats, Floats]:
        """The density of the seconds between what two parties are told, integrated twice, at these edges."""
        one, other = (self._late(400_000) for _ in range(2))
        apart, step = np.clip(one - other, 1 - _FARTHEST, _FARTHEST - 1), 300.0
        edges = np.arange(-_FARTHEST, _FARTHEST + step, step)
        once = np.concatenate([[0.0], np.cumsum(np.histogram(apart, edges)[0]) / len(apart)])
        return edges, np.concatenate([[0.0], np.cumsum((once[1:] + once[:-1]) / 2) * step])

    def _late(self, many: int) -> Floats:
        late: Floats = self._draw.exponential(1.2 * _HOUR, many) * (3 if self._asked.errors is Errors.HEAVY else 1)
        if self._asked.errors is Errors.SLIPS:
            slips = [0, _DAY, -_DAY, _HOUR, _HOUR / 2]
            late = late + self._draw.choice(slips, many, p=[0.8, 0.05, 0.05, 0.05, 0.05])
        return late


def _table(usual: Floats, told: Floats) -> Floats:
    """For each two values: how much oftener both are told of one incident than of two."""
    each = usual @ told
    found: Floats = told.T @ (usual[:, None] * told) / (each[:, None] * each[None, :])
    return found


def _shares(pool: Integers, asked: Integers) -> Floats:
    """The share of each value in the pool; half of one where it is not there."""
    known, counts = np.unique(pool, return_counts=True)
    at = np.minimum(np.searchsorted(known, asked), len(known) - 1)
    found: Floats = np.where(known[at] == asked, counts[at], 0.5) / len(pool)
    return found


if __name__ == "__main__":
    raise SystemExit(main())
