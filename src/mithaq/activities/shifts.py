"""The least shift of an activity, in time or on the ground, with which it surely meets no plan.

These are proposals to people: both come from the same plans on every node, and neither side is told to take one. A
place moves in steps: a kilometre along the line, or cells of the fixed grid. A sector or a crossing cannot move.
Whoever asks says which places may be proposed at all, so that nothing is moved out of every sector.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from mithaq import places
from mithaq.activities.conflicts import Plans
from mithaq.activities.extents import share_ground
from mithaq.errors import Refusal
from mithaq.instrument.law import Law
from mithaq.moments import Interval, Moment
from mithaq.places import Answer

Place = Mapping[str, Any]

MOST_STEPS: Final = 30
"""How many steps a place is moved in any direction before nothing is proposed."""


@dataclass(frozen=True, slots=True)
class Later:
    """A shift in time."""

    time: Interval
    seconds: int
    """From the planned start to the proposed one; negative when that is earlier."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A shift on the ground."""

    place: Place
    metres: int
    """From the planned place to the proposed one."""


def in_time(plans: Plans, place: Place, time: Interval, not_before: Moment, but: str = "") -> Later | None:
    """The nearest time, earlier or later and no earlier than `not_before`, at which the activity meets no plan for as
    long as it lasts; the later one of two that are as near. None when it meets none as planned."""
    later = plans.free_from(place, time, but)
    if later == time.start:
        return None
    earlier = plans.free_until(place, time, not_before, but)
    ahead, back = later.seconds - time.start.seconds, time.start.seconds - earlier.seconds if earlier else None
    shift = -back if back is not None and back < ahead else ahead
    return Later(Interval(Moment(time.start.seconds + shift), Moment(time.end.seconds + shift)), shift)


def in_area(plans: Plans, place: Place, time: Interval, may_be: Callable[[Place], bool], but: str = "") -> Moved | None:
    """The nearest place, of those that `may_be`, at which the activity meets no plan at its time; None when it meets
    none where it is, when it cannot move, or when no place within reach is free."""
    if not plans.conflicts(place, time, but):
        return None
    for metres, candidate in nearest_first(place, plans.ground.law):
        if may_be(candidate) and _is_free(plans, candidate, time, but):
            return Moved(candidate, metres)
    return None


def nearest_first(place: Place, law: Law) -> list[tuple[int, Place]]:
    """Where a place can be moved to: metres away and place, the nearest first; of places as near, along the line the
    further one, on the grid the one further north and then further east."""
    match place["form"]:
        case "kilometre":
            found: Iterable[tuple[int, Place]] = _along(int(place["km"]), law)
        case "cell":
            found = _cells(place)
        case "area":
            found = _areas(place)
        case _:
            found = ()
    return sorted(found, key=lambda each: each[0])


def _is_free(plans: Plans, place: Place, time: Interval, but: str) -> bool:
    ground = plans.ground.extent(place)
    if ground is None:
        return False
    return all(share_ground(ground, other) is Answer.NO for other in plans.within(ground.box, time, but))


def _along(km: int, law: Law) -> Iterator[tuple[int, Place]]:
    for step in range(1, MOST_STEPS + 1):
        for moved in (km + step, km - step):
            if 0 <= moved <= law.line.length // 1_000:
                yield step * 1_000, {"form": "kilometre", "km": moved}


def _offsets() -> Iterator[tuple[int, int]]:
    """Steps east and north, further north and then further east first."""
    reach = range(MOST_STEPS, -MOST_STEPS - 1, -1)
    return ((east, north) for north in reach for east in reach if 0 < east * east + north * north <= MOST_STEPS**2)


def _cells(place: Place) -> Iterator[tuple[int, Place]]:
    size = int(place["size"])
    cell = places.Cell(place["lon"], place["lat"], size)
    (_, _), (east_edge, north_edge) = cell.ring[0], cell.ring[2]
    wide, tall = east_edge - cell.lon, north_edge - cell.lat
    for east, north in _offsets():
        aim = cell.centre[0] + east * wide, cell.centre[1] + north * tall
        try:
            moved = places.cell_of(aim, size)
        except Refusal:
            continue
        yield (
            places.distance(cell.centre, moved.centre),
            {"form": "cell", "lon": moved.lon, "lat": moved.lat, "size": size},
        )


def _areas(place: Place) -> Iterator[tuple[int, Place]]:
    """The area moved by whole cells, its corners on the grid again; one that would no longer be an area is left out."""
    ring = [(lon, lat) for lon, lat in place["ring"]]
    first = places.cell_of(ring[0])
    wide, tall = first.ring[2][0] - first.lon, first.ring[2][1] - first.lat
    for east, north in _offsets():
        try:
            corners = [places.cell_of((lon + east * wide, lat + north * tall)) for lon, lat in ring]
        except Refusal:
            continue
        moved = [[cell.lon, cell.lat] for cell in corners]
        distinct = {(cell.lon, cell.lat) for cell in corners}
        if len(distinct) == len(moved) and not places.crosses_itself([(lon, lat) for lon, lat in moved]):
            away = places.distance(ring[0], (ring[0][0] + east * wide, ring[0][1] + north * tall))
            yield away, {"form": "area", "ring": moved}
