"""Amending the instrument: each log changes over at its own leaf, and what was said before is judged as before."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import pytest

from mithaq.errors import Refusal
from mithaq.instrument.law import Law
from mithaq.notices.book import Clock
from mithaq.notices.conformance import law_digest
from mithaq.notices.envelope import InForce, Leaf
from mithaq.notices.ledger import Ledger
from mithaq.notices.versions import Versions
from tests.mithaq.notices.border import FIRE, Border, Side, plain_law

HOURS = 60
ANSWER = "incident-acknowledged"


def amended() -> Law:
    """The second version: incidents are acknowledged within six hours, by night too, and hazards are told no more."""
    law = plain_law()
    clocks = [
        msgspec.structs.replace(clock, minutes=6 * HOURS, calendar="continuous") if clock.id == ANSWER else clock
        for clock in law.clocks
    ]
    kinds = [kind for kind in law.kinds if kind.name != "humanitarian.hazard"]
    return msgspec.structs.replace(law, version=law.version + 1, clocks=clocks, kinds=kinds)


SECOND = amended()


@pytest.fixture
def border() -> Border:
    """Both sides under the first version; the ledger holds both."""
    made = Border()
    made.ledger = replayed(made)
    return made


def replayed(border: Border, later: tuple[Law, ...] = (SECOND,)) -> Ledger:
    ledger = Ledger(Versions(border.law, *later))
    for side in border.sides.values():
        for index, leaf in enumerate(side.leaves):
            ledger.add(side.origin, index, leaf)
            if side.parts[index]:
                ledger.add_facts(side.origin, index, side.parts[index][0].body)
    return ledger


@contextmanager
def under(border: Border, law: Law) -> Iterator[None]:
    """What is written within is made under `law`."""
    before = border.law, border.digest
    border.law, border.digest = law, law_digest(law)
    yield
    border.law, border.digest = before


def enter(side: Side, law: Law) -> Leaf:
    return side.machine("instrument", instrument=InForce(law=law_digest(law), words="0" * 64))


def codes(side: Side, leaf: Leaf) -> list[str]:
    notice = side.border.book().notices.get(side.number(leaf))
    return [refusal.code for refusal in notice.refusals] if notice else []


def clock_of(side: Side, leaf: Leaf) -> Clock:
    clocks = side.border.book().clocks
    return next(clock for clock in clocks if (clock.notice, clock.id) == (side.number(leaf), ANSWER))


def test_a_party_changes_over_at_its_own_leaf_and_the_other_does_not(border: Border) -> None:
    here, there = border.pair
    enter(here, SECOND)
    with under(border, SECOND):
        assert codes(here, here.notice("incident.initial", FIRE)) == []
        assert codes(there, there.notice("incident.initial", FIRE)) == ["leaf.other-law"]
    assert codes(here, here.notice("incident.initial", FIRE)) == ["leaf.other-law"]
    assert codes(there, there.notice("incident.initial", FIRE)) == []


def test_a_kind_that_the_later_version_has_not_stays_good_where_it_was_said(border: Border) -> None:
    here, _ = border.pair
    hazard = {**FIRE, "hazard": "wildfire"}
    del hazard["event"]
    before = here.notice("humanitarian.hazard", hazard)
    header, parts = here.draft("humanitarian.hazard", hazard)
    enter(here, SECOND)
    late = here.release(msgspec.structs.replace(header, law=law_digest(SECOND)), parts)
    assert codes(here, before) == []
    assert codes(here, late) == ["leaf.unknown-kind"]


def test_a_clock_keeps_the_rules_it_started_under(border: Border) -> None:
    here, there = border.pair
    old = here.notice("incident.initial", FIRE)
    there.receive()
    due = clock_of(here, old).due
    enter(here, SECOND)
    enter(there, SECOND)
    with under(border, SECOND):
        new = here.notice("incident.initial", FIRE)
        there.receive()
    assert clock_of(here, old).due == due
    assert clock_of(here, new).due == "2031-03-01T06:00:00Z"
    assert clock_of(here, new).due < due


def test_it_refuses_an_answer_to_what_was_said_under_a_version_not_entered_yet(border: Border) -> None:
    here, there = border.pair
    enter(here, SECOND)
    with under(border, SECOND):
        fire = here.notice("incident.initial", FIRE)
    there.receive()
    early = there.notice("acknowledgement", {"handling": "seen"}, fire)
    assert codes(there, early) == ["reference.later-law"]
    enter(there, SECOND)
    with under(border, SECOND):
        assert codes(there, there.notice("acknowledgement", {"handling": "seen"}, fire)) == []


def test_a_later_version_may_answer_what_was_said_under_an_earlier_one(border: Border) -> None:
    here, there = border.pair
    fire = here.notice("incident.initial", FIRE)
    there.receive()
    enter(there, SECOND)
    with under(border, SECOND):
        assert codes(there, there.notice("acknowledgement", {"handling": "seen"}, fire)) == []


def test_no_leaf_leads_back_to_an_earlier_version(border: Border) -> None:
    here, _ = border.pair
    first = border.law
    enter(here, SECOND)
    with under(border, SECOND):
        back = enter(here, first)
        assert codes(here, back) == ["instrument.not-later"]
        assert codes(here, here.notice("incident.initial", FIRE)) == []


def test_new_words_under_the_same_law_are_entered_like_a_version(border: Border) -> None:
    here, _ = border.pair
    again = here.machine("instrument", instrument=InForce(law=border.digest, words="1" * 64))
    assert codes(here, again) == []
    assert codes(here, here.notice("incident.initial", FIRE)) == []


def test_the_first_instrument_leaf_puts_the_law_in_force_that_it_names() -> None:
    border = Border()
    here, _ = border.pair
    key_set = here.leaves[0]
    stray = here.machine("instrument", instrument=InForce(law=law_digest(SECOND), words="0" * 64))
    ledger = Ledger(Versions(border.law, SECOND))
    ledger.add(here.origin, 0, key_set)
    ledger.add(here.origin, 1, stray.encoded)
    (refused,) = ledger.book().nonconforming.values()
    assert [refusal.code for refusal in refused.refusals] == ["instrument.not-begun"]


def test_a_book_without_the_version_in_force_says_that_it_is_incomplete(border: Border) -> None:
    here, _ = border.pair
    enter(here, SECOND)
    with under(border, SECOND):
        fire = here.notice("incident.initial", FIRE)
    assert border.book().incomplete == ()
    book = replayed(border, ()).book()
    assert book.incomplete == (here.number(fire),)
    assert [each.code for each in book.notices[here.number(fire)].refusals] == ["leaf.version-not-held"]
    assert not book.running


def test_a_book_without_two_versions_waits_for_both(border: Border) -> None:
    here, there = border.pair
    third = msgspec.structs.replace(SECOND, version=SECOND.version + 1)
    enter(here, SECOND)
    with under(border, SECOND):
        enter(here, third)
    with under(border, third):
        fire = here.notice("incident.initial", FIRE)
    there.receive()
    for held in ((), (SECOND,)):
        without = replayed(border, held)
        book = without.book()
        assert here.number(fire) in book.incomplete
        assert [each.code for each in book.notices[here.number(fire)].refusals] == ["leaf.version-not-held"]
        assert not book.running
        assert without.in_force()[here.origin] == law_digest(third)
    whole = replayed(border, (SECOND, third))
    assert whole.book().notices[here.number(fire)].conforms
    assert whole.in_force()[here.origin] == law_digest(third)


def test_a_book_folded_leaf_by_leaf_is_the_one_folded_from_nothing(border: Border) -> None:
    here, there = border.pair
    old = here.notice("incident.initial", FIRE)
    there.receive()
    border.book()
    enter(there, SECOND)
    border.book()
    with under(border, SECOND):
        there.notice("acknowledgement", {"handling": "seen"}, old)
    here.receive()
    assert border.book().rows() == replayed(border).book().rows()
    cut = {here.origin: len(here.leaves), there.origin: 3}
    assert border.ledger.book(cut).rows() == replayed(border).book(cut).rows()


def test_it_refuses_versions_that_do_not_follow_each_other() -> None:
    law = plain_law()
    for other in (
        law,
        msgspec.structs.replace(SECOND, id="another-instrument"),
        msgspec.structs.replace(SECOND, version=0),
    ):
        with pytest.raises(Refusal, match=r"instrument\.not-later"):
            Versions(law, other)
    for other in (
        msgspec.structs.replace(SECOND, parties=SECOND.parties[:1]),
        msgspec.structs.replace(SECOND, audiences={"all": [SECOND.parties[0].code]}),
    ):
        with pytest.raises(Refusal, match=r"instrument\.other-parties"):
            Versions(law, other)
