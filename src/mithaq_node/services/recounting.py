"""Recounting: figures leave, or are sealed, only when this node computes the same from the cut that they name."""

from collections.abc import Mapping
from typing import Any

from mithaq.errors import Refusal
from mithaq.instrument.law import Kind
from mithaq.notices import quarters
from mithaq_node import queries
from mithaq_node.queries import quarters as figures


def require_equal(kind: Kind | None, facts: Mapping[str, Any]) -> None:
    """Refuse facts of a kind for a quarter's figures that are not what is computed here (`quarter.differs`), or are of
    more than this node holds; facts of any other kind pass."""
    if not quarters.is_quarterly(kind):
        return
    found = quarters.first_difference(facts, figures.computed(facts), queries.law())
    if found is not None:
        raise Refusal(
            "quarter.differs", figure=found.field, party=found.party, stated=found.stated, computed=found.computed
        )
