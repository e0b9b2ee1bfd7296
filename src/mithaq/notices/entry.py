"""A leaf as the ledger holds it: what it says, whether it conforms, what it refers to, and who has it."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from mithaq.errors import Refusal
from mithaq.instrument.law import Kind, Law
from mithaq.notices.book import Place, Step
from mithaq.notices.envelope import Leaf

Order = tuple[int, str, int]


class Source(msgspec.Struct, eq=False):
    """What does not depend on any other log: the bytes, their hash, their leaf, and the verdict on it alone."""

    encoded: bytes
    leaf: Leaf | None
    hash: bytes
    verdict: tuple[Refusal, ...] | None = None
    """None until the ledger judged it at its place."""
    facts: Mapping[str, Any] | None = None
    facts_verdict: tuple[Refusal, ...] | None = None
    """None while the facts are not at hand."""


NOBODY: Mapping[str, Step] = {}
"""What has been receipted of a leaf that nobody has receipted: one mapping for all of them."""


class Entry(msgspec.Struct, eq=False):
    """One leaf in its place. The ledger fills it in; the fold of its thread reads it.

    What it holds is replaced and never changed in place, but for the list of what refers to it: most leaves are covered
    by one receipt together with many others, have no reference and get none, and share what they hold with them.
    """

    origin: str
    index: int
    party: str
    number: str
    source: Source
    kind: Kind | None
    order: Order
    addressees: tuple[str, ...]
    law: Law
    """The version of the instrument that it was made under."""
    sealed: Step
    delivered: Mapping[str, Step]
    readable: Mapping[str, Step]
    verdict: tuple[Refusal, ...] = ()
    """Everything but the facts: form, release, and what only the ledger sees (moments, identifiers, references)."""
    refers: tuple["Entry", ...] = ()
    referred_by: Sequence["Entry"] = ()
    facts_held: frozenset[str] = frozenset()
    """The addressees that hold part 0."""
    thread: "Entry | None" = None
    """Another entry of the same thread, on the way to the one that stands for it; None when this one does."""

    @property
    def place(self) -> Place:
        return self.origin, self.index

    @property
    def role(self) -> str:
        return self.kind.role if self.kind else ""

    @property
    def at(self) -> str:
        return self.sealed.at

    @property
    def counts_facts(self) -> bool:
        """Whether folds may read the facts: every addressee holds them."""
        return len(self.facts_held) == len(self.addressees)

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """Why it does not conform, as far as it can be judged at this cut."""
        if self.source.facts_verdict and self.counts_facts:
            return self.verdict + self.source.facts_verdict
        return self.verdict

    @property
    def facts(self) -> Mapping[str, Any] | None:
        """The facts that folds read, before corrections; None until they count, or when the notice does not conform."""
        return self.source.facts if self.counts_facts and not self.refusals else None
