"""Views of filing: choose a kind, fill in its form, see what will leave, sign."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mithaq.activities.plans import CHANGED
from mithaq.errors import Refusal
from mithaq.followup.meetings import CALLED
from mithaq.followup.texts import DRAFTED
from mithaq.instrument.law import Kind, Law
from mithaq.notices import joint, kept, numbers, suspending
from mithaq.notices import roles as notice_roles
from mithaq.notices.book import Notice
from mithaq.notices.envelope import Reference
from mithaq_node import queries
from mithaq_node.queries import activities, agenda, drafts, hazards, incidents, ledgers, rolls
from mithaq_node.queries.agenda import Offer
from mithaq_node.services import clock, drafting, filing, reads, releasing, templates
from mithaq_node.store.models import Draft, DraftState, Template
from mithaq_node.web import carried, pictures
from mithaq_node.web.entrance import WRITERS, officer_of, roles
from mithaq_node.web.filing.carrying import carrying, sent
from mithaq_node.web.filing.forms import KindForm, inputs, posted
from mithaq_node.web.filing.passages import answers_in, asked
from mithaq_node.web.filing.preview import facts_of, previews
from mithaq_node.web.filing.typed import Typed
from mithaq_node.web.reader import Reader, reader_of
from mithaq_node.web.wording import AGENDA_REASONS

_FORMS = Signer(salt="mithaq.filing")


@require_safe
@roles(WRITERS)
def choose(request: HttpRequest) -> HttpResponse:
    """The kinds that stand alone, by what they do, and the drafts that are not yet filed."""
    law = queries.law()
    known = {kind.name for kind in law.kinds}
    kept_ready = [each for each in drafts.templates(officer_of(request)) if each.kind in known]
    kinds, highest = _standing_alone(law), law.precedence[0]
    fast = [kind for kind in kinds if kind.release == "one" and kind.precedence == highest]
    now = str(clock.now())
    page = {
        "kinds": kinds,
        "fast": fast,
        "suspended": [kind.name for kind in kinds if suspending.stops(law, kind, kind.precedence, now)],
        "drafts": drafts.unfinished(),
        "templates": kept_ready,
    }
    return render(request, "filing/choose.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
@carrying
@roles(WRITERS)
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """An empty form, a template in it, or what was typed into it."""
    reader = reader_of(request)
    defined = _kind(kind)
    if defined is None:
        return _without_form(request, kind, posted(sent(request)))
    targets = [_notice(number) for number in (sent(request) or request.GET).getlist("re")]
    if request.method == "POST":
        return _take(request, defined, targets, None)
    if waits := carried.of(request):
        return _form(request, KindForm.from_post(defined, reader, waits), targets)
    if "template" in request.GET:
        template = templates.of(officer_of(request), _whole(request.GET["template"]))
        form = KindForm.from_template(defined, reader, template, clock.now())
        return _form(request, form, targets, template=template)
    offer = agenda.offered(defined, str(clock.now()))
    return _form(request, _begun(defined, reader, targets, request.GET, offer), targets, offer=offer)


def _begun(kind: Kind, reader: Reader, targets: list[Notice], given: QueryDict, offer: Offer | None = None) -> KindForm:
    """A new form. Another version of a joint or a common text begins from the one it refers to: whoever wants it
    otherwise changes that."""
    is_whole = joint.is_proposal(kind) or DRAFTED in kind.facets
    before = next((each for each in targets if is_whole and each.kind == kind.name), None)
    if before is None:
        return KindForm.empty(kind, reader, clock.now(), given, _proposed(kind, targets, given, offer))
    view = incidents.notice(before.number, str(clock.now()))
    return KindForm.from_values(kind, reader, {field.name: value for field, value in view.rows})


def _proposed(kind: Kind, targets: list[Notice], given: QueryDict, offer: Offer | None) -> Mapping[str, Any]:
    """What this node proposes to say. The agenda of a call: what is open and presses. The change of an activity: what
    clears what it meets, as its page proposes it; found anew, so that nothing is taken from the address but which."""
    if offer and offer.pressing and CALLED in kind.facets and agenda.AGENDA not in given:
        return {agenda.AGENDA: list(offer.pressing)}
    if CHANGED not in kind.facets or not targets:
        return {}
    return activities.proposed(targets[0].number, given.get("shift", ""), clock.now())


@require_http_methods(["GET", "HEAD", "POST"])
@carrying
@roles(WRITERS)
def edit(request: HttpRequest, draft_id: str) -> HttpResponse:
    """The form of a draft that is not filed."""
    try:
        saved = drafts.draft(draft_id)
    except Refusal:
        return _gone(request, draft_id)
    waits = carried.of(request)
    typed = posted(sent(request)) if request.method == "POST" or waits else drafting.typed_in(saved)
    defined = _kind(saved.kind)
    if defined is None:
        return _without_form(request, saved.kind, typed, saved)
    targets, reader = list(drafts.referred(saved)), reader_of(request)
    if request.method == "POST":
        return _take(request, defined, targets, saved)
    if waits:
        form = KindForm.from_post(defined, reader, waits, before=saved.content)
        return _form(request, form, targets, saved, is_saved=False)
    return _form(request, KindForm.from_draft(defined, reader, saved), targets, saved)


@require_safe
@roles(WRITERS)
def instant(request: HttpRequest, kind: str, field: str) -> HttpResponse:
    """What a date that is being typed comes to: a fragment below its inputs."""
    defined = drafting.kind_for_officers(queries.law(), kind)
    form = KindForm.from_post(defined, reader_of(request), request.GET)
    entry = next((each for each in form.entries if each.name == field), None)
    if entry is None or entry.field.type not in ("moment", "interval", "day"):
        raise Refusal("field.unknown", kind=defined.name, field=field[:80])
    end = request.GET.get("end", "")
    typed = next((each for each in entry.instants() if each.end == end), None)
    return render(request, "filing/instant.html", {"result": typed.result if typed else None})


@require_safe
@roles(WRITERS)
def picture(request: HttpRequest, draft_id: str, field: str) -> HttpResponse:
    """The picture that a draft keeps, as it will leave."""
    found = drafts.draft(draft_id)
    shown = drafting.kind_for_officers(queries.law(), found.kind)
    values = [json.loads(part.body) for part in drafts.parts(found)] or [found.content]
    said = next((each[field] for each in values if field in each), None)
    return pictures.answer(said, shown, field, f"{field}.jpg")


@require_safe
@roles(WRITERS)
def draft(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Exactly what will leave, before it is signed."""
    return released(request, draft_id) or _preview(request, drafts.draft(draft_id))


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
        return released(request, draft_id) or _preview(request, drafts.draft(draft_id), refusal)
    if alone:
        said = gettext("Released as %(number)s. A second officer must review it.")
        messages.success(request, said % {"number": reader_of(request).spoken(number)})
        return HttpResponseRedirect(reverse("incidents:notice", args=[number]))
    messages.success(request, gettext("Filed. It leaves when a second officer has released it."))
    return HttpResponseRedirect(reverse("release:queue"))


@require_POST
@roles(WRITERS)
def recall(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Take back what one filed oneself, before anybody has released it."""
    try:
        drafting.recall(draft_id=draft_id, officer=officer_of(request), now=clock.now())
    except Refusal as refusal:
        return released(request, draft_id) or _preview(request, drafts.draft(draft_id), refusal)
    messages.success(request, gettext("Recalled. It is a draft again; nobody can release it before it is filed anew."))
    return HttpResponseRedirect(reverse("filing:edit", args=[draft_id]))


@require_POST
@roles(WRITERS)
def drop(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Drop a draft; nothing of it remains."""
    drafting.delete_draft(draft_id=draft_id, officer=officer_of(request))
    return HttpResponseRedirect(reverse("filing:choose"))


def released(request: HttpRequest, draft_id: str) -> HttpResponse | None:
    """The way to the notice that a draft has become, for whoever comes a moment later; None while it is a draft."""
    number = drafts.released_as(draft_id)
    if number is None:
        return None
    said = gettext("This draft is released already: it is %(number)s.")
    messages.info(request, said % {"number": reader_of(request).spoken(number)})
    return HttpResponseRedirect(reverse("incidents:notice", args=[number]))


def _take(request: HttpRequest, kind: Kind, targets: list[Notice], saved: Draft | None) -> HttpResponse:
    """Keep what was typed, right or wrong; go on to the preview only when nothing in it is refused."""
    form, then = _sent(request, kind, saved), request.POST.get("then")
    complete = form.read()
    if then == "template":
        return _keep_template(request, form, targets, saved)
    try:
        written = _save(request, form, targets, saved)
    except Refusal as refusal:
        return _not_saved(request, form, targets, saved, refusal)
    if then == "save" and form.not_taken:
        form.forget_refusals(but=form.not_taken)
        return _form(request, form, targets, written, status=422)
    if then == "save":
        messages.success(request, gettext("The draft is kept."))
        return HttpResponseRedirect(reverse("filing:edit", args=[written.pk]))
    obstacle = None
    if request.POST.get("form", written.form) != written.form:
        obstacle = Refusal("draft.form-changed", kind=kind.name)
    elif complete:
        try:
            drafting.preview(kind=kind.name, content=form.content, references=_references(targets))
        except Refusal as refusal:
            obstacle = None if form.refuse(refusal) else refusal
    if form.refused or obstacle:
        return _form(request, form, targets, written, refusal=obstacle, status=422)
    return HttpResponseRedirect(reverse("filing:draft", args=[written.pk]))


def _sent(request: HttpRequest, kind: Kind, saved: Draft | None) -> KindForm:
    """The form as it was sent, with the pictures that its draft keeps already."""
    before = saved.content if saved else drafts.content(_drawn(request) or "")
    files = {name: file for name, file in request.FILES.items() if isinstance(file, UploadedFile)}
    return KindForm.from_post(kind, reader_of(request), sent(request), files, before)


def _save(request: HttpRequest, form: KindForm, targets: list[Notice], saved: Draft | None) -> Draft:
    return drafting.save_draft(
        officer=officer_of(request),
        kind=form.kind.name,
        content=form.content,
        now=clock.now(),
        references=_references(targets),
        precedence=request.POST.get("precedence") or None,
        audience="" if targets else request.POST.get("audience", ""),
        remark=request.POST.get("note", ""),
        draft_id=saved.pk if saved else None,
        drawn=_drawn(request),
        typed=form.typed,
        unread=form.unread,
        seen=_whole(request.POST["seen"]) if "seen" in request.POST else None,
    )


def _not_saved(
    request: HttpRequest, form: KindForm, targets: list[Notice], saved: Draft | None, refusal: Refusal
) -> HttpResponse:
    """The form as it was typed, and why it is not kept. Where its draft went on without it, it becomes a new one."""
    if refusal.code in ("draft.unknown", "draft.wrong-state"):
        return _form(request, form, targets, refusal=Refusal("draft.gone"), drawn=drafting.new_id(), status=422)
    if refusal.code == "draft.changed-meanwhile":
        other = saved or drafts.draft(_drawn(request) or "")
        return _form(request, form, targets, other, refusal=refusal, seen=other.revision, is_saved=False, status=422)
    general = None if form.refuse(refusal) else refusal
    return _form(request, form, targets, saved, refusal=general, is_saved=False, status=422)


def _gone(request: HttpRequest, draft_id: str) -> HttpResponse:
    """A draft that is no draft any more; what was typed into it meanwhile stands in a form of its own."""
    typed = sent(request)
    kind = _kind(typed.get("kind", ""))
    if kind is None:
        return released(request, draft_id) or HttpResponseRedirect(reverse("filing:choose"))
    form = _sent(request, kind, None)
    form.read()
    targets = [_notice(number) for number in typed.getlist("re")]
    return _not_saved(request, form, targets, None, Refusal("draft.unknown", draft=draft_id))


def _without_form(
    request: HttpRequest, kind: str, typed: Mapping[str, Typed], saved: Draft | None = None
) -> HttpResponse:
    """What was typed for a kind that the instrument has no more: to be read and copied, not to be sent."""
    content = {name: {"": [str(value)]} for name, value in saved.content.items()} if saved and not typed else typed
    page = {"kind_name": kind, "typed": inputs(content), "draft": saved}
    return render(request, "filing/without_form.html", page, status=200 if request.method == "GET" and saved else 404)


def _keep_template(request: HttpRequest, form: KindForm, targets: list[Notice], saved: Draft | None) -> HttpResponse:
    """Keep what is typed as a template, and show the form as it was."""
    refusal: Refusal | None = None
    try:
        templates.keep(
            officer=officer_of(request),
            kind=form.kind.name,
            name=request.POST.get("template_name", ""),
            typed=form.typed,
            precedence=request.POST.get("precedence") or form.kind.precedence,
            now=clock.now(),
            shared=request.POST.get("template_shared") == "yes",
            with_times=request.POST.get("template_times") == "yes",
            with_places=request.POST.get("template_places") == "yes",
        )
    except Refusal as found:
        refusal = found
    else:
        messages.success(request, gettext("The template is kept. The form itself is not saved yet."))
    form.forget_refusals()
    status = 422 if refusal else 200
    return _form(request, form, targets, saved, refusal=refusal, is_saved=False, status=status)


def _drawn(request: HttpRequest) -> str | None:
    """The identifier that this node put into the form, if it did."""
    try:
        return _FORMS.unsign(sent(request).get("drawn", ""))
    except BadSignature:
        return None


def _form(
    request: HttpRequest,
    form: KindForm,
    targets: list[Notice],
    saved: Draft | None = None,
    *,
    refusal: Refusal | None = None,
    template: Template | None = None,
    drawn: str | None = None,
    seen: int | None = None,
    offer: Offer | None = None,
    is_saved: bool = True,
    status: int = 200,
) -> HttpResponse:
    began_with, typed = saved or template, sent(request)
    page = {
        "form": form,
        "kind": form.kind,
        "form_of": drafting.form_of(form.kind),
        "targets": targets,
        "draft": saved,
        "seen": seen if seen is not None else _seen(request, saved, is_saved),
        "refusal": refusal,
        "precedence": typed.get("precedence") or (began_with or form.kind).precedence,
        "note": typed.get("note", saved.remark if saved else ""),
        "drawn": _FORMS.sign(drawn or (saved.pk if saved else _drawn(request) or drafting.new_id())),
        "sent_back": bool(typed),
        "carried": carried.of(request) is not None,
        "had_files": carried.had_files(request),
        "opened_by": carried.signed(officer_of(request)),
        "saved": saved is not None and is_saved,
        "audience": typed.get("audience") or (saved.audience if saved else numbers.ALL),
        "audiences": [] if targets else _audiences(reader_of(request)),
        "templates": drafts.templates(officer_of(request), form.kind.name),
        "template": template,
        "template_name": typed.get("template_name", "") if refusal else "",
        "agenda": offer or agenda.offered(form.kind, str(clock.now())),
        "reasons": AGENDA_REASONS,
    }
    return render(request, "filing/form.html", page, status=status)


def _seen(request: HttpRequest, saved: Draft | None, is_saved: bool) -> int | None:
    """The revision that the form shows: what is not saved still stands on the one that it was opened at."""
    if saved is None:
        return None
    typed = sent(request)
    return saved.revision if is_saved or "seen" not in typed else _whole(str(typed["seen"]))


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
    kind = _kind(saved.kind)
    if kind is None:
        return _without_form(request, saved.kind, drafting.typed_in(saved), saved)
    parts, obstacle, is_open = drafts.parts(saved), refusal, saved.state in drafts.UNFINISHED
    if is_open:
        try:
            drafting.require_read(saved, kind)
            parts = drafting.preview(kind=saved.kind, content=saved.content, references=drafting.references_of(saved))
        except Refusal as found:
            obstacle = found
    if parts:
        reads.draft_shown(officer_of(request), kind, saved)
    questions, targets = asked(kept.questions(kind, parts), request.POST), drafts.referred(saved)
    page = {
        "check": activities.check(kind, facts_of(parts), clock.now(), [each.number for each in targets]),
        "goes_public": hazards.goes_public(kind, saved.audience),
        "draft": saved,
        "kind": kind,
        "parts": previews(drafts.kind_of_parts(kind, saved), parts),
        "questions": questions,
        "passages": [each for each in questions if not each.question.is_of_a_picture],
        "targets": targets,
        "refusal": obstacle and reader_of(request).of_kind(obstacle, kind.name),
        "can_sign": is_open and bool(parts),
        "may_recall": saved.filed_by_id == officer_of(request).pk and saved.state == DraftState.FILED,
        "saved": True,
    }
    return render(request, "filing/draft.html", page, status=422 if refusal else 200)


def _kind(name: str) -> Kind | None:
    """The kind whose form this is; None where the instrument has none of that name."""
    law = queries.law()
    return drafting.kind_for_officers(law, name) if law.kind(name) else None


def _whole(text: str) -> int:
    """A number that this node put into a form or an address; one that nothing has, where somebody changed it."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


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
