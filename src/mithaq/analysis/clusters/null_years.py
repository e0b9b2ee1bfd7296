"""Years in which nothing gathers, looked at every day: how often chance alone would raise an alarm.

A null year has as many cases as the record has, each in a place drawn from the record's own and on a day that has
nothing to do with it. Then one looks every day as one looks at the record. An alarm counts once: what shares a place
with an alarm that still holds goes on from it.

Everything is drawn by Philox from a seed and the number of the year, so that anybody finds the same number.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from mithaq.analysis.clusters import asking, windows
from mithaq.analysis.clusters.study import Integers, Study
from mithaq.analysis.clusters.zones import Place
from mithaq.analysis.philox import Stream

YEAR = 365
"""Looks of a year."""
_DAY_ONE = date(2001, 1, 1)
"""Of the made years; no result depends on it."""


def alarms(
    line: tuple[Place, ...],
    at: Sequence[int],
    *,
    history: int,
    asked: asking.Asked,
    recurrence: int,
    holds: int,
    number: int,
) -> int:
    """How many alarms a null year raises.

    `at` has an index of `line` for each case of `history` days of the record; one looks back on so many days, and calls
    an alarm what chance does once in `recurrence` days or less often; an alarm holds for `holds` looks. `number` tells
    years apart.
    """
    counts = _drawn(line, at, history, Stream(asked.seed, number))
    days = windows.intervals(_DAY_ONE, _DAY_ONE + timedelta(days=counts.shape[1] - 1), windows.Unit.DAY)
    held: dict[str, int] = {}
    raised = 0
    for look in range(YEAR):
        seen = slice(look, look + history)
        study = Study(line, days[seen], windows.Unit.DAY, counts[:, seen], {})
        for members in _found(study, replace(asked, seed=asked.seed + look), recurrence):
            raised += not any(held.get(each, -1) >= look for each in members)
            held |= dict.fromkeys(members, look + holds - 1)
    return raised


def _found(study: Study, asked: asking.Asked, recurrence: int) -> list[tuple[str, ...]]:
    found = asking.scan(study, asked)
    rare = (each for each in found.clusters if (each.recurrence_days or 0) >= recurrence)
    return [] if found.stopped else [each.members for each in rare]


def _drawn(line: Sequence[Place], at: Sequence[int], history: int, stream: Stream) -> Integers:
    """Cases by place and day, of a year and of what is looked back on from its first day."""
    days = history + YEAR
    cases = len(at) * days // history
    found = np.zeros((len(line), days), dtype=np.int64)
    if cases:
        where = np.asarray(at, dtype=np.int64)[stream.below(len(at), cases)]
        np.add.at(found, (where, stream.below(days, cases)), 1)
    return found
