"""Corridors: chains of crossings and stretches, each as passable as its weakest link.

A chain is looked at for one direction and one kind of traffic. Of each link stands what each party says of it. From
that follow, and nothing else:

- **A party's standing** of the chain is the weakest state among its own statements, with the link it is about. Two
  parties may state differently; then there are two standings side by side and no third one is made of them.
- **Silence is no state.** A link of which a party says nothing, although it lies on its side, is named as such. A chain
  is *told in full* when no such link is left.
- **A closure** is a link that some party states in the weakest state there is; it touches every corridor with that link
  for that direction and traffic.
- **A way round** is another corridor of the same family that is told in full and in which nobody states a closure, or a
  crossing that all its parties state passable. A party's own proposal is named as its own. Nothing else is offered.

States are ranked by the order of the instrument's list `crossing-state`, the strongest first.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mithaq.corridors.crossings import CrossingState
from mithaq.corridors.segments import SegmentState
from mithaq.instrument.law import Corridor, Law
from mithaq.instrument.statement import Statement

STATES = "crossing-state"
DIRECTIONS = "direction"
CROSSING, SEGMENT = "crossing", "segment"

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a chain for one direction and kind of traffic, with what each party says of it."""

    area: str
    """`crossing` or `segment`."""
    id: str
    expected: tuple[str, ...]
    """The parties on whose side it lies."""
    said: Mapping[str, Statement]

    @property
    def silent(self) -> tuple[str, ...]:
        """Who says nothing of it and should."""
        return tuple(party for party in self.expected if party not in self.said)

    @property
    def mismatch(self) -> bool:
        """Whether two parties state different states."""
        return len({said.facts["state"] for said in self.said.values()}) > 1


@dataclass(frozen=True, slots=True)
class Standing:
    """The weakest link by one party's statements."""

    state: str
    link: Link
    statement: Statement


@dataclass(frozen=True, slots=True)
class Chain:
    """A corridor for one direction and one kind of traffic."""

    corridor: Corridor
    direction: str
    traffic: str
    links: tuple[Link, ...]
    standings: Mapping[str, Standing]
    """Party to its standing; a party that says nothing of any link has none."""
    closed: tuple[Link, ...]
    """The links that some party states in the weakest state there is."""

    @property
    def differs(self) -> bool:
        """Whether two parties' statements lead to different states of the chain."""
        return len({standing.state for standing in self.standings.values()}) > 1

    @property
    def concerned(self) -> frozenset[str]:
        """The parties on whose side any of its links lies."""
        return frozenset(party for link in self.links for party in link.expected)

    @property
    def silent(self) -> tuple[Link, ...]:
        """The links of which somebody says nothing and should."""
        return tuple(link for link in self.links if link.silent)

    @property
    def is_clear(self) -> bool:
        """Whether it is told in full and nobody states a closure in it."""
        return not self.silent and not self.closed


@dataclass(frozen=True, slots=True)
class Closure:
    """A closed link and the corridors it touches."""

    link: Link
    direction: str
    traffic: str
    corridors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Detour:
    """A way round a closed chain: another corridor, or a crossing. `states` is what the parties state of it, weakest
    first."""

    area: str
    """`corridor` or `crossing`."""
    id: str
    states: tuple[str, ...]
    named_by: tuple[str, ...] = ()
    """The parties that propose it in the statement of the closure."""


class Chains:
    """The corridors of a law over what is said of crossings and stretches now."""

    def __init__(self, law: Law, crossings: Mapping[Key, CrossingState], segments: Mapping[Key, SegmentState]) -> None:
        self._law = law
        self._rank = {state: rank for rank, state in enumerate(law.codes.get(STATES, ()))}
        self._worst = len(self._rank) - 1
        self._crossings, self._segments = crossings, segments
        everybody = tuple(party.code for party in law.parties)
        self._expected = {(CROSSING, each.id): everybody for each in law.crossings}
        self._expected |= {(SEGMENT, each.id): tuple(each.parties) for each in law.segments}

    def all(self) -> Iterator[Chain]:
        """Every corridor for every direction and each kind of its traffic, in the order of the law."""
        for corridor in self._law.corridors:
            yield from self.of(corridor)

    def of(self, corridor: Corridor) -> Iterator[Chain]:
        """One corridor for every direction and each kind of its traffic."""
        for traffic in corridor.traffic:
            for direction in self._law.codes.get(DIRECTIONS, ()):
                yield self.chain(corridor, direction, traffic)

    def chain(self, corridor: Corridor, direction: str, traffic: str) -> Chain:
        """One corridor for one direction and one kind of traffic."""
        named = (link.partition(":") for link in corridor.chain)
        links = tuple(self._link(area, id, direction, traffic) for area, _, id in named)
        closed = tuple(link for link in links if self._is_closed(link))
        return Chain(corridor, direction, traffic, links, self._standings(links), closed)

    def closures(self) -> Iterator[Closure]:
        """Every closed link, once for each direction and traffic, with the corridors it touches."""
        touched: dict[tuple[str, str, str, str], tuple[Link, list[str]]] = {}
        for chain in self.all():
            for link in chain.closed:
                key = (link.area, link.id, chain.direction, chain.traffic)
                touched.setdefault(key, (link, []))[1].append(chain.corridor.id)
        for (_, _, direction, traffic), (link, corridors) in touched.items():
            yield Closure(link, direction, traffic, tuple(corridors))

    def detours(self, chain: Chain) -> tuple[Detour, ...]:
        """The ways round a chain with a closure, as far as the parties' statements show any; none for another."""
        if not chain.closed:
            return ()
        return (*self._corridors_round(chain), *self._crossings_round(chain))

    def _corridors_round(self, chain: Chain) -> Iterator[Detour]:
        for corridor in self._law.corridors:
            if corridor.family != chain.corridor.family or not corridor.family or corridor.id == chain.corridor.id:
                continue
            if chain.traffic in corridor.traffic:
                other = self.chain(corridor, chain.direction, chain.traffic)
                if other.is_clear:
                    yield Detour("corridor", corridor.id, self._states(other.links))

    def _crossings_round(self, chain: Chain) -> Iterator[Detour]:
        """Instead of a closed crossing, another one that each of its parties states to be passable."""
        here = {link.id for link in chain.links if link.area == CROSSING}
        if not any(link.area == CROSSING for link in chain.closed):
            return
        for crossing in self._law.crossings:
            link = self._link(CROSSING, crossing.id, chain.direction, chain.traffic)
            if crossing.id not in here and not link.silent and not self._is_closed(link):
                yield Detour(CROSSING, crossing.id, self._states((link,)), _named_by(chain, crossing.id))

    def _link(self, area: str, id: str, direction: str, traffic: str) -> Link:
        known: Mapping[Key, CrossingState | SegmentState] = self._crossings if area == CROSSING else self._segments
        found = known.get((id, direction, traffic))
        return Link(area, id, self._expected[area, id], found.statements if found else {})

    def _standings(self, links: Iterable[Link]) -> dict[str, Standing]:
        standings: dict[str, Standing] = {}
        for link in links:
            for party, said in link.said.items():
                state = said.facts["state"]
                if party not in standings or self._ranked(state) > self._ranked(standings[party].state):
                    standings[party] = Standing(state, link, said)
        return {party.code: standings[party.code] for party in self._law.parties if party.code in standings}

    def _states(self, links: Iterable[Link]) -> tuple[str, ...]:
        found = {said.facts["state"] for link in links for said in link.said.values()}
        return tuple(sorted(found, key=lambda state: -self._ranked(state)))

    def _ranked(self, state: str) -> int:
        """What is not on the list is no closure."""
        return self._rank.get(state, 0)

    def _is_closed(self, link: Link) -> bool:
        return any(self._ranked(said.facts["state"]) == self._worst for said in link.said.values())


def _named_by(chain: Chain, crossing: str) -> tuple[str, ...]:
    """The parties whose statement of a closure in the chain proposes the crossing."""
    proposing = (said for link in chain.closed for said in link.said.values())
    return tuple(sorted({said.party for said in proposing if said.facts.get("alternative") == crossing}))
