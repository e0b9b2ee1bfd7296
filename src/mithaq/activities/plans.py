"""Planned activities as each party announced them: what, where, when and on what scale, until withdrawn; and how far
each has come: changed, begun, ended.

Positions of forces are no field: a plan gives an area and a band of scale.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from mithaq.instrument.statement import Statement

FACET: Final = "activity"
CHANGED: Final = "activity-changed"
STARTED: Final = "activity-started"
ENDED: Final = "activity-ended"
STEPS: Final = (CHANGED, STARTED, ENDED)
"""The facets of notices that go on with a plan."""

Key = tuple[str]
"""The spoken number of the plan."""

_CARRIED = ("activity", "place", "period", "scale")
_CHANGEABLE = ("place", "period", "scale")


class State(StrEnum):
    """How far an activity has come, as its own party says. Cancelled is a plan that was withdrawn: it stands in no
    state of the record, and calendars show it struck out."""

    PLANNED = "planned"
    CHANGED = "changed"
    STARTED = "started"
    ENDED = "ended"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Plan:
    """One announced activity."""

    number: str
    statement: Statement
    """As it was first announced."""
    steps: tuple[Statement, ...] = ()
    """What its party has said of it since, in the order of the record."""

    @property
    def party(self) -> str:
        return self.statement.party

    @property
    def facts(self) -> Mapping[str, Any]:
        """What is planned now, changes applied; a sector that stands for the place as a place."""
        return placed(self._stated)

    @property
    def _stated(self) -> Mapping[str, Any]:
        if not self.steps:
            return self.statement.facts
        stated = dict(self.statement.facts)
        for step in self.steps:
            if step.facet == CHANGED:
                stated.update({name: step.facts[name] for name in _CHANGEABLE if name in step.facts})
        return stated

    @property
    def told_at(self) -> str:
        """The instant of the announcement that holds now: of the last change, or of the plan itself."""
        changes = [step.at for step in self.steps if step.facet == CHANGED]
        return changes[-1] if changes else self.statement.at

    @property
    def state(self) -> State:
        """How far it has come. What has ended stays ended, what has begun is not planned again by a change."""
        said = {step.facet for step in self.steps}
        return next((state for facet, state in _REACHED if facet in said), State.PLANNED)

    def row(self) -> Mapping[str, Any]:
        """The canonical state row."""
        facts = self._stated
        carried = {name: facts[name] for name in _CARRIED if name in facts}
        steps = {"steps": [[step.facet, step.number] for step in self.steps]} if self.steps else {}
        return {"party": self.party, "at": self.statement.at, **carried, **steps}


def placed(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """The facts of a plan with its place as one, also where its kind asks for a sector alone."""
    place = facts.get("place")
    return {**facts, "place": {"form": "sector", "sector": place}} if isinstance(place, str) else facts


_REACHED = ((ENDED, State.ENDED), (STARTED, State.STARTED), (CHANGED, State.CHANGED))


def keys(statement: Statement) -> Iterable[Key]:
    """A plan is its own key; a step belongs to the plans that it refers to."""
    if statement.facet in STEPS:
        return tuple((number,) for number in statement.refers)
    return ((statement.number,),)


def fold(key: Key, statements: Sequence[Statement]) -> Plan | None:
    """The plan under `key`; None while only steps of it stand, because it was withdrawn or is not here."""
    announced = next((each for each in statements if each.facet not in STEPS), None)
    if announced is None:
        return None
    return Plan(key[0], announced, tuple(each for each in statements if each.facet in STEPS))
