"""How anybody is answered: made once a minute for everybody, with no sign-in, no cookie and no session."""

from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag

from mithaq import moments
from mithaq.errors import Refusal
from mithaq.notices.desks import Arrangement
from mithaq_node import queries
from mithaq_node.queries import inside
from mithaq_node.web import cursor, preferences
from mithaq_node.web.reader import Reader
from mithaq_node.web.watch.shared import Shared

FRESH = 60
"""Seconds for which an answer may be kept by whoever has it."""
_shared = Shared()


def answered(
    request: HttpRequest,
    is_open: Callable[[Arrangement], bool],
    form: str,
    content_type: str,
    make: Callable[[str], str],
) -> HttpResponse:
    """What `make` makes of this minute, if the operator has switched it on; `form` tells it from other answers."""
    if not _is_open(is_open):
        raise Http404
    read = cursor.read(request)
    key = (settings.NODE.folder, form, read.value)
    etag = quote_etag(f"{read.value}-{form.replace(' ', '-')}")
    answer = get_conditional_response(request, etag=etag)
    now = str(moments.Moment(read.at.seconds // FRESH * FRESH))
    if answer is None:
        answer = HttpResponse(_shared.get(key, lambda: make(now)), content_type=f"{content_type}; charset=utf-8")
    answer.headers["ETag"] = etag
    answer.headers["Cache-Control"] = f"public, max-age={FRESH}"
    return answer


def reader(language: str) -> Reader:
    """Whoever reads in this language."""
    sealed, party = queries.sealed(), queries.own_party()
    return Reader(
        language, preferences.OWN_CALENDAR[language], sealed.law, sealed.words, party, queries.earlier_words()
    )


def _is_open(asked: Callable[[Arrangement], bool]) -> bool:
    """Whether this node shows it to anybody; nothing of an exercise ever."""
    try:
        return asked(inside.arrangement()) and not queries.law().exercise
    except (Refusal, LookupError, OSError):
        return False
