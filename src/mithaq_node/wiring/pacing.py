"""What anybody may read without a sign-in is read at a pace: the same processes serve the officers, who come first.

Two counts, kept in the memory of each web process and of a bounded size:

    one address        4 a second, 120 at once    a household, an office, a planner that asks too often
    all of them       50 a second, 300 at once    many addresses that ask together

Many travellers may share one address of their telephone company, so the first is wide. An address of IPv6 counts by
its network of 64 bits, which is what one subscriber has. Behind the TLS proxy the address is the one the proxy saw.
"""

from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils import translation

from mithaq import calendars
from mithaq.errors import Refusal
from mithaq_files.refusals import sentence
from mithaq_node.api import rest
from mithaq_node.api.problems import problem
from mithaq_node.services import clock
from mithaq_node.services.pace import Pace
from mithaq_node.web import preferences, public
from mithaq_node.web.accounts.session import address_of

_DESCRIPTION = f"{rest.PREFIX}/openapi.json"
PACED = (public.PREFIX, "/feeds/", _DESCRIPTION)
"""Where the addresses begin that are read without a session."""
TOO_MANY = 429
_NETWORK = 64


class Paced:
    """Middleware that answers who asks too often with how long to wait, in their language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response
        self._one, self._all = Pace(4, 120), Pace(50, 300, kept=1)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        wait = self._wait(request) if request.path_info.startswith(PACED) else 0
        return _refused(request, wait) if wait else self._get_response(request)

    def _wait(self, request: HttpRequest) -> int:
        now = clock.of_machine()
        return self._one.take(_subscriber(address_of(request)), now) or self._all.take("", now)


def _subscriber(address: str) -> str:
    """What of an address counts as one reader, without the port that some proxies add; of one that is none, its
    beginning."""
    host = address.rpartition(":")[0] if address.count(":") == 1 else address.partition("]")[0].lstrip("[")
    try:
        known = ip_address(host)
    except ValueError:
        return address[:64]
    if not isinstance(known, IPv6Address):
        return str(known)
    return str(known.ipv4_mapped or int(known) >> (128 - _NETWORK))


def _refused(request: HttpRequest, wait: int) -> HttpResponse:
    """How long to wait: a page for the public page, and its sentence alone for programs."""
    language = _language(request)
    refusal = Refusal("public.too-many", seconds=wait)
    if request.path_info == _DESCRIPTION:
        return problem(refusal)
    said = sentence(refusal, language)
    headers = {"Retry-After": str(wait), "Cache-Control": "no-store"}
    if request.path_info.rpartition("/")[2]:  # a file, and no page of a person
        return HttpResponse(
            f"{said}\n{refusal.code}\n", content_type="text/plain; charset=utf-8", status=TOO_MANY, headers=headers
        )
    with translation.override(language):
        page = {
            "said": calendars.digits(said, language),
            "code": refusal.code,
            "language": language,
            "direction": "rtl" if translation.get_language_bidi() else "ltr",
            "again": request.path,
        }
        return HttpResponse(render_to_string("public/too_many.html", page), status=TOO_MANY, headers=headers)


def _language(request: HttpRequest) -> str:
    """The language that the address names, or else the one the reader's program asks for."""
    named = [request.GET.get("lang", ""), *request.path_info.split("/"), translation.get_language() or ""]
    return next((each for each in named if each in preferences.LANGUAGES), "en")
