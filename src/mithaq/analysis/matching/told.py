"""What the parties have said of pairs: evidence that outweighs every likeness. Nothing else teaches a shared model.

A pair that both have confirmed is certain, and so is that neither report has another partner. A pair that one has
denied is no pair.
"""

from dataclasses import dataclass

import numpy as np

from mithaq.analysis.fixed import Floats, Integers
from mithaq.analysis.matching.reports import Reports

Bools = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
Ids = tuple[str, str]
"""The ids of a left and of a right report."""


@dataclass(frozen=True)
class Told:
    """The pairs that both parties have confirmed, and those that a party has denied."""

    confirmed: frozenset[Ids] = frozenset()
    denied: frozenset[Ids] = frozenset()

    def weighed(self, i: Integers, j: Integers, left: Reports, right: Reports, probability: Floats) -> Floats:
        """The probabilities of pairs (rows of both), with what was told in the place of what was reckoned."""
        partner = np.full(len(left), -1, dtype=np.int64)
        taken = np.zeros(len(right), dtype=bool)
        for first, second in _rows(self.confirmed, left, right):
            partner[first], taken[second] = second, True
        decided = (partner[i] >= 0) | taken[j]
        found: Floats = np.where(decided, np.where(partner[i] == j, 1.0, 0.0), probability)
        found[~self.open(i, j, left, right)] = 0.0
        return found

    def open(self, i: Integers, j: Integers, left: Reports, right: Reports) -> Bools:
        """Which pairs nobody has denied."""
        denied = [first * len(right) + second for first, second in _rows(self.denied, left, right)]
        return np.isin(i * len(right) + j, np.array(denied, dtype=np.int64), invert=True)

    @property
    def left_confirmed(self) -> frozenset[str]:
        """The left reports that have their partner."""
        return frozenset(first for first, _ in self.confirmed)

    @property
    def right_confirmed(self) -> frozenset[str]:
        """The right reports that have their partner."""
        return frozenset(second for _, second in self.confirmed)


NOTHING = Told()


def _rows(pairs: frozenset[Ids], left: Reports, right: Reports) -> list[tuple[int, int]]:
    """The rows of the pairs both of whose reports are here."""
    if not pairs:
        return []
    of_left = {name: row for row, name in enumerate(left.ids)}
    of_right = {name: row for row, name in enumerate(right.ids)}
    found = ((of_left.get(first), of_right.get(second)) for first, second in sorted(pairs))
    return [(first, second) for first, second in found if first is not None and second is not None]
