"""Evidence: what a statement shows besides what it says, piece by piece, and what another party finds of each piece.

A statement names its pieces by their form, one of each at most. Five forms are fixed in code, because something has to
stand behind each: a paper (the picture of its page, in the part of the class `attachment`), a notice of the record,
minutes (they are such a notice), a count (a number, its unit, and what is counted), and a link. An instrument may list
other forms; nothing stands behind them. A review speaks of the pieces that it names, or of the whole statement, and
whoever questions or rejects says why (docs/decisions/0193-evidence-is-named-by-its-form-and-must-be-there.md).

What can be seen from the leaf and its facts is judged of every leaf, for ever; what stands in a part that is erased one
day is judged only where a notice leaves.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from mithaq.errors import Refusal
from mithaq.instrument.law import Kind
from mithaq.notices.fields.attachments import ATTACHMENT
from mithaq.notices.fields.links import LINK as LINK_TYPE
from mithaq.notices.scores import FINDINGS, FOUND, REVIEW

FACET: Final = "evidence"
"""The facet of kinds whose notices may show something; also their field that names the forms."""

PAPER: Final = "paper"
NOTICE: Final = "notice"
COUNT: Final = "count"
LINK: Final = "link"
MINUTES: Final = "minutes"

NUMBER: Final = "number"
COUNTED: Final = (NUMBER, "unit", "counted")
"""The fields of a count: all three, or none."""

BEHIND: Final[Mapping[str, str]] = {PAPER: PAPER, NOTICE: NOTICE, MINUTES: NOTICE, COUNT: NUMBER, LINK: LINK}
"""Form to the field that must stand behind it."""

PIECES: Final = "pieces"
"""The field of a review that names the forms it speaks of; without it, the review is of the whole statement."""

REASON: Final = "reason"
"""The field in which whoever questions or rejects says why."""

_MISSING: Final[Mapping[str, str]] = {
    PAPER: "evidence.no-document",
    NOTICE: "evidence.no-notice",
    NUMBER: "evidence.no-count",
    LINK: "evidence.no-link",
}


def judge(kind: Kind, facts: Mapping[str, Any], classes: Collection[str]) -> tuple[Refusal, ...]:
    """Why facts that fit their kind field by field do not conform as evidence, or as a review of it; `classes` are the
    retention classes of the leaf's parts. Empty of every other kind."""
    if REVIEW in kind.facets:
        return _judge_review(facts)
    if FACET not in kind.facets:
        return ()
    linked = {field.part for field in kind.fields if field.type == LINK_TYPE.name}
    there = {
        PAPER: ATTACHMENT in classes,
        NOTICE: NOTICE in facts,
        NUMBER: all(name in facts for name in COUNTED),
        LINK: None if linked & set(classes) else False,
    }
    return tuple(_faults(facts, there))


def require_shown(kind: Kind, content: Mapping[str, Any]) -> None:
    """Refuse what an officer filled in (field to value) when a piece is named that is not there, or is there unnamed:
    all of `judge`, and the link besides."""
    given = {name: value for name, value in content.items() if value is not None}
    for refusal in judge(kind, given, {field.part for field in kind.fields if field.name in given}):
        raise refusal
    if FACET in kind.facets:
        for refusal in _fault(LINK, forms(given), LINK in given):
            raise refusal


def forms(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """The forms of evidence that a statement names, in its own order."""
    return tuple(facts.get(FACET, ()))


def covered(review: Mapping[str, Any], shown: Collection[str]) -> tuple[str, ...]:
    """Of the forms `shown` by a statement, those that a review (its facts) speaks of."""
    named = review.get(PIECES)
    return tuple(form for form in shown if not named or form in named)


def require_of_these(review: Mapping[str, Any], shown: Collection[str]) -> None:
    """Refuse a review that names a piece which none of the statements it is of shows."""
    if not set(review.get(PIECES) or ()) <= set(shown):
        raise Refusal("review.no-such-piece", field=PIECES)


def _faults(facts: Mapping[str, Any], there: Mapping[str, bool | None]) -> Iterator[Refusal]:
    for field, found in there.items():
        if field == NUMBER and not found and any(name in facts for name in COUNTED):
            yield Refusal(_MISSING[NUMBER], field=NUMBER)
        elif found is not None:
            yield from _fault(field, forms(facts), found)


def _fault(field: str, named: Collection[str], found: bool) -> Iterator[Refusal]:
    is_named = any(BEHIND.get(form) == field for form in named)
    if is_named and not found:
        yield Refusal(_MISSING[field], field=field)
    elif found and not is_named:
        yield Refusal("evidence.unnamed", field=field)


def _judge_review(facts: Mapping[str, Any]) -> tuple[Refusal, ...]:
    needs_reason = facts.get(FOUND) in FINDINGS[1:]
    return (Refusal("review.no-reason", field=REASON),) if needs_reason and not facts.get(REASON) else ()
