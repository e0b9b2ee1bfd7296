"""How the layers of the map look in QGIS: each party in its own colour and shape, this node's own full, others hollow.

Colours and shapes of the parties are those of the instrument, as on the desk's own map. What the instrument draws
itself is grey, because it is nobody's account.
"""

from django.utils import translation

from mithaq.formats import qgis
from mithaq.formats.openapi import Described
from mithaq.formats.qgis import Drawn, Style, Symbol
from mithaq.instrument.law import Party
from mithaq_node import queries

_GREY, _DARK, _WATER = "#6b6b6b", "#2b2b2b", "#9db8c9"
_NUMBER = "'\\n' || char(8294) || \"number\" || char(8297)"
"""A spoken number, whose letters and digits keep their order in a text that runs from right to left."""
_JOINING = "make_line(geometry_n($geometry, 1), geometry_n($geometry, num_geometries($geometry)))"
_PARTIES_OF = ("accounts", "activities", "crossing-statements")


def style_of(described: Described) -> Style | None:
    """How a collection looks; None of one without a geometry."""
    geometry = described.geometry
    if not geometry:
        return None
    if described.id.startswith(_PARTIES_OF):
        return _by_party(described)
    match described.id:
        case "two-accounts" | "pairs":
            return _both(described)
        case "crossings":
            return Style(_alike(qgis.marker("circle", _DARK, False, 2.6)), label=_name("crossing"), size=10)
        case "sectors":
            return Style(_alike(qgis.fill(_GREY, "no", _GREY, 0.3, "dot")), label=_name("sector"), size=11)
        case "line":
            return Style(_alike(qgis.line(_DARK, 0.9, "dash dot")))
    return _plain(geometry)


def water(geometry: str) -> Style:
    """The ground beneath: rivers, lakes and the sea."""
    if "Line" in geometry:
        return Style(_alike(qgis.line(_WATER, 0.4)))
    return Style(_alike(qgis.fill(_WATER, "solid", _WATER, 0.1)))


def about() -> Style:
    """What the map says of itself, at its corner."""
    return Style(_alike(qgis.marker("circle", _GREY, True, 1.0)), label='"says"', size=9)


def language() -> str:
    """The language of labels: the active one, or the first in which the instrument is authentic where it has none."""
    law, active = queries.law(), translation.get_language()
    return active if active in law.languages else next(each for each in law.authentic)


def _by_party(described: Described) -> Style:
    speaks, own = language(), queries.own_party().code
    found = {
        party.code: (party.short.get(speaks) or party.code, _of_party(party, described.geometry, party.code == own))
        for party in queries.parties()
    }
    is_account = described.id != "crossing-statements"  # whose crossing is named already
    return Style(found, field="party", label=f"{_name('kind')} || {_NUMBER}" if is_account else "")


def _of_party(party: Party, geometry: str, is_own: bool) -> Symbol:
    if "Line" in geometry:
        return qgis.line(party.colour, 1.4, "solid" if is_own else "dash")
    if "Polygon" in geometry:
        return qgis.fill(
            party.colour, "f_diagonal" if is_own else "b_diagonal", party.colour, 0.7, "solid" if is_own else "dash"
        )
    return qgis.marker(party.shape, party.colour, is_own, 4.0)


def _both(described: Described) -> Style:
    """Both positions, and a line between them where they are two."""
    label = 'char(8294) || "number" || char(8297)' if described.id == "two-accounts" else ""
    between = Drawn(_JOINING, qgis.line(_DARK, 0.4, "dot"))
    return Style(_alike(qgis.marker("diamond", _DARK, False, 2.2)), label=label, beneath=between, size=8)


def _name(area: str) -> str:
    """The name in the language of the labels, out of the fields that a feature has for each."""
    return f"coalesce(attribute($currentfeature, '{area}_' || @LANGUAGE), \"{area}\")"


def _plain(geometry: str) -> Style:
    if "Line" in geometry:
        return Style(_alike(qgis.line(_GREY, 0.6)))
    return Style(
        _alike(qgis.fill(_GREY, "no", _GREY) if "Polygon" in geometry else qgis.marker("circle", _GREY, True, 2.0))
    )


def _alike(symbol: Symbol) -> dict[str, tuple[str, Symbol]]:
    return {"": ("", symbol)}
