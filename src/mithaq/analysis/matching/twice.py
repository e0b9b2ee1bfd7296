"""Reports that a party wrote twice: two of its reports of one incident compete for one partner, and neither is wrong.

"One partner or none" shares the belief between the two, each getting half where both fit alike. So to the belief that
the other party's report belongs to this one comes the belief that it belongs to the second writing, times the chance
that this one is of the same incident as that. Two writings of one party are weighed as reports of two parties are, for
they differ as those do; how often a party writes again is learned.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mithaq.analysis.fixed import Floats, Integers, total, totals
from mithaq.analysis.matching.association import Beliefs
from mithaq.analysis.matching.candidates import Pairs, within
from mithaq.analysis.matching.reports import Reports

_ROUNDS = 4
_USUAL, _WORTH = 0.02, 30.0  # of a hundred incidents two are written twice, until more than thirty say otherwise
_LEAST_ALONE = 0.05
_LEAST_EXPECTED = 0.001

Again = tuple[float, float]
"""For the left and the right party: what turns a ratio of two of its reports into the odds that one is the other's
second writing, against its being a report that has no partner."""
Weighing = Callable[[Pairs, Reports], Floats]
"""How much likelier than "no partner" pairs of one party's reports would be, were they of two."""


class _Beside(NamedTuple):
    """Pairs, and pairs beside them that have the same report of the other party: the weight of one party's two."""

    pair: Integers
    beside: Integers
    ratio: Floats


@dataclass(frozen=True)
class Rivals:
    """Pairs that are believed in, and the reports of either party that compete there for one of the other's."""

    beliefs: Beliefs
    left: _Beside
    right: _Beside

    @staticmethod
    def of(beliefs: Beliefs, left: Reports, right: Reports, weighing: Weighing) -> "Rivals":
        """The rivals among the reports of the beliefs' rows."""
        return Rivals(
            beliefs,
            _beside(beliefs.right, beliefs.left, left, weighing),
            _beside(beliefs.left, beliefs.right, right, weighing),
        )

    def gained(self, again: Again) -> tuple[Floats, Floats]:
        """What each pair's belief gains by a second writing of its left report, and of its right one."""
        share, many = self.beliefs.share, len(self.beliefs.share)
        sides = ((self.left, self.beliefs.left_else, again[0]), (self.right, self.beliefs.right_else, again[1]))
        found = []
        for (pair, beside, ratio), otherwise, factor in sides:
            odds = ratio * factor
            found.append(totals(pair, share[beside] * (odds / (otherwise[pair] + odds)), many))
        return found[0], found[1]

    def believed(self, again: Again) -> Floats:
        """The probability of each pair that the two are of one incident, second writings included."""
        of_left, of_right = self.gained(again)
        return self.beliefs.share + of_left + of_right

    def learned(self, lefts: int, rights: int) -> Again:
        """How often parties with so many reports write again, by expectation and maximisation."""
        expected = total(self.beliefs.share)
        alone = [_odds_of_none(expected, many) for many in (rights, lefts)]
        again = (_USUAL * alone[0], _USUAL * alone[1])
        for _ in range(_ROUNDS):
            rates = [(total(each) + _USUAL * _WORTH) / (expected + _WORTH) for each in self.gained(again)]
            again = (rates[0] * alone[0], rates[1] * alone[1])
        return again


def _odds_of_none(expected: float, many: int) -> float:
    """For a party with so many reports, of which so many have a partner: having none against having one."""
    return max(many - expected, many * _LEAST_ALONE) / max(expected, _LEAST_EXPECTED)


def _beside(shared: Integers, own: Integers, side: Reports, weighing: Weighing) -> _Beside:
    """Of each two pairs that share a report, those whose own reports are within reach of each other."""
    pair, beside = _sharing(shared)
    near, kept = within(side, own[pair], side, own[beside])
    return _Beside(pair[kept], beside[kept], weighing(near, side))


def _sharing(keys: Integers) -> tuple[Integers, Integers]:
    """All rows of each two that have the same key, either way round, in the order of the rows."""
    order = np.argsort(keys, kind="stable")
    counts = np.bincount(keys)
    start, many = (np.cumsum(counts) - counts)[keys], counts[keys]
    first = np.repeat(np.arange(len(keys)), many)
    offset = np.arange(len(first)) - np.repeat(np.cumsum(many) - many, many)
    second = order[start[first] + offset]
    kept = np.flatnonzero(first != second)
    return first[kept], second[kept]
