"""Crossings: what each side says of each direction and kind of traffic, what is planned, and how it came to be."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mithaq.corridors import crossings as folds
from mithaq.corridors.crossings import CrossingState, Spell
from mithaq.corridors.flows import Flow
from mithaq.errors import Refusal
from mithaq.instrument.law import Crossing, Law
from mithaq.instrument.statement import Statement
from mithaq.notices import numbers
from mithaq.notices.book import Book
from mithaq_node.queries import instrument, ledgers

MOST_TOLD = 200
"""Statements in the history of a crossing."""


@dataclass(frozen=True, slots=True)
class Line:
    """One direction and kind of traffic of a crossing."""

    direction: str
    traffic: str
    state: CrossingState | None
    """None where neither side has stated one."""
    ahead: tuple[Statement, ...]
    """The suspensions and resumptions that were told and are not over."""


@dataclass(frozen=True, slots=True)
class CrossingView:
    """One crossing of the instrument, with what is said of it."""

    crossing: Crossing
    lines: tuple[Line, ...]
    """Of each kind of traffic and direction of which anything is said."""
    silent: tuple[tuple[str, str], ...]
    """(direction, traffic) that it carries and of which neither side says anything."""
    flows: tuple[Flow, ...]
    """The latest days first."""
    kinds: Mapping[str, str]
    """Spoken number to kind, of every notice that states one of the states."""

    @property
    def mismatch(self) -> bool:
        """Whether the parties state different states for any direction and kind of traffic."""
        return any(line.state is not None and line.state.mismatch for line in self.lines)

    @property
    def figures_differ(self) -> bool:
        """Whether two figures counted for the same day, direction and category differ."""
        return any(flow.mismatch for flow in self.flows)


@dataclass(frozen=True, slots=True)
class History:
    """How what is said of a crossing came to be, the latest first."""

    told: tuple[Statement, ...]
    more: int
    """How many statements there were before those."""
    spells: tuple[Spell, ...]


def crossings(now: str) -> tuple[CrossingView, ...]:
    """Every crossing in the order of the line, with what stands at `now` (canonical moment)."""
    book, law = ledgers.book(), instrument.law()
    return tuple(_view(each, book, law, now) for each in sorted(law.crossings, key=lambda crossing: crossing.metre))


def crossing(id: str, now: str) -> CrossingView:
    """One crossing; refuses (`crossing.unknown`) one that the instrument does not name."""
    found = next((each for each in instrument.law().crossings if each.id == id), None)
    if found is None:
        raise Refusal("crossing.unknown", crossing=id[:80])
    return _view(found, ledgers.book(), instrument.law(), now)


def history(id: str) -> History:
    """Every statement about a crossing, and when the sides stated different things."""
    states = [state for key, state in ledgers.book().crossings.items() if key[0] == id]
    told = {each.latest.number: each.latest for state in states for each in state.history()}
    latest = sorted(told.values(), key=lambda each: each.order, reverse=True)
    spells = [spell for state in states for spell in folds.spells(state)]
    return History(
        told=tuple(latest[:MOST_TOLD]),
        more=len(latest[MOST_TOLD:]),
        spells=tuple(sorted(spells, key=lambda spell: (spell.began.order, spell.key), reverse=True)),
    )


def features(now: str) -> tuple[dict[str, Any], ...]:
    """A point for each party that says anything of a crossing, as GeoJSON, with the states that it states."""
    found = []
    for view in crossings(now):
        said: dict[str, list[tuple[str, str, str]]] = {}
        for line in view.lines:
            for party, statement in line.state.statements.items() if line.state else ():
                said.setdefault(party, []).append((line.direction, line.traffic, statement.facts["state"]))
        lon, lat = view.crossing.at
        at = {"type": "Point", "coordinates": [lon / 1_000_000, lat / 1_000_000]}
        for party, stated in sorted(said.items()):
            told = {"party": party, "crossing": view.crossing.id, "stated": stated}
            found.append({"type": "Feature", "geometry": at, "properties": told})
    return tuple(found)


def public(now: str) -> tuple[CrossingView, ...]:
    """What may be shown to anybody: of the logs for all parties, the statements of kinds that the sealed law calls
    public; nothing of an exercise."""
    law = instrument.law()
    return () if law.exercise else tuple(_open(view, law) for view in crossings(now))


def _open(view: CrossingView, law: Law) -> CrossingView:
    lines = []
    for line in view.lines:
        shown = {
            party: said
            for party, said in (line.state.statements.items() if line.state else ())
            if _is_public(said.number, law)
        }
        state = CrossingState(*line.state.key, shown, line.state.latest) if line.state and shown else None
        ahead = tuple(each for each in line.ahead if _is_public(each.number, law))
        if state or ahead:
            lines.append(Line(line.direction, line.traffic, state, ahead))
    return CrossingView(view.crossing, tuple(lines), (), (), {})


def _is_public(number: str, law: Law) -> bool:
    notice = ledgers.notice(number)
    kind = law.kind(notice.kind) if notice else None
    return bool(notice and kind and kind.public and numbers.audience_of(notice.log) == numbers.ALL)


def _view(crossing: Crossing, book: Book, law: Law, now: str) -> CrossingView:
    lines = tuple(_lines(crossing, book, law, now))
    said = {(line.direction, line.traffic) for line in lines}
    carried = ((way, traffic) for traffic in crossing.carries for way in law.codes.get("direction", ()))
    flows = [flow for key, flow in book.flows.items() if key[0] == crossing.id]
    return CrossingView(
        crossing=crossing,
        lines=lines,
        silent=tuple(each for each in carried if each not in said),
        flows=tuple(sorted(flows, key=lambda flow: (flow.day, flow.direction), reverse=True)),
        kinds=_kinds(line.state for line in lines if line.state),
    )


def _lines(crossing: Crossing, book: Book, law: Law, now: str) -> Iterable[Line]:
    for traffic in law.codes.get("traffic", ()):
        for way in law.codes.get("direction", ()):
            key = crossing.id, way, traffic
            state, foreseen = book.crossings.get(key), book.foreseen.get(key)
            ahead = foreseen.ahead(now) if foreseen else ()
            if state or ahead:
                yield Line(way, traffic, state, ahead)


def _kinds(states: Iterable[CrossingState]) -> dict[str, str]:
    said = {said.number for state in states for said in state.statements.values()}
    found = (ledgers.notice(number) for number in said)
    return {notice.number: notice.kind for notice in found if notice is not None}
