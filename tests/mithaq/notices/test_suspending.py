"""Suspending an instrument: what stops, what goes on, and that both sides count the same time out."""

from base64 import b64encode
from collections.abc import Iterable, Sequence

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mithaq import moments
from mithaq.errors import Refusal
from mithaq.instrument.law import Law, Party, Suspension
from mithaq.notices import clocks, drafting, suspending
from mithaq.notices.book import UNKNOWN, Book, Clock
from mithaq.notices.clocks import Display, clock_display
from mithaq.notices.conformance import law_digest
from mithaq.notices.envelope import Leaf, Receipt, parse
from mithaq.notices.ledger import Ledger
from mithaq.notices.restraint import check_kinds
from mithaq.notices.versions import Versions
from mithaq.record import merkle, note
from tests.mithaq.notices.border import FIRE, Border, Side, instant, plain_law, private_key
from tests.mithaq.notices.test_versions import codes, enter, under

ASKED = "clarification-answered"
ASKING = "clarification.request"
FIRE_KIND = "incident.initial"
DAY = 24 * 60
TWO_DAYS = 2 * DAY
FIRST = plain_law()
KEPT = sorted(kind.name for kind in FIRST.kinds if suspending.must_go_on(kind, FIRST))


def version(number: int, since: int | None = None, until: int | None = None, keeps: tuple[str, ...] = ()) -> Law:
    """The law of the border as its version `number`, suspended from and until so many minutes after the story begins,
    or not."""
    stated = None
    if since is not None:
        stated = Suspension(
            grounds=["consent"],
            since=instant(since),
            until="" if until is None else instant(until),
            keeps=[*KEPT, *keeps],
            mark="example",
        )
    return msgspec.structs.replace(FIRST, version=number, rules=2, suspension=stated)


def border_of(*later: Law) -> Border:
    """Both sides under the first version; the ledger holds the later ones, too."""
    border = Border()
    border.ledger = replayed(border, *later)
    return border


def replayed(border: Border, *later: Law) -> Ledger:
    ledger = Ledger(Versions(FIRST, *later))
    for side in reversed(border.sides.values()):
        for index, leaf in enumerate(side.leaves):
            ledger.add(side.origin, index, leaf)
            if side.parts[index]:
                ledger.add_facts(side.origin, index, side.parts[index][0].body)
    return ledger


def receives(side: Side) -> Leaf:
    """The receipt of a side for all that the other has, made under the version that its own log has entered last."""
    said = [leaf.header.instrument.law for leaf in map(parse, side.leaves) if leaf.header.instrument]
    before, side.border.digest = side.border.digest, said[-1]
    receipt = side.receive()
    side.border.digest = before
    return receipt


def enters(side: Side, law: Law) -> None:
    """The leaf by which a side enters the version after the one before."""
    with under(side.border, next(each for each in side.border.ledger.versions if each.version == law.version - 1)):
        enter(side, law)


def asked(side: Side) -> Leaf:
    """A question that the other side has in the same minute: its clock runs for two days."""
    fire = side.notice("incident.initial", FIRE)
    leaf = side.notice("clarification.request", {"concern": "event", "questions": ["what"]}, fire)
    receives(side.other)
    return leaf


def clock_of(border: Border, leaf: Leaf, id: str = ASKED) -> Clock:
    side = next(each for each in border.pair if each.origin == leaf.header.log)
    return next(each for each in border.book().clocks if (each.notice, each.id) == (side.number(leaf), id))


def spans(border: Border, owing: Side, kind: str = FIRE_KIND) -> list[tuple[str, str]]:
    """When what a side owes the other stands, where a notice of the kind asks for it."""
    found = [each for each in border.book().standstills.get("all", ()) if each.owing == owing.code]
    return [(each.begin, each.end) for each in found if each.stops(kind)]


def change_over(border: Border, law: Law, *minutes: int) -> None:
    """Each side enters the version and then receives what the other has, in its minute."""
    for minute, side in zip(minutes, border.pair, strict=True):
        border.at(minute)
        enters(side, law)
        receives(side)
        receives(side.other)


def test_a_clock_stands_from_when_both_have_the_suspension_until_the_one_that_owes_hears_of_the_resumption() -> None:
    second, third = version(2, since=60), version(3)
    border = border_of(second, third)
    question = asked(border.pair[0])
    before = clock_of(border, question)
    assert (before.due, before.stood) == (instant(TWO_DAYS), ())
    change_over(border, second, 100, 200)
    standing = clock_of(border, question)
    assert (standing.due, standing.stood) == (UNKNOWN, ((instant(200), ""),))
    assert standing.left == (TWO_DAYS - 200) * 60
    assert clock_display(standing, instant(10 * DAY)) is Display.STANDS
    assert clocks.seconds_stood(standing, instant(260)) == 3600
    change_over(border, third, 5 * DAY, 6 * DAY)
    over = clock_of(border, question)
    assert over.stood == ((instant(200), instant(5 * DAY)),)
    assert over.due == instant(5 * DAY + TWO_DAYS - 200)
    assert clock_display(over, instant(6 * DAY + 1)) is Display.RUNNING
    assert clock_display(over, instant(9 * DAY)) is Display.MISSED


def test_it_holds_for_nobody_while_one_side_has_not_entered_it() -> None:
    second = version(2, since=60)
    border = border_of(second)
    here, there = border.pair
    question = asked(here)
    border.at(100)
    enters(here, second)
    receives(there)
    assert border.book().standstills == {}
    assert clock_of(border, question).due == instant(TWO_DAYS)
    enters(there, second)
    receives(here)
    assert spans(border, here) == spans(border, there) == [(instant(100), "")]
    assert [key for key, _ in border.book().rows() if key.startswith("standstill/")] == [
        "standstill/all/2/ML/RL",
        "standstill/all/2/RL/ML",
    ]


def test_what_a_side_owes_stands_by_the_word_of_the_other_and_goes_on_by_its_own() -> None:
    second, third = version(2, since=0), version(3)
    border = border_of(second, third)
    here, there = border.pair
    border.at(10)
    enters(here, second)
    border.at(20)
    enters(there, second)
    border.at(30)
    receives(there)
    assert (spans(border, here), spans(border, there)) == ([(instant(30), "")], [])
    border.at(40)
    receives(here)
    assert (spans(border, here), spans(border, there)) == ([(instant(30), "")], [(instant(40), "")])
    border.at(50)
    enters(there, third)
    assert (spans(border, here), spans(border, there)) == ([(instant(30), "")], [(instant(40), instant(50))])
    border.at(60)
    receives(here)
    border.at(70)
    enters(here, third)
    assert spans(border, here) == [(instant(30), instant(60))]
    assert border.book().rows() == replayed(border, second, third).book().rows()


DATED = pytest.mark.parametrize("written", [-20, -15, -10, 0, 10, 40])
"""Minutes after the deadline at which a side says that it wrote a leaf, whenever that was."""


@DATED
def test_the_party_that_receipts_last_cannot_undo_its_own_missed_deadline(written: int) -> None:
    second = version(2, since=0)
    border = border_of(second)
    here, there = border.pair
    question = asked(here)
    border.at(TWO_DAYS - 20)
    enters(there, second)
    border.at(TWO_DAYS - 15)
    receives(here)
    border.at(TWO_DAYS + 5)
    enters(here, second)
    missed, now = clock_of(border, question), instant(TWO_DAYS + 10)
    assert clock_display(missed, now) is Display.MISSED
    for _ in range(2):
        border.at(TWO_DAYS + written)
        assert codes(there, receives(there)) == []
        assert clock_of(border, question) == missed
        assert spans(border, there) == [(instant(TWO_DAYS + 5), "")]
    assert border.book().rows() == replayed(border, second).book().rows()


@DATED
def test_the_party_that_enters_last_cannot_undo_its_own_missed_deadline(written: int) -> None:
    second = version(2, since=0)
    border = border_of(second)
    here, there = border.pair
    question = asked(here)
    border.at(1)
    enters(here, second)
    border.at(TWO_DAYS + written)
    enters(there, second)
    receives(there)
    assert spans(border, there) == []
    border.at(TWO_DAYS + 11)
    receives(here)
    late = clock_of(border, question)
    assert spans(border, there) == [(instant(TWO_DAYS + 11), "")]
    assert (late.due, late.stood) == (instant(TWO_DAYS), ())
    assert clock_display(late, instant(TWO_DAYS + 12)) is Display.MISSED


@DATED
def test_what_stands_at_the_desk_that_is_owed_stands_whenever_the_other_receipts_it(written: int) -> None:
    second = version(2, since=0)
    border = border_of(second)
    here, there = border.pair
    question = asked(here)
    border.at(TWO_DAYS - 20)
    enters(there, second)
    border.at(TWO_DAYS - 15)
    receives(here)
    border.at(TWO_DAYS - 14)
    enters(here, second)
    before = clock_of(border, question)
    assert (before.due, before.stood) == (UNKNOWN, ((instant(TWO_DAYS - 14), ""),))
    border.at(TWO_DAYS + written)
    receives(there)
    assert clock_of(border, question) == before


def test_a_receipt_dated_back_beyond_what_its_party_has_said_counts_nothing() -> None:
    second = version(2, since=0)
    border = border_of(second)
    here, there = border.pair
    border.at(10)
    enters(here, second)
    border.at(30)
    enters(there, second)
    border.at(20)
    assert codes(there, receives(there)) == ["leaf.earlier-than-before"]
    assert border.book().standstills == {}


def test_one_side_cannot_make_the_other_late_for_what_stood_at_its_desk() -> None:
    second, third = version(2, since=0), version(3)
    border = border_of(second, third)
    here, there = border.pair
    question = asked(here)
    change_over(border, second, 100, 100)
    border.at(101)  # dated back: in truth it is written days later
    enters(here, third)
    before = clock_of(border, question)
    assert clock_display(before, instant(5 * DAY)) is Display.STANDS
    border.at(6 * DAY)
    receives(there)
    over = clock_of(border, question)
    assert over.stood == ((instant(100), instant(6 * DAY)),)
    assert clock_display(over, instant(6 * DAY + 1)) is Display.RUNNING


def test_who_does_not_enter_the_resumption_keeps_none_of_its_own_clocks_standing() -> None:
    second, third = version(2, since=0), version(3)
    border = border_of(second, third)
    here, there = border.pair
    question = asked(here)
    change_over(border, second, 100, 100)
    border.at(DAY)
    enters(here, third)
    receives(there)
    assert clock_of(border, question).stood == ((instant(100), instant(DAY)),)
    border.at(9 * DAY)
    enters(there, third)
    receives(here)
    assert clock_of(border, question).stood == ((instant(100), instant(DAY)),)
    assert spans(border, here) == [(instant(100), instant(DAY))]


def test_what_passes_while_the_resumption_is_under_way_does_not_count_for_the_one_that_waits_for_it() -> None:
    second, third = version(2, since=0), version(3)
    border = border_of(second, third)
    here, there = border.pair
    change_over(border, second, 100, 100)
    border.at(3 * DAY)
    enters(here, third)
    cut = border.ledger.sizes()
    border.at(3 * DAY + 60)
    receives(there)
    (before,) = (each for each in border.ledger.book(cut).standstills["all"] if each.owing == there.code)
    assert before.end == suspending.OPEN
    assert spans(border, there) == [(instant(100), instant(3 * DAY + 60))]
    assert spans(border, here) == [(instant(100), instant(3 * DAY))]


def test_it_ends_by_itself_where_it_says_when() -> None:
    second = version(2, since=DAY, until=3 * DAY)
    border = border_of(second)
    question = asked(border.pair[0])
    change_over(border, second, 100, 200)
    clock = clock_of(border, question)
    assert clock.stood == ((instant(DAY), instant(3 * DAY)),)
    assert clock.due == instant(TWO_DAYS + 2 * DAY)
    assert clock_display(clock, instant(DAY - 1)) is Display.RUNNING
    assert clock_display(clock, instant(DAY)) is Display.STANDS
    assert clock_display(clock, instant(3 * DAY)) is Display.RUNNING


def test_what_is_left_before_an_open_suspension_that_lies_ahead_is_told_from_now() -> None:
    border = border_of(version(2, since=DAY, until=DAY + 60), version(3, since=DAY + 120))
    question = asked(border.pair[0])
    for law, minute in zip(border.ledger.versions[1:], (100, DAY + 90), strict=True):
        change_over(border, law, minute, minute)
    clock = clock_of(border, question)
    assert (clock.due, clock.left) == (UNKNOWN, (DAY - 60) * 60)
    for now, left in (
        (100, TWO_DAYS - 100),
        (DAY - 1, DAY + 1),
        (DAY, DAY),
        (DAY + 59, DAY),
        (DAY + 60, DAY),
        (DAY + 119, DAY - 59),
        (DAY + 120, DAY - 60),
        (9 * DAY, DAY - 60),
    ):
        assert clocks.seconds_left(clock, instant(now)) == left * 60


def test_a_clock_that_starts_meanwhile_starts_at_the_end_and_one_that_is_kept_runs_on() -> None:
    kept, stopped, third = version(2, since=100, keeps=("clarification.request",)), version(2, since=100), version(3)
    for law, due, after in (
        (kept, instant(150 + TWO_DAYS), instant(150 + TWO_DAYS)),
        (stopped, UNKNOWN, instant(2 * DAY + TWO_DAYS)),
    ):
        border = border_of(law, third)
        change_over(border, law, 50, 60)
        with under(border, law):
            fire = border.at(90).pair[0].notice("incident.initial", FIRE)
            question = border.pair[0].notice("clarification.request", {"concern": "event", "questions": ["what"]}, fire)
        receives(border.at(150).pair[1])
        clock = clock_of(border, question)
        assert (clock.started, clock.due) == (instant(150), due)
        change_over(border, third, 2 * DAY, 3 * DAY)
        assert clock_of(border, question).due == after
        assert spans(border, border.pair[1])[0][1] == instant(2 * DAY)


def test_an_answer_given_meanwhile_is_in_time_and_one_given_before_keeps_its_deadline() -> None:
    second = version(2, since=0)
    border = border_of(second)
    here, there = border.pair
    first, other = asked(here), asked(here)
    border.at(50)
    there.notice("clarification.reply", {"finding": "confirmed"}, first)
    change_over(border, second, 100, 100)
    border.at(5 * DAY)
    with under(border, second):
        there.notice("clarification.reply", {"finding": "confirmed"}, other)
    receives(here)
    early, late = clock_of(border, first), clock_of(border, other)
    assert (early.due, early.stood) == (instant(TWO_DAYS), ())
    assert late.stopped == instant(5 * DAY)
    assert clock_display(late, instant(9 * DAY)) is Display.MET


def test_one_suspension_after_the_other_each_counts_for_what_it_does_not_keep() -> None:
    second, third = version(2, since=0), version(3, since=0, keeps=("clarification.request",))
    fourth, fifth = version(4), version(5, since=6 * DAY, until=7 * DAY)
    border = border_of(second, third, fourth, fifth)
    question = asked(border.pair[0])
    for law, minutes in ((second, (60, 60)), (third, (DAY, DAY)), (fourth, (DAY + 60, DAY + 60))):
        change_over(border, law, *minutes)
    for side in border.pair:
        assert spans(border, side) == [(instant(60), instant(DAY + 60))]
        assert spans(border, side, ASKING) == [(instant(60), instant(DAY))]
    assert [key for key, _ in border.book().rows() if key.startswith("standstill/all/2/ML")] == [
        "standstill/all/2/ML/RL",
        f"standstill/all/2/ML/RL/{ASKING}",
    ]
    assert clock_of(border, question).stood == ((instant(60), instant(DAY)),)
    assert clock_of(border, question).due == instant(TWO_DAYS + DAY - 60)
    change_over(border, fifth, 5 * DAY, 5 * DAY)
    assert clock_of(border, question).due == instant(TWO_DAYS + DAY - 60)  # past by then


def test_a_suspension_that_is_prolonged_does_not_break_off_while_one_side_has_the_next_version() -> None:
    second, third = version(2, since=0, until=5 * DAY), version(3, since=5 * DAY, until=9 * DAY)
    border = border_of(second, third)
    question = asked(border.pair[0])
    change_over(border, second, 100, 100)
    change_over(border, third, DAY, 2 * DAY)
    assert clock_of(border, question).stood == ((instant(100), instant(5 * DAY)), (instant(5 * DAY), instant(9 * DAY)))
    assert clock_of(border, question).due == instant(9 * DAY + TWO_DAYS - 100)


def test_a_suspension_that_is_put_off_before_it_begins_stops_nothing_at_the_first_date() -> None:
    second, third = version(2, since=3 * DAY, until=5 * DAY), version(3, since=DAY + 60, until=DAY + 90)
    border = border_of(second, third)
    question = asked(border.pair[0])
    change_over(border, second, 100, 100)
    change_over(border, third, DAY, DAY)
    assert clock_of(border, question).stood == ((instant(DAY + 60), instant(DAY + 90)),)
    assert spans(border, border.pair[1]) == [(instant(DAY + 60), instant(DAY + 90))]


def test_a_suspension_that_is_cut_short_ends_once_the_side_that_owes_knows_of_it() -> None:
    second, third = version(2, since=0, until=9 * DAY), version(3, since=0, until=5 * DAY)
    for known, end in ((3 * DAY, 5 * DAY), (6 * DAY, 6 * DAY)):
        border = border_of(second, third)
        here, there = border.pair
        question = asked(here)
        change_over(border, second, 100, 100)
        border.at(2 * DAY)
        enters(here, third)
        border.at(known)
        receives(there)
        assert clock_of(border, question).stood == ((instant(100), instant(end)),)
        change_over_late(there, third)
        assert clock_of(border, question).stood == ((instant(100), instant(end)),)


def change_over_late(side: Side, law: Law) -> None:
    side.border.at(8 * DAY)
    enters(side, law)
    receives(side.other)


def test_a_kind_that_the_next_suspension_keeps_goes_on_by_the_word_of_the_side_that_owes() -> None:
    second, third = version(2, since=0), version(3, since=0, keeps=(ASKING,))
    border = border_of(second, third)
    here, there = border.pair
    question = asked(here)
    change_over(border, second, 100, 100)
    border.at(DAY)
    enters(here, third)
    border.at(DAY + 50)
    receives(there)
    assert clock_of(border, question).stood == ((instant(100), instant(DAY + 50)),)
    assert spans(border, there) == [(instant(100), "")]


def test_who_lacks_the_version_by_which_the_other_goes_on_sees_its_clocks_run_and_compares_nothing() -> None:
    second, third = version(2, since=0), version(3)
    border = border_of(second, third)
    here, there = border.pair
    question = asked(here)
    change_over(border, second, 100, 100)
    border.at(DAY)
    enters(here, third)
    border.at(DAY + 50)
    receives(there)
    behind = replayed(border, second).book()
    assert behind.incomplete == (here.number(parse(here.leaves[-1])),)
    assert [each.stood for each in behind.clocks if each.id == ASKED] == [clock_of(border, question).stood]
    assert border.book().incomplete == ()


@pytest.mark.parametrize("at", ["garbage", "9999-12-31T23:59:60Z", "", "0000", "9999-12-31T23:59:59Z"])
def test_what_is_said_under_a_version_that_is_not_held_stops_nobody_from_folding(at: str) -> None:
    second, third, fourth = version(2, since=60), version(3, since=60), version(4)
    border = border_of(second, third, fourth)
    here, there = border.pair
    asked(here)
    change_over(border, second, 100, 200)
    border.at(300)
    enters(there, third)
    before = replayed(border, second).book()
    border.now = at
    receives(there)
    enters(there, fourth)
    behind = replayed(border, second).book()
    assert behind.standstills == before.standstills
    assert [each for each in behind.clocks if each.id == ASKED] == [each for each in before.clocks if each.id == ASKED]
    whole = replayed(border, second, third, fourth).book()
    for number in (there.number(parse(leaf)) for leaf in there.leaves[-2:]):
        said = whole.nonconforming.get(number)
        found = {each.code for each in behind.nonconforming[number].refusals}
        assert found == {"leaf.version-not-held"} | ({each.code for each in said.refusals} if said else set())


def test_no_receipt_says_that_a_version_was_seen_at_what_is_no_moment() -> None:
    second = version(2)
    border = border_of(second)
    here, there = border.pair
    enters(here, second)
    border.now = "garbage"
    receives(there)
    border.book()
    said = next(each for each in border.ledger.entered() if each.law == law_digest(second))
    assert border.ledger.seen(said, there.code)[1] == ""


def test_a_version_that_is_held_and_that_nobody_has_entered_changes_no_row() -> None:
    second, third = version(2, since=60, keeps=(ASKING,)), version(3, since=60, keeps=(FIRE_KIND,))
    border = border_of(second, third)
    asked(border.pair[0])
    change_over(border, second, 100, 200)
    assert border.book().standstills
    assert border.book().rows() == replayed(border, second).book().rows()
    border.at(300)
    enters(border.pair[0], third)
    assert border.book().rows() != replayed(border, second).book().rows()
    assert replayed(border, second).book().incomplete


def test_a_deadline_that_was_missed_stays_missed_whatever_else_is_entered_that_is_not_held() -> None:
    second, third, fourth = version(2, since=0), version(3), version(4)
    border = border_of(second, third, fourth)
    here, there = border.pair
    question = asked(here)
    change_over(border, second, 100, 100)
    border.at(DAY)
    enters(there, third)
    behind = replayed(border, second).book()
    for law, number in ((third, 4), (second, 2)):  # on, or back to what others refuse
        border.at(9 * DAY)
        with under(border, law):
            enter(there, version(number, since=0 if number == 2 else None))
        again = replayed(border, second).book()
        assert again.standstills == behind.standstills
        assert again.clocks == behind.clocks
    assert clock_display(clock_of(border, question), instant(5 * DAY)) is Display.MISSED


def test_who_lacks_a_version_before_the_suspension_counts_the_same_standstill() -> None:
    second, third = version(2), version(3, since=0)
    border = border_of(second, third)
    for side in border.pair:
        enters(side, second)
    change_over(border, third, 100, 200)
    assert border.book().standstills
    assert replayed(border, third).book().standstills == border.book().standstills


def test_who_lacks_the_version_that_skips_a_suspension_compares_nothing() -> None:
    second, third, fourth = version(2, since=60), version(3), version(4)
    border = border_of(second, third, fourth)
    here, there = border.pair
    border.at(100)
    enters(here, second)
    receives(there)
    skips = enter(there, fourth)
    border.at(400)
    receives(here)
    behind = replayed(border, second, third).book()
    assert behind.rows() != border.book().rows()
    assert behind.unjudged == (there.number(skips),)


def test_under_it_nothing_begins_that_it_does_not_keep_and_everything_may_be_answered() -> None:
    second = version(2, since=60, until=600)
    border = border_of(second)
    here, there = border.pair
    fire = there.notice("incident.initial", FIRE)
    change_over(border, second, 10, 10)
    with under(border, second):
        early = here.notice("incident.initial", FIRE)
        border.at(60)
        flood = {key: value for key, value in FIRE.items() if key != "event"} | {"hazard": "flood"}
        with pytest.raises(Refusal) as refused:
            here.notice("incident.initial", FIRE)
        assert refused.value.code == "leaf.suspended"
        assert codes(here, forced(here)) == ["leaf.suspended"]
        allowed = [
            here.notice("humanitarian.hazard", flood),
            here.notice("acknowledgement", {"handling": "seen"}, fire),
            here.notice("incident.update", {"progress": "measures"}, fire),
            here.notice("withdrawal", {"reason": "duplicate"}, early),
        ]
        assert [codes(here, leaf) for leaf in allowed] == [[], [], [], []]
        border.at(600)
        assert codes(here, here.notice("incident.initial", FIRE)) == []


def test_what_is_of_the_highest_precedence_begins_all_the_same() -> None:
    second = version(2, since=60)
    border = border_of(second)
    here, there = border.pair
    change_over(border, second, 10, 60)
    highest, next_one = FIRST.precedence[:2]
    kind = second.kind("incident.initial")
    assert kind is not None
    assert kind.precedence not in (highest, next_one)
    with under(border, second):
        assert codes(here, here.notice("incident.initial", FIRE, precedence=highest)) == []
        with pytest.raises(Refusal) as refused:
            there.notice("incident.initial", FIRE, precedence=next_one)
    assert refused.value.code == "leaf.suspended"


def forced(side: Side) -> Leaf:
    """An incident that a program lets through which knows nothing of suspension."""
    border = side.border
    law = msgspec.structs.replace(border.law, suspension=None)
    kind = law.kind("incident.initial")
    assert kind is not None
    parts = drafting.compile_draft(law, kind, FIRE, border.salts())
    header = drafting.header_for(
        law, kind, parts, law_digest=border.digest, log=side.origin, id=border.next_id(), at=border.now
    )
    return side.release(header, parts)


def test_help_cannot_be_suspended() -> None:
    assert {"humanitarian.hazard", "assistance.request", "crossing.inadvertent"} <= set(KEPT)
    law = version(2, since=0)
    assert check_kinds(law) == check_kinds(FIRST)
    earlier = check_kinds(msgspec.structs.replace(law, rules=1))
    assert [each.code for each in earlier] == ["instrument.suspension-rules"]
    assert law.suspension is not None
    for name in KEPT:
        less = msgspec.structs.replace(law.suspension, keeps=[each for each in KEPT if each != name])
        found = {finding.code for finding in check_kinds(msgspec.structs.replace(law, suspension=less))}
        assert "kind.must-go-on" in found


def test_a_suspension_of_which_nobody_can_read_the_instants_stops_nothing() -> None:
    second = version(2, since=0)
    assert second.suspension is not None
    for since, until in (("soon", ""), (instant(9), instant(9)), (instant(9), "later")):
        stated = msgspec.structs.replace(second.suspension, since=since, until=until)
        law = msgspec.structs.replace(second, suspension=stated)
        assert suspending.standstills([law], "RL", "ML", {2: instant(0)}, {}) == ()
        kind = law.kind("incident.initial")
        assert kind is not None
        assert suspending.stops(law, kind, kind.precedence, instant(10)) is None


def test_a_receipt_dated_at_the_end_of_time_stops_nobody_from_folding() -> None:
    last = "9999-12-31T23:00:00Z"
    second, third = version(2, since=0), version(3)
    border = border_of(second, third)
    here, there = border.pair
    question = asked(here)
    change_over(border, second, 100, 100)
    enters(here, third)
    border.now = last
    receives(there)
    assert spans(border, there) == [(instant(100), last)]
    assert clock_of(border, question).due == UNKNOWN
    border = border_of(second, third)
    here, there = border.pair
    here.notice("incident.initial", FIRE)
    border.now = last
    receives(there)
    here.notice("humanitarian.hazard", {key: FIRE[key] for key in FIRE if key != "event"} | {"hazard": "flood"})
    book = border.book()
    assert {clock.due for clock in book.clocks} == {UNKNOWN}
    assert [review.due for review in book.reviews.values()] == [UNKNOWN]
    assert clocks.days_off(FIRST.clocks[1], book.clocks[0], FIRST.parties[1]) == ()


# Three parties


class Three:
    """Three parties, each of which receipts one other at a time; the ledger holds all versions from the start."""

    def __init__(self, *later: Law) -> None:
        domain = "tl.mithaq.example"
        roots = [vkey_of(f"{domain}/root/{number}") for number in range(1, FIRST.parties[1].threshold + 1)]
        parties = [*FIRST.parties, msgspec.structs.replace(FIRST.parties[1], code="TL", domain=domain, roots=roots)]
        audiences = {"all": [each.code for each in parties]}
        self.laws = [
            msgspec.structs.replace(each, parties=parties, audiences=audiences, rules=2) for each in (FIRST, *later)
        ]
        self.border = Border(self.laws[0])
        self.border.ledger = self.replayed()
        self.sides = self.border.sides

    def replayed(self) -> Ledger:
        """A ledger that is fed from nothing, one log after the other."""
        ledger = Ledger(Versions(*self.laws))
        for side in reversed(self.border.sides.values()):
            for index, leaf in enumerate(side.leaves):
                ledger.add(side.origin, index, leaf)
                if side.parts[index]:
                    ledger.add_facts(side.origin, index, side.parts[index][0].body)
        return ledger

    def enters(self, party: str, minute: int) -> None:
        """The leaf by which a party enters the version after its own, as if at `minute`."""
        number = self.under(party)
        with under(self.border.at(minute), self.laws[number - 1]):
            enter(self.sides[party], self.laws[number])

    def receives(self, party: str, other: str, minute: int) -> None:
        """The receipt of a party for all that one other has, as if at `minute`."""
        leaves = self.sides[other].leaves
        root = merkle.Frontier().extend(map(merkle.leaf_hash, leaves)).root()
        said = Receipt(log=self.sides[other].origin, size=len(leaves), root=b64encode(root).decode())
        with under(self.border.at(minute), self.laws[self.under(party) - 1]):
            self.sides[party].machine("receipt", receipt=said)

    def under(self, party: str) -> int:
        """The number of the version that a party is under."""
        return sum(leaf.header.instrument is not None for leaf in map(parse, self.sides[party].leaves))

    def spans(self, owing: str, owed: str) -> list[tuple[str, str]]:
        found = self.border.book().standstills.get("all", ())
        return [(each.begin, each.end) for each in found if (each.owing, each.owed) == (owing, owed)]

    def clock(self, id: str, party: str) -> Clock:
        return next(each for each in self.border.book().clocks if (each.id, each.party) == (id, party))

    def asked(self) -> None:
        """ML's question, which both others have in the same minute."""
        side = self.sides["ML"]
        fire = side.notice("incident.initial", FIRE)
        side.notice("clarification.request", {"concern": "event", "questions": ["what"]}, fire)
        for other in ("RL", "TL"):
            self.receives(other, "ML", 0)


PAIRS = [(one, other) for one in ("ML", "RL", "TL") for other in ("ML", "RL", "TL") if one != other]


def vkey_of(name: str) -> str:
    return note.Verifier(name, note.ED25519, private_key(name).public).vkey()


def test_of_three_parties_each_must_have_every_other_ones_entering() -> None:
    three = Three(version(2, since=0))
    for party in three.sides:
        three.enters(party, 0)
    for minute, (one, other) in enumerate(PAIRS, start=10):
        three.receives(one, other, minute)
        has_all = other == PAIRS[-1][1] if one == PAIRS[-1][0] else other == "TL"
        for owing in {*three.sides} - {one}:
            assert three.spans(owing, one) == ([(instant(minute), "")] if has_all else [])
    assert three.border.book().rows() == three.replayed().book().rows()


def test_an_accomplice_cannot_undo_a_deadline_that_a_party_missed_towards_a_third() -> None:
    three = Three(version(2, since=0))
    three.asked()
    three.enters("ML", 1)
    three.enters("RL", 2)
    three.receives("ML", "RL", 3)
    missed = three.clock(ASKED, "RL")
    assert clock_display(missed, instant(TWO_DAYS + 59)) is Display.MISSED
    three.enters("TL", 10)  # in truth an hour after the deadline, as all that is dated 10
    for one, other in (("TL", "ML"), ("TL", "RL"), ("RL", "ML"), ("RL", "TL")):
        three.receives(one, other, 10)
        assert three.clock(ASKED, "RL") == missed
    three.receives("ML", "TL", TWO_DAYS + 60)
    assert three.spans("RL", "ML") == [(instant(TWO_DAYS + 60), "")]
    assert three.spans("RL", "TL") == [(instant(10), "")]
    assert three.clock(ASKED, "RL") == missed


def test_a_third_party_that_does_not_enter_the_resumption_keeps_nothing_standing_between_the_others() -> None:
    three = Three(version(2, since=0), version(3))
    three.asked()
    for party in three.sides:
        three.enters(party, 10)
    for one, other in PAIRS:
        three.receives(one, other, 20)
    three.enters("ML", DAY)
    three.receives("RL", "ML", DAY + 30)
    assert three.spans("RL", "ML") == [(instant(20), instant(DAY + 30))]
    assert three.spans("RL", "TL") == three.spans("TL", "RL") == three.spans("TL", "ML") == [(instant(20), "")]
    assert three.spans("ML", "TL") == three.spans("ML", "RL") == [(instant(20), instant(DAY))]
    assert three.clock(ASKED, "RL").stood == ((instant(20), instant(DAY + 30)),)
    assert three.clock(ASKED, "TL").stood == ((instant(20), ""),)


def test_what_is_owed_to_several_stands_while_it_stands_towards_each() -> None:
    three = Three(version(2, since=0), version(3))
    wrong = three.sides["RL"].receive(root=b"0" * 32)
    assert codes(three.sides["RL"], wrong) == ["receipt.other-root"]
    three.receives("ML", "RL", 5)
    for party in three.sides:
        three.enters(party, 10)
    for minute, (one, other) in enumerate(PAIRS, start=20):
        three.receives(one, other, minute)
        stood = three.clock("nonconformance-answered", "RL").stood
        assert stood == (((instant(25), ""),) if (one, other) == PAIRS[-1] else ())
    assert (three.spans("RL", "ML"), three.spans("RL", "TL")) == ([(instant(21), "")], [(instant(25), "")])
    three.enters("TL", 30)
    three.receives("RL", "TL", 40)
    assert three.clock("nonconformance-answered", "RL").stood == ((instant(25), instant(40)),)


# However it comes, and by another way of counting

ROUND = st.tuples(
    st.sampled_from(["ask", "fire", "receive", "enter", "answer"]), st.booleans(), st.integers(0, 900), st.booleans()
)
TERMS = st.tuples(st.integers(0, 4 * DAY), st.none() | st.integers(1, 3 * DAY), st.booleans())
SUSPENSIONS = st.lists(st.none() | TERMS, min_size=1, max_size=4)


Forged = list[tuple[str, int]]
"""What a party does, and how many minutes from the present it says that it was."""


Terms = list[tuple[int, int | None, bool] | None]
"""Of each version: from when it suspends, for how long, and whether it keeps questions; None of one that does not."""


def versions_of(terms: Terms) -> tuple[Law, ...]:
    found = []
    for number, each in enumerate(terms, start=2):
        since, length, keeps = each or (None, None, False)
        until = None if since is None or length is None else since + length
        found.append(version(number, since, until, (ASKING,) if keeps else ()))
    return tuple(found)


def played(laws: tuple[Law, ...], script: list[tuple[str, bool, int, bool]]) -> Border:
    """A border where both sides enter the versions one after the other, each when the script gets to it."""
    border = border_of(*laws)
    at = {side.code: 0 for side in border.pair}
    open_ones: list[Leaf] = []
    minute = 0
    for act, first, pause, look in script:
        minute += pause
        border.at(minute)
        side = border.pair[0 if first else 1]
        current = (FIRST, *laws)[at[side.code]]
        opening = current.kind("incident.initial")
        assert opening is not None
        begins = suspending.stops(current, opening, opening.precedence, border.now) is None
        with under(border, current):
            if act == "ask" and begins:
                open_ones.append(asked(side))
            elif act == "fire" and begins:
                side.notice("incident.initial", FIRE)
            elif act == "receive":
                receives(side)
            elif act == "answer" and open_ones:
                side.notice("clarification.reply", {"finding": "confirmed"}, open_ones[pause % len(open_ones)])
            elif act == "enter" and at[side.code] < len(laws):
                enters(side, laws[at[side.code]])
                at[side.code] += 1
        if look:
            border.book()
    return border


Told = dict[tuple[str, str, str], list[tuple[str, str]]]
"""Of each kind, who owes and whom: from when until when it stands."""


class Naive:
    """Reads off the leaves, log by log, without a ledger; asks of one instant after the other whether clocks stand."""

    def __init__(self, sides: Iterable[Side], laws: Sequence[Law]) -> None:
        """`laws` from the first one on."""
        self.laws = laws
        self.numbers = {law_digest(law): law.version for law in laws}
        self.logs = {side.code: [parse(leaf).header for leaf in side.leaves] for side in sides}

    def told(self) -> Told:
        stated = [law.suspension for law in self.laws if law.suspension]
        said = {header.at for headers in self.logs.values() for header in headers}
        instants = sorted(said | {each.since for each in stated} | {each.until for each in stated if each.until})
        pairs = [(owing, owed) for owing in self.logs for owed in self.logs if owing != owed]
        return {(kind, *pair): self._spans(kind, *pair, instants) for kind in (ASKING, FIRE_KIND) for pair in pairs}

    def _spans(self, kind: str, owing: str, owed: str, instants: list[str]) -> list[tuple[str, str]]:
        spans: list[tuple[str, str]] = []
        for now in instants:
            stood = bool(spans) and not spans[-1][1]
            if self._stands(kind, owing, owed, now) == stood:
                continue
            if stood:
                spans[-1] = (spans[-1][0], now)
            else:
                spans.append((now, ""))
        return spans

    def _stands(self, kind: str, owing: str, owed: str, now: str) -> bool:
        return any(
            self._stops(law, kind)
            and all(self._word(owed, each, law.version) <= now for each in self.logs)
            and not self._over(law, now)
            and self._begins(law, owing, owed)
            and not self._goes_on(kind, owing, owed, law.version, now)
            for law in self.laws
        )

    @staticmethod
    def _stops(law: Law, kind: str) -> bool:
        return law.suspension is not None and kind not in law.suspension.keeps

    @staticmethod
    def _over(law: Law, now: str) -> bool:
        stated = law.suspension
        return stated is None or now < stated.since or bool(stated.until and stated.until <= now)

    def _begins(self, law: Law, owing: str, owed: str) -> bool:
        """Whether a version began to stop clocks before the side that owes knew of the next one."""
        known = min(self._word(owing, party, law.version + 1) for party in (owing, owed))
        words = [self._word(owed, each, law.version) for each in self.logs]
        return law.suspension is not None and (known == UNKNOWN or max(*words, law.suspension.since) < known)

    def _goes_on(self, kind: str, owing: str, owed: str, number: int, now: str) -> bool:
        """Whether the side that owes knows of a later version by which the kind goes on."""
        for later in self.laws[number:]:
            knows = any(self._word(owing, party, later.version) <= now for party in (owing, owed))
            if not self._stops(later, kind):
                return knows
            if knows and later.suspension and later.suspension.until and later.suspension.until <= now:
                return True
        return False

    def _word(self, party: str, other: str, number: int) -> str:
        """When a party says that it entered a version, or has the entering of another; the end of time if never."""
        numbered = [self.numbers[each.instrument.law] if each.instrument else 0 for each in self.logs[other]]
        place = next((place for place, each in enumerate(numbered) if each >= number), None)
        if place is None:
            return UNKNOWN
        if party == other:
            return self.logs[other][place].at
        log = self.logs[other][place].log
        receipts = [each for each in self.logs[party] if each.receipt and each.receipt.log == log]
        return next((each.at for each in receipts if each.receipt and each.receipt.size > place), UNKNOWN)


def told_by(book: Book, sides: Iterable[Side]) -> Told:
    """The same by the book; what follows on the other without a pause is one."""
    codes, told = [side.code for side in sides], Told()
    for kind in (ASKING, FIRE_KIND):
        for owing in codes:
            for owed in {*codes} - {owing}:
                told[kind, owing, owed] = []
                for begin, end in suspending.not_counted(book.standstills.get("all", ()), kind, owing, (owed,)):
                    spans = told[kind, owing, owed]
                    if spans and spans[-1][1] == begin:
                        begin = spans.pop()[0]
                    spans.append((begin, end))
    return told


def naive_due(clock: Clock, minutes: int, working: Party | None, still: list[tuple[str, str]]) -> str:
    """Minute after minute, those that do not count left out."""
    at, left, guard = moments.parse(clock.started).seconds, minutes, 0
    while left:
        now = moments.format(moments.Moment(at))
        if any(begin <= now and not end for begin, end in still):
            return UNKNOWN
        stands = any(begin <= now < end for begin, end in still)
        day = moments.civil_day(moments.Moment(at), working.utc_offset) if working else ""
        off = working is not None and (
            moments.parse_day(day).isoweekday() in working.weekend or day in working.holidays
        )
        left -= not stands and not off
        at, guard = at + 60, guard + 1
        assert guard < 60 * DAY
    return moments.format(moments.Moment(at))


@settings(max_examples=40, deadline=None)
@given(SUSPENSIONS, st.lists(ROUND, min_size=4, max_size=24))
def test_two_ways_of_counting_agree_and_the_order_of_arrival_counts_nothing(
    terms: Terms, script: list[tuple[str, bool, int, bool]]
) -> None:
    laws = versions_of(terms)
    border = played(laws, [*script, ("receive", True, 1, False), ("receive", False, 1, False)])
    book = border.book()
    assert book.rows() == replayed(border, *laws).book().rows()
    told = Naive(border.pair, (FIRST, *laws)).told()
    assert told_by(book, border.pair) == told
    rules = {rule.id: rule for rule in FIRST.clocks}
    for clock in book.clocks:
        if rules[clock.id].start == clocks.NONCONFORMANCE:
            continue
        until = max(clock.stopped or "", clock.answer_received or "")
        other = next(side.code for side in border.pair if side.code != clock.party)
        still = told[book.notices[clock.notice].kind, clock.party, other]
        counted = [(begin, end) for begin, end in still if not until or begin < until]
        working = FIRST.party(clock.party) if rules[clock.id].calendar != "continuous" else None
        assert clock.due == naive_due(clock, rules[clock.id].minutes, working, counted)
        assert clocks.seconds_stood(clock, border.now) >= 0


FORGED = st.lists(st.tuples(st.sampled_from(["receive", "enter"]), st.integers(-3 * DAY, 2 * DAY)), max_size=4)


@settings(max_examples=40, deadline=None)
@given(SUSPENSIONS, st.lists(ROUND, min_size=4, max_size=20), st.booleans(), FORGED)
def test_no_instant_that_a_party_states_is_to_its_own_gain_or_makes_the_other_late(
    terms: Terms, script: list[tuple[str, bool, int, bool]], first: bool, forged: Forged
) -> None:
    laws = versions_of(terms)
    border = played(laws, script)
    forger = border.pair[0 if first else 1]
    now, before = border.now, {(each.notice, each.id, each.party): each for each in border.book().running}
    for act, minutes in forged:
        border.now = moments.format(moments.Moment(moments.parse(now).seconds + minutes * 60))
        said = [leaf.header.instrument.law for leaf in map(parse, forger.leaves) if leaf.header.instrument]
        if act == "receive":
            receives(forger)
        elif len(said) <= len(laws):
            enters(forger, laws[len(said) - 1])
    after = {(each.notice, each.id, each.party): each for each in border.book().clocks}
    for key, clock in before.items():
        was, found = clock_display(clock, now), clock_display(after[key], now)
        if clock.party == forger.code:
            assert (was is Display.MISSED) <= (found is Display.MISSED)
        else:
            assert (found is Display.MISSED) <= (was is Display.MISSED)
            assert clocks.seconds_stood(after[key], now) >= clocks.seconds_stood(clock, now)


AMONG_THREE = st.lists(st.tuples(st.sampled_from(PAIRS), st.booleans(), st.integers(0, 900)), max_size=24)


@settings(max_examples=25, deadline=None)
@given(SUSPENSIONS, AMONG_THREE)
def test_two_ways_of_counting_agree_among_three(terms: Terms, script: list[tuple[tuple[str, str], bool, int]]) -> None:
    three, minute = Three(*versions_of(terms)), 0
    three.asked()
    for (party, other), receives, pause in script:
        minute += pause
        if receives:
            three.receives(party, other, minute)
        elif three.under(party) < len(three.laws):
            three.enters(party, minute)
    book = three.border.book()
    assert book.rows() == three.replayed().book().rows()
    sides = three.sides.values()
    assert told_by(book, sides) == Naive(sides, three.laws).told()


@settings(max_examples=25, deadline=None)
@given(SUSPENSIONS, st.lists(ROUND, min_size=4, max_size=20), st.integers(0, 60), st.integers(0, 60))
def test_a_cut_says_the_same_wherever_one_has_looked_before(
    terms: Terms, script: list[tuple[str, bool, int, bool]], one: int, other: int
) -> None:
    laws = versions_of(terms)
    border = played(laws, script)
    sizes = border.ledger.sizes()
    cut = {origin: min(size, wanted) for (origin, size), wanted in zip(sizes.items(), (one, other), strict=True)}
    fresh = Ledger(Versions(FIRST, *laws))
    for side in border.pair:
        for index, leaf in enumerate(side.leaves[: cut[side.origin]]):
            fresh.add(side.origin, index, leaf)
            if side.parts[index]:
                fresh.add_facts(side.origin, index, side.parts[index][0].body)
    assert border.ledger.book(cut).rows() == fresh.book().rows()


def test_an_instrument_that_was_never_suspended_has_the_rows_that_it_had() -> None:
    border = border_of(version(2))
    question = asked(border.pair[0])
    change_over(border, version(2), 10, 20)
    row = dict(border.book().rows())[f"clock/{border.pair[0].number(question)}/{ASKED}/{border.pair[1].code}"]
    assert b"stood" not in row
    assert b"left" not in row
