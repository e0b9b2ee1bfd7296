"""Types of place: `place`, `sector` and `crossing`.

A place is stated in one of seven forms and keeps the form in which it was stated:

    {"form":"sector","sector":"S4"}                      a sector of the instrument
    {"form":"kilometre","km":532}                        a kilometre along the line
    {"form":"crossing","crossing":"mehran"}              a crossing of the instrument
    {"form":"cell","lon":…,"lat":…,"size":2000}          a cell of the fixed grid: south-west corner, least side in
    metres {"form":"area","ring":[[lon,lat],…]}                 an area by its corners, not closed, for plans and
    hazards {"form":"pillar","pillar":38}                        a boundary pillar
    {"form":"point","lon":…,"lat":…,"accuracy":30}       a position, WGS 84 in microdegrees, accuracy in metres

The field's floor says which are fine enough and no finer: `exact` all, `cell` no point, no pillar, and areas with
corners on the grid only, `kilometre` neither of these nor cells, `sector` sectors alone. On which side of the line a
place lies is never said.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from mithaq import places
from mithaq.errors import Refusal
from mithaq.instrument.law import Crossing, Field, Law
from mithaq.notices.fields.field_type import (
    FieldType,
    Judge,
    Schema,
    as_it_is,
    closed_object,
    is_integer,
    wrong_type,
)

FLOORS: Final = ("exact", "cell", "kilometre", "sector")
CELL_SIZES: Final = (2_000, 5_000, 10_000, 20_000)
MOST_CORNERS: Final = 24
MOST_ACCURACY: Final = 100_000
MOST_PILLARS: Final = 9_999

_FORMS: Final[Mapping[str, frozenset[str]]] = {
    "sector": frozenset({"form", "sector"}),
    "kilometre": frozenset({"form", "km"}),
    "crossing": frozenset({"form", "crossing"}),
    "cell": frozenset({"form", "lon", "lat", "size"}),
    "area": frozenset({"form", "ring"}),
    "pillar": frozenset({"form", "pillar"}),
    "point": frozenset({"form", "lon", "lat", "accuracy"}),
}
_FINENESS: Final[Mapping[str, int]] = {
    "point": 0,
    "pillar": 0,
    "area": 1,
    "cell": 1,
    "kilometre": 2,
    "crossing": 2,
    "sector": 3,
}
_LON, _LAT = 180_000_000, 80_000_000


def _judge_place(field: Field, law: Law) -> Judge:
    coarsest = FLOORS.index(field.floor or "sector")
    sectors = frozenset(sector.id for sector in law.sectors)
    crossings = frozenset(crossing.id for crossing in law.crossings)
    furthest = law.line.length // 1_000 + 1

    def is_well_formed(form: str, value: dict[str, Any]) -> bool:
        match form:
            case "sector":
                return value["sector"] in sectors
            case "crossing":
                return value["crossing"] in crossings
            case "kilometre":
                return is_integer(value["km"]) and 0 <= value["km"] <= furthest
            case "pillar":
                return is_integer(value["pillar"]) and 0 < value["pillar"] <= MOST_PILLARS
            case "point":
                fine = is_integer(value["accuracy"]) and 0 < value["accuracy"] <= MOST_ACCURACY
                return fine and _is_position([value["lon"], value["lat"]])
            case "cell":
                return value["size"] in CELL_SIZES and bool(_is_cell(value["lon"], value["lat"], value["size"]))
        return _is_ring(value["ring"])

    def judge(value: Any) -> None:
        form = value.get("form") if type(value) is dict else None
        if type(form) is not str or value.keys() != _FORMS.get(form):
            raise wrong_type(field, "place")
        if not _is_hashable_place(value) or not is_well_formed(form, value):
            raise Refusal("field.no-such-place", field=field.name, form=form)
        _require_an_area(field, value)
        if _FINENESS[form] < coarsest or (form == "area" and coarsest and not _is_on_grid(value["ring"])):
            raise Refusal("field.too-fine", field=field.name, floor=field.floor or "sector")

    return judge


def _require_an_area(field: Field, value: Mapping[str, Any]) -> None:
    if value["form"] == "area" and places.crosses_itself(value["ring"]):
        raise Refusal("field.area-crosses-itself", field=field.name)


def _judge_sector(field: Field, law: Law) -> Judge:
    return _judge_listed(field, frozenset(sector.id for sector in law.sectors), "sector")


def _judge_crossing(field: Field, law: Law) -> Judge:
    return _judge_listed(field, frozenset(crossing.id for crossing in law.crossings), "crossing")


def _judge_listed(field: Field, known: frozenset[str], expected: str) -> Judge:
    def judge(value: Any) -> None:
        if type(value) is not str:
            raise wrong_type(field, expected)
        if value not in known:
            raise Refusal("field.no-such-place", field=field.name, form=expected)

    return judge


def _coarsen_place(value: Any, field: Field, law: Law) -> Any:
    """The place no finer than the floor; derived forms are of the floor's own kind, coarser ones stay as stated."""
    try:
        _judge_place(_with_floor(field, "exact"), law)(value)
    except Refusal:
        return value
    coarsest = FLOORS.index(field.floor or "sector")
    if coarsest == 0 or value["form"] == "sector" or (_FINENESS[value["form"]] >= coarsest and value["form"] != "area"):
        return value
    if value["form"] == "pillar":
        return value
    if coarsest == 1:
        return _snapped(value) if value["form"] == "area" else _cell_form(_position(value, law))
    if coarsest == 2:
        return {"form": "kilometre", "km": places.kilometre(_metre(value, law))}
    found = sector_of(value, law)
    return value if found is None else {"form": "sector", "sector": found}


def sector_of(value: Mapping[str, Any], law: Law) -> str | None:
    """The sector in which a place lies that was judged good: the stated one, or the one of its area or kilometre.

    None for a pillar, of which the instrument does not say where it stands, for what lies in no sector, and for a
    sector or crossing of an earlier law that this one has no more.
    """
    match value["form"]:
        case "sector":
            return next((each.id for each in law.sectors if each.id == value["sector"]), None)
        case "crossing":
            return next((each.sector for each in law.crossings if each.id == value["crossing"]), None)
        case "pillar":
            return None
    areas = {sector.id: sector.area for sector in law.sectors}
    within = None if value["form"] == "kilometre" else places.sector_of(_position(value, law), areas)
    return within or places.sector_at(
        _metre(value, law), {sector.id: (sector.start, sector.end) for sector in law.sectors}
    )


def lies_outside(value: Mapping[str, Any], law: Law) -> bool:
    """Whether a place stated by coordinates touches the area of no sector: a slip of the pen, or meant.

    A notice may name such a place, so no judge refuses it. False for whatever is no well-formed place, which the judge
    refuses.
    """
    if value.get("form") not in ("point", "cell", "area"):
        return False
    try:
        _judge_place(Field(name="place", type="place", part="", floor="exact"), law)(value)
    except Refusal:
        return False
    corners = [tuple(corner) for corner in value.get("ring", [])]
    areas = {sector.id: sector.area for sector in law.sectors}
    return all(places.sector_of(each, areas) is None for each in (_position(value, law), *corners))


def _with_floor(field: Field, floor: str) -> Field:
    return Field(name=field.name, type=field.type, part=field.part, floor=floor)


def _position(value: Mapping[str, Any], law: Law) -> places.Position:
    """The position that stands for a place: its own, its centre, or its crossing's."""
    match value["form"]:
        case "cell":
            return places.Cell(value["lon"], value["lat"], value["size"]).centre
        case "area":
            lons, lats = zip(*value["ring"], strict=True)
            return sum(lons) // len(lons), sum(lats) // len(lats)
        case "crossing":
            return _crossing(value["crossing"], law).at
    return int(value["lon"]), int(value["lat"])


def _metre(value: Mapping[str, Any], law: Law) -> int:
    if value["form"] == "kilometre":
        return min(int(value["km"]) * 1_000, law.line.length)
    points = tuple((lon, lat) for lon, lat in law.line.points)
    return _course(points, law.line.length, law.line.accuracy).nearest(_position(value, law)).metre


@lru_cache(maxsize=4)
def _course(points: tuple[places.Position, ...], length: int, accuracy: int) -> places.Course:
    """The line, whose lengths along itself are added up once."""
    return places.Course(points, length, accuracy)


def _crossing(id: str, law: Law) -> Crossing:
    return next(crossing for crossing in law.crossings if crossing.id == id)


def _cell_form(position: places.Position) -> dict[str, Any]:
    cell = places.cell_of(position)
    return {"form": "cell", "lon": cell.lon, "lat": cell.lat, "size": cell.size}


def _snapped(value: Mapping[str, Any]) -> dict[str, Any]:
    corners: list[list[int]] = []
    for lon, lat in value["ring"]:
        cell = places.cell_of((lon, lat))
        if [cell.lon, cell.lat] not in corners:
            corners.append([cell.lon, cell.lat])
    return {"form": "area", "ring": corners}


def _is_hashable_place(value: Mapping[str, Any]) -> bool:
    return all(key == "ring" or type(each) in (int, str) for key, each in value.items())


def _is_position(value: Any) -> bool:
    if type(value) is not list or len(value) != 2 or not all(map(is_integer, value)):
        return False
    return bool(abs(value[0]) <= _LON and abs(value[1]) <= _LAT)


def _is_ring(value: Any) -> bool:
    if type(value) is not list or not 3 <= len(value) <= MOST_CORNERS or not all(map(_is_position, value)):
        return False
    return len({tuple(corner) for corner in value}) == len(value)


def _is_on_grid(ring: list[list[int]]) -> bool:
    return all(_is_cell(lon, lat, places.SMALLEST_CELL) for lon, lat in ring)


@lru_cache(maxsize=65_536)
def _is_cell(lon: Any, lat: Any, size: int) -> bool:
    """Whether a corner is the south-west corner of a cell of the fixed grid."""
    if not _is_position([lon, lat]):
        return False
    return places.cell_of((lon, lat), size) == places.Cell(lon, lat, size)


def _place_schema(field: Field, law: Law) -> Schema:
    coarsest = FLOORS.index(field.floor or "sector")
    lon = {"type": "integer", "minimum": -_LON, "maximum": _LON}
    lat = {"type": "integer", "minimum": -_LAT, "maximum": _LAT}
    corner = {"type": "array", "prefixItems": [lon, lat], "items": False, "minItems": 2}
    shapes: dict[str, dict[str, Schema]] = {
        "sector": {"sector": _sector_schema(field, law)},
        "kilometre": {"km": {"type": "integer", "minimum": 0, "maximum": law.line.length // 1_000 + 1}},
        "crossing": {"crossing": _crossing_schema(field, law)},
        "cell": {"lon": lon, "lat": lat, "size": {"enum": list(CELL_SIZES)}},
        "area": {
            "ring": {
                "type": "array",
                "items": corner,
                "minItems": 3,
                "maxItems": MOST_CORNERS,
                "uniqueItems": True,
            }
        },
        "pillar": {"pillar": {"type": "integer", "minimum": 1, "maximum": MOST_PILLARS}},
        "point": {
            "lon": lon,
            "lat": lat,
            "accuracy": {"type": "integer", "minimum": 1, "maximum": MOST_ACCURACY},
        },
    }
    return {
        "oneOf": [
            closed_object({"form": {"const": form}} | properties)
            for form, properties in shapes.items()
            if _FINENESS[form] >= coarsest
        ]
    }


def _sector_schema(field: Field, law: Law) -> Schema:
    return {"enum": [sector.id for sector in law.sectors]}


def _crossing_schema(field: Field, law: Law) -> Schema:
    return {"enum": [crossing.id for crossing in law.crossings]}


PLACE = FieldType("place", _judge_place, _place_schema, _coarsen_place, floors=FLOORS, schema_is_exact=False)
SECTOR = FieldType("sector", _judge_sector, _sector_schema, as_it_is)
CROSSING = FieldType("crossing", _judge_crossing, _crossing_schema, as_it_is)
