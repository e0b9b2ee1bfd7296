"""Once a day this party states its digest at the common cut (`mithaq_node.services.agreement`)."""

import logging
import threading
from collections.abc import Callable

from django.db import close_old_connections

from mithaq.errors import Refusal
from mithaq.moments import DAY, Moment
from mithaq_node.services import agreement

_LOOK = 60.0

log = logging.getLogger("mithaq.agree")


class Agreement(threading.Thread):
    """Publishes when a new UTC day has begun; the service knows whether there is anything to say."""

    def __init__(self, now: Callable[[], Moment]) -> None:
        super().__init__(name="agree", daemon=True)
        self._now, self._stopped = now, threading.Event()

    def stop(self) -> None:
        """End the loop."""
        self._stopped.set()

    def run(self) -> None:
        """Look once a minute whether the day has changed."""
        day = self._now().seconds // DAY
        while not self._stopped.wait(_LOOK):
            today = self._now().seconds // DAY
            if today > day and self._publish():
                day = today

    def _publish(self) -> bool:
        try:
            agreement.publish(now=self._now())
        except Refusal as refusal:
            log.warning("no agreement was stated: %s", refusal)
            return False
        except Exception:
            log.exception("no agreement was stated")
            return False
        finally:
            close_old_connections()
        return True
