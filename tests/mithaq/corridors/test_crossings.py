"""Status and suspensions of crossings: what stands, since when it differs, and what is planned."""

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from mithaq.corridors import crossings, flows, suspensions
from mithaq.instrument.law import Clock, Law
from mithaq.instrument.statement import Statement
from mithaq.notices.clocks import Display, clock_display
from mithaq.notices.facets import Facets
from mithaq.notices.ringing import differing
from tests.mithaq.notices.border import Border, Side, instant, plain_law

KEY = ("bridge", "to-ml", "goods")
STATES = ("open", "restricted", "closed")


def said(place: int, party: str, state: str, **more: Any) -> Statement:
    facts = {"crossing": "bridge", "direction": ["to-ml"], "traffic": ["goods"], "state": state, **more}
    return Statement(party, f"{party} {place}", instant(place), (place, party, place), facts)


statements = st.lists(st.tuples(st.sampled_from(("ML", "RL")), st.sampled_from(STATES)), max_size=14).map(
    lambda chosen: [said(place, *each) for place, each in enumerate(chosen, 1)]
)


def test_a_mismatch_lasts_from_the_statement_that_began_it_whatever_is_said_meanwhile() -> None:
    state = crossings.fold(KEY, [said(1, "ML", "open"), said(2, "RL", "closed"), said(3, "ML", "restricted")])
    assert state.mismatch
    assert state.began is not None
    assert state.began.number == "RL 2"
    ended = crossings.extend(state, KEY, said(4, "RL", "restricted"))
    assert not ended.mismatch
    again = crossings.extend(ended, KEY, said(5, "RL", "open"))
    assert again.began is not None
    assert again.began.number == "RL 5"


def test_the_history_goes_back_to_the_first_statement() -> None:
    state = crossings.fold(KEY, [said(1, "ML", "open"), said(2, "RL", "closed"), said(3, "RL", "open")])
    assert [each.latest.number for each in state.history()] == ["RL 3", "RL 2", "ML 1"]
    assert [each.mismatch for each in state.history()] == [False, True, False]


def test_each_mismatch_is_told_with_its_beginning_and_its_end() -> None:
    told = [said(1, "ML", "open"), said(2, "RL", "closed"), said(3, "RL", "restricted"), said(4, "RL", "open")]
    state = crossings.fold(KEY, [*told, said(5, "ML", "closed")])
    found = [(each.began.number, each.ended.number if each.ended else None) for each in crossings.spells(state)]
    assert found == [("ML 5", None), ("RL 2", "RL 4")]


@given(statements, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_whatever_order_they_come_in_and_go_the_states_are_those_of_folding_from_nothing(
    told: list[Statement], chance: Any
) -> None:
    facets = Facets({crossings.FACET: crossings, flows.FACET: flows})
    rows: dict[str, bytes | None] = {}
    standing: dict[str, Statement] = {}
    moves = [*told, *told]  # twice over: what has come already comes again, or goes
    chance.shuffle(moves)
    for each in moves:
        if each.number in standing and chance.random() < 0.5:
            facets.drop(crossings.FACET, KEY, each.number)
            del standing[each.number]
        else:
            facets.add(crossings.FACET, KEY, each)
            standing[each.number] = each
        if chance.random() < 0.6:
            rows |= dict(facets.fold())
    rows |= dict(facets.fold())
    ordered = sorted(standing.values(), key=lambda each: each.order)
    found = facets.states(crossings.FACET).get(KEY)
    expected = crossings.fold(KEY, ordered) if ordered else None
    assert found == expected
    assert [row for row in rows.values() if row is not None] == ([_encoded(expected)] if expected else [])
    if expected is not None and found is not None:
        assert [each.latest for each in found.history()] == [each.latest for each in expected.history()]


def _encoded(state: crossings.CrossingState) -> bytes:
    facets = Facets({crossings.FACET: crossings})
    for each in state.history():
        facets.add(crossings.FACET, KEY, each.latest)
    ((_, encoded),) = facets.fold()
    assert encoded is not None
    return encoded


@given(statements)
@settings(max_examples=100, deadline=None)
def test_there_is_a_mismatch_exactly_where_two_parties_last_stated_different_states(told: list[Statement]) -> None:
    last = {each.party: each.facts["state"] for each in told}
    if told:
        assert crossings.fold(KEY, told).mismatch == (len(set(last.values())) > 1)


# Suspensions


def plan(place: int, party: str, state: str, start: int, until: int | None = None) -> Statement:
    end = {"until": instant(until)} if until is not None else {}
    return said(place, party, state, ground="works", **{"from": instant(start)}, **end)


def test_a_later_plan_stands_from_its_moment_on_and_an_earlier_one_until_then() -> None:
    found = suspensions.fold(
        KEY, [plan(1, "ML", "closed", 60, 600), plan(2, "ML", "restricted", 300, 600), plan(3, "RL", "closed", 90, 95)]
    )
    assert [each.number for each in found.plans["ML"]] == ["ML 1", "ML 2"]
    moved = suspensions.fold(KEY, [plan(1, "ML", "closed", 60, 600), plan(2, "ML", "closed", 30, 600)])
    assert [each.number for each in moved.plans["ML"]] == ["ML 2"]
    assert [each.number for each in found.ahead(instant(100))] == ["ML 1", "ML 2"]
    assert found.ahead(instant(601)) == ()


# Through the ledger


def status(border: Border, state: str, **more: Any) -> dict[str, Any]:
    way = border.law.codes["direction"][0]
    crossing = border.law.crossings[0].id
    return {"crossing": crossing, "direction": [way], "traffic": ["goods"], "state": state, "reason": "works", **more}


def suspended(border: Border, side: Side, start: int) -> dict[str, Any]:
    told = {name: value for name, value in status(border, "closed").items() if name != "reason"}
    return {**told, "ground": "works", "from": instant(start)}


def rings(border: Border, side: Side) -> list[str]:
    return [notice.number for notice, _ in differing(border.book(), side.code)]


def test_a_mismatch_rings_on_both_desks_until_each_has_acknowledged_what_the_other_says() -> None:
    border = Border()
    here, there = border.pair
    opened = here.notice("crossing.status", status(border, "open"))
    closed = there.notice("crossing.status", status(border, "closed"))
    border.exchange()
    assert rings(border, here) == [there.number(closed)]
    assert rings(border, there) == [here.number(opened)]
    here.notice("acknowledgement", {"handling": "seen"}, closed)
    border.exchange()
    assert rings(border, here) == []
    assert rings(border, there) == [here.number(opened)]
    there.notice("crossing.status", status(border, "open"))
    border.exchange()
    assert rings(border, there) == []


def test_what_was_acknowledged_before_the_sides_differed_rings_again() -> None:
    border = Border()
    here, there = border.pair
    opened = here.notice("crossing.status", status(border, "open"))
    border.exchange()
    there.notice("acknowledgement", {"handling": "seen"}, opened)
    border.exchange()
    assert rings(border, there) == []
    closed = there.notice("crossing.status", status(border, "closed"))
    border.exchange()
    assert rings(border, there) == [here.number(opened)]
    assert rings(border, here) == [there.number(closed)]
    there.notice("acknowledgement", {"handling": "seen"}, opened)
    border.exchange()
    assert rings(border, there) == []


def test_where_one_side_says_nothing_nothing_rings() -> None:
    border = Border()
    here, there = border.pair
    here.notice("crossing.status", status(border, "closed"))
    border.exchange()
    assert rings(border, here) == rings(border, there) == []


def test_a_suspension_told_early_enough_keeps_its_clock_and_one_told_late_does_not() -> None:
    border = Border(notice_period())
    here, there = border.pair
    early = here.notice("crossing.suspension", suspended(border, here, 60 * 72))
    late = there.notice("crossing.suspension", suspended(border, there, 60 * 24))
    border.at(30).exchange()
    found = {clock.notice: clock for clock in border.book().clocks if clock.id == "suspension-told"}
    assert found[here.number(early)].due == instant(60 * 24)
    assert clock_display(found[here.number(early)], instant(0)) == Display.MET
    assert clock_display(found[there.number(late)], instant(0)) == Display.MET_LATE
    foreseen = border.book().foreseen[here_key(border)]
    assert set(foreseen.plans) == {here.code, there.code}
    assert not border.book().crossings  # a plan changes no status


def test_a_suspension_that_was_withdrawn_counts_nowhere() -> None:
    border = Border(notice_period())
    here, _ = border.pair
    told = here.notice("crossing.suspension", suspended(border, here, 60))
    here.notice("withdrawal", {"reason": "sent-in-error"}, told)
    border.exchange()
    (clock,) = (clock for clock in border.book().clocks if clock.id == "suspension-told")
    assert clock.voided
    assert not border.book().foreseen


def here_key(border: Border) -> tuple[str, str, str]:
    return border.law.crossings[0].id, border.law.codes["direction"][0], "goods"


def notice_period() -> Law:
    law = plain_law()
    told = Clock(
        id="suspension-told",
        kinds=["crossing.suspension"],
        start="before:from",
        obliged="sender",
        answered_by=[],
        minutes=2880,
    )
    return msgspec.structs.replace(law, clocks=[*law.clocks, told])
