"""What papers say of notices: each value once, to one reader, as plain text for a template."""

from collections.abc import Collection, Iterator
from typing import Any

from django.utils.translation import gettext as _

from mithaq import calendars
from mithaq.notices import numbers
from mithaq.notices.book import Ladder, Step
from mithaq_node import queries
from mithaq_node.queries.incidents import NoticeView, Part
from mithaq_node.web import preferences, values, wording
from mithaq_node.web.reader import Reader

_RIGHT_TO_LEFT = ("ar", "fa", "ckb")


def reader_in(language: str, calendar: str = "") -> Reader:
    """Somebody who reads in a language, and in a calendar: the one that is usual with it where none is named.

    Refuses a calendar that there is not (`calendar.unknown`).
    """
    sealed, chosen = queries.sealed(), calendar or preferences.OWN_CALENDAR[language]
    calendars.calendar_name(chosen, language)
    return Reader(language, chosen, sealed.law, sealed.words, queries.own_party(), queries.earlier_words())


def frame(reader: Reader) -> dict[str, Any]:
    """What stands around every paper."""
    law = reader.law
    return {
        "language": reader.language,
        "direction": direction(reader.language),
        "digits": [reader.digits(digit) for digit in range(10)],
        "demonstration": _("Demonstration. Not a document of any government.") if law.demo else "",
        "exercise": _("EXERCISE") if law.exercise else "",
        "instrument": reader.text(law.title),
    }


def direction(language: str) -> str:
    """In which direction a language is written."""
    return "rtl" if language in _RIGHT_TO_LEFT else "ltr"


def party(reader: Reader, code: str) -> str:
    """The name of a party."""
    found = reader.law.party(code)
    return reader.text(found.name) if found else code


def spoken(reader: Reader, number: str) -> str:
    """A spoken number in its own order in either direction of writing."""
    return f"\u202d{reader.spoken(number)}\u202c" if number else ""


def notice(reader: Reader, view: NoticeView, disclosed: Collection[int]) -> dict[str, Any]:
    """A notice with its facts and those of its other parts that are `disclosed`, its officers and its ladders."""
    told = view.notice
    said = [part.values for part in view.parts if part.number == 0 or part.number in disclosed]
    fields = view.kind.fields if view.kind else []
    return {
        "number": spoken(reader, told.number),
        "kind": reader.label(f"kind.{told.kind}"),
        "party": party(reader, told.party),
        "at": reader.moment(told.at) if told.at else "",
        "release": str(wording.RELEASES.get(told.release, told.release)),
        "officers": list(view.officers),
        "signed": _("Signed by"),
        "refers": [spoken(reader, number) for number in told.refers],
        "to": _("Refers to"),
        "wrong": [reader.refusal(refusal) for refusal in told.refusals],
        "rows": [
            [
                reader.label(f"field.{told.kind}.{field.name}"),
                values.say(reader, told.kind, field, each[field.name]),
            ]
            for field in fields
            for each in said
            if field.name in each
        ],
        "ladders": [list(_ladder(reader, ladder)) for ladder in told.ladder.values()],
    }


def ladder_words() -> dict[str, str]:
    """The head of a ladder's table."""
    return {
        "step": _("How far it has come"),
        "proof": _("Proven by"),
        "moment": _("Moment, as stated"),
        "by": _("Stated by"),
    }


def part(reader: Reader, view: NoticeView, told: Part, disclosed: Collection[int]) -> list[str]:
    """A part: of which notice, its class, its length, whether it is shown, and what the leaf commits to."""
    there = _("yes") if told.number == 0 or told.number in disclosed else _("not disclosed")
    if told.body is None:
        there = _("not at hand")
    return [
        spoken(reader, view.notice.number),
        reader.label(f"class.{told.retention}"),
        reader.count(told.size),
        there,
        told.commitment,
    ]


def not_shown(*more: str) -> list[str]:
    """What no paper of the record shows, and what this one does not show either."""
    return [
        _("that what a notice says is true: it shows who stated what, not what happened"),
        *more,
        _("that a stated moment is right: it is the statement of the party beside it"),
        _("that a person read a notice, unless a signed acknowledgement says so"),
        _("what came after the heads shown here"),
        _("this paper itself: it is drawn from the record, and only the proofs beside it are signed"),
    ]


def _ladder(reader: Reader, ladder: Ladder) -> Iterator[list[str]]:
    for name, word in wording.STEPS:
        step: Step | None = getattr(ladder, name)
        if step is None:
            yield [str(word), "", _("not yet"), ""]
            continue
        by = reader.law.party_of(step.log)
        number = numbers.spoken_in(by.code, step.log, step.index) if by else ""
        at = reader.moment(step.at) if step.at else ""
        yield [str(word), spoken(reader, number), at, party(reader, by.code) if by else ""]
