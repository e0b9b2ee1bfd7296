"""Views of the meetings: all of them with what they decided, and one with both sides' words side by side."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mithaq.followup.earlier import MINUTES
from mithaq.followup.meetings import ANSWERED, ASSESSED, CALLED, DECIDED, HELD, STATED
from mithaq.followup.texts import DRAFTED
from mithaq_node.queries import earlier, meetings, texts
from mithaq_node.services import clock
from mithaq_node.web.entrance import ONLOOKERS, READERS, WRITERS, officer_of, roles
from mithaq_node.web.reader import reader_of
from mithaq_node.web.wording import MEETING_STATES, TEXT_STATES


@require_safe
@roles(ONLOOKERS)
def every(request: HttpRequest) -> HttpResponse:
    """Every meeting, and the measures that meetings decided on."""
    found = meetings.every()
    return render(
        request,
        "committee/meetings.html",
        {
            "meetings": [(each, *MEETING_STATES[each.state]) for each in found],
            "measures": meetings.measures(found, str(clock.now())),
            "call": meetings.telling(CALLED),
            "assess": meetings.telling(ASSESSED),
            "earlier": earlier.every(MINUTES),
            "offered": earlier.is_offered(MINUTES),
            "may_read": officer_of(request).role in READERS,
            "may_write": officer_of(request).role in WRITERS,
        },
    )


@require_safe
@roles(ONLOOKERS)
def one(request: HttpRequest, number: str) -> HttpResponse:
    """One meeting: what was proposed, what each side says of it, and what was decided."""
    meeting = meetings.one(number)
    word, meaning = MEETING_STATES[meeting.state]
    own = reader_of(request).party.code
    steps = [(facet, meetings.telling(facet)) for facet in (ANSWERED, HELD, STATED, DECIDED)]
    # An answer names the proposal that its reader had before him, so that it speaks of no other.
    standing = dict.fromkeys((meeting.number, meeting.proposal.number))
    return render(
        request,
        "committee/meeting.html",
        {
            "meeting": meeting,
            "word": word,
            "meaning": meaning,
            "sides": meetings.sides(meeting),
            "measures": meetings.measures((meeting,), str(clock.now())),
            "steps": [(kind, standing if facet == ANSWERED else (meeting.number,)) for facet, kind in steps if kind],
            "assess": meetings.telling(ASSESSED),
            "texts": [(each, *TEXT_STATES[each.state]) for each in texts.of_meeting(meeting.number)],
            "draft": texts.telling(DRAFTED),
            "matters": texts.matters(),
            "own": own,
            "may_read": officer_of(request).role in READERS,
            "may_write": officer_of(request).role in WRITERS and not meeting.call.withdrawn_by,
        },
    )
