"""Flows: forecasts and counts of traffic by crossing, day and direction, each party's figures beside the other's.

Two sources that count differently both stand; no total is made of them. Of one party, one stage (forecast or count)
and one source, the last statement counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mithaq.instrument.statement import Statement

FACET = "flow"
Key = tuple[str, str, str]
"""Crossing, day, direction."""

Source = tuple[str, str, str]
"""Party, stage, source of the figures."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What was forecast and counted at a crossing on a day in a direction."""

    crossing: str
    day: str
    direction: str
    statements: Mapping[Source, Statement]

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
    """The flow under `key` from its statements in the order of the record."""
    return Flow(*key, {_source(statement): statement for statement in statements})


def extend(flow: Flow | None, key: Key, statement: Statement) -> Flow:
    """The flow after one more statement, later in the record than all before it."""
    return Flow(*key, {**(flow.statements if flow else {}), _source(statement): statement})


def _source(statement: Statement) -> Source:
    return statement.party, statement.facts["stage"], statement.facts.get("source", "")
