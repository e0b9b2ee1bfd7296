"""Desks and routing: the first rule that fits decides, and what none fits is at the main desk, visibly."""

import json
from dataclasses import replace

import msgspec
import pytest

from mithaq.errors import Refusal
from mithaq.notices import desks, registry
from mithaq.notices.desks import Arrangement, Desk, Routed, Rule, Subject
from tests.mithaq.notices.border import FIRE, Border, plain_law

NORTH = Desk(id="north", authority="watch", name="Northern desk", officers=["night desk"])
MAIN = Desk(id="main", authority="watch", name="Main desk")
PLAN = Arrangement(
    desks=[MAIN, NORTH],
    main="main",
    rules=[
        Rule(desk="main", kinds=["incident.initial"], precedence=["flash"]),
        Rule(desk="north", sectors=["A"]),
        Rule(desk="main", crossings=["bridge"]),
    ],
)
FLASH = Subject("incident.initial", "flash", "A")


def refused(plan: Arrangement) -> str:
    with pytest.raises(Refusal) as found:
        desks.check(plan, plain_law(), "ML")
    return found.value.code


@pytest.mark.parametrize(
    ("subject", "routed"),
    [
        (FLASH, Routed("main", 1)),
        (replace(FLASH, precedence="routine"), Routed("north", 2)),
        (Subject("flow.count", "routine", "B", "bridge"), Routed("main", 3)),
        (Subject("flow.count", "routine"), Routed("main", 0)),
    ],
)
def test_the_first_rule_that_fits_decides(subject: Subject, routed: Routed) -> None:
    assert desks.route(PLAN, subject) == routed


def test_a_party_without_desks_routes_nothing() -> None:
    assert desks.route(Arrangement(), FLASH) is None


def test_a_question_lies_where_the_incident_lies_that_it_is_about() -> None:
    border = Border()
    here, there = border.pair
    fire = here.notice("incident.initial", FIRE)
    there.receive()
    there.notice("clarification.request", {"concern": "event", "questions": ["what"]}, fire)
    here.receive()
    book = border.book()
    first, question = (next(each for each in book.in_order if each.kind == kind) for kind in (
        "incident.initial", "clarification.request"))  # fmt: skip
    assert desks.subject_of(question, first, plain_law()).sector == desks.subject_of(first, None, plain_law()).sector
    assert desks.subject_of(question, None, plain_law()).sector == ""


def test_an_officer_without_a_desk_sits_at_those_of_the_authority() -> None:
    assert PLAN.desks_of("night desk", "watch") == {"north"}
    assert PLAN.desks_of("day desk", "watch") == {"north", "main"}
    assert PLAN.desks_of("day desk") == frozenset()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"main": "south"}, "desks.no-main"),
        ({"desks": [MAIN, MAIN]}, "desks.twice"),
        ({"desks": [Desk("Main", "watch", "x")]}, "desks.bad-id"),
        ({"desks": [Desk("main", "navy", "x")]}, "officer.unknown-authority"),
        ({"desks": [Desk("main", "watch", " ")]}, "desks.bad-name"),
        ({"desks": [Desk("main", "watch", "ends\u202e here")]}, "desks.bad-name"),
        ({"desks": [MAIN]}, "desks.unknown-in-rule"),
        ({"rules": [Rule("main", sectors=["Z"])]}, "desks.unknown-in-rule"),
        ({"rules": [Rule("main", kinds=["person.wanted"])]}, "desks.unknown-in-rule"),
        ({"rules": [Rule("main")] * 501}, "desks.too-many"),
        ({"calendar": "julian"}, "calendar.unknown"),
        ({"step": 0}, "desks.bad-step"),
        ({"registry": "{year}"}, "registry.bad-pattern"),
    ],
)
def test_what_does_not_hold_together_is_refused(changed: dict[str, object], code: str) -> None:
    desks.check(PLAN, plain_law(), "ML")
    assert refused(msgspec.structs.replace(PLAN, **changed)) == code


def test_it_reads_back_what_it_wrote_and_refuses_what_it_does_not_know() -> None:
    assert desks.read(msgspec.json.encode(PLAN), plain_law(), "ML") == PLAN
    for odd in (b"[]", b"{", json.dumps({"desks": [], "staff": []}).encode(), b"[" * 100_000):
        with pytest.raises(Refusal, match=r"desks\.unreadable"):
            desks.read(odd, plain_law(), "ML")


@pytest.mark.parametrize("name", ["میز گذرگاه\u200cها", "غرفة المناوبة", "مێزی دەروازەکان"])
def test_a_desk_is_called_as_its_party_writes(name: str) -> None:
    desks.check(msgspec.structs.replace(PLAN, desks=[Desk("main", "watch", name), NORTH]), plain_law(), "ML")
    assert registry.typed(name) == name


def test_a_new_desk_gets_the_next_free_name() -> None:
    assert desks.free_id("watch", ()) == "watch-1"
    assert desks.free_id("watch", ("watch-1", "watch-3", "main")) == "watch-2"


@pytest.mark.parametrize("pattern", ["{running}", "{year}/{running}", "W-{year}-{running}", ""])
def test_a_pattern_counts(pattern: str) -> None:
    registry.check_pattern(pattern)
    assert registry.made(pattern, 1404, 37) == pattern.replace("{year}", "1404").replace("{running}", "37")


@pytest.mark.parametrize("pattern", ["{year}", "{running}{running}", "{month}/{running}", "{running", "{running}\n"])
def test_a_pattern_that_does_not_count_is_refused(pattern: str) -> None:
    with pytest.raises(Refusal, match=r"registry\.bad-pattern"):
        registry.check_pattern(pattern)


def test_a_registry_number_is_found_in_any_digits() -> None:
    assert registry.key("وارده ۱۴۰۴/۳۷") == registry.key("\u200fوارده ١٤٠٤ / ٣٧") == registry.key("وارده1404/37")
    assert registry.key("A-7") == registry.key("a-7") != registry.key("A-8")


@pytest.mark.parametrize("text", ["", "  ", "\u200f", "a\nb", "9" * 61])
def test_a_line_that_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match=r"registry\.bad-number"):
        registry.typed(text)
