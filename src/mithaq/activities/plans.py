"""Planned activities as each party announced them: what, where, when and on what scale, until withdrawn.

Positions of forces are no field: a plan gives an area and a band of scale.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mithaq.instrument.statement import Statement

FACET = "activity"
Key = tuple[str]
"""The spoken number of the plan."""

_CARRIED = ("activity", "place", "period", "scale")


@dataclass(frozen=True, slots=True)
class Plan:
    """One announced activity."""

    number: str
    statement: Statement

    @property
    def party(self) -> str:
        return self.statement.party

    def row(self) -> Mapping[str, Any]:
        """The canonical state row."""
        carried = {name: self.statement.facts[name] for name in _CARRIED if name in self.statement.facts}
        return {"party": self.party, "at": self.statement.at, **carried}


def keys(statement: Statement) -> Iterable[Key]:
    """A plan is its own key."""
    return ((statement.number,),)


def fold(key: Key, statements: Sequence[Statement]) -> Plan:
    """The plan under `key`."""
    return Plan(key[0], statements[-1])
