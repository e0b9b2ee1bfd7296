"""Views of the watch room: one query each, and the fragments that replace parts of the page while it is open."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from mithaq.cells import Box
from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq_node import queries
from mithaq_node.queries import activities, inside, ledgers, map_features, rolls, shifts
from mithaq_node.queries import watch as watch_queries
from mithaq_node.services import clock
from mithaq_node.web import colour_sheet, mapped
from mithaq_node.web import cursor as cursors
from mithaq_node.web.entrance import EVERYBODY, ONLOOKERS, READERS, officer_of, roles
from mithaq_node.web.inside import choosing
from mithaq_node.web.reader import Reader, reader_of
from mithaq_node.web.templatetags import live
from mithaq_node.web.watch.choosing import chosen
from mithaq_node.web.watch.shared import Shared
from mithaq_node.web.wording import INCIDENT

_MICRO = 1_000_000
_MINUTE = 60
_YEAR = 365 * 24 * 3600
_shared = Shared()


@require_safe
@roles(READERS)
def show(request: HttpRequest) -> HttpResponse:
    """The list first, then the map."""
    watch = _watch(request)
    features = f"{reverse('watch:incident_features')}?{watch['chosen'].query}"
    return render(request, "watch/show.html", {**watch, "map": mapped.frame(reader_of(request), features)})


@require_safe
@roles(READERS)
def now(request: HttpRequest) -> HttpResponse:
    """What is new on a page that is open, fetched when the cursor has moved; made once for all who see the same."""
    reader, read = reader_of(request), cursors.read(request)
    has, officer = live.held(request), officer_of(request)
    seen_by = (settings.NODE.folder, reader.language, reader.calendar, officer.role, choosing.alone(request))
    key = (read.value, seen_by, request.get_full_path(), frozenset(has.items()))

    def made() -> str:
        return render_to_string("watch/now.html", {**_watch(request), "has": has}, request)

    return HttpResponse(_shared.get(key, made))


@require_safe
@roles(EVERYBODY)
def alarm(request: HttpRequest) -> HttpResponse:
    """What may change around any page, fetched when the cursor has moved: the alarm, and how much awaits release."""
    return render(request, "desk/moved.html", {"has": live.held(request)})


@require_safe
@roles(EVERYBODY)
def cursor(request: HttpRequest) -> HttpResponse:
    """What an open page asks again and again: the cursor, and this moment as the reader says it."""
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
def law_features(request: HttpRequest) -> HttpResponse:
    """Line, sectors and crossings of the sealed law, named in the reader's language."""
    reader, features = reader_of(request), map_features.law_features()
    for feature in features["features"]:
        said = feature["properties"]
        if said["is"] in ("sector", "crossing"):
            said["name"] = reader.label(f"{said['is']}.{said['id']}")
            said["code"] = reader.digits(said["id"])
    return JsonResponse(features, content_type=mapped.GEOJSON)


@require_safe
@roles(READERS)
def incident_features(request: HttpRequest) -> HttpResponse:
    """Where each side's account of each incident chosen says it is; groups of them where they are too many."""
    reader = reader_of(request)
    choice = chosen(request, reader, clock.now()).choice
    drawn = map_features.incident_features(choice, _zoom(request), _box(request))
    for feature in drawn.features:
        _say(feature["properties"], reader)
    found = {**map_features.collection(drawn.features), "groups": drawn.groups, "said": _said(drawn, reader)}
    return JsonResponse(found, content_type=mapped.GEOJSON)


def _say(said: dict[str, Any], reader: Reader) -> None:
    """Put what the map shows of a feature into the reader's words."""
    party = reader.law.party(said["party"])
    name = reader.text(party.short) if party else said["party"]
    if "count" in said:
        said["drawn"] = reader.count(said["count"])
        said["said"] = ngettext("%(n)s incident", "%(n)s incidents", said["count"]) % {"n": said["drawn"]}
        said["more"] = name
        return
    said["address"] = reverse("incidents:show", args=[said["number"]])
    said["said"] = reader.label("kind." + said["kind"])
    said["spoken"] = reader.spoken(said["number"])
    said["more"] = " · ".join([name, str(INCIDENT[said["state"]][0])])


def _said(drawn: map_features.Drawn, reader: Reader) -> str:
    """How many incidents the map shows, and as what."""
    shown = ngettext("%(n)s incident", "%(n)s incidents", drawn.incidents) % {"n": reader.count(drawn.incidents)}
    if not drawn.groups:
        return shown
    groups = ngettext("drawn as %(n)s group", "drawn as %(n)s groups", drawn.groups) % {"n": reader.count(drawn.groups)}
    edge = [_("counted with what lies just outside the edge")] if drawn.edge else []
    return (", " if reader.language == "en" else "، ").join([shown, groups, *edge])


def _zoom(request: HttpRequest) -> int | None:
    text = request.GET.get("zoom", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else None


def _box(request: HttpRequest) -> Box | None:
    """The part of the map asked for, in degrees: west, south, east, north; None for all of it, and where it is none."""
    try:
        west, south, east, north = (float(each) for each in request.GET.get("box", "").split(","))
    except ValueError:
        return None
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return None
    return round(west * _MICRO), round(south * _MICRO), round(east * _MICRO), round(north * _MICRO)


@require_safe
def parties(request: HttpRequest) -> HttpResponse:
    """The parties' colours as the instrument names them; under the address of these colours, for ever."""
    try:
        known = queries.law().parties
    except (Refusal, OSError):
        known = []
    answer = HttpResponse(colour_sheet.sheet(known), content_type="text/css; charset=utf-8")
    if request.GET.get("of") == colour_sheet.version(known):
        patch_cache_control(answer, max_age=_YEAR, public=True, immutable=True)
    else:
        patch_cache_control(answer, max_age=300, public=True)
    return answer


def _watch(request: HttpRequest) -> dict[str, Any]:
    """The watch as the address chooses it, at the minute: within it nothing that is shown of the time changes. What
    changes around it comes with it, so that an open page asks once."""
    now = Moment(clock.now().seconds // _MINUTE * _MINUTE)
    seen, desk = chosen(request, reader_of(request), now), choosing.chosen(request)
    watch = watch_queries.watch(str(now), seen.choice, seen.after, desk.keeps if desk.chosen else None)
    meeting = activities.meeting_among(notice.number for notice in watch.listed.alone)
    parts = {"meeting": meeting, "listed": watch.listed, "owed": watch.owed, "linked": watch.linked}
    return {**parts, "chosen": seen, "choice": desk, "duty": shifts.on_duty(), "alarm_comes_along": True}
