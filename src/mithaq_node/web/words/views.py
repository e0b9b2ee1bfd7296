"""The form for a word that is wrong: from any page and back to it, with or without scripts.

Of the page only the name of its address is kept, never its arguments: which notice was open stays unsaid.
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from mithaq.errors import Refusal
from mithaq_node.services import clock, proofreading
from mithaq_node.store.models import Role
from mithaq_node.store.wording import LONGEST
from mithaq_node.web.entrance import officer_of, roles
from mithaq_node.web.reader import reader_of

SIGNED_IN = frozenset(Role)


@require_http_methods(["GET", "POST"])
@roles(SIGNED_IN)
def wrong(request: HttpRequest) -> HttpResponse:
    """The form; a remark that is kept leads back to the page it is about."""
    given = request.POST if request.method == "POST" else request.GET
    target, word, suggestion = _target(request, given.get("page", "")), given.get("word", ""), given.get("better", "")
    refused = ""
    if request.method == "POST":
        try:
            proofreading.keep(
                officer=officer_of(request),
                language=get_language() or "",
                page=_name(target),
                word=word,
                suggestion=suggestion,
                now=clock.as_datetime(clock.now()),
            )
        except Refusal as refusal:
            refused = reader_of(request).refusal(refusal)
        else:
            messages.success(request, _("Thank you. Your remark is kept on this node for whoever mends the words."))
            return HttpResponseRedirect(target)
    page = {"target": target, "word": word, "better": suggestion, "refused": refused, "longest": LONGEST}
    return render(request, "words/wrong.html", page, status=422 if refused else 200)


def _target(request: HttpRequest, given: str) -> str:
    """The page that the remark is about; an address that is not this node's counts as the watch."""
    allowed = url_has_allowed_host_and_scheme(given, allowed_hosts={request.get_host()}, require_https=False)
    return given if allowed and given.startswith("/") else reverse("watch:show")


def _name(address: str) -> str:
    try:
        return resolve(address.partition("?")[0]).view_name
    except Resolver404:
        return ""
