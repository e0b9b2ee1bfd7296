"""Views of what was promised and decided before: what was entered, and the table by which more comes in."""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mithaq.errors import Refusal
from mithaq.followup.earlier import COMMITMENT, MINUTES
from mithaq.followup.earlier_tables import Table
from mithaq.instrument.law import Field, Kind
from mithaq_files import sheets
from mithaq_node.queries import commitments, earlier
from mithaq_node.services import clock, reads, transcribing
from mithaq_node.web.committee import earlier_forms
from mithaq_node.web.entrance import READERS, WRITERS, officer_of, roles
from mithaq_node.web.reader import reader_of
from mithaq_node.web.wording import SCORES

SORTS = {"commitments": COMMITMENT, "minutes": MINUTES}
"""What may be entered, as it stands in addresses: to the facet of its kind."""
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of a table as the page shows it."""

    number: int
    said: tuple[tuple[Field, Any], ...] = ()
    column: str = ""
    refusal: Refusal | None = None


@require_safe
@roles(READERS)
def every(request: HttpRequest, sort: str) -> HttpResponse:
    """What both sides have entered, with its words, and who has sealed it."""
    facet, asked = _facet(sort), request.GET.get("page", "1")
    page = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    shown, own = earlier.shown(facet, page, str(clock.now())), reader_of(request).party.code
    reads.shown(officer_of(request), [view for _, view in shown.entries])
    telling = commitments.telling()
    figures = shown.figures
    return render(
        request,
        "committee/earlier.html",
        {
            "sort": sort,
            "shown": shown,
            "scored": tuple(zip(SCORES, figures.counts, strict=True)) if figures else (),
            "kind": earlier.kind_of(facet) if earlier.is_offered(facet) else None,
            "awaiting": frozenset(each.number for each, _ in shown.entries if each.awaits(own)),
            "seal": telling.seal,
            "review": telling.review,
            "own": own,
            "may_write": officer_of(request).role in WRITERS,
        },
    )


@require_safe
@roles(WRITERS)
def template(request: HttpRequest, sort: str) -> HttpResponse:
    """The table to be filled in, in the reader's language and calendar."""
    kind = earlier.kind_of(_facet(sort))
    return _file(earlier_forms.template(kind, reader_of(request)), earlier_forms.file_name(kind))


@require_http_methods(["GET", "HEAD", "POST"])
@roles(WRITERS)
def take_in(request: HttpRequest, sort: str) -> HttpResponse:
    """Choose a table; see what will be entered and what is refused; then make the drafts."""
    kind = earlier.kind_of(_facet(sort))
    if request.method != "POST":
        return _page(request, sort, kind)
    now, reader = clock.now(), reader_of(request)
    try:
        content = _content(request)
        terms = earlier_forms.terms(kind, reader, now)
        if request.POST.get("enter") != "yes":
            table = transcribing.look(content, kind, terms, now)
            return _page(request, sort, kind, table, content)
        done = transcribing.enter(
            content=content, kind=kind, terms=terms, officer=officer_of(request), rest=True, now=now
        )
    except Refusal as refusal:
        return _page(request, sort, kind, refusal=refusal)
    made = len(done.drafts)
    messages.success(
        request, ngettext("%(n)s draft was made.", "%(n)s drafts were made.", made) % {"n": reader.count(made)}
    )
    if done.table.refused:
        # What has become drafts is out of the table that the page goes on with.
        left = Table(done.table.heading, (), done.table.refused, ())
        return _page(request, sort, kind, left, earlier_forms.refused(left, kind, reader))
    return HttpResponseRedirect(reverse("release:queue"))


@require_POST
@roles(WRITERS)
def refused(request: HttpRequest, sort: str) -> HttpResponse:
    """The refused rows of a table as a table, to be mended and brought again."""
    kind, now, reader = earlier.kind_of(_facet(sort)), clock.now(), reader_of(request)
    table = transcribing.look(_content(request), kind, earlier_forms.terms(kind, reader, now), now)
    return _file(earlier_forms.refused(table, kind, reader), f"{earlier_forms.file_name(kind)}-refused")


def _facet(sort: str) -> str:
    if sort not in SORTS:
        raise Http404
    return SORTS[sort]


def _page(
    request: HttpRequest,
    sort: str,
    kind: Kind,
    table: Table | None = None,
    content: bytes = b"",
    refusal: Refusal | None = None,
) -> HttpResponse:
    page = {"sort": sort, "kind": kind, "refusal": refusal, "table": table, "content": b64encode(content).decode()}
    if table is not None:
        reader = reader_of(request)
        page["rows"] = [
            _Line(
                row.number,
                tuple((field, row.content[field.name]) for field in kind.fields if field.name in row.content),
            )
            for row in table.rows
        ]
        page["refused"] = [
            _Line(
                row.number,
                column=earlier_forms.column_name(row.column, kind, reader),
                refusal=reader.of_kind(row.refusal, kind.name),
            )
            for row in table.refused
        ]
    status = 422 if refusal or (table and table.refused) else 200
    return render(request, "committee/earlier_import.html", page, status=status)


def _content(request: HttpRequest) -> bytes:
    """The file that was chosen now, or the one that was looked at before."""
    chosen = request.FILES.get("table")
    if isinstance(chosen, UploadedFile):
        return bytes(chosen.read(sheets.MOST_BYTES + 1))
    try:
        return b64decode(request.POST.get("content", ""), validate=True)
    except ValueError as error:
        raise Refusal("flow.unreadable") from error


def _file(content: bytes, name: str) -> HttpResponse:
    named = {"Content-Disposition": f'attachment; filename="{name}.xlsx"'}
    return HttpResponse(content, content_type=_XLSX, headers=named)
