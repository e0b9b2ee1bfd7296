"""Refusals as programs read them: RFC 9457, with the stable code, and the sentence in the caller's language."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from mithaq.errors import Datum, Refusal
from mithaq.formats.rest.operations import PROBLEM
from mithaq.formats.rest.values import Problem
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
    "public.too-many": 429,
    "ogc.no-collection": 404,
    "ogc.no-feature": 404,
    "ogc.no-page": 404,
    "ogc.read-only": 405,
    "ogc.not-acceptable": 406,
    "api.no-page": 404,
    "api.method": 405,
    "api.not-acceptable": 406,
    "api.not-plain-json": 415,
    "api.no-length": 411,
    "api.too-large": 413,
    "api.key-of-another": 422,
    "api.bad-cursor": 422,
    "api.precondition": 428,
    "draft.changed-meanwhile": 412,
    "draft.too-large": 413,
    "draft.wrong-state": 409,
    "draft.unknown": 404,
    "desk.no-notice": 404,
    "desk.no-incident": 404,
    "desk.not-held": 404,
    "desk.unknown-party": 404,
    "crossing.unknown": 404,
    "commitment.none": 404,
    "meeting.none": 404,
    "log.unknown": 404,
    "node.no-entry": 404,
    "node.unknown-audience": 422,
    "api.no-kind": 404,
    "officer.not-active": 403,
    "officer.role-may-not": 403,
    "officer.wrong-secret": 403,
    "signin.too-many": 429,
}
"""Code to status."""
_BY_AREA = {"number": 404, "api": 400, "ogc": 400, "node": 503, "fence": 503}
"""Area of codes to status, of those that are not named; 422 for every other: it was understood and is refused."""
_LONGEST = 200
"""Characters of a text among what was found: it may have come with the request."""


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
    status = status_of(refusal)
    shown = Refusal(refusal.code, **{name: _shown(value) for name, value in refusal.data.items()})
    said = Problem(
        type=f"urn:mithaq:refusal:{refusal.code}",
        title=sentence(shown, language if language in LANGUAGES else "en"),
        status=status,
        code=refusal.code,
        data=dict(shown.data),
    )
    answer = HttpResponse(msgspec.json.encode(said), content_type=PROBLEM, status=status)
    answer.headers["Cache-Control"] = "no-store"
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Basic realm="Mithaq", charset="UTF-8", Bearer realm="Mithaq"'
    if status == 405:
        answer.headers["Allow"] = str(refusal.data.get("allow", "GET, HEAD"))
    if status == 429:
        answer.headers["Retry-After"] = str(_wait(refusal))
    return answer


def status_of(refusal: Refusal) -> int:
    """The status of the answer to what is refused."""
    return _STATUS.get(refusal.code) or _BY_AREA.get(refusal.code.partition(".")[0], 422)


def _wait(refusal: Refusal) -> int:
    seconds, minutes = refusal.data.get("seconds"), refusal.data.get("minutes")
    return int(seconds) if seconds else int(minutes or 0) * 60 or 1


def _shown(value: Datum) -> Datum:
    """What was found, as it can be sent: a text without halves of characters, and no longer than needed."""
    return value[:_LONGEST].encode("utf-8", "replace").decode() if isinstance(value, str) else value
