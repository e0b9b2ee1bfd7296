"""The token that a request brings: as a Bearer token, or as the password of HTTP Basic, whose name says nothing."""

import base64
from collections.abc import Collection

from django.http import HttpRequest

from mithaq_node.services import tokens
from mithaq_node.store.models import AccessToken


def token_of(request: HttpRequest, any_of: Collection[str]) -> AccessToken:
    """The token that the program brings; refuses what `services.tokens.opened` refuses."""
    return tokens.opened(_secret(request.headers.get("Authorization", "")), any_of)


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
