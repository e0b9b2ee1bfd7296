"""What the field asks of notices about danger and about people who cross without meaning to: help, and no pursuit.

Counts only; the only clock is on the acknowledgement, twelve hours; no clock ends in a handover; closing never says
whether or why anyone was returned; nothing about a person can be asked, and a claim is never told to the other side.
"""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mithaq.instrument.compiling import compile as compile_instrument
from mithaq.instrument.law import Kind, Law
from mithaq.instrument.words import ADDRESSEE, CHECKLIST_SIDES, SENDER, Words, checklist
from mithaq.notices import clocks, roles
from mithaq.notices import ringing as rule
from mithaq.notices.conformance import KindJudge
from mithaq.notices.fields.people import PEOPLE
from mithaq.notices.restraint import FORBIDDEN
from mithaq_files.instrument import library, read_folder, shipped
from tests.mithaq.notices.border import Border, instant

COMPILED = compile_instrument(read_folder(shipped("iraq-iran-2025")), library())
LAW: Law = COMPILED.law
WORDS: Words = COMPILED.words
CROSSED: dict[str, Any] = {
    "place": "A",
    "happened": instant(0),
    "people": {"adult": 2},
    "condition": ["unharmed"],
    "wish": "heard-and-respected",
}
HAZARD: dict[str, Any] = {
    "hazard": "wildfire",
    "happened": instant(0),
    "place": {"form": "kilometre", "km": 12},
    "confidence": "seen",
}
ABOUT_RETURN = re.compile(r"return|handover|hand-over|deport|expel|claim|asylum|refug|detain|why|identity|origin")


def kind(name: str) -> Kind:
    found = LAW.kind(name)
    assert found is not None
    return found


def said_in(defined: Kind) -> set[str]:
    """Every name that a notice of a kind can carry: its fields and the codes of its lists."""
    lists = (LAW.codes[field.codes] for field in defined.fields if field.codes)
    return {field.name for field in defined.fields} | {code for codes in lists for code in codes}


def test_people_who_crossed_are_counts_in_a_sector_with_no_text_no_picture_and_no_finer_time_than_the_hour() -> None:
    crossed = kind("crossing.inadvertent")
    fields = {field.name: field for field in crossed.fields}
    assert (fields["people"].type, fields["place"].type, fields["happened"].floor) == ("counts", "sector", "hour")
    assert {field.type for field in crossed.fields} <= {"counts", "sector", "moment", "code", "codes", "phrase"}
    assert crossed.security
    assert not crossed.attachments
    assert set(LAW.codes["people"]) <= set(PEOPLE)


def test_the_help_offered_and_wanted_there_is_care_and_nothing_that_anybody_could_be_told() -> None:
    fields = {field.name: field for field in kind("crossing.inadvertent").fields}
    for name in ("help_offered", "help_needed"):
        assert not fields[name].required
        assert set(LAW.codes[fields[name].codes]) == {"medical", "interpreter", "water", "shelter", "route"}


def test_its_only_clock_is_twelve_hours_on_the_acknowledgement() -> None:
    (clock,) = [clock for clock in LAW.clocks if "crossing.inadvertent" in clock.kinds]
    assert (clock.minutes, clock.start, clock.obliged, clock.answered_by) == (
        720,
        clocks.RECEIPT,
        clocks.ADDRESSEE,
        [roles.ACKNOWLEDGES],
    )


def test_nothing_that_such_a_notice_or_its_closing_can_say_is_about_a_return_or_a_claim() -> None:
    for name in ("crossing.inadvertent", "incident.close", "acknowledgement", "assistance.request"):
        assert not [said for said in said_in(kind(name)) if ABOUT_RETURN.search(said)], name


def test_nothing_about_a_person_can_be_asked_of_the_other_side() -> None:
    for asking in (kind for kind in LAW.kinds if kind.role == roles.ASKS):
        words = {word for said in said_in(asking) for word in re.split(r"[^a-z]+", said)}
        assert not words & FORBIDDEN, asking.name


judged = KindJudge(kind("crossing.inadvertent"), LAW)
SPARE = {"place": "S4", "happened": instant(0), **{key: CROSSED[key] for key in ("people", "condition", "wish")}}


@given(st.sampled_from(sorted(FORBIDDEN | {"returned", "claim", "account", "why"})), st.text(max_size=20))
def test_no_further_field_stands_in_such_a_notice(name: str, said: str) -> None:
    assert judged.judge_values("facts", SPARE) == ()
    assert [refusal.code for refusal in judged.judge_values("facts", {**SPARE, name: said})] == ["field.unknown"]


def test_livestock_is_no_people_and_a_person_is_no_count() -> None:
    for people in ({"sheep": 3}, {"adult": "two"}, {"adult": -1}, "two herders"):
        assert judged.judge_values("facts", {**SPARE, "people": people})


@pytest.mark.parametrize("name", ["humanitarian.hazard", "crossing.inadvertent"])
def test_both_desks_have_a_checklist_in_every_language(name: str) -> None:
    for side in CHECKLIST_SIDES:
        keys = checklist(WORDS, name, side)
        assert len(keys) >= 4
        assert list(keys) == sorted(keys)
        assert all(WORDS.labels[key][language].strip() for key in keys for language in LAW.languages)
    told = " ".join(WORDS.labels[key]["en"] for key in checklist(WORDS, "crossing.inadvertent", SENDER))
    heard = " ".join(WORDS.labels[key]["en"] for key in checklist(WORDS, "crossing.inadvertent", ADDRESSEE))
    assert "Nobody is returned against a stated fear" in told
    assert "Neither names nor origins nor a claim are told to the other side" in told
    assert "No return is asked for" in heard


def test_help_can_be_offered_and_wanted_in_one_notice_of_danger() -> None:
    fields = {field.name: field for field in kind("humanitarian.hazard").fields}
    assert fields["help_offered"].codes == fields["help_needed"].codes == "help"
    assert not [field.name for field in fields.values() if field.required and field.part != "facts"]


def test_a_danger_is_unheard_of_after_the_limit_until_it_is_received_and_no_clock_runs_meanwhile() -> None:
    border = Border()
    here, there = border.pair
    sent = here.notice("humanitarian.hazard", HAZARD, release="one")
    quiet, late = instant(border.law.limits.silence), instant(border.law.limits.silence + 1)
    assert rule.unheard(border.book(), border.law, here.code, quiet) == ()
    (found,) = rule.unheard(border.book(), border.law, here.code, late)
    assert found.number == here.number(sent)
    assert rule.unheard(border.book(), border.law, there.code, late) == ()
    assert not [clock for clock in border.book().clocks if clock.notice == found.number]
    assert not border.book().compliance
    border.exchange()
    assert rule.unheard(border.book(), border.law, here.code, late) == ()


def test_a_danger_that_was_taken_back_need_not_be_heard_of() -> None:
    border = Border()
    here, _ = border.pair
    sent = here.notice("humanitarian.hazard", HAZARD, release="one")
    here.notice("withdrawal", {"reason": "superseded"}, sent)
    assert rule.unheard(border.book(), border.law, here.code, instant(600)) == ()
