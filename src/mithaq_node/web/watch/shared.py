"""Answers that every officer gets alike are made once: two hundred open pages ask at one moment for the same change.

Whatever an answer depends on must stand in its key; the cursor does, so nothing is older than it.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

_MOST = 128
"""Answers that are kept, of some kilobytes each."""


class Shared:
    """The answers of the last moments, by what they depend on."""

    def __init__(self) -> None:
        self._made: OrderedDict[Hashable, str] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], str]) -> str:
        """The answer for `key`, made when nobody has asked for it yet."""
        with self._lock:
            found = self._made.get(key)
            if found is not None:
                self._made.move_to_end(key)
                return found
        made = make()
        with self._lock:
            self._made[key] = made
            while len(self._made) > _MOST:
                self._made.popitem(last=False)
        return made
