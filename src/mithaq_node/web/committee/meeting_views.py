"""Views of the meetings: all of them with what they decided, and one with both sides' words side by side."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mithaq.followup.earlier import MINUTES
from mithaq.followup.meetings import ANSWERED, ASSESSED, CALLED, DECIDED, HELD, STATED
from mithaq.followup.texts import DRAFTED
from mithaq.followup.visits import MET, VISITED
from mithaq_node.queries import earlier, meetings, texts, visits
from mithaq_node.services import clock
from mithaq_node.web import calendar_file
from mithaq_node.web.committee import invitations
from mithaq_node.web.entrance import ONLOOKERS, READERS, WRITERS, officer_of, roles
from mithaq_node.web.reader import reader_of
from mithaq_node.web.wording import MEETING_STATES, TEXT_STATES


@require_safe
@roles(ONLOOKERS)
def every(request: HttpRequest) -> HttpResponse:
    """Every meeting, those of visits together, and the measures that meetings decided on."""
    found = meetings.every()
    officer = officer_of(request)
    telling = {facet: meetings.telling(facet) for facet in (VISITED, MET, CALLED, STATED, ASSESSED)}
    return render(
        request,
        "committee/meetings.html",
        {
            "meetings": [(each, *MEETING_STATES[each.state]) for each in found],
            "states": MEETING_STATES,
            "visits": visits.every(),
            "measures": meetings.measures(found, str(clock.now())),
            "call": telling[CALLED],
            "assess": telling[ASSESSED],
            "visit": telling[VISITED],
            "of_visit": [kind for kind in (telling[MET], telling[CALLED]) if kind],
            "stating": telling[STATED],
            "draft": texts.telling(DRAFTED),
            "may_read": officer.role in READERS,
            "may_write": officer.role in WRITERS,
            "earlier": earlier.every(MINUTES),
            "offered": earlier.is_offered(MINUTES),
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


@require_safe
@roles(ONLOOKERS)
def invitation(request: HttpRequest, number: str) -> HttpResponse:
    """The meeting as it stands, for the reader's own calendar."""
    meeting = meetings.one(number)
    named = {"Content-Disposition": f'attachment; filename="{meeting.number.replace(" ", "")}.ics"'}
    body = invitations.file(reader_of(request), meeting)
    return HttpResponse(body, content_type=calendar_file.CONTENT_TYPE, headers=named)
