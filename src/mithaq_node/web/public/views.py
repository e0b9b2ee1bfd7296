"""The public page and its feeds.

Nothing is there until the operator of this party has switched it on in its internal order, where every change is kept
with who made it and when. Shown are statements about crossings alone, of kinds that the law sealed by all parties calls
public, with the fields named here and no others: no spoken number, no officer, no office, no count.
"""

from dataclasses import dataclass

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.views.decorators.http import require_safe

from mithaq.instrument.law import Law, Party
from mithaq.notices.desks import Arrangement
from mithaq_node import queries
from mithaq_node.queries import crossings
from mithaq_node.web import preferences
from mithaq_node.web.public import PREFIX, answering, feeds
from mithaq_node.web.reader import Reader


@dataclass(frozen=True)
class PublicFrame:
    """What the tags ask of a page: who reads it, and the parties."""

    law: Law
    reader: Reader
    parties: tuple[Party, ...]


@require_safe
def show(request: HttpRequest, language: str = "") -> HttpResponse:
    """How the crossings stand, as both sides say it."""
    chosen = _language(language or translation.get_language() or "")
    return answering.answered(request, _is_open, f"page {chosen}", "text/html", lambda now: _page(chosen, now))


@require_safe
def as_json(request: HttpRequest) -> HttpResponse:
    """The same in codes, with the names of crossings and codes in every language."""
    return answering.answered(
        request, _is_open, "json", "application/json", lambda now: feeds.as_json(now, crossings.public(now))
    )


@require_safe
def as_atom(request: HttpRequest, language: str) -> HttpResponse:
    """The same as a feed: an entry for each crossing of which anything is said."""
    chosen = _language(language)
    address = request.build_absolute_uri(PREFIX)

    def made(now: str) -> str:
        with translation.override(chosen):
            return feeds.as_atom(now, crossings.public(now), answering.reader(chosen), address)

    return answering.answered(request, _is_open, f"atom {chosen} {address}", "application/atom+xml", made)


def _is_open(order: Arrangement) -> bool:
    return order.public


def _language(asked: str) -> str:
    if asked not in preferences.LANGUAGES:
        raise Http404
    return asked


def _page(language: str, now: str) -> str:
    reader = answering.reader(language)
    with translation.override(language):
        page = {
            "frame": PublicFrame(reader.law, reader, queries.parties()),
            "language": language,
            "direction": "rtl" if translation.get_language_bidi() else "ltr",
            "languages": preferences.languages(),
            "crossings": crossings.public(now),
            "now": now,
            "demonstration": settings.NODE.demo or reader.law.demo,
        }
        return render_to_string("public/show.html", page)
