"""One loop an observer's witness: show it a new head soon after it is made, and look once a minute at what it holds."""

import http.client
import logging
import threading
from collections.abc import Callable

from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq_node.services import witnessing
from mithaq_node.services.holdings import Holdings
from mithaq_node.services.seat import Seat
from mithaq_node.services.witnessing import Calls

LOOK = 60.0
_AFTER_NEWS = 2.0
"""Seconds that news wait for more of it, so that a busy hour does not ask for a cosignature of every leaf."""
_AFTER_FAILURE = 15.0

log = logging.getLogger("mithaq.witness")


class Watching(threading.Thread):
    """The loop to one witness. `wake` says that there is something new, `stop` ends it after the step it is in."""

    def __init__(self, seat: Seat, observer: str, calls: Calls, now: Callable[[], Moment]) -> None:
        super().__init__(name=f"witness-{observer}", daemon=True)
        self._seat, self._observer, self._calls, self._now = seat, observer, calls, now
        self._woken, self._stopped = threading.Event(), threading.Event()

    def wake(self) -> None:
        """There is something new."""
        self._woken.set()

    def stop(self) -> None:
        """End the loop."""
        self._stopped.set()
        self._woken.set()

    def run(self) -> None:
        """Step, and wait for news, a minute or the pause after a failure, until stopped."""
        failing = ""
        while not self._stopped.is_set():
            self._woken.clear()
            said = self._step()
            if said != failing:
                log.warning("%s: %s", self._observer, said or "reached again")
            failing = said
            if failing:
                self._stopped.wait(_AFTER_FAILURE)
            elif self._woken.wait(LOOK):
                self._stopped.wait(_AFTER_NEWS)

    def _step(self) -> str:
        """One step with holdings of its own; why it failed, or nothing."""
        try:
            holdings = Holdings(self._seat)
            try:
                witnessing.step(holdings, self._observer, self._calls, self._now())
            finally:
                holdings.close()
        except Refusal as refusal:
            return str(refusal)
        except (OSError, http.client.HTTPException) as error:
            return f"not reached: {error}"
        except Exception:
            log.exception("%s", self._observer)
            return "failed"
        return ""
