"""The ledger of warnings: keeping what was shown, judging what became of it, and setting with what one looks.

A warning raises no notice and no alarm, and nothing here does: rows are written, and nothing else.
"""

from contextlib import suppress
from typing import TYPE_CHECKING

from django.db.utils import IntegrityError

from mithaq import canonical
from mithaq.analysis.clusters.warnings import Warning
from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq.prevention.settings import Settings
from mithaq.prevention.warned import Outcome, goes_on_from
from mithaq_node.queries import gathering, ledgers, warned
from mithaq_node.services import storage
from mithaq_node.services.assigning import check_writer
from mithaq_node.services.clock import as_datetime
from mithaq_node.store.models import LookRow, LookSettingRow, Officer, OutcomeRow, Role, WarnedRow

if TYPE_CHECKING:
    from mithaq.prevention.gathering import Look

SETTERS = frozenset({Role.RELEASING})
"""Who answers for what leaves answers for what the desk is warned of."""


def look(*, now: Moment) -> None:
    """The look of a day, so that the ledger does not depend on who opens the page; does nothing where this node cannot
    tell what gathers."""
    found = gathering.gathering(str(now))
    if found is not None:
        keep(found=found, now=now)


def keep(*, found: gathering.Gathering, now: Moment) -> None:
    """Keep what a look found that was not shown before, as it is shown now, and that one looked on this day."""
    day = found.day.isoformat()
    known = set(WarnedRow.objects.values_list("sectors", "first", "last"))
    rows = [(each, row) for each in reversed(found.look.warnings) if _key(row := _row(each)) not in known]
    if not rows and LookRow.objects.filter(day=day).exists():
        return
    with suppress(IntegrityError), storage.durable():  # another process of this node has just kept the same
        looked = _looked(found.look, day, now)
        for warning, row in rows:
            before = goes_on_from(warning, warned.held(), found.day)
            row.look, row.opens_id = looked, before.number if before else None
            row.save(force_insert=True)


def judge(*, number: int, outcome: str, about: str, officer: Officer, now: Moment) -> None:
    """Say what became of a warning. `about` is the spoken number of a notice that shows it, or empty.

    Refuses who only reads, a warning or an outcome that is none, and a notice that nobody knows (`warning.…`). Saying
    again what counts already adds nothing.
    """
    check_writer(officer)
    known = warned.episode(number)
    if known is None:
        raise Refusal("warning.no-such", number=number)
    if outcome not in set(Outcome):
        raise Refusal("warning.no-such-outcome", found=outcome[:40])
    if about and ledgers.notice(about) is None:
        raise Refusal("desk.no-notice", number=about[:80])
    last = known.judged
    if last is None or (last.outcome, last.about) != (outcome, about):
        with storage.durable():
            OutcomeRow.objects.create(warned_id=number, outcome=outcome, about=about, by=officer, at=as_datetime(now))


def set_settings(*, settings: Settings, officer: Officer, now: Moment) -> None:
    """Look with these settings from now on; what was shown stays. Refuses whoever may not (`warning.not-yours`);
    choosing what holds already changes nothing."""
    if not officer.is_active or officer.role not in SETTERS:
        raise Refusal("warning.not-yours")
    if settings != warned.settings():
        with storage.durable():
            LookSettingRow.objects.create(
                recurrence=settings.recurrence,
                history=settings.history,
                longest=settings.longest,
                widest=settings.widest,
                by=officer,
                at=as_datetime(now),
            )


def _looked(seen: "Look", day: str, now: Moment) -> LookRow:
    return LookRow.objects.create(
        day=day,
        at=as_datetime(now),
        cut=canonical.encode_trusted(dict(seen.cut)).decode(),
        method=seen.method,
        settings=canonical.encode_trusted(dict(seen.settings.numbers())).decode(),
        cases=seen.cases,
    )


def _row(warning: Warning) -> WarnedRow:
    where = warning.where if isinstance(warning.where, tuple) else ()
    return WarnedRow(
        sectors=" ".join(where),
        first=warning.first.isoformat(),
        last=warning.last.isoformat(),
        observed=warning.observed,
        expected=round(warning.expected * 1_000),
        p=round(warning.p * 1_000_000),
        recurrence=warning.recurrence_days,
    )


def _key(row: WarnedRow) -> tuple[str, str, str]:
    return row.sectors, row.first, row.last
