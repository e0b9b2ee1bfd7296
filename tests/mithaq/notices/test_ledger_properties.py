"""However the record arrives, in whatever steps it is folded: the book is the same as from nothing."""

from collections.abc import Callable

from hypothesis import example, given, settings
from hypothesis import strategies as st

from mithaq.notices.book import Book
from mithaq.notices.envelope import Erased, Leaf
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


def _stretch(side: Side, leaves: list[Leaf], number: int) -> Leaf:
    content: dict[str, object] = {"segment": side.border.law.codes["segment"][number % 2]}
    if number % 3 == 0:
        return side.notice(
            "clearance.progress", content | {"day": "2031-03-01", "stage": "clearing", "cleared": number}
        )
    content |= {"direction": side.border.law.codes["direction"][: 1 + number % 2], "traffic": ["rail"]}
    return side.notice("rail.service", content | {"state": ("open", "closed")[number % 2], "reason": "works"})


def _single(side: Side, leaves: list[Leaf], number: int) -> Leaf:
    content = {"hazard": "flood", "happened": side.border.now, "place": FIRE["place"], "confidence": "one"}
    return side.notice("humanitarian.hazard", content)


def _receive(side: Side, leaves: list[Leaf], number: int) -> Leaf:
    held = len(side.other.leaves)
    missing = [(number % held, 0)] if number % 3 == 0 and side.other.parts[number % held] else []
    return side.receive(size=held - number % 2, missing=missing)


def _erase(side: Side, leaves: list[Leaf], number: int) -> Leaf:
    origin = (side.origin, side.other.origin)[number % 2]
    erased = [Erased(retention=("exact", "text")[number % 3 % 2], log=origin, size=1 + number % 12)]
    return side.machine("erased", erased=erased)


def _assent(side: Side, leaves: list[Leaf], number: int) -> Leaf:
    target = _pick(leaves, number)
    return side.assent(target) if target else _open(side, leaves, number)


def _match(side: Side, leaves: list[Leaf], number: int) -> Leaf:
    own = [each for each in leaves if each.header.log == side.origin]
    other = [each for each in leaves if each.header.log == side.other.origin]
    if not own or not other:
        return _open(side, leaves, number)
    pair = {"ours": own[number % len(own)], "theirs": other[number // 2 % len(other)]}
    named = {name: {"log": leaf.header.log, "id": leaf.header.id} for name, leaf in pair.items()}
    if number % 3:
        return side.notice("match.confirmed", named)
    return side.notice("match.denied", named | {"reason": "other-time"})


ACTS: tuple[Act, ...] = (
    _match,
    _erase,
    _open,
    _state,
    _stretch,
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
    _referring("report.joint", {"agreed_on": ["event"]}),
    _referring("incident.disagreement", {"disputed": ["place"]}),
    _assent,
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
    book, fresh = border.book(), border.replayed().book()
    assert book.rows() == fresh.rows()
    assert book.running == fresh.running == tuple(clock for clock in book.clocks if clock.is_running)
    assert book.pressing == fresh.pressing
    assert book.compliance == fresh.compliance


@settings(max_examples=40)
@given(steps)
def test_what_has_moved_is_all_that_differs_from_the_book_before(script: list[tuple[bool, int, int, bool]]) -> None:
    border = played(script)
    before = border.book()
    border.ledger.moved()
    for side in border.pair:
        side.receive()
        side.notice("incident.initial", FIRE)
    after = border.book()
    moved = border.ledger.moved()
    numbers = {*before.notices, *after.notices}
    differ = {number for number in numbers if before.notices.get(number) is not after.notices.get(number)}
    assert moved is None or differ <= moved


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


questions = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(0, 3), st.integers(0, 3)), min_size=3, max_size=8
)


# Two receipts wait, and the leaves that the first one covers arrive before those of the second.
@example(
    script=[(False, 4, 0, False), (True, 0, 0, False), (False, 4, 0, False), (True, 0, 0, False)],
    asked=[(0, 0, 0, 0), (4, 0, 3, 0), (0, 0, 2, 0)],
)
@settings(max_examples=100)
@given(steps, questions)
def test_a_cut_after_other_cuts_is_what_it_is_from_nothing(
    script: list[tuple[bool, int, int, bool]], asked: list[tuple[int, int, int, int]]
) -> None:
    """Between two questions leaves arrive, and facts later than their leaves; a cut may hold less than the last one."""
    border = played(script)
    ledger, fed, awaited = Ledger(border.law), {side.origin: 0 for side in border.pair}, list[tuple[Side, int]]()
    for leaves, facts, *short in asked:
        for side in border.pair:
            for index in range(fed[side.origin], min(fed[side.origin] + leaves, len(side.leaves))):
                ledger.add(side.origin, index, side.leaves[index])
                fed[side.origin] = index + 1
                awaited += [(side, index)] if side.parts[index] else []
        for side, index in awaited[:facts]:
            ledger.add_facts(side.origin, index, side.parts[index][0].body)
        del awaited[:facts]
        cut = {side.origin: max(0, fed[side.origin] - less) for side, less in zip(border.pair, short, strict=True)}
        found, expected = ledger.book(cut), _from_nothing(border, cut, awaited)
        assert (found.rows(), found.incomplete) == (expected.rows(), expected.incomplete)


def _from_nothing(border: Border, cut: dict[str, int], awaited: list[tuple[Side, int]]) -> Book:
    ledger = Ledger(border.law)
    for side in border.pair:
        for index in range(cut[side.origin]):
            ledger.add(side.origin, index, side.leaves[index])
            if side.parts[index] and (side, index) not in awaited:
                ledger.add_facts(side.origin, index, side.parts[index][0].body)
    return ledger.book()


def _feed(ledger: Ledger, side: Side, index: int) -> None:
    ledger.add(side.origin, index, side.leaves[index])
    if side.parts[index]:
        ledger.add_facts(side.origin, index, side.parts[index][0].body)
