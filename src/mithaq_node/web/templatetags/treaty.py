"""How the parts of a law stand on a page: texts in facing columns, the mark of a line, the words for closed lists."""

from typing import Any

from django import template
from django.conf import settings
from django.template.context import Context
from django.utils.translation import get_language_info, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from mithaq import calendars
from mithaq.followup.commitments import ASSESSED
from mithaq.instrument import alternat
from mithaq.instrument.law import Clock, Commitment, Party, Text
from mithaq_node.web.instrument.governed import place

register = template.Library()

WORDS = {
    "role": {
        "opens": _("opens an incident"),
        "adds": _("adds to one"),
        "asks": _("asks"),
        "answers": _("answers"),
        "acknowledges": _("acknowledges"),
        "judges": _("judges an answer"),
        "corrects": _("corrects"),
        "withdraws": _("withdraws"),
        "closes": _("closes"),
        "states": _("states"),
        "counts": _("counts"),
        "plans": _("announces a plan"),
        "proceeds": _("goes on with a plan"),
        "assesses": _("assesses"),
        "seals": _("assents by signature"),
        "refuses": _("refuses"),
        "nonconforming": _("does not conform, whatever it does"),
    },
    "publisher": {"press": _("press")},
    "release": {
        "two": _("two officers"),
        "one": _("one officer, reviewed after"),
        "machine": _("machine feed, no officer"),
    },
    "type": {
        "moment": _("moment"),
        "interval": _("period"),
        "day": _("day"),
        "place": _("place"),
        "sector": _("sector"),
        "crossing": _("crossing"),
        "commitment": _("commitment"),
        "code": _("one of a list"),
        "codes": _("several of a list"),
        "counts": _("counts by category"),
        "quantity": _("quantity"),
        "reference": _("reference to a notice"),
        "phrase": _("agreed phrase"),
        "text": _("free text"),
        "link": _("public address of a page"),
        "attachment": _("a picture"),
        "paragraphs": _("whole text in every language"),
        "extent": _("numbers of paragraphs"),
    },
    "floor": {
        "hour": _("to the hour"),
        "minute": _("to the minute"),
        "exact": _("as exact as known"),
        "cell": _("a cell of 2 km or more"),
        "kilometre": _("to the kilometre"),
        "sector": _("the sector only"),
    },
    "start": {
        "receipt": _("the receipt"),
        "nonconformance": _("the receipt of a notice that does not conform"),
        "stated": _("the moment it states"),
        "before": _("so long before the moment it states"),
    },
    "ground": {
        "consent": _("by agreement of all sides"),
        "emergency": _("a public emergency"),
        "force-majeure": _("force majeure"),
        "renegotiation": _("its text is negotiated anew"),
        "technical": _("technical reasons"),
    },
    "obliged": {"addressee": _("the addressee"), "sender": _("the sender")},
}
"""The closed lists of the law that no sealed word names, because they belong to the program's rules."""


@register.filter
def word(value: str, of: str) -> str:
    """The reader's word for a value of a closed list; the value itself where the list is newer than this program."""
    return str(WORDS[of].get(value, value))


@register.filter
def starts(clock: Clock) -> str:
    """What starts a clock, without the field that a stated moment stands in."""
    return clock.start.partition(":")[0]


@register.filter
def digits(value: object, language: str) -> str:
    """A number or a text with its digits written as the reader's language writes them."""
    return calendars.digits(str(value), language)


@register.filter
def weekdays(numbers: list[int], language: str) -> list[str]:
    """ISO weekdays by their names."""
    return [calendars.weekday_name(number, language) for number in numbers]


@register.filter
def anchor(name: str, sort: str) -> str:
    """The identifier on the page of a thing of this sort."""
    return place(sort, name)


@register.inclusion_tag("instrument/facing.html", takes_context=True)
def facing(context: Context, text: Text) -> dict[str, Any]:
    """A text in its authentic languages side by side, that of this node's party first (alternat); for a reader of
    another language his own below, as an aid."""
    authentic = alternat.own_first(context["law"].authentic, settings.NODE.language)
    language = context["language"]
    return {
        "columns": [_column(code, text) for code in authentic if text.get(code)],
        "aid": _column(language, text) if language not in authentic and text.get(language) else None,
    }


@register.simple_tag(takes_context=True)
def owners_of(context: Context, promise: Commitment) -> tuple[str, ...]:
    """The parties that owe a commitment, this node's own first (alternat)."""
    return tuple(alternat.own_first(promise.owners, context["frame"].reader.party.code))


@register.simple_tag(takes_context=True)
def authorities_of(context: Context, promise: Commitment, owner: str) -> list[str]:
    """The names of an owner's authorities that carry a commitment out; none where the instrument is silent."""
    reader = context["frame"].reader
    return [
        reader.label(f"authority.{each.replace('/', '.')}")
        for each in promise.authorities
        if each.startswith(f"{owner}/")
    ]


@register.simple_tag(takes_context=True)
def evidence_asked(context: Context, kind: str) -> str:
    """The kind of evidence that a commitment asks for: a form of the law's list, the owners' own assessment, or a
    clock of the law; what is none of these stands as the law writes it."""
    if kind == ASSESSED:
        return gettext("each owner's own assessment")
    law, words = context["law"], context["frame"].reader
    clock = next((each for each in law.clocks if f"clock:{each.id}" == kind), None)
    if clock is not None:
        return gettext("the clock “%(clock)s”") % {"clock": words.label(f"clock.{clock.id}")}
    key = f"code.evidence.{kind}"
    return words.label(key) if key in words.words.labels else kind


@register.inclusion_tag("instrument/mark.html", takes_context=True)
def mark(context: Context, standing: str, source: str = "") -> dict[str, Any]:
    """The standing of a line: agreed, reported (with its source) or example."""
    return {"mark": standing, "source": source, "known": source in context["law"].sources}


@register.simple_tag(takes_context=True)
def lunar_day(context: Context, party: Party) -> str:
    """How a party counts the days of the lunar months: by Umm al-Qura, or as it declares them."""
    offset = party.hijri_offset
    if not offset:
        return gettext("Lunar months by Umm al-Qura.")
    count = calendars.digits(str(abs(offset)), context["language"])
    if offset < 0:
        said = ngettext(
            "Lunar months as declared: %(count)s day after Umm al-Qura.",
            "Lunar months as declared: %(count)s days after Umm al-Qura.",
            -offset,
        )
    else:
        said = ngettext(
            "Lunar months as declared: %(count)s day before Umm al-Qura.",
            "Lunar months as declared: %(count)s days before Umm al-Qura.",
            offset,
        )
    return said % {"count": count}


def _column(code: str, text: Text) -> dict[str, str]:
    known = get_language_info(code)
    return {
        "code": code,
        "direction": "rtl" if known["bidi"] else "ltr",
        "text": text[code],
        "name": known["name_local"],
    }
