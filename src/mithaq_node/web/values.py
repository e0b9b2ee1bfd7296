"""Stored values of notices, said to one reader: the screen's half of "coded first".

One stored value, rendered in each reader's language, digits and calendar. What a kind does not know, or what does not
conform, is shown raw rather than guessed at.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mithaq import places
from mithaq.errors import Refusal
from mithaq.instrument import alternat
from mithaq.instrument import words as sealed_words
from mithaq.instrument.law import Commitment, Field
from mithaq.notices.fields import attachments
from mithaq.notices.fields.paragraphs import whole
from mithaq.notices.fields.times import is_day, is_moment
from mithaq.notices.quarters import SIDE, sides
from mithaq_node.web.reader import Reader

_DEGREE = 1_000_000
_UNITS = {
    "m": gettext_lazy("metres"),
    "km": gettext_lazy("km"),
    "km2": gettext_lazy("km²"),
    "ha": gettext_lazy("hectares"),
    "minutes": gettext_lazy("minutes"),
    "hours": gettext_lazy("hours"),
    "days": gettext_lazy("days"),
    "percent": gettext_lazy("percent"),
    "trains-a-day": gettext_lazy("trains a day"),
    "people-a-day": gettext_lazy("people a day"),
    "o-clock": gettext_lazy("hour of the day"),
    "activities": gettext_lazy("activities"),
}


def say(reader: Reader, kind: str, field: Field, value: Any) -> str:
    """The value of a field of a kind, as a line of text."""
    try:
        return _SAY.get(field.type, _raw)(reader, kind, field, value)
    except (Refusal, KeyError, TypeError, ValueError, AttributeError):
        return _raw(reader, kind, field, value)


def place(reader: Reader, value: Mapping[str, Any]) -> str:
    """A place in the form in which it was stated, never finer."""
    law = reader.law
    match value["form"]:
        case "sector":
            return reader.label(f"sector.{value['sector']}")
        case "crossing":
            return reader.label(f"crossing.{value['crossing']}")
        case "kilometre":
            metre = min(int(value["km"]) * 1_000, law.line.length)
            sector = places.sector_at(metre, {each.id: (each.start, each.end) for each in law.sectors})
            about = places.neutral(metre, law.line.accuracy, reader.language)
            return f"{sector}، {about}" if reader.language != "en" else f"{sector}, {about}"
        case "cell":
            size = reader.digits(value["size"] // 1_000)
            corner = _position(reader, value["lon"], value["lat"])
            return _("cell of %(size)s km at %(corner)s") % {"size": size, "corner": corner}
        case "pillar":
            return _("pillar %(number)s") % {"number": reader.digits(value["pillar"])}
        case "point":
            at = _position(reader, value["lon"], value["lat"])
            return _("%(at)s, within %(metres)s m") % {"at": at, "metres": reader.count(value["accuracy"])}
        case "area":
            return _("area of %(n)s corners") % {"n": reader.digits(len(value["ring"]))}
    raise Refusal("field.no-such-place", form=str(value["form"])[:20])


def _position(reader: Reader, lon: int, lat: int) -> str:
    return _("%(north)s N %(east)s E") % {"north": _degrees(reader, lat), "east": _degrees(reader, lon)}


def _degrees(reader: Reader, microdegrees: int) -> str:
    """Degrees with their sign behind them, in either direction of writing."""
    point = "." if reader.language == "en" else "٫"
    return f"\u2066{reader.digits(f'{microdegrees / _DEGREE:.4f}'.replace('.', point))}°\u2069"


def _promise(reader: Reader, id: str) -> Commitment:
    return {each.id: each for each in reader.law.commitments}[id]


def _code(reader: Reader, kind: str, field: Field, value: Any) -> str:
    return reader.label(f"code.{field.codes}.{value}")


def _codes(reader: Reader, kind: str, field: Field, value: Any) -> str:
    return reader.listed(_code(reader, kind, field, code) for code in value)


def _counts(reader: Reader, kind: str, field: Field, value: Any) -> str:
    if field.codes == SIDE:
        return " · ".join(_of_each_party(reader, value))
    said = (f"{_code(reader, kind, field, code)}: {reader.count(number)}" for code, number in sorted(value.items()))
    return " · ".join(said)


def _of_each_party(reader: Reader, value: Mapping[str, int]) -> Iterator[str]:
    """Numbers of the first, the second party of the law and so on, said under their names, the reader's own party
    first (alternat)."""
    called = sides(reader.law)
    for code in alternat.own_first(sorted(called), reader.party.code):
        party = reader.law.party(code)
        if party is not None and called[code] in value:
            yield f"{reader.text(party.short)}: {reader.count(value[called[code]])}"


def _interval(reader: Reader, kind: str, field: Field, value: Any) -> str:
    start, end = reader.moment(value["from"]), reader.moment(value["until"])
    return _("%(start)s until %(end)s") % {"start": start, "end": end}


def _extent(reader: Reader, kind: str, field: Field, value: Any) -> str:
    numbers = " · ".join(reader.digits(each) for each in value["numbers"])
    return _("%(numbers)s of %(all)s") % {"numbers": numbers, "all": reader.digits(value["of"])}


def _quantity(reader: Reader, kind: str, field: Field, value: Any) -> str:
    return f"{reader.count(value)} {unit_name(field.unit)}".rstrip()


def unit_name(name: str) -> str:
    """The word for a unit; one that the desk does not know stands as the law writes it."""
    return str(_UNITS.get(name, name))


def _phrase(reader: Reader, kind: str, field: Field, value: Any) -> str:
    slots = {name: slot_text(reader, slot) for name, slot in value["slots"].items()}
    for words in (reader.words, *reader.earlier):
        with suppress(Refusal):
            return sealed_words.phrase(words, kind, value["phrase"], reader.language, slots)
    return _raw(reader, kind, field, value)


def _picture(reader: Reader, kind: str, field: Field, value: Any) -> str:
    encoded = attachments.picture(value)
    size = attachments.size_of(encoded) if encoded else None
    if encoded is None or size is None:
        return _("not a plain picture")
    width, height = (reader.digits(each) for each in size)
    told = {"width": width, "height": height, "bytes": reader.count(len(encoded))}
    return _("picture, %(width)s by %(height)s pixels, %(bytes)s bytes") % told


def slot_text(reader: Reader, slot: Any) -> str:
    """What stands in the gap of a phrase: a number, a time, or something that the law names."""
    if isinstance(slot, int):
        return reader.count(slot)
    if is_moment(slot):
        return reader.moment(slot)
    if is_day(slot):
        return reader.day(slot)
    keys = [f"sector.{slot}", f"crossing.{slot}"]
    keys += [f"code.{name}.{slot}" for name, codes in reader.law.codes.items() if slot in codes]
    return next((reader.label(key) for key in keys if key in reader.words.labels), str(slot))


def _paragraphs(reader: Reader, kind: str, field: Field, value: Any) -> str:
    said = "\n\n".join("\n".join(lines) for _, lines in whole(value))
    return said or _raw(reader, kind, field, value)


def _raw(reader: Reader, kind: str, field: Field, value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


_SAY: Mapping[str, Callable[[Reader, str, Field, Any], str]] = {
    "attachment": _picture,
    "moment": lambda reader, kind, field, value: reader.moment(value),
    "day": lambda reader, kind, field, value: reader.day(value),
    "interval": _interval,
    "place": lambda reader, kind, field, value: place(reader, value),
    "sector": lambda reader, kind, field, value: reader.label(f"sector.{value}"),
    "crossing": lambda reader, kind, field, value: reader.label(f"crossing.{value}"),
    "commitment": lambda reader, kind, field, value: reader.text(_promise(reader, value).measure),
    "code": _code,
    "codes": _codes,
    "counts": _counts,
    "quantity": _quantity,
    "phrase": _phrase,
    "text": lambda reader, kind, field, value: str(value["text"]),
    "link": _raw,
    "paragraphs": _paragraphs,
    "extent": _extent,
}
"""Field type to how it is said; a reference is shown as it stands."""
