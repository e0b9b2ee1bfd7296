"""The keys of a party as its log says, folded from the key-set leaves this node holds."""

from contextlib import suppress

from mithaq.errors import Refusal
from mithaq.instrument.law import Law
from mithaq.notices.envelope import Roots, parse
from mithaq.notices.keys import KeyRing
from mithaq_node.store import log as record
from mithaq_node.store.engine import Connection, Engine


def roots_of(law: Law, origin: str) -> Roots:
    """The root keys that the law gives the party of this log."""
    party = law.party_of(origin)
    return Roots(keys=list(party.roots), threshold=party.threshold) if party else Roots(keys=[], threshold=1)


def ring_of(conn: Connection, engine: Engine, law: Law, log: record.Log) -> KeyRing:
    """Every key that this log ever registered, and until when each counts."""
    ring, roots = KeyRing(), roots_of(law, log.origin)
    for index, leaf in record.key_sets(conn, engine, log):
        with suppress(Refusal):  # a key-set that does not count changes nothing; it is shown as not conforming
            ring = ring.apply(parse(leaf), index, roots)
    return ring
