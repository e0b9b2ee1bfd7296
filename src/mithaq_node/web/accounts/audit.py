"""What the auditor reads about this side's own officers: who was shown what, and what was done to accounts."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mithaq_node.queries import doors
from mithaq_node.web.entrance import AUDITORS, roles


@require_safe
@roles(AUDITORS)
def reads(request: HttpRequest) -> HttpResponse:
    """Who was shown which part that is not coded, and who took a log away; newest first, a page at a time."""
    return render(request, "accounts/reads.html", {"page": doors.reads(_until(request))})


@require_safe
@roles(AUDITORS)
def events(request: HttpRequest) -> HttpResponse:
    """What was done to accounts, newest first, a page at a time."""
    return render(request, "accounts/events.html", {"page": doors.events(_until(request))})


def _until(request: HttpRequest) -> int | None:
    until = request.GET.get("until", "")
    return int(until) if until.isascii() and until.isdigit() and len(until) < 19 else None
