"""A watch handed over and taken over: two signatures, a list that was looked at, an alarm that was heard.

On one engine: what a database must do for it is in `store/test_shifts.py`, on both.
"""

import pytest

from mithaq.errors import Refusal
from mithaq.notices import handover
from mithaq.notices.handover import Look, What
from mithaq_node.queries import shifts
from mithaq_node.services import accounts, drafting, filing, noting, taking_over, vouching
from mithaq_node.services.taking_over import Found, SoundTest
from mithaq_node.services.vouching import Verdict
from mithaq_node.store.models import HandingRow, LogRow, ShiftRow
from tests.mithaq_node import meadow
from tests.mithaq_node.meadow import NOW, SECRET
from tests.mithaq_node.watches import MARKER, Officers, found, hand, released, take, write


@pytest.fixture
def engine() -> str:
    return "sqlite"


def test_the_first_watch_of_a_node_has_nobody_before_it(officers: Officers) -> None:
    assert shifts.on_duty() is None
    first = take(officers["duty"], "t1")
    assert (first.number, first.said.handed, first.said.absent, first.said.sound.heard) == (1, None, None, 4)
    duty = shifts.on_duty()
    assert duty is not None
    assert (duty.officer, duty.since, duty.silent) == (officers["duty"], str(NOW), "")
    assert vouching.vouch(first).taking is Verdict.HOLDS


def test_nobody_hands_over_a_watch_that_is_not_theirs(officers: Officers) -> None:
    with pytest.raises(Refusal, match=r"shift\.not-on-duty"):
        hand(officers["duty"])
    take(officers["duty"], "t1")
    with pytest.raises(Refusal, match=r"shift\.not-on-duty"):
        hand(officers["releasing"])
    assert not HandingRow.objects.exists()


def test_it_refuses_whoever_does_not_stand_watch_or_is_shut_out(officers: Officers) -> None:
    with pytest.raises(Refusal, match=r"officer\.role-may-not"):
        take(officers["auditor"], "t1")
    accounts.disable(officer=officers["duty"])
    with pytest.raises(Refusal, match=r"officer\.not-active"):
        take(officers["duty"], "t1")


def test_what_changed_between_look_and_signature_is_refused_and_counted(officers: Officers) -> None:
    take(officers["duty"], "t1")
    seen = shifts.present().look
    number = released(officers)
    write(officers["duty"])
    with pytest.raises(Refusal, match=r"shift\.changed") as refused:
        hand(officers["duty"], seen=seen)
    assert refused.value.data == {"new": 1, "gone": 0, "lines": 1}
    assert handover.difference(seen, shifts.present().look).new[0].of == number
    looked = Found(seen, 1, "")
    with pytest.raises(Refusal, match=r"shift\.changed"):
        take(officers["releasing"], "t2", found=looked, absent="fell ill")
    assert (HandingRow.objects.count(), ShiftRow.objects.count()) == (0, 1)


def test_a_draft_that_was_filed_meanwhile_is_a_change(officers: Officers) -> None:
    take(officers["duty"], "t1")
    draft = drafting.save_draft(officer=officers["duty"], kind="incident.initial", content=meadow.INCIDENT, now=NOW)
    seen = shifts.present().look
    assert [(each.what, each.state) for each in seen.items] == [(What.DRAFT, "begun")]
    filing.file(draft_id=draft.pk, officer=officers["duty"], secret=SECRET, now=NOW)
    with pytest.raises(Refusal, match=r"shift\.changed"):
        hand(officers["duty"], seen=seen)


def test_a_watch_without_a_hand_over_is_taken_only_with_a_stated_reason(officers: Officers) -> None:
    take(officers["duty"], "t1")
    with pytest.raises(Refusal, match=r"shift\.no-hand-over"):
        take(officers["releasing"], "t2")
    second = take(officers["releasing"], "t2", absent="Was taken to hospital at midnight.")
    assert second.said.absent is not None
    assert (second.said.absent.by, second.handed) == (officers["duty"].key_name, None)
    assert vouching.vouch(second).handing is None


def test_a_hand_over_signed_after_the_page_was_opened_must_be_read_first(officers: Officers) -> None:
    take(officers["duty"], "t1")
    before = found()
    hand(officers["duty"])
    with pytest.raises(Refusal, match=r"shift\.handed-meanwhile"):
        take(officers["releasing"], "t2", found=before, absent="nobody is here")
    assert take(officers["releasing"], "t2").handed is not None


def test_the_last_hand_over_of_a_shift_counts(officers: Officers) -> None:
    take(officers["duty"], "t1")
    hand(officers["duty"], "h1", remark="first")
    hand(officers["duty"], "h2", remark="second thoughts")
    second = take(officers["releasing"], "t2")
    assert second.handed is not None
    assert second.handed.said.remark == "second thoughts"


@pytest.mark.parametrize(
    ("sound", "code"),
    [
        (SoundTest(), "shift.sound-not-tested"),
        (SoundTest(heard=4), "shift.sound-not-tested"),
        (SoundTest(played=4), "shift.sound-not-tested"),
        (SoundTest(played=4, heard=3), "shift.sound-not-heard"),
        (SoundTest(silent="  "), "shift.sound-not-tested"),
        (SoundTest(silent="x" * 300), "watchlog.too-long"),
    ],
)
def test_a_sound_test_that_was_not_heard_is_none(sound: SoundTest, code: str) -> None:
    with pytest.raises(Refusal, match=code.replace(".", r"\.")):
        taking_over.judge_sound(sound)


def test_without_a_sound_test_no_shift_begins(officers: Officers) -> None:
    with pytest.raises(Refusal, match=r"shift\.sound-not-heard"):
        take(officers["duty"], "t1", sound=SoundTest(played=4, heard=3))
    assert not ShiftRow.objects.exists()


def test_a_desk_without_sound_is_taken_over_under_its_reason(officers: Officers) -> None:
    first = take(officers["duty"], "t1", sound=SoundTest(silent="The machine has no loudspeaker."))
    assert (first.said.sound.heard, first.said.sound.silent) == (0, "The machine has no loudspeaker.")
    duty = shifts.on_duty()
    assert duty is not None
    assert duty.silent == "The machine has no loudspeaker."


def test_a_wrong_password_signs_nothing(officers: Officers) -> None:
    with pytest.raises(Refusal, match=r"officer\.wrong-secret"):
        take(officers["duty"], "t1", secret="not the password")
    take(officers["duty"], "t1")
    with pytest.raises(Refusal, match=r"officer\.wrong-secret"):
        hand(officers["duty"], secret="not the password")
    assert (ShiftRow.objects.count(), HandingRow.objects.count()) == (1, 0)


def test_a_remark_with_a_hidden_character_is_refused(officers: Officers) -> None:
    take(officers["duty"], "t1")
    with pytest.raises(Refusal, match=r"watchlog\.hidden-character"):
        hand(officers["duty"], remark="\u202eturned")


def test_a_line_is_corrected_by_another_one_and_stays(officers: Officers) -> None:
    wrong = write(officers["duty"], "Smoke at the weir.", "l1")
    right = write(officers["releasing"], "Smoke at the bridge, not at the weir.", "l2", corrects=wrong.number)
    assert (right.number, right.corrects_id) == (2, 1)
    with pytest.raises(Refusal, match=r"watchlog\.unknown"):
        write(officers["duty"], "Neither.", "l3", corrects=9)


def test_a_hotline_call_names_an_authority_of_the_other_side(officers: Officers) -> None:
    office = noting.offices()[0]
    assert office.startswith("RL/")
    row = write(officers["duty"], kind="call-to-us", office=office, subject="Smoke")
    assert (row.kind, row.office, row.subject) == ("call-to-us", office, "Smoke")
    with pytest.raises(Refusal, match=r"watchlog\.unknown-office"):
        write(officers["duty"], drawn="l2", kind="call-to-us", office="ML/border-guard", subject="Smoke")


def test_words_that_look_like_somebody_are_kept_only_when_the_officer_says_so(officers: Officers) -> None:
    with pytest.raises(Refusal, match=r"watchlog\.passages"):
        write(officers["duty"], "Colonel Smith rang.")
    assert write(officers["duty"], "The law of General Peace, article 4.", stays=True).kept == 1


def test_the_auditor_writes_no_line(officers: Officers) -> None:
    with pytest.raises(Refusal, match=r"officer\.role-may-not"):
        write(officers["auditor"])


def test_nothing_of_a_shift_touches_the_record(officers: Officers) -> None:
    """It is the party's own paper: no leaf, no part, nothing that a delivery or an export could carry."""
    sizes = list(LogRow.objects.order_by("pk").values_list("origin", "size", "root"))
    take(officers["duty"], "t1", remark=MARKER)
    write(officers["duty"], MARKER)
    hand(officers["duty"])
    assert list(LogRow.objects.order_by("pk").values_list("origin", "size", "root")) == sizes


def test_an_old_look_that_no_node_made_is_none(officers: Officers) -> None:
    take(officers["duty"], "t1")
    with pytest.raises(Refusal, match=r"shift\.changed"):
        hand(officers["duty"], seen=Look((), 5))
