"""The record and the law as collections of features for programs of maps: each of one type of geometry.

Both sides' accounts stand beside each other and are never merged. What a feature says is coded and the same for every
reader; names come from the sealed words, in every language of the instrument. Only facts are here, never a text or an
exact place that stands in an erasable part.
"""

from collections.abc import Mapping
from functools import lru_cache

from mithaq.errors import Refusal
from mithaq_node.queries import instrument, ledgers
from mithaq_node.queries.features import accounts, activities, border, pairs
from mithaq_node.queries.features.shared import Collection

__all__ = ["Collection", "collection", "collections"]


def collections() -> Mapping[str, Collection]:
    """Every collection by its identifier, in the order in which they are listed."""
    return _collections(ledgers.key())


def collection(id: str) -> Collection:
    """One of them; refuses a name that is none (`ogc.no-collection`)."""
    found = collections().get(id)
    if found is None:
        raise Refusal("ogc.no-collection", name=id[:80])
    return found


@lru_cache(maxsize=2)
def _collections(key: ledgers.Key) -> Mapping[str, Collection]:
    law = instrument.law()
    made = [
        *accounts.collections(law),
        accounts.two(law),
        pairs.collection(law),
        *activities.collections(law),
        border.crossings(law),
        border.statements(law),
        border.sectors(law),
        border.line(law),
    ]
    return {each.described.id: each for each in made}
