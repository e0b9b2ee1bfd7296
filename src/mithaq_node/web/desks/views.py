"""Views of the desks: everybody of this side reads the order, the operator changes it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from mithaq.calendars import CALENDARS, calendar_name
from mithaq.errors import Refusal
from mithaq_node import queries
from mithaq_node.queries import hazards, inside
from mithaq_node.services import arranging, clock
from mithaq_node.store.models import Role
from mithaq_node.web.desks import changes
from mithaq_node.web.entrance import officer_of, roles
from mithaq_node.web.inside.views import INSIDERS
from mithaq_node.web.public import alerts
from mithaq_node.web.reader import reader_of

ARRANGERS = frozenset({Role.OPERATOR})


@require_safe
@roles(INSIDERS | ARRANGERS)
def show(request: HttpRequest) -> HttpResponse:
    """Desks with who sits at them, the rules in their order, and what else this side decides by itself."""
    return _page(request)


@require_POST
@roles(ARRANGERS)
def change(request: HttpRequest) -> HttpResponse:
    """Make one change, from the order that the form was shown with."""
    seen = request.POST.get("version", "")
    try:
        arranging.arrange(
            arrangement=changes.changed(inside.arrangement(), request.POST),
            seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else -1,
            by=officer_of(request),
            now=clock.now(),
        )
    except Refusal as refusal:
        return _page(request, refusal)
    messages.success(request, gettext("The order of the desks is kept."))
    return HttpResponseRedirect(reverse("desks:show"))


def _page(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    reader = reader_of(request)
    page = {
        "order": inside.arrangement(),
        "version": inside.version(),
        "refusal": refusal,
        "may_change": officer_of(request).role in ARRANGERS,
        "authorities": queries.own_party().authorities,
        "officers": inside.givable(),
        "alerts": []
        if queries.law().exercise
        else [alerts.entry(each, reader.language, "") for each in hazards.standing(clock.now())],
        "calendars": [(each, calendar_name(each, reader.language)) for each in CALENDARS],
    }
    return render(request, "desks/show.html", page, status=422 if refusal else 200)
