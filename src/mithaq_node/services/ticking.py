"""Ticks on the checklist of a notice, within this party: they are added to, never changed, and never leave the node.

The items stand in the sealed words of the instrument, so both desks go through the same; who has done what is each
party's own. A tick answers nothing and starts no clock.
"""

from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq_node.queries import inside
from mithaq_node.services import storage
from mithaq_node.services.assigning import check_writer
from mithaq_node.services.clock import as_datetime
from mithaq_node.store.models import Officer, TickRow


def tick(*, number: str, item: str, done: bool, officer: Officer, now: Moment) -> None:
    """Tick an item of the checklist of a notice, or take the tick away. Refuses an item that is not on it
    (`desk.no-such-item`); ticking what is ticked changes nothing."""
    check_writer(officer)
    known = {each.item: each.done for each in inside.checklist(number)}
    if item not in known:
        raise Refusal("desk.no-such-item", item=item[:120])
    if known[item] != done:
        with storage.durable():
            TickRow.objects.create(about=number, item=item, done=done, by=officer, at=as_datetime(now))
