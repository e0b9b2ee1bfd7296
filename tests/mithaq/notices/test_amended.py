"""The effect of a new version on running clocks: none of them moves, and what would be otherwise stands beside it."""

import msgspec

from mithaq.instrument.law import Law
from mithaq.notices import amended
from mithaq.notices.amended import Effect
from tests.mithaq.notices.border import FIRE, Border

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
    found = amended.effects(border.book().running, border.law, after)
    assert [each.clock for each in found] == list(border.book().running)
    return {each.clock.id: each for each in found}


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
