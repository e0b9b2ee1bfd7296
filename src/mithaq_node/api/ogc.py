"""OGC API - Features, Part 1: core, GeoJSON and OpenAPI 3.0, for programs of maps that bring an officer's token.

Whatever is asked is answered exactly or refused: clients do not filter again. A page goes on from where the one before
ended in the record (`after`), so nothing is lost or given twice while the record grows.
"""

import base64
import binascii
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any, cast
from urllib.parse import urlencode

import msgspec
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from mithaq.errors import Refusal
from mithaq.formats import asked, openapi, qgis
from mithaq.formats.asked import Query
from mithaq.moments import Moment
from mithaq_node import queries
from mithaq_node.api import bearing
from mithaq_node.api.problems import P, View, told
from mithaq_node.queries import features
from mithaq_node.queries.features import Collection
from mithaq_node.queries.layers import Key, Page, Row
from mithaq_node.services import clock, reads, styling, tokens
from mithaq_node.services.roles import ONLOOKERS, READERS
from mithaq_node.store.models import Officer

Document = dict[str, Any]
_JSON = "application/json"
_OWN = frozenset({"limit", "bbox", "datetime", "after", "f"})
_MICRO = 1_000_000


def _door(view: View[P]) -> View[P]:
    """A view for programs that bring a token; it reads and never writes."""

    def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            raise Refusal("ogc.read-only")
        officer = bearing.token_of(request, [tokens.READ_FEATURES]).officer
        if officer.role not in ONLOOKERS:
            raise Refusal("token.not-your-place")
        _require_json(request)
        request.user = officer
        return view(request, *args, **kwargs)

    return csrf_exempt(told(cast(View[P], answer)))


@_door
def landing(request: HttpRequest) -> HttpResponse:
    """Where a client begins."""
    law = queries.law()
    links = [
        _link(request, "self", "landing", _JSON),
        _link(request, "service-desc", "api", openapi.MEDIA_TYPE),
        _link(request, "conformance", "conformance", _JSON),
        _link(request, "data", "collections", _JSON),
    ]
    return _answer({"title": _title(), "description": law.subject.get("en", ""), "links": links})


@_door
def conformance(request: HttpRequest) -> HttpResponse:
    """Which classes of the standard it conforms to."""
    return _answer({"conformsTo": list(openapi.CONFORMS_TO)})


@_door
def api(request: HttpRequest) -> HttpResponse:
    """What can be asked, as OpenAPI 3.0."""
    seen = [each.described for each in _seen_by(_officer(request))]
    server = request.build_absolute_uri(reverse("ogc:landing")).rstrip("/")
    return _answer(openapi.describe(_title(), version("mithaq"), server, seen), openapi.MEDIA_TYPE)


@_door
def collections(request: HttpRequest) -> HttpResponse:
    """Every collection that the officer's role reads."""
    known = [_collection(request, each) for each in _seen_by(_officer(request))]
    return _answer({"links": [_link(request, "self", "collections", _JSON)], "collections": known})


@_door
def collection(request: HttpRequest, id: str) -> HttpResponse:
    """One of them."""
    return _answer(_collection(request, _asked_for(request, id)))


@_door
def style(request: HttpRequest, id: str) -> HttpResponse:
    """How a collection looks in QGIS, as a `.qml`; refuses one that has no geometry."""
    found = styling.style_of(_asked_for(request, id).described)
    if found is None:
        raise Refusal("ogc.no-page")
    _require_known(request, frozenset({"f"}))
    body = qgis.style_file(found, styling.language())
    return HttpResponse(body, content_type=qgis.MEDIA_TYPE, headers={"Cache-Control": "private, no-store"})


@_door
def items(request: HttpRequest, id: str) -> HttpResponse:
    """A page of features."""
    found = _asked_for(request, id)
    query, after, most = _query(request, found)
    page = found.page(query, after, most)
    reads.layer_read(_officer(request), id)
    links = [_here(request, "self", openapi.GEOJSON), _link(request, "collection", "collection", _JSON, id)]
    if page.more:
        links.append(_next(request, page))
    said = {
        "type": "FeatureCollection",
        "features": [found.feature(row) for row in page.rows],
        "links": links,
        "timeStamp": str(Moment(clock.now().seconds + 1)),  # rounded up: never before the request
        "numberMatched": page.matched,
        "numberReturned": len(page.rows),
    }
    return _answer(said, openapi.GEOJSON)


@_door
def item(request: HttpRequest, id: str, feature: str) -> HttpResponse:
    """One feature by its stable identifier."""
    found = _asked_for(request, id)
    _require_known(request, frozenset({"f"}))
    row = found.get(feature)
    reads.layer_read(_officer(request), id)
    links = [_here(request, "self", openapi.GEOJSON), _link(request, "collection", "collection", _JSON, id)]
    return _answer({**found.feature(row), "links": links}, openapi.GEOJSON)


@_door
def nothing(request: HttpRequest, rest: str) -> HttpResponse:
    """There is nothing at this address."""
    raise Refusal("ogc.no-page")


def _seen_by(officer: Officer) -> list[Collection]:
    return [each for each in features.collections().values() if each.is_of_law or officer.role in READERS]


def _asked_for(request: HttpRequest, id: str) -> Collection:
    found = features.collection(id)
    if not found.is_of_law and _officer(request).role not in READERS:
        raise Refusal("token.not-your-place")
    return found


def _officer(request: HttpRequest) -> Officer:
    assert isinstance(request.user, Officer)
    return request.user


def _require_json(request: HttpRequest) -> None:
    form = request.GET.get("f")
    if form == "html" or (form is None and not any(request.accepts(each) for each in (_JSON, openapi.GEOJSON))):
        raise Refusal("ogc.not-acceptable")
    if form not in (None, "json"):
        raise Refusal("ogc.bad-parameter", name="f", value=form[:80])


def _require_known(request: HttpRequest, known: frozenset[str]) -> None:
    for name, values in request.GET.lists():
        if name not in known:
            raise Refusal("ogc.unknown-parameter", name=name[:80])
        if len(values) > 1:
            raise Refusal("ogc.bad-parameter", name=name, value=", ".join(map(str, values))[:80])


def _query(request: HttpRequest, found: Collection) -> tuple[Query, Key | None, int]:
    """What is asked of a collection: which features, behind which row, and how many."""
    given = request.GET
    own = _OWN if found.described.is_timed else _OWN - {"datetime"}
    _require_known(request, own | found.tests.keys())
    query = Query(
        box=asked.box(given["bbox"]) if "bbox" in given else None,
        span=asked.span(given["datetime"]) if "datetime" in given else None,
        equal=tuple((name, given[name]) for name in sorted(found.tests) if name in given),
    )
    after = _key(given["after"]) if "after" in given else None
    return query, after, asked.limit(given["limit"]) if "limit" in given else asked.USUAL


def _collection(request: HttpRequest, found: Collection) -> Document:
    described = found.described
    bounds, times = found.rows().extent()
    extent: Document = {}
    if bounds is not None:
        extent["spatial"] = {"bbox": [[each / _MICRO for each in bounds]], "crs": openapi.CRS84}
    if described.is_timed:
        ends = [str(Moment(each // _MICRO)) for each in times] if times else [None, None]
        extent["temporal"] = {"interval": [ends]}
    return {
        "id": described.id,
        "title": described.title,
        "description": described.description,
        "itemType": "feature",
        "extent": extent,
        "crs": [openapi.CRS84],
        "storageCrs": openapi.CRS84,
        "links": [
            _link(request, "self", "collection", _JSON, described.id),
            _link(request, "items", "items", openapi.GEOJSON, described.id),
            *([_link(request, "stylesheet", "style", qgis.MEDIA_TYPE, described.id)] if described.geometry else []),
        ],
    }


def _next(request: HttpRequest, page: Page) -> Document:
    """The following page: all that was asked for, from behind the last row of this one."""
    given = request.GET.copy()
    given["after"] = _token(page.rows[-1])
    address = request.build_absolute_uri(f"{request.path}?{urlencode(sorted(given.items()))}")
    return {"rel": "next", "type": openapi.GEOJSON, "href": address}


def _token(row: Row) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(row.key)).decode("ascii").rstrip("=")


def _key(token: str) -> Key:
    try:
        encoded = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        key: Key = msgspec.json.decode(encoded, type=Key)
    except (binascii.Error, UnicodeEncodeError, ValueError) as error:
        raise Refusal("ogc.bad-parameter", name="after", value=token[:80]) from error
    return key


def _here(request: HttpRequest, rel: str, media_type: str) -> Document:
    return {"rel": rel, "type": media_type, "href": request.build_absolute_uri()}


def _link(request: HttpRequest, rel: str, name: str, media_type: str, *args: str) -> Document:
    address = request.build_absolute_uri(reverse(f"ogc:{name}", args=args))
    return {"rel": rel, "type": media_type, "href": address}


def _title() -> str:
    law = queries.law()
    mark = "EXERCISE. " if law.exercise else "Demonstration. " if law.demo else ""
    return f"{mark}{law.title.get('en', law.id)}"


def _answer(said: Mapping[str, Any], media_type: str = _JSON) -> HttpResponse:
    answer = HttpResponse(msgspec.json.encode(said), content_type=media_type)
    answer.headers["Cache-Control"] = "private, no-store"
    links = said.get("links", ())
    if links:
        answer.headers["Link"] = ", ".join(
            f'<{each["href"]}>; rel="{each["rel"]}"; type="{each["type"].replace(chr(34), "")}"' for each in links
        )
    return answer
