"""What a party is offered in an incident: only what makes sense, with what follows from it, and what follows is so."""

from typing import Any

import pytest

from mithaq.notices.envelope import Leaf
from mithaq.notices.incidents import State
from mithaq.notices.steps import NextStep, steps
from tests.mithaq.notices.border import FIRE, Border, Side

WHAT = {"concern": "event", "questions": ["what"]}
TERMS = {
    "questions": ["what"],
    "ways": ["joint-visit"],
    "place": {"form": "sector", "sector": "A"},
    "period": {"from": "2031-03-04T06:00:00Z", "until": "2031-03-04T12:00:00Z"},
}


class Told:
    """A fire of one side of which both know, and what each is offered."""

    def __init__(self) -> None:
        self.border = Border()
        self.here, self.there = self.border.pair
        self.fire = self.tell(self.here, "incident.initial", FIRE)

    def tell(self, side: Side, kind: str, content: dict[str, Any], *re: Leaf) -> Leaf:
        said = side.notice(kind, content, *re)
        self.border.exchange()
        return said

    def offered(self, side: Side) -> dict[str, NextStep]:
        book = self.border.book()
        incident = book.incidents[self.here.number(self.fire)]
        return {step.kind.name: step for step in steps(book, self.border.law, incident, side.code)}

    @property
    def state(self) -> str:
        return self.border.book().incidents[self.here.number(self.fire)].state


@pytest.fixture
def told() -> Told:
    return Told()


def test_only_the_other_side_acknowledges_and_only_once(told: Told) -> None:
    assert "acknowledgement" not in told.offered(told.here)
    assert "acknowledgement" in told.offered(told.there)
    told.tell(told.there, "acknowledgement", {"handling": "seen"}, told.fire)
    assert "acknowledgement" not in told.offered(told.there)


def test_a_question_is_answered_or_refused_by_whom_it_was_asked_until_it_is(told: Told) -> None:
    question = told.tell(told.there, "clarification.request", WHAT, told.fire)
    assert {"clarification.reply", "request.refusal"} <= set(told.offered(told.here))
    assert "clarification.reply" not in {
        name for name, step in told.offered(told.there).items() if step.target.number == told.there.number(question)
    }
    told.tell(told.here, "clarification.reply", {"finding": "confirmed"}, question)
    assert not {"clarification.reply", "request.refusal"} & set(told.offered(told.here))


def test_an_answer_is_offered_again_once_it_was_judged_unsatisfactory(told: Told) -> None:
    question = told.tell(told.there, "clarification.request", WHAT, told.fire)
    reply = told.tell(told.here, "clarification.reply", {"finding": "under-examination"}, question)
    told.tell(told.there, "clarification.verdict", {"verdict": "unsatisfactory"}, reply)
    assert told.offered(told.here)["clarification.reply"].target.number == told.there.number(question)


def test_only_the_asker_judges_and_only_an_answer_that_is_not_judged(told: Told) -> None:
    question = told.tell(told.there, "clarification.request", WHAT, told.fire)
    assert "clarification.verdict" not in told.offered(told.there)
    reply = told.tell(told.here, "clarification.reply", {"finding": "confirmed"}, question)
    assert "clarification.verdict" not in told.offered(told.here)
    assert told.offered(told.there)["clarification.verdict"].target.number == told.here.number(reply)
    told.tell(told.there, "clarification.verdict", {"verdict": "satisfactory"}, reply)
    assert "clarification.verdict" not in told.offered(told.there)


def test_nobody_is_offered_to_ask_about_his_own_account_but_may_ask_for_help_with_it(told: Told) -> None:
    assert "clarification.request" not in told.offered(told.here)
    assert "clarification.request" in told.offered(told.there)
    assert "assistance.request" in told.offered(told.here)


def test_a_reply_belongs_to_the_requests_of_its_family(told: Told) -> None:
    told.tell(told.there, "clarification.request", WHAT, told.fire)
    assert "assistance.reply" not in told.offered(told.here)


def test_closing_is_proposed_once_and_agreed_by_the_other_side(told: Told) -> None:
    assert told.offered(told.here)["incident.close"].effect.state == State.CLOSING
    closing = told.tell(told.here, "incident.close", {"reason": "over"}, told.fire)
    assert "incident.close" not in told.offered(told.here)
    agreeing = told.offered(told.there)["incident.close"]
    assert (agreeing.target.number, agreeing.effect.state) == (told.here.number(closing), State.CLOSED)
    told.tell(told.there, "incident.update", {"progress": "measures"}, told.fire)
    assert told.offered(told.here)["incident.close"].effect.state == State.CLOSING


def test_where_a_disagreement_is_recorded_closing_is_said_to_end_in_differing_accounts(told: Told) -> None:
    told.tell(told.there, "incident.disagreement", {"disputed": ["place"]}, told.fire)
    told.tell(told.here, "incident.close", {"reason": "over"}, told.fire)
    assert told.offered(told.there)["incident.close"].effect.state == State.DIFFER


def test_a_joint_text_is_sealed_by_the_other_side_and_another_version_refers_to_the_one_on_the_table(
    told: Told,
) -> None:
    assert "joint.seal" not in told.offered(told.there)
    report = told.tell(told.here, "report.joint", {"agreed_on": ["event"]}, told.fire)
    assert "joint.seal" not in told.offered(told.here)
    offered = told.offered(told.there)
    assert offered["joint.seal"].target.number == told.here.number(report)
    assert offered["report.joint"].target.number == told.here.number(report)
    told.there.assent(report)
    told.border.exchange()
    assert "joint.seal" not in told.offered(told.there)
    assert told.offered(told.there)["report.joint"].target.number == told.here.number(told.fire)


def test_terms_of_an_investigation_may_be_sealed_countered_or_refused_but_not_explained_away(told: Told) -> None:
    told.tell(told.here, "investigation.joint", TERMS, told.fire)
    offered = set(told.offered(told.there))
    assert {"joint.seal", "investigation.joint", "request.refusal"} <= offered
    target = told.offered(told.there).get("clarification.reply")
    assert target is None or target.target.number == told.here.number(told.fire)


def test_nothing_is_offered_about_what_was_withdrawn(told: Told) -> None:
    question = told.tell(told.there, "clarification.request", WHAT, told.fire)
    told.tell(told.there, "withdrawal", {"reason": "duplicate"}, question)
    numbers = {step.target.number for step in told.offered(told.here).values()}
    assert told.there.number(question) not in numbers


def test_corrections_and_withdrawals_are_no_steps_of_an_incident(told: Told) -> None:
    assert not {"correction", "withdrawal", "release.review"} & set(told.offered(told.here))


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("acknowledgement", {"handling": "seen"}),
        ("clarification.reply", {"finding": "confirmed"}),
        ("request.refusal", {"reason": "no-means"}),
        ("incident.close", {"reason": "over"}),
    ],
)
def test_what_a_step_says_that_it_stops_and_where_it_leads_is_what_happens(
    told: Told, kind: str, content: dict[str, Any]
) -> None:
    told.tell(told.here, "clarification.request", WHAT, told.fire)
    step = told.offered(told.there)[kind]
    target = next(
        leaf
        for leaf in (told.fire, told.border.book().notices[step.target.number].leaf)
        if leaf is not None and told.here.number(leaf) == step.target.number
    )
    running = {
        (clock.notice, clock.id)
        for clock in told.border.book().clocks
        if clock.party == told.there.code and clock.stopped is None
    }
    before = told.state
    told.tell(told.there, kind, content, target)
    stopped = {
        (clock.notice, clock.id)
        for clock in told.border.book().clocks
        if (clock.notice, clock.id) in running and clock.stopped is not None
    }
    assert {(clock.notice, clock.id) for clock in step.effect.stops} == stopped
    assert told.state == (step.effect.state or before)


def test_a_step_says_which_clock_it_starts_and_for_whom(told: Told) -> None:
    starts = told.offered(told.there)["clarification.request"].effect.starts
    assert [(start.rule.id, start.party) for start in starts] == [("clarification-answered", told.here.code)]
