"""The loop that says in the log, once, that a disk is about to be full, and once that there is room again."""

import logging
import threading
from collections.abc import Callable, Mapping

LOOK = 60.0

log = logging.getLogger("mithaq.room")


class Room(threading.Thread):
    """Asks `short` for the places with little room and the bytes that are left there. The operator's own monitoring
    listens to lines of level `error` (docs/how-to/install-as-a-service.md)."""

    def __init__(self, short: Callable[[], Mapping[str, int]], look: float = LOOK) -> None:
        super().__init__(name="room", daemon=True)
        self._short, self._look = short, look
        self._stopped = threading.Event()

    def stop(self) -> None:
        """End the loop."""
        self._stopped.set()

    def run(self) -> None:
        """Look until stopped."""
        told: frozenset[str] = frozenset()
        while True:
            try:
                told = self._tell(told)
            except OSError as error:  # a disk that was taken away is told by what needs it
                log.warning("%s", error)
            if self._stopped.wait(self._look):
                return

    def _tell(self, told: frozenset[str]) -> frozenset[str]:
        short = self._short()
        for place in sorted(short.keys() - told):
            log.error("%s: %d MiB left", place, short[place] // 2**20)
        for place in sorted(told - short.keys()):
            log.warning("%s: there is room again", place)
        return frozenset(short)
