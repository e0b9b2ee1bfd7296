"""How a page shows counts of weeks, and numbers that are no whole ones."""

from collections.abc import Sequence

from django import template
from django.template.context import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from mithaq_node.web.reader import Reader

register = template.Library()

_HIGH = 100


@register.simple_tag
def week_bars(weeks: Sequence[int], most: int) -> SafeString:
    """A bar for each week, the latest at the end; the highest of all sectors is as high as the frame."""
    heights = [each * _HIGH // max(most, 1) for each in weeks]
    bars = format_html_join(
        "",
        '<rect x="{}" y="{}" width="1" height="{}"/>',
        ((number, _HIGH - height, height) for number, height in enumerate(heights)),
    )
    frame = '<svg class="weeks" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">{}</svg>'
    return format_html(frame, len(weeks), _HIGH, bars)


@register.simple_tag(takes_context=True)
def thousandths(context: Context, value: int) -> SafeString:
    """A number given in thousandths, to one place."""
    reader: Reader = context["frame"].reader
    tenths = (value + 50) // 100
    separator = "." if reader.language == "en" else "٫"
    said = f"{reader.count(tenths // 10)}{separator}{reader.digits(tenths % 10)}"
    return format_html('<bdi class="number">{}</bdi>', said)


@register.simple_tag(takes_context=True)
def chance(context: Context, p: float) -> SafeString:
    """A probability, to the millionth."""
    reader: Reader = context["frame"].reader
    whole, _, parts = f"{p:.6f}".rstrip("0").partition(".")
    separator = "." if reader.language == "en" else "٫"
    said = separator.join((reader.digits(whole), reader.digits(parts))) if parts else reader.digits(whole)
    return format_html('<bdi class="number">{}</bdi>', said)


@register.simple_tag(takes_context=True)
def percent(context: Context, value: int) -> SafeString:
    """A share given in thousandths, in whole percent."""
    reader: Reader = context["frame"].reader
    sign = "%" if reader.language == "en" else "٪"
    return format_html('<bdi class="number">{}{}</bdi>', reader.count((value + 5) // 10), sign)


@register.simple_tag(takes_context=True)
def bounds(context: Context, least_and_most: tuple[int, int]) -> SafeString:
    """From the least to the most that can be set."""
    reader: Reader = context["frame"].reader
    least, most = (reader.count(each) for each in least_and_most)
    return format_html('<bdi class="number">{}</bdi> – <bdi class="number">{}</bdi>', least, most)


@register.filter
def in_thousandths(value: float) -> int:
    """A number as `thousandths` takes it."""
    return round(value * 1_000)
