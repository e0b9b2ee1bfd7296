"""The record and the law as collections of features for programs of maps: each of one type of geometry.

Both sides' accounts stand beside each other and are never merged. What a feature says is coded and the same for every
reader; names come from the sealed words, in every language of the instrument. Only facts are here, never a text or an
exact place that stands in an erasable part.
"""

import threading
from collections.abc import Mapping

from mithaq.errors import Refusal
from mithaq.instrument.law import Law
from mithaq.instrument.words import Words
from mithaq_node.queries import ledgers
from mithaq_node.queries.features import accounts, activities, border, pairs
from mithaq_node.queries.features.shared import Collection

__all__ = ["Collection", "collection", "collections"]

_MOST = 2
_making = threading.Lock()
_made: dict[ledgers.Key, Mapping[str, Collection]] = {}


def collections() -> Mapping[str, Collection]:
    """Every collection by its identifier, in the order in which they are listed."""
    key, sealed = ledgers.standing()
    with _making:
        found = _made.pop(key, None) or _of(sealed.law, sealed.words)
        _made[key] = found
        while len(_made) > _MOST:
            del _made[next(iter(_made))]
        return found


def collection(id: str) -> Collection:
    """One of them; refuses a name that is none (`ogc.no-collection`)."""
    found = collections().get(id)
    if found is None:
        raise Refusal("ogc.no-collection", name=id[:80])
    return found


def _of(law: Law, words: Words) -> Mapping[str, Collection]:
    made = [
        *accounts.collections(law, words),
        accounts.two(law, words),
        pairs.collection(law),
        *activities.collections(law, words),
        border.crossings(law, words),
        border.statements(law, words),
        border.sectors(law, words),
        border.line(law),
    ]
    return {each.described.id: each for each in made}
