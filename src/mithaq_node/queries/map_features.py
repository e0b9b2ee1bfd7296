"""What the map draws, as GeoJSON: the line, sectors and crossings of the sealed law, and the places that notices state.

Positions come from the law and from notices alone. At most 5,000 features leave: what is more is drawn as groups, one
for each party and cell of a grid that follows the zoom, and each says of how many it is.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from mithaq.instrument.law import Law
from mithaq_node.queries import geometry, instrument, ledgers
from mithaq_node.queries.register import Choice, Item, Spot

MOST_FEATURES = 5_000
_WORLD = 360_000_000
"""Microdegrees around the earth."""
_CELLS = 4
"""Cells of the grid along one tile of the map, so that a group has sixty-four pixels to stand in."""

Feature = dict[str, Any]
Box = tuple[int, int, int, int]
"""West, south, east and north in microdegrees."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Features to draw, and of what they are."""

    features: tuple[Feature, ...]
    incidents: int
    """How many incidents state a place in the part of the map that was asked for."""
    groups: int
    """How many groups they are drawn as; 0 when each account is drawn by itself."""


def law_features() -> dict[str, Any]:
    """Line, sectors and crossings, by identifier; their names come from the sealed words."""
    law = instrument.law()
    return collection([_line(law), *_sectors(law), *_crossings(law)])


def incident_features(choice: Choice, zoom: int = 0, box: Box | None = None) -> Drawn:
    """A point or an area for each party's account of each incident chosen, or groups of them; of what lies in `box`."""
    law = instrument.law()
    seen = [(item, spot) for item in ledgers.register().all(choice) for spot in item.spots if _is_in(spot, box)]
    incidents = len({item.number for item, _ in seen})
    if len(seen) <= MOST_FEATURES:
        return Drawn(tuple(_account(item, spot, law) for item, spot in seen), incidents, 0)
    groups = _grouped([spot for _, spot in seen], zoom)
    return Drawn(groups, incidents, len(groups))


def collection(features: Iterable[Feature]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def _is_in(spot: Spot, box: Box | None) -> bool:
    return box is None or (box[0] <= spot.lon <= box[2] and box[1] <= spot.lat <= box[3])


def _account(item: Item, spot: Spot, law: Law) -> Feature:
    assert item.incident is not None
    said = {
        "number": item.number,
        "party": spot.party,
        "kind": item.first.kind,
        "state": item.incident.state,
        "form": spot.place["form"],
        "differs": bool(item.incident.differences),
    }
    return {"type": "Feature", "geometry": geometry.place_geometry(spot.place, law), "properties": said}


def _grouped(spots: Sequence[Spot], zoom: int) -> tuple[Feature, ...]:
    """One feature for each party and cell; the cells are made larger until there are few enough."""
    for level in range(min(max(zoom, 0), 20), -1, -1):
        side = max(_WORLD // (_CELLS << level), 1)
        sums: dict[tuple[str, int, int], Counter[str]] = {}
        for spot in spots:
            cell = sums.setdefault((spot.party, spot.lon // side, spot.lat // side), Counter())
            cell.update(count=1, lon=spot.lon, lat=spot.lat)
            if len(sums) > MOST_FEATURES:
                break
        else:
            return tuple(_group(party, summed) for (party, _, _), summed in sorted(sums.items()))
    return ()


def _group(party: str, summed: Counter[str]) -> Feature:
    """It stands in the middle of what it is of."""
    middle = summed["lon"] // summed["count"], summed["lat"] // summed["count"]
    said = {"party": party, "count": summed["count"]}
    return {"type": "Feature", "geometry": geometry.point(middle), "properties": said}


def _line(law: Law) -> Feature:
    drawn = {"type": "LineString", "coordinates": [geometry.degrees((lon, lat)) for lon, lat in law.line.points]}
    return {"type": "Feature", "geometry": drawn, "properties": {"is": "line", "accuracy": law.line.accuracy}}


def _sectors(law: Law) -> Iterable[Feature]:
    course = geometry.course(law)
    for sector in law.sectors:
        rings = [[[geometry.degrees((lon, lat)) for lon, lat in ring] for ring in polygon] for polygon in sector.area]
        middle = geometry.degrees(course.at((sector.start + sector.end) // 2))
        said = {"is": "sector", "id": sector.id, "middle": middle}
        yield {"type": "Feature", "geometry": {"type": "MultiPolygon", "coordinates": rings}, "properties": said}


def _crossings(law: Law) -> Iterable[Feature]:
    for crossing in law.crossings:
        said = {"is": "crossing", "id": crossing.id, "accuracy": crossing.accuracy}
        yield {"type": "Feature", "geometry": geometry.point(crossing.at), "properties": said}
