"""Corridors: each chain with what the parties say of its links, what a closure does to it, and the ways round."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mithaq.corridors.chains import SEGMENT, Chain, Chains, Closure, Detour, Link
from mithaq.corridors.clearance import Clearance
from mithaq.errors import Refusal
from mithaq.instrument.law import Commitment, Corridor, Law, Position, Segment
from mithaq_node.queries import instrument, ledgers


@dataclass(frozen=True, slots=True)
class Way:
    """A corridor for one kind of traffic, in the directions for which the parties state the same."""

    directions: tuple[str, ...]
    chain: Chain
    detours: tuple[Detour, ...]

    @property
    def everywhere(self) -> bool:
        """Whether it is the same both ways."""
        return len(self.directions) > 1


@dataclass(frozen=True, slots=True)
class CorridorView:
    """One corridor of the instrument, with what is said of it now."""

    corridor: Corridor
    ways: tuple[Way, ...]
    segments: tuple[Segment, ...]
    """Its stretches, in the order of the chain."""

    @property
    def has_facts(self) -> bool:
        """Whether the law says more of it than its links: lengths, stations, what the parties say of it."""
        return bool(self.corridor.said) or any(each.lengths or each.stations or each.said for each in self.segments)


@dataclass(frozen=True, slots=True)
class CorridorPage:
    """One corridor with all that stands on its page."""

    view: CorridorView
    clearances: Mapping[str, Clearance]
    """Stretch to how far clearing it has come."""
    commitments: tuple[Commitment, ...]
    """The commitments of the instrument that it belongs to."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A stretch as a map shows it: its path, and the weakest state that anybody states of it."""

    segment: Segment
    state: str
    """Empty where nobody says anything."""
    said: Mapping[str, str]
    """Party to the weakest state that it states."""


def corridors() -> tuple[CorridorView, ...]:
    """Every corridor of the instrument, in its order."""
    law, chains = instrument.law(), _chains()
    return tuple(_view(corridor, chains, law) for corridor in law.corridors)


def page(id: str) -> CorridorPage:
    """One corridor; refuses one that the instrument does not have (`corridor.unknown`)."""
    law, book = instrument.law(), ledgers.book()
    corridor = law.corridor(id)
    if corridor is None:
        raise Refusal("corridor.unknown", corridor=id[:60])
    view = _view(corridor, _chains(), law)
    return CorridorPage(
        view,
        {each.id: book.clearances[each.id] for each in view.segments if each.id in book.clearances},
        tuple(each for each in law.commitments if each.id in corridor.commitments),
    )


def closures() -> tuple[Closure, ...]:
    """Every link that somebody states closed, and the corridors it touches."""
    return tuple(_chains().closures())


def kinds(views: Iterable[CorridorView]) -> dict[str, str]:
    """Spoken number to kind, of every notice that states something of a link of these corridors."""
    links = (link for view in views for way in view.ways for link in way.chain.links)
    return _kinds(said.number for link in links for said in link.said.values())


def clearance_kinds(clearances: Mapping[str, Clearance]) -> dict[str, str]:
    """Spoken number to kind, of every notice that states how far clearing has come."""
    return _kinds(said.number for each in clearances.values() for said in each.statements.values())


def _kinds(numbers: Iterable[str]) -> dict[str, str]:
    found = (ledgers.notice(number) for number in set(numbers))
    return {notice.number: notice.kind for notice in found if notice is not None}


def drawn(views: Iterable[CorridorView]) -> tuple[Drawn, ...]:
    """The stretches of these corridors for a map, each once."""
    law = instrument.law()
    states = law.codes.get("crossing-state", [])
    stretches: dict[str, Segment] = {}
    weakest: dict[str, dict[str, str]] = {}
    for view in views:
        stretches |= {segment.id: segment for segment in view.segments}
        for link in (link for way in view.ways for link in way.chain.links if link.area == SEGMENT):
            told = weakest.setdefault(link.id, {})
            for party, said in link.said.items():
                told[party] = max(told.get(party, states[0]), said.facts["state"], key=states.index)
    return tuple(
        Drawn(segment, max(said.values(), key=states.index, default=""), said)
        for id, segment in stretches.items()
        for said in [weakest.get(id, {})]
    )


def stations(segment: Segment) -> list[tuple[str, Position]]:
    """The stations of a stretch evenly along its path: a drawing, no position."""
    gaps = len(segment.stations) + 1
    return [(station.id, _along(segment.path, place, gaps)) for place, station in enumerate(segment.stations, 1)]


def _along(path: list[Position], place: int, gaps: int) -> Position:
    """The point after `place` of `gaps` equal parts of the pieces of a path, taken as equally long."""
    pieces = len(path) - 1
    index, rest = divmod(place * pieces, gaps)
    (lon, lat), (to_lon, to_lat) = path[index], path[min(index + 1, pieces)]
    return lon + (to_lon - lon) * rest // gaps, lat + (to_lat - lat) * rest // gaps


def _chains() -> Chains:
    book = ledgers.book()
    return Chains(instrument.law(), book.crossings, book.segments)


def _view(corridor: Corridor, chains: Chains, law: Law) -> CorridorView:
    ways: list[Way] = []
    for chain in chains.of(corridor):
        same = next((way for way in ways if _says_the_same(way.chain, chain)), None)
        if same is None:
            ways.append(Way((chain.direction,), chain, chains.detours(chain)))
        else:
            ways[ways.index(same)] = Way((*same.directions, chain.direction), same.chain, same.detours)
    segments = (law.segment(link.removeprefix("segment:")) for link in corridor.chain if link.startswith("segment:"))
    return CorridorView(corridor, tuple(ways), tuple(each for each in segments if each is not None))


def _says_the_same(one: Chain, other: Chain) -> bool:
    return one.traffic == other.traffic and _told(one.links) == _told(other.links)


def _told(links: Iterable[Link]) -> list[dict[str, str]]:
    return [{party: said.number for party, said in link.said.items()} for link in links]
