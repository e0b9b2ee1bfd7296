"""Sessions in the database, of which a full disk takes no more than the last change, and never an answer.

A session knows its officer, so that all of them end when the officer is shut out. It ends by itself in two ways: a
whole shift after the sign-in, whatever is done meanwhile, and after the node's `idle_minutes` without anything done.
What an open page asks by itself is nothing done.
"""

import contextlib
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import auth
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.middleware import SessionMiddleware
from django.db.utils import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from mithaq_node.services import clock, storage
from mithaq_node.store.models import Session
from mithaq_node.web import entrance, public

_GRAIN = 60
"""Seconds between two notes in a session that something was done, so that not every page writes."""


class SessionStore(db.SessionStore):
    """Django's, but it knows the officer, and a database that cannot write is not taken for a session that somebody
    ended."""

    @classmethod
    def get_model_class(cls) -> type[AbstractBaseSession]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        made = super().create_model_instance(data)
        assert isinstance(made, Session)
        officer = data.get(auth.SESSION_KEY)
        made.officer_id = int(officer) if officer else None
        return made

    def save(self, must_create: bool = False) -> None:
        try:
            super().save(must_create)
            return
        except UpdateError as error:
            failure = error.__context__
            if not isinstance(failure, OperationalError):
                raise
        raise failure


class Sessions(SessionMiddleware):
    """What was done stays done, and is answered, though what the session should have kept is not kept."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        try:
            return super().process_response(request, response)
        except storage.DATABASE:
            return response


def over(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware that ends a session which is idle or as old as a shift, before anything is shown to it."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(
            public.SESSIONLESS
        ):  # asks for no session, so that an answer is one for everybody
            return get_response(request)
        # A database that does not answer here does not answer the view either, which says so.
        with contextlib.suppress(*storage.DATABASE):
            _end_when_over(request)
        return get_response(request)

    return answer


def _end_when_over(request: HttpRequest) -> None:
    if not request.user.is_authenticated:
        return
    now = clock.of_machine()
    since = request.session.setdefault(entrance.SINCE, now)
    done = request.session.setdefault(entrance.DONE, now)
    if now - since >= settings.SESSION_COOKIE_AGE or now - done >= settings.NODE.idle_minutes * 60:
        auth.logout(request)
    elif now - done >= _GRAIN and not entrance.is_by_itself(request):
        request.session[entrance.DONE] = now
