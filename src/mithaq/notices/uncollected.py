"""Work over many notices without the collector of cycles.

A fold makes millions of small values and drops none of them. Python's collector is called after every few hundred,
walks through all that were made so far again and again, and finds nothing: a third of the time of a long fold, and
after it half a second of somebody's page, now and then, at a hundred thousand notices. So it rests while a ledger
folds, and what a long fold has made it never walks through again. What of that is dropped later goes by its counts of
references; a ledger that drops entries which refer to each other takes them apart itself (`Ledger`).

A delivery of thousands of leaves, which is made or judged as a whole, is the same on a smaller scale, and is dropped as
soon as it is done.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_MANY = 500_000
"""New values that are worth to be left out for ever: those of some ten thousand notices."""


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
            if gc.get_count()[0] > _MANY:
                gc.freeze()
            gc.enable()
