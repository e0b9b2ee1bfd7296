"""Views of one incident and of one notice."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mithaq.instrument.law import Kind
from mithaq.notices import roles as notice_roles
from mithaq.notices.book import Notice
from mithaq_node import queries
from mithaq_node.queries import incidents, ledgers
from mithaq_node.services import certifying, clock, outward
from mithaq_node.web.entrance import READERS, WRITERS, officer_of, roles
from mithaq_node.web.papers import certificate as papers
from mithaq_node.web.reader import reader_of

_ORDER = (
    notice_roles.ANSWERS,
    notice_roles.ACKNOWLEDGES,
    notice_roles.JUDGES,
    notice_roles.ASKS,
    notice_roles.ADDS,
    notice_roles.CLOSES,
    notice_roles.CORRECTS,
    notice_roles.WITHDRAWS,
)
"""What is owed first, then what may be added, then what takes back."""


@require_safe
@roles(READERS)
def show(request: HttpRequest, number: str) -> HttpResponse:
    """Both accounts side by side, what is owed, the timeline, and what may be done next."""
    return render(request, "incidents/show.html", _incident(request, number))


@require_safe
@roles(READERS)
def fragment(request: HttpRequest, number: str) -> HttpResponse:
    """The incident without its frame, fetched again when the cursor has moved."""
    return render(request, "incidents/now.html", _incident(request, number))


@require_safe
@roles(READERS)
def notice(request: HttpRequest, number: str) -> HttpResponse:
    """One notice: what it says, its leaf, its ladder. A machine's entry is shown as what it is."""
    own, law = queries.own_party().code, queries.law()
    if ledgers.notice(number) is None:
        return render(request, "incidents/leaf.html", {"leaf": incidents.leaf(number)})
    view = incidents.notice(number, str(clock.now()))
    may_write = officer_of(request).role in WRITERS
    page = {
        "view": view,
        "replies": incidents.replies(view, own, law) if may_write else (),
        "incident": ledgers.book().incidents.get(view.notice.thread),
    }
    return render(request, "incidents/notice.html", page)


@require_safe
@roles(READERS)
def proof(request: HttpRequest, number: str) -> HttpResponse:
    """The proof of one leaf as a file: `mithaq verify` reads it without this node."""
    answer = HttpResponse(outward.proof(number=number), content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="{papers.file_name(number)}.tlog-proof"'
    return answer


@require_safe
@roles(READERS)
def certificate(request: HttpRequest, number: str) -> HttpResponse:
    """One notice as a paper in the reader's language, its facts alone, with the proof attached."""
    found = certifying.certify(number=number, now=clock.now())
    answer = HttpResponse(papers.paper(found, reader_of(request).language), content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{papers.file_name(found.view.notice.number)}.pdf"'
    return answer


def _incident(request: HttpRequest, number: str) -> dict[str, Any]:
    view = incidents.incident(number, str(clock.now()))
    own = queries.own_party().code
    may_write = officer_of(request).role in WRITERS and view.is_open
    return {"view": view, "steps": _steps(view, own) if may_write else []}


def _steps(view: incidents.IncidentView, own: str) -> list[tuple[Kind, Notice]]:
    """What this party may file now: each kind with the latest notice it may refer to."""
    law = queries.law()
    steps: dict[str, tuple[Kind, Notice]] = {}
    for each in reversed(view.timeline):
        for kind in incidents.replies(each, own, law):
            steps.setdefault(kind.name, (kind, each.notice))
    return sorted(
        steps.values(), key=lambda step: _ORDER.index(step[0].role) if step[0].role in _ORDER else len(_ORDER)
    )
