"""The token that a request brings: as a Bearer token, or as the password of HTTP Basic, whose name says nothing."""

import base64

from django.http import HttpRequest

from mithaq_node.services import tokens
from mithaq_node.store.models import Officer


def officer_of(request: HttpRequest, scope: str) -> Officer:
    """As which officer the program reads; refuses what `services.tokens.officer_of` refuses."""
    return tokens.officer_of(_secret(request.headers.get("Authorization", "")), scope)


def _secret(header: str) -> str:
    scheme, _space, said = header.partition(" ")
    if scheme.lower() == "bearer":
        return said.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(said, validate=True).decode("utf-8").partition(":")[2]
    except ValueError:  # no base64, or no text in it
        return ""
