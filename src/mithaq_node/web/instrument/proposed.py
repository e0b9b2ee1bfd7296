"""Rows of the page of a proposed version: what differs, place by place, as a reader can compare it."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mithaq.calendars import weekday_name
from mithaq.instrument.amending import Sort
from mithaq.instrument.changes import Change, Run
from mithaq_node.web.reader import Reader
from mithaq_node.web.templatetags.treaty import word

SORTS: dict[str, str | Promise] = {
    Sort.WORDS: _("Words alone: the law stays as it is"),
    Sort.EXTENSION: _("Extension: the term alone"),
    Sort.ANNEX: _("Annex: working days alone"),
    Sort.AMENDMENT: _("Amendment of the law"),
    Sort.SUSPENSION: _("Suspension: what stands still, and until when"),
    Sort.RESUMPTION: _("Resumption: the suspension ends"),
    Sort.NOTHING: _("Nothing differs"),
}
"""What a new version does."""

PLACES: dict[str, str | Promise] = {
    "articles": _("Articles"),
    "audiences": _("Parties and authorities"),
    "clocks": _("Clocks"),
    "codes": _("Coded values"),
    "commitments": _("Commitments"),
    "corridors": _("Corridors"),
    "crossings": _("Crossings"),
    "gazetteer": _("Gazetteer"),
    "hints": _("Hints"),
    "kinds": _("Kinds of notices"),
    "labels": _("Labels"),
    "parties": _("Parties and authorities"),
    "phrases": _("Phrases"),
    "retention": _("Retention"),
    "rules": _("Rules of computing"),
    "sectors": _("Sectors"),
    "suspension": _("Suspension"),
    "until": _("Term"),
    "version": _("Version"),
}
"""What the places of an instrument are called; the rest is said to be elsewhere in it."""

ELSEWHERE = _("Elsewhere in the instrument")

WORKING: dict[str, str | Promise] = {
    "working": _("working time of the party bound"),
    "continuous": _("all time, days of rest included"),
}
"""The calendars of clocks."""

_NOTHING = (None, "")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_NAMED = re.compile(r"[a-z]+\[([^\]]+)\]")
_LABELS = {
    "clocks": "clock.{}",
    "crossings": "crossing.{}",
    "kinds": "kind.{}",
    "retention": "class.{}",
    "sectors": "sector.{}",
}
"""Things that the sealed words have a label for."""


@dataclass(frozen=True)
class Row:
    """One place that differs: what it is called, its path, and what stood and stands there."""

    place: str
    name: str
    """What the thing is called of which a field differs; empty where it has no name."""
    path: str
    before: str
    after: str
    runs: tuple[Run, ...]
    added: bool
    removed: bool
    in_words: bool
    """Whether the values stand in the reader's words, and not as the law writes them."""


def rows(changes: Iterable[Change], reader: Reader) -> tuple[Row, ...]:
    """The changes as rows, in their order; but for the number of the version, which stands above them."""
    return tuple(_row(each, reader) for each in changes if each.path != "version")


def _row(change: Change, reader: Reader) -> Row:
    place = change.path.split("[", 1)[0].split(".", 1)[0]
    before, after = _apart(change.before, change.after)
    said = [_said(change.path, each, reader) for each in (before, after)]
    in_words = None not in said
    return Row(
        place=str(PLACES.get(place, ELSEWHERE)),
        name=_name(place, change.path, reader),
        path=change.path,
        before=(said[0] if in_words else None) or _written(before),
        after=(said[1] if in_words else None) or _written(after),
        runs=() if in_words else change.runs,
        added=change.before in _NOTHING,
        removed=change.after in _NOTHING,
        in_words=in_words,
    )


def _apart(before: Any, after: Any) -> tuple[Any, Any]:
    """Of two lists of days only those that are not in the other."""
    if not (_is_days(before) and _is_days(after)):
        return before, after
    return [each for each in before if each not in after], [each for each in after if each not in before]


def _said(path: str, value: Any, reader: Reader) -> str | None:
    """A value in the reader's words; None where the law's own way of writing it is all there is. Nothing is said of
    what is not there."""
    if value in _NOTHING:
        return ""
    if path == "suspension":
        return said_of_suspension(value, reader)
    if path.startswith("suspension."):
        return _of_suspension(path.removeprefix("suspension."), value, reader)
    if path.startswith("clocks[") and path.endswith("].minutes"):
        return reader.duration(value * 60)
    if path.startswith("clocks[") and path.endswith("].calendar"):
        return str(WORKING.get(value, value))
    if path.endswith("].weekend"):
        return reader.listed(weekday_name(number, reader.language) for number in value) or str(_("none"))
    if _is_days(value):
        return reader.listed(map(reader.day, value)) or str(_("none"))
    return reader.day(value) if isinstance(value, str) and _DAY.fullmatch(value) else None


def said_of_suspension(stated: Mapping[str, Any], reader: Reader) -> str:
    """A suspension as the law has it, in the reader's words: one line for each thing that it says."""
    said = (_of_suspension(name, stated.get(name), reader) for name in ("grounds", "from", "until", "keeps"))
    return "\n".join(filter(None, said))


def _of_suspension(name: str, value: Any, reader: Reader) -> str:
    """One field of a suspension in the reader's words; of another field the value as it is written."""
    if value in _NOTHING:
        return ""
    match name:
        case "grounds":
            return reader.listed(str(word(each, "ground")) for each in value)
        case "from":
            return str(_("from %(moment)s") % {"moment": reader.moment(value)})
        case "until":
            return str(_("until %(moment)s") % {"moment": reader.moment(value)})
        case "keeps":
            kinds = reader.listed(reader.label(f"kind.{each}") for each in value)
            return str(_("goes on: %(kinds)s") % {"kinds": kinds})
    return _written(value)


def _is_days(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) and _DAY.fullmatch(each) for each in value)


def _name(place: str, path: str, reader: Reader) -> str:
    """The sealed label of what stands in brackets, or that itself."""
    found = _NAMED.match(path)
    if found is None:
        return ""
    label = _LABELS.get(place)
    return reader.label(label.format(found[1])) if label else reader.digits(found[1])


def _written(value: Any) -> str:
    """A value of the law as it is written: a text as itself, anything else as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
