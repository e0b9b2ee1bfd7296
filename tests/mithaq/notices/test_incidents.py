"""The states of an incident: the table in code, the table on the page, and every move tried in every state."""

import re
from pathlib import Path

import pytest

from mithaq.notices import roles
from mithaq.notices.book import Stated
from mithaq.notices.incidents import MOVES, Move, State, closing_move, differences, disagree, move_of, moved

PAGE = Path(__file__).parents[3] / "docs/spec/folds.md"
FINAL = {State.CLOSED, State.DIFFER, State.WITHDRAWN}


def test_the_page_prints_exactly_the_table_in_code() -> None:
    printed = re.findall(r"^\| ([a-z-]+) \| ([a-z]+) \| ([a-z-]+) \|$", PAGE.read_text(), re.MULTILINE)
    states = {str(state) for state in State}
    table = {(before, move): after for before, move, after in printed if before in states and after in states}
    assert table == {(str(before), str(move)): str(after) for (before, move), after in MOVES.items()}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("move", Move)
def test_a_move_that_is_not_in_the_table_changes_nothing(state: State, move: Move) -> None:
    expected = MOVES.get((state, move), state)
    assert moved(state, move) == expected
    assert state not in FINAL or expected == state


def test_every_state_can_be_reached() -> None:
    reached, before = {State.REPORTED}, set[State]()
    while reached != before:
        before = set(reached)
        reached |= {after for (state, _), after in MOVES.items() if state in reached}
    assert reached == set(State)


@pytest.mark.parametrize(
    ("role", "facts", "move"),
    [
        (roles.ACKNOWLEDGES, None, Move.ACKNOWLEDGE),
        (roles.ASKS, None, Move.ASK),
        (roles.ANSWERS, None, Move.ANSWER),
        (roles.REFUSES, None, Move.ANSWER),
        (roles.JUDGES, {"verdict": "satisfactory"}, Move.ACCEPT),
        (roles.JUDGES, {"verdict": "unsatisfactory"}, Move.DISSATISFY),
        (roles.JUDGES, None, None),
        (roles.ADDS, {"progress": "measures"}, Move.MEASURE),
        (roles.ADDS, {"progress": "information"}, None),
        (roles.ADDS, None, None),
        (roles.STATES, {}, None),
        (roles.SEALS, {}, None),
    ],
)
def test_a_role_and_its_coded_facts_make_the_move(role: str, facts: dict[str, str] | None, move: Move | None) -> None:
    assert move_of(role, facts) == move


def test_a_seal_answers_only_what_another_party_asked() -> None:
    assert move_of(roles.SEALS, {}, asked=True) == Move.ANSWER
    assert move_of(roles.ASKS, {}, asked=True) == Move.ASK


def test_a_recorded_disagreement_is_one_whatever_the_fields_say() -> None:
    same = {"A": {"event": Stated("fire", "A 1-8")}, "B": {"event": Stated("fire", "B 1-8")}}
    assert not disagree(same, ())
    assert disagree(same | {"B": {"disputed": Stated(["place"], "B 2-6")}}, ())
    assert disagree(same, differences(same | {"B": {"event": Stated("smoke", "B 1-8")}}, {"event"}))


def test_closing_takes_every_party() -> None:
    both = frozenset({"A", "B"})
    assert closing_move(frozenset({"A"}), both, differ=True) == Move.PROPOSE
    assert closing_move(both, both, differ=False) == Move.AGREE
    assert closing_move(both, both, differ=True) == Move.DISAGREE


def test_only_what_both_state_can_differ() -> None:
    accounts = {
        "A": {"event": Stated("fire", "A 1-8"), "impact": Stated("low", "A 1-8")},
        "B": {"event": Stated("smoke", "B 1-8")},
    }
    assert [found.field for found in differences(accounts, {"event", "impact"})] == ["event"]
