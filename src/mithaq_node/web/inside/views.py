"""Views of what stays on this side of one notice or one incident."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from mithaq.errors import Refusal
from mithaq_node.queries import inside, ledgers
from mithaq_node.services import assigning, clock, numbering, remarking, ticking
from mithaq_node.store.models import Role
from mithaq_node.web.entrance import WRITERS, officer_of, roles
from mithaq_node.web.reader import reader_of

INSIDERS = frozenset({Role.DUTY, Role.RELEASING, Role.SECRETARIAT, Role.AUDITOR})
"""Who sees what stays on this side: named here, so that a new reader of the record does not see it unasked."""


@require_safe
@roles(INSIDERS)
def show(request: HttpRequest, number: str) -> HttpResponse:
    """The sheet as a page of its own."""
    return _page(request, number)


@require_safe
@roles(INSIDERS)
def fragment(request: HttpRequest, number: str) -> HttpResponse:
    """The part of the sheet that changes, fetched again when the cursor has moved."""
    return render(request, "inside/now.html", {"sheet": sheet_of(number), **_may(request)})


@require_POST
@roles(WRITERS)
def change(request: HttpRequest, number: str) -> HttpResponse:
    """Take, give, give back, remark or register; what is refused stands on the sheet, and what was typed with it."""
    try:
        said = _change(request, number)
    except Refusal as refusal:
        return _page(request, number, refusal)
    messages.success(request, said)
    return HttpResponseRedirect(f"{_home(number)}?kept=1#inside")


def context(request: HttpRequest, number: str, thread: tuple[str, ...] = ()) -> dict[str, Any]:
    """What the page of an incident or a notice needs for the sheet on it; nothing for whoever is no insider."""
    if officer_of(request).role not in INSIDERS:
        return {}
    return {"sheet": inside.sheet(number, thread), "saved": "kept" in request.GET, **_may(request)}


def registry(request: HttpRequest, number: str) -> str | None:
    """Our registry number of a notice, empty where it has none; None for whoever may not see it."""
    return inside.registry_of(number) if officer_of(request).role in INSIDERS else None


def sheet_of(number: str) -> inside.Sheet:
    """The sheet of a notice; of an incident, where the number is an incident's. Refuses a number that is no notice."""
    found = ledgers.notice(number)
    if found is None:
        raise Refusal("desk.no-notice", number=number)
    incident = ledgers.book().incidents.get(number)
    return inside.sheet(number, tuple(each.number for each in incident.notices) if incident else ())


def _change(request: HttpRequest, number: str) -> str:
    officer, now, asked = officer_of(request), clock.now(), request.POST
    seen = asked.get("seen", "")
    step = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else 0
    match asked.get("deed"):
        case "take":
            assigning.take(number=number, officer=officer, seen=step, now=now)
            return gettext("It is in your hands.")
        case "give":
            assigning.give(number=number, by=officer, to=asked.get("to", ""), seen=step, now=now)
            return gettext("It was given on.")
        case "give-back":
            assigning.give_back(number=number, by=officer, seen=step, now=now)
            return gettext("It was given back.")
        case "remark":
            _remark(request, number)
            return gettext("The remark is kept. It stays on this side.")
        case "tick" | "untick" as deed:
            item = asked.get("item", "")
            ticking.tick(number=number, item=item, done=deed == "tick", officer=officer, now=now)
            return gettext("The checklist is kept. It stays on this side.")
        case "register":
            said = numbering.register(number=number, officer=officer, typed=asked.get("registry", ""), now=now)
            return gettext("Registered as %(number)s.") % {"number": reader_of(request).digits(said)}
    raise Refusal("desks.odd-change")


def _remark(request: HttpRequest, number: str) -> None:
    officer, asked, now = officer_of(request), request.POST, clock.now()
    text, settles = asked.get("text", ""), asked.get("settles", "")
    if settles:
        known = int(settles) if settles.isascii() and settles.isdigit() and len(settles) < 19 else 0
        remarking.settle(remark=known, officer=officer, text=text, now=now)
    else:
        remarking.remark(number=number, officer=officer, text=text, asks=bool(asked.get("asks")), now=now)


def _page(request: HttpRequest, number: str, refusal: Refusal | None = None) -> HttpResponse:
    page = {
        "sheet": sheet_of(number),
        "refusal": refusal,
        "typed": request.POST.get("text", ""),
        "sent_back": refusal is not None,
        "home": _home(number),
        **_may(request),
    }
    return render(request, "inside/show.html", page, status=422 if refusal else 200)


def _may(request: HttpRequest) -> dict[str, Any]:
    may = officer_of(request).role in WRITERS
    order = inside.arrangement()
    return {
        "may_write": may,
        "desks": order.desks,
        "officers": inside.givable() if may else (),
        "pattern": order.registry,
    }


def _home(number: str) -> str:
    """The page on which the sheet stands: the incident's, where the number is one's."""
    place = "incidents:show" if number in ledgers.book().incidents else "incidents:notice"
    return reverse(place, args=[number])
