"""Views of the crossings: one query each."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from mithaq.instrument.law import Law
from mithaq_node import queries
from mithaq_node.queries import crossings, ledgers, map_features
from mithaq_node.services import clock
from mithaq_node.web import mapped
from mithaq_node.web.entrance import ONLOOKERS, READERS, officer_of, roles
from mithaq_node.web.reader import Reader, reader_of

FACET = "crossing-state"


@require_safe
@roles(ONLOOKERS)
def show(request: HttpRequest) -> HttpResponse:
    """The list first, the map beside it for whoever reads notices."""
    now, role = str(clock.now()), officer_of(request).role
    page = {
        "crossings": crossings.crossings(now),
        "now": now,
        "map": mapped.frame(reader_of(request), reverse("crossings:features")) if role in READERS else None,
        "status_kind": status_kind(queries.law()),
    }
    return render(request, "crossings/show.html", page)


@require_safe
@roles(ONLOOKERS)
def one(request: HttpRequest, crossing: str) -> HttpResponse:
    """One crossing: what stands, what is planned, and how it came to be."""
    now = str(clock.now())
    view = crossings.crossing(crossing, now)
    page = {"view": view, "history": crossings.history(crossing), "now": now}
    return render(request, "crossings/one.html", page)


@require_safe
@roles(ONLOOKERS)
def board(request: HttpRequest) -> HttpResponse:
    """Every crossing with every kind of traffic that it carries, for the wall."""
    now = str(clock.now())
    law = queries.law()
    page = {
        "crossings": crossings.crossings(now),
        "directions": law.codes.get("direction", []),
        "now": now,
        "up_to": ledgers.up_to(ledgers.book().cut),
    }
    return render(request, "crossings/board.html", page)


@require_safe
@roles(READERS)
def features(request: HttpRequest) -> HttpResponse:
    """What each side says of each crossing, for the map."""
    reader, found = reader_of(request), crossings.features(str(clock.now()))
    drawn = [{**feature, "properties": _said(feature["properties"], reader)} for feature in found]
    return JsonResponse(map_features.collection(drawn), content_type=mapped.GEOJSON)


def status_kind(law: Law) -> str:
    """The kind of notice by which a side says how a crossing stands; empty where the instrument has none."""
    return next((kind.name for kind in law.kinds if FACET in kind.facets), "")


def _said(properties: dict[str, Any], reader: Reader) -> dict[str, Any]:
    """The features' properties as the map's card shows them; a crossing is marked in the list by its identifier."""
    id = properties["crossing"]
    party = reader.law.party(properties["party"])
    said = [
        f"{reader.label(f'code.direction.{way}')} · {reader.label(f'code.traffic.{traffic}')}: "
        f"{reader.label(f'code.crossing-state.{state}')}"
        for way, traffic, state in properties["stated"]
    ]
    return {
        "party": properties["party"],
        "number": id,
        "spoken": "",
        "said": reader.label(f"crossing.{id}"),
        "more": f"{reader.text(party.short) if party else properties['party']} · {reader.listed(said)}",
        "address": reverse("crossings:one", args=[id]),
    }
