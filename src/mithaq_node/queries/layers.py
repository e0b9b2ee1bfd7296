"""The accounts of both sides as rows that programs of maps read page by page, kept in step with the book.

A row stands where the first notice of its incident stands in the record, and stays there: what is added meanwhile comes
after, so that whoever reads page by page misses nothing and gets nothing twice.
"""

import threading
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import shapely
from shapely.geometry import shape

from mithaq import moments
from mithaq.cells import Ground
from mithaq.formats.asked import Bounds, Box, Query
from mithaq.instrument.law import Law
from mithaq.notices.book import Book, Incident, Stated
from mithaq.notices.incidents import NEVER_COMPARED
from mithaq.notices.uncollected import uncollected
from mithaq_node.queries import drawn as drawing
from mithaq_node.queries import geometry
from mithaq_node.queries.geometry import Geometry

UNPLACED, TWO = "unplaced", "two"
"""Accounts without a position, and incidents that both sides tell of."""

Key = tuple[int, str, int, str]
"""Where in the order of the record, and which of several that stand there."""

_MICRO = 1_000_000
_KEPT = 8
"""Choices of which the rows are remembered, so that the pages after the first cost nothing."""


@dataclass(frozen=True, slots=True)
class Row:
    """One feature: where it stands, how it is found, and what it is made from."""

    key: Key
    id: str
    bounds: Bounds | None
    first: int | None
    """The first microsecond of the time it states; None where it states none."""
    last: int | None
    source: Any


@dataclass(frozen=True, slots=True)
class Page:
    """A page of rows, and how many there are on all pages."""

    rows: tuple[Row, ...]
    matched: int
    more: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A side's account of an incident."""

    incident: Incident
    party: str
    place: Mapping[str, Any] | None


Tests = Mapping[str, Callable[[Row], str]]
"""Property to what its value is as text."""


class Rows:
    """The rows of one collection in their order. Every thread may ask."""

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self._lock = threading.Lock()
        self._in_order = sorted(rows, key=_key)
        self._by_id = {row.id: row for row in self._in_order}
        self._chosen: dict[Query, list[Row]] = {}
        self._changes = 0
        self._ground: Ground[Row] | None = None
        """Where and when they are, from the first time that somebody asks for it."""
        self._extent: tuple[Bounds | None, tuple[int, int] | None] | None = None

    def page(
        self, query: Query, after: Key | None, most: int, tests: Tests, geometry_of: Callable[[Row], Geometry | None]
    ) -> Page:
        """The rows that were asked for, those that stand behind `after`. Nobody waits while they are chosen."""
        with self._lock:
            chosen = self._in_order if query.is_all else self._remembered(query)
            if chosen is not None:
                return _page(chosen, after, most)
            every, changes = self._candidates(query), self._changes
        wanted = [(tests[name], value) for name, value in query.equal]
        found = sorted((row for row in every if _is_asked(row, query, wanted, geometry_of)), key=_key)
        with self._lock:
            if changes == self._changes:
                self._remember(query, found)
        return _page(found, after, most)

    def get(self, id: str) -> Row | None:
        with self._lock:
            return self._by_id.get(id)

    def extent(self) -> tuple[Bounds | None, tuple[int, int] | None]:
        """The bounds and the time of all rows; None for what no row has."""
        with self._lock:
            if self._extent is None:
                self._extent = _bounds(self._in_order), _times(self._in_order)
            return self._extent

    def every(self) -> tuple[Row, ...]:
        """All of them, as they are at this moment."""
        with self._lock:
            return tuple(self._in_order)

    def change(self, gone: Iterable[str], come: Iterable[Row]) -> None:
        """Take rows out by their identifiers and put others in."""
        with self._lock:
            for id in gone:
                row = self._by_id.pop(id, None)
                if row is not None:
                    del self._in_order[bisect_left(self._in_order, row.key, key=_key)]
                    if self._ground is not None:
                        self._ground.take(row)
            for row in come:
                self._by_id[row.id] = row
                insort(self._in_order, row, key=_key)
                if self._ground is not None:
                    self._ground.add(row)
            self._chosen.clear()
            self._changes += 1
            self._extent = None

    def _candidates(self, query: Query) -> Sequence[Row]:
        """The rows among which those are that were asked for."""
        if query.box is None and query.span is None:
            return tuple(self._in_order)
        if self._ground is None:
            self._ground = Ground(self._in_order)
        boxes = [(each.west, each.south, each.east, each.north) for each in query.box.parts] if query.box else None
        first, last = (query.span.first, query.span.last) if query.span else (None, None)
        return tuple(self._ground.near(boxes, first, last))

    def _remembered(self, query: Query) -> list[Row] | None:
        found = self._chosen.pop(query, None)
        if found is not None:
            self._chosen[query] = found
        return found

    def _remember(self, query: Query, found: list[Row]) -> None:
        self._chosen[query] = found
        while len(self._chosen) > _KEPT:
            del self._chosen[next(iter(self._chosen))]


class Layers:
    """The accounts of one law's book, by the sort of their places."""

    def __init__(self, law: Law) -> None:
        self._law = law
        self._times = times_of(law)
        self._rows = {name: Rows() for name in (*drawing.SORTS, UNPLACED, TWO)}
        self._of_incident: dict[str, tuple[tuple[str, str], ...]] = {}

    def rows(self, name: str) -> Rows:
        """Of the points, lines, areas, what is unplaced, or the incidents of both sides."""
        return self._rows[name]

    def move(self, book: Book, moved: frozenset[str] | None) -> None:
        """Take what the book newly says: of the notices in `moved`, or of all when it is None."""
        if moved is None:
            with uncollected():  # or what a long record makes here is walked through during somebody's page
                self._fill(book)
            return
        gone: dict[str, list[str]] = {}
        for number in moved:
            for name, id in self._of_incident.pop(number, ()):
                gone.setdefault(name, []).append(id)
        come = self._made(book, (number for number in moved if number in book.incidents))
        for name in gone.keys() | come.keys():
            self._rows[name].change(gone.get(name, ()), come.get(name, ()))

    def _fill(self, book: Book) -> None:
        self._of_incident = {}
        made = self._made(book, book.incidents)
        for name in self._rows:
            self._rows[name] = Rows(made.get(name, ()))

    def _made(self, book: Book, numbers: Iterable[str]) -> dict[str, list[Row]]:
        made: dict[str, list[Row]] = {}
        for number in numbers:
            found = tuple(self._rows_of(book, book.incidents[number]))
            for name, row in found:
                made.setdefault(name, []).append(row)
            self._of_incident[number] = tuple((name, row.id) for name, row in found)
        return made

    def _rows_of(self, book: Book, incident: Incident) -> Iterator[tuple[str, Row]]:
        order, slug = book.notices[incident.number].order, incident.number.replace(" ", "-")
        spots, times = [], []
        for party, account in sorted(incident.accounts.items()):
            place = place_of(account["place"].value) if "place" in account else None
            shape = drawing.drawn(place, self._law) if place else None
            first, last = self._time(account)
            times += [each for each in (first, last) if each is not None]
            bounds = shape.bounds if shape else None
            told = Told(incident, party, place)
            yield shape.sort if shape else UNPLACED, Row((*order, party), f"{slug}.{party}", bounds, first, last, told)
            spots += [at for at in [geometry.spot(place, self._law) if place else None] if at]
        if len(incident.accounts) > 1:
            first, last = (min(times), max(times)) if times else (None, None)
            yield TWO, Row((*order, ""), slug, around(spots), first, last, incident)

    def _time(self, account: Mapping[str, Stated]) -> tuple[int | None, int | None]:
        found = stated_time(account, self._times)
        return (None, None) if found is None else (found.first, found.last)


@dataclass(frozen=True, slots=True)
class Time:
    """A time as it was stated: of which field, its first and its last microsecond, by which notice."""

    field: str
    first: int
    last: int
    number: str


def stated_time(account: Mapping[str, Stated], names: Iterable[str]) -> Time | None:
    """The time of an account: the first of its fields among `names`."""
    for name in names:
        if name in account:
            value = account[name].value
            is_period = isinstance(value, Mapping)
            first, last = (value["from"], value["until"]) if is_period else (value, value)
            ends = moments.parse(first).seconds * _MICRO, moments.parse(last).seconds * _MICRO - is_period
            return Time(name, *ends, account[name].number)
    return None


def floor_of(kind: str, name: str, law: Law) -> str:
    """How fine a field of a kind may be stated: `hour`, `minute` or `second` for times."""
    known = law.kind(kind)
    found = next((each for each in known.fields if each.name == name), None) if known else None
    return (found.floor if found else "") or "second"


def place_of(value: Any) -> Mapping[str, Any] | None:
    """A stated place; a sector that stands for one as a place."""
    if isinstance(value, str):
        return {"form": "sector", "sector": value}
    return value if isinstance(value, Mapping) else None


def around(spots: Iterable[tuple[int, int]]) -> Bounds | None:
    """The bounds of some positions; None of none."""
    known = list(spots)
    if not known:
        return None
    lons, lats = zip(*known, strict=True)
    return min(lons), min(lats), max(lons), max(lats)


def times_of(law: Law) -> tuple[str, ...]:
    """The fields of moments and intervals that say when it happened, in the order in which the kinds have them."""
    named = (
        field.name
        for kind in law.kinds
        for field in kind.fields
        if field.type in ("moment", "interval") and field.name not in NEVER_COMPARED
    )
    return tuple(dict.fromkeys(named))


def _key(row: Row) -> Key:
    return row.key


def _page(chosen: list[Row], after: Key | None, most: int) -> Page:
    start = bisect_right(chosen, after, key=_key) if after is not None else 0
    return Page(tuple(chosen[start : start + most]), len(chosen), start + most < len(chosen))


def _is_asked(
    row: Row,
    query: Query,
    wanted: Iterable[tuple[Callable[[Row], str], str]],
    geometry_of: Callable[[Row], Geometry | None],
) -> bool:
    if query.span is not None and (row.first is None or row.last is None or not query.span.meets(row.first, row.last)):
        return False
    if query.box is not None and (row.bounds is None or not query.box.meets(row.bounds)):
        return False
    if not all(said(row) == value for said, value in wanted):
        return False
    return (
        query.box is None or row.bounds is None or query.box.holds(row.bounds) or _touches(query.box, geometry_of(row))
    )


def _touches(box: Box, found: Geometry | None) -> bool:
    """Whether a geometry itself shares a position with a box that its bounds meet."""
    if found is None:
        return False
    known = shape(found)
    return any(known.intersects(each) for each in _shapes(box))


@lru_cache(maxsize=8)
def _shapes(box: Box) -> tuple[shapely.Geometry, ...]:
    return tuple(
        shapely.box(part.west / _MICRO, part.south / _MICRO, part.east / _MICRO, part.north / _MICRO)
        for part in box.parts
    )


def _bounds(rows: Iterable[Row]) -> Bounds | None:
    found = [row.bounds for row in rows if row.bounds is not None]
    if not found:
        return None
    wests, souths, easts, norths = zip(*found, strict=True)
    return min(wests), min(souths), max(easts), max(norths)


def _times(rows: Iterable[Row]) -> tuple[int, int] | None:
    found = [(row.first, row.last) for row in rows if row.first is not None and row.last is not None]
    return (min(first for first, _ in found), max(last for _, last in found)) if found else None
