"""Mine clearance along a stretch: how far each party says it has come.

Each party's last statement stands; figures of two parties are never added up or made one, because nothing says that
they measure the same ground.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mithaq.instrument.statement import Statement

FACET = "clearance"
Key = tuple[str]
"""The stretch."""

_CARRIED = ("day", "stage", "cleared", "remaining")


@dataclass(frozen=True, slots=True)
class Clearance:
    """How far clearing a stretch has come: party code to its last statement."""

    segment: str
    statements: Mapping[str, Statement]

    @property
    def mismatch(self) -> bool:
        """Whether two parties state different lengths as cleared."""
        return len({said.facts["cleared"] for said in self.statements.values() if "cleared" in said.facts}) > 1

    def row(self) -> Mapping[str, Any]:
        """The canonical state row."""
        return {"mismatch": self.mismatch, "said": {party: _said(said) for party, said in self.statements.items()}}


def keys(statement: Statement) -> Iterable[Key]:
    """The stretch a statement speaks of."""
    return ((statement.facts["segment"],),)


def fold(key: Key, statements: Sequence[Statement]) -> Clearance:
    """The state under `key` from its statements in the order of the record."""
    return Clearance(*key, {statement.party: statement for statement in statements})


def _said(statement: Statement) -> Mapping[str, Any]:
    carried = {name: statement.facts[name] for name in _CARRIED if name in statement.facts}
    return {"number": statement.number, "at": statement.at, **carried}
