"""Views of one incident and of one notice."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mithaq.notices import joint, matches
from mithaq.notices import roles as notice_roles
from mithaq.notices.book import Incident
from mithaq.notices.incidents import DISPUTED
from mithaq.notices.steps import NextStep
from mithaq_node import queries
from mithaq_node.queries import activities, drafts, incidents, ledgers
from mithaq_node.services import casing, certifying, clock, outward, reads
from mithaq_node.store.models import Draft
from mithaq_node.web import pictures
from mithaq_node.web.entrance import READERS, WRITERS, officer_of, roles
from mithaq_node.web.inside import views as inside
from mithaq_node.web.papers import case as case_papers
from mithaq_node.web.papers import cases
from mithaq_node.web.papers import certificate as papers
from mithaq_node.web.reader import reader_of
from mithaq_node.web.wording import (
    AGREE_TO_CLOSE,
    ANOTHER_VERSION,
    NEXT_STEPS,
    OTHER_STEP,
    PROPOSE_TEXT,
    RECORD_DISAGREEMENT,
    VERDICTS,
    Word,
)


@require_safe
@roles(READERS)
def show(request: HttpRequest, number: str) -> HttpResponse:
    """Both accounts side by side, what is owed, the timeline, and what may be done next."""
    page = _incident(request, number)
    found = page["view"].incident
    kept = inside.context(request, found.number, tuple(each.number for each in found.notices))
    return render(request, "incidents/show.html", {**page, **kept, "may_be_paired": _may_be_paired(found)})


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
    reads.shown(officer_of(request), [view])
    may_write = officer_of(request).role in WRITERS
    page = {
        "view": view,
        "replies": incidents.replies(view, own, law) if may_write else (),
        "incident": ledgers.book().incidents.get(view.notice.thread),
        "activity": activities.of_notice(number),
        **inside.context(request, view.notice.number),
    }
    return render(request, "incidents/notice.html", page)


@require_safe
@roles(READERS)
def picture(request: HttpRequest, number: str, field: str) -> HttpResponse:
    """The picture that a notice carries, as it was sealed."""
    view = incidents.notice(number, str(clock.now()))
    reads.shown(officer_of(request), [view])
    said = next((said for each, said in view.rows if each.name == field), None)
    return pictures.answer(said, view.kind, field, f"{number.replace(' ', '')}-{field}.jpg")


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
    """One notice as a paper in the reader's language, its facts alone, with the proof attached; `?copy=own` is for our
    own file and bears our registry number."""
    found = certifying.certify(number=number, now=clock.now())
    registry = inside.registry(request, number) if request.GET.get("copy") == "own" else ""
    paper = papers.paper(found, reader_of(request).language, registry or "")
    answer = HttpResponse(paper, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{papers.file_name(found.view.notice.number)}.pdf"'
    return answer


@require_safe
@roles(READERS)
def case(request: HttpRequest, number: str) -> HttpResponse:
    """The incident in one file, facts alone; what else is to be disclosed is named to the command, part by part."""
    language = reader_of(request).language
    found = casing.gather(number=number, disclose=(), language=language, now=clock.now())
    return cases.taken(officer_of(request), found.case, case_papers.paper(found, language))


def _incident(request: HttpRequest, number: str) -> dict[str, Any]:
    view = incidents.incident(number, str(clock.now()))
    reads.shown(officer_of(request), view.timeline)
    may_write = officer_of(request).role in WRITERS
    waiting = drafts.under_way() if may_write else {}
    return {
        "view": view,
        "steps": [_Step.of(step, view, waiting) for step in view.steps] if may_write else [],
        "registry": inside.registry(request, view.incident.number),
    }


def _may_be_paired(found: Incident) -> bool:
    """Whether a notice of another party may be of the same incident: it was opened by one that can be matched, and no
    other party has given an account in it."""
    law = queries.law()
    kinds = {kind.name for kind in law.kinds if matches.SIGHTING in kind.facets}
    return len(found.accounts) < 2 and any(each.kind in kinds for each in found.notices)


@dataclass(frozen=True)
class _Step:
    """A step as the page offers it."""

    word: Word
    step: NextStep
    verdicts: tuple[tuple[str, Word], ...]
    """For a judgement, each verdict that can be chosen at once."""
    draft: Draft | None
    """What somebody of this party has begun or filed for it already."""

    @classmethod
    def of(cls, step: NextStep, view: incidents.IncidentView, waiting: Mapping[tuple[str, str, str], Draft]) -> "_Step":
        verdicts = VERDICTS if step.kind.role == notice_roles.JUDGES else ()
        leaf = step.target.leaf
        draft = waiting.get((step.kind.name, step.target.log, leaf.header.id)) if leaf else None
        return cls(_word(step, view), step, verdicts, draft)


def _word(step: NextStep, view: incidents.IncidentView) -> Word:
    if step.kind.role == notice_roles.CLOSES and view.incident.closed_by:
        return AGREE_TO_CLOSE
    if any(field.name == DISPUTED for field in step.kind.fields):
        return RECORD_DISAGREEMENT
    if joint.is_proposal(step.kind):
        return ANOTHER_VERSION if step.target.kind == step.kind.name else PROPOSE_TEXT
    return NEXT_STEPS.get(step.kind.role, OTHER_STEP)
