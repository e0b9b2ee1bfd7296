"""The pairing cards of this node and its counterparts, for two people to compare what each of them holds."""

from dataclasses import dataclass

from django.conf import settings

from mithaq.instrument.sealing import fingerprint
from mithaq_node.settings.node import Node


@dataclass(frozen=True)
class CardFound:
    """A card as its party wrote it: the bytes whose fingerprint is read aloud."""

    party: str
    document: bytes

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.document)


def cards() -> tuple[CardFound, ...]:
    """Our own card, then those of the counterparts that were taken."""
    node: Node = settings.NODE
    own = (CardFound(node.party, node.own_card.read_bytes()),) if node.own_card.exists() else ()
    taken = sorted(node.cards.glob("*.json")) if node.cards.is_dir() else []
    return (*own, *(CardFound(path.stem, path.read_bytes()) for path in taken))
