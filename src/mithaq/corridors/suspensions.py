"""Suspension and resumption told beforehand: what each party plans for a crossing, direction and kind of traffic.

A plan says from when on a crossing will be in which state. It changes no status: that is a statement of its own, made
when the moment has come. A party's later plan takes the place of its earlier ones from the moment on that it names; an
earlier one that begins before that moment still stands until then.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mithaq.instrument.statement import Statement

FACET = "crossing-plan"
Key = tuple[str, str, str]
"""Crossing, direction, kind of traffic."""

_CARRIED = ("state", "ground", "from", "until", "alternative")


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What the parties plan for one crossing, direction and kind of traffic: party code to its plans that stand, the
    one that begins first in front."""

    crossing: str
    direction: str
    traffic: str
    plans: Mapping[str, tuple[Statement, ...]]

    def ahead(self, now: str) -> tuple[Statement, ...]:
        """The plans of all parties that have not ended at `now` (canonical moment), the one that begins first in front.
        A plan without an end is over once it has begun."""
        found = [each for plans in self.plans.values() for each in plans if _end(each) > now]
        return tuple(sorted(found, key=lambda each: (each.facts["from"], each.order)))

    def row(self) -> Mapping[str, Any]:
        """The canonical state row."""
        return {"plans": {party: [_said(each) for each in plans] for party, plans in self.plans.items()}}


def keys(statement: Statement) -> Iterable[Key]:
    """The crossings, directions and kinds of traffic a statement speaks of."""
    facts = statement.facts
    return ((facts["crossing"], direction, traffic) for direction in facts["direction"] for traffic in facts["traffic"])


def fold(key: Key, statements: Sequence[Statement]) -> Foreseen:
    """What is planned under `key`, from its statements in the order of the record."""
    plans: dict[str, tuple[Statement, ...]] = {}
    for statement in statements:
        earlier = (each for each in plans.get(statement.party, ()) if each.facts["from"] < statement.facts["from"])
        plans[statement.party] = (*earlier, statement)
    return Foreseen(*key, plans)


def _end(plan: Statement) -> str:
    found: str = plan.facts.get("until", plan.facts["from"])
    return found


def _said(statement: Statement) -> Mapping[str, Any]:
    carried = {name: statement.facts[name] for name in _CARRIED if name in statement.facts}
    return {"number": statement.number, "at": statement.at, **carried}
