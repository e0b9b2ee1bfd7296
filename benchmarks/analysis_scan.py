"""How long scans take, and what a daily scan finds of injected clusters and of nothing.

    python -m benchmarks.analysis_scan speed [--json] [--strict]
    python -m benchmarks.analysis_scan detection --years 100 --clusters 100 [--json] [--strict]

*speed* is processor time of whole prospective permutation scans of made cases, 999 draws. *detection* is an honest day
by day run, each day with the days before only: over null years it counts the alarms (a first cluster with a recurrence
interval of a year or more, and none in the seven days before), and of injected clusters (relative risk 4 within 25 km,
from their first day on) how many raise an alarm that meets them within 5 days of their start.
"""

import argparse
import json
import sys
import time
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from mithaq.analysis.clusters import asking
from mithaq.analysis.clusters.study import Integers, Study
from mithaq.analysis.clusters.windows import Unit, intervals
from mithaq.analysis.clusters.zones import Metric, Place, distances

FIRST = date(2024, 1, 1)
SPEEDS: tuple[tuple[int, int, int, float | None, float], ...] = (
    (15_000, 323, 365, 50.0, 1.0),
    (1_000_000, 500, 730, 50.0, 10.0),
    (1_000_000, 500, 730, None, 10.0),
)
"""Cases, cells, days, radius (None: half of all cases), and seconds."""
HISTORY, WITHIN, RISK, RADIUS_MM, QUIET = 180, 5, 4.0, 25_000_000, 7
YEAR = 365
FALSE_A_YEAR, SHARE = 1.4, 0.8


@dataclass(frozen=True, slots=True)
class Detection:
    """How long, how often and of what size a daily scan is tried."""

    years: int
    clusters: int
    seed: int
    cases: int = 15_000
    cells: int = 100


@dataclass(frozen=True)
class Border:
    """Made places and how many cases each has in a day."""

    places: tuple[Place, ...]
    daily: np.ndarray[Any, np.dtype[np.float64]]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.analysis_scan", description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=("speed", "detection"))
    parser.add_argument("--years", type=int, default=10, help="null years")
    parser.add_argument("--clusters", type=int, default=50, help="how many are injected, one at a time")
    parser.add_argument("--cases", type=int, default=15_000, help="in a year of detection")
    parser.add_argument("--cells", type=int, default=100, help="of detection")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a goal is missed")
    asked = parser.parse_args()
    of = Detection(asked.years, asked.clusters, asked.seed, asked.cases, asked.cells)
    found = speed(asked.seed) if asked.what == "speed" else detection(of)
    text = json.dumps(found) if asked.json else "\n".join(f"{name}\t{value}" for name, value in found.items())
    print(text)  # noqa: T201  # what it is for
    return 0 if found["met"] or not asked.strict else 1


def speed(seed: int) -> dict[str, Any]:
    """Seconds of processor time for each size, after a small scan to warm up."""
    chance = np.random.default_rng(seed)
    found: dict[str, Any] = {"met": True}
    _scan(_study(*_made(2_000, 50, 60, chance)), 99)
    for cases, cells, days, radius, goal in SPEEDS:
        study = _study(*_made(cases, cells, days, chance))
        began = time.process_time()
        _scan(study, 999, radius=radius)
        took = time.process_time() - began
        found[named(cases, cells, days, radius)] = round(took, 2)
        found["met"] = found["met"] and took <= goal
    return found


def named(cases: int, cells: int, days: int, radius: float | None) -> str:
    """What a scan is called in a table."""
    return f"{cases:,} cases, {cells} cells, {days} days, " + (f"{radius:.0f} km" if radius else "half of all cases")


def detection(asked: Detection) -> dict[str, Any]:
    """False alarms a year, and the share of clusters found in time."""
    chance = np.random.default_rng(asked.seed)
    border, _ = _made(asked.cases, asked.cells, 1, chance, yearly=True)
    nulls = _null_alarms(border, asked.years, chance)
    found, delays = 0, []
    near = distances(border.places, Metric.EARTH) <= RADIUS_MM
    for _ in range(asked.clusters):
        delay = _delay(border, near, chance)
        if delay is not None:
            found += 1
            delays.append(delay)
    share = found / asked.clusters if asked.clusters else 0.0
    yearly = nulls / asked.years if asked.years else 0.0
    return {
        "cases_a_year": asked.cases,
        "cells": asked.cells,
        "null_years": asked.years,
        "false_alarms_a_year": round(yearly, 2),
        "clusters": asked.clusters,
        "found_within_5_days": round(share, 3),
        "median_delay_days": sorted(delays)[len(delays) // 2] if delays else None,
        "met": yearly <= FALSE_A_YEAR and share >= SHARE,
    }


def _null_alarms(border: Border, years: int, chance: np.random.Generator) -> int:
    alarms = 0
    for _ in range(years):
        stream = _drawn(border, HISTORY + YEAR, chance)
        last = -QUIET
        for day in range(YEAR):
            if day - last >= QUIET and _alarm(border, stream[:, day : day + HISTORY], day) is not None:
                alarms, last = alarms + 1, day
    return alarms


def _delay(border: Border, near: np.ndarray[Any, np.dtype[np.bool_]], chance: np.random.Generator) -> int | None:
    """Days from the start of one injected cluster to the alarm that meets it; None where none does in time."""
    stream = _drawn(border, HISTORY + WITHIN, chance)
    centre = int(chance.choice(len(border.daily), p=border.daily / border.daily.sum()))
    struck = near[centre]
    more = chance.poisson(((RISK - 1) * border.daily * struck)[:, None], (len(border.daily), WITHIN))
    stream[:, HISTORY:] += more
    names = {border.places[each].name for each in np.flatnonzero(struck)}
    for day in range(1, WITHIN + 1):
        members = _alarm(border, stream[:, day : day + HISTORY], day)
        if members is not None and names & set(members):
            return day
    return None


def _alarm(border: Border, counts: Integers, day: int) -> tuple[str, ...] | None:
    """The members of the first cluster where it recurs once a year or seldomer."""
    found = _scan(_study(border, counts), 999, seed=day, stop_at=2)
    best = found.clusters[0] if found.clusters else None
    return best.members if best is not None and (best.recurrence_days or 0) >= YEAR else None


def _scan(
    study: Study, draws: int, *, seed: int = 1, stop_at: int | None = None, radius: float | None = 30.0
) -> asking.Result:
    days = 28 if stop_at is None else 14
    asked = asking.Asked(
        prospective=True, max_radius_km=radius, max_intervals=days, replicates=draws, seed=seed, most=1, stop_at=stop_at
    )
    return asking.scan(study, asked)


def _made(
    cases: int, cells: int, days: int, chance: np.random.Generator, *, yearly: bool = False
) -> tuple[Border, Integers]:
    lats, lons = chance.integers(30_000_000, 37_000_000, cells), chance.integers(44_000_000, 49_000_000, cells)
    if yearly:  # a belt along a line, where the reports of a border lie
        lats = np.linspace(30_000_000, 37_000_000, cells).astype(np.int64)
        lons = 48_000_000 - (lats - 30_000_000) * 3 // 7 + chance.integers(-150_000, 150_000, cells)
    places = tuple(Place(f"p{each:04}", int(lats[each]), int(lons[each])) for each in range(cells))
    shares = chance.gamma(2, 1, cells)
    daily = shares / shares.sum() * cases / (YEAR if yearly else days)
    border = Border(places, daily)
    return border, _drawn(border, days, chance)


def _drawn(border: Border, days: int, chance: np.random.Generator) -> Integers:
    return chance.poisson(border.daily[:, None], (len(border.daily), days)).astype(np.int64)


def _study(border: Border, counts: Integers) -> Study:
    parts = intervals(FIRST, FIRST + timedelta(days=counts.shape[1] - 1), Unit.DAY)
    return Study(border.places, parts, Unit.DAY, counts, {(): int(counts.sum())})


if __name__ == "__main__":
    sys.exit(main())
