"""From two parties' reports to proposals: scored, associated one to one, sorted into bands, and explained.

`PROPOSE` and `ASK` are posteriors in millionths. At or above the first the desk proposes; between both it asks; below
the second it is silent, which is "no partner" and not "no incident".
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isqrt
from typing import NamedTuple

import numpy as np

from mithaq.analysis.fixed import Floats, Integers
from mithaq.analysis.matching import model as models
from mithaq.analysis.matching.association import believed, beside, chosen
from mithaq.analysis.matching.candidates import pairs, squared_metres
from mithaq.analysis.matching.levels import Levels, levels_of
from mithaq.analysis.matching.model import LEAST_RATIO, Model
from mithaq.analysis.matching.reports import Report, Reports, Tree, in_columns
from mithaq.analysis.matching.told import NOTHING, Told

PROPOSE, ASK = 950_000, 450_000


class Band(StrEnum):
    """What a desk does with a pair."""

    PROPOSE = "propose"
    ASK = "ask"
    IGNORE = "ignore"


_PROPOSE, _ASK, _IGNORE = Band  # looked up once: an enumeration's members are slow to reach


def band(posterior: int) -> Band:
    """The band of a posterior in millionths."""
    return _PROPOSE if posterior >= PROPOSE else _ASK if posterior >= ASK else _IGNORE


@dataclass(frozen=True, slots=True)
class Reason:
    """One field's part in a proposal, as a code and its data; the desk and the command line make words of it.

    `place`: metres apart, and both classes. `time`: seconds apart, and both classes. `category`: levels that agree
    (0 to 3). `severity`, `count`: both values, `MISSING` where not stated.
    """

    code: str
    data: tuple[int, ...]


class Match(NamedTuple):
    """A pair that is proposed or asked about: the reports' ids, the posterior in millionths, and why."""

    left: str
    right: str
    posterior: int
    band: Band
    facts: tuple[int, ...]
    """Metres and seconds apart, levels of the category that agree; then place, time, severity and count of both."""

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The facts field by field; made when somebody asks, since most are never shown."""
        metres, seconds, level, *stated = self.facts
        place, time, severity, count = zip(stated[:4], stated[4:], strict=True)
        return (
            Reason("place", (metres, *place)),
            Reason("time", (seconds, *time)),
            Reason("category", (level,)),
            Reason("severity", severity),
            Reason("count", count),
        )


@dataclass(frozen=True)
class Scored:
    """The candidate pairs that play a part: rows of both, how much likelier than "no partner", and the posterior."""

    left: Integers
    right: Integers
    ratios: Floats
    posteriors: Integers


_NO_ROWS = np.zeros(0, dtype=np.int64)
_NONE_SCORED = Scored(_NO_ROWS, _NO_ROWS, np.zeros(0), _NO_ROWS)


@dataclass(frozen=True)
class Matching:
    """Both parties' reports in order, the model, the pairs that play a part, and the proposals."""

    left: Reports
    right: Reports
    model: Model | None
    """None where a party had no reports to learn from."""
    scored: Scored
    matches: Sequence[Match]
    """One to one: no report is in two of them."""
    again: Sequence[Match]
    """Second writings: of each pair one report is in `matches`, with another of the same party; the other is not."""


def match(left: Iterable[Report], right: Iterable[Report]) -> Matching:
    """Proposals for two parties' reports, in the order of the left one's. Refuses what `reports.check` refuses."""
    return taught(*columns_of(left, right))


def taught(left: Reports, right: Reports, tree: Tree, told: Told = NOTHING) -> Matching:
    """`learn` and `apply` at once, which looks for pairs only once where all reports teach."""
    if not len(left) or not len(right) or told != NOTHING:
        return apply(learn(left, right, tree, told), left, right, told)
    model, near = models.taught(left, right, tree)
    parts = iter([near]) if near is not None else _near(model, left, right)
    return _matching(model, left, right, _scored(model, left, right, parts))


def columns_of(left: Iterable[Report], right: Iterable[Report]) -> tuple[Reports, Reports, Tree]:
    """Both parties' reports in columns under one numbering of categories."""
    first, second = list(left), list(right)
    tree = Tree.of(each.category for each in (*first, *second))
    return in_columns(first, tree), in_columns(second, tree), tree


def learn(left: Reports, right: Reports, tree: Tree, told: Told = NOTHING) -> Model | None:
    """What these reports, and what the parties have said of pairs, teach; None where a party has none."""
    return models.learn(left, right, tree, told) if len(left) and len(right) else None


def apply(model: Model | None, left: Reports, right: Reports, told: Told = NOTHING) -> Matching:
    """Proposals by a model that is held fixed, among the reports that have no confirmed partner."""
    left, right = _undecided(left, told.left_confirmed), _undecided(right, told.right_confirmed)
    if model is None:
        return Matching(left, right, None, _NONE_SCORED, [], [])
    return _matching(model, left, right, _scored(model, left, right, _near(model, left, right), told))


def _matching(model: Model, left: Reports, right: Reports, scored: Scored) -> Matching:
    edges = scored.left, scored.right, scored.posteriors
    pairs = chosen(*edges, ASK - 1, len(left), len(right))
    seconds = beside(pairs, *edges, ASK - 1)
    return Matching(
        left,
        right,
        model,
        scored,
        explained(pairs, left, right, model.tree),
        explained(seconds, left, right, model.tree),
    )


def alike(left: Report, right: Report) -> tuple[Reason, ...]:
    """In what two reports agree and differ, field by field, whether or not anybody proposes them."""
    columns = columns_of([left], [right])
    return explained([(0, 0, 0)], *columns)[0].reasons


def _undecided(reports: Reports, decided: frozenset[str]) -> Reports:
    if not decided:
        return reports
    return reports.taken(np.array([row for row, name in enumerate(reports.ids) if name not in decided], dtype=np.int64))


def _near(model: Model, left: Reports, right: Reports) -> Iterator[Levels]:
    return (levels_of(found, left, right, model.tree) for found in pairs(left, right))


def _scored(model: Model, left: Reports, right: Reports, near: Iterator[Levels], told: Told = NOTHING) -> Scored:
    """Every pair that is at least `LEAST_RATIO` as likely as "no partner" and denied by nobody, in the order of the
    reports."""
    parts: list[tuple[Integers, Integers, Floats]] = []
    around = model.around(left, right)
    for levels in near:
        ratios = model.ratios(levels, around)
        kept = np.flatnonzero(ratios >= LEAST_RATIO)
        parts.append((levels.left[kept], levels.right[kept], ratios[kept]))
    if not parts:
        return _NONE_SCORED
    first, second, ratios = (np.concatenate(each) for each in zip(*parts, strict=True))
    order = np.lexsort((second, first))
    order = order[told.open(first[order], second[order], left, right)]
    first, second, ratios = first[order], second[order], ratios[order]
    beliefs, kept = believed(first, second, ratios, len(left), len(right))
    found = np.zeros(len(first), dtype=np.int64)
    found[kept] = model.posteriors(model.rivals(beliefs, left, right))
    return Scored(first, second, ratios, found)


def explained(chosen: Sequence[tuple[int, int, int]], left: Reports, right: Reports, tree: Tree) -> list[Match]:
    """Each chosen pair with its band and, field by field, why."""
    if not chosen:
        return []
    i, j = (np.array(each, dtype=np.int64) for each in list(zip(*chosen, strict=True))[:2])
    metres = [isqrt(each) for each in squared_metres(left, i, right, j).tolist()]
    seconds = np.abs(left.moment[i] - right.moment[j]).tolist()
    agreed = tree.level(left.category[i], right.category[j]).tolist()
    columns = [
        column.tolist()
        for side, rows in ((left, i), (right, j))
        for column in (side.place[rows], side.time[rows], side.severity[rows], side.count[rows])
    ]
    facts = zip(metres, seconds, agreed, *columns, strict=True)
    first, second = left.ids, right.ids
    return [Match(first[a], second[b], p, band(p), of) for (a, b, p), of in zip(chosen, facts, strict=True)]
