"""Where a stated place lies on the ground, and whether two of them share ground: yes, no, or too close to say.

An answer claims no more than the places do. What names the same sector, kilometre, crossing or pillar shares it,
whatever the accuracy of the line. Otherwise the shapes decide, each known to its own accuracy: two shapes share ground
when they still do after both have drawn in by their accuracy, and do not when they are further apart than both
accuracies together. Areas that only touch are too close to say, because a plan lies somewhere in the cells that it
states.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import cos, radians
from typing import Any

import shapely
from shapely import LineString, MultiPolygon, Point, Polygon, affinity
from shapely.geometry.base import BaseGeometry

from mithaq import places
from mithaq.instrument.law import Law, Sector
from mithaq.places import Answer

_METRES_A_MICRODEGREE = 0.111_320
_HALF_A_KILOMETRE = 500

Box = tuple[float, float, float, float]
"""West, south, east, north, in microdegrees."""


@dataclass(frozen=True, slots=True)
class Extent:
    """The ground of one place: its shape in microdegrees, the accuracy of that in metres, and the name it was given."""

    shape: BaseGeometry
    accuracy: int
    name: tuple[str, str] | None
    """The form and the sector, kilometre or crossing that it names; None where it is given by positions."""
    sector: str | None
    """The sector that holds what it names."""

    @property
    def box(self) -> Box:
        """What holds the shape, widened by the accuracy."""
        west, south, east, north = self.shape.bounds
        tall = self.accuracy / _METRES_A_MICRODEGREE
        wide = tall / _narrowing((south + north) / 2)
        return west - wide, south - tall, east + wide, north + tall


@dataclass(frozen=True)
class Ground:
    """The line, sectors and crossings of an instrument, as what places mean on the ground."""

    law: Law

    def extent(self, place: Mapping[str, Any]) -> Extent | None:
        """The ground of a place that was judged good; None for a pillar: the instrument says no position of one."""
        match place["form"]:
            case "pillar":
                return None
            case "sector":
                return self._sectors[place["sector"]]
            case "kilometre":
                return self._kilometre(int(place["km"]))
            case "crossing":
                return self._crossings[place["crossing"]]
            case "point":
                return Extent(Point(place["lon"], place["lat"]), place["accuracy"], None, None)
            case "cell":
                return Extent(Polygon(places.Cell(place["lon"], place["lat"], place["size"]).ring), 0, None, None)
        return Extent(shapely.make_valid(Polygon(place["ring"])), 0, None, None)

    def distance(self, place: Mapping[str, Any]) -> tuple[int, int]:
        """How far a place that was judged good lies from the line, and the accuracy of that; both in metres.

        What is named by the line itself, a sector, a kilometre, a crossing or a pillar, lies on it.
        """
        found = self.extent(place)
        if found is None or found.name is not None:
            return 0, 0
        line = Extent(LineString(self.law.line.points), self.law.line.accuracy, None, None)
        first, second = _at_scale_of(found, line)
        return int(shapely.distance(first, second)), found.accuracy + line.accuracy

    @cached_property
    def _sectors(self) -> Mapping[str, Extent]:
        return {each.id: _of_sector(each) for each in self.law.sectors}

    @cached_property
    def _crossings(self) -> Mapping[str, Extent]:
        return {
            each.id: Extent(Point(each.at), each.accuracy, ("crossing", each.id), each.sector)
            for each in self.law.crossings
        }

    @cached_property
    def _course(self) -> places.Course:
        return places.Course(tuple(self.law.line.points), self.law.line.length, self.law.line.accuracy)

    @cached_property
    def _stretches(self) -> Mapping[str, tuple[int, int]]:
        return {sector.id: (sector.start, sector.end) for sector in self.law.sectors}

    def _kilometre(self, km: int) -> Extent:
        """The stretch of the line that is nearest to this full kilometre."""
        length = self.law.line.length
        middle = min(km * 1_000, length)
        ends = (max(0, middle - _HALF_A_KILOMETRE), min(length, middle + _HALF_A_KILOMETRE))
        stretch = LineString([self._course.at(metre) for metre in ends])
        return Extent(
            stretch, self.law.line.accuracy, ("kilometre", str(km)), places.sector_at(middle, self._stretches)
        )


def share_ground(mine: Extent, theirs: Extent) -> Answer:
    """Whether two places share ground."""
    if mine.name and theirs.name:
        if mine.name == theirs.name:
            return Answer.YES
        if "sector" in (mine.name[0], theirs.name[0]) and mine.sector and theirs.sector:
            return Answer.YES if mine.sector == theirs.sector else _of_neighbours(mine, theirs)
    return _of_shapes(mine, theirs)


def shared_rings(mine: Extent, theirs: Extent) -> tuple[places.Ring, ...]:
    """The outlines of the ground that two areas share as stated, for drawing; none where either is no area."""
    shared = shapely.intersection(mine.shape, theirs.shape)
    areas = [each for each in shapely.get_parts(shared) if isinstance(each, Polygon) and not each.is_empty]
    return tuple(tuple((round(lon), round(lat)) for lon, lat in area.exterior.coords) for area in areas)


def _of_neighbours(mine: Extent, theirs: Extent) -> Answer:
    """A sector and what another sector names: apart, unless the shapes come within their accuracy."""
    return Answer.NO if _of_shapes(mine, theirs) is Answer.NO else Answer.TOO_CLOSE


def _of_shapes(mine: Extent, theirs: Extent) -> Answer:
    if not _boxes_meet(mine.box, theirs.box):
        return Answer.NO
    if mine.accuracy == theirs.accuracy == 0:
        return _of_exact_areas(*sorted((mine, theirs), key=lambda each: each.name is None))
    first, second = _in_metres(mine, theirs)
    if shapely.distance(first, second) > mine.accuracy + theirs.accuracy:
        return Answer.NO
    return Answer.YES if _surely_shared(first, mine.accuracy, second, theirs.accuracy) else Answer.TOO_CLOSE


def _of_exact_areas(named: Extent, other: Extent) -> Answer:
    """Whether two areas share ground; a sector, whose shape is prepared, comes first."""
    if not named.shape.intersects(other.shape):
        return Answer.NO
    if named.shape.covers(other.shape) or shapely.relate_pattern(named.shape, other.shape, "T********"):
        return Answer.YES
    return Answer.TOO_CLOSE


def _surely_shared(first: BaseGeometry, of_first: int, second: BaseGeometry, of_second: int) -> bool:
    """Whether the two still share ground after each has drawn in by its accuracy. What is no area cannot draw in: the
    other does by both accuracies."""
    if first.area and second.area:
        return bool(first.buffer(-of_first).intersection(second.buffer(-of_second)).area)
    area, other = (first, second) if first.area else (second, first)
    return bool(area.area and area.buffer(-(of_first + of_second)).intersects(other))


def _in_metres(mine: Extent, theirs: Extent) -> tuple[BaseGeometry, BaseGeometry]:
    """Both shapes in metres, east and north, at the scale of the latitude between them."""
    south, north = min(mine.box[1], theirs.box[1]), max(mine.box[3], theirs.box[3])
    return _scaled(mine.shape, theirs.shape, (south + north) / 2)


def _at_scale_of(mine: Extent, theirs: Extent) -> tuple[BaseGeometry, BaseGeometry]:
    """Both shapes in metres, at the scale of the latitude of the first, where the other comes nearest to it."""
    _, south, _, north = mine.shape.bounds
    return _scaled(mine.shape, theirs.shape, (south + north) / 2)


def _scaled(one: BaseGeometry, other: BaseGeometry, lat: float) -> tuple[BaseGeometry, BaseGeometry]:
    wide = _METRES_A_MICRODEGREE * _narrowing(lat)
    first, second = (affinity.scale(each, wide, _METRES_A_MICRODEGREE, origin=(0, 0)) for each in (one, other))
    return first, second


def _boxes_meet(one: Box, other: Box) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def _narrowing(lat: float) -> float:
    """How much shorter a degree of longitude is at a latitude in microdegrees than at the equator."""
    return max(0.1, cos(radians(lat / 1_000_000)))


def _of_sector(sector: Sector) -> Extent:
    shape = shapely.make_valid(MultiPolygon([(polygon[0], list(polygon[1:])) for polygon in sector.area]))
    shapely.prepare(shape)
    return Extent(shape, 0, ("sector", sector.id), sector.id)
