"""The effect of a new version on running clocks: none of them moves, and what would be otherwise stands beside it."""

import msgspec
import pytest

from mithaq.instrument.law import Law
from mithaq.notices import amended
from mithaq.notices.amended import Effect
from mithaq.notices.book import UNKNOWN
from mithaq.notices.conformance import law_digest
from tests.mithaq.notices.border import FIRE, Border, instant
from tests.mithaq.notices.test_suspending import DAY, TWO_DAYS, asked, border_of, change_over, clock_of, version

WHAT = {"concern": "event", "questions": ["what"]}


def running(after: Law) -> dict[str, Effect]:
    """The effect on the clock of a fire nobody acknowledged, and on that of a question nobody answered."""
    border = Border()
    here, there = border.pair
    border.exchange()
    fire = here.notice("incident.initial", FIRE)
    border.exchange()
    there.notice("clarification.request", WHAT, fire)
    border.exchange()
    found = effects_on(border, border.law, after, border.now)
    assert [each.clock for each in found] == list(border.book().running)
    return {each.clock.id: each for each in found}


def effects_on(border: Border, before: Law, after: Law, now: str) -> tuple[Effect, ...]:
    notices = border.book().notices
    laws = {law_digest(law): law for law in border.ledger.versions}

    def law_of(number: str) -> Law:
        leaf = notices[number].leaf
        assert leaf is not None
        return laws[leaf.header.law]

    return amended.effects(border.book().running, before, after, lambda number: notices[number].kind, law_of, now)


def changed(minutes: int | None) -> Law:
    """The law with another length of the clock for answers; None takes the clock out."""
    law = Border().law
    kept = [each for each in law.clocks if each.id != "clarification-answered"]
    if minutes is None:
        return msgspec.structs.replace(law, clocks=kept)
    (rule,) = (each for each in law.clocks if each.id == "clarification-answered")
    return msgspec.structs.replace(law, clocks=[*kept, msgspec.structs.replace(rule, minutes=minutes)])


def test_a_clock_stays_due_when_it_was_and_the_next_one_like_it_is_told_beside_it() -> None:
    found = running(changed(60))
    question = found["clarification-answered"]
    assert question.changes
    assert (question.clock.due, question.due_after) == ("2031-03-03T00:00:00Z", "2031-03-01T01:00:00Z")
    assert not found["incident-acknowledged"].changes


def test_a_clock_that_the_new_version_does_not_have_is_said_to_have_no_like() -> None:
    question = running(changed(None))["clarification-answered"]
    assert (question.due_after, question.changes) == ("", True)


def test_another_annex_moves_what_is_counted_in_working_time_and_nothing_else() -> None:
    law = Border().law
    parties = [msgspec.structs.replace(each, weekend=[1, 2, 3, 6, 7], annex=None) for each in law.parties]
    found = running(msgspec.structs.replace(law, parties=parties))
    assert found["incident-acknowledged"].changes
    assert not found["clarification-answered"].changes


def test_a_suspension_is_told_clock_by_clock_before_anybody_signs_it() -> None:
    border = border_of()
    question = asked(border.pair[0])
    now = instant(100)
    for keeps, until, expected in (
        ((), None, UNKNOWN),
        ((), DAY, instant(TWO_DAYS + DAY - 100)),
        (("clarification.request",), None, instant(TWO_DAYS)),
    ):
        found = effects_on(border, border.law, version(2, since=50, until=until, keeps=keeps), now)
        effect = next(each for each in found if each.clock.notice == border.pair[0].number(question))
        assert (effect.moved, effect.stands) == (expected, expected == UNKNOWN)
        assert effect.moves is (expected != instant(TWO_DAYS))
        assert not effect.changes


def test_a_resumption_is_told_as_if_all_had_it_now_and_that_is_what_comes_of_it() -> None:
    second, third = version(2, since=50), version(3)
    border = border_of(second, third)
    question = asked(border.pair[0])
    change_over(border, second, 100, 100)
    (effect,) = (
        each
        for each in effects_on(border, second, third, instant(3 * DAY))
        if each.clock.notice == border.pair[0].number(question)
    )
    assert effect.clock.due == UNKNOWN
    assert (effect.moves, effect.changes) == (True, False)
    change_over(border, third, 3 * DAY, 3 * DAY)
    assert clock_of(border, question).due == effect.moved == instant(3 * DAY + TWO_DAYS - 100)


@pytest.mark.parametrize(
    ("first", "then"),
    [((0, 5), (5, 9)), ((0, None), (0, 9)), ((0, 9), (0, 5)), ((0, 9), (0, 2)), ((0, 5), (0, None)), ((4, 5), (6, 9))],
    ids=["prolonged", "given an end", "cut short", "ended", "left open", "put off"],
)
def test_a_change_of_a_suspension_is_told_as_if_all_had_it_now_and_that_is_what_comes_of_it(
    first: tuple[int, int | None], then: tuple[int, int | None]
) -> None:
    second, third = (
        version(number, since * DAY, None if until is None else until * DAY)
        for number, (since, until) in enumerate((first, then), start=2)
    )
    border = border_of(second, third)
    now = 3 * DAY if first[0] == 0 else 200
    question = asked(border.pair[0])
    change_over(border, second, 100, 100)
    (effect,) = (
        each
        for each in effects_on(border, second, third, instant(now))
        if each.clock.notice == border.pair[0].number(question)
    )
    change_over(border, third, now, now)
    clock = clock_of(border, question)
    assert (clock.due, clock.left) == (effect.moved, effect.left)


def test_a_clock_of_an_earlier_version_is_told_by_the_rule_that_it_keeps() -> None:
    shorter = [
        msgspec.structs.replace(each, minutes=60) if each.id == "clarification-answered" else each
        for each in version(2).clocks
    ]
    second = msgspec.structs.replace(version(2), clocks=shorter)
    third = msgspec.structs.replace(version(3, since=100, until=DAY), clocks=shorter)
    border = border_of(second, third)
    question = asked(border.pair[0])
    change_over(border, second, 20, 20)
    (effect,) = (
        each
        for each in effects_on(border, second, third, instant(100))
        if each.clock.notice == border.pair[0].number(question)
    )
    assert effect.due_before == instant(TWO_DAYS)
    assert effect.due_after == instant(60)
    change_over(border, third, 100, 100)
    assert clock_of(border, question).due == effect.moved == instant(TWO_DAYS + DAY - 100)


def test_an_extension_moves_no_clock_and_changes_none_of_the_next() -> None:
    later = msgspec.structs.replace(version(2), until="2040-01-01")
    for effect in running(later).values():
        assert (effect.moves, effect.changes, effect.moved) == (False, False, effect.clock.due)
