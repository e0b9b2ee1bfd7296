"""Who may go where. Every page of the desk names the roles that go there; everybody else is told so.

Whoever is shut out is out at once: at the next request, because the session is gone, and in the middle of an answer
that still streams, because it is asked again and again whether the session stands.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from asgiref.sync import sync_to_async
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from mithaq.errors import Refusal
from mithaq_files.refusals import sentence
from mithaq_node.services import signing_in
from mithaq_node.services.roles import AUDITORS, EVERYBODY, EXPORTERS, ONLOOKERS, READERS, WRITERS
from mithaq_node.store.models import Officer, Role
from mithaq_node.web import cursor, preferences
from mithaq_node.web.reader import reader_of

__all__ = [
    "AUDITORS",
    "EVERYBODY",
    "EXPORTERS",
    "ONLOOKERS",
    "READERS",
    "WRITERS",
    "is_by_itself",
    "must_set_up",
    "officer_of",
    "refused",
    "roles",
    "signed_in",
]

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

SINCE, DONE, SHOWN = "since", "done", "shown"
"""What a session keeps: the second of its sign-in, that of the last thing done, and the second factor shown then."""

LOOK_EVERY = 1.0
"""Seconds after which a streaming answer looks again whether its session stands."""


def roles(allowed: frozenset[Role]) -> Callable[[View[P]], View[P]]:
    """A view for signed-in officers of these roles; a refusal that it raises becomes a page that says why."""
    return _guard(allowed, unfinished=False)


def signed_in(view: View[P]) -> View[P]:
    """A view of an officer's own account, open before a second factor that the role needs is set up."""
    guard: Callable[[View[P]], View[P]] = _guard(EVERYBODY, unfinished=True)
    return guard(view)


def _guard(allowed: frozenset[Role], *, unfinished: bool) -> Callable[[View[P]], View[P]]:
    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if officer_of(request).role not in allowed:
                return refused(request, Refusal("desk.not-your-place"), status=403)
            if not unfinished and must_set_up(request):
                return HttpResponseRedirect(reverse("accounts:show"))
            cursor.read(request)
            try:
                return _while_signed_in(request, view(request, *args, **kwargs))
            except Refusal as refusal:
                return refused(request, refusal, status=_status(refusal))

        return cast(View[P], never_cache(guarded))

    return guard


def must_set_up(request: HttpRequest) -> bool:
    """Whether the officer's role needs a second factor, and none was shown: then only setting one up is open."""
    return signing_in.needs_factor(officer_of(request)) and not request.session.get(SHOWN)


def is_by_itself(request: HttpRequest) -> bool:
    """Whether an open page asked this by itself, so that nobody need be sitting before it."""
    return request.headers.get("HX-Request") == "true" or request.path == reverse("watch:cursor")


def officer_of(request: HttpRequest) -> Officer:
    """The officer who is signed in."""
    user = request.user
    if not isinstance(user, Officer):
        raise Refusal("desk.not-your-place")
    return user


def refused(request: HttpRequest, refusal: Refusal, status: int = 400) -> HttpResponse:
    """The page that says what was refused and why; it stands also where the node's instrument cannot be read."""
    try:
        said = reader_of(request).refusal(refusal)
    except Refusal:
        said = sentence(refusal, preferences.of(request).language)
    return render(
        request, "desk/refused.html", {"said": said, "code": refusal.code, "missing": status == 404}, status=status
    )


def _while_signed_in(request: HttpRequest, answer: HttpResponseBase) -> HttpResponseBase:
    if isinstance(answer, StreamingHttpResponse):
        key = request.session.session_key or ""
        if answer.is_async:
            answer.streaming_content = _told_while_signed_in(cast(AsyncIterator[bytes], answer.streaming_content), key)
        else:
            answer.streaming_content = _given_while_signed_in(cast(Iterator[bytes], answer.streaming_content), key)
    return answer


def _given_while_signed_in(chunks: Iterator[bytes], session: str) -> Iterator[bytes]:
    """A file as it is read. It is broken off, not ended: half an archive must not look whole."""
    looked = time.monotonic()
    for chunk in chunks:
        if time.monotonic() - looked >= LOOK_EVERY:
            looked = time.monotonic()
            if not signing_in.stands(session):
                raise ConnectionAbortedError("the session has ended")
        yield chunk


async def _told_while_signed_in(events: AsyncIterator[bytes], session: str) -> AsyncIterator[bytes]:
    """Events as they come, and as long as none comes: a stream in which nothing happens ends too."""
    stands = sync_to_async(signing_in.stands)
    following = asyncio.ensure_future(anext(events, None))
    looked = time.monotonic()
    try:
        while True:
            await asyncio.wait({following}, timeout=LOOK_EVERY)
            if time.monotonic() - looked >= LOOK_EVERY:
                looked = time.monotonic()
                if not await stands(session):
                    return
            if following.done():
                event = following.result()
                if event is None:
                    return
                yield event
                following = asyncio.ensure_future(anext(events, None))
    finally:
        following.cancel()


_NOT_THERE = frozenset(
    {
        "crossing.unknown",
        "activity.no-plan",
        "desk.not-held",
        "desk.no-incident",
        "desk.no-notice",
        "corridor.unknown",
        "desk.unknown-party",
        "draft.unknown",
        "log.unknown",
        "shift.unknown",
        "watchlog.unknown",
        "picture.not-there",
        "template.unknown",
    }
)


def _status(refusal: Refusal) -> int:
    return 404 if refusal.code in _NOT_THERE or refusal.code.startswith("number.") else 400
