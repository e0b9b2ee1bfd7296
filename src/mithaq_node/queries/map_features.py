"""What the map draws, as GeoJSON: the line, sectors and crossings of the sealed law, and the places that notices state.

Positions come from the law and from notices alone. A place that is a sector or a kilometre is drawn at its point of the
line and says how coarse it is; on which side of the line anything lies is never said. At most 5,000 features leave.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

from mithaq.instrument.law import Law, Position
from mithaq.notices.book import Incident, Stated
from mithaq.places import Cell, Course
from mithaq_node.queries import instrument, ledgers, watch

MOST_FEATURES = 5_000
_MICRO = 1_000_000

Feature = dict[str, Any]


def law_features() -> dict[str, Any]:
    """Line, sectors and crossings, by identifier; their names come from the sealed words."""
    law = instrument.law()
    return _collection([_line(law), *_sectors(law), *_crossings(law)])


def incident_features() -> dict[str, Any]:
    """A point or an area for each party's account of each open incident."""
    law, book = instrument.law(), ledgers.book()
    open_ones = (each for each in book.incidents.values() if each.state not in watch.FINAL)
    return _collection(islice((feature for each in open_ones for feature in _accounts(each, law)), MOST_FEATURES))


def place_geometry(place: Mapping[str, Any], law: Law) -> Feature | None:
    """The geometry of a stated place, or None where it has none (a pillar)."""
    match place.get("form"):
        case "point":
            return _point((place["lon"], place["lat"]))
        case "cell":
            return _point(Cell(place["lon"], place["lat"], place["size"]).centre)
        case "area":
            ring = [_degrees((lon, lat)) for lon, lat in place["ring"]]
            return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
        case "kilometre":
            return _point(_course(law).at(min(place["km"] * 1_000, law.line.length)))
        case "crossing":
            at = next((each.at for each in law.crossings if each.id == place["crossing"]), None)
            return _point(at) if at else None
        case "sector":
            sector = next((each for each in law.sectors if each.id == place["sector"]), None)
            return _point(_course(law).at((sector.start + sector.end) // 2)) if sector else None
    return None


def _accounts(incident: Incident, law: Law) -> Iterable[Feature]:
    for party, account in incident.accounts.items():
        place = _stated_place(account)
        geometry = place_geometry(place, law) if place else None
        if geometry is not None and place is not None:
            said = {
                "number": incident.number,
                "party": party,
                "kind": next(each.kind for each in incident.notices if each.number == incident.number),
                "state": incident.state,
                "form": place["form"],
                "differs": bool(incident.differences),
            }
            yield {"type": "Feature", "geometry": geometry, "properties": said}


def _stated_place(account: Mapping[str, Stated]) -> Mapping[str, Any] | None:
    stated = account.get("place")
    if stated is None:
        return None
    if isinstance(stated.value, str):
        return {"form": "sector", "sector": stated.value}
    return stated.value if isinstance(stated.value, Mapping) else None


def _line(law: Law) -> Feature:
    geometry = {"type": "LineString", "coordinates": [_degrees(point) for point in law.line.points]}
    return {"type": "Feature", "geometry": geometry, "properties": {"is": "line", "accuracy": law.line.accuracy}}


def _sectors(law: Law) -> Iterable[Feature]:
    course = _course(law)
    for sector in law.sectors:
        rings = [[[_degrees(point) for point in ring] for ring in polygon] for polygon in sector.area]
        said = {"is": "sector", "id": sector.id, "middle": _degrees(course.at((sector.start + sector.end) // 2))}
        yield {"type": "Feature", "geometry": {"type": "MultiPolygon", "coordinates": rings}, "properties": said}


def _crossings(law: Law) -> Iterable[Feature]:
    for crossing in law.crossings:
        said = {"is": "crossing", "id": crossing.id, "accuracy": crossing.accuracy}
        yield {"type": "Feature", "geometry": _point(crossing.at), "properties": said}


@lru_cache(maxsize=2)
def _course_of(points: tuple[Position, ...], length: int, accuracy: int) -> Course:
    return Course(points, length, accuracy)


def _course(law: Law) -> Course:
    return _course_of(tuple(tuple(point) for point in law.line.points), law.line.length, law.line.accuracy)


def _point(position: Position) -> Feature:
    return {"type": "Point", "coordinates": _degrees(position)}


def _degrees(position: Position) -> list[float]:
    return [position[0] / _MICRO, position[1] / _MICRO]


def _collection(features: Iterable[Feature]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}
