"""The loop that runs the node's own alarm: at once when something new rings, and again every minute while it does."""

import logging
import threading
from collections.abc import Callable, Sequence

from django.db import close_old_connections

from mithaq.errors import Refusal

LOOK = 2.0
AGAIN = 60.0

log = logging.getLogger("mithaq.alarm")


class Alarm(threading.Thread):
    """Asks `ringing` for the numbers that ring and hands them to `sound`."""

    def __init__(self, ringing: Callable[[], Sequence[str]], sound: Callable[[Sequence[str]], None]) -> None:
        super().__init__(name="alarm", daemon=True)
        self._ringing, self._sound = ringing, sound
        self._stopped = threading.Event()

    def stop(self) -> None:
        """End the loop."""
        self._stopped.set()

    def run(self) -> None:
        """Look until stopped; what fails is said in the log and tried again."""
        told: frozenset[str] = frozenset()
        waited = 0.0
        while not self._stopped.wait(LOOK):
            waited += LOOK
            try:
                numbers = tuple(self._ringing())
                if numbers and (not told.issuperset(numbers) or waited >= AGAIN):
                    waited, told = 0.0, frozenset(numbers)
                    self._sound(numbers)
            except Refusal as refusal:
                log.error("%s", refusal)
            except Exception:
                log.exception("alarm")
            finally:
                close_old_connections()
