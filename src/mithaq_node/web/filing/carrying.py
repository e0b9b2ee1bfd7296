"""Forms of filing whose words outlive a session that ended while they were typed."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect, QueryDict

from mithaq_node.web import carried

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

FORGET = "forget"
"""What the button sends that throws away what waits."""


def carrying(view: View[P]) -> View[P]:
    """A form of the desk, guarded already: what it is sent without a session waits until its officer is there again."""

    @wraps(view)
    def shown(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        if not request.user.is_authenticated:
            carried.keep(request)
            return redirect_to_login(request.get_full_path())
        carried.forget(request)
        if request.POST.get("then") == FORGET:
            return HttpResponseRedirect(request.get_full_path())
        return view(request, *args, **kwargs)

    return cast(View[P], shown)


def sent(request: HttpRequest) -> QueryDict:
    """What was typed into the form that a page shows: just sent, or sent before its officer signed in; else nothing."""
    return request.POST if request.method == "POST" else carried.of(request) or QueryDict()
