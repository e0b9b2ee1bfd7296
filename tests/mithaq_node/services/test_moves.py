"""The life of a draft as the page tells it and as the code has it."""

import re
from pathlib import Path

import pytest

from mithaq.errors import Refusal
from mithaq_node.services.moves import MOVES, Deed, check_officer, check_state
from mithaq_node.store.models import DraftState, Officer, Role

PAGE = Path(__file__).parents[3] / "docs" / "life-of-a-notice.md"


def names(cell: str) -> frozenset[str]:
    return frozenset(cell.strip().split(", "))


def test_the_page_and_the_table_say_the_same() -> None:
    rows = re.findall(r"^\| ([a-z-]+) \| ([^|]+) \| ([a-z-]+) \| ([^|]+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    written = {
        deed: (names(source), target, names(roles))
        for deed, source, target, roles in rows
        if deed[0].isalpha() and deed != "move"
    }
    coded = {
        deed.value: (
            frozenset(str(state.value) for state in move.sources),
            str(move.target.value) if move.target else "gone",
            frozenset(str(role.value) for role in move.roles),
        )
        for deed, move in MOVES.items()
    }
    assert written == coded


@pytest.mark.parametrize("deed", Deed)
@pytest.mark.parametrize("state", DraftState)
def test_every_move_is_tried_from_every_state(deed: Deed, state: DraftState) -> None:
    if state in MOVES[deed].sources:
        check_state(state, deed)
    else:
        with pytest.raises(Refusal, match=r"draft\.wrong-state"):
            check_state(state, deed)


@pytest.mark.parametrize("deed", Deed)
@pytest.mark.parametrize("role", Role)
def test_every_move_is_tried_by_every_role(deed: Deed, role: Role) -> None:
    officer = Officer(name="desk", role=role)
    if role in MOVES[deed].roles:
        check_officer(officer, deed)
    else:
        with pytest.raises(Refusal, match=r"officer\.role-may-not"):
            check_officer(officer, deed)
    with pytest.raises(Refusal, match=r"officer\.not-active"):
        check_officer(Officer(name="desk", role=role, is_active=False), deed)
