"""Status of crossings: per crossing, direction and kind of traffic, what each party says, and whether they agree.

The last statement of a party about a crossing, direction and kind of traffic stands until its next one. Nothing is
merged: "open on our side, closed on yours" is two statements and a mismatch.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mithaq.instrument.statement import Statement

FACET = "crossing-state"
Key = tuple[str, str, str]
"""Crossing, direction, kind of traffic."""

_CARRIED = ("state", "reason", "until", "alternative")


@dataclass(frozen=True, slots=True)
class CrossingState:
    """What the parties say of one crossing, direction and kind of traffic: party code to its last statement."""

    crossing: str
    direction: str
    traffic: str
    statements: Mapping[str, Statement]

    @property
    def mismatch(self) -> bool:
        """Whether two parties state different states."""
        return len({statement.facts["state"] for statement in self.statements.values()}) > 1

    def row(self) -> Mapping[str, Any]:
        """The canonical state row."""
        said = {party: _said(statement) for party, statement in self.statements.items()}
        return {"mismatch": self.mismatch, "said": said}


def keys(statement: Statement) -> Iterable[Key]:
    """The crossings, directions and kinds of traffic a statement speaks of."""
    facts = statement.facts
    return ((facts["crossing"], direction, traffic) for direction in facts["direction"] for traffic in facts["traffic"])


def fold(key: Key, statements: Sequence[Statement]) -> CrossingState:
    """The state under `key` from its statements in the order of the record."""
    return CrossingState(*key, {statement.party: statement for statement in statements})


def _said(statement: Statement) -> Mapping[str, Any]:
    carried = {name: statement.facts[name] for name in _CARRIED if name in statement.facts}
    return {"number": statement.number, "at": statement.at, **carried}
