"""Status of stretches of rail and road: per stretch, direction and kind of traffic, what each party says.

The last statement of a party about a stretch, direction and kind of traffic stands until its next one; one that is
withdrawn lets the one before it stand again. Nothing is merged.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mithaq.instrument.statement import Statement

FACET = "segment-state"
Key = tuple[str, str, str]
"""Stretch, direction, kind of traffic."""

_CARRIED = ("state", "reason", "since", "until", "effect", "stations")


@dataclass(frozen=True, slots=True)
class SegmentState:
    """What the parties say of one stretch, direction and kind of traffic: party code to its last statement."""

    segment: str
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
    """The stretch, directions and kinds of traffic a statement speaks of."""
    facts = statement.facts
    return ((facts["segment"], direction, traffic) for direction in facts["direction"] for traffic in facts["traffic"])


def fold(key: Key, statements: Sequence[Statement]) -> SegmentState:
    """The state under `key` from its statements in the order of the record."""
    return SegmentState(*key, {statement.party: statement for statement in statements})


def _said(statement: Statement) -> Mapping[str, Any]:
    carried = {name: statement.facts[name] for name in _CARRIED if name in statement.facts}
    return {"number": statement.number, "at": statement.at, **carried}
