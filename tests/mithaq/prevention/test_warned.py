"""The ledger of warnings: what goes on counts once, and hits and false alarms are counted as judged."""

from datetime import date, timedelta

import pytest

from mithaq.analysis.clusters.warnings import Warning
from mithaq.errors import Refusal
from mithaq.places import Cell
from mithaq.prevention.settings import BOUNDS, DAILY, chosen
from mithaq.prevention.warned import Held, Outcome, goes_on_from, tally

DAY = date(2031, 3, 20)
FIRST, SECOND = (Held(1, frozenset("AB"), DAY + timedelta(days=1)), Held(2, frozenset("C"), DAY + timedelta(days=3)))


def warned(*sectors: str) -> Warning:
    return Warning(sectors, DAY - timedelta(days=7), DAY - timedelta(days=1), 5, 1.2, 0.002, 500)


def test_a_warning_goes_on_from_the_first_that_still_holds_and_shares_a_sector() -> None:
    assert goes_on_from(warned("B"), (FIRST, SECOND), DAY) == FIRST
    assert goes_on_from(warned("B", "C"), (FIRST, SECOND), DAY) == FIRST
    assert goes_on_from(warned("B", "C"), (FIRST, SECOND), DAY + timedelta(days=1)) == SECOND
    assert goes_on_from(warned("D"), (FIRST, SECOND), DAY) is None
    assert goes_on_from(warned("A"), (FIRST, SECOND), DAY + timedelta(days=1)) is None


def test_a_warning_of_a_cell_opens_a_row_of_its_own() -> None:
    cell = Warning(Cell(0, 0, 5_000), DAY - timedelta(days=7), DAY, 5, 1.2, 0.002, 500)
    assert goes_on_from(cell, (FIRST,), DAY) is None


def test_shares_are_of_hits_and_false_alarms_and_a_known_cause_is_neither() -> None:
    outcomes = [Outcome.CAME, Outcome.NOTHING, Outcome.NOTHING, Outcome.KNOWN, Outcome.UNSURE, None]
    found = tally(outcomes, 730)
    assert (found.warnings, found.open, found.known, found.unsure) == (6, 1, 1, 1)
    assert (found.share_of_hits, found.share_of_false) == (333, 666)
    assert found.false_a_year == 1_000


def test_a_ledger_that_nobody_has_judged_gives_no_share() -> None:
    found = tally([None, Outcome.KNOWN], 89)
    assert (found.share_of_hits, found.share_of_false, found.false_a_year) == (None, None, None)


def test_what_the_program_does_by_itself_can_be_chosen() -> None:
    assert chosen(recurrence=365, history=365, longest=14, widest=0) == DAILY


@pytest.mark.parametrize("name", BOUNDS)
def test_it_refuses_a_setting_outside_its_bounds(name: str) -> None:
    least, most = BOUNDS[name]
    for value in (least - 1, most + 1):
        with pytest.raises(Refusal, match=r"warning\.bad-setting"):
            chosen(**{"recurrence": 365, "history": 365, "longest": 14, "widest": 0, name: value})


@pytest.mark.parametrize("recurrence", [30, 365, 500, 501, 1_000, 3_650])
def test_as_many_draws_are_made_as_so_seldom_a_thing_takes_to_be_seen(recurrence: int) -> None:
    found = chosen(recurrence=recurrence, history=365, longest=14, widest=0)
    assert found.replicates + 1 >= 2 * recurrence
    assert 1 + found.enough > (found.replicates + 1) / recurrence >= found.enough
