"""What pages and programs need to know, as plain values; nothing here writes."""

from mithaq_node.queries.instrument import law, own_party, parties, sealed, words

__all__ = ["law", "own_party", "parties", "sealed", "words"]
