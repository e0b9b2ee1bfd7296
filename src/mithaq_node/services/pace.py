"""How often something may be asked for: one bucket for each that asks, in the memory of a process, bounded in size."""

import math
import threading
from collections import OrderedDict

_KEPT = 10_000


class Pace:
    """How much each key has had lately: a bucket of `at_once` that fills with `a_second` (requests, both)."""

    def __init__(self, a_second: float, at_once: int, kept: int = _KEPT) -> None:
        self._each, self._most, self._kept = 1 / a_second, at_once / a_second, kept
        self._paid_by: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str, now: float) -> int:
        """Whole seconds that `key` has to wait at `now` (seconds of any clock); 0 where this request is let through.

        What is refused is not counted. A clock that is set back makes nobody wait for longer than a full bucket, and of
        more keys than are kept the one that has not asked for longest is forgotten.
        """
        with self._lock:
            owed = min(max(self._paid_by.pop(key, 0.0) - now, 0.0), self._most)
            over = owed + self._each - self._most
            self._paid_by[key] = now + (owed if over > 0 else owed + self._each)
            while len(self._paid_by) > self._kept:
                self._paid_by.popitem(last=False)
        return math.ceil(over) if over > 0 else 0

    def __len__(self) -> int:
        return len(self._paid_by)
