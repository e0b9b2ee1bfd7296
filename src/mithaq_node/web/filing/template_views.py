"""Views of templates: the list, another name, and away with one. They are made and used on the form of their kind."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from mithaq.errors import Refusal
from mithaq_node import queries
from mithaq_node.queries import drafts
from mithaq_node.services import clock, templates
from mithaq_node.web.entrance import WRITERS, officer_of, roles


@require_safe
@roles(WRITERS)
def show(request: HttpRequest) -> HttpResponse:
    """The templates of the desk and one's own."""
    return _show(request)


@require_POST
@roles(WRITERS)
def rename(request: HttpRequest, template_id: int) -> HttpResponse:
    """Give a template another name."""
    try:
        templates.rename(
            template_id=template_id,
            officer=officer_of(request),
            name=request.POST.get("name", ""),
            now=clock.now(),
        )
    except Refusal as refusal:
        return _show(request, template_id, refusal)
    return HttpResponseRedirect(reverse("filing:templates"))


@require_POST
@roles(WRITERS)
def drop(request: HttpRequest, template_id: int) -> HttpResponse:
    """Delete a template; nothing of it remains."""
    templates.drop(template_id=template_id, officer=officer_of(request))
    return HttpResponseRedirect(reverse("filing:templates"))


def _show(request: HttpRequest, refused: int = 0, refusal: Refusal | None = None) -> HttpResponse:
    page = {
        "templates": drafts.templates(officer_of(request)),
        "kinds": {kind.name for kind in queries.law().kinds},
        "refused": refused,
        "typed_name": request.POST.get("name", ""),
        "refusal": refusal,
    }
    return render(request, "filing/templates.html", page, status=422 if refusal else 200)
