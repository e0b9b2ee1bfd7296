"""A study: cases by place and interval, and what is known of those at risk, from the rows of files.

Everything is put in order by name and date first, so that the order of arrival changes nothing. Kinds of notice that
are about people never enter a scan (DESIGN section 11): they are refused here, whoever asks.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from mithaq.analysis import baseline
from mithaq.analysis.clusters import tables
from mithaq.analysis.clusters.tables import Row
from mithaq.analysis.clusters.windows import Interval, Unit, intervals
from mithaq.analysis.clusters.zones import Place
from mithaq.analysis.people import is_about_people
from mithaq.errors import Refusal

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

MOST_CASES = 5_000_000
_NEVER = date(2000, 1, 1)


def refuse_people(kinds: Mapping[str, object] | Sequence[str]) -> None:
    """Refuse kinds that are about people (`scan.about-people`)."""
    for kind in sorted(kinds):
        if is_about_people(kind):
            raise Refusal("scan.about-people", kind=kind[:60])


@dataclass(frozen=True)
class Study:
    """What is scanned: places, intervals, and the cases of each."""

    places: tuple[Place, ...]
    intervals: tuple[Interval, ...]
    unit: Unit
    counts: Integers
    strata: Mapping[tuple[str, ...], int]


def study(
    cases: Sequence[Row],
    places: tuple[Place, ...],
    *,
    span: tuple[date | None, date | None] = (None, None),
    covariates: Sequence[str] = (),
    with_dates_of: Sequence[Row] = (),
) -> Study:
    """The study of rows of cases, from the first to the last date or as `span` says.

    Refuses kinds about people, dates outside the span, unknown places and too many cases.
    """
    refuse_people([row["kind"] for row in cases if "kind" in row])
    dated = [tables.when(row["date"]) for row in (*cases, *with_dates_of) if row.get("date")]
    known = [each for each in dated if not each.only_year]
    if dated and len(dated) != len(cases) + len(with_dates_of):
        raise Refusal("scan.some-without-date")
    unit = Unit.DAY if known else Unit.YEAR if dated else Unit.WHOLE
    days = [each.day for each in dated] or [_NEVER]
    first, last = _around(min(days), unit, True), _around(max(days), unit, False)
    first, last = span[0] or first, span[1] or last
    if first > last:
        raise Refusal("scan.bad-span", first=first.isoformat(), last=last.isoformat())
    parts = intervals(first, last, unit)
    counts = table(cases, places, parts, unit)
    if int(counts.sum()) > MOST_CASES:
        raise Refusal("scan.too-many-cases", found=int(counts.sum()), most=MOST_CASES)
    strata: Counter[tuple[str, ...]] = Counter()
    for row in cases:
        strata[tuple(row[name] for name in covariates)] += tables.whole(row.get("count", "1"))
    return Study(places, parts, unit, counts, strata)


def table(rows: Sequence[Row], places: Sequence[Place], parts: Sequence[Interval], unit: Unit) -> Integers:
    """Counts of places and intervals; rows without a count are one case each."""
    index = {place.name: number for number, place in enumerate(places)}
    found = np.zeros((len(places), len(parts)), dtype=np.int64)
    for row in rows:
        found[_place(row, index), _interval(row, parts, unit)] += tables.whole(row.get("count", "1"))
    return found


def weights(population: Sequence[Row], of: Study, covariates: Sequence[str]) -> tuple[Floats, Floats]:
    """Expected cases by place and interval, and how much each place counts towards the limit in percent.

    A column `expected` says how many cases are expected as it stands, of a place or of a place and an interval; else
    `population` is of its date (a year counts as its first of July) and of its covariates.
    """
    if "expected" in population[0]:
        found = expected(population, of)
        by_place = (
            baseline.weights(_counted(population, of, ()), len(of.places), of.intervals, {(): 1})
            if "population" in population[0]
            else found
        )
        return found, by_place
    counted = _counted(population, of, covariates)
    found = baseline.weights(counted, len(of.places), of.intervals, of.strata)
    return found, found


def expected(population: Sequence[Row], of: Study) -> Floats:
    """The column `expected`, by place and interval; without dates, spread evenly over the days of the study."""
    index = {place.name: number for number, place in enumerate(of.places)}
    found = np.zeros((len(of.places), len(of.intervals)))
    days = sum(each.days for each in of.intervals)
    for row in sorted(population, key=lambda row: (row["place"], row.get("date", ""), row["expected"])):
        value, place = float(tables.number(row["expected"])), _place(row, index)
        if value < 0:
            raise Refusal("scan.bad-count", found=row["expected"][:20])
        if row.get("date"):
            found[place, _interval(row, of.intervals, of.unit)] += value
        else:
            found[place] += np.array([each.days for each in of.intervals]) * (value / days)
    if not found.any():
        raise Refusal("scan.no-population", stratum="")
    return found


def _counted(population: Sequence[Row], of: Study, covariates: Sequence[str]) -> baseline.Counted:
    index = {place.name: number for number, place in enumerate(of.places)}
    found: dict[tuple[int, tuple[str, ...]], Counter[date]] = {}
    for row in population:
        day = tables.when(row["date"]).day if row.get("date") else _NEVER
        key = _place(row, index), tuple(row[name] for name in covariates)
        found.setdefault(key, Counter())[day] += tables.whole(row["population"])
    return {key: sorted(each.items()) for key, each in found.items()}


def _place(row: Row, index: Mapping[str, int]) -> int:
    if row["place"] not in index:
        raise Refusal("scan.unknown-place", place=row["place"][:60])
    return index[row["place"]]


def _interval(row: Row, parts: Sequence[Interval], unit: Unit) -> int:
    if unit is Unit.WHOLE:
        return 0
    day = tables.when(row["date"]).day
    if not parts[0].first <= day <= parts[-1].last:
        raise Refusal("scan.outside-span", date=day.isoformat())
    return day.year - parts[0].first.year if unit is Unit.YEAR else (day - parts[0].first).days


def _around(day: date, unit: Unit, first: bool) -> date:
    if unit is not Unit.YEAR:
        return day
    return date(day.year, 1, 1) if first else date(day.year, 12, 31)
