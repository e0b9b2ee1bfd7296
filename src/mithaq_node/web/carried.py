"""What was typed into a form when its session had ended, carried through signing in.

The form itself says, signed by this node, who had it open. What such a form sends without a session waits in the new
session of that browser until the same officer has signed in there; then the form shows it as it was typed. Nothing of
it is read, judged or saved meanwhile, and whoever else signs in finds nothing. Files do not wait.
"""

from typing import Any

from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, QueryDict

from mithaq_node.services import clock
from mithaq_node.store.models import Officer

OPENED_BY = "opened_by"
"""The input of a form that says who has it open."""
KEPT_FOR = 1800
"""Seconds in which to sign in again."""
MOST = 256 * 1024
"""Bytes that wait; no form that can be filed has as many."""
_DAY = 24 * 3600
_CARRIED = "carried"
_NOT_CARRIED = ("csrfmiddlewaretoken", OPENED_BY, "then")
_SIGNER = TimestampSigner(salt="mithaq.carried")


def signed(officer: Officer) -> str:
    """What a form says of who has it open."""
    return _SIGNER.sign(str(officer.pk))


def keep(request: HttpRequest) -> None:
    """Let wait what a form sent without a session, when an officer had opened it within a day, and it is no more than
    a form can hold."""
    officer = _opened_by(request.POST.get(OPENED_BY, ""))
    if officer is None or request.resolver_match is None:
        return
    typed = request.POST.copy()
    for name in _NOT_CARRIED:
        typed.pop(name, None)
    said = typed.urlencode()
    if len(said) <= MOST:
        kept = {"officer": officer, "at": clock.of_machine(), "form": _form(request), "typed": said}
        request.session[_CARRIED] = {**kept, "files": bool(request.FILES)}
        request.session.set_expiry(KEPT_FOR)


def at_the_door(request: HttpRequest, officer: Officer) -> None:
    """`officer` has signed in: what waits for somebody else is gone, and the session is one as every other."""
    if _CARRIED in request.session:
        request.session.set_expiry(None)
        if request.session[_CARRIED]["officer"] != officer.pk:
            del request.session[_CARRIED]


def of(request: HttpRequest) -> QueryDict | None:
    """What waits for this officer at this form; None once it has been sent again, or after half an hour."""
    kept: dict[str, Any] | None = request.session.get(_CARRIED)
    if kept is None or kept["form"] != _form(request) or kept["officer"] != request.user.pk:
        return None
    return QueryDict(kept["typed"]) if clock.of_machine() - kept["at"] <= KEPT_FOR else None


def waits(request: HttpRequest) -> bool:
    """Whether something waits in this browser for whoever typed it; nothing of it is said."""
    return _CARRIED in request.session


def had_files(request: HttpRequest) -> bool:
    """Whether files were sent with what waits, which have to be chosen again."""
    return bool(request.session.get(_CARRIED, {}).get("files"))


def forget(request: HttpRequest) -> None:
    """The officer has sent the form again, or wants it empty."""
    request.session.pop(_CARRIED, None)


def _opened_by(said: str) -> int | None:
    try:
        return int(_SIGNER.unsign(said, max_age=_DAY))
    except BadSignature:
        return None


def _form(request: HttpRequest) -> list[Any]:
    """Which form, in whatever language its page is shown."""
    match = request.resolver_match
    return [match.view_name, dict(match.kwargs)] if match else []
