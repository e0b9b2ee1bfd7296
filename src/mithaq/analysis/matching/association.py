"""Who belongs to whom: soft, as probabilities under "one partner or none", and hard, as the best whole assignment.

The probabilities are those of belief propagation on the bipartite graph of candidates (Williams and Lau 2014), which is
exact where candidates form no ring and converges always. The assignment is exact: it makes the sum of (posterior minus
floor) greatest in each connected component, by augmenting paths; "no partner" is worth nothing. Both take their terms
in the order of the reports, so they are the same bytes wherever they run, and a component does not feel the others.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from mithaq.analysis.fixed import Floats, Integers, totals

CERTAIN = 1_000_000
"""Posteriors are whole millionths."""
LEAST_LOOK = 0.02
_SWEEPS = 8
Edge = tuple[int, int, int]


@dataclass(frozen=True)
class Beliefs:
    """What is believed of the pairs that are kept at the first look.

    `share`: the probability that the two are of one incident, when each report has one partner or none. `left_else`,
    `right_else`: the weight of all that the one report may be beside this pair, having no partner being 1 and every
    other pair its whole ratio, whoever else competes for it.
    """

    left: Integers
    right: Integers
    share: Floats
    left_else: Floats
    right_else: Floats


def believed(left: Integers, right: Integers, ratios: Floats, lefts: int, rights: int) -> tuple[Beliefs, Integers]:
    """Beliefs in these pairs, and which of the given pairs they are of.

    At a first look, each pair has its share among all that both its reports might belong to. Pairs below `LEAST_LOOK`
    get nothing, but stay as an alternative of both their reports, less what the other report has beside it. So what
    hangs together is small, even where reports are dense, and one more report changes little.
    """
    of_left, of_right = totals(left, ratios, lefts)[left], totals(right, ratios, rights)[right]
    look = ratios / (1.0 + of_left + of_right - ratios)
    kept, dropped = np.flatnonzero(look >= LEAST_LOOK), np.flatnonzero(look < LEAST_LOOK)
    for_left = ratios[dropped] / (1.0 + of_right[dropped] - ratios[dropped])
    for_right = ratios[dropped] / (1.0 + of_left[dropped] - ratios[dropped])
    none_left = 1.0 + totals(left[dropped], for_left, lefts)
    none_right = 1.0 + totals(right[dropped], for_right, rights)
    return propagated(left[kept], right[kept], ratios[kept], none_left, none_right), kept


def posteriors(left: Integers, right: Integers, ratios: Floats, lefts: int, rights: int) -> Integers:
    """For each pair, in millionths, that the two are of one incident, when each report has one partner or none."""
    beliefs, kept = believed(left, right, ratios, lefts, rights)
    found = np.zeros(len(left), dtype=np.int64)
    found[kept] = in_millionths(beliefs.share)
    return found


def in_millionths(shares: Floats) -> Integers:
    """Probabilities as posteriors are written."""
    found: Integers = np.minimum(shares * CERTAIN + 0.5, CERTAIN).astype(np.int64)
    return found


def propagated(left: Integers, right: Integers, ratios: Floats, none_left: Floats, none_right: Floats) -> Beliefs:
    """Beliefs in pairs, each report also having alternatives of the given weight outside them."""
    lefts, rights = len(none_left), len(none_right)
    heard = 1.0 / none_right[right]
    for _ in range(_SWEEPS):
        said = ratios * heard
        told = ratios / (none_left[left] + totals(left, said, lefts)[left] - said)
        heard = 1.0 / (none_right[right] + totals(right, told, rights)[right] - told)
    said = ratios * heard
    share = said / (none_left[left] + totals(left, said, lefts)[left])
    left_else = none_left[left] + (totals(left, ratios, lefts)[left] - ratios)
    right_else = none_right[right] + (totals(right, ratios, rights)[right] - ratios)
    return Beliefs(left, right, share, left_else, right_else)


def chosen(left: Integers, right: Integers, found: Integers, floor: int, lefts: int, rights: int) -> list[Edge]:
    """`assigned` for many pairs in the order of their rows: what stands alone is chosen without a search."""
    rows = np.flatnonzero(found > floor)
    left, right, found = left[rows], right[rows], found[rows]
    alone = (np.bincount(left, minlength=lefts)[left] == 1) & (np.bincount(right, minlength=rights)[right] == 1)
    edges = list(zip(left.tolist(), right.tolist(), found.tolist(), strict=True))
    searched = set(assigned((edges[at] for at in np.flatnonzero(~alone).tolist()), floor))
    return [edge for edge, sure in zip(edges, alone.tolist(), strict=True) if sure or edge in searched]


def beside(pairs: Sequence[Edge], left: Integers, right: Integers, found: Integers, floor: int) -> list[Edge]:
    """Beside a one-to-one choice: pairs above `floor` of a report that is in it and one that is not. Of each that is
    not, the likeliest; of those that are equal, the first."""
    rows = np.flatnonzero(found > floor)
    free_left, free_right = (
        np.isin(rows_of, np.array([edge[side] for edge in pairs], dtype=np.int64), invert=True)
        for side, rows_of in enumerate((left[rows], right[rows]))
    )
    best: dict[tuple[bool, int], Edge] = {}
    for at in np.flatnonzero(free_left != free_right).tolist():
        edge = int(left[rows[at]]), int(right[rows[at]]), int(found[rows[at]])
        of_left = bool(free_left[at])
        known = best.setdefault((of_left, edge[0 if of_left else 1]), edge)
        if edge[2] > known[2]:
            best[of_left, edge[0 if of_left else 1]] = edge
    return sorted(best.values())


def assigned(edges: Iterable[Edge], floor: int) -> list[Edge]:
    """The one-to-one choice among (left, right, posterior) whose sum of posteriors above `floor` is greatest.

    Of choices that are worth the same, the one that is found first in the order of the edges; so give them in order.
    """
    offers: dict[int, list[Edge]] = {}
    for edge in edges:
        if edge[2] > floor:
            offers.setdefault(edge[0], []).append(edge)
    standing = _Standing(offers, floor)
    for row in sorted(offers):
        standing.enter(row)
    return sorted(standing.held.values())


class _Standing:
    """The best assignment of the left reports that have entered; each right report holds one edge at most.

    One more left report changes it along one alternating path (Kuhn 1955, Munkres 1957): the best one is found by
    relaxation, and ends at a right report that is free, or at a left report that does without.
    """

    def __init__(self, offers: dict[int, list[Edge]], floor: int) -> None:
        self._offers, self._floor = offers, floor
        self.held: dict[int, Edge] = {}
        self._columns: dict[int, int] = {}

    def enter(self, row: int) -> None:
        worth, came = self._reached(row)
        end, gain = None, 0
        for column in sorted(worth):
            kept = worth[column] - (self.held[column][2] - self._floor if column in self.held else 0)
            if kept > gain:
                end, gain = column, kept
        path: list[tuple[int, Edge]] = []
        while end is not None:
            path.append((end, came[end]))
            end = self._columns.get(came[end][0])
        for column, edge in path:
            dropped = self.held.get(column)
            if dropped is not None and self._columns.get(dropped[0]) == column:
                del self._columns[dropped[0]]
            self.held[column], self._columns[edge[0]] = edge, column

    def _reached(self, row: int) -> tuple[dict[int, int], dict[int, Edge]]:
        """For each right report that an alternating path from `row` reaches: the path's worth and its last edge."""
        worth: dict[int, int] = {}
        came: dict[int, Edge] = {}
        queue = [(row, 0)]
        for current, gain in queue:
            for edge in self._offers[current]:
                found = gain + edge[2] - self._floor
                if found > worth.get(edge[1], -CERTAIN * 2):
                    worth[edge[1]], came[edge[1]] = found, edge
                    held = self.held.get(edge[1])
                    if held is not None and held[0] != current:
                        queue.append((held[0], found - (held[2] - self._floor)))
        return worth, came
