"""A project of QGIS that opens without a network: the layers of the map beside water, the line and the sectors.

The project (`.qgz`) and its layers (a GeoPackage beside it) belong together: the one names the other by its name alone,
so both are moved in one folder. What the map is, how it is handled and until when it is kept stand in its description,
in a layer of its own and at its corner.
"""

import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from mithaq.formats import qgis
from mithaq.formats.openapi import Described, Property
from mithaq.formats.qgis import Group, Layer
from mithaq_node import queries
from mithaq_node.queries import features
from mithaq_node.services import geopackage, styling

Features = Iterable[tuple[Described, Iterable[Mapping[str, Any]]]]
Bounds = tuple[float, float, float, float]

_MICRO = 1_000_000
_MARGIN = 0.08
_WATER = (
    ("rivers", _("Rivers"), "MultiLineString"),
    ("lakes", _("Lakes"), "MultiPolygon"),
    ("sea", _("Sea"), "MultiPolygon"),
)
_NAMES = {
    "points": _("As positions"),
    "lines": _("Along the line"),
    "areas": _("As areas"),
    "unplaced": _("Without a place"),
    "two-accounts": _("Both sides' accounts"),
    "pairs": _("Pairs of notices"),
    "crossings": _("Crossings"),
    "crossing-statements": _("What each side states"),
    "sectors": _("Sectors"),
    "line": _("The line"),
}
_GROUPS = (
    ("accounts", _("Accounts of incidents"), ("accounts-", "two-accounts", "pairs")),
    ("activities", _("Planned activities"), ("activities-",)),
    ("crossings", _("Crossings"), ("crossings", "crossing-statements")),
    ("instrument", _("Instrument in force"), ("line", "sectors")),
)
_BENEATH = ("crossing-statements", "sectors")
"""Drawn beneath the others of their group."""


def write(project: Path, package: Path, name: str, collections: Features, says: str, about: Mapping[str, str]) -> None:
    """Write the project and the GeoPackage that it opens under the name `name`; `about` are the fields of what the map
    says of itself, `made_at` a canonical moment among them. The language of names is the one that is active."""
    known = list(collections)
    shown = _bounds()
    corner = {"type": "Point", "coordinates": _corner(shown)}
    told = Described(
        "about", "About this map", "", "Point", tuple(Property(each, "string", "") for each in ("says", *about)), False
    )
    itself = {"id": "about", "geometry": corner, "properties": {"says": _wrapped(says), **about}}
    water = [(_of_water(id, geometry), _water(id, geometry)) for id, _name, geometry in _WATER]
    geopackage.write(package, [*known, (told, [itself]), *water], says, about["made_at"])
    groups = [*_groups([described for described, _rows in known]), _own(told), _ground()]
    encoded = qgis.project_file(_title(), says, styling.language(), name, shown, groups)
    with zipfile.ZipFile(project, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(f"{Path(name).stem}.qgs", encoded)


def _groups(known: Sequence[Described]) -> Iterator[Group]:
    for _id, name, parts in _GROUPS:
        of_it = [
            each
            for each in known
            if each.id in parts or each.id.startswith(tuple(part for part in parts if part[-1] == "-"))
        ]
        ordered = sorted(of_it, key=lambda each: (not each.geometry, each.id in _BENEATH))
        if ordered:
            yield Group(str(name), [_layer(each) for each in ordered])


def _layer(described: Described) -> Layer:
    table = described.id.replace("-", "_")
    name = str(_NAMES.get(described.id) or _NAMES.get(described.id.rpartition("-")[2]) or described.title)
    return Layer(described.id, name, table, described.geometry, styling.style_of(described), bool(described.geometry))


def _own(told: Described) -> Group:
    return Group(
        str(_("About this map")), [Layer("about", str(_("About this map")), "about", told.geometry, styling.about())]
    )


def _ground() -> Group:
    return Group(
        str(_("Water")), [Layer(id, str(name), id, geometry, styling.water(geometry)) for id, name, geometry in _WATER]
    )


def _of_water(id: str, geometry: str) -> Described:
    return Described(id, id.capitalize(), "From Natural Earth 1:10m, public domain.", geometry, (), False)


def _water(id: str, geometry: str) -> Iterator[Mapping[str, Any]]:
    """The ground of the desk's own map; the names in it are its source's and are not taken along."""
    source = files("mithaq_node") / "web" / "static" / "basemap" / f"{id}.geojson"
    for place, each in enumerate(json.loads(source.read_text("utf-8"))["features"], 1):
        drawn = each["geometry"]
        several = drawn["coordinates"] if drawn["type"].startswith("Multi") else [drawn["coordinates"]]
        yield {"id": str(place), "geometry": {"type": geometry, "coordinates": several}, "properties": {}}


def _bounds() -> Bounds:
    """Around what the instrument draws, with a margin."""
    known = features.collections()
    found = [bounds for bounds in (known[id].rows().extent()[0] for id in ("line", "sectors")) if bounds]
    west, south = (min(each[place] for each in found) / _MICRO for place in (0, 1))
    east, north = (max(each[place] for each in found) / _MICRO for place in (2, 3))
    wide, high = (east - west) * _MARGIN, (north - south) * _MARGIN
    return west - wide, south - high, east + wide, north + high


def _corner(shown: Bounds) -> list[float]:
    """Where the map says what it is: within the margin above what the instrument draws."""
    west, south, east, north = shown
    return [west + (east - west) * _MARGIN / 2, north - (north - south) * _MARGIN / 2]


def _title() -> str:
    law = queries.law()
    return law.title.get(styling.language()) or law.id


def _wrapped(says: str) -> str:
    """A sentence a line, as a label stands at the corner of a map."""
    return says.replace(". ", ".\n")
