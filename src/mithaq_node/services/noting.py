"""Noting: a line for the watch log. It is never changed; a later line that names it puts it right."""

import msgspec
from django.db import IntegrityError

from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq.notices import watchlog
from mithaq.notices.watchlog import Line
from mithaq_node import queries
from mithaq_node.services import storage
from mithaq_node.store.models import Officer, Role, WatchLineRow

WRITERS = frozenset({Role.DUTY, Role.RELEASING, Role.SECRETARIAT})


def note(
    *,
    officer: Officer,
    at: str,
    kind: str,
    text: str,
    drawn: str,
    now: Moment,
    office: str = "",
    subject: str = "",
    corrects: int = 0,
    stays: bool = False,
) -> WatchLineRow:
    """Write a line about what happened at the canonical moment `at`. `drawn` is what the form was called: sent twice it
    is one line.

    Refuses what `watchlog.check` refuses, an office that is no authority of another party, a correction of a line that
    is not there, and words that look like what nobody may be known by (`watchlog.passages`), unless the officer has
    seen them and says that they may stay (`stays`).
    """
    if not officer.is_active:
        raise Refusal("officer.not-active", officer=officer.name)
    if officer.role not in WRITERS:
        raise Refusal("officer.role-may-not", role=officer.role, deed="watch-log")
    if office and office not in offices():
        raise Refusal("watchlog.unknown-office", office=office[:80])
    said = Line(
        number=0,
        at=at,
        written=str(now),
        by=officer.key_name,
        kind=kind,
        text=text.strip(),
        office=office,
        subject=subject.strip(),
        corrects=corrects,
    )
    watchlog.check(said)
    found = len(watchlog.passages(said))
    if found and not stays:
        raise Refusal("watchlog.passages", count=found)
    if corrects and not WatchLineRow.objects.filter(number=corrects).exists():
        raise Refusal("watchlog.unknown", number=corrects)
    line = msgspec.structs.replace(said, kept=found)
    try:
        return _append(line, officer, drawn)
    except IntegrityError:  # somebody else wrote a line of that number at the same moment
        return _append(line, officer, drawn)


def offices() -> tuple[str, ...]:
    """The authorities of the other parties, with whom officers speak: `IR/border-guard`."""
    own = queries.own_party().code
    return tuple(
        f"{party.code}/{each.id}" for party in queries.parties() if party.code != own for each in party.authorities
    )


def _append(line: Line, officer: Officer, drawn: str) -> WatchLineRow:
    with storage.durable():
        known = WatchLineRow.objects.filter(drawn=drawn, officer=officer).first()
        if known is not None:
            return known
        last = WatchLineRow.objects.order_by("-number").first()
        placed = msgspec.structs.replace(line, number=last.number + 1 if last else 1)
        before = bytes(last.chain) if last else watchlog.START
        return WatchLineRow.objects.create(
            number=placed.number,
            at=placed.at,
            written=placed.written,
            officer=officer,
            kind=placed.kind,
            office=placed.office,
            subject=placed.subject,
            text=placed.text,
            corrects_id=placed.corrects or None,
            kept=placed.kept,
            chain=watchlog.chained(before, placed),
            drawn=drawn,
        )
