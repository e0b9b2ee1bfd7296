"""What is done once a day: this party states its digest at the common cut, and erases what is at the end of its term.

A day is the civil day of an offset from UTC that the law gives; the services know whether there is anything to do.
"""

import logging
import threading
from collections.abc import Callable

from django.db import close_old_connections

from mithaq.errors import Refusal
from mithaq.moments import DAY, MINUTE, Moment

_LOOK = 60.0

log = logging.getLogger("mithaq.daily")

Deed = Callable[[Moment], object]


class Daily(threading.Thread):
    """Does `deed` when a new day has begun; one that failed is tried again every minute.

    `offset` is in minutes east of UTC. With `first` it is done at the start too, before the first day ends.
    """

    def __init__(
        self, name: str, deed: Deed, now: Callable[[], Moment], offset: int = 0, first: Deed | None = None
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._deed, self._now, self._offset, self._first = deed, now, offset, first
        self._stopped = threading.Event()

    def stop(self) -> None:
        """End the loop."""
        self._stopped.set()

    def run(self) -> None:
        """Look once a minute whether the day has changed."""
        day = self._day()
        pending = self._first
        while True:
            if pending is not None and self._done(pending):
                pending = None
            if self._stopped.wait(_LOOK):
                return
            if self._day() > day:
                day, pending = self._day(), self._deed

    def _day(self) -> int:
        return (self._now().seconds + self._offset * MINUTE) // DAY

    def _done(self, deed: Deed) -> bool:
        try:
            deed(self._now())
        except Refusal as refusal:
            log.warning("%s: %s", self.name, refusal)
            return False
        except Exception:
            log.exception("%s", self.name)
            return False
        finally:
            close_old_connections()
        return True
