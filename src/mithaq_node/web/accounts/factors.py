"""The officer's own account: which second factors there are, and adding and taking them away.

Nothing here changes without the password, typed within ten minutes; where a factor is held already, it was shown at the
door. All of it works without scripts but for passkeys, which are the browser's own.
"""

from typing import Any

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mithaq.errors import Refusal
from mithaq_node.queries import doors
from mithaq_node.services import codes, passkeys, signing_in
from mithaq_node.store.models import FactorForm
from mithaq_node.web.accounts import session
from mithaq_node.web.accounts.session import address_of, host_of, is_sure
from mithaq_node.web.entrance import SHOWN, officer_of, signed_in
from mithaq_node.web.reader import reader_of

_SECRET = "generator"


@require_safe
@signed_in
def show(request: HttpRequest) -> HttpResponse:
    """What opens the desk for this officer, and what may be added."""
    return _page(request)


@sensitive_post_parameters("password")
@require_POST
@signed_in
def again(request: HttpRequest) -> HttpResponse:
    """The password once more, for ten minutes of changes."""
    officer = officer_of(request)
    try:
        signing_in.again(officer=officer, password=request.POST.get("password", ""), address=address_of(request))
    except Refusal as refusal:
        return _page(request, refusal)
    session.now_sure(request)
    return _back()


@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
@signed_in
def codes_of_generator(request: HttpRequest) -> HttpResponse:
    """A secret for a generator, as a square and in letters; it counts once the generator's first code was typed."""
    if not is_sure(request):
        return _back()
    officer = officer_of(request)
    if request.method == "GET":
        request.session[_SECRET] = codes.new_secret().hex()
        return _generator(request)
    try:
        secret = bytes.fromhex(request.session.get(_SECRET, ""))
        codes.add_generator(
            officer=officer, secret=secret, typed=request.POST.get("code", ""), address=address_of(request)
        )
    except Refusal as refusal:
        return _generator(request, refusal)
    del request.session[_SECRET]
    return _added(request, FactorForm.CODES)


@require_POST
@signed_in
def ask_new_passkey(request: HttpRequest) -> HttpResponse:
    """What the page asks the browser to make."""
    if not is_sure(request):
        raise Refusal("signin.wrong-again")
    options, request.session[session.ASKED] = passkeys.begin_adding(officer_of(request), host_of(request))
    return JsonResponse(options)


@require_POST
@signed_in
def add_passkey(request: HttpRequest) -> HttpResponse:
    """Keep the passkey that the browser made."""
    if not is_sure(request):
        return _back()
    try:
        asked, answer = session.answer_of(request)
        passkeys.add(
            officer=officer_of(request),
            host=host_of(request),
            state=asked,
            answer=answer,
            label=request.POST.get("label", ""),
            address=address_of(request),
        )
    except Refusal as refusal:
        return _page(request, refusal)
    return _added(request, FactorForm.PASSKEY)


@require_POST
@signed_in
def paper(request: HttpRequest) -> HttpResponse:
    """Ten new codes for paper, shown once."""
    officer = officer_of(request)
    if not is_sure(request) or not signing_in.has_factor(officer):
        return _back()
    made = codes.make_recovery(officer=officer, address=address_of(request))
    return render(request, "accounts/paper.html", {"codes": made})


@require_POST
@signed_in
def remove(request: HttpRequest) -> HttpResponse:
    """Take one factor away."""
    if not is_sure(request):
        return _back()
    named = request.POST.get("factor", "")
    try:
        if named.isascii() and named.isdigit():
            signing_in.remove_factor(officer=officer_of(request), factor=int(named), address=address_of(request))
    except Refusal as refusal:
        return _page(request, refusal)
    return _back()


def _added(request: HttpRequest, form: FactorForm) -> HttpResponse:
    """A first factor comes with codes for paper at once: whoever has none is locked out by a lost telephone."""
    request.session[SHOWN] = request.session.get(SHOWN) or form
    officer = officer_of(request)
    if officer.recovery_codes.filter(used_at=None).exists():
        return _back()
    made = codes.make_recovery(officer=officer, address=address_of(request))
    return render(request, "accounts/paper.html", {"codes": made})


def _page(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    officer = officer_of(request)
    page = {
        "account": doors.account(officer),
        "sure": is_sure(request),
        "needs": signing_in.needs_factor(officer),
        "passkeys": passkeys.possible(host_of(request)),
        "host": host_of(request),
        **_said(request, refusal),
    }
    return render(request, "accounts/show.html", page, status=400 if refusal else 200)


def _generator(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    secret = bytes.fromhex(request.session.get(_SECRET, ""))
    letters = codes.in_letters(secret)
    square = segno.make(codes.address(secret, officer_of(request), settings.NODE.party), error="m")
    page = {
        "square": square.svg_data_uri(scale=5, border=4, light="white"),
        "letters": [letters[at : at + 4] for at in range(0, len(letters), 4)],
        **_said(request, refusal),
    }
    return render(request, "accounts/codes.html", page, status=400 if refusal else 200)


def _said(request: HttpRequest, refusal: Refusal | None) -> dict[str, Any]:
    return {"refused": reader_of(request).refusal(refusal), "code": refusal.code} if refusal else {}


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("accounts:show"))
