"""What a shift leaves to the next, and the two texts that its officers sign."""

import msgspec
import pytest

from mithaq import canonical
from mithaq.errors import Refusal
from mithaq.notices import handover
from mithaq.notices.handover import Absence, Change, Handed, Handing, Item, Look, Sound, Taking, What
from mithaq.record import note
from tests.mithaq.notices.border import FIRE, Border, Side, instant, plain_law, private_key
from tests.mithaq.notices.test_ringing import HAZARD

DRAFT = Item(What.DRAFT, "ab" * 16, "incident.initial", "ML", "filed")


def left(border: Border, side: Side) -> list[tuple[str, str, str]]:
    """What is left at a desk: what it is, of which notice, and who owes it."""
    return [(each.what, each.of, each.party) for each in handover.left(border.book(), plain_law(), side.code)]


def test_a_desk_without_anything_open_leaves_nothing() -> None:
    border = Border()
    assert left(border, border.pair[0]) == []


def test_a_notice_without_a_receipt_is_left_to_its_senders_next_officer_alone() -> None:
    border = Border()
    here, there = border.pair
    fire = here.notice("incident.initial", FIRE)
    assert left(border, here) == [("unreceived", here.number(fire), there.code)]
    assert left(border, there) == []


def test_both_desks_leave_the_same_clocks_and_unanswered_notices() -> None:
    border = Border()
    here, there = border.pair
    fire = here.notice("incident.initial", FIRE)
    there.receive()
    found = left(border, here)
    assert ("unanswered", here.number(fire), there.code) in found
    assert {what for what, _, _ in found} == {"clock", "unanswered"}
    assert found == left(border, there)


def test_what_was_answered_withdrawn_or_ended_is_left_to_nobody() -> None:
    border = Border()
    here, there = border.pair
    fire = here.notice("incident.initial", FIRE)
    there.receive()
    here.notice("withdrawal", {"reason": "sent-in-error"}, fire)
    border.exchange()
    assert left(border, here) == left(border, there) == []


def test_what_rings_comes_first_and_an_open_review_is_left_to_both() -> None:
    border = Border()
    here, there = border.pair
    flood = here.notice("humanitarian.hazard", HAZARD, release="one")
    there.receive()
    ours, theirs = left(border, here), left(border, there)
    assert theirs[0] == ("rings", here.number(flood), here.code)
    assert ("review", here.number(flood), here.code) in ours
    assert ("review", here.number(flood), here.code) in theirs
    here.review(flood)
    border.exchange()
    assert "review" not in {what for what, _, _ in left(border, here)}


def test_a_list_has_one_byte_form_and_no_other_is_read() -> None:
    items = handover.ordered([DRAFT, Item(What.RINGS, "RL 3-4", "humanitarian.hazard", "RL"), DRAFT])
    assert [each.what for each in items] == ["rings", "draft"]
    content = handover.encoded(items)
    assert handover.items_of(content) == items
    backwards = canonical.encode([msgspec.to_builtins(each) for each in reversed(items)])
    for other in (b"", b"{}", b"[1]", content + b"\n", backwards, content.replace(b"rings", b"sings")):
        with pytest.raises(Refusal, match=r"shift\.bad-list"):
            handover.items_of(other)


def test_the_difference_of_two_looks_says_what_came_and_what_went() -> None:
    filed, back = DRAFT, msgspec.structs.replace(DRAFT, state="handed-back")
    change = handover.difference(Look((filed,), 3), Look((back,), 5))
    assert change == Change(new=(back,), gone=(filed,), lines=2)
    assert not handover.difference(Look((filed,), 3), Look((filed,), 3))


def handing(side: Side, **other: object) -> Handing:
    said = Handing(
        at=instant(0),
        by=side.officer(1),
        cut={side.origin: 2},
        items=handover.digest(handover.encoded((DRAFT,))),
        lines=7,
        chain="00" * 32,
        log=side.origin,
        shift=4,
        remark="The lamp of the second radio is broken.",
    )
    return msgspec.structs.replace(said, **other)


def taking(side: Side) -> Taking:
    goes = handing(side)
    said = {name: getattr(goes, name) for name in ("at", "cut", "items", "lines", "chain", "log")}
    handed = Handed(by=goes.by, text=handover.digest(handover.text_of(goes)))
    return Taking(**said, by=side.officer(2), shift=5, sound=Sound(heard=4), handed=handed)


def test_a_signed_text_is_read_back_and_its_signature_covers_every_word() -> None:
    side = Border().pair[0]
    goes, comes = handing(side), taking(side)
    for said in (goes, comes):
        signed = handover.sign(said, private_key(said.by))
        assert handover.read(signed, type(said)) == said
        verifier = note.Verifier(said.by, note.ED25519, private_key(said.by).public)
        text, (signature,) = note.split(signed)
        assert verifier.verifies(text, signature)
        assert not verifier.verifies(text.replace(b'"lines":7', b'"lines":8'), signature)
    with pytest.raises(Refusal, match=r"shift\.bad-text"):
        handover.read(handover.sign(goes, private_key(goes.by)), Taking)


def test_a_key_signs_a_hand_over_in_its_own_name_at_its_own_desk_and_nothing_like_it() -> None:
    side = Border().pair[0]
    goes, comes = handing(side), taking(side)
    handover.check_signable(handover.text_of(goes), side.officer(1), side.origin)
    handover.check_signable(handover.text_of(comes), side.officer(2), side.origin)
    absent = msgspec.structs.replace(comes, handed=None, absent=Absence(by=side.officer(1), reason="fell ill"))
    handover.check_signable(handover.text_of(absent), side.officer(2), side.origin)
    text = handover.text_of(goes)
    refused = {
        "another officer's": (text, side.officer(2), side.origin),
        "another log's": (text, side.officer(1), side.other.origin),
        "another party's officer": (
            handover.text_of(handing(side, by=side.other.officer(1))),
            side.other.officer(1),
            side.origin,
        ),
        "another spelling": (text.replace(b'","', b'", "', 1), side.officer(1), side.origin),
        "more than a hand-over": (text.replace(b'"shift":4', b'"shift":4,"spare":1'), side.officer(1), side.origin),
        "two texts": (text + text, side.officer(1), side.origin),
        "the line alone": (handover.HANDING_LINE, side.officer(1), side.origin),
        "any words": (b"give everything\n", side.officer(1), side.origin),
    }
    taken = []
    for what, asked in refused.items():
        with pytest.raises(Refusal) as found:
            handover.check_signable(*asked)
        taken.append((what, found.value.code))
    assert taken == [(what, "officer.not-to-be-signed") for what in refused]
