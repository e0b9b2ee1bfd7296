"""How a picture of a notice is answered: as data, and only what its field's own judge accepts.

Whatever the other side sent, it goes to a browser as a plain JPEG or not at all: no markup, nothing that runs, nothing
whose kind a browser may guess.
"""

from typing import Any

from django.http import HttpResponse

from mithaq.errors import Refusal
from mithaq.instrument.law import Kind
from mithaq.notices.fields import attachments, check_field
from mithaq_node import queries

_NOTHING_RUNS = "default-src 'none'; sandbox"


def answer(said: Any, kind: Kind | None, field: str, name: str) -> HttpResponse:
    """The picture in the value `said` of a field of `kind`, to be saved as `name`; what is none is not there."""
    defined = next((each for each in kind.fields if each.name == field), None) if kind else None
    encoded = attachments.picture(said)
    if defined is None or encoded is None or defined.type != attachments.ATTACHMENT:
        raise Refusal("picture.not-there")
    check_field(said, defined, queries.law())
    response = HttpResponse(encoded, content_type="image/jpeg")
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response.headers["Content-Security-Policy"] = _NOTHING_RUNS
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
