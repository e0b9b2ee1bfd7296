"""Three more ways to look at the commitments: by score, in time, and beside the articles' authentic texts."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mithaq import moments
from mithaq.followup.commitments import COMMITTEE
from mithaq.followup.timeline import Event, Happened
from mithaq_node import queries
from mithaq_node.queries import commitments
from mithaq_node.queries.commitments import Line
from mithaq_node.services import clock
from mithaq_node.web.entrance import ONLOOKERS, roles
from mithaq_node.web.reader import Reader, reader_of
from mithaq_node.web.wording import SCORES

MOST_EVENTS = 500
"""Of one year, the latest."""


@dataclass(frozen=True)
class Pile:
    """The commitments that one column scores alike."""

    score: int | None
    """None for what it has not assessed."""
    word: object
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Dated:
    """The events of one civil day."""

    day: str
    events: tuple[Event, ...]
    is_to_come: bool


@dataclass(frozen=True)
class Year:
    """A year of the reader's calendar, or of the Gregorian one where the reader's cannot name its days."""

    key: str
    """By which an address asks for it."""
    said: str


@dataclass(frozen=True)
class Run:
    """The days of one month of the reader's calendar on which something happened."""

    title: str
    days: tuple[Dated, ...]


@require_safe
@roles(ONLOOKERS)
def scores(request: HttpRequest) -> HttpResponse:
    """Every commitment under its score in one column: that of a party, this node's own unless another is asked for, or
    the committee's."""
    parties = [party.code for party in queries.parties()]
    asked = request.GET.get("of", parties[0])
    column = asked if asked in (*parties, COMMITTEE) else parties[0]
    lines = commitments.lines(str(clock.now()))
    piles = [Pile(None, "", _scored(lines, column, None))]
    piles += [Pile(score, word, _scored(lines, column, score)) for score, word in enumerate(SCORES)]
    page = {"piles": piles, "column": column, "columns": (*parties, COMMITTEE), "committee": COMMITTEE}
    return render(request, "committee/scores.html", page)


@require_safe
@roles(ONLOOKERS)
def timeline(request: HttpRequest) -> HttpResponse:
    """One year of the reader's calendar: what is due, how scores changed, what has slowed down since when."""
    reader, now = reader_of(request), clock.now()
    events = commitments.timeline(str(now))
    today, asked = _civil(reader, str(now)), request.GET.get("year", "")
    # Years of two calendars stand in the order of their days, of which any one will do.
    years = {_year(reader, day): day for day in (_day(reader, each) for each in events)}
    year = next((each for each in years if each.key == asked), _year(reader, today))
    here = years.get(year, today)
    shown = [each for each in events if _year(reader, _day(reader, each)) == year]
    page = {
        "runs": _runs(reader, shown[-MOST_EVENTS:], today),
        "left_out": max(len(shown) - MOST_EVENTS, 0),
        "year": year,
        "before": max((each for each in years if years[each] < here), key=years.__getitem__, default=None),
        "after": min((each for each in years if years[each] > here), key=years.__getitem__, default=None),
        "committee": COMMITTEE,
        "scored": Happened.SCORED,
        "due": Happened.DUE,
    }
    return render(request, "committee/timeline.html", page)


@require_safe
@roles(ONLOOKERS)
def articles(request: HttpRequest) -> HttpResponse:
    """Every article from which something is promised: its authentic texts, and beside them its commitments."""
    page = {"law": queries.law(), "articles": commitments.by_article(str(clock.now())), "committee": COMMITTEE}
    return render(request, "committee/articles.html", page)


def _scored(lines: Iterable[Line], column: str, score: int | None) -> tuple[Line, ...]:
    cells = ((line, next(cell for cell in line.cells if cell.column == column)) for line in lines)
    return tuple(line for line, cell in cells if cell.score == score)


def _civil(reader: Reader, at: str) -> str:
    return moments.civil_day(moments.parse(at), reader.party.utc_offset)


def _day(reader: Reader, event: Event) -> str:
    return event.at if event.sort == Happened.DUE else _civil(reader, event.at)


def _year(reader: Reader, day: str) -> Year:
    found = reader.calendar_day(day)
    key = str(found.year) if found.calendar == reader.calendar else f"{found.calendar}-{found.year}"
    return Year(key, reader.year(day))


def _runs(reader: Reader, events: Iterable[Event], today: str) -> tuple[Run, ...]:
    by_day = groupby(sorted(events, key=lambda each: _day(reader, each)), key=lambda each: _day(reader, each))
    days = [Dated(day, tuple(those), day > today) for day, those in by_day]
    return tuple(Run(title, tuple(those)) for title, those in groupby(days, key=lambda each: reader.month(each.day)))
