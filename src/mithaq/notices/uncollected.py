"""Folding without the collector of cycles.

A fold makes millions of small values and drops none of them. Python's collector is called after every few hundred,
walks through all that were made so far again and again, and finds nothing: a third of the time of a long fold. What a
ledger does drop in cycles (threads that are folded from nothing again) is found after it.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """For as long as this lasts, nothing of the process is collected but what nobody refers to. Where threads do so at
    once, the end of one ends it for the others, which costs time and nothing else."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
