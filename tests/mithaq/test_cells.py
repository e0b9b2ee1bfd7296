"""The grid over the map: whatever comes and goes, it counts and finds what looking at everything counts and finds."""

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from mithaq import cells
from mithaq.cells import DEEPEST, Box, Ground, Pyramid, Spot

LONS, LATS = st.integers(-1_000_000, 1_000_000), st.integers(-500_000, 500_000)
LEVELS = st.integers(0, DEEPEST)


def boxed(draw: st.DrawFn) -> Box:
    (west, east), (south, north) = (sorted((draw(each), draw(each))) for each in (LONS, LATS))
    return west, south, east, north


BOXES = st.composite(boxed)()
SPOTS = st.lists(st.tuples(st.sampled_from("AB"), LONS, LATS), min_size=1, max_size=3)
ENTRIES = st.lists(st.tuples(st.sampled_from(("open", "ended")), SPOTS), max_size=30)


@given(LONS, LATS, st.integers(0, DEEPEST - 1))
def test_four_cells_of_the_next_level_are_one_of_this(lon: int, lat: int, level: int) -> None:
    fine, coarse = cells.cell(lon, lat, level + 1), cells.cell(lon, lat, level)
    assert (fine[0] >> 1, fine[1] >> 1) == coarse
    assert cells.side(level) == 2 * cells.side(level + 1)


@given(ENTRIES, st.sets(st.integers(0, 29)), LEVELS, st.none() | BOXES, st.booleans())
def test_what_is_counted_is_what_looking_at_every_entry_counts(
    entries: list[tuple[str, list[Spot]]], gone: set[int], level: int, box: Box | None, every: bool
) -> None:
    pyramid = Pyramid()
    for number, (profile, spots) in enumerate(entries):
        pyramid.add(str(number), profile, spots)
    for number in gone & set(range(len(entries))):
        pyramid.take(str(number), *entries[number])
    left = [entries[number] for number in range(len(entries)) if number not in gone]
    counts, sums, whose = Counter[tuple[str, cells.Cell]](), Counter[tuple[str, cells.Cell]](), set[int]()
    for number, (profile, spots) in enumerate(left):
        for party, lon, lat in spots:
            place = cells.cell(lon, lat, level)
            if (every or profile == "open") and cells.meets(place, box, level):
                counts[party, place] += 1
                sums[party, place] += lon
                whose.add(number)

    def keeps(profile: Hashable) -> bool:
        return every or profile == "open"

    found = pyramid.counted(level, box, keeps)
    assert {name: each.count for name, each in found.sums.items()} == counts
    assert {name: each.lon for name, each in found.sums.items()} == {name: sums[name] for name in counts}
    assert (found.entries, found.spots) == (len(whose), counts.total())


@given(ENTRIES, BOXES)
def test_all_that_lies_in_a_box_is_near_it(entries: list[tuple[str, list[Spot]]], box: Box) -> None:
    pyramid = Pyramid()
    for number, (profile, spots) in enumerate(entries):
        pyramid.add(str(number), profile, spots)
    west, south, east, north = box
    inside = {
        str(number)
        for number, (_, spots) in enumerate(entries)
        if any(west <= lon <= east and south <= lat <= north for _, lon, lat in spots)
    }
    assert inside <= pyramid.near(box)


@given(ENTRIES, BOXES)
def test_a_box_that_is_turned_round_has_nothing_in_it(entries: list[tuple[str, list[Spot]]], box: Box) -> None:
    pyramid = Pyramid()
    for number, (profile, spots) in enumerate(entries):
        pyramid.add(str(number), profile, spots)
    west, south, east, north = box
    for turned in ((east + 1, south, west, north), (west, north + 1, east, south), (west, 1, 10**14, -1)):
        assert pyramid.near(turned) == set()


def test_what_came_and_went_leaves_nothing() -> None:
    pyramid, spots = Pyramid(), [("A", 1, 1), ("B", -1, -1), ("A", 5, 5)]
    pyramid.add("x", "open", spots)
    pyramid.take("x", "open", spots)
    assert pyramid.counted(4, None, lambda profile: True) == cells.Counted({}, 0)
    assert pyramid.near((-9, -9, 9, 9)) == set()
    assert not pyramid._here
    things = [Thing((0, 0, wide, wide), time, time) for wide in (0, 900_000) for time in (None, 7)]
    ground = Ground(things)
    for each in things:
        ground.take(each)
    assert not ground._cells
    assert not ground._wide


@dataclass(frozen=True, eq=False)
class Thing:
    bounds: Box | None
    first: int | None
    last: int | None


def thing(draw: st.DrawFn) -> Thing:
    west, south = draw(LONS), draw(LATS)
    wide = draw(st.sampled_from((0, 10_000, 150_000, 400_000)))
    first = draw(st.none() | st.integers(0, 50))
    bounds = draw(st.sampled_from((None, (west, south, west + wide, south + wide // 2), (0, 0, 900_000, 900_000))))
    return Thing(bounds, first, None if first is None else first + draw(st.sampled_from((0, 3, 30))))


TIMES = st.none() | st.integers(-5, 60)


@given(
    st.lists(st.composite(thing)(), max_size=30),
    st.sets(st.integers(0, 29)),
    st.none() | st.lists(BOXES, min_size=1, max_size=2),
    TIMES,
    TIMES,
)
def test_all_that_meets_a_box_at_a_time_is_near_it_once(
    things: list[Thing], gone: set[int], boxes: list[Box] | None, first: int | None, last: int | None
) -> None:
    half = len(things) // 2
    ground = Ground(things[:half])
    for each in things[half:]:
        ground.add(each)
    for number in gone & set(range(len(things))):
        ground.take(things[number])
    left = [things[number] for number in range(len(things)) if number not in gone]
    found = list(ground.near(boxes, first, last))
    assert len(found) == len(set(map(id, found)))
    assert {id(each) for each in left if _meets(each, boxes, first, last)} <= set(map(id, found)) <= set(map(id, left))


def _meets(each: Thing, boxes: list[Box] | None, first: int | None, last: int | None) -> bool:
    if first is not None or last is not None:
        if each.first is None or each.last is None:
            return False
        if (first is not None and each.last < first) or (last is not None and each.first > last):
            return False
    if boxes is None:
        return True
    if each.bounds is None:
        return False
    west, south, east, north = each.bounds
    return any(west <= box[2] and box[0] <= east and south <= box[3] and box[1] <= north for box in boxes)
