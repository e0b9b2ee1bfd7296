"""What the press report says, fact by fact, and what this node makes of it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mithaq_node.web import preferences
from mithaq_node.web.report import table


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The whole table; anyone who reaches the node may read it."""
    known = table.read()
    counted = [(state, sum(fact.state == state for fact in known.facts)) for state in table.STATES]
    language = preferences.of(request).language
    facts = [(fact, f"/{language}/{fact.link}") for fact in known.facts]
    return render(request, "report/show.html", {"table": known, "counted": counted, "facts": facts})
