"""Signatures of a whole delivery, verified on every core.

The library lets go of the interpreter's lock for each verification, fifty microseconds, so threads share them out
well as long as nobody holds the lock for longer: the calling thread takes its share and does nothing else meanwhile.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from mithaq.notices.signatures import Claim, one_by_one

_WORTH_SHARING = 32
"""Fewer are verified sooner than other threads are awake."""
_MOST = 8
"""Threads: what more would gain is lost in handing out."""


def cores() -> int:
    """The cores that this process may use, where it can be said which, and no more than are of use."""
    given = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(given, _MOST)


_CORES = cores()


def on_every_core(claims: Sequence[Claim]) -> list[bool]:
    """Whether each claim is true, in their order."""
    if _CORES == 1 or len(claims) < _WORTH_SHARING:
        return one_by_one(claims)
    share = -(-len(claims) // _CORES)
    mine, *others = (claims[start : start + share] for start in range(0, len(claims), share))
    waiting = [_others().submit(one_by_one, each) for each in others]
    found = one_by_one(mine)
    for each in waiting:
        found += each.result()
    return found


@cache
def _others() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_CORES - 1, "verifying")
