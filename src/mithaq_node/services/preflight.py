"""Before a node serves: that the record in its database is its own party's, under the instrument in its folder."""

from django.conf import settings
from django.db import connection

from mithaq.errors import Refusal
from mithaq_node import queries
from mithaq_node.store import engine as engines
from mithaq_node.store import log as record


def require_own_record() -> None:
    """Refuse a database in which another party sequences, and an instrument that does not know this party."""
    law, own = queries.law(), settings.NODE.party
    if law.party(own) is None:
        raise Refusal("instrument.unknown-party", party=own)
    connection.ensure_connection()
    for log in record.logs(connection.connection, engines.of(connection.vendor)):  # no text is read, so no key is asked
        holder = law.party_of(log.origin)
        if log.own and (holder is None or holder.code != own):
            raise Refusal("node.other-party", log=log.origin, party=own)
