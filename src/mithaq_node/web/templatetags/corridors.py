"""How a chain stands on a page: its links, what each party says of them, and the lanes of the line diagram.

In the diagram every party has a lane of its own, told apart by the place and the shape at its head. What it states of a
link shows in how the lane is drawn and in the mark on it, and in words for whoever does not see it; colour only helps.
"""

from typing import Any

from django import template
from django.template.context import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from mithaq.corridors.chains import CROSSING, Detour, Link
from mithaq.instrument.law import Party
from mithaq_node.queries.corridors import Way
from mithaq_node.web.templatetags.desk import reader_in
from mithaq_node.web.wording import MODES

register = template.Library()

_MEANINGS = {"open": "kept", "closed": "late"}
_MARKS = {
    "kept": '<circle cx="10" cy="10" r="5.5"/>',
    "due": '<path d="M10 3.5l7 13H3z"/>',
    "late": '<path d="M2 2h16v16H2z"/><path class="lane__cross" d="M5.5 5.5l9 9m0-9l-9 9"/>',
    "silent": '<path class="lane__asks" d="M6 7.5a4 4 0 1 1 5.5 3.7c-1 .5-1.5 1-1.5 2.3M10 16.6v.2"/>',
    "aside": "",
}

_STANDINGS = {
    "reported": (gettext_lazy("reported"), "reported"),
    "example": (gettext_lazy("example"), "example"),
    "agreed": (gettext_lazy("agreed"), "kept"),
}


@register.simple_tag(takes_context=True)
def lane(context: Context, link: Link, party: Party) -> SafeString:
    """One party's lane at one link: how it is drawn, and the same in words."""
    reader, said = reader_in(context), link.said.get(party.code)
    if said is not None:
        meaning = _MEANINGS.get(said.facts["state"], "due")
        word = reader.label(f"code.crossing-state.{said.facts['state']}")
    elif party.code in link.expected:
        meaning, word = "silent", gettext("says nothing")
    else:
        meaning, word = "aside", gettext("not on its side")
    return format_html(
        '<span class="lane lane--{0} party-{1}">'
        '<svg class="lane__line" viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden="true">'
        '<path d="M0 10h100"/></svg>'
        '<svg class="lane__mark" viewBox="0 0 20 20" aria-hidden="true">{2}</svg>'
        '<span class="visually-hidden">{3}: {4}</span></span>',
        meaning,
        party.code,
        SafeString(_MARKS[meaning]),
        reader.text(party.short),
        word,
    )


@register.simple_tag(takes_context=True)
def link_sort(context: Context, link: Link) -> str:
    """What a link is: a crossing, rail, road, or both."""
    if link.area == CROSSING:
        return gettext("Crossing")
    segment = reader_in(context).law.segment(link.id)
    return reader_in(context).listed(str(MODES[mode]) for mode in segment.modes) if segment else ""


@register.simple_tag(takes_context=True)
def directions(context: Context, way: Way) -> str:
    """The directions of a way, or that it is the same both ways."""
    if way.everywhere:
        return gettext("both directions")
    return reader_in(context).label(f"code.direction.{way.directions[0]}")


@register.simple_tag(takes_context=True)
def why(context: Context, link: Link, facts: dict[str, Any]) -> str:
    """The reason in a statement about a link, from the list of its kind."""
    names = "crossing-reason" if link.area == CROSSING else "segment-reason"
    return reader_in(context).label(f"code.{names}.{facts['reason']}") if "reason" in facts else ""


@register.simple_tag(takes_context=True)
def stated_length(context: Context, metres: int) -> SafeString:
    """A length as it is stated: whole kilometres, or one or two places after the point where it is finer."""
    reader = reader_in(context)
    whole, rest = divmod(metres, 1_000)
    point = "." if reader.language == "en" else "٫"
    said = reader.count(whole) + (point + reader.digits(f"{rest:03}".rstrip("0")) if rest else "")
    return format_html('<bdi class="number">{} {}</bdi>', said, gettext("km"))


@register.simple_tag(takes_context=True)
def detour_states(context: Context, detour: Detour) -> str:
    """What the parties state of a way round."""
    reader = reader_in(context)
    return reader.listed(reader.label(f"code.crossing-state.{state}") for state in detour.states)


@register.simple_tag(takes_context=True)
def standing_of(context: Context, line: Any) -> SafeString:
    """The standing of a line of the law: reported, with its source in the memorandum, example, or agreed."""
    word, meaning = _STANDINGS[line.mark]
    source = reader_in(context).law.sources.get(line.source)
    said: str | SafeString = str(word)
    if source is not None:
        address = f"{reverse('instrument:show')}#source-{line.source}"
        said = format_html('<a href="{}" title="{} · {}">{}</a>', address, source.publisher, source.day, word)
    return format_html('<span class="badge badge--{}">{}</span>', meaning, said)


@register.filter
def said_of(statements: Any, party: str) -> list[Any]:
    """What one party states in the law: of lengths, or in words."""
    return [each for each in statements if each.party == party]
