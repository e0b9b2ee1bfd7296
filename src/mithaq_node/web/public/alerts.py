"""Dangers to the public as messages of CAP: which words and codes of a notice go where.

What leaves is written down here and nothing else does: the danger, the place, when it happened, how sure it is, the
coded sentence, and who states it under which number. No count, no help, no free text, no exact place and no picture:
a warning is about a danger and never about people. Nothing is added that nobody stated: the severity is `Unknown`, and
the end is when a message is no longer vouched for (`queries.hazards.STANDING`).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from mithaq import calendars, moments
from mithaq.formats import cap
from mithaq.formats.cap import Area, Circle, Entry, Info, Message, Reference
from mithaq.instrument.law import Field, Law
from mithaq_node import queries
from mithaq_node.queries import drawn, geometry, hazards
from mithaq_node.queries.hazards import Hazard
from mithaq_node.web import preferences, values
from mithaq_node.web.reader import Reader

_HALF_A_KILOMETRE = 500
_CATEGORIES: Mapping[str, str] = {
    "mine": "Safety",
    "unexploded": "Safety",
    "wildfire": "Fire",
    "flood": "Met",
    "earthquake": "Geo",
    "landslide": "Geo",
    "storm": "Met",
    "dust": "Met",
    "water-quality": "Env",
    "animal-disease": "Env",
    "disease": "Health",
}
"""A danger that is not among them is of the category `Other`."""
_CERTAINTIES: Mapping[str, str] = {"seen": "Observed", "several": "Likely", "one": "Possible"}


def message(hazard: Hazard, place: int) -> Message:
    """The step `place` of a danger, in every language of the instrument."""
    step, law = hazard.revisions[place], hazard.law
    return Message(
        identifier=_identifier(hazard, place),
        sender=_sender(law),
        sent=_stamp(hazard, step.at),
        status=cap.TEST if _is_example(law) else cap.ACTUAL,
        type=cap.ALERT if place == 0 else cap.CANCEL if step.facts is None else cap.UPDATE,
        note="Demonstration. Not a document of any government." if _is_example(law) else "",
        references=tuple(
            Reference(_sender(law), _identifier(hazard, earlier), _stamp(hazard, hazard.revisions[earlier].at))
            for earlier in range(place)
        ),
        infos=tuple(_info(hazard, place, _reader(language, law)) for language in law.languages),
    )


def entry(hazard: Hazard, language: str, address: str) -> Entry:
    """What the feed says of a danger now, in one language; `address` is that of its message."""
    place = len(hazard.revisions) - 1
    said = _info(hazard, place, _reader(language, hazard.law))
    tag = f"tag:{_sender(hazard.law)},{hazard.law.signing.day}:{hazard.law.id}"
    return Entry(
        id=f"{tag}/alert/{name_of(hazard, place)}",
        title=said.headline,
        updated=hazard.revisions[place].at,
        summary=said.description,
        address=address,
    )


def name_of(hazard: Hazard, place: int) -> str:
    """A step of a danger as it is called in addresses and identifiers: `ML-4-2`, or `ML-6-5_ML-5-8`."""
    return "_".join(number.replace(" ", "-") for number in hazards.named(hazard, place))


def read_name(name: str) -> tuple[str, ...]:
    """What `name_of` wrote, for `hazards.of_step`."""
    return tuple(number.replace("-", " ", 1) for number in name.split("_", 1))


def _identifier(hazard: Hazard, place: int) -> str:
    return f"{_sender(hazard.law)}.{hazard.law.id}.{name_of(hazard, place)}"


def _sender(law: Law) -> str:
    known = law.party(settings.NODE.party)
    return (known or queries.own_party()).domain


def _stamp(hazard: Hazard, moment: str) -> str:
    known = hazard.law.party(settings.NODE.party) or queries.own_party()
    return cap.stamp(moments.parse(moment), known.utc_offset)


def _is_example(law: Law) -> bool:
    return law.demo or settings.NODE.demo


def _reader(language: str, law: Law) -> Reader:
    """Whoever reads a message in this language, by the law that its notice was made under and the words of that law."""
    party = law.party(settings.NODE.party) or queries.own_party()
    calendar = preferences.OWN_CALENDAR.get(language, calendars.CALENDARS[0])
    own, *others = queries.words_of(law)
    return Reader(language, calendar, law, own, party, tuple(others))


def _info(hazard: Hazard, place: int, reader: Reader) -> Info:
    step, notice, law = hazard.revisions[place], hazard.notice, hazard.law
    said = next(each.facts for each in reversed(hazard.revisions[: place + 1]) if each.facts is not None)
    is_over, is_urgent = step.facts is None, notice.precedence == law.precedence[0]
    event = reader.label(f"code.{hazards.HAZARD}.{said[hazards.HAZARD]}")
    with translation.override(reader.language):
        where = values.place(reader, said["place"])
        headline = f"{event}: {where}"
        if place:
            headline = f"{_('Withdrawn') if is_over else _('Corrected')}: {headline}"
        if _is_example(law):
            headline = f"{_('Example')}: {headline}"
        description = "\n".join(_lines(hazard, place, said, reader))
    return Info(
        language=reader.language,
        category=_CATEGORIES.get(said[hazards.HAZARD], "Other"),
        event=event,
        urgency="Past" if is_over else "Immediate" if is_urgent else "Unknown",
        severity="Unknown",
        certainty="Unknown" if is_over else _CERTAINTIES.get(said.get("confidence", ""), "Unknown"),
        onset=_stamp(hazard, said.get("happened", notice.at)),
        expires=_stamp(hazard, str(hazards.until(step))),
        sender=reader.text(reader.party.name),
        headline=headline,
        description=description,
        areas=tuple(_areas(said["place"], where, law)),
    )


def _lines(hazard: Hazard, place: int, said: Mapping[str, Any], reader: Reader) -> Iterator[str]:
    if hazard.revisions[place].facts is not None:
        yield from (values.say(reader, hazard.notice.kind, each, said[each.name]) for each in _told(hazard, said))
    number = f"\u2066{reader.digits(hazard.revisions[place].number)}\u2069"
    yield _("Stated by %(party)s, %(number)s") % {"party": reader.text(reader.party.short), "number": number}
    if _is_example(hazard.law):
        yield _("Demonstration. Not a document of any government.")


def _told(hazard: Hazard, said: Mapping[str, Any]) -> Iterable[Field]:
    """The coded sentence, and how sure it is."""
    kind = hazard.law.kind(hazard.notice.kind)
    shown = ("phrase", "remark"), ("code", "confidence")
    return (each for each in kind.fields if (each.type, each.name) in shown and each.name in said) if kind else ()


def _areas(place: Mapping[str, Any], words: str, law: Law) -> Iterator[Area]:
    shape = drawn.drawn(place, law)
    if shape is None:
        yield Area(words)
    elif shape.sort == drawn.AREAS:
        yield from (Area(words, tuple((lon, lat) for lon, lat in rings[0])) for rings in shape.polygons)
    else:
        around = _HALF_A_KILOMETRE if shape.sort == drawn.LINES else 0
        at = geometry.spot(place, law)
        yield Area(words, circle=Circle(at, shape.accuracy + around) if at else None)
