"""Pairs of notices of two parties: those that may be of one incident, and what both have said of any.

What was said stands in the record and is cheap to ask. What is proposed is computed when somebody asks, once for each
book, and needs the extra `analysis`; without it the pages show what was said and propose nothing.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mithaq.errors import Refusal
from mithaq.instrument.law import Kind, Law
from mithaq.instrument.statement import Statement
from mithaq.notices import incidents, matches
from mithaq.notices.book import Book, Incident, Notice, Stated
from mithaq.notices.matches import Pair, Standing
from mithaq.notices.thread import rules_of
from mithaq_node.queries import instrument, ledgers

if TYPE_CHECKING:
    from mithaq.analysis.matching import Reason
    from mithaq.prevention.proposals import Proposal
    from mithaq.prevention.proposals import Standing as Proposing

MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class Line:
    """Two notices beside each other: this party's own first, where one of them is its own."""

    ours: Notice
    theirs: Notice
    reasons: tuple["Reason", ...]
    """In what they agree and differ; empty where one of them cannot be compared."""
    turned: bool
    """Whether the reasons name the other notice first."""
    band: str = ""
    """`propose` or `ask`; empty for a pair of which somebody has spoken."""
    standing: Standing | None = None
    """What the record says of it; None where nobody has spoken."""
    words: tuple[Statement, ...] = ()
    """The latest word of each party that has spoken, in the order of the record."""

    def awaits(self, party: str) -> bool:
        """Whether a party has one of the notices and has not spoken."""
        return self.ours.party == party and all(each.party != party for each in self.words)

    @property
    def is_settled(self) -> bool:
        """Whether both have confirmed it, or somebody denies it."""
        return self.standing in (Standing.CONFIRMED, Standing.DENIED, Standing.DISPUTED)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Every pair of the book, by what is to be done with it; at most `MOST_LINES` of each, the surest or latest
    first."""

    proposed: tuple[Line, ...]
    asked: tuple[Line, ...]
    asserted: tuple[Line, ...]
    """One party has confirmed, the other has not spoken."""
    confirmed: tuple[Line, ...]
    denied: tuple[Line, ...]
    is_installed: bool
    """Whether this node can propose at all."""

    @property
    def awaited(self) -> tuple[Line, ...]:
        """What wants an officer's eye, what the other side has confirmed first."""
        own = instrument.own_party().code
        return tuple(each for each in (*self.asserted, *self.proposed, *self.asked) if each.awaits(own))


@dataclass(frozen=True)
class Beside:
    """An incident and another of which both parties have said that the two are one."""

    line: Line
    incident: Incident
    """The other one."""
    own: Incident
    """The one whose page it is."""

    @cached_property
    def accounts(self) -> Mapping[str, Mapping[str, Stated]]:
        """Each party's account, from the incident that it told of."""
        of_pair = {self.line.ours.party: self.line.ours.thread, self.line.theirs.party: self.line.theirs.thread}
        held = {each.number: each for each in (self.own, self.incident)}
        found = {party: held[thread].accounts.get(party) for party, thread in of_pair.items() if thread in held}
        return {party: account for party, account in found.items() if account}

    @cached_property
    def differing(self) -> frozenset[str]:
        """The fields that the two accounts state differently."""
        compared = rules_of(instrument.law()).compared
        return frozenset(each.field for each in incidents.differences(self.accounts, compared))


class _Follower:
    """What is known of the pairs of one law, kept up with the book."""

    def __init__(self, law: Law) -> None:
        self.law = law
        self._lock = threading.Lock()
        self._index = matches.Index(law)
        self._proposing: Proposing | None = None
        self._proposed: tuple[Book, tuple[Proposal, ...]] | None = None

    def said(self, book: Book) -> tuple[Pair, ...]:
        """The pairs of which somebody has spoken."""
        if not book.matches:
            return ()
        with self._lock:
            return tuple(matches.pairs(book, self._index))

    def find(self, book: Book, reference: Mapping[str, str]) -> Notice | None:
        """The notice of a reference, where it is here and stands."""
        with self._lock:
            self._index.follow(book)
            return self._index.find(book, matches.named(reference))

    def proposed(self, book: Book) -> "tuple[Proposal, ...] | None":
        """What is proposed and asked; None where this node has not what it takes."""
        with self._lock:
            if self._proposed is None or self._proposed[0] is not book:
                if self._proposing is None:
                    self._proposing = _proposing(self.law)
                if self._proposing is None:
                    return None
                self._proposed = book, self._proposing.at(book)
            return self._proposed[1]


_followers: dict[ledgers.Key, _Follower] = {}


def _follow() -> _Follower:
    return _followers.setdefault(ledgers.key(), _Follower(instrument.law()))


def pairs() -> Pairs:
    """Everything proposed, asked, said and settled."""
    book, follower = ledgers.book(), _follow()
    proposals = follower.proposed(book)
    said = [_said(pair) for pair in sorted(follower.said(book), key=_latest, reverse=True)]
    spoken = {frozenset((each.ours.number, each.theirs.number)) for each in said}
    new = [_proposed(book, each) for each in proposals or () if frozenset((each.first, each.second)) not in spoken]
    return Pairs(
        proposed=_some(each for each in new if each.band == "propose"),
        asked=_some(each for each in new if each.band == "ask"),
        asserted=_some(each for each in said if each.standing is Standing.ASSERTED),
        confirmed=_some(each for each in said if each.standing is Standing.CONFIRMED),
        denied=_some(each for each in said if each.standing in (Standing.DENIED, Standing.DISPUTED)),
        is_installed=proposals is not None,
    )


def with_incident(number: str) -> tuple[Line, ...]:
    """What is proposed, asked or said of the notices of an incident, for its page; settled pairs last."""
    found = pairs()
    every = (*found.asserted, *found.proposed, *found.asked, *found.confirmed, *found.denied)
    return tuple(each for each in every if number in (each.ours.thread, each.theirs.thread))


def beside(incident: Incident) -> Beside | None:
    """The incident that both parties have said to be the same as this one; the first where there are more. It reads the
    record alone and computes nothing."""
    book = ledgers.book()
    for pair in _follow().said(book):
        threads = [each.thread for each in pair.notices]
        if pair.standing is Standing.CONFIRMED and incident.number in threads:
            other = book.incidents.get(next((each for each in threads if each != incident.number), ""))
            if other is not None:
                return Beside(_said(pair), other, incident)
    return None


def kinds(law: Law) -> tuple[Kind | None, Kind | None]:
    """The kinds with which an officer confirms and denies a pair; None where the instrument has none."""
    confirming, denying = (
        next((each for each in law.kinds if facet in each.facets), None)
        for facet in (matches.CONFIRMED, matches.DENIED)
    )
    return confirming, denying


def require_own_pair(kind: Kind, content: Mapping[str, Any]) -> None:
    """Refuse a draft that would say of a pair what nobody could hear: the first notice is not this party's, the second
    not another's, or one of them can never be matched. A pair that is not whole yet is left to the compiler."""
    if set(kind.facets).isdisjoint(matches.WORDS) or not {matches.OURS, matches.THEIRS} <= content.keys():
        return
    matches.check_own(content[matches.OURS], content[matches.THEIRS], instrument.own_party().domain)
    law, book = instrument.law(), ledgers.book()
    for name in (matches.OURS, matches.THEIRS):
        found = _follow().find(book, content[name])
        defined = law.kind(found.kind) if found else None
        if found is None or defined is None or matches.SIGHTING not in defined.facets:
            raise Refusal("match.never-paired", field=name, number=found.number if found else content[name]["id"])


def _proposing(law: Law) -> "Proposing | None":
    try:
        from mithaq.prevention.proposals import Standing as Proposing
    except ModuleNotFoundError as error:
        if error.name != "numpy":
            raise
        return None
    return Proposing(law)


def _reasons(pair: Pair) -> "tuple[Reason, ...]":
    try:
        from mithaq.prevention.proposals import alike
    except ModuleNotFoundError as error:
        if error.name != "numpy":
            raise
        return ()
    return alike(instrument.law(), pair)


def _proposed(book: Book, proposal: "Proposal") -> Line:
    first, second = book.notices[proposal.first], book.notices[proposal.second]
    turned = second.party == instrument.own_party().code
    ours, theirs = (second, first) if turned else (first, second)
    return Line(ours, theirs, proposal.reasons, turned, proposal.band.value)


def _said(pair: Pair) -> Line:
    first, second = sorted(pair.notices, key=lambda each: each.party)
    turned = second.party == instrument.own_party().code
    ours, theirs = (second, first) if turned else (first, second)
    words = tuple(sorted(pair.match.said.values(), key=lambda each: each.order))
    return Line(ours, theirs, _reasons(pair), turned, standing=pair.standing, words=words)


def _latest(pair: Pair) -> tuple[int, str, int]:
    return max(each.order for each in pair.match.said.values())


def _some(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(lines)[:MOST_LINES]
