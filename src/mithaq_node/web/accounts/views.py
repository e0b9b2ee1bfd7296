"""Signing in and out, keeping the reader's choices, and entering a desk of the demonstration with a ticket."""

import time

from django.conf import settings
from django.contrib import auth
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse, translate_url
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mithaq.errors import Refusal
from mithaq_files.refusals import sentence
from mithaq_node import queries
from mithaq_node.services import passkeys, signing_in, tickets
from mithaq_node.store.models import FactorForm, Officer
from mithaq_node.web import carried, preferences
from mithaq_node.web.accounts import session
from mithaq_node.web.accounts.session import address_of, host_of, let_in, start_of, target_of


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def signin(request: HttpRequest) -> HttpResponse:
    """The door: name and password, or a passkey, and where the reader wanted to go."""
    target = target_of(request, request.POST.get("next") or request.GET.get("next"), "")
    if request.user.is_authenticated:
        return HttpResponseRedirect(target or start_of(request))
    if request.method == "GET":
        return _door(request, target)
    name = request.POST.get("name", "")
    try:
        officer = signing_in.by_password(
            name=name, password=request.POST.get("password", ""), address=address_of(request)
        )
        if signing_in.has_factor(officer):
            session.wait_for_second(request, officer, target)
            return HttpResponseRedirect(reverse("accounts:second"))
        let_in(request, officer, "", typed=True)
    except Refusal as refusal:
        return _door(request, target, refusal, name)
    return HttpResponseRedirect(target or start_of(request))


@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "POST"])
def second(request: HttpRequest) -> HttpResponse:
    """After the password: a code, from the generator or from paper, or a passkey."""
    waited = session.waiting(request)
    if request.user.is_authenticated or waited is None:
        return HttpResponseRedirect(reverse("accounts:signin"))
    officer, target = waited
    if request.method == "GET":
        return _second(request, officer)
    try:
        signing_in.by_code(officer=officer, typed=request.POST.get("code", ""), address=address_of(request))
        let_in(request, officer, FactorForm.CODES, typed=True)
    except Refusal as refusal:
        return _second(request, officer, refusal)
    return HttpResponseRedirect(target or start_of(request))


@never_cache
@require_POST
def ask_passkey(request: HttpRequest) -> HttpResponse:
    """What the page asks the browser for: a passkey of whoever is waited for, or any for this host."""
    waited = session.waiting(request)
    options, state = passkeys.begin_asking(host_of(request), waited[0] if waited else None)
    request.session[session.ASKED] = state
    return JsonResponse(options)


@never_cache
@require_POST
def passkey(request: HttpRequest) -> HttpResponse:
    """What the passkey answered: name, password and second factor at once."""
    if request.user.is_authenticated:
        return HttpResponseRedirect(start_of(request))
    waited = session.waiting(request)
    target = waited[1] if waited else target_of(request, request.POST.get("next"), "")
    try:
        asked, answer = session.answer_of(request)
        officer = passkeys.check(host=host_of(request), state=asked, answer=answer)
        if not officer.is_active or (waited and waited[0] != officer):
            raise Refusal("signin.wrong-passkey")
        let_in(request, officer, FactorForm.PASSKEY, typed=waited is not None)
    except Refusal as refusal:
        return _second(request, waited[0], refusal) if waited else _door(request, target, refusal)
    return HttpResponseRedirect(target or start_of(request))


def _door(request: HttpRequest, target: str, refusal: Refusal | None = None, name: str = "") -> HttpResponse:
    page = {
        "next": target,
        "name": name,
        "passkeys": passkeys.possible(host_of(request)),
        "waits": carried.waits(request),
        **_refused(request, refusal),
    }
    return render(request, "accounts/signin.html", page, status=403 if refusal else 200)


def _second(request: HttpRequest, officer: Officer, refusal: Refusal | None = None) -> HttpResponse:
    held = officer.factors.all()
    page = {
        "codes": any(each.form == FactorForm.CODES for each in held),
        "passkeys": any(each.form == FactorForm.PASSKEY and each.host == host_of(request) for each in held),
        **_refused(request, refusal),
    }
    return render(request, "accounts/second.html", page, status=403 if refusal else 200)


def _refused(request: HttpRequest, refusal: Refusal | None) -> dict[str, str]:
    if refusal is None:
        return {}
    return {"refused": sentence(refusal, preferences.of(request).language), "code": refusal.code}


@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """From the bare address to where the reader's role begins; whoever is not signed in, to the door."""
    return HttpResponseRedirect(start_of(request) if request.user.is_authenticated else reverse("accounts:signin"))


@require_POST
def signout(request: HttpRequest) -> HttpResponse:
    """Leave the desk; the session ends on the node, not only in the browser."""
    auth.logout(request)
    return HttpResponseRedirect(reverse("accounts:signin"))


@require_POST
def keep_preferences(request: HttpRequest) -> HttpResponse:
    """Keep the calendar and the theme, and go on in the chosen language."""
    target = target_of(request, request.POST.get("next"), reverse("home"))
    language = request.POST.get("language")
    if language in preferences.LANGUAGES and language != get_language():
        target = translate_url(target, language)
    response = HttpResponseRedirect(target)
    given = request.POST
    preferences.keep(response, calendar=given.get("calendar"), theme=given.get("theme"), keys=given.get("keys"))
    if language in preferences.LANGUAGES:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, language, secure=settings.NODE.https, httponly=True, samesite="Strict"
        )
    return response


@never_cache
@require_http_methods(["GET"])
def enter_demonstration(request: HttpRequest) -> HttpResponse:
    """Open a desk of the demonstration with a one-use ticket of its console; elsewhere there is no such address."""
    if not settings.NODE.demo or not queries.law().demo:
        raise Http404
    target = target_of(request, request.GET.get("next"), "/")
    try:
        user = tickets.redeem(
            ticket=request.GET.get("ticket", ""),
            secret=tickets.secret(settings.NODE.folder),
            now=int(time.time()),
            data=settings.NODE.folder,
        )
        _sign_in(request, user)
    except Refusal as refusal:
        said = sentence(refusal, preferences.of(request).language)
        return render(request, "accounts/ticket.html", {"refused": said}, status=403)
    return HttpResponseRedirect(target)


def _sign_in(request: HttpRequest, name: str) -> None:
    officers = auth.get_user_model()._default_manager
    officer = officers.filter(**{officers.model.USERNAME_FIELD: name}, is_active=True).first()
    if officer is None:
        raise Refusal("ticket.forged")
    let_in(request, officer, "")
