"""A grid over the map: what lies in its cells, counted at every zoom, and what lies near a box at a time.

Positions are integer microdegrees (longitude, latitude), times integers of any one unit. A cell of a level is a square
of degrees; four cells of the next level are one of this, exactly. Nothing here knows a notice: an entry is whatever the
caller counts, and its *profile* is what it may be chosen by.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

DEEPEST = 10
"""The finest level; a cell of it is nine to ten kilometres from south to north."""
_FINEST = 360_000_000 // (4 << DEEPEST)
_KEPT = (4, 6, 8, DEEPEST)
"""Levels whose sums are kept; those between are added up from the next finer one."""

Cell = tuple[int, int]
Box = tuple[int, int, int, int]
"""West, south, east and north."""
Spot = tuple[str, int, int]
"""Whose it is, and where."""


def side(level: int) -> int:
    """Microdegrees along a cell of a level from 0 (a quarter of the earth) to `DEEPEST`."""
    return _FINEST << (DEEPEST - level)


def cell(lon: int, lat: int, level: int) -> Cell:
    """The cell in which a position lies."""
    return lon // side(level), lat // side(level)


def meets(found: Cell, box: Box | None, level: int) -> bool:
    """Whether a cell shares ground with a box; with None every cell does."""
    if box is None:
        return True
    (west, south), (east, north) = cell(box[0], box[1], level), cell(box[2], box[3], level)
    return west <= found[0] <= east and south <= found[1] <= north


@dataclass(slots=True)
class Sum:
    """What one side has in one cell: how many, and the sums of their positions."""

    count: int = 0
    lon: int = 0
    lat: int = 0

    def add(self, count: int, lon: int, lat: int) -> None:
        """Add so many more, with the sums of their positions."""
        self.count, self.lon, self.lat = self.count + count, self.lon + lon, self.lat + lat

    @property
    def middle(self) -> tuple[int, int]:
        """The position in the middle of them."""
        return self.lon // self.count, self.lat // self.count


@dataclass(slots=True)
class _Tally:
    """Of one profile in one cell: sums by side; entries that lie here alone; those that lie in other cells too."""

    sums: dict[str, Sum] = field(default_factory=dict)
    whole: int = 0
    split: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Counted:
    """What lies in the cells that were asked for."""

    sums: dict[tuple[str, Cell], Sum]
    """By side and cell."""
    entries: int
    """How many entries have a spot in them, each counted once."""

    @property
    def spots(self) -> int:
        return sum(each.count for each in self.sums.values())


class Pyramid:
    """Entries with their spots, counted in the cells of every level as they come and go."""

    def __init__(self) -> None:
        self._levels: dict[int, dict[Cell, dict[Hashable, _Tally]]] = {level: {} for level in _KEPT}
        self._here: dict[Cell, set[str]] = {}

    def add(self, id: str, profile: Hashable, spots: Sequence[Spot]) -> None:
        """Count an entry; one that is counted already is taken out first by the caller."""
        self._move(id, profile, spots, 1)
        for _, lon, lat in spots:
            self._here.setdefault(cell(lon, lat, DEEPEST), set()).add(id)

    def take(self, id: str, profile: Hashable, spots: Sequence[Spot]) -> None:
        """Count it no more; profile and spots are those it was added with."""
        self._move(id, profile, spots, -1)
        for place in {cell(lon, lat, DEEPEST) for _, lon, lat in spots}:
            self._here[place].discard(id)
            if not self._here[place]:
                del self._here[place]

    def near(self, box: Box) -> set[str]:
        """The entries with a spot in a cell of the deepest level that the box meets: all that lie in it, and some."""
        return set().union(*(self._here[found] for found in _within(self._here, box, DEEPEST)))

    def counted(self, level: int, box: Box | None, keeps: Callable[[Hashable], bool]) -> Counted:
        """What lies in the cells of a level, up to `DEEPEST`, that a box meets, of the profiles that `keeps` takes."""
        kept = next(each for each in _KEPT if each >= level)
        sums: dict[tuple[str, Cell], Sum] = {}
        known: dict[Hashable, bool] = {}
        entries, split, shift = 0, set[str](), kept - level
        for place in _within(self._levels[kept], _grown(box, level), kept):
            for profile, tally in self._levels[kept][place].items():
                chosen = known.get(profile)
                if chosen is None:
                    chosen = known[profile] = keeps(profile)
                if not chosen:
                    continue
                entries += tally.whole
                split |= tally.split
                for party, each in tally.sums.items():
                    name = party, (place[0] >> shift, place[1] >> shift)
                    found = sums.get(name)
                    if found is None:
                        found = sums[name] = Sum()
                    found.add(each.count, each.lon, each.lat)
        return Counted(sums, entries + len(split))

    def _move(self, id: str, profile: Hashable, spots: Sequence[Spot], way: int) -> None:
        for level, cells in self._levels.items():
            met = {cell(lon, lat, level) for _, lon, lat in spots}
            for place in met:
                tally = cells.setdefault(place, {}).setdefault(profile, _Tally())
                if len(met) == 1:
                    tally.whole += way
                elif way > 0:
                    tally.split.add(id)
                else:
                    tally.split.discard(id)
            for party, lon, lat in spots:
                tally = cells[cell(lon, lat, level)][profile]
                found = tally.sums.setdefault(party, Sum())
                found.add(way, way * lon, way * lat)
                if not found.count:
                    del tally.sums[party]
            for place in met if way < 0 else ():
                if not cells[place][profile].sums:
                    del cells[place][profile]
                if not cells[place]:
                    del cells[place]


class Placed(Protocol):
    """What has a place, or none, and a time, or none."""

    @property
    def bounds(self) -> Box | None: ...
    @property
    def first(self) -> int | None: ...
    @property
    def last(self) -> int | None: ...


Thing = TypeVar("Thing", bound=Placed)
_GROUND = 9
"""The level in whose cells things are looked for that are no larger than one."""


class _Times(Generic[Thing]):
    """Things of one place by when they begin; those without a time apart."""

    def __init__(self) -> None:
        self.begun: list[Thing] = []
        self.untimed: list[Thing] = []
        self.longest = 0

    def add(self, thing: Thing) -> None:
        if thing.first is None or thing.last is None:
            self.untimed.append(thing)
        else:
            self.longest = max(self.longest, thing.last - thing.first)
            insort(self.begun, thing, key=_first)

    def take(self, thing: Thing) -> None:
        if thing.first is None or thing.last is None:
            self.untimed = [each for each in self.untimed if each is not thing]
            return
        at = bisect_left(self.begun, thing.first, key=_first)
        while self.begun[at] is not thing:
            at += 1
        del self.begun[at]

    @property
    def is_empty(self) -> bool:
        return not self.begun and not self.untimed

    def between(self, first: int | None, last: int | None) -> Iterator[Thing]:
        """Those that may last into a time, whose ends may be open; all of them, where both are."""
        if first is None and last is None:
            yield from self.untimed
        start = 0 if first is None else bisect_left(self.begun, first - self.longest, key=_first)
        end = len(self.begun) if last is None else bisect_right(self.begun, last, key=_first)
        yield from self.begun[start:end]


class Ground(Generic[Thing]):
    """Things by where and when they are. Those wider than a cell stand by their bounds: names of the law, mostly, that
    many share."""

    def __init__(self, things: Iterable[Thing] = ()) -> None:
        self._cells: dict[Cell, _Times[Thing]] = {}
        self._wide: dict[Box, _Times[Thing]] = {}
        self._nowhere: _Times[Thing] = _Times()
        for thing in sorted(things, key=_first):  # so that each is put in at an end
            self.add(thing)

    def add(self, thing: Thing) -> None:
        """Put a thing in."""
        self._of(thing).add(thing)

    def take(self, thing: Thing) -> None:
        """Take out the very thing that was put in."""
        times, bounds = self._of(thing), thing.bounds
        times.take(thing)
        if bounds is not None and times.is_empty:
            if _is_wide(bounds):
                del self._wide[bounds]
            else:
                del self._cells[cell(bounds[0], bounds[1], _GROUND)]

    def near(self, boxes: Sequence[Box] | None, first: int | None, last: int | None) -> Iterator[Thing]:
        """Each thing, once, that may meet one of some boxes (None: wherever it is) and a time: no less than do."""
        if boxes is None:
            yield from self._nowhere.between(first, last)
        for bounds, times in self._wide.items():
            if boxes is None or any(_meet(bounds, box) for box in boxes):
                yield from times.between(first, last)
        places = self._cells.keys() if boxes is None else self._met(boxes)
        for place in places:
            yield from self._cells[place].between(first, last)

    def _met(self, boxes: Sequence[Box]) -> set[Cell]:
        """The cells in which the south-west corner of something lies that may meet a box."""
        wide = side(_GROUND)
        grown = ((west - wide, south - wide, east, north) for west, south, east, north in boxes)
        return {place for box in grown for place in _within(self._cells, box, _GROUND)}

    def _of(self, thing: Thing) -> _Times[Thing]:
        bounds = thing.bounds
        if bounds is None:
            return self._nowhere
        if _is_wide(bounds):
            return self._wide.setdefault(bounds, _Times())
        return self._cells.setdefault(cell(bounds[0], bounds[1], _GROUND), _Times())


Key = TypeVar("Key")


def _within(cells: dict[Cell, Key], box: Box | None, level: int) -> Iterator[Cell]:
    """The cells that are there and meet a box: looked up one by one, or looked through, whichever is less. A box whose
    west lies east of its east, or south north of its north, has nothing in it."""
    if box is None:
        return iter(cells)
    if box[0] > box[2] or box[1] > box[3]:
        return iter(())
    (west, south), (east, north) = cell(box[0], box[1], level), cell(box[2], box[3], level)
    if (east - west + 1) * (north - south + 1) > len(cells):
        return (each for each in cells if west <= each[0] <= east and south <= each[1] <= north)
    every = ((lon, lat) for lon in range(west, east + 1) for lat in range(south, north + 1))
    return (each for each in every if each in cells)


def _grown(box: Box | None, level: int) -> Box | None:
    """The ground of the cells of a level that a box meets."""
    if box is None:
        return None
    wide, (west, south), (east, north) = side(level), cell(box[0], box[1], level), cell(box[2], box[3], level)
    return west * wide, south * wide, (east + 1) * wide - 1, (north + 1) * wide - 1


def _is_wide(bounds: Box) -> bool:
    """Whether it is looked for by its bounds, and not in a cell."""
    return bounds[2] - bounds[0] > side(_GROUND) or bounds[3] - bounds[1] > side(_GROUND)


def _meet(first: Box, second: Box) -> bool:
    return first[0] <= second[2] and second[0] <= first[2] and first[1] <= second[3] and second[1] <= first[3]


def _first(thing: Placed) -> int:
    return 0 if thing.first is None else thing.first
