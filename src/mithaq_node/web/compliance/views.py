"""Views of compliance: what is owed and by whom, and how both sides keep their clocks."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from mithaq.notices import joint
from mithaq.notices.compliance import Group, Grouping
from mithaq_node import queries
from mithaq_node.queries import compliance, findings, quarters
from mithaq_node.services import clock
from mithaq_node.services import quarters as drafting_quarters
from mithaq_node.web.compliance.naming import group_name
from mithaq_node.web.entrance import ONLOOKERS, WRITERS, officer_of, roles
from mithaq_node.web.inside import choosing
from mithaq_node.web.reader import reader_of
from mithaq_node.web.wording import GROUPINGS, KEEPING


@dataclass(frozen=True)
class Line:
    """A group as the reader sees it."""

    name: str
    group: Group


@require_safe
@roles(ONLOOKERS)
def show(request: HttpRequest) -> HttpResponse:
    """What is owed first, then the figures, grouped as asked for."""
    return render(request, "compliance/show.html", _page(request))


@require_safe
@roles(ONLOOKERS)
def fragment(request: HttpRequest) -> HttpResponse:
    """The same without its frame, fetched again when the cursor has moved."""
    return render(request, "compliance/now.html", _page(request))


@require_POST
@roles(WRITERS)
def propose(request: HttpRequest) -> HttpResponse:
    """Draft the figures of a quarter that is over, to be sealed by both; what will leave is shown next."""
    draft = drafting_quarters.propose(day=request.POST.get("day", ""), officer=officer_of(request), now=clock.now())
    return HttpResponseRedirect(reverse("filing:draft", args=[draft.pk]))


def _page(request: HttpRequest) -> dict[str, Any]:
    reader, now = reader_of(request), str(clock.now())
    asked = request.GET.get("by", "")
    by = Grouping(asked) if asked in set(Grouping) else Grouping.CLOCK
    groups = compliance.table(by, now)
    choice = choosing.chosen(request)
    return {
        "due": compliance.due(now, choice.keeps),
        "choice": choice,
        "by": by,
        "by_word": GROUPINGS[by],
        "groupings": GROUPINGS,
        "keeping_words": KEEPING,
        "lines": [Line(group_name(reader, by, group.key), group) for group in groups],
        "most": max((each.started for group in groups for each in group.parties.values()), default=0),
        "findings": findings.released_over(),
        "quarters": quarters.over(now),
        "seal_kind": next((kind.name for kind in queries.law().kinds if joint.is_assent(kind)), ""),
        "may_write": officer_of(request).role in WRITERS,
    }
