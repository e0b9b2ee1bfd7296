"""The cursor of a page: what an open page compares with, to learn that something on it may have changed."""

from dataclasses import dataclass
from typing import cast

from django.http import HttpRequest

from mithaq.moments import Moment
from mithaq_node.queries import rolls
from mithaq_node.services import clock

_READ = "mithaq.cursor"


@dataclass(frozen=True, slots=True)
class Cursor:
    """A few bytes that change when something on a page may have, and the moment at which they were read."""

    value: str
    at: Moment


def read(request: HttpRequest) -> Cursor:
    """The cursor as this request first read it; it keeps it.

    Whoever shows the record reads it before anything else: a page that named a cursor younger than what stands on it
    would wait for a change that it has already missed.
    """
    if _READ not in request.META:
        now = clock.now()
        # The minute is in it, because clocks run.
        request.META[_READ] = Cursor(f"{rolls.cursor()}-{now.seconds // 60}", now)
    return cast(Cursor, request.META[_READ])
