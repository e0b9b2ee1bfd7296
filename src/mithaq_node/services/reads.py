"""Who was shown what is not coded: texts and exact places of notices; who took whole logs or papers away; and whose
program read which layer of the map, which list of the record, or which draft.

A line is written before the page is answered, in a transaction of its own: what cannot be written down is not shown. An
open page that fetches itself again is one reading; after ten minutes it is another.
"""

from collections.abc import Iterable
from datetime import timedelta

from mithaq.instrument.law import Kind
from mithaq.notices import joint
from mithaq.notices.parts import FACTS
from mithaq_node.queries import drafts, incidents
from mithaq_node.queries.incidents import NoticeView
from mithaq_node.services import clock, storage
from mithaq_node.services.clock import as_datetime
from mithaq_node.store.models import Draft, Officer, PartRead

ONE_READING = timedelta(minutes=10)
EXPORTED, PAPER, LAYER, LIST, DRAFT = -1, -2, -3, -4, -5


def shown(officer: Officer, views: Iterable[NoticeView]) -> None:
    """Write down which parts of these notices, other than the coded facts, the officer is about to be shown."""
    wanted = {
        (view.notice.number, part.number)
        for view in views
        for part in view.parts
        if part.retention != FACTS and part.body is not None
    }
    if not wanted:
        return
    now = as_datetime(clock.now())
    lately = PartRead.objects.filter(officer=officer, number__in={number for number, _ in wanted})
    lately = lately.filter(at__gt=now - ONE_READING, at__lte=now)
    new = sorted(wanted.difference(lately.values_list("number", "part")))
    if new:
        with storage.durable():
            PartRead.objects.bulk_create(
                PartRead(officer=officer, number=number, part=part, at=now) for number, part in new
            )


def draft_shown(officer: Officer, kind: Kind, draft: Draft) -> None:
    """Write down what the officer is about to be shown with the parts of a draft of this kind: of a seal, the text of
    the other side that it repeats. Any other draft is this party's own words, which are not written down."""
    if joint.is_assent(kind):
        now = str(clock.now())
        shown(officer, [incidents.notice(each.number, now) for each in drafts.referred(draft)])


def taken(officer: Officer, log: str) -> None:
    """Write down that the officer takes a log away, or all of them where none is named."""
    with storage.durable():
        PartRead.objects.create(officer=officer, number=log[:40], part=EXPORTED, at=as_datetime(clock.now()))


def paper_taken(officer: Officer, name: str) -> None:
    """Write down that the officer takes a paper of the committee away, by the name of its file."""
    with storage.durable():
        PartRead.objects.create(officer=officer, number=name[:40], part=PAPER, at=as_datetime(clock.now()))


def layer_read(officer: Officer, name: str) -> None:
    """Write down that a program reads a layer with the officer's token; page after page of it is one reading."""
    _once_in_a_while(officer, name, LAYER)


def list_read(officer: Officer, name: str) -> None:
    """Write down that a program reads a list of the record with the officer's token, as `layer_read` does."""
    _once_in_a_while(officer, name, LIST)


def draft_read(officer: Officer, draft: str = "") -> None:
    """Write down that a program reads a draft with the officer's token, by its identifier, or the list of drafts;
    as `layer_read` does."""
    _once_in_a_while(officer, draft, DRAFT)


def _once_in_a_while(officer: Officer, name: str, part: int) -> None:
    now = as_datetime(clock.now())
    lately = PartRead.objects.filter(officer=officer, number=name[:40], part=part)
    if not lately.filter(at__gt=now - ONE_READING, at__lte=now).exists():
        with storage.durable():
            PartRead.objects.create(officer=officer, number=name[:40], part=part, at=now)
