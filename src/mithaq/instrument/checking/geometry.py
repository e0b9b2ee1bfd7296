"""Whether line, sectors and crossings fit each other, each within its own stated accuracy.

Sectors are stretches of the line that follow one another without gap or overlap, each with an area on both sides;
areas meet at their edges only. A crossing lies on the line, in its sector, at its kilometre. Nothing here delimits
anything: the line is the one that the parties use for naming places.
"""

from collections.abc import Iterator
from itertools import combinations

from shapely import MultiPolygon, Polygon
from shapely.errors import GEOSException

from mithaq import places
from mithaq.errors import Datum, Refusal
from mithaq.instrument.checking.fault import Fault
from mithaq.instrument.law import Law, Sector

_OVERLAP = 5_000_000
"""Square microdegrees (about five hectares) that two areas may share by the rounding of their edges."""
_LENGTH_PER_CENT = 1


def faults(law: Law) -> Iterator[Fault]:
    """Everything in the geometry that does not fit."""
    try:
        course = places.Course(tuple(law.line.points), law.line.length, law.line.accuracy)
        measured = places.measure(law.line.points)
    except Refusal as refusal:
        yield "line", refusal.code, dict(refusal.data)
        return
    if abs(measured - law.line.length) * 100 > law.line.length * _LENGTH_PER_CENT:
        yield "line.length", "instrument.length-differs", {"stated": law.line.length, "measured": measured}
    if law.line.left == law.line.right:
        yield "line.right", "instrument.duplicate", {"name": law.line.right}
    yield from _stretches(law)
    yield from _areas(law)
    yield from _crossings(law, course)


def _stretches(law: Law) -> Iterator[Fault]:
    reached = 0
    for index, sector in enumerate(law.sectors):
        path = f"sectors[{index}]"
        if sector.end <= sector.start:
            yield f"{path}.end", "instrument.sector-is-empty", {"sector": sector.id}
        if sector.start > reached:
            yield f"{path}.start", "instrument.sector-gap", {"sector": sector.id, "from": reached, "to": sector.start}
        if sector.start < reached:
            yield f"{path}.start", "instrument.sector-overlap", {"sector": sector.id, "metre": sector.start}
        reached = max(reached, sector.end)
    if law.sectors and reached != law.line.length:
        yield "sectors", "instrument.sectors-miss-the-end", {"reached": reached, "length": law.line.length}


def _areas(law: Law) -> Iterator[Fault]:
    shapes: list[tuple[int, MultiPolygon]] = []
    for index, sector in enumerate(law.sectors):
        shape = _shape(sector)
        if shape is None or not shape.is_valid or shape.is_empty:
            yield f"sectors[{index}].area", "instrument.bad-area", {"sector": sector.id}
        else:
            shapes.append((index, shape))
    for (first, one), (second, other) in combinations(shapes, 2):
        if one.intersects(other) and one.intersection(other).area > _OVERLAP:
            names: dict[str, Datum] = {"sector": law.sectors[second].id, "other": law.sectors[first].id}
            yield f"sectors[{second}].area", "instrument.areas-overlap", names


def _shape(sector: Sector) -> MultiPolygon | None:
    try:
        return MultiPolygon([Polygon(outline, holes) for outline, *holes in sector.area])
    except (ValueError, GEOSException):
        return None


def _crossings(law: Law, course: places.Course) -> Iterator[Fault]:
    stretches = {sector.id: (sector.start, sector.end) for sector in law.sectors}
    for index, crossing in enumerate(law.crossings):
        path = f"crossings[{index}]"
        allowed = crossing.accuracy + law.line.accuracy
        if crossing.accuracy < 1:
            yield f"{path}.accuracy", "instrument.too-small", {"found": crossing.accuracy, "least": 1}
        if crossing.sector not in stretches:
            yield f"{path}.sector", "instrument.unknown-sector", {"sector": crossing.sector}
        elif places.sector_at(crossing.metre, {crossing.sector: stretches[crossing.sector]}) is None:
            found: dict[str, Datum] = {"crossing": crossing.id, "sector": crossing.sector}
            yield f"{path}.sector", "instrument.crossing-outside-its-sector", found
        nearest = course.nearest(crossing.at)
        if nearest.distance > allowed or abs(nearest.metre - crossing.metre) > allowed:
            yield path, "instrument.crossing-off-the-line", {"crossing": crossing.id, "metres": nearest.distance}
