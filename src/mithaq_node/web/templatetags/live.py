"""Parts of a page that it fetches again while it is open, in few bytes: what it has already is not sent again.

Every part says its version, `data-v`, a digest of its words. The page says what it has in the header `Mithaq-Has`
(`having.js`); a part that would be the same is left out, and so is a row of a list, of which only the time that is left
is sent, because that changes with every minute. Bodies are compressed, but on a bad line a page is a page.
"""

import re
from collections.abc import Mapping
from hashlib import sha256

from django import template
from django.http import HttpRequest
from django.template.context import Context
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

HEADER = "Mithaq-Has"
_HOLE = "\x00left\x00"
"""Where a row says what time is left, while its version is made."""
_ROW = re.compile(r'<li id="([^"]+)" data-same="([^"]+)">(.*?)</li>', re.DOTALL)

Has = Mapping[str, str]
"""Part, or row, to the version that a page has of it."""


def held(request: HttpRequest) -> Has:
    """What the page that asks says it has."""
    pairs = (each.partition("=") for each in request.headers.get(HEADER, "").split())
    return {name: version for name, _, version in pairs}


@register.simple_tag(takes_context=True)
def part(context: Context, name: str, source: str) -> SafeString:
    """The part `name` made by the template `source`: whole in a page; where `has` says what the page that asks holds,
    what is new in it, and nothing when it is the same."""
    rows: dict[str, str] = {}
    with context.push(rows=rows):
        made = _rendered(context, source)
    version, has = _digest(made), context.get("has")
    if has is not None and has.get(name) == version:
        return mark_safe("")

    def whole(row: re.Match[str]) -> str:
        if has is not None and has.get(row[1]) == row[2]:
            return f'<li id="{row[1]}" data-same>{row[3]}</li>'
        return rows[row[1]].replace(_HOLE, row[3])

    stamped = _stamped(_ROW.sub(whole, made), name, version)
    if has is not None:
        stamped = f'<hx-partial hx-target="#{name}" hx-swap="outerMorph">{stamped}</hx-partial>'
    return mark_safe(stamped)


@register.simple_tag(takes_context=True)
def row(context: Context, id: str, source: str, left: str) -> SafeString:
    """A row of the list of a part, made by the template `source`; `left` makes what it says of the time left."""
    with context.push(left=mark_safe(_HOLE)):
        made = _rendered(context, source)
    version = _digest(made)
    context["rows"][id] = _stamped(made, id, version)
    return mark_safe(f'<li id="{id}" data-same="{version}">{_rendered(context, left)}</li>')


def _rendered(context: Context, name: str) -> str:
    engine = context.template.engine if context.template else template.Engine.get_default()
    lines = engine.get_template(name).render(context).splitlines()
    return "\n".join(line.strip() for line in lines if line.strip())


def _stamped(made: str, id: str, version: str) -> str:
    return made.replace(f'id="{id}"', f'id="{id}" data-v="{version}"', 1)


def _digest(made: str) -> str:
    return sha256(made.encode()).hexdigest()[:8]
