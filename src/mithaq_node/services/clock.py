"""The one place where this node reads the time; everything below is handed a moment.

In a demonstration, and only there, the time of the story may run ahead of the machine's by the seconds in a file, so
that an hour's silence need not be waited for.
"""

import time
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from mithaq.errors import Refusal
from mithaq.moments import Moment


def now() -> Moment:
    """The present moment, in whole seconds."""
    return at(settings.NODE.demo_clock)


def of_machine() -> int:
    """Seconds of the machine's own clock since 1970: for what concerns the door and not the story, such as sessions."""
    return int(time.time())


def at(demo_clock: Path | None) -> Moment:
    """`now` before Django knows the node."""
    return Moment(int(time.time()) + ahead(demo_clock))


def ahead(file: Path | None) -> int:
    """Seconds by which a demonstration's time runs ahead; 0 where there is no such file."""
    if file is None:
        return 0
    try:
        return int(file.read_text(encoding="ascii"))
    except FileNotFoundError:
        return 0
    except ValueError as error:
        raise Refusal("settings.bad-value", name="demo_clock", value=str(file)) from error


def as_datetime(moment: Moment) -> datetime:
    """The form in which rows of the desk keep a moment."""
    return datetime.fromtimestamp(moment.seconds, UTC)
