"""Who may go where. Every page of the desk names the roles that go there; everybody else is told so."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from mithaq.errors import Refusal
from mithaq_files.refusals import sentence
from mithaq_node.store.models import Officer, Role
from mithaq_node.web import cursor, preferences

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

READERS = frozenset({Role.DUTY, Role.RELEASING, Role.SECRETARIAT, Role.AUDITOR})
EXPORTERS = frozenset({Role.SECRETARIAT, Role.AUDITOR})
WRITERS = frozenset({Role.DUTY, Role.RELEASING, Role.SECRETARIAT})


def roles(allowed: frozenset[Role]) -> Callable[[View[P]], View[P]]:
    """A view for signed-in officers of these roles; a refusal that it raises becomes a page that says why."""

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if officer_of(request).role not in allowed:
                return refused(request, Refusal("desk.not-your-place"), status=403)
            cursor.read(request)
            try:
                return view(request, *args, **kwargs)
            except Refusal as refusal:
                return refused(request, refusal, status=_status(refusal))

        return cast(View[P], never_cache(guarded))

    return guard


def officer_of(request: HttpRequest) -> Officer:
    """The officer who is signed in."""
    user = request.user
    if not isinstance(user, Officer):
        raise Refusal("desk.not-your-place")
    return user


def refused(request: HttpRequest, refusal: Refusal, status: int = 400) -> HttpResponse:
    """The page that says what was refused and why; it stands also where the node's instrument cannot be read."""
    said = sentence(refusal, preferences.of(request).language)
    return render(
        request, "desk/refused.html", {"said": said, "code": refusal.code, "missing": status == 404}, status=status
    )


_NOT_THERE = frozenset(
    {"desk.not-held", "desk.no-incident", "desk.no-notice", "desk.unknown-party", "draft.unknown", "log.unknown"}
)


def _status(refusal: Refusal) -> int:
    return 404 if refusal.code in _NOT_THERE or refusal.code.startswith("number.") else 400
