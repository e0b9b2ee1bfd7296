"""The REST API as an OpenAPI 3.1 document, made from the table of operations and the types of what travels.

It refers to nothing outside itself.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from mithaq.formats.rest import values
from mithaq.formats.rest.operations import JSON, OPERATIONS, PROBLEM, SCOPES, Operation, Parameter

Document = dict[str, Any]

_ALWAYS = (400, 401, 403, 406, 429, 503)
"""Statuses with which every operation that needs a token may refuse."""
_WITHOUT_TOKEN = (400, 406, 429)
_OF_BODIES = (411, 413, 415)
"""With which an operation that takes a body may refuse it unread."""
_REFUSED: Mapping[int, str] = {
    400: "The request cannot be understood.",
    401: "A token is missing, unknown, over or revoked.",
    403: "The token's scopes, its officer's role, or the password do not open this.",
    404: "There is no such thing here.",
    406: "The answer is in a form that the request does not want.",
    409: "What it is about does not stand where this can be done.",
    411: "The request must say how long its body is.",
    412: "It was changed meanwhile.",
    413: "The body is too large.",
    415: "The body is no plain JSON.",
    422: "The instrument or the node refuses what is said.",
    428: "The request must say which state it changes.",
    429: "Too many requests; `Retry-After` says how long to wait.",
    503: "The node cannot do it now, and nothing was done.",
}


def describe(title: str, version: str, server: str) -> Document:
    """The whole description; `server` is the address before every path."""
    structs = [each for found in OPERATIONS.values() for each in (found.answer, found.body) if each is not None]
    _, components = msgspec.json.schema_components(
        [*structs, values.Problem], ref_template="#/components/schemas/{name}"
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": version,
            "description": "Other systems bring drafts; officers release them. Refusals are problems (RFC 9457) with a"
            " stable `code`, named `data`, and a sentence in a language of `Accept-Language`: ar, fa, ckb or en.",
        },
        "servers": [{"url": server}],
        "security": [{"bearer": []}, {"basic": []}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": _scopes()},
                "basic": {"type": "http", "scheme": "basic", "description": "Any name, the token as the password."},
            },
            "schemas": components,
            "responses": {str(status): _problem(status) for status in _REFUSED},
        },
    }


def _scopes() -> str:
    return "A token of an officer. Scopes: " + " ".join(f"`{name}`: {says}" for name, says in SCOPES.items())


def _paths() -> Document:
    paths: Document = {}
    for each in OPERATIONS.values():
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each)
    return paths


def _operation(found: Operation) -> Document:
    said: Document = {"operationId": found.id, "summary": found.says, "responses": _answers(found)}
    if found.is_open:
        said["security"] = []
    if found.any_of:
        said["description"] = "Scope: " + " or ".join(f"`{each}`" for each in found.any_of) + "."
    if found.parameters or found.is_tagged:
        said["parameters"] = [_parameter(each) for each in (*found.parameters, *(_TAG if found.is_tagged else ()))]
    if found.body is not None:
        said["requestBody"] = {"required": True, "content": {JSON: {"schema": _ref(found.body)}}}
    return said


_TAG = (Parameter("If-None-Match", "header", "The ETag of the answer that one has: 304 where it would be the same."),)


def _parameter(found: Parameter) -> Document:
    return {
        "name": found.name,
        "in": found.where,
        "required": found.required,
        "description": found.says,
        "schema": dict(found.schema),
    }


def _answers(found: Operation) -> Document:
    good: Document = {"description": found.says}
    if found.answer is not None:
        good["content"] = {found.media_type: {"schema": _ref(found.answer)}}
    elif found.media_type != JSON:
        good["content"] = {found.media_type: {"schema": {"type": "string", "contentMediaType": found.media_type}}}
    elif found.status == 200:
        good["content"] = {JSON: {"schema": {"type": "object"}}}
    if found.is_tagged or found.id == "draft":
        good["headers"] = {"ETag": {"schema": {"type": "string"}}}
    if links := _links(found):
        good["links"] = links
    of_bodies = _OF_BODIES if found.body is not None else ()
    refused = sorted({*(_WITHOUT_TOKEN if found.is_open else _ALWAYS), *found.refused, *of_bodies})
    return {
        str(found.status): good,
        **({"304": {"description": "It is as it was."}} if found.is_tagged else {}),
        **{str(status): {"$ref": f"#/components/responses/{status}"} for status in refused},
    }


_CALLED = {"draft": "id", "number": "number", "kind": "name", "crossing": "id", "commitment": "id"}
"""Parameter of a path to what the things of a list are called by."""


def _links(found: Operation) -> Document:
    """Where an answer leads: from a list, and from what was just made, to everything that is asked of one of them."""
    made = f"{found.path}/"
    if "{" in found.path or not made.strip("/"):
        return {}
    name = next((each.name for one in _below(made) for each in one.parameters if each.where == "path"), "")
    if not name or (found.method != "GET" and found.status != 201):
        return {}
    place = _CALLED[name] if found.status == 201 else f"items/0/{_CALLED[name]}"
    return {
        each.id: {"operationId": each.id, "parameters": {name: f"$response.body#/{place}"}} for each in _below(made)
    }


def _below(path: str) -> list[Operation]:
    return [each for each in OPERATIONS.values() if each.path.startswith(path)]


def _problem(status: int) -> Document:
    said: Document = {"description": _REFUSED[status], "content": {PROBLEM: {"schema": _ref(values.Problem)}}}
    if status == 429:
        said["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}}}
    return said


def _ref(struct: type[msgspec.Struct]) -> Document:
    return {"$ref": f"#/components/schemas/{struct.__name__}"}
