"""What the desk answers when its database cannot write or is silent: a refusal with its code, never a bare 500."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import get_language

from mithaq_files.refusals import sentence
from mithaq_node.services import storage
from mithaq_node.store import failures
from mithaq_node.web import entrance

UNAVAILABLE = 503


class Refused:
    """Middleware that turns a failure of the storage in any view into the page of a refusal."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The refusal's page; its sentence alone where even the page needs what does not answer."""
        if not isinstance(exception, storage.DATABASE) and not failures.is_full(exception):
            return None
        refusal = storage.refused(exception)
        try:
            return entrance.refused(request, refusal, status=UNAVAILABLE)
        except storage.DATABASE:
            said = f"{sentence(refusal, get_language() or 'en')}\n{refusal.code}\n"
            return HttpResponse(said, content_type="text/plain; charset=utf-8", status=UNAVAILABLE)
