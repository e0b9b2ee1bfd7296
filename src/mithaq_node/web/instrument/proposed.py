"""Rows of the page of a proposed version: what differs, place by place, as a reader can compare it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mithaq.instrument.amending import Sort
from mithaq.instrument.changes import Change, Run

SORTS: dict[str, str | Promise] = {
    Sort.WORDS: _("Words alone: the law stays as it is"),
    Sort.EXTENSION: _("Extension: the term alone"),
    Sort.ANNEX: _("Annex: working days alone"),
    Sort.AMENDMENT: _("Amendment of the law"),
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
    "sectors": _("Sectors"),
    "until": _("Term"),
    "version": _("Version"),
}
"""What the places of an instrument are called; the rest is said to be elsewhere in it."""

ELSEWHERE = _("Elsewhere in the instrument")


@dataclass(frozen=True)
class Row:
    """One place that differs: what it is called, its path, and what stood and stands there."""

    place: str
    path: str
    before: str
    after: str
    runs: tuple[Run, ...]
    added: bool
    removed: bool


def rows(changes: Iterable[Change]) -> tuple[Row, ...]:
    """The changes as rows, in their order."""
    return tuple(_row(each) for each in changes)


def _row(change: Change) -> Row:
    place = change.path.split("[", 1)[0].split(".", 1)[0]
    return Row(
        place=str(PLACES.get(place, ELSEWHERE)),
        path=change.path,
        before=_written(change.before),
        after=_written(change.after),
        runs=change.runs,
        added=change.before is None,
        removed=change.after is None,
    )


def _written(value: Any) -> str:
    """A value of the law as it is written: a text as itself, anything else as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
