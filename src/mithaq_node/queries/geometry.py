"""Where a stated place is drawn, and in which sector it lies; on which side of the line it lies is never said.

A place that is a sector or a kilometre is drawn at its point of the line: how coarse it is, its form says.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from mithaq import places
from mithaq.errors import Refusal
from mithaq.instrument.law import Law, Position, Sector
from mithaq.notices.fields import sites
from mithaq.places import Cell, Course

_MICRO = 1_000_000
_MOST_PLACES, _MOST_LAWS = 50_000, 4

Geometry = dict[str, Any]


def place_geometry(place: Mapping[str, Any], law: Law) -> Geometry | None:
    """The geometry of a stated place, or None where it has none (a pillar)."""
    if place.get("form") == "area":
        ring = [degrees((lon, lat)) for lon, lat in place["ring"]]
        return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    at = spot(place, law)
    return point(at) if at else None


def spot(place: Mapping[str, Any], law: Law) -> Position | None:
    """The one position that stands for a place among many: of an area the middle of its corners."""
    match place.get("form"):
        case "point":
            return place["lon"], place["lat"]
        case "cell":
            return Cell(place["lon"], place["lat"], place["size"]).centre
        case "area":
            lons, lats = zip(*place["ring"], strict=True)
            return sum(lons) // len(lons), sum(lats) // len(lats)
        case "kilometre":
            return course(law).at(min(place["km"] * 1_000, law.line.length))
        case "crossing":
            return next((each.at for each in law.crossings if each.id == place["crossing"]), None)
        case "sector":
            sector = next((each for each in law.sectors if each.id == place["sector"]), None)
            return course(law).at((sector.start + sector.end) // 2) if sector else None
    return None


class Sectors:
    """In which sector places lie by one law; what was asked for last is remembered, because whoever reads a layer asks
    for the same places again and again."""

    def __init__(self, law: Law) -> None:
        self.law = law
        self._found: dict[bytes, str] = {}
        self._boxes = [(each, _box(each)) for each in law.sectors]

    def of(self, place: Mapping[str, Any]) -> str:
        """The sector of a stated place; empty for one that lies in none, or of which the instrument does not say."""
        key = msgspec.json.encode(place)
        found = self._found.get(key)
        if found is None:
            if len(self._found) >= _MOST_PLACES:
                self._found.clear()
            found = self._found[key] = self._looked_up(place)
        return found

    def _looked_up(self, place: Mapping[str, Any]) -> str:
        try:
            return self._around(place) or sites.sector_of(place, self.law) or ""
        except (Refusal, LookupError, TypeError, ValueError):
            return ""

    def _around(self, place: Mapping[str, Any]) -> str:
        """The sector whose ground holds a place that is stated by coordinates. Only sectors whose box does are looked
        at, of which there are one or two."""
        at = spot(place, self.law) if place.get("form") in ("point", "cell", "area") else None
        if at is None:
            return ""
        near = (
            each
            for each, (west, south, east, north) in self._boxes
            if west <= at[0] <= east and south <= at[1] <= north
        )
        return next((each.id for each in near if places.contains(each.area, at)), "")


def _box(sector: Sector) -> tuple[int, int, int, int]:
    lons, lats = zip(*(corner for rings in sector.area for corner in rings[0]), strict=True)
    return min(lons), min(lats), max(lons), max(lats)


_sectors: list[Sectors] = []


def sectors(law: Law) -> Sectors:
    """The sectors of a law, kept while it is the same value in memory."""
    found = next((each for each in _sectors if each.law is law), None)
    if found is None:
        found = Sectors(law)
        _sectors[:] = [found, *_sectors[: _MOST_LAWS - 1]]
    return found


def sector_of(place: Mapping[str, Any], law: Law) -> str:
    """As `Sectors.of`."""
    return sectors(law).of(place)


def course(law: Law) -> Course:
    """The line of the law, measured along itself."""
    return _course_of(tuple((lon, lat) for lon, lat in law.line.points), law.line.length, law.line.accuracy)


@lru_cache(maxsize=2)
def _course_of(points: tuple[Position, ...], length: int, accuracy: int) -> Course:
    return Course(points, length, accuracy)


def point(position: Position) -> Geometry:
    return {"type": "Point", "coordinates": degrees(position)}


def degrees(position: Position) -> list[float]:
    """Longitude and latitude as GeoJSON writes them."""
    return [position[0] / _MICRO, position[1] / _MICRO]
