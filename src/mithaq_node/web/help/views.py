"""What an officer needs to know before the first watch, on one page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mithaq_node import queries


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The page; anyone who reaches the node may read it."""
    limits = queries.law().limits
    return render(request, "help/show.html", {"silence": limits.silence * 60, "review": limits.review * 60})
