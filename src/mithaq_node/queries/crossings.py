"""Crossings: what each side says of each direction and kind of traffic, and the flows they forecast and counted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from mithaq.corridors.crossings import CrossingState
from mithaq.corridors.flows import Flow
from mithaq.instrument.law import Crossing
from mithaq_node.queries import instrument, ledgers

Said = TypeVar("Said", CrossingState, Flow)


@dataclass(frozen=True, slots=True)
class CrossingView:
    """One crossing of the instrument, with what is said of it."""

    crossing: Crossing
    states: tuple[CrossingState, ...]
    flows: tuple[Flow, ...]
    """The latest days first."""
    kinds: Mapping[str, str]
    """Spoken number to kind, of every notice that states one of the states."""

    @property
    def mismatch(self) -> bool:
        """Whether the parties state different states for any direction and kind of traffic."""
        return any(state.mismatch for state in self.states)

    @property
    def figures_differ(self) -> bool:
        """Whether two figures counted for the same day, direction and category differ."""
        return any(flow.mismatch for flow in self.flows)


def crossings() -> tuple[CrossingView, ...]:
    """Every crossing in the order of the line."""
    book, law = ledgers.book(), instrument.law()
    states = _by_crossing(book.crossings)
    flows = _by_crossing(book.flows)
    return tuple(
        CrossingView(
            crossing=each,
            states=tuple(states.get(each.id, ())),
            flows=tuple(sorted(flows.get(each.id, ()), key=lambda flow: (flow.day, flow.direction), reverse=True)),
            kinds=_kinds(states.get(each.id, ())),
        )
        for each in sorted(law.crossings, key=lambda crossing: crossing.metre)
    )


def _by_crossing(found: Mapping[tuple[str, str, str], Said]) -> dict[str, list[Said]]:
    grouped: dict[str, list[Said]] = {}
    for key in sorted(found):
        grouped.setdefault(key[0], []).append(found[key])
    return grouped


def _kinds(states: Iterable[CrossingState]) -> dict[str, str]:
    numbers = {said.number for state in states for said in state.statements.values()}
    found = (ledgers.notice(number) for number in numbers)
    return {notice.number: notice.kind for notice in found if notice is not None}
