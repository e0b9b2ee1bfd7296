"""What pages and programs need to know, as plain values; nothing here writes."""

from mithaq_node.queries.instrument import (
    earlier_words,
    entered,
    first,
    held,
    law,
    law_of,
    own_party,
    parties,
    sealed,
    unheld,
    versions,
    words,
    words_of,
)

__all__ = [
    "earlier_words",
    "entered",
    "first",
    "held",
    "law",
    "law_of",
    "own_party",
    "parties",
    "sealed",
    "unheld",
    "versions",
    "words",
    "words_of",
]
