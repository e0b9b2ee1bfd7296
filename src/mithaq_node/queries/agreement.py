"""The one line on which both nodes must agree: "same up to IQ 412 / IR 398, digest D".

Each party states the digest of its own state at a cut in an `agreement` leaf. This node computes the digest at the same
cut from what it holds itself; equal bytes mean that both see the same incidents, clocks and crossings. What differs is
said loudly and decided by nobody here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from mithaq.notices.book import Agreed
from mithaq_node.queries import ledgers


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a counterpart stated last, and what this node computes at the same cut."""

    party: str
    number: str
    """Spoken number of its leaf."""
    at: str
    up_to: tuple[str, ...]
    theirs: str
    ours: str

    @property
    def same(self) -> bool:
        return self.theirs == self.ours

    @property
    def short(self) -> str:
        """The beginning of our digest: enough to read over the telephone."""
        return self.ours[:16]


@dataclass(frozen=True, slots=True)
class Level:
    """How far both sides demonstrably hold the same leaves, and our digest there."""

    up_to: tuple[str, ...]
    cut: Mapping[str, int]

    @property
    def short(self) -> str:
        """The beginning of our digest; made when it is asked for, because it is over everything."""
        return ledgers.digest_at(self.cut)[:16]


def agreements() -> tuple[Agreement, ...]:
    """The latest statement of every counterpart, against our own computation; none at a cut that holds something made
    under a version of the instrument that is not held here, because that cannot be compared."""
    book = ledgers.book()
    said = (each for _, each in sorted(book.agreements.items()) if each.party != settings.NODE.party)
    return tuple(_against_ours(each) for each in said if _is_held(each) and ledgers.is_comparable(each.cut))


def level() -> Level | None:
    """The common cut and our digest there; None before both hold anything of each other."""
    cut = ledgers.cut_of_both()
    if not any(cut.values()):
        return None
    return Level(ledgers.up_to(cut), cut)


def _is_held(said: Agreed) -> bool:
    sizes = ledgers.roll().sizes()
    return all(size <= sizes.get(origin, 0) for origin, size in said.cut.items())


def _against_ours(said: Agreed) -> Agreement:
    ours = ledgers.digest_at(said.cut)
    return Agreement(said.party, said.number, said.at, ledgers.up_to(said.cut), said.digest, ours)
