"""What is proposed at a cut: the same on both nodes, only what may be matched, and only what is not decided yet."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mithaq.analysis.matching import Band
from mithaq.notices.envelope import Leaf
from mithaq.notices.ledger import Ledger
from mithaq.prevention import proposals as prevention
from mithaq.prevention.proposals import Proposal, Standing, basis, encoded, proposals
from mithaq.prevention.sightings import Reader
from tests.mithaq.notices.border import FIRE, Border, Side, reference_to

CELL = {"form": "sector", "sector": "A"}


def tell(side: Side, hour: int = 4, kind: str = "incident.initial", **said: Any) -> Leaf:
    facts = FIRE | {"happened": f"2031-03-01T{hour:02}:00:00Z", "place": CELL} | said
    if kind != "incident.initial":
        facts = {name: facts[name] for name in ("happened", "place", "confidence")} | said
    return side.notice(kind, facts)


def named(leaf: Leaf) -> dict[str, str]:
    reference = reference_to(leaf)
    return {"log": reference.log, "id": reference.id}


def say(side: Side, ours: Leaf, theirs: Leaf, **denied: str) -> Leaf:
    kind = "match.denied" if denied else "match.confirmed"
    return side.notice(kind, {"ours": named(ours), "theirs": named(theirs)} | denied)


def found(border: Border) -> tuple[Proposal, ...]:
    border.exchange()
    return proposals(border.law, border.book())


def test_two_accounts_of_one_fire_that_nobody_linked_are_asked_about_with_reasons() -> None:
    border = Border()
    here, there = border.pair
    ours = tell(here, 4, impact="low", livestock={"sheep": 6})
    theirs = tell(there, 5, impact="high")
    (proposal,) = found(border)
    assert {proposal.first, proposal.second} == {here.number(ours), there.number(theirs)}
    assert proposal.band is Band.ASK
    said = {each.code: each.data for each in proposal.reasons}
    assert said["place"] == (0, 3, 3)
    assert said["time"] == (3_600, 1, 1)
    assert said["category"] == (3,)
    assert said["severity"] == (1, 3)
    assert said["count"] == (6, -1)


def test_an_account_that_refers_to_the_other_is_linked_already() -> None:
    border = Border()
    here, there = border.pair
    ours = tell(here)
    border.exchange()
    there.notice("incident.initial", FIRE, ours)
    assert found(border) == ()


def test_a_report_of_a_sector_that_the_law_dropped_is_left_out_and_the_others_stay() -> None:
    border = Border()
    here, there = border.pair
    tell(here)
    kept = tell(there, place={"form": "sector", "sector": "B"})
    border.exchange()
    law = msgspec.structs.replace(border.law, sectors=[each for each in border.law.sectors if each.id != "A"])
    reports = [each.id for side in Reader(law).reports(border.book()).values() for each in side]
    assert reports == [there.number(kept)]


def test_nothing_is_compared_before_both_sides_have_it() -> None:
    border = Border()
    here, there = border.pair
    tell(here)
    border.exchange()
    tell(there)
    assert proposals(border.law, border.book()) == ()


def test_a_withdrawn_notice_is_no_report_and_a_corrected_one_is_compared_as_corrected() -> None:
    border = Border()
    here, there = border.pair
    ours, theirs = tell(here, 4), tell(there, 23)
    border.exchange()
    here.notice("correction", {"reason": "time", "happened": "2031-03-01T23:00:00Z"}, ours)
    (proposal,) = found(border)
    assert {each.code: each.data for each in proposal.reasons}["time"][0] == 0
    there.notice("withdrawal", {"reason": "sent-in-error"}, theirs)
    assert found(border) == ()


def test_kinds_about_people_and_the_number_of_people_are_never_read() -> None:
    border = Border()
    here, there = border.pair
    content = {"place": "A", "happened": "2031-03-01T04:00:00Z", "people": {"adult": 2}, "condition": ["unharmed"]}
    here.notice("crossing.inadvertent", content | {"wish": "being-heard"})
    tell(there)
    assert found(border) == ()
    tell(here, people={"adult": 3})
    (proposal,) = found(border)
    assert {each.code: each.data for each in proposal.reasons}["count"] == (-1, -1)


def test_what_is_decided_is_not_proposed_again() -> None:
    border = Border()
    here, there = border.pair
    ours, theirs = tell(here), tell(there)
    border.exchange()
    word = say(here, ours, theirs, reason="other-place")
    assert found(border) == ()
    here.notice("withdrawal", {"reason": "sent-in-error"}, word)
    assert len(found(border)) == 1
    say(here, ours, theirs)
    assert len(found(border)) == 1
    say(there, theirs, ours)
    assert found(border) == ()


def test_who_has_a_confirmed_partner_is_nobody_elses() -> None:
    border = Border()
    here, there = border.pair
    ours, first = tell(here), tell(there)
    border.exchange()
    say(here, ours, first)
    say(there, first, ours)
    tell(there, 5)
    assert found(border) == ()


def test_a_place_without_a_position_and_a_moment_long_ago_are_no_reports() -> None:
    border = Border()
    here, _ = border.pair
    flood = {"hazard": "flood", "happened": "1900-03-01T04:00:00Z", "place": CELL, "confidence": "one"}
    here.notice("humanitarian.hazard", flood)
    border.exchange()
    assert Reader(border.law).reports(border.book()) == {}


ACT = st.tuples(
    st.sampled_from(["tell", "exchange", "confirm", "deny", "withdraw"]), st.integers(0, 1), st.integers(0, 9)
)


def play(border: Border, acts: list[tuple[str, int, int]]) -> None:
    told: list[list[Leaf]] = [[], []]
    for act, side, number in acts:
        here = border.pair[side]
        if act == "tell":
            told[side].append(tell(here, number * 2, event=("fire", "smoke")[number % 2]))
        elif act == "exchange":
            border.exchange()
        elif told[0] and told[1]:
            own, other = (each[number % len(each)] for each in (told[side], told[1 - side]))
            if act == "withdraw":
                here.notice("withdrawal", {"reason": "duplicate"}, own)
            else:
                border.exchange()
                say(here, own, other, **({"reason": "other-time"} if act == "deny" else {}))
    border.exchange()


@settings(max_examples=15, deadline=None)
@given(acts=st.lists(ACT, min_size=4, max_size=14), seed=st.integers(0, 2**16))
def test_the_same_bytes_in_whatever_order_the_record_arrived(acts: list[tuple[str, int, int]], seed: int) -> None:
    border = Border()
    play(border, acts)
    whole = encoded(proposals(border.law, border.book()))
    assert encoded(proposals(border.law, border.replayed().book())) == whole
    ledger, following = Ledger(border.law), Standing(border.law)
    fed = dict.fromkeys(border.sides, 0)
    turn = seed
    while any(fed[code] < len(side.leaves) for code, side in border.sides.items()):
        turn = turn * 1_103_515_245 + 12_345 & 0x7FFFFFFF
        side = list(border.sides.values())[turn >> 16 & 1]
        index = fed[side.code]
        if index == len(side.leaves):
            continue
        fed[side.code] += 1
        ledger.add(side.origin, index, side.leaves[index])
        if side.parts[index]:
            ledger.add_facts(side.origin, index, side.parts[index][0].body)
        if turn >> 20 & 3 == 0:
            following.at(ledger.book())
    assert encoded(following.at(ledger.book())) == whole


def test_beyond_what_is_learned_from_a_report_that_arrives_changes_what_it_touches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(prevention, "_LEARNED", 6)
    border = Border()
    here, there = border.pair
    following = Standing(border.law)
    for number in range(10):
        side = (here, there)[number % 2]
        tell(side, number * 2 % 24, event=("fire", "smoke")[number // 5], place={"form": "kilometre", "km": number})
        border.exchange()
        assert following.at(border.book()) == proposals(border.law, border.book())


@pytest.mark.parametrize(("many", "of"), [(1, 1), (2_000, 2_000), (2_001, 2_000), (3_999, 2_000), (4_000, 4_000)])
def test_a_model_is_learned_anew_with_each_doubling(many: int, of: int) -> None:
    assert basis(many) == of
