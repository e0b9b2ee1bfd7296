"""Remarks within this party on a notice or an incident. They are added to, never changed, and never leave the node.

A file of remarks must not become a file on persons: what the linter finds in a text that is to leave cannot stand in a
remark at all. There is no reason to give and nobody to give it to.
"""

from django.db.utils import IntegrityError

from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq.notices.fields.texts import has_hidden
from mithaq.notices.linter import lint
from mithaq_node.queries import ledgers
from mithaq_node.services import storage
from mithaq_node.services.assigning import check_writer
from mithaq_node.services.clock import as_datetime
from mithaq_node.store.models import Officer, RemarkRow

LONGEST = 2000


def remark(*, number: str, officer: Officer, text: str, now: Moment, asks: bool = False) -> RemarkRow:
    """Add a remark to the notice of this number; one that `asks` stays open until another settles it. Refuses an empty
    or too long one, and a number that is no notice."""
    check_writer(officer)
    if ledgers.notice(number) is None:
        raise Refusal("desk.no-notice", number=number)
    said = _said(text)
    with storage.durable():
        return RemarkRow.objects.create(about=number, text=said, asks=asks, by=officer, at=as_datetime(now))


def settle(*, remark: int, officer: Officer, text: str, now: Moment) -> RemarkRow:
    """Answer an open remark, which is then settled. Refuses one that is not there, not open, or settled already."""
    check_writer(officer)
    found = RemarkRow.objects.filter(pk=remark, asks=True).first()
    if found is None:
        raise Refusal("remark.not-open")
    said = _said(text)
    try:
        with storage.durable():
            return RemarkRow.objects.create(
                about=found.about, text=said, settles=found, by=officer, at=as_datetime(now)
            )
    except IntegrityError as error:
        raise Refusal("remark.not-open") from error


def _said(text: str) -> str:
    said = text.replace("\r\n", "\n").strip()
    if not said or len(said) > LONGEST or "\0" in said:
        raise Refusal("remark.bad-text", limit=LONGEST)
    if has_hidden(said):  # it would stand in another order than it is read, and hide a passage from the linter
        raise Refusal("remark.hidden-character")
    for passage in lint(said):
        raise Refusal("remark.passage", passage=said[passage.start : passage.end])
    return said
