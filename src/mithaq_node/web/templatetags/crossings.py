"""How what is said of crossings, and the figures of a day or a season, stand on a page."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from mithaq import calendars
from mithaq.corridors.flows import SAFAR, Flow, SeasonLine, Source
from mithaq.instrument.statement import Statement
from mithaq_node.queries import ledgers
from mithaq_node.queries.crossings import CrossingView
from mithaq_node.web.templatetags.badges import badge
from mithaq_node.web.templatetags.desk import number, reader_in

register = template.Library()


@register.simple_tag
def season_bar(line: SeasonLine, most: int) -> SafeString:
    """A bar as long as what a source counted, beside one of `most`; the number stands beside it in words."""
    frame = '<svg class="kept-bar party-{}" viewBox="0 0 {} 1" preserveAspectRatio="none" aria-hidden="true">{}</svg>'
    drawn = format_html('<rect class="season__bar" width="{}" height="1"/>', line.total)
    return format_html(frame, line.party, max(most, 1), drawn)


@register.simple_tag(takes_context=True)
def season_name(context: Context, year: int) -> str:
    """The month and the Hijri year by which a season is called."""
    reader = reader_in(context)
    return f"{calendars.month_name('hijri', SAFAR, reader.language)} {reader.digits(year)}"


@register.filter
def differing(flow: Flow) -> list[tuple[str, int, int]]:
    """The categories that two sources of a day count differently, with the lowest and the highest figure."""
    return [(category, low, high) for category, (low, high) in flow.differences().items()]


@register.simple_tag(takes_context=True)
def difference(context: Context, low: int, high: int) -> SafeString:
    """How far two figures lie apart."""
    return number(context, high - low)


@register.simple_tag(takes_context=True)
def statement_badge(context: Context, state: str) -> SafeString:
    """What a side says of a crossing: open, closed or something between."""
    meaning = {"open": "kept", "closed": "late"}.get(state, "due")
    return badge(meaning, reader_in(context).label(f"code.crossing-state.{state}"))


@register.simple_tag(takes_context=True)
def hours(context: Context, facts: Mapping[str, Any], party: str) -> SafeString:
    """The hours at which a crossing is open each day, on the civil clock of the party that says so."""
    reader, known = reader_in(context), reader_in(context).law.party(party)
    start, end = (f"{facts.get(name, other):02}:00" for name, other in (("from_hour", 0), ("until_hour", 24)))
    offset = calendars.offset_name(known.utc_offset, reader.language) if known else ""
    return format_html(
        '<bdi class="hours">\u2066{}–{}\u2069 {}</bdi>', reader.digits(start), reader.digits(end), offset
    )


@register.simple_tag(takes_context=True)
def plan_ground(context: Context, plan: Statement) -> str:
    """The ground of a suspension or a resumption, from whichever list its kind takes it."""
    reader, found = reader_in(context), ledgers.notice(plan.number)
    kind = reader.law.kind(found.kind) if found else None
    lists = [field.codes for field in kind.fields if field.name == "ground"] if kind else []
    return reader.label(f"code.{lists[0]}.{plan.facts['ground']}") if lists else str(plan.facts["ground"])


@register.simple_tag
def board_rows(view: CrossingView) -> int:
    """How many rows a crossing takes on the board."""
    return len(view.lines) + bool(view.silent)


@register.simple_tag(takes_context=True)
def flow_source(context: Context, source: Source) -> str:
    """Stage and source of a flow's figures."""
    reader = reader_in(context)
    said = [reader.label(f"code.flow-stage.{source[1]}")]
    said += [reader.label(f"code.flow-source.{source[2]}")] if source[2] else []
    return " · ".join(said)


@register.filter
def said_by(statements: Mapping[Source, Statement], party: str) -> list[tuple[Source, Statement]]:
    """A party's figures of a flow, each with its source."""
    return [(source, said) for source, said in statements.items() if source[0] == party]
