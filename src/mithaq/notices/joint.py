"""Joint texts: one party proposes a text, and it is agreed once every other party of the audience has sealed the same.

The proposer's leaf commits to the parts; each other party assents by a leaf of the role `seals` that refers to it and
repeats the same commitments, under the signatures of two of its officers (docs/spec/folds.md, "Joint texts"). A draft
is a whole version: another wording is another proposal, which refers to the one before.

The role has two uses, told apart by how a kind is released. What one officer may sign reviews a notice of the own party
that one officer released; what takes two assents to a joint text of another party.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mithaq.instrument.law import Kind
from mithaq.notices import roles

FACET: Final = "joint"
"""The facet of a kind whose notices are proposals of a joint text."""


@dataclass(frozen=True, slots=True)
class JointText:
    """A proposal of a joint text, and who has assented to it."""

    number: str
    """Spoken number of the proposal."""
    party: str
    """Who proposed it."""
    awaited: tuple[str, ...]
    """The other parties of its audience."""
    assents: Mapping[str, str]
    """Party to the spoken number of its first seal, of those that came before a withdrawal."""
    withdrawn: bool

    @property
    def is_agreed(self) -> bool:
        """Whether every party of the audience stands under it. A withdrawal after that changes nothing."""
        return len(self.assents) == len(self.awaited)

    @property
    def is_open(self) -> bool:
        """Whether it can still be sealed."""
        return not self.is_agreed and not self.withdrawn


def is_proposal(kind: Kind | None) -> bool:
    """Whether notices of the kind are joint texts to be sealed by the others."""
    return kind is not None and FACET in kind.facets


def is_review(kind: Kind | None) -> bool:
    """Whether notices of the kind confirm what one officer of the same party released."""
    return kind is not None and kind.role == roles.SEALS and kind.release == "one"


def is_assent(kind: Kind | None) -> bool:
    """Whether notices of the kind assent to a joint text of another party."""
    return kind is not None and kind.role == roles.SEALS and kind.release == "two"
