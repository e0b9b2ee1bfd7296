"""One calendar of what an officer must not miss: meetings, deadlines that run, days by which promises are due, and
planned activities.

A deadline stands in it while somebody owes it; once it is answered, or withdrawn, it is gone, and while nobody knows
when it is due, because the instrument is suspended, it is not there. A meeting that was cancelled stays and says so.
"""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from icalendar import Event

from mithaq.errors import Refusal
from mithaq.followup.meetings import Decision
from mithaq.instrument.law import Commitment
from mithaq.moments import parse_day
from mithaq.notices.book import Clock
from mithaq_node.queries import activities, compliance, meetings
from mithaq_node.services import clock as clocks
from mithaq_node.web import calendar_door, calendar_file
from mithaq_node.web.activities import feed
from mithaq_node.web.committee import invitations
from mithaq_node.web.reader import Reader

_PROGRAM = "-//Mithaq//Meetings and deadlines//EN"
_FIRST, _LAST = "0001-01-02", "9999-12-31"
"""The first day that can be written in every civil time, and the first that cannot: a clock that stands until nobody
knows when is due on the latter, and so is whatever a notice puts at the end of time."""


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """All of it, for whoever brings the secret of an officer who reads notices."""
    return calendar_door.answered(request, "calendar.ics", made)


def made(reader: Reader) -> bytes:
    """The calendar as an iCalendar file in the reader's words."""
    file = calendar_file.begun(reader, _PROGRAM, _("Meetings and deadlines"))
    for event in _events(reader):
        file.add_component(event)
    return bytes(file.to_ical())


def _events(reader: Reader) -> Iterator[Event]:
    called = meetings.every()
    yield from (invitations.event(reader, each) for each in called)
    owed = compliance.due(str(clocks.now()))
    running = (face.clock for face in (*owed.ours, *owed.theirs))
    yield from (_deadline(reader, each) for each in running if _FIRST <= each.due < _LAST)
    yield from (_promise(reader, each) for each in reader.law.commitments if _is_day(each.due))
    yield from (_decision(reader, each) for meeting in called for each in meeting.decisions)
    yield from (feed.event(reader, each) for each in activities.activities())


def _deadline(reader: Reader, owed: Clock) -> Event:
    event = calendar_file.event(reader, f"{owed.notice}.{owed.id}.{owed.party}", owed.party, owed.started, 0)
    name = reader.label(f"clock.{owed.id}")
    event.add("dtstart", calendar_file.civil(reader, calendar_file.instant(owed.due)))
    event.add("summary", f"{calendar_file.mark(reader)}{_('Due')}: {name} ({_short(reader, owed.party)})")
    event.add("description", f"{owed.notice} · {_('Owed by')}: {_short(reader, owed.party)}")
    event.add("status", "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    return event


def _promise(reader: Reader, promise: Commitment) -> Event:
    owners = reader.listed(_short(reader, each) for each in promise.owners)
    return _day(
        reader, promise.id, promise.owners[0], reader.law.signing.day, promise.due, reader.text(promise.measure), owners
    )


def _decision(reader: Reader, decision: Decision) -> Event:
    item = reader.label(f"code.meeting-item.{decision.facts['matter']}")
    matter = f"{_('Decision')}: {item}"
    owners = reader.listed(_short(reader, each) for each in decision.standing.commitment.owners)
    return _day(reader, decision.number, decision.party, decision.at[:10], decision.facts["due"], matter, owners)


def _day(reader: Reader, id: str, party: str, told: str, due: str, what: str, owners: str) -> Event:
    """A whole day by which something is due; it is nobody's appointment."""
    event = calendar_file.event(reader, id, party, f"{told}T00:00:00Z", 0)
    event.add("dtstart", parse_day(due))
    event.add("summary", f"{calendar_file.mark(reader)}{_('Due')}: {what} ({owners})")
    event.add("description", f"{id} · {_('Owed by')}: {owners}")
    event.add("status", "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    return event


def _is_day(text: str) -> bool:
    try:
        parse_day(text)
    except Refusal:
        return False
    return True


def _short(reader: Reader, code: str) -> str:
    party = reader.law.party(code)
    return reader.text(party.short) if party else code
