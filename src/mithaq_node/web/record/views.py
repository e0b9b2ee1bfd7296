"""Views of the record."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mithaq_node.queries import agreement, heads, ledgers, links
from mithaq_node.services import clock
from mithaq_node.web.entrance import READERS, roles


@require_safe
@roles(READERS)
def show(request: HttpRequest) -> HttpResponse:
    """Logs and heads, the agreement line, compliance by one rule for both, and how to take the record away."""
    return render(request, "record/show.html", _page())


@require_safe
@roles(READERS)
def fragment(request: HttpRequest) -> HttpResponse:
    """The record without its frame, fetched again when the cursor has moved."""
    return render(request, "record/now.html", _page())


def _page() -> dict[str, Any]:
    book = ledgers.book()
    return {
        "heads": heads.heads(),
        "links": links.links(str(clock.now())),
        "agreements": agreement.agreements(),
        "level": agreement.level(),
        "compliance": [(party, id, each) for (party, id), each in sorted(book.compliance.items())],
        "digest": book.digest(),
        "incomplete": book.incomplete,
    }
