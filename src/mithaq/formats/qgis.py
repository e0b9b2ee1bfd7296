"""Styles and projects of QGIS: how layers look (`.qml`), and a project that opens them (`.qgs`).

Only what a reader of QGIS 3.22 or later needs to draw is written; what is left out has QGIS's own default. Colours are
`#rrggbb`, sizes millimetres. A style that tells parties apart does it by colour, by shape and by filling, so that it
holds on paper without colour too. The language of labels is the project's variable `mithaq_language`, which whoever
opens it may change; a style without a project keeps the language it was made for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

MEDIA_TYPE = "application/xml"
LANGUAGE = "mithaq_language"
"""The variable of a project that chooses the language of its labels."""
_VERSION: Final = "3.22.0"
_TYPES: Final = {"marker": "Point", "line": "Line", "fill": "Polygon"}
_SYSTEM: Final = "EPSG:4326"

Options = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Symbol:
    """What is drawn for a feature: one or more layers, the lowest first, each a class of QGIS with its options."""

    type: str
    """`marker`, `line` or `fill`."""
    layers: tuple[tuple[str, Options], ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A line that is drawn of another geometry than the feature's own, by an expression."""

    expression: str
    symbol: Symbol


@dataclass(frozen=True, slots=True)
class Style:
    """How a layer looks: one symbol for all, or one for each value of a field; and its label, an expression."""

    symbols: Mapping[str, tuple[str, Symbol]]
    """Value to its name in the legend and its symbol; the one value `` where all look alike."""
    field: str = ""
    label: str = ""
    beneath: Drawn | None = None
    """Drawn beneath every symbol."""
    size: int = 9
    """Of the label, in points."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of a project, out of a table of a GeoPackage beside it."""

    id: str
    name: str
    table: str
    geometry: str
    """A type of geometry of GeoJSON; empty for a table without one."""
    style: Style | None
    is_shown: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """Layers that stand under one name, the topmost first."""

    name: str
    layers: Sequence[Layer] = field(default_factory=tuple)


def marker(shape: str, colour: str, is_filled: bool, size: float) -> Symbol:
    """A shape that QGIS knows (`circle`, `square`, `triangle`, `diamond`), full or hollow."""
    options = {
        "name": shape,
        "color": _rgba(colour if is_filled else "#ffffff"),
        "outline_color": _rgba("#ffffff" if is_filled else colour),
        "outline_width": "0.3" if is_filled else "0.8",
        "size": str(size),
        "size_unit": "MM",
    }
    return Symbol("marker", (("SimpleMarker", options),))


def line(colour: str, width: float, pattern: str = "solid") -> Symbol:
    """A line; `pattern` is `solid`, `dash`, `dot` or `dash dot`."""
    options = {"line_color": _rgba(colour), "line_width": str(width), "line_width_unit": "MM", "line_style": pattern}
    return Symbol("line", (("SimpleLine", {**options, "capstyle": "round", "joinstyle": "round"}),))


def fill(colour: str, pattern: str, edge: str, width: float = 0.5, edge_pattern: str = "solid") -> Symbol:
    """Ground; `pattern` is `solid`, `no`, `f_diagonal`, `b_diagonal`, `horizontal` or `dense6`."""
    options = {
        "color": _rgba(colour),
        "style": pattern,
        "outline_color": _rgba(edge),
        "outline_width": str(width),
        "outline_width_unit": "MM",
        "outline_style": edge_pattern,
    }
    return Symbol("fill", (("SimpleFill", options),))


def style_file(style: Style, language: str) -> bytes:
    """A style as a `.qml` that QGIS loads onto a layer of the same fields."""
    root = Element(
        "qgis", {"version": _VERSION, "styleCategories": "Symbology|Labeling", "labelsEnabled": _flag(style.label)}
    )
    _styled(root, style, language)
    return _written(root)


def project_file(
    title: str,
    says: str,
    language: str,
    package: str,
    bounds: tuple[float, float, float, float],
    groups: Sequence[Group],
) -> bytes:
    """A project over the GeoPackage `package` that lies beside it; `bounds` (west, south, east, north, degrees) is what
    it shows when it is opened, and `says` stands in its description."""
    root = Element("qgis", {"version": _VERSION, "projectname": title})
    SubElement(root, "homePath", {"path": ""})
    _put(root, "title", title)
    _system(SubElement(root, "projectCrs"))
    layers = [each for group in groups for each in group.layers]
    _tree(root, groups, package)
    canvas = SubElement(root, "mapcanvas", {"annotationsVisible": "1", "name": "theMapCanvas"})
    _put(canvas, "units", "degrees")
    _extent(canvas, bounds)
    _system(SubElement(canvas, "destinationsrs"))
    known = SubElement(root, "projectlayers")
    for each in layers:
        _layer(known, each, package, language)
    order = SubElement(root, "layerorder")
    for each in layers:
        SubElement(order, "layer", {"id": _id(each)})
    _properties(root, language)
    about = SubElement(root, "projectMetadata")
    _put(about, "title", title)
    _put(about, "abstract", says)
    return _written(root)


def _tree(root: Element, groups: Iterable[Group], package: str) -> None:
    tree = SubElement(root, "layer-tree-group")
    for group in groups:
        checked = "Qt::Checked" if any(each.is_shown for each in group.layers) else "Qt::Unchecked"
        branch = SubElement(tree, "layer-tree-group", {"name": group.name, "checked": checked, "expanded": "1"})
        for each in group.layers:
            leaf = {
                "id": _id(each),
                "name": each.name,
                "source": _source(each, package),
                "providerKey": "ogr",
                "checked": "Qt::Checked" if each.is_shown else "Qt::Unchecked",
                "expanded": "0",
            }
            SubElement(branch, "layer-tree-layer", leaf)


def _layer(into: Element, layer: Layer, package: str, language: str) -> None:
    style = layer.style
    made = SubElement(
        into,
        "maplayer",
        {
            "type": "vector",
            "geometry": _kind_of(layer.geometry),
            "labelsEnabled": _flag(style.label if style else ""),
            "readOnly": "1",
            "styleCategories": "AllStyleCategories",
        },
    )
    _put(made, "id", _id(layer))
    _put(made, "datasource", _source(layer, package))
    _put(made, "layername", layer.name)
    _system(SubElement(made, "srs"))
    SubElement(made, "provider", {"encoding": "UTF-8"}).text = "ogr"
    if style is not None:
        _styled(made, style, language)


def _id(layer: Layer) -> str:
    """QGIS takes an identifier of ten characters or fewer for none."""
    return f"mithaq-layer-{layer.id}"


def _source(layer: Layer, package: str) -> str:
    return f"./{package}|layername={layer.table}"


def _kind_of(geometry: str) -> str:
    return next(
        (name for part, name in (("Point", "Point"), ("Line", "Line"), ("Polygon", "Polygon")) if part in geometry),
        "No geometry",
    )


def _styled(into: Element, style: Style, language: str) -> None:
    is_single = "" in style.symbols
    named = {"type": "singleSymbol"} if is_single else {"type": "categorizedSymbol", "attr": style.field}
    renderer = SubElement(into, "renderer-v2", {**named, "forceraster": "0", "symbollevels": "0", "enableorderby": "0"})
    if not is_single:
        categories = SubElement(renderer, "categories")
        for place, (value, (name, _)) in enumerate(style.symbols.items()):
            SubElement(categories, "category", {"value": value, "label": name, "render": "true", "symbol": str(place)})
    symbols = SubElement(renderer, "symbols")
    for place, (_, symbol) in enumerate(style.symbols.values()):
        _symbol(symbols, str(place), symbol, style.beneath)
    if style.label:
        _label(into, style, language)
    _put(into, "layerGeometryType", str(["marker", "line", "fill"].index(next(iter(style.symbols.values()))[1].type)))


def _symbol(into: Element, name: str, symbol: Symbol, beneath: Drawn | None = None) -> None:
    made = SubElement(
        into, "symbol", {"type": symbol.type, "name": name, "alpha": "1", "clip_to_extent": "1", "force_rhr": "0"}
    )
    if beneath is not None:
        options = {
            "SymbolType": _TYPES[beneath.symbol.type],
            "geometryModifier": beneath.expression,
            "units": "MapUnit",
        }
        _symbol(_symbol_layer(made, "GeometryGenerator", options), f"@{name}@0", beneath.symbol)
    for kind, given in symbol.layers:
        _symbol_layer(made, kind, given)


def _symbol_layer(into: Element, kind: str, options: Options) -> Element:
    made = SubElement(into, "layer", {"class": kind, "enabled": "1", "locked": "0", "pass": "0"})
    written = SubElement(made, "Option", {"type": "Map"})
    for key, value in options.items():
        SubElement(written, "Option", {"type": "QString", "name": key, "value": value})
        SubElement(made, "prop", {"k": key, "v": value})
    return made


def _label(into: Element, style: Style, language: str) -> None:
    settings = SubElement(SubElement(into, "labeling", {"type": "simple"}), "settings", {"calloutType": "simple"})
    text = SubElement(
        settings,
        "text-style",
        {
            "fieldName": style.label.replace("@LANGUAGE", f"coalesce(@{LANGUAGE}, '{language}')"),
            "isExpression": "1",
            "fontSize": str(style.size),
            "fontSizeUnit": "Point",
            "textColor": _rgba("#1c1c1c"),
            "multilineHeight": "1",
        },
    )
    halo = {"bufferDraw": "1", "bufferSize": "0.9", "bufferSizeUnits": "MM", "bufferColor": _rgba("#ffffff")}
    SubElement(text, "text-buffer", {**halo, "bufferOpacity": "0.9", "bufferJoinStyle": "128"})
    SubElement(settings, "text-format", {"multilineAlign": "1"})
    kind = next(iter(style.symbols.values()))[1].type
    placement = {"marker": "6", "line": "2", "fill": "1"}[kind]
    SubElement(
        settings,
        "placement",
        {"placement": placement, "placementFlags": "10", "dist": "1.5", "distUnits": "MM", "priority": "5"},
    )
    SubElement(settings, "rendering", {"drawLabels": "1", "obstacle": "1", "displayAll": "0"})


def _properties(root: Element, language: str) -> None:
    properties = SubElement(root, "properties")
    projected = SubElement(SubElement(properties, "SpatialRefSys"), "ProjectionsEnabled", {"type": "int"})
    projected.text = "1"
    variables = SubElement(properties, "Variables")
    _put(SubElement(variables, "variableNames", {"type": "QStringList"}), "value", LANGUAGE)
    _put(SubElement(variables, "variableValues", {"type": "QStringList"}), "value", language)
    absolute = SubElement(SubElement(properties, "Paths"), "Absolute", {"type": "bool"})
    absolute.text = "false"


def _system(into: Element) -> None:
    system = SubElement(into, "spatialrefsys")
    _put(system, "proj4", "+proj=longlat +datum=WGS84 +no_defs")
    _put(system, "srsid", "3452")  # QGIS's own number of it, without which it does not look at the others
    _put(system, "authid", _SYSTEM)
    _put(system, "srid", _SYSTEM.partition(":")[2])


def _extent(into: Element, bounds: tuple[float, float, float, float]) -> None:
    extent = SubElement(into, "extent")
    for name, value in zip(("xmin", "ymin", "xmax", "ymax"), bounds, strict=True):
        _put(extent, name, repr(value))


def _rgba(colour: str) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"{red},{green},{blue},255"


def _flag(text: str) -> str:
    return "1" if text else "0"


def _put(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text


def _written(root: Element) -> bytes:
    """The same bytes for the same values, as QGIS writes such files: with a type of document that refers to nothing."""
    ElementTree.indent(root)
    encoded: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=False)
    return b"<!DOCTYPE qgis>\n" + encoded + b"\n"
