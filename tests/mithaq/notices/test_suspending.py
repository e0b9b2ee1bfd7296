"""Suspending an instrument: what stops, what goes on, and that both sides count the same time out."""

from base64 import b64encode

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mithaq import moments
from mithaq.errors import Refusal
from mithaq.instrument.law import Law, Party, Suspension
from mithaq.notices import clocks, drafting, suspending
from mithaq.notices.book import UNKNOWN, Clock
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


def change_over(border: Border, law: Law, *minutes: int) -> None:
    """Each side enters the version and then receives what the other has, in its minute."""
    for minute, side in zip(minutes, border.pair, strict=True):
        border.at(minute)
        enters(side, law)
        receives(side)
        receives(side.other)


def test_a_clock_stands_from_when_both_have_the_suspension_until_both_have_the_resumption() -> None:
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
    assert over.stood == ((instant(200), instant(6 * DAY)),)
    assert over.due == instant(6 * DAY + TWO_DAYS - 200)
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
    assert clock_of(border, question).due == instant(TWO_DAYS)
    enters(there, second)
    receives(here)
    assert border.book().standstills["all"][0].begin == instant(100)
    assert [key for key, _ in border.book().rows() if key.startswith("standstill/")] == ["standstill/all/2"]


def test_one_side_alone_cannot_date_it_back_to_before_a_deadline_that_is_past() -> None:
    second = version(2, since=0)
    border = border_of(second)
    here, there = border.pair
    question = asked(here)
    border.at(1)
    enters(there, second)
    border.at(TWO_DAYS + 60)
    enters(here, second)
    receives(here)
    border.at(2)
    receives(there)  # the side that owes writes it as if it had been in time
    assert border.book().standstills["all"][0].begin == instant(TWO_DAYS + 60)
    late = clock_of(border, question)
    assert (late.due, late.stood) == (instant(TWO_DAYS), ())
    assert clock_display(late, instant(TWO_DAYS + 61)) is Display.MISSED


@pytest.mark.parametrize(
    ("written", "begins"),
    [(-10, -10), (-18, -15), (10, 10)],
    ids=["back", "back-beyond-the-receipt-of-the-other", "as-it-is"],
)
def test_the_side_that_receipts_last_can_date_back_where_its_log_was_silent_and_no_further(
    written: int, begins: int
) -> None:
    border, question = unreceipted()
    here, there = border.pair
    missed = clock_of(border, question)
    assert clock_display(missed, instant(TWO_DAYS + 10)) is Display.MISSED  # so both desks show it until then
    border.at(TWO_DAYS + written)
    receives(there)
    border.at(TWO_DAYS + 11)
    seen = receives(here).header
    assert border.book().standstills["all"][0].begin == instant(TWO_DAYS + begins)
    assert clock_of(border, question).due == (UNKNOWN if begins < 0 else instant(TWO_DAYS))
    assert seen.receipt is not None
    assert (seen.at, seen.receipt.size) == (instant(TWO_DAYS + 11), len(there.leaves))


def test_the_side_that_receipts_last_cannot_date_back_beyond_what_it_has_said() -> None:
    border, question = unreceipted()
    there = border.pair[1]
    border.at(TWO_DAYS + 5)
    there.notice("incident.initial", FIRE)
    border.at(TWO_DAYS - 10)
    assert codes(there, receives(there)) == ["leaf.earlier-than-before"]
    assert border.book().standstills == {}
    assert clock_of(border, question).due == instant(TWO_DAYS)


def unreceipted() -> tuple[Border, Leaf]:
    """Both sides have entered the suspension shortly before the answer to a question is due; the side that owes it
    enters first, and has not receipted the other's entering."""
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
    return border, question


def test_what_passes_while_the_last_receipt_of_the_resumption_is_under_way_counts() -> None:
    second, third = version(2, since=0), version(3)
    border = border_of(second, third)
    here, there = border.pair
    question = asked(here)
    change_over(border, second, 100, 100)
    border.at(3 * DAY)
    enters(here, third)
    receives(there)
    enters(there, third)
    cut = border.ledger.sizes()
    border.at(3 * DAY + 60)
    receives(here)
    before = next(each for each in border.ledger.book(cut).clocks if each.notice == here.number(question))
    assert clock_display(before, instant(3 * DAY + 90)) is Display.STANDS  # at the desk that owes, until it comes
    assert clock_of(border, question).stood == ((instant(100), instant(3 * DAY + 60)),)


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
        (stopped, UNKNOWN, instant(3 * DAY + TWO_DAYS)),
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
    assert [(each.begin, each.end) for each in border.book().standstills["all"]] == [
        (instant(60), instant(DAY)),
        (instant(DAY), instant(DAY + 60)),
    ]
    assert clock_of(border, question).stood == ((instant(60), instant(DAY)),)
    assert clock_of(border, question).due == instant(TWO_DAYS + DAY - 60)
    change_over(border, fifth, 5 * DAY, 5 * DAY)
    assert clock_of(border, question).due == instant(TWO_DAYS + DAY - 60)  # past by then


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
        assert suspending.standstills([law], {2: instant(0)}) == ()
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
    enters(there, third)
    receives(here)
    border.now = last
    receives(there)
    assert border.book().standstills["all"][0].end == last
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


def test_of_three_parties_each_must_have_every_other_ones_entering() -> None:
    domain = "tl.mithaq.example"
    roots = [vkey_of(f"{domain}/root/{number}") for number in range(1, FIRST.parties[1].threshold + 1)]
    third = msgspec.structs.replace(FIRST.parties[1], code="TL", domain=domain, roots=roots)
    parties = [*FIRST.parties, third]
    first = msgspec.structs.replace(FIRST, parties=parties, audiences={"all": [each.code for each in parties]})
    second = msgspec.structs.replace(version(2, since=0), parties=parties, audiences=first.audiences)
    border = Border(first)
    sides = list(border.sides.values())
    for side in sides:
        enter(side, second)
    pairs = [(one, other) for one in sides for other in sides if one is not other]
    minutes = range(10, 10 + len(pairs))
    with under(border, second):
        for minute, (one, other) in zip(minutes, pairs, strict=True):
            border.at(minute)
            assert standing_in(border, second) == []
            root = merkle.Frontier().extend(map(merkle.leaf_hash, other.leaves)).root()
            said = Receipt(log=other.origin, size=len(other.leaves), root=b64encode(root).decode())
            one.machine("receipt", receipt=said)
    assert standing_in(border, second) == [(instant(minutes[-1]), "")]


def vkey_of(name: str) -> str:
    return note.Verifier(name, note.ED25519, private_key(name).public).vkey()


def standing_in(border: Border, *later: Law) -> list[tuple[str, str]]:
    """The standstills of all, in a ledger that is fed from nothing."""
    ledger = Ledger(Versions(border.ledger.law, *later))
    for side in border.sides.values():
        for index, leaf in enumerate(side.leaves):
            ledger.add(side.origin, index, leaf)
    return [(each.begin, each.end) for each in ledger.book().standstills.get("all", ())]


# However it comes, and by another way of counting

ROUND = st.tuples(
    st.sampled_from(["ask", "fire", "receive", "enter", "answer"]), st.booleans(), st.integers(0, 900), st.booleans()
)
TERMS = st.tuples(st.integers(0, 4 * DAY), st.none() | st.integers(1, 3 * DAY))
SUSPENSIONS = st.lists(st.none() | TERMS, min_size=1, max_size=4)


def versions_of(terms: list[tuple[int, int | None] | None]) -> tuple[Law, ...]:
    return tuple(
        version(number) if each is None else version(number, each[0], None if each[1] is None else each[0] + each[1])
        for number, each in enumerate(terms, start=2)
    )


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


def naive_standstills(border: Border, laws: tuple[Law, ...]) -> list[tuple[int, str, str]]:
    """Read off the leaves, log by log, without a ledger."""
    numbers = {law_digest(law): law.version for law in (FIRST, *laws)}
    logs = {side.code: [parse(leaf).header for leaf in side.leaves] for side in border.pair}

    def common(number: int) -> str | None:
        found = []
        for code, headers in logs.items():
            entered = [
                i for i, each in enumerate(headers) if each.instrument and numbers[each.instrument.law] >= number
            ]
            other = next(headers for name, headers in logs.items() if name != code)
            receipts = [each.at for each in other if each.receipt and entered and each.receipt.size > entered[0]]
            if not receipts:
                return None
            found.append(receipts[0])
        return max(found)

    standing = []
    for law in laws:
        begin = common(law.version)
        if law.suspension is None or begin is None:
            continue
        begin = max(begin, law.suspension.since)
        ends = [law.suspension.until, common(law.version + 1) if law.version <= len(laws) else None]
        end = min([each for each in ends if each], default="")
        if not end or begin < end:
            standing.append((law.version, begin, end))
    return standing


def naive_due(clock: Clock, minutes: int, working: Party | None, still: list[tuple[int, str, str]]) -> str:
    """Minute after minute, those that do not count left out."""
    at, left, guard = moments.parse(clock.started).seconds, minutes, 0
    while left:
        now = moments.format(moments.Moment(at))
        if any(begin <= now and not end for _, begin, end in still):
            return UNKNOWN
        stands = any(begin <= now < end for _, begin, end in still)
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
    terms: list[tuple[int, int | None] | None], script: list[tuple[str, bool, int, bool]]
) -> None:
    laws = versions_of(terms)
    border = played(laws, [*script, ("receive", True, 1, False), ("receive", False, 1, False)])
    book = border.book()
    assert book.rows() == replayed(border, *laws).book().rows()
    still = naive_standstills(border, laws)
    assert [(each.version, each.begin, each.end) for each in book.standstills.get("all", ())] == still
    rules = {rule.id: rule for rule in FIRST.clocks}
    for clock in book.clocks:
        if rules[clock.id].start == clocks.NONCONFORMANCE:
            continue
        until = max(clock.stopped or "", clock.answer_received or "")
        counted = [each for each in still if not until or each[1] < until]
        working = FIRST.party(clock.party) if rules[clock.id].calendar != "continuous" else None
        assert clock.due == naive_due(clock, rules[clock.id].minutes, working, counted)
        assert clocks.seconds_stood(clock, border.now) >= 0


@settings(max_examples=25, deadline=None)
@given(SUSPENSIONS, st.lists(ROUND, min_size=4, max_size=20), st.integers(0, 60), st.integers(0, 60))
def test_a_cut_says_the_same_wherever_one_has_looked_before(
    terms: list[tuple[int, int | None] | None], script: list[tuple[str, bool, int, bool]], one: int, other: int
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
