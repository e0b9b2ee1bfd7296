"""What a reader sees where no page can be shown: no such address, a form that is too old, a fault.

Each is a page of the desk in the reader's language. Only the last, for a fault of the node itself, asks nothing of the
database, and of the instrument only whether this is an exercise, because these may be what failed.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language_bidi

from mithaq.errors import Refusal
from mithaq_files.refusals import sentence
from mithaq_node.web import frame, preferences


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """There is nothing at this address."""
    return _refused(request, Refusal("desk.no-page"), 404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """This officer does not come here."""
    return _refused(request, Refusal("desk.not-your-place"), 403)


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The request is none that a page could have made."""
    return _refused(request, Refusal("desk.bad-request"), 400)


def expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without this session's token: opened before the officer signed in, too old, or sent by another site."""
    return _refused(request, Refusal("desk.expired-form"), 403)


def failed(request: HttpRequest) -> HttpResponse:
    """The node itself failed."""
    page = {
        "language": preferences.of(request).language,
        "direction": "rtl" if get_language_bidi() else "ltr",
        "demonstration": settings.NODE.demo,
        "exercise": frame.is_exercise(),
    }
    return HttpResponse(render_to_string("desk/failed.html", page), status=500)


def _refused(request: HttpRequest, refusal: Refusal, status: int) -> HttpResponse:
    said = sentence(refusal, preferences.of(request).language)
    return render(
        request, "desk/refused.html", {"said": said, "code": refusal.code, "missing": status == 404}, status=status
    )
