"""What stands in the inputs of a form, and a stored value as if it had been typed into them."""

from collections.abc import Callable, Mapping
from typing import Any

from mithaq import moments
from mithaq.instrument.law import Field
from mithaq.notices.fields.paragraphs import whole
from mithaq.notices.fields.sites import lies_outside
from mithaq_node.queries import ledgers
from mithaq_node.web.reader import Reader

Typed = dict[str, list[str]]
"""What stands in the inputs of one field: the name within the field (`""` for its only one) to the values."""

SAID_BY_THE_FORM = frozenset({"calendar", "from.calendar", "until.calendar"})
"""Inputs that no officer fills in."""


def as_shown(typed: Typed, value: Any, field: Field, reader: Reader) -> Typed:
    """What was typed as it is shown to this reader: word for word, but a day that was typed in another calendar and
    could be read stands in the reader's own."""
    calendar_of = {typed[part][0] for part in SAID_BY_THE_FORM & typed.keys() if typed[part]}
    return typed if value is None or calendar_of <= {reader.calendar} else typed_from(value, field, reader)


def typed_from(value: Any, field: Field, reader: Reader) -> Typed:
    """The inputs in which a stored value stands as if it had been typed."""
    write = _WRITE.get(field.type)
    return write(value, reader) if write is not None and value is not None else {}


def today(reader: Reader, now: moments.Moment) -> Typed:
    """The inputs of a date, filled with today; the time of day is left for the officer."""
    day = moments.civil_day(now, reader.party.utc_offset)
    return _typed_day(day, reader, "")


def _typed_day(iso_day: str, reader: Reader, dot: str) -> Typed:
    day = reader.calendar_day(iso_day)
    return {
        f"{dot}calendar": [day.calendar],
        f"{dot}year": [reader.digits(day.year)],
        f"{dot}month": [str(day.month)],
        f"{dot}day": [reader.digits(day.day)],
    }


def _typed_moment(value: str, reader: Reader, dot: str = "") -> Typed:
    instant = moments.parse(value)
    offset = reader.party.utc_offset
    time = reader.digits(moments.civil_time(instant, offset))
    return _typed_day(moments.civil_day(instant, offset), reader, dot) | {f"{dot}time": [time]}


def _typed_interval(value: Mapping[str, str], reader: Reader) -> Typed:
    return _typed_moment(value["from"], reader, "from.") | _typed_moment(value["until"], reader, "until.")


def _typed_place(value: Mapping[str, Any], reader: Reader) -> Typed:
    typed: Typed = {"form": [value["form"]]} | ({"outside": ["yes"]} if lies_outside(value, reader.law) else {})
    for name, part in (("sector", "sector"), ("crossing", "crossing"), ("km", "km"), ("pillar", "pillar")):
        if name in value:
            typed[part] = [str(value[name])]
    if "lon" in value:
        typed["position"] = [_written(value["lon"], value["lat"])]
    typed |= {part: [str(value[part])] for part in ("size", "accuracy") if part in value}
    if "ring" in value:
        typed["ring"] = ["\n".join(_written(lon, lat) for lon, lat in value["ring"])]
    return typed


def _written(lon: int, lat: int) -> str:
    return f"{lat / 1_000_000:.6f}, {lon / 1_000_000:.6f}"


def _typed_phrase(value: Mapping[str, Any], reader: Reader) -> Typed:
    slots = {f"{value['phrase']}.{name}": [str(slot)] for name, slot in value["slots"].items()}
    return {"phrase": [value["phrase"]]} | slots


def _typed_reference(value: Mapping[str, str], reader: Reader) -> Typed:
    name = value["log"], value["id"]
    found = ledgers.named({name}).get(name)
    return {"": [found.number if found else ""]}


_WRITE: Mapping[str, Callable[[Any, Reader], Typed]] = {
    "moment": _typed_moment,
    "interval": _typed_interval,
    "day": lambda value, reader: _typed_day(value, reader, ""),
    "place": _typed_place,
    "sector": lambda value, reader: {"": [value]},
    "crossing": lambda value, reader: {"": [value]},
    "commitment": lambda value, reader: {"": [value]},
    "code": lambda value, reader: {"": [value]},
    "codes": lambda value, reader: {"": list(value)},
    "counts": lambda value, reader: {code: [str(count)] for code, count in value.items()},
    "quantity": lambda value, reader: {"": [str(value)]},
    "link": lambda value, reader: {"": [value]},
    "reference": _typed_reference,
    "phrase": _typed_phrase,
    "text": lambda value, reader: {"lang": [value["lang"]], "text": [value["text"]]},
    "paragraphs": lambda value, reader: {code: ["\n".join(lines)] for code, lines in whole(value)},
    "extent": lambda value, reader: {
        "numbers": [" ".join(reader.digits(each) for each in value["numbers"])],
        "of": [reader.digits(value["of"])],
    },
}
