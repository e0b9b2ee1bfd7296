"""Views of common texts: all of them, one paragraph by paragraph, and what an officer does there next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language_info, gettext
from django.views.decorators.http import require_POST, require_safe

from mithaq.errors import Refusal
from mithaq.followup.texts import (
    ACCEPTED,
    DRAFTED,
    EXTENT,
    FINAL,
    MATTER,
    CommonText,
    State,
    Version,
    number_of_paragraphs,
    words_field,
)
from mithaq.instrument import alternat
from mithaq.instrument.law import Kind, Text
from mithaq.notices import joint
from mithaq.notices.book import Notice
from mithaq.notices.envelope import Reference
from mithaq_files import versions
from mithaq_node import queries
from mithaq_node.queries import incidents, texts
from mithaq_node.queries.texts import TextView
from mithaq_node.services import casing, clock, drafting, reads
from mithaq_node.services.casing import GatheredText
from mithaq_node.web.entrance import ONLOOKERS, READERS, WRITERS, officer_of, roles
from mithaq_node.web.papers import cases, certificate, communique
from mithaq_node.web.reader import reader_of
from mithaq_node.web.wording import TEXT_STATES

_BLANK_ROWS = 12
"""Of the file in which a first version is written; whoever writes it adds and removes rows."""
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True, slots=True)
class Choice:
    """A version to be chosen, and whose it is."""

    place: int
    by: Text


@require_safe
@roles(ONLOOKERS)
def every(request: HttpRequest) -> HttpResponse:
    """Every common text, the latest first."""
    return _every(request)


@require_safe
@roles(WRITERS)
def blank(request: HttpRequest) -> HttpResponse:
    """A file in which a first version is written: the languages at the head of an empty table."""
    names, rows = _names(), [""] * _BLANK_ROWS
    content = versions.written(gettext("Common text"), names, dict.fromkeys(names, rows))
    return _file(content, "mithaq-text")


@require_POST
@roles(WRITERS)
def begin(request: HttpRequest) -> HttpResponse:
    """Begin a text with the words of a file; it is looked at, filed and released like any notice."""
    kind, given = texts.telling(DRAFTED), request.FILES.get("file")
    about = [incidents.notice(each, str(clock.now())).notice for each in request.POST.getlist("re")]
    if kind is None or not isinstance(given, UploadedFile):
        return _every(request, Refusal("version.no-file"))
    try:
        words = versions.read(given.read(versions.MOST_BYTES + 1))
        content = {MATTER: request.POST.get("matter", ""), words_field(kind): words}
        return _begun(request, kind, content, [_reference(each) for each in about])
    except Refusal as refusal:
        return _every(request, refusal)


def _every(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    page = {
        "texts": [(each, *TEXT_STATES[each.state]) for each in texts.every()],
        "draft": texts.telling(DRAFTED),
        "matters": texts.matters(),
        "matter": request.POST.get("matter", ""),
        "refusal": refusal,
        "may_write": officer_of(request).role in WRITERS,
        "may_read": officer_of(request).role in READERS,
    }
    return render(request, "committee/texts.html", page, status=422 if refusal else 200)


@require_safe
@roles(READERS)
def one(request: HttpRequest, number: str) -> HttpResponse:
    """One text: a version beside another, who accepts what, and what comes next."""
    return _page(request, texts.one(number))


@require_safe
@roles(READERS)
def read(request: HttpRequest, number: str) -> HttpResponse:
    """A text that all have sealed, to be read and printed."""
    gathered = _sealed(request, number)
    said = communique.values(gathered, reader_of(request), attach=False)
    return render(request, "committee/text_read.html", {"said": said, "text": gathered.view.text})


@require_safe
@roles(READERS)
def paper(request: HttpRequest, number: str) -> HttpResponse:
    """The same as a paper in the reader's language, with the proofs of every seal attached."""
    gathered = _sealed(request, number)
    answer = HttpResponse(communique.paper(gathered, reader_of(request).language), content_type="application/pdf")
    name = certificate.file_name(gathered.view.number)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return answer


@require_safe
@roles(READERS)
def case(request: HttpRequest, number: str) -> HttpResponse:
    """The sealed text in one file with its proofs, the sealed instrument and the verifier."""
    gathered = _sealed(request, number)
    return cases.taken(
        officer_of(request), gathered.case, communique.paper(gathered, reader_of(request).language, attach=False)
    )


@require_safe
@roles(READERS)
def docx(request: HttpRequest, number: str) -> HttpResponse:
    """The version of this number as a file to work on."""
    view, reader = texts.one(number), reader_of(request)
    version = view.text.version(number) or view.text.last
    words = view.words.get(version.number)
    if words is None:
        raise Refusal("version.not-at-hand", number=version.number)
    reads.shown(officer_of(request), [incidents.notice(version.number, str(clock.now()))])
    title = f"{reader.label(f'code.text-matter.{view.text.matter}')} {version.number}"
    return _file(versions.written(title, _names(), words), certificate.file_name(version.number))


def _names() -> dict[str, str]:
    """Each authentic language to its own name, in the order in which languages stand on this node."""
    languages = alternat.own_first(queries.law().authentic, settings.NODE.language)
    return {code: get_language_info(code)["name_local"] for code in languages}


def _file(content: bytes, name: str) -> HttpResponse:
    named = {"Content-Disposition": f'attachment; filename="{name}.docx"'}
    return HttpResponse(content, content_type=_DOCX, headers=named)


@require_POST
@roles(WRITERS)
def take_in(request: HttpRequest, number: str) -> HttpResponse:
    """Begin another version with the words of a file; it is looked at, filed and released like any notice."""
    view, kind, given = texts.one(number), texts.telling(DRAFTED), request.FILES.get("file")
    if kind is None or not isinstance(given, UploadedFile):
        return _page(request, view, Refusal("version.no-file"))
    try:
        words = versions.read(given.read(versions.MOST_BYTES + 1))
    except Refusal as refusal:
        return _page(request, view, refusal)
    content = {MATTER: view.text.matter, words_field(kind): words}
    return _begin(request, view, kind, view.text.last, content)


def _sealed(request: HttpRequest, number: str) -> GatheredText:
    found = casing.gather_text(number=number, language=reader_of(request).language, now=clock.now())
    reads.shown(officer_of(request), found.sealing)
    return found


@require_POST
@roles(WRITERS)
def accept(request: HttpRequest, number: str) -> HttpResponse:
    """Begin an acceptance of the ticked paragraphs, or of all; it is then filed and released like any notice."""
    view, kind = texts.one(number), texts.telling(ACCEPTED)
    version = view.text.version(number) or view.text.last
    if kind is None or version.number not in view.words:
        return _page(request, view, Refusal("version.not-at-hand", number=version.number))
    count = number_of_paragraphs(view.words[version.number])
    every_one = list(range(1, count + 1))
    ticked = [each for each in every_one if str(each) in request.POST.getlist("paragraph")]
    numbers = every_one if request.POST.get("which") == "all" else ticked
    if not numbers:
        return _page(request, view, Refusal("version.nothing-ticked"))
    return _begin(request, view, kind, version, {EXTENT: {"numbers": numbers, "of": count}})


@require_POST
@roles(WRITERS)
def put_forward(request: HttpRequest, number: str) -> HttpResponse:
    """Begin the notice that puts a frozen text forward; it repeats the frozen version byte for byte."""
    view, kind = texts.one(number), texts.telling(FINAL)
    version = view.text.version(number) or view.text.last
    if kind is None or version.number not in view.words:
        return _page(request, view, Refusal("version.not-at-hand", number=version.number))
    content = {**(version.notice.facts or {}), words_field(kind): view.words[version.number]}
    return _begin(request, view, kind, version, content)


def _begin(
    request: HttpRequest, view: TextView, kind: Kind, version: Version, content: Mapping[str, Any]
) -> HttpResponse:
    try:
        return _begun(request, kind, content, [_reference(version.notice)])
    except Refusal as refusal:
        return _page(request, view, refusal)


def _begun(
    request: HttpRequest, kind: Kind, content: Mapping[str, Any], references: Sequence[Reference]
) -> HttpResponse:
    """The draft that was begun; refuses what filing would refuse."""
    drafting.preview(kind=kind.name, content=content, references=references)
    saved = drafting.save_draft(
        officer=officer_of(request), kind=kind.name, content=content, now=clock.now(), references=references
    )
    return HttpResponseRedirect(reverse("filing:draft", args=[saved.pk]))


def _reference(notice: Notice) -> Reference:
    leaf = notice.leaf
    assert leaf is not None
    return Reference(log=notice.log, id=leaf.header.id)


def _page(request: HttpRequest, view: TextView, refusal: Refusal | None = None) -> HttpResponse:
    text, own = view.text, reader_of(request).party.code
    shown = _version(text, request.GET.get("version")) or text.last
    beside = request.GET.get("beside")
    before = _version(text, beside) if beside is not None else text.version(shown.after)
    before = before if before is not shown else None
    rows = view.rows(shown, before)
    now = str(clock.now())
    reads.shown(officer_of(request), [incidents.notice(each.number, now) for each in (shown, before) if each])
    word, meaning = TEXT_STATES[text.state]
    may_write = officer_of(request).role in WRITERS
    page = {
        "text": text,
        "word": word,
        "meaning": meaning,
        "shown": shown,
        "before": before,
        "rows": rows,
        "broken": view.broken.get(shown.number),
        "choices": [Choice(each.place, _short(each.notice.party)) for each in text.versions],
        "refusal": refusal,
        "may_write": may_write,
        "may_accept": may_write and shown is text.last and text.state is State.OPEN and shown.notice.party != own,
        "acceptable": [row.number for row in rows if row.is_open_to(own)],
        "known": [row.number for row in rows if row.is_known_to(own)],
        "draft": texts.telling(DRAFTED),
        "final": texts.telling(FINAL),
        "seal": next((kind for kind in queries.law().kinds if joint.is_assent(kind)), None),
        "seals": [(each, text.joint.assents.get(each, "")) for each in text.joint.awaited] if text.joint else [],
        "may_seal": bool(may_write and text.joint and text.joint.is_open and _awaits(text, own)),
    }
    return render(request, "committee/text.html", page, status=422 if refusal else 200)


def _awaits(text: CommonText, own: str) -> bool:
    return text.joint is not None and own in text.joint.awaited and own not in text.joint.assents


def _version(text: CommonText, place: str | None) -> Version | None:
    return next((each for each in text.versions if str(each.place) == place), None)


def _short(code: str) -> Text:
    party = queries.law().party(code)
    return party.short if party else {}
