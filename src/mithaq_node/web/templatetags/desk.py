"""How values of the record stand on a page: parties, moments, numbers, labels, refusals.

Each tag takes the stored value and says it to the reader of the page (`frame.reader`), isolated with `<bdi>` where
numbers or names of another script would otherwise move about in a line of the other direction. What a notice states is
said by `stated`, how something stands by `badges`.
"""

from datetime import datetime
from typing import Any

from django import template
from django.template.context import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from mithaq import calendars, moments
from mithaq.errors import Refusal
from mithaq.instrument.law import Party, Text
from mithaq.moments import Moment
from mithaq.notices.book import UNKNOWN
from mithaq_files import fingerprints
from mithaq_node.web import built as built_files
from mithaq_node.web import colour_sheet, values
from mithaq_node.web.entrance import READERS
from mithaq_node.web.inside.choosing import Choice
from mithaq_node.web.numbering import SpokenNumber
from mithaq_node.web.reader import Reader
from mithaq_node.web.shift.lines import office_name

register = template.Library()


def reader_in(context: Context) -> Reader:
    """The reader of the page that is made."""
    found: Reader = context["frame"].reader
    return found


@register.simple_tag(takes_context=True)
def party(context: Context, code: str, long: bool = False) -> SafeString | str:
    """The shape, colour and name of a party."""
    reader = reader_in(context)
    known = reader.law.party(code)
    if known is None:
        return code
    return format_html(
        '<span class="party party-{}" data-shape="{}">{}</span>',
        known.code,
        known.shape,
        reader.text(known.name if long else known.short),
    )


@register.inclusion_tag("desk/aloud.html", takes_context=True)
def aloud(context: Context, document: bytes) -> dict[str, Any]:
    """The fingerprint of a document in words: the reader's language, and the others for whoever shares one of them."""
    words, language = fingerprints.in_words(document), reader_in(context).language
    others = [(code, said) for code, said in words.items() if code != language]
    return {"language": language, "words": words[language], "others": others}


@register.simple_tag
def party_class(known: Party) -> str:
    """The class that gives an element a party's colour (`--party`)."""
    return f"party-{known.code}"


@register.simple_tag(takes_context=True)
def moment(context: Context, instant: str) -> SafeString:
    """An instant in full, in the reader's calendar; the other calendars on hover."""
    reader = reader_in(context)
    return _time(reader, instant, reader.moment(instant))


@register.simple_tag(takes_context=True)
def brief(context: Context, instant: str) -> SafeString:
    """An instant for lists: day, month and time of day; in full on hover."""
    reader = reader_in(context)
    return _time(reader, instant, reader.brief(instant))


def _time(reader: Reader, instant: str, said: str) -> SafeString:
    """An instant with the other calendars on hover; of one that nobody knows yet only what is said of it."""
    if instant == UNKNOWN:
        return format_html("{}", said)
    every = reader.all_calendars(instant)
    return format_html('<time class="moment" datetime="{}" title="{}"><bdi>{}</bdi></time>', instant, every, said)


@register.simple_tag(takes_context=True)
def day(context: Context, iso_day: str, calendar: str = "") -> SafeString:
    """A day in the reader's calendar, or in the one named; the other calendars on hover."""
    reader = reader_in(context)
    return format_html(
        '<time datetime="{}" title="{}"><bdi>{}</bdi></time>',
        iso_day,
        reader.day_in_all(iso_day),
        reader.day(iso_day, calendar or None),
    )


@register.simple_tag(takes_context=True)
def day_of_week(context: Context, iso_day: str) -> SafeString:
    """A day in the reader's calendar with its day of the week; the other calendars on hover."""
    reader = reader_in(context)
    return format_html(
        '<time datetime="{}" title="{}"><bdi>{}</bdi></time>',
        iso_day,
        reader.day_in_all(iso_day),
        reader.day_of_week(iso_day),
    )


@register.simple_tag(takes_context=True)
def duration(context: Context, seconds: int) -> SafeString:
    return format_html("<bdi>{}</bdi>", reader_in(context).duration(seconds))


@register.simple_tag(takes_context=True)
def elapsed(context: Context, since: str, now: str) -> SafeString:
    """How long it is from one instant to another."""
    return duration(context, moments.parse(now).seconds - moments.parse(since).seconds)


@register.simple_tag(takes_context=True)
def number(context: Context, value: int) -> SafeString:
    """A whole number in the reader's digits."""
    return format_html('<bdi class="number">{}</bdi>', reader_in(context).count(value))


@register.simple_tag(takes_context=True)
def spoken(context: Context, value: str) -> SafeString:
    """A spoken number, `IQ 1204-7`."""
    return format_html('<bdo class="spoken" dir="ltr">{}</bdo>', reader_in(context).spoken(value))


@register.simple_tag(takes_context=True)
def numbered(context: Context, number: str, style: str = "") -> SafeString:
    """A notice's spoken number, and the way to the notice for whoever may read it."""
    said = spoken(context, number)
    if getattr(context["request"].user, "role", "") not in READERS:
        return said
    address = reverse("incidents:notice", args=[number])
    return format_html('<a class="{}" href="{}">{}</a>' if style else '<a{} href="{}">{}</a>', style, address, said)


@register.simple_tag(takes_context=True)
def digits(context: Context, text: str) -> str:
    """A number that is written as people wrote it, in the reader's digits."""
    return reader_in(context).digits(text)


@register.simple_tag(takes_context=True)
def authority(context: Context, id: str) -> str:
    """The name of an authority of this party."""
    reader = reader_in(context)
    return next((reader.text(each.name) for each in reader.party.authorities if each.id == id), id)


@register.inclusion_tag("inside/line.html", takes_context=True)
def inside_line(context: Context, choice: Choice | None, number: str) -> dict[str, Any]:
    """In a list: this party's registry number of a notice, its desk, and who has it in hand."""
    if not isinstance(choice, Choice):
        return {}
    desks = choice.desks
    return {"frame": context["frame"], "place": desks.place(number), "registry": desks.registry(number)}


@register.simple_tag(takes_context=True)
def desk_name(context: Context, id: str) -> str:
    """The name of a desk of this party; its identifier where the desk is no more."""
    return next((each.name for each in context["desks"] if each.id == id), id)


@register.simple_tag(takes_context=True)
def label(context: Context, *key: object) -> str:
    """A sealed label; the parts of its key are joined with dots: `{% label "kind" notice.kind %}`."""
    return reader_in(context).label(".".join(str(part) for part in key))


@register.simple_tag(takes_context=True)
def party_name(context: Context, code: str) -> str:
    """The short name of a party, to stand within a sentence."""
    known = reader_in(context).law.party(code)
    return reader_in(context).text(known.short) if known else code


@register.simple_tag(takes_context=True)
def said(context: Context, text: Text) -> str:
    """A text of the law in the reader's language."""
    return reader_in(context).text(text)


@register.simple_tag(takes_context=True)
def refusal(context: Context, value: Refusal) -> str:
    """Why something is refused, in the reader's language."""
    return reader_in(context).refusal(value)


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """The value under a key that the template itself has in hand."""
    return mapping.get(key) if hasattr(mapping, "get") else None


@register.simple_tag
def built(name: str) -> str:
    """The address of a built file: `{% built 'desk.css' %}`."""
    return static(f"built/{built_files.name(name)}")


@register.simple_tag(takes_context=True)
def colours(context: Context) -> str:
    """The address of the parties' colours; it changes with them, so that a browser keeps what it has."""
    address, frame = reverse("watch:parties"), context.get("frame")
    return f"{address}?of={colour_sheet.version(frame.law.parties)}" if frame else address


@register.filter
def compact(number: str) -> str:
    """A spoken number as it stands in addresses and identifiers."""
    return SpokenNumber().to_url(number)


@register.simple_tag(takes_context=True)
def office(context: Context, name: str) -> str:
    """A counterpart's authority, `IR/border-guard`, as the law names it."""
    return office_name(reader_in(context), name)


@register.filter
def instant(known: datetime) -> str:
    """The canonical spelling of a row's moment."""
    return str(Moment(int(known.timestamp())))


@register.simple_tag(takes_context=True)
def calendar_name(context: Context, calendar: str) -> str:
    """The name of the calendar in which a date is typed."""
    reader = reader_in(context)
    return calendars.calendar_name(calendar, reader.language, reader.party.hijri_offset)


@register.simple_tag(takes_context=True)
def own_offset(context: Context) -> SafeString:
    """The offset from UTC of this party's civil time."""
    reader = reader_in(context)
    return format_html(
        '<bdi dir="ltr">{}</bdi>', calendars.offset_name(reader.party.utc_offset, reader.language).strip("()")
    )


@register.simple_tag(takes_context=True)
def clock_example(context: Context) -> str:
    """A time of day as the reader would write it."""
    return reader_in(context).digits("14:30")


@register.simple_tag
def unit(name: str) -> str:
    """The word for a unit of the law."""
    return values.unit_name(name)


@register.simple_tag(takes_context=True)
def party_shape(context: Context, code: str) -> str:
    """The shape of a party, for elements that draw it themselves."""
    known = reader_in(context).law.party(code)
    return known.shape if known else ""


@register.simple_tag
def key_name(name: str) -> SafeString:
    """The name of a key, which a narrow column may break behind its slashes and nowhere else."""
    return format_html(
        '<bdi class="mono small key-name" dir="ltr">{}</bdi>',
        format_html_join(mark_safe("/<wbr>"), "{}", ((part,) for part in name.split("/"))),
    )


@register.filter
def has(mapping: Any, key: Any) -> bool:
    """Whether something stands under a key that the template itself has in hand."""
    return key in mapping


@register.filter
def counted(number: int, reader: Reader) -> str:
    """A whole number as a reader writes it, for a sentence."""
    return reader.count(number)
