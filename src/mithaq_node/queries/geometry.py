"""Where a stated place is drawn, and in which sector it lies; on which side of the line it lies is never said.

A place that is a sector or a kilometre is drawn at its point of the line: how coarse it is, its form says.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from mithaq.errors import Refusal
from mithaq.instrument.law import Law, Position
from mithaq.notices.fields import sites
from mithaq.places import Cell, Course

_MICRO = 1_000_000

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


def sector_of(place: Mapping[str, Any], law: Law) -> str:
    """The sector of a stated place; empty for one that lies in none, or of which the instrument does not say."""
    try:
        return sites.sector_of(place, law) or ""
    except (Refusal, LookupError, TypeError, ValueError):
        return ""


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
