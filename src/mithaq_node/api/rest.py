"""The REST API's door: the table of operations made into addresses, each request judged before anything is done.

A request brings a token whose scopes and whose officer's role open the operation; its parameters, its head and its body
are held to what the description says of them, and everything else is refused by a stable code.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib.metadata import version
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from mithaq import canonical
from mithaq.errors import Refusal
from mithaq.formats.rest import description, values
from mithaq.formats.rest.operations import JSON, MOST_BODY, OPERATIONS, USUAL, Operation, Parameter
from mithaq_node import queries
from mithaq_node.api import bearing
from mithaq_node.api.problems import problem
from mithaq_node.queries import ledgers, rolls
from mithaq_node.services import storage, tokens
from mithaq_node.store import failures
from mithaq_node.store.models import AccessToken, Officer, Role

PREFIX = "/api"
_LONGEST_LENGTH = 12
"""Digits of a length of a body that are read as a number."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was let in."""

    request: HttpRequest
    operation: Operation
    token: AccessToken
    given: Mapping[str, str]
    """Parameters by name, wherever they stood."""
    body: Any
    """Of the operation's type; None where it takes none."""
    encoded: bytes
    """The body in its one byte form."""

    @property
    def officer(self) -> Officer:
        return self.token.officer

    @property
    def scopes(self) -> frozenset[str]:
        return tokens.scopes(self.token)

    @property
    def limit(self) -> int:
        return int(self.given.get("limit", USUAL))

    def after(self, type: type[T], beginning: T) -> T:
        """Where the page goes on; refuses a cursor that is none of this list."""
        token = self.given.get("after")
        if token is None:
            return beginning
        try:
            encoded = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
            return msgspec.json.decode(encoded, type=type)
        except (binascii.Error, UnicodeError, ValueError, RecursionError) as error:
            raise Refusal("api.bad-cursor", value=token) from error

    def next(self, place: Any) -> str:
        """The address of the following page: all that was asked for, from behind `place`."""
        given = {**{each.name: self.given[each.name] for each in self.operation.query if each.name in self.given}}
        given["after"] = cursor(place)
        return self.request.build_absolute_uri(f"{self.request.path}?{urlencode(sorted(given.items()))}")


def cursor(place: Any) -> str:
    """A place in a list as a word that a program sends back as it is."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode("ascii").rstrip("=")


Answer = msgspec.Struct | bytes | None
Handler = Callable[[Asked], Answer]


@dataclass(frozen=True, slots=True)
class Handled:
    """What does an operation, and the roles whose tokens it is open to."""

    handler: Handler
    roles: frozenset[Role]


View = Callable[..., HttpResponse]


def resource(path: str, handled: Mapping[str, Handled]) -> View:
    """The view of an address: every operation that the table has of it."""
    by_method = {each.method: each for each in OPERATIONS.values() if each.path == path}

    def view(request: HttpRequest, **named: str) -> HttpResponse:
        method = "GET" if request.method == "HEAD" else request.method or ""
        found = by_method.get(method)
        if found is None:
            allowed = sorted({*by_method, *(["HEAD"] if "GET" in by_method else [])})
            return problem(Refusal("api.method", method=method[:20], allow=", ".join(allowed)))
        return _told(partial(_answered, request, found, handled, named))

    return csrf_exempt(view)


@csrf_exempt
def nothing(request: HttpRequest, rest: str = "") -> HttpResponse:
    """There is nothing at this address."""
    return problem(Refusal("api.no-page"))


def _told(answer: Callable[[], HttpResponse]) -> HttpResponse:
    try:
        return answer()
    except Refusal as refusal:
        return problem(refusal)
    except (OSError, *storage.DATABASE) as error:
        if isinstance(error, OSError) and not failures.is_full(error):
            raise
        return problem(storage.refused(error))


def _answered(
    request: HttpRequest, found: Operation, handled: Mapping[str, Handled], named: Mapping[str, str]
) -> HttpResponse:
    if found.is_open:
        _require_accepted(request, found.media_type)
        _parameters(request, found, named)
        return _description(request)
    token = bearing.token_of(request, found.any_of)
    does = handled[found.id]
    if token.officer.role not in does.roles:
        raise Refusal("token.not-your-place")
    _require_accepted(request, found.media_type)
    given = _parameters(request, found, named)
    body, encoded = _body(request, found)
    tag = _tag(request, token) if found.is_tagged else ""
    if tag and tag in _known(request):
        return _headed(HttpResponse(status=304), tag)
    said = does.handler(Asked(request, found, token, given, body, encoded))
    return _headed(_written(found, said), tag or _revision(said))


def _description(request: HttpRequest) -> HttpResponse:
    law = queries.law()
    mark = "EXERCISE. " if law.exercise else "Demonstration. " if law.demo else ""
    title = f"{mark}{law.title.get('en', law.id)}"
    said = _described(title, request.build_absolute_uri(PREFIX))
    return _headed(HttpResponse(said, content_type=JSON), "")


@lru_cache(maxsize=8)
def _described(title: str, server: str) -> bytes:
    return msgspec.json.encode(description.describe(title, version("mithaq"), server))


def _written(found: Operation, said: Answer) -> HttpResponse:
    if said is None:
        return HttpResponse(status=found.status)
    encoded = said if isinstance(said, bytes) else msgspec.json.encode(said)
    return HttpResponse(encoded, content_type=found.media_type, status=found.status)


def _headed(answer: HttpResponse, tag: str) -> HttpResponse:
    answer.headers["Cache-Control"] = "private, no-cache" if tag else "private, no-store"
    if tag:
        answer.headers["ETag"] = tag
    return answer


def _revision(said: Answer) -> str:
    """The ETag of a draft: its revision, which a change of it names."""
    return f'"{said.revision}"' if isinstance(said, values.Draft) else ""


def _tag(request: HttpRequest, token: AccessToken) -> str:
    """What changes with the record, the drafts, the instrument, the program, and with who asks for what."""
    said = (rolls.cursor(), ledgers.key()[1], version("mithaq"), token.pk, token.officer.role, request.get_full_path())
    return f'"{hashlib.sha256(repr(said).encode()).hexdigest()[:32]}"'


def _known(request: HttpRequest) -> set[str]:
    """The tags of the answers that the program has; a proxy on the way may have called one weak."""
    return {each.strip().removeprefix("W/") for each in request.headers.get("If-None-Match", "").split(",")}


def _require_accepted(request: HttpRequest, media_type: str) -> None:
    if not any(request.accepts(each) for each in (media_type, JSON)):
        raise Refusal("api.not-acceptable", type=media_type)


def _parameters(request: HttpRequest, found: Operation, named: Mapping[str, str]) -> dict[str, str]:
    """Every parameter that was given, held to what the description says of it."""
    query = {each.name for each in found.query}
    for name, several in request.GET.lists():
        if name not in query:
            raise Refusal("api.unknown-parameter", name=name)
        if len(several) > 1:
            raise Refusal("api.bad-parameter", name=name, value=", ".join(map(str, several)))
    given: dict[str, str] = {}
    for each in found.parameters:
        value = _value(request, each, named)
        if value is None:
            if each.required:
                raise Refusal("api.precondition" if each.name == "If-Match" else "api.no-parameter", name=each.name)
            continue
        if not _fits(value, each):
            raise Refusal("api.no-page") if each.where == "path" else _bad(each, value)
        given[each.name] = value
    return given


def _value(request: HttpRequest, found: Parameter, named: Mapping[str, str]) -> str | None:
    if found.where == "path":
        return named[found.name]
    return (request.headers if found.where == "header" else request.GET).get(found.name)


def _fits(value: str, found: Parameter) -> bool:
    schema = found.schema
    if schema["type"] == "integer":
        is_number = value.isascii() and value.isdigit() and len(value) < 10 and str(int(value)) == value
        return is_number and schema["minimum"] <= int(value) <= schema["maximum"]
    is_short = len(value) <= schema.get("maxLength", len(value)) and "\n" not in value  # before which `$` stands too
    return is_short and bool(re.search(schema.get("pattern", ""), value))


def _bad(found: Parameter, value: str) -> Refusal:
    return Refusal("api.bad-parameter", name=found.name, value=value)


def _body(request: HttpRequest, found: Operation) -> tuple[Any, bytes]:
    """What was sent, of the operation's type, and its one byte form. It is never unpacked, and read only as far as it
    may be long."""
    if found.body is None:
        return None, b""
    if request.content_type != JSON or request.headers.get("Content-Encoding", "identity") != "identity":
        raise Refusal("api.not-plain-json")
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal():  # a body in chunks would be taken for an empty one
        raise Refusal("api.no-length")
    if len(length) > _LONGEST_LENGTH or int(length) > MOST_BODY:
        raise Refusal("api.too-large", limit=MOST_BODY)
    try:
        value = json.loads(request.body, object_pairs_hook=_no_key_twice, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Refusal("api.not-json", reason=str(error)) from error
    encoded = canonical.encode(value)
    try:
        return msgspec.convert(value, found.body), encoded
    except msgspec.ValidationError as error:
        raise Refusal("api.wrong-shape", reason=str(error)) from error


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(name)
