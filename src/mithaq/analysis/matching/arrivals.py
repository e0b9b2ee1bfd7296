"""One report more: what it changes, found without doing everything again.

The model is held fixed. A report that arrives is compared with those that stand within its reach; the pairs that play a
part join the candidates; and only the component it now belongs to is associated anew. The outcome for that component is
what `apply` would give for all reports, to the byte: sums are taken in the same order there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from mithaq.analysis.fixed import Floats, Integers
from mithaq.analysis.matching.association import assigned, posteriors
from mithaq.analysis.matching.candidates import CLASSES, Pairs, class_of, radius, span, squared_metres
from mithaq.analysis.matching.model import LEAST_RATIO, Model, levels_of
from mithaq.analysis.matching.proposals import ASK, Match, Matching, explained
from mithaq.analysis.matching.reports import Report, Reports, check
from mithaq.errors import Refusal

Node = tuple[int, int]
"""A party (0 the left, 1 the right) and the number of its report, in the order in which they came to stand here."""

_REACH = np.array([[radius(first, second) for second in range(CLASSES)] for first in range(CLASSES)], dtype=np.int64)
_SPAN = np.array([[span(first, second) for second in range(CLASSES)] for first in range(CLASSES)], dtype=np.int64)
_FARTHEST = int(_SPAN.max())


class Standing:
    """The reports of two parties as they stand, and the pairs among them that play a part."""

    def __init__(self, found: Matching) -> None:
        """Begins with the outcome of `apply`; its model is kept. Refuses (`match.no-model`) where there is none."""
        if found.model is None:
            raise Refusal("match.no-model")
        self._model: Model = found.model
        self._sides = (_Side(found.left), _Side(found.right))
        self._edges = (_Edges(found.scored.left, found.scored.right, found.scored.ratios),
                       _Edges(found.scored.right, found.scored.left, found.scored.ratios))  # fmt: skip

    def arrive(self, party: int, report: Report) -> list[Match]:
        """Takes a report of the left (0) or the right party (1); gives all proposals of the component it belongs to.

        Refuses what `check` refuses, and an id that stands already (`match.repeated`).
        """
        check(report)
        side, other = self._sides[party], self._sides[1 - party]
        if report.id in side.numbers:
            raise Refusal("match.repeated", id=report.id)
        self._model = self._model.knowing(report.category)
        one = _alone(report, self._model)
        near, numbers = other.near(report.moment)
        node = side.take(one)
        for number, ratio in self._scored(party, one, near, numbers):
            self._edges[party].add(node, number, ratio)
            self._edges[1 - party].add(number, node, ratio)
        return self._of_component((party, node))

    def _scored(self, party: int, one: Reports, near: Reports, numbers: Integers) -> Iterable[tuple[int, float]]:
        rows, first = np.arange(len(near)), np.zeros(len(near), dtype=np.int64)
        left, right = (one, near) if party == 0 else (near, one)
        i, j = (first, rows) if party == 0 else (rows, first)
        of_left, of_right = class_of(left)[i], class_of(right)[j]
        squared, seconds = squared_metres(left, i, right, j), np.abs(left.moment[i] - right.moment[j])
        reach = _REACH[of_left, of_right]
        kept = np.flatnonzero((squared <= reach * reach) & (seconds <= _SPAN[of_left, of_right]))
        classes = of_left * CLASSES + of_right
        found = Pairs(i[kept], j[kept], classes[kept], squared[kept], seconds[kept])
        levels = levels_of(found, left, right, self._model.tree)
        ratios = self._model.ratios(levels, left, self._model.around(left, right))
        play = np.flatnonzero(ratios >= LEAST_RATIO)
        rows = kept[play]
        return zip(numbers[rows].tolist(), ratios[play].tolist(), strict=True)

    def _of_component(self, start: Node) -> list[Match]:
        edges: dict[tuple[int, int], float] = {}
        seen, queue = {start}, [start]
        for party, number in queue:
            for other, ratio in self._edges[party].of(number):
                edges[(number, other) if party == 0 else (other, number)] = ratio
                if (1 - party, other) not in seen:
                    seen.add((1 - party, other))
                    queue.append((1 - party, other))
        if not edges:
            return []
        sides = [self._sides[party].ordered(number for each, number in seen if each == party) for party in (0, 1)]
        rows = [{number: row for row, number in enumerate(numbers)} for _, numbers in sides]
        ordered = sorted((rows[0][a], rows[1][b], ratio) for (a, b), ratio in edges.items())
        left, right = (np.array([each[at] for each in ordered], dtype=np.int64) for at in (0, 1))
        ratios: Floats = np.array([each[2] for each in ordered], dtype=np.float64)
        found = posteriors(left, right, ratios, len(sides[0][1]), len(sides[1][1])).tolist()
        chosen = assigned(zip(left.tolist(), right.tolist(), found, strict=True), ASK - 1)
        return explained(chosen, sides[0][0], sides[1][0], self._model.tree)


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
