"""The loop that runs the node's own alarm: at once when something new rings or the next authority is to be called, and
again every minute while anything rings."""

import logging
import threading
from collections.abc import Callable, Sequence

from django.db import close_old_connections

from mithaq.errors import Refusal
from mithaq_node.services.alarming import Call

LOOK = 2.0
AGAIN = 60.0

log = logging.getLogger("mithaq.alarm")


class Alarm(threading.Thread):
    """Asks `ringing` for what rings, and how far each has escalated, and hands it to `sound`."""

    def __init__(self, ringing: Callable[[], Sequence[Call]], sound: Callable[[Sequence[Call]], None]) -> None:
        super().__init__(name="alarm", daemon=True)
        self._ringing, self._sound = ringing, sound
        self._stopped = threading.Event()

    def stop(self) -> None:
        """End the loop."""
        self._stopped.set()

    def run(self) -> None:
        """Look until stopped; what fails is said in the log and tried again."""
        told: frozenset[Call] = frozenset()
        waited = 0.0
        while not self._stopped.wait(LOOK):
            waited += LOOK
            try:
                calls = tuple(self._ringing())
                if calls and (not told.issuperset(calls) or waited >= AGAIN):
                    waited, told = 0.0, frozenset(calls)
                    self._sound(calls)
            except Refusal as refusal:
                log.error("%s", refusal)
            except Exception:
                log.exception("alarm")
            finally:
                close_old_connections()
