"""Views of planned activities: the calendar as grid and list, one activity, and one's own address of the feed."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from mithaq import calendars, moments
from mithaq.activities.plans import CHANGED
from mithaq.moments import Interval
from mithaq_node.queries import activities, incidents
from mithaq_node.queries.activities import Activity
from mithaq_node.services import clock, feed_keys, reads
from mithaq_node.web.activities.choosing import WEEK, YEAR, Chosen, chosen
from mithaq_node.web.entrance import READERS, WRITERS, officer_of, roles
from mithaq_node.web.inside import views as inside
from mithaq_node.web.reader import Reader, reader_of

MOST_IN_A_DAY = 4
MOST_LISTED = 400


@dataclass(frozen=True)
class Day:
    """A day of the grid."""

    day: str
    number: str
    """As it is called in the reader's calendar."""
    beside: str
    """As the other calendars call it."""
    in_month: bool
    is_today: bool
    is_off: bool
    shown: tuple[Activity, ...]
    more: int


@dataclass(frozen=True)
class Line:
    """An activity in the list."""

    activity: Activity
    meets: bool


@dataclass(frozen=True)
class Run:
    """The activities of the list that begin in one month."""

    title: str
    lines: tuple[Line, ...]


@require_safe
@roles(READERS)
def show(request: HttpRequest) -> HttpResponse:
    """The calendar of both sides: grid, list, what each plans for the year, and quotas."""
    return render(request, "activities/show.html", _page(request))


@require_safe
@roles(READERS)
def fragment(request: HttpRequest) -> HttpResponse:
    """The same without its frame, fetched again when the cursor has moved."""
    return render(request, "activities/now.html", _page(request))


@require_safe
@roles(READERS)
def one(request: HttpRequest, number: str) -> HttpResponse:
    """One activity: what is planned, where, how far it has come, whether it was told of in time, and what it meets."""
    found, now = activities.activity(number), clock.now()
    view = incidents.notice(number, str(now))
    reads.shown(officer_of(request), [view])
    may_write = officer_of(request).role in WRITERS
    reader = reader_of(request)
    replies = incidents.replies(view, reader.party.code, reader.law) if may_write else ()
    page = {
        "activity": found,
        "view": view,
        "check": activities.check_of(found, now),
        "may_write": may_write,
        "replies": replies,
        "change": next((kind for kind in replies if CHANGED in kind.facets), None),
        **inside.context(request, number),
    }
    return render(request, "activities/one.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
@roles(READERS)
def feed_address(request: HttpRequest) -> HttpResponse:
    """One's own secret address of the calendar for other programs: made, made anew, or stopped."""
    officer, secret = officer_of(request), ""
    if request.method == "POST":
        if request.POST.get("then") == "stop":
            feed_keys.stop(officer)
        else:
            secret = feed_keys.make(officer, clock.now())
    page = {"secret": secret, "made_at": feed_keys.made_at(officer), "host": request.build_absolute_uri("/")[:-1]}
    return render(request, "activities/feed.html", page)


def _page(request: HttpRequest) -> dict[str, Any]:
    reader = reader_of(request)
    choice = chosen(request, reader, clock.now())
    seen = [each for each in activities.activities(choice.choice) if each.time.overlaps(choice.time)]
    year = int(choice.day[:4])
    return {
        "chosen": choice,
        "rows": [] if choice.view == YEAR else [[_day(choice, day, seen) for day in week] for week in choice.weeks],
        "weekdays": [calendars.weekday_name(_weekday(day), reader.language) for day in choice.weeks[0]],
        "runs": _runs(reader, seen[:MOST_LISTED]),
        "unlisted": max(len(seen) - MOST_LISTED, 0),
        "year": year,
        "uses": activities.uses(year),
        "calendars": activities.calendars(year),
        "calendar_kind": reader.law.announcing.calendar_kind if reader.law.announcing else "",
        "may_write": officer_of(request).role in WRITERS,
    }


def _runs(reader: Reader, seen: list[Activity]) -> list[Run]:
    lines = ((_month(reader, each), Line(each, bool(activities.conflicts_of(each)))) for each in seen)
    return [Run(title, tuple(line for _, line in run)) for title, run in groupby(lines, key=lambda each: each[0])]


def _month(reader: Reader, each: Activity) -> str:
    """The month of the reader's calendar in which an activity begins."""
    first = moments.civil_day(each.time.start, reader.party.utc_offset)
    return reader.month(first)


def _day(choice: Chosen, day: str, seen: list[Activity]) -> Day:
    reader = choice.reader
    offset, hijri = reader.party.utc_offset, reader.party.hijri_offset
    start = moments.from_civil(day, "00:00", offset)
    whole = Interval(start, moments.Moment(start.seconds + moments.DAY))
    there = [each for each in seen if each.time.overlaps(whole)]
    others = [name for name in calendars.CALENDARS if name != reader.calendar]
    most = len(there) if choice.view == WEEK else MOST_IN_A_DAY
    return Day(
        day=day,
        number=reader.digits(calendars.convert(day, reader.calendar, hijri).day),
        beside=" · ".join(_numbers(reader, day, name) for name in others),
        in_month=choice.view == WEEK or day in choice.month.days,
        is_today=day == choice.today,
        is_off=_weekday(day) in reader.party.weekend or day in reader.party.holidays,
        shown=tuple(there[:most]),
        more=len(there) - len(there[:most]),
    )


def _numbers(reader: Reader, iso_day: str, calendar: str) -> str:
    """Month and day in another calendar, briefly; the whole stands in the title of the day."""
    day = calendars.convert(iso_day, calendar, reader.party.hijri_offset)
    return reader.digits(f"{day.month}/{day.day}")


def _weekday(iso_day: str) -> int:
    return moments.parse_day(iso_day).isoweekday()
