"""The calendar of activities for other programs (iCalendar, RFC 5545), in one language of the four.

Who may read it, `web.calendar_door` says.
"""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from icalendar import Event

from mithaq.activities.plans import State
from mithaq_node.queries import activities
from mithaq_node.queries.activities import Activity
from mithaq_node.web import calendar_door, calendar_file, values
from mithaq_node.web.reader import Reader
from mithaq_node.web.wording import ACTIVITY_STATES, ANSWERS, TOLD

_PROGRAM = "-//Mithaq//Planned activities//EN"
_STATUS = {State.PLANNED: "CONFIRMED", State.CANCELLED: "CANCELLED"}


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """Every activity that either side announced, for whoever brings the secret of an officer who reads notices."""
    return calendar_door.answered(request, "activities.ics", lambda reader: feed(reader, activities.activities()))


def feed(reader: Reader, found: Iterable[Activity]) -> bytes:
    """The activities as an iCalendar file in the reader's words."""
    made = calendar_file.begun(reader, _PROGRAM, _("Planned activities"))
    for each in found:
        made.add_component(event(reader, each))
    return bytes(made.to_ical())


def event(reader: Reader, each: Activity) -> Event:
    """One activity as an event."""
    sequence = len(each.plan.steps) + (each.state is State.CANCELLED)
    made = calendar_file.event(reader, each.number, each.party, each.plan.told_at, sequence)
    party = reader.law.party(each.party)
    name = reader.text(party.short) if party else each.party
    made.add("dtstart", calendar_file.civil(reader, calendar_file.instant(str(each.time.start))))
    made.add("dtend", calendar_file.civil(reader, calendar_file.instant(str(each.time.end))))
    activity = _said(reader, each, "activity")
    made.add("summary", f"{calendar_file.mark(reader)}{name}: {activity} ({ACTIVITY_STATES[each.state][0]})")
    made.add("location", values.place(reader, each.facts["place"]))
    made.add("description", "\n".join(_lines(reader, each)))
    made.add("status", _STATUS.get(each.state, "CONFIRMED"))
    made.add("transp", "TRANSPARENT")
    made.add("categories", [reader.label(f"kind.{each.kind}")])
    return made


def _lines(reader: Reader, each: Activity) -> Iterable[str]:
    yield f"{each.number} · {reader.label(f'kind.{each.kind}')}"
    if "scale" in each.facts:
        yield f"{_('Scale')}: {_said(reader, each, 'scale')}"
    yield str(TOLD[each.telling.told][0])
    if each.state not in (State.CANCELLED, State.ENDED):
        answers = {conflict.answer.value for conflict in activities.conflicts_of(each)}
        worst = next((answer for answer in ANSWERS if answer in answers), "no")
        yield f"{_('Meets another plan')}: {ANSWERS[worst][0]}"
    if not each.is_received:
        yield _("Not received by the other side yet")


def _said(reader: Reader, each: Activity, name: str) -> str:
    kind = reader.law.kind(each.kind)
    field = next((field for field in kind.fields if field.name == name), None) if kind else None
    return values.say(reader, each.kind, field, each.facts[name]) if field and name in each.facts else ""
