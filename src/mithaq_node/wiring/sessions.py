"""Sessions in the database, of which a full disk takes no more than the last change, and never an answer."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.middleware import SessionMiddleware
from django.db.utils import OperationalError
from django.http import HttpRequest, HttpResponse

from mithaq_node.services import storage


class SessionStore(db.SessionStore):
    """Django's, but a database that cannot write is not taken for a session that somebody ended."""

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
