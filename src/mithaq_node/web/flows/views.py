"""Views of the flows: one query each, and the table that is read in."""

from base64 import b64decode, b64encode
from binascii import Error
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from mithaq.calendars import CALENDARS, calendar_name
from mithaq.corridors.tables import CAPACITY, KEY
from mithaq.errors import Refusal
from mithaq_files import sheets
from mithaq_node import queries
from mithaq_node.queries import flows
from mithaq_node.services import clock, reading_in
from mithaq_node.web.entrance import ONLOOKERS, WRITERS, officer_of, roles
from mithaq_node.web.reader import reader_of


@require_safe
@roles(ONLOOKERS)
def show(request: HttpRequest) -> HttpResponse:
    """Warnings first, then the season, then the days."""
    asked, year = request.GET.get("crossing", ""), request.GET.get("season", "")
    known = [each.id for each in queries.law().crossings]
    crossing = asked if asked in known else ""
    season = int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None
    page = {
        "figures": flows.figures(str(clock.now()), crossing, season),
        "crossing": crossing,
        "known": known,
        "may_write": officer_of(request).role in WRITERS and flows.kind_of_officers() is not None,
    }
    return render(request, "flows/show.html", page)


@require_safe
@roles(ONLOOKERS)
def export(request: HttpRequest) -> HttpResponse:
    """Every figure of both sides as a table, in the codes of the instrument."""
    content = sheets.written(flows.rows(request.GET.get("crossing", "")))
    name = {"Content-Disposition": 'attachment; filename="flows.csv"'}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=name)


@require_http_methods(["GET", "HEAD", "POST"])
@roles(WRITERS)
def read_in(request: HttpRequest) -> HttpResponse:
    """Choose a table; what is refused of it is said row by row, and the rest goes in when the officer says so."""
    calendar = request.POST.get("calendar", "gregorian")
    page: dict[str, Any] = {
        "calendars": [(each, calendar_name(each, reader_of(request).language)) for each in CALENDARS],
        "calendar": calendar,
        "columns": [*KEY, CAPACITY, *queries.law().codes.get("flow", [])],
    }
    if request.method != "POST":
        return render(request, "flows/import.html", page)
    try:
        content = _content(request)
        found = reading_in.read_in(
            content=content,
            calendar=calendar,
            officer=officer_of(request),
            rest=request.POST.get("rest") == "yes",
            now=clock.now(),
        )
    except Refusal as refusal:
        return render(request, "flows/import.html", {**page, "refusal": refusal}, status=422)
    if found.drafts:
        made = len(found.drafts)
        said = ngettext("%(n)s draft was made.", "%(n)s drafts were made.", made)
        messages.success(request, said % {"n": reader_of(request).count(made)})
        return HttpResponseRedirect(reverse("release:queue"))
    told = {"table": found.table, "content": b64encode(content).decode()}
    return render(request, "flows/import.html", {**page, **told}, status=422)


def _content(request: HttpRequest) -> bytes:
    """The file that was chosen now, or the one that was looked at before."""
    chosen = request.FILES.get("table")
    if chosen is not None:
        if chosen.size is None or chosen.size > sheets.MOST_BYTES:
            raise Refusal("flow.too-large", limit=sheets.MOST_BYTES)
        return bytes(chosen.read())
    try:
        return b64decode(request.POST.get("content", ""), validate=True)
    except Error as error:
        raise Refusal("flow.unreadable") from error
