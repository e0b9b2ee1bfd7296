"""Taking over: the next officer signs what was found, and is on duty from then on.

Three things stand before the signature: the list as it is now, not as it was some minutes ago; what the officer before
signed, or the stated reason why there is nothing; and a sound test that was heard, or the stated reason why it was not.
"""

import secrets
from dataclasses import dataclass

from django.db import IntegrityError

from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq.notices import handover, watchlog
from mithaq.notices.handover import Absence, Handed, Look, Sound, Taking
from mithaq_node.queries import shifts
from mithaq_node.queries.shifts import OnDuty
from mithaq_node.services import accounts, handing_over, sequencing, storage
from mithaq_node.store.models import Officer, ShiftRow

FEWEST_RINGS, MOST_RINGS = 2, 7


@dataclass(frozen=True)
class SoundTest:
    """How the sound test went: how often the alarm was played and how often the officer heard it, or why it cannot be
    heard at this desk."""

    played: int | None = None
    """None where it was not played."""
    heard: int | None = None
    """None where no number was given."""
    silent: str = ""


@dataclass(frozen=True)
class Found:
    """What the officer found on the page that he signs from."""

    look: Look
    shift: int
    """The shift that ends; 0 where there is none."""
    handed: str
    """The digest of what its officer signed; empty where there is nothing."""


def take_over(
    *,
    officer: Officer,
    secret: str,
    found: Found,
    sound: SoundTest,
    absent: str = "",
    remark: str = "",
    drawn: str,
    now: Moment,
) -> ShiftRow:
    """Begin the next shift. `absent` is why the officer before did not hand over; `drawn` is what the form was called:
    sent twice it begins one shift.

    Refuses the officer who is on duty already, a shift that somebody else took meanwhile, a page that is no longer true
    (`shift.changed`), a sound test that was not heard, and a wrong password.
    """
    handing_over.check_role(officer)
    known = ShiftRow.objects.filter(drawn=drawn, officer=officer).first()
    if known is not None:
        return known
    duty = shifts.on_duty()
    _check_turn(duty, officer, found)
    handing_over.check_remark(remark)
    present = handing_over.check_seen(found.look)
    items = handover.encoded(present.look.items)
    handed, absence = _before(duty, found, absent)
    heard, origin = judge_sound(sound), sequencing.own_origin()
    number = found.shift + 1
    with accounts.open_key(officer=officer, secret=secret, log=origin) as key:
        said = Taking(
            at=str(now),
            by=officer.key_name,
            cut=present.cut,
            items=handover.digest(items),
            lines=present.look.lines,
            chain=present.chain.hex(),
            log=origin,
            shift=number,
            remark=remark.strip(),
            sound=heard,
            handed=handed,
            absent=absence,
        )
        return _begin(
            ShiftRow(
                number=number,
                officer=officer,
                at=str(now),
                paper=handover.sign(said, key),
                items=items,
                silent=heard.silent,
                drawn=drawn,
            )
        )


def draw_rings() -> int:
    """How many times the alarm is to ring in a sound test, so that only who hears it can say."""
    return FEWEST_RINGS + secrets.randbelow(MOST_RINGS - FEWEST_RINGS + 1)


def judge_sound(sound: SoundTest) -> Sound:
    """How the test ended; refuses one that was not played, not heard, or heard another number of times."""
    if sound.silent.strip():
        watchlog.check_text(sound.silent, watchlog.LONGEST_REASON)
        return Sound(silent=sound.silent.strip())
    if sound.played is None or sound.heard is None:
        raise Refusal("shift.sound-not-tested")
    if sound.played != sound.heard:
        raise Refusal("shift.sound-not-heard")
    return Sound(heard=sound.heard)


def _check_turn(duty: OnDuty | None, officer: Officer, found: Found) -> None:
    if (duty.shift if duty else 0) != found.shift:
        raise Refusal("shift.taken", officer=duty.officer.name if duty else "", at=duty.since if duty else "")
    if duty is not None and duty.officer.pk == officer.pk:
        raise Refusal("shift.already-yours")


def _before(duty: OnDuty | None, found: Found, absent: str) -> tuple[Handed | None, Absence | None]:
    """What the officer before signed, or why there is nothing; neither in the first shift."""
    if duty is None:
        return None, None
    if (duty.handed.digest if duty.handed else "") != found.handed:
        raise Refusal("shift.handed-meanwhile", officer=duty.officer.name)
    if duty.handed is not None:
        return Handed(by=duty.handed.said.by, text=duty.handed.digest), None
    if not absent.strip():
        raise Refusal("shift.no-hand-over", officer=duty.officer.name)
    watchlog.check_text(absent, watchlog.LONGEST_REASON)
    return None, Absence(by=duty.officer.key_name, reason=absent.strip())


def _begin(row: ShiftRow) -> ShiftRow:
    """Of two who take over at once the second finds the number taken; the same form, sent twice at once, is one."""
    try:
        with storage.durable():
            row.save(force_insert=True)
    except IntegrityError as error:
        current = ShiftRow.objects.select_related("officer").get(number=row.number)
        if current.drawn == row.drawn:
            return current
        raise Refusal("shift.taken", officer=current.officer.name, at=current.at) from error
    return row
