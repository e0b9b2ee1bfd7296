"""Who has a matter in hand: taken, given to a desk or an officer, given back to where the rules send it.

A matter is a thread, called by the number of its first notice. Every change of hands is a row with a number, and no two
rows have the same: of two officers who take a matter at once one has it, and the other is told who and when.
"""

from django.db.utils import IntegrityError

from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq_node.queries import inside, ledgers
from mithaq_node.services import storage
from mithaq_node.services.clock import as_datetime
from mithaq_node.store.models import AssignmentRow, Handing, Officer, Role

WRITERS = frozenset({Role.DUTY, Role.RELEASING, Role.SECRETARIAT})
"""Who has matters in hand and changes hands."""


def take(*, number: str, officer: Officer, seen: int, now: Moment) -> None:
    """Take the matter of a notice; it stays at its desk. `seen` is the number of the change of hands that the officer
    saw last. Refuses one that another officer has (`assignment.taken`), and a page that is behind."""
    matter = _matter(number, officer)
    last = inside.last_handing(matter)
    if last is not None and last.officer is not None:
        raise _taken(last)
    desk = last.desk if last is not None else ""
    _append(AssignmentRow(matter=matter, deed=Handing.TAKEN, desk=desk, officer=officer), officer, seen, now)


def give(*, number: str, by: Officer, to: str, seen: int, now: Moment) -> None:
    """Give the matter to a desk or to an officer, whoever has it now; `to` is `desk:` or `officer:` and a name.

    Refuses a desk or an officer whom nobody knows, an officer who is out, and a page that is behind.
    """
    matter, (what, _, name) = _matter(number, by), to.partition(":")
    row = AssignmentRow(matter=matter, deed=Handing.GIVEN)
    if what == "desk" and inside.arrangement().desk(name) is not None:
        row.desk = name
    else:
        row.officer = _receiver(name if what == "officer" else "")
    _append(row, by, seen, now)


def give_back(*, number: str, by: Officer, seen: int, now: Moment) -> None:
    """Let the rules say again where the matter belongs; refuses one that nobody was given."""
    matter = _matter(number, by)
    last = inside.last_handing(matter)
    if last is None or last.deed == Handing.GIVEN_BACK:
        raise Refusal("assignment.in-nobodys-hands", number=matter)
    _append(AssignmentRow(matter=matter, deed=Handing.GIVEN_BACK), by, seen, now)


def check_writer(officer: Officer) -> None:
    """Refuse an officer who is out or only reads."""
    if not officer.is_active:
        raise Refusal("officer.not-active", officer=officer.name)
    if officer.role not in WRITERS:
        raise Refusal("desk.not-your-place")


def _matter(number: str, officer: Officer) -> str:
    check_writer(officer)
    found = ledgers.notice(number)
    if found is None:
        raise Refusal("desk.no-notice", number=number)
    return found.thread


def _receiver(name: str) -> Officer:
    found = Officer.objects.filter(name=name).first()
    if found is None:
        raise Refusal("assignment.to-nobody", name=name[:80])
    check_writer(found)
    return found


def _append(row: AssignmentRow, by: Officer, seen: int, now: Moment) -> None:
    try:
        with storage.durable():
            last = inside.last_handing(row.matter)
            if last is not None and last.step != seen:
                raise _meanwhile(last)
            row.step, row.by, row.at = (last.step if last else 0) + 1, by, as_datetime(now)
            row.save(force_insert=True)
    except IntegrityError as error:
        last = inside.last_handing(row.matter)
        if last is None:
            raise
        raise _meanwhile(last) from error


def _meanwhile(last: AssignmentRow) -> Refusal:
    if last.deed == Handing.TAKEN:
        return _taken(last)
    return Refusal("assignment.changed-meanwhile", officer=last.by.name, at=inside.moment_of(last.at))


def _taken(last: AssignmentRow) -> Refusal:
    holder = last.officer or last.by
    return Refusal("assignment.taken", officer=holder.name, at=inside.moment_of(last.at))
