"""In what two reports agree, field by field, as places in the tables of `model`."""

from dataclasses import dataclass

import numpy as np

from mithaq.analysis.fixed import Integers
from mithaq.analysis.matching.candidates import CLASSES, PLACES, REACH, SPAN, TIMES, Pairs
from mithaq.analysis.matching.reports import MOST_SEVERE, Reports, Tree

STEPS = 12
LEVELS = STEPS + 1
"""Of distance; level 0 is exactly the same."""
MOMENTS = STEPS + 2
"""Of time; level 0 is exactly the same, the last is `DAY_OFF`."""
DAY_OFF = STEPS + 1
"""A day apart, give or take two hours: a date is easily written wrong where an hour is not."""
DAY, GIVE = 86_400, 7_200
CATEGORY, SEVERITY, COUNT = 4, 5, 5
UNKNOWN = 4
"""The last level of severity and of count: one of both does not say."""
SEVERITIES, COUNTS = MOST_SEVERE + 2, 32
"""Values with levels of their own, the first being "not stated"; greater counts share the last."""
LEAVES = 128
"""Categories (the first by name) for which it is learned with which others they are confused."""


@dataclass(frozen=True)
class Levels:
    """Pairs (rows of both parties' reports) and what they agree in.

    `apart`: classes, distance and time. `agreed`: the left category, and how many levels of the tree agree. `kinds`:
    both categories. `numbers`: the left severity and how far the right one is from it (0, 1, 2, more, `UNKNOWN`), the
    left count and how far the right one is (both none, the same, 1, more, `UNKNOWN`).
    """

    left: Integers
    right: Integers
    apart: Integers
    agreed: Integers
    kinds: Integers
    numbers: Integers

    def taken(self, rows: Integers) -> "Levels":
        return Levels(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


_APART = np.arange(CLASSES * CLASSES * LEVELS * MOMENTS)
CLASSES_OF = _APART // (LEVELS * MOMENTS)
"""For each value of `apart` its classes, and its place in the tables of distances and of times."""
_PLACES_OF = CLASSES_OF // CLASSES // TIMES * PLACES + CLASSES_OF % CLASSES // TIMES
PLACE_OF = _PLACES_OF * LEVELS + _APART // MOMENTS % LEVELS
_TIMES_OF = CLASSES_OF // CLASSES % TIMES * TIMES + CLASSES_OF % TIMES
TIME_OF = _TIMES_OF * MOMENTS + _APART % MOMENTS
_NUMBERS = np.arange(SEVERITIES * SEVERITY * COUNTS * COUNT)
SEVERITY_OF, COUNT_OF = _NUMBERS // (COUNTS * COUNT), _NUMBERS % (COUNTS * COUNT)
"""For each value of `numbers` its severity (value and level) and its count (likewise)."""


def levels_of(found: Pairs, left: Reports, right: Reports, tree: Tree) -> Levels:
    """The fields of pairs, compared. Roots and quotients are exactly rounded everywhere, so levels are the same."""
    apart, agreed = likeness(found, left, right, tree)
    of_severity = severity_level(left.severity[found.left], right.severity[found.right])
    of_count = count_level(left.count[found.left], right.count[found.right])
    severity = (left.severity[found.left] + 1) * SEVERITY + of_severity
    count = counted(left.count[found.left]) * COUNT + of_count
    return Levels(
        found.left,
        found.right,
        apart,
        agreed,
        kinds_of(left.category[found.left], right.category[found.right]),
        severity * (COUNTS * COUNT) + count,
    )


def likeness(found: Pairs, left: Reports, right: Reports, tree: Tree) -> tuple[Integers, Integers]:
    """`apart` and `agreed` of `Levels`."""
    away = np.sqrt(np.sqrt(found.squared.astype(np.float64)) / REACH.ravel()[found.classes])
    place = np.where(found.squared == 0, 0, np.minimum((away * STEPS).astype(np.int64), STEPS - 1) + 1)
    later = np.sqrt(found.seconds / SPAN.ravel()[found.classes])
    time = np.where(found.seconds == 0, 0, np.minimum((later * STEPS).astype(np.int64), STEPS - 1) + 1)
    time[np.abs(found.seconds - DAY) <= GIVE] = DAY_OFF
    first, second = left.category[found.left], right.category[found.right]
    return (found.classes * LEVELS + place) * MOMENTS + time, first * CATEGORY + tree.level(first, second)


def kinds_of(first: Integers, second: Integers) -> Integers:
    """Two categories as one number; those without a place of their own share the last."""
    found: Integers = np.minimum(first, LEAVES) * (LEAVES + 1) + np.minimum(second, LEAVES)
    return found


def severity_level(first: Integers, second: Integers) -> Integers:
    """How far two severities are apart."""
    apart = np.minimum(np.abs(first - second), 3)
    found: Integers = np.where((first < 0) | (second < 0), UNKNOWN, apart)
    return found


def count_level(first: Integers, second: Integers) -> Integers:
    """How far two counts are apart."""
    apart = np.abs(first - second)
    level = np.where(apart == 0, np.minimum(first, 1), np.minimum(apart + 1, 3))
    found: Integers = np.where((first < 0) | (second < 0), UNKNOWN, level)
    return found


def counted(count: Integers) -> Integers:
    """The row of a count."""
    found: Integers = np.minimum(count, COUNTS - 2) + 1
    return found
