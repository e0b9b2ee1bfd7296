"""Refusals as programs read them: RFC 9457, with the stable code, and the sentence in the caller's language."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from mithaq.errors import Refusal
from mithaq.formats.openapi import PROBLEM
from mithaq_files.refusals import LANGUAGES, sentence

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

_STATUS = {
    "token.missing": 401,
    "token.unknown": 401,
    "token.revoked": 401,
    "token.expired": 401,
    "token.wrong-scope": 403,
    "token.not-your-place": 403,
    "token.too-many": 429,
    "ogc.no-collection": 404,
    "ogc.no-feature": 404,
    "ogc.no-page": 404,
    "ogc.read-only": 405,
    "ogc.not-acceptable": 406,
}
"""Code to status; 400 for every other."""


def told(view: View[P]) -> View[P]:
    """A view whose refusals are answered as problems."""

    @wraps(view)
    def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refusal as refusal:
            return problem(refusal)

    return cast(View[P], answer)


def problem(refusal: Refusal) -> HttpResponse:
    """The answer to what is refused."""
    language = translation.get_language() or "en"
    status = _STATUS.get(refusal.code, 400)
    said = {
        "type": f"urn:mithaq:refusal:{refusal.code}",
        "title": sentence(refusal, language if language in LANGUAGES else "en"),
        "status": status,
        "code": refusal.code,
    }
    answer = HttpResponse(msgspec.json.encode(said), content_type=PROBLEM, status=status)
    answer.headers["Cache-Control"] = "no-store"
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Basic realm="Mithaq", charset="UTF-8", Bearer realm="Mithaq"'
    if status == 405:
        answer.headers["Allow"] = "GET, HEAD"
    if status == 429:
        answer.headers["Retry-After"] = str(refusal.data.get("seconds", 1))
    return answer
