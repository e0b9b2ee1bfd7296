"""Views of the watch room: one query each, and the fragments that replace parts of the page while it is open."""

import json
import re
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from mithaq.errors import Refusal
from mithaq_node import queries
from mithaq_node.queries import crossings as crossing_queries
from mithaq_node.queries import inside, ledgers, map_features, rolls, shifts
from mithaq_node.queries import watch as watch_queries
from mithaq_node.services import clock
from mithaq_node.web import cursor as cursors
from mithaq_node.web.entrance import EVERYBODY, ONLOOKERS, READERS, roles
from mithaq_node.web.inside import choosing
from mithaq_node.web.reader import Reader, reader_of
from mithaq_node.web.wording import INCIDENT

GEOJSON = "application/geo+json"
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_CODE = re.compile(r"[A-Z]{2,3}")


@require_safe
@roles(READERS)
def show(request: HttpRequest) -> HttpResponse:
    """The list first, then the map."""
    return render(request, "watch/show.html", {**_watch(request), "map": _map(reader_of(request))})


@require_safe
@roles(READERS)
def fragment(request: HttpRequest, name: str) -> HttpResponse:
    """One part of the watch page, fetched again when the cursor has moved."""
    return render(request, f"watch/{name}.html", _watch(request))


@require_safe
@roles(EVERYBODY)
def alarm(request: HttpRequest) -> HttpResponse:
    """What may change around any page, fetched when the cursor has moved: the alarm, and how much awaits release."""
    return render(request, "desk/moved.html")


@require_safe
@roles(EVERYBODY)
def cursor(request: HttpRequest) -> HttpResponse:
    """What an open page asks every two seconds: the cursor, and this moment as the reader says it."""
    read = cursors.read(request)
    said = f"{read.value}\n{reader_of(request).moment(str(read.at))}"
    return HttpResponse(said, content_type="text/plain; charset=utf-8")


@require_safe
@roles(READERS)
def find(request: HttpRequest) -> HttpResponse:
    """From a spoken number, or from a number of our own registry, in any digits, to its page."""
    asked = request.GET.get("number", "")
    registered = inside.registered(asked)
    if len(registered) > 1:
        return render(request, "inside/found.html", {"asked": asked, "found": registered})
    number = registered[0].about if registered else rolls.find(queries.law(), asked)
    found = ledgers.notice(number)
    if found is not None and found.thread in ledgers.book().incidents:
        return HttpResponseRedirect(
            reverse("incidents:show", args=[found.thread]) + f"#{found.party}-{found.index + 1}"
        )
    return HttpResponseRedirect(reverse("incidents:notice", args=[number]))


@require_safe
@roles(ONLOOKERS)
def crossings(request: HttpRequest) -> HttpResponse:
    """What each side says of each crossing."""
    return render(request, "watch/crossings.html", {"crossings": crossing_queries.crossings()})


@require_safe
@roles(READERS)
def law_features(request: HttpRequest) -> HttpResponse:
    """Line, sectors and crossings of the sealed law, named in the reader's language."""
    reader, features = reader_of(request), map_features.law_features()
    for feature in features["features"]:
        said = feature["properties"]
        if said["is"] in ("sector", "crossing"):
            said["name"] = reader.label(f"{said['is']}.{said['id']}")
            said["code"] = reader.digits(said["id"])
    return JsonResponse(features, content_type=GEOJSON)


@require_safe
@roles(READERS)
def incident_features(request: HttpRequest) -> HttpResponse:
    """Where each side's account of each open incident says it is."""
    reader, features = reader_of(request), map_features.incident_features()
    for feature in features["features"]:
        said = feature["properties"]
        party = reader.law.party(said["party"])
        said["address"] = reverse("incidents:show", args=[said["number"]])
        said["said"] = f"{reader.spoken(said['number'])} · {reader.label('kind.' + said['kind'])}"
        said["more"] = " · ".join(
            [reader.text(party.short) if party else said["party"], str(INCIDENT[said["state"]][0])]
        )
    return JsonResponse(features, content_type=GEOJSON)


@require_safe
@cache_control(max_age=300, public=True)
def parties(request: HttpRequest) -> HttpResponse:
    """The parties' colours as the instrument names them, as `--party` on elements of class `party-CODE`."""
    try:
        known = queries.law().parties
    except (Refusal, OSError):
        known = []
    # In the dark a colour is lightened, so that it stays apart from the sheet.
    rules = [
        f".party-{party.code}{{--party:{party.colour}}}"
        f"@media(prefers-color-scheme:dark){{:root:not([data-theme=light]) .party-{party.code}"
        f"{{--party:color-mix(in srgb,{party.colour} 62%,white)}}}}"
        f":root[data-theme=dark] .party-{party.code}{{--party:color-mix(in srgb,{party.colour} 62%,white)}}"
        for party in known
        if _COLOUR.fullmatch(party.colour) and _CODE.fullmatch(party.code)
    ]
    return HttpResponse("\n".join(rules), content_type="text/css; charset=utf-8")


def _watch(request: HttpRequest) -> dict[str, Any]:
    """The watch from the desk that was chosen."""
    choice = choosing.chosen(request)
    watch = watch_queries.watch(str(clock.now()), choice.keeps)
    return {"watch": watch, "choice": choice, "duty": shifts.on_duty()}


def _map(reader: Reader) -> dict[str, Any]:
    parties = {
        party.code: {"code": party.code, "shape": party.shape, "place": place}
        for place, party in zip((-1, 1, -2, 2), queries.parties(), strict=False)
    }
    return {"parties": json.dumps(parties), "basemap": static("basemap/"), "accuracy": reader.law.line.accuracy}
