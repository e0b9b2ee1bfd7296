"""The ledger, played by two parties: what arrives, what waits, what counts, and what everybody then reads."""

import msgspec
import pytest

from mithaq.errors import Fault, Refusal
from mithaq.instrument.law import Law
from mithaq.notices import clocks
from mithaq.notices.book import Clock, Notice
from mithaq.notices.cuts import common_cut
from mithaq.notices.envelope import KeySet, Leaf, Receipt, Revocation, text_of
from mithaq.notices.incidents import State
from mithaq.notices.keys import key_of
from mithaq.notices.ledger import Ledger
from tests.mithaq.notices.border import FIRE, Border, Side, instant, private_key

WHAT = {"concern": "event", "questions": ["what"]}


def said(side: Side, leaf: Leaf) -> Notice:
    return side.border.book().notices[side.number(leaf)]


def codes(side: Side, leaf: Leaf) -> list[str]:
    return [refusal.code for refusal in said(side, leaf).refusals]


def test_a_notice_climbs_the_ladder_with_a_proof_at_each_step() -> None:
    border = Border()
    here, there = border.pair
    fire = here.notice("incident.initial", FIRE)
    ladder = said(here, fire).ladder[there.code]
    assert (ladder.delivered, ladder.readable, ladder.opened, ladder.answered) == (None, None, None, None)

    receipt = border.at(5).pair[1].receive()
    seen = there.notice("acknowledgement", {"handling": "seen"}, fire)
    reply = border.at(9).pair[1].notice("clarification.reply", {"finding": "confirmed"}, fire)
    ladder = said(here, fire).ladder[there.code]
    assert ladder.readable is not None
    assert ladder.readable == ladder.delivered
    assert (ladder.readable.log, ladder.readable.index) == (there.origin, there.index(receipt))
    assert ladder.opened is not None
    assert ladder.opened.index == there.index(seen)
    assert ladder.answered is not None
    assert ladder.answered.index == there.index(reply)


def test_facts_count_on_neither_side_before_the_receipt() -> None:
    border = Border()
    here, there = border.pair
    fire = here.notice("incident.initial", FIRE)
    assert said(here, fire).facts is None
    assert said(here, fire).stated == FIRE
    assert border.book().incidents[here.number(fire)].accounts == {}
    there.receive()
    assert said(here, fire).facts == FIRE


def test_a_part_listed_missing_is_delivered_but_not_readable_until_a_shorter_list_follows() -> None:
    border = Border()
    here, there = border.pair
    fire = here.notice("incident.initial", FIRE | {"account": {"lang": "en", "text": "Reeds are burning."}})
    index = here.index(fire)
    there.receive(missing=[(index, 0), (index, 1)])
    assert said(here, fire).facts is None
    assert said(here, fire).ladder[there.code].delivered is not None
    assert border.book().clocks == ()
    there.receive(missing=[(index, 1)])
    assert said(here, fire).facts == FIRE
    assert said(here, fire).ladder[there.code].readable is None
    last = border.at(30).pair[1].receive()
    readable = said(here, fire).ladder[there.code].readable
    assert readable is not None
    assert readable.index == there.index(last)


def test_what_was_received_cannot_be_listed_missing_again() -> None:
    border = Border()
    here, there = border.pair
    fire = here.notice("incident.initial", FIRE)
    there.receive()
    there.receive(missing=[(here.index(fire), 0)])
    assert said(here, fire).facts == FIRE


def test_both_accounts_stand_side_by_side_and_differences_are_named() -> None:
    border = Border()
    here, there = border.pair
    fire = here.notice("incident.initial", FIRE)
    there.receive()
    there.notice("incident.initial", FIRE | {"event": "smoke", "confidence": "one"}, fire)
    here.receive()
    incident = border.book().incidents[here.number(fire)]
    assert incident.accounts[here.code]["event"].value == "fire"
    assert incident.accounts[there.code]["event"].value == "smoke"
    assert [difference.field for difference in incident.differences] == ["confidence", "event"]


def test_an_update_changes_only_the_own_account() -> None:
    border = Border()
    here, there = border.pair
    fire = here.notice("incident.initial", FIRE)
    there.receive()
    there.notice("incident.update", {"progress": "information", "event": "smoke"}, fire)
    here.receive()
    accounts = border.book().incidents[here.number(fire)].accounts
    assert accounts[here.code]["event"].value == "fire"
    assert accounts[there.code]["event"].value == "smoke"


def test_the_whole_life_of_an_incident() -> None:
    border = Border()
    here, there = border.pair
    fire = here.notice("incident.initial", FIRE)
    number = here.number(fire)

    def state() -> str:
        border.exchange()
        return border.book().incidents[number].state

    assert state() == State.REPORTED
    there.notice("acknowledgement", {"handling": "passed-on"}, fire)
    assert state() == State.ACKNOWLEDGED
    question = here.notice("clarification.request", WHAT, fire)
    assert state() == State.ACKNOWLEDGED
    reply = there.notice("clarification.reply", {"finding": "under-examination"}, question)
    assert state() == State.ANSWERED
    here.notice("clarification.verdict", {"verdict": "unsatisfactory"}, reply)
    assert state() == State.UNSATISFACTORY
    there.notice("incident.update", {"progress": "measures"}, fire)
    assert state() == State.MEASURES
    here.notice("incident.close", {"reason": "over"}, fire)
    assert state() == State.CLOSING
    there.notice("incident.update", {"progress": "measures"}, fire)
    assert state() == State.MEASURES
    here.notice("incident.close", {"reason": "over"}, fire)
    there.notice("incident.close", {"reason": "over"}, fire)
    assert state() == State.CLOSED


def test_an_incident_closed_with_differing_accounts_says_so() -> None:
    border = Border()
    here, there = border.pair
    fire = here.notice("incident.initial", FIRE)
    there.receive()
    there.notice("incident.update", {"progress": "information", "event": "smoke"}, fire)
    there.notice("incident.close", {"reason": "over"}, fire)
    here.notice("incident.close", {"reason": "over"}, fire)
    border.exchange()
    assert border.book().incidents[here.number(fire)].state == State.DIFFER


def test_a_withdrawn_incident_stays_readable_and_stops_its_clock() -> None:
    border = Border()
    here, _there = border.pair
    fire = here.notice("incident.initial", FIRE)
    border.exchange()
    taken_back = here.notice("withdrawal", {"reason": "sent-in-error"}, fire)
    border.exchange()
    book = border.book()
    assert book.incidents[here.number(fire)].state == State.WITHDRAWN
    assert said(here, fire).withdrawn_by == here.number(taken_back)
    assert said(here, fire).stated == FIRE
    assert all(clock.voided for clock in book.clocks)
    assert book.compliance == {}


def test_nobody_withdraws_corrects_or_acknowledges_for_another() -> None:
    border = Border()
    here, there = border.pair
    fire = here.notice("incident.initial", FIRE)
    there.receive()
    foreign = there.notice("withdrawal", {"reason": "duplicate"}, fire)
    corrected = there.notice("correction", {"reason": "place"}, fire)
    itself = here.notice("acknowledgement", {"handling": "seen"}, fire)
    assert codes(there, foreign) == ["reference.not-own"]
    assert codes(there, corrected) == ["reference.not-own"]
    assert codes(here, itself) == ["reference.own"]
    assert border.book().incidents[here.number(fire)].state == State.REPORTED


def test_a_correction_is_laid_over_the_first_facts_and_both_stay_readable() -> None:
    border = Border()
    here, there = border.pair
    fire = here.notice("incident.initial", FIRE)
    mend = here.notice("correction", {"reason": "place", "place": {"form": "sector", "sector": "B"}}, fire)
    there.receive()
    corrected = said(here, fire)
    assert corrected.facts is not None
    assert corrected.facts["place"] == {"form": "sector", "sector": "B"}
    assert corrected.stated == FIRE
    assert corrected.corrected_by == (here.number(mend),)


# Clocks


def answered_after(minutes: int, received: int | None = None) -> tuple[Border, str]:
    """A question received at minute 0 and answered at `minutes`, whose asker receives the answer at `received`."""
    border = Border()
    here, there = border.pair
    question = here.notice("clarification.request", WHAT)
    there.receive()
    border.at(minutes)
    there.notice("clarification.reply", {"finding": "confirmed"}, question)
    border.at(minutes if received is None else received)
    here.receive()
    return border, there.code


def the_clock(border: Border, party: str) -> Clock:
    return next(
        clock for clock in border.book().clocks if clock.party == party and clock.id == "clarification-answered"
    )


def test_one_clock_measures_both_ends_from_receipt_to_answer() -> None:
    border, owing = answered_after(60)
    clock = the_clock(border, owing)
    rule = next(rule for rule in border.law.clocks if rule.id == "clarification-answered")
    assert (clock.started, clock.stopped) == (instant(0), instant(60))
    assert clock.due == clocks.due(rule, instant(0), border.law.party(owing))  # type: ignore[arg-type]  # it exists
    assert clocks.clock_display(clock, instant(0)) == "met"
    assert border.book().compliance[owing, clock.id].met == 1


def test_an_answer_after_the_due_instant_is_late_whatever_the_time_now() -> None:
    border, owing = answered_after(20 * 24 * 60)
    clock = the_clock(border, owing)
    assert clocks.clock_display(clock, instant(0)) == "met-late" == clocks.clock_display(clock, instant(30 * 24 * 60))
    assert border.book().compliance[owing, clock.id].late == 1


def test_a_time_is_disputed_only_when_receipt_and_statement_give_different_verdicts() -> None:
    border, owing = answered_after(60, received=20 * 24 * 60)
    clock = the_clock(border, owing)
    assert clock.disputed
    assert clocks.clock_display(clock, instant(0)) == "time-disputed"
    assert (clock.stopped, clock.answer_received) == (instant(60), instant(20 * 24 * 60))
    border, owing = answered_after(60, received=120)
    assert not the_clock(border, owing).disputed


def test_without_a_receipt_no_answer_clock_runs() -> None:
    border = Border()
    border.pair[0].notice("clarification.request", WHAT)
    assert border.book().clocks == ()


def test_an_acknowledgement_does_not_stop_the_clock_on_the_answer() -> None:
    border = Border()
    here, there = border.pair
    question = here.notice("clarification.request", WHAT)
    there.receive()
    there.notice("acknowledgement", {"handling": "seen"}, question)
    assert the_clock(border, there.code).stopped is None


def test_an_answer_reaches_through_the_question_to_the_incident() -> None:
    border = Border()
    here, there = border.pair
    fire = here.notice("incident.initial", FIRE)
    question = here.notice("clarification.request", WHAT, fire)
    there.receive()
    seen = there.notice("acknowledgement", {"handling": "seen"}, question)
    clock = next(clock for clock in border.book().clocks if clock.notice == here.number(fire))
    assert clock.stopped_by == there.number(seen)


def test_a_running_clock_is_missed_only_in_the_eye_of_now() -> None:
    border = Border()
    here, there = border.pair
    here.notice("clarification.request", WHAT)
    there.receive()
    clock = the_clock(border, there.code)
    assert clocks.clock_display(clock, clock.due) == "running"
    assert clocks.clock_display(clock, instant(30 * 24 * 60)) == "missed"
    assert clocks.seconds_left(clock, clock.due) == 0


# What does not conform


def test_a_notice_that_does_not_conform_stands_in_no_state_and_starts_one_clock_for_its_sender() -> None:
    border = Border()
    here, there = border.pair
    header, parts = here.draft("incident.initial", FIRE)
    bad = here.release(msgspec.structs.replace(header, kind="incident.unheard"), parts)
    there.receive()
    book = border.book()
    assert codes(here, bad) == ["leaf.unknown-kind"]
    assert here.number(bad) in book.nonconforming
    assert book.incidents == {}
    assert [(clock.id, clock.party) for clock in book.clocks] == [("nonconformance-answered", here.code)]
    here.notice("nonconformance.answer", {"action": "sent-again"}, bad)
    assert border.book().clocks[0].stopped is not None


def test_facts_that_do_not_fit_their_kind_are_judged_once_they_count() -> None:
    border = Border()
    here, there = border.pair
    header, parts = here.draft("incident.initial", FIRE)
    bad_part = msgspec.structs.replace(parts[0], body=b'{"colour":"red"}')
    bad = here.release(msgspec.structs.replace(header, parts=[bad_part.ref()]), (bad_part,))
    assert codes(here, bad) == []
    there.receive()
    assert set(codes(here, bad)) == {"field.required", "field.unknown"}


def test_bytes_that_are_no_leaf_are_kept_shown_and_do_not_stop_what_follows() -> None:
    border = Border()
    here, there = border.pair
    border.ledger.add(here.origin, len(here.leaves), b"anything")
    here.leaves.append(b"anything")
    here.parts[len(here.leaves) - 1] = ()
    fire = here.notice("incident.initial", FIRE)
    there.receive()
    book = border.book()
    assert [notice.encoded for notice in book.nonconforming.values()] == [b"anything"]
    assert here.number(fire) in book.incidents


def test_it_refuses_a_receipt_for_a_tree_it_never_saw() -> None:
    border = Border()
    here, there = border.pair
    fire = here.notice("incident.initial", FIRE)
    receipt = there.receive(root=b"\1" * 32)
    assert codes(there, receipt) == ["receipt.other-root"]
    assert said(here, fire).ladder[there.code].delivered is None


def test_it_refuses_a_receipt_that_covers_less_than_the_one_before() -> None:
    border = Border()
    here, there = border.pair
    here.notice("incident.initial", FIRE)
    there.receive()
    assert codes(there, there.receive(size=1)) == ["receipt.smaller"]


def test_it_refuses_a_receipt_on_the_own_log() -> None:
    border = Border()
    here, _ = border.pair
    receipt = here.machine("receipt", receipt=Receipt(log=here.origin, size=1, root=""))
    assert codes(here, receipt) == ["receipt.foreign-log"]


def test_time_does_not_go_back_within_a_log() -> None:
    border = Border()
    here, _ = border.pair
    border.at(10)
    here.notice("incident.initial", FIRE)
    border.at(9)
    assert codes(here, here.notice("incident.initial", FIRE)) == ["leaf.earlier-than-before"]


def test_an_identifier_is_used_once() -> None:
    border = Border()
    here, _ = border.pair
    header, parts = here.draft("incident.initial", FIRE)
    here.release(header, parts)
    border.at(1)
    assert codes(here, here.release(header, parts)) == ["leaf.repeated-id"]


def test_a_leaf_of_another_log_does_not_conform() -> None:
    border = Border()
    here, there = border.pair
    leaf = here.notice("incident.initial", FIRE)
    there.append(leaf.encoded)
    assert "leaf.other-log" in codes(there, leaf)


def test_a_revoked_officer_signs_no_more() -> None:
    border = Border()
    here, _ = border.pair
    before = here.notice("incident.initial", FIRE)
    here.change_keys(KeySet(version=2, revoke=[Revocation(name=here.officer(2), since=len(here.leaves))]))
    after = here.notice("incident.initial", FIRE)
    assert codes(here, before) == []
    assert codes(here, after) == ["leaf.unknown-officer"]


def test_a_key_set_without_the_root_keys_is_kept_and_changes_nothing() -> None:
    border = Border()
    here, _ = border.pair
    added = key_of(here.officer(9), "officer", private_key("someone").public)
    forged = here.append(text_of(here.header("key-set", keyset=KeySet(version=2, add=[added]))))
    assert codes(here, forged) == ["keys.too-few-roots"]
    assert border.ledger.ring(here.origin).version == 1


# References


def test_a_reference_to_what_the_sender_had_not_received_does_not_conform() -> None:
    border = Border()
    here, there = border.pair
    fire = here.notice("incident.initial", FIRE)
    early = there.notice("acknowledgement", {"handling": "seen"}, fire)
    there.receive()
    assert codes(there, early) == ["reference.not-covered"]


def test_a_reference_waits_visibly_while_the_receipt_before_it_waits() -> None:
    border = Border()
    here, there = border.pair
    fire = here.notice("incident.initial", FIRE)
    there.receive()
    seen = there.notice("acknowledgement", {"handling": "seen"}, fire)

    ledger = Ledger(border.law)
    for index, leaf in enumerate(there.leaves):
        ledger.add(there.origin, index, leaf)
    waiting = ledger.book().waiting
    assert {(each.log, each.number) for each in waiting} >= {(here.origin, there.number(seen))}
    assert there.number(seen) not in ledger.book().nonconforming

    for index, leaf in enumerate(here.leaves):
        ledger.add(here.origin, index, leaf)
    book = ledger.book()
    assert book.waiting == ()
    assert book.notices[there.number(seen)].refers == (here.number(fire),)


def test_a_reference_to_a_role_that_the_kind_does_not_answer_does_not_conform() -> None:
    border = Border()
    here, there = border.pair
    fire = here.notice("incident.initial", FIRE)
    there.receive()
    assert codes(there, there.notice("clarification.verdict", {"verdict": "satisfactory"}, fire)) == [
        "reference.wrong-role"
    ]


def test_a_late_reference_joins_two_threads_into_one() -> None:
    border = Border()
    here, there = border.pair
    fire = here.notice("incident.initial", FIRE)
    smoke = here.notice("incident.initial", FIRE | {"event": "smoke"})
    there.receive()
    assert len(border.book().incidents) == 2
    header, parts = there.draft("incident.update", {"progress": "information"}, (fire, smoke))
    there.release(header, parts)
    assert list(border.book().incidents) == [here.number(fire)]


# Single release and its review


HAZARD = {"hazard": "flood", "happened": instant(0), "place": {"form": "sector", "sector": "A"}, "confidence": "seen"}


def test_a_single_release_leaves_at_once_and_its_review_stays_open_until_another_officer_signs() -> None:
    border = Border()
    here, _ = border.pair
    flood = here.notice("humanitarian.hazard", HAZARD)
    assert codes(here, flood) == []
    assert border.book().reviews[here.number(flood)].done is None
    same = here.review(flood, officer=1)
    assert codes(here, same) == ["seal.same-officer"]
    assert border.book().reviews[here.number(flood)].done is None
    review = here.review(flood, officer=2)
    assert border.book().reviews[here.number(flood)].done == here.number(review)


def test_a_review_must_repeat_the_commitments() -> None:
    border = Border()
    here, _ = border.pair
    flood = here.notice("humanitarian.hazard", HAZARD)
    fire = here.notice("humanitarian.hazard", HAZARD | {"hazard": "wildfire"})
    other = here.review(flood, parts=here.parts[here.index(fire)])
    assert codes(here, other) == ["seal.other-commitments"]


# Corridors and plans


def test_both_sides_of_a_crossing_stand_beside_each_other_and_a_mismatch_shows() -> None:
    border = Border()
    here, there = border.pair
    crossing = border.law.crossings[0].id
    way = border.law.codes["direction"][0]
    status = {
        "crossing": crossing,
        "direction": [way],
        "traffic": ["goods"],
        "state": "open",
        "reason": "back-to-normal",
    }
    here.notice("crossing.status", status)
    there.notice("crossing.status", status | {"state": "closed", "reason": "works"})
    border.exchange()
    state = border.book().crossings[crossing, way, "goods"]
    assert {party: said.facts["state"] for party, said in state.statements.items()} == {
        here.code: "open",
        there.code: "closed",
    }
    assert state.mismatch
    reopened = there.notice("crossing.status", status)
    border.exchange()
    assert not border.book().crossings[crossing, way, "goods"].mismatch
    there.notice("withdrawal", {"reason": "sent-in-error"}, reopened)
    border.exchange()
    assert border.book().crossings[crossing, way, "goods"].mismatch


def test_two_sources_of_a_flow_both_stand() -> None:
    border = Border()
    here, there = border.pair
    crossing, way = border.law.crossings[0].id, border.law.codes["direction"][0]
    flow = {"crossing": crossing, "day": "2031-03-01", "direction": way, "stage": "count", "source": "border-authority"}
    counted = here.notice("flow.count", flow | {"counts": {"pilgrims": 100}})
    there.notice("flow.count", flow | {"counts": {"pilgrims": 98}})
    border.exchange()
    assert codes(here, counted) == []
    state = border.book().flows[crossing, "2031-03-01", way]
    assert state.counts("count") == {
        (here.code, "border-authority"): {"pilgrims": 100},
        (there.code, "border-authority"): {"pilgrims": 98},
    }
    assert state.mismatch


def test_a_plan_stands_until_it_is_withdrawn() -> None:
    border = Border()
    here, there = border.pair
    plan = {
        "activity": "road-works",
        "place": {"form": "kilometre", "km": 3},
        "period": {"from": instant(24 * 60), "until": instant(48 * 60)},
        "scale": "small",
    }
    mine = here.notice("activity.planned", plan)
    theirs = there.notice("activity.planned", plan | {"period": {"from": instant(47 * 60), "until": instant(72 * 60)}})
    border.exchange()
    assert {*border.book().plans} == {here.number(mine), there.number(theirs)}
    here.notice("withdrawal", {"reason": "superseded"}, mine)
    border.exchange()
    assert list(border.book().plans) == [there.number(theirs)]


def test_a_plan_goes_on_as_its_own_party_says_and_as_nobody_else_does() -> None:
    border = Border()
    here, there = border.pair
    plan = {
        "activity": "road-works",
        "place": {"form": "kilometre", "km": 3},
        "period": {"from": instant(24 * 60), "until": instant(48 * 60)},
        "scale": "small",
    }
    mine = here.notice("activity.planned", plan)
    here.notice("activity.started", {"happened": instant(24 * 60)}, mine)
    border.exchange()
    number = here.number(mine)
    before = border.book()
    assert before.plans[number].state == "started"
    there.notice("activity.ended", {"happened": instant(30 * 60)}, mine)
    changed = here.notice("activity.changed", {"reason": "weather", "scale": "medium"}, mine)
    border.exchange()
    book = border.book()
    assert [refusal.code for each in book.nonconforming.values() for refusal in each.refusals] == ["reference.not-own"]
    found = book.plans[number]
    assert (found.state, found.facts["scale"], found.facts["place"]) == ("started", "medium", plan["place"])
    assert found.told_at == book.notices[here.number(changed)].at
    assert book.digest() != before.digest()
    here.notice("withdrawal", {"reason": "superseded"}, mine)
    border.exchange()
    assert border.book().plans == {}
    assert f"activity/{number}" not in dict(border.book().rows())


# Cuts and digests


def test_two_holders_of_the_same_record_have_the_same_digest_whatever_the_order_it_came_in() -> None:
    border = Border()
    here, there = border.pair
    fire = here.notice("incident.initial", FIRE)
    there.receive()
    there.notice("acknowledgement", {"handling": "seen"}, fire)
    border.exchange()
    assert border.replayed().book().digest() == border.book().digest()


def test_a_cut_is_the_book_of_those_who_hold_no_more() -> None:
    border = Border()
    here, there = border.pair
    here.notice("incident.initial", FIRE)
    border.exchange()
    cut = border.ledger.sizes()
    before = border.book()
    border.at(50)
    there.notice("incident.initial", FIRE)
    border.exchange()
    assert border.ledger.book(cut).rows() == before.rows()
    assert border.book().digest() != before.digest()


def test_the_agreement_is_kept_and_changes_no_state() -> None:
    border = Border()
    here, there = border.pair
    here.notice("incident.initial", FIRE)
    border.exchange()
    book = border.book()
    there.agree(book)
    assert border.book().agreements[there.code].digest == book.digest()
    assert border.book().digest() == book.digest()


def test_the_common_cut_is_what_every_other_party_cosigned() -> None:
    border = Border()
    here, there = border.pair
    sizes = {here.origin: 10, there.origin: 7}
    cosigned = {(here.origin, there.code): 8, (there.origin, here.code): 9}
    assert common_cut(border.law, sizes, cosigned) == {here.origin: 8, there.origin: 7}
    assert common_cut(border.law, sizes, {}) == {here.origin: 0, there.origin: 0}


def test_facts_that_this_holder_lacks_make_the_book_incomplete() -> None:
    border = Border()
    here, there = border.pair
    fire = here.notice("incident.initial", FIRE)
    there.receive()
    ledger = Ledger(border.law)
    for side in (here, there):
        for index, leaf in enumerate(side.leaves):
            ledger.add(side.origin, index, leaf)
    assert ledger.book().incomplete == (here.number(fire),)
    ledger.add_facts(here.origin, here.index(fire), here.parts[here.index(fire)][0].body)
    assert ledger.book().rows() == border.book().rows()


def test_a_gap_is_a_fault_and_a_foreign_log_a_refusal() -> None:
    border = Border()
    with pytest.raises(Fault):
        border.ledger.add(border.pair[0].origin, 99, b"")
    with pytest.raises(Refusal, match=r"ledger\.foreign-log"):
        border.ledger.add("elsewhere.example/other/all/1", 0, b"")
    with pytest.raises(Refusal, match=r"ledger\.beyond-held"):
        border.ledger.book({border.pair[0].origin: 99})


def test_a_receipt_for_leaves_not_written_yet_never_discredits_the_other_sides_receipt() -> None:
    """Nobody knows a root before its leaves: of two receipts that wait for each other, one has another root."""
    border = Border()
    here, there = border.pair
    later = Receipt(log=here.origin, size=len(here.leaves) + 3, root="A" * 43 + "=")
    early = there.machine("receipt", receipt=later)
    true = here.receive()
    for _ in range(3):
        here.notice("incident.initial", FIRE)
    assert codes(there, early) == ["receipt.other-root"]
    assert here.number(true) not in border.book().nonconforming
    assert border.book().rows() == border.replayed().book().rows()


def test_whoever_looks_back_or_apart_does_not_make_the_next_larger_cut_be_folded_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    border = Border()
    here, there = border.pair
    cuts = []
    for _ in range(4):
        here.notice("incident.initial", FIRE)
        border.exchange()
        cuts.append(border.ledger.sizes())
    here.notice("incident.initial", FIRE)
    made, make = [], Ledger.__init__

    def counted(ledger: Ledger, law: Law) -> None:
        made.append(ledger)
        make(ledger, law)

    first, second, third, fourth = cuts
    monkeypatch.setattr(Ledger, "__init__", counted)
    border.ledger.book(second)
    assert len(made) == 1
    looked = {
        "older": border.ledger.book(first),
        "beside": border.ledger.book({**first, there.origin: second[there.origin] + 1}, apart=True),
        "ahead": border.ledger.book(fourth, apart=True),
    }
    assert len(made) == 4
    grown = border.ledger.book(third)
    assert len(made) == 4
    monkeypatch.undo()
    for found in (*looked.values(), grown):
        sizes = {side.origin: found.cut.get(side.origin, 0) for side in (here, there)}
        assert found.digest() == border.replayed(sizes).book().digest()
