"""However the record arrives, in whatever steps it is folded: the book is the same as from nothing."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from mithaq.notices.envelope import Leaf
from mithaq.notices.ledger import Ledger
from tests.mithaq.notices.border import FIRE, Border, Side

Act = Callable[[Side, list[Leaf], int], Leaf]


def _pick(leaves: list[Leaf], number: int) -> Leaf | None:
    return leaves[number % len(leaves)] if leaves else None


def _open(side: Side, leaves: list[Leaf], number: int) -> Leaf:
    return side.notice("incident.initial", FIRE | {"event": ("fire", "smoke")[number % 2]})


def _referring(kind: str, content: dict[str, object]) -> Act:
    def act(side: Side, leaves: list[Leaf], number: int) -> Leaf:
        target = _pick(leaves, number)
        return side.notice(kind, content, target) if target else _open(side, leaves, number)

    return act


def _state(side: Side, leaves: list[Leaf], number: int) -> Leaf:
    law = side.border.law
    content = {
        "crossing": law.crossings[number % len(law.crossings)].id,
        "direction": law.codes["direction"][: 1 + number % 2],
        "traffic": ["goods"],
        "state": ("open", "closed")[number % 2],
        "reason": "works",
    }
    return side.notice("crossing.status", content)


def _single(side: Side, leaves: list[Leaf], number: int) -> Leaf:
    content = {"hazard": "flood", "happened": side.border.now, "place": FIRE["place"], "confidence": "one"}
    return side.notice("humanitarian.hazard", content)


def _receive(side: Side, leaves: list[Leaf], number: int) -> Leaf:
    held = len(side.other.leaves)
    missing = [(number % held, 0)] if number % 3 == 0 and side.other.parts[number % held] else []
    return side.receive(size=held - number % 2, missing=missing)


ACTS: tuple[Act, ...] = (
    _open,
    _state,
    _single,
    _receive,
    _receive,
    _referring("acknowledgement", {"handling": "seen"}),
    _referring("incident.update", {"progress": "measures", "event": "flood"}),
    _referring("clarification.request", {"concern": "event", "questions": ["what"]}),
    _referring("clarification.reply", {"finding": "confirmed"}),
    _referring("incident.close", {"reason": "over"}),
    _referring("correction", {"reason": "code", "event": "smoke"}),
    _referring("withdrawal", {"reason": "duplicate"}),
    _referring("nonconformance.answer", {"action": "being-examined"}),
)

steps = st.lists(
    st.tuples(st.booleans(), st.integers(0, len(ACTS) - 1), st.integers(0, 40), st.booleans()), min_size=1, max_size=30
)


def played(script: list[tuple[bool, int, int, bool]]) -> Border:
    """A border on which the script happened; the book was asked for wherever the script says so."""
    border = Border()
    leaves: list[Leaf] = []
    for minute, (first, act, number, look) in enumerate(script):
        side = border.at(minute * 7).pair[0 if first else 1]
        leaf = ACTS[act](side, leaves, number)
        if leaf.header.parts:
            leaves.append(leaf)
        if look:
            border.book()
    return border


@settings(max_examples=60)
@given(steps)
def test_folding_step_by_step_gives_the_book_that_folding_from_nothing_gives(
    script: list[tuple[bool, int, int, bool]],
) -> None:
    border = played(script)
    assert border.book().rows() == border.replayed().book().rows()


@settings(max_examples=40)
@given(steps, st.lists(st.tuples(st.booleans(), st.booleans()), max_size=200))
def test_the_order_of_arrival_between_logs_changes_nothing(
    script: list[tuple[bool, int, int, bool]], arrivals: list[tuple[bool, bool]]
) -> None:
    border = played(script)
    ledger = Ledger(border.law)
    for first, look in arrivals:
        side = border.pair[0 if first else 1]
        index = ledger.sizes().get(side.origin, 0)
        if index < len(side.leaves):
            _feed(ledger, side, index)
        if look:
            ledger.book()
    for side in border.pair:
        for index in range(ledger.sizes().get(side.origin, 0), len(side.leaves)):
            _feed(ledger, side, index)
    assert ledger.book().rows() == border.book().rows()


@settings(max_examples=40)
@given(steps, st.integers(1, 40), st.integers(1, 40))
def test_a_cut_of_more_is_all_of_less(script: list[tuple[bool, int, int, bool]], one: int, other: int) -> None:
    border = played(script)
    cut = {side.origin: min(size, len(side.leaves)) for side, size in zip(border.pair, (one, other), strict=True)}
    assert border.ledger.book(cut).rows() == border.replayed(cut).book().rows()


def _feed(ledger: Ledger, side: Side, index: int) -> None:
    ledger.add(side.origin, index, side.leaves[index])
    if side.parts[index]:
        ledger.add_facts(side.origin, index, side.parts[index][0].body)
