"""A quarter's figures: the same at every holder of a cut, whatever came after it, and of one rule for both sides."""

from typing import Any

import pytest

from mithaq import canonical
from mithaq.errors import Refusal
from mithaq.notices import quarters
from mithaq.notices.fields import check_field
from mithaq.notices.quarters import Difference, cut_of, ended, figures, first_day, first_difference, last_day, period
from tests.mithaq.notices.border import FIRE, Border

DAY = "2031-01-01"
OVER = "2031-04-01T00:00:00Z"


def asked_and_answered() -> Border:
    """A question that was answered in time, and one that never was."""
    border = Border()
    here, there = border.pair
    fire = here.notice("incident.initial", FIRE)
    border.exchange()
    what = {"concern": "event", "questions": ["what"]}
    first = there.notice("clarification.request", what, fire)
    border.exchange()
    border.at(30)
    here.notice("clarification.reply", {"finding": "confirmed"}, first)
    there.notice("clarification.request", what, fire)
    border.exchange()
    return border


def test_every_clock_of_the_quarter_stands_once_by_how_it_stood_at_the_end() -> None:
    border = asked_and_answered()
    found = figures(border.book(), border.law, DAY)
    for side in ("first", "second"):
        names = ("met", "late", "missed", "running", "disputed")
        assert found["started"][side] == sum(found[name][side] for name in names)
    assert (found["met"]["first"], found["missed"]["first"]) == (1, 1)
    assert found["opened"] == {"first": 1, "second": 0}
    assert found["released"] == {"first": 2, "second": 2}


def test_figures_are_facts_of_the_kind_that_states_them() -> None:
    border = asked_and_answered()
    found = figures(border.book(), border.law, DAY)
    kind = next(kind for kind in border.law.kinds if quarters.is_quarterly(kind))
    assert {field.name for field in kind.fields} == set(found)
    for field in kind.fields:
        check_field(found[field.name], field, border.law)


def test_another_holder_computes_the_same_from_the_cut_that_is_named_whatever_came_after() -> None:
    border = asked_and_answered()
    stated = figures(border.book(), border.law, DAY)
    here, there = border.pair
    here.notice("incident.initial", FIRE)
    border.exchange()
    ledger = border.replayed()
    cut = cut_of(stated, border.law, ledger.sizes())
    again = figures(ledger.book(cut), border.law, DAY)
    assert canonical.encode(again) == canonical.encode(stated)
    later = figures(border.book(), border.law, DAY)
    assert first_difference(stated, later, border.law) == Difference("started", there.code, 1, 2)


def test_it_refuses_figures_of_more_than_is_held() -> None:
    border = asked_and_answered()
    stated = figures(border.book(), border.law, DAY)
    origin = border.pair[0].origin
    with pytest.raises(Refusal, match=r"ledger\.beyond-held"):
        cut_of(stated, border.law, {**border.ledger.sizes(), origin: 2})


@pytest.mark.parametrize("name", quarters.FIGURES)
def test_one_number_that_is_not_so_is_found_and_named(name: str) -> None:
    border = asked_and_answered()
    stated = figures(border.book(), border.law, DAY)
    forged: dict[str, Any] = {**stated, name: {**stated[name], "second": stated[name]["second"] + 1}}
    found = first_difference(forged, stated, border.law)
    assert found is not None
    assert (found.field, found.party, found.stated - found.computed) == (name, border.pair[1].code, 1)


def test_a_quarter_is_three_months_from_the_first_of_january_april_july_or_october() -> None:
    assert first_day("2031-03-31T23:59:59Z") == "2031-01-01"
    assert first_day("2031-12-01T00:00:00Z") == "2031-10-01"
    assert period("2031-10-01") == {"from": "2031-10-01T00:00:00Z", "until": "2032-01-01T00:00:00Z"}
    assert last_day("2031-01-01") == "2031-03-31"


@pytest.mark.parametrize("day", ["2031-02-01", "2031-01-02", "", "2031-1-01", "20310101xx"])
def test_it_refuses_a_day_on_which_no_quarter_begins(day: str) -> None:
    with pytest.raises(Refusal, match=r"quarter\.none"):
        period(day)


def test_only_quarters_that_are_over_are_listed_from_the_first_notice_on() -> None:
    border = asked_and_answered()
    assert ended(Border().book(), OVER) == ()
    assert ended(border.book(), OVER) == (DAY,)
    assert ended(border.book(), "2031-10-02T00:00:00Z") == ("2031-07-01", "2031-04-01", DAY)
    assert ended(border.book(), "2031-03-31T23:59:59Z") == ()


def test_nothing_of_another_quarter_counts() -> None:
    border = asked_and_answered()
    found = figures(border.book(), border.law, "2030-10-01")
    assert all(not any(found[name].values()) for name in quarters.FIGURES)
