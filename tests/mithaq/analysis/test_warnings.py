"""A warning is no finer than a sector or a coarse cell and a week, and expires."""

from datetime import date

import pytest

from mithaq.analysis.clusters.warnings import Warning, week_around
from mithaq.errors import Refusal
from mithaq.places import Cell


def warned(where: tuple[str, ...] | Cell, first: int, floor: int = 2_000) -> Warning:
    return Warning(where, date(2025, 3, first), date(2025, 3, 20), 4, 0.7, 0.001, 1000, floor)


def test_it_holds_for_a_week_and_expires():
    warning = warned(("sector-2",), 14)
    assert warning.holds(date(2025, 3, 27))
    assert not warning.holds(date(2025, 3, 28))


def test_it_refuses_what_is_finer_than_a_week_or_the_floor():
    for where, first, floor in ((("sector-2",), 15, 2_000), (Cell(0, 0, 2_000), 14, 5_000), (Cell(0, 0, 500), 14, 1)):
        with pytest.raises(Refusal, match=r"scan\.too-fine"):
            warned(where, first, floor)


def test_a_shorter_cluster_is_told_as_its_week():
    assert week_around(date(2025, 3, 19), date(2025, 3, 20)) == (date(2025, 3, 14), date(2025, 3, 20))
