"""Handing over: the officer on duty signs what is left to the next one. The shift goes on until somebody takes over."""

from django.db import IntegrityError

from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq.notices import handover, watchlog
from mithaq.notices.handover import Handing, Look
from mithaq_node.queries import shifts
from mithaq_node.queries.shifts import Present
from mithaq_node.services import accounts, sequencing, storage
from mithaq_node.store.models import HandingRow, Officer, Role

WATCH = frozenset({Role.DUTY, Role.RELEASING})
"""The roles that stand watch."""


def hand_over(*, officer: Officer, secret: str, seen: Look, remark: str, drawn: str, now: Moment) -> HandingRow:
    """Sign what is left, as `seen`; the last one of a shift counts. `drawn` is what the form was called: sent twice it
    signs once.

    Refuses whoever is not on duty, a list that is not the one that was looked at (`shift.changed`), and a wrong
    password.
    """
    check_role(officer)
    known = HandingRow.objects.filter(drawn=drawn, shift__officer=officer).first()
    if known is not None:
        return known
    duty = shifts.on_duty()
    if duty is None or duty.officer.pk != officer.pk:
        raise Refusal("shift.not-on-duty", officer=officer.name)
    check_remark(remark)
    found, origin = check_seen(seen), sequencing.own_origin()
    items = handover.encoded(found.look.items)
    with accounts.open_key(officer=officer, secret=secret, log=origin) as key:
        said = Handing(
            at=str(now),
            by=officer.key_name,
            cut=found.cut,
            items=handover.digest(items),
            lines=found.look.lines,
            chain=found.chain.hex(),
            log=origin,
            shift=duty.shift,
            remark=remark.strip(),
        )
        row = HandingRow(shift_id=duty.shift, at=str(now), paper=handover.sign(said, key), items=items, drawn=drawn)
    try:
        with storage.durable():
            row.save(force_insert=True)
    except IntegrityError:  # the same form, sent twice at once
        return HandingRow.objects.get(drawn=drawn)
    return row


def check_role(officer: Officer) -> None:
    """Refuse an officer who is shut out, or whose role does not stand watch."""
    if not officer.is_active:
        raise Refusal("officer.not-active", officer=officer.name)
    if officer.role not in WATCH:
        raise Refusal("officer.role-may-not", role=officer.role, deed="shift")


def check_seen(seen: Look) -> Present:
    """What is signed; refuses when it is not what the officer looked at (`shift.changed`)."""
    found = shifts.present()
    change = handover.difference(seen, found.look)
    if change or seen.lines != found.look.lines:
        raise Refusal("shift.changed", new=len(change.new), gone=len(change.gone), lines=change.lines)
    return found


def check_remark(remark: str) -> None:
    """Refuse a remark that is too long or holds a character that nobody sees; none at all is no fault."""
    if remark.strip():
        watchlog.check_text(remark, watchlog.LONGEST_REMARK)
