"""A scan as it is asked for, whole: from a study and a model to the clusters found, for a desk or a command line."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from mithaq.analysis import baseline
from mithaq.analysis.clusters import chances, windows
from mithaq.analysis.clusters import models as of_models
from mithaq.analysis.clusters import zones as of_zones
from mithaq.analysis.clusters.scanning import Found, Search, Surprise, apart
from mithaq.analysis.clusters.study import Floats, Integers, Study
from mithaq.analysis.clusters.zones import Metric, Zones
from mithaq.errors import Refusal

MODELS = ("permutation", "poisson", "bernoulli", "ebp")
REPLICATES = 999


def enough(replicates: int) -> int:
    """How many draws more surprising than the data are enough to stop: p is then above 0.05 (as in SaTScan)."""
    return max(1, (replicates + 1) // 20)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is scanned for, and how; every field is part of the result, so that anybody can make it again."""

    model: str = "permutation"
    metric: Metric = Metric.EARTH
    along: bool = False
    prospective: bool = False
    max_radius_km: float | None = None
    max_intervals: int | None = None
    share: int = 50
    replicates: int = REPLICATES
    seed: int = 1
    stop_at: int | None = None
    """Stop when so many draws are more surprising than the data."""
    stop_on_ties: bool = False
    """Count those that are as surprising too; then p of draws that stopped counts them as well."""
    looks_since: date | None = None
    most: int = 20


@dataclass(frozen=True)
class Cluster:
    """A zone and a time with more cases than expected: clustering, and nothing about its cause."""

    members: tuple[str, ...]
    first: date
    last: date
    reach: int
    """Radius or length, in the unit of the metric."""
    observed: int
    expected: float
    statistic: float
    p: float
    tied: int
    """How many draws were exactly as surprising: by so many p may be less, where few values are possible."""
    gumbel: float | None
    recurrence_days: int | None
    """Only of prospective scans."""


@dataclass(frozen=True)
class Result:
    """Clusters, the most surprising first, and how many draws they were compared with."""

    clusters: tuple[Cluster, ...]
    replicates: int
    stopped: bool
    remark: str
    """Why nothing could be found: `few-cases`, `one-zone`, or nothing."""


def scan(
    study: Study,
    asked: Asked,
    *,
    weights: tuple[Floats, Floats] | None = None,
    controls: Integers | None = None,
    zones: Iterable[tuple[int, ...]] | None = None,
) -> Result:
    """The clusters of a study.

    `weights` (of `study.weights`) for poisson and, if there is a forecast, for ebp; `controls` for bernoulli; `zones`
    instead of circles. Raises Refusal (`scan.*`) for what makes no sense.
    """
    _check(asked, study)
    total = int(study.counts.sum())
    if total < of_models.LEAST_CASES:
        return Result((), 0, False, "few-cases")
    longest = _longest(asked, study)
    model, at_risk = _model(study, asked, longest, weights, controls)
    searched = _zones(study, asked, at_risk) if zones is None else of_zones.given(zones, len(study.places))
    if not len(searched):
        return Result((), 0, False, "one-zone")
    count = len(study.intervals)
    looked = windows.ending(count, longest, count - 1) if asked.prospective else windows.running(count, longest)
    search = Search(model, searched, looked)
    best = apart(search.best(study.counts[:, looked.begin :]), searched, asked.most)
    if not best:
        return Result((), 0, False, "")  # draws would be compared with nothing
    looks = _looks(asked, study)
    drawn = search if looks == 1 else Search(model, searched, windows.ending(count, longest, count - looks))
    draws = drawn.draws(
        asked.replicates, asked.seed, sought=best[0].score, stop_at=asked.stop_at, ties=asked.stop_on_ties
    )
    beyond_only = best[0] if not asked.stop_on_ties else None
    clusters = tuple(
        _cluster(each, search, study, draws.surprise(each.score, sought=each is beyond_only), asked, looks)
        for each in best
    )
    return Result(clusters, len(draws.maxima), draws.stopped, "")


def _check(asked: Asked, study: Study) -> None:
    if asked.model not in MODELS:
        raise Refusal("scan.unknown-model", model=asked.model[:20])
    if not 1 <= asked.replicates <= 99_999 or not 0 <= asked.seed < 1 << 63:
        raise Refusal("scan.bad-draws", replicates=asked.replicates, seed=str(asked.seed)[:30])
    if (asked.max_radius_km or 1) <= 0 or (asked.max_intervals or 1) < 1:
        raise Refusal("scan.bad-limit")
    if len(study.intervals) == 1 and (asked.prospective or asked.model == "permutation"):
        raise Refusal("scan.needs-time")


def _longest(asked: Asked, study: Study) -> int:
    half = max(1, len(study.intervals) // 2) if len(study.intervals) > 1 else 1
    return min(asked.max_intervals or half, len(study.intervals))


def _looks(asked: Asked, study: Study) -> int:
    """How many looks there were from `looks_since` to the end of the study, one at the end of every interval."""
    if not asked.prospective or asked.looks_since is None:
        return 1
    return max(1, sum(each.last >= asked.looks_since for each in study.intervals))


def _model(
    study: Study, asked: Asked, longest: int, weights: tuple[Floats, Floats] | None, controls: Integers | None
) -> tuple[of_models.Model, Integers]:
    if asked.model == "permutation":
        return of_models.Permutation(study.counts), study.counts.sum(axis=1)
    if asked.model == "bernoulli":
        if controls is None or not controls.any():
            raise Refusal("scan.no-controls")
        return of_models.Bernoulli(study.counts, controls), (study.counts + controls).sum(axis=1)
    if asked.model == "ebp":
        begin = len(study.intervals) - longest
        forecast, by_place = weights or (baseline.from_history(study.counts, begin),) * 2
        return of_models.Expectation(forecast, int(study.counts.sum())), of_models.at_risk(by_place)
    if weights is None:
        raise Refusal("scan.no-population-file")
    return of_models.Poisson(int(study.counts.sum()), weights[0]), of_models.at_risk(weights[1])


def _zones(study: Study, asked: Asked, at_risk: Integers) -> Zones:
    if asked.along:
        length = None if asked.max_radius_km is None else round(2_000 * asked.max_radius_km)
        return of_zones.stretches(study.places, at_risk=at_risk, share=asked.share, length=length)
    radius = None if asked.max_radius_km is None else round(1_000_000 * asked.max_radius_km)
    return of_zones.circles(study.places, asked.metric, at_risk=at_risk, share=asked.share, radius=radius)


def _cluster(found: Found, search: Search, study: Study, surprise: Surprise, asked: Asked, looks: int) -> Cluster:
    first = study.intervals[int(search.windows.firsts[found.window])]
    last = study.intervals[int(search.windows.lasts[found.window])]
    p = surprise.chance.p
    return Cluster(
        members=tuple(study.places[place].name for place in search.zones.of(found.zone).tolist()),
        first=first.first,
        last=last.last,
        reach=int(search.zones.reaches[found.zone]),
        observed=found.observed,
        expected=found.expected,
        statistic=found.score / (1 << search.model.fraction),
        p=p,
        tied=surprise.chance.tied,
        gumbel=surprise.gumbel,
        recurrence_days=chances.recurrence(p, days=last.days, looks=looks) if asked.prospective else None,
    )


def as_values(result: Result, study: Study, asked: Asked) -> dict[str, Any]:
    """The result as JSON holds it: dates as ISO 8601, the statistic to 12 places, expected cases to 6."""
    return {
        "clusters": [_values(each, study, asked) for each in result.clusters],
        "model": asked.model,
        "cases": int(np.asarray(study.counts).sum()),
        "places": len(study.places),
        "replicates": result.replicates,
        "stopped_early": result.stopped,
        "seed": asked.seed,
        "remark": result.remark,
    }


def _values(each: Cluster, study: Study, asked: Asked) -> dict[str, Any]:
    timeless = len(study.intervals) == 1
    return {
        "members": list(each.members),
        "from": None if timeless else each.first.isoformat(),
        "to": None if timeless else each.last.isoformat(),
        "radius_km" if asked.metric is Metric.EARTH and not asked.along else "reach": each.reach / 1_000_000
        if not asked.along
        else each.reach / 1_000,
        "observed": each.observed,
        "expected": round(each.expected, 6),
        "statistic": round(each.statistic, 12),
        "p": each.p,
        "tied_draws": each.tied,
        "gumbel_p": each.gumbel,
        "recurrence_interval_days": each.recurrence_days,
    }
