"""What a stated place looks like on somebody else's map: a shape of one of three sorts, how accurate it is, and whether
the position was stated or comes from the instrument.

A point is drawn as a point; a cell, an area and a sector as the ground that they name; a kilometre as a stretch of the
line. No shape is finer than what was stated, and on which side of the line anything lies is never said.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from mithaq.formats.asked import Bounds
from mithaq.instrument.law import Law, Position
from mithaq.places import Cell
from mithaq_node.queries import geometry
from mithaq_node.queries.geometry import Geometry

POINTS, LINES, AREAS = SORTS = ("points", "lines", "areas")
TYPES = {POINTS: "Point", LINES: "LineString", AREAS: "MultiPolygon"}
"""Sort to the one type of geometry that it is drawn as."""
_HALF_A_KILOMETRE = 500

Rings = Sequence[Sequence[Position]]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A place on the map."""

    sort: str
    polygons: tuple[Rings, ...]
    """Of an area its polygons, outline first; of a line or a point its one row of positions."""
    accuracy: int
    """Metres by which what is drawn may be off; 0 for ground that is drawn as it was named."""
    is_derived: bool
    """Whether the position comes from the instrument and only the name of it was stated."""
    kept: Geometry | None = None
    """Its geometry, where it is drawn again and again; nobody changes it."""

    @property
    def bounds(self) -> Bounds:
        lons, lats = zip(*(each for rings in self.polygons for each in rings[0]), strict=True)
        return min(lons), min(lats), max(lons), max(lats)

    @property
    def geometry(self) -> Geometry:
        """As GeoJSON: outlines run counter-clockwise and holes clockwise (RFC 7946)."""
        if self.kept is not None:
            return self.kept
        if self.sort == AREAS:
            return {"type": "MultiPolygon", "coordinates": [list(_outlines(each)) for each in self.polygons]}
        positions = [geometry.degrees(each) for each in self.polygons[0][0]]
        return {"type": TYPES[self.sort], "coordinates": positions[0] if self.sort == POINTS else positions}


def drawn(place: Mapping[str, Any], law: Law) -> Drawn | None:
    """The shape of a stated place; None where the instrument says no position of it (a pillar, a crossing or a sector
    that this version has no more)."""
    match place.get("form"):
        case "point":
            return Drawn(POINTS, ((((place["lon"], place["lat"]),),),), place["accuracy"], False)
        case "cell":
            return Drawn(AREAS, ((Cell(place["lon"], place["lat"], place["size"]).ring,),), 0, False)
        case "area":
            return Drawn(AREAS, ((tuple((lon, lat) for lon, lat in place["ring"]),),), 0, False)
        case "kilometre":
            return _named(law).of("kilometre", min(place["km"], law.line.length // 1_000 + 1))
        case "crossing" | "sector" as form:
            return _named(law).of(form, place[form])
    return None


class _Named:
    """What the instrument draws of a place that was named, once for each name."""

    def __init__(self, law: Law) -> None:
        self.law = law
        self._made: dict[tuple[str, str | int], Drawn | None] = {}

    def of(self, form: str, name: str | int) -> Drawn | None:
        key = form, name
        if key not in self._made:
            made = _MAKERS[form](name, self.law)
            self._made[key] = replace(made, kept=made.geometry) if made else None
        return self._made[key]


_laws: list[_Named] = []
_MOST_LAWS = 4


def _named(law: Law) -> _Named:
    """What is drawn by a law, kept while it is the same value in memory. A kilometre beyond the end of the line is that
    end, so there are no more names than the instrument has and the line has kilometres."""
    found = next((each for each in _laws if each.law is law), None)
    if found is None:
        found = _Named(law)
        _laws[:] = [found, *_laws[: _MOST_LAWS - 1]]
    return found


def _crossing(id: Any, law: Law) -> Drawn | None:
    found = next((each for each in law.crossings if each.id == id), None)
    return Drawn(POINTS, (((found.at,),),), found.accuracy, True) if found else None


def _sector(id: Any, law: Law) -> Drawn | None:
    found = next((each for each in law.sectors if each.id == id), None)
    return Drawn(AREAS, tuple(found.area), 0, True) if found else None


def _kilometre(km: Any, law: Law) -> Drawn:
    middle = min(km * 1_000, law.line.length)
    ends = max(0, middle - _HALF_A_KILOMETRE), min(law.line.length, middle + _HALF_A_KILOMETRE)
    stretch = tuple(geometry.course(law).at(metre) for metre in ends)
    return Drawn(LINES, ((stretch,),), law.line.accuracy, True)


_MAKERS: Mapping[str, Callable[[Any, Law], Drawn | None]] = {
    "kilometre": _kilometre,
    "crossing": _crossing,
    "sector": _sector,
}


def _outlines(rings: Rings) -> Iterable[list[list[float]]]:
    for turn, ring in enumerate(rings):
        closed = ring if tuple(ring[0]) == tuple(ring[-1]) else (*ring, ring[0])
        doubled = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(closed))
        is_right = (doubled > 0) == (turn == 0)
        yield [geometry.degrees((lon, lat)) for lon, lat in (closed if is_right else reversed(closed))]
