"""One report more: what it changes, found without doing everything again.

The model is held fixed. A report that arrives is compared with those that stand within its reach; the pairs that play a
part join the candidates; and what hangs together with it, or with those it competes with, is associated anew. The
outcome is what `apply` would give for all reports, to the byte: sums are taken in the same order there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mithaq.analysis.fixed import Floats, Integers
from mithaq.analysis.matching.association import LEAST_LOOK, assigned, beside, propagated
from mithaq.analysis.matching.candidates import SPAN, within
from mithaq.analysis.matching.levels import levels_of
from mithaq.analysis.matching.model import LEAST_RATIO, Model
from mithaq.analysis.matching.proposals import ASK, Match, Matching, explained
from mithaq.analysis.matching.reports import Report, Reports, check
from mithaq.errors import Refusal

Node = tuple[int, int]
"""A party (0 the left, 1 the right) and the number of its report, in the order in which they came to stand here."""

_FARTHEST = int(SPAN.max())


@dataclass(frozen=True)
class Change:
    """What one report changed: the reports that were associated anew, by id, and all proposals among them now.

    Proposals that stood for any of these reports before are no longer there, unless they are among `matches`.
    """

    left: frozenset[str]
    right: frozenset[str]
    matches: Sequence[Match]
    again: Sequence[Match]
    """Second writings, as in `Matching`."""


class Standing:
    """The reports of two parties as they stand, and the pairs among them that play a part."""

    def __init__(self, found: Matching) -> None:
        """Begins with the outcome of `apply`; its model is kept. Refuses (`match.no-model`) where there is none."""
        if found.model is None:
            raise Refusal("match.no-model")
        self._model: Model = found.model
        self._sides = (_Side(found.left), _Side(found.right))
        self._edges = (
            _Edges(found.scored.left, found.scored.right, found.scored.ratios),
            _Edges(found.scored.right, found.scored.left, found.scored.ratios),
        )

    def arrive(self, party: int, report: Report) -> Change:
        """Takes a report of the left (0) or the right party (1), and says what it changed.

        Refuses what `check` refuses, and an id that stands already (`match.repeated`).
        """
        check(report)
        side, other = self._sides[party], self._sides[1 - party]
        if report.id in side.numbers:
            raise Refusal("match.repeated", id=report.id)
        self._model = self._model.knowing(report.category)
        one = _alone(report, self._model)
        near, numbers = other.near(report.moment)
        node = (party, side.take(one))
        scored = self._scored(party, one, near, numbers)
        neighbours = [(1 - party, number) for number, _ in scored]
        beyond = {each for neighbour in neighbours for each, _ in self._pairs(neighbour)}
        for number, ratio in scored:
            self._edges[party].add(node[1], number, ratio)
            self._edges[1 - party].add(number, node[1], ratio)
        return self._anew([node, *neighbours, *sorted(beyond)])

    def _scored(self, party: int, one: Reports, near: Reports, numbers: Integers) -> list[tuple[int, float]]:
        rows, first = np.arange(len(near)), np.zeros(len(near), dtype=np.int64)
        left, right = (one, near) if party == 0 else (near, one)
        i, j = (first, rows) if party == 0 else (rows, first)
        found, kept = within(left, i, right, j)
        levels = levels_of(found, left, right, self._model.tree)
        ratios = self._model.ratios(levels, self._model.around(left, right))
        play = np.flatnonzero(ratios >= LEAST_RATIO)
        return list(zip(numbers[kept[play]].tolist(), ratios[play].tolist(), strict=True))

    def _pairs(self, node: Node) -> list[tuple[Node, float]]:
        """All pairs of a report that play a part, in the order of the other party's reports."""
        party, number = node
        order = self._sides[1 - party].order
        found = sorted(self._edges[party].of(number), key=lambda each: order(each[0]))
        return [((1 - party, other), ratio) for other, ratio in found]

    def _looked(self, node: Node) -> list[tuple[Node, float, float, bool]]:
        """All pairs of a report: the ratio, its worth as an alternative, and whether it is kept at the first look."""
        pairs = self._pairs(node)
        own = _sum(ratio for _, ratio in pairs)
        looked = []
        for other, ratio in pairs:
            its = _sum(ratio for _, ratio in self._pairs(other))
            sums = (own, its) if node[0] == 0 else (its, own)
            kept = ratio / (1.0 + sums[0] + sums[1] - ratio) >= LEAST_LOOK
            looked.append((other, ratio, ratio / (1.0 + its - ratio), kept))
        return looked

    def _anew(self, start: Iterable[Node]) -> Change:
        """Associates the components of these reports."""
        queue = list(dict.fromkeys(start))
        seen = set(queue)
        edges: dict[tuple[int, int], float] = {}
        outside: dict[Node, float] = {}
        for node in queue:
            looked = self._looked(node)
            outside[node] = 1.0 + _sum(worth for _, _, worth, kept in looked if not kept)
            for other, ratio, _, kept in looked:
                if kept:
                    edges[(node[1], other[1]) if node[0] == 0 else (other[1], node[1])] = ratio
                    if other not in seen:
                        seen.add(other)
                        queue.append(other)
        sides = [self._sides[party].ordered(number for each, number in seen if each == party) for party in (0, 1)]
        matches, again = self._matched(sides, edges, outside)
        return Change(frozenset(sides[0][0].ids), frozenset(sides[1][0].ids), matches, again)

    def _matched(
        self,
        sides: Sequence[tuple[Reports, list[int]]],
        edges: dict[tuple[int, int], float],
        outside: dict[Node, float],
    ) -> tuple[Sequence[Match], Sequence[Match]]:
        rows = [{number: row for row, number in enumerate(numbers)} for _, numbers in sides]
        ordered = sorted((rows[0][a], rows[1][b], ratio) for (a, b), ratio in edges.items())
        left, right = (np.array([each[at] for each in ordered], dtype=np.int64) for at in (0, 1))
        ratios: Floats = np.array([each[2] for each in ordered], dtype=np.float64)
        none = [np.array([outside[party, number] for number in sides[party][1]], dtype=np.float64) for party in (0, 1)]
        reports = sides[0][0], sides[1][0]
        rivals = self._model.rivals(propagated(left, right, ratios, none[0], none[1]), *reports)
        found = self._model.posteriors(rivals)
        chosen = assigned(zip(left.tolist(), right.tolist(), found.tolist(), strict=True), ASK - 1)
        seconds = beside(chosen, left, right, found, ASK - 1)
        tree = self._model.tree
        return explained(chosen, *reports, tree), explained(seconds, *reports, tree)


def _sum(values: Iterable[float]) -> float:
    """Added one by one, as `fixed.totals` does: the built-in sum compensates, since Python 3.12."""
    found = 0.0
    for value in values:
        found += value
    return found


class _Side:
    """One party's reports: those that stood at the beginning, in order, and those that came since."""

    def __init__(self, reports: Reports) -> None:
        self._first = reports
        self._since: list[Reports] = []
        self._moments: list[int] = []
        self.numbers = {name: number for number, name in enumerate(reports.ids)}

    def take(self, one: Reports) -> int:
        number = len(self._first) + len(self._since)
        self.numbers[one.ids[0]] = number
        self._since.append(one)
        self._moments.append(int(one.moment[0]))
        return number

    def order(self, number: int) -> tuple[int, str]:
        """Where a report stands among all of its party."""
        if number < len(self._first):
            return int(self._first.moment[number]), self._first.ids[number]
        one = self._since[number - len(self._first)]
        return int(one.moment[0]), one.ids[0]

    def near(self, moment: int) -> tuple[Reports, Integers]:
        """All that can be within reach of a report of this moment, and their numbers."""
        start, end = np.searchsorted(self._first.moment, [moment - _FARTHEST, moment + _FARTHEST + 1])
        since = [at for at, each in enumerate(self._moments) if abs(each - moment) <= _FARTHEST]
        numbers = np.concatenate([np.arange(start, end), np.array(since, dtype=np.int64) + len(self._first)])
        return self._taken(numbers), numbers

    def ordered(self, numbers: Iterable[int]) -> tuple[Reports, list[int]]:
        """These reports in the order of moments and ids, and their numbers."""
        reports = self._taken(np.array(sorted(numbers), dtype=np.int64))
        given = sorted(range(len(reports)), key=lambda row: (int(reports.moment[row]), reports.ids[row]))
        taken = reports.taken(np.array(given, dtype=np.int64))
        return taken, [self.numbers[name] for name in taken.ids]

    def _taken(self, numbers: Integers) -> Reports:
        early = numbers[numbers < len(self._first)]
        since = [self._since[number - len(self._first)] for number in numbers[len(early) :].tolist()]
        return _joined([self._first.taken(early), *since])


class _Edges:
    """The pairs that play a part, by the number of a report of one party."""

    def __init__(self, own: Integers, other: Integers, ratios: Floats) -> None:
        order = np.lexsort((other, own))
        self._own, self._other, self._ratios = own[order], other[order], ratios[order]
        self._since: dict[int, list[tuple[int, float]]] = {}

    def add(self, own: int, other: int, ratio: float) -> None:
        self._since.setdefault(own, []).append((other, ratio))

    def of(self, number: int) -> list[tuple[int, float]]:
        start, end = np.searchsorted(self._own, [number, number + 1])
        first = zip(self._other[start:end].tolist(), self._ratios[start:end].tolist(), strict=True)
        return [*first, *self._since.get(number, ())]


_COLUMNS = ("lon", "lat", "place", "moment", "time", "category", "severity", "count")


def _joined(parts: Sequence[Reports]) -> Reports:
    if len(parts) == 1:
        return parts[0]
    columns = {name: np.concatenate([getattr(each, name) for each in parts]) for name in _COLUMNS}
    return replace(parts[0], ids=[name for each in parts for name in each.ids], **columns)


def _alone(report: Report, model: Model) -> Reports:
    numbers = (
        report.lon, report.lat, report.place, report.moment, report.time,
        model.tree.leaves[report.category], report.severity, report.counted,
    )  # fmt: skip
    return Reports([report.id], *(np.array([each], dtype=np.int64) for each in numbers))
