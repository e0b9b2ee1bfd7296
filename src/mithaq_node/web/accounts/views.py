"""Signing in and out, keeping the reader's choices, and entering a desk of the demonstration with a ticket."""

import time

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse, translate_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from mithaq.errors import Refusal
from mithaq_files.refusals import sentence
from mithaq_node import queries
from mithaq_node.services import storage, tickets
from mithaq_node.store.models import Officer
from mithaq_node.web import preferences
from mithaq_node.web.accounts import throttle


def _next(request: HttpRequest, given: str | None, otherwise: str) -> str:
    """An address of this node to go to; anything else is where everybody starts."""
    allowed = url_has_allowed_host_and_scheme(given, allowed_hosts={request.get_host()}, require_https=False)
    return given if given and allowed else otherwise


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def signin(request: HttpRequest) -> HttpResponse:
    """The door: name and password, and where the reader wanted to go."""
    given = request.POST.get("next") or request.GET.get("next")
    target = _next(request, given, reverse("watch:show"))
    if request.user.is_authenticated:
        return HttpResponseRedirect(target)
    refused, code, name = "", "", request.POST.get("name", "")
    if request.method == "POST":
        try:
            _enter(request, name, request.POST.get("password", ""))
        except Refusal as refusal:
            refused, code = sentence(refusal, preferences.of(request).language), refusal.code
        else:
            return HttpResponseRedirect(target)
    page = {"next": target, "refused": refused, "code": code, "name": name}
    return render(request, "accounts/signin.html", page, status=403 if refused else 200)


def _enter(request: HttpRequest, name: str, password: str) -> None:
    throttle.check(name, _address(request))
    officer = auth.authenticate(request, username=name, password=password)
    if officer is None:
        throttle.failed(name, _address(request))
        raise Refusal("signin.wrong")
    throttle.succeeded(name, _address(request))
    _open(request, officer)


def _open(request: HttpRequest, officer: Officer, backend: str | None = None) -> None:
    """Begin the officer's session; refuses when it cannot be kept, because the next page would not know them."""
    try:
        with storage.durable():
            auth.login(request, officer, backend)
            request.session.save()
    except Refusal:
        request.user, request.session = AnonymousUser(), type(request.session)()
        raise


@require_POST
def signout(request: HttpRequest) -> HttpResponse:
    """Leave the desk; the session ends on the node, not only in the browser."""
    auth.logout(request)
    return HttpResponseRedirect(reverse("accounts:signin"))


@require_POST
def keep_preferences(request: HttpRequest) -> HttpResponse:
    """Keep the calendar and the theme, and go on in the chosen language."""
    target = _next(request, request.POST.get("next"), reverse("watch:show"))
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
    target = _next(request, request.GET.get("next"), "/")
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
    _open(request, officer, settings.AUTHENTICATION_BACKENDS[0])
