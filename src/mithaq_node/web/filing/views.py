"""Views of filing: choose a kind, fill in its form, see what will leave, sign."""

from collections.abc import Iterable

from django.contrib import messages
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mithaq.errors import Refusal
from mithaq.instrument.law import Kind, Law
from mithaq.notices import joint, kept, numbers
from mithaq.notices import roles as notice_roles
from mithaq.notices.book import Notice
from mithaq.notices.envelope import Reference
from mithaq_node import queries
from mithaq_node.queries import drafts, incidents, ledgers, rolls
from mithaq_node.services import clock, drafting, filing, releasing
from mithaq_node.store.models import Draft, DraftState
from mithaq_node.web.entrance import WRITERS, officer_of, roles
from mithaq_node.web.filing.forms import KindForm
from mithaq_node.web.filing.passages import answers_in, asked
from mithaq_node.web.filing.preview import previews
from mithaq_node.web.reader import Reader, reader_of

_FORMS = Signer(salt="mithaq.filing")


@require_safe
@roles(WRITERS)
def choose(request: HttpRequest) -> HttpResponse:
    """The kinds that stand alone, by what they do, and the drafts that are not yet filed."""
    law = queries.law()
    page = {"kinds": _standing_alone(law), "drafts": drafts.unfinished()}
    return render(request, "filing/choose.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
@roles(WRITERS)
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """An empty form, or what was typed into it."""
    law, reader = queries.law(), reader_of(request)
    defined = drafting.kind_for_officers(law, kind)
    given = request.POST if request.method == "POST" else request.GET
    targets = [_notice(number) for number in given.getlist("re")]
    if request.method != "POST":
        return _form(request, _begun(defined, reader, targets, request.GET), targets)
    return _take(request, defined, targets, None)


def _begun(kind: Kind, reader: Reader, targets: list[Notice], given: QueryDict) -> KindForm:
    """A new form. Another version of a joint text begins from the one it refers to: whoever wants it otherwise changes
    that."""
    before = next((each for each in targets if joint.is_proposal(kind) and each.kind == kind.name), None)
    if before is None:
        return KindForm.empty(kind, reader, clock.now(), given)
    view = incidents.notice(before.number, str(clock.now()))
    return KindForm.from_content(kind, reader, {field.name: value for field, value in view.rows})


@require_http_methods(["GET", "HEAD", "POST"])
@roles(WRITERS)
def edit(request: HttpRequest, draft_id: str) -> HttpResponse:
    """The form of a draft that is not filed."""
    saved = drafts.draft(draft_id)
    defined = drafting.kind_for_officers(queries.law(), saved.kind)
    targets = list(drafts.referred(saved))
    if request.method != "POST":
        return _form(request, KindForm.from_content(defined, reader_of(request), saved.content), targets, saved)
    return _take(request, defined, targets, saved)


@require_safe
@roles(WRITERS)
def draft(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Exactly what will leave, before it is signed."""
    return _preview(request, drafts.draft(draft_id))


@sensitive_post_parameters("password")
@require_POST
@roles(WRITERS)
def file(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Sign as the first officer; or, where the kind allows it, release alone."""
    alone = request.POST.get("alone") == "yes"
    officer, secret, now = officer_of(request), request.POST.get("password", ""), clock.now()
    try:
        if alone:
            answers = answers_in(request.POST)
            number = releasing.release_alone(
                draft_id=draft_id, officer=officer, secret=secret, now=now, answers=answers
            )
        else:
            filing.file(draft_id=draft_id, officer=officer, secret=secret, now=now)
    except Refusal as refusal:
        return _preview(request, drafts.draft(draft_id), refusal)
    if alone:
        said = gettext("Released as %(number)s. A second officer must review it.")
        messages.success(request, said % {"number": reader_of(request).spoken(number)})
        return HttpResponseRedirect(reverse("incidents:notice", args=[number]))
    messages.success(request, gettext("Filed. It leaves when a second officer has released it."))
    return HttpResponseRedirect(reverse("release:queue"))


@require_POST
@roles(WRITERS)
def drop(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Drop a draft; nothing of it remains."""
    drafting.delete_draft(draft_id=draft_id, officer=officer_of(request))
    return HttpResponseRedirect(reverse("filing:choose"))


def _take(request: HttpRequest, kind: Kind, targets: list[Notice], saved: Draft | None) -> HttpResponse:
    """Save what was typed; go on to the preview only when nothing in it is refused."""
    form = KindForm.from_post(kind, reader_of(request), request.POST)
    finished = request.POST.get("then") != "save"
    if not form.read(complete=finished):
        return _form(request, form, targets, saved, status=422)
    try:
        if finished:
            drafting.preview(kind=kind.name, content=form.content, references=_references(targets))
        written = drafting.save_draft(
            officer=officer_of(request),
            kind=kind.name,
            content=form.content,
            now=clock.now(),
            references=_references(targets),
            precedence=request.POST.get("precedence") or None,
            audience="" if targets else request.POST.get("audience", ""),
            remark=request.POST.get("note", ""),
            draft_id=saved.pk if saved else None,
            drawn=_drawn(request),
        )
    except Refusal as refusal:
        general = None if form.refuse(refusal) else refusal
        return _form(request, form, targets, saved, refusal=general, status=422)
    if finished:
        return HttpResponseRedirect(reverse("filing:draft", args=[written.pk]))
    messages.success(request, gettext("The draft is kept."))
    return HttpResponseRedirect(reverse("filing:edit", args=[written.pk]))


def _drawn(request: HttpRequest) -> str | None:
    """The identifier that this node put into the form, if it did."""
    try:
        return _FORMS.unsign(request.POST.get("drawn", ""))
    except BadSignature:
        return None


def _form(
    request: HttpRequest,
    form: KindForm,
    targets: list[Notice],
    saved: Draft | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    page = {
        "form": form,
        "kind": form.kind,
        "targets": targets,
        "draft": saved,
        "refusal": refusal,
        "precedence": request.POST.get("precedence") or (saved.precedence if saved else form.kind.precedence),
        "note": request.POST.get("note", saved.remark if saved else ""),
        "drawn": _FORMS.sign(_drawn(request) or drafting.new_id()),
        "sent_back": request.method == "POST",
        "saved": saved is not None and request.method != "POST",
        "audience": request.POST.get("audience") or (saved.audience if saved else numbers.ALL),
        "audiences": [] if targets else _audiences(reader_of(request)),
    }
    return render(request, "filing/form.html", page, status=status)


def _audiences(reader: Reader) -> list[tuple[str, str]]:
    """Whom this party can tell, by audience, where there is a choice; what refers stays in its audience."""
    law, party = queries.law(), queries.own_party().code
    others = {each.code: reader.text(each.short) for each in queries.parties() if each.code != party}
    told = [
        (audience, reader.listed(name for code, name in others.items() if code in law.audiences[audience]))
        for audience in law.audiences_of(party)
    ]
    return told if len(told) > 1 else []


def _preview(request: HttpRequest, saved: Draft, refusal: Refusal | None = None) -> HttpResponse:
    law = queries.law()
    kind = drafting.kind_for_officers(law, saved.kind)
    parts, obstacle = drafts.parts(saved), refusal
    if saved.state in (DraftState.BEGUN, DraftState.HANDED_BACK):
        try:
            parts = drafting.preview(kind=saved.kind, content=saved.content, references=drafting.references_of(saved))
        except Refusal as found:
            obstacle = found
    page = {
        "draft": saved,
        "kind": kind,
        "parts": previews(drafts.kind_of_parts(kind, saved), parts),
        "questions": asked(kept.questions(kind, parts), request.POST),
        "targets": drafts.referred(saved),
        "refusal": obstacle,
        "can_sign": saved.state in (DraftState.BEGUN, DraftState.HANDED_BACK) and bool(parts),
        "saved": True,
    }
    return render(request, "filing/draft.html", page, status=422 if refusal else 200)


def _notice(typed: str) -> Notice:
    number = rolls.find(queries.law(), typed)
    found = ledgers.notice(number)
    if found is None or found.leaf is None:
        raise Refusal("desk.no-notice", number=number)
    return found


def _references(targets: Iterable[Notice]) -> list[Reference]:
    return [Reference(log=each.log, id=each.leaf.header.id) for each in targets if each.leaf is not None]


def _standing_alone(law: Law) -> list[Kind]:
    """What is filed from the desk: not what a machine counts, what must refer, nor a joint text, which is proposed from
    the page of what it is about."""
    return [
        kind
        for kind in law.kinds
        if kind.release != "machine" and kind.role not in notice_roles.MUST_REFER and not joint.is_proposal(kind)
    ]
