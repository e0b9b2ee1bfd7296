"""The heads of the logs: size, root, and how far the other parties have signed them."""

from dataclasses import dataclass

from mithaq.instrument.law import Text
from mithaq.notices import numbers
from mithaq_node.queries import instrument, ledgers, rolls


@dataclass(frozen=True, slots=True)
class Head:
    """One log as this node holds it."""

    log: rolls.Log
    cosigned: tuple[tuple[str, int], ...]
    """Party and the largest size of this log that it has signed."""
    observed: tuple[tuple[Text, int], ...]
    """Observer, and the largest size of this log whose head it has signed; those that have signed none are left out."""
    latest: tuple[str, ...]
    """The last leaf, as a spoken number; empty for an empty log."""

    @property
    def root(self) -> str:
        """The root of the tree, hex."""
        return self.log.root.hex()


def heads() -> tuple[Head, ...]:
    """Every log of the instrument, this party's own first."""
    law = instrument.law()
    signed, seen = rolls.cosigned(law), rolls.observed(law)
    order = {party.code: place for place, party in enumerate(instrument.parties())}
    return tuple(
        Head(
            log=log,
            cosigned=tuple(
                (party.code, signed.get((log.origin, party.code), 0))
                for party in law.parties
                if party.code != log.party and party.code in law.audiences[numbers.audience_of(log.origin)]
            ),
            observed=tuple(
                (observer.name, seen[log.origin, observer.id])
                for observer in law.observers
                if (log.origin, observer.id) in seen
            ),
            latest=ledgers.up_to({log.origin: log.size}),
        )
        for log in sorted(rolls.logs(law), key=lambda log: order.get(log.party, len(order)))
    )
