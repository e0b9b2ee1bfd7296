"""How a calendar program is let in and answered: by the secret of one officer's own address, and in one language.

A program cannot sign in as people do: it brings the secret in the address itself or as the password of HTTP Basic.
Whatever answers is the same for the same record, so a program that has it already is told so (`ETag`).
"""

import base64
import binascii
from collections.abc import Callable
from hashlib import sha256

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from mithaq import calendars
from mithaq_node import queries
from mithaq_node.services import feed_keys
from mithaq_node.store.models import Officer
from mithaq_node.web import calendar_file
from mithaq_node.web.entrance import READERS
from mithaq_node.web.reader import Reader


def answered(request: HttpRequest, name: str, make: Callable[[Reader], bytes]) -> HttpResponse:
    """The file `name` as `make` makes it, for whoever brings the secret of an officer who reads notices."""
    officer = _officer(request)
    if officer is None or officer.role not in READERS:
        return HttpResponse(status=401, headers={"WWW-Authenticate": 'Basic realm="Mithaq", charset="UTF-8"'})
    language = request.GET.get("lang", "")
    chosen = language if language in calendars.LANGUAGES else settings.LANGUAGE_CODE
    with translation.override(chosen):
        body = make(_reader(chosen))
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    if tag in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304, headers={"ETag": tag})
    answer = HttpResponse(body, content_type=calendar_file.CONTENT_TYPE)
    answer.headers["ETag"] = tag
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer


def _reader(language: str) -> Reader:
    sealed = queries.sealed()
    return Reader(language, "gregorian", sealed.law, sealed.words, queries.own_party(), queries.earlier_words())


def _officer(request: HttpRequest) -> Officer | None:
    secret = request.GET.get("key", "") or _basic(request.headers.get("Authorization", ""))
    return feed_keys.officer_of(secret) if secret else None


def _basic(header: str) -> str:
    """The password of HTTP Basic; the name beside it says nothing."""
    scheme, _space, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
