"""What matching knows of a report: where and when with the precision that was stated, what, how grave, how many.

A report says nothing of a person, and one of a kind about people is refused (`mithaq.analysis.people`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from mithaq.analysis.fixed import Integers
from mithaq.analysis.people import is_about_people
from mithaq.errors import Refusal

MISSING = -1
MOST_SEVERE = 5
MOST_COUNTED = 1_000_000
FIRST_MOMENT, LAST_MOMENT = -4_102_444_800, 4_102_444_800
"""Seconds: a moment further than 130 years from the origin is a mistake of writing."""


class Place(IntEnum):
    """How precisely a place is stated."""

    EXACT = 1
    NEAR = 2
    SECTOR = 3


class Time(IntEnum):
    """How precisely a time is stated."""

    HOUR = 1
    PART_OF_DAY = 2
    DAY = 3
    WEEK = 4


PLACE_SIGMA = {Place.EXACT: 2_000, Place.NEAR: 8_000, Place.SECTOR: 20_000}
"""Metres: what a class is taken to mean before the data has said more."""
TIME_SIGMA = {Time.HOUR: 7_200, Time.PART_OF_DAY: 14_400, Time.DAY: 43_200, Time.WEEK: 216_000}
"""Seconds, as above."""


class Report(NamedTuple):
    """One report of one party. Positions are microdegrees (WGS 84), the moment is seconds from any common origin.

    `category` goes from the general to the particular, always three levels; `severity` 0 to 5 and `counted` are
    `MISSING` where not stated. `kind` is the notice's kind, where the report comes from a record.
    """

    id: str
    lon: int
    lat: int
    place: int
    moment: int
    time: int
    category: tuple[str, str, str]
    severity: int = MISSING
    counted: int = MISSING
    kind: str = ""


def check(report: Report) -> None:
    """Refuses (`match.…`) a report that cannot be one; the data names what was found."""
    if is_about_people(report.kind):
        raise Refusal("match.about-people", kind=report.kind)
    if not report.id:
        raise Refusal("match.without-id")
    if report.place not in PLACE_SIGMA:
        raise Refusal("match.place-precision", id=report.id, found=report.place)
    if report.time not in TIME_SIGMA:
        raise Refusal("match.time-precision", id=report.id, found=report.time)
    if not (abs(report.lon) <= 180_000_000 and abs(report.lat) <= 85_000_000):
        raise Refusal("match.position", id=report.id)
    if not FIRST_MOMENT <= report.moment <= LAST_MOMENT:
        raise Refusal("match.moment", id=report.id)
    if not all(report.category):
        raise Refusal("match.category", id=report.id)
    if not MISSING <= report.severity <= MOST_SEVERE:
        raise Refusal("match.severity", id=report.id, found=report.severity)
    if not MISSING <= report.counted <= MOST_COUNTED:
        raise Refusal("match.count", id=report.id, found=report.counted)


@dataclass(frozen=True)
class Tree:
    """The categories that occur, numbered in the order of their names: for each leaf the numbers of its parents."""

    leaves: dict[tuple[str, str, str], int]
    middles: Integers
    tops: Integers

    @staticmethod
    def of(categories: Iterable[tuple[str, str, str]]) -> "Tree":
        names = sorted(set(categories))
        middles = {name: number for number, name in enumerate(sorted({each[:2] for each in names}))}
        tops = {name: number for number, name in enumerate(sorted({each[0] for each in names}))}
        return Tree(
            {name: number for number, name in enumerate(names)},
            np.array([middles[each[:2]] for each in names], dtype=np.int64),
            np.array([tops[each[0]] for each in names], dtype=np.int64),
        )

    def extended(self, category: tuple[str, str, str]) -> "Tree":
        """This tree with one more leaf at the end; what was numbered keeps its number."""
        if category in self.leaves:
            return self
        known = list(self.leaves)
        middles = {name[:2]: int(self.middles[at]) for at, name in enumerate(known)}
        tops = {name[0]: int(self.tops[at]) for at, name in enumerate(known)}
        middle = middles.get(category[:2], max(middles.values(), default=-1) + 1)
        top = tops.get(category[0], max(tops.values(), default=-1) + 1)
        return Tree({**self.leaves, category: len(known)}, np.append(self.middles, middle), np.append(self.tops, top))

    def level(self, first: Integers, second: Integers) -> Integers:
        """How far two leaves agree: 3 the same, 2 the same middle level, 1 the same top, 0 nothing."""
        level: Integers = (self.tops[first] == self.tops[second]).astype(np.int64)
        level += self.middles[first] == self.middles[second]
        level += first == second
        return level


@dataclass(frozen=True)
class Reports:
    """The reports of one party in columns, in the one order that does not depend on how they arrived."""

    ids: Sequence[str]
    lon: Integers
    lat: Integers
    place: Integers
    moment: Integers
    time: Integers
    category: Integers
    severity: Integers
    count: Integers

    def __len__(self) -> int:
        return len(self.ids)

    def taken(self, rows: Integers) -> "Reports":
        """Some of the reports, in the order of `rows`."""
        ids = [self.ids[row] for row in rows.tolist()]
        return Reports(
            ids, self.lon[rows], self.lat[rows], self.place[rows], self.moment[rows], self.time[rows],
            self.category[rows], self.severity[rows], self.count[rows],
        )  # fmt: skip


def in_columns(reports: Iterable[Report], tree: Tree) -> Reports:
    """Reports by moment, then by id. Refuses what `check` refuses, and an id that comes twice (`match.repeated`)."""
    found = sorted(reports, key=_MOMENT_AND_ID)
    if not found:
        return Reports([], *([np.zeros(0, dtype=np.int64)] * 8))
    ids, lon, lat, place, moment, time, category, severity, count, kinds = zip(*found, strict=True)
    if len(set(ids)) < len(ids):
        seen: set[str] = set()
        for name in ids:
            if name in seen:
                raise Refusal("match.repeated", id=name)
            seen.add(name)
    if (
        not _can_be(lon, lat, place, moment, time, severity, count)
        or "" in ids
        or any(kinds)
        or not all(map(all, set(category)))
    ):
        for each in found:
            check(each)
    leaves = tree.leaves
    columns = lon, lat, place, moment, time, [leaves[each] for each in category], severity, count
    return Reports(list(ids), *(np.array(column, dtype=np.int64) for column in columns))


_MOMENT_AND_ID = attrgetter("moment", "id")


def _can_be(*columns: Sequence[int]) -> bool:
    """Whether `check` has nothing against any number, seen at its least and its greatest; categories it sees itself."""
    return all(
        least <= min(column) and max(column) <= most for column, (least, most) in zip(columns, _BOUNDS, strict=True)
    )


_BOUNDS = (
    (-180_000_000, 180_000_000), (-85_000_000, 85_000_000), (min(Place), max(Place)), (FIRST_MOMENT, LAST_MOMENT),
    (min(Time), max(Time)), (MISSING, MOST_SEVERE), (MISSING, MOST_COUNTED),
)  # fmt: skip
