"""The files of a scan: SaTScan's .cas, .ctl, .pop and .geo, and CSV with a heading, as rows of values.

SaTScan's columns go by their place: name, count, date and covariates (.cas, .ctl); name, year, population and
covariates (.pop); name, latitude and longitude, or x and y (.geo). Columns of CSV go by their heading, in any order;
a column of both cases and population that is none of those named here is a covariate.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import pairwise

from mithaq.analysis.clusters.zones import Metric, Place
from mithaq.errors import Refusal

Row = dict[str, str]

COLUMNS = {
    "place": ("place", "location", "county", "cell", "sector", "id"),
    "count": ("count", "cases", "controls"),
    "date": ("date", "day", "year"),
    "population": ("population",),
    "expected": ("expected", "baseline"),
    "lat": ("lat", "latitude", "seat_lat"),
    "lon": ("lon", "long", "longitude", "seat_long"),
    "x": ("x",),
    "y": ("y",),
    "km": ("km",),
    "kind": ("kind",),
}
"""The columns of CSV and the headings each may have; of several the first here."""

_BY_PLACE = {
    "cases": ("place", "count", "date"),
    "population": ("place", "date", "population"),
    "coordinates": ("place", "first", "second"),
}
_MICRO = 1_000_000
_FARTHEST = 10**15
_REMEMBERED = 1 << 14
"""Texts whose meaning is remembered: a million cases have the dates of a few years and few different counts."""


@dataclass(frozen=True, slots=True)
class When:
    """A date as it was written: its day, and whether only the year was."""

    day: date
    only_year: bool


def rows(content: bytes, what: str) -> list[Row]:
    """The rows of a file of cases, population or coordinates; refuses what is no such table (`scan.bad-table`)."""
    try:
        lines = [line for line in content.decode("utf-8-sig").splitlines() if line.strip()]
    except UnicodeDecodeError as error:
        raise Refusal("scan.bad-table", file=what, row=0) from error
    if not lines:
        raise Refusal("scan.empty-table", file=what)
    heading = next(csv.reader(lines[:1]))
    if len(heading) > 1 and _named(heading).get("place") is not None:
        return _with_heading(lines, heading, what)
    return [_by_place(line, _BY_PLACE[what], number, what) for number, line in enumerate(lines, 1)]


def _named(heading: Sequence[str]) -> dict[str, int]:
    plain = [each.strip().lower() for each in heading]
    return {
        name: plain.index(next(each for each in known if each in plain))
        for name, known in COLUMNS.items()
        if any(each in plain for each in known)
    }


def _with_heading(lines: Sequence[str], heading: Sequence[str], what: str) -> list[Row]:
    named = _named(heading)
    others = {each.strip().lower(): index for index, each in enumerate(heading) if index not in named.values()}
    found = []
    for number, fields in enumerate(csv.reader(lines[1:]), 2):
        if len(fields) != len(heading):
            raise Refusal("scan.bad-table", file=what, row=number)
        found.append({name: fields[index].strip() for name, index in (others | named).items()})
    return found


def _by_place(line: str, names: Sequence[str], number: int, what: str) -> Row:
    fields = line.replace(",", " ").split()
    if len(fields) < min(len(names), 2):
        raise Refusal("scan.bad-table", file=what, row=number)
    row = dict(zip(names, fields, strict=False))
    return row | {f"covariate {index}": each for index, each in enumerate(fields[len(names) :], 1)}


def covariates(tables: Iterable[Sequence[Row]]) -> tuple[str, ...]:
    """The columns that all of the tables have and that are none of those with a meaning here."""
    common = set.intersection(*(set(table[0]) for table in tables)) - set(COLUMNS)
    return tuple(sorted(common))


@lru_cache(maxsize=_REMEMBERED)
def when(text: str) -> When:
    """A date: year, month and day, or a year of four digits or two; refuses what is none (`scan.bad-date`)."""
    parts = text.replace("/", "-").split("T")[0].split("-")
    try:
        numbers = [int(each) for each in parts]
        year = numbers[0] + (1900 if 50 <= numbers[0] < 100 else 2000 if numbers[0] < 50 else 0)
        if len(numbers) == 1:
            return When(date(year, 7, 1), True)
        year, month, day = year, *numbers[1:]
        return When(date(year, month, day), False)
    except ValueError as error:
        raise Refusal("scan.bad-date", found=text[:20]) from error


@lru_cache(maxsize=_REMEMBERED)
def whole(text: str) -> int:
    """A count; refuses what is no whole number from 0 to a thousand million (`scan.bad-count`)."""
    value = number(text)
    if value != value.to_integral_value() or not 0 <= value <= 10**9:
        raise Refusal("scan.bad-count", found=text[:20])
    return int(value)


def number(text: str) -> Decimal:
    """A number; refuses what is none (`scan.bad-count`)."""
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise Refusal("scan.bad-count", found=text[:20]) from error
    if not value.is_finite() or abs(value) > _FARTHEST:
        raise Refusal("scan.bad-count", found=text[:20])
    return value


def places(table: Sequence[Row], *, along: bool = False) -> tuple[tuple[Place, ...], Metric]:
    """The places in the order of their names, and what their coordinates are.

    Without a heading, or where it does not say, numbers that all lie on the globe are latitude and longitude, and
    numbers of which none does are x and y. Refuses a mixture, and a place that is named twice.
    """
    named = sorted(table, key=lambda row: row["place"])
    for one, other in pairwise(named):
        if one["place"] == other["place"]:
            raise Refusal("scan.place-twice", place=one["place"][:60])
    if along:
        kilometres = [number(row.get("km", "")) for row in named]
        return tuple(
            Place(row["place"], round(km * 1000)) for row, km in zip(named, kilometres, strict=True)
        ), Metric.PLANE
    pairs = [_pair(row) for row in named]
    on_globe = {abs(first) <= 90 and abs(second) <= 180 for _, first, second in pairs}
    stated = {metric for metric, _, _ in pairs} - {None}
    metric = next(iter(stated)) or Metric.EARTH if stated else Metric.EARTH if on_globe == {True} else Metric.PLANE
    if ((metric is Metric.EARTH or not stated) and len(on_globe) > 1) or (metric is Metric.EARTH and False in on_globe):
        raise Refusal("scan.off-the-globe")
    found = (
        Place(row["place"], round(a * _MICRO), round(b * _MICRO)) for row, (_, a, b) in zip(named, pairs, strict=True)
    )
    return tuple(found), metric


def _pair(row: Row) -> tuple[Metric | None, Decimal, Decimal]:
    for metric, one, other in ((Metric.EARTH, "lat", "lon"), (Metric.PLANE, "x", "y"), (None, "first", "second")):
        if one in row and other in row:
            return metric, number(row[one]), number(row[other])
    raise Refusal("scan.no-coordinates", place=row["place"][:60])


def zones(content: bytes, order: Sequence[int]) -> list[tuple[int, ...]]:
    """Zones, one a line, as numbers of the rows of places from 1 on; `order` is the place of each row."""
    found = []
    for number_, line in enumerate(content.decode("utf-8", errors="replace").splitlines(), 1):
        numbers = line.replace(",", " ").split()
        if not all(each.isdecimal() and 0 < int(each) <= len(order) for each in numbers):
            raise Refusal("scan.bad-zone", number=number_)
        if numbers:
            found.append(tuple(order[int(each) - 1] for each in numbers))
    return found
