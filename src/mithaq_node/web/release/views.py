"""Views of release: the queue, the second officer's look at a draft, and the review of what one officer released.

Every passage that the linter finds in a text is a question on the page of its draft. A reason for each lets the draft
be released; a passage that is sent back takes the whole draft back to the officer who filed it, and nothing is signed.
"""

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mithaq.errors import Refusal
from mithaq_node import queries
from mithaq_node.queries import activities, drafts, hazards, incidents, ledgers
from mithaq_node.services import clock, drafting, reads, releasing, reviewing
from mithaq_node.store.models import Draft, Role
from mithaq_node.web.entrance import WRITERS, officer_of, roles
from mithaq_node.web.filing.passages import SEND_BACK, answers_in, asked
from mithaq_node.web.filing.preview import facts_of, previews
from mithaq_node.web.filing.views import released
from mithaq_node.web.reader import reader_of

RELEASERS = frozenset({Role.RELEASING})


@require_safe
@roles(WRITERS)
def queue(request: HttpRequest) -> HttpResponse:
    """What awaits a second officer: drafts to release, and single releases to review."""
    own = queries.own_party().code
    reviews = [each for each in ledgers.book().reviews.values() if each.done is None and each.party == own]
    page = {"drafts": drafts.filed(), "reviews": reviews, "may_sign": officer_of(request).role in RELEASERS}
    return render(request, "release/queue.html", page)


@require_safe
@roles(WRITERS)
def show(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Exactly what will leave, as the first officer signed it."""
    return released(request, draft_id) or _show(request, drafts.draft(draft_id))


@sensitive_post_parameters("password")
@require_POST
@roles(RELEASERS)
def sign(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Release as the second officer; or hand the draft back, where a passage of its text was sent back."""
    answers, secret = answers_in(request.POST), request.POST.get("password", "")
    if SEND_BACK in answers.values():
        return _hand_back(request, draft_id, _why_back(drafts.draft(draft_id), answers))
    try:
        number = releasing.release(
            draft_id=draft_id, officer=officer_of(request), secret=secret, now=clock.now(), answers=answers
        )
    except Refusal as refusal:
        return released(request, draft_id) or _show(request, drafts.draft(draft_id), refusal)
    messages.success(request, gettext("Released as %(number)s.") % {"number": reader_of(request).spoken(number)})
    return HttpResponseRedirect(reverse("incidents:notice", args=[number]))


@require_POST
@roles(RELEASERS)
def hand_back(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Give the draft back to be changed, with the reason."""
    return _hand_back(request, draft_id, request.POST.get("remark", ""))


def _why_back(draft: Draft, answers: Mapping[str, str]) -> str:
    """What the officer who filed is told about the passages and pictures that were sent back."""
    back = [each for each in drafting.questions(draft) if answers.get(each.id) == SEND_BACK]
    said = [gettext("Please reword the marked passages.")] if not all(each.is_of_a_picture for each in back) else []
    said += (
        [gettext("Somebody may be recognisable in the picture. Please send another one, or none.")]
        if any(each.is_of_a_picture for each in back)
        else []
    )
    return " ".join(said)


def _hand_back(request: HttpRequest, draft_id: str, remark: str) -> HttpResponse:
    try:
        releasing.hand_back(draft_id=draft_id, officer=officer_of(request), remark=remark, now=clock.now())
    except Refusal as refusal:
        return released(request, draft_id) or _show(request, drafts.draft(draft_id), refusal)
    messages.success(request, gettext("Handed back."))
    return HttpResponseRedirect(reverse("release:queue"))


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@roles(RELEASERS)
def review(request: HttpRequest, number: str) -> HttpResponse:
    """Review a notice that one officer released, after it has left."""
    refusal: Refusal | None = None
    if request.method == "POST":
        secret = request.POST.get("password", "")
        try:
            reviewing.review(number=number, officer=officer_of(request), secret=secret, now=clock.now())
        except Refusal as found:
            refusal = found
        else:
            messages.success(request, gettext("Reviewed."))
            return HttpResponseRedirect(reverse("incidents:notice", args=[number]))
    page = {"view": incidents.notice(number, str(clock.now())), "refusal": refusal}
    return render(request, "release/review.html", page, status=422 if refusal else 200)


def _show(request: HttpRequest, draft: Draft, refusal: Refusal | None = None) -> HttpResponse:
    kind = drafting.kind_for_officers(queries.law(), draft.kind)
    officer, questions = officer_of(request), asked(drafting.questions(draft), request.POST)
    parts, targets = drafts.parts(draft), drafts.referred(draft)
    reads.draft_shown(officer, kind, draft)
    page = {
        "check": activities.check(kind, facts_of(parts), clock.now(), [each.number for each in targets]),
        "goes_public": hazards.goes_public(kind, draft.audience),
        "draft": draft,
        "kind": kind,
        "parts": previews(drafts.kind_of_parts(kind, draft), parts),
        "questions": questions,
        "must_go_back": any(not each.question.reasons for each in questions),
        "targets": targets,
        "refusal": refusal,
        "is_own": draft.filed_by_id == officer.pk,
        "may_sign": officer.role in RELEASERS and draft.filed_by_id != officer.pk,
    }
    return render(request, "release/show.html", page, status=422 if refusal else 200)
