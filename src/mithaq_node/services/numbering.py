"""Giving a notice this party's own registry number, beside the number that both sides speak. It stays in the node."""

from django.conf import settings
from django.db.models import Max
from django.db.utils import IntegrityError

from mithaq import calendars, moments
from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq.notices import registry
from mithaq_node import queries
from mithaq_node.queries import inside, ledgers
from mithaq_node.services import storage
from mithaq_node.services.assigning import check_writer
from mithaq_node.services.clock import as_datetime
from mithaq_node.store.models import Officer, RegistrationRow

_TRIES = 8


def register(*, number: str, officer: Officer, now: Moment, typed: str = "") -> str:
    """The registry number that the notice of this spoken number now has: the one typed, or the next of the pattern.

    A later one takes the place of an earlier; both stay in the history. Several notices may have the same, as papers of
    one file do. Refuses a line that is no number, and nothing typed where there is no pattern.
    """
    check_writer(officer)
    if ledgers.notice(number) is None:
        raise Refusal("desk.no-notice", number=number)
    if typed:
        said = registry.typed(typed)
        with storage.durable():
            _row(number, said, officer, now).save(force_insert=True)
        return said
    pattern = inside.arrangement().registry
    if not pattern:
        raise Refusal("registry.no-pattern")
    year = _year(pattern, now)
    for _ in range(_TRIES):  # another officer may draw the same number at the same moment
        try:
            return _draw(pattern, year, number, officer, now)
        except IntegrityError:
            continue
    raise Refusal("registry.busy")


def _draw(pattern: str, year: int, number: str, officer: Officer, now: Moment) -> str:
    with storage.durable():
        last = RegistrationRow.objects.filter(year=year).aggregate(last=Max("running"))["last"] or 0
        said = registry.made(pattern, year, last + 1)
        row = _row(number, said, officer, now)
        row.year, row.running = year, last + 1
        row.save(force_insert=True)
    return said


def _row(number: str, said: str, officer: Officer, now: Moment) -> RegistrationRow:
    return RegistrationRow(about=number, number=said, key=registry.key(said), by=officer, at=as_datetime(now))


def _year(pattern: str, now: Moment) -> int:
    """The year of this party's calendar in which a number is drawn; 0 for a pattern that does not begin again."""
    if "{year}" not in pattern:
        return 0
    party = queries.law().party(settings.NODE.party)
    offset, hijri = (party.utc_offset, party.hijri_offset) if party else (0, 0)
    return calendars.convert(moments.civil_day(now, offset), inside.arrangement().calendar, hijri).year
