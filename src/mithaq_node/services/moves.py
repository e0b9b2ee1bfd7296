"""The life of a draft: its states, the moves between them, and the roles that may make each.

    begun ──file──▶ filed ──release──▶ released
      ▲               │
      ├──recall───────┤        whoever filed it takes it back
      └──hand back────┘        a draft handed back is edited and filed again
    begun, handed back ──release alone──▶ released      (kinds that one officer may release; reviewed after)
    begun, handed back ──drop──▶ gone

`docs/life-of-a-notice.md` draws the same table, and a test holds the two together.
"""

from dataclasses import dataclass
from enum import Enum

from mithaq.errors import Refusal
from mithaq_node.store.models import DraftState, Officer, Role


class Deed(Enum):
    """What an officer may do with a draft."""

    SAVE = "save"
    DROP = "drop"
    FILE = "file"
    RECALL = "recall"
    HAND_BACK = "hand-back"
    RELEASE = "release"
    RELEASE_ALONE = "release-alone"


@dataclass(frozen=True)
class Move:
    """A deed: the states it starts from, the one it leads to (None: the draft is gone), and who may do it."""

    sources: frozenset[DraftState]
    target: DraftState | None
    roles: frozenset[Role]


_OPEN = frozenset({DraftState.BEGUN, DraftState.HANDED_BACK})
_FILED = frozenset({DraftState.FILED})
_WRITERS = frozenset({Role.DUTY, Role.RELEASING, Role.SECRETARIAT})
_RELEASERS = frozenset({Role.RELEASING})

MOVES = {
    Deed.SAVE: Move(_OPEN, DraftState.BEGUN, _WRITERS),
    Deed.DROP: Move(_OPEN, None, _WRITERS),
    Deed.FILE: Move(_OPEN, DraftState.FILED, _WRITERS),
    Deed.RECALL: Move(_FILED, DraftState.BEGUN, _WRITERS),
    Deed.HAND_BACK: Move(_FILED, DraftState.HANDED_BACK, _RELEASERS),
    Deed.RELEASE: Move(_FILED, DraftState.RELEASED, _RELEASERS),
    Deed.RELEASE_ALONE: Move(_OPEN, DraftState.RELEASED, frozenset({Role.DUTY, Role.RELEASING})),
}


def check_officer(officer: Officer, deed: Deed) -> None:
    """Refuse an officer who is not active or whose role does not do this."""
    if not officer.is_active:
        raise Refusal("officer.not-active", officer=officer.name)
    if officer.role not in MOVES[deed].roles:
        raise Refusal("officer.role-may-not", role=officer.role, deed=deed.value)


def check_state(state: str, deed: Deed) -> None:
    """Refuse a move that does not start from the state the draft is in."""
    if state not in MOVES[deed].sources:
        raise Refusal("draft.wrong-state", state=state, deed=deed.value)
