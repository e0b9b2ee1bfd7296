"""Reports of two parties about incidents that never were, with the truth: to measure matching, never to train it.

Incidents lie along an example border, many of them near others before them (as fires do). Each party hears of an
incident with a chance of its own, writes it down with errors of its own, and states place and time as precisely as it
can: a position; the place it is near, from a list that both share; the middle of a sector. To the hour; as the middle
of a part of the day; as noon; as the middle of a week. Three in a hundred reports are written a second time.

`Errors` are the ways of being wrong. The matcher knows none of them, nor the numbers below.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from mithaq.analysis.fixed import Floats, Integers
from mithaq.analysis.matching.reports import MISSING, Report

_KM = 1.0 / 111.195
_HOUR, _DAY, _WEEK = 3_600, 86_400, 604_800
_TREE = (
    ("boundary", "marker", "marker-moved"), ("boundary", "marker", "marker-damaged"),
    ("boundary", "fence", "fence-cut"),
    ("trade", "goods", "goods-tobacco"), ("trade", "goods", "goods-fuel"), ("trade", "goods", "goods-other"),
    ("trade", "livestock", "livestock-strayed"), ("nature", "fire", "fire-grass"), ("nature", "fire", "fire-forest"),
    ("nature", "water", "flood"), ("nature", "water", "drought-canal"), ("security", "shots", "shots-heard"),
    ("security", "shots", "shots-seen"), ("security", "mines", "mine-found"), ("air", "drone", "drone-seen"),
)  # fmt: skip
_USUAL = 1.0 / np.arange(1, len(_TREE) + 1)


class Errors(StrEnum):
    """How parties err: `even` as the classes say; `heavy` with far outliers; `slips` by a day, an hour or half of one;
    `biased` one party always to one side and late; `careless` in category and numbers, with much left out."""

    EVEN = "even"
    HEAVY = "heavy"
    SLIPS = "slips"
    BIASED = "biased"
    CARELESS = "careless"


@dataclass(frozen=True)
class Made:
    """Both parties' reports, and the pairs (left id, right id, incident) that are of one incident."""

    left: Sequence[Report]
    right: Sequence[Report]
    truth: Sequence[tuple[str, str, int]]


@dataclass(frozen=True)
class _Incidents:
    lon: Floats
    lat: Floats
    moment: Floats
    category: Integers
    severity: Integers
    counted: Integers


def simulated(incidents: int, days: int, seed: int, errors: Errors, kilometres: int = 600) -> Made:
    """So many incidents in so many days along so long a border; the same for the same seed."""
    if incidents < 1 or days < 1 or kilometres < 1:
        raise ValueError("at least one incident, one day and one kilometre")
    draw = np.random.Generator(np.random.Philox(seed))
    happened = _happened(draw, incidents, days, kilometres)
    places = np.column_stack(_along(draw, draw.uniform(0, kilometres, max(kilometres // 8, 2)), kilometres, 8.0))
    sides = [_reported(draw, happened, places, errors, second) for second in (False, True)]
    named = [_named(side, letter) for side, letter in zip(sides, "AB", strict=True)]
    others: dict[int, list[str]] = {}
    for name, incident, _ in named[1]:
        others.setdefault(incident, []).append(name)
    truth = [(name, other, incident) for name, incident, _ in named[0] for other in others.get(incident, ())]
    return Made([each[2] for each in named[0]], [each[2] for each in named[1]], truth)


def _along(draw: np.random.Generator, km: Floats, kilometres: int, width: float) -> tuple[Floats, Floats]:
    """Positions at these kilometres of a winding line from south-east to north-west, some way off it."""
    share = km / max(kilometres, 1)
    lat = 31.0 + km * 0.8 * _KM + draw.normal(0, width * _KM, len(km))
    lon = 48.0 - km * 0.6 * _KM + 0.3 * np.sin(share * 25) + draw.normal(0, width * _KM, len(km))
    return lon, lat


def _happened(draw: np.random.Generator, many: int, days: int, kilometres: int) -> _Incidents:
    centres = draw.uniform(0, kilometres, max(kilometres // 15, 2))
    km = np.clip(draw.choice(centres, many) + draw.normal(0, 6, many), 0, kilometres)
    lon, lat = _along(draw, km, kilometres, 5.0)
    moment = draw.uniform(0, days * _DAY, many)
    category = draw.choice(len(_TREE), many, p=_USUAL / _USUAL.sum())
    follows = np.flatnonzero(draw.random(many) < 0.4)
    first = draw.integers(0, many, len(follows))
    lon[follows] = lon[first] + draw.normal(0, 2 * _KM, len(follows))
    lat[follows] = lat[first] + draw.normal(0, 2 * _KM, len(follows))
    moment[follows] = (moment[first] + draw.exponential(6 * _DAY, len(follows))) % (days * _DAY)
    category[follows] = np.where(draw.random(len(follows)) < 0.6, category[first], category[follows])
    severity = np.minimum(draw.geometric(0.45, many) - 1, 5)
    counted = np.where(draw.random(many) < 0.3, draw.geometric(0.5, many), 0)
    return _Incidents(lon, lat, moment, category, severity, counted)


def _reported(
    draw: np.random.Generator, what: _Incidents, places: Floats, errors: Errors, second: bool
) -> list[tuple[int, Report]]:
    """What one party writes down of what happened."""
    chance = 0.72 if not second else 0.78
    rows = np.flatnonzero(draw.random(len(what.lon)) < chance)
    rows = np.concatenate([rows, rows[draw.random(len(rows)) < 0.03]])
    many = len(rows)
    place, time = (
        draw.choice([1, 2, 3], many, p=[0.6, 0.3, 0.1]),
        draw.choice([1, 2, 3, 4], many, p=[0.45, 0.35, 0.15, 0.05]),
    )
    lon, lat = _placed(draw, what.lon[rows], what.lat[rows], place, places, errors)
    moment = _timed(draw, what.moment[rows], time, errors)
    if errors is Errors.BIASED and second:
        lon, moment = np.where(place == 1, lon + 1.5 * _KM, lon), np.where(time == 1, moment + 1.5 * _HOUR, moment)
    wrong = 0.35 if errors is Errors.CARELESS else 0.15
    category = _categorised(draw, what.category[rows], wrong)
    severity = np.clip(what.severity[rows] + draw.choice([-1, 0, 1], many, p=[wrong, 1 - 2 * wrong, wrong]), 0, 5)
    counted = np.maximum(what.counted[rows] + draw.choice([-1, 0, 1], many, p=[wrong, 1 - 2 * wrong, wrong]), 0)
    lost = 0.4 if errors is Errors.CARELESS else 0.15
    severity, counted = (np.where(draw.random(many) < lost, MISSING, each) for each in (severity, counted))
    columns = (
        rows, np.rint(lon * 1e6).astype(np.int64), np.rint(lat * 1e6).astype(np.int64), place,
        np.rint(moment).astype(np.int64), time, category, severity, counted,
    )  # fmt: skip
    return [
        (incident, Report("", x, y, p, t, q, _TREE[c], s, n))
        for incident, x, y, p, t, q, c, s, n in zip(*(each.tolist() for each in columns), strict=True)
    ]


def _placed(
    draw: np.random.Generator, lon: Floats, lat: Floats, place: Integers, places: Floats, errors: Errors
) -> tuple[Floats, Floats]:
    def off(size: float) -> Floats:
        scale = draw.standard_t(2, len(lon)) if errors is Errors.HEAVY else draw.normal(0, 1, len(lon))
        return np.clip(scale, -12, 12) * size * _KM

    seen = lon + off(1.0), lat + off(1.0)
    heard = lon + off(3.0), lat + off(3.0)
    near = np.concatenate([_nearest(heard[0][at : at + 20_000], heard[1][at : at + 20_000], places)
                           for at in range(0, len(lon), 20_000)])  # fmt: skip
    sector = np.floor(heard[0] / 0.4) * 0.4 + 0.2, np.floor(heard[1] / 0.4) * 0.4 + 0.2
    return (
        np.select([place == 1, place == 2], [seen[0], places[near, 0]], sector[0]),
        np.select([place == 1, place == 2], [seen[1], places[near, 1]], sector[1]),
    )


def _nearest(lon: Floats, lat: Floats, places: Floats) -> npt.NDArray[np.intp]:
    away = (lon[:, None] - places[None, :, 0]) ** 2 + (lat[:, None] - places[None, :, 1]) ** 2
    found: npt.NDArray[np.intp] = np.argmin(away, axis=1)
    return found


def _timed(draw: np.random.Generator, moment: Floats, time: Integers, errors: Errors) -> Floats:
    late = draw.exponential(1.2 * _HOUR, len(moment)) * (3 if errors is Errors.HEAVY else 1)
    told = moment + late
    if errors is Errors.SLIPS:
        told = told + draw.choice([0, _DAY, -_DAY, _HOUR, _HOUR // 2], len(told), p=[0.8, 0.05, 0.05, 0.05, 0.05])
    part, week = _DAY // 4, _WEEK
    return np.select(
        [time == 1, time == 2, time == 3],
        [np.floor(told / 900) * 900, np.floor(told / part) * part + part / 2, np.floor(told / _DAY) * _DAY + _DAY / 2],
        np.floor(told / week) * week + week / 2,
    )


def _categorised(draw: np.random.Generator, category: Integers, wrong: float) -> Integers:
    """Mostly what it was; often a neighbour in the tree; sometimes anything."""
    near = np.clip(category + draw.choice([-1, 1], len(category)), 0, len(_TREE) - 1)
    anything = draw.integers(0, len(_TREE), len(category))
    chance = draw.random(len(category))
    return np.select([chance < wrong * 0.4, chance < wrong * 1.4], [anything, near], category)


def _named(side: list[tuple[int, Report]], letter: str) -> list[tuple[str, int, Report]]:
    """In the order of their moments, as a register would number them."""
    ordered = sorted(side, key=lambda each: (each[1].moment, each[0]))
    return [
        (f"{letter}{at}", incident, report._replace(id=f"{letter}{at}"))
        for at, (incident, report) in enumerate(ordered)
    ]
