"""The invitation to a meeting as an iCalendar file: for the calendar of whoever goes, and naming nobody.

It is made anew from the record whenever it is asked for. A calendar that has an earlier one takes the later in its
place, because the identifier stays and the sequence rises with every answer. A call says when a meeting begins and not
how long it lasts, so that the event has no end.
"""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from icalendar import Event

from mithaq.followup.meetings import Meeting, State
from mithaq_node.web import calendar_file
from mithaq_node.web.reader import Reader
from mithaq_node.web.wording import MEETING_STATES

_PROGRAM = "-//Mithaq//Meetings//EN"
_STATUS = {State.PROPOSED: "TENTATIVE", State.AGREED: "CONFIRMED", State.HELD: "CONFIRMED"}


def file(reader: Reader, meeting: Meeting) -> bytes:
    """The meeting as it stands, in the reader's words."""
    made = calendar_file.begun(reader, _PROGRAM, _("Meetings"))
    made.add_component(event(reader, meeting))
    return bytes(made.to_ical())


def event(reader: Reader, meeting: Meeting) -> Event:
    """The meeting as an event."""
    said_at = max(each.at for each in (meeting.call, *meeting.answers))
    made = calendar_file.event(reader, meeting.number, meeting.call.party, said_at, meeting.changes)
    level = reader.label(f"code.meeting-level.{(meeting.call.facts or {})['level']}")
    made.add("dtstart", calendar_file.civil(reader, calendar_file.instant(meeting.proposal.starts)))
    made.add("summary", f"{calendar_file.mark(reader)}{level} ({MEETING_STATES[meeting.state][0]})")
    made.add("location", reader.label(f"code.meeting-venue.{meeting.proposal.venue}"))
    made.add("description", "\n".join(_lines(reader, meeting)))
    made.add("status", _STATUS.get(meeting.state, "CANCELLED"))
    made.add("transp", "OPAQUE")
    made.add("categories", [reader.label(f"kind.{meeting.call.kind}")])
    return made


def _lines(reader: Reader, meeting: Meeting) -> Iterator[str]:
    yield f"{meeting.number} · {reader.label(f'kind.{meeting.call.kind}')}"
    for code, items in meeting.agenda.items():
        party = reader.law.party(code)
        name = reader.text(party.short) if party else code
        yield f"{_('Agenda')}, {name}: {reader.listed(reader.label(f'code.meeting-item.{item}') for item in items)}"
