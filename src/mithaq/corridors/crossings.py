"""Status of crossings: per crossing, direction and kind of traffic, what each party says, and whether they agree.

The last statement of a party about a crossing, direction and kind of traffic stands until its next one. Nothing is
merged: "open on our side, closed on yours" is two statements and a mismatch. A mismatch lasts from the statement that
brought it about, through whatever else is said while the states differ, to the one that ends it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mithaq.instrument.statement import Statement

FACET = "crossing-state"
Key = tuple[str, str, str]
"""Crossing, direction, kind of traffic."""

_CARRIED = ("state", "reason", "since", "until", "from_hour", "until_hour", "alternative", "requested_by")


@dataclass(frozen=True, slots=True)
class CrossingState:
    """What the parties say of one crossing, direction and kind of traffic: party code to its last statement."""

    crossing: str
    direction: str
    traffic: str
    statements: Mapping[str, Statement]
    latest: Statement
    """The statement that made this state."""
    began: Statement | None = None
    """The statement with which the mismatch began that stands; None while there is none."""
    before: "CrossingState | None" = field(default=None, repr=False, compare=False)
    """The state that stood before the latest statement."""

    @property
    def key(self) -> Key:
        return self.crossing, self.direction, self.traffic

    @property
    def mismatch(self) -> bool:
        """Whether two parties state different states."""
        return self.began is not None

    def history(self) -> Iterator["CrossingState"]:
        """This state and those before it, the latest first."""
        state: CrossingState | None = self
        while state is not None:
            yield state
            state = state.before

    def row(self) -> Mapping[str, Any]:
        """The canonical state row."""
        said = {party: _said(statement) for party, statement in self.statements.items()}
        return {"mismatch": self.mismatch, "said": said}


def keys(statement: Statement) -> Iterable[Key]:
    """The crossings, directions and kinds of traffic a statement speaks of."""
    facts = statement.facts
    return ((facts["crossing"], direction, traffic) for direction in facts["direction"] for traffic in facts["traffic"])


def fold(key: Key, statements: Sequence[Statement]) -> CrossingState:
    """The state under `key` from its statements, at least one, in the order of the record."""
    state = extend(None, key, statements[0])
    for statement in statements[1:]:
        state = extend(state, key, statement)
    return state


def extend(state: CrossingState | None, key: Key, statement: Statement) -> CrossingState:
    """The state after one more statement, later in the record than all before it."""
    said = {**(state.statements if state else {}), statement.party: statement}
    differ = len({each.facts["state"] for each in said.values()}) > 1
    began = (state.began if state and state.began else statement) if differ else None
    return CrossingState(*key, statements=said, latest=statement, began=began, before=state)


@dataclass(frozen=True, slots=True)
class Spell:
    """A time in which the parties stated different states of one crossing, direction and kind of traffic."""

    key: Key
    began: Statement
    ended: Statement | None
    """The statement with which the states were equal again; None while they differ."""


def spells(state: CrossingState) -> Iterator[Spell]:
    """The mismatches under the key of `state`, the latest first."""
    ended: Statement | None = None
    inside = False
    for each in state.history():
        if each.began is not None and not inside:
            inside = True
            yield Spell(each.key, each.began, ended)
        elif each.began is None:
            inside = False
            ended = each.latest
        if each.began is not None and each.latest == each.began:
            inside = False


def _said(statement: Statement) -> Mapping[str, Any]:
    carried = {name: statement.facts[name] for name in _CARRIED if name in statement.facts}
    return {"number": statement.number, "at": statement.at, **carried}
