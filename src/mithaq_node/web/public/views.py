"""The public page and its feeds: made once a minute for everybody, with no sign-in, no cookie and no session.

Nothing is there until the operator of this party has switched it on in its internal order, where every change is kept
with who made it and when. Shown are statements about crossings alone, of kinds that the law sealed by all parties calls
public, with the fields named here and no others: no spoken number, no officer, no office, no count.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from mithaq import moments
from mithaq.errors import Refusal
from mithaq.instrument.law import Law, Party
from mithaq_node import queries
from mithaq_node.queries import crossings, inside
from mithaq_node.web import cursor, preferences
from mithaq_node.web.public import PREFIX, feeds
from mithaq_node.web.reader import Reader
from mithaq_node.web.watch.shared import Shared

FRESH = 60
"""Seconds for which an answer may be kept by whoever has it."""
_shared = Shared()


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
    return _answer(request, f"page {chosen}", "text/html", lambda now: _page(chosen, now))


@require_safe
def as_json(request: HttpRequest) -> HttpResponse:
    """The same in codes, with the names of crossings and codes in every language."""
    return _answer(request, "json", "application/json", lambda now: feeds.as_json(now, crossings.public(now)))


@require_safe
def as_atom(request: HttpRequest, language: str) -> HttpResponse:
    """The same as a feed: an entry for each crossing of which anything is said."""
    chosen = _language(language)
    address = request.build_absolute_uri(PREFIX)

    def made(now: str) -> str:
        with translation.override(chosen):
            return feeds.as_atom(now, crossings.public(now), _reader(chosen), address)

    return _answer(request, f"atom {chosen} {address}", "application/atom+xml", made)


def _answer(request: HttpRequest, form: str, content_type: str, make: Callable[[str], str]) -> HttpResponse:
    if not _is_open():
        raise Http404
    read = cursor.read(request)
    key = (settings.NODE.folder, form, read.value)
    etag = quote_etag(f"{read.value}-{form.replace(' ', '-')}")
    unchanged = get_conditional_response(request, etag=etag)
    now = str(moments.Moment(read.at.seconds // FRESH * FRESH))
    answer = unchanged
    if answer is None:
        answer = HttpResponse(_shared.get(key, lambda: make(now)), content_type=f"{content_type}; charset=utf-8")
    answer.headers["ETag"] = etag
    answer.headers["Cache-Control"] = f"public, max-age={FRESH}"
    return answer


def _is_open() -> bool:
    """Whether this node shows anything to anybody."""
    try:
        return inside.arrangement().public and not queries.law().exercise
    except (Refusal, LookupError, OSError):
        return False


def _language(asked: str) -> str:
    if asked not in preferences.LANGUAGES:
        raise Http404
    return asked


def _reader(language: str) -> Reader:
    sealed, party = queries.sealed(), queries.own_party()
    return Reader(
        language, preferences.OWN_CALENDAR[language], sealed.law, sealed.words, party, queries.earlier_words()
    )


def _page(language: str, now: str) -> str:
    reader = _reader(language)
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
