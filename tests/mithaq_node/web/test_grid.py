"""Grid references typed into a form: the middle of the square, and no finer than the square."""

import mgrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mithaq import places
from mithaq_node.web.filing import grid

DEGREE = 1_000_000


@given(
    lat=st.integers(29 * DEGREE, 39 * DEGREE),
    lon=st.integers(42 * DEGREE, 49 * DEGREE),
    digits=st.integers(1, 5),
)
def test_the_square_of_a_position_names_a_place_within_its_accuracy(lat: int, lon: int, digits: int) -> None:
    reference = mgrs.MGRS().toMGRS(lat / DEGREE, lon / DEGREE, MGRSPrecision=digits)
    stated = grid.position(reference)
    assert stated is not None
    # The package rounds to a metre before it cuts off, so a position may lie that far beyond its square.
    assert places.distance(stated.position, (lon, lat)) <= stated.accuracy * 101 // 100 + 2


def test_a_wide_square_is_stated_by_its_middle() -> None:
    wide, middle = grid.position("38SPC5714"), grid.position("38SPC 57500 14500")
    assert wide is not None
    assert middle is not None
    assert places.distance(wide.position, middle.position) <= 1


@pytest.mark.parametrize(
    "written",
    [
        "38S PB 00754 65109",
        "38SPB0075465109",
        "38s pb 00754 65109",
        " 38SPB 00754 65109 ",
        "38 S PB 00754 65109",
        "\u202a۳۸S PB\u00a0۰۰۷۵۴ ۶۵۱۰۹\u202c",
    ],
)
def test_a_reference_is_read_however_it_is_spaced(written: str) -> None:
    stated = grid.position(written)
    assert stated is not None
    assert places.distance(stated.position, (46_080_000, 33_120_000)) <= 1
    assert stated.accuracy == 1


@pytest.mark.parametrize(
    "written",
    ["33.12, 46.08", "38SPB 007 65", "38SPB00754", "38SPB007546510912", "99SPB0065", "38SAA0065", "38SPB", ""],
)
def test_what_is_no_reference_or_no_square_is_none(written: str) -> None:
    assert grid.position(written) is None


def test_a_wider_square_is_a_coarser_place() -> None:
    accuracies = [grid.position(f"38SPB{'0' * n}{'6' * n}") for n in (1, 2, 3, 4, 5)]
    assert [each.accuracy if each else 0 for each in accuracies] == [7072, 708, 71, 8, 1]
