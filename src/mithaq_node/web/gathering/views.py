"""Views of the warnings: what gathers now, what was warned of and what became of it, and with what one looks."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mithaq.analysis.clusters.warnings import Warning
from mithaq.errors import Refusal
from mithaq.prevention.settings import BOUNDS, Settings, chosen
from mithaq_files import sheets
from mithaq_node.queries import gathering, null_years, warned
from mithaq_node.services import clock
from mithaq_node.services import warning as warnings
from mithaq_node.services.assigning import WRITERS
from mithaq_node.web.entrance import READERS, officer_of, roles
from mithaq_node.web.wording import OUTCOMES


@require_safe
@roles(READERS)
def show(request: HttpRequest) -> HttpResponse:
    """What is warned of first, then where it lies, then every sector. What is shown for the first time is kept."""
    now = clock.now()
    found = gathering.gathering(str(now))
    if found is None:
        return render(request, "gathering/show.html", {"found": None})
    warnings.keep(found=found, now=now)
    page = {"found": found, "look": found.look, "warnings": _numbered(found), "gone": _gone(found)}
    return render(request, "gathering/show.html", page)


@require_safe
@roles(READERS)
def ledger(request: HttpRequest) -> HttpResponse:
    """Every warning that was shown, with what became of it; how many turned out how; the settings since when."""
    known = warned.episodes()
    page = {
        "episodes": known,
        "tally": warned.counted(known),
        "today": gathering.day_of(str(clock.now())),
        "words": OUTCOMES,
        "changes": warned.changes(),
    }
    return render(request, "gathering/ledger.html", page)


@require_safe
@roles(READERS)
def export(request: HttpRequest) -> HttpResponse:
    """The ledger as a table, in codes; judgements by role and not by name."""
    name = {"Content-Disposition": 'attachment; filename="warnings.csv"'}
    return HttpResponse(sheets.written(warned.rows()), content_type="text/csv; charset=utf-8", headers=name)


@require_http_methods(["GET", "HEAD", "POST"])
@roles(READERS)
def one(request: HttpRequest, warning: int) -> HttpResponse:
    """One warning: every way in which it was shown, every judgement of it, and the form for another."""
    refusal, said = None, request.POST
    if request.method == "POST":
        try:
            warnings.judge(
                number=warning,
                outcome=said.get("outcome", ""),
                about=said.get("about", "").strip(),
                officer=officer_of(request),
                now=clock.now(),
            )
        except Refusal as found:
            refusal = found
        else:
            messages.success(request, gettext("The judgement is kept. It stays on this side."))
            return HttpResponseRedirect(reverse("gathering:one", args=[warning]))
    known = warned.episode(warning)
    if known is None:
        raise Refusal("warning.no-such", number=warning)
    page = {
        "episode": known,
        "today": gathering.day_of(str(clock.now())),
        "words": OUTCOMES,
        "may_judge": officer_of(request).role in WRITERS,
        "chosen": said.get("outcome", ""),
        "about": said.get("about", ""),
        "refusal": refusal,
    }
    return render(request, "gathering/one.html", page, status=422 if refusal else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@roles(READERS)
def choose(request: HttpRequest) -> HttpResponse:
    """With what one looks; what other settings would give where nothing gathers; and looking with them from now on."""
    given = request.POST if request.method == "POST" else request.GET
    try:
        asked = _asked(given) if any(name in given for name in BOUNDS) else None
        if request.method == "POST":
            warnings.set_settings(settings=asked or warned.settings(), officer=officer_of(request), now=clock.now())
            messages.success(request, gettext("From now on one looks with these settings. What was shown stays."))
            return HttpResponseRedirect(reverse("gathering:settings"))
    except Refusal as refusal:
        return render(request, "gathering/settings.html", _choices(request, given) | {"refusal": refusal}, status=422)
    found = null_years.find(asked, str(clock.now())) if asked else None
    page = _choices(request, given) | {"asked": asked, "preview": found, "can_tell": gathering.can_tell()}
    return render(request, "gathering/settings.html", page)


@require_POST
@roles(WRITERS)
def preview(request: HttpRequest) -> HttpResponse:
    """Begin to compute what other settings would give where nothing gathers: minutes of work, so by no mere link."""
    try:
        asked = _asked(request.POST)
    except Refusal as refusal:
        page = _choices(request, request.POST) | {"refusal": refusal}
        return render(request, "gathering/settings.html", page, status=422)
    null_years.begin(asked, str(clock.now()))
    numbers = {name: asked.numbers()[name] for name in BOUNDS}
    return HttpResponseRedirect(f"{reverse('gathering:settings')}?{urlencode(numbers)}#preview")


def _choices(request: HttpRequest, given: Mapping[str, str]) -> dict[str, Any]:
    now, role = warned.settings(), officer_of(request).role
    return {
        "now": now,
        "typed": {name: given.get(name, str(now.numbers()[name])) for name in BOUNDS},
        "bounds": BOUNDS,
        "may_try": role in WRITERS,
        "may_set": role in warnings.SETTERS,
        "changes": warned.changes(),
    }


def _asked(given: Mapping[str, str]) -> Settings:
    numbers = {name: given.get(name, "").strip() for name in BOUNDS}
    for name, typed in numbers.items():
        if not (typed.isdecimal() and len(typed) < 7):
            least, most = BOUNDS[name]
            raise Refusal("warning.bad-setting", setting=name, found=typed[:20], least=least, most=most)
    return chosen(**{name: int(typed) for name, typed in numbers.items()})


def _gone(found: gathering.Gathering) -> list[warned.Episode]:
    """The warnings that were shown and have not ended, of whose places the record as it stands warns no more."""
    now = {sector for each in found.look.warnings if isinstance(each.where, tuple) for sector in each.where}
    return [each for each in warned.episodes() if found.day < each.expires and now.isdisjoint(each.held.sectors)]


def _numbered(found: gathering.Gathering) -> list[tuple[Warning, int | None]]:
    """The warnings of a look, each with the number under which the ledger has it."""
    known = {shown.warning.key: each.number for each in warned.episodes() for shown in each.shown}
    return [(each, known.get(each.key)) for each in found.look.warnings]
