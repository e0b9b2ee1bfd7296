"""What a session says of the door it came through, and where a request comes from."""

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from mithaq.errors import Refusal
from mithaq_node.services import clock, signing_in, storage
from mithaq_node.store.models import Officer
from mithaq_node.web import carried, frame
from mithaq_node.web.entrance import DONE, SHOWN, SINCE

PENDING, ASKED, AGAIN = "pending", "asked", "again"
SECOND_WITHIN = 300
"""Seconds from the password to the second factor."""
AGAIN_WITHIN = 600
"""Seconds for which a typed password lets second factors be changed."""


def address_of(request: HttpRequest) -> str:
    """Where a request comes from. Behind the TLS proxy that `https` in node.toml promises, what the proxy itself has
    put last; what stands before that, anybody can write."""
    direct = str(request.META.get("REMOTE_ADDR", ""))
    if not settings.NODE.https:
        return direct
    return request.headers.get("X-Forwarded-For", direct).rpartition(",")[2].strip() or direct


def host_of(request: HttpRequest) -> str:
    """The host name that passkeys of this page belong to, without its port."""
    return request.get_host().rsplit(":", 1)[0]


def target_of(request: HttpRequest, given: str | None, otherwise: str) -> str:
    """An address of this node to go to; anything else is where everybody starts."""
    allowed = url_has_allowed_host_and_scheme(given, allowed_hosts={request.get_host()}, require_https=False)
    return given if given and allowed else otherwise


def let_in(request: HttpRequest, officer: Officer, shown: str, *, typed: bool = False) -> None:
    """Begin the officer's session, with the factor that was `shown`, and whether the password was `typed` just now.

    Refuses when it cannot be kept, because the next page would not know them.
    """
    now = clock.of_machine()
    try:
        with storage.durable():
            request.session.pop(PENDING, None)
            carried.at_the_door(request, officer)
            auth.login(request, officer, settings.AUTHENTICATION_BACKENDS[0])
            request.session.update({SINCE: now, DONE: now, SHOWN: shown, AGAIN: now if typed else 0})
            request.session.save()
            signing_in.entered(officer=officer, address=address_of(request))
    except Refusal:
        request.user, request.session = AnonymousUser(), type(request.session)()
        raise


def start_of(request: HttpRequest) -> str:
    """Where whoever just came in goes first."""
    return frame.first_place(str(getattr(request.user, "role", "")))


def wait_for_second(request: HttpRequest, officer: Officer, target: str) -> None:
    """The password was right; the second factor is still to be shown."""
    request.session[PENDING] = [officer.pk, clock.of_machine(), target]


def waiting(request: HttpRequest) -> tuple[Officer, str] | None:
    """Whose second factor is waited for, and where they want to go; nobody after five minutes."""
    kept = request.session.get(PENDING)
    if not kept or clock.of_machine() - kept[1] > SECOND_WITHIN:
        return None
    officer = Officer.objects.filter(pk=kept[0], is_active=True).first()
    return (officer, str(kept[2])) if officer else None


def is_sure(request: HttpRequest) -> bool:
    """Whether the password was typed lately enough to change how the officer signs in."""
    return clock.of_machine() - int(request.session.get(AGAIN, 0)) <= AGAIN_WITHIN


def now_sure(request: HttpRequest) -> None:
    """The password was typed just now."""
    request.session[AGAIN] = clock.of_machine()


def answer_of(request: HttpRequest) -> tuple[Any, Mapping[str, Any]]:
    """What was asked of a passkey, which is good once, and what it answered."""
    asked = request.session.pop(ASKED, None)
    try:
        answer = json.loads(request.POST.get("answer", ""))
    except ValueError as error:
        raise Refusal("signin.wrong-passkey") from error
    if asked is None or not isinstance(answer, dict):
        raise Refusal("signin.wrong-passkey")
    return asked, answer


def signin_address(target: str) -> str:
    """The door, with where to go from it."""
    from urllib.parse import urlencode

    return f"{reverse('accounts:signin')}?{urlencode({'next': target})}"
