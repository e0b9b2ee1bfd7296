"""The register of the watch room: every incident, and every notice that stands alone, found by what it is about.

A book says everything; a list, a map and a filter ask for little of it, a page at a time. The register keeps of the
book what they ask for, and moves with it: an incident that a new leaf touches is taken out and put in again, the others
stay where they are. What is shown is in the order of the record, what came last in front.
"""

import threading
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import Any

from mithaq.cells import DEEPEST, Box, Counted, Pyramid
from mithaq.instrument.law import Law
from mithaq.notices.book import Book, Incident, Notice
from mithaq.notices.versions import Versions
from mithaq_node.queries import geometry

FINAL = frozenset({"closed", "accounts-differ", "withdrawn"})

OPEN, ENDED, ALONE = "open", "ended", "alone"
SHELVES = (OPEN, ENDED, ALONE)
"""Incidents that are open, those that have ended, and notices that belong to none."""
ANY = "any"
_MANY = 5_000
"""Spots that are looked through one by one."""
_FEW = 1_000
"""Notices that are taken one by one, however little is held."""
_SHARE = 16
"""Where more than one in so many of what is held moved, everything is taken anew."""
_NEVER = "A"
"""Behind every instant, as texts are ordered."""

Order = tuple[int, str, int]
Keeps = Callable[[str], bool]
"""Whether a list shows the notice of a number."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What an officer chose to see. What is empty leaves the choice open."""

    sector: str = ""
    kind: str = ""
    """The kind of the first notice."""
    precedence: str = ""
    """The most urgent precedence of its notices."""
    state: str = OPEN
    """`open`, `ended`, `any`, or one state of an incident."""
    since: str = ""
    """The latest notice states this instant (canonical) or a later one."""
    until: str = ""
    """The latest notice states an instant before this one."""

    @property
    def shelves(self) -> tuple[str, ...]:
        """Where the incidents stand that it may be about."""
        if self.state == ANY:
            return OPEN, ENDED
        if self.state in (OPEN, ENDED):
            return (self.state,)
        return (ENDED if self.state in FINAL else OPEN,)

    @property
    def facets(self) -> tuple[tuple[str, str], ...]:
        state = "" if self.state in (OPEN, ENDED, ANY) else self.state
        named = (("sector", self.sector), ("kind", self.kind), ("precedence", self.precedence), ("state", state))
        return tuple((facet, value) for facet, value in named if value)


@dataclass(frozen=True, slots=True)
class Spot:
    """A party's account of where it was, as one position in microdegrees."""

    party: str
    place: Mapping[str, Any]
    lon: int
    lat: int


@dataclass(frozen=True, slots=True)
class Item:
    """An incident, or a notice that belongs to none."""

    number: str
    first: Notice
    latest: Notice
    incident: Incident | None
    shelf: str
    facets: tuple[tuple[str, str], ...]
    spots: tuple[Spot, ...]

    @property
    def order(self) -> Order:
        return self.latest.order


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was chosen."""

    items: tuple[Item, ...]
    total: int
    """How many there are, on this page and on others."""
    more: bool
    """Whether others follow this page."""


Profile = tuple[str, frozenset[tuple[str, str]]]
"""What an incident may be chosen by, but for its time: its shelf and its facets."""


class Register:
    """Of one law. Every thread may ask; what it is told is of one moment."""

    def __init__(self, law: Law, versions: Versions | None = None) -> None:
        self._law, self._versions = law, versions or Versions(law)
        self._urgency = {name: place for place, name in enumerate(law.precedence)}
        self._lock = threading.Lock()
        self._clear()

    def _clear(self) -> None:
        self._items: dict[str, Item] = {}
        self._in_order: dict[str, list[tuple[Order, str]]] = {shelf: [] for shelf in SHELVES}
        self._by_time: dict[str, list[tuple[str, str]]] = {shelf: [] for shelf in SHELVES}
        self._facets: dict[tuple[str, str, str], set[str]] = {}
        self._spots_held = 0
        self._pyramid: Pyramid | None = None
        """Spots counted by cell, from the first time that there are too many to draw each."""

    def move(self, book: Book, moved: frozenset[str] | None) -> None:
        """Take what a book newly says: of the notices in `moved`, or of all when it is None."""
        with self._lock:
            if moved is None or len(moved) > max(_FEW, len(self._items) // _SHARE):
                self._clear()
                self._fill(book)
                return
            for number in moved:
                self._take_out(number)
            for item in self._items_of(book, moved):
                self._put_in(item)

    def find(self, choice: Choice, most: int, before: Order | None = None, keeps: Keeps | None = None) -> Found:
        """The incidents chosen, those that stand before `before` in the record. With `keeps` every one is asked for
        whether it, or a clock that runs in it, is kept: a desk's list costs what there is."""
        with self._lock:
            return self._find(choice.shelves, choice, most, before, keeps)

    def alone(self, choice: Choice, most: int, keeps: Keeps | None = None) -> Found:
        """The notices chosen that belong to no incident; a state of incidents is none of theirs."""
        with self._lock:
            return self._find((ALONE,), choice, most, None, keeps)

    def all(self, choice: Choice) -> tuple[Item, ...]:
        """Every incident chosen."""
        with self._lock:
            return tuple(
                item for shelf in choice.shelves for item in self._backwards(shelf, self._matching(shelf, choice), None)
            )

    def grouped(self, choice: Choice, zoom: int, box: Box | None, most: int) -> Counted | None:
        """The spots of the incidents chosen, counted in the cells of a zoom that a box meets, or in larger ones until
        there are at most `most` groups; None where each can be drawn, or a time is chosen, by which nothing is counted.
        """
        if choice.since or choice.until or zoom > DEEPEST:
            return None
        with self._lock:
            if self._spots_held <= most:
                return None
            pyramid, keeps = self._built(), _chooses(choice)
            found = pyramid.counted(zoom, box, keeps)
            if found.spots <= most:
                return None
            while len(found.sums) > most and zoom:
                zoom -= 1
                found = pyramid.counted(zoom, box, keeps)
            return found

    def spots(self, choice: Choice, box: Box | None) -> list[tuple[Item, Spot]]:
        """Each spot of each incident chosen that lies in a box."""
        with self._lock:
            near = self._built().near(box) if box is not None and self._spots_held > _MANY else None
        items = self.all(choice) if near is None else self._among(choice, near)
        return [(item, spot) for item in items for spot in item.spots if _is_in(spot, box)]

    def _among(self, choice: Choice, numbers: Set[str]) -> list[Item]:
        """The incidents chosen of some numbers, in the order of `all`."""
        keeps = _chooses(choice)
        with self._lock:
            near = [item for number in numbers if (item := self._items.get(number)) and keeps(_profile(item))]
        timed = (each for each in near if choice.since <= each.latest.at < (choice.until or _NEVER))
        latest = sorted(timed, key=lambda item: item.order, reverse=True)
        return sorted(latest, key=lambda item: choice.shelves.index(item.shelf))

    def _built(self) -> Pyramid:
        if self._pyramid is None:
            self._pyramid = Pyramid()
            for item in self._items.values():
                self._pyramid.add(item.number, _profile(item), _places(item))
        return self._pyramid

    def count(self, choice: Choice, keeps: Keeps | None = None) -> int:
        """How many incidents are chosen."""
        with self._lock:
            return sum(len(self._kept(shelf, choice, keeps)) for shelf in choice.shelves)

    def _find(
        self, shelves: tuple[str, ...], choice: Choice, most: int, before: Order | None, keeps: Keeps | None
    ) -> Found:
        pages, total = [], 0
        for shelf in shelves:
            matching = self._kept(shelf, choice, keeps)
            total += len(matching)
            pages.append(self._backwards(shelf, matching, before))
        page = list(islice(merge(*pages, key=lambda item: item.order, reverse=True), most + 1))
        return Found(tuple(page[:most]), total, len(page) > most)

    def _backwards(self, shelf: str, matching: "set[str] | _All", before: Order | None) -> Iterator[Item]:
        """Items of a shelf, the latest first. Few are sorted; many are met soon by whoever walks along the shelf."""
        ordered = self._in_order[shelf]
        if isinstance(matching, set) and len(matching) * 8 < len(ordered):
            chosen = sorted((self._items[number] for number in matching), key=lambda item: item.order, reverse=True)
            return (item for item in chosen if before is None or item.order < before)
        end = len(ordered) if before is None else bisect_left(ordered, (before, ""))
        walk = (ordered[place][1] for place in range(end - 1, -1, -1))
        return (self._items[number] for number in walk if number in matching)

    def _kept(self, shelf: str, choice: Choice, keeps: Keeps | None) -> "set[str] | _All":
        matching = self._matching(shelf, choice)
        if keeps is None:
            return matching
        return {item.number for item in self._backwards(shelf, matching, None) if _is_kept(item, keeps)}

    def _matching(self, shelf: str, choice: Choice) -> "set[str] | _All":
        sets = sorted((self._facets.get((shelf, *facet), set()) for facet in choice.facets), key=len)
        found: set[str] | _All = set.intersection(*sets) if len(sets) > 1 else sets[0] if sets else self._all_of(shelf)
        if not choice.since and not choice.until:
            return found
        timed = self._by_time[shelf]
        start = bisect_left(timed, (choice.since, ""))
        end = bisect_left(timed, (choice.until, "")) if choice.until else len(timed)
        return {number for _, number in timed[start:end] if number in found}

    def _all_of(self, shelf: str) -> "_All":
        return _All(len(self._in_order[shelf]))

    def _fill(self, book: Book) -> None:
        self._items = {item.number: item for item in self._items_of(book, book.notices)}
        for item in self._items.values():
            self._in_order[item.shelf].append((item.order, item.number))
            self._by_time[item.shelf].append((item.latest.at, item.number))
            for facet in item.facets:
                self._facets.setdefault((item.shelf, *facet), set()).add(item.number)
            self._spots_held += len(item.spots)
        for shelf in SHELVES:
            self._in_order[shelf].sort()
            self._by_time[shelf].sort()

    def _items_of(self, book: Book, numbers: Iterable[str]) -> Iterator[Item]:
        for number in numbers:
            notice = book.notices.get(number)
            if notice is None:
                continue
            incident = book.incidents.get(notice.thread)
            if incident is None or number == incident.number:
                yield self._item(notice, incident)

    def _item(self, first: Notice, incident: Incident | None) -> Item:
        notices = incident.notices if incident else (first,)
        shelf = ALONE if incident is None else ENDED if incident.state in FINAL else OPEN
        urgent = min((each.precedence for each in notices), key=lambda each: self._urgency.get(each, 99))
        spots = tuple(self._spots(incident)) if incident else ()
        sectors = {geometry.sector_of(spot.place, self._law) for spot in spots} or set(self._sectors(first))
        facets = [("kind", first.kind), ("precedence", urgent), *(("sector", each) for each in sorted(sectors) if each)]
        facets += [("state", incident.state)] if incident else []
        return Item(first.number, first, notices[-1], incident, shelf, tuple(facets), spots)

    def _spots(self, incident: Incident) -> Iterator[Spot]:
        for party, account in incident.accounts.items():
            place = _place(account["place"].value) if "place" in account else None
            at = geometry.spot(place, self._law) if place else None
            if at is not None and place is not None:
                yield Spot(party, place, *at)

    def _sectors(self, notice: Notice) -> Iterator[str]:
        """The sectors that a notice names by itself, also before its facts are received."""
        said, law = notice.facts or notice.stated or {}, self._versions.law_of(notice.leaf) or self._law
        kind = law.kind(notice.kind)
        for field in kind.fields if kind else ():
            if field.name in said and field.type in ("place", "sector", "crossing"):
                value = said[field.name]
                place = _place({"form": field.type, field.type: value} if isinstance(value, str) else value)
                yield geometry.sector_of(place, self._law) if place else ""

    def _put_in(self, item: Item) -> None:
        self._items[item.number] = item
        insort(self._in_order[item.shelf], (item.order, item.number))
        insort(self._by_time[item.shelf], (item.latest.at, item.number))
        for facet in item.facets:
            self._facets.setdefault((item.shelf, *facet), set()).add(item.number)
        self._spots_held += len(item.spots)
        if self._pyramid is not None and item.spots:
            self._pyramid.add(item.number, _profile(item), _places(item))

    def _take_out(self, number: str) -> None:
        item = self._items.pop(number, None)
        if item is None:
            return
        _drop(self._in_order[item.shelf], (item.order, number))
        _drop(self._by_time[item.shelf], (item.latest.at, number))
        for facet in item.facets:
            self._facets[item.shelf, *facet].discard(number)
        self._spots_held -= len(item.spots)
        if self._pyramid is not None and item.spots:
            self._pyramid.take(item.number, _profile(item), _places(item))


@dataclass(frozen=True, slots=True)
class _All:
    """Everything on a shelf, without a set of it."""

    size: int

    def __len__(self) -> int:
        return self.size

    def __contains__(self, number: object) -> bool:
        return True


def _profile(item: Item) -> Profile:
    return item.shelf, frozenset(item.facets)


def _places(item: Item) -> list[tuple[str, int, int]]:
    return [(spot.party, spot.lon, spot.lat) for spot in item.spots]


def _chooses(choice: Choice) -> Callable[[Any], bool]:
    """Whether a choice, but for its time, takes what has a profile."""
    shelves, facets = choice.shelves, frozenset(choice.facets)
    return lambda profile: profile[0] in shelves and facets <= profile[1]


def _is_in(spot: Spot, box: Box | None) -> bool:
    return box is None or (box[0] <= spot.lon <= box[2] and box[1] <= spot.lat <= box[3])


def _is_kept(item: Item, keeps: Keeps) -> bool:
    clocks = item.incident.clocks if item.incident else ()
    return keeps(item.number) or any(clock.is_running and keeps(clock.notice) for clock in clocks)


def _place(value: Any) -> Mapping[str, Any] | None:
    if isinstance(value, str):
        return {"form": "sector", "sector": value}
    return value if isinstance(value, Mapping) else None


def _drop(rows: list[Any], row: Any) -> None:
    place = bisect_right(rows, row) - 1
    if place >= 0 and rows[place] == row:
        del rows[place]
