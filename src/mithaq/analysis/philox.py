"""Draws that are the same on every machine: raw words of Philox, and nothing but whole numbers made of them.

Philox4x64-10 (Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3") is a function of a
key and a counter. The key is (seed, stream): every replicate of a simulation has a stream of its own, so that it is the
same whichever were drawn before it. Only the words themselves are taken from numpy, which promises them; what numpy
makes of them (its `Generator`) may change between its versions and is not used.
"""

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
Integers = npt.NDArray[np.int64]

POINT_BITS = 52
"""A point is drawn among 2**52: as many as the whole numbers that a threshold in `points` can be."""

_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)


class Stream:
    """The words of one seed and one stream, each handed out once. Both lie from 0 to 2**64 - 1."""

    def __init__(self, seed: int, stream: int) -> None:
        self._philox = np.random.Philox(key=seed | stream << 64)

    def words(self, count: int) -> Words:
        """The next `count` words of 64 bits."""
        return np.asarray(self._philox.random_raw(count), dtype=np.uint64)

    def below(self, bound: int, count: int) -> Integers:
        """`count` whole numbers from 0 to `bound` - 1, for a bound below 2**32: the upper half of word times bound.

        No number is likelier than another by more than one part in 2**32.
        """
        words, times = self.words(count), np.uint64(bound)
        lower = ((words & _LOW) * times) >> _HALF
        return (((words >> _HALF) * times + lower) >> _HALF).astype(np.int64)

    def points(self, thresholds: Integers, count: int) -> Integers:
        """`count` indexes, each with the chance that its threshold lies above the one before it, of 2**52."""
        drawn = (self.words(count) >> np.uint64(64 - POINT_BITS)).astype(np.int64)
        return np.searchsorted(thresholds, drawn, side="right").astype(np.int64)

    def distinct(self, bound: int, count: int) -> Integers:
        """`count` different whole numbers below `bound`, in the order in which they were drawn; all orders alike.

        Few of many are drawn one by one and repetitions passed over; of most, all are put in order by a word each.
        """
        if 2 * count > bound:
            return np.argsort(self.words(bound), kind="stable")[:count]
        seen = np.full(bound, -1, dtype=np.int64)
        drawn = np.empty(0, dtype=np.int64)
        while len(drawn) < count:
            wanted = count - len(drawn)
            more = self.below(bound, wanted + wanted * count // bound + 16)
            drawn = _first_of_each(np.concatenate((drawn, more)), seen)
        return drawn[:count]


def _first_of_each(drawn: Integers, seen: Integers) -> Integers:
    """The numbers without their repetitions; `seen` is scratch, as long as the numbers reach."""
    order = np.arange(len(drawn))
    seen[drawn[::-1]] = order[::-1]  # of equal indexes the last one written stands: the first drawn
    kept: Integers = drawn[seen[drawn] == order]
    return kept
