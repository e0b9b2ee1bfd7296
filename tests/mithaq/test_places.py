"""Places are said no finer than they are known, and in the same numbers on every machine."""

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LinearRing

from mithaq import places
from mithaq.errors import Refusal
from mithaq.places import Answer, Course

GEOMETRY = Path(__file__).parents[2] / "instruments" / "iraq-iran-2025" / "geometry"
positions = st.tuples(st.integers(40_000_000, 54_000_000), st.integers(28_000_000, 40_000_000))


def features(name: str) -> list[Any]:
    return json.loads((GEOMETRY / f"{name}.geojson").read_text("utf-8"))["features"]


def micro(pair: tuple[float, float]) -> places.Position:
    return round(pair[0] * 1_000_000), round(pair[1] * 1_000_000)


@pytest.fixture(scope="module")
def border():
    points = tuple(micro(pair) for pair in features("line")[0]["geometry"]["coordinates"])
    return Course(points, 1_310_200, 5_000)


def test_the_border_measures_what_the_geodesic_does(border):
    assert abs(places.measure(border.points) - 1_310_200) < 100


@pytest.mark.parametrize("feature", features("crossings"), ids=lambda each: each["properties"]["id"])
def test_a_crossing_is_found_at_its_kilometre(border, feature):
    nearest = border.nearest(micro(feature["geometry"]["coordinates"]))
    assert abs(nearest.metre - feature["properties"]["border_km"] * 1_000) < 100
    assert nearest.distance < 10
    assert nearest.accuracy == 5_000


@given(st.integers(0, 1_310_200))
def test_a_metre_of_the_line_leads_back_to_itself(metre):
    points = tuple(micro(pair) for pair in features("line")[0]["geometry"]["coordinates"])[::4]
    course = Course(points, 1_310_200, 5_000)
    found = course.nearest(course.at(metre))
    assert found.distance <= 20
    assert abs(found.metre - metre) <= 20


def test_distance_agrees_with_the_sphere_to_half_a_per_cent():
    here, there = (45_000_000, 33_000_000), (45_200_000, 33_200_000)
    haversine = math.sin(math.radians(0.1)) ** 2 * (1 + math.cos(math.radians(33)) * math.cos(math.radians(33.2)))
    expected = 2 * 6_371_000 * math.asin(math.sqrt(haversine))
    assert abs(places.distance(here, there) - expected) < expected / 200


@given(positions, positions)
def test_distance_is_the_same_both_ways(here, there):
    assert abs(places.distance_mm(here, there) - places.distance_mm(there, here)) <= 2


def test_a_kilometre_is_said_no_finer_than_the_line_is_known():
    assert places.neutral(532_700, 5_000, "en") == "about km 530"
    assert places.neutral(532_700, 5_000, "ar") == "نحو الكيلومتر ٥٣٠"
    assert places.neutral(532_700, 5_000, "fa") == "حدود کیلومتر ۵۳۰"
    assert places.neutral(532_700, 5_000, "ckb") == "نزیکەی کیلۆمەتری ٥٣٠"
    assert places.about(532_700, 200) == 533
    assert places.about(532_700, 60_000) == 500


@given(st.integers(0, 100_000), st.integers(0, 100_000), st.integers(0, 20_000))
def test_a_distance_rule_never_says_more_than_it_knows(distance, limit, accuracy):
    answer = places.within(distance, limit, accuracy)
    assert (answer is Answer.YES) == (distance + accuracy <= limit)
    assert (answer is Answer.NO) == (distance - accuracy > limit)


def test_the_line_does_not_say_on_which_side_a_point_lies(border):
    left = border.nearest((46_000_000, 33_000_000))
    assert set(type(left).__slots__) == {"metre", "distance", "accuracy"}


def test_a_point_of_a_sector_is_found_in_it():
    areas = {}
    for feature in features("sectors"):
        shape, known = feature["geometry"], feature["properties"]["id"]
        polygons = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
        areas[known] = [[[micro(pair) for pair in ring] for ring in polygon] for polygon in polygons]
    for feature in features("crossings"):
        assert places.sector_of(micro(feature["geometry"]["coordinates"]), areas) == feature["properties"]["sector"]
    assert places.sector_of((44_400_000, 33_300_000), areas) is None


def test_a_hole_is_not_inside():
    ring = [(0, 0), (10, 0), (10, 10), (0, 10)]
    hole = [(4, 4), (6, 4), (6, 6), (4, 6)]
    assert places.contains([[ring, hole]], (2, 2))
    assert not places.contains([[ring, hole]], (5, 5))


def test_the_stretches_of_the_line_belong_to_one_sector_each():
    stretches = {"A": (0, 50), "B": (50, 100)}
    assert [places.sector_at(metre, stretches) for metre in (0, 49, 50, 100, 101)] == ["A", "A", "B", "B", None]


@given(positions, st.sampled_from([2_000, 3_000, 5_000, 10_000]))
def test_a_cell_holds_its_position_and_is_nowhere_smaller_than_asked(position, size):
    cell = places.cell_of(position, size)
    south_west, south_east, north_east, north_west, closing = cell.ring
    assert south_west == closing
    assert south_west[0] <= position[0] < north_east[0]
    assert south_west[1] <= position[1] < north_east[1]
    for here, there in ((south_west, south_east), (north_west, north_east), (south_west, north_west)):
        assert places.distance(here, there) >= size - 1


@given(positions, st.integers(-4_000, 4_000), st.integers(-4_000, 4_000))
def test_all_positions_of_a_cell_are_told_as_the_same_cell(position, east, north):
    cell = places.cell_of(position)
    other = (position[0] + east, position[1] + north)
    (west, south), (right, top) = cell.ring[0], cell.ring[2]
    if west <= other[0] < right and south <= other[1] < top:
        assert places.cell_of(other) == cell


def test_it_refuses_a_cell_that_is_too_fine():
    with pytest.raises(Refusal) as refused:
        places.cell_of((46_000_000, 33_000_000), 1_999)
    assert refused.value.code == "place.cell-too-small"


@pytest.mark.parametrize(
    ("text", "position", "accuracy"),
    [
        ("33.116, 46.081", (46_081_000, 33_116_000), 56),
        ("33.11618 46.08148", (46_081_480, 33_116_180), 1),
        ("٣٣٫١١٦، ٤٦٫٠٨١", (46_081_000, 33_116_000), 56),
        ("۳۳٫۱۱۶، ۴۶٫۰۸۱", (46_081_000, 33_116_000), 56),
        ("33°06'58\"N 46°04'53\"E", (46_081_389, 33_116_111), 15),
        ("46°04'53\"E, 33°06'58\"N", (46_081_389, 33_116_111), 15),
        ("33 06 58 N 46 04 53 E", (46_081_389, 33_116_111), 15),
        ("33 06 58N, 046 04 53E", (46_081_389, 33_116_111), 15),
        ("\u202a33.116, 46.081\u202c", (46_081_000, 33_116_000), 56),
        ("\u200e33°\u00a006'\u00a058\"\u00a0N\u2067 46°04'53\"E\u2069", (46_081_389, 33_116_111), 15),
        ("33 N 46 E", (46_000_000, 33_000_000), 55_660),
        ("33°06'N 46°05'W", (-46_083_333, 33_100_000), 928),
        ("-33.5, 46.5", (46_500_000, -33_500_000), 5_566),
    ],
)
def test_a_position_is_read_with_the_accuracy_of_its_notation(text, position, accuracy):
    stated = places.parse_position(text)
    assert stated.position == position
    assert abs(stated.accuracy - accuracy) <= 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "33.1",
        "33.1 N 34.2 N",
        "33°70'N 46°E",
        "95.0, 46.0",
        "33.1, 46.2, 5",
        "near Mehran",
        "33,1 46,2",
        "33 70 00 N 46 00 00 E",
    ],
)
def test_it_refuses_what_is_no_position(text):
    with pytest.raises(Refusal):
        places.parse_position(text)


def test_it_refuses_a_line_that_cannot_be_measured():
    for points in ((), ((0, 0),), ((0, 0), (0, 0))):
        with pytest.raises(Refusal) as refused:
            Course(points, 100, 0).nearest((0, 0))
        assert refused.value.code == "place.not-a-line"
    with pytest.raises(Refusal):
        Course(((0, 0), (0, 1_000)), 100, 0).at(101)


@pytest.mark.parametrize(
    ("ring", "crosses"),
    [
        ([(0, 0), (4, 0), (4, 4), (0, 4)], False),
        ([(0, 0), (4, 4), (4, 0), (0, 4)], True),
        ([(0, 0), (4, 0), (2, 0), (0, 4)], True),
        ([(0, 0), (4, 0), (4, 4), (2, 0), (0, 4)], True),
        ([(0, 0), (4, 0), (8, 0), (4, 4)], False),
        ([(0, 0), (8, 0), (4, 0)], True),
        ([(0, 0), (4, 0), (2, 3)], False),
    ],
)
def test_an_outline_that_meets_itself_is_no_area(ring, crosses):
    assert places.crosses_itself(ring) is crosses


corners = st.lists(st.tuples(st.integers(-6, 6), st.integers(-6, 6)), min_size=3, max_size=9, unique=True)


@given(corners)
def test_an_outline_meets_itself_where_another_program_finds_that_it_does(ring):
    assert places.crosses_itself(ring) is not LinearRing(ring).is_simple


def nearest_of_all(course: Course, position: tuple[int, int]) -> tuple[int, int]:
    """Metre and metres away, by looking at every segment."""
    feet = [places._foot(position, start, end) for start, end in pairwise(course.points)]
    away, index, part = min((away, index, part) for index, (away, part) in enumerate(feet))
    reached = course._reached
    return reached[index] + (reached[index + 1] - reached[index]) * part // 1_000_000, away // 1_000


beside = st.tuples(st.integers(-40_000_000, 40_000_000), st.integers(-60_000_000, 60_000_000))


@given(st.lists(beside, min_size=2, max_size=12, unique=True), beside)
def test_the_nearest_place_is_that_of_looking_at_every_segment(
    points: list[tuple[int, int]], position: tuple[int, int]
) -> None:
    course = Course(tuple(points), 100_000, 10)
    found = course.nearest(position)
    assert (found.metre, found.distance) == nearest_of_all(course, position)
