"""Views of the corridors: the list first, then the map; and one corridor link by link."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from mithaq.instrument.law import Position
from mithaq_node.queries import corridors as queries
from mithaq_node.queries.corridors import Drawn
from mithaq_node.queries.map_features import collection
from mithaq_node.web.entrance import ONLOOKERS, roles
from mithaq_node.web.reader import Reader, reader_of

GEOJSON = "application/geo+json"
_MICRO = 1_000_000


@require_safe
@roles(ONLOOKERS)
def show(request: HttpRequest) -> HttpResponse:
    """Every corridor with its weakest link, then what each closure touches, then the map."""
    views = queries.corridors()
    page = {"views": views, "closures": queries.closures(), "kinds": queries.kinds(views)}
    return render(request, "corridors/show.html", {**page, "basemap": static("basemap/")})


@require_safe
@roles(ONLOOKERS)
def corridor(request: HttpRequest, id: str) -> HttpResponse:
    """One corridor."""
    page = queries.page(id)
    kinds = queries.kinds([page.view]) | queries.clearance_kinds(page.clearances)
    found = {"page": page, "view": page.view, "kinds": kinds}
    return render(request, "corridors/corridor.html", {**found, "basemap": static("basemap/")})


@require_safe
@roles(ONLOOKERS)
def stretches(request: HttpRequest) -> HttpResponse:
    """The stretches and stations of every corridor, or of the one asked for, named in the reader's language."""
    asked, reader = request.GET.get("corridor", ""), reader_of(request)
    views = [queries.page(asked).view] if asked else queries.corridors()
    features = [feature for each in queries.drawn(views) for feature in _features(each, reader)]
    return JsonResponse(collection(features), content_type=GEOJSON)


def _features(each: Drawn, reader: Reader) -> Iterable[dict[str, Any]]:
    line = {"type": "LineString", "coordinates": [_degrees(position) for position in each.segment.path]}
    said = {"is": "stretch", "state": each.state, "rail": "rail" in each.segment.modes, "said": _said(each, reader)}
    yield {"type": "Feature", "geometry": line, "properties": said}
    for id, position in queries.stations(each.segment):
        point = {"type": "Point", "coordinates": _degrees(position)}
        named = {"is": "station", "said": reader.label(f"station.{id}")}
        yield {"type": "Feature", "geometry": point, "properties": named}


def _said(each: Drawn, reader: Reader) -> str:
    """What the map writes beside a stretch: its name, and what each side states at its weakest."""
    told = [
        f"{reader.text(party.short)}: {reader.label(f'code.crossing-state.{each.said[party.code]}')}"
        for party in reader.law.parties
        if party.code in each.said
    ]
    return "\n".join([reader.label(f"segment.{each.segment.id}"), " · ".join(told) or gettext("nothing is said")])


def _degrees(position: Position) -> list[float]:
    return [position[0] / _MICRO, position[1] / _MICRO]
