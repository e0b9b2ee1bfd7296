"""Views of the record."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_safe

from mithaq_node import queries
from mithaq_node.queries import agreement, cards, entries, erased, heads, ledgers, links, rolls
from mithaq_node.services import clock, comparing, outward, reads
from mithaq_node.web.entrance import EXPORTERS, ONLOOKERS, officer_of, roles

_TAR = "application/x-tar"


@require_safe
@roles(ONLOOKERS)
def show(request: HttpRequest) -> HttpResponse:
    """Logs and heads, the agreement line, what was erased, and how to take the record away."""
    return render(request, "record/show.html", {**_page(), "may_export": _may_export(request), "cards": cards.cards()})


@require_safe
@roles(ONLOOKERS)
def fragment(request: HttpRequest) -> HttpResponse:
    """The record without its frame, fetched again when the cursor has moved."""
    return render(request, "record/now.html", _page())


@require_safe
@roles(ONLOOKERS)
def log(request: HttpRequest, name: str) -> HttpResponse:
    """The entries of one log, newest first, a page at a time."""
    until = request.GET.get("until", "")
    page = entries.page(name, int(until) if until.isascii() and until.isdigit() else None)
    return render(request, "record/log.html", {"page": page, "may_export": _may_export(request)})


@require_safe
@roles(ONLOOKERS)
def find(request: HttpRequest) -> HttpResponse:
    """From a spoken number, in any digits, to its place in its log."""
    number = rolls.find(queries.law(), request.GET.get("number", ""))
    name, until = entries.page_of(number)
    return HttpResponseRedirect(f"{reverse('record:log', args=[name])}?until={until}#{number.replace(' ', '')}")


@require_safe
@roles(ONLOOKERS)
def compare(request: HttpRequest) -> HttpResponse:
    """What the other side has signed, against the entries of this node, hashed again for it."""
    compared = comparing.compare()
    page = {
        "compared": compared,
        "same": all(each.same and not each.stopped for each in compared),
        "signed": any(each.signed for each in compared),
    }
    return render(request, "record/compare.html", page)


@require_GET
@roles(EXPORTERS)
def export(request: HttpRequest) -> HttpResponseBase:
    """One log, or all of them, as an archive of static files: what `mithaq record export` writes."""
    named = request.GET.get("log", "")
    archive = outward.archive(only=named)
    reads.taken(officer_of(request), named)
    answer = StreamingHttpResponse(archive, content_type=_TAR)
    answer.headers["Content-Disposition"] = f'attachment; filename="{archive.name}.tar"'
    return answer


def _may_export(request: HttpRequest) -> bool:
    return officer_of(request).role in EXPORTERS


def _page() -> dict[str, Any]:
    book = ledgers.book()
    return {
        "heads": heads.heads(),
        "erased": erased.stated(),
        "links": links.links(str(clock.now())),
        "agreements": agreement.agreements(),
        "level": agreement.level(),
        "digest": book.digest(),
        "incomplete": book.incomplete,
    }
