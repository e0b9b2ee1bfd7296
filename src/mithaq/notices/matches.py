"""What the parties say of two of their notices: that both are of one incident, or that they are not.

A notice with the facet `match-confirmed` or `match-denied` names one notice of the sender and one of another party of
the same audience, in its facts and not in its references: so neither joins the two threads, and each account stays
where it is. Each party's latest word on a pair counts, in the order of the record, until it is withdrawn.

    said by one party only, confirmed     asserted
    confirmed by both                     confirmed: the pair is a fact
    denied by at least one                denied; disputed where the other confirms

A word on a pair that the sender cannot speak of (neither notice is of its log, both are, or they are of two audiences)
stands in no state. Whether the notices named are there, stand, and are of kinds that may be matched is asked of the
book and the law (`mithaq.prevention.pairs`): another program may have signed a word on any two.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from mithaq.errors import Refusal
from mithaq.instrument.statement import Statement

FACET: Final = "match"
"""What the states of pairs stand under."""
CONFIRMED: Final = "match-confirmed"
DENIED: Final = "match-denied"
WORDS: Final = (CONFIRMED, DENIED)
"""The facets of notices that say something of a pair."""
SIGHTING: Final = "sighting"
"""The facet of the kinds that may be matched: something was seen or heard at a place and a time."""

OURS, THEIRS, REASON = "ours", "theirs", "reason"

Key = tuple[str, str]
"""Both notices, each as its log and its identifier, in the order of the letters."""


class Standing(StrEnum):
    """What the record says of a pair."""

    ASSERTED = "asserted"
    CONFIRMED = "confirmed"
    DENIED = "denied"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class Match:
    """A pair of notices of two parties, and the latest word of each on it."""

    notices: Key
    said: Mapping[str, Statement]
    """Which of the notices to what its party says."""

    @property
    def standing(self) -> Standing:
        """Both confirm, one does, or somebody denies."""
        words = {each.facet for each in self.said.values()}
        if DENIED in words:
            return Standing.DISPUTED if CONFIRMED in words else Standing.DENIED
        return Standing.CONFIRMED if len(self.said) == len(self.notices) else Standing.ASSERTED

    def row(self) -> Mapping[str, Any]:
        """The canonical state row."""
        said = {each.party: [each.facet, each.number] for each in self.said.values()}
        return {"said": said, "standing": self.standing.value}


def check_own(ours: Mapping[str, str], theirs: Mapping[str, str], domain: str) -> None:
    """Refuse a word on a pair that the party of `domain` cannot speak of (`match.not-ours`, `match.not-theirs`)."""
    own, other = _seat(ours["log"]), _seat(theirs["log"])
    if own[0] != domain:
        raise Refusal("match.not-ours", field=OURS)
    if other[0] == domain or other[1:] != own[1:]:
        raise Refusal("match.not-theirs", field=THEIRS)


def keys(statement: Statement) -> Iterable[Key]:
    """The pair a statement speaks of; none where its sender cannot speak of it."""
    ours, theirs = statement.facts[OURS], statement.facts[THEIRS]
    own = _seat(statement.order[1])
    other = _seat(theirs["log"])
    if _seat(ours["log"]) != own or other == own or other[1:] != own[1:]:
        return ()
    first, second = sorted((named(ours), named(theirs)))
    return ((first, second),)


def fold(key: Key, statements: Sequence[Statement]) -> Match:
    """What is said of the pair `key`, from its statements in the order of the record."""
    return Match(key, {named(each.facts[OURS]): each for each in statements})


def named(reference: Mapping[str, str]) -> str:
    """A notice as the key of a pair has it: its log and its identifier."""
    return f"{reference['log']}#{reference['id']}"


def _seat(origin: str) -> tuple[str, ...]:
    """A log without its epoch: whose it is, under which instrument, for which audience."""
    return tuple(origin.split("/")[:3])
