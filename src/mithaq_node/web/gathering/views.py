"""The view of the warnings: one query."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mithaq_node.queries import gathering
from mithaq_node.services import clock
from mithaq_node.web.entrance import READERS, roles


@require_safe
@roles(READERS)
def show(request: HttpRequest) -> HttpResponse:
    """What is warned of first, then where it lies, then every sector."""
    found = gathering.gathering(str(clock.now()))
    return render(request, "gathering/show.html", {"found": found, "look": found.look if found else None})
