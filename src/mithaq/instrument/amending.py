"""What a new version of an instrument may be, before anybody signs it: its sort, and that it rewrites nothing past.

Whatever the parties agree, they agree for what comes. A day by which something was promised, or on which the instrument
ends, cannot be moved once it is past: whoever was late by it was late. A running clock keeps the rules it began under
(`mithaq.notices.amended` says so clock by clock), so no amendment needs to spare it.
"""

from enum import StrEnum

from mithaq.errors import Refusal
from mithaq.instrument.changes import Change, Difference
from mithaq.instrument.law import Law

_TERM = "until"
_VERSION = "version"
_RULES = "rules"
_SUSPENSION = "suspension"
_OF_AN_ANNEX = (".annex", ".weekend", ".holidays", ".hijri_offset")


class Sort(StrEnum):
    """What a new version does."""

    NOTHING = "nothing"
    WORDS = "words"
    """Labels, hints, phrases and symbols alone: the law stays, byte for byte."""
    EXTENSION = "extension"
    """The term alone."""
    ANNEX = "annex"
    """Working days of parties alone."""
    SUSPENSION = "suspension"
    """It suspends, or changes what a suspension says, and does nothing else."""
    RESUMPTION = "resumption"
    """It ends a suspension, and does nothing else."""
    AMENDMENT = "amendment"


def sort_of(found: Difference) -> Sort:
    """The sort of a version by what differs in it. The number of the version is no difference of its own."""
    law = [each for each in found.law if each.path != _VERSION]
    if not law:
        return Sort.WORDS if found.words else Sort.NOTHING
    if all(each.path == _TERM for each in law):
        return Sort.EXTENSION
    stated = [each for each in law if each.path.startswith(_SUSPENSION)]
    if stated and all(each in stated or each.path == _RULES for each in law):
        gone = any(each.path == _SUSPENSION and each.after is None for each in stated)
        return Sort.RESUMPTION if gone else Sort.SUSPENSION
    return Sort.ANNEX if all(map(_is_of_an_annex, law)) else Sort.AMENDMENT


def require_next(before: Law, after: Law) -> None:
    """Refuse a version that is not the very next one. The parties have all sealed each number once, so that whoever
    enters one after the other is under the same texts as everybody else, however late."""
    if after.id != before.id or after.version != before.version + 1:
        raise Refusal("instrument.not-next", found=f"{after.id} {after.version}"[:64], expected=before.version + 1)


def require_nothing_past(before: Law, after: Law, today: str) -> None:
    """Refuse a version that changes a deadline before `today` (Gregorian, UTC): the day of a commitment that was due,
    or the end of a term that is over; and one that makes a day due, or a term or a suspension end, that is past
    already."""
    if before.until != after.until and _is_past((before.until, after.until), today):
        raise Refusal("instrument.past-term", before=before.until or "-", after=after.until or "-")
    stated = after.suspension
    if stated is not None and stated != before.suspension and stated.until and stated.until[:10] < today:
        raise Refusal("instrument.past-suspension", until=stated.until)
    days = {each.id: each.due for each in after.commitments}
    for each in before.commitments:
        if each.due != days.get(each.id, "") and _is_past((each.due, days.get(each.id, "")), today):
            raise Refusal("instrument.past-deadline", commitment=each.id[:60], due=each.due or days[each.id])
    known = {each.id for each in before.commitments}
    for each in after.commitments:
        if each.id not in known and _is_past((each.due,), today):
            raise Refusal("instrument.past-deadline", commitment=each.id[:60], due=each.due)


def _is_past(days: tuple[str, ...], today: str) -> bool:
    return any(day and day < today for day in days)


def _is_of_an_annex(change: Change) -> bool:
    _, bracket, inner = change.path.partition("]")
    return change.path.startswith("parties[") and bool(bracket) and inner.startswith(_OF_AN_ANNEX)
