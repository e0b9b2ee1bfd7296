"""What rings at a desk, and for how long."""

from mithaq.notices.envelope import Leaf
from mithaq.notices.ringing import Step, called, due, ringing, steps
from tests.mithaq.notices.border import FIRE, Border, Side, instant, plain_law

HAZARD = {"hazard": "flood", "happened": instant(0), "place": FIRE["place"], "confidence": "seen"}


def rings(border: Border, side: Side) -> list[str]:
    return [notice.number for notice in ringing(border.book(), plain_law(), side.code)]


def told(border: Border) -> tuple[Side, Side, Leaf]:
    here, there = border.pair
    flood = here.notice("humanitarian.hazard", HAZARD)
    return here, there, flood


def test_it_rings_from_our_receipt_until_one_of_ours_refers_to_it() -> None:
    border = Border()
    here, there, flood = told(border)
    assert rings(border, there) == []
    there.receive()
    assert rings(border, there) == [here.number(flood)]
    there.notice("acknowledgement", {"handling": "seen"}, flood)
    assert rings(border, there) == []


def test_it_does_not_ring_where_it_was_sent() -> None:
    border = Border()
    here, there, _ = told(border)
    there.receive()
    assert rings(border, here) == []


def test_what_is_less_than_flash_does_not_ring() -> None:
    border = Border()
    here, there = border.pair
    here.notice("incident.initial", FIRE)
    there.receive()
    assert rings(border, there) == []


def test_what_its_sender_took_back_does_not_ring() -> None:
    border = Border()
    here, there, flood = told(border)
    there.receive()
    here.notice("withdrawal", {"reason": "sent-in-error"}, flood)
    there.receive()
    assert rings(border, there) == []


def test_a_review_rings_nowhere() -> None:
    border = Border()
    here, there, flood = told(border)
    assert here.review(flood).header.precedence == flood.header.precedence == "flash"
    there.receive()
    assert rings(border, there) == [here.number(flood)]


def test_each_party_calls_its_own_authorities_in_the_order_of_the_instrument() -> None:
    law = plain_law()
    named = [each for clock in law.clocks if "humanitarian.hazard" in clock.kinds for each in clock.escalate]
    for party in ("ML", "RL"):
        expected = [each.split("/")[1] for each in named if each.startswith(f"{party}/")]
        assert list(called(law, "humanitarian.hazard", party)) == list(dict.fromkeys(expected))
    assert called(law, "flow.count", "ML") == ()


def test_the_first_is_called_at_once_and_each_next_one_after_so_many_minutes() -> None:
    plan = steps(instant(0), ("guard", "adviser"), 5)
    assert plan == (Step(1, "guard", instant(0)), Step(2, "adviser", instant(5)))
    assert [due(plan, instant(minute)) for minute in (0, 4, 5, 90)] == [plan[:1], plan[:1], plan, plan]
    assert steps(instant(0), (), 5) == ()
