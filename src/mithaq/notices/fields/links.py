"""`link`: the public address of a page that shows something, in an erasable part. It is text and nothing more.

    "https://example.org/reports/2030"

Only `https`, a host name with a dot, and a path of plain ASCII: no user, no port, no query, no fragment, and no address
of a machine by its number. So it can neither carry what somebody typed into a page nor point into a network. No node
ever fetches it, and what stands behind it today may be gone tomorrow: it is claimed, not held.
"""

import re
from typing import Any, Final

from mithaq.errors import Refusal
from mithaq.instrument.law import Field, Law
from mithaq.notices.fields.field_type import FieldType, Judge, Schema, as_it_is, wrong_type

MOST_LINK: Final = 300
"""Characters, whatever an instrument says."""

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_LINK = re.compile(rf"https://(?:{_LABEL}\.)+[a-z][a-z0-9-]{{0,61}}[a-z0-9](/[A-Za-z0-9._~%!$&'()*+,;=:/-]*)?")


def path_of(value: Any) -> str | None:
    """What stands behind the host of a link, beginning with its slash; None of anything that is no link."""
    found = _LINK.fullmatch(value) if type(value) is str else None
    return None if found is None else found[1] or ""


def _judge(field: Field, law: Law) -> Judge:
    def judge(value: Any) -> None:
        if type(value) is not str:
            raise wrong_type(field, "link")
        if len(value) > field.limit:
            raise Refusal("field.too-long", field=field.name, limit=field.limit, found=len(value))
        if path_of(value) is None:
            raise Refusal("field.not-a-link", field=field.name)

    return judge


def _schema(field: Field, law: Law) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": field.limit}


LINK = FieldType("link", _judge, _schema, as_it_is, in_facts=False, limited=True, schema_is_exact=False)
