"""The description of an OGC API of features as an OpenAPI 3.0 document that refers to nothing outside itself.

Clients read it before they ask: which collections there are, how large a page may be, and by which properties and times
the server filters (GDAL sends a filter only where it is declared here).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mithaq.formats import asked

Document = dict[str, Any]

MEDIA_TYPE = "application/vnd.oai.openapi+json;version=3.0"
GEOJSON = "application/geo+json"
PROBLEM = "application/problem+json"

CONFORMS_TO = tuple(
    f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{each}" for each in ("core", "oas30", "geojson")
)
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


@dataclass(frozen=True, slots=True)
class Property:
    """A property of the features of a collection."""

    name: str
    type: str
    """`string`, `integer` or `boolean` of JSON."""
    says: str
    format: str = ""
    filters: bool = False
    """Whether the server filters by equality of it."""


@dataclass(frozen=True, slots=True)
class Described:
    """A collection as clients are told of it."""

    id: str
    title: str
    description: str
    geometry: str
    """The one type of geometry of GeoJSON; empty where its features have none."""
    properties: tuple[Property, ...]
    is_timed: bool


def describe(title: str, version: str, server: str, collections: Sequence[Described]) -> Document:
    """The whole description."""
    paths: Document = {
        "/": _path("landingPage", "Landing page", "Links"),
        "/conformance": _path("conformance", "What it conforms to", "Conformance"),
        "/api": _path("api", "This description", "Any"),
        "/collections": _path("collections", "Every collection", "Collections"),
    }
    for each in collections:
        paths[f"/collections/{each.id}"] = _path(f"collection.{each.id}", each.title, "Collection")
        paths[f"/collections/{each.id}/items"] = _items(each)
        paths[f"/collections/{each.id}/items/{{featureId}}"] = _item(each)
    return {
        "openapi": "3.0.3",
        "info": {"title": title, "version": version, "description": "Read only. Positions are in CRS84."},
        "servers": [{"url": server}],
        "security": [{"bearer": []}, {"basic": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "basic": {"type": "http", "scheme": "basic", "description": "Any name, the token as the password."},
            },
            "parameters": dict(_PARAMETERS),
            "schemas": {
                **_SCHEMAS,
                **{_schema_name(each): _feature(each) for each in collections},
                **_pages(collections),
            },
            "responses": {"Problem": _answer("Why it is refused", "Problem", PROBLEM)},
        },
    }


def schema_of(found: Property) -> Document:
    """The JSON schema of one property."""
    formatted = {"format": found.format} if found.format else {}
    return {"type": found.type, "nullable": True, "description": found.says, **formatted}


def _path(name: str, summary: str, schema: str) -> Document:
    good = _answer(summary, schema, "application/json")
    return {"get": {"operationId": name, "summary": summary, "responses": {"200": good, **_refused("4XX")}}}


def _items(each: Described) -> Document:
    names = ["limit", "bbox", *(["datetime"] if each.is_timed else []), "after", "f"]
    filters = [
        {
            "name": found.name,
            "in": "query",
            "required": False,
            "description": found.says,
            "schema": {"type": found.type},
        }
        for found in each.properties
        if found.filters
    ]
    good = _answer(each.title, f"{_schema_name(each)}.page", GEOJSON)
    get = {
        "operationId": f"items.{each.id}",
        "summary": each.title,
        "parameters": [*({"$ref": f"#/components/parameters/{name}"} for name in names), *filters],
        "responses": {"200": good, **_refused("400", "401", "403", "404", "406", "429")},
    }
    return {"get": get}


def _item(each: Described) -> Document:
    wanted = {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}
    get = {
        "operationId": f"item.{each.id}",
        "summary": f"{each.title}: one of them",
        "parameters": [wanted, {"$ref": "#/components/parameters/f"}],
        "responses": {"200": _answer(each.title, _schema_name(each), GEOJSON), **_refused("4XX")},
    }
    return {"get": get}


def _schema_name(each: Described) -> str:
    return f"feature.{each.id}"


def _feature(each: Described) -> Document:
    geometry = (
        {
            "type": "object",
            "nullable": True,
            "required": ["type", "coordinates"],
            "properties": {
                "type": {"type": "string", "enum": [each.geometry]},
                "coordinates": {"type": "array", "items": {}},
            },
        }
        if each.geometry
        else {"type": "object", "nullable": True, "description": "Always null."}
    )
    return {
        "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": "string"},
            "geometry": geometry,
            "properties": {
                "type": "object",
                "properties": {found.name: schema_of(found) for found in each.properties},
            },
            "links": _LINKS,
        },
    }


def _pages(collections: Sequence[Described]) -> Document:
    """The schemas of pages of features."""
    return {
        f"{_schema_name(each)}.page": {
            "type": "object",
            "required": ["type", "features"],
            "properties": {
                "type": {"type": "string", "enum": ["FeatureCollection"]},
                "features": {"type": "array", "items": {"$ref": f"#/components/schemas/{_schema_name(each)}"}},
                "links": _LINKS,
                "timeStamp": {"type": "string", "format": "date-time"},
                "numberMatched": {"type": "integer", "minimum": 0},
                "numberReturned": {"type": "integer", "minimum": 0},
            },
        }
        for each in collections
    }


def _answer(says: str, schema: str, media_type: str) -> Document:
    return {
        "description": says,
        "content": {media_type: {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
    }


def _refused(*statuses: str) -> Document:
    return {status: {"$ref": "#/components/responses/Problem"} for status in statuses}


_LINKS: Document = {"type": "array", "items": {"$ref": "#/components/schemas/Link"}}

_SCHEMAS: Mapping[str, Document] = {
    "Any": {"type": "object"},
    "Link": {
        "type": "object",
        "required": ["href", "rel"],
        "properties": {name: {"type": "string"} for name in ("href", "rel", "type", "title")},
    },
    "Links": {
        "type": "object",
        "required": ["links"],
        "properties": {"title": {"type": "string"}, "description": {"type": "string"}, "links": _LINKS},
    },
    "Conformance": {
        "type": "object",
        "required": ["conformsTo"],
        "properties": {"conformsTo": {"type": "array", "items": {"type": "string"}}},
    },
    "Collection": {
        "type": "object",
        "required": ["id", "links"],
        "properties": {
            **{name: {"type": "string"} for name in ("id", "title", "description", "itemType")},
            "extent": {"type": "object"},
            "crs": {"type": "array", "items": {"type": "string"}},
            "links": _LINKS,
        },
    },
    "Collections": {
        "type": "object",
        "required": ["links", "collections"],
        "properties": {
            "links": _LINKS,
            "collections": {"type": "array", "items": {"$ref": "#/components/schemas/Collection"}},
        },
    },
    "Problem": {
        "type": "object",
        "description": "RFC 9457; `code` is the stable code of the refusal.",
        "properties": {
            **{name: {"type": "string"} for name in ("type", "title", "detail", "code")},
            "status": {"type": "integer"},
        },
    },
}

_PARAMETERS: Mapping[str, Document] = {
    "limit": {
        "name": "limit",
        "in": "query",
        "required": False,
        "description": "How many features a page has at most.",
        "schema": {"type": "integer", "minimum": 1, "maximum": asked.MOST, "default": asked.USUAL},
    },
    "bbox": {
        "name": "bbox",
        "in": "query",
        "required": False,
        "description": "West, south, east and north in degrees.",
        "schema": {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}},
        "style": "form",
        "explode": False,
    },
    "datetime": {
        "name": "datetime",
        "in": "query",
        "required": False,
        "description": "An instant, or an interval whose ends may be open: 2030-05-01T00:00:00Z/..",
        "schema": {"type": "string"},
        "style": "form",
        "explode": False,
    },
    "after": {
        "name": "after",
        "in": "query",
        "required": False,
        "description": "Where the page goes on; taken from the link `next`.",
        "schema": {"type": "string"},
    },
    "f": {
        "name": "f",
        "in": "query",
        "required": False,
        "description": "The form of the answer; there is one.",
        "schema": {"type": "string", "enum": ["json"]},
    },
}
