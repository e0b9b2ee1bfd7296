"""Flows: forecasts and counts of traffic by crossing, day and direction, each party's figures beside the other's.

Two sources that count differently both stand; no total is made of them. Of one party, one stage (forecast or count)
and one source, the last statement counts.

A *season* is the month of Safar, in which the pilgrims of Arbaeen cross (the 20th is its day), called by its Hijri
year. What a source counted on the days of a season is added up, source by source, and never over two of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from mithaq import calendars
from mithaq.corridors.crossings import CrossingState
from mithaq.errors import Refusal
from mithaq.instrument.statement import Statement

FACET = "flow"
Key = tuple[str, str, str]
"""Crossing, day, direction."""

FORECAST: Final = "forecast"
COUNT: Final = "count"
PEOPLE: Final = frozenset({"passengers", "pedestrians", "pilgrims"})
"""The categories that are people, which a capacity in people a day bounds."""
SAFAR: Final = 2
"""The month of the Hijri calendar in which the fortieth day after Ashura falls."""

Source = tuple[str, str, str]
"""Party, stage, source of the figures."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What was forecast and counted at a crossing on a day in a direction."""

    crossing: str
    day: str
    direction: str
    statements: Mapping[Source, Statement]
    higher: Mapping[Source, Statement] = field(default_factory=dict)
    """What a source had counted before its statement that stands, where that counts less: a count does not go
    backwards, and a mistake is put right by a correction, which leaves nothing here. No part of the state."""

    def counts(self, stage: str) -> Mapping[tuple[str, str], Mapping[str, int]]:
        """(party, source) to category to number, of one stage."""
        chosen = ((party, source, said) for (party, each, source), said in self.statements.items() if each == stage)
        return {(party, source): said.facts["counts"] for party, source, said in chosen}

    @property
    def mismatch(self) -> bool:
        """Whether two figures counted for the same category differ."""
        figures: dict[str, set[int]] = {}
        for counts in self.counts("count").values():
            for category, number in counts.items():
                figures.setdefault(category, set()).add(number)
        return any(len(numbers) > 1 for numbers in figures.values())

    def differences(self) -> Mapping[str, tuple[int, int]]:
        """Category to the lowest and the highest figure counted, where two sources count it differently."""
        figures: dict[str, list[int]] = {}
        for counts in self.counts(COUNT).values():
            for category, number in counts.items():
                figures.setdefault(category, []).append(number)
        return {name: (min(each), max(each)) for name, each in sorted(figures.items()) if min(each) != max(each)}

    def row(self) -> Mapping[str, Any]:
        """The canonical state row."""
        said = {
            "/".join(source): {"number": statement.number, "counts": statement.facts["counts"]}
            for source, statement in self.statements.items()
        }
        return {"mismatch": self.mismatch, "said": said}


def keys(statement: Statement) -> Iterable[Key]:
    """The crossing, day and direction a statement speaks of."""
    facts = statement.facts
    return ((facts["crossing"], facts["day"], facts["direction"]),)


def fold(key: Key, statements: Sequence[Statement]) -> Flow:
    """The flow under `key` from its statements, at least one, in the order of the record."""
    said: dict[Source, Statement] = {}
    higher: dict[Source, Statement] = {}
    for statement in statements:
        _add(statement, said, higher)
    return Flow(*key, said, higher)


def extend(flow: Flow | None, key: Key, statement: Statement) -> Flow:
    """The flow after one more statement, later in the record than all before it."""
    said, higher = (dict(flow.statements), dict(flow.higher)) if flow else ({}, {})
    _add(statement, said, higher)
    return Flow(*key, said, higher)


def _add(statement: Statement, said: dict[Source, Statement], higher: dict[Source, Statement]) -> None:
    """Put a statement in the place of what its source said before."""
    source = _source(statement)
    for before in (higher.pop(source, None), said.get(source)):
        if before is not None and _is_lower(statement, before):
            higher[source] = before
            break
    said[source] = statement


def _is_lower(statement: Statement, before: Statement) -> bool:
    """Whether a count has become lower in a category of which both speak."""
    counts, known = statement.facts["counts"], before.facts["counts"]
    return statement.facts["stage"] == COUNT and any(counts[name] < known.get(name, 0) for name in counts)


def _source(statement: Statement) -> Source:
    return statement.party, statement.facts["stage"], statement.facts.get("source", "")


@dataclass(frozen=True, slots=True)
class CapacityWarning:
    """A forecast of more people than a crossing is said to carry on a day in a direction."""

    flow: Flow
    forecast: Statement
    people: int
    capacity: int
    said_by: Statement
    """The statement with the lowest capacity that applies: of the forecast itself, or of a party about the crossing."""

    @property
    def over(self) -> int:
        """How many people more."""
        return self.people - self.capacity


def capacity_warnings(
    flows: Iterable[Flow], states: Iterable[CrossingState], from_day: str
) -> tuple[CapacityWarning, ...]:
    """The forecasts for `from_day` and later that are above a capacity, the first day in front."""
    stated: dict[tuple[str, str], list[Statement]] = {}
    for state in states:
        if state.traffic in PEOPLE:
            stated.setdefault((state.crossing, state.direction), []).extend(state.statements.values())
    found = (
        warning
        for flow in flows
        if flow.day >= from_day
        for warning in _warnings(flow, stated.get((flow.crossing, flow.direction), []))
    )
    return tuple(sorted(found, key=lambda each: (each.flow.day, each.flow.crossing, each.forecast.order)))


def _warnings(flow: Flow, stated: Sequence[Statement]) -> Iterator[CapacityWarning]:
    for (_, stage, _), forecast in flow.statements.items():
        said = [each for each in (forecast, *stated) if "capacity" in each.facts]
        if stage != FORECAST or not said:
            continue
        least = min(said, key=lambda each: (each.facts["capacity"], each.order))
        people = sum(count for name, count in forecast.facts["counts"].items() if name in PEOPLE)
        if people > least.facts["capacity"]:
            yield CapacityWarning(flow, forecast, people, least.facts["capacity"], least)


def season_of(day: str, hijri_offset: int = 0) -> int | None:
    """The Hijri year of the season in which a Gregorian day lies; None where it lies in none."""
    try:
        found = calendars.hijri(day, hijri_offset)
    except Refusal:
        return None
    return found.year if found.month == SAFAR else None


@dataclass(frozen=True, slots=True)
class SeasonLine:
    """What one source counted of one category at a crossing in a direction during a season."""

    crossing: str
    direction: str
    party: str
    source: str
    total: int
    days: int
    """On how many days it counted."""
    first: str
    last: str


def season(flows: Iterable[Flow], year: int, category: str, hijri_offset: int = 0) -> tuple[SeasonLine, ...]:
    """The sums of a season, by crossing, direction, party and source."""
    found: dict[tuple[str, str, str, str], dict[str, int]] = {}
    for flow in flows:
        if season_of(flow.day, hijri_offset) != year:
            continue
        for (party, source), counts in flow.counts(COUNT).items():
            if category in counts:
                found.setdefault((flow.crossing, flow.direction, party, source), {})[flow.day] = counts[category]
    return tuple(
        SeasonLine(*key, total=sum(days.values()), days=len(days), first=min(days), last=max(days))
        for key, days in sorted(found.items())
    )
