"""Whether this node is sure of its own record: store and fence agree, and nothing has called the store in question."""

from django.conf import settings
from django.db import connection

from mithaq.errors import Refusal
from mithaq_node.queries import instrument, rolls
from mithaq_node.store import engine as engines
from mithaq_node.store import fence, fences
from mithaq_node.store import log as record


def doubt() -> Refusal | None:
    """Why nothing may be released or signed now (the node is UNSURE); None while it is sure of all of its logs."""
    found = (doubt_of(origin) for origin in rolls.origins_of_own(instrument.law()))
    return next((each for each in found if each is not None), None)


def doubt_of(origin: str) -> Refusal | None:
    """Why nothing may be signed of this party's log `origin`."""
    connection.ensure_connection()
    conn, engine = connection.connection, engines.of(settings.NODE.engine)
    try:
        known = fences.at(settings.NODE.fence).read(origin)
        log = record.find(conn, engine, origin)  # read after the fence, so that a healthy store is never behind it
        if log is not None:
            fence.standing(log.head, known, record.Tree(conn, engine, log.id).root, log.unsure)
    except Refusal as refusal:
        return refusal
    return None
