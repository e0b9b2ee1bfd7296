"""The life of an incident: its states, and the moves between them, as one table.

`docs/spec/folds.md` prints this table and a test compares the two. A notice moves an incident by its *move*: its role
together with who sent it and, for two roles, one coded fact. A move that a state does not list changes nothing: the
notice is part of the incident and stands in its accounts all the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from mithaq.notices import roles, scores
from mithaq.notices.book import Difference, Stated


class State(StrEnum):
    """Where an incident stands."""

    REPORTED = "reported"
    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"
    UNSATISFACTORY = "answer-unsatisfactory"
    MEASURES = "measures-under-way"
    CLOSING = "closing-proposed"
    CLOSED = "closed"
    DIFFER = "accounts-differ"
    WITHDRAWN = "withdrawn"


class Move(StrEnum):
    """What a notice does to the incident it belongs to."""

    ACKNOWLEDGE = "acknowledge"
    """Another party acknowledges a notice of it."""
    ASK = "ask"
    """A party asks a question in it."""
    ANSWER = "answer"
    """A party answers, refuses with a reason, or seals what was asked as a joint text."""
    ACCEPT = "accept"
    """The asker judges the answer satisfactory."""
    DISSATISFY = "dissatisfy"
    """The asker judges the answer unsatisfactory."""
    MEASURE = "measure"
    """A party reports measures under way."""
    PROPOSE = "propose"
    """The first party proposes to close."""
    AGREE = "agree"
    """The last party agrees to close, and the accounts do not differ."""
    DISAGREE = "disagree"
    """The last party agrees to close, and the accounts differ or a party has recorded a disagreement."""
    WITHDRAW = "withdraw"
    """Every notice that opened it is withdrawn."""


_OPEN: Final = (
    State.REPORTED,
    State.ACKNOWLEDGED,
    State.ANSWERED,
    State.UNSATISFACTORY,
    State.MEASURES,
    State.CLOSING,
)

FINAL: Final = frozenset(State) - frozenset(_OPEN)
"""States that no move leaves."""

MOVES: Final[Mapping[tuple[State, Move], State]] = {
    (State.REPORTED, Move.ACKNOWLEDGE): State.ACKNOWLEDGED,
    (State.REPORTED, Move.ANSWER): State.ANSWERED,
    (State.ACKNOWLEDGED, Move.ANSWER): State.ANSWERED,
    (State.UNSATISFACTORY, Move.ANSWER): State.ANSWERED,
    (State.MEASURES, Move.ANSWER): State.ANSWERED,
    (State.ANSWERED, Move.ASK): State.ACKNOWLEDGED,
    (State.UNSATISFACTORY, Move.ASK): State.ACKNOWLEDGED,
    (State.CLOSING, Move.ASK): State.ACKNOWLEDGED,
    (State.ANSWERED, Move.DISSATISFY): State.UNSATISFACTORY,
    (State.MEASURES, Move.DISSATISFY): State.UNSATISFACTORY,
    (State.CLOSING, Move.DISSATISFY): State.UNSATISFACTORY,
    (State.UNSATISFACTORY, Move.ACCEPT): State.ANSWERED,
    (State.REPORTED, Move.MEASURE): State.MEASURES,
    (State.ACKNOWLEDGED, Move.MEASURE): State.MEASURES,
    (State.ANSWERED, Move.MEASURE): State.MEASURES,
    (State.UNSATISFACTORY, Move.MEASURE): State.MEASURES,
    (State.CLOSING, Move.MEASURE): State.MEASURES,
    **{(state, Move.PROPOSE): State.CLOSING for state in _OPEN if state is not State.CLOSING},
    **{(state, Move.AGREE): State.CLOSED for state in _OPEN},
    **{(state, Move.DISAGREE): State.DIFFER for state in _OPEN},
    **{(state, Move.WITHDRAW): State.WITHDRAWN for state in _OPEN},
}
"""Every move that changes a state. `closed`, `accounts-differ` and `withdrawn` are final."""

VERDICT: Final = "verdict"
"""The field of a notice of role `judges`, with the codes `satisfactory` and `unsatisfactory`."""
SATISFACTORY: Final = "satisfactory"
UNSATISFACTORY: Final = "unsatisfactory"
PROGRESS: Final = "progress"
"""The field of a notice of role `adds`, with the codes `information` and `measures`."""
INFORMATION: Final = "information"
MEASURES: Final = "measures"
DISPUTED: Final = "disputed"
"""The field of a notice of role `adds` by which a party records what it does not agree on. While it stands in an
account, the accounts differ, whatever else they state."""

FIXED_CODES: Final[Mapping[str, frozenset[str]]] = {
    VERDICT: frozenset({SATISFACTORY, UNSATISFACTORY}),
    PROGRESS: frozenset({INFORMATION, MEASURES}),
    scores.SCORE: frozenset(scores.SCALE),
    scores.FOUND: frozenset(scores.FINDINGS),
}
"""Coded lists whose codes folds read, so that no instrument can change them."""

COMPARED_TYPES: Final = frozenset(
    {"moment", "interval", "day", "place", "sector", "crossing", "code", "counts", "quantity"}
)
"""Types whose fields are compared between accounts. Lists of codes say what each side did, and are not."""

NEVER_COMPARED: Final = frozenset({"known", PROGRESS, VERDICT, "reason", scores.COMMITMENT, scores.SCORE, scores.FOUND})
"""Fields that belong to one side's knowledge, conduct or view, not to what happened; a correction leaves them alone."""


def moved(state: State, move: Move | None) -> State:
    """The state after a move; the same when the table lists none."""
    return state if move is None else MOVES.get((state, move), state)


def move_of(role: str, facts: Mapping[str, Any] | None, *, asked: bool = False) -> Move | None:
    """The move of a notice by its role and facts; `asked` when it refers to another party's question. Closing and
    withdrawing depend on the whole incident instead."""
    match role:
        case roles.ACKNOWLEDGES:
            return Move.ACKNOWLEDGE
        case roles.ASKS:
            return Move.ASK
        case roles.ANSWERS | roles.REFUSES:
            return Move.ANSWER
        case roles.SEALS if asked:
            return Move.ANSWER
        case roles.JUDGES if facts is not None:
            return Move.ACCEPT if facts.get(VERDICT) == SATISFACTORY else Move.DISSATISFY
        case roles.ADDS if facts is not None and facts.get(PROGRESS) == MEASURES:
            return Move.MEASURE
    return None


def closing_move(closed_by: frozenset[str], parties: frozenset[str], differ: bool) -> Move:
    """The move of a notice that closes, when `closed_by` have closed so far, out of all `parties` of the audience."""
    if closed_by != parties:
        return Move.PROPOSE
    return Move.DISAGREE if differ else Move.AGREE


def differences(accounts: Mapping[str, Mapping[str, Stated]], compared: Iterable[str]) -> tuple[Difference, ...]:
    """The fields among `compared` that two accounts state differently, sorted by name."""
    found = []
    stated, twice = set[str](), set[str]()
    for account in accounts.values():
        twice |= stated & account.keys()
        stated |= account.keys()
    for field in sorted(twice.intersection(compared) - NEVER_COMPARED):
        said = {party: account[field] for party, account in sorted(accounts.items()) if field in account}
        if not _all_equal([stated.value for stated in said.values()]):
            found.append(Difference(field, said))
    return tuple(found)


def disagree(accounts: Mapping[str, Mapping[str, Stated]], found: Sequence[Difference]) -> bool:
    """Whether the accounts differ: in a field that is compared, or because a party has said on what it disagrees."""
    return bool(found) or any(DISPUTED in account for account in accounts.values())


def _all_equal(values: Sequence[Any]) -> bool:
    return all(value == values[0] for value in values[1:])
