"""What the map draws, as GeoJSON: the line, sectors and crossings of the sealed law, and the places that notices state.

Positions come from the law and from notices alone. At most 5,000 features leave: what is more is drawn as groups, one
for each party and cell of a grid that follows the zoom, and each says of how many it is. The register keeps these
counts (`mithaq.cells`), so that a map of a million accounts costs what it draws; the cells at its edge are whole.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from mithaq.cells import Box, Sum
from mithaq.instrument.law import Law
from mithaq_node.queries import geometry, instrument, ledgers
from mithaq_node.queries.register import Choice, Item, Spot

MOST_FEATURES = 5_000
_WORLD = 360_000_000
"""Microdegrees around the earth."""
_CELLS = 4
"""Cells of the grid along one tile of the map, so that a group has sixty-four pixels to stand in."""
_TILES = 4
"""Tiles along a page's map."""

Feature = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Drawn:
    """Features to draw, and of what they are."""

    features: tuple[Feature, ...]
    incidents: int
    """How many incidents state a place in the part of the map that was asked for, or, with `edge`, in a cell that the
    part meets."""
    groups: int
    """How many groups they are drawn as; 0 when each account is drawn by itself."""
    edge: bool = False
    """Whether what lies just outside that part is counted too."""


def law_features() -> dict[str, Any]:
    """Line, sectors and crossings, by identifier; their names come from the sealed words."""
    law = instrument.law()
    return collection([_line(law), *_sectors(law), *_crossings(law)])


def incident_features(choice: Choice, zoom: int | None = None, box: Box | None = None) -> Drawn:
    """A point or an area for each party's account of each incident chosen, or groups of them; of what lies in `box`.
    Without a zoom it is the one at which a page shows so wide a box."""
    law, register = instrument.law(), ledgers.register()
    zoom = _zoom_of(box) if zoom is None else zoom
    counted = register.grouped(choice, zoom, box, MOST_FEATURES)
    if counted is not None:
        ordered = sorted(counted.sums.items())
        features = tuple(_group(party, each.count, each.middle) for (party, _), each in ordered)
        return Drawn(features, counted.entries, len(features), edge=box is not None)
    seen = register.spots(choice, box)
    incidents = len({item.number for item, _ in seen})
    if len(seen) <= MOST_FEATURES:
        return Drawn(tuple(_account(item, spot, law) for item, spot in seen), incidents, 0)
    groups = _grouped([spot for _, spot in seen], zoom)
    return Drawn(groups, incidents, len(groups))


def _zoom_of(box: Box | None) -> int:
    """The zoom at which so wide a box is some tiles of the map; 0 for the whole."""
    return (_TILES * _WORLD // max(box[2] - box[0], 1)).bit_length() - 1 if box is not None else 0


def collection(features: Iterable[Feature]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


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
        sums: dict[tuple[str, int, int], Sum] = {}
        for spot in spots:
            sums.setdefault((spot.party, spot.lon // side, spot.lat // side), Sum()).add(1, spot.lon, spot.lat)
            if len(sums) > MOST_FEATURES:
                break
        else:
            return tuple(_group(party, each.count, each.middle) for (party, _, _), each in sorted(sums.items()))
    return ()


def _group(party: str, count: int, middle: tuple[int, int]) -> Feature:
    """It stands in the middle of what it is of."""
    said = {"party": party, "count": count}
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
