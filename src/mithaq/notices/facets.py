"""The states that statements make, facet by facet, kept up as statements come and go.

Each fold (`mithaq.corridors`, `mithaq.activities`) says which keys a statement speaks of and what all statements under
a key come to. A statement that is later in the record than all under its key only adds to the state, where the fold
knows how (`extend`); any other change makes the state of that key anew. A property test holds the two together.
"""

from bisect import insort
from collections.abc import Iterable, Mapping
from typing import Any

from mithaq import canonical
from mithaq.instrument.statement import Statement

Place = tuple[str, tuple[str, ...]]
"""A facet, and a key of it."""


class _Said:
    """The statements under one key, and the state they were last folded to."""

    __slots__ = ("before", "order", "state", "statements")

    def __init__(self) -> None:
        self.statements: dict[str, Statement] = {}
        self.order: list[tuple[tuple[int, str, int], str]] = []
        """The statements that the state was folded from, in the order of the record."""
        self.before: dict[str, Statement | None] = {}
        """Of the statements that have come or gone since, what stood under their number when it was folded."""
        self.state: Any = None

    def put(self, number: str, statement: Statement | None) -> None:
        self.before.setdefault(number, self.statements.get(number))
        if statement is None:
            self.statements.pop(number, None)
        else:
            self.statements[number] = statement

    def fold(self, key: tuple[str, ...], rule: Any) -> bool:
        """Bring the state up to date; whether it is another one."""
        now = self.statements.get
        changed = {number: old for number, old in self.before.items() if (new := now(number)) is not old and new != old}
        self.before.clear()
        if not changed:
            return False
        if not self.order or any(old is not None for old in changed.values()) or not hasattr(rule, "extend"):
            self._fold_anew(key, rule)
            return True
        added = sorted((self.statements[number].order, number) for number in changed)
        if added[0][0] < self.order[-1][0]:
            for each in added:
                insort(self.order, each)
            self.state = rule.fold(key, [self.statements[number] for _, number in self.order])
        else:
            self.order += added
            for _, number in added:
                self.state = rule.extend(self.state, key, self.statements[number])
        return True

    def _fold_anew(self, key: tuple[str, ...], rule: Any) -> None:
        self.order = sorted((each.order, number) for number, each in self.statements.items())
        found = [self.statements[number] for _, number in self.order]
        self.state = rule.fold(key, found) if found else None


class Facets:
    """What the statements say under every key of every facet."""

    def __init__(self, folds: Mapping[str, Any]) -> None:
        self._folds = folds
        self._said: dict[Place, _Said] = {}
        self._changed: list[tuple[Place, _Said]] = []
        self._states: dict[str, dict[tuple[str, ...], Any]] = {facet: {} for facet in folds}

    def add(self, facet: str, key: tuple[str, ...], statement: Statement) -> None:
        self._put(facet, key, statement.number, statement)

    def drop(self, facet: str, key: tuple[str, ...], number: str) -> None:
        self._put(facet, key, number, None)

    def states(self, facet: str) -> Mapping[tuple[str, ...], Any]:
        """Key to state, as of the last `fold`."""
        return self._states[facet]

    def fold(self) -> Iterable[tuple[str, bytes | None]]:
        """Bring every state up to date: the key and the canonical bytes of each state row that is another one now;
        None where there is none any more."""
        for (facet, key), said in self._changed:
            if not said.fold(key, self._folds[facet]):
                continue
            name = f"{facet}/{'/'.join(key)}"
            if said.state is None:
                self._states[facet].pop(key, None)
                yield name, None
            else:
                self._states[facet][key] = said.state
                yield name, canonical.encode_trusted([name, said.state.row()])
        self._changed.clear()

    def _put(self, facet: str, key: tuple[str, ...], number: str, statement: Statement | None) -> None:
        place = facet, key
        said = self._said.get(place)
        if said is None:
            said = self._said[place] = _Said()
        if not said.before:
            self._changed.append((place, said))
        said.put(number, statement)
